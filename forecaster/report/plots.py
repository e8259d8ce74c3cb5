"""Each picture of the report alone, at the size of a slide, as SVG or PNG."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forecaster.answers import polls as answers
from forecaster.answers.polls import Answer
from forecaster.answers.scores import BANDS
from forecaster.answers.summary import scenarios_note
from forecaster.config.pact import pact_words
from forecaster.elections.tragedy import DEFINITIONS
from forecaster.errors import ConfigError, DataError
from forecaster.files import XML_MARK, marked_png, new_file, refuse_existing
from forecaster.report import layers, palette, pictures, svg, wording
from forecaster.report.hexmap import map_body, read_layout
from forecaster.report.record import read_record
from forecaster.results.run import RunTables
from forecaster.table import Table
from forecaster.vocabulary import NO_PACT, find_party, one_of

ENDINGS = (".svg", ".png")

EXPLAINED = (
    "Hill: distribution over the simulated elections; dot: median; line: the range of 90 of 100."
)


@dataclass(frozen=True)
class Choice:
    """What a picture may be asked to show; None is the picture's own default."""

    scenario: str | None = None
    party: str | None = None
    definition: str | None = None


def plot(run: RunTables, name: str, choice: Choice, path: Path, force: bool = False) -> None:
    """Write a picture of a run.

    Parameters
    ----------
    run : RunTables
    name : str
        One of `PICTURES`.
    choice : Choice
    path : Path
        Ends in ``.svg`` or ``.png``.

    Raises
    ------
    ConfigError
        If the ending or a choice is not known here, or the picture needs pacts and there are none.
    DataError
        If this machine has no font for the text of a PNG.
    ResultsError
        If the file exists or cannot be written.
    """
    check_name(path, force)
    write_picture(PICTURES[one_of(name, PICTURES, "picture")](run, choice), path, force)


def check_name(path: Path, force: bool = False) -> None:
    """Stop if a picture cannot have this name.

    Raises
    ------
    ConfigError
        If its ending is neither ``.svg`` nor ``.png``.
    ResultsError
        If the file exists.
    """
    if path.suffix.lower() not in ENDINGS:
        raise ConfigError(f"--out {path}: expected a name that ends in {' or '.join(ENDINGS)}.")
    refuse_existing(path, force)


def write_picture(drawn: str, path: Path, force: bool = False) -> None:
    """Write an SVG as it is, or as a PNG, by the ending of the path."""
    with new_file(path, force) as partial:
        if path.suffix.lower() == ".svg":
            partial.write_text(XML_MARK + drawn, encoding="utf-8")
        else:
            partial.write_bytes(marked_png(as_png(drawn)))


def as_png(drawn: str) -> bytes:
    """Return a picture as PNG, 1600 by 900.

    Raises
    ------
    DataError
        If this machine has no font: the picture would lack its words.
    """
    from resvg_py import svg_to_bytes

    blank, word = (bytes(svg_to_bytes(svg_string=_probe(letters))) for letters in ("", "Seats"))
    if blank == word:
        raise DataError(
            "no font is installed on this machine, so that a PNG would lack its words. Install "
            "one (such as DejaVu Sans), or write an SVG: --out NAME.svg."
        )
    return bytes(svg_to_bytes(svg_string=drawn))


def _probe(letters: str) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20">'
        f'<text x="2" y="15" font-family="{svg.FONT}">{letters}</text></svg>'
    )


def frontier(table: Table) -> str:
    """Return the picture of a frontier's table: what a pact does by the number of its seats."""
    notes = [
        "Chosen by simulation: on other simulated elections than those it is judged on. By the "
        "last result: where it was closest.",
        "With hindsight: chosen anew in every election, its result known; nobody can do that.",
    ]
    return svg.slide(*pictures.frontier(table.rows), table.title, notes)


def history(rows: list[dict[str, Any]], pacts: str = "") -> str:
    """Return the picture of a history's rows in one scenario, of these pacts: seats day by day."""
    notes = [
        "Line: mean seats; band: the range of 90 of 100 simulated elections. Each day from the "
        "polls to that day, with the model of today.",
        *([f"{pacts}."] if pacts else []),
    ]
    days = sorted({row["day"] for row in rows})
    title = f"Seats as forecast from {days[0]} to {days[-1]}"
    return svg.slide(*pictures.history(rows), title, notes)


def tracker(answer: Answer) -> str:
    """Return the picture of what the polls say day by day, each poll a point."""
    found = answers.tracker(answer)
    error = answer.error.elections
    notes = [
        "Line: mean of every pollster's last poll, the newer weighing more, less what each "
        "pollster differs by from all.",
        f"Band: 90 of 100 votes lie so near to such a mean of the eve, going by {len(error)} "
        f"elections from {error[0]} to {error[-1]}. Dashed: elections, with their results.",
    ]
    title = f"Polls of Great Britain, {found.days[0]} to {found.days[-1]}"
    return svg.slide(*pictures.tracker(found), title, notes)


def transfers(table: Table) -> str:
    """Return the picture of a table of transfer rates: the rates that name an opponent."""
    headings = {c.key: c.heading for c in table.columns if c.key.startswith("by_")}
    rows = [row for row in table.rows if row["against"] != "any"]
    if not rows:
        raise ConfigError(f"{table.title}: no rate in it names an opponent: no picture.")
    letters = {key: heading[0] for key, heading in headings.items()}
    named = ", ".join(f"{heading[0]}: {heading.lower()}" for heading in headings.values())
    notes = ["Dot and line: median and 90 % range of what the next election draws from."]
    if named:
        notes.append(f"What each kind of evidence alone says. {named}.")
    return svg.slide(*pictures.transfers(rows, letters), table.title, notes)


def _seats(run: RunTables, choice: Choice) -> str:
    scenario = run.scenario(choice.scenario)
    _, panel = pictures.scenario_panel(run, scenario)
    return svg.slide(*panel, _titled(run, "Seats by party", scenario), [EXPLAINED, _source(run)])


def _party(run: RunTables, choice: Choice) -> str:
    title, panel = pictures.party_panel(run, _wanted_party(run, choice))
    notes = [EXPLAINED, *scenarios_note(run), _source(run)]
    return svg.slide(*panel, f"Seats, {title}", notes)


def _map_winner(run: RunTables, choice: Choice) -> str:
    scenario = run.scenario(choice.scenario)
    classes = layers.winners(run.chances, run.scenarios.index(scenario))
    parties = [layers.party_of(name) for name in classes]
    letters = palette.LETTERS
    legend = [(f"{p}-0", letters[p], wording.label(p)) for p in letters if p in parties]
    first = max(set(parties), key=parties.count)
    for k, (name, low) in enumerate(BANDS):
        words = f"{name}, from {100 * low:.0f} %" if low else name
        legend.append((f"{first}-{k}", letters[first], words))
    marks = [letters[party] for party in parties]
    return _map(run, _titled(run, "Most likely winner", scenario), classes, marks, legend)


def _map_party(run: RunTables, choice: Choice) -> str:
    party, scenario = _wanted_party(run, choice), run.scenario(choice.scenario)
    found = layers.party_levels(run.chances, run.scenarios.index(scenario), party)
    title = _titled(run, f"Chance that {wording.in_prose(party)} win", scenario)
    return _levels(run, title, found, "c", layers.CHANCE_WORDS)


def _map_tragedy(run: RunTables, choice: Choice) -> str:
    if choice.definition is None:
        known = ", ".join(DEFINITIONS)
        raise ConfigError(f"map-tragedy: say whose tragedies with --definition: {known}.")
    name = one_of(choice.definition, DEFINITIONS, "--definition")
    title, found = f"Chance of a tragedy, {name}", layers.tragedy_levels(run, name)
    return _levels(run, title, found, "c", layers.CHANCE_WORDS, note=DEFINITIONS[name].statement)


def _map_pact(run: RunTables, choice: Choice) -> str:
    scenario = run.with_pacts(choice.scenario or ())[0]
    pact = run.pacts(scenario)[0]
    words = pact_words(pact["members"], pact["strength"]["form"])
    title = f"What the pact “{words}” does"
    found = layers.effect_levels(run, scenario, pact["name"])
    note = "Of 100 elections: those in which it wins the seat less those in which it loses it."
    return _levels(run, title, found, "e", layers.EFFECT_WORDS, layers.EFFECT_SIGNS, note)


def _levels(
    run: RunTables,
    title: str,
    found: list[int],
    kind: str,
    words: Sequence[str],
    signs: Sequence[str] = ("",) * 7,
    note: str = "",
) -> str:
    """Return a map of levels, of chances (`kind` ``"c"``) or effects (``"e"``)."""
    classes = ["e-3" if level < 0 else f"{kind}-{level}" for level in found]
    marks = ["" if level < 0 else signs[level] for level in found]
    legend = [(f"{kind}-{k}", signs[k], words[k]) for k in reversed(range(len(words)))]
    return _map(run, title, classes, marks, legend, note)


def _map(
    run: RunTables,
    title: str,
    classes: list[str],
    marks: list[str],
    legend: list[tuple[str, str, str]],
    note: str = "",
) -> str:
    """Return a slide with the map and, beside it, its legend of classes, marks and words."""
    layout = read_layout(run.places)
    beside = []
    for k, (cls, mark, words) in enumerate(legend):
        y = 30 + 25 * k
        box = svg.tag("rect", x=0, y=y, width=26, height=19, rx=4)
        letters = svg.text(mark, 13, y + 14, text_anchor="middle", font_size=12) if mark else ""
        beside.append(svg.tag("g", box + letters, class_=cls))
        beside.append(svg.text(words, 36, y + 15, class_="ink", font_size=15))
    to_right = f"translate({layout.width + 60:.0f} 0)"
    body = map_body(layout, classes, marks) + svg.tag("g", "".join(beside), transform=to_right)
    notes = [*filter(None, [note]), _source(run)]
    return svg.slide(body, layout.width + 300, layout.height, title, notes)


def _reliability(run: RunTables, choice: Choice) -> str:
    notes = [
        "General elections of 2010 to 2024 from the polls of their eve. On the dashed line a "
        "chance is worth what it says; bars: twice the sampling error."
    ]
    body = pictures.reliability(read_record()["reliability"])
    return svg.slide(*body, "Chances and what came of them", notes)


PICTURES: dict[str, Callable[[RunTables, Choice], str]] = {
    "seats": _seats,
    "party": _party,
    "map-winner": _map_winner,
    "map-party": _map_party,
    "map-pact": _map_pact,
    "map-tragedy": _map_tragedy,
    "reliability": _reliability,
}
"""The pictures of a run by name."""


def _wanted_party(run: RunTables, choice: Choice) -> str:
    if choice.party is None:
        raise ConfigError("this picture is of one party: name it with --party, such as LD.")
    return find_party(choice.party, run.parties, "--party")


def _titled(run: RunTables, title: str, scenario: str) -> str:
    return title if scenario == NO_PACT else f"{title}, if {run.words(scenario)}"


def _source(run: RunTables) -> str:
    return (
        f"{run.title}. {run.draws:,} simulated elections; forecaster "
        f"{run.manifest['versions']['forecaster']}, seed {run.manifest['seed']}."
    )
