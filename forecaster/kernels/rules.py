"""Swing rules as plain NumPy functions on arrays: from national shares to seats.

Each rule maps a seat's last shares to new ones with one free number a party, theta; `rake` finds
the theta at which the seats' weighted mean comes out at the national target. The functions see
one nation at a time. Shapes: *base* ``(seat, party)``, national vectors ``(party,)``, *weight*
``(seat,)`` summing to one. All shares are fractions.

References
----------
Uniform swing: Butler and Stokes, *Political Change in Britain* (1969). Strong transition:
Baxter, "Strong Transition Model 2007" (Electoral Calculus, 28 October 2007). Asymmetric mixture:
this project, see ``docs/model.md``. Acceleration of the raking: Anderson, "Iterative procedures for
nonlinear integral equations", *Journal of the ACM* 12 (1965), of depth one.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from forecaster.kernels import exact

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

FLOOR = 0.002
"""A swing alone takes no party below 0.2 % in a seat (judgement; it decides no seat)."""


EXTRAPOLATION = -3.0, 1.0
"""At most three further steps are extrapolated, and at most the last one is taken back."""

SETTLED = 1e-10
"""Changes of the miss with a smaller sum of squares (a thousandth of a point) are too near to
rounding to extrapolate from; the step is a plain one then. A miss that no step can mend, such as
that of independents who keep their votes, would else be extrapolated for ever."""

TINY = 1e-6
"""Stands for a share of zero, where a party is new and a rule divides by its share."""


def mixture(base: Array, national: Array, theta: Array, weight_uniform: Array) -> Array:
    """Part uniform, part proportional: ``b + theta (lambda + (1 - lambda) b / B)``.

    ``weight_uniform`` (lambda) 1 is uniform swing, 0 proportional change.
    """
    moved = base + theta * (weight_uniform + (1 - weight_uniform) * base / national)
    return np.maximum(moved, np.minimum(base, FLOOR))


def logit(base: Array, theta: Array) -> Array:
    """Add theta to the log-odds of every party in every seat."""
    odds = (1 - base) / np.maximum(base, TINY)
    return np.asarray(1 / (1 + odds * exact.exp(-theta)))


def strong_transition(
    base: Array, national: Array, weak: Array, target: Array, threshold: float
) -> Array:
    """Losing parties lose weak voters first; gaining parties share what was lost in the seat.

    A party's voters in a seat are weak up to `threshold` and strong beyond it; `weak` is the
    national mean of the weak ones. A party that falls thus falls by the same points wherever it
    is above the threshold.
    """
    lost = np.maximum(national - target, 0)
    weak_lost = np.minimum(lost, weak)
    seat_weak = np.minimum(base, threshold)
    kept = seat_weak * (1 - weak_lost / np.maximum(weak, 1e-9))
    kept += (base - seat_weak) * (1 - (lost - weak_lost) / np.maximum(national - weak, 1e-9))
    gain = np.maximum(target - national, 0)
    return np.asarray(kept + gain / (gain.sum() + 1e-9) * (base - kept).sum(1, keepdims=True))


def close(shares: Array, stands: Mask) -> Array:
    """Zero the parties that do not stand and make each seat's shares sum to one."""
    shares = np.where(stands, shares, 0)
    return np.asarray(shares / shares.sum(1, keepdims=True))


def vote_tactically(shares: Array, best: npt.NDArray[np.int32], amount: Array) -> Array:
    """Move a part of each party's votes to the seat's best placed party of the bloc.

    Parameters
    ----------
    shares : ndarray, shape (seat, party)
    best : ndarray of int, shape (seat,)
        To which party, or -1 where nobody moves.
    amount : ndarray, shape (seat, party)
        Part of each party's votes that moves; zero for the best placed and outside the bloc.
    """
    moved = shares * np.where(best[:, None] >= 0, amount, 0)
    out = shares - moved
    out[np.arange(len(out)), np.maximum(best, 0)] += moved.sum(1)
    return out


def swing(
    rule: str,
    base: Array,
    stands: Mask,
    weight: Array,
    target: Array,
    swings: Mask,
    weight_uniform: Array,
    threshold: float,
    rakes: int,
    tactical: tuple[npt.NDArray[np.int32], Array] | None = None,
    accelerated: bool = False,
) -> Array:
    """Return seat shares of shape ``(seat, party)`` whose weighted mean is `target`.

    Parameters
    ----------
    rule : {"mixture", "logit", "strong-transition"}
        The form of the swing; uniform and proportional are mixtures with lambda 1 and 0.
    base, stands, weight, target
        As described at the head of the module.
    swings : ndarray of bool, shape (party,)
        False where the party keeps its base share (the Speaker, sitting independents).
    weight_uniform : ndarray, shape (party,)
        Lambda of the mixture; other rules ignore it.
    threshold : float
        Share up to which voters are weak; other rules than strong transition ignore it.
    rakes : int
        Rounds of raking.
    tactical : tuple of ndarray, optional
        `best` and `amount` of `vote_tactically`; the raking takes its effect into account.
    accelerated : bool
        Take steps of `accelerate` in place of plain ones: a simulation counts every round, a point
        forecast can afford many.
    """
    national = np.maximum(exact.dot(weight, base), TINY)
    weak = exact.dot(weight, np.minimum(base, threshold))
    # A new party has no shares that could be scaled: it starts level wherever it stands.
    new = national <= TINY
    weight_uniform = np.where(new, 1.0, weight_uniform)
    start = np.zeros_like(target)
    if rule == "mixture":
        start = target - national
    elif rule == "logit":
        level = np.clip(target, TINY, 1 - TINY)
        start = np.where(new, exact.log(level / (1 - level) * ((1 - TINY) / TINY)), 0.0)
    theta = np.where(swings, start, 0.0)
    step = last_miss = np.zeros_like(theta)
    for round_ in range(rakes + 1):
        if rule == "mixture":
            shares = mixture(base, national, theta, weight_uniform)
        elif rule == "logit":
            shares = logit(base, theta)
        else:
            shares = strong_transition(base, national, weak, target + theta, threshold)
        shares = close(shares, stands)
        if tactical is not None:
            shares = vote_tactically(shares, *tactical)
        if round_ == rakes:
            break
        mean = exact.dot(weight, shares)
        miss = target - mean
        if rule == "logit":
            mean = np.clip(mean, 1e-4, 1 - 1e-4)
            miss = miss / (mean * (1 - mean))
        miss = np.where(swings, miss, 0.0)
        step = accelerate(miss, miss - last_miss, step) if accelerated and round_ > 0 else miss
        theta, last_miss = theta + step, miss
    return shares


def accelerate(miss: Array, change: Array, step: Array) -> Array:
    """Return the next step of theta from the last one, which changed the miss by `change`.

    A plain step would be the miss itself. Here the last step, and what it did to the miss, are
    taken back by the part that would have left the smallest sum of squares, and the plain step is
    made from there (Anderson acceleration of depth one, a secant of the whole ballot paper).

    Parameters
    ----------
    miss, change, step : ndarray, shape (party,)
    """
    squares = exact.dot(change, change)
    part = np.clip(exact.dot(miss, change) / squares, *EXTRAPOLATION) if squares > SETTLED else 0.0
    return np.asarray(miss - part * (step + change))
