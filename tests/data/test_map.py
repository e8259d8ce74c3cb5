"""The map's layout: a cell a seat, regions that hold together, seats where people look for them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

AROUND = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, -1), (-1, 1))


def pieces(cells):
    """Split cells into pieces that hang together."""
    left, found = set(cells), []
    while left:
        piece, todo = set(), [left.pop()]
        while todo:
            q, r = todo.pop()
            piece.add((q, r))
            for dq, dr in AROUND:
                if (q + dq, r + dr) in left:
                    left.discard((q + dq, r + dr))
                    todo.append((q + dq, r + dr))
        found.append(piece)
    return sorted(found, key=len)


@pytest.fixture(params=["2010", "2024"])
def mapped(request, table):
    seats = table(f"seats/{request.param}-boundaries.csv")
    cells = {row["seat"]: (int(row["q"]), int(row["r"])) for row in
             table(f"map/{request.param}-boundaries.csv")}  # fmt: skip
    assert [row["code"] for row in seats] == list(cells)
    return [(seat, cells[seat["code"]]) for seat in seats]


def test_every_seat_has_a_cell_of_its_own(mapped):
    assert len({cell for _, cell in mapped}) == len(mapped) == 650


def test_regions_hold_together(mapped):
    alone = {}
    for region in {seat["region"] for seat, _ in mapped}:
        found = pieces([cell for seat, cell in mapped if seat["region"] == region])
        alone[region] = [len(piece) for piece in found[:-1]]
    assert alone.pop("Scotland") == [1, 1], "the islands"
    assert not any(alone.values())


def test_the_bristol_channel_is_open(mapped):
    wales = {cell for seat, cell in mapped if seat["region"] == "Wales"}
    shore = {
        cell
        for seat, cell in mapped
        if seat["name"].casefold() in ("north devon", "weston-super-mare", "north somerset")
    }
    assert len(shore) == 3
    assert not {(q + dq, r + dr) for q, r in shore for dq, dr in AROUND} & wales


def test_no_hole_is_inside_the_country(mapped):
    cells = {cell for _, cell in mapped}
    q, r = np.array(sorted(cells)).T
    box = {(a, b) for a in range(q.min() - 1, q.max() + 2) for b in range(r.min() - 1, r.max() + 2)}
    assert len(pieces(box - cells)) == 1


def test_north_is_up_and_east_is_right(mapped):
    britain = [(seat, cell) for seat, cell in mapped if seat["nation"] != "Northern Ireland"]
    x = [q + r / 2 for _, (q, r) in britain]
    y = [-r for _, (_, r) in britain]
    east = [float(seat["easting"]) for seat, _ in britain]
    north = [float(seat["northing"]) for seat, _ in britain]
    assert spearmanr(x, east).statistic > 0.95
    assert spearmanr(y, north).statistic > 0.97
    assert max(
        q + r / 2 for seat, (q, r) in mapped if seat["nation"] == "Northern Ireland"
    ) < np.median(x)
