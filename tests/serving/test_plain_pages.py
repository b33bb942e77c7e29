"""Pages without scripts: what they say, how light they are, and what other programs get."""

import re
from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from typing import cast

import html5lib
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from atlas.briefing.briefing import Maker
from atlas.maps.outlines import outlines_of
from atlas.maps.payload import map_files
from atlas.places.names import PLACE_NAMES, read_place_names
from atlas.places.postcodes import Postcodes
from atlas.places.search import Search
from atlas.plain_pages.pages import PlainPages
from atlas.risk.request import RiskRequest
from atlas.snapshot.snapshot import SnapshotError
from atlas.text.numbers import percent
from atlas.ward.sheet import Sheets
from serving.answers.pages import HANDLERS
from serving.answers.plain_pages import _kept, _newest, routes
from tests import real_data

MOST = 60_000
HULME = "E05011368"


@pytest.fixture(scope="module")
def pages() -> PlainPages:
    return published()


def published() -> PlainPages:
    scorer = real_data.scorer()
    snapshot, places = scorer.snapshot, scorer.places
    names = read_place_names(snapshot.path(PLACE_NAMES))
    postcodes = Postcodes.load(snapshot.path("postcodes.parquet"))
    return PlainPages(
        snapshot=snapshot,
        places=places,
        search=Search(places, postcodes, names),
        sheets=Sheets.of(scorer, scorer.made(RiskRequest(), draws=20).robustness),
        maker=Maker(scorer),
        outlines=outlines_of(map_files(snapshot.path("map"))),
    )


def client_of(pages: PlainPages) -> TestClient:
    app = Starlette(routes=routes(lambda: pages), exception_handlers=HANDLERS)
    return TestClient(app, base_url="https://atlas.example.org", follow_redirects=False)


@pytest.fixture(scope="module")
def client(pages: PlainPages) -> TestClient:
    return client_of(pages)


def test_a_wards_page_says_what_its_sheet_says(client: TestClient, pages: PlainPages) -> None:
    answer = client.get(f"/ward/{HULME}")
    sheet = pages.sheets.sheet(HULME)
    assert answer.status_code == 200
    assert sheet.headline in answer.text
    assert all(thing.sentence in answer.text for thing in sheet.things)
    assert all(place.name in answer.text for place in sheet.places)
    assert f'<link rel="canonical" href="https://atlas.example.org/ward/{HULME}">' in answer.text
    assert f'href="../map?ward={HULME}"' in answer.text


def test_an_areas_page_lists_its_ten_wards_of_highest_risk(
    client: TestClient, pages: PlainPages
) -> None:
    wards = pages.snapshot.wards
    oldham = wards[wards["authority_name"] == "Oldham"].nlargest(10, "risk_score")
    text = client.get("/area/E08000004").text
    listed = re.findall(r'<th scope="row"><a href="\.\./ward/(E05\d{6})">', text)
    assert sorted(listed) == sorted(oldham["ward_code"])
    assert listed[0] == oldham["ward_code"].iloc[0]
    assert f", {percent(1 - oldham_near(wards))}" in sentence_with("more than a mile", text)


def sentence_with(words: str, html: str) -> str:
    return next(each for each in html.split("<li>") if words in each)


def oldham_near(wards: "object") -> float:
    here = wards[wards["authority_name"] == "Oldham"]  # type: ignore[index]
    return float(here["near_library_people"].sum() / here["population"].sum())


def test_the_country_and_an_area_that_is_to_come_have_pages(client: TestClient) -> None:
    assert "England: risk of digital exclusion" in client.get("/area/E92000001").text
    assert "proposed" in client.get("/area/greater-essex").text


def test_a_postcode_leads_to_its_ward_and_a_name_to_a_choice(client: TestClient) -> None:
    sent_on = client.get("/find", params={"q": "M15 5AZ"})
    assert (sent_on.status_code, sent_on.headers["location"]) == (303, f"ward/{HULME}")
    assert '<a href="area/E10000016">Kent' in client.get("/find", params={"q": "kent"}).text
    assert "Scotland" in client.get("/find", params={"q": "EH1 1AA"}).text


def test_what_was_typed_is_only_shown_as_text(client: TestClient) -> None:
    text = client.get("/find", params={"q": '"><script>alert(1)</script>'}).text
    assert "<script" not in text
    assert "&lt;script&gt;" in text


@pytest.mark.parametrize(
    "address", ["/ward/E05999999", "/ward/E08000003", f"/area/{HULME}", "/ward/E05999999.json"]
)
def test_an_unknown_place_is_not_found(client: TestClient, address: str) -> None:
    assert client.get(address).status_code == 404


def test_only_reading_is_possible(client: TestClient) -> None:
    assert client.post(f"/ward/{HULME}").status_code == 405
    assert client.head(f"/ward/{HULME}").status_code == 200


def test_a_twin_has_the_published_figures(client: TestClient, pages: PlainPages) -> None:
    found = client.get(f"/ward/{HULME}.json").json()
    figures = {each["name"]: each for each in found["figures"]}
    row = pages.snapshot.wards.set_index("ward_code").loc[HULME]
    assert figures["age_75_plus_people"]["value"] == row["age_75_plus_people"] == 288
    assert figures["age_75_plus_people"]["unit"] == "people"
    assert figures["age_75_plus_people"]["as_at"] == "2021-03-21"
    assert found["page"] == f"https://atlas.example.org/ward/{HULME}"
    assert found["attribution"] == list(pages.snapshot.attributions)


def test_a_twin_of_an_area_adds_up_its_wards(client: TestClient, pages: PlainPages) -> None:
    found = client.get("/area/E08000004.json").json()
    figures = {each["name"]: each["value"] for each in found["figures"]}
    wards = pages.snapshot.wards
    here = wards[wards["authority_name"] == "Oldham"]
    assert figures["age_75_plus_people"] == here["age_75_plus_people"].sum()
    share = here["age_75_plus_people"].sum() / here["population"].sum()
    assert figures["age_75_plus_rate"] == pytest.approx(share, abs=1e-6)
    assert found["risk"] is None


def test_what_is_missing_stays_missing(client: TestClient, pages: PlainPages) -> None:
    wards = pages.snapshot.wards
    without = str(wards["ward_code"][wards["population"].isna()].iloc[0])
    found = client.get(f"/ward/{without}.json").json()
    assert found["risk"]["score"] is None
    assert {each["value"] for each in found["figures"]} == {None}
    scilly = wards[wards["authority_name"] == "Isles of Scilly"]["ward_code"].iloc[0]
    figures = client.get(f"/ward/{scilly}.json").json()["figures"]
    assert next(f["value"] for f in figures if f["name"] == "near_library_rate") is None


def test_other_sites_scripts_may_read_twins_and_ask_first(client: TestClient) -> None:
    asked = client.options(
        f"/ward/{HULME}.json",
        headers={"Origin": "https://example.net", "Access-Control-Request-Method": "GET"},
    )
    assert asked.status_code == 204
    assert "GET" in asked.headers["access-control-allow-methods"]
    answer = client.get(f"/ward/{HULME}.json", headers={"Origin": "https://example.net"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "ETag" in answer.headers["access-control-expose-headers"]


@pytest.mark.parametrize("address", [f"/ward/{HULME}", f"/ward/{HULME}.json", "/england.png"])
def test_what_is_known_already_is_not_sent_again(client: TestClient, address: str) -> None:
    first = client.get(address)
    for tag in (first.headers["etag"], "*", f'"other", {first.headers["etag"]}'):
        again = client.get(address, headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")


def test_who_asks_too_fast_waits(pages: PlainPages) -> None:
    now = 0.0
    client = TestClient(Starlette(routes=routes(lambda: pages, lambda: now)))
    answers = [client.get("/robots.txt").status_code for _ in range(202)]
    assert answers == [200] * 200 + [429] * 2
    now = 0.1
    assert [client.get("/robots.txt").status_code for _ in range(3)] == [200, 200, 429]


def test_without_data_the_answer_says_so(pages: PlainPages) -> None:
    def none() -> PlainPages:
        raise SnapshotError("nothing")

    client = TestClient(Starlette(routes=routes(none)))
    assert client.get(f"/ward/{HULME}").status_code == 503


def test_search_engines_are_told_of_every_place(client: TestClient, pages: PlainPages) -> None:
    text = client.get("/sitemap.xml").text
    told = re.findall(r"<loc>https://atlas\.example\.org/(?:ward|area)/([^<]+)</loc>", text)
    assert set(pages.snapshot.wards["ward_code"]) < set(told)
    assert {"E92000001", "E10000016", "greater-essex"} < set(told)
    assert len(told) == len(set(told))
    assert "Sitemap: https://atlas.example.org/sitemap.xml" in client.get("/robots.txt").text


# Words and values cannot break markup once they are escaped: pages of one shape are parsed once.
WORDS = re.compile(r"(?<=>)[^<]*[^<\s][^<]*")
VALUES = re.compile(r'(?<==")[^"]*(?=")')
UNESCAPED = re.compile(r"&(?!(?:amp|lt|gt|quot|#\d+);)|[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def faults(made: Iterable[tuple[str, str]]) -> list[str]:
    """What is wrong with pages, each with its name."""
    found, shapes = [], {}
    for name, page in made:
        if len(page.encode()) > MOST or "<script" in page or "javascript:" in page:
            found.append(f"{name}: {len(page.encode())} bytes, or a script")
        if UNESCAPED.search(page):
            found.append(f"{name}: a sign that is not escaped")
        shapes[VALUES.sub("", WORDS.sub("x", page))] = name
    for shape, name in shapes.items():
        try:
            html5lib.HTMLParser(strict=True).parse(shape)
        except html5lib.html5parser.ParseError as error:
            found.append(f"{name}: {error}")
    return found


def made_of(pages: PlainPages, codes: Iterable[str]) -> Iterator[tuple[str, str]]:
    for code in codes:
        yield code, pages.html(pages.places[code], "https://atlas.example.org/")


@pytest.mark.parametrize("body", ["<p></b>", "<p>a & b", "<ul></li></ul>", '<p id="a" id="a">'])
def test_a_check_of_markup_sees_a_fault(body: str) -> None:
    whole = "<!doctype html><html><head><title>x</title></head><body>{}</body></html>"
    assert not faults([("sound", whole.format("<p>a &amp; b</p>"))])
    assert faults([("unsound", whole.format(body))])


def test_pages_are_sound_light_and_without_scripts(pages: PlainPages) -> None:
    # A ward among many others with long outlines, one in a large council, one without figures.
    codes = [HULME, "E05014691", "E05014358", "E92000001", "E06000052"]
    assert not faults(made_of(pages, codes))


@pytest.mark.slow
def test_pages_of_every_area_and_of_every_fifth_ward_are_sound(pages: PlainPages) -> None:
    # All of them: python -m bench.plain_pages.
    codes = [place.code for place in pages.places.areas()]
    codes += pages.snapshot.wards["ward_code"].tolist()[::5]
    assert not faults(made_of(pages, codes))


def test_what_is_kept_is_of_one_version_and_bounded() -> None:
    class Numbered:
        """Stands for pages whose snapshot has a version, and says what was asked of them."""

        def __init__(self, version: str) -> None:
            self.snapshot = SimpleNamespace(version=version)
            self.places = {str(number): number for number in range(600)}

        def html(self, place: int, _site: str) -> str:
            return f"{self.snapshot.version}: {place}"

    one, two = (cast("PlainPages", Numbered(version)) for version in ("one", "two"))
    assert _kept(one, "html", "7", "") == b"one: 7"
    assert _kept(two, "html", "7", "") == b"two: 7"
    for number in range(600):
        _kept(two, "html", str(number), "")
    assert _newest.cache_info().currsize == 512
