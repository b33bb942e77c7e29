"""Plain pages of wards, of areas and of the search, as HTML that needs nothing else."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from atlas.briefing.briefing import Briefing, Maker, NamedWard
from atlas.maps.outlines import Outlines
from atlas.maps.static_map import picture_of, png
from atlas.places.places import ENGLAND, KIND_WORDS, Place, Places
from atlas.places.search import Answer, Search
from atlas.places.site_map import link
from atlas.plain_pages.twins import app_link, place_link, twin
from atlas.snapshot.snapshot import Snapshot
from atlas.text.templates import macros
from atlas.ward.sheet import CREDIT, Sheets
from atlas.ward.sheet_html import STYLE, article

WARDS = 10
_WIDTH, _HEIGHT = 600, 315  # half of what sites that show links ask for; PNG is twice as fine
_TEMPLATE = Path(__file__).with_name("page.html")
_LOOK = Path(__file__).with_name("page.css")
ABOUT = (
    "The risk of digital exclusion in every ward of England, mostly from official statistics: "
    "who may need help getting online, and where there is help."
)


@dataclass(frozen=True)
class Frame:
    """What stands around a plain page.

    ``site`` is the absolute address of the site's root, ``path`` the page's own below it, ``app``
    the one that shows the same on the site. ``up`` leads from the page to the root.
    """

    title: str
    about: str
    site: str
    path: str
    app: str

    @property
    def up(self) -> str:
        """The way from this page to the site's root, as the beginning of a relative link."""
        return "../" * self.path.count("/")


@dataclass(frozen=True, eq=False)
class PlainPages:
    """Makes the plain pages of one snapshot, by the standard weights."""

    snapshot: Snapshot
    places: Places
    search: Search
    sheets: Sheets
    maker: Maker
    outlines: Outlines

    def place(self, code: str, kind: str) -> Place | None:
        """Return the place of a code, None where there is none of that ``kind``, ward or area."""
        if code not in self.places or (self.places[code].kind == "ward") != (kind == "ward"):
            return None
        return self.places[code]

    def html(self, place: Place, site: str) -> str:
        """Return the page of a ward, as its sheet says it, or of an area.

        ``site`` is the address of the site's root, with a slash at its end.
        """
        return self._ward(place, site) if place.kind == "ward" else self._area(place, site)

    def json(self, place: Place, site: str) -> str:
        """Return the figures of a place, see :func:`atlas.plain_pages.twins.twin`."""
        found = twin(self.snapshot, self.places, self.sheets, place, site)
        return json.dumps(found, ensure_ascii=False, allow_nan=False, indent=1)

    def answer(self, text: str) -> Answer:
        """Answer what a visitor typed."""
        return self.search.find(text, limit=12)

    def found(self, text: str, answer: Answer, site: str) -> str:
        """Return the page that lists what was found for a text, with the box to type another."""
        frame = Frame("Find a ward, council or region", ABOUT, site, "find", "")
        hits = [(place_link(place), place.labelled_with_kind) for place in answer.hits]
        return _page(frame, _parts().found(text, answer.message, hits))

    def picture(self) -> bytes:
        """Return a picture of England's wards by risk as PNG, for where a link is shown."""
        levels = self.maker.briefing([]).levels
        return png(picture_of(self.outlines, levels, (), _WIDTH, _HEIGHT))

    def addresses(self) -> Sequence[str]:
        """Return the addresses below the site's root of the plain pages of all places."""
        wards = [self.places[code] for code in self.snapshot.wards["ward_code"]]
        return [place_link(place) for place in (*self.places.areas(), *wards)]

    def _ward(self, ward: Place, site: str) -> str:
        sheet = self.sheets.sheet(ward.code)
        frame = Frame(ward.label, sheet.headline, site, place_link(ward), app_link(ward))
        trail = [(place_link(area), area.label) for area in self.places.trail(ward.code)[:-1]]
        return _page(frame, _parts().ward(frame, article(sheet), trail, self._all(ward)))

    def _area(self, area: Place, site: str) -> str:
        made = self._briefing(area)
        about = made.headlines[0].said.text
        frame = Frame(made.title, about, site, place_link(area), app_link(area))
        trail = [(place_link(each), each.label) for each in self.places.trail(area.code)[:-1]]
        inside = [(place_link(each), each.name) for each in self.places.children(area.code)]
        wards = self.maker.named(made.area, self.sheets.tests, WARDS)
        lines = [(ward, self._score(ward), f"ward/{ward.code}") for ward in wards]
        count = len(self.places.positions(area.code))
        kind = KIND_WORDS[area.kind].capitalize()
        said = f"{kind}{f', {area.standing}' if area.standing else ''} · {count:,} wards"
        ways = self._all(area)
        body = _parts().area(frame, said, made, lines, trail, inside, ways, CREDIT)
        return _page(frame, body)

    def _briefing(self, area: Place) -> Briefing:
        return self.maker.briefing([] if area.code == ENGLAND else [area.code])

    def _score(self, ward: NamedWard) -> str:
        return self.maker.numbers.score(self.places.row(ward.code)).shown

    def _all(self, place: Place) -> Sequence[tuple[str, str]]:
        shown = {} if place.code == ENGLAND else _shown(place)
        ways = {"map": "Map", "ward_list": "Ward list", "help_nearby": "Help nearby"}
        if place.kind != "ward":
            ways["briefing"] = "Briefing"
        return [(link(key, shown), words) for key, words in ways.items()]


def _shown(place: Place) -> dict[str, str]:
    return {"ward" if place.kind == "ward" else "place": place.code}


def _parts() -> Any:
    return macros(_TEMPLATE)


def _page(frame: Frame, body: Markup) -> str:
    look = STYLE.read_text(encoding="utf-8") + _LOOK.read_text(encoding="utf-8")
    return str(_parts().page(frame, look, body))
