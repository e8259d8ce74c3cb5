"""Simplified outlines of the seats, as well-known text."""

from __future__ import annotations

import json
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

from catalogue import Table, table_of
from raw import RawDataError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from raw import Row

    Point = tuple[float, float]

FILE = "geography/seats-2024.topojson"
DIGITS = 4
"""The raw coordinates are whole steps of a thousandth of a degree."""


def outlines_table(raw: Path, seats: Mapping[str, Row]) -> Table:
    """Return the outline of every seat of 2024, outer rings counterclockwise as in RFC 7946."""
    try:
        topology = json.loads((raw / FILE).read_text(encoding="utf-8"))
        arcs = _arcs(topology)
        shapes = {shape["id"]: shape for shape in topology["objects"]["data"]["geometries"]}
    except FileNotFoundError:
        raise RawDataError(
            f"missing raw file {FILE} in {raw}: give the folder that holds it as RAW"
        ) from None
    except (ValueError, KeyError) as error:
        raise RawDataError(f"{FILE} is no TopoJSON of seats ({error}): fetch it again") from None
    if shapes.keys() != seats.keys():
        raise RawDataError(f"{FILE} does not hold the seats of 2024: fetch it again")
    return table_of(
        "map/2024-outlines.csv", [[code, _text(shapes[code], arcs)] for code in sorted(shapes)]
    )


def _arcs(topology: dict[str, Any]) -> list[list[Point]]:
    """Return the lines that outlines are made of, in degrees."""
    scale, offset = topology["transform"]["scale"], topology["transform"]["translate"]
    out = []
    for arc in topology["arcs"]:
        steps = accumulate(arc, lambda a, b: (a[0] + b[0], a[1] + b[1]))
        out.append([(x * scale[0] + offset[0], y * scale[1] + offset[1]) for x, y in steps])
    return out


def _text(shape: dict[str, Any], arcs: list[list[Point]]) -> str:
    polygons = [shape["arcs"]] if shape["type"] == "Polygon" else shape["arcs"]
    parts = []
    for polygon in polygons:
        rings = [_ring(numbers, arcs) for numbers in polygon]
        turned = [
            ring if (_area(ring) > 0) == (k == 0) else ring[::-1] for k, ring in enumerate(rings)
        ]
        texts = [", ".join(f"{x:.{DIGITS}f} {y:.{DIGITS}f}" for x, y in ring) for ring in turned]
        parts.append(f"({', '.join(f'({text})' for text in texts)})")
    return f"MULTIPOLYGON ({', '.join(parts)})"


def _ring(numbers: list[int], arcs: list[list[Point]]) -> list[Point]:
    """Return a closed ring; a negative number is an arc read backwards."""
    out: list[Point] = []
    for number in numbers:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        # An arc begins where the last one ended.
        out += arc[1:] if out else arc
    return out


def _area(ring: list[Point]) -> float:
    """Return twice the area inside a ring, positive if it runs counterclockwise."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))
