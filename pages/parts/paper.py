"""What ward sheets are made from, shared by all sessions, and a sheet maker for one session."""

from threading import Lock
from weakref import WeakKeyDictionary

from pages.parts import risk
from pages.parts.atlas import Atlas, atlas
from pages.parts.downloads import address_of
from pages.parts.support import support
from pages.parts.yours import own_venues
from wards.outline_picture import Outlines
from wards.settings import Settings
from wards.ward_sheet import Sheets

_lock = Lock()
# Kept for as long as a visit looks at the version, as in `pages/parts/risk.py`.
_outlines: "WeakKeyDictionary[Atlas, Outlines]" = WeakKeyDictionary()


def sheets(contact: str) -> Sheets:
    """Return a maker of ward sheets that names ``contact`` and the session's own places."""
    settings, here = Settings(), address_of("")
    return Sheets(
        snapshot=atlas().snapshot,
        places=atlas().places,
        outlines=_shared_outlines(),
        index=risk.assessor().index(settings),
        tests=risk.kept_tests(settings) or risk.run_tests(settings),
        pockets=risk.assessor().pockets(settings),
        libraries=support().libraries,
        own=own_venues(),
        contact=contact,
        address=f"{here.rpartition('/')[0]}/" if here else "",
    )


def _shared_outlines() -> Outlines:
    shared = atlas()
    with _lock:
        if shared not in _outlines:
            _outlines[shared] = Outlines(shared.snapshot.path("boundaries_wards.geojson"))
        return _outlines[shared]
