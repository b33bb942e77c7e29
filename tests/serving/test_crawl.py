"""Every page is shown for places of different kinds, and nothing fails behind it."""

import asyncio

from bench.crawl import crawl, errors_in_log, page_failures, pages_of, places_of
from tests.servers import Server


def test_every_page_is_shown_for_some_place_and_nothing_fails(atlas_server: Server) -> None:
    pages = asyncio.run(pages_of(atlas_server))
    assert len(pages) >= 9
    before = page_failures(atlas_server)
    # Each page for one place, every place another: all pages for all places are bench.crawl.
    seen = [(page, *place) for page, place in zip(pages, places_of(len(pages)), strict=True)]
    rows = asyncio.run(crawl(atlas_server, seen))
    assert [row for row in rows if row["exceptions"] or not row["headed"]] == []
    assert page_failures(atlas_server) == before
    assert errors_in_log(atlas_server) == []
