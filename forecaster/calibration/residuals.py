"""What a past election did in each seat beyond the swing to its true national shares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecaster.arrays import Bools, Floats, Ints
from forecaster.config.parameters import Parameters
from forecaster.elections.election import read_election
from forecaster.kernels import rules
from forecaster.swing.base import (
    Base,
    build_base,
    fixed_columns,
    nation_shares,
    standardised_covariates,
    to_columns,
)
from forecaster.swing.tactical import PAIRS, Moves, estimate_kappa, facing, swing_by_lambda
from forecaster.vocabulary import BALLOT, COVARIATES, NATIONS, PARTIES, REGIONS

BRITISH = ("Con", "Lab", "LD", "Reform", "Green", "Other", "SNP", "PC")
FEWEST_SEATS = 25
"""Below this, a party's part in an election is not evaluated (judgement)."""

NORTHERN_IRELAND = NATIONS.index("Northern Ireland")
STEP = 0.1
"""Of lambda, for numerical derivatives: large enough that what the raking leaves is no matter."""

PP = 100.0
BALLOT_OF_BRITAIN = [BALLOT[nation] for nation in NATIONS if nation != "Northern Ireland"]


@dataclass(frozen=True)
class Lambdas:
    """Law of the mixture's lambda: mean and spread, falling then rising."""

    mean: tuple[float, float]
    sd: tuple[float, float]


START = Lambdas((0.5, 0.5), (0.3, 0.3))
"""Where the search for lambda begins: half uniform, half proportional, either way."""


@dataclass(frozen=True)
class Contest:
    """One party at one election, in the seats of Great Britain where it stood.

    Attributes
    ----------
    seat : ndarray of int, shape (n,)
        Position among the 650.
    residual : ndarray, shape (n,)
        Actual less expected share [pp].
    expected, actual : ndarray, shape (n,)
        Shares [fraction].
    covariates : ndarray, shape (n, covariate)
        Standardised over Great Britain.
    region, nation : ndarray of int, shape (n,)
    weight : ndarray, shape (n,)
        Share of the nation's votes.
    sitting : ndarray, shape (n,)
        1 where the party that won the base has its sitting MP on the ballot paper.
    by_lambda : ndarray, shape (n, 2)
        Derivative of the expected share by lambda where the party falls and where it rises [pp].
    """

    seat: Ints
    residual: Floats
    expected: Floats
    actual: Floats
    covariates: Floats
    region: Ints
    nation: Ints
    weight: Floats
    sitting: Floats
    by_lambda: Floats


@dataclass(frozen=True)
class Pull:
    """How all shares of an election in Great Britain answer to the lambda of each party.

    Attributes
    ----------
    residual : ndarray, shape (share,)
        Actual less expected share, of all seats and columns [pp].
    rises : ndarray of int, shape (unit,)
        A unit is a party in the nations where it falls (0) or rises (1).
    by_lambda : ndarray, shape (share, unit)
        Derivative of the expected shares by the unit's lambda [pp].
    sitting : ndarray, shape (share, party)
        1 where the party that won the base has its sitting MP on the ballot paper.
    """

    residual: Floats
    rises: Ints
    by_lambda: Floats
    sitting: Floats


@dataclass(frozen=True)
class Squeezes:
    """How far the first bloc gathered at the by-elections before a general election.

    Attributes
    ----------
    moved : ndarray, shape (by-election,)
        Part of the other parties' votes that moved to the best.
    part : ndarray, shape (by-election,)
        Part of the bloc's votes that the other parties were expected to have.
    """

    moved: Floats
    part: Floats


@dataclass(frozen=True)
class Past:
    """An election beside what the swing expected of it.

    Attributes
    ----------
    name : str
    contests : dict of Contest
        By party of Great Britain.
    pull : Pull
    northern_ireland : dict of ndarray
        Residuals of uniform swing by party, where it stood both times [pp].
    stood_again : float
        Share of seats in which the party that won the base has its sitting MP on the ballot paper.
    kappa : float
        Change of tactical voting of the first bloc.
    squeezes : Squeezes
    """

    name: str
    contests: dict[str, Contest]
    pull: Pull
    northern_ireland: dict[str, Floats]
    stood_again: float
    kappa: float
    squeezes: Squeezes


def compare(election: str, lambdas: Lambdas, parameters: Parameters, squeezes: Squeezes) -> Past:
    """Compare an election with the swing to its true national shares.

    Tactical voting is taken out at the election's own kappa, as the model draws it apart.

    Parameters
    ----------
    election : str
        One of `swing.tactical.PAIRS`; its result, and that before as base, are read.
    lambdas : Lambdas
        Their means make the swing.
    parameters : Parameters
        Supplies what is not estimated: donors of imputed votes, blocs, clarity, covariates.
    squeezes : Squeezes
        Of the by-elections before it.
    """
    before, after = read_election(PAIRS[election]), read_election(election)
    donors = parameters.seat.imputed_from.value.get(before.name, {})
    base = build_base(before, after, donors, parameters.seat.stand_again.value)
    target = nation_shares(after, names_from=before)
    rises = (target >= _means(base)).astype(int)
    by_nation = np.array(lambdas.mean)[rises]
    kappa, moves = _tactical(election, base, target, by_nation, lambdas, parameters)
    expected = swing_by_lambda(base, target, by_nation, moves)
    votes = to_columns(after, after.votes.astype(float))
    actual = votes / votes.sum(1, keepdims=True)
    used = base.stands & ~fixed_columns()[base.seats.nation]
    # The Speaker's seat has no contest.
    used &= (after.votes[:, PARTIES.index("Spk")] == 0)[:, None]
    # Where nobody stood for Other, there is nothing to swing.
    used &= expected >= rules.FLOOR
    names = used_covariates(parameters)
    covariates = standardised_covariates(base.seats, names, base.seats.nation != NORTHERN_IRELAND)
    sitting = base.sitting * (base.holder[:, None] == np.arange(base.shares.shape[1]))
    answers = _answers(base, target, by_nation, rises, moves, expected)
    contests = {}
    for party in BRITISH:
        column, seat = _where(party, base, used)
        if len(seat) < FEWEST_SEATS:
            continue
        at = (seat, column[seat])
        still = np.zeros_like(expected)
        contests[party] = Contest(
            seat=seat,
            residual=PP * (actual - expected)[at],
            expected=expected[at],
            actual=actual[at],
            covariates=covariates[seat],
            region=base.seats.region[seat],
            nation=base.seats.nation[seat],
            weight=base.weight[seat],
            sitting=sitting[at],
            by_lambda=np.column_stack([answers.get((party, k), still)[at] for k in (0, 1)]),
        )
    return Past(
        election,
        contests,
        _pull(base, PP * (actual - expected), used, answers, sitting),
        _northern_ireland(base, target, actual, used),
        float(sitting.sum(1).mean()),
        kappa,
        squeezes,
    )


def used_covariates(parameters: Parameters) -> tuple[str, ...]:
    """Return the covariates that a model file names, in the order of the vocabulary."""
    return tuple(name for name in COVARIATES if name in parameters.seat.slope_sd.value)


def _means(base: Base) -> Floats:
    of = np.arange(len(NATIONS))[:, None] == base.seats.nation
    return np.asarray((of * base.weight) @ base.shares)


def _where(party: str, base: Base, used: Bools) -> tuple[Ints, Ints]:
    """Return the party's column by seat, and the seats of Great Britain where it stood."""
    columns = [
        BALLOT[n].index(party) if party in BALLOT[n] and a != NORTHERN_IRELAND else -1
        for a, n in enumerate(NATIONS)
    ]
    column = np.array(columns)[base.seats.nation]
    there = (column >= 0) & used[np.arange(len(column)), column]
    return column, np.flatnonzero(there)


def _tactical(
    election: str,
    base: Base,
    target: Floats,
    by_nation: Floats,
    lambdas: Lambdas,
    parameters: Parameters,
) -> tuple[float, Moves]:
    """Return kappa, to whom the first bloc's voters moved, and which part of each party's votes."""
    bloc = parameters.swing.tactical.value[0]
    swing = parameters.swing
    changed = {
        name: quantity.model_copy(
            update={"value": quantity.value.model_copy(update={"mean": mean})}
        )
        for name, quantity, mean in (
            ("lambda_falling", swing.lambda_falling, lambdas.mean[0]),
            ("lambda_rising", swing.lambda_rising, lambdas.mean[1]),
        )
    }
    swung = parameters.model_copy(update={"swing": swing.model_copy(update=changed)})
    kappa = estimate_kappa(election, bloc.members, bloc.opponents, swung).kappa
    plain = swing_by_lambda(base, target, by_nation, None)
    _, best, gap = facing(base, plain, bloc.members, bloc.opponents)
    return kappa, (best, kappa * gap / (gap + swing.half_clarity.value))


def _answers(
    base: Base, target: Floats, by_nation: Floats, rises: Ints, moves: Moves, expected: Floats
) -> dict[tuple[str, int], Floats]:
    """Return how all shares answer to the lambda of a party where it falls (0) or rises (1)."""
    out = {}
    for party in BRITISH:
        columns = np.array([[party == name for name in BALLOT[n]] for n in NATIONS])
        columns[NORTHERN_IRELAND] = False
        for k in (0, 1):
            moved = columns & (rises == k)
            if moved.any():
                shifted = swing_by_lambda(base, target, by_nation + STEP * moved, moves)
                out[party, k] = PP * (shifted - expected) / STEP
    return out


def _pull(
    base: Base,
    residual: Floats,
    used: Bools,
    answers: dict[tuple[str, int], Floats],
    sitting: Floats,
) -> Pull:
    used = used & (base.seats.nation != NORTHERN_IRELAND)[:, None]
    # Other is no party, and says nothing of lambda.
    units = [unit for unit in answers if unit[0] != "Other"]
    names = np.array(BALLOT_OF_BRITAIN)[base.seats.nation.clip(max=2)]
    return Pull(
        residual[used],
        np.array([k for _, k in units]),
        np.column_stack([answers[unit][used] for unit in units]),
        np.column_stack([(sitting * (names == party))[used] for party in BRITISH]),
    )


def _northern_ireland(base: Base, target: Floats, actual: Floats, used: Bools) -> dict[str, Floats]:
    expected = swing_by_lambda(base, target, np.ones_like(target), None)
    # A new independent who wins takes a party's voters along: Lady Hermon left the UUP with North
    # Down in 2010. No law of swing errors holds that.
    alone = (fixed_columns()[base.seats.nation] & (actual > 0) & (base.last == 0)).any(1)
    there = ((base.seats.nation == NORTHERN_IRELAND) & ~alone)[:, None] & used & (base.last > 0)
    return {
        party: PP * (actual - expected)[there[:, column], column]
        for column, party in enumerate(BALLOT["Northern Ireland"])
        if party not in BRITISH
    }


def region_columns(region: Ints) -> Floats:
    """Return indicator columns, shape ``(n, region)``."""
    return np.asarray((region[:, None] == np.arange(len(REGIONS))).astype(float))
