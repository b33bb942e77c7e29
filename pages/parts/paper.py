"""What ward sheets are made from, shared by all sessions, and a sheet maker for one session."""

from threading import Lock

from pages.parts import risk
from pages.parts.atlas import atlas
from pages.parts.downloads import address_of
from pages.parts.yours import own_venues
from wards.outline_picture import Outlines
from wards.reach import Venue, library_venues
from wards.settings import Settings
from wards.ward_sheet import Sheets

_lock = Lock()
_shared: dict[str, tuple[Outlines, tuple[Venue, ...]]] = {}


def sheets(contact: str) -> Sheets:
    """Return a maker of ward sheets that names ``contact`` and the session's own places."""
    outlines, libraries = _of_snapshot()
    settings = Settings()
    return Sheets(
        snapshot=atlas().snapshot,
        places=atlas().places,
        outlines=outlines,
        index=risk.assessor().index(settings),
        tests=risk.kept_tests(settings) or risk.run_tests(settings),
        pockets=risk.assessor().pockets(settings),
        libraries=libraries,
        own=own_venues(),
        contact=contact,
        address=f"{address_of('').rpartition('/')[0]}/" if address_of("") else "",
    )


def _of_snapshot() -> tuple[Outlines, tuple[Venue, ...]]:
    snapshot = atlas().snapshot
    with _lock:
        if snapshot.version not in _shared:
            _shared.clear()
            _shared[snapshot.version] = (
                Outlines(snapshot.path("boundaries_wards.geojson")),
                library_venues(snapshot.libraries),
            )
        return _shared[snapshot.version]
