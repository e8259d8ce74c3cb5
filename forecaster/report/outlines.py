"""Where seats lie on the ground: simplified outlines, for maps of one's own and for the page."""

from __future__ import annotations

import json
from math import cos, radians
from typing import Any

from forecaster.elections.election import Seats
from forecaster.resources import catalogue, read_table

Ring = list[list[float]]
Polygons = list[list[Ring]]

BRACKETS = str.maketrans("()", "[]")

MIDDLE = 55.0
"""Latitude at which the page's map is true to scale in both directions [degrees]."""

UNITS = 400
"""Units of the page's map in a degree of latitude, so that a unit is some 280 metres."""


def read_outlines(seats: Seats) -> dict[int, Polygons]:
    """Return the polygons of every seat by its position: rings of longitude and latitude.

    The first ring of a polygon is its outer one, counterclockwise. Boundaries without outlines
    give nothing.
    """
    file = f"map/{seats.boundaries}-outlines.csv"
    if file not in catalogue():
        return {}
    table = read_table(file)
    text_of = dict(zip(table["seat"], table["outline"], strict=True))
    return {i: _polygons(text_of[code]) for i, code in enumerate(seats.code.tolist())}


def _polygons(text: str) -> Polygons:
    """Return what a MULTIPOLYGON in well-known text holds."""
    flat = text.removeprefix("MULTIPOLYGON ").replace(", ", ",").replace(" ", ",")
    return [
        [[[x, y] for x, y in zip(ring[::2], ring[1::2], strict=True)] for ring in rings]
        for rings in json.loads(flat.translate(BRACKETS))
    ]


def ground(seats: Seats) -> dict[str, Any] | None:
    """Return the map of the seats for a page, None for boundaries without outlines.

    ``box`` is its frame as a view box, ``paths`` what is drawn of every seat.
    """
    outlines = read_outlines(seats)
    if not outlines:
        return None
    points = [p for polygons in outlines.values() for rings in polygons for r in rings for p in r]
    west, north = min(p[0] for p in points), max(p[1] for p in points)
    east, south = max(p[0] for p in points), min(p[1] for p in points)
    across = UNITS * cos(radians(MIDDLE))
    box = f"0 0 {across * (east - west):.0f} {UNITS * (north - south):.0f}"

    def path(ring: Ring) -> str:
        places = [(round(across * (x - west)), round(UNITS * (north - y))) for x, y in ring]
        (x, y), *others = dict.fromkeys(places)
        steps = []
        for a, b in others:
            steps.append(f"{a - x} {b - y}")
            x, y = a, b
        return f"M{places[0][0]} {places[0][1]}l{' '.join(steps)}z" if len(others) > 1 else ""

    drawn = [
        "".join(path(ring) for rings in outlines[i] for ring in rings) for i in sorted(outlines)
    ]
    return {"box": box, "paths": drawn}
