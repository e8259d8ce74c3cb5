"""A run as one page: a file that opens in any browser and asks the network for nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from forecaster.answers import summary
from forecaster.answers.coalitions import TALKED_ABOUT, Majorities, majorities
from forecaster.answers.compare import changes_table, compare_table
from forecaster.answers.deals import ALL, deals_table
from forecaster.answers.polls import ask_as, tracker
from forecaster.answers.targets import ADVICE, TOGETHER, targets_table
from forecaster.columns import table_of
from forecaster.config.config import Polls
from forecaster.elections.tragedy import DEFINITIONS
from forecaster.errors import ConfigError
from forecaster.experiments.history import kept_days
from forecaster.files import new_file
from forecaster.pipeline import stored_config
from forecaster.report import layers, palette, pictures, plots, svg, wording
from forecaster.report.answer import answers, figures, headline, matrix
from forecaster.report.document import as_script, document, label
from forecaster.report.hexmap import page_map, read_layout
from forecaster.report.record import digest_of, ranges_held, read_record
from forecaster.resources import catalogue
from forecaster.results.precision import monte_carlo_error
from forecaster.results.run import RunTables
from forecaster.results.store import SCHEMA_VERSION
from forecaster.table import Table
from forecaster.vocabulary import LETTERS, NO_PACT

TEMPLATES = Path(__file__).with_name("templates")
FEW = 1000
"""Runs of fewer draws say on the page that their figures are rough."""


def write_report(
    run: RunTables,
    path: Path,
    force: bool = False,
    history: Path | None = None,
    url: str | None = None,
) -> None:
    """Write the report of a run, with the history that a folder holds if there is one.

    With the address at which it will be published (`url`), a PNG of the same name is written beside
    it, as the picture of links to it.

    Raises ConfigError if `url` is no address of the web. Raises DataError if this machine has no
    font for the text of the PNG. Raises ResultsError if a file exists or cannot be written, or the
    folder holds no day of the run.
    """
    days = kept_days(stored_config(run), history) if history else []
    picture = path.with_suffix(".png")
    published = None
    if url is not None:
        published = {"page": _address(url), "picture": urljoin(url, picture.name)}
    with new_file(path, force) as partial:
        partial.write_text(report_page(run, days, published), encoding="utf-8")
        if published:
            name = "map-pact" if len(run.scenarios) > 1 else "map-winner"
            plots.plot(run, name, plots.Choice(), picture, force)


def _address(url: str) -> str:
    """Return the address of a page on the web; raise ConfigError if it is none."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or re.search(r"\s", url):
        raise ConfigError(f"--url {url}: expected an address such as https://example.org/all.html.")
    return url


def report_page(
    run: RunTables, days: Sequence[dict[str, Any]] = (), published: Mapping[str, str] | None = None
) -> str:
    """Return the report of a run as HTML.

    `days` are rows of `experiments.history`, `published` the addresses of the page and its picture.
    """
    from markupsafe import Markup

    content = _content(run, Markup) | _polls(run, days, Markup) | {"published": published}
    page: str = templates().get_template("report.html").render(content)
    return page


def templates() -> Any:
    """Return the environment of the pages' templates, with the filters that they use."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["cell"] = lambda row, column: wording.cell(column, row)
    environment.filters["label"] = wording.label
    environment.filters["capital"] = wording.capital
    environment.globals["raw"] = lambda name: Markup(raw(name))
    return environment


def raw(name: str) -> str:
    """Return a file that a page takes in as it is: a script, a style sheet."""
    return (TEMPLATES / name).read_text("utf-8")


def _content(run: RunTables, markup: type[str]) -> dict[str, Any]:
    """Return what the template needs: sentences, pictures, tables and the page's data."""
    sets = majorities(run)
    data = document(run, sets)
    pacts = len(data["scenarios"]) > 1
    shown = data["scenarios"][1 if pacts else 0]
    panels = pictures.party_panels(run) if pacts else [pictures.scenario_panel(run, NO_PACT)]
    layout = read_layout(run.places)
    favourites = layers.winners(run.chances, data["scenarios"].index(shown))
    marks = [LETTERS[layers.party_of(name)] for name in favourites]
    return {
        "manifest": run.manifest,
        "election": run.base.name,
        "scenarios": data["scenarios"],
        "shown": shown,
        "headline": headline(run),
        "answers": answers(run),
        "table": matrix(run),
        "headings": ["No pacts", *(one["label"] for one in data["scenarios"][1:])],
        "figures": [] if pacts else figures(run),
        "few": run.draws < FEW,
        "majority": summary.MAJORITY_NOTE,
        "precision": summary.precision_note(run.draws),
        "panels": [
            (title, markup(svg.picture(*panel, title, class_="panel"))) for title, panel in panels
        ],
        "totals": [summary.outcome_table(run, name) for name in run.scenarios],
        "compared": [compare_table(run, name) for name in run.scenarios[1:]],
        "changes": changes_table(run, run.scenarios[1:]) if pacts else None,
        "coalitions": _coalitions(run, sets),
        "choosable": sets.parties,
        "chosen": shown["pacts"][0]["members"] if pacts else sets.parties[:1],
        "map": markup(page_map(layout, favourites, marks)),
        "missing": [n for i, n in enumerate(run.places.name.tolist()) if i not in layout.cells],
        "layers": data["layers"],
        "has_ground": data["ground"] is not None,
        "map_parties": data["layers"]["parties"],
        "favourites": summary.favourites_table(run, shown["name"]),
        "targets": targets_table(run, shown["name"]) if pacts else None,
        "deals": _regional_deals(run, shown["name"]) if pacts else None,
        "advice": ADVICE,
        "priorities": data["priorities"],
        "together": TOGETHER,
        "definitions": DEFINITIONS,
        "regions": data["regions"],
        "bands": data["bands"],
        "national": summary.national_table(run),
        **_trust(run, markup),
        "colours": markup(colours()),
        "data": markup(as_script(data)),
    }


def _regional_deals(run: RunTables, scenario: str) -> Table:
    """Return the deals of whole regions, for a page without a script."""
    return deals_table(run, scenario).where(lambda row: row["county"] == ALL)


def _coalitions(run: RunTables, sets: Majorities) -> Table:
    """Return how often the sets of parties that are talked about reach a majority."""
    names, draws = run.scenarios, run.kept
    rows = []
    for parties in TALKED_ABOUT:
        number = sets.of(parties)
        if number is None:
            continue
        row: dict[str, Any] = {"parties": " + ".join(map(wording.label, parties))}
        for s, name in enumerate(names):
            row[name] = float(sets.chances[s, 0, number])
            row[f"{name}_mcse"] = float(monte_carlo_error(row[name] * draws, draws))
        rows.append(row)
    headings = [wording.capital(label(run, name)) for name in names]
    each = [f"{n}:probability!={h}" for n, h in zip(names, headings, strict=True)]
    return table_of("Majorities", " | ".join(["parties:text=Parties together", *each]), rows)


def _polls(run: RunTables, days: Sequence[dict[str, Any]], markup: type[str]) -> dict[str, Any]:
    """Return pictures of the polls, and of the forecast without pacts day by day, if any."""
    source = run.manifest["config"]["national"]
    tracked = past = None
    if source["source"] == "polls":
        found = tracker(ask_as(Polls.model_validate(source)))
        title = f"Polls of Great Britain, {found.days[0]} to {found.days[-1]}"
        tracked = markup(svg.picture(*pictures.tracker(found, small=True), title))
    if days:
        own = [row for row in days if row["scenario"] == NO_PACT]
        title = f"Seats as forecast from {own[0]['day']} to {own[-1]['day']}"
        past = markup(svg.picture(*pictures.history(own, small=True), title))
    return {"tracked": tracked, "past": past}


def _trust(run: RunTables, markup: type[str]) -> dict[str, Any]:
    """Return the record, and where the run comes from."""
    record = read_record()
    title = "Reliability: how often chances came true in five past elections"
    parameters = run.manifest["config"]["parameters"]
    used = [entry for path, entry in catalogue().items() if path in run.manifest["data"]]
    return {
        "record": record,
        "ranges_held": ranges_held(parameters),
        "record_all": next(row for row in record["summary"] if row["election"] == "all"),
        "record_is_of_this_model": digest_of(parameters) == record["parameters"],
        "reliability": markup(
            svg.picture(*pictures.reliability(record["reliability"]), title, class_="reliability")
        ),
        "sources": sorted({(e["source"], e["licence"]) for e in used}),
        "schema": run.manifest.get("schema_version", SCHEMA_VERSION),
        "config": _lines(run.manifest["config"]),
    }


def _lines(config: dict[str, Any]) -> str:
    """Return a config as JSON in which lists and objects without others inside have one line."""
    text = json.dumps(config, ensure_ascii=False, indent=1)
    return re.sub(r"[\[{][^\[\]{}]*[\]}]", lambda found: " ".join(found[0].split()), text)


def colours() -> str:
    """Return the rules of colours: light, dark where the reader's system is, light on paper."""
    light, dark = (
        palette.stylesheet(theme) + svg.strokes(theme) for theme in (palette.LIGHT, palette.DARK)
    )
    return f"{light}@media screen and (prefers-color-scheme:dark){{{dark}}}"
