"""The ward map as folium sees it: one constant map, and a group that only carries new values.

This is the only module that imports folium. Folium compiles rendered scripts again as templates,
so the only text that may enter one here is packed (see :mod:`safe_text`): digits and base64.
"""

import re
from collections.abc import Sequence

import folium
from branca.element import MacroElement
from folium.template import Template

from atlas.maps.payload import PackedView

_PACKED = re.compile(r"[A-Za-z0-9_=-]*")
_ADDRESS = re.compile(r"[A-Za-z0-9_./-]*")
_ENGLAND = (52.8, -1.6)
_LIMITS = [[48.0, -12.0], [58.0, 7.0]]


class _Start(MacroElement):
    """Hands the Leaflet map to the Atlas's own layer; the same text on every run."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            Atlas.start({{ this._parent.get_name() }});
        {% endmacro %}
        """
    )


class WardValues(folium.FeatureGroup):
    """An empty group whose script restyles the wards that are already in the browser.

    ``served`` is the relative address of the map files. Raises ``ValueError`` for text that is
    not packed: such text must never reach a template.
    """

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = L.featureGroup();
            window.feature_group = [];
            Atlas.show("{{ this.packed.classes }}", "{{ this.packed.figures }}",
                "{{ this.packed.settings }}", "{{ this.served }}");
        {% endmacro %}
        """
    )

    def __init__(self, packed: PackedView, served: str) -> None:
        super().__init__(control=False)
        for text in (packed.classes, packed.figures, packed.settings):
            if not _PACKED.fullmatch(text):
                raise ValueError("only packed text may enter a map script")
        if not _ADDRESS.fullmatch(served):
            raise ValueError("the map files' address must be a plain relative path")
        self.packed = packed
        self.served = served


def base_map(scripts: Sequence[str], styles: Sequence[str]) -> folium.Map:
    """A map of England without tiles, drawn by the given scripts (in loading order).

    A new one is needed for each run: streamlit-folium changes the object that it is given.
    """
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
    canvas.default_js = [(f"script{number}", link) for number, link in enumerate(scripts)]
    canvas.default_css = [(f"style{number}", link) for number, link in enumerate(styles)]
    canvas.add_child(_Start())
    return canvas
