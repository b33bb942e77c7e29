"""The map as one web page that needs nothing else: for an intranet, an e-mail or an archive."""

import base64
from collections.abc import Sequence
from pathlib import Path

from atlas.maps.payload import MapView, pack
from atlas.text.safe_text import safe_text

# The page may run what it carries and fetch nothing.
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; base-uri 'none'; form-action 'none'"
)
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
    title = safe_text(f"{view.place_name}, by ward: {view.label}")
    outlines = (view.files.folder / view.files.wards).read_bytes()
    packed = pack(view)
    code = "\n".join(f"<script>{_inline(path)}</script>" for path in scripts)
    look = "\n".join(path.read_text(encoding="utf-8") for path in styles)
    address = f'"{view.files.wards}"'
    carried = base64.b64encode(outlines).decode("ascii")
    shown = f'Atlas.show("{packed.classes}", "{packed.figures}", "{packed.settings}", "");'
    page = f"""<!doctype html>
<html lang="en-GB"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<style>{look}
html.atlas body {{ margin: 1rem; overflow: auto; font-family: system-ui, sans-serif; }}
#map_div {{ height: 70vh; border: 1px solid #d3d9df; }}
</style></head><body><main><h1>{title}</h1><div id="map_div"></div>
{legend}<p>{safe_text(view.attribution, 600)}</p></main>
{code}
<script>Atlas.carry({address}, "{carried}");{_BEGIN}{shown}</script>
</body></html>
"""
    return page.encode()


def _inline(script: Path) -> str:
    # An end tag within a script would end it early.
    return script.read_text(encoding="utf-8").replace("</script", "<\\/script")
