"""What ward sheets are made from, shared by all sessions, and a sheet maker for one session."""

from dataclasses import replace

from atlas.maps.outlines import outlines_of
from atlas.plain_pages.pages import PlainPages
from atlas.risk.request import RiskRequest
from atlas.ward.sheet import Sheets
from views.cached import briefings, risk
from views.kit.downloads import address_of
from views.session.kept import per_snapshot
from views.session.snapshot import Atlas
from views.session.uploads import own_venues

_STANDARD = RiskRequest()


def sheets(contact: str) -> Sheets:
    """Return a maker of ward sheets that names ``contact`` and the session's own places."""
    here = address_of("")
    risk.run_tests(_STANDARD)
    return replace(
        published_sheets(),
        own=own_venues(),
        contact=contact,
        address=f"{here.rpartition('/')[0]}/" if here else "",
    )


@per_snapshot
def published_sheets(shared: Atlas) -> Sheets:
    """Return a maker of ward sheets of what is published; it waits for the tests of the index."""
    return Sheets.of(risk.scorer(), risk.tested(_STANDARD))


@per_snapshot
def plain_pages(shared: Atlas) -> PlainPages:
    """Return the maker of pages without scripts."""
    return PlainPages(
        snapshot=shared.snapshot,
        places=shared.places,
        search=shared.search,
        sheets=published_sheets(),
        maker=briefings.maker(),
        outlines=outlines_of(shared.maps),
    )
