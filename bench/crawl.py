"""Every tab of every page for thirty places: ``python -m bench.crawl`` writes ``crawl.json``.

The tabs are those of the site map, and beside them the plain pages with their twins. The places are
of every kind: England, regions, combined authorities, counties, councils (those that the data
hardly know among them), each with one of its wards. Counted is whatever fails: an exception on a
page, a plain page that does not answer 200, a failure that readiness counts, a line of the log at
the level of an error.
"""

import asyncio
import json
import random
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from atlas.places.places import ENGLAND, Places
from atlas.places.site_map import DOORS, link
from atlas.snapshot.snapshot import load
from bench.visitors import BEHIND_PROXY, Visitor, percentile
from tests.servers import Server, served_atlas

RESULT = Path(__file__).with_suffix(".json")
# Hardly any figures; one ward alone; two names; the most wards.
_ODD = ("E06000053", "E09000001", "E06000058", "E12000007")
TABS = [tab.key for door in DOORS for tab in door.tabs]
SEED, PLACES = 20_261_128, 30


def places_of(count: int) -> list[tuple[str, str]]:
    """Return codes of places, each with a ward in it."""
    wards = load().wards
    places, choose = Places(wards), random.Random(SEED)
    kinds: dict[str, list[str]] = {}
    for place in places.areas():
        kinds.setdefault(place.kind, []).append(place.code)
    codes = [ENGLAND, *_ODD]
    while len(set(codes)) < count:
        codes += [choose.choice(each) for each in kinds.values()]
    found = []
    for code in list(dict.fromkeys(codes))[:count]:
        inside = wards["ward_code"].iloc[places.positions(code)]
        found.append((code, str(choose.choice(list(inside)))))
    return found


async def crawl(server: Server, seen: Iterable[tuple[str, str, str]]) -> list[dict[str, object]]:
    """See tabs, each a key, a place and a ward; a visit ends now and then. One row for each."""
    visitor, rows = Visitor(server.port, 90_000), []
    for turn, (tab, place, ward) in enumerate(seen):
        if turn % 20 == 0:
            await visitor.leave()
            visitor = Visitor(server.port, 90_001 + turn)
            await visitor.arrive()
        page, _, query = link(tab, {"place": place, "ward": ward}).partition("?")
        took = await visitor.see(page, query)
        rows.append(
            {
                "tab": tab,
                "place": place,
                "seconds": round(took, 3),
                "exceptions": visitor.exceptions,
                "headed": bool(visitor.headings),
            }
        )
    await visitor.leave()
    return rows


def plain_pages(server: Server, places: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Ask for the plain pages of places and their wards; return the status of each address."""
    found = {}
    for place, ward in places:
        kinds = f"area/{place}", f"ward/{ward}"
        for path in (*kinds, *(f"{kind}.json" for kind in kinds), f"find?q={ward}"):
            try:
                with urllib.request.urlopen(f"{server.address}{path}", timeout=60) as answer:
                    found[path] = answer.status
            except urllib.error.HTTPError as error:
                found[path] = error.code
            time.sleep(0.05)  # as many a second as one address may ask for
    return found


def page_failures(server: Server) -> int:
    """Return how many pages failed, as readiness counts them."""
    with urllib.request.urlopen(f"{server.address}readyz", timeout=20) as answer:
        return int(json.load(answer)["page_failures"])


def errors_in_log(server: Server) -> list[str]:
    """Return the lines of the log at the level of an error."""
    lines = server.log.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if '"level": "error"' in line or not line.startswith("{")][1:]


def main() -> int:
    """Crawl, print what each tab took, write the file; 0 where nothing failed."""
    with served_atlas(BEHIND_PROXY) as server:
        places = places_of(PLACES)
        seen = [(tab, *place) for place in places for tab in TABS]
        rows = asyncio.run(crawl(server, seen))
        plain = plain_pages(server, places)
        failures, errors = page_failures(server), errors_in_log(server)
    table = pd.DataFrame(rows)
    figures = {
        "tabs": len(TABS),
        "places": len(places),
        "seen": len(table),
        "exceptions": int(table["exceptions"].sum()),
        "plain_pages": len(plain),
        "plain_pages_failed": sum(status != 200 for status in plain.values()),
        "page_failures": failures,
        "errors_in_log": len(errors),
        "without_heading": int((~table["headed"]).sum()),
        "p50_s": percentile(list(table["seconds"]), 0.5),
        "worst_s": float(table["seconds"].max()),
    }
    print(table.groupby("tab")["seconds"].describe()[["50%", "max"]].round(2).to_string())
    print("\n".join([*errors[:5], *(f"{name:16} {value}" for name, value in figures.items())]))
    RESULT.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    wrong = "exceptions", "plain_pages_failed", "page_failures", "errors_in_log", "without_heading"
    return int(any(figures[name] for name in wrong))


if __name__ == "__main__":
    raise SystemExit(main())
