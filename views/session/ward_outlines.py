"""The ward outlines for finding the ward of a point: read when first asked for, then shared."""

from atlas.places.ward_at_point import WardOutlines
from views.session.per_snapshot import per_snapshot
from views.session.snapshot import Atlas


@per_snapshot
def _outlines(shared: Atlas) -> WardOutlines:
    return WardOutlines.load(shared.snapshot.path("boundaries_wards.geojson"))


def ward_at(easting: float, northing: float) -> str:
    """Return the code of the ward at a point (EPSG:27700 metres), "" outside England's wards."""
    return _outlines().find(easting, northing)
