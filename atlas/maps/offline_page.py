"""The map as one web page that needs nothing else: for an intranet, an e-mail or an archive."""

import base64
from collections.abc import Sequence
from pathlib import Path

from atlas.maps.payload import MapView, pack
from atlas.text.safe_text import plain
from atlas.text.templates import macros

_TEMPLATE = Path(__file__).with_name("offline_page.html")
_BEGIN = """
const map = L.map("map_div", {center: [52.8, -1.6], zoom: 6, minZoom: 5, maxZoom: 16,
  keyboard: false, attributionControl: false, zoomSnap: 0.25});
Atlas.start(map);
"""


def map_page(view: MapView, scripts: Sequence[Path], styles: Sequence[Path], legend: str) -> bytes:
    """Return a self-contained HTML page of a view, with its outlines, in UTF-8.

    ``scripts`` and ``styles`` are the map's own files in loading order. ``legend`` is trusted
    markup. Finer outlines, libraries and pockets are left out. Raises ``OSError`` where a file
    is missing.
    """
    outlines = (view.files.folder / view.files.wards).read_bytes()
    packed = pack(view)
    carried = base64.b64encode(outlines).decode("ascii")
    page = macros(_TEMPLATE).page(
        plain(f"{view.place_name}, by ward: {view.label}"),
        plain(view.attribution, 600),
        "\n".join(path.read_text(encoding="utf-8") for path in styles),
        legend,
        map(_inline, scripts),
        f'Atlas.carry("{view.files.wards}", "{carried}");{_BEGIN}'
        f'Atlas.show("{packed.classes}", "{packed.figures}", "{packed.settings}", "");',
    )
    return page.encode()


def _inline(script: Path) -> str:
    # An end tag within a script would end it early.
    return script.read_text(encoding="utf-8").replace("</script", "<\\/script")
