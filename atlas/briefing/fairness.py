"""Is it fair? Each authority's share of the residents beside its share of those in target wards."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from atlas.arrays import Bools
from atlas.briefing.area import BriefingArea, area_of, with_article
from atlas.briefing.numbers import share_of
from atlas.briefing.provenance import Number, Said, Term, Trace, total
from atlas.places.places import ENGLAND, Places, natural

Texts = npt.NDArray[np.object_]
AT_MOST = 10


@dataclass(frozen=True)
class Line:
    """One authority, or the rest of them together (``code`` ""), of the area compared.

    ``share_area`` is its share of the area's residents, ``share_target`` its share of the
    residents of the area's target wards; both as shown beside ``residents`` and ``targeted``.
    """

    code: str
    name: str
    residents: Number
    targeted: Number
    share_area: Number
    share_target: Number
    own: bool = False

    @property
    def numbers(self) -> tuple[Number, ...]:
        """Its four numbers."""
        return (self.residents, self.targeted, self.share_area, self.share_target)

    @property
    def gap(self) -> float:
        """Share of target residents less share of all residents, -1 to 1."""
        return self.share_target.value - self.share_area.value


@dataclass(frozen=True)
class Fairness:
    """Authorities (for England: regions) compared. ``among`` names the area they belong to.

    ``lines`` are all of them, the largest share of target residents first. Without target wards
    in the area ``comparable`` is false, and shares of target residents are missing.
    """

    among: str
    lines: tuple[Line, ...]
    said: Said
    comparable: bool
    parts: str
    rest: Line | None

    def brief(self) -> tuple[Line, ...]:
        """Return at most ten lines for a picture; what they leave out is ``rest``."""
        return self.lines if self.rest is None else tuple(_first(self.lines))

    @property
    def rest_said(self) -> Said:
        """The authorities that the picture leaves out, in a sentence; "" where it has all."""
        if self.rest is None:
            return Said("")
        area, target = self.rest.share_area, self.rest.share_target
        text = (
            f"The other {self.parts} together have {area.shown} of the residents and "
            f"{_none(self.rest)} of those in highest-risk wards."
        )
        return Said(text, (area, *((target,) if target.value else ())))


def _first(lines: Sequence[Line]) -> list[Line]:
    with_targets = [line for line in lines if line.targeted.value] or list(lines)
    kept = with_targets[:AT_MOST]
    own = [line for line in lines if line.own and line not in kept]
    return [*kept[: AT_MOST - len(own)], *own]


def fairness_of(
    wards: pd.DataFrame, places: Places, targeted: Bools, area: BriefingArea
) -> Fairness:
    """Compare the authorities of the area; a single council with its neighbours.

    ``targeted`` marks the target wards in the rows of ``wards``. England is compared by region.
    A single council is compared with the others of its combined authority or region.
    """
    codes = wards["authority_code"].to_numpy(dtype=object)[area.rows]
    own = ""
    if len(set(codes)) == 1:
        holders = places.containing(area.codes[0])
        holder = next(place for place in holders if place.kind != "authority")
        area = area_of(places, [holder.code])
        own = str(codes[0])
    level = "region" if area.codes == (ENGLAND,) else "authority"
    maker = _Lines(wards, targeted, area, level, own)
    lines = maker.lines()
    comparable = bool(maker.targeted.any())
    parts = "regions" if level == "region" else "councils"
    rest = maker.rest(_first(lines), parts) if len(lines) > AT_MOST else None
    if not comparable:
        said = Said(f"No ward of {area.said} is in the highest-risk fifth: nothing to share out.")
    elif own:
        said = _about_one(next(line for line in lines if line.own), area)
    else:
        said = _widest(lines, area)
    return Fairness(area.name, tuple(lines), said, comparable, parts, rest)


class _Lines:
    """Makes the lines of one area."""

    def __init__(
        self, wards: pd.DataFrame, targeted: Bools, area: BriefingArea, level: str, own: str
    ) -> None:
        self.area, self.own = area, own
        self.codes: Texts = wards["ward_code"].to_numpy(dtype=object)[area.rows]
        self.people = wards["population"].to_numpy(dtype=float)[area.rows]
        self.home: Texts = wards[f"{level}_code"].to_numpy(dtype=object)[area.rows]
        self.names: Texts = wards[f"{level}_name"].to_numpy(dtype=object)[area.rows]
        self.targeted = targeted[area.rows]
        every = np.ones(len(self.codes), dtype=bool)
        self.whole = self._residents(every, area.rule, "")
        self.all_targets = self._residents(self.targeted, f"target wards of {area.name}", "")

    def _residents(self, chosen: Bools, rule: str, name: str) -> Number:
        value = total(self.people[chosen])
        term = Term("wards", tuple(self.codes[chosen]), "population", "sum", rule)
        return Number(name, value, f"{value:,.0f}", Trace(term))

    def lines(self) -> list[Line]:
        found = [
            self._line(str(code), natural(str(self.names[self.home == code][0])), self.home == code)
            for code in sorted(set(self.home))
        ]
        return sorted(
            found,
            key=lambda line: (-line.targeted.value, -line.residents.value, line.code),
        )

    def rest(self, shown: Sequence[Line], parts: str) -> Line:
        others = ~np.isin(self.home, [line.code for line in shown])
        count = len(set(self.home[others]))
        noun = parts if count > 1 else parts.removesuffix("s")
        return self._line("", f"{count} other {noun}", others)

    def _line(self, code: str, name: str, inside: Bools) -> Line:
        residents = self._residents(inside, f"wards of {name}", f"Residents, {name}")
        targeted = self._residents(
            inside & self.targeted,
            f"target wards of {name}",
            f"Residents of target wards, {name}",
        )
        return Line(
            code,
            name,
            residents,
            targeted,
            _share(residents, self.whole, f"Share of residents, {name}"),
            _share(targeted, self.all_targets, f"Share of target residents, {name}"),
            own=code == self.own != "",
        )


def _share(part: Number, whole: Number, name: str) -> Number:
    share = share_of(part, whole, name)
    return share if whole.value else replace(share, shown="none")


def _about_one(line: Line, area: BriefingArea) -> Said:
    name = with_article(line.name)
    text = (
        f"{name[0].upper()}{name[1:]} has {line.share_area.shown} of {area.whose} residents and "
        f"{line.share_target.shown} of the residents of its highest-risk wards."
    )
    return Said(text, (line.share_area, line.share_target))


def _widest(lines: Sequence[Line], area: BriefingArea) -> Said:
    known = [line for line in lines if not np.isnan(line.gap)]
    if len(known) < 2:
        return Said("")
    most, least = max(known, key=lambda x: x.gap), min(known, key=lambda x: x.gap)
    first, last = with_article(most.name), with_article(least.name)
    text = (
        f"{first[0].upper()}{first[1:]} has {most.share_area.shown} of {area.whose} residents but "
        f"{most.share_target.shown} of those in its highest-risk wards; {last} has "
        f"{least.share_area.shown} of the residents and {_none(least)} of those."
    )
    numbers = (most.share_area, most.share_target, least.share_area)
    return Said(text, numbers + ((least.share_target,) if least.share_target.value else ()))


def _none(line: Line) -> str:
    return line.share_target.shown if line.share_target.value else "none"
