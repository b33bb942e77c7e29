"""Files that have taken other programs down, or quietly misled them; and what is said of each.

Every case is made in memory. ``words`` must be in what the visitor is told: the refusal of the
file, or the notes and row problems of a file that is taken in part.
"""

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from atlas.uploads.check_file import Surroundings, report_of
from atlas.uploads.reading.process import read_upload
from atlas.uploads.reading.table import RefusedError
from tests.atlas.uploads.files import (
    CONTENT_TYPES,
    RELATIONS,
    ROOT_RELATIONS,
    WORKBOOK,
    csv,
    package,
    sheet_xml,
    workbook,
    zipped,
)

Kind = Literal["places", "figures"]


@dataclass(frozen=True)
class Case:
    """One file: how it is made, what it is brought as, and words of what is said about it."""

    name: str
    kind: Kind
    make: Callable[[], bytes]
    words: str
    refused: bool = True

    @property
    def heavy(self) -> bool:
        """Whether making and reading it takes seconds."""
        return self.name in _HEAVY


def said(case: Case, data: bytes, around: Surroundings) -> tuple[bool, str]:
    """Bring a file as the page does; return whether nothing is taken, and all that is said."""
    try:
        report = report_of(read_upload(data, case.kind), around, "E92000001")
    except RefusedError as refused:
        return True, str(refused)
    if report.problem:
        return True, report.problem
    told = [f"Row {p.row}, {p.column}: {p.what} {p.do}" for p in report.problems]
    return False, " ".join([*report.notes, *told])


def _places(*rows: str, head: str = "name,postcode") -> Callable[[], bytes]:
    return lambda: csv(head, *rows, "Good Place,M15 5AZ")


def _at(*rows: str, head: str = "name,longitude,latitude") -> Callable[[], bytes]:
    return lambda: csv(head, *rows, "Good Place,-2.2496,53.4673")


def _figures(*rows: str, head: str = "ward code,figure") -> Callable[[], bytes]:
    return lambda: csv(head, *rows, "E05011368,12", "E05011353,15", "E05011354,30")


def _sheet(cells: str, before: str = "") -> Callable[[], bytes]:
    return lambda: package(sheet_xml(cells, before))


def _bomb(text: bytes) -> Callable[[], bytes]:
    return lambda: package(sheet_xml(""), {"xl/sharedStrings.xml": text})


def _lying() -> bytes:
    """A zip whose directory says that a part of 300 MB is small."""
    data = bytearray(package(sheet_xml(""), {"xl/sharedStrings.xml": b" " * 300_000_000}))
    at = data.rindex(b"xl/sharedStrings.xml") - 46
    data[at + 24 : at + 28] = (1000).to_bytes(4, "little")
    return bytes(data)


def _encrypted() -> bytes:
    data = bytearray(workbook(("name",), ("x",)))
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = 0
        while (start := data.find(sign, start)) >= 0:
            data[start + offset] |= 1
            start += 4
    return bytes(data)


def _broken_xls() -> bytes:
    return _OLE + "Workbook".encode("utf-16-le") + b"\0" * 600


def _many_parts() -> bytes:
    return package(sheet_xml(""), {f"x/{number}.txt": b"" for number in range(20_000)})


def _twins() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in (
            ("[Content_Types].xml", CONTENT_TYPES),
            ("_rels/.rels", ROOT_RELATIONS),
            ("xl/workbook.xml", WORKBOOK),
            ("xl/_rels/workbook.xml.rels", RELATIONS),
            ("xl/worksheets/sheet1.xml", sheet_xml("")),
        ):
            archive.writestr(name, text)
        archive.writestr("xl/worksheets/sheet1.xml", sheet_xml(""))  # a second one
    return buffer.getvalue()


def _hidden_sheet_name() -> bytes:
    """The far cell in a part that is not called a sheet."""
    far = sheet_xml('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    relations = RELATIONS.replace("worksheets/sheet1.xml", "media/image1.png")
    parts: dict[str, str | bytes] = {
        "xl/_rels/workbook.xml.rels": relations,
        "xl/media/image1.png": far,
    }
    return package(sheet_xml(""), parts)


def _laughs(kind: str) -> Callable[[], bytes]:
    lines = ['<!ENTITY a0 "ha">']
    lines += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)]
    before = {
        "laughs": f"<!DOCTYPE x [{''.join(lines)}]>",
        "xxe": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        "dtd": '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
    }[kind]
    use = {"laughs": "&a9;", "xxe": "&e;", "dtd": "x"}[kind]
    row = f'<row r="1"><c r="A1" t="inlineStr"><is><t>{use}</t></is></c></row>'
    return _sheet(row, before)


_HEAVY = {
    "larger than 10 MB", "300 MB of text", "a part that lies about its size", "45 MB of one letter",
    "a million columns", "a million commas", "201,000 rows", "one long text in 10,000 cells",
    "20,000 parts", "100,000 levels of XML", "a cell of 9 MB",
}  # fmt: skip
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FAR = '<row r="{0}"><c r="{1}{0}"><v>1</v></c></row>'
_REPEATED = "x" * 30_000
_MILLION = 1_000_000

CASES = (
    # what is no table, whatever its name
    Case("empty", "places", lambda: b"", "empty"),
    Case("only a mark and line ends", "places", lambda: b"\xef\xbb\xbf\r\n\r\n", "empty"),
    Case("png", "places", lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 99, "picture"),
    Case("jpeg", "figures", lambda: b"\xff\xd8\xff\xe0" + b"\0" * 99, "picture"),
    Case("pdf", "places", lambda: b"%PDF-1.7\n%\xe2\xe3", "PDF"),
    Case("web page", "figures", lambda: b"<!DOCTYPE html><html><table>", "web page"),
    Case("web page as Excel", "figures", lambda: b"\r\n <html><table><tr><td>1", "web page"),
    Case("xml", "figures", lambda: b"<?xml version='1.0'?><data/>", "XML"),
    Case("geojson", "places", lambda: json.dumps({"type": "Feature"}).encode(), "GeoJSON"),
    Case("json list", "figures", lambda: b'[{"ward": 1}]', "JSON"),
    Case("deep json", "figures", lambda: b"[[" * 100_000, "JSON"),
    Case("gzip", "figures", lambda: gzip.compress(b"a,b\n" * 9), "compressed"),
    Case("parquet", "figures", lambda: b"PAR1" + b"\0" * 64, "Parquet"),
    Case("program", "places", lambda: b"MZ\x90\0" + b"\0" * 64, "program"),
    Case(
        "old Word",
        "places",
        lambda: _OLE + b"\0" * 600,
        "old Office",
    ),
    Case("a damaged .xls", "places", _broken_xls, "damaged"),
    Case(
        "Excel with a password",
        "places",
        lambda: _OLE + "EncryptedPackage".encode("utf-16-le"),
        "password",
    ),
    Case("plain zip", "figures", lambda: zipped({"a.csv": "a,b\n1,2"}), "archive"),
    Case("Word", "places", lambda: zipped({"word/document.xml": "<a/>"}), "document"),
    Case(
        "OpenDocument text",
        "places",
        lambda: zipped({"mimetype": "x", "content.xml": "<a/>"}),
        "damaged",
    ),
    Case("binary workbook", "places", lambda: zipped({"xl/workbook.bin": b"\0"}), ".xlsb"),
    Case("larger than 10 MB", "figures", lambda: b"a,b\n" + b"1,2\n" * 2_700_000, "10 MB"),
    # workbooks that are too much
    Case(
        "one cell at the far corner", "figures", _sheet(_FAR.format(1048576, "XFD")), "XFD1048576"
    ),
    Case("a cell in the last row", "places", _sheet(_FAR.format(1048576, "A")), "A1048576"),
    Case("a cell in the last column", "places", _sheet(_FAR.format(1, "XFD")), "XFD1"),
    Case("a cell beyond all columns", "places", _sheet(_FAR.format(1, "ZZZ")), "ZZZ1"),
    Case("a sheet by another name", "places", _hidden_sheet_name, "XFD1048576"),
    Case("300 MB of text", "figures", _bomb(b"<sst>" + b"x" * 300_000_000), "MB"),
    Case("a part that lies about its size", "figures", _lying, "damaged"),
    Case("45 MB of one letter", "figures", _bomb(b"<sst>" + b"x" * 45_000_000), "MB"),
    Case("20,000 parts", "places", _many_parts, "parts"),
    Case("the same part twice", "places", _twins, "twice"),
    Case("cut in half", "places", lambda: workbook(("name",), ("x",))[:3000], "damaged"),
    Case("only its first bytes", "places", lambda: b"PK\x03\x04" + b"\0" * 40, "damaged"),
    Case("encrypted parts", "places", _encrypted, "password"),
    Case("billion laughs", "figures", _laughs("laughs"), "declarations"),
    Case("outside entity", "figures", _laughs("xxe"), "declarations"),
    Case("outside definition", "figures", _laughs("dtd"), "declarations"),
    Case("broken XML", "figures", lambda: package("<worksheet><sheetData><row"), "damaged"),
    Case("100,000 levels of XML", "figures", lambda: package("<a>" * 100_000), "damaged"),
    Case("no sheet with anything", "figures", lambda: workbook(), "sheet"),
    Case(
        "one long text in 10,000 cells",
        "figures",
        lambda: package(
            sheet_xml(
                "".join(
                    f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 10_001)
                )
            ),
            {"xl/sharedStrings.xml": f"<sst><si><t>{_REPEATED}</t></si></sst>"},
        ),
        "which areas",
    ),
    # delimited text
    Case(
        "a million columns",
        "figures",
        lambda: b",".join([b"c%d" % n for n in range(_MILLION)]),
        "1,000 columns",
    ),
    Case("a million commas", "figures", lambda: b"a" + b"," * _MILLION + b"b\n1", "1,000 columns"),
    Case("201,000 rows", "figures", lambda: csv("a,b", *["E05011368,1"] * 201_000), "200,000 rows"),
    Case(
        "headings twice", "figures", _figures(head="ward code,Ward Code"), "No column holds figures"
    ),
    Case("headings alone", "places", lambda: csv("name,postcode"), "no rows"),
    Case("zero bytes", "places", lambda: csv("name,postcode", "Ha\0ll,M15 5AZ"), "Line 2"),
    Case(
        "UTF-16 without its mark", "places", lambda: "name,postcode\n".encode("utf-16-le"), "zero"
    ),
    Case("half a UTF-16 sign", "places", lambda: b"\xff\xfen\0a\0m", "UTF-16"),
    Case("UTF-32", "places", lambda: "name,postcode\nA,B".encode("utf-32"), "UTF-32"),
    Case("unknown encoding", "places", lambda: b"name,postcode\nH\x81ll,M15 5AZ\n", "encoding"),
    Case(
        "quotation never closed", "places", lambda: csv("name,postcode", '"Hall,M15'), "quotation"
    ),
    Case("text after a quotation", "places", lambda: csv("name,postcode", '"a"b,c'), "quotation"),
    Case(
        "a cell of 9 MB",
        "places",
        lambda: csv("name,postcode", "x" * 9_000_000 + ",M1"),
        "No row can become a place",
    ),
    Case("a heading of 5,000 signs", "places", lambda: csv("n" * 5000 + ",b", "1,2"), "“Name”"),
    # places that are none
    Case("no name column", "places", lambda: csv("ward,postcode", "a,M15 5AZ"), "“Name”"),
    Case("no place column", "places", lambda: csv("name,wifi", "a,yes"), "“Postcode”"),
    Case(
        "a list of people",
        "places",
        lambda: csv("name,postcode,date of birth", "a,M15 5AZ,x"),
        "about people",
    ),
    Case("grid metres as degrees", "places", _at("Hall,383525,396775"), "National Grid", False),
    Case("degrees the wrong way round", "places", _at("Hall,53.4673,-2.2496"), "wrong way", False),
    Case(
        "degrees as grid metres",
        "places",
        lambda: csv("name,easting,northing", "Hall,-2.2496,53.4673"),
        "are degrees",
        False,
    ),
    Case("nan and inf", "places", _at("Hall,nan,53.4", "Hall,inf,-inf"), "not a number", False),
    Case("null island", "places", _at("Hall,0,0"), "not in England", False),
    Case("Glasgow", "places", _at("Hall,-4.25,55.86"), "no ward", False),
    Case("the North Sea", "places", _at("Hall,1.9,54.5"), "no ward", False),
    Case("a postcode of Wales", "places", _places("Hall,CF10 1EP"), "is in Wales", False),
    Case("half a postcode", "places", _places("Hall,M15"), "not a full postcode", False),
    Case("template braces", "places", _places("{{ 7*7 }},M15 5AZ"), "program", False),
    Case("script", "places", _places("<script>x()</script>,M15 5AZ"), "program", False),
    Case("bidi signs", "places", _places("Hall\u202e txt.exe,M15 5AZ"), "Hidden", False),
    Case("zero-width signs", "places", _places("Ha\u200b\u2060ll,M15 5AZ"), "Hidden", False),
    Case("a formula", "places", _places('"=HYPERLINK(""http://x"",1)",M15 5AZ'), "formula", False),
    Case(
        "a command", "places", _places("\"@SUM(1+1)*cmd|' /C calc'!A0\",M15 5AZ"), "formula", False
    ),
    Case(
        "formulas in a workbook",
        "places",
        lambda: workbook(("name", "postcode"), ("=1+1", "M15 5AZ")),
        "formula",
        False,
    ),
    Case("an email for a name", "places", _places("jo@example.org,M15 5AZ"), "email", False),
    Case(
        "the same place twice",
        "places",
        _places("Hall,M15 5AZ", "hall,M155AZ"),
        "same place",
        False,
    ),
    Case("semicolons", "places", lambda: csv("name;postcode", "Hall;M15 5AZ"), "semicolons", False),
    Case(
        "Windows-1252",
        "places",
        lambda: csv("name,postcode", "Café,M15 5AZ", encoding="cp1252"),
        "Windows-1252",
        False,
    ),
    Case(
        "UTF-16",
        "places",
        lambda: csv("name,postcode", "Café,M15 5AZ", encoding="utf-16"),
        "UTF-16",
        False,
    ),
    Case("a column too many", "places", _places("Hall, the big one,M15 5AZ"), "3 cells", False),
    # figures that mislead
    Case("no areas", "figures", lambda: csv("a,b", "x,1"), "which areas"),
    Case("wards without councils", "figures", lambda: csv("ward,b", "Castle,7"), "More than one"),
    Case(
        "no numbers",
        "figures",
        lambda: csv("ward code,b", "E05011368,high"),
        "No column holds figures",
    ),
    Case("councils for wards", "figures", lambda: csv("ward code,b", "E08000003,9"), "a council"),
    Case("only codes of Wales", "figures", lambda: csv("ward code,b", "W05001037,9"), "in England"),
    Case("older ward codes", "figures", _figures("E05000684,9"), "older year", False),
    Case("newer ward codes", "figures", _figures("E05099999,9"), "newer", False),
    Case(
        "LSOAs of 2011",
        "figures",
        lambda: csv("LSOA11CD,v", "E01000001,1", "E01000002,0.5", "E01000003,0.25", "E01005062,1"),
        "earlier year",
        False,
    ),
    Case("a ward twice", "figures", _figures("E05011368,99"), "same area", False),
    Case("thousands with a comma", "figures", _figures("E05011355,1,003"), "1,003", False),
    Case(
        "a percent sign among counts",
        "figures",
        lambda: csv("ward code,v", "E05011368,5%", "E05011353,205%"),
        "outside",
        False,
    ),
    Case(
        "a decimal comma",
        "figures",
        lambda: csv("ward code;v", "E05011368;1,5", "E05011353;2", "E05011354;3"),
        "Commas were read as decimal points",
        False,
    ),
    Case(
        "NaN and infinity", "figures", _figures("E05011355,NaN", "E05011356,-inf"), "blank", False
    ),
    Case("a number of 400 digits", "figures", _figures(f"E05011355,{'9' * 400}"), "number", False),
    Case("a spreadsheet's error", "figures", _figures("E05011355,#DIV/0!"), "error", False),
    Case("a pound sign", "figures", _figures("E05011355,£12"), "currency", False),
    Case("counts below five", "figures", _figures("E05011355,3"), "fewer than 5", False),
    Case("surnames", "figures", lambda: csv("postcode,surname,v", "M15 5AZ,Smith,1"), "people"),
    Case("emails", "figures", lambda: csv("postcode,who,v", "M15 5AZ,a@b.org,1"), "email"),
    Case(
        "phone numbers", "figures", lambda: csv("postcode,n,v", "M15 5AZ,07700 900123,1"), "phone"
    ),
    Case("NHS numbers", "figures", lambda: csv("postcode,n,v", "M15 5AZ,943 476 5919,1"), "NHS"),
    Case(
        "insurance numbers",
        "figures",
        lambda: csv("postcode,n,v", "M15 5AZ,AB123456C,1"),
        "National Insurance",
    ),
    Case(
        "people's names",
        "figures",
        lambda: csv("postcode,who,v", "M15 5AZ,Mrs Jane Brown,1"),
        "name of a person",
    ),
)
