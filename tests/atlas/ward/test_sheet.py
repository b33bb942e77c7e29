"""Ward sheets: plain words, honest gaps, safe text, the same bytes, one sheet for each ward."""

import io
import re
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from atlas.access.distance import Venue
from atlas.catalogue.declarations import DeclarationError
from atlas.risk.request import RiskRequest
from atlas.ward.locator_map import Mark
from atlas.ward.sheet import (
    Phrase,
    Sheets,
    WardSheet,
    compared_with_england,
    declared_phrases,
    headline,
    opening,
    share_in_words,
)
from atlas.ward.sheet_html import ALL, article, batch, document, file_name
from tests import real_data
from tests.hostile_text import HOSTILE

HULME, ALDGATE, MANCHESTER, GREATER_MANCHESTER = "E05011368", "E05009289", "E08000003", "E47000001"
KELLS = "E05014197"  # Kells and Sandwith in Cumberland: among the highest risk in England


@pytest.fixture(scope="module")
def sheets() -> Sheets:
    scorer = real_data.scorer()
    return Sheets.of(scorer, scorer.made(RiskRequest(), draws=50).robustness)


def codes_of(sheets: Sheets, area: str) -> list[str]:
    return list(sheets.snapshot.wards["ward_code"].iloc[sheets.places.positions(area)])


def test_a_share_is_said_as_people_say_it() -> None:
    assert share_in_words(0.25) == "about one in four"
    assert share_in_words(0.43) == "about 43 in every 100"
    assert share_in_words(0.001) == "almost no"
    assert share_in_words(0.996) == "almost all"


def test_a_comparison_names_england_and_its_share() -> None:
    assert compared_with_england(0.30, 0.20) == (
        "That is more than in England as a whole (about one in five)."
    )
    assert "many more" in compared_with_england(0.40, 0.20)
    assert "fewer" in compared_with_england(0.10, 0.20)
    assert "about the same" in compared_with_england(0.205, 0.20)


def test_a_sheet_says_what_the_tables_say(sheets: Sheets) -> None:
    sheet = sheets.sheet(HULME)
    row = sheets.snapshot.wards.set_index("ward_code").loc[HULME]
    assert sheet.ward.name == "Hulme" and sheet.council.name == "Manchester"
    assert f"About {round(row['population'] / 10) * 10:,} people live here" in " ".join(sheet.lead)
    income = next(thing for thing in sheet.things if "low income" in thing.sentence)
    assert income.figures == "people on a low income: 25% here, 23% in England"
    assert sheet.places[0].name == "Hulme High Street Library"
    assert sheet.places[0].where.startswith("In the ward")


@pytest.mark.slow
def test_the_headline_follows_the_risk_band_and_its_tier(sheets: Sheets) -> None:
    assert "is one of the places in England where" in sheets.sheet(KELLS).headline
    seen = set()
    for code in codes_of(sheets, GREATER_MANCHESTER):
        row = sheets.places.row(code)
        fifth, tier = -(-int(sheets.index.band[row]) // 2), str(sheets.tests.tier[row])
        often = float(sheets.tests.share_worst_fifth[row])
        assert sheets.sheet(code).headline == headline(sheets.places[code].name, fifth, tier, often)
        seen.add((fifth, tier))
    assert {(5, "sure"), (5, "fairly sure"), (5, "could change"), (4, "")} <= seen


NAN = float("nan")
HIGHEST = "one of the places in England where the risk of digital exclusion is highest."
COUNTED = "The risk of digital exclusion in Hulme depends on how it is counted."
HOW_HIGH = "How high it is depends on how the risk is counted."


@pytest.mark.parametrize(
    ("fifth", "tier", "often", "said"),
    [
        (5, "sure", 1.0, f"Hulme is {HIGHEST}"),
        (5, "fairly sure", 0.6, f"Hulme is likely to be {HIGHEST}"),
        (
            5,
            "could change",
            0.4,
            f"{COUNTED} Our way puts it among the highest in England, but most others do not.",
        ),
        (5, "", NAN, "Hulme has more risk of digital exclusion than most places in England."),
        (
            4,
            "",
            0.5,
            f"{COUNTED} Our way does not put it among the highest in England, but most others do.",
        ),
        (
            4,
            "",
            0.49,
            f"Hulme has more risk of digital exclusion than most places in England. {HOW_HIGH}",
        ),
        (4, "", 0.04, "Hulme has more risk of digital exclusion than most places in England."),
        (
            3,
            "",
            0.05,
            "Hulme is about in the middle in England for the risk of digital exclusion. "
            f"{HOW_HIGH}",
        ),
        (
            1,
            "",
            0.0,
            "Hulme is one of the places in England where the risk of digital exclusion is lowest.",
        ),
    ],
)
def test_the_opening_is_as_sure_as_the_tests(
    fifth: int, tier: str, often: float, said: str
) -> None:
    assert headline("Hulme", fifth, tier, often) == said
    assert reading_grade([said, "About 9,000 people live here."]) < 8.5


@pytest.mark.parametrize("fifth", range(1, 6))
def test_every_tier_of_the_method_has_an_opening(fifth: int, sheets: Sheets) -> None:
    for tier in sheets.index.peers.method.tiers:
        assert headline("Hulme", fifth, tier.key, 0.5).count("Hulme") == 1


def test_three_things_come_from_three_groups(sheets: Sheets) -> None:
    for code in codes_of(sheets, MANCHESTER):
        said = [thing.figures.split(":")[0] for thing in sheets.sheet(code).things]
        groups = [p.group for p in declared_phrases().values() if p.figure in said]
        assert len(said) == 3 and len(set(groups)) == 3


def test_a_ward_without_figures_says_so_and_still_names_help(sheets: Sheets) -> None:
    sheet = sheets.sheet(ALDGATE)
    assert sheet.things == ()
    assert "There is no risk score for Aldgate" in sheet.headline
    assert len(sheet.places) == 3
    assert "Three things" not in article(sheet)


SYLLABLE = re.compile(r"[aeiouy]+")


def syllables(word: str) -> int:
    word = re.sub(r"(?:[^laeiouy]e|[^dt]ed|[^scxzg]es)$", "", word.lower()) or word
    return max(1, len(SYLLABLE.findall(word)))


def reading_grade(sentences: list[str]) -> float:
    """The Flesch–Kincaid grade: years of school; 6 is a child of about eleven."""
    text = " ".join(sentences)
    words = re.findall(r"[A-Za-z][A-Za-z'’-]*|\d[\d,.]*\d|\d", text)
    ends = len(re.findall(r"[.!?](?:\s|$)", text))
    counted = sum(syllables(word) if word[0].isalpha() else 2 for word in words)
    return 0.39 * len(words) / ends + 11.8 * counted / len(words) - 15.59


def test_the_measure_of_reading_age_tells_easy_from_hard() -> None:
    assert reading_grade(["The cat sat on the mat. It was a warm day. We all went home."]) < 2
    hard = "Multidimensional socioeconomic deprivation substantially exacerbates inequality."
    assert reading_grade([hard]) > 15


def prose_of(sheet: WardSheet) -> list[str]:
    """All that a reader reads as prose, without names of places and opening times."""
    said = [part for t in sheet.things for part in (t.sentence, t.compared, t.why)]
    rest = [*sheet.helps, *sheet.unknown, sheet.places_note]
    return [sheet.headline, *sheet.lead, *said, *rest]


@pytest.mark.slow
def test_every_sheet_can_be_read_at_about_eleven(sheets: Sheets) -> None:
    grades = {}
    for code in codes_of(sheets, GREATER_MANCHESTER):
        sheet = sheets.sheet(code)
        said = [text.replace(sheet.ward.name, "Hulme") for text in prose_of(sheet)]
        grades[code] = reading_grade(said)
        assert max(len(re.findall(r"\w+", s)) for t in said for s in t.split(". ")) <= 28
    assert len(grades) == 215
    assert max(grades.values()) < 6.5
    assert sum(grades.values()) / len(grades) < 5.5


def test_words_that_hurt_or_overclaim_are_absent(sheets: Sheets) -> None:
    for code in codes_of(sheets, MANCHESTER):
        text = " ".join(prose_of(sheets.sheet(code))).lower()
        assert not re.search(r"worst|left behind|digitally excluded|deprived|nan\b", text)


def test_opening_times_are_put_together() -> None:
    week = (
        ("Monday", "AM & PM (continuous)"),
        ("Tuesday", "AM & PM (continuous)"),
        ("Wednesday", "AM & PM (continuous)"),
        ("Thursday", "Closed"),
        ("Friday", "PM Only"),
        ("Saturday", "Closed"),
    )
    venue = Venue("L1", "Hall", "library", 0, 0, hours=week)
    assert opening(venue) == "Mon to Wed: morning and afternoon; Fri: afternoon; closed Thu, Sat"
    assert opening(replace(venue, hours=())) == "Opening times not known"
    own = replace(venue, origin="yours", hours=(("Monday", "10am to 4pm"),))
    assert opening(own) == "Mon: 10am to 4pm"


def test_places_that_the_reader_added_stand_among_the_libraries(sheets: Sheets) -> None:
    east, north = sheets.outlines.middle(HULME)
    hall = Venue("Y1", "<b>St Mary’s hall</b>", "hall", east, north, HULME, origin="yours")
    sheet = replace(sheets, own=(hall,)).sheet(HULME)
    assert "<b>St Mary’s hall</b>" in [place.name for place in sheet.places]
    assert "&lt;b&gt;St Mary’s hall&lt;/b&gt;" in article(sheet)
    assert "<b>" not in article(sheet)


def markup_of(text: str) -> list[tuple[str, list[str]]]:
    """Every tag with the names of its attributes, as a browser would read them."""
    found: list[tuple[str, list[str]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append((tag, [name for name, _ in attrs]))

    Reader().feed(text)
    return found


@pytest.mark.parametrize("text", HOSTILE)
def test_outside_text_never_becomes_markup(text: str, sheets: Sheets) -> None:
    sheet = sheets.sheet(HULME)
    hostile = replace(
        sheet,
        headline=text,
        contact=text,
        ward=replace(sheet.ward, name=text),
        places=tuple(replace(place, name=text, address=text) for place in sheet.places),
        picture_words=text,
    )
    assert markup_of(article(hostile)) == markup_of(article(sheet))


def test_the_sheet_says_whom_to_tell(sheets: Sheets) -> None:
    told = replace(sheets, contact="Ada, 0161 496 0000").sheet(HULME)
    assert "Tell Ada, 0161 496 0000." in article(told)
    assert "the people who gave you this sheet" in article(sheets.sheet(HULME))


def test_the_map_is_sound_and_marks_only_what_it_shows(sheets: Sheets) -> None:
    east, north = sheets.outlines.middle(HULME)
    near, far = Mark(1, east, north), Mark(2, east + 50_000, north)
    assert sheets.outlines.shown(HULME, [near, far]) == [near]
    drawn = ElementTree.fromstring(sheets.outlines.picture(HULME, [near, far]))
    texts = [node.text for node in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert "Hulme" in texts and "Moss Side" in texts
    assert "1" in texts and "2" not in texts


@pytest.mark.slow
def test_every_ward_of_england_has_a_picture(sheets: Sheets) -> None:
    for code in list(sheets.snapshot.wards["ward_code"])[::37]:
        picture = sheets.outlines.picture(code)
        ElementTree.fromstring(picture)
        assert not re.search(r"[\"ML ]nan", picture) and len(picture) < 60_000


@pytest.mark.slow
def test_a_batch_has_every_ward_once_and_the_same_bytes(sheets: Sheets) -> None:
    codes = codes_of(sheets, MANCHESTER)
    heard: list[float] = []
    packed = batch(sheets, sheets.places[MANCHESTER], codes, heard.append)
    assert packed == batch(sheets, sheets.places[MANCHESTER], codes)
    assert heard[-1] == 1.0 and heard == sorted(heard)
    with zipfile.ZipFile(io.BytesIO(packed)) as opened:
        assert opened.testzip() is None
        names = opened.namelist()
        assert len(names) == len(codes) + 2 == 34
        contents = opened.read("index.html").decode()
        assert all(f"href='{name}'" in contents for name in names if name != "index.html")
        assert opened.read(ALL).decode().count("<article") == len(codes)


def test_a_page_needs_nothing_from_outside(sheets: Sheets) -> None:
    text = document("Hulme", [sheets.sheet(HULME)]).decode()
    assert "default-src 'none'" in text
    assert "<script" not in text and "<link" not in text
    assert not re.search(r"(?:src|href)=['\"]https?:", text)
    assert text.count("<h1") == 1


def test_names_of_files_are_plain_and_differ(sheets: Sheets) -> None:
    codes = list(sheets.snapshot.wards["ward_code"])
    names = {file_name(sheets.places[code]) for code in codes}
    assert len(names) == len(codes)
    assert all(re.fullmatch(r"[a-z0-9-]+-E\d{8}\.html", name) for name in names)


@pytest.mark.parametrize(
    "text",
    [
        "[shoe_size]\ngroup='a'\nsay='{Share} x'\nwhy='y'\nfigure='z'",
        "[income_deprived_rate]\ngroup='a'\nsay='Some x'\nwhy='y'\nfigure='z'",
        "[income_deprived_rate]\ngroup='a'\nsay='{Share} x'\nwhy='y'",
        "[population]\ngroup='a'\nsay='{Share} x'\nwhy='y'\nfigure='z'",
    ],
)
def test_a_wrong_declaration_is_refused(text: str) -> None:
    with pytest.raises(DeclarationError):
        declared_phrases(text)


@pytest.mark.parametrize("phrase", declared_phrases().values(), ids=lambda phrase: phrase.measure)
def test_every_declared_phrase_is_plain_by_itself(phrase: Phrase) -> None:
    # A long sheet would hide one hard sentence.
    for text in (phrase.say.replace("{Share}", "About one in four"), phrase.why):
        assert reading_grade([text]) < 7
        assert max(syllables(word) for word in re.findall(r"[A-Za-z]+", text)) <= 4
