"""The arrays that go into the kernels and come out of them, and the sizes they agree on.

Shares and standard deviations are fractions. Arrays are C-contiguous; masks are int32 zeros and
ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

COLUMNS = 9
"""Places on the ballot papers of `forecaster.vocabulary`; the kernel takes those of its plan."""
NARROW = 6, 7
"""Columns that stand in most of England, without and with a new party: widths of kernels."""
SIX = 6
"""Covariates are worked off in sixes, of which the shipped model has one: a loop that unrolls."""
LANES = 64
"""Draws of a block, which the kernel simulates side by side and tells apart as bits of a word. What
an election has in common would not fit the first cache for more."""
TURNS = 4
"""Draws that share the seats' own random numbers, each a quarter turn further on: rotation sampling
(Fishman and Huang, "Antithetic variates revisited", *Communications of the ACM* 26, 1983)."""
FOURS = LANES // TURNS
"""A block has so many of them: draws `n`, ``n + FOURS``, ``n + 2 FOURS`` and ``n + 3 FOURS`` share
numbers."""
BINS = 100
"""Bins of the share histogram, equal steps of the square root: a share of 1 % falls into a bin of
0.2 percentage points, one of 25 % into a bin of one point."""
SHARES_EVERY = 4
"""The histogram is counted in every fourth block, unless all are asked for: its increments are the
only part of the kernel that no vector does, and quantiles are twice as uncertain as with all."""
TIE = 840
"""Parts of a draw that are divided between parties that tie for the most seats: a multiple of all
numbers up to eight."""
MOST_IN_RUN = 127
"""Seats that are counted in signed bytes before they are added up."""
MOST_COUNTED = 2**16 - 1
"""Draws that a counter of the share histogram holds: half as wide, it is in the cache sooner."""
SHARE_UNIT = 2**22
"""Shares are summed as integers in units of 2**-22, so that sums do not depend on their order; a
block's sum fits an int32."""

MIXTURE, LOGIT, STRONG_TRANSITION = 0, 1, 2
RULES = "mixture", "logit", "strong-transition"

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]


class KernelPlan(NamedTuple):
    """The election without pacts; `forecaster.plan.build` builds and checks it."""

    nation: Ints  # (seat,)
    region: Ints  # (seat,)
    party: Ints  # (nation, column) place among all parties; a party may stand in several nations
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
    strength_sd: Floats  # (nation, column) of the error that grows with a seat's `size`
    region_nation: Ints  # (region,)
    region_centre: Floats  # (region, column) weighted sum of size over the region
    offset: Floats  # (seat, column) what is expected beside the swing, centred by nation
    sitting: Floats  # (seat, column) chance that a sitting MP stands again
    sitting_centre: Floats  # (nation, column) its weighted mean
    incumbency_sd: Floats  # (nation, column) of the sitting MPs' advantage between elections
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


STRENGTH = "refusal", "backlash", "kappa", "gain"
"""What `PactPlan.strength` draws for each pact."""
REFUSAL, BACKLASH, KAPPA, GAIN = range(len(STRENGTH))

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
    # (scenario, party, seats): draws in which a party wins so many seats, and those of them in
    # which no other party wins more, in units of 1 / TIE draws
    totals: npt.NDArray[np.int64]
    largest: npt.NDArray[np.int64]
    seats_won: npt.NDArray[np.int16]  # (n, scenario, nation, column)
    national: Floats  # (n, nation, column) the shares drawn for each nation
    winners: npt.NDArray[np.int8]  # (n, scenario, seat), or empty
    regional: Floats  # (n, region, column) without pacts, of the nation's votes; or empty
    seat_shares: Floats  # (n, seat, column) without pacts; or empty
    effects: npt.NDArray[np.int64]  # (action, 5)
    break_even: npt.NDArray[np.uint32]  # (action, BREAK_EVEN_BINS)
    tragedies: npt.NDArray[np.int64]  # (definition, seat)
    tragedies_in_draw: npt.NDArray[np.int16]  # (n, definition)
    # Of the counters of these names: pairs of draws in which it happened both times.
    wins_twice: npt.NDArray[np.int64]
    effects_twice: npt.NDArray[np.int64]
    tragedies_twice: npt.NDArray[np.int64]


# --- What the kernel works with -----------------------------------------------------------------
Shape = tuple[int | str | tuple[str, ...], ...]
Declared = dict[str, tuple[str, Shape]]
"""Dtypes and shapes of arrays by name. In a shape, a name is a size that only a run knows; a tuple
of names is an axis whose places have these names, as ``m.seat.base`` in the kernel."""


def sized(shape: Shape, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """Return a declared shape in numbers."""
    return tuple(
        [sizes[n] if isinstance(n, str) else len(n) if isinstance(n, tuple) else n for n in shape]
    )


SEAT = (
    "base",  # share last time
    "floor",  # lowest share that a swing leaves
    "odds",  # against the base
    "stands",  # 1 for those who do
    "clarity",  # of tactical voting
    "best",  # all bits for whom it is, else none
    "offset",
    "sitting",  # chance of a sitting MP
    "size",  # of the error
    "factor",  # best candidate's part
)
USUAL = {
    **{("stands", c): 1.0 for c in range(7)},
    **{("factor", c): 1.0 for c in (0, 1, 2, 3, 4, 6)},
    ("sitting", 5): 0.0,
}
"""What the kernel knows of narrow seats, by row and column, as it is in most of England: candidates
share a column only among the others, who do not sit. A seat where it is otherwise is worked off as
one of all columns."""
MOVING = (0, 3), (1, 2, 4)
"""Columns among which tactical votes move in most seats. All are asked where it is otherwise."""


def of_seat(m: Any, n: Any, row: str, c: int) -> Any:
    """Return a number of the `n`-th seat, or what is known of all seats of its width."""
    known = m.known.get((row, c))
    return getattr(m.seat, row)[n, c] if known is None else known


def widths(m: Any) -> Iterator[tuple[int, int]]:
    """Go through the two places and widths of seats, and note what is known of such seats."""
    for place, width in enumerate((m.narrow, m.columns)):
        m.known = {} if place else USUAL
        yield place, width


NATION = (
    "target",  # the drawn shares
    "weight_uniform",  # lambda of the swing
    "theta",
    *("first", "second", "third"),  # the coefficients that a rule makes of them
    "mean",  # share of the seats
    "centre",  # mean error, which is taken out
    "incumbency",  # what a sitting MP has more than expected
    *("miss", "step"),  # how far the last round of raking missed, and moved theta
)
ROLE = (
    *("opponents", "others"),  # 1 for an action's opponents, and for all others but the flag bearer
    "clarity",  # of tactical voting
    "rival",  # best candidate's part of all but the flag bearer
)
# By the pact's place in its scenario: votes that arrived, all votes of the donors, and those on
# their way.
SLOT = "arrived", "donated", "to_opponents", "to_others"
LEVELS = "share_floor", "seat_spread", "weak_threshold"
# Rows of `seen`: who wins.
WITHOUT_PACTS, WITH_PACTS = range(2)

_F, _I, _U = "float32", "int32", "uint32"


def inputs(columns: int, streams: int) -> Declared:
    """Return dtype and shape of what `forecaster.kernels.packing` makes, by name.

    Seats are in the order in which they are worked off, actions in that of their seats; all else,
    and what a call counts, is as in the tuples above.
    """
    c = columns
    return {
        "keys": (_U, (streams, 2)),
        "start": (_I, (streams,)),
        "rows": (_I, (streams,)),
        "shift": (_U, ("scrambles", "dimensions")),
        "direction": (_U, ("scrambles", "dimensions", "bits")),
        "log_scale": (_F, ("terms",)),
        "levels": (_F, (LEVELS,)),
        "number": (_I, ("seats",)),  # the seat's own
        "region": (_I, ("seats",)),
        "bloc": (_I, ("seats",)),
        "moving": (_I, ("seats",)),  # place in `MOVING`; its length: all columns; -1: nobody moves
        "weight": (_F, ("seats",)),
        "seat": (_F, ("seats", SEAT, c)),
        "covariates": (_F, ("seats", "sixes", SIX)),
        "party": (_I, ("nations", c)),
        "runs": (_I, ("n_runs", 4)),  # first seat, last and one, nation, place in `widths`
        "ranges": (_I, ("nations", 2, 2)),  # first seat, last and one, by place in `widths`
        "nation_base": (_F, ("nations", c)),
        "nation_weak": (_F, ("nations", c)),
        "swings": (_I, ("nations", c)),
        "target": (_F, ("nations", c)),
        "target_floor": (_F, ("nations", c)),
        "target_loading": (_F, ("nations", c, "loadings")),
        "lambda_row": (_I, ("nations", c)),
        "lambda_law": (_F, (2, 4)),  # mean, SD, lowest, highest
        "slope_cholesky": (_F, ("nations", "factors", c, c)),
        "slope_centre": (_F, ("nations", c, "factors")),
        "region_cholesky": (_F, ("nations", c, c)),
        "strength_sd": (_F, ("nations", c)),
        "region_nation": (_I, ("regions",)),
        "region_centre": (_F, ("regions", c)),
        "seat_cholesky": (_F, ("nations", c, c)),
        "sitting_centre": (_F, ("nations", c)),
        "incumbency_sd": (_F, ("nations", c)),
        "tactical_kappa": (_F, ("blocs", 4)),
        "actions_from": (_I, ("seats_and_one",)),
        "action": (_I, ("actions",)),  # the action's own number
        "scenario": (_I, ("actions",)),
        "end_of_scenario": (_I, ("actions",)),  # of the seat's actions there
        "pact": (_I, ("actions",)),
        "flag": (_I, ("actions",)),
        "members": (_I, ("actions",)),  # as bits
        "opponents": (_I, ("actions",)),
        "has": (_I, ("actions", STRENGTH)),  # which of the pact's strengths there are
        "passes_on": (_I, ("actions",)),  # whether opponents or others get votes
        "givers": (_I, ("actions",)),  # how many columns give votes,
        "giver": (_I, ("actions", c)),  # which,
        "giver_row": (_I, ("actions", c)),  # and their row of transfer rates, or -1
        "lucky": (_I, ("actions",)),  # whose luck the seat's actions need, as bits
        "luck_column": (_I, ("luck_places",)),  # whose luck comes from where in a seat's counters
        "role": (_F, ("actions", ROLE, c)),
        "strength_law": (_F, ("pacts", len(STRENGTH), 2)),
        "luck_of": (_I, ("pacts",)),
        "transfer_weight": (_F, ("transfers", 4)),
        "transfer_sd": (_F, ("transfers", 3)),
        "transfer_donor": (_I, ("transfers",)),
        "transfer_luck": (_I, ("transfers",)),  # place of its SD in `seat_sd`, or -1 if it is zero
        "seat_sd": (_F, ("seat_sds",)),
        "sets_of": (_I, ("nations",)),  # sets of parties whose votes are added up
        "set_size": (_I, ("nations", "sets")),
        "in_set": (_I, ("nations", "sets", c)),  # their columns
        "tragedy": (_I, ("definitions", "nations", 3)),  # winners as bits, set, set they must beat
    }


def memory(columns: int, seen: str) -> Declared:
    """Return dtype and shape of the working memory of a block, by name."""
    c = columns
    return {
        "normals": (_F, ("normals_kept", LANES)),
        "nation": (_F, ("nations", NATION, c, LANES)),
        "slopes": (_F, ("nations", "padded", c, LANES)),  # factors filled up to sixes
        "region_error": (_F, ("regions", c, LANES)),
        "kappa": (_F, ("blocs", LANES)),
        "spread": (_F, (LANES,)),  # scale of seats' errors, negative in the second half
        "drawn": (_I, (LANES,)),  # all bits of a lane that is to be counted, else none
        "more_of_seats": (_I, ("seats_in_fours", FOURS)),  # a random word for each
        "own": (_F, (c, LANES // 2)),  # a seat's own errors; the other half has the opposite sign
        "shares": (_F, (c, LANES)),  # without pacts
        "moved": (_F, (c, LANES)),  # with pacts
        "standing": (_F, (c, LANES)),  # without pacts, of those who have not stood aside
        "chance": (_F, (4, LANES)),  # a normal each of four donors
        "luck": (_F, ("seat_sds", c, LANES)),  # factor of what arrives from each donor
        "lot": (_F, (c, LANES)),  # the uniform that decides on a refusal
        "lost": (_F, (LANES,)),  # who no longer votes
        "slot": (_F, (MOST_PACTS, SLOT, LANES)),
        "strength": (_F, ("pacts", STRENGTH, LANES)),
        "transfer": (_F, ("transfers", 4, LANES)),
        "parties": (_F, ("sets_and_winner", LANES)),
        "bins": (_I, (c, LANES)),
        "needed": (_I, (LANES,)),  # percentage points to break even
        "seen": ("uint8", (2, LANES)),
        "seen_of_many": (seen, (2, LANES)),  # of seats with more columns than a byte has bits
        "won": ("int8", ("scenarios", c, LANES)),  # by a run of seats of one nation
        "in_nation": ("int16", ("scenarios", "nations", c, LANES)),  # after no-pact, differences
        "in_all": ("int16", ("every_party", LANES)),
        "most": ("int16", (2, LANES)),  # seats of the largest party, and how many have so many
        "tragic": ("int8", ("definitions", LANES)),
        "tragic_totals": ("int16", ("definitions", LANES)),
        "votes": (_F, ("regions", c, LANES)),
    }


def outputs(columns: int) -> Declared:
    """Return dtype and shape of what a call counts, which are those of `Tally`, by name."""
    c = columns
    return {
        "wins": ("int64", ("scenarios", "seats", c)),
        "share_sum": ("int64", ("scenarios", "seats", c)),
        "histogram": ("uint16", ("histograms", "seats", c, BINS)),
        "totals": ("int64", ("scenarios", "every_party", "seats_and_one")),
        "largest": ("int64", ("scenarios", "every_party", "seats_and_one")),
        "seats_won": ("int16", ("draws", "scenarios", "nations", c)),
        "national": (_F, ("draws", "nations", c)),
        "winners": ("int8", ("stored", "scenarios", "seats")),
        "regional": (_F, ("voting", "regions", c)),
        "seat_shares": (_F, ("sharing", "seats", c)),
        "effects": ("int64", ("actions", 5)),
        "break_even": (_U, ("actions", BREAK_EVEN_BINS)),
        "tragedies": ("int64", ("definitions", "seats")),
        "tragedies_in_draw": ("int16", ("draws", "definitions")),
        "wins_twice": ("int64", ("scenarios", "seats", c)),
        "effects_twice": ("int64", ("actions", 5)),
        "tragedies_twice": ("int64", ("definitions", "seats")),
    }
