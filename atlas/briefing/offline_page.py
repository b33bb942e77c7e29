"""The briefing as one web page that needs nothing else: read offline, printed on A4 landscape."""

from pathlib import Path

from atlas.briefing.briefing import Briefing
from atlas.briefing.html import PANELS, bars_html, map_html, panels
from atlas.briefing.slides import Grid, Stamp, origin_rows, source_lines
from atlas.files.qr_code import qr_picture
from atlas.files.spreadsheets import HOW_NOT_TO_USE
from atlas.maps.static_map import Picture
from atlas.text.templates import macros, whole_page

_TEMPLATE = Path(__file__).with_name("offline_page.html")
_LOOK = Path(__file__).with_name("offline_page.css")


def pack_page(briefing: Briefing, stamp: Stamp, picture: Picture, style: Path) -> bytes:
    """Return the pack as a self-contained HTML page in UTF-8.

    ``style`` is the style sheet that the panels share with the page on screen. Raises
    ``OSError`` without it.
    """
    origins = Grid(
        "Every number with the published table that it comes from",
        ("Number", "Shown", "Worked out as", "Rows"),
        origin_rows(briefing.numbers()),
        (2, 1, 4, 3),
        frozenset({1}),
    )
    drawn = panels(briefing, helps=True) | {
        "map": map_html(briefing, picture),
        "bars": bars_html(briefing.fairness.brief()),
        "origins": PANELS.grid(origins),
    }
    look = "".join(path.read_text(encoding="utf-8") for path in (style, _LOOK))
    body = macros(_TEMPLATE).body(
        briefing,
        stamp,
        briefing.base_and_date,
        drawn,
        source_lines(),
        HOW_NOT_TO_USE,
        qr_picture(stamp.link),
    )
    return whole_page(briefing.title, look, body).encode()
