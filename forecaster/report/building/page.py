"""The page in which a pact is built: one file that opens in any browser, without a network."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from forecaster.answers.scores import BANDS
from forecaster.files import write_new
from forecaster.report import layers
from forecaster.report.building import house
from forecaster.report.document import as_script
from forecaster.report.hexmap import page_map, read_layout
from forecaster.report.outlines import ground
from forecaster.report.page import colours, raw, templates
from forecaster.results.run import RunTables

if TYPE_CHECKING:
    from forecaster.councils.run import CouncilTables


def write_builder(run: RunTables | CouncilTables, path: Path, force: bool = False) -> None:
    """Write the page on which pacts are built for the elections of a run.

    Raises ConfigError if a run of councils has too many wards. Raises ResultsError if `path` exists
    or cannot be written, or the run does not come out as stored.
    """
    write_new(path, force, lambda: builder_page(run))


def builder_page(run: RunTables | CouncilTables) -> str:
    """Return the page as HTML."""
    from markupsafe import Markup

    if isinstance(run, RunTables):
        (data, shares), rule = house.content(run), "builder-house.js"
        seats = len(run.places.code)  # without colours, which the script chooses
        hexagons = Markup(page_map(read_layout(run.places), ["e-3"] * seats, [""] * seats))
        data["ground"] = ground(run.places)
    else:
        from forecaster.report.building import wards

        (data, shares), rule, hexagons = wards.content(run), "builder-wards.js", None
    data["bands"] = [[name, lowest] for name, lowest in BANDS]
    data["layers"] = {
        "ends": layers.EFFECT_LEVELS,
        "words": layers.EFFECT_WORDS,
        "signs": layers.EFFECT_SIGNS,
    }
    script = "\n" + raw("common.js") + raw("builder.js")
    style = "\n" + raw("report.css") + raw("builder.css") + colours()
    page: str = (
        templates()
        .get_template("builder.html")
        .render(
            data=Markup(as_script(data)),
            content=data,
            shares=shares,
            script=Markup(script),
            worker=Markup(raw("builder-worker.js") + raw(rule)),
            style=Markup(style),
            script_hash=_hash(script),
            style_hash=_hash(style),
            map=hexagons,
        )
    )
    return page


def _hash(text: str) -> str:
    """Return what a content-security policy calls an inline script or style."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
