"""What travels to the map: by position, exact, and small."""

import base64
import json
import re
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.catalogue.columns import declared_columns, measures, shown
from atlas.maps.folium_layer import values_script
from atlas.maps.payload import MapFiles, MapFilesError, MapView, Mark, map_files, pack, runs_of
from atlas.risk.scorer import with_derived_columns
from atlas.snapshot.snapshot import load
from atlas.text.safe_text import plain
from tests.hostile_text import HOSTILE

DATA = Path(__file__).resolve().parents[3] / "data"
CODES = tuple(f"E0500000{n}" for n in range(6))
FILES = MapFiles(Path("/nowhere"), "wards-0.json.gz", CODES)


def view(values=(0.1, None, 0.3, 0.4, 0.5, 0.999), classes=(0, -1, 1, 2, 3, 4), **settings):
    return MapView(
        files=settings.pop("files", FILES),
        values=pd.Series(values, index=CODES, dtype=float),
        classes=pd.Series(classes, index=CODES),
        label=settings.pop("label", "Rate"),
        unit=settings.pop("unit", "share"),
        **settings,
    )


def settings_of(packed):
    return json.loads(base64.urlsafe_b64decode(packed.settings))


def figures_of(packed):
    """The figures as the browser writes them, from the packed bytes."""
    scale = settings_of(packed)["scale"]
    raw, size = base64.urlsafe_b64decode(packed.figures), scale["bytes"]
    found = []
    for at in range(0, len(raw), size):
        stored = int.from_bytes(raw[at : at + size], "little")
        if stored == 256**size - 1:
            found.append("no data")
            continue
        number = (stored + scale["low"]) / 10 ** scale["places"]
        few = scale["unit"] == "share" and not 0 < number < 10
        text = f"{number:,.{scale['decimals'] if few else scale['places']}f}"
        found.append(text + {"share": "%", "km": " km", "hours": " hours"}.get(scale["unit"], ""))
    return found


def same_figure(text):
    """A table's text as the map writes the same figure: "10%" for "10.0%", no minus nought."""
    text = {"10.0%": "10%", "0.0%": "0%"}.get(text, text)
    return re.sub(r"^-(0(\.0+)?\b)(?!\.)", r"\1", text)


def test_each_ward_has_one_sign_in_order():
    assert pack(view()).classes == "0x1234"


def test_figures_are_those_of_the_tables():
    assert figures_of(pack(view())) == ["10%", "no data", "30%", "40%", "50%", "100%"]


@cache
def published_wards():
    return with_derived_columns(load()).wards.set_index("ward_code")


@pytest.mark.parametrize("column", measures(), ids=lambda column: column.name)
def test_every_measure_of_every_ward_reads_as_in_the_tables(column):
    wards = published_wards()
    files = map_files(DATA / "map")
    values = wards[column.name].astype(float)
    packed = pack(
        MapView(
            files,
            values,
            values * 0,
            column.short,
            column.unit,
            decimals=column.shown,
            cut=column.cut,
        )
    )
    expected = [shown(column, value) for value in values.reindex(list(files.ward_codes))]
    assert figures_of(packed) == [same_figure(text) for text in expected]


def test_a_ward_without_an_entry_has_no_data():
    one = view()
    partial = MapView(FILES, one.values.iloc[:2], one.classes.iloc[:2], "Rate", "share")
    assert pack(partial).classes == "0xxxxx"


def test_wards_outside_the_area_do_not_travel():
    some = view(members=[CODES[4], CODES[1], CODES[2], "E05999999"])
    assert runs_of(some.files, some.members) == [[1, 2], [4, 1]]
    assert pack(some).classes == "x13"
    assert len(figures_of(pack(some))) == 3


def test_an_area_without_wards_is_empty():
    assert pack(view(members=[])).classes == ""


def test_numbers_too_far_apart_for_two_bytes_take_more():
    packed = pack(view(values=(0, 1, 70_000, None, 5, 6), unit="people"))
    assert figures_of(packed) == ["0", "1", "70,000", "no data", "5", "6"]


def test_negative_numbers_are_kept():
    packed = pack(view(values=(-3.5, 0, 2, None, 1, 1), unit="score", decimals=1))
    assert figures_of(packed)[:2] == ["-3.5", "0.0"]


@given(st.lists(st.floats(0, 1) | st.none(), min_size=6, max_size=6))
def test_any_share_is_written_as_in_the_tables(values):
    column = declared_columns()["income_deprived_rate"]
    expected = [same_figure(shown(column, value)) for value in values]
    assert figures_of(pack(view(values=values))) == expected


@pytest.mark.parametrize("wrong", [10, -2])
def test_a_class_that_no_sign_stands_for_is_refused(wrong):
    with pytest.raises(ValueError, match="class"):
        pack(view(classes=(wrong, 0, 0, 0, 0, 0)))


def test_an_unknown_layer_is_refused():
    with pytest.raises(ValueError, match="layers"):
        pack(view(layers=frozenset({"weather"})))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_label_reaches_no_script(text):
    packed = pack(view(label=text, place_name=text, attribution=text, class_labels=(text,)))
    assert re.fullmatch(r"[\w\s=.,;()\"/-]*", values_script(packed, "../x/"))


@pytest.mark.parametrize("text", HOSTILE)
def test_marks_travel_packed_with_their_text_made_safe(text):
    packed = pack(view(marks=[Mark(text, text, -2.25, 53.5)]))
    assert settings_of(packed)["marks"] == [[plain(text), plain(text), -2.25, 53.5]]
    assert settings_of(pack(view()))["marks"] == []


def test_text_that_is_not_packed_is_refused():
    packed = pack(view())
    object.__setattr__(packed, "settings", "{{ 7*7 }}")
    with pytest.raises(ValueError, match="packed"):
        values_script(packed, "../x/")
    with pytest.raises(ValueError, match="path"):
        values_script(pack(view()), "http://elsewhere/")


def test_all_england_stays_under_40_kilobytes():
    files = map_files(DATA / "map")
    values = pd.Series(np.linspace(0.01, 0.9, len(files.ward_codes)), index=files.ward_codes)
    packed = pack(MapView(files, values, values * 0, "Rate", "share"))
    assert sum(map(len, (packed.classes, packed.figures, packed.settings))) < 32_000


def test_map_files_that_are_missing_or_of_another_format_are_named(tmp_path):
    with pytest.raises(MapFilesError, match="no usable map files"):
        map_files(tmp_path)
    (tmp_path / "index.json").write_text('{"format": 99}')
    with pytest.raises(MapFilesError, match="format 99"):
        map_files(tmp_path)


def test_a_basemap_is_off_unless_an_address_is_given():
    assert settings_of(pack(view()))["basemap"] == ["", ""]
    tiles = "https://tiles.example/{z}/{x}/{y}.png"
    given = settings_of(pack(view(basemap_url=tiles, basemap_attribution="© Tiles")))
    assert given["basemap"] == [tiles, "© Tiles"]


@pytest.mark.parametrize("address", ["javascript:x{z}", "http://x/{z}", "https://x/", "data:{z}"])
def test_a_basemap_address_that_is_not_one_is_refused(address):
    with pytest.raises(ValueError, match="basemap"):
        pack(view(basemap_url=address))
