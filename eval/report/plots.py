"""Where the parts of a plot stand, in the units of its drawing; templates/plots.html.j2 draws them.

The plots are SVG of our own and not a plotting library's, for reasons that were measured: bars stand in the rows of
the tables and are sorted with them, colours follow the reader's light or dark scheme, letters keep their size on a
telephone, every id is unique in the page; and the extra is one small package in place of eleven (80 MB).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from eval.harness.result import CurvePoint, Estimate, Reliability, Selective


@dataclass(frozen=True, kw_only=True, slots=True)
class Axes:
    """A rectangle of a drawing and the ranges that it shows, y upwards. What lies outside is drawn on the edge."""

    left: float = 60
    right: float = 378
    top: float = 12
    bottom: float = 250
    x0: float = 0.0
    x1: float = 1.0
    y0: float = 0.0
    y1: float = 1.0

    def x(self, value: float) -> float:
        """Return the place of a value on the horizontal axis."""
        return _placed(value, self.x0, self.x1, self.left, self.right)

    def y(self, value: float) -> float:
        """Return the place of a value on the vertical axis."""
        return _placed(value, self.y0, self.y1, self.bottom, self.top)

    def path(self, points: Iterable[tuple[float, float]]) -> str:
        """Return the SVG path through points (x, y)."""
        return "M" + " L".join(f"{self.x(x):g} {self.y(y):g}" for x, y in points)

    @property
    def x_ticks(self) -> tuple[float, ...]:
        """Round values on the horizontal axis."""
        return ticks(self.x0, self.x1)

    @property
    def y_ticks(self) -> tuple[float, ...]:
        """Round values on the vertical axis."""
        return ticks(self.y0, self.y1)


def _placed(value: float, low: float, high: float, start: float, end: float) -> float:
    share = min(1.0, max(0.0, (value - low) / (high - low)))
    return round(start + share * (end - start), 1)


def step_of(span: float, most: int = 6) -> float:
    """Return the least of 1, 2, 5 times a power of ten that cuts a span into at most so many."""
    power: float = 10.0 ** math.floor(math.log10(span / most))
    return next(nice * power for nice in (1, 2, 5, 10) if span / (nice * power) <= most + 1e-9)


def ticks(low: float, high: float) -> tuple[float, ...]:
    """Return round values from ``low`` to ``high``, both ends included where they are round."""
    step = step_of(high - low)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple(round(number * step, 10) for number in range(first, last + 1))


def floor_of(shares: Iterable[float], highest: float = 0.8) -> float:
    """Return the tenth that an axis may start at so that shares stand above it."""
    return max(0.0, min(highest, math.floor(10 * min(shares, default=0.0) + 1e-9) / 10))


@dataclass(frozen=True, kw_only=True, slots=True)
class Histogram:
    """Counts in bins between two values."""

    axes: Axes
    bars: tuple[tuple[float, float, int], ...]
    """(low, high, count)"""

    def outline(self, bar: tuple[float, float, int]) -> dict[str, float]:
        """Return the attributes of the rectangle of a bar."""
        low, high, number = bar
        x, y = self.axes.x(low), self.axes.y(number)
        wide, high_ = max(1.0, self.axes.x(high) - x - 1), self.axes.bottom - y
        return {"x": x + 0.5, "y": round(y, 1), "width": round(wide, 1), "height": round(high_, 1)}


@dataclass(frozen=True, kw_only=True, slots=True)
class ReliabilityPlot:
    """Share right over confidence, and under it how many tags have that confidence."""

    axes: Axes
    histogram: Histogram


def reliability_plot(*found: Reliability) -> ReliabilityPlot:
    """Return the plot of curves; the histogram is the first one's. Both axes start at the same tenth."""
    floor = floor_of(share for one in found for each in one.bins for share in (each.low, each.right))
    bars = tuple((one.low, one.high, one.tags) for one in found[0].bins)
    return ReliabilityPlot(
        axes=Axes(x0=floor, y0=floor),
        histogram=Histogram(
            axes=Axes(top=292, bottom=340, x0=floor, y1=max((tags for *_, tags in bars), default=1)), bars=bars
        ),
    )


def calibration(one: Reliability) -> list[tuple[float, float]]:
    """Return (mean confidence, share right) of each bin."""
    return [(each.confidence, each.right) for each in one.bins]


def coverage_axes(one: Selective) -> Axes:
    """Return the axes of accuracy over coverage; points of very few tags do not stretch them."""
    told = [point.accuracy for point in one.curve if point.coverage >= 0.05]
    return Axes(y0=floor_of([*told, one.stated, one.accuracy.value]), bottom=340)


def curve(points: Sequence[CurvePoint]) -> list[tuple[float, float]]:
    """Return (coverage, accuracy) by rising coverage."""
    return sorted((point.coverage, point.accuracy) for point in points)


def latency_histogram(latencies: Sequence[float]) -> Histogram:
    """Return latencies in milliseconds in about 24 bins; the slowest 1 % are counted in the last bin."""
    ordered = sorted(latencies)
    end = ordered[math.ceil(0.99 * len(ordered)) - 1] or 1.0
    step = step_of(end, 24)
    bins = max(1, math.ceil(end / step - 1e-9))
    counts = [0] * bins
    for one in ordered:
        counts[min(bins - 1, int(one / step))] += 1
    bars = tuple((at * step, (at + 1) * step, number) for at, number in enumerate(counts))
    return Histogram(axes=Axes(bottom=180, x1=bins * step, y1=max(counts)), bars=bars)


@dataclass(frozen=True, kw_only=True, slots=True)
class Scale:
    """A horizontal scale of bars in a table: a share, or a difference with zero in the middle."""

    low: float = 0.0
    high: float = 1.0
    marks: tuple[float, ...] = field(default=(0.0, 0.5, 1.0))

    def at(self, value: float) -> float:
        """Return a place from 0 to 100."""
        return _placed(value, self.low, self.high, 0, 100)

    def bar(self, value: float) -> tuple[float, float]:
        """Return (start, width) of a bar from zero."""
        start, end = sorted((self.at(0.0), self.at(value)))
        return start, round(end - start, 1)


SHARES = Scale()


def from_zero(*groups: Iterable[Estimate]) -> Scale:
    """Return the scale that holds shares and their intervals."""
    ends = [one.value if one.high is None else one.high for group in groups for one in group]
    span = next((span for span in (0.1, 0.2, 0.5) if max(ends, default=0.0) <= span), 1.0)
    return Scale(high=span, marks=(0.0, span / 2, span))


def around_zero(differences: Iterable[Estimate]) -> Scale:
    """Return the scale that holds differences and their intervals."""
    ends = [abs(end) for one in differences for end in (one.value, one.low, one.high) if end is not None]
    longest = max(ends, default=0.0)
    span = next((span for span in (0.02, 0.05, 0.1, 0.2, 0.5) if longest <= span), 1.0)
    return Scale(low=-span, high=span, marks=(-span, 0.0, span))
