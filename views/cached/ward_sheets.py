"""What ward sheets are made from, shared by all sessions, and a sheet maker for one session."""

from atlas.risk.request import RiskRequest
from atlas.ward.locator_map import Outlines
from atlas.ward.sheet import Sheets
from views.cached import risk
from views.cached.support import support
from views.kit.downloads import address_of
from views.session.per_snapshot import per_snapshot
from views.session.snapshot import Atlas, atlas
from views.session.uploads import own_venues


@per_snapshot
def _outlines(shared: Atlas) -> Outlines:
    return Outlines(shared.snapshot.path("boundaries_wards.geojson"))


def sheets(contact: str) -> Sheets:
    """Return a maker of ward sheets that names ``contact`` and the session's own places."""
    asked, here = RiskRequest(), address_of("")
    return Sheets(
        snapshot=atlas().snapshot,
        places=atlas().places,
        outlines=_outlines(),
        index=risk.scorer().index(asked),
        tests=risk.kept_tests(asked) or risk.run_tests(asked),
        pockets=risk.scorer().pockets(asked),
        libraries=support().libraries,
        own=own_venues(),
        contact=contact,
        address=f"{here.rpartition('/')[0]}/" if here else "",
    )
