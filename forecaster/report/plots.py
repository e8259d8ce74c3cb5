"""Each picture of the report alone, at the size of a slide, as SVG or PNG."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forecaster.answers import polls as answers
from forecaster.answers.polls import Answer
from forecaster.answers.scores import BANDS
from forecaster.answers.summary import outcome_table, scenarios_note
from forecaster.config.pact import pact_words
from forecaster.elections.tragedy import DEFINITIONS
from forecaster.errors import ConfigError, DataError
from forecaster.files import XML_MARK, marked_png, new_file, refuse_existing
from forecaster.report import layers, pictures, svg, wording
from forecaster.report.hexmap import map_body, read_layout
from forecaster.report.record import read_record
from forecaster.results.run import RunTables
from forecaster.table import Table
from forecaster.vocabulary import BRITISH_PARTIES, LETTERS, NO_PACT, find_party, one_of

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

    `name`: one of `PICTURES`. `path`: ends in ``.svg`` or ``.png``.

    Raises ConfigError if the ending or a choice is not known here, or the picture needs pacts and
    there are none. Raises DataError if this machine has no font for the text of a PNG. Raises
    ResultsError if the file exists or cannot be written.
    """
    check_name(path, force)
    write_picture(PICTURES[one_of(name, PICTURES, "picture")](run, choice), path, force)


def check_name(path: Path, force: bool = False) -> None:
    """Stop if a picture cannot have this name.

    Raises ConfigError if its ending is neither ``.svg`` nor ``.png``. Raises ResultsError if the
    file exists.
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

    Raises DataError if this machine has no font: the picture would lack its words.
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
    first, last = ([row for row in rows if row["day"] == day] for day in (days[0], days[-1]))
    leader = max(last, key=lambda row: row["mean"])
    before = next((row["mean"] for row in first if row["party"] == leader["party"]), 0.0)
    title = (
        f"{wording.label(leader['party'])} at {leader['mean']:.0f} seats in the forecast of "
        f"{days[-1]}, after {before:.0f} in that of {days[0]}"
    )
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
    last = {party: found.mean[-1, k] for k, party in enumerate(BRITISH_PARTIES)}
    ahead = sorted((p for p in last if last[p] == last[p]), key=lambda party: -last[party])[:3]
    shares = ", ".join(f"{wording.label(party)} {100 * last[party]:.0f} %" for party in ahead)
    title = f"{shares} in the polls of Great Britain to {found.days[-1]}"
    return svg.slide(*pictures.tracker(found), title, notes)


def transfers(table: Table) -> str:
    """Return the picture of a table of transfer rates: to a party, by opponent where known."""
    headings = {c.key: c.heading for c in table.columns if c.key.startswith("by_")}
    opposed = {(r["donor"], r["recipient"]) for r in table.rows if r["against"] != "any"}
    rows = [
        row
        for row in table.rows
        if row["recipient"] != "any"
        and (row["against"] != "any" or (row["donor"], row["recipient"]) not in opposed)
    ]
    if not rows:
        raise ConfigError(f"{table.title}: no rate in it names a recipient: no picture.")
    letters = {key: heading[0] for key, heading in headings.items()}
    named = ", ".join(f"{heading[0]}: {heading.lower()}" for heading in headings.values())
    notes = ["Dot and line: median and 90 % range of what the next election draws from."]
    if named:
        notes.append(f"What each kind of evidence alone says. {named}.")
    return svg.slide(*pictures.transfers(rows, letters), table.title, notes)


def _seats(run: RunTables, choice: Choice) -> str:
    scenario, notes = run.scenario(choice.scenario), [EXPLAINED, _source(run)]
    first = outcome_table(run, scenario).rows[0]
    party = wording.capital(wording.in_prose(first["party"]))
    median = wording.rounded(first["median"], first["mean_mcse"])
    chance = wording.of_100(first["majority"], first["majority_mcse"])
    title = f"{party} would win about {median} seats, a majority in {chance}"
    _, panel = pictures.scenario_panel(run, scenario, _aspect(notes))
    return svg.slide(*panel, _titled(run, title, scenario), notes)


def _party(run: RunTables, choice: Choice) -> str:
    party, notes = _wanted_party(run, choice), [EXPLAINED, *scenarios_note(run), _source(run)]
    title, panel = pictures.party_panel(run, party, _aspect(notes))
    won = (run.won(name, (party,)) for name in run.scenarios)
    without, *withs = (wording.quantiles(seats, run.cluster)[1] for seats in won)
    between = "" if not withs else f" without pacts, {_between(withs)} with"
    return svg.slide(*panel, f"{title}: about {without} seats{between}", notes)


def _between(numbers: list[int]) -> str:
    least, most = min(numbers), max(numbers)
    return f"{least} to {most}" if least < most else str(least)


def _aspect(notes: list[str]) -> float:
    """Return the width by the height of a picture that fills a slide with these notes."""
    across, down = svg.room(len(notes))
    return across / down


def _map_winner(run: RunTables, choice: Choice) -> str:
    scenario = run.scenario(choice.scenario)
    classes = layers.winners(run.chances, run.scenarios.index(scenario))
    parties = [layers.party_of(name) for name in classes]
    often = Counter(parties)
    legend = [
        (f"{party}-0", LETTERS[party], f"{wording.label(party)}: {seats}")
        for party, seats in often.most_common()
    ]
    first, most = often.most_common(1)[0]
    for k, (name, low) in enumerate(BANDS):
        words = f"{name}, from {100 * low:.0f} %" if low else name
        legend.append((f"{first}-{k}", LETTERS[first], words))
    marks = [LETTERS[party] for party in parties]
    party = wording.capital(wording.in_prose(first))
    title = f"{party} ahead in {most} of {len(parties)} seats"
    return _map(run, _titled(run, title, scenario), classes, marks, legend)


def _map_party(run: RunTables, choice: Choice) -> str:
    party, scenario = _wanted_party(run, choice), run.scenario(choice.scenario)
    found = layers.party_levels(run.chances, run.scenarios.index(scenario), party)
    likely, open_to = (sum(level >= least for level in found) for least in (4, 2))
    title = (
        f"{wording.capital(wording.in_prose(party))}: {likely} seats more likely than not, "
        f"{open_to} with a chance of 10 % or more"
    )
    return _levels(run, _titled(run, title, scenario), found, "c", layers.CHANCE_WORDS)


def _map_tragedy(run: RunTables, choice: Choice) -> str:
    if choice.definition is None:
        known = ", ".join(DEFINITIONS)
        raise ConfigError(f"map-tragedy: say whose tragedies with --definition: {known}.")
    name = one_of(choice.definition, DEFINITIONS, "--definition")
    found = layers.tragedy_levels(run, name)
    often = sum(level >= 4 for level in found)
    title = f"{often} seats are a tragedy ({name}) more often than not"
    return _levels(run, title, found, "c", layers.CHANCE_WORDS, note=DEFINITIONS[name].statement)


def _map_pact(run: RunTables, choice: Choice) -> str:
    scenario = run.with_pacts(choice.scenario or ())[0]
    pact = run.pacts(scenario)[0]
    words = pact_words(pact["members"], pact["strength"]["form"])
    found = layers.effect_levels(run, scenario, pact["name"])
    won, lost = sum(level > 3 for level in found), sum(0 <= level < 3 for level in found)
    title = f"“{words}”: better by a point or more in {won} seats, worse in {lost}"
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
    legend = [
        (f"{kind}-{k}", signs[k], f"{words[k]}: {found.count(k)} seats")
        for k in reversed(range(len(words)))
    ]
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
    step = min(54.0, (layout.height - 40) / len(legend))
    beside = []
    for k, (cls, mark, words) in enumerate(legend):
        y = 20 + step * k
        box = svg.tag("rect", x=0, y=y, width=1.4 * step, height=0.8 * step, rx=4)
        at = {"text_anchor": "middle", "font_size": 0.5 * step}
        letters = svg.text(mark, 0.7 * step, y + 0.58 * step, **at) if mark else ""
        beside.append(svg.tag("g", box + letters, class_=cls))
        at = {"class_": "ink", "font_size": 0.6 * step}
        beside.append(svg.text(words, 1.7 * step, y + 0.6 * step, **at))
    to_right = f"translate({layout.width + 60:.0f} 0)"
    body = map_body(layout, classes, marks) + svg.tag("g", "".join(beside), transform=to_right)
    notes = [*filter(None, [note]), _source(run)]
    width = max(_aspect(notes) * layout.height, layout.width + 300)
    return svg.slide(body, width, layout.height, title, notes)


def _reliability(run: RunTables, choice: Choice) -> str:
    notes = [
        "General elections of 2010 to 2024 from the polls of their eve. On the dashed line a "
        "chance is worth what it says; bars: twice the sampling error."
    ]
    record = read_record()
    safe, *_, close = (row for row in record["bands"] if row["observed"] is not None)
    title = (
        f"Favourites called {safe['band']} won in {100 * safe['observed']:.0f} of 100, "
        f"{close['band']}s in {100 * close['observed']:.0f}"
    )
    return svg.slide(*pictures.reliability(record["reliability"]), title, notes)


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
