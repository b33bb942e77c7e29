"""What must hold in an Office file for it to open without repair, by ECMA-376.

The order of children is checked for the elements that the Atlas writes into, itself or by way
of its libraries; each list is that of the schema's sequence, choices side by side.
"""

import io
import posixpath
import re
import zipfile
from itertools import pairwise

from lxml import etree

_LINES = "lnL lnR lnT lnB lnTlToBr lnBlToTr cell3D"
_FILLS = "noFill solidFill gradFill blipFill pattFill grpFill"
_EFFECTS = "effectLst effectDag"
ORDERS = {
    "sld": "cSld clrMapOvr transition timing extLst",
    "cSld": "bg spTree custDataLst controls extLst",
    "sp": "nvSpPr spPr style txBody extLst",
    "pic": "nvPicPr blipFill spPr style extLst",
    "graphicFrame": "nvGraphicFramePr xfrm graphic extLst",
    "spPr": f"xfrm custGeom prstGeom {_FILLS} ln {_EFFECTS} scene3d sp3d extLst",
    "ln": f"{_FILLS} prstDash custDash round bevel miter headEnd tailEnd extLst",
    "txBody": "bodyPr lstStyle p",
    "pPr": "lnSpc spcBef spcAft buClrTx buClr buSzTx buFontTx buFont buNone buAutoNum buChar "
    "tabLst defRPr extLst",
    "rPr": f"ln {_FILLS} {_EFFECTS} highlight uLnTx uLn uFillTx uFill latin ea cs sym hlinkClick "
    "hlinkMouseOver rtl extLst",
    "tbl": "tblPr tblGrid tr",
    "tc": "txBody tcPr extLst",
    "tcPr": f"{_LINES} {_FILLS} headers extLst",
    "worksheet": "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetProtection "
    "autoFilter mergeCells conditionalFormatting dataValidations hyperlinks printOptions "
    "pageMargins pageSetup headerFooter rowBreaks colBreaks drawing legacyDrawing tableParts "
    "extLst",
    "workbook": "fileVersion workbookPr bookViews sheets definedNames calcPr extLst",
    "styleSheet": "numFmts fonts fills borders cellStyleXfs cellXfs cellStyles dxfs tableStyles "
    "colors extLst",
}
_ORDERS = {parent: children.split() for parent, children in ORDERS.items()}


def faults(data: bytes) -> list[str]:
    """Return what is wrong with the package, in words; also with a workbook within it."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        parts = {name: book.read(name) for name in book.namelist()}
        found = ["two parts of one name"] * (len(parts) < len(book.namelist()))
    found += _without_a_type(parts)
    for name, content in parts.items():
        if name.endswith(".rels"):
            found += _loose_ends(name, parts)
        elif name.endswith(".xlsx"):
            found += [f"{name}: {fault}" for fault in faults(content)]
        elif name.endswith(".xml"):
            root = etree.fromstring(content)
            found += [f"{name}: {fault}" for fault in [*_out_of_order(root), *_twice(root)]]
    return found


def _without_a_type(parts: dict[str, bytes]) -> list[str]:
    types = etree.fromstring(parts["[Content_Types].xml"])
    endings = {each.get("Extension") for each in types}
    named = {each.get("PartName") for each in types} - {None}
    found = [f"a type for {name}, which is missing" for name in named if name[1:] not in parts]
    return found + [
        f"no type for {name}"
        for name in parts
        if name != "[Content_Types].xml"
        and f"/{name}" not in named
        and name.rpartition(".")[2] not in endings
    ]


def _loose_ends(name: str, parts: dict[str, bytes]) -> list[str]:
    """Return relations that lead nowhere, and ids in their part that no relation has."""
    folder = posixpath.dirname(posixpath.dirname(name))
    relations = etree.fromstring(parts[name])
    found = []
    for each in relations:
        target = posixpath.normpath(posixpath.join("/", folder, each.get("Target")))
        if each.get("TargetMode") != "External" and target[1:] not in parts:
            found.append(f"{name}: nothing at {target}")
    source = posixpath.join(folder, posixpath.basename(name).removesuffix(".rels"))
    content = parts.get(source, b"").decode()
    used = re.findall(r'r:(?:id|embed|link)="([^"]+)"', content)
    known = [each.get("Id") for each in relations]
    found += [f"{name}: an id twice"] * (len(set(known)) < len(known))
    return found + [f"{source}: no relation {each}" for each in used if each not in known]


def _out_of_order(root: etree._Element) -> list[str]:
    found = []
    for parent in root.iter(etree.Element):
        order = _ORDERS.get(etree.QName(parent).localname)
        if order is None:
            continue
        names = [etree.QName(child).localname for child in parent.iterchildren(etree.Element)]
        where = etree.QName(parent).localname
        found += [f"{where} may not hold {name}" for name in names if name not in order]
        placed = [order.index(name) for name in names if name in order]
        found += [f"{where}: {order[b]} after {order[a]}" for a, b in pairwise(placed) if b < a]
    return found


def _twice(root: etree._Element) -> list[str]:
    """Return the numbers that two shapes of a slide have, and axes numbered below zero."""
    ids = [each.get("id") for each in root.iter("{*}cNvPr")]
    below = [each.get("val") for each in root.iter("{*}axId") if each.get("val").startswith("-")]
    repeated = sorted({each for each in ids if ids.count(each) > 1})
    return [f"axis {each}" for each in below] + [
        f"two shapes of number {each}" for each in repeated
    ]
