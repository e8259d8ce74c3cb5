"""The arrays that go into the kernels and come out of them, and the sizes they agree on.

Shares and standard deviations are fractions. Arrays are C-contiguous; masks are int32 zeros and
ones.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

COLUMNS = 8
"""Places on a ballot paper: two Threefry calls give exactly eight normals."""
NARROW = 6
"""Columns in use in most of England: its last two are the Speaker's and an independent's."""
SIX = 6
"""Covariates are worked off in sixes, of which the shipped model has one: a loop that unrolls."""
LANES = 256
"""Draws of a block, a multiple of 64: they are told apart as bits of words."""
BINS = 100
"""Bins of the share histogram, equal steps of the square root: a share of 1 % falls into a bin of
0.2 percentage points, one of 25 % into a bin of one point."""
MOST_COUNTED = 2**16 - 1
"""Draws that a counter of the share histogram holds: half as wide, it is in the cache sooner."""
SHARE_UNIT = 2**22
"""Shares are summed as integers in units of 2**-22, so that sums do not depend on their order; a
block's sum fits an int32."""

NOBODY = 31
"""Stands for the winner in a lane beyond the last draw; a bit that no mask of columns has."""

MIXTURE, LOGIT, STRONG_TRANSITION = 0, 1, 2

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]


class KernelPlan(NamedTuple):
    """The election without pacts; `forecaster.plan.build` builds and checks it."""

    nation: Ints  # (seat,)
    region: Ints  # (seat,)
    stands: Ints  # (seat, column) 1 where the party is on the ballot paper
    base: Floats  # (seat, column) share last time, imputed where the party did not stand
    weight: Floats  # (seat,) share of the nation's valid votes
    nation_base: Floats  # (nation, column) weighted mean of base, at least rules.TINY
    nation_weak: Floats  # (nation, column) weighted mean of min(base, weak_threshold)
    swings: Ints  # (nation, column) 0 where the share stays at the base (Speaker, independents)
    target: Floats  # (nation, column) expected share
    target_floor: Floats  # (nation, column)
    target_loading: Floats  # (nation, column, national factor)
    target_dof: int
    rule: int
    rakes: int
    weak_threshold: float
    lambda_row: Ints  # (nation, column) which of the lambda normals belongs to the party
    lambda_mean: Floats  # (2,) falling, rising
    lambda_sd: Floats  # (2,)
    lambda_bounds: Floats  # (2, 2)
    covariates: Floats  # (seat, factor) standardised
    slope_cholesky: Floats  # (nation, factor, column, column)
    slope_centre: Floats  # (nation, column, factor) weighted mean of size times covariate
    region_cholesky: Floats  # (nation, column, column)
    region_nation: Ints  # (region,)
    region_centre: Floats  # (region, column) weighted sum of size over the region
    offset: Floats  # (seat, column) incumbency, centred by nation
    size: Floats  # (seat, column) scale of the error relative to its standard deviation
    seat_cholesky: Floats  # (nation, column, column)
    seat_dof: int
    seat_spread: float  # standard deviation of the log of the election's own error scale
    share_floor: float
    win_factor: Floats  # (seat, column) best candidate's part of the column's votes
    tactical_best: Ints  # (seat,) column to which tactical voters move, or -1
    tactical_bloc: Ints  # (seat,) which bloc's kappa they follow
    tactical_clarity: Floats  # (seat, column) of the bloc's other parties, from 0 to 1
    tactical_kappa: Floats  # (bloc, 4) mean, SD, lowest, highest


class PactPlan(NamedTuple):
    """The scenarios after no-pact. An *action* is what one pact does in one seat."""

    scenarios: int  # with no-pact, which is number 0
    start: Ints  # (seat + 1,) a seat's actions are start[i] to start[i + 1], by scenario
    scenario: Ints  # (action,)
    pact: Ints  # (action,)
    flag: Ints  # (action,) column of the flag bearer
    transfer: Ints  # (action, column) row of transfer rates of who stands aside, or -1
    clarity: Floats  # (action, column) of members whose voters may move, else 0
    opponents: Ints  # (action, column) mask
    members: Ints  # (action, column) mask
    strength: Floats  # (pact, 4, 2) centre and SD on the log-odds scale of the constants below
    luck: Ints  # (pact,) item of the pact's random numbers: equal for equal luck
    transfer_weight: Floats  # (transfer, 4) arrive, opponent, abstain, other; before normalising
    transfer_sd: Floats  # (transfer, 3) of the logarithm of the first three, by election
    transfer_seat_sd: Floats  # (transfer,) of the logarithm of arrive, by seat
    transfer_donor: Ints  # (transfer,) column: donors share their luck over all rows


REFUSAL, BACKLASH, KAPPA, GAIN = 0, 1, 2, 3
"""What `PactPlan.strength` draws for each pact."""

NEVER = -60.0
"""Log-odds of a strength that a pact does not have: no float32 share changes by it."""

MOST_PACTS = 4
"""Pacts in one scenario."""

WITHOUT, WITH, GAINED, BACKFIRED, EXCEEDED = 0, 1, 2, 3, 4
"""What `Tally.effects` counts: an opponent wins without, with; the pact's side gains the seat,
loses it; the transfer exceeds what it takes in a seat that an opponent wins without."""

BREAK_EVEN_BINS = 101
"""A percentage point each, and a last bin for what no transfer could do."""


class TragedyPlan(NamedTuple):
    """Definitions of a tragedy as masks on the nations' ballot papers."""

    winners: Ints  # (definition, nation, column) whose win may be a tragedy
    together: Ints  # (definition, nation, column) parties added up
    against: Ints  # (definition, nation, column) bloc they must beat; all zero: the winner


class Sampling(NamedTuple):
    """Where random numbers come from: seeds and, for the factors, scrambled Sobol points.

    A coordinate of a point, as a word, is the shift and one direction for every bit that is set in
    the point's number, added without carrying. Without scrambles the factors are random too.
    """

    seeds: npt.NDArray[np.uint64]  # (stream,)
    start: Ints  # (stream,) first dimension
    rows: Ints  # (stream,) dimensions of an item
    shift: npt.NDArray[np.uint32]  # (scramble, dimension)
    direction: npt.NDArray[np.uint32]  # (scramble, dimension, bit)
    log_scale: Floats  # (degree + 1,) of the national shares' Student t, by a normal's rank
    each: int  # points of a scramble: draw n is point n % each of scramble n // each


class Tally(NamedTuple):
    """What a call counts. `n` is the number of draws of the call."""

    wins: npt.NDArray[np.int64]  # (scenario, seat, column)
    share_sum: npt.NDArray[np.int64]  # (scenario, seat, column) in SHARE_UNIT
    # (scenario, seat, column, bin), or empty; the kernel counts in the narrow type
    histogram: npt.NDArray[np.uint16] | npt.NDArray[np.uint32]
    seats_won: npt.NDArray[np.int16]  # (n, scenario, nation, column)
    national: Floats  # (n, nation, column) the shares drawn for each nation
    winners: npt.NDArray[np.int8]  # (n, scenario, seat), or empty
    regional: Floats  # (n, region, column) without pacts, of the nation's votes; or empty
    effects: npt.NDArray[np.int64]  # (action, 5)
    break_even: npt.NDArray[np.uint32]  # (action, BREAK_EVEN_BINS)
    tragedies: npt.NDArray[np.int64]  # (definition, seat)
    tragedies_in_draw: npt.NDArray[np.int16]  # (n, definition)


class Block(NamedTuple):
    """Working memory of one block of draws; the constants below name the rows of the first axis.

    Few arrays with many rows, not many arrays: where a loop is not written with vectors, the
    compiler checks every pair of arrays in it for overlap, and gives up where there are too many.
    """

    normals: Floats  # (row, lane)
    nations: Floats  # (10, nation, column, lane)
    columns: Floats  # (5, column, lane)
    lanes: Floats  # (5, lane)
    seen: Ints  # (4, lane)
    slots: Floats  # (4, MOST_PACTS, lane)
    roles: Floats  # (MOST_PACTS, 2, column)
    givers: Ints  # (MOST_PACTS, column + 1) whose votes a pact moves; in the end, how many are
    slopes: Floats  # (nation, factor, column, lane), factors filled up as those of `covariates`
    regional: Floats  # (region, column, lane)
    votes: Floats  # (region, column, lane) of the nation's votes
    kappa: Floats  # (bloc, lane)
    strength: Floats  # (pact, 4, lane)
    transfer: Floats  # (transfer, 4, lane)
    seats: Floats  # (seat, 7, column)
    width: Ints  # (seat,) columns up to the last in use
    covariates: Floats  # (seat, factor) filled up with zeros to a multiple of SIX
    tragedies: Ints  # (definition, lane)
    summed: Ints  # (2, column + 1) columns of a definition; in the end, how many
    totals: Ints  # (scenario, nation, column, lane); after no-pact, differences


# Rows of `Block.nations`: the drawn shares, the swing's lambda and theta, the coefficients that a
# rule makes of them, the mean share of the seats, the mean error that is taken out, and how far the
# last round of raking missed and moved theta.
TARGET, LAMBDA, THETA, FIRST, SECOND, THIRD, MEAN, CENTRE, MISS, STEP = range(10)
# Rows of `Block.columns`: shares without pacts and with them; the former of those who have not
# stood aside; the seat's part of a donor's luck; the uniform that decides on a refusal.
SHARES, MOVED, STANDING, LUCK, REFUSES = range(5)
# Rows of `Block.lanes`: scratch for sums and scales, the election's error scale, the winner's
# votes, and those who stay at home.
TOTAL, SCALE, SPREAD, BEST, LOST = range(5)
# Rows of `Block.seen`: who wins without and with the pacts; the bins of a column, and of the next.
# These take turns, so the first of them is even.
WINNER, SCENARIO_WINNER, BIN = range(3)
# Rows of `Block.seats`: 1 for those who stand, the share last time, the lowest share that a swing
# leaves, incumbency, size of the error, the best candidate's part, the clarity of tactical voting.
STANDS, BASE, FLOOR, OFFSET, SIZE, FACTOR, CLARITY = range(7)
# Rows of `Block.slots`, by the pact's place in its scenario: votes that arrived, all votes of the
# donors, and those on their way.
ARRIVED, DONATED, TO_OPPONENTS, TO_OTHERS = range(4)
# Rows of `Block.roles`, by the pact's place in its scenario: 1 for its opponents, and for all
# others but the flag bearer.
OPPONENTS, OTHERS = range(2)
# Rows of `Block.summed`: who is added up, and whom they must beat.
TOGETHER, AGAINST = range(2)
