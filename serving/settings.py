"""The serving settings: ``serving.toml``, and an operator's file laid over it."""

import os
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic.dataclasses import dataclass

from atlas.catalogue.declarations import STRICT, DeclarationError, Positive, checked
from atlas.maps.payload import tile_address

DEFAULTS = Path(__file__).resolve().parent.parent / "serving.toml"
VARIABLE = "ATLAS_SERVING"
CONTACT_VARIABLE, OPERATOR_VARIABLE = "ATLAS_CONTACT", "ATLAS_OPERATOR"
_EMAIL = re.compile(r"[A-Za-z0-9.+_-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_PAGE = re.compile(r"https://[A-Za-z0-9./_~%?=&#-]+")
# As browsers send it: without a port, in small letters.
_HOST = re.compile(r"(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
# The same addresses as the map itself takes, see atlas/maps/payload.py.
_TILES = re.compile(r"(?P<origin>https://(?:\{s\}\.)?[\w.-]+(?::\d+)?)?/[\w./{}?=&:@-]*")
_Count = Annotated[int, Field(ge=1)]
_Rate = Annotated[float, Field(ge=1)]
_NotNegative = Annotated[float, Field(ge=0)]


class SettingsError(Exception):
    """A setting is unknown, of the wrong kind, or not possible; the message says which."""


def _host(name: str) -> str:
    if not _HOST.fullmatch(name):
        raise ValueError("it must be a name such as atlas.example.org or *.example.org")
    return name


def _network(text: str) -> str:
    try:
        ip_network(text)
    except ValueError:
        raise ValueError("it must be an address or a network such as 10.0.0.0/8") from None
    return text


@dataclass(frozen=True, config=STRICT)
class Site:
    """Names, proxies and frames. See ``serving.toml``."""

    allowed_hosts: Annotated[tuple[Annotated[str, AfterValidator(_host)], ...], Field(min_length=1)]
    https: bool
    trusted_proxies: tuple[Annotated[str, AfterValidator(_network)], ...]
    frame_ancestors: tuple[str, ...]


@dataclass(frozen=True, config=STRICT)
class Limits:
    """What one page, one address and the whole process may ask for. See ``serving.toml``."""

    message_bytes: _Count
    reruns_per_second: _Rate
    rerun_burst: _Rate
    address_reruns_per_second: _Rate
    address_rerun_burst: _Rate
    messages_per_second: _Rate
    message_burst: _Rate
    files_per_second: _Rate
    file_burst: _Rate
    sockets: _Count
    sockets_per_address: _Count
    connections_per_second: _Rate
    connection_burst: _Rate


@dataclass(frozen=True, config=STRICT)
class Uploads:
    """Whether visitors may upload, and how many bytes are kept. See ``serving.toml``."""

    allowed: bool
    session_bytes: _Count
    total_bytes: _Count
    at_once: _Count


@dataclass(frozen=True, config=STRICT)
class Ready:
    """When the data counts as stale, and how often it is verified. See ``serving.toml``."""

    stale_after_days: _NotNegative
    recheck_seconds: _NotNegative


@dataclass(frozen=True, config=STRICT)
class Log:
    """How much is logged. See ``serving.toml``."""

    level: Literal["debug", "info", "warning", "error"]


def _tiles(address: str) -> str:
    if address and not (_TILES.fullmatch(address) and tile_address(address)):
        raise ValueError("it must be an https:// address, or a path of this site, with {z} {x} {y}")
    return address


@dataclass(frozen=True, config=STRICT)
class Basemap:
    """A background for the map; "" for none. See ``serving.toml``."""

    basemap: Annotated[str, AfterValidator(_tiles)]
    basemap_attribution: str
    basemap_provider: str

    @model_validator(mode="after")
    def _credited(self) -> Self:
        if self.basemap and not (self.basemap_attribution and self.basemap_provider):
            raise ValueError(
                "a basemap needs basemap_attribution and basemap_provider: visitors are told "
                "whose pictures they see and whom their browsers ask for them"
            )
        return self

    @property
    def origin(self) -> str:
        """The server that tiles come from, as a content policy names it; "" where it is ours."""
        found = _TILES.fullmatch(self.basemap)
        return (found["origin"] or "").replace("{s}", "*") if found else ""


def _slides(path: str) -> str:
    if not path:
        return ""
    # Not at the head: it takes long to import, and most sites have none.
    from atlas.files.slide_template import opened_template

    opened_template(path)
    return str(Path(path).absolute())  # a worker that opens it stands in another folder


@dataclass(frozen=True, config=STRICT)
class Slides:
    """The look of a briefing's slides; "" for the Atlas's own. See ``serving.toml``."""

    template: Annotated[str, AfterValidator(_slides)]


@dataclass(frozen=True, config=STRICT)
class SignIn:
    """Whether only those who signed in see pages, and for how many hours. See ``serving.toml``."""

    required: bool
    hours: Positive

    def admits(self, claims: Mapping[str, Any], now: float) -> bool:
        """Say whether somebody of whom a provider said ``claims`` may see pages (``now`` in s).

        A provider that does not tell when they signed in is not believed.
        """
        if not self.required:
            return True
        issued = claims.get("iat")
        known = claims.get("is_logged_in") is True and isinstance(issued, (int, float))
        return known and now - float(issued or 0) < self.hours * 3600


@dataclass(frozen=True, config=STRICT)
class Settings:
    """All of ``serving.toml``."""

    site: Site
    limits: Limits
    uploads: Uploads
    ready: Ready
    map: Basemap
    slides: Slides
    log: Log
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

    Raises :class:`SettingsError` for a file that cannot be read, and with every setting that is
    unknown, of another kind, or makes no sense.
    """
    found = _table(DEFAULTS)
    for section, values in (_table(overlay) if overlay else {}).items():
        under = found.get(section)
        known = isinstance(under, dict) and isinstance(values, dict)
        found[section] = under | values if known else values
    try:
        return checked(Settings, found, str(overlay or DEFAULTS))
    except DeclarationError as error:
        raise SettingsError(str(error)) from error


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"The settings file {path} cannot be read: {error}") from error


@dataclass(frozen=True)
class Contact:
    """Who runs this copy: a name, and an email address or an https page, "" where not set."""

    operator: str
    email: str
    page: str


def contact() -> Contact:
    """Return the contact that the operator set in the environment.

    ``ATLAS_CONTACT`` is an email address or an https page, ``ATLAS_OPERATOR`` a name. What is
    neither is taken as not set, so that no odd address reaches a page.
    """
    given = os.environ.get(CONTACT_VARIABLE, "").strip()
    return Contact(
        operator=os.environ.get(OPERATOR_VARIABLE, "").strip()[:120],
        email=given if _EMAIL.fullmatch(given) else "",
        page=given if _PAGE.fullmatch(given) else "",
    )
