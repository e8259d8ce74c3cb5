"""The map's layout: a hexagon for each seat, close to where the seat lies.

Neighbours shall lie one hexagon apart, in their true direction. The least-squares solution spreads
the cities and shrinks the Highlands. What still overlaps is pushed apart. The seats are then
assigned to the cells of a hexagonal lattice at the least total squared distance (the Hungarian
method), repeatedly, until holes inside the country are filled and every region holds together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from catalogue import Table, table_of
from raw import decimal
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import lsqr
from scipy.spatial import Delaunay, cKDTree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from raw import Row

    from forecaster.arrays import Bools, Floats, Ints

ROW = np.sqrt(3) / 2
"""Distance between two rows of hexagons whose centres are one apart."""

OFFSHORE = ("Orkney and Shetland", "Na h-Eileanan an Iar")
"""Seats that are islands far out: drawn on their own, touching no other."""

LONG = 2.5
"""A neighbour further away than so many times the nearest three lies across water."""

CHANNEL = ((360_000, 196_000), (345_000, 183_000), (328_000, 171_000), (100_000, 150_000))
"""Along the middle of the Severn's mouth and the Bristol Channel, to the open sea [m]. Seats on its
two shores are too near each other to be told apart by `LONG`."""

LOOSE = 1.3
"""The least-squares map is drawn so much larger, to be less crowded before the pushing."""

INSIDE = 8.0
"""A cell amid others is so much cheaper: more than a row of seats moving up by one costs."""

REGION = 0.15
"""A cell among another region's only costs so much more, times the round."""

ROUNDS = 30
"""After so many rounds regions in pieces are brought together, and holes are filled."""


def hexmap_table(seats: Mapping[str, Row], boundaries: str) -> Table:
    """Return the table of cells, a row per seat of one set of boundaries."""
    codes = sorted(seats)
    path = f"geography/centroids-{boundaries}-boundaries.csv"
    places = np.array(
        [[decimal(seats[c], axis, path) for axis in ("cent_e", "cent_n")] for c in codes]
    )
    regions = np.unique([seats[code]["Region name"] for code in codes], return_inverse=True)[1]
    ireland = np.array([seats[code]["Country name"] == "Northern Ireland" for code in codes])
    offshore = np.array([seats[code]["name"] in OFFSHORE for code in codes])
    main = ~ireland & ~offshore
    cells = np.zeros((len(codes), 2), int)
    cells[main] = laid_out(places[main], regions[main])
    for i in np.flatnonzero(offshore):
        cells[i] = _at_sea(places[i], places[main], cells[main])
    north = laid_out(places[ireland], regions[ireland])
    cells[ireland] = _beside(north, places[ireland], places[~ireland], cells[~ireland])
    cells -= [0, cells[:, 1].min()]
    cells -= [np.floor(_centres(cells)[:, 0].min()).astype(int), 0]
    return table_of(
        f"map/{boundaries}-boundaries.csv",
        [[code, str(q), str(r)] for code, (q, r) in zip(codes, cells, strict=True)],
        boundaries=boundaries,
    )


def laid_out(places: Floats, regions: Ints) -> Ints:
    """Return the axial cells ``(q, r)`` of seats that form one land, shape (seat, 2).

    `places`, shape (seat, 2): eastings and northings [m].
    """
    edges = neighbours(places)
    wanted = pushed_apart(LOOSE * one_apart(places, edges), edges, regions)
    return assigned(np.round(wanted, 3), regions)


def neighbours(places: Floats) -> Ints:
    """Return pairs of seats that border each other: Delaunay's, but for those across water."""
    corners = Delaunay(places).simplices
    pairs = np.vstack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
    pairs = np.unique(np.sort(pairs, axis=1), axis=0)
    distance = np.linalg.norm(places[pairs[:, 0]] - places[pairs[:, 1]], axis=1)
    near = cKDTree(places).query(places, 4)[0][:, 1:].mean(1)
    near_enough = distance < LONG * near[pairs].max(1)
    return np.asarray(pairs[near_enough & ~_over_channel(places[pairs])])


def _over_channel(ends: Floats) -> Bools:
    """Return which lines, of shape (line, end, 2), cross the Bristol Channel."""
    shore = np.array(CHANNEL, float)
    start, along = ends[:, None, 0], ends[:, None, 1] - ends[:, None, 0]
    other, there = shore[:-1], np.diff(shore, axis=0)
    apart, wide = other - start, _cross(along, there)
    inside = [(t > 0) & (t < 1) for t in (_cross(apart, v) / wide for v in (there, along))]
    return np.asarray((inside[0] & inside[1]).any(1))


def _cross(one: Floats, other: Floats) -> Floats:
    return one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0]


def one_apart(places: Floats, edges: Ints) -> Floats:
    """Return positions in which neighbours lie about one apart in their true direction."""
    along = places[edges[:, 1]] - places[edges[:, 0]]
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    row = np.arange(len(edges))
    signs = np.repeat([-1.0, 1.0], len(edges))
    place = (np.concatenate([row, row]), edges.T.ravel())
    difference = coo_matrix((signs, place), shape=(len(edges), len(places))).tocsr()
    solved = [lsqr(difference, along[:, k], atol=1e-12, btol=1e-12)[0] for k in (0, 1)]
    return np.column_stack(solved)


def pushed_apart(positions: Floats, edges: Ints, regions: Ints, steps: int = 400) -> Floats:
    """Return positions in which seats keep their distance: at least one from a neighbour.

    Seats of different regions keep a little more, and seats that do not border each other more
    still, which holds the firths and estuaries open. Neighbours further apart are drawn together.
    """
    y = positions.copy()
    bordering = {tuple(pair) for pair in edges.tolist()}
    same = regions[edges[:, 0]] == regions[edges[:, 1]]
    for _ in range(steps):
        pairs = np.sort(cKDTree(y).query_pairs(1.5, output_type="ndarray"), axis=1)
        pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
        border = np.array([tuple(pair) in bordering for pair in pairs.tolist()])
        least = np.where(regions[pairs[:, 0]] == regions[pairs[:, 1]], 1.0, 1.15)
        least = np.where(border, least, np.where(least > 1, 1.5, 1.2))
        force = np.zeros_like(y)
        _push(force, y, pairs, lambda length, least=least: np.minimum(length - least, 0) / 2)
        _push(force, y, edges, lambda length: 0.1 * np.where(same, 1, 0.3) * _over(length))
        y += 0.4 * force
    return y


def _over(length: Floats) -> Floats:
    return np.maximum(length - 1.1, 0)


def _push(force: Floats, y: Floats, pairs: Ints, pull: Callable[[Floats], Floats]) -> None:
    """Add the pull of each pair on its two ends; a negative one pushes."""
    along = y[pairs[:, 1]] - y[pairs[:, 0]]
    length = np.maximum(np.linalg.norm(along, axis=1), 1e-9)
    step = (pull(length) / length)[:, None] * along
    np.add.at(force, pairs[:, 0], step)
    np.add.at(force, pairs[:, 1], -step)


def assigned(positions: Floats, regions: Ints) -> Ints:
    """Return the axial cells that seats get at the least cost, holes filled, regions whole.

    A cell costs a seat the squared distance to its position. After each round, cells among others
    become cheaper and cells that stand alone dearer. A cell is also dearer for a seat the more of
    its surroundings belongs to other regions, with a weight that grows each round. In the end,
    cells apart from the rest of their region become dearer for it, and cells of enclosed holes
    cheaper for all, until there are none.
    """
    cells = _lattice(positions)
    centres = _centres(cells)
    cost = ((positions[:, None] - centres) ** 2).sum(2)
    around = cKDTree(centres).query_ball_point(centres, 1.01)
    touching = cKDTree(centres).query_pairs(1.01, output_type="ndarray")
    cheaper = np.zeros(len(cells))
    foreign, apart = np.zeros((2, regions.max() + 1, len(cells)))
    for turn in range(10 * ROUNDS):
        dearer = REGION * min(turn, ROUNDS - 1) * foreign + apart
        chosen = linear_sum_assignment(cost - cheaper + dearer[regions])[1]
        region_in = np.full(len(cells), -1)
        region_in[chosen] = regions
        if turn >= ROUNDS - 1:
            astray = _astray(region_in, touching)
            if not len(astray):
                return cells[chosen]
            hole = region_in[astray] < 0
            cheaper[astray[hole]] += 1
            apart[region_in[astray[~hole]], astray[~hole]] += 1
        for k, ring in enumerate(around):
            here = region_in[ring]
            here = here[here >= 0]
            taken_beside = len(here) - (region_in[k] >= 0)
            if taken_beside >= 5:
                cheaper[k] = max(cheaper[k], INSIDE)
            elif taken_beside <= 1:
                cheaper[k] -= 1.0
            if len(here):
                foreign[:, k] = 1 - np.bincount(here, minlength=len(foreign)) / len(here)
    raise AssertionError("both sets of boundaries come together in a few rounds more")


def _astray(region_in: Ints, touching: Ints) -> Ints:
    """Return the cells apart from the largest piece of their region, or of the sea (-1)."""
    inside = touching[region_in[touching[:, 0]] == region_in[touching[:, 1]]]
    graph = coo_matrix((np.ones(len(inside)), inside.T), shape=(len(region_in), len(region_in)))
    piece = connected_components(graph, directed=False)[1]
    out = np.zeros(len(region_in), bool)
    for region in np.unique(region_in):
        here = region_in == region
        out[here] = piece[here] != np.bincount(piece[here]).argmax()
    return np.flatnonzero(out)


def _lattice(positions: Floats, margin: int = 3) -> Ints:
    low, high = positions.min(0) - margin, positions.max(0) + margin
    return np.array(
        [
            (q, r)
            for r in range(round(-high[1] / ROW), round(-low[1] / ROW) + 1)
            for q in range(round(low[0] - r / 2), round(high[0] - r / 2) + 1)
        ]
    )


def _centres(cells: Ints) -> Floats:
    return np.column_stack([cells[:, 0] + cells[:, 1] / 2, -ROW * cells[:, 1]])


def _local(place: Floats, places: Floats, cells: Ints) -> Floats:
    """Return where a place lies on the map, extrapolated from its nearest seats."""
    near = cKDTree(places).query(place, 8)[1]
    design = np.column_stack([places[near], np.ones(len(near))])
    return np.append(place, 1) @ np.linalg.lstsq(design, _centres(cells[near]), rcond=None)[0]


def _at_sea(place: Floats, places: Floats, cells: Ints) -> Ints:
    """Return the cell nearest to an island that lies one cell off all others."""
    wanted = _local(place, places, cells)
    lattice = _lattice(_centres(cells))
    apart = cKDTree(_centres(cells)).query(_centres(lattice))[0]
    free = lattice[(apart > 1.1) & (apart < 2.1)]
    return free[np.argmin(((_centres(free) - wanted) ** 2).sum(1))]


def _beside(own: Ints, places: Floats, others: Floats, cells: Ints) -> Ints:
    """Return cells west of the other land, level with where they lie, two cells off."""
    level = np.abs(others[:, 1] - places[:, 1].mean()) < 40_000
    rows = round(cells[level, 1].mean() - own[:, 1].mean())
    middle = round(
        _centres(cells[level])[:, 0].mean() - _centres(own + np.array([0, rows]))[:, 0].mean()
    )
    land = cKDTree(_centres(cells))
    for west in range(len(cells)):
        moved = own + np.array([middle - west, rows])
        if land.query(_centres(moved))[0].min() > 2.1:
            return moved
    raise AssertionError("there is always room further west")
