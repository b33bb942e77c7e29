"""What a map's legend says: bounds in words, wards and residents per class, the spread."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from atlas.arrays import Floats, Ints
from atlas.maps.classes import METHODS, NO_CLASS, Classes
from atlas.maps.palette import colours
from atlas.maps.payload import MapView

_BARS = 40


@dataclass(frozen=True)
class LegendRow:
    """One class: its colour, its name, its bounds in words, its wards and residents."""

    colour: str
    name: str
    bounds: str
    wards: int
    residents: float


@dataclass(frozen=True)
class Bar:
    """One bar of the histogram: its middle value, how many wards, and the class it lies in."""

    value: float
    wards: int
    colour: str


@dataclass(frozen=True)
class Legend:
    """A whole legend. ``rows`` run from the highest class to the lowest; ``no_data`` is last.

    ``bars`` are empty where all values are equal. ``lowest`` and ``highest`` label their ends.
    """

    title: str
    direction: str
    method: str
    rows: tuple[LegendRow, ...]
    no_data: LegendRow
    bars: tuple[Bar, ...] = ()
    lowest: str = ""
    highest: str = ""


def legend(
    values: pd.Series,
    residents: pd.Series,
    classes: Classes,
    *,
    title: str,
    direction: str,
    say: Callable[[float], str],
    palette: Sequence[str] = (),
) -> Legend:
    """Describe classes as applied to ``values`` (by ward; NaN = no data).

    ``residents`` has the same index. ``say`` writes a value with its unit, as tables do. Bounds
    are those of ``classes``, whichever area ``values`` cover, so that they stay put. ``palette``
    has a colour for each class, from low to high, where dark is not high.
    """
    assigned, living = classes.assign(values).to_numpy(), residents.fillna(0).to_numpy()
    palette = palette or colours(max(classes.count, 1))
    bounds = [_bounds(classes, number, say) for number in range(classes.count)]
    *rows, no_data = _rows(assigned, living, palette, classes.labels, bounds)
    return Legend(
        title=title,
        direction=direction,
        method=METHODS[classes.method],
        rows=tuple(reversed(rows)),
        no_data=no_data,
        bars=_bars(values, classes, palette),
        lowest=say(classes.lowest) if classes.count else "",
        highest=say(classes.bounds[-1]) if classes.count else "",
    )


def named_legend(
    view: MapView, residents: pd.Series, method: str, title: str = "", highest_first: bool = True
) -> Legend:
    """Describe a view whose classes have names and no bounds, as applied to the wards it shows.

    ``residents`` are by ward code; unknown ones count as none. The title is the view's label
    unless one is given.
    """
    shown = view.classes if view.members is None else view.classes[list(view.members)]
    classes, living = shown.to_numpy(), residents.reindex(shown.index).fillna(0).to_numpy()
    labels = [label[:1].upper() + label[1:] for label in view.class_labels]
    *rows, no_data = _rows(classes, living, view.colours, [""] * len(labels), labels)
    return Legend(
        title=title or view.label,
        direction=view.direction,
        method=method,
        rows=tuple(reversed(rows) if highest_first else rows),
        no_data=no_data,
    )


def _rows(assigned: Ints, residents: Floats, *looks: Sequence[str]) -> list[LegendRow]:
    """Return a row for each class, the lowest first, and one for the wards of none.

    ``looks`` are the classes' colours, names and bounds in words.
    """
    marked = [*enumerate(zip(*looks, strict=False)), (NO_CLASS, ("", "no data", ""))]
    wards = ((assigned == number, look) for number, look in marked)
    return [
        LegendRow(colour, name, said, int(there.sum()), float(residents[there].sum()))
        for there, (colour, name, said) in wards
    ]


def _bounds(classes: Classes, number: int, say: Callable[[float], str]) -> str:
    """'12% to 19%', 'up to 12%', 'over 19%' or one value."""
    upper = say(classes.bounds[number])
    if classes.count == 1:
        return upper if classes.lowest == classes.bounds[0] else f"{say(classes.lowest)} to {upper}"
    if number == 0:
        return f"up to {upper}"
    lower = say(classes.bounds[number - 1])
    return f"over {lower}" if number == classes.count - 1 else f"over {lower}, up to {upper}"


def _bars(values: pd.Series, classes: Classes, palette: Sequence[str]) -> tuple[Bar, ...]:
    known = values.dropna().to_numpy(dtype=float)
    if not classes.count or classes.lowest == classes.bounds[-1] or not len(known):
        return ()
    # Fixed to the classes' own span, so that the picture does not move with the area.
    inside = np.clip(known, classes.lowest, classes.bounds[-1])
    counts, edges = np.histogram(inside, _BARS, (classes.lowest, classes.bounds[-1]))
    middles = pd.Series((edges[:-1] + edges[1:]) / 2)
    places = classes.assign(middles)
    return tuple(
        Bar(float(middle), int(count), palette[place])
        for middle, count, place in zip(middles, counts, places, strict=True)
    )
