"""The serving settings: ``serving.toml``, and an operator's file laid over it."""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from atlas.maps.payload import tile_address

DEFAULTS = Path(__file__).resolve().parent.parent / "serving.toml"
VARIABLE = "ATLAS_SERVING"
# The same addresses as the map itself takes, see atlas/maps/payload.py.
_TILES = re.compile(r"(?P<origin>https://(?:\{s\}\.)?[\w.-]+(?::\d+)?)?/[\w./{}?=&:@-]*")
LEVELS = ("debug", "info", "warning", "error")


class SettingsError(Exception):
    """A setting is unknown, of the wrong kind, or not possible; the message says which."""


@dataclass(frozen=True)
class Site:
    """Names, proxies and frames. See ``serving.toml``."""

    allowed_hosts: tuple[str, ...]
    https: bool
    trusted_proxies: tuple[str, ...]
    frame_ancestors: tuple[str, ...]


@dataclass(frozen=True)
class Limits:
    """What one page, one address and the whole process may ask for. See ``serving.toml``."""

    message_bytes: int
    reruns_per_second: float
    rerun_burst: float
    address_reruns_per_second: float
    address_rerun_burst: float
    messages_per_second: float
    message_burst: float
    files_per_second: float
    file_burst: float
    sockets: int
    sockets_per_address: int
    connections_per_second: float
    connection_burst: float


@dataclass(frozen=True)
class Uploads:
    """Whether visitors may upload, and how many bytes are kept. See ``serving.toml``."""

    allowed: bool
    session_bytes: int
    total_bytes: int
    at_once: int


@dataclass(frozen=True)
class Ready:
    """When the data counts as stale, and how often it is verified. See ``serving.toml``."""

    stale_after_days: float
    recheck_seconds: float


@dataclass(frozen=True)
class Basemap:
    """A background for the map; "" for none. See ``serving.toml``."""

    basemap: str
    basemap_attribution: str
    basemap_provider: str

    @property
    def origin(self) -> str:
        """The server that tiles come from, as a content policy names it; "" where it is ours."""
        found = _TILES.fullmatch(self.basemap)
        return (found["origin"] or "").replace("{s}", "*") if found else ""


@dataclass(frozen=True)
class SignIn:
    """Whether only those who signed in see pages, and for how many hours. See ``serving.toml``."""

    required: bool
    hours: float


@dataclass(frozen=True)
class Settings:
    """All of ``serving.toml``."""

    site: Site
    limits: Limits
    uploads: Uploads
    ready: Ready
    map: Basemap
    log_level: str
    sign_in: SignIn


def settings() -> Settings:
    """Return the settings of this process: the defaults, overlaid by the file in ATLAS_SERVING.

    Raises :class:`SettingsError`.
    """
    return _settings(os.environ.get(VARIABLE, ""))


@cache
def _settings(overlay: str) -> Settings:
    return read(Path(overlay)) if overlay else read()


def read(overlay: Path | None = None) -> Settings:
    """Read the defaults and lay one operator's file over them.

    Raises :class:`SettingsError` for a file that cannot be read, a key that the defaults do not
    have, a value of another kind, and a value that makes no sense.
    """
    found = _table(DEFAULTS)
    if overlay is not None:
        _lay(_table(overlay), found, overlay)
    sections = {name: _frozen(section) for name, section in found.items()}
    made = Settings(
        site=Site(**sections["site"]),
        limits=Limits(**sections["limits"]),
        uploads=Uploads(**sections["uploads"]),
        ready=Ready(**sections["ready"]),
        map=Basemap(**sections["map"]),
        log_level=sections["log"]["level"],
        sign_in=SignIn(**sections["sign_in"]),
    )
    _check(made)
    return made


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"The settings file {path} cannot be read: {error}") from error


def _lay(over: Mapping[str, Any], under: dict[str, Any], path: Path) -> None:
    for section, values in over.items():
        if section not in under or not isinstance(values, dict):
            raise SettingsError(f"{path}: there is no section [{section}] in {DEFAULTS.name}")
        for key, value in values.items():
            if key not in under[section]:
                raise SettingsError(f"{path}: [{section}] has no setting {key!r}")
            if not _alike(value, under[section][key]):
                raise SettingsError(
                    f"{path}: [{section}] {key} must be of the same kind as its default, "
                    f"{under[section][key]!r}"
                )
            under[section][key] = value


def _alike(value: object, default: object) -> bool:
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    if isinstance(default, (int, float)):
        return isinstance(value, (int, float))
    if isinstance(default, list):
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    return type(value) is type(default)


def _frozen(section: Mapping[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in section.items()}


def _check(made: Settings) -> None:
    if not made.site.allowed_hosts:
        raise SettingsError("[site] allowed_hosts names no host: nobody could be answered")
    low = [name for name, value in vars(made.limits).items() if value < 1]
    low += [k for k in ("session_bytes", "total_bytes", "at_once") if vars(made.uploads)[k] < 1]
    if low:
        raise SettingsError(f"These limits must be 1 or more: {', '.join(low)}")
    if min(made.ready.stale_after_days, made.ready.recheck_seconds) < 0:
        raise SettingsError("[ready] takes no negative numbers")
    if made.sign_in.hours <= 0:
        raise SettingsError("[sign_in] hours must be more than 0")
    if made.map.basemap:
        if not (_TILES.fullmatch(made.map.basemap) and tile_address(made.map.basemap)):
            raise SettingsError(
                "[map] basemap must be an https:// address, or a path of this site, with {z}, {x} "
                "and {y}"
            )
        if not (made.map.basemap_attribution and made.map.basemap_provider):
            raise SettingsError(
                "[map] a basemap needs basemap_attribution and basemap_provider: visitors are told "
                "whose pictures they see and whom their browsers ask for them"
            )
    if made.log_level not in LEVELS:
        raise SettingsError(f"[log] level must be one of {', '.join(LEVELS)}")
