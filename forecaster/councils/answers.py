"""Questions answered from a run of council elections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from forecaster.answers.coalitions import House, coalitions_table
from forecaster.answers.summary import precision_note
from forecaster.arrays import Bools, Floats, Ints
from forecaster.columns import columns
from forecaster.councils.contest import slug
from forecaster.councils.data import PARTIES
from forecaster.councils.plan import SIDES
from forecaster.councils.run import CouncilTables, title_of
from forecaster.councils.slates import among
from forecaster.errors import ConfigError
from forecaster.results.precision import average, chance, interval, monte_carlo_error
from forecaster.table import Table
from forecaster.vocabulary import PARTY_NAMES, suggest

SHOWN = 0.05
"""Mean councillors in the whole run below which a party has no column."""

NOBODY = "none"
CONTROL = (
    "Control: more than half of the seats that are elected here and of those who are known to sit "
    "on (Not up)."
)


def place_of(run: CouncilTables, name: str) -> int:
    """Return the place of a council.

    Raises
    ------
    ConfigError
        If none of that name elects anybody in the run.
    """
    names = [slug(council) for council in run.councils]
    if slug(name) not in names:
        raise ConfigError(f"{name}: no such council in the run. {suggest(name, run.councils)}")
    return names.index(slug(name))


def in_control(won: Any) -> Bools:
    """Return which party has more than half of the seats, shape (…, party)."""
    return np.asarray(2 * won > won.sum(-1, keepdims=True))


def shown_parties(run: CouncilTables) -> list[int]:
    """Return the parties that win anything worth a column."""
    return np.flatnonzero((run.mean.sum(1) >= SHOWN).any(0)).tolist()


def _means(run: CouncilTables) -> str:
    return " | ".join(f"{PARTIES[p]}:number~={PARTIES[p]}" for p in shown_parties(run))


def _councillors(run: CouncilTables, won: Any) -> dict[str, float]:
    """Return mean councillors by party and their standard errors, as cells of a row."""
    cells = [average(PARTIES[p], won[:, p]) for p in shown_parties(run)]
    return {key: value for cell in cells for key, value in cell.items()}


def _of_ward(run: CouncilTables, s: int, w: int) -> dict[str, float]:
    """Return mean councillors of a ward by party and their standard errors, as cells of a row."""
    number = np.arange(run.elected.shape[-1])
    out: dict[str, float] = {}
    for p in shown_parties(run):
        mean = float(run.mean[s, w, p])
        variance = run.elected[s, w, p] @ (number - mean) ** 2 / run.draws
        out |= {PARTIES[p]: mean, f"{PARTIES[p]}_mcse": float((variance / run.draws) ** 0.5)}
    return out


def notes_of(run: CouncilTables, *more: str) -> tuple[str, ...]:
    """Return what must be known to read a table: what is left out, who Other is, how precise."""
    labels: dict[str, str] = run.manifest["labels"]
    others = [f"{label} in {council}" for council, label in labels.items()]
    known = f"Other is the strongest of all other parties: {', '.join(others)}." if others else ""
    few = known if len(others) <= 5 else "Other is the strongest of all other parties in a ward."
    return (*more, *([few] if few else []), *run.manifest["notes"], precision_note(run.draws))


def councils_table(run: CouncilTables, s: int) -> Table:
    """Return mean councillors by council and party, and who is in control how often."""
    rows: list[dict[str, Any]] = []
    for k, council in enumerate(run.councils):
        won = run.won[:, s, k]
        control = in_control(run.held[:, s, k])
        part = np.append(control.mean(0), 1 - control.any(1).mean())
        likely = int(part.argmax())
        happened = control[:, likely] if likely < len(PARTIES) else ~control.any(1)
        rows.append(
            {
                "council": council,
                "seats": run.manifest["seats"][council],
                "sitting": int(run.sitting[k].sum()),
                **_councillors(run, won),
                "control": PARTIES[likely] if likely < len(PARTIES) else NOBODY,
                **chance("chance", happened),
                **chance("hung", ~control.any(1)),
            }
        )
    not_up = "sitting:integer!=Not up" if run.sitting.any() else "-sitting:integer!=Not up"
    wanted = (
        f"council | seats:integer!=Seats | {not_up} | control=Likeliest control | "
        "chance:probability~=chance | "
        f"hung:probability~=No overall control | {_means(run)}"
    )
    title = f"Mean councillors, {_counted(run, s)}"
    return Table(title, columns(wanted), rows, notes_of(run, CONTROL))


def _counted(run: CouncilTables, s: int, k: int | None = None) -> str:
    """Return what was simulated and how it was counted, of all councils or of one of several."""
    return f"{_title(run, k)}, {run.scenarios[s]}"


def _title(run: CouncilTables, k: int | None) -> str:
    if k is None:
        return str(run.manifest["title"])
    council = run.councils[k]
    return title_of(council, run.manifest["seats"][council], run.manifest)


def totals_table(run: CouncilTables, s: int, council: str | None = None) -> Table:
    """Return councillors by party in all councils together, or in one: mean, range, control."""
    k = None if council is None else place_of(run, council)
    if k is not None:
        won, control = run.won[:, s, k], in_control(run.held[:, s, k])
        last = "controls:probability~=Control"
    else:
        won, control = run.won[:, s].sum(1), in_control(run.held[:, s]).sum(1)
        last = "controls:number~=Councils controlled"
    rows: list[dict[str, Any]] = []
    for p in shown_parties(run):
        if won[:, p].any():
            cells = average if k is None else chance
            rows.append(
                {
                    "party": PARTY_NAMES[PARTIES[p]],
                    **average("mean", won[:, p]),
                    **interval(won[:, p]),
                    **cells("controls", control[:, p]),
                }
            )
    rows.sort(key=lambda row: row["mean"], reverse=True)
    if council is None:
        nobody = (~in_control(run.held[:, s]).any(2)).sum(1)
        empty = {"mean": None, "mean_mcse": None, "p5": None, "p95": None}
        rows.append({"party": "No overall control", **empty, **average("controls", nobody)})
    wanted = f"party | mean:number~=Councillors | p5:integer!=90 % from | p95:integer!=to | {last}"
    title = f"Councillors, {_counted(run, s, k)}"
    notes = [CONTROL]
    if council is not None:
        hung = 1 - control.any(1).mean()
        notes.insert(0, f"No overall control: {100 * hung:.0f} %.{_sitting(run, k)}")
    return Table(title, columns(wanted), rows, notes_of(run, *notes))


def _sitting(run: CouncilTables, k: int | None) -> str:
    """Return who sits on in a council, as a sentence, if anybody does."""
    if k is None or not run.sitting[k].any():
        return ""
    parts = [f"{PARTIES[p]} {run.sitting[k, p]}" for p in np.flatnonzero(run.sitting[k])]
    return f" Not up: {', '.join(parts)}."


def wards_table(run: CouncilTables, s: int, council: str | None = None) -> Table:
    """Return every ward: who leads most often, mean councillors, how often parties share it."""
    k = None if council is None else place_of(run, council)
    here = np.arange(len(run.code))
    if k is not None:
        here = np.flatnonzero(run.council == run.councils[k])
    rows: list[dict[str, Any]] = []
    for w in here:
        best = int(run.led[s, w].argmax())
        rows.append(
            {
                "ward": str(run.name[w]),
                "council": str(run.council[w]),
                "code": str(run.code[w]),
                "seats": int(run.seats[w]),
                "leads": PARTIES[best],
                **_chance("chance", int(run.led[s, w, best]), run.draws),
                **_of_ward(run, s, int(w)),
                **_chance("split", int(run.split[s, w]), run.draws),
            }
        )
    mark = "-" if council is not None else ""
    wanted = (
        f"ward | {mark}council | -code | seats:integer!=Seats | leads=Leads | "
        f"chance:probability~=chance | {_means(run)} | split:probability~=Split"
    )
    notes = ("Leads: whose candidate has most votes most often. Split: several parties elected.",)
    return Table(f"Wards, {_counted(run, s, k)}", columns(wanted), rows, notes_of(run, *notes))


def _chance(key: str, times: int, draws: int) -> dict[str, float]:
    error = float(monte_carlo_error(np.array(times), draws))
    return {key: times / draws, f"{key}_mcse": error}


def compare_table(run: CouncilTables, s: int) -> Table:
    """Return councillors and councils by party and side without and with a pact, draw by draw."""
    pact = run.manifest["pacts"][s - 1]
    groups = [(PARTIES[p], np.arange(len(PARTIES)) == p) for p in shown_parties(run)]
    groups += [("+".join(pact[key]), among(tuple(pact[key]))) for key in ("members", "opponents")]
    rows: list[dict[str, Any]] = []
    for group, inside in groups:
        without, with_ = (run.won[:, x][..., inside].sum((1, 2)) for x in (0, s))
        held = [
            (2 * run.held[:, x][..., inside].sum(2) > run.held[:, x].sum(2)).sum(1) for x in (0, s)
        ]
        change = with_ - without
        rows.append(
            {
                "group": group,
                **average("without", without),
                **average("with", with_),
                **average("difference", change),
                **interval(change, "difference"),
                **chance("fewer", change < 0),
                **average("councils_without", held[0]),
                **average("councils_with", held[1]),
                **average("councils", held[1] - held[0]),
            }
        )
    wanted = (
        "group | without:number~=Councillors without | with:number~=with | difference | "
        "difference_p5 | difference_p95 | fewer:probability~=Fewer | "
        "councils:difference~=Councils | -councils_without:number~ | -councils_with:number~"
    )
    title = f"{pact['title']}: {pact['wards']} wards, {run.manifest['title']}"
    notes = (
        "The same elections counted twice; ranges are those of the difference. Councils: in how "
        "many more of them the party, or the parties together, have more than half of the seats, "
        "with those that are not up where they are known.",
    )
    return Table(title, columns(wanted), rows, notes_of(run, *notes))


def pact_effects_table(run: CouncilTables, s: int, council: str | None = None) -> Table:
    """Return what a pact changes ward by ward: slates, councillors, how often more or fewer."""
    pact = run.manifest["pacts"][s - 1]
    inside = among(tuple(pact["members"]))
    here = (run.candidates[s] != run.candidates[0]).any(1)
    k = None if council is None else place_of(run, council)
    if k is not None:
        here &= run.council == run.councils[k]
    rows: list[dict[str, Any]] = []
    for w in np.flatnonzero(here):
        without, with_ = (float(run.mean[x, w, inside].sum()) for x in (0, s))
        variance = run.squares[s, w] / run.draws - (with_ - without) ** 2
        rows.append(
            {
                "ward": str(run.name[w]),
                "council": str(run.council[w]),
                "code": str(run.code[w]),
                "seats": int(run.seats[w]),
                "slate": slate_text(run.candidates[s, w], inside),
                "usual": slate_text(run.candidates[0, w], inside),
                "without": without,
                "with": with_,
                "gain": with_ - without,
                "gain_mcse": float((max(variance, 0.0) / run.draws) ** 0.5),
                **_chance("more", int(run.more[s, w]), run.draws),
                **_chance("fewer", int(run.fewer[s, w]), run.draws),
            }
        )
    rows.sort(key=lambda row: row["gain"], reverse=True)
    wanted = (
        "ward | council | -code | seats:integer!=Seats | slate=Slate | -usual=Slate without | "
        "without:number!=Members without | with:number!=with | gain:difference~=Gain | "
        "more:probability~=More | fewer:probability~=Fewer"
    )
    title = f"{pact['title']}: ward by ward, {_title(run, k)}"
    notes = (
        f"Members: {', '.join(pact['members'])}; slates {pact['rule']}. Gain: councillors of all "
        "members together. More, fewer: how often they have more, or fewer, than without the pact.",
    )
    return Table(title, columns(wanted), rows, notes_of(run, *notes))


def slate_text(candidates: Ints, inside: Bools) -> str:
    """Return a slate in words, such as ``"LD 2, Green 1"``."""
    order = sorted(np.flatnonzero(inside & (candidates > 0)), key=lambda p: -candidates[p])
    return ", ".join(f"{PARTIES[p]} {candidates[p]}" for p in order)


def tragedies_table(run: CouncilTables) -> Table:
    """Return the wards that each side loses most often although it has more votes."""
    rows: list[dict[str, Any]] = []
    for i, side in enumerate(SIDES):
        for w in np.flatnonzero(run.tragedy[i]):
            rows.append(
                {
                    "side": "+".join(side),
                    "ward": str(run.name[w]),
                    "council": str(run.council[w]),
                    "seats": int(run.seats[w]),
                    **_chance("chance", int(run.tragedy[i, w]), run.draws),
                }
            )
    rows.sort(key=lambda row: row["chance"], reverse=True)
    means = [
        f"{'+'.join(side)} {run.tragedy[i].sum() / run.draws:.1f}" for i, side in enumerate(SIDES)
    ]
    notes = (
        "A side has more votes together than the other, by its parties' best candidates, and yet "
        f"fewer councillors. Wards in a mean election: {', '.join(means)}.",
    )
    wanted = "side=Side | ward | council | seats:integer!=Seats | chance:probability~=Chance"
    title = f"Wards lost by a divided side, {run.manifest['title']}"
    return Table(title, columns(wanted), rows, notes_of(run, *notes))


def council_house(run: CouncilTables, s: int, council: str, named: Sequence[str] = ()) -> House:
    """Return the chamber of a council in every draw, with all that ever sit there or are named."""
    k = place_of(run, council)
    won = run.held[:, s, k]
    sits = np.flatnonzero(won.any(0) | among(tuple(named)))
    seats = int(won[0].sum())
    needed = np.full(len(won), seats // 2 + 1, np.int16)
    parties = tuple(PARTIES[p] for p in sits)
    return House(_counted(run, s, k), parties, won[:, sits], needed, (), chamber=seats)


def council_coalitions_table(
    run: CouncilTables,
    s: int,
    council: str,
    named: Sequence[tuple[str, ...]],
    apart: Sequence[tuple[str, ...]],
    most: int | None = None,
) -> Table:
    """Return which coalitions could govern a council, without those of parties kept apart.

    Parameters
    ----------
    run : CouncilTables
    s : int
    council : str
    named : sequence of tuple of str
        Coalitions asked for; all that are minimal in some draw if empty.
    apart : sequence of tuple of str
        Parties that do not govern together; no coalition holds all of one tuple.
    most : int, optional
        At most so many of those that are not named.
    """
    house = council_house(run, s, council, [party for coalition in named for party in coalition])
    counts, _ = house.counted
    allowed = [c for c in counts if not any(set(pair) <= set(c) for pair in apart)]
    order = sorted(allowed, key=lambda c: -counts[c])
    chosen = list(named) or order[:most]
    table = coalitions_table(house, chosen)
    possible = np.zeros(run.draws, bool)
    for coalition in allowed:
        possible |= _together(house, coalition) >= house.needed
    cells = chance("none", ~possible)
    rule = "; ".join("+".join(pair) for pair in apart) or "nobody"
    note = (
        f"Kept apart: {rule}. In {100 * cells['none']:.1f} % of the elections no coalition that is "
        "left has a majority."
    )
    notes = [text for text in table.notes if not text.startswith("…")]
    notes.append(f"A chamber of {house.chamber}.{_sitting(run, place_of(run, council))}")
    # One number for all rows, which the notes have.
    shown = tuple(column for column in table.columns if column.key != "needed")
    return Table(table.title, shown, table.rows, (note, *notes))


def _together(house: House, coalition: tuple[str, ...]) -> Floats:
    return np.asarray(house.seats[:, [house.parties.index(p) for p in coalition]].sum(1))
