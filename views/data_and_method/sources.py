"""Where every figure comes from: the published files, the columns, and the tables to take."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import streamlit as st

from atlas.catalogue.columns import Column, columns_of
from atlas.catalogue.sources import Source
from atlas.text.days import written_day
from views.kit.html import Cell, cell, escaped, table
from views.kit.skip_link import TABLE
from views.session.snapshot import atlas

_TABLES = {
    "wards": "Wards (wards.csv)",
    "lsoas": "Small areas (lsoas.parquet)",
    "libraries": "Libraries (libraries.csv)",
}
_FILES = {
    "wards.csv": "All wards of England with every measure",
    "lsoas.parquet": "The same measures for small areas (LSOAs)",
    "libraries.csv": "Public libraries, open and closed since 2010",
    "boundaries_wards.geojson": "Ward outlines",
    "boundaries_authorities.geojson": "Council outlines",
    "boundaries_combined_authorities.geojson": "Combined authority outlines",
    "boundaries_lsoas.parquet": "Small area outlines",
    "postcodes.parquet": "Postcodes with their ward",
    "provenance.json": "Where everything came from, with checksums",
}
_MIME = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".geojson": "application/geo+json",
    ".parquet": "application/vnd.apache.parquet",
}


def page() -> None:
    """Draw the published files, the tables and the dictionary."""
    used = list(atlas().sources.values())
    st.title("Data and sources")
    st.html(f"<p class='atlas-lead'>{escaped(_lead(used))}</p>")
    st.html(f"<h2 class='atlas-h2'>Published files</h2>{_datasets(used)}")
    st.html(f"<h2 class='atlas-h2'>Caveats and attribution</h2>{_details(used)}")
    _downloads()
    _dictionary()


def _lead(used: list[Source]) -> str:
    days = sorted(source.as_at for source in used)
    publishers = len({source.publisher for source in used})
    return (
        f"Every figure in the Atlas comes from {len(used)} files of {publishers} publishers. They "
        f"describe different days: the oldest {written_day(days[0])}, the newest "
        f"{written_day(days[-1])}. Data version {atlas().snapshot.version}."
    )


def _age(day: date, today: date) -> str:
    months = (today.year - day.year) * 12 + today.month - day.month - (today.day < day.day)
    if months < 1:
        return "under a month"
    years, left = divmod(months, 12)
    parts = [_many(years, "year"), _many(left, "month")]
    return " ".join(part for part in parts if part)


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}" if number else ""


def _datasets(used: list[Source]) -> str:
    today = date.today()
    rows = [
        [
            Cell(
                f"<a href='{escaped(source.page)}' target='_blank' rel='noopener noreferrer'>"
                f"{escaped(source.title)}</a>"
            ),
            cell(source.publisher),
            cell(source.vintage),
            cell(_age(source.as_at, today), css="atlas-nowrap"),
            cell(_coverage(source)),
            Cell(
                f"<a href='{escaped(source.licence_url)}' target='_blank' "
                f"rel='noopener noreferrer'>{escaped(source.licence_name)}</a>"
            ),
        ]
        for source in used
    ]
    headings = [
        cell(text) for text in ("File", "Publisher", "Describes", "Age", "Covers", "Licence")
    ]
    return table("Files that this data version was made from", headings, rows, TABLE)


def _coverage(source: Source) -> str:
    rows = atlas().snapshot.provenance["sources"][source.key].get("rows")
    areas = {
        "LSOA21": "small areas (LSOA 2021)",
        "MSOA21": "areas of about 8,000 residents (MSOA 2021)",
        "OA21": "output areas (2021)",
        "WD24": "wards (May 2024)",
        "LAD24": "councils (2024)",
        "WD25": "wards (May 2025)",
        "LAD25": "councils (2025)",
        "point": "points",
    }.get(source.geography, source.geography)
    return f"{rows:,} rows: {areas}" if rows else areas[0].upper() + areas[1:]


def _details(used: list[Source]) -> str:
    return "".join(
        f"<details class='atlas-details'><summary>{escaped(source.title)}</summary>"
        f"{_caveats(source)}<p>{escaped(source.attribution)}</p>"
        f"<p class='atlas-note'>Checksum (SHA-256) of the file read: "
        f"<code>{escaped(_checksum(source))}</code></p></details>"
        for source in used
    )


def _caveats(source: Source) -> str:
    if not source.caveats:
        return "<p>No caveat is recorded.</p>"
    return f"<ul>{''.join(f'<li>{escaped(caveat)}</li>' for caveat in source.caveats)}</ul>"


def _checksum(source: Source) -> str:
    return str(atlas().snapshot.provenance["sources"][source.key].get("sha256", "not recorded"))


def _downloads() -> None:
    outputs = atlas().snapshot.provenance["outputs"]
    st.html(
        "<h2 class='atlas-h2'>Take the data</h2><p class='atlas-note'>Codes are GSS codes; shares "
        "run from 0 to 1; an empty cell means no data, never zero. Please keep the attributions "
        "above with anything that you publish.</p>"
    )
    with st.container(key="downloads", gap=None):
        for name, words in _FILES.items():
            path = atlas().snapshot.folder / name
            if name in outputs or path.is_file():
                left, right = st.columns([2.5, 1], vertical_alignment="center")
                left.html(f"<p class='atlas-file'><b>{escaped(words)}</b> {escaped(name)}</p>")
                right.download_button(
                    f"Download, {_size(path)}",
                    _reader(name),
                    file_name=name,
                    mime=_MIME[path.suffix],
                    key=f"take_{name}",
                    on_click="ignore",
                    icon=":material/download:",
                    help=f"{words} ({name})",
                )


def _reader(name: str) -> Callable[[], bytes]:
    snapshot = atlas().snapshot
    return lambda: snapshot.path(name).read_bytes()


def _size(path: Path) -> str:
    size = path.stat().st_size
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{max(size // 1000, 1)} kB"


@st.fragment
def _dictionary() -> None:
    st.html("<h2 class='atlas-h2'>Data dictionary</h2>")
    chosen = st.selectbox(
        "Table", list(_TABLES), format_func=_TABLES.__getitem__, key="dictionary_table", width=360
    )
    headings = [cell(text) for text in ("Column", "What it holds", "Unit", "Direction", "Source")]
    rows = [_entry(column) for column in columns_of(chosen)]
    st.html(table(f"Columns of {escaped(_TABLES[chosen])}", headings, rows))


def _entry(column: Column) -> list[Cell]:
    unit = {"share": "share, 0 to 1", "count": "number", "score": "score, no unit"}
    publishers = dict.fromkeys(
        atlas().sources[key].publisher for key in column.sources if key in atlas().used
    )
    return [
        Cell(f"<code>{escaped(column.name)}</code>", css="atlas-nowrap"),
        Cell(f"<b>{escaped(column.label)}.</b> {escaped(column.definition)}"),
        cell(unit.get(column.unit, column.unit)),
        cell(column.direction_in_words or "none"),
        cell("; ".join(publishers)),
    ]
