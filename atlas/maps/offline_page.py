"""The map as one web page that needs nothing else: for an intranet, an e-mail or an archive."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Beside:
    """What stands beside a saved map: its sentence, and what it says about itself by heading.

    ``legend`` and ``table``, of the wards in order, are trusted markup.
    """

    lead: str
    legend: str
    table: str
    about: Mapping[str, str]


def map_page(
    view: MapView, beside: Beside, scripts: Sequence[Path], styles: Sequence[Path]
) -> bytes:
    """Return a self-contained HTML page of a view, with its outlines, in UTF-8.

    ``scripts`` and ``styles`` are the map's own files in loading order. Finer outlines, libraries
    and pockets are left out. Raises ``OSError`` where a file is missing.
    """
    outlines = (view.files.folder / view.files.wards).read_bytes()
    packed = pack(view)
    carried = base64.b64encode(outlines).decode("ascii")
    page = macros(_TEMPLATE).page(
        plain(f"{view.place_name}, by ward: {view.label}"),
        beside.lead,
        plain(view.attribution, 600),
        "\n".join(path.read_text(encoding="utf-8") for path in styles),
        beside.legend,
        beside.table,
        beside.about,
        map(_inline, scripts),
        f'Atlas.carry("{view.files.wards}", "{carried}");{_BEGIN}'
        f'Atlas.show("{packed.classes}", "{packed.figures}", "{packed.settings}", "");',
    )
    return page.encode()


def _inline(script: Path) -> str:
    # An end tag within a script would end it early.
    return script.read_text(encoding="utf-8").replace("</script", "<\\/script")
