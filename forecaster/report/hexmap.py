"""The map: a hexagon a seat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin, sqrt

from forecaster.elections.election import Seats
from forecaster.report import svg
from forecaster.resources import read_table
from forecaster.vocabulary import REGIONS

SIZE = 20.0
"""Distance of two neighbours' centres."""

RADIUS = SIZE / sqrt(3)
MARGIN = 2 * SIZE

AROUND = ((1, 0), (0, 1), (-1, 1), (-1, 0), (0, -1), (1, -1))
"""Neighbours of a cell, clockwise from the east as seen on the map."""

LABELS: dict[str, tuple[str, int]] = {
    "North East": ("right", -1),
    "North West": ("left", -2),
    "Yorkshire and The Humber": ("right", -2),
    "East Midlands": ("right", -4),
    "West Midlands": ("left", -1),
    "East of England": ("right", -3),
    "London": ("right", -1),
    "South East": ("below", 0),
    "South West": ("below", 0),
    "Scotland": ("right", -3),
    "Wales": ("left", 3),
    "Northern Ireland": ("above", 0),
}
"""On which side of its seats a region's name stands, and so many rows from their middle.

On the left and right it stands off the land; a line leads over other regions' seats."""


@dataclass(frozen=True)
class Layout:
    """Where seats lie on the map."""

    cells: dict[int, tuple[int, int]]
    """Axial column and row of a seat, by its position; seats without one are missing."""
    regions: dict[tuple[int, int], int]
    """Position in `vocabulary.REGIONS` of the seat in a cell."""
    width: float
    height: float
    left: float
    """The x of the leftmost hexagon's centre before it is moved to the margin."""

    def centre(self, cell: tuple[int, int]) -> tuple[float, float]:
        """Return the centre of a cell on the picture."""
        q, r = cell
        return SIZE * (q + r / 2) - self.left + MARGIN, SIZE * sqrt(3) / 2 * r + MARGIN


def read_layout(seats: Seats) -> Layout:
    """Return the layout of a boundary set; a seat that has no cell is left out."""
    table = read_table(f"map/{seats.boundaries}-boundaries.csv")
    places = zip(table["q"], table["r"], strict=True)
    cell_of = dict(zip(table["seat"], places, strict=True))
    cells = {i: cell_of[code] for i, code in enumerate(seats.code.tolist()) if code in cell_of}
    x = [SIZE * (q + r / 2) for q, r in cells.values()]
    return Layout(
        cells=cells,
        regions={cell: int(seats.region[i]) for i, cell in cells.items()},
        width=max(x) - min(x) + 2 * MARGIN + 4 * SIZE,
        height=SIZE * sqrt(3) / 2 * max(r for _, r in cells.values()) + 2 * MARGIN,
        left=min(x),
    )


def map_body(layout: Layout, classes: Sequence[str], marks: Sequence[str]) -> str:
    """Return the map without its frame.

    `classes`: the class of every seat, see `palette.classes`. `marks`: the letters in its hexagon.
    """
    hexagons = []
    for i, cell in layout.cells.items():
        x, y = layout.centre(cell)
        inside = '<use href="#hex"/>' + (svg.text(marks[i], 0, 3.2) if marks[i] else "")
        to = f"translate({x:.1f} {y:.1f})"
        hexagons.append(svg.tag("g", inside, class_=classes[i], transform=to, data_i=i))
    still = {"pointer_events": "none"}
    return (
        svg.tag("defs", svg.tag("path", d=_hexagon(), id="hex"))
        + svg.tag("g", "".join(hexagons), font_size=9, text_anchor="middle", id="seats")
        + svg.tag("path", d=_borders(layout), class_="mark", stroke_width=1.4, **still)
        + svg.tag("g", _labels(layout), font_size=13, **still)
    )


def page_map(layout: Layout, classes: Sequence[str], marks: Sequence[str]) -> str:
    """Return the map of a page, which its script paints anew."""
    title = "Map: a hexagon for each seat, by region. The table of seats below holds the same."
    body = map_body(layout, classes, marks)
    return svg.picture(body, layout.width, layout.height, title, id="map")


def _corner(k: int, radius: float = RADIUS) -> tuple[float, float]:
    """Return a corner of a hexagon, clockwise from the upper right."""
    angle = pi / 3 * k - pi / 6
    return radius * cos(angle), radius * sin(angle)


def _hexagon() -> str:
    return "M" + "L".join("{:.2f} {:.2f}".format(*_corner(k, RADIUS - 0.5)) for k in range(6)) + "Z"


def _borders(layout: Layout) -> str:
    """Return the path of the borders between regions."""
    parts = []
    for cell, region in layout.regions.items():
        x, y = layout.centre(cell)
        for k, (dq, dr) in enumerate(AROUND[:3]):
            other = layout.regions.get((cell[0] + dq, cell[1] + dr))
            if other is not None and other != region:
                (x1, y1), (x2, y2) = _corner(k), _corner(k + 1)
                parts.append(f"M{x + x1:.1f} {y + y1:.1f}L{x + x2:.1f} {y + y2:.1f}")
    return "".join(parts)


def _labels(layout: Layout) -> str:
    out = []
    for number, region in enumerate(REGIONS):
        own = [layout.centre(cell) for cell, n in layout.regions.items() if n == number]
        if own:
            out.append(_label(layout, own, region, *LABELS[region]))
    return "".join(out)


def _label(
    layout: Layout, own: list[tuple[float, float]], region: str, side: str, rows: int
) -> str:
    """Return a region's name, whose hexagons have centres `own`; the rest as in `LABELS`."""
    if side in ("above", "below"):
        edge = (max if side == "below" else min)(y for _, y in own)
        outermost = [x for x, y in own if abs(y - edge) < 2 * SIZE]
        x, y = sum(outermost) / len(outermost), edge + (1.6 if side == "below" else -1.1) * SIZE
        return svg.text(region, x, y + 4, class_="halo", text_anchor="middle")
    y = sorted(y for _, y in own)[len(own) // 2] + rows * SIZE * sqrt(3) / 2
    last, anchor, out = (min, "end", -SIZE) if side == "left" else (max, "start", SIZE)
    land = last(x for x, z in map(layout.centre, layout.cells.values()) if abs(z - y) < SIZE)
    seat = last(x for x, z in own if abs(z - y) < SIZE / 2)
    name = svg.text(region, land + out, y + 4, class_="halo", text_anchor=anchor)
    if abs(land - seat) < SIZE:
        return name
    return svg.line(seat + out / 2, y, land + 0.8 * out, y, class_="mark") + name
