"""Pictures of distributions: seats won, and how reliable chances have been."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from forecaster.arrays import Shorts
from forecaster.report import svg, wording
from forecaster.results.precision import standard_error
from forecaster.results.run import RunTables
from forecaster.vocabulary import GB_PARTIES, MAJORITY, NO_PACT, PARTY_NAMES

WIDTH = 380.0
LABELS = 104.0
RIGHT = 14.0
TOP = 30.0
ROW = 46.0
HILL = 24.0
"""Sizes of a panel of distributions: all, label column, margins, a row and its histogram."""


@dataclass(frozen=True)
class Row:
    """One distribution of seats: its label, the party whose colour it has, seats by draw."""

    label: str
    party: str
    seats: Shorts


def panel(rows: list[Row], upper: int) -> tuple[str, float, float]:
    """Return a panel of histograms below each other, on an axis from 0 to `upper` seats.

    Every histogram has its own height; below it lie the median and the range of nine simulated
    elections in ten.

    Returns
    -------
    body : str
    width, height : float
    """
    height = TOP + ROW * len(rows) + 22

    def at(seats: float) -> float:
        return LABELS + (WIDTH - LABELS - RIGHT) * seats / upper

    bottom = TOP + ROW * len(rows)
    parts = [_axis(at, upper, bottom)]
    for i, row in enumerate(rows):
        parts.append(_distribution(row, TOP + ROW * i, at, upper))
    if upper > MAJORITY:
        x = at(MAJORITY)
        parts.append(svg.line(x, TOP - 8, x, bottom, class_="mark", stroke_dasharray="4 3"))
        words = f"{MAJORITY} for a majority"
        anchor, to = ("end", WIDTH) if x > WIDTH - 70 else ("middle", x)
        parts.append(svg.text(words, to, TOP - 13, class_="ink", text_anchor=anchor))
    return svg.tag("g", "".join(parts), font_size=12), WIDTH, height


def _axis(at: Any, upper: int, bottom: float) -> str:
    step = 100 if upper > 150 else 20 if upper > 40 else 5
    parts = []
    for seats in range(0, upper + 1, step):
        x = at(seats)
        parts.append(svg.line(x, TOP - 4, x, bottom, class_="rule"))
        parts.append(svg.text(str(seats), x, bottom + 15, class_="muted", text_anchor="middle"))
    return "".join(parts)


def _distribution(row: Row, top: float, at: Any, upper: int) -> str:
    low, median, high = np.quantile(row.seats, (0.05, 0.5, 0.95))
    error = standard_error(row.seats)
    numbers = [wording.rounded(float(value), error) for value in (median, low, high)]
    width = max(1, round(upper / 80))
    bins = np.arange(0, upper + width, width)
    counted = np.histogram(np.minimum(row.seats, upper), bins)[0]
    base = top + HILL + 4
    steps = [f"M{at(0):.1f} {base:.1f}"]
    for left, right, n in zip(bins[:-1], bins[1:], counted, strict=True):
        y = base - HILL * n / counted.max()
        steps.append(f"V{y:.1f}H{at(min(right, upper)):.1f}" if left >= 0 else "")
    steps.append(f"V{base:.1f}Z")
    return "".join(
        (
            svg.text(row.label, 0, top + 15, class_="ink", font_weight="600"),
            svg.text("{} ({} to {})".format(*numbers), 0, top + 30, class_="muted"),
            svg.tag("path", d="".join(steps), class_=f"{row.party}-0"),
            svg.line(at(low), base + 6, at(high), base + 6, class_="mark", stroke_width=2),
            svg.tag("circle", cx=at(median), cy=base + 6, r=4, class_="dot"),
        )
    )


def reliability(rows: list[dict[str, Any]]) -> tuple[str, float, float]:
    """Return chances as forecast against how often they came true, with twice their error.

    Parameters
    ----------
    rows : list of dict
        As `scores.reliability_rows` returns them.
    """
    left, top, side = 66.0, 12.0, 300.0

    def x(p: float) -> float:
        return left + side * p

    def y(p: float) -> float:
        return top + side * (1 - p)

    parts = []
    for k in range(0, 101, 20):
        p = k / 100
        parts.append(svg.line(x(p), y(0), x(p), y(1), class_="rule"))
        parts.append(svg.line(x(0), y(p), x(1), y(p), class_="rule"))
        parts.append(svg.text(f"{k} %", x(p), y(0) + 16, class_="muted", text_anchor="middle"))
        parts.append(svg.text(f"{k} %", left - 6, y(p) + 4, class_="muted", text_anchor="end"))
    parts.append(svg.line(x(0), y(0), x(1), y(1), class_="mark", stroke_dasharray="4 3"))
    for row in rows:
        forecast, observed, error = row["forecast"], row["observed"], 2 * row["sampling_error"]
        low, high = max(0, observed - error), min(1, observed + error)
        parts.append(
            svg.line(x(forecast), y(low), x(forecast), y(high), class_="mark", stroke_width=2)
        )
        parts.append(svg.tag("circle", cx=x(forecast), cy=y(observed), r=5, class_="dot"))
    parts.append(
        svg.text("Chance in the forecast", x(0.5), y(0) + 36, class_="ink", text_anchor="middle")
    )
    turned = f"translate(13 {y(0.5):.0f}) rotate(-90)"
    parts.append(svg.text("Came true", 0, 0, class_="ink", text_anchor="middle", transform=turned))
    return svg.tag("g", "".join(parts), font_size=12), left + side + 20, top + side + 44


LINES = (
    ("hindsight", "with hindsight", "2 4"),
    ("simulated", "chosen by simulation", None),
    ("last", "by the last result", "8 5"),
)
"""Lines of a frontier: key of the table, label, dashes."""


def frontier(rows: list[dict[str, Any]]) -> tuple[str, float, float]:
    """Return lines of a pact's effect against the number of its seats, on a logarithmic axis.

    Parameters
    ----------
    rows : list of dict
        Of `choosing.frontier.frontier_table`.
    """
    left, top, wide, high, right = 60.0, 12.0, 460.0, 260.0, 150.0
    sizes = [row["size"] for row in rows]
    values = [row[key] for key, *_ in LINES for row in rows if row[key] is not None]
    low, upper = min(0.0, *values), max(1.0, *values)
    span = max(float(np.log(sizes[-1] / sizes[0])), 1e-9)

    def x(size: float) -> float:
        return left + wide * float(np.log(size / sizes[0])) / span

    def y(value: float) -> float:
        return top + high * float(upper - value) / float(upper - low)

    parts = []
    for size in sizes:
        parts.append(svg.line(x(size), y(low), x(size), y(upper), class_="rule"))
        parts.append(
            svg.text(str(size), x(size), y(low) + 16, class_="muted", text_anchor="middle")
        )
    step = _round_step((upper - low) / 5)
    for k in range(int(np.ceil(low / step)), int(upper / step) + 1):
        at = y(k * step)
        parts.append(svg.line(left, at, left + wide, at, class_="rule"))
        label = f"{k * step:+g}".replace("-", "−") if k else "0"
        parts.append(svg.text(label, left - 6, at + 4, class_="muted", text_anchor="end"))
    ends: list[float] = []
    for key, words, dashes in LINES:
        points = [(x(row["size"]), y(row[key])) for row in rows if row[key] is not None]
        if not points:
            continue
        path = "M" + "L".join(f"{px:.1f} {py:.1f}" for px, py in points)
        parts.append(
            svg.tag("path", d=path, class_="mark", stroke_width=2, stroke_dasharray=dashes)
        )
        parts += [svg.tag("circle", cx=px, cy=py, r=3.5, class_="dot") for px, py in points]
        # Labels of lines that end together stand below each other.
        end = max(points[-1][1] + 4, ends[-1] + 16 if ends else 0)
        ends.append(end)
        parts.append(svg.text(words, points[-1][0] + 10, end, class_="ink"))
    middle = left + wide / 2
    words = "Seats in which anybody stands aside, at most"
    parts.append(svg.text(words, middle, y(low) + 38, class_="ink", text_anchor="middle"))
    return svg.tag("g", "".join(parts), font_size=12), left + wide + right, top + high + 46


def _round_step(least: float) -> float:
    """Return the first of 1, 2, 5, 10, … that is not less."""
    power = 10.0 ** np.floor(np.log10(least))
    return float(next(k * power for k in (1, 2, 5, 10) if k * power >= least * (1 - 1e-9)))


Panel = tuple[str, float, float]

SHOWN = (*GB_PARTIES, "SNP", "PC")
"""Parties with a panel; those of Northern Ireland are in the tables."""


def scenario_panel(run: RunTables, scenario: str) -> tuple[str, Panel]:
    """Return title and panel of the largest parties in one scenario."""
    won = run.won(scenario)
    rows = [
        Row(wording.label(party), party, won[:, run.parties.index(party)]) for party in largest(run)
    ]
    title = "Seats" if scenario == NO_PACT else f"Seats, {scenario}"
    return title, panel(rows, _upper(np.concatenate([row.seats for row in rows]), MAJORITY + 24))


def party_panel(run: RunTables, party: str) -> tuple[str, Panel]:
    """Return title and panel of one party in every scenario."""
    rows = [
        Row("no pacts" if name == NO_PACT else name, party, run.won(name, (party,)))
        for name in run.scenarios
    ]
    upper = _upper(np.concatenate([row.seats for row in rows]), 10)
    return PARTY_NAMES[party], panel(rows, upper)


def party_panels(run: RunTables) -> list[tuple[str, Panel]]:
    """Return title and panel of each of the largest parties."""
    return [party_panel(run, party) for party in largest(run)]


def largest(run: RunTables) -> list[str]:
    """Return the parties that have a panel, the one with most seats in any scenario first."""
    names = run.parties
    mean = np.max([run.won(s).mean(0) for s in run.scenarios], axis=0)
    order = [names[i] for i in np.argsort(-mean, kind="stable") if mean[i] >= 1]
    return [party for party in order if party in SHOWN]


def _upper(seats: np.ndarray, least: int) -> int:
    """Return the end of the axis: nearly all draws lie on it; the others at its end."""
    high = float(np.quantile(seats, 0.999))
    step = 50 if high > 100 else 10
    end = step * int(np.ceil(max(high, least) / step))
    return end if not MAJORITY - 40 < end <= MAJORITY else MAJORITY + 24
