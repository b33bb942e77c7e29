"""The one place where an outside string is made safe for a map, a legend or a saved page.

Folium compiles what it has already rendered a second time, as a server-side template, and
Leaflet sets HTML. A name, label or note from outside therefore never enters a script: it is
cleaned and then either packed (an alphabet that means nothing to a template, a script or HTML)
or written with numeric character references.
"""

import base64
import json
import math
import unicodedata
from collections.abc import Mapping, Sequence

LONGEST = 200
# Every sign that HTML, an attribute, a template or a script could read something into.
_REFERENCED = {ord(sign): f"&#{ord(sign)};" for sign in "&<>\"'{}`$\\%#/="}
# What an address, or an attribute around it, would read otherwise. The first stands in all others.
_ENCODED = "%#<>&\"'\\\t\r\n"
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}

Packable = str | int | float | bool | None | Sequence["Packable"] | Mapping[str, "Packable"]


def plain(text: object, longest: int = LONGEST) -> str:
    """One line of visible text: composed characters, no control or hidden ones, cut to length.

    The result still has every visible sign (``<``, ``{{`` ...), so it may only be shown as text
    or handed on to :func:`packed` or :func:`safe_text`.
    """
    composed = unicodedata.normalize("NFC", str(text))
    spaced = " ".join("".join(map(_visible, composed)).split())
    return spaced if len(spaced) <= longest else spaced[: longest - 1] + "…"


def _visible(sign: str) -> str:
    if sign.isspace():
        return " "
    return "" if unicodedata.category(sign) in _HIDDEN else sign


def safe_text(text: object, longest: int = LONGEST) -> str:
    """Text for HTML, an attribute or a folium argument: shown exactly, never interpreted."""
    return plain(text, longest).translate(_REFERENCED)


def picture_address(svg: str) -> str:
    """An SVG as the address of a picture, for an attribute in quotes of either kind.

    A page of many of them, written out, compresses to two thirds of what base64 would.
    """
    for sign in _ENCODED:
        svg = svg.replace(sign, f"%{ord(sign):02X}")
    return f"data:image/svg+xml,{svg}"


def packed(content: Packable) -> str:
    """JSON in URL-safe base64, every string in it cleaned by :func:`plain`.

    Raises ``ValueError`` for a number that JSON does not know (NaN, infinity) and ``TypeError``
    for anything that is not JSON.
    """
    written = json.dumps(_cleaned(content), ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(written.encode()).decode("ascii")


def _cleaned(content: Packable) -> Packable:
    if isinstance(content, str):
        return plain(content)
    if isinstance(content, Mapping):
        return {plain(key): _cleaned(value) for key, value in content.items()}
    if isinstance(content, Sequence):
        return [_cleaned(value) for value in content]
    if isinstance(content, float) and not math.isfinite(content):
        raise ValueError("a map setting must be a finite number or None")
    return content
