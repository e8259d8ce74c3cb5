"""An election of councils: its wards and seats, who stands, and the last election of each ward."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from forecaster.arrays import Bools, Floats, Ints
from forecaster.councils.base import joint_tickets
from forecaster.councils.data import (
    LONDON,
    NATIONAL,
    PARTIES,
    WELSH,
    Wards,
    read_results,
    read_wards,
    slug,
    stacked,
    years,
)
from forecaster.councils.kernel import MOST
from forecaster.councils.lists import read_slates, read_votes
from forecaster.councils.polls import polling_day
from forecaster.councils.sitting import (
    TURN,
    WHOLE,
    Elected,
    elected_by,
    history,
    next_due,
    not_up,
    parts_of,
)
from forecaster.errors import ConfigError, DataError
from forecaster.files import listed
from forecaster.polls.data import last_day
from forecaster.vocabulary import fold, suggest

KINDS = {
    "london": LONDON,
    "metropolitan": "metropolitan",
    "counties": "county",
    "unitary": "unitary",
    "districts": "district",
    "wales": WELSH,
}
"""Places that are all councils of a kind; ``all`` are those of every kind."""


@dataclass(frozen=True)
class Contest:
    """An election of councils to be simulated."""

    name: str
    """Place and year, such as ``"london-2026"``."""
    year: int
    last: Wards
    """The last election of each ward."""
    since: Ints
    """Year of `last`, shape (ward,)."""
    seats: Ints
    """Councillors to be elected now, shape (ward,)."""
    candidates: Ints
    """Shape (ward, party)."""
    now: Wards | None
    """The result, if the data hold it."""
    notes: tuple[str, ...]
    """Which wards are left out, and what is assumed."""
    sitting: Mapping[str, Ints] = field(default_factory=dict)
    """Councillors by party who are not up for election, by council, if there are any and the data
    say who."""

    @property
    def councils(self) -> list[str]:
        """Return the names of the councils, in the order of the wards."""
        return list(dict.fromkeys(self.last.council.tolist()))

    @property
    def others(self) -> Ints:
        """Return who is not up, in the order of the councils, shape (council, party)."""
        nobody = np.zeros(len(PARTIES), int)
        return np.array([self.sitting.get(council, nobody) for council in self.councils])

    @property
    def votes(self) -> Floats:
        """Return the votes at the last election of each ward's best candidates, shape (ward,)."""
        return np.asarray(self.last.top.sum(1))

    def before(self, rows: Bools) -> Wards:
        """Return the last election of some wards, under the latest of its years."""
        return replace(self.last.take(rows), year=int(self.since[rows].max()))


UNCODED = 2023
"""The year for which the data lack the codes of wards that are in no other year."""


def read_contest(
    name: str,
    councils: Sequence[str] = (),
    candidates: Path | None = None,
    results: Path | None = None,
) -> Contest:
    """Return the election of a place in a year.

    `name`: PLACE-YEAR; PLACE is one of `KINDS`, ``all``, or a council such as ``milton-keynes``. A
    year of which the data hold no candidacies is forecast from the last election of each ward.
    `councils`: only these. `candidates`: list of slates, where others stand than assumed.
    `results`: list of candidates and votes of further elections.

    Raises ConfigError if there is no such place, year or council, or no ward has a last election.
    Raises DataError if a list is wrong.
    """
    place, year = _split(name)
    known = {when: read_wards(when) for when in years()}
    if results is not None:
        known |= {when: _added(known, wards) for when, wards in read_votes(results, known).items()}
    elected = elected_by(known)
    if year in known:
        contest = _past(name, _of_place(known[year], place, councils), year, known)
    else:
        last, since = _latest(place, councils, year, known)
        due, notes = _due(last, year, elected)
        if place in (*KINDS, "all") and not councils:
            if not due.any():
                raise ConfigError(
                    f"{name}: by the elections in the data none of the councils is due to vote. "
                    f"{' '.join(notes)} Name one, with its year, to simulate it all the same."
                )
            last, since = last.take(due), since[due]
        contest = _coming(name, last, since, year, notes)
    divided = (
        f"{council}: {' and '.join(PARTIES[p] for p in pair)} shared the places last time; their "
        "votes are divided as at the general election."
        for council, *pair in joint_tickets(contest.last)
    )
    contest = replace(contest, notes=(*contest.notes, *divided))
    contest = _with_sitting(contest, known, elected)
    return with_candidates(contest, candidates) if candidates else contest


def _due(last: Wards, year: int, elected: Elected) -> tuple[Bools, list[str]]:
    """Return which wards are of councils that may vote in a year, and notes on the others."""
    voted = history(elected)
    due: dict[int, list[str]] = {}
    late: list[str] = []
    whole: list[str] = []
    for council, kind in dict(zip(last.council.tolist(), last.kind.tolist(), strict=True)).items():
        # A council that only a user's list holds may vote in any year.
        seats = voted.get(slug(council), {year: 0})
        before = {when: number for when, number in seats.items() if when < year}
        when = year if year in seats else next_due(slug(council), kind, set(before), year)
        (late if when is None else due.setdefault(when, [])).append(council)
        in_turn = when == year and parts_of(set(before)) > 1 and max(before) >= TURN
        if in_turn and before[max(before)] > WHOLE * min(before.values()):
            whole.append(council)
    later = [when for when in sorted(due) if when != year]
    notes = [f"Not due to vote before {when}: {listed(due[when])}." for when in later]
    if late:
        notes.append(f"Due earlier, and put off to a year that you have to know: {listed(late)}.")
    if whole:
        notes.append(
            f"By thirds or halves until they elected all seats at once: {listed(whole)}. The data "
            "do not say whether they vote and which seats are up: all are simulated."
        )
    return np.isin(last.council, [*due.get(year, ()), *late]), notes


def _with_sitting(contest: Contest, known: Mapping[int, Wards], elected: Elected) -> Contest:
    """Add who is not up for election, where the data say so, and say where they do not."""
    sitting: dict[str, Ints] = {}
    unknown = []
    for council in contest.councils:
        here = contest.last.council == council
        source = known[contest.year if contest.now else int(contest.since[here].max())]
        up = source.take(source.council == council)
        others = not_up(up, contest.year, known, elected)
        if others is None or up.seats.sum() > contest.seats[here].sum():
            unknown.append(council)
        elif others.any():
            sitting[council] = others
    notes = list(contest.notes)
    if sitting:
        number = int(np.sum(list(sitting.values())))
        notes.append(
            f"Not up: {number} councillors of {listed(list(sitting))}, as they were elected; "
            "changes of party and by-elections since are not in the data."
        )
    if unknown:
        notes.append(
            "Of others who sit, or are elected in wards left out, the data do not say enough in "
            f"{listed(unknown)}: control there is of the seats counted."
        )
    return replace(contest, notes=tuple(notes), sitting=sitting)


def _added(known: Mapping[int, Wards], wards: Wards) -> Wards:
    """Return a year's wards with those of a user's list, which replace the data's.

    From `UNCODED` on, a ward whose name the data hold without a code keeps the data's substitute.
    """
    named = known.get(UNCODED)
    if named is not None and wards.year >= UNCODED:
        own = {
            (slug(council), fold(name)): code
            for code, council, name in zip(named.code, named.council, named.name, strict=True)
            if "-" in code
        }
        keys = [(slug(c), fold(n)) for c, n in zip(wards.council, wards.name, strict=True)]
        code = [own.get(key, given) for key, given in zip(keys, wards.code, strict=True)]
        wards = replace(wards, code=np.array(code))
    if wards.year not in known:
        return wards
    there = known[wards.year]
    return stacked([there.take(~np.isin(there.code, wards.code)), wards])


def _split(name: str) -> tuple[str, int]:
    found = re.fullmatch(r"(.+) (\d{4})", fold(name))
    if found is None:
        raise ConfigError(
            f"{name!r}: expected PLACE-YEAR, such as london-2026 or milton-keynes-2024; "
            "'forecast council list' shows them."
        )
    return slug(found[1]), int(found[2])


def _of_place(wards: Wards, place: str, councils: Sequence[str]) -> Wards:
    """Return the wards of a place and of some councils."""
    names = np.array([slug(council) for council in wards.council])
    if place in KINDS:
        inside = wards.kind == KINDS[place]
    else:
        inside = np.ones(len(wards), bool) if place == "all" else names == place
    if not inside.any():
        known = [*KINDS, "all", *dict.fromkeys(names.tolist())]
        raise ConfigError(
            f"{place}: no council or kind of councils that voted in {wards.year}. "
            f"{suggest(place, known)}".strip()
        )
    found = wards.take(inside)
    if not councils:
        return found
    wanted = {slug(council) for council in councils}
    there = dict.fromkeys(slug(council) for council in found.council)
    for one in sorted(wanted - set(there)):
        raise ConfigError(
            f"--council {one}: no ward of {place} in {wards.year} is in it. {suggest(one, there)}"
        )
    return found.take(np.array([slug(council) in wanted for council in found.council]))


def _past(name: str, now: Wards, year: int, known: Mapping[int, Wards]) -> Contest:
    """Return an election that took place, seen from the last one of the same wards."""
    place: dict[str, tuple[int, int]] = {}
    for before in sorted(earlier for earlier in known if earlier < year):
        wards = known[before]
        place |= {code: (before, i) for i, code in enumerate(wards.code) if wards.top[i].sum() > 0}
    notes = _left_out(now.take(~now.counted), "the data do not say how many each party elected")
    now = now.take(now.counted)
    there = np.array([code in place for code in now.code], bool) & (now.top.sum(1) > 0)
    if not there.any():
        raise ConfigError(
            f"{name}: no ward has an earlier election in the data, which begin in {min(known)}, or "
            "all wards have new boundaries. 'forecast council list' shows what can be simulated."
        )
    kept = now.take(there)
    rows = [place[code] for code in kept.code]
    last = stacked([known[before].take(np.array([i])) for before, i in rows])
    since = np.array([before for before, _ in rows])
    reason = "new boundaries, no earlier election in the data, or nobody voted"
    notes += [*_left_out(now.take(~there), reason), "Candidates are those who stood."]
    last = replace(last, council=kept.council, name=kept.name, kind=kept.kind)
    return Contest(name, year, last, since, kept.seats, _countable(kept), kept, tuple(notes))


def _left_out(wards: Wards, reason: str) -> list[str]:
    """Return a note about wards that are left out, if there are any."""
    if not len(wards):
        return []
    names = [f"{ward} ({of})" for ward, of in zip(wards.name, wards.council, strict=True)]
    seats = int(wards.seats.sum())
    return [f"{len(wards)} wards with {seats} seats are left out: {reason} ({listed(names)})."]


def _latest(
    place: str, councils: Sequence[str], year: int, known: Mapping[int, Wards]
) -> tuple[Wards, Ints]:
    """Return the wards of the last election of each council before a year, and its year."""
    parts: list[Wards] = []
    since: list[int] = []
    seen: set[str] = set()
    for before in sorted((earlier for earlier in known if earlier < year), reverse=True):
        try:
            wards = _of_place(known[before], place, ())
        except ConfigError:
            continue
        # By slug, as the same council has not the same name in every year's data.
        names = [slug(council) for council in wards.council]
        fresh = np.array([name not in seen for name in names])
        seen |= set(names)
        parts.append(wards.take(fresh))
        since += [before] * len(parts[-1])
    if year <= min(known):
        raise ConfigError(
            f"{place}-{year}: the data begin in {min(known)}; take a later year, or give the "
            "elections before with --results FILE."
        )
    if not parts:
        names = [*KINDS, *{slug(name) for wards in known.values() for name in wards.council}]
        raise ConfigError(
            f"{place}: no council or kind of councils in the data, which hold "
            f"{', '.join(map(str, known))}; 'forecast council list' shows them. "
            f"{suggest(place, names)}".rstrip()
        )
    every = stacked(parts)
    chosen = _of_place(every, place, councils)
    at = dict(zip(zip(every.council, every.code, strict=True), since, strict=True))
    return chosen, np.array([at[key] for key in zip(chosen.council, chosen.code, strict=True)])


def _coming(name: str, last: Wards, since: Ints, year: int, due: Sequence[str]) -> Contest:
    """Return an election to come, or one of which the data hold no candidacies."""
    contested = last.top.sum(1) > 0
    notes = [*due, *_left_out(last.take(~contested), "nobody voted there last time")]
    last, since = last.take(contested), since[contested]
    candidates = _countable(last)
    candidates[:, NATIONAL] = np.minimum(last.seats, MOST)[:, None]
    notes.append(
        "Candidates are assumed: the five national parties stand everywhere with as many as there "
        "are seats, others as last time, for the seats of the last election; --candidates FILE "
        "says better."
    )
    if polling_day(year) > last_day():
        end = last_day()
        notes.append(
            f"The polls of the data end on {end.day} {end:%B %Y}: the forecast is as if that were "
            "the eve, and its ranges know nothing of what moves until the day."
        )
    return Contest(name, year, last, since, last.seats, candidates, None, tuple(notes))


def _countable(wards: Wards) -> Ints:
    """Return the candidates, of a party at most as many as there are seats."""
    return np.minimum(wards.candidates, np.minimum(wards.seats, MOST)[:, None])


def with_candidates(contest: Contest, path: Path) -> Contest:
    """Return the contest with candidates and seats of a user's list."""
    candidates, seats, named = read_slates(path, contest, contest.candidates)
    if not candidates.any(1).all():
        empty = contest.last.name[~candidates.any(1)].tolist()
        raise DataError(f"{path}: nobody stands in {listed(empty)}.")
    names = contest.last.name[named].tolist()
    note = f"Candidates in {listed(names)} from {path.name}."
    return replace(contest, candidates=candidates, seats=seats, notes=(*contest.notes, note))


def official_shares(contest: Contest, rows: Bools) -> Floats:
    """Return the true shares of some wards together, shape (party,).

    They are those of the best candidates if the data hold them, else of all candidates in the
    wards' councils.

    Raises ConfigError if the data hold no results of that year for one of the councils.
    """
    if contest.now is not None:
        votes = contest.now.top[rows].sum(0)
        return np.asarray(votes / votes.sum())
    results, councils = read_results(contest.year), set(contest.last.council[rows].tolist())
    missing = sorted(councils - set(results))
    if missing:
        raise ConfigError(
            f"--swing actual: the data hold no result of {contest.year} for {listed(missing)}. "
            "Take --swing polls, or --share PARTY=PER CENT."
        )
    votes = np.sum([results[council].votes for council in councils], axis=0)
    return np.asarray(votes / votes.sum())
