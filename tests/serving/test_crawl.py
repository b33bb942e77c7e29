"""Every page is shown for places of different kinds, and nothing fails behind it."""

import asyncio

from bench.crawl import TABS, crawl, errors_in_log, page_failures, places_of, plain_pages
from tests.servers import Server


def test_every_page_is_shown_for_some_place_and_nothing_fails(atlas_server: Server) -> None:
    before = page_failures(atlas_server)
    # Each tab for one place, every place another: all tabs for all places are bench.crawl.
    seen = [(tab, *place) for tab, place in zip(TABS, places_of(len(TABS)), strict=True)]
    rows = asyncio.run(crawl(atlas_server, seen))
    assert [row for row in rows if row["exceptions"] or not row["headed"]] == []
    plain = plain_pages(atlas_server, places_of(3))
    assert set(plain.values()) == {200}, plain
    assert page_failures(atlas_server) == before
    assert errors_in_log(atlas_server) == []
