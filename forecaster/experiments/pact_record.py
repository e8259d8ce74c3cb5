"""The record of pacts: absences of a party, predicted as if there were a pact, and scored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from forecaster.arrays import Bools, Floats
from forecaster.calibration.natural_experiments import no_pact, remain
from forecaster.calibration.published_matrices import MATRICES, published_matrix
from forecaster.calibration.transfer_evidence import Piece
from forecaster.calibration.transfer_file import evidence_for, rates_from
from forecaster.columns import columns
from forecaster.config.pact import TransferTable, read_transfers
from forecaster.elections.election import Election, read_election
from forecaster.experiments.absences import LAW, Case, Prediction, predict
from forecaster.experiments.backtest import check_before, known_elections, run_before
from forecaster.swing.tactical import PAIRS
from forecaster.table import Table
from forecaster.vocabulary import BALLOT, NATIONS, PARTIES

LEVELS = (50, 80, 90)
"""Intervals that are scored [%]."""

NOTES = (
    "Of the vote: what the absent parties would have had; gain: of the recipient, in points; part: "
    "the gain as a part of those votes. What came is the part at which the mean error over the "
    "seats would be zero; its standard error is the model's, for errors of single seats and shared "
    "ones. Won: expected, and real. Reform was UKIP until 2017 and the Brexit Party in 2019.",
    "Named: whether the absent party stood aside for this recipient; then the rates are formal. "
    "Where it named nobody, each large party is looked at in turn, with informal rates. Left out: "
    "how many pieces of evidence come from the case itself; the rates were estimated without them.",
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
) -> list[dict[str, Any]]:
    """Predict and score every case of some elections, or of all.

    Parameters
    ----------
    elections : sequence of str
    draws : int
    changes : mapping, optional
        Changes of the config, values by dotted key.
    rates : TransferTable or str, optional
        The law, or its name or file; by default that of `law_of_case`.
    progress : callable, optional
        Called with the number of cases just finished.

    Returns
    -------
    list of dict
        A row per case, recipient and rule; see `score`.
    """
    given = read_transfers(rates) if isinstance(rates, str) else rates
    names = known_elections(elections)
    check_before(names, "truth", draws, changes)
    rows = []
    for name in names:
        config = run_before(name, "truth", draws, changes)
        after = read_election(name)
        for case in cases_of((name,)):
            law, left_out = (given, None) if given else law_of_case(case)
            others = matrices_for(case.donors, case.recipient)
            found = score(predict(case, CASES[case](after), config, law, after, others))
            rows += [row | {"left_out": left_out} for row in found]
            if progress is not None:
                progress(1)
    return rows


def matrices_for(donors: Iterable[str], recipient: str) -> dict[str, TransferTable]:
    """Return the published matrices with rates of all donors to a recipient."""
    every = {name: published_matrix(name) for name in MATRICES}
    return {
        name: matrix
        for name, matrix in every.items()
        if all(matrix.find(donor, recipient, None) for donor in donors)
    }


@cache
def law_of_case(case: Case) -> tuple[TransferTable, int]:
    """Return the rates for a case, and how much evidence from the case itself was left out.

    Rates are formal if a flag bearer was named, and informal otherwise. See `law_without`.
    """

    def of_case(piece: Piece) -> bool:
        same = piece.kind == "absence" and piece.period.startswith(case.election)
        return same and piece.donor in case.donors

    return law_without(of_case, "formal" if case.named else "informal", abroad=not case.named)


def law_without(
    left_out: Callable[[Piece], bool], name: str, abroad: bool
) -> tuple[TransferTable, int]:
    """Return rates estimated without some pieces of evidence, and the number of these."""
    every = evidence_for(name)
    rest = [piece for piece in every if not left_out(piece)]
    law = TransferTable.model_validate(rates_from(rest, name, abroad))
    return law, len(every) - len(rest)


def score(found: Prediction) -> list[dict[str, Any]]:
    """Return a row per rule: its prediction, the result, and the coverage of its intervals.

    The actual part of the absent parties' votes that the recipient got is the part at which the
    mean error would be zero, interpolated between the rules "no vote" and "every vote".
    """
    means = {rule: float(s.mean() - found.actual.mean()) for rule, s in found.shares.items()}
    none, whole = means["no vote"], means["every vote"] - means["no vote"]
    donated = float(found.donated.mean())
    actual, spread = -none / whole, float(found.shares["no vote"].mean(1).std()) / whole
    rows = []
    for rule, drawn in found.shares.items():
        part = (means[rule] - none) / whole
        low, high = np.quantile(drawn.mean(1), (0.05, 0.95))
        rows.append(
            {
                "case": found.case.name,
                "election": found.case.election,
                "donor": "+".join(found.case.donors),
                "recipient": found.case.recipient,
                "country": NORTHERN
                if found.case.recipient in BALLOT[NORTHERN]
                else "Great Britain",
                "named": "yes" if found.case.named else "no",
                "rule": rule,
                "seats": len(found.actual),
                "donated": donated,
                "part": part,
                "part_actual": actual,
                "part_error": spread,
                "gain": 100 * part * donated,
                "gain_actual": 100 * actual * donated,
                "error": 100 * means[rule],
                "absolute_error": 100 * float(np.abs(drawn.mean(0) - found.actual).mean()),
                **{f"coverage_{n}": inside(drawn, found.actual, n) for n in LEVELS},
                "mean_inside": float(low <= found.actual.mean() <= high),
                "wins_standing": found.wins.get("standing"),
                "wins_expected": found.wins.get(rule),
                "wins": found.won,
            }
        )
    return rows


def inside(drawn: Floats, actual: Floats, level: int) -> float:
    """Return the part of seats whose result lies in the central interval of a level [%]."""
    low, high = np.quantile(drawn, (0.5 - level / 200, 0.5 + level / 200), axis=0)
    return float(((low <= actual) & (actual <= high)).mean())


def pact_tables(
    rows: list[dict[str, Any]],
    title: str = "Where a party stood aside: predicted and real",
    notes: tuple[str, ...] = NOTES,
) -> tuple[Table, Table]:
    """Return the table of cases under the law, and that of rules over all cases."""
    return cases_table(rows, title, notes), rules_table(rows, notes[-1])


def cases_table(rows: list[dict[str, Any]], title: str, notes: tuple[str, ...]) -> Table:
    """Return a row per case and recipient: what the law predicted and what happened."""
    return Table(
        title,
        columns(
            "-case | election | donor=Absent | recipient | named | left_out:integer=Left out | "
            "seats | donated | gain:difference! | gain_actual | part=Part | part_actual | "
            "part_error | -error:difference | -absolute_error | -coverage_50 | -coverage_80 | "
            "coverage_90=Seats in 90 % | -wins_standing | wins_expected | wins"
        ),
        [row for row in rows if row["rule"] == LAW],
        notes,
    )


def rules_table(rows: list[dict[str, Any]], note: str) -> Table:
    """Return a row per rule, by country, for cases with a named flag bearer and those without.

    A published matrix has no rates for some donors; the law's error is over the same cases.
    """
    laws = {_of_case(row): row for row in rows if row["rule"] == LAW}
    out = []
    for country, named in dict.fromkeys((row["country"], row["named"]) for row in rows):
        for rule in dict.fromkeys(row["rule"] for row in rows):
            wanted = country, named, rule
            of = [r for r in rows if (r["country"], r["named"], r["rule"]) == wanted]
            if not of:
                continue
            law = [laws[_of_case(row)] for row in of]
            nearer = sum(abs(a["error"]) < abs(b["error"]) for a, b in zip(law, of, strict=True))
            seats = np.array([row["seats"] for row in of])

            def mean(key: str, of: Any = of, seats: Any = seats) -> float:
                return float(seats @ [row[key] for row in of] / seats.sum())

            out.append(
                {
                    "country": country,
                    "named": named,
                    "rule": rule,
                    "cases": len(of),
                    "seats": int(seats.sum()),
                    "case_error": float(np.mean([abs(row["error"]) for row in of])),
                    "law_error": float(np.mean([abs(row["error"]) for row in law])),
                    "nearer": None if rule == LAW else f"{nearer} of {len(of)}",
                    "mean_inside": float(np.mean([row["mean_inside"] for row in of])),
                    **{k: mean(k) for k in ("absolute_error", *(f"coverage_{n}" for n in LEVELS))},
                }
            )
    return Table(
        "The law beside naive rules",
        columns(
            "country:text=Country | named | rule | cases:integer | seats | case_error | "
            "law_error:number=Law's there | nearer=Law nearer in | mean_inside | absolute_error | "
            "coverage_50 | coverage_80 | coverage_90"
        ),
        out,
        (note,),
    )


def _of_case(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[key] for key in ("case", "election", "donor", "recipient", "named"))
