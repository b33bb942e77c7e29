"""Strip plots: one ward's place among the wards of an area, drawn as a small SVG picture.

Every strip stands beside a sentence that says the same; it never carries a figure alone.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from views.kit.html import drawn
from views.session.snapshot import atlas

WIDTH, HEIGHT = 240, 18
_BINS = 60
_FEW = 60  # up to so many wards each gets its own line
_GREY, _DARK, _MARK = "#9AA3AD", "#545D68", "#B4500F"


@dataclass(frozen=True)
class Axis:
    """The ends that all strips of one measure share, in the measure's unit."""

    low: float
    high: float

    def reaching(self, value: float) -> "Axis":
        """Return the axis, drawn out where the value lies beyond it."""
        return Axis(min(self.low, value), max(self.high, value))

    def at(self, value: float) -> float:
        """Return the horizontal place of a value, inside the picture's margins."""
        if self.high <= self.low:
            return WIDTH / 2
        share = (value - self.low) / (self.high - self.low)
        return 4 + min(max(share, 0.0), 1.0) * (WIDTH - 8)


def ends_of(values: np.ndarray) -> Axis:
    """Return an axis over the values (NaN = no data), without the far 0.5% at either end.

    One extreme ward would otherwise squeeze all others together.
    """
    known = values[~np.isnan(values)]
    low, high = np.quantile(known, [0.005, 0.995])
    return Axis(float(low), float(high))


def crowd(values: np.ndarray, axis: Axis) -> str:
    """Return the marks of an area's wards (NaN = no data): the same whichever ward is shown.

    Few wards are lines; many are a profile of how many have each value.
    """
    known = values[~np.isnan(values)]
    if known.size > _FEW:
        return _profile(known, axis)
    path = "".join(f"M{axis.at(value):.1f} 9v8" for value in known)
    return f'<path d="{path}" stroke="{_GREY}" stroke-width="1.200"/>'


@lru_cache(maxsize=256)
def published_ends(version: str, name: str) -> Axis:
    """Return the axis of one published measure over all wards of this visit's snapshot.

    ``version`` is the snapshot's, so that another version's axis is never taken for it.
    """
    return ends_of(atlas().snapshot.wards[name].to_numpy(dtype=float))


@lru_cache(maxsize=2048)
def published_crowd(version: str, name: str, area: str, axis: Axis) -> str:
    """Return the marks of one published measure in one area of this visit's snapshot."""
    shared = atlas()
    values = shared.snapshot.wards[name].to_numpy(dtype=float)
    return crowd(values[shared.places.positions(area)], axis)


def strip(crowded: str, ward_value: float, average: float, axis: Axis, words: str) -> str:
    """Return an ``<img>`` of an area's wards, its average and the ward itself.

    ``crowded`` are the marks of the area's wards on the same axis. The ward is the tall dark
    mark with a round head, the area's own figure the short bar: both tell apart without colour.
    ``words`` is the text alternative.
    """
    marks = crowded
    if not np.isnan(average):
        x = axis.at(average)
        marks += f'<path d="M{x:.1f} 8v9" stroke="{_DARK}" stroke-width="2"/>'
    x = axis.at(ward_value)
    marks += (
        f'<path d="M{x:.1f} 3v14" stroke="{_MARK}" stroke-width="2.500"/>'
        f'<circle cx="{x:.1f}" cy="4" r="3.500" fill="{_MARK}"/>'
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'preserveAspectRatio="none"><path d="M4 17H{WIDTH - 4}" stroke="#D3D9DF"/>{marks}</svg>'
    )
    return drawn(svg, words, "atlas-strip")


def _profile(known: np.ndarray, axis: Axis) -> str:
    wide = axis.high - axis.low
    share = np.clip((known - axis.low) / wide, 0, 1) if wide > 0 else np.full(known.size, 0.5)
    # Counting bins of equal width this way takes a quarter of what np.histogram does.
    bins = np.minimum((share * _BINS).astype(int), _BINS - 1)
    counts = np.bincount(bins, minlength=_BINS)
    heights = counts / max(counts.max(), 1) * 11
    step = (WIDTH - 8) / _BINS
    path = "".join(
        f"M{4 + number * step:.1f} 17v-{height:.1f}h{step:.1f}v{height:.1f}z"
        for number, height in enumerate(heights)
        if height >= 0.05
    )
    return f'<path d="{path}" fill="{_GREY}"/>'
