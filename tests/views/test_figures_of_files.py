"""The tables of pages and the CSV beside them say the same, row by row, in every kind of place."""

import io
import math
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs

import pandas as pd
import pytest
from lxml import html as markup
from streamlit.testing.v1 import AppTest

from tests.browser.test_figures_of_files import PLACES
from tests.views.test_pages import fine, gone_on, html, opened
from views.cached.support import support
from views.kit import downloads
from views.session.snapshot import atlas

pytestmark = pytest.mark.slow
# Of each table: its tab, how its caption begins, how its file's name begins, and which cells of a
# row hold figures of the file.
TABLES = (
    ("help_nearby", "Wards of ", "support", slice(2, None)),
    ("help_nearby", "Libraries in ", "libraries", slice(2, None)),
    ("where_next", "Residents at risk", "where-next", slice(3, None)),
    ("what_if", "Wards of ", "what-if", slice(4, None)),
    ("compare", "", "compare", slice(1, None)),
    ("audit", "Published datasets", "audit", slice(2, None)),
)
NAMES = ("name", "candidate_name", "ward_name", "authority_name", "label", "dataset")
Files = dict[str, Callable[[], bytes]]


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Files:
    """What pages offer as files, by name."""
    found: Files = {}
    monkeypatch.setattr(
        downloads, "file_button", lambda _label, data, name, _key, **_: found.update({name: data})
    )
    return found


@pytest.fixture(scope="module")
def app() -> AppTest:
    """One visit for all places: a reader goes on from view to view."""
    return opened("help_nearby")


def rows_of(app: AppTest, begins: str) -> Iterator[list[markup.HtmlElement]]:
    """Yield the cells of each row that has figures, of the tables whose caption begins so."""
    for table in markup.fromstring(f"<div>{html(app)}</div>").iter("table"):
        caption = table.find("caption")
        if caption is not None and caption.text_content().startswith(begins):
            for row in table.iterfind(".//tbody/tr"):
                if row.find_class("atlas-number"):
                    yield list(row)


def ways(value: str) -> set[str]:
    """Return how pages may write a figure of a file: whole or with a decimal, cut, as per cent."""
    try:
        number = float(value)
    except ValueError:
        return {value}
    cut = math.floor(number * 10 + 1e-9) / 10
    # Adding zero keeps a tiny negative from being written as -0.
    rounded = {f"{round(number, decimals) + 0.0:,.{decimals}f}" for decimals in range(3)}
    return rounded | {f"{number:.0%}", f"{number:.1%}", f"{cut:,.1f}", f"{cut // 1:,.0f}"}


def figures(cell: markup.HtmlElement) -> list[str]:
    """Return the figures of a cell without their units and marks; none of a cell of words."""
    if "atlas-number" not in cell.get("class", "") and " of " not in cell.text_content():
        return []
    text = cell.text_content().replace("▲", "").replace("(most need)", "")
    for word in (" km", " hours", " small areas", " wards", " libraries", " of ", "→"):
        text = text.replace(word, " ")
    return [word for word in text.split() if any(map(str.isdigit, word))]


@pytest.mark.parametrize("place", PLACES)
def test_a_row_of_a_page_has_the_figures_of_its_row_in_the_file(
    place: str, app: AppTest, files: Files
) -> None:
    inside = set(atlas().snapshot.wards["ward_code"].iloc[atlas().places.positions(place)])
    near = [each for each in support().libraries if each.ward_code in inside]
    seen = 0
    for tab, begins, name, held in TABLES:
        closed = {"close": near[0].venue_id} if tab == "what_if" and near else {}
        files.clear()
        gone_on(app, tab, place=place, **closed)
        fine(app)
        made = [data for each, data in files.items() if each.startswith(name) and "csv" in each]
        text = made[0]().decode("utf-8-sig") if made else ""
        table = pd.read_csv(io.StringIO(text or "link"), dtype=str, keep_default_na=False)
        if tab == "audit":  # whose file tells councils apart, and whose page adds them up
            counts = dict.fromkeys(("known", "of", "gaps"), "sum")
            table = table.astype(dict.fromkeys(counts, int)).groupby("dataset", as_index=False)
            table = table.agg(counts | {"link": "first"}).astype(str)
        lines = table.to_dict("records")
        for cells in rows_of(app, begins):
            words = {text.strip() for cell in cells for text in cell.itertext()}
            words |= {word.partition(": ")[2] for word in words}
            # Of one name may be several: they differ by council, small area, or figures.
            known = [len(words.intersection(map(line.get, NAMES))) for line in lines]
            alike = [line for line, count in zip(lines, known, strict=True) if count == max(known)]
            said = {figure for cell in cells[held] for figure in figures(cell)}
            assert max(known) and any(
                said <= set().union(*map(ways, line.values())) for line in alike
            ), (tab, words, alike)
            seen += len(said)
        links = {line["link"] for line in lines}
        assert all(parse_qs(link[1:])["place"] == [place] for link in links), (tab, links)
    assert seen > 50
