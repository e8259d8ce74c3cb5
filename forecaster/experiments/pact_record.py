"""The record of pacts: absences of a party, predicted as if there were a pact, and scored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from forecaster.arrays import Bools, Floats, Ints
from forecaster.calibration.agreements import AGREEMENTS, agreed_gain
from forecaster.calibration.laws import jackknife
from forecaster.calibration.natural_experiments import no_pact, remain
from forecaster.calibration.published_matrices import MATRICES, published_matrix
from forecaster.calibration.transfer_evidence import Piece
from forecaster.calibration.transfer_file import evidence_for, rates_from
from forecaster.calibration.transfer_law import side_of
from forecaster.columns import table_of
from forecaster.config.pact import Rate, TransferTable, read_transfers
from forecaster.elections.election import Election, read_election
from forecaster.experiments.absences import LAW, Case, Prediction, predict
from forecaster.experiments.backtest import check_before, known_elections, run_before
from forecaster.swing.tactical import PAIRS
from forecaster.table import Table
from forecaster.vocabulary import BALLOT, NATIONS, PARTIES

LEVELS = (50, 80, 90)
"""Intervals that are scored [%]."""

JUDGED = "judged rates"
"""The rule with the rates before there was a law of transfers; they knew the absences of 2019."""

OTHER_WARDS = "other wards"
"""The rule with the part estimated from absences in all other councils and years."""

NOTES = (
    "Of the vote: what the absent parties would have had; gain: of the recipient, in points; part: "
    "the gain as a part of those votes. What came is the part at which the mean error over the "
    "seats would be zero; its standard error is the model's, for errors of single seats and shared "
    "ones. Won: expected, and real. Reform was UKIP until 2017 and the Brexit Party in 2019.",
    "Named: whether the absent party stood aside for this recipient; then the rates are formal. "
    "Where it named nobody, each large party is looked at in turn, with informal rates. Left out: "
    "how many pieces of evidence come from the case itself; the rates were estimated without them. "
    "In Northern Ireland the law adds the gain of agreements ('forecast calibrate transfers --show "
    "agreements'), estimated without the election.",
    "Swing to the true national shares; all parameters are estimated without the election. "
    "Intervals hold the seat's own error, which is larger than what is transferred: the mean over "
    "a case's seats tells rules apart, its seats' intervals hardly. Seats of an election err "
    "together, and recipients looked at in turn are of the same seats.",
)


def _agreed(bearer: str, *nations: str) -> Callable[[Election], Bools]:
    """Return a function that marks the seats of Unite to Remain with this flag bearer."""
    return lambda election: np.asarray(remain(bearer)(election) & _in(*nations)(election))


def _in(*nations: str) -> Callable[[Election], Bools]:
    return lambda election: np.isin([NATIONS[n] for n in election.seats.nation], nations)


def _seats(*codes: str) -> Callable[[Election], Bools]:
    return lambda election: np.isin(election.seats.code, codes)


def _no_pact(election: Election) -> Bools:
    return np.asarray(_BOTH(election) & no_pact(election))


def _held_by_con(election: Election) -> Bools:
    before = read_election(PAIRS[election.name])
    held = before.winner == PARTIES.index("Con")
    return np.asarray(_BOTH(election) & held)


def _each(name: str, election: str, donor: str) -> tuple[Case, ...]:
    """Return a case for each of the three large parties, as none of them was named."""
    return tuple(Case(name, election, (donor,), to, False) for to in ("Con", "Lab", "LD"))


_BOTH = _in("England", "Wales")
PACT, NORTHERN = "Unite to Remain", "Northern Ireland"
CASES: dict[Case, Callable[[Election], Bools]] = {
    Case(PACT, "2019", ("Green",), "LD", True): _agreed("LD", "England"),
    Case(PACT, "2019", ("PC", "Green"), "LD", True): _agreed("LD", "Wales"),
    Case(PACT, "2019", ("LD", "PC"), "Green", True): _agreed("Green", *NATIONS),
    Case(PACT, "2019", ("LD", "Green"), "PC", True): _agreed("PC", "Wales"),
    Case(NORTHERN, "2019", ("SF",), "SDLP", True): _seats("N06000003"),
    Case(NORTHERN, "2019", ("SDLP",), "SF", True): _seats("N06000002"),
    Case(NORTHERN, "2019", ("SF", "SDLP"), "Alliance", True): _seats("N06000001", "N06000013"),
    Case("Brexit Party absent", "2019", ("Reform",), "Con", True): _held_by_con,
    **dict.fromkeys(_each("UKIP absent", "2010", "Reform"), _BOTH),
    **dict.fromkeys(_each("UKIP absent", "2017", "Reform"), _BOTH),
    **dict.fromkeys(_each("failed nominations", "2024", "Reform"), _BOTH),
    **dict.fromkeys(_each("Greens absent", "2010", "Green"), _BOTH),
    **dict.fromkeys(_each("Greens absent", "2015", "Green"), _BOTH),
    **dict.fromkeys(_each("Greens absent", "2017", "Green"), _BOTH),
    **dict.fromkeys(_each("Greens absent", "2019", "Green"), _no_pact),
}
"""The cases, each with a function that marks its seats; the donors are absent from some of them."""


def cases_of(elections: Sequence[str]) -> list[Case]:
    """Return the cases of some elections, or of all if none is named."""
    names = known_elections(elections)
    return [case for case in CASES if case.election in names]


def pact_record(
    elections: Sequence[str] = (),
    draws: int = 1_000,
    changes: Mapping[str, Any] | None = None,
    rates: TransferTable | str | None = None,
    progress: Callable[[int], object] | None = None,
) -> list[Prediction]:
    """Predict every case of some elections, or of all.

    `changes`: changes of the config, values by dotted key. `rates`: the law, or its name or file;
    by default that of `law_of_case`. `progress`: called with the number of cases just finished.
    """
    given = read_transfers(rates) if isinstance(rates, str) else rates
    names = known_elections(elections)
    check_before(names, "truth", draws, changes)
    found = []
    for name in names:
        config = run_before(name, "truth", draws, changes)
        after = read_election(name)
        for case in cases_of((name,)):
            law, gain, left_out = (given, 0.0, None) if given else law_of_case(case)
            others = others_for(case.donors, case.recipient)
            one = predict(case, CASES[case](after), config, law, after, others, gain)
            found.append(replace(one, left_out=left_out))
            if progress is not None:
                progress(1)
    return found


def others_for(donors: Iterable[str], recipient: str) -> dict[str, TransferTable]:
    """Return the rates beside the law: published matrices that know all donors, judged rates."""
    every = {name: published_matrix(name) for name in MATRICES} | {JUDGED: read_transfers("judged")}
    return {
        name: table
        for name, table in every.items()
        if all(table.find(donor, recipient, None) for donor in donors)
    }


def law_of_case(case: Case) -> tuple[TransferTable, Rate, int]:
    """Return rates and gain for a case, and how much evidence from the case itself was left out.

    Rates are formal if a flag bearer was named, and informal otherwise. See `law_without`. Only
    agreements in Northern Ireland bring a gain.
    """
    same_side = {party for donor in case.donors for party in side_of(donor)}

    def of_case(piece: Piece) -> bool:
        same = piece.kind == "absence" and piece.period.startswith(case.election)
        return same and piece.donor in same_side

    name = "formal" if case.named else "informal"
    law, left_out = law_without(of_case, name, everyone=not case.named)
    if not in_northern_ireland(case):
        return law, 0.0, left_out
    agreed = sum(one.election == case.election for one in AGREEMENTS)
    return law, agreed_gain(without=case.election), left_out + agreed


def in_northern_ireland(case: Case) -> bool:
    """Return whether the recipient of a case stands in Northern Ireland."""
    return case.recipient in BALLOT[NORTHERN]


def law_without(
    left_out: Callable[[Piece], bool], name: str, everyone: bool
) -> tuple[TransferTable, int]:
    """Return rates estimated without some pieces of evidence, and the number of these."""
    every = evidence_for(name)
    rest = tuple(piece for piece in every if not left_out(piece))
    return _law_from(rest, name, everyone), len(every) - len(rest)


@cache
def _law_from(evidence: tuple[Piece, ...], name: str, everyone: bool) -> TransferTable:
    return TransferTable.model_validate(rates_from(evidence, name, everyone))


def score(found: Prediction) -> list[dict[str, Any]]:
    """Return a row per rule: its prediction, the result, and the coverage of its intervals.

    The actual part of the absent parties' votes that the recipient got is the part at which the
    mean error would be zero, interpolated between the rules "no vote" and "every vote". Its
    standard error is the model's, or, where only the absence is simulated, from the jackknife over
    places.
    """
    errors = {rule: s.mean(0) - found.actual for rule, s in found.shares.items()}
    means = {rule: float(error.mean()) for rule, error in errors.items()}
    none, whole = means["no vote"], means["every vote"] - means["no vote"]
    donated, actual = float(found.donated.mean()), -none / whole
    spread = float(found.shares["no vote"].mean(1).std()) / whole
    if not found.wins:
        least, most = errors["no vote"], errors["every vote"]
        spread = jackknife(
            means_without(least, found.place) / means_without(least - most, found.place)
        )
    parts = {rule: (mean - none) / whole for rule, mean in means.items()}
    rows = []
    for rule, drawn in found.shares.items():
        low, high = np.quantile(drawn.mean(1), (0.05, 0.95))
        rows.append(
            {
                "case": found.case.name,
                "election": found.case.election,
                "donor": "+".join(found.case.donors),
                "recipient": found.case.recipient,
                "named": "yes" if found.case.named else "no",
                "rule": rule,
                "seats": len(found.actual),
                "left_out": found.left_out,
                "donated": donated,
                "part": parts[rule],
                "part_actual": actual,
                "part_error": spread,
                "part_elsewhere": parts.get(OTHER_WARDS),
                "gain": 100 * parts[rule] * donated,
                "gain_actual": 100 * actual * donated,
                "error": 100 * means[rule],
                "absolute_error": 100 * float(np.abs(errors[rule]).mean()),
                **{f"coverage_{n}": inside(drawn, found.actual, n) for n in LEVELS},
                "mean_inside": float(low <= found.actual.mean() <= high),
                "wins_standing": found.wins.get("standing"),
                "wins_expected": found.wins.get(rule),
                "wins": found.won,
            }
        )
    return rows


def means_without(values: Floats, place: Ints) -> Floats:
    """Return the means over the seats outside of each place in turn; of one place, the mean."""
    places, place = np.unique(place, return_inverse=True)
    if len(places) == 1:
        return np.array([values.mean()])
    away = values.sum() - np.bincount(place, values)
    return np.asarray(away / (len(values) - np.bincount(place)))


def inside(drawn: Floats, actual: Floats, level: int) -> float:
    """Return the part of seats whose result lies in the central interval of a level [%]."""
    low, high = np.quantile(drawn, (0.5 - level / 200, 0.5 + level / 200), axis=0)
    return float(((low <= actual) & (actual <= high)).mean())


ScoredCase = tuple[Prediction, dict[str, dict[str, Any]]]
"""A prediction, and its scores by rule."""


def pact_tables(
    found: Sequence[Prediction],
    title: str = "Where a party stood aside: predicted and real",
    notes: tuple[str, ...] = NOTES,
) -> tuple[Table, Table]:
    """Return the table of cases under the law, and that of rules over all cases."""
    scored = [(one, {row["rule"]: row for row in score(one)}) for one in found]
    return cases_table(scored, title, notes), rules_table(scored, notes[-1])


def cases_table(scored: Sequence[ScoredCase], title: str, notes: tuple[str, ...]) -> Table:
    """Return a row per case and recipient: what the law predicted and what happened."""
    return table_of(
        title,
        "-case | election | donor=Absent | recipient | named | left_out:integer=Left out | seats | "
        "donated | gain:difference! | gain_actual | part=Part | part_actual | part_error | "
        "-part_elsewhere:fraction | -error:difference | -absolute_error | -coverage_50 | "
        "-coverage_80 | coverage_90=Seats in 90 % | -wins_standing | wins_expected | wins",
        [rows[LAW] for _, rows in scored],
        *notes,
    )


def rules_table(scored: Sequence[ScoredCase], note: str) -> Table:
    """Return a row per class of cases and rule.

    Some rates have no row for some donors; the law is compared with a rule over the rule's cases.
    """
    classes: dict[str, list[ScoredCase]] = {}
    for one, rows in scored:
        classes.setdefault(class_of(one.case), []).append((one, rows))
    return table_of(
        "The law beside other rules",
        "class:text=Class | rule | cases:integer | seats | case_error | more:difference=More than "
        "the law's | more_error=± | nearer=Law nearer in | mean_inside | absolute_error | "
        "seat_more:difference=More than the law's | seat_more_error=± | coverage_50 | "
        "coverage_80 | coverage_90",
        [
            {"class": name} | _rule_row(rule, [one for one in of if rule in one[1]])
            for name, of in classes.items()
            for rule in dict.fromkeys(rule for _, rows in of for rule in rows)
        ],
        note,
        "More than the law's: the rule's mean error less the law's over the same cases, with its "
        "standard error from the jackknife over regions of an election (in Northern Ireland "
        "seats), or councils and years.",
    )


def class_of(case: Case) -> str:
    """Return the class of cases over which rules are compared."""
    if case.election not in PAIRS:
        return case.election
    where = NORTHERN if in_northern_ireland(case) else "Great Britain"
    return f"{'named' if case.named else 'not named'}, {where}"


def _rule_row(rule: str, scored: list[ScoredCase]) -> dict[str, Any]:
    """Return how a rule did over some cases, and how much worse than the law."""
    rows, law = ([own[name] for _, own in scored] for name in (rule, LAW))
    of = [one for one, _ in scored]
    nearer = sum(abs(a["error"]) < abs(b["error"]) for a, b in zip(law, rows, strict=True))
    seats = np.array([row["seats"] for row in rows])
    more = _class_errors(rule, of) - _class_errors(LAW, of)
    several = rule != LAW and more.shape[1] > 2
    case_error, seat_error = map(jackknife, more[:, 1:]) if several else (None, None)

    def mean(key: str) -> float:
        return float(seats @ [row[key] for row in rows] / seats.sum())

    return {
        "rule": rule,
        "cases": len(of),
        "seats": int(seats.sum()),
        "case_error": float(np.mean([abs(row["error"]) for row in rows])),
        "more": None if rule == LAW else float(more[0, 0]),
        "more_error": case_error,
        "nearer": None if rule == LAW else f"{nearer} of {len(of)}",
        "mean_inside": float(np.mean([row["mean_inside"] for row in rows])),
        "absolute_error": mean("absolute_error"),
        "seat_more": None if rule == LAW else float(more[1, 0]),
        "seat_more_error": seat_error,
        **{key: mean(key) for key in (f"coverage_{n}" for n in LEVELS)},
    }


def _class_errors(rule: str, of: list[Prediction]) -> Floats:
    """Return mean errors of cases and of seats in points, shape ``(2, 1 + place)``.

    First over all places, then without each.
    """
    error = np.concatenate([100 * (one.shares[rule].mean(0) - one.actual) for one in of])
    case = np.repeat(np.arange(len(of)), [len(one.actual) for one in of])
    labels = [f"{one.case.election} {k}" for one in of for k in one.place]
    places, place = np.unique(labels, return_inverse=True)

    def rest(values: Floats) -> Floats:
        own = np.zeros((1 + len(places), len(of)))
        np.add.at(own, (1 + place, case), values)
        return np.asarray(own.sum(0) - own)

    number, total = rest(np.ones(len(error))), rest(error)
    cases = np.abs(total / np.maximum(number, 1)).sum(1) / np.maximum((number > 0).sum(1), 1)
    seats = rest(np.abs(error)).sum(1) / np.maximum(number.sum(1), 1)
    return np.array([cases, seats])
