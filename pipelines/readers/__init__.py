"""One reader per published file: bytes in the publisher's layout -> a tidy table by area code."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pandas as pd

from atlas.catalogue.declarations import DeclarationError
from atlas.catalogue.sources import Source

Reader = Callable[[Path], pd.DataFrame]


def reader_of(source: Source) -> Reader:
    """Return the function that a source's declaration names, such as ``census.read_age``.

    It gives one row per English LSOA, by ``lsoa_code``. Raises :class:`DeclarationError` where
    there is no such function here.
    """
    module, _, name = source.reader.partition(".")
    try:
        reader: Reader = getattr(import_module(f"{__name__}.{module}"), name)
    except (ImportError, AttributeError) as error:
        raise DeclarationError(
            f"source '{source.key}': there is no reader '{source.reader}' in pipelines/readers"
        ) from error
    return reader
