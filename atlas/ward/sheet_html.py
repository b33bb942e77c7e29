"""Ward sheets as HTML: for the screen, as pages that work offline, and all of an area at once."""

import base64
import io
import re
import zipfile
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

from atlas.places.places import Place
from atlas.ward.sheet import HelpPlace, Sheets, Thing, WardSheet

STYLE = Path(__file__).with_name("sheet.css")
# The page may show what it carries, run nothing and fetch nothing.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'"
_WHEN = (1980, 1, 1, 0, 0, 0)  # the same sheets give the same bytes, whenever they are made
ALL = "all-sheets-to-print.html"


def article(sheet: WardSheet, level: int = 1) -> str:
    """Return one sheet as an HTML ``<article>``, its heading of the given level (1 to 4).

    All text of the sheet is escaped.
    """
    top, inner = f"h{level}", f"h{level + 1}"

    def title(text: str) -> str:
        return f"<{inner} class='sheet-title'>{escape(text)}</{inner}>"

    picture = base64.b64encode(sheet.picture.encode()).decode()
    things = "".join(map(_thing, sheet.things))
    listed = f"{title('Three things to know')}<ol class='sheet-things'>{things}</ol>"
    places = "".join(map(_place, sheet.places))
    unknown = "".join(f"<li>{escape(point)}</li>" for point in sheet.unknown)
    return (
        "<article class='sheet' lang='en-GB'>"
        "<p class='sheet-kicker'>Getting online: a sheet about one ward</p>"
        f"<{top} class='sheet-name'>{escape(sheet.ward.name)} "
        f"<span>{escape(sheet.council.name)}</span></{top}>"
        f"<p class='sheet-lead'><strong>{escape(sheet.headline)}</strong> "
        f"{escape(' '.join(sheet.lead))}</p>"
        f"<img class='sheet-map' alt='{escape(sheet.picture_words)}' "
        f"src='data:image/svg+xml;base64,{picture}'>"
        f"{listed if sheet.things else ''}"
        f"{title('Where to get help near by')}<ol class='sheet-places'>{places}</ol>"
        f"<p class='sheet-caption'>{escape(sheet.places_note)}</p>"
        "<div class='sheet-both'>"
        f"<section>{title('What we do not know')}<ul>{unknown}</ul></section>"
        f"<section>{title('Is something wrong?')}<p>{escape(_correct(sheet))}</p>"
        "<div class='sheet-rule'></div><div class='sheet-rule'></div></section></div>"
        f"<div class='sheet-foot'>{''.join(f'<p>{escape(text)}</p>' for text in sheet.foot)}</div>"
        "</article>"
    )


def _thing(thing: Thing) -> str:
    return (
        f"<li><strong>{escape(thing.sentence)}</strong> {escape(thing.compared)} "
        f"{escape(thing.why)} <span class='sheet-figures'>Exact figures: {escape(thing.figures)}."
        "</span></li>"
    )


def _place(place: HelpPlace) -> str:
    mark = place.number
    return (
        f"<li><span class='sheet-number' aria-hidden='true'>{mark}</span><span>"
        f"<strong>{escape(place.name)}</strong>. {escape(place.where)}. {escape(place.address)}. "
        f"{escape(place.opening)}.</span></li>"
    )


def _correct(sheet: WardSheet) -> str:
    whom = sheet.contact or "the people who gave you this sheet, or your library service"
    return (
        f"Is a place missing, closed, or open at other times? Tell {whom}. You can write it here:"
    )


def document(title: str, sheets: Sequence[WardSheet]) -> bytes:
    """Return an HTML page with the given sheets, one to a printed page; it needs nothing else."""
    body = "".join(article(sheet) for sheet in sheets)
    return _page(title, f"<main>{body}</main>").encode()


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html>\n<html lang="en-GB"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title>"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<style>body {{ margin: 1rem auto; max-width: 50rem; padding: 0 1rem; "
        f"font-family: Arial, Helvetica, sans-serif; line-height: 1.5; }}\n"
        f"@media print {{ body {{ margin: 0; padding: 0; max-width: none; }} }}\n"
        f"{STYLE.read_text(encoding='utf-8')}</style></head><body>{body}</body></html>\n"
    )


def file_name(place: Place) -> str:
    """Return a file name for a place's sheet: plain letters and the code, unlike any other's."""
    plain = re.sub(r"[^a-z0-9]+", "-", place.name.lower()).strip("-")
    return f"{plain[:60]}-{place.code}.html"


def batch(
    sheets: Sheets,
    area: Place,
    codes: Sequence[str],
    told: Callable[[float], None] = lambda done: None,
) -> bytes:
    """Return a zip of an area's sheets: an index, a page for each ward, and one to print them all.

    ``codes`` are ward codes in the order wanted; ``told`` hears the share done, 0 to 1. The same
    sheets give the same bytes.
    """
    buffer = io.BytesIO()
    articles: list[str] = []
    links: list[str] = []
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for number, code in enumerate(codes, 1):
            made = sheets.sheet(code)
            text = article(made)
            name = f"wards/{file_name(made.ward)}"
            _add(packed, name, _page(made.ward.label, f"<main>{text}</main>"))
            articles.append(text)
            links.append(f"<li><a href='{name}'>{escape(made.ward.label)}</a></li>")
            told(number / len(codes))
        title = f"Ward sheets: {area.label}"
        _add(packed, ALL, _page(title, f"<main>{''.join(articles)}</main>"))
        _add(packed, "index.html", _page(title, _contents(title, links)))
    return buffer.getvalue()


def _contents(title: str, links: Sequence[str]) -> str:
    return (
        f"<main><h1>{escape(title)}</h1><p>{len(links):,} sheets, one for each ward. They work "
        f"without the internet. <a href='{ALL}'>All sheets in one page, ready to print</a> (one "
        f"A4 sheet for each ward).</p><ul>{''.join(links)}</ul></main>"
    )


def _add(packed: zipfile.ZipFile, name: str, text: str) -> None:
    packed.writestr(zipfile.ZipInfo(name, _WHEN), text, zipfile.ZIP_DEFLATED, 6)
