"""Texts that stand beside a module, in a TOML file of its name."""

import tomllib
from pathlib import Path
from typing import Any


def texts(module: str | Path) -> dict[str, Any]:
    """Return the texts of a module, given as its ``__file__``, or of a TOML file."""
    return tomllib.loads(Path(module).with_suffix(".toml").read_text(encoding="utf-8"))
