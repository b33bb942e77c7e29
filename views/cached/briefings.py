"""Briefings for the pages: made once for each snapshot and place, and shared."""

from collections import OrderedDict
from dataclasses import replace
from threading import Lock

from atlas.access.travel import STRAIGHT
from atlas.briefing.briefing import Briefing, Maker
from atlas.briefing.next_sites import NextSite, next_sites
from atlas.briefing.numbers import PlaceNumbers
from atlas.catalogue.cohorts import AT_RISK
from atlas.maps.outlines import outlines_of
from atlas.maps.static_map import Picture, picture_of
from atlas.planning.sites import KINDS, NoSitesError, candidates_in, problem_within
from atlas.risk.request import RiskRequest
from views.cached import risk, sites
from views.session.snapshot import atlas

_KEPT, _KEPT_MAKERS = 64, 8
STANDARD = RiskRequest()

Key = tuple[str, tuple[str, ...], str, RiskRequest, bool]

_lock = Lock()
_made: "OrderedDict[Key, Briefing]" = OrderedDict()
_makers: risk.Kept[Maker] = risk.Kept(_KEPT_MAKERS)


def maker(asked: RiskRequest = STANDARD) -> Maker:
    """Return the maker of this visit's snapshot and of weights."""
    return _makers.get_or_make(asked, lambda weights: Maker(risk.scorer(), weights))


def warm() -> None:
    """Make ready what the first briefing needs, before the first visitor asks for it."""
    maker()
    outlines_of(atlas().maps)
    sites.ground()
    risk.tested(STANDARD)


def briefing(codes: tuple[str, ...], name: str = "", asked: RiskRequest = STANDARD) -> Briefing:
    """Return what can be said at once of areas together: the whole briefing where it is kept
    already, else one without tiers and next places.
    """
    kept = _kept(codes, name, asked, True) or _kept(codes, name, asked, False)
    return kept or _keep(codes, name, asked, maker(asked).briefing(codes, name=name))


def whole(codes: tuple[str, ...], name: str = "", asked: RiskRequest = STANDARD) -> Briefing:
    """Return the briefing with tiers and next places. The first visit to a place takes up to a
    second longer, the first of all with these weights runs their tests.
    """
    found = _kept(codes, name, asked, True)
    if found:
        return found
    numbers = maker(asked).numbers
    made = maker(asked).briefing(codes, risk.tested(asked), name)
    return _keep(codes, name, asked, replace(made, sites=_next_sites(made, numbers)))


def _kept(codes: tuple[str, ...], name: str, asked: RiskRequest, tested: bool) -> Briefing | None:
    with _lock:
        return _made.get((atlas().snapshot.version, codes, name, asked, tested))


def _keep(codes: tuple[str, ...], name: str, asked: RiskRequest, made: Briefing) -> Briefing:
    with _lock:
        _made[(atlas().snapshot.version, codes, name, asked, made.tested)] = made
        while len(_made) > _KEPT:
            _made.popitem(last=False)
    return made


def _next_sites(made: Briefing, numbers: PlaceNumbers) -> tuple[NextSite, ...]:
    snapshot, base = atlas().snapshot, sites.ground()
    inside, place = base.ward_codes[made.area.rows], made.area.codes[0]
    options = candidates_in(list(inside), snapshot.lsoas, snapshot.libraries, tuple(KINDS))
    try:
        problem = problem_within(
            inside, place, AT_RISK, base.residents, base.libraries, options, STRAIGHT
        )
    except NoSitesError:
        return ()
    return next_sites(problem, numbers, sites.whereabouts)


def picture(made: Briefing, width: int, height: int) -> Picture:
    """Return the picture of a briefing's wards, the wards to start with marked on it."""
    named = [(ward.code, ward.name) for ward in made.wards]
    return picture_of(outlines_of(atlas().maps), made.levels, named, width, height)
