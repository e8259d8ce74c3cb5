"""The core loop in JAX on the CPU, jitted over chunks of draws; needs the extra ``bench``."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from forecaster.kernels.layout import BINS, COLUMNS, KernelPlan

CHUNK = 256


def build(
    plan: KernelPlan, shares: np.ndarray, flag: np.ndarray, donors: np.ndarray
) -> Callable[[int, int], np.ndarray]:
    """Return a function of draws and seed that gives wins of shape ``(2, seat, column)``.

    Raises
    ------
    ImportError
        If JAX is not installed.
    """
    import jax
    import jax.numpy as jnp

    stands = jnp.asarray(plan.stands == 1, jnp.float32)
    own = jnp.asarray(plan.seat_cholesky[plan.nation])
    seats = len(plan.nation)
    nations = jnp.asarray(np.eye(len(plan.target), dtype=np.float32)[plan.nation])
    to_flag = jnp.asarray((np.arange(COLUMNS) == flag[:, None]) * 1.0, jnp.float32)
    rows = jnp.arange(seats * COLUMNS).reshape(seats, COLUMNS) * BINS

    def count(votes: jax.Array) -> tuple[jax.Array, ...]:
        won = jax.nn.one_hot((votes * plan.win_factor).argmax(2), COLUMNS, dtype=jnp.float32)
        bins = jnp.minimum((jnp.sqrt(votes) * BINS).astype(jnp.int32), BINS - 1) + rows
        histogram = jnp.bincount(bins.ravel(), length=seats * COLUMNS * BINS)
        return won.sum(0), jnp.einsum("dsc,sa->dac", won, nations), votes.sum(0), histogram

    @jax.jit
    def chunk(key: jax.Array) -> tuple[tuple[jax.Array, ...], ...]:
        one, two = jax.random.split(key)
        z = jax.random.normal(one, (CHUNK, seats, COLUMNS), jnp.float32)
        gamma = jax.random.gamma(two, plan.seat_dof / 2, (CHUNK, seats, 1), jnp.float32)
        scale = jnp.sqrt((plan.seat_dof - 2) / (2 * gamma))
        error = plan.size * scale * jnp.einsum("scj,dsj->dsc", own, z)
        votes = jnp.maximum(shares + plan.offset + error, plan.share_floor) * stands
        votes /= votes.sum(2, keepdims=True)
        given = votes * donors
        moved = votes - given + given.sum(2, keepdims=True) * to_flag
        return count(votes), count(moved)

    def simulate(draws: int, seed: int) -> np.ndarray:
        wins = np.zeros((2, seats, COLUMNS))
        for key in jax.random.split(jax.random.key(seed), draws // CHUNK):
            wins += np.array([counted[0] for counted in chunk(key)])
        return wins

    return simulate
