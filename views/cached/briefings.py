"""Briefings for the pages: made once for each snapshot and place, and shared."""

from collections import OrderedDict
from dataclasses import replace
from threading import Lock

from atlas.access.distance import EVERYONE
from atlas.access.travel import STRAIGHT
from atlas.briefing.area import BriefingArea
from atlas.briefing.briefing import Briefing, Maker
from atlas.briefing.next_sites import NextSite, next_sites
from atlas.maps.outlines import outlines_of
from atlas.maps.static_map import Picture, picture_of
from atlas.planning.sites import KINDS, NoSitesError, candidates_in, problem_within
from atlas.risk.request import RiskRequest
from views.cached import risk, sites
from views.session.per_snapshot import per_snapshot
from views.session.snapshot import Atlas, atlas

_KEPT = 64
_STANDARD = RiskRequest()

Key = tuple[str, tuple[str, ...], str, bool]

_lock = Lock()
_made: "OrderedDict[Key, Briefing]" = OrderedDict()


@per_snapshot
def maker(shared: Atlas) -> Maker:
    """Return the maker of this visit's snapshot."""
    return Maker(risk.scorer())


def warm() -> None:
    """Make ready what the first briefing needs, before the first visitor asks for it."""
    maker()
    outlines_of(atlas().maps)
    sites.ground()
    risk.tested(_STANDARD)


def briefing(codes: tuple[str, ...], name: str = "") -> Briefing:
    """Return what can be said at once of areas together: the whole briefing where it is kept
    already, else one without tiers and next places.
    """
    kept = _kept(codes, name, True) or _kept(codes, name, False)
    return kept or _keep(codes, name, maker().briefing(codes, name=name))


def whole(codes: tuple[str, ...], name: str = "") -> Briefing:
    """Return the briefing with tiers and next places. The first visit to a place takes up to a
    second longer, the first of all runs the tests of the standard index.
    """
    found = _kept(codes, name, True)
    if found:
        return found
    made = maker().briefing(codes, risk.tested(_STANDARD), name)
    return _keep(codes, name, replace(made, sites=_next_sites(made.area)))


def _kept(codes: tuple[str, ...], name: str, tested: bool) -> Briefing | None:
    with _lock:
        return _made.get((atlas().snapshot.version, codes, name, tested))


def _keep(codes: tuple[str, ...], name: str, made: Briefing) -> Briefing:
    with _lock:
        _made[(atlas().snapshot.version, codes, name, made.tested)] = made
        while len(_made) > _KEPT:
            _made.popitem(last=False)
    return made


def _next_sites(area: BriefingArea) -> tuple[NextSite, ...]:
    shared, base = atlas(), sites.ground()
    snapshot, inside = shared.snapshot, base.ward_codes[area.rows]
    options = candidates_in(list(inside), snapshot.lsoas, snapshot.libraries, tuple(KINDS))
    place = area.codes[0]
    try:
        problem = problem_within(
            inside, place, EVERYONE, base.residents, base.libraries, options, STRAIGHT
        )
    except NoSitesError:
        return ()
    return next_sites(problem, snapshot.wards, sites.whereabouts)


def picture(made: Briefing, width: int, height: int) -> Picture:
    """Return the picture of a briefing's wards, the wards to start with marked on it."""
    named = [(ward.code, ward.name) for ward in made.wards]
    return picture_of(outlines_of(atlas().maps), made.levels, named, width, height)
