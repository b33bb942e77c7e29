"""Risk is of areas, never of people; limits and attributions go wherever the figures go."""

import ast
import io
import re
import tomllib
from datetime import datetime
from html import unescape
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from atlas.catalogue.columns import declared_columns
from atlas.files.spreadsheets import Field, Sheet, to_xlsx
from atlas.risk.export import HOW_NOT_TO_USE, readme, to_geojson
from atlas.risk.request import RiskRequest
from atlas.text.glossary import GLOSSARY
from tests import real_data
from tests.browser.site import registered_pages
from tests.sampling import sampled
from tests.views.test_pages import HULME, MANCHESTER, fine, html, opened
from views.session.snapshot import atlas

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("atlas", "views", "pages", "pipelines", "serving")
AREAS = r"(?:wards?|areas?|places?|neighbourhoods?|communit(?:y|ies)|councils?|estates?)"
PEOPLE = r"(?:people|persons?|residents?|households?|families|individuals?|users?)"

# What is never said, and why.
FORBIDDEN = {
    "a judgement of a place": rf"\b(?:worst|bad|failing|problem|sink|no[- ]go) {AREAS}\b",
    "a place cannot be excluded": rf"\bdigitally (?:excluded|poor|deprived) {AREAS}\b",
    "a place is not left behind": r"\bleft[- ]behind\b",
    "a person is not at risk by an area's figure": rf"\bat[- ]risk {PEOPLE}\b",
    "a person is not their lack": rf"\b(?:vulnerable|disadvantaged|illiterate) {PEOPLE}\b",
    # "Deprived households" is the Census's own name of a published count.
    "a person is not deprived": r"\bdeprived (?:people|persons?|residents?|families)\b",
    "a group is not its adjective": (
        r"\bthe (?:elderly|disabled|poor|unskilled|vulnerable)\b(?! \w)"
    ),
    "nobody is hard to reach": r"\bhard[- ]to[- ]reach\b",
    "nobody suffers from a figure": r"\bsuffer(?:s|ing)? from (?:digital|disab)",
    "no stigma": r"\b(?:backward|technophob\w+|ghetto\w*|underclass)\b",
}
# Said only to say that it is not so: "do not count people who are digitally excluded".
ONLY_DENIED = (
    rf"\b(?:digitally excluded {PEOPLE}|{PEOPLE} who are digitally excluded|deprived {AREAS})\b"
)
DENIAL = re.compile(r"\b(?:not|never|no|nobody|neither|nor)\b", re.IGNORECASE)


def faults(text: str) -> list[str]:
    """Return what a text says that is never said, with the words."""
    # "income-deprived people" is the publisher's measure, and "least deprived areas" its scale.
    plain = re.sub(r"\b(?:income|most|least)[- ]deprived\b", "", text, flags=re.IGNORECASE)
    found = [
        f"{why}: {match[0]}"
        for why, pattern in FORBIDDEN.items()
        for match in re.finditer(pattern, plain, re.IGNORECASE)
    ]
    for match in re.finditer(ONLY_DENIED, plain, re.IGNORECASE):
        start = max(plain.rfind(stop, 0, match.start()) for stop in (". ", ": ", "\n\n", "</p>"))
        if not DENIAL.search(plain[max(start, 0) : match.end()]):
            found.append(f"said of people without denying it: {match[0]}")
    return found


@pytest.mark.parametrize(
    "text",
    [
        "The worst wards of Salford",
        "digitally excluded areas",
        "left-behind towns",
        "at-risk households",
        "vulnerable residents",
        "help for the elderly.",
        "There are 500 digitally excluded people.",
    ],
)
def test_the_rule_sees_what_it_must(text: str) -> None:
    assert faults(text)


@pytest.mark.parametrize(
    "text",
    [
        "Wards where more residents are at risk of digital exclusion",
        "They do not count people who are digitally excluded.",
        "Number of income-deprived people",
        "the disabled residents of a ward",
        "the worst that can happen to a file",
    ],
)
def test_the_rule_lets_through_what_is_right(text: str) -> None:
    assert faults(text) == []


def strings_of(path: Path) -> list[str]:
    """Return every text of a file: string literals, TOML values, or all of it."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        # Adjacent literals of one f-string are joined, so that a phrase is seen whole.
        return [
            "".join(part.value for part in node.values if isinstance(part, ast.Constant))
            if isinstance(node, ast.JoinedStr)
            else str(node.value)
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.JoinedStr)
            or (isinstance(node, ast.Constant) and isinstance(node.value, str))
        ]
    if path.suffix == ".toml":
        return list(_values(tomllib.loads(text)))
    return [text]


def _values(found: object) -> list[str]:
    if isinstance(found, dict):
        return [text for value in found.values() for text in _values(value)]
    if isinstance(found, list):
        return [text for value in found for text in _values(value)]
    return [found] if isinstance(found, str) else []


def written() -> list[Path]:
    found = [
        path
        for folder in (*FOLDERS, "static/atlas", "docs")
        for kind in ("py", "toml", "js", "md", "svg")
        for path in (ROOT / folder).rglob(f"*.{kind}")
    ]
    return [*found, *ROOT.glob("*.md"), ROOT / "app.py", ROOT / "serve.py"]


@pytest.mark.parametrize("path", written(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_text_of_the_project_says_what_is_never_said(path: Path) -> None:
    assert [fault for text in strings_of(path) for fault in faults(text)] == []


PAGES = registered_pages()


@pytest.fixture(scope="module", params=sampled(PAGES, 3), ids=lambda page: page.name or "home")
def app(request: pytest.FixtureRequest) -> AppTest:
    """A page for a ward of Manchester, compared with its council; tests only read it."""
    asked = {"ward": HULME, "measure": "near_library_rate", "base": MANCHESTER}
    return opened(request.param.name, **asked)


@pytest.fixture(scope="module")
def shown(app: AppTest) -> str:
    """Everything that the page says."""
    blocks = [*app.title, *app.markdown, *app.caption, *app.info, *app.warning]
    labels = [*app.button, *app.selectbox, *app.toggle, *app.checkbox, *app.text_input]
    labels += [*app.number_input, *app.slider, *app.radio, *app.multiselect]
    said = [
        html(app),
        *(str(block.value) for block in blocks),
        *(f"{w.label}\n\n{w.help or ''}" for w in labels),
    ]
    return "\n\n".join(said)


def test_every_page_opens_for_a_ward(app: AppTest) -> None:
    fine(app)


def test_no_page_says_what_is_never_said(shown: str) -> None:
    assert faults(re.sub(r"<(?!/p)[^>]+>", " ", shown)) == []


# Words that a council officer would not say, each with the plain ones.
PLAINER = {
    "how firmly": "how sure",
    "so far": "running total",
    "figures? rests? on": "figures are based on",
    "held now": "you have added",
    "whom (?:to|should)": "who",
    "cut the list": "limit the list to",
    "depends on choices": "could change",
    "take .{1,40} away": "remove",
    "(?:risk|targeting) list": "ward list",
    "ward profile": "my area",
    "prior to": "before",
    "utili[sz]e[sd]?": "use",
    "in order to": "to",
    "e-mail": "email",
    r"order: risk \(rate\)": "in order of risk",
}


def test_no_page_uses_words_that_have_plainer_ones(shown: str) -> None:
    said = re.sub(r"<style>.*?</style>|<[^>]+>", " ", shown, flags=re.DOTALL)
    found = (re.search(rf".{{0,30}}\b{word}\b", said, re.IGNORECASE) for word in PLAINER)
    assert [each[0] for each in found if each] == []


LONGEST = 25
SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+(?=[A-Z“‘\d])|(?<=[:;])\s+")


def long_sentences(text: str) -> list[str]:
    """Return the sentences of more than 25 words in a page's HTML and Markdown.

    A colon or semicolon ends one too: what follows stands alone when it is read aloud.
    Attributions, code, and lists of what changed in published columns are left out.
    """
    bare = re.sub(r"<(style|code|footer)\b.*?</\1>", "`", text, flags=re.DOTALL)
    bare = re.sub(r"(?m)^ *- .*$", "", bare)
    bare = re.sub(r"</(?:p|li|t[hd]|h\d|caption|summary|div|button|a)>|<br>", "\n\n", bare)
    plain = unescape(re.sub(r"<[^>]+>", "", bare)).replace("\\", "")
    found = (
        sentence
        for block in re.split(r"\n\s*\n", plain)
        for sentence in SENTENCE_ENDS.split(" ".join(block.split()))
    )
    return [each for each in found if len(each.split()) > LONGEST and "`" not in each]


def test_the_rule_of_long_sentences_sees_what_it_must() -> None:
    short, long = " ".join(["word"] * 25) + ".", " ".join(["word"] * 26) + "."
    assert long_sentences(f"<p>{short} W{long}</p><p>{short}</p>") == [f"W{long}"]
    assert long_sentences(f"<p>{short[:-1]}; {short.capitalize()}</p>") == []


def test_no_page_has_a_sentence_of_more_than_25_words(shown: str) -> None:
    published = [column.definition for column in declared_columns().values()]
    assert [each for each in long_sentences(shown) if not any(each in d for d in published)] == []


NOTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def spoken() -> list[Path]:
    """The files whose words can reach a visitor: not the names of published columns."""
    found = [path for path in written() if path.suffix in (".py", ".toml")]
    inside = [p for p in found if p.relative_to(ROOT).parts[0] in ("atlas", "views", "serving")]
    return [path for path in inside if path.name != "columns.toml"]


def test_no_message_or_file_has_a_sentence_of_more_than_25_words() -> None:
    found = {}
    for path in spoken():
        text = path.read_text(encoding="utf-8")
        nodes = ast.walk(ast.parse(text)) if path.suffix == ".py" else ()
        notes = {ast.get_docstring(node, clean=False) for node in nodes if isinstance(node, NOTED)}
        said = [each for each in strings_of(path) if each not in notes]
        found[path] = [each for text in said for each in long_sentences(text)]
    assert {path: each for path, each in found.items() if each} == {}


def test_the_glossary_has_one_short_sentence_for_each_term_from_a_to_z() -> None:
    assert len(GLOSSARY) >= 20 and list(GLOSSARY) == sorted(GLOSSARY, key=str.casefold)
    for meaning in GLOSSARY.values():
        assert len(meaning.split()) <= LONGEST and meaning.endswith(".")
        assert not re.search(r"[.!?] ", meaning) and faults(meaning) == []


def test_every_page_says_what_its_figures_are_not(shown: str) -> None:
    assert "What this is not." in shown
    for said in ("describe areas", "any person or household", "other nations", "check with people"):
        assert said in shown


def test_every_page_has_the_attribution_of_every_file_used(shown: str) -> None:
    for line in atlas().snapshot.attributions:
        assert line.replace("&", "&amp;") in shown


OPEN = {
    "Open Government Licence v3.0",
    "Open Parliament Licence v3.0",
    "MIT licence",
    "Open Database Licence v1.0",
    "Creative Commons Attribution 4.0",
}


def test_every_declared_file_is_attributed_to_somebody_and_licensed() -> None:
    for source in atlas().sources.values():
        assert source.attribution in atlas().snapshot.attributions
        assert re.search(
            rf"Source: |©|from Ofcom|{source.publisher.split(',')[0]}", source.attribution
        )
        assert source.licence_name in OPEN


FRAME = pd.DataFrame({"ward_code": ["E05000001", "E05000002"], "rate": [0.1, None]})
FIELDS = [Field("ward_code", "Ward code", "code"), Field("rate", "Rate", "share")]


@pytest.fixture(scope="module")
def made():
    return real_data.scorer().made(RiskRequest(), draws=20)


def test_a_workbook_carries_attribution_and_limits(made) -> None:
    about = readme(made, "Title", {}, "link")
    data = to_xlsx([Sheet("Wards", FIELDS, FRAME)], about, datetime(2025, 1, 1))
    sheet = openpyxl.load_workbook(io.BytesIO(data))["About this file"]
    said = "\n".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value)
    for text in (*made.snapshot.attributions, *HOW_NOT_TO_USE):
        assert text in said
    assert faults(said) == []


def test_a_geojson_carries_attribution_and_limits(made, tmp_path: Path) -> None:
    outlines = tmp_path / "b.geojson"
    outlines.write_text('{"features": []}')
    data = to_geojson(FRAME, outlines, readme(made, "Title", {}, "link")).decode()
    assert "How not to use it" in data
    for line in made.snapshot.attributions:
        assert line in data
