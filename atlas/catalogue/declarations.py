"""Declarations in TOML files, checked whole: every fault at once, with its file and key."""

import json
import tomllib
from collections.abc import Callable, Container, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)

# Nothing is taken for another type, and a misspelt field is a fault. A field may be called
# otherwise in the file than in the code.
STRICT = ConfigDict(strict=True, extra="forbid", validate_by_name=True, validate_by_alias=True)
Text = Annotated[str, StringConstraints(min_length=1)]
Positive = Annotated[float, Field(gt=0)]

_Declared = TypeVar("_Declared")
_SAID = {
    "missing": "this field is missing",
    "unexpected_keyword_argument": "there is no such field",
    "string_too_short": "this may not be empty",
}


class DeclarationError(ValueError):
    """A declaration is incomplete or contradicts itself; the message has a line for each fault."""


def among(known: Callable[[], Container[str]], fault: str) -> AfterValidator:
    """Return the check that a text is one of the ``known``; ``fault`` says of another, ``{}``."""

    def check(text: str) -> str:
        if text not in known():
            raise ValueError(fault.format(text))
        return text

    return AfterValidator(check)


def keyed(table: Mapping[str, Any], field: str = "key", **more: Any) -> dict[str, Any]:
    """Return a table of entries, each with its own key as ``field`` and with ``more`` fields."""
    return {
        key: {**entry, field: key, **more} if isinstance(entry, dict) else entry
        for key, entry in table.items()
    }


def read_declaration(
    kind: type[_Declared],
    module: str | Path,
    arranged: Callable[[dict[str, Any]], Mapping[str, Any]] = dict,
    text: str | None = None,
) -> _Declared:
    """Return what the TOML file of a module's name declares, or a file given itself.

    ``arranged`` turns its table into the fields of the kind; ``text`` is read in place of its own.
    Raises :class:`DeclarationError` for what is no TOML, and with every fault, its file and key.
    """
    path = Path(module).with_suffix(".toml")
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8") if text is None else text)
    except tomllib.TOMLDecodeError as error:
        raise DeclarationError(f"{path.name} cannot be read: {error}") from error
    return checked(kind, arranged(table), path.name)


def checked(kind: type[_Declared], table: Mapping[str, Any], file: str) -> _Declared:
    """Return a table, the context of its fields' checks, as :func:`read_declaration` does."""
    try:
        # By way of JSON a strict check takes lists for tuples and sets, which TOML has not.
        return TypeAdapter(kind).validate_json(json.dumps(table, default=str), context=table)
    except ValidationError as error:
        raise DeclarationError("\n".join(_faults(error, file))) from error


def _faults(error: ValidationError, file: str) -> list[str]:
    return [
        f"{file}: {'.'.join(map(str, fault['loc']))}: "
        f"{_SAID.get(fault['type']) or fault['msg'].removeprefix('Value error, ')}"
        for fault in error.errors(include_url=False)
    ]
