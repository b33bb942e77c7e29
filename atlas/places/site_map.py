"""The site map: nine doors, the tabs behind each, and where older addresses lead now.

Everything that must know which pages there are follows from ``DOORS``: the menu, links from page
to page and in files, redirects of older addresses, and the tests of every page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

TAB = "tab"
# What an address of the first site held on its first page, which is the map now.
_OF_THE_MAP = frozenset(
    {"place", "ward", "measure", "base", "breaks", "preset", "weights", "influence", "inner"}
)


@dataclass(frozen=True)
class Tab:
    """One view of a door.

    ``key`` names it in addresses and is unique; the first tab of a door has the door's own.
    ``table`` says what its main table lists, "" for none; ``standard`` that it counts risk by the
    standard weights alone, ``measure`` that it shows the measure of the address; ``was`` are older
    addresses of what it shows.
    """

    key: str
    name: str
    table: str = ""
    standard: bool = False
    measure: bool = False
    was: tuple[str, ...] = ()


@dataclass(frozen=True)
class Door:
    """One page of the menu. ``address`` is "" for the first; ``script`` is below ``pages/``."""

    address: str
    name: str
    script: str
    tabs: tuple[Tab, ...]


def _door(name: str, section: str, *tabs: Tab) -> Door:
    key = tabs[0].key
    return Door("" if key == "start" else key, name, f"pages/{section}/{key}.py", tabs)


DOORS = (
    _door("Start", "explore", Tab("start", "Start")),
    _door(
        "My area",
        "explore",
        Tab("my_area", "My area", standard=True, was=("ward_sheets", "ward_profile", "measures")),
    ),
    _door("Map", "explore", Tab("map", "Map", "wards", measure=True, was=("ward_map",))),
    _door(
        "Ward list",
        "decide",
        Tab("ward_list", "Ward list", "wards", was=("risk_list", "targeting_list")),
    ),
    _door(
        "Help nearby",
        "decide",
        Tab("help_nearby", "Today", "wards", standard=True, was=("libraries",)),
        Tab("what_if", "What if", "wards", standard=True),
        Tab("where_next", "Where next", "new places", standard=True),
    ),
    _door("Compare", "decide", Tab("compare", "Compare", "measures", standard=True, measure=True)),
    _door(
        "Briefing",
        "brief",
        Tab("briefing", "Briefing", "areas compared"),
        Tab("first_100_days", "Skills and 100 days", standard=True),
    ),
    _door(
        "Your data",
        "data",
        Tab("your_data", "Places and figures", was=("own_data",)),
        Tab("postcodes", "Postcode check", standard=True),
        Tab("saved_work", "Saved work"),
    ),
    _door(
        "Data and method",
        "data",
        Tab("data_and_method", "Sources", "published files", was=("sources",)),
        Tab("audit", "Data audit", "datasets"),
        Tab("datastore", "Datastore", "files", was=("open_data",)),
        Tab("method", "Method", "indicators", standard=True),
        Tab("glossary", "Words explained", "terms"),
        Tab("accessibility", "Accessibility", "results"),
    ),
)
_TABS = {tab.key: (door, tab) for door in DOORS for tab in door.tabs}
_OLDER = {
    old: tab.key
    for door, tab in _TABS.values()
    for old in (*tab.was, *([] if tab is door.tabs[0] else [tab.key]))
}


def at(address: str, tab: str = "") -> tuple[Door, Tab]:
    """Return a door and the tab named there, or its first. Raises ``KeyError``."""
    door = _TABS[address or "start"][0]
    return door, next((each for each in door.tabs if each.key == tab), door.tabs[0])


def tab_params(key: str) -> dict[str, str]:
    """Return the parameter that opens a tab on its door's page; the first tab needs none."""
    door, tab = _TABS[key]
    return {} if tab is door.tabs[0] else {TAB: key}


def script(key: str) -> str:
    """Return the script of the page that a tab is on."""
    return _TABS[key][0].script


def link(key: str, params: Mapping[str, str] | None = None) -> str:
    """Return the address of a tab below the site's root, with what it is to show.

    >>> link("what_if", {"place": "E08000003"})
    'help_nearby?tab=what_if&place=E08000003'
    """
    query = urlencode(tab_params(key) | dict(params or {}))
    return f"{_TABS[key][0].address}{'?' if query else ''}{query}"


def now_at(path: str, query: str) -> str | None:
    """Return where an older address leads now, None for one that still holds.

    ``path`` is without slashes, ``query`` what stands behind the question mark: it is kept.
    """
    names = {each.partition("=")[0] for each in query.split("&")}
    key = "map" if not path and names & _OF_THE_MAP else _OLDER.get(path)
    if key is None:
        return None
    if path == "targeting_list":
        query = _of_a_list(dict(parse_qsl(query)))
    there = link(key)
    return there + (f"{'&' if '?' in there else '?'}{query}" if query else "")


def _of_a_list(given: dict[str, str]) -> str:
    """Return what an older list by one measure asked for as the list of wards says it now."""
    measure, until = given.get("measure", "risk_score"), given.pop("until", "")
    least = {measure: given.pop("limit", ""), "population": given.pop("people", "")}
    fits = given.pop("fit", "").split(".")
    said = {
        "order": "" if measure == "risk_score" else measure,
        "cut": f"people:{until}" if until else f"top:{given.pop('top', '20')}",
        "councils": given.pop("only", "").replace(".", ","),
        "reaching": ",".join(f"{name}:{value}" for name, value in least.items() if value),
        "rests": "fair" if fits[0] == "fair" else "good" if fits == ["good"] else "",
    }
    return urlencode(given | {name: value for name, value in said.items() if value})
