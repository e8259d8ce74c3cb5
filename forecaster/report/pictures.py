"""Pictures of distributions: seats won, and how reliable chances have been."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from forecaster.answers.polls import Tracker
from forecaster.arrays import Shorts
from forecaster.polls.data import Poll
from forecaster.report import svg, wording
from forecaster.results.run import RunTables
from forecaster.vocabulary import (
    BRITISH_PARTIES,
    GB_PARTIES,
    MAJORITY,
    NO_PACT,
    PARTY_COLOURS,
    PARTY_NAMES,
    POLLED,
    REFORM_AFTER_UKIP,
)

WIDTH, LABELS, RIGHT, TOP, ROW, HILL = 380.0, 104.0, 14.0, 30.0, 46.0, 24.0
"""Sizes of a panel of distributions: all, label column, margins, a row and its histogram."""

LETTER = 7.2
"""Width of a letter of a row's label at most, on average."""

Panel = tuple[str, float, float]
"""Body, width and height of a picture."""

SHOWN = (*GB_PARTIES, "SNP", "PC")
"""Parties with a panel; those of Northern Ireland are in the tables."""

BROAD, NARROW = 660.0, 320.0
"""Right ends of the axis of days, on a slide and on a page that a phone may show."""

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


def panel(rows: list[Row], upper: int, aspect: float = 0.0) -> Panel:
    """Return a panel of histograms below each other, on an axis from 0 to `upper` seats.

    Every histogram has its own height; below it lie the median and the range of nine simulated
    elections in ten. The panel is `aspect` times as wide as high, but no narrower than on a page.
    """
    bottom = TOP + ROW * len(rows)
    width = max(WIDTH, aspect * (bottom + 22))
    labels = max(LABELS, *(LETTER * len(row.label) for row in rows))
    at = _scale((0, upper), (labels, width - RIGHT))
    step = 100 if upper > 150 else 20 if upper > 40 else 5
    ticks = [(at(seats), str(seats)) for seats in range(0, upper + 1, step)]
    parts = [_columns(ticks, TOP - 4, bottom, drop=15.0)]
    parts += [_distribution(row, TOP + ROW * i, at, upper) for i, row in enumerate(rows)]
    if upper > MAJORITY:
        x = at(MAJORITY)
        parts.append(svg.line(x, TOP - 8, x, bottom, class_="mark", stroke_dasharray="4 3"))
        words = f"{MAJORITY} for a majority"
        anchor, to = ("end", width) if x > width - 70 else ("middle", x)
        parts.append(svg.text(words, to, TOP - 13, class_="ink", text_anchor=anchor))
    return svg.tag("g", "".join(parts), font_size=12), width, bottom + 22


def _distribution(row: Row, top: float, at: Callable[[Any], float], upper: int) -> str:
    low, median, high = np.quantile(row.seats, (0.05, 0.5, 0.95))
    numbers = "{1} ({0} to {2})".format(*wording.quantiles(row.seats))
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
            svg.text(numbers, 0, top + 30, class_="muted"),
            svg.tag(
                "path", d=f"M{at(0):.1f} {base:.1f}{hill}V{base:.1f}Z", class_=f"{row.party}-0"
            ),
            svg.line(at(low), base + 6, at(high), base + 6, class_="mark", stroke_width=2),
            svg.tag("circle", cx=at(median), cy=base + 6, r=4, class_="dot"),
        )
    )


def reliability(rows: list[dict[str, Any]]) -> Panel:
    """Return chances as forecast against how often they came true, with twice their error.

    `rows`: as `scores.reliability_rows` returns them.
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

    `rows`: of `choosing.frontier.frontier_table`.
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


def history(rows: list[dict[str, Any]], small: bool = False) -> Panel:
    """Return seats day by day: a line and a 90 % band for each party that ever has many.

    `rows`: of `experiments.history.history`, of one scenario. `small`: for a page.
    """
    left, top, right, bottom = 48.0, 12.0, NARROW if small else BROAD, 300.0
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
        low, middle, high = ([y(own[day][key]) for day in days] for key in ("p5", "mean", "p95"))
        parts.append(_trend([*map(x, numbers)], low, middle, high, PARTY_COLOURS[party]))
        ends.append((middle[-1], party))
    parts += _at_the_ends(ends, right + 8)
    return svg.tag("g", "".join(parts), font_size=12), right + 110, bottom + 30


def _trend(
    x: list[float], low: list[float], middle: list[float], high: list[float], colour: str
) -> str:
    """Return a line through the middle of each place and the band around it."""
    up, down = zip(x, high, strict=True), zip(x[::-1], low[::-1], strict=True)
    band = "L".join(f"{px:.1f} {py:.1f}" for px, py in (*up, *down))
    line = "L".join(f"{px:.1f} {py:.1f}" for px, py in zip(x, middle, strict=True))
    return svg.tag("path", d=f"M{band}Z", fill=colour, fill_opacity=0.15) + svg.tag(
        "path", d=f"M{line}", fill="none", stroke=colour, stroke_width=2.5
    )


def _at_the_ends(ends: list[tuple[float, str]], x: float) -> Iterator[str]:
    """Yield the names of parties beside the ends of their lines, below each other if need be."""
    below = -np.inf
    for place, party in sorted(ends):
        below = max(place + 4, below + 14)
        yield svg.text(wording.label(party), x, below, class_="ink")


MOST_DAYS = 100
"""Most days of a mean in the small picture of polls; a reader could not tell more apart."""


def tracker(found: Tracker, small: bool = False) -> Panel:
    """Return polls as points, marked by pollster, and the mean of each party with its interval.

    A dashed line marks each election, with the results on it. A `small` picture, for a page, does
    not mark pollsters and draws fewer days, for a tenth of the bytes.
    """
    left, top, right, bottom = 48.0, 12.0, NARROW if small else BROAD, 300.0
    ends = [*found.days, *found.results]
    x = _scale((min(ends).toordinal(), max(ends).toordinal()), (left, right))
    heights = [found.mean + found.reach, *(poll.shares for poll in found.polls)]
    highest = max(float(np.nanmax(one)) for one in [*heights, *found.results.values()])
    y = _scale((0, highest), (bottom, top))
    months = _months(min(ends), max(ends), 4 if small else 10)
    parts = [
        _columns(((x(day.toordinal()), f"{day:%b %Y}") for day in months), top, bottom),
        _lines(((y(k / 100), f"{k} %") for k in range(0, int(100 * highest) + 1, 10)), left, right),
        *(_dots(found.polls, x, y) if small else _points(found.polls, x, y, bottom + 40)),
    ]
    if min(ends) < REFORM_AFTER_UKIP <= max(ends):
        at = x(REFORM_AFTER_UKIP.toordinal())
        parts.append(svg.line(at, top, at, bottom, class_="mark", stroke_dasharray="1 3"))
        parts.append(svg.text("UKIP until here", at - 6, top + 12, class_="ink", text_anchor="end"))
    last: list[tuple[float, str]] = []
    for k, party in enumerate(BRITISH_PARTIES):
        pieces = found.pieces(party)
        for every in pieces:
            few = np.linspace(0, len(every) - 1, min(len(every), MOST_DAYS)).round().astype(int)
            days = every[few] if small else every
            mean, reach = found.mean[days, k], found.reach[days, k]
            low, middle, high = (
                [y(max(share, 0)) for share in shares]
                for shares in (mean - reach, mean, mean + reach)
            )
            at_days = [x(found.days[day].toordinal()) for day in days]
            parts.append(_trend(at_days, low, middle, high, PARTY_COLOURS[party]))
        last += [(y(found.mean[days[-1], k]), party) for days in pieces[-1:]]
    for day, result in found.results.items():
        at = x(day.toordinal())
        parts.append(svg.line(at, top, at, bottom, class_="mark", stroke_dasharray="4 3"))
        parts += [
            svg.tag("circle", cx=at, cy=y(share), r=5, fill=PARTY_COLOURS[party])
            for party, share in zip(BRITISH_PARTIES, result, strict=True)
            if share > 0
        ]
    parts += _at_the_ends(last, right + 8)
    return svg.tag("g", "".join(parts), font_size=12), right + 110, bottom + (26 if small else 48)


def _dots(
    polls: Sequence[Poll], x: Callable[[Any], float], y: Callable[[Any], float]
) -> Iterator[str]:
    """Yield one path a party with a dot a poll."""
    about = {"stroke_width": 4, "stroke_linecap": "round", "stroke_opacity": 0.3}
    for party in BRITISH_PARTIES:
        k = POLLED.index(party)
        places = ((x(p.end.toordinal()), y(p.shares[k])) for p in polls if p.shares[k] > 0)
        path = "".join(f"M{px:.0f} {py:.0f}h0" for px, py in places)
        if path:
            yield svg.tag("path", d=path, stroke=PARTY_COLOURS[party], fill="none", **about)


MARKED = (
    "M-3 0A3 3 0 1 1 3 0A3 3 0 1 1 -3 0Z",
    "M-2.7 -2.7H2.7V2.7H-2.7Z",
    "M0 -3.6L3.3 2.5H-3.3Z",
    "M0 -3.8L3.8 0L0 3.8L-3.8 0Z",
    "M-3 -1H-1V-3H1V-1H3V1H1V3H-1V1H-3Z",
)
"""Circle, square, triangle, rhombus and cross: the pollsters with most polls, and all others."""


def _points(
    polls: Sequence[Poll], x: Callable[[Any], float], y: Callable[[Any], float], below: float
) -> Iterator[str]:
    """Yield a point a poll and party, and which mark is whose."""
    often = [name for name, _ in Counter(poll.pollster for poll in polls).most_common()]
    marks = dict(zip(often, MARKED[:-1], strict=False))
    for poll in polls:
        mark, at = marks.get(poll.pollster, MARKED[-1]), x(poll.end.toordinal())
        for party in BRITISH_PARTIES:
            share = poll.shares[POLLED.index(party)]
            if not np.isnan(share):
                words = f"{poll.pollster}, {poll.end}: {party} {100 * share:.0f} %"
                yield svg.tag(
                    "path",
                    svg.tag("title", words),
                    d=mark,
                    transform=f"translate({at:.1f} {y(share):.1f}) scale(0.7)",
                    fill=PARTY_COLOURS[party],
                    fill_opacity=0.45,
                )
    legend = [*zip(often, MARKED[:-1], strict=False)]
    if len(often) > len(legend):
        legend.append((f"{len(often) - len(legend)} others", MARKED[-1]))
    for k, (name, mark) in enumerate(legend):
        at = 60 + 125 * k
        yield svg.tag("path", d=mark, transform=f"translate({at} {below - 4:.1f})", class_="dot")
        yield svg.text(name, at + 8, below, class_="muted")


def _months(first: date, last: date, most: int) -> list[date]:
    """Return the first days of evenly spaced months between two days, at most so many."""
    between = [
        date(year, month, 1) for year in range(first.year, last.year + 1) for month in range(1, 13)
    ]
    between = [day for day in between if first <= day <= last]
    step = next(step for step in (1, 3, 6, 12) if len(between) <= most * step or step == 12)
    return [day for day in between if (day.month - 1) % step == 0]


def transfers(rows: list[dict[str, Any]], kinds: dict[str, str]) -> Panel:
    """Return what arrives by row of transfer rates, with what each kind of evidence says.

    `rows`: of `answers.transfers.rates_table`. `kinds`: letter of a kind of evidence, by its key in
    the rows.
    """
    left, top, right, step = 150.0, 12.0, 560.0, 16.0
    bottom = top + step * len(rows)
    x = _scale((0, 1), (left, right))
    parts = [_columns([(x(k / 10), f"{10 * k} %") for k in range(0, 11, 2)], top, bottom)]
    for place, row in enumerate(rows):
        y = top + step * (place + 0.5)
        words = f"{row['donor']} to {row['recipient']}"
        words += "" if row["against"] == "any" else f" against {row['against']}"
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


def scenario_panel(run: RunTables, scenario: str, aspect: float = 0.0) -> tuple[str, Panel]:
    """Return title and panel of the largest parties in one scenario; see `panel`."""
    rows = [Row(wording.label(party), party, run.won(scenario, (party,))) for party in largest(run)]
    title = "Seats" if scenario == NO_PACT else f"Seats, {run.named(scenario)}"
    return title, panel(rows, _upper(rows, MAJORITY + 24), aspect)


def party_panel(run: RunTables, party: str, aspect: float = 0.0) -> tuple[str, Panel]:
    """Return title and panel of one party in every scenario; see `panel`."""
    rows = [
        Row("no pacts" if name == NO_PACT else name, party, run.won(name, (party,)))
        for name in run.scenarios
    ]
    return PARTY_NAMES[party], panel(rows, _upper(rows, 10), aspect)


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
