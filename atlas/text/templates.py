"""HTML from template files: every outside text is escaped, a misspelt name is an error."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

_DOCUMENT = Path(__file__).with_name("document.html")


@cache
def macros(path: Path) -> Any:
    """Return the macros of a template file as functions; what they return is trusted markup.

    What is given to them is escaped, unless it is such markup itself. Raises
    ``jinja2.TemplateNotFound`` without the file.
    """
    environment = Environment(
        loader=FileSystemLoader(path.parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    return environment.get_template(path.name).module


def whole_page(title: str, look: str, body: Markup) -> str:
    """Return a whole HTML page that needs nothing else; ``look`` is its style sheet."""
    page: Markup = macros(_DOCUMENT).page(title, look, body)
    return str(page)
