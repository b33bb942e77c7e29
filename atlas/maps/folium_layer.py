"""The ward map as its frame takes it: one constant folium map, and a script with new values.

This is the only module that imports folium. Folium compiles rendered scripts again as templates,
so no text enters one here, and the values' script takes only what is packed (see
:mod:`safe_text`): digits and base64.
"""

import re

import folium
from branca.element import MacroElement
from folium.template import Template

from atlas.maps.payload import PackedView

_PACKED = re.compile(r"[A-Za-z0-9_=-]*")
_ADDRESS = re.compile(r"[A-Za-z0-9_./-]*")
_ENGLAND = (52.8, -1.6)
_LIMITS = [[48.0, -12.0], [58.0, 7.0]]


class _Start(MacroElement):
    """Hands the Leaflet map to the Atlas's own layer."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            Atlas.start({{ this._parent.get_name() }});
        {% endmacro %}
        """
    )


def values_script(packed: PackedView, served: str) -> str:
    """Return the script that restyles the wards that are already in the browser.

    ``served`` is the relative address of the map files. Raises ``ValueError`` for text that is
    not packed: such text must never reach a script.
    """
    said = (packed.classes, packed.figures, packed.settings)
    if not all(_PACKED.fullmatch(text) for text in said):
        raise ValueError("only packed text may enter a map script")
    if not _ADDRESS.fullmatch(served):
        raise ValueError("the map files' address must be a plain relative path")
    return 'Atlas.show("{}", "{}", "{}", "{}");'.format(*said, served)


def base_map() -> folium.Map:
    """A map of England without tiles, which the Atlas's own scripts draw."""
    canvas = folium.Map(
        location=_ENGLAND,
        zoom_start=6,
        min_zoom=5,
        max_zoom=16,
        tiles=None,
        prefer_canvas=True,
        keyboard=False,
        attribution_control=False,
        zoom_snap=0.25,
        zoom_delta=1,
        max_bounds=False,
        max_bounds_viscosity=0.7,
    )
    canvas.options["max_bounds"] = _LIMITS
    canvas.default_js = canvas.default_css = []
    canvas.add_child(_Start())
    return canvas
