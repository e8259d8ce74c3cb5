"""Pictures of distributions: seats won, and how reliable chances have been."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from forecaster.arrays import Shorts
from forecaster.report import svg, wording
from forecaster.report.palette import PARTY_COLOURS
from forecaster.results.precision import standard_error
from forecaster.results.run import RunTables
from forecaster.vocabulary import GB_PARTIES, MAJORITY, NO_PACT, PARTY_NAMES

WIDTH, LABELS, RIGHT, TOP, ROW, HILL = 380.0, 104.0, 14.0, 30.0, 46.0, 24.0
"""Sizes of a panel of distributions: all, label column, margins, a row and its histogram."""

Panel = tuple[str, float, float]
"""Body, width and height of a picture."""

SHOWN = (*GB_PARTIES, "SNP", "PC")
"""Parties with a panel; those of Northern Ireland are in the tables."""

LEAST_SEATS = 20
"""A party that never gets so many has no line in the picture of a history."""


@dataclass(frozen=True)
class Row:
    """One distribution of seats: its label, the party whose colour it has, seats by draw."""

    label: str
    party: str
    seats: Shorts


def _scale(values: tuple[float, float], places: tuple[float, float]) -> Callable[[Any], float]:
    """Return the function that takes values to places on a picture, linearly."""
    (low, high), (start, end) = values, places
    return lambda value: start + (end - start) * float(value - low) / float(high - low)


def _columns(
    ticks: Iterable[tuple[float, str]], top: float, bottom: float, drop: float = 16.0
) -> str:
    """Return vertical rules at every x of `ticks`, each with its label so far below."""
    return "".join(
        svg.line(x, top, x, bottom, class_="rule")
        + svg.text(label, x, bottom + drop, class_="muted", text_anchor="middle")
        for x, label in ticks
    )


def _lines(ticks: Iterable[tuple[float, str]], left: float, right: float) -> str:
    """Return horizontal rules at every y of `ticks`, each with its label on the left."""
    return "".join(
        svg.line(left, y, right, y, class_="rule")
        + svg.text(label, left - 6, y + 4, class_="muted", text_anchor="end")
        for y, label in ticks
    )


def _title(words: str, x: float, y: float, **attributes: object) -> str:
    """Return words centred on a point, such as the title of an axis."""
    return svg.text(words, x, y, class_="ink", text_anchor="middle", **attributes)


def panel(rows: list[Row], upper: int) -> Panel:
    """Return a panel of histograms below each other, on an axis from 0 to `upper` seats.

    Every histogram has its own height; below it lie the median and the range of nine simulated
    elections in ten.
    """
    bottom = TOP + ROW * len(rows)
    at = _scale((0, upper), (LABELS, WIDTH - RIGHT))
    step = 100 if upper > 150 else 20 if upper > 40 else 5
    ticks = [(at(seats), str(seats)) for seats in range(0, upper + 1, step)]
    parts = [_columns(ticks, TOP - 4, bottom, drop=15.0)]
    parts += [_distribution(row, TOP + ROW * i, at, upper) for i, row in enumerate(rows)]
    if upper > MAJORITY:
        x = at(MAJORITY)
        parts.append(svg.line(x, TOP - 8, x, bottom, class_="mark", stroke_dasharray="4 3"))
        words = f"{MAJORITY} for a majority"
        anchor, to = ("end", WIDTH) if x > WIDTH - 70 else ("middle", x)
        parts.append(svg.text(words, to, TOP - 13, class_="ink", text_anchor=anchor))
    return svg.tag("g", "".join(parts), font_size=12), WIDTH, bottom + 22


def _distribution(row: Row, top: float, at: Callable[[Any], float], upper: int) -> str:
    low, median, high = np.quantile(row.seats, (0.05, 0.5, 0.95))
    error = standard_error(row.seats)
    numbers = [wording.rounded(float(value), error) for value in (median, low, high)]
    width = max(1, round(upper / 80))
    bins = np.arange(0, upper + width, width)
    counted = np.histogram(np.minimum(row.seats, upper), bins)[0]
    base = top + HILL + 4
    heights = base - HILL * counted / counted.max()
    steps = zip(heights, np.minimum(bins[1:], upper), strict=True)
    hill = "".join(f"V{y:.1f}H{at(right):.1f}" for y, right in steps)
    return "".join(
        (
            svg.text(row.label, 0, top + 15, class_="ink", font_weight="600"),
            svg.text("{} ({} to {})".format(*numbers), 0, top + 30, class_="muted"),
            svg.tag(
                "path", d=f"M{at(0):.1f} {base:.1f}{hill}V{base:.1f}Z", class_=f"{row.party}-0"
            ),
            svg.line(at(low), base + 6, at(high), base + 6, class_="mark", stroke_width=2),
            svg.tag("circle", cx=at(median), cy=base + 6, r=4, class_="dot"),
        )
    )


def reliability(rows: list[dict[str, Any]]) -> Panel:
    """Return chances as forecast against how often they came true, with twice their error.

    Parameters
    ----------
    rows : list of dict
        As `scores.reliability_rows` returns them.
    """
    left, top, side = 66.0, 12.0, 300.0
    right, bottom = left + side, top + side
    x, y = _scale((0, 1), (left, right)), _scale((0, 1), (bottom, top))
    labels = [(k / 100, f"{k} %") for k in range(0, 101, 20)]
    parts = [
        _columns([(x(p), label) for p, label in labels], top, bottom),
        _lines([(y(p), label) for p, label in labels], left, right),
        svg.line(left, bottom, right, top, class_="mark", stroke_dasharray="4 3"),
    ]
    for row in rows:
        at, observed, error = x(row["forecast"]), row["observed"], 2 * row["sampling_error"]
        low, high = y(max(0, observed - error)), y(min(1, observed + error))
        parts.append(svg.line(at, low, at, high, class_="mark", stroke_width=2))
        parts.append(svg.tag("circle", cx=at, cy=y(observed), r=5, class_="dot"))
    turned = f"translate(13 {y(0.5):.0f}) rotate(-90)"
    parts.append(_title("Chance in the forecast", x(0.5), bottom + 36))
    parts.append(_title("Came true", 0, 0, transform=turned))
    return svg.tag("g", "".join(parts), font_size=12), right + 20, bottom + 44


LINES = (
    ("hindsight", "with hindsight", "2 4"),
    ("simulated", "chosen by simulation", None),
    ("last", "by the last result", "8 5"),
)
"""Lines of a frontier: key of the table, label, dashes."""


def frontier(rows: list[dict[str, Any]]) -> Panel:
    """Return lines of a pact's effect against the number of its seats, on a logarithmic axis.

    Parameters
    ----------
    rows : list of dict
        Of `choosing.frontier.frontier_table`.
    """
    left, top, right, bottom = 60.0, 12.0, 520.0, 272.0
    sizes = np.log([row["size"] for row in rows])
    values = [row[key] for key, *_ in LINES for row in rows if row[key] is not None]
    low, upper = min(0.0, *values), max(1.0, *values)
    x = _scale((sizes[0], max(sizes[-1], sizes[0] + 1e-9)), (left, right))
    y = _scale((low, upper), (bottom, top))
    step = _round_step((upper - low) / 5)
    steps = [k * step for k in range(int(np.ceil(low / step)), int(upper / step) + 1)]
    labels = [f"{value:+g}".replace("-", "−") if value else "0" for value in steps]
    parts = [
        _columns(zip(map(x, sizes), (str(row["size"]) for row in rows), strict=True), top, bottom),
        _lines(zip(map(y, steps), labels, strict=True), left, right),
    ]
    ends: list[float] = []
    for key, words, dashes in LINES:
        points = [
            (x(size), y(row[key]))
            for size, row in zip(sizes, rows, strict=True)
            if row[key] is not None
        ]
        if not points:
            continue
        path = "M" + "L".join(f"{px:.1f} {py:.1f}" for px, py in points)
        parts.append(
            svg.tag("path", d=path, class_="mark", stroke_width=2, stroke_dasharray=dashes)
        )
        parts += [svg.tag("circle", cx=px, cy=py, r=3.5, class_="dot") for px, py in points]
        # Put labels of lines that end together below each other.
        end = max(points[-1][1] + 4, ends[-1] + 16 if ends else 0)
        ends.append(end)
        parts.append(svg.text(words, points[-1][0] + 10, end, class_="ink"))
    words = "Seats in which anybody stands aside, at most"
    parts.append(_title(words, (left + right) / 2, bottom + 38))
    return svg.tag("g", "".join(parts), font_size=12), right + 150, bottom + 46


def history(rows: list[dict[str, Any]]) -> Panel:
    """Return seats day by day: a line and a 90 % band for each party that ever has many.

    Parameters
    ----------
    rows : list of dict
        Of `experiments.history.history`, of one scenario.
    """
    left, top, right, bottom = 48.0, 12.0, 660.0, 300.0
    days = sorted({row["day"] for row in rows})
    numbers = [date.fromisoformat(day).toordinal() for day in days]
    upper = max(row["p95"] for row in rows)
    x = _scale((numbers[0], max(numbers[-1], numbers[0] + 1)), (left, right))
    y = _scale((0, upper), (bottom, top))
    step = _round_step(upper / 5)
    marks = [k * step for k in range(int(upper / step) + 1)]
    ticks = [k for k, day in enumerate(days) if k == 0 or day[:4] != days[k - 1][:4]]
    parts = [
        _columns(((x(numbers[k]), days[k][:7]) for k in ticks), top, bottom),
        _lines(((y(value), f"{value:g}") for value in marks), left, right),
    ]
    ends: list[tuple[float, str]] = []
    for party in dict.fromkeys(row["party"] for row in rows):
        own = {row["day"]: row for row in rows if row["party"] == party}
        if max(row["p95"] for row in own.values()) < LEAST_SEATS:
            continue
        places = [(x(number), own[day]) for number, day in zip(numbers, days, strict=True)]
        colour = PARTY_COLOURS[party]
        band = [f"{px:.1f} {y(row['p95']):.1f}" for px, row in places]
        band += [f"{px:.1f} {y(row['p5']):.1f}" for px, row in reversed(places)]
        line = [f"{px:.1f} {y(row['mean']):.1f}" for px, row in places]
        parts.append(svg.tag("path", d=f"M{'L'.join(band)}Z", fill=colour, fill_opacity=0.15))
        parts.append(
            svg.tag("path", d=f"M{'L'.join(line)}", fill="none", stroke=colour, stroke_width=2.5)
        )
        ends.append((y(places[-1][1]["mean"]) + 4, party))
    below = -np.inf
    for place, party in sorted(ends):
        below = max(place, below + 14)  # labels of lines that end together stand below each other
        parts.append(svg.text(wording.label(party), right + 8, below, class_="ink"))
    return svg.tag("g", "".join(parts), font_size=12), right + 110, bottom + 30


def transfers(rows: list[dict[str, Any]], kinds: dict[str, str]) -> Panel:
    """Return what arrives by row of transfer rates, with what each kind of evidence says.

    Parameters
    ----------
    rows : list of dict
        Of `answers.transfers.rates_table`.
    kinds : dict of str to str
        Letter of a kind of evidence, by its key in the rows.
    """
    left, top, right, step = 150.0, 12.0, 560.0, 16.0
    bottom = top + step * len(rows)
    x = _scale((0, 1), (left, right))
    parts = [_columns([(x(k / 10), f"{10 * k} %") for k in range(0, 11, 2)], top, bottom)]
    for place, row in enumerate(rows):
        y = top + step * (place + 0.5)
        words = f"{row['donor']} to {row['recipient']} against {row['against']}"
        parts += [
            svg.text(words, left - 8, y + 4, class_="ink", text_anchor="end"),
            svg.line(x(row["arrive_low"]), y, x(row["arrive_high"]), y, class_="mark"),
            svg.tag("circle", cx=x(row["arrive"]), cy=y, r=4, class_="dot"),
        ]
        found = [(row[key], letter) for key, letter in kinds.items() if row[key] is not None]
        parts += [_title(letter, x(rate), y + 4, font_weight="bold") for rate, letter in found]
    parts.append(_title("Arrives", (left + right) / 2, bottom + 34))
    return svg.tag("g", "".join(parts), font_size=11), right + 24, bottom + 42


def _round_step(least: float) -> float:
    """Return the first of 1, 2, 5, 10, … that is not less."""
    power = 10.0 ** np.floor(np.log10(least))
    return float(next(k * power for k in (1, 2, 5, 10) if k * power >= least * (1 - 1e-9)))


def scenario_panel(run: RunTables, scenario: str) -> tuple[str, Panel]:
    """Return title and panel of the largest parties in one scenario."""
    rows = [Row(wording.label(party), party, run.won(scenario, (party,))) for party in largest(run)]
    title = "Seats" if scenario == NO_PACT else f"Seats, {run.named(scenario)}"
    return title, panel(rows, _upper(rows, MAJORITY + 24))


def party_panel(run: RunTables, party: str) -> tuple[str, Panel]:
    """Return title and panel of one party in every scenario."""
    rows = [
        Row("no pacts" if name == NO_PACT else name, party, run.won(name, (party,)))
        for name in run.scenarios
    ]
    return PARTY_NAMES[party], panel(rows, _upper(rows, 10))


def party_panels(run: RunTables) -> list[tuple[str, Panel]]:
    """Return title and panel of each of the largest parties."""
    return [party_panel(run, party) for party in largest(run)]


def largest(run: RunTables) -> list[str]:
    """Return the parties that have a panel, the one with most seats in any scenario first."""
    mean = np.max([run.won(s).mean(0) for s in run.scenarios], axis=0)
    order = [run.parties[i] for i in np.argsort(-mean, kind="stable") if mean[i] >= 1]
    return [party for party in order if party in SHOWN]


def _upper(rows: list[Row], least: int) -> int:
    """Return the end of an axis that holds nearly all draws; the others are drawn at its end."""
    high = float(np.quantile(np.concatenate([row.seats for row in rows]), 0.999))
    step = 50 if high > 100 else 10
    end = step * int(np.ceil(max(high, least) / step))
    return end if not MAJORITY - 40 < end <= MAJORITY else MAJORITY + 24
