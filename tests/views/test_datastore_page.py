"""The datastore's page, with and without the addresses that serve.py mounts."""

from pathlib import Path

import pytest

from atlas.datastore import cache
from tests.views.test_pages import fine, html, opened

PAGE = "datastore"


@pytest.fixture(autouse=True)
def files(datastore: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "cache_folder", lambda: datastore.parent)
    monkeypatch.setattr(cache, "_addresses", [])


def test_without_addresses_the_page_offers_downloads(datastore: Path) -> None:
    app = opened(PAGE)
    fine(app)
    assert f"Edition {datastore.name}" in html(app)
    assert "href='datastore/" not in html(app)
    app.selectbox(key="datastore_file").select("wards.gpkg").run()
    fine(app)
    assert any("wards.gpkg" in button.label for button in app.get("download_button"))


def test_with_addresses_the_table_links_to_each_file(datastore: Path) -> None:
    cache.announce("datastore")
    app = opened(PAGE)
    fine(app)
    for path in datastore.iterdir():
        assert f"href='datastore/{path.name}'" in html(app)
    assert not app.get("download_button")


def test_the_codebook_describes_every_table() -> None:
    app = opened(PAGE)
    box = app.selectbox(key="codebook_table")
    assert len(box.options) == 13
    box.select("risk_index").run()
    fine(app)
    assert "share_worst_tenth" in html(app) and "Sensitivity to choices" in html(app)


def test_until_the_files_are_made_the_page_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    begun: list[Path] = []
    monkeypatch.setattr(cache, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(cache, "start", begun.append)
    app = opened(PAGE)
    fine(app)
    assert begun
    assert "are being made" in app.info[0].value


def test_the_page_shows_the_guide_and_the_data_changelog() -> None:
    app = opened(PAGE)
    shown = " ".join(block.value for block in app.markdown)
    assert "pd.read_csv" in shown and "st_read" in shown
    assert "First snapshot: May 2024 wards" in shown
