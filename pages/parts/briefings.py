"""Briefings for the pages: made once for each snapshot and place, and shared."""

from collections import OrderedDict
from threading import Lock
from weakref import WeakKeyDictionary

from pages.parts import risk
from pages.parts.atlas import Atlas, atlas
from wards.briefing import Briefing, Maker
from wards.outlines import outlines_of
from wards.robustness import Robustness
from wards.settings import Settings
from wards.ward_picture import Picture, picture_of

_KEPT = 64
_STANDARD = Settings()

Key = tuple[str, tuple[str, ...], bool]

_lock = Lock()
_makers: "WeakKeyDictionary[Atlas, Maker]" = WeakKeyDictionary()
_made: "OrderedDict[Key, Briefing]" = OrderedDict()


def maker() -> Maker:
    """Return the maker of this visit's snapshot."""
    shared = atlas()
    with _lock:
        if shared not in _makers:
            _makers[shared] = Maker(risk.assessor())
        return _makers[shared]


def briefing(codes: tuple[str, ...], tests: Robustness | None = None) -> Briefing:
    """Return the briefing of areas together. ``tests`` are those of the standard index, or are
    taken from what is kept; without them the wards have no tier yet.
    """
    tests = tests or risk.kept_tests(_STANDARD)
    key = (atlas().snapshot.version, codes, tests is not None)
    with _lock:
        found = _made.get(key)
    if found is None:
        found = maker().briefing(codes, tests)
        with _lock:
            _made[key] = found
            while len(_made) > _KEPT:
                _made.popitem(last=False)
    return found


def picture(made: Briefing, width: int, height: int) -> Picture:
    """Return the picture of a briefing's wards, the wards to start with marked on it."""
    named = [(ward.code, ward.name) for ward in made.wards]
    return picture_of(outlines_of(atlas().maps), made.levels, named, width, height)
