"""The template that slides are made from: the Atlas's own, or an operator's in its place."""

import zipfile
from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.exc import PackageNotFoundError
from pptx.util import Emu

TEMPLATE = Path(__file__).with_name("slide_template.pptx")
# Layouts that every PowerPoint template has, by their names there.
COVER, HEADING = "Title Slide", "Title Only"
_SIZE = (Emu(12192000), Emu(6858000))


class TemplateError(ValueError):
    """A template for slides cannot be used; the message says why and what to do."""


def opened_template(path: str = "") -> Any:
    """Return a template for slides as a deck without any; "" for the Atlas's own.

    It must be a wide .pptx file (13.33 by 7.5 inches) with the layouts "Title Slide" and "Title
    Only". Raises :class:`TemplateError` for any other.
    """
    try:
        book = Presentation(path or str(TEMPLATE))
    except (OSError, KeyError, ValueError, SyntaxError, PackageNotFoundError, zipfile.BadZipFile):
        raise TemplateError(f"{path} cannot be read: save it anew as a .pptx file") from None
    if (book.slide_width, book.slide_height) != _SIZE:
        raise TemplateError(f"{path} must have wide slides of 13.33 by 7.5 inches")
    titled = {each.name for each in book.slide_layouts if each.placeholders.get(0) is not None}
    if missing := [name for name in (COVER, HEADING) if name not in titled]:
        raise TemplateError(f"{path} needs a layout with a title, called “{missing[0]}”")
    for slide in list(book.slides._sldIdLst):
        book.part.drop_rel(slide.rId)
        book.slides._sldIdLst.remove(slide)
    return book
