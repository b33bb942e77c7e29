"""What a browser gets first: named pages with words, compressed files, and a real 404."""

import asyncio
import gzip
import re
from pathlib import Path

import brotli
import pytest
import streamlit_folium
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.testclient import TestClient
from streamlit.file_util import get_static_dir

from atlas.root import ROOT
from serving.answers.first_visit import FirstVisit, coding_of, first_parts, shell

STREAMLITS = Path(get_static_dir())
OURS = ("atlas", "pages", "views")
FONTS = ROOT / "static" / "vendor" / "fonts"
SCRIPT = "const answer = 42;\n" * 500


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    (tmp_path / "static/js").mkdir(parents=True)
    (tmp_path / "static/js/index.abc.js").write_text(SCRIPT)
    (tmp_path / "static/picture.png").write_bytes(b"png")
    (tmp_path / "index.html").write_text((STREAMLITS / "index.html").read_text("utf-8"))

    async def find(_request: object) -> PlainTextResponse:
        return PlainTextResponse("found")

    routes = [
        Route("/find", find),
        Mount("/static", StaticFiles(directory=tmp_path / "static")),
        Mount("/", PlainTextResponse("streamlit")),
    ]
    return TestClient(FirstVisit(Starlette(routes=routes), tmp_path, first_parts(routes)))


@pytest.mark.parametrize(
    ("said", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("br; q=0.000, gzip", "gzip"),
        ("identity", ""),
        ("", ""),
        ("brotli", ""),
    ],
)
def test_a_browser_is_given_what_it_can_read(said: str, coding: str) -> None:
    assert coding_of(Headers({"accept-encoding": said})) == coding


def test_a_file_travels_compressed_and_comes_out_as_it_was(client: TestClient) -> None:
    for coding, opened in (("br", brotli.decompress), ("gzip", gzip.decompress)):
        headers = {"Accept-Encoding": coding}
        with client.stream("GET", "/static/js/index.abc.js", headers=headers) as answer:
            raw = b"".join(answer.iter_raw())
        assert answer.headers["content-encoding"] == coding
        assert answer.headers["vary"] == "Accept-Encoding"
        assert int(answer.headers["content-length"]) == len(raw) < len(SCRIPT) / 10
        assert opened(raw).decode() == SCRIPT
        again = client.get(
            "/static/js/index.abc.js", headers=headers | {"If-None-Match": answer.headers["etag"]}
        )
        assert (again.status_code, again.content) == (304, b"")


def test_the_script_of_the_maps_frame_travels_compressed_too(client: TestClient) -> None:
    frame = Path(streamlit_folium.__file__).parent / "frontend" / "build"
    (script,) = (frame / "static" / "js").glob("main.*.js")
    address = f"/component/streamlit_folium.st_folium/static/js/{script.name}"
    answer = client.get(address, headers={"Accept-Encoding": "br"})
    assert answer.headers["content-encoding"] == "br" and answer.content == script.read_bytes()


def test_tags_of_two_codings_differ(client: TestClient) -> None:
    tags = {
        client.get("/static/js/index.abc.js", headers={"Accept-Encoding": each}).headers["etag"]
        for each in ("br", "gzip", "identity")
    }
    assert len(tags) == 3


def test_a_part_of_a_file_is_a_part_of_it_as_it_is(client: TestClient) -> None:
    answer = client.get("/static/js/index.abc.js", headers={"Range": "bytes=6-11"})
    assert (answer.status_code, answer.text) == (206, "answer")
    assert "content-encoding" not in answer.headers


def test_what_is_compressed_already_is_left_alone(client: TestClient) -> None:
    assert "content-encoding" not in client.get("/static/picture.png").headers


def test_each_page_has_its_name_and_words_before_any_script_runs(client: TestClient) -> None:
    answer = client.get("/ward_list?place=E08000003")
    assert "<title>Ward list · Digital Inclusion Atlas</title>" in answer.text
    assert "<title>Digital Inclusion Atlas</title>" in client.get("/").text
    assert "mostly from official statistics" in answer.text
    assert "<a href='find'" in answer.text
    assert "agent" not in answer.text.partition("<body>")[2]


@pytest.mark.parametrize("path", ["/no_such_page", "/ward_lists", "/wp-login.php", "/a/b"])
def test_there_is_a_404_where_nothing_is(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/find", "/_stcore/health", "/map/_stcore/health", "/media/x"])
def test_what_others_answer_is_passed_on(client: TestClient, path: str) -> None:
    assert client.get(path).text in ("found", "streamlit")


def test_many_first_visitors_get_the_same_bytes(client: TestClient) -> None:
    app = client.app

    async def all_at_once() -> list[bytes]:
        headers = Headers({"accept-encoding": "br"})
        found = [app._answer("/static/js/index.abc.js", headers) for _ in range(20)]
        return [bytes(answer.body) for answer in await asyncio.gather(*found)]

    assert len(set(asyncio.run(all_at_once()))) == 1


def test_a_document_that_is_not_streamlits_is_refused() -> None:
    with pytest.raises(ValueError, match="has changed"):
        shell("<html><noscript></noscript></html>", "Map")


def test_a_page_asks_for_the_part_of_the_font_that_it_uses() -> None:
    index = (STREAMLITS / "index.html").read_text("utf-8")
    made = shell(index, "Map")
    assert re.findall(r"rel=.preload. href='([^']+)\?v=[0-9a-f]{12}' as='font'", made) == [
        "app/static/vendor/fonts/sans.woff2"
    ]
    assert "SourceSans" not in made
    # The later of two rules for one family is the one that counts.
    assert made.index("stylesheet") < made.index("@font-face") < made.index("</head>")


def test_the_font_of_icons_is_answered_in_part_and_asked_for_again() -> None:
    whole = next((STREAMLITS / "static/media").glob("MaterialSymbols-Rounded.*.woff2"))
    address = f"/static/media/{whole.name}"
    streamlits = TestClient(FirstVisit(Starlette(), STREAMLITS, ()))
    for headers in ({"Range": "bytes=0-9"}, {}):
        answer = streamlits.get(address, headers=headers)
        assert (answer.status_code, answer.content) == (200, (FONTS / "icons.woff2").read_bytes())
    assert answer.headers["cache-control"] == "no-cache"
    known = {"If-None-Match": answer.headers["etag"]}
    assert streamlits.get(address, headers=known).status_code == 304


def test_the_font_has_each_icon_that_pages_or_streamlit_name() -> None:
    ours = (file for each in OURS for file in (ROOT / each).rglob("*.py"))
    theirs = (STREAMLITS.parent / "elements").rglob("*.py")
    files = (ROOT / "app.py", *ours, *theirs, *(STREAMLITS / "static/js").glob("*.js"))
    named = set(re.findall(r":material/(\w+):", "".join(file.read_text("utf-8") for file in files)))
    named -= {"star_filled", "icon_name"}  # a picture of its own, and a place for a name
    assert len(named) > 70
    assert named <= set((FONTS / "icons.txt").read_text().split())
