"""The open datastore: every table in open formats, with sizes, checksums, codebook and guide."""

from pathlib import Path
from typing import Any

import streamlit as st

from atlas.datastore import cache
from atlas.datastore.datastore import DESCRIPTOR
from views.data_and_method.words import passage
from views.kit.downloads import address_of, file_button
from views.kit.html import TABLE, Cell, escaped, numbers, prose, table
from views.session.snapshot import atlas

_DOCS = Path(__file__).resolve().parents[2] / "docs"
_LOOK = Path(__file__).with_name("datastore.css")
_PLACEHOLDER = "https://atlas.example.org"
_FORMATS = {"csv": "CSV", "parquet": "Parquet", "gpkg": "GeoPackage", "geojson": "GeoJSON"}
_UNITS = {"share": "share, 0 to 1", "count": "number", "score": "score, no unit"}


def page() -> None:
    """Draw the tables to take away and how to use them."""
    st.html(_LOOK)
    st.title("Datastore")
    prose(passage("datastore", "lead", "atlas-lead"))
    resources = _files()
    _guide()
    if resources:
        _codebook(resources)
    changes = (_DOCS / "DATA_CHANGELOG.md").read_text(encoding="utf-8")
    st.html("<h2 class='atlas-h2'>Changes to the data</h2>")
    st.markdown(changes.partition("\n")[2].replace("\n## ", "\n### "))


@st.fragment(run_every=2)
def _making() -> None:
    if cache.resting(atlas().snapshot.folder):
        st.warning("The files cannot be made at the moment. Please try again in an hour.")
        return
    st.info("The files are being made, which takes about half a minute. This page shows them then.")
    if cache.held(atlas().snapshot.folder):
        st.rerun(scope="app")


def _files() -> list[dict[str, Any]]:
    """Show the tables; return what describes their files, nothing while they are being made."""
    package = cache.package(atlas().snapshot.folder)
    folder = cache.held(atlas().snapshot.folder)
    st.html("<h2 class='atlas-h2'>Tables</h2>")
    if package is None or folder is None:
        _making()
        return []
    resources: list[dict[str, Any]] = package["resources"]
    served = cache.address()
    st.html(_listed(resources, served))
    if served:
        prose(
            f"<p class='atlas-note'>Edition {escaped(package['version'])}. "
            f"<a href='{served}/{DESCRIPTOR}'>datapackage.json</a> describes all files for "
            "programs. Copy a link from the table: it is the file’s lasting address.</p>"
        )
    else:
        _take(folder, resources, package["version"])
    _checksums(resources)
    return resources


def _listed(resources: list[dict[str, Any]], served: str | None) -> str:
    """Return the tables, each with its files: beneath its name, where a phone shows them too."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for entry in resources:
        tables.setdefault(str(entry["name"]).partition(".")[0], []).append(entry)
    rows = []
    for name, files in tables.items():
        first = files[0]
        rows.append(
            [
                Cell(
                    f"<b>{escaped(first['title'])}</b> <code>{escaped(name)}</code><br>"
                    f"{escaped(first['description'])} {escaped(first['licenses'][0]['title'])}.<br>"
                    f"{' · '.join(_file(entry, served) for entry in files)}"
                ),
                f"{first.get('rows', first.get('records')):,}",
            ]
        )
    caption = "Tables of the datastore and the size of each file"
    return table(caption, ["Table", *numbers("Rows")], rows, TABLE)


def _file(entry: dict[str, Any], served: str | None) -> str:
    said = f"{_FORMATS[str(entry['format'])]}, {_size(int(entry['bytes']))}"
    if served is None:
        return said
    name = escaped(entry["name"])
    return f"<a href='{served}/{name}' download aria-label='{name}: {said}'>{said}</a>"


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{max(size // 1000, 1)} kB"


def _take(folder: Path, resources: list[dict[str, Any]], edition: str) -> None:
    """Offer the files one by one where this process does not serve their addresses."""
    sizes = {str(entry["name"]): _size(int(entry["bytes"])) for entry in resources}
    sizes[DESCRIPTOR] = _size((folder / DESCRIPTOR).stat().st_size)
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    chosen = left.selectbox("File", list(sizes), key="datastore_file")
    file = folder / chosen
    with right:
        file_button(
            f"Download {chosen}, {sizes[chosen]}", file.read_bytes, chosen, "datastore_take"
        )
    prose(passage("datastore", "one_by_one", "atlas-note", edition=edition))


def _checksums(resources: list[dict[str, Any]]) -> None:
    rows = [
        [
            Cell(f"<code>{escaped(entry['name'])}</code>"),
            f"{int(entry['bytes']):,}",
            Cell(f"<code>{escaped(str(entry['hash']).partition(':')[2])}</code>"),
        ]
        for entry in resources
    ]
    headings = ["File", *numbers("Bytes"), "SHA-256"]
    st.html(
        "<details class='atlas-details'><summary>Checksums of all files</summary>"
        + table("Size and SHA-256 checksum of each file", headings, rows)
        + "</details>"
    )


@st.fragment
def _codebook(resources: list[dict[str, Any]]) -> None:
    st.html("<h2 class='atlas-h2'>Codebook</h2>")
    described: dict[str, dict[str, Any]] = {}
    for entry in resources:
        if "schema" in entry or "columns" in entry:
            described.setdefault(str(entry["name"]).partition(".")[0], entry)
    chosen = st.selectbox(
        "Table",
        list(described),
        format_func=lambda name: f"{described[name]['title']} ({name})",
        key="codebook_table",
    )
    entry = described[chosen]
    fields = entry["schema"]["fields"] if "schema" in entry else entry["columns"]
    headings = ["Column", "Type, unit, direction"]
    rows = [
        [
            Cell(
                f"<code>{escaped(field['name'])}</code><br><b>{escaped(field['title'])}.</b> "
                f"{escaped(field['description'])}"
            ),
            Cell(
                f"{escaped(field['type'])}<br>"
                f"{escaped(_UNITS.get(field['unit'], field['unit']))}<br>"
                f"{escaped(field.get('direction', 'none'))}"
            ),
        ]
        for field in fields
    ]
    st.html(table(f"Columns of {escaped(chosen)}", headings, rows))


def _guide() -> None:
    text = (_DOCS / "using_the_data.md").read_text(encoding="utf-8")
    here = address_of("").rpartition("/")[0] or _PLACEHOLDER
    _, *parts = text.replace(_PLACEHOLDER, here).split("\n## ")
    named = [part.partition("\n") for part in parts]
    st.html("<h2 class='atlas-h2'>Use this data</h2>")
    for tab, (_, _, body) in zip(st.tabs([title for title, _, _ in named]), named, strict=True):
        tab.markdown(body)
    if cache.address() is None:
        prose(passage("datastore", "without_addresses", "atlas-note"))
