"""What a reader asks of the index, and its form in an address, which reopens the exact view."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from atlas.places.comparison_base import base_of
from atlas.places.notices import Notices
from atlas.places.places import ENGLAND, Places
from atlas.risk.index import Peers, Weighting, choose
from atlas.risk.influence import weighting_for_influence, weighting_of
from atlas.risk.method import OWN_PART

STANDARD = "standard"
# What version 0.1 called its parts and its presets of percentiles. Links that name them were saved
# with weights for percentiles, and open the preset that keeps those.
VERSION_0_1 = "version_0_1"
_FORMER_PARTS = {"means_and_skills": "money_and_skills", "age_and_disability": "age_and_health"}
_FORMER_PRESETS = ("equal", "people", "with_libraries")
LARGEST = 1000.0
Pairs = tuple[
    tuple[str, Annotated[float, Field(ge=0, le=LARGEST, allow_inf_nan=False)]],
    ...,
]


@dataclass(frozen=True)
class RiskRequest:
    """What the reader asked for.

    A preset holds unless own ``weights`` or an own ``influence`` (by component) are given.
    ``inner`` changes single indicators' weights. ``base`` are the codes compared with. Raises
    pydantic's ``ValidationError`` for a number below 0 or above :data:`LARGEST`.
    """

    preset: str = STANDARD
    weights: Pairs = ()
    influence: Pairs = ()
    inner: Pairs = ()
    base: tuple[str, ...] = (ENGLAND,)

    @property
    def is_own(self) -> bool:
        """Whether the reader set weights or influence, in place of a preset."""
        return bool(self.weights or self.influence or self.inner)

    def weighting(self, england: Peers) -> Weighting:
        """Return the weights asked for; ``ValueError`` for those that make no score."""
        method, inner = england.method, dict(self.inner)
        preset = method.presets[self.preset]
        if not self.is_own:
            return weighting_of(preset, method)
        if self.influence:
            return weighting_for_influence(england, dict(self.influence), inner, preset.scaling)
        weights = dict(self.weights) or preset.weights
        return choose(weights, inner, preset.scaling, method=method)

    def query(self) -> dict[str, str]:
        """Return the request as address parameters; the usual ones are left out."""
        parts = {
            "preset": self.preset if self.preset != STANDARD else "",
            "weights": _written(self.weights),
            "influence": _written(self.influence),
            "inner": _written(self.inner),
            "against": ",".join(self.base) if self.base != (ENGLAND,) else "",
        }
        return {key: value for key, value in parts.items() if value}


def _written(pairs: Pairs) -> str:
    # repr gives the shortest text that reads back as the same number.
    return ",".join(f"{key}:{value!r}" for key, value in pairs)


def _numbers(text: str, known: Sequence[str], what: str, notices: Notices) -> Pairs:
    pairs: dict[str, float] = {}
    for part in filter(None, text.split(",")):
        key, _, number = part.partition(":")
        try:
            value = float(number)
        except ValueError:
            value = -1.0
        if key in known and 0 <= value <= LARGEST:
            pairs[key] = value
        else:
            notices.add(f"Part of the {what} in this link could not be read and was left out.")
    return tuple((key, pairs[key]) for key in known if key in pairs)


def risk_request_from(
    query: Mapping[str, str], places: Places, notices: Notices, england: Peers
) -> RiskRequest:
    """Read a request from an address; what is unknown or scores nothing goes, with a notice."""
    method, query = england.method, _of_today(query, notices)
    preset = query.get("preset", STANDARD)
    if preset not in method.presets:
        notices.add("The weighting named in this link is not known: the standard one is shown.")
        preset = STANDARD
    given = {name: query.get(name, "") for name in ("weights", "influence")}
    named = {part.partition(":")[0] for text in given.values() for part in text.split(",")}
    if any(key.startswith(OWN_PART) and key not in method.components for key in named):
        # What is left of such weights would be nobody's choice.
        notices.add(
            "The weights in this link count a measure that its reader brought. A link cannot carry "
            "one, so the published weights are shown."
        )
        given = dict.fromkeys(given, "")
    parts = list(method.components)
    weights, influence = (_numbers(text, parts, name, notices) for name, text in given.items())
    inner = _numbers(query.get("inner", ""), list(method.indicators), "weights", notices)
    request = RiskRequest(preset, weights, influence, inner, _base(query, places, notices))
    return _that_scores(request, england, notices)


def _of_today(query: Mapping[str, str], notices: Notices) -> Mapping[str, str]:
    """Return the parameters of a link of version 0.1 as today's; others as they are."""
    own = {name: query[name] for name in ("weights", "influence") if name in query}
    former = any(part in text for part in _FORMER_PARTS for text in own.values())
    if not former and query.get("preset") not in _FORMER_PRESETS:
        return query
    notices.add(
        "This link was saved with weights of version 0.1 of the index. It opens “Percentiles, as "
        "in version 0.1”, with its own weights where it has any."
    )
    for old, new in _FORMER_PARTS.items():
        own = {name: text.replace(old, new) for name, text in own.items()}
    kept = query.get("preset") == "min_max"
    return {**query, **own, **({} if kept else {"preset": VERSION_0_1})}


def _base(query: Mapping[str, str], places: Places, notices: Notices) -> tuple[str, ...]:
    codes = [code for code in query.get("against", "").split(",") if code]
    known = [code for code in codes if code in places]
    if len(known) < len(codes):
        notices.add("A place to compare with in this link is not known and was left out.")
    return base_of(places, known).codes


def _that_scores(request: RiskRequest, england: Peers, notices: Notices) -> RiskRequest:
    """Return the request, or the standard one where no score can be made of it."""
    if not request.is_own:
        return request
    try:
        request.weighting(england)
    except ValueError:
        notices.add(
            "No weights give the influence that was asked for: the usual ones are shown."
            if request.influence
            else "The weights in this link make no score: the standard ones are shown."
        )
        return RiskRequest(base=request.base)
    return request
