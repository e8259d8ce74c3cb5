"""Published results compared with our own figures: what agrees, what does not, and why.

There is a function for each published figure in ``data/evidence/published-results.csv``. All are
arithmetic with bundled data; nothing is drawn at random.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from forecaster.answers.tragedies import candidate_votes
from forecaster.arrays import Bools, Floats, Ints
from forecaster.columns import table_of
from forecaster.elections.election import read_election
from forecaster.elections.members import by_elections
from forecaster.elections.names import find_seat
from forecaster.elections.tragedy import (
    CON_REFORM,
    DEFINITIONS,
    LAB_LD_GREEN,
    combined_lead,
    votes_of,
)
from forecaster.kernels import rules
from forecaster.resources import read_table
from forecaster.table import Table
from forecaster.vocabulary import (
    FIXED_PARTIES,
    MAJORITY,
    NATIONS,
    PARTIES,
    SEATS_IN_THE_COMMONS,
    places,
)

WEAK_VOTERS = 0.20
"""A party's voters up to this share are weak (Baxter, Strong Transition Model 2007)."""

SHOWN = ("Con", "Lab", "LD", "Green", "SNP", "PC")


@dataclass(frozen=True)
class OwnFigure:
    """Our figure (None if it cannot be computed), and why it differs or what is missing."""

    ours: str | None
    why: str


def replication_table() -> Table:
    """Return a row per published result, with our figure beside it.

    Raises DataError if an embedded table is missing or changed.
    """
    published = read_table("evidence/published-results.csv")
    rows = []
    for i, name in enumerate(published["id"]):
        known = ANSWERS[name]
        answer = OwnFigure(None, known) if isinstance(known, str) else known()
        rows.append(
            {key: published[key][i] for key in ("id", "what", "assumptions", "published", "source")}
            | {"ours": answer.ours, "why": answer.why}
        )
    return table_of(
        "Published results, and the same from our data",
        "id | what | -assumptions | published | ours | why | -source",
        rows,
    )


def swapped_2019() -> OwnFigure:
    """Swing Great Britain as one nation to the published shares, by strong transition."""
    election = read_election("2019")
    britain = election.seats.in_britain
    shares = election.shares[britain]
    weight = election.valid_votes[britain] / election.valid_votes[britain].sum()
    target = _published_swap(weight @ shares)
    swung = rules.swing(
        "strong-transition",
        shares,
        shares > 0,
        weight,
        target,
        np.array([party not in FIXED_PARTIES for party in PARTIES]),
        np.ones(len(PARTIES)),
        WEAK_VOTERS,
        rakes=30,
    )
    # Other wins only with its strongest candidate, whose part of its votes stays the same.
    other = PARTIES.index("Other")
    pooled = election.votes[britain, other]
    swung[:, other] *= election.best_other_votes[britain] / np.maximum(pooled, 1)
    return OwnFigure(
        _seats(swung.argmax(axis=1)),
        "Their shares and swing rule, with the candidates of 2019; details of their program that "
        "are not published account for the rest. Their Other is the Speaker.",
    )


def _published_swap(actual: Floats) -> Floats:
    """Return the published British shares; unnamed parties divide the rest as in `actual`."""
    named = {"Con": 33.0, "Lab": 44.7, "LD": 11.8, "Reform": 2.1, "Green": 2.8, "SNP": 4.2}
    named["PC"] = 0.5
    target = actual.copy()
    columns = places(named)
    rest = np.setdiff1d(np.arange(len(PARTIES)), columns)
    target[columns] = np.array(list(named.values())) / 100
    target[rest] *= (1 - target[columns].sum()) / target[rest].sum()
    return target


def best_placed_2019() -> OwnFigure:
    """Give all votes of Lab, LD and Green in England and Wales to the best placed of the three."""
    election = read_election("2019")
    votes = candidate_votes(election)
    columns = np.array(places(LAB_LD_GREEN))
    best = columns[votes[:, columns].argmax(axis=1)]
    where = np.isin(election.seats.nation, [NATIONS.index("England"), NATIONS.index("Wales")])
    return OwnFigure(
        _seats(_pool(votes, columns, best, where).argmax(axis=1)),
        "Theirs is a poll of 2021 spread over the seats, ours the votes of 2019. Then the Greens "
        "were the best placed of the three in Brighton Pavilion and the Speaker's seat only; nine "
        "need a rule that reserves seats for them, and none is published. Theirs adds up to 632: "
        "the Speaker counts with a party.",
    )


def _pool(votes: Ints | Floats, columns: Ints, to: Ints, where: Bools) -> Ints | Floats:
    """Give the votes of the parties `columns` to the party `to` in the seats `where`."""
    out = votes.copy()
    seats = np.flatnonzero(where)
    out[np.ix_(seats, columns)] = 0
    out[seats, to[seats]] = votes[np.ix_(seats, columns)].sum(axis=1)
    return out


def votes_per_mp() -> OwnFigure:
    """Divide the votes of a party by its MPs; the Speaker counts as a party."""
    election = read_election("2019")
    won = np.bincount(election.winner, minlength=len(PARTIES))
    each = dict(zip(PARTIES, election.votes.sum(axis=0) / np.maximum(won, 1), strict=True))
    figures = [f"{party} {each[party]:,.0f}" for party in ("Con", *LAB_LD_GREEN)]
    return OwnFigure(
        " ".join(figures),
        "From the counts, without the Speaker's seat. Con and Lab agree with the report; its LD "
        "(334,000) and Green (846,000) figures are lower than any count we have.",
    )


def labour_needs() -> OwnFigure:
    """Subtract Labour's seats from a majority: 2019, with by-elections, on later boundaries."""
    lab = PARTIES.index("Lab")
    won = int((read_election("2019").winner == lab).sum())
    hartlepool = _by_election(date(2021, 5, 6), "Hartlepool")
    lost = max(hartlepool, key=hartlepool.__getitem__) != "Lab"
    later = won - int(lost)
    notional = int((read_election("2019-notional").winner == lab).sum())
    return OwnFigure(
        f"{MAJORITY - won}; {MAJORITY - later} after the Hartlepool by-election; "
        f"{MAJORITY - notional} on the boundaries of 2024",
        f"The report counts from {later} seats. Its 148 is older than the boundaries of 2024, on "
        f"which Labour would have had {notional} seats in 2019; how it was got is not said.",
    )


def lewes_2019() -> OwnFigure:
    """Add up Lab, LD and Green in Lewes and subtract the winner."""
    election = read_election("2019")
    lead = combined_lead(DEFINITIONS["lab-ld-green"], election.votes, election.winner)
    return OwnFigure(f"{lead[find_seat(election.seats, 'Lewes').index]:,}", "They agree.")


def south_west_surrey() -> OwnFigure:
    """Rank South West Surrey among Conservative seats by percentage majority."""
    ranks = {name: _safety(name, "South West Surrey") for name in ("2015", "2017", "2019")}
    return OwnFigure(
        ", ".join(f"{_ordinal(rank)} in {name}" for name, rank in ranks.items()),
        "By percentage majority among Conservative seats. The report's 7th (2015) and 151st (2017) "
        "come out neither so nor by majority in votes or Conservative share.",
    )


def _safety(name: str, seat: str) -> int:
    election = read_election(name)
    ordered = np.sort(candidate_votes(election), axis=1)
    majority = (ordered[:, -1] - ordered[:, -2]) / election.valid_votes
    safer = majority > majority[find_seat(election.seats, seat).index]
    return 1 + int((safer & (election.winner == PARTIES.index("Con"))).sum())


def bloc_totals() -> OwnFigure:
    """Compare Con with Lab, Liberals and nationalists since 1945, whole blocs since 2010."""
    table = read_table("results/vote-totals-1945-2019.csv")
    keys = ("date", "con", "lab", "liberal", "nationalist")
    behind = [
        str(day)[:4]
        for day, con, *bloc in zip(*(table[key] for key in keys), strict=True)
        if sum(votes or 0 for votes in bloc) <= con
    ]
    since_2010 = {
        name: read_election(name).votes for name in ("2010", "2015", "2017", "2019", "2024")
    }
    behind_right = [
        name
        for name, votes in since_2010.items()
        if votes_of((*LAB_LD_GREEN, "SNP", "PC"), votes).sum() <= votes_of(CON_REFORM, votes).sum()
    ]
    return OwnFigure(
        f"{len(table['date'])} elections 1945 to 2019, behind in {', '.join(behind)}; with "
        f"UKIP/Brexit Party/Reform beside Con (2010 to 2024) behind in {', '.join(behind_right)}",
        "They agree with Con alone against Lab, Liberals and nationalists. The second count has "
        "the Greens on the progressive side.",
    )


def chesham_2021() -> OwnFigure:
    """Return the majority, and the swing from Con to LD since 2019."""
    votes = _by_election(date(2021, 6, 17), "Chesham and Amersham")
    total = sum(votes.values())
    first, second = sorted(votes, key=votes.__getitem__, reverse=True)[:2]
    election = read_election("2019")
    before = election.shares[find_seat(election.seats, "Chesham and Amersham").index]
    swing = (votes["LD"] - votes["Con"]) / total
    swing -= before[PARTIES.index("LD")] - before[PARTIES.index("Con")]
    return OwnFigure(
        f"{first} ahead of {second} by {votes[first] - votes[second]:,}, "
        f"swing {50 * swing:.1f} points",
        "They agree. Swing: half of the change of the lead since 2019.",
    )


def _by_election(day: date, name: str) -> dict[str, int]:
    """Return the votes of a by-election by party."""
    held = by_elections(day - timedelta(days=1), day)
    return next(one.votes for one in held if one.name == name)


def coalition_2010() -> OwnFigure:
    """Add up the seats of every party that a Labour-led government of 2010 could have had."""
    won = np.bincount(read_election("2010").winner, minlength=len(PARTIES))
    partners = ("Lab", "LD", "SNP", "PC", "SDLP", "Alliance", "Green", "Ind")
    counts = {party: int(won[PARTIES.index(party)]) for party in partners}
    away = int(won[PARTIES.index("SF")])
    voting = SEATS_IN_THE_COMMONS - away - int(won[PARTIES.index("Spk")])
    return OwnFigure(
        f"{' '.join(f'{party} {seats}' for party, seats in counts.items())}: "
        f"{sum(counts.values())}; {voting // 2 + 1} enough without Sinn Féin and the Speaker",
        f"The sum agrees. The published threshold is {(voting - 3) // 2 + 1}: it leaves out the "
        "three Deputy Speakers too, who do not vote either.",
    )


def traded_2019() -> OwnFigure:
    """Give Lab and LD votes to whichever was second in seats that the Conservatives won.

    The second figure narrows the Conservative lead in these seats by three points.
    """
    election = read_election("2019")
    votes = candidate_votes(election)
    con, columns = PARTIES.index("Con"), np.array(places(("Lab", "LD")))
    second = np.argsort(votes, axis=1, kind="stable")[:, -2]
    where = (election.winner == con) & np.isin(second, columns)
    shares = _pool(votes, columns, second, where) / election.valid_votes[:, None]
    swung = shares.copy()
    swung[where, con] -= 0.03
    return OwnFigure(
        f"{_seats(shares.argmax(axis=1))}; {_seats(swung.argmax(axis=1))}",
        "They agree if three points means that the Conservative lead narrows by three in the seats "
        "traded, which is a swing of 1.5.",
    )


def _seats(winner: Ints) -> str:
    """Return a text of seats by party, without Northern Ireland and the Speaker."""
    won = np.bincount(winner, minlength=len(PARTIES))
    return " ".join(f"{party} {won[PARTIES.index(party)]}" for party in SHOWN)


def _ordinal(n: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th") if n % 100 not in (11, 12, 13) else "th"
    return f"{n}{ending}"


_MRP = "Needs that forecaster's MRP, which is not public. "
_ON_2019 = (
    _MRP + "Instead, 'forecast simulate election-2019' counts pacts and tactical voting on the "
    "votes of 2019."
)
_ON_POLLS = (
    _MRP + "Instead, 'forecast simulate next-election --pact pacts/tactical.toml' counts "
    "tactical voting on today's polls."
)

ANSWERS: dict[str, Callable[[], OwnFigure] | str] = {
    "ec-swap-2019": swapped_2019,
    "blick-2021": best_placed_2019,
    "votes-per-mp-2019": votes_per_mp,
    "lab-needs": labour_needs,
    "lewes-2019": lewes_2019,
    "sw-surrey": south_west_surrey,
    "curtice-steed-1997": "Needs results by seat of 1997 and of 1992 on the boundaries of 1997; "
    "the embedded data begin with 2005.",
    "bloc-totals": bloc_totals,
    "chesham-2021": chesham_2021,
    "coalition-2010": coalition_2010,
    "ec-consoc-2022": _ON_2019,
    "b4b-2019": _ON_2019,
    "onward-2021": traded_2019,
    "ec-tactical-2025": _ON_POLLS,
    "mic-jan-2026": _ON_POLLS,
}
"""Ours for every published figure, by its id, or what is missing to compute it."""
