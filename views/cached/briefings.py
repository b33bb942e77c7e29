"""Briefings for the pages: made once for each snapshot and place, and shared."""

from collections.abc import Hashable
from dataclasses import replace

from markupsafe import Markup

from atlas.briefing.briefing import Briefing, Maker
from atlas.briefing.html import map_html
from atlas.briefing.next_sites import NextSite, next_sites
from atlas.briefing.numbers import PlaceNumbers
from atlas.catalogue.cohorts import AT_RISK
from atlas.maps.outlines import outlines_of
from atlas.maps.static_map import Picture, picture_of
from atlas.planning.sites import KINDS, NoSitesError, candidates_in, site_problem
from atlas.risk.request import RiskRequest
from views.cached import risk, sites
from views.cached.support import support
from views.session.kept import Kept
from views.session.snapshot import atlas

STANDARD = RiskRequest()

# By the codes of the areas, the name of their group, and the weights.
Key = tuple[tuple[str, ...], str, RiskRequest]

_quick: Kept[Key, Briefing] = Kept(64)
_whole: Kept[Key, Briefing] = Kept(64)
_makers: Kept[RiskRequest, Maker] = Kept(8)
# England's take half a second to draw, and 1 MB.
_maps: Kept[tuple[Hashable, ...], Markup] = Kept(32)


def maker(asked: RiskRequest = STANDARD) -> Maker:
    """Return the maker of this visit's snapshot and of weights."""
    return _makers.get_or_make(asked, lambda: Maker(risk.scorer(), asked))


def warm() -> None:
    """Make ready what the first briefing needs, before the first visitor asks for it."""
    maker()
    outlines_of(atlas().maps)
    support()
    risk.tested(STANDARD)


def briefing(codes: tuple[str, ...], name: str = "", asked: RiskRequest = STANDARD) -> Briefing:
    """Return what can be said at once of areas together: the whole briefing where it is kept
    already, else one without tiers and next places.
    """
    key = (codes, name, asked)
    return _whole.get(key) or _quick.get_or_make(
        key, lambda: maker(asked).briefing(codes, name=name)
    )


def whole(codes: tuple[str, ...], name: str = "", asked: RiskRequest = STANDARD) -> Briefing:
    """Return the briefing with tiers and next places. The first visit to a place takes up to a
    second longer, the first of all with these weights runs their tests.
    """

    def make() -> Briefing:
        made = maker(asked).briefing(codes, risk.tested(asked), name)
        return replace(made, sites=_next_sites(made, maker(asked).numbers))

    return _whole.get_or_make((codes, name, asked), make)


def _next_sites(made: Briefing, numbers: PlaceNumbers) -> tuple[NextSite, ...]:
    snapshot, today = atlas().snapshot, support()
    inside = list(snapshot.wards["ward_code"].iloc[made.area.rows])
    options = candidates_in(inside, snapshot.lsoas, snapshot.libraries, tuple(KINDS))
    asked = made.area.codes[0], AT_RISK, atlas().places, today.residents, today.libraries
    try:
        problem = site_problem(*asked, options, wards_inside=inside)
    except NoSitesError:
        return ()
    return next_sites(problem, numbers, sites.whereabouts)


def picture(made: Briefing, width: int, height: int) -> Picture:
    """Return the picture of a briefing's wards, the wards to start with marked on it."""
    named = [(ward.code, ward.name) for ward in made.wards]
    return picture_of(outlines_of(atlas().maps), made.levels, named, width, height)


def map_of(made: Briefing, width: int, height: int) -> Markup:
    """Return that picture as HTML with its words and its legend, kept by all that they show."""
    levels = bytes(level + 1 for level in made.levels.values())
    named = tuple(ward.code for ward in made.wards)
    asked = made.area.name, made.area.codes, levels, named, width, height
    return _maps.get_or_make(asked, lambda: map_html(made, picture(made, width, height)))
