"""The ward outlines for finding the ward of a point: read when first asked for, then shared."""

from threading import Lock
from weakref import WeakKeyDictionary

from atlas.places.ward_at_point import WardOutlines
from views.session.snapshot import Atlas, atlas

_lock = Lock()
_outlines: "WeakKeyDictionary[Atlas, WardOutlines]" = WeakKeyDictionary()


def ward_at(easting: float, northing: float) -> str:
    """Return the code of the ward at a point (EPSG:27700 metres), "" outside England's wards."""
    shared = atlas()
    with _lock:
        if shared not in _outlines:
            path = shared.snapshot.path("boundaries_wards.geojson")
            _outlines[shared] = WardOutlines.load(path)
        found = _outlines[shared]
    return found.find(easting, northing)
