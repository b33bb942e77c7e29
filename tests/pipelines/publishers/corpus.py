"""Every way a download was seen, or is feared, to go: what is served and what is right.

The tests and ``bench/downloads.py`` run the same cases.
"""

import gzip
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from atlas.catalogue.sources import Source
from tests.pipelines.publishers import contents as made
from tests.pipelines.publishers.services import Service
from tests.pipelines.publishers.web import (
    Behaviour,
    Server,
    body,
    chunked,
    drip_body,
    drip_headers,
    endless,
    in_turn,
    not_http,
    redirect,
    reset,
    silent,
    status,
)

PATH = "/file"


@dataclass(frozen=True)
class Case:
    """One download. ``says`` is empty where the file is to be accepted, else a pattern that the
    message must match. ``content`` is what is served, where nothing else is special about it;
    ``serve`` sets the server up otherwise. ``policy`` holds changes to the usual one."""

    name: str
    says: str
    source: Source = field(default_factory=made.source)
    content: Callable[[], bytes] | None = None
    serve: Callable[[Server], None] | None = None
    policy: Mapping[str, Any] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        return not self.says

    def declared(self, server: Server) -> Source:
        """Set the server up; return the declaration with the address to ask."""
        if self.serve:
            self.serve(server)
        elif self.content:
            server.routes[PATH] = body(self.content())
        return _at(self.source, server.root)


def _at(source: Source, root: str) -> Source:
    # An address that already is one (to another scheme or host) stays.
    urls = tuple(url if ":" in url else root + url for url in source.urls or (PATH,))
    parts = {name: getattr(source, name) for name in source.__dataclass_fields__}
    return Source(**{**parts, "urls": () if source.arcgis else urls})


def _route(behaviour: Behaviour, path: str = PATH) -> Callable[[Server], None]:
    def serve(server: Server) -> None:
        server.routes[path] = behaviour

    return serve


def _redirected(to: str) -> Callable[[Server], None]:
    def serve(server: Server) -> None:
        server.routes |= {
            PATH: redirect(to),
            "/1": redirect("/2", 301),
            "/2": redirect("/3", 307),
            "/3": body(made.good()),
            "/0": redirect("/1"),
        }

    return serve


def _elsewhere(server: Server) -> None:
    server.routes[PATH] = redirect(server.root.replace("127.0.0.1", "localhost") + "/3")
    server.routes["/3"] = body(made.good())


OK = made.good()
HTML = b"<!DOCTYPE html><html><body>Just a moment...</body></html>"
IN_AN_HOUR = format_datetime(datetime.now(UTC) + timedelta(hours=1))
JUST_NOW = format_datetime(datetime.now(UTC))
SHORT = {"attempt": 1.5, "deadline": 2.0}

WIRE = [
    Case("a good file", "", serve=_route(body(OK))),
    Case("no announced length", "", serve=_route(body(OK, length=-1))),
    Case("sent in chunks", "", serve=_route(chunked(OK))),
    Case(
        "429 with Retry-After in seconds, then good",
        "",
        serve=_route(in_turn(status(429, Retry_After="0"), body(OK))),
    ),
    Case(
        "429 with Retry-After as a date, then good",
        "",
        serve=_route(in_turn(status(429, Retry_After=JUST_NOW), body(OK))),
    ),
    Case("503, then good", "", serve=_route(in_turn(status(503), body(OK)))),
    Case(
        "503 with Retry-After, then good",
        "",
        serve=_route(in_turn(status(503, Retry_After="0"), body(OK))),
    ),
    Case("500 and 502, then good", "", serve=_route(in_turn(status(500), status(502), body(OK)))),
    Case("a reset, then good", "", serve=_route(in_turn(reset, body(OK)))),
    Case(
        "half a body, then good", "", serve=_route(in_turn(body(OK[:99], length=len(OK)), body(OK)))
    ),
    Case(
        "chunks broken off, then good",
        "",
        serve=_route(in_turn(chunked(OK, whole=False), body(OK))),
    ),
    Case("three redirects to a good file", "", serve=_redirected("/1")),
    Case(
        "the first address gone, the second good",
        "",
        source=made.source(urls=("/gone", PATH)),
        serve=_route(body(OK)),
    ),
    Case(
        "the first address a web page, the second good",
        "",
        source=made.source(urls=("/page", PATH)),
        serve=lambda server: server.routes.update({"/page": body(HTML), PATH: body(OK)}),
    ),
    Case("429 for ever", "come back later", serve=_route(status(429))),
    Case("429 for an hour", "come back later", serve=_route(status(429, Retry_After="3600"))),
    Case(
        "429 until a date in an hour",
        "come back later",
        serve=_route(status(429, Retry_After=IN_AN_HOUR)),
    ),
    Case(
        "429 with a senseless Retry-After",
        "come back later",
        serve=_route(status(429, Retry_After="soon")),
    ),
    Case("503 for ever", "status 503", serve=_route(status(503))),
    Case("404", "status 404", serve=_route(status(404))),
    Case("204 without a body", "status 204", serve=_route(body(b"", 204))),
    Case("206, part of it", "status 206", serve=_route(body(OK, 206))),
    Case("403 for scripts", "refuses scripts", serve=_route(body(HTML, 403))),
    Case("reset for ever", "connection broke", serve=_route(reset)),
    Case(
        "nobody listens", "connection broke", source=made.source(urls=("http://127.0.0.1:9/file",))
    ),
    Case(
        "half a body for ever",
        r"\d+ of [\d,]+ bytes|broke",
        serve=_route(body(OK[:99], length=len(OK))),
    ),
    Case("chunks broken off for ever", "broke", serve=_route(chunked(OK, whole=False))),
    Case("not HTTP", "broke", serve=_route(not_http)),
    Case("no answer", "longer|stopped answering", serve=_route(silent), policy=SHORT),
    Case(
        "no answer, by the read time-out",
        "stopped answering",
        serve=_route(silent),
        policy={"read": 0.3, "tries": 2},
    ),
    Case("dripping headers", "longer than", serve=_route(drip_headers), policy=SHORT),
    Case("dripping body", "longer than", serve=_route(drip_body), policy=SHORT),
    Case("an endless body", "larger than", serve=_route(endless)),
    Case("a body announced too large", "announces", serve=_route(body(OK, length=10_000_000_000))),
    Case(
        "a gzip bomb",
        "compressed",
        serve=_route(body(gzip.compress(b"0" * 50_000_000), Content_Encoding="gzip")),
    ),
    Case("brotli unasked", "compressed", serve=_route(body(OK, Content_Encoding="br"))),
    Case("a redirect to a file:", "not https", serve=_redirected("file:///etc/passwd")),
    Case("a redirect to ftp:", "not https", serve=_redirected("ftp://127.0.0.1/file")),
    Case("a redirect loop", "redirects more", serve=_redirected(PATH)),
    Case("four redirects", "redirects more", serve=_redirected("/0")),
    Case("a redirect to another host", "localhost.*not among", serve=_elsewhere),
    Case(
        "a redirect with a password in it",
        "not among",
        serve=lambda server: server.routes.update(
            {PATH: redirect(server.root.replace("//", "//a:b@") + "/3")}
        ),
    ),
    Case("a redirect to nowhere", "status 302", serve=_route(body(b"", 302))),
    Case("a redirect to nonsense", "make no sense|broke", serve=_redirected("http://[::")),
    Case(
        "plain http where https is asked",
        "not https",
        serve=_route(body(OK)),
        policy={"https_only": True},
    ),
]

CSV = [
    Case("columns in another order", "", content=made.reordered),
    Case("an extra column", "", content=made.widened),
    Case("a byte order mark", "", content=lambda: made.text(made.table(), "utf-8-sig")),
    Case(
        "spaces and case in the header",
        "",
        content=lambda: made.replaced("LSOA code (2021)", " lsoa  Code (2021) "),
    ),
    Case(
        "a name with a comma and a quote",
        "",
        content=lambda: made.changed(3, 1, '"Toy, ""The"" 3"'),
    ),
    Case(
        "the pinned hash",
        "",
        content=made.good,
        source=made.source(sha256=hashlib.sha256(made.good()).hexdigest()),
    ),
    Case("blank lines at the end", "", content=lambda: made.good() + b"\r\n\r\n"),
    Case("empty", "is empty", content=lambda: b""),
    Case("white space only", "is empty", content=lambda: b"\xef\xbb\xbf \r\n "),
    Case("a web page", "web page", content=lambda: HTML),
    Case("a web page after blank lines", "web page", content=lambda: b"\n\n <HTML><p>No"),
    Case("an error in XML", "web page", content=lambda: b"<?xml version='1.0'?><Error/>"),
    Case(
        "an error in JSON",
        "JSON, not CSV",
        content=lambda: b'{"error":{"code":400,"message":"Invalid URL"}}',
    ),
    Case("another pinned hash", "SHA-256", source=made.source(sha256="0" * 64), content=made.good),
    Case(
        "a renamed column",
        "no column 'Income Score",
        content=lambda: made.replaced("Income Score (rate)", "Income"),
    ),
    Case(
        "a doubled column",
        "more than once",
        content=lambda: made.replaced("LSOA name (2021)", "LSOA code (2021)"),
    ),
    Case("semicolons", "no column", content=lambda: made.text(made.table(), separator=";")),
    Case("no header", "no column", content=lambda: made.text(made.table()[1:])),
    Case(
        "a doubled row",
        "repeated values.*E01000039",
        content=lambda: made.text([*made.table(), made.table()[-1]]),
    ),
    Case("a doubled code", "repeated values", content=lambda: made.changed(5, 0, made.code(9))),
    Case("a malformed code", "malformed codes", content=lambda: made.changed(5, 0, "E0100005")),
    Case("half the rows", "20 rows where 40", content=lambda: made.text(made.table(count=20))),
    Case("too many rows", "60 rows where 40", content=lambda: made.text(made.table(count=60))),
    Case(
        "cut off in a row", "another number of cells|rows where", content=lambda: made.good()[:-20]
    ),
    Case("an unclosed quote", "CSV", content=lambda: made.changed(5, 1, '"Toy')),
    Case(
        "a footnote",
        "another number of cells",
        content=lambda: made.good() + b"Source: the Toy Office\r\n",
    ),
    Case(
        "another encoding",
        "not UTF-8",
        content=lambda: made.changed(5, 1, "Ynys Môn").decode().encode("cp1252"),
    ),
    Case("UTF-16", "UTF-16", content=lambda: made.text(made.table(), "utf-16")),
    Case("NUL bytes", "NUL", content=lambda: made.good() + b"\0" * 100),
    Case("a template in a name", "code in them", content=lambda: made.changed(5, 1, "{{ 7 * 7 }}")),
    Case(
        "a script in a name",
        "code in them",
        content=lambda: made.changed(5, 1, "<script>alert(1)</script>"),
    ),
    Case("a negative rate", "bad values", content=lambda: made.changed(5, 4, "-0.1")),
    Case("percent for a share", "bad values", content=lambda: made.changed(5, 4, "25")),
    Case("a suppressed cell", "bad values", content=lambda: made.changed(5, 4, "c")),
    Case("a blank cell", "bad values", content=lambda: made.changed(5, 4, "")),
    Case("a thousands separator", "bad values", content=lambda: made.changed(5, 3, '"1,003"')),
    Case("infinity", "infinite", content=lambda: made.changed(5, 3, "inf")),
    Case(
        "more bytes than allowed",
        "larger than|announces",
        source=made.source(max_bytes=500),
        content=made.good,
    ),
]

GEOJSON = [
    Case("outlines", "", made.outlines_source(), made.outlines),
    Case("outlines cut off", "not readable", made.outlines_source(), lambda: made.outlines()[:-40]),
    Case(
        "an error for outlines",
        "error message",
        made.outlines_source(),
        lambda: b'{"error": {"code": 400}}',
    ),
    Case("a list for outlines", "not a GeoJSON", made.outlines_source(), lambda: b"[1, 2]"),
    Case(
        "outlines without features",
        "not a GeoJSON",
        made.outlines_source(),
        lambda: b'{"type": "FeatureCollection"}',
    ),
    Case(
        "no features",
        "0 rows",
        made.outlines_source(),
        lambda: b'{"type": "FeatureCollection", "features": []}',
    ),
    Case(
        "one page of outlines",
        "longer answer",
        made.outlines_source(),
        lambda: made.outlines()[:-1] + b', "exceededTransferLimit": true}',
    ),
    Case(
        "a missing property",
        "without the property 'WD24NM'",
        made.outlines_source(),
        lambda: made.outlines(properties={"WD24CD": "E05000000"}),
    ),
    Case(
        "a doubled ward",
        "repeated values",
        made.outlines_source(),
        lambda: made.outlines(properties={"WD24CD": "E05000001", "WD24NM": "Again"}),
    ),
    Case(
        "an outline without geometry",
        "without a geometry",
        made.outlines_source(),
        lambda: made.outlines(geometry=None),
    ),
    Case(
        "metres for degrees",
        "outside Britain",
        made.outlines_source(),
        lambda: made.outlines(geometry={"type": "Point", "coordinates": [400000, 300000]}),
    ),
    Case(
        "not a number in an outline",
        "NaN is not a number",
        made.outlines_source(),
        lambda: made.outlines(geometry={"type": "Point", "coordinates": [float("nan"), 53]}),
    ),
    Case(
        "brackets 100,000 deep",
        "not readable",
        made.outlines_source(max_bytes=300_000),
        lambda: b'{"a":' + b"[" * 100_000,
    ),
    Case(
        "a template in an outline's name",
        "code in them",
        made.outlines_source(),
        lambda: made.outlines(properties={"WD24CD": "E05000000", "WD24NM": "{% x %}"}),
    ),
]

ZIPS = [
    Case("a zip", "", made.zip_source(), made.zip_of),
    Case("a zip in a zip", "", made.zip_source(), made.nested),
    Case("a web page for a zip", "web page", made.zip_source(), lambda: HTML),
    Case("a CSV for a zip", "not a zip", made.zip_source(), made.good),
    Case(
        "a zip cut off",
        "not a readable zip|damaged",
        made.zip_source(),
        lambda: made.zip_of()[:-100],
    ),
    Case("a damaged member", "damaged", made.zip_source(), made.bad_crc),
    Case("a member that lies about its size", "damaged", made.zip_source(), made.lying_size),
    Case(
        "a member that climbs out",
        "leads elsewhere",
        made.zip_source(),
        lambda: made.zip_of("../../evil.csv"),
    ),
    Case(
        "a member that climbs out backwards",
        "leads elsewhere",
        made.zip_source(),
        lambda: made.zip_of("..\\evil.csv"),
    ),
    Case(
        "a member with an absolute path",
        "leads elsewhere",
        made.zip_source(),
        lambda: made.zip_of("/etc/evil.csv"),
    ),
    Case(
        "a member on a drive",
        "leads elsewhere",
        made.zip_source(),
        lambda: made.zip_of("C:evil.csv"),
    ),
    Case("a symbolic link", "symbolic link", made.zip_source(), made.link),
    Case("two members of one name", "same name", made.zip_source(), made.twice_named),
    Case("an encrypted member", "encrypted", made.zip_source(), made.encrypted),
    Case("a zip bomb", "packed into", made.zip_source(), made.bomb),
    Case(
        "a bomb in a zip in the zip",
        "packed into",
        made.zip_source(),
        lambda: made.zip_of("inner.zip", made.bomb()),
    ),
    Case("20,000 members", "20,000 members", made.zip_source(), made.many_members),
    Case(
        "a zip without tables",
        "no file named like",
        made.zip_source(),
        lambda: made.packed([("read.me", b"about")]),
    ),
    Case(
        "a zip of another table",
        "no column named 'geography code'",
        made.zip_source(reader="census.read_tenure", member=r"-lsoa\.csv$"),
        lambda: made.packed([("ts054-lsoa.csv", made.good())]),
    ),
    Case(
        "a zip with half the rows",
        "20 rows",
        made.zip_source(),
        lambda: made.packed([("scores.csv", made.text(made.table(count=20)))]),
    ),
    Case("a workbook", "", made.workbook_source(), made.workbook),
    Case("a zip for a workbook", "not a readable workbook", made.workbook_source(), made.zip_of),
    Case(
        "a workbook cut off",
        "damaged|not a readable",
        made.workbook_source(),
        lambda: made.workbook()[:-50],
    ),
    Case(
        "a workbook with a renamed column",
        "no header row with 'LSOA code",
        made.workbook_source(),
        lambda: made.workbook(("LSOA", *made.HEADER[1:], *made.SCORES)),
    ),
]

COLUMNS = ("LSOA21CD", "WD24CD")
LOOKUP = [{"LSOA21CD": made.code(n), "WD24CD": f"E050{n // 4:05d}"} for n in range(10)]
FINER = [{**row, "OA21CD": f"E000{n:05d}{half}"} for n, row in enumerate(LOOKUP) for half in "ab"]


def _asked(service: Service, format: str = "csv", columns: tuple[str, ...] = COLUMNS) -> Any:
    """What a case needs to ask a service (the second of two names; the first is not there)."""

    def serve(server: Server) -> None:
        service.queries.clear()
        service.mount(server, "LOOKUP_V2")

    declared = made.source(
        key="toy lookup",
        format=format,
        file=f"geography/l.{format}",
        columns=columns,
        rows=(10, 10),
        arcgis=("LOOKUP_V3", "LOOKUP_V2"),
    )
    return {"source": declared, "serve": serve}


def _spelled(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{name.lower(): value for name, value in row.items()} for row in rows]


ARCGIS: list[Case] = [
    Case("a service, page by page", "", **_asked(Service(LOOKUP))),
    Case(
        "a service that does not say that pages are cut", "", **_asked(Service(LOOKUP, unsaid=True))
    ),
    Case("a service with lower-case columns", "", **_asked(Service(_spelled(LOOKUP)))),
    Case("a service whose layer is number 1", "", **_asked(Service(LOOKUP, number=1))),
    Case("a service that sends an empty page once", "", **_asked(Service(LOOKUP, empty=1))),
    Case("a service that is overloaded once", "", **_asked(Service(LOOKUP, overloaded=1))),
    Case(
        "a service of points",
        "",
        **_asked(Service(LOOKUP, point=True, table=False), columns=("LSOA21CD", "x", "y")),
    ),
    Case("a service of a finer lookup", "", **_asked(Service(FINER))),
    Case("a service of outlines", "", **_asked(Service(LOOKUP, table=False), format="geojson")),
    Case(
        "a service that reports an error",
        "error.*Invalid",
        **_asked(Service(LOOKUP, error={"code": 400, "message": "Invalid query"})),
    ),
    Case(
        "a service without a column",
        "no field WD24CD",
        **_asked(Service([{"LSOA21CD": made.code(1)}])),
    ),
    Case("a service that counts nothing", "0 rows", **_asked(Service(LOOKUP, lie=-10))),
    Case("a service that counts too many", "has 12 rows", **_asked(Service(LOOKUP, lie=2))),
    Case("a service that counts too few", "has 9 rows", **_asked(Service(LOOKUP, lie=-1))),
    Case(
        "a service that always says there is more", "", **_asked(Service(LOOKUP, always_cut=True))
    ),
    Case("a service that skips rows", "different ones", **_asked(Service(LOOKUP, skip=1))),
    Case("a service that repeats rows", "different ones", **_asked(Service(LOOKUP, repeat=1))),
    Case("a service that sends empty pages", "different ones", **_asked(Service(LOOKUP, empty=99))),
    Case(
        "a service that is overloaded for ever",
        "error.*busy",
        **_asked(Service(LOOKUP, overloaded=99)),
    ),
    Case("a service without object ids", "object id", **_asked(Service(LOOKUP, no_id=True))),
    Case(
        "a service with the rows of another edition",
        "8 rows where 10",
        **_asked(Service(LOOKUP[:8])),
    ),
]

CONTENT = [*CSV, *GEOJSON, *ZIPS]
CASES = [*WIRE, *CONTENT, *ARCGIS]
