"""The comparison base: the places that a score compares with, always named."""

from collections.abc import Sequence
from dataclasses import dataclass

from atlas.places.places import ENGLAND, Places
from atlas.text.lists import listed

NAMED_AT_MOST = 3


class UnknownPlaceError(ValueError):
    """A code has no wards in this snapshot; the message names it."""


@dataclass(frozen=True)
class Base:
    """Places taken together. ``label`` completes "compared with ..."."""

    codes: tuple[str, ...]
    label: str

    @property
    def is_england(self) -> bool:
        """Whether the base is the whole country."""
        return self.codes == (ENGLAND,)

    @property
    def residents(self) -> str:
        """The base's people in words: "England's residents", "residents of Alton and Brigg"."""
        return "England's residents" if self.label == "England" else f"residents of {self.label}"


def base_of(places: Places, codes: Sequence[str]) -> Base:
    """Return the base of places, or England; :class:`UnknownPlaceError` for one without wards."""
    wanted = sorted(set(codes)) or [ENGLAND]
    for code in wanted:
        if code not in places:
            raise UnknownPlaceError(f"{code} is not the code of an English place in this snapshot")
    if ENGLAND in wanted:
        wanted = [ENGLAND]
    return Base(tuple(wanted), listed([places[code].label for code in wanted], NAMED_AT_MOST))
