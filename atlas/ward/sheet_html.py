"""Ward sheets as HTML: for the screen, as pages that work offline, and all of an area at once."""

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from markupsafe import Markup

from atlas.places.places import Place, Places
from atlas.risk.robustness import Robustness
from atlas.risk.scorer import Scorer, with_derived_columns
from atlas.snapshot.snapshot import SnapshotError, load
from atlas.text.safe_text import picture_address
from atlas.text.templates import macros, whole_page
from atlas.ward.sheet import Sheets, WardSheet

STYLE = Path(__file__).with_name("sheet.css")
_TEMPLATE = Path(__file__).with_name("sheet.html")
_WHEN = (1980, 1, 1, 0, 0, 0)  # the same sheets give the same bytes, whenever they are made
ALL = "all-sheets-to-print.html"


def article(sheet: WardSheet, named: bool = True) -> Markup:
    """Return one sheet, escaped, as an HTML ``<article>``, ``named`` with the ward as heading."""
    return macros(_TEMPLATE).article(sheet, named, picture_address(sheet.picture))


def document(title: str, sheets: Sequence[WardSheet]) -> bytes:
    """Return an HTML page with the given sheets, one to a printed page; it needs nothing else."""
    return _page(title, map(article, sheets)).encode()


def _page(title: str, body: Iterable[Markup]) -> str:
    return whole_page(title, STYLE.read_text(encoding="utf-8"), Markup().join(body))


def file_name(place: Place) -> str:
    """Return a file name for a place's sheet: plain letters and the code, unlike any other's."""
    plain = re.sub(r"[^a-z0-9]+", "-", place.name.lower()).strip("-")
    return f"{plain[:60]}-{place.code}.html"


def batch(
    sheets: Sheets,
    area: Place,
    codes: Sequence[str],
    told: Callable[[float], object] = lambda done: None,
) -> bytes:
    """Return a zip of an area's sheets: an index, a page for each ward, and one to print them all.

    ``told`` hears the share done, 0 to 1. The same sheets give the same bytes.
    """
    buffer = io.BytesIO()
    articles: list[Markup] = []
    links: list[tuple[str, str]] = []
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for number, code in enumerate(codes, 1):
            made = sheets.sheet(code)
            articles.append(article(made))
            links.append((f"wards/{file_name(made.ward)}", made.ward.label))
            _add(packed, links[-1][0], _page(made.ward.label, articles[-1:]))
            told(number / len(codes))
        title = f"Ward sheets: {area.label}"
        _add(packed, ALL, _page(title, articles))
        _add(packed, "index.html", _page(title, [macros(_TEMPLATE).contents(title, links, ALL)]))
    return buffer.getvalue()


def batch_of(
    folder: Path,
    version: str,
    tests: Robustness | None,
    readers: Mapping[str, Any],
    area: str,
    told: Callable[[float], object],
) -> bytes:
    """Return the :func:`batch` of an area by code, from a snapshot's folder: for a worker.

    ``tests`` were run before; ``readers`` are the fields of :class:`Sheets` that are a reader's.
    Raises :class:`SnapshotError` where the folder no longer holds ``version``, or is damaged.
    """
    snapshot = with_derived_columns(load(folder))
    if snapshot.version != version:
        raise SnapshotError(f"The snapshot folder {folder} holds another version.")
    places = Places(snapshot.wards)
    sheets = replace(Sheets.of(Scorer(snapshot, places), tests), **readers)
    return batch(sheets, places[area], places.wards(area), told)


def _add(packed: zipfile.ZipFile, name: str, text: str) -> None:
    packed.writestr(zipfile.ZipInfo(name, _WHEN), text, zipfile.ZIP_DEFLATED, 6)
