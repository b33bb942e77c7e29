"""The reader's settings for the index, and their form in an address.

Every setting survives the round trip through the address unchanged, so that a link or an
exported file reopens the exact view.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from atlas.places.comparison_base import Base, base_of
from atlas.places.notices import Notices
from atlas.places.places import ENGLAND, Places
from atlas.risk.index import Choice, Peers, choose
from atlas.risk.influence import choice_for_influence, choice_of
from atlas.risk.method import OWN_PART, Method, declared_method

STANDARD = "standard"
LARGEST = 1000.0
Pairs = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Settings:
    """What the reader set.

    A preset holds unless own ``weights`` or an own ``influence`` (by component) are given.
    ``inner`` changes single indicators' weights. ``base`` are the codes compared with.
    """

    preset: str = STANDARD
    weights: Pairs = ()
    influence: Pairs = ()
    inner: Pairs = ()
    base: tuple[str, ...] = (ENGLAND,)

    def choice(self, england: Peers) -> Choice:
        """Return the choice that these settings stand for.

        Weights for an influence are found on ``england``. Raises ``ValueError`` for weights
        that make no score.
        """
        method = england.method
        scaling = method.presets[self.preset].scaling
        if self.influence:
            return choice_for_influence(england, dict(self.influence), dict(self.inner))
        if self.weights:
            return choose(dict(self.weights), dict(self.inner), scaling, method=method)
        choice = choice_of(method.presets[self.preset], england)
        if not self.inner:
            return choice
        return choose(choice.weight, dict(self.inner), scaling, method=method)

    def query(self) -> dict[str, str]:
        """Return the settings as address parameters; the usual ones are left out."""
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


def settings_from(
    query: Mapping[str, str], places: Places, notices: Notices, method: Method | None = None
) -> Settings:
    """Read settings from address parameters.

    Whatever is unknown or makes no sense is left out, with a sentence in ``notices``; nothing
    is raised for what a visitor sends.
    """
    method = method or declared_method()
    preset = query.get("preset", STANDARD)
    if preset not in method.presets:
        notices.add("The weighting named in this link is not known: the standard one is shown.")
        preset = STANDARD
    given = {name: query.get(name, "") for name in ("weights", "influence")}
    if _foreign(given.values(), method):
        # What is left of such weights would be nobody's choice.
        notices.add(
            "The weights in this link count a measure that its reader brought. A link cannot carry "
            "one, so the published weights are shown."
        )
        given = {}
    parts = list(method.components)
    weights = _numbers(given.get("weights", ""), parts, "weights", notices)
    influence = _numbers(given.get("influence", ""), parts, "influence", notices)
    inner = _numbers(query.get("inner", ""), list(method.indicators), "weights", notices)
    settings = Settings(preset, weights, influence, inner, _base(query, places, notices))
    return _that_score(settings, method, notices)


def _foreign(given: Iterable[str], method: Method) -> bool:
    """Tell whether weights name a reader's own measure that is not here."""
    named = {part.partition(":")[0] for text in given for part in text.split(",")}
    return any(key.startswith(OWN_PART) and key not in method.components for key in named)


def _base(query: Mapping[str, str], places: Places, notices: Notices) -> tuple[str, ...]:
    codes = [code for code in query.get("against", "").split(",") if code]
    known = [code for code in codes if code in places]
    if len(known) < len(codes):
        notices.add("A place to compare with in this link is not known and was left out.")
    return base_of(places, known).codes


def _that_score(settings: Settings, method: Method, notices: Notices) -> Settings:
    """Return the settings, or the standard ones where no score could be made of them."""
    trial = dict(settings.influence or settings.weights) or {
        key: 1.0 for key in method.risk_components()
    }
    try:
        choose(trial, dict(settings.inner), method=method)
    except ValueError:
        notices.add("The weights in this link make no score: the standard ones are shown.")
        return Settings(base=settings.base)
    return settings


def base_from(settings: Settings, places: Places) -> Base:
    """Return the comparison base that the settings name."""
    return base_of(places, settings.base)
