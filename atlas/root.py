"""Where the rest of the program lies: pages, settings, static files and the published data."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_INSTALLED = _PACKAGE / "site"

# A checkout has the rest beside the package; an installed program carries it inside, and writes
# nothing there: what it makes goes to the folder that it is started from.
_is_installed = _INSTALLED.is_dir()
ROOT = _INSTALLED if _is_installed else _PACKAGE.parent
WORKING = Path.cwd() if _is_installed else ROOT
