"""Questions answered from a run of council elections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from forecaster.answers.coalitions import House, coalitions_table
from forecaster.answers.summary import precision_note
from forecaster.arrays import Bools, Ints
from forecaster.columns import table_of
from forecaster.councils.data import OTHER, PARTIES, slug
from forecaster.councils.plan import SIDES
from forecaster.councils.run import CouncilTables, title_of
from forecaster.councils.slates import among
from forecaster.errors import ConfigError
from forecaster.files import listed
from forecaster.results.precision import average, chance, interval, monte_carlo_error
from forecaster.table import Table
from forecaster.vocabulary import NO_PACT, PARTY_NAMES, suggest

FEW = 5
"""Councils whose strongest other party a note names."""

NOBODY = "none"
CONTROL = (
    "Control: more than half of the seats that are elected here and of those who are known to sit "
    "on (Not up)."
)


def place_of(run: CouncilTables, name: str) -> int:
    """Return the place of a council.

    Raises ConfigError if none of that name elects anybody in the run.
    """
    names = [slug(council) for council in run.councils]
    if slug(name) not in names:
        known = suggest(name, run.councils) or f"It has {listed(run.councils)}."
        raise ConfigError(f"{name}: no such council in the run. {known}")
    return names.index(slug(name))


def in_control(won: Any) -> Bools:
    """Return which party has more than half of the seats, shape (…, party)."""
    return np.asarray(2 * won > won.sum(-1, keepdims=True))


def _means(run: CouncilTables) -> str:
    return " | ".join(f"{PARTIES[p]}:number~={PARTIES[p]}" for p in run.shown)


def _councillors(run: CouncilTables, won: Any) -> dict[str, float]:
    """Return mean councillors by party and their standard errors, as cells of a row."""
    cells = [average(PARTIES[p], won[:, p]) for p in run.shown]
    return {key: value for cell in cells for key, value in cell.items()}


def _of_ward(run: CouncilTables, s: int, w: int) -> dict[str, float]:
    """Return `_councillors` of a ward, of which only counts of draws are stored."""
    number = np.arange(run.elected.shape[-1])
    out: dict[str, float] = {}
    for p in run.shown:
        mean = float(run.mean[s, w, p])
        variance = run.elected[s, w, p] @ (number - mean) ** 2 / run.draws
        out |= {PARTIES[p]: mean, f"{PARTIES[p]}_mcse": float((variance / run.draws) ** 0.5)}
    return out


def notes_of(
    run: CouncilTables, *more: str, council: str | None = None, scenario: str = NO_PACT
) -> tuple[str, ...]:
    """Return the notes of a table: what is left out, who Other is, how precise it is.

    Notes on other councils than that of the table, and on other pacts, are left out.
    """
    labels: dict[str, str] = run.manifest["labels"]
    here = {name: label for name, label in labels.items() if council in (None, name)}
    if len(here) <= FEW:
        who = [f"{label} in {name}" for name, label in here.items()]
        others = [f"Other is the strongest of all other parties: {', '.join(who)}."] if who else []
    else:
        others = ["Other is the strongest of all other parties in a ward."]
    elsewhere = {*(run.councils if council else ()), *run.scenarios} - {council, scenario}
    about = [note for note in run.manifest["notes"] if note.partition(":")[0] not in elsewhere]
    return (*more, *others, *about, precision_note(run.draws))


def _named(run: CouncilTables, k: int | None) -> str | None:
    return None if k is None else run.councils[k]


def councils_table(run: CouncilTables, scenario: str) -> Table:
    """Return mean councillors by council and party, and who is in control how often."""
    s = run.at(scenario)
    rows: list[dict[str, Any]] = []
    for k, council in enumerate(run.councils):
        control = in_control(run.held[:, s, k])
        hung = ~control.any(1)
        part = np.append(control.mean(0), hung.mean())
        likely = int(part.argmax())
        parties = [*PARTIES[:OTHER], run.manifest["labels"].get(council, PARTIES[OTHER]), NOBODY]
        rows.append(
            {
                "council": council,
                "seats": run.manifest["seats"][council],
                "sitting": int(run.sitting[k].sum()),
                **_councillors(run, run.won[:, s, k]),
                "control": parties[likely],
                **chance("chance", control[:, likely] if likely < len(PARTIES) else hung),
                **chance("hung", hung),
            }
        )
    return table_of(
        f"Mean councillors, {_counted(run, scenario)}",
        "council | seats:integer!=Seats | ?sitting:integer!=Not up | control=Likeliest control | "
        f"chance:probability~=chance | hung:probability~=No overall control | {_means(run)}",
        rows,
        *notes_of(run, CONTROL, scenario=scenario),
        hide=not run.sitting.any(),
    )


def _counted(run: CouncilTables, scenario: str, k: int | None = None) -> str:
    """Return what was simulated and how it was counted, of all councils or of one of several."""
    return f"{_title(run, k)}, {scenario}"


def _title(run: CouncilTables, k: int | None) -> str:
    if k is None:
        return run.title
    council, about = run.councils[k], run.manifest
    return title_of(council, about["seats"][council], about["year"], about["given"])


def totals_table(run: CouncilTables, scenario: str, council: str | None = None) -> Table:
    """Return councillors by party in all councils together, or in one: mean, range, control."""
    s, k = run.at(scenario), None if council is None else place_of(run, council)
    here = slice(None) if k is None else slice(k, k + 1)
    won, held = run.won[:, s, here].sum(1), in_control(run.held[:, s, here])
    control, hung = held.sum(1), (~held.any(2)).sum(1)
    cells = average if k is None else chance
    rows: list[dict[str, Any]] = [
        {
            "party": PARTY_NAMES[PARTIES[p]],
            **average("mean", won[:, p]),
            **interval(won[:, p]),
            **cells("controls", control[:, p]),
        }
        for p in run.shown
        if won[:, p].any()
    ]
    rows.sort(key=lambda row: row["mean"], reverse=True)
    notes = [CONTROL]
    if k is None:
        empty = {"mean": None, "mean_mcse": None, "p5": None, "p95": None}
        rows.append({"party": "No overall control", **empty, **average("controls", hung)})
        last = "controls:number~=Councils controlled"
    else:
        notes.insert(0, f"No overall control: {100 * hung.mean():.0f} %.{_sitting(run, k)}")
        last = "controls:probability~=Control"
    return table_of(
        f"Councillors, {_counted(run, scenario, k)}",
        f"party | mean:number~=Councillors | p5:integer!=90 % from | p95:integer!=to | {last}",
        rows,
        *notes_of(run, *notes, council=_named(run, k), scenario=scenario),
    )


def _sitting(run: CouncilTables, k: int) -> str:
    """Return who sits on in a council, as a sentence, if anybody does."""
    parts = [f"{PARTIES[p]} {run.sitting[k, p]}" for p in np.flatnonzero(run.sitting[k])]
    return f" Not up: {', '.join(parts)}." if parts else ""


def _place(run: CouncilTables, w: int) -> dict[str, Any]:
    """Return name, council, code and seats of a ward as cells of a row."""
    return {
        "ward": str(run.name[w]),
        "council": str(run.council[w]),
        "code": str(run.code[w]),
        "seats": int(run.seats[w]),
    }


def wards_table(run: CouncilTables, scenario: str, council: str | None = None) -> Table:
    """Return every ward: who leads most often, mean councillors, how often parties share it."""
    s, k = run.at(scenario), None if council is None else place_of(run, council)
    led, split = run.of_party("led")[s], run.of_ward("split")[s]
    here = np.full(len(led), k is None) if k is None else run.council == run.councils[k]
    rows = [
        {
            **_place(run, w),
            "leads": PARTIES[led[w].argmax()],
            **_chance("chance", led[w].max(), run.draws),
            **_of_ward(run, s, w),
            **_chance("split", split[w], run.draws),
        }
        for w in np.flatnonzero(here).tolist()
    ]
    return table_of(
        f"Wards, {_counted(run, scenario, k)}",
        "ward | ?council | -code | seats:integer!=Seats | leads=Leads | "
        f"chance:probability~=chance | {_means(run)} | split:probability~=Split",
        rows,
        *notes_of(
            run,
            "Leads: whose candidate has most votes most often. Split: several parties elected.",
            council=_named(run, k),
            scenario=scenario,
        ),
        hide=council is not None,
    )


def _chance(key: str, times: int, draws: int) -> dict[str, float]:
    error = float(monte_carlo_error(np.array(times), draws))
    return {key: float(times / draws), f"{key}_mcse": error}


def compare_table(run: CouncilTables, scenario: str) -> Table:
    """Return councillors and councils by party and side without and with a pact, draw by draw."""
    s, pact = run.at(scenario), run.pact(scenario)
    groups = [(PARTIES[p], np.arange(len(PARTIES)) == p) for p in run.shown]
    groups += [("+".join(pact[key]), among(tuple(pact[key]))) for key in ("members", "opponents")]
    rows: list[dict[str, Any]] = []
    for group, inside in groups:
        without, with_ = (run.won[:, x][..., inside].sum((1, 2)) for x in (0, s))
        before, after = (
            (2 * run.held[:, x][..., inside].sum(2) > run.held[:, x].sum(2)).sum(1) for x in (0, s)
        )
        rows.append(
            {
                "group": group,
                **average("without", without),
                **average("with", with_),
                **average("difference", with_ - without),
                **interval(with_ - without, "difference"),
                **chance("fewer", with_ < without),
                **average("councils_without", before),
                **average("councils_with", after),
                **average("councils", after - before),
            }
        )
    return table_of(
        f"{pact['title']}: {pact['wards']} wards, {run.title}",
        "group | without:number~=Councillors without | with:number~=with | difference | "
        "difference_p5 | difference_p95 | fewer:probability~=Fewer | "
        "councils:difference~=Councils | -councils_without:number~ | -councils_with:number~",
        rows,
        *notes_of(
            run,
            "The same elections counted twice; ranges are those of the difference. Councils: in "
            "how many more of them the party, or the parties together, have more than half of the "
            "seats, with those that are not up where they are known.",
            scenario=scenario,
        ),
    )


def pact_effects_table(run: CouncilTables, scenario: str, council: str | None = None) -> Table:
    """Return what a pact changes ward by ward: slates, councillors, how often more or fewer."""
    s, pact = run.at(scenario), run.pact(scenario)
    inside = among(tuple(pact["members"]))
    here = (run.candidates[s] != run.candidates[0]).any(1)
    k = None if council is None else place_of(run, council)
    if k is not None:
        here &= run.council == run.councils[k]
    squares, more, fewer = (run.of_ward(name)[s] for name in ("squares", "more", "fewer"))
    rows: list[dict[str, Any]] = []
    for w in np.flatnonzero(here).tolist():
        without, with_ = (float(run.mean[x, w, inside].sum()) for x in (0, s))
        variance = squares[w] / run.draws - (with_ - without) ** 2
        rows.append(
            {
                **_place(run, w),
                "slate": slate_text(run.candidates[s, w], inside),
                "usual": slate_text(run.candidates[0, w], inside),
                "without": without,
                "with": with_,
                "gain": with_ - without,
                "gain_mcse": float((max(variance, 0.0) / run.draws) ** 0.5),
                **_chance("more", more[w], run.draws),
                **_chance("fewer", fewer[w], run.draws),
            }
        )
    rows.sort(key=lambda row: row["gain"], reverse=True)
    return table_of(
        f"{pact['title']}: ward by ward, {_title(run, k)}",
        "ward | council | -code | seats:integer!=Seats | slate=Slate | -usual=Slate without | "
        "without:number!=Members without | with:number!=with | gain:difference~=Gain | "
        "more:probability~=More | fewer:probability~=Fewer",
        rows,
        *notes_of(
            run,
            f"Members: {', '.join(pact['members'])}; slates {pact['rule']}. Gain: councillors of "
            "all members together. More, fewer: how often they have more, or fewer, than without "
            "the pact.",
            council=_named(run, k),
            scenario=scenario,
        ),
    )


def slate_text(candidates: Ints, inside: Bools) -> str:
    """Return a slate in words, such as ``"LD 2, Green 1"``."""
    order = sorted(np.flatnonzero(inside & (candidates > 0)), key=lambda p: -candidates[p])
    return ", ".join(f"{PARTIES[p]} {candidates[p]}" for p in order)


def tragedies_table(run: CouncilTables) -> Table:
    """Return the wards that each side loses most often although it has more votes."""
    rows: list[dict[str, Any]] = [
        {
            "side": "+".join(side),
            **_place(run, w),
            **_chance("chance", lost[w], run.draws),
        }
        for side, lost in zip(SIDES, run.tragedy, strict=True)
        for w in np.flatnonzero(lost).tolist()
    ]
    rows.sort(key=lambda row: row["chance"], reverse=True)
    means = [
        f"{'+'.join(side)} {lost.sum() / run.draws:.1f}"
        for side, lost in zip(SIDES, run.tragedy, strict=True)
    ]
    return table_of(
        f"Wards lost by a divided side, {run.title}",
        "side=Side | ward | council | seats:integer!=Seats | chance:probability~=Chance",
        rows,
        *notes_of(
            run,
            "A side has more votes together than the other, by its parties' best candidates, and "
            f"yet fewer councillors. Wards in a mean election: {', '.join(means)}.",
        ),
    )


def council_house(
    run: CouncilTables, scenario: str, council: str, named: Sequence[str] = ()
) -> House:
    """Return the seats of a council in every draw, of parties that ever have any or are named."""
    k = place_of(run, council)
    won = run.held[:, run.at(scenario), k]
    sits = np.flatnonzero(won.any(0) | among(tuple(named)))
    seats = int(won[0].sum())
    needed = np.full(len(won), seats // 2 + 1, np.int16)
    parties = tuple(PARTIES[p] for p in sits)
    return House(_counted(run, scenario, k), parties, won[:, sits], needed, (), chamber=seats)


def council_coalitions_table(
    run: CouncilTables,
    scenario: str,
    council: str,
    named: Sequence[tuple[str, ...]],
    apart: Sequence[tuple[str, ...]],
    most: int | None = None,
) -> Table:
    """Return which coalitions could govern a council.

    `named`: coalitions asked for; all that are minimal in some draw if empty. `apart`: tuples of
    parties that do not govern together. `most`: most coalitions to return if none is named.
    """
    asked = [party for coalition in named for party in coalition]
    house = council_house(run, scenario, council, asked)
    counts, _ = house.counted
    allowed = [c for c in counts if not any(set(pair) <= set(c) for pair in apart)]
    order = sorted(allowed, key=lambda c: -counts[c])
    table = coalitions_table(house, list(named) or order[:most])
    rows = table.rows if named or allowed else []
    possible = np.zeros(run.draws, bool)
    for coalition in allowed:
        together = house.seats[:, [house.parties.index(p) for p in coalition]].sum(1)
        possible |= together >= house.needed
    rule = "; ".join("+".join(pair) for pair in apart) or "nobody"
    # What is needed is one number for all rows, which the notes have, and everybody votes.
    columns = (
        replace(column, heading="Majority") if column.key == "majority" else column
        for column in table.columns
        if column.key != "needed"
    )
    return table_of(
        table.title,
        tuple(columns),
        rows,
        f"Kept apart: {rule}. In {100 * (~possible).mean():.1f} % of the elections no coalition "
        "that is left has a majority.",
        *table.notes,
        *filter(None, [_sitting(run, place_of(run, council)).strip()]),
    )
