"""A link as a QR code, made here: nothing is asked of another site."""

import io

import segno

# A denser code is not read from paper by an ordinary phone.
LONGEST = 800


def may_be_drawn(link: str) -> bool:
    """Tell whether a link is a whole web address, and short enough for a code on paper."""
    return link.startswith(("https://", "http://")) and len(link.encode()) <= LONGEST


def qr_picture(link: str) -> str:
    """Return the code as a data URI of an SVG picture, "" for a link that cannot be drawn."""
    return segno.make_qr(link, error="m").svg_data_uri(border=2) if may_be_drawn(link) else ""


def qr_png(link: str) -> bytes:
    """Return the code as a PNG picture, empty for a link that cannot be drawn.

    The same link gives the same bytes.
    """
    if not may_be_drawn(link):
        return b""
    buffer = io.BytesIO()
    segno.make_qr(link, error="m").save(buffer, kind="png", scale=8, border=2)
    return buffer.getvalue()
