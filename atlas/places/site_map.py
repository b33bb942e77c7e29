"""The site map of ``site_map.toml``: doors, the tabs behind each, where older addresses lead now.

Everything that must know which pages there are follows from ``DOORS``: the menu, links from page
to page and in files, redirects of older addresses, and the tests of every page.
"""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

from atlas.text.texts import texts

TAB = "tab"
# What an address of the first site held on its first page, which is the map now.
_OF_THE_MAP = frozenset(
    {"place", "ward", "measure", "base", "breaks", "preset", "weights", "influence", "inner"}
)


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
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


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Door:
    """One page of the menu; ``section`` is its folder below ``pages/``."""

    name: str
    section: str
    tabs: tuple[Tab, ...]

    @property
    def address(self) -> str:
        """Its address below the site's root, "" for the first."""
        key = self.tabs[0].key
        return "" if key == "start" else key

    @property
    def script(self) -> str:
        """Its script below the site's root."""
        return f"pages/{self.section}/{self.tabs[0].key}.py"


DOORS = tuple(Door(**each) for each in texts(__file__)["door"])
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
