"""Numbers in brought tables: a column is read in one style, or what does not fit is named."""

import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from atlas.text.lists import counted
from atlas.uploads.reading.cell_shapes import WORDS, is_blank, simple
from atlas.uploads.reading.table import Problem, note, numbered, quoted, refused

# A count from 1 to 4 could point to people: it is never kept, and this stands for it in totals.
FEW_BELOW = 5
FEW = 2.5

UnitKey = Literal["percentage", "share", "people", "households", "count", "score", "km", "hours"]
Style = Literal["point", "comma"]
Figured = Literal["whole", "small", "unsure", ""]


@dataclass(frozen=True)
class UnitRule:
    """A unit that a visitor may choose: its words and the lowest and highest figure, as written."""

    words: str
    lowest: float
    highest: float
    adds: bool = False


UNITS: dict[UnitKey, UnitRule] = {key: UnitRule(**rule) for key, rule in WORDS["unit"].items()}
# Figures up to here are never written with a mark between thousands.
_SMALL = 1e3
# Units whose counts from 1 to 4 are withheld.
WITHHELD: tuple[UnitKey, ...] = ("people", "households")

_WITHHELD_MARKS = frozenset(WORDS["answers"]["withheld"])
_BELOW = re.compile(r"(?:<|&lt;|fewer than|less than|under|below)\s*(\d{1,3})", re.IGNORECASE)
_UP_TO = re.compile(
    r"(?:≤|<=|up to|1\s?(?:-|–|to))\s*(\d{1,3})|(\d{1,3}) or (?:fewer|less)", re.IGNORECASE
)
_LONGEST = 60
_PERCENT = re.compile(r"\s*(?:%|per ?cent|pc)$", re.IGNORECASE)
# A letter or sign that a publisher sets beside a figure: provisional, revised, estimated ...
_NOTED = re.compile(r"\s*(?:\[[a-z]{1,3}\]|\([a-z]\)|(?<![a-z])[rpeb]|[*†‡])$", re.IGNORECASE)
# Below zero, as accounts write it: “(3.2)”, “(£1,200)”, “(3.2%)”.
_BRACKETED = re.compile(r"\(\s*((?:[£$€]\s?)?[\d.,' ]+%?)\s*\)(\s*(?:%|per ?cent|pc))?", re.I)
_SIGNS = {"()": "brackets", "£": "currency", "$": "currency", "€": "currency"}
_CURRENCY = re.compile(r"^([+-]?)\s*([£$€])\s*")
# A word beside a figure: “3 km”, “12 people”.
_WORD = re.compile(r"(?<=\d)\s*([a-z]{2,})\.?$", re.IGNORECASE)
_ORDINAL = re.compile(r"(?:(?<=1)st|(?<=2)nd|(?<=3)rd|(?<=\d)th)$", re.IGNORECASE)
_SINGULAR = {"people": "person", "children": "child", "women": "woman", "men": "man"}
# Words that multiply a figure, as exponents; one letter does so only after a currency sign.
_SCALES: dict[str, int] = WORDS["scales"]
_SCALED = re.compile(rf"(.*\d)\s*({'|'.join(_SCALES)})s?\b(\D*)", re.IGNORECASE)
_MINUS = str.maketrans({"−": "-", "–": "-", "‐": "-", "‑": "-", "﹣": "-", "－": "-"})
_GROUPED = {
    "point": re.compile(r"[+-]?\d{1,3}(?:[, ’']\d{3})+(?:\.\d+)?", re.ASCII),
    "comma": re.compile(r"[+-]?\d{1,3}(?:[. ’']\d{3})+(?:,\d+)?", re.ASCII),
}
_PLAIN = re.compile(
    r"[+-]?(?:\d{1,15}(?:\.\d{1,18})?|\.\d{1,18})(?:e[+-]?\d{1,2})?", re.I | re.ASCII
)
_COMMA_PLAIN = re.compile(r"[+-]?\d{1,15},\d{1,18}", re.ASCII)
# Texts that only one of the two styles can have written, and those that either can.
_WRITTEN = {
    "comma": re.compile(
        r"[+-]?(?:0,\d+|\d+,(?:\d{1,2}|\d{4,})|\d{4,},\d+|\d{1,3}(?:\.\d{3})+,\d+"
        r"|\d{1,3}(?:\.\d{3}){2,})",
        re.ASCII,
    ),
    "point": re.compile(
        r"[+-]?(?:0?\.\d+|\d+\.(?:\d{1,2}|\d{4,})|\d{4,}\.\d+|\d{1,3}(?:,\d{3})+\.\d+"
        r"|\d{1,3}(?:,\d{3}){2,})",
        re.ASCII,
    ),
    "either comma": re.compile(r"[+-]?\d{1,3},\d{3}", re.ASCII),
    "either point": re.compile(r"[+-]?\d{1,3}\.\d{3}", re.ASCII),
}
_EITHER = ("either comma", "either point")
_WORDS = {kind: frozenset(words) for kind, words in WORDS["units"].items()}


@dataclass(frozen=True)
class Read:
    """One cell: its number or None, whether it is a percentage, and what was noticed about it.

    ``kind`` is "number", "blank", "withheld" (a mark of the publisher), "below" (such as "<5") or
    "unread"; ``why`` says what to do about an unread one, or which mark was set aside. ``scale``
    is the word that multiplied it, as "million".
    """

    value: float | None
    kind: str
    percent: bool = False
    why: str = ""
    scale: str = ""


def style_of(cells: Iterable[str], figures: Figured = "") -> tuple[Style | None, list[str]]:
    """Return how a column writes decimals, and examples of both styles where it mixes them.

    Where no cell says more, "1.210" is a thousand and more among whole ``figures``, as people are,
    and "1,210" is a decimal among small ones, as percentages are. ``unsure`` are figures of a
    program that writes decimal commas, where "1,210" can be either. None where it cannot be told.
    """
    seen: dict[str, str] = {}
    for cell in dict.fromkeys(cells):
        if len(cell) > _LONGEST or ("," not in cell and "." not in cell):
            continue
        text = _core(cell)[0]
        kind = next((kind for kind, form in _WRITTEN.items() if form.fullmatch(text)), "")
        seen.setdefault(kind, cell)
    for one, other in (("comma", "point"), _EITHER):
        if one in seen and other in seen:
            return None, [seen[one], seen[other]]
        if one in seen or other in seen:
            break
    if "comma" in seen or "point" in seen:
        return "comma" if "comma" in seen else "point", []
    if figures == "unsure" and "either comma" in seen:
        return None, [seen["either comma"]]
    other = {"small": "either comma"}.get(figures, "either point")
    return "comma" if figures and other in seen else "point", []


def _core(cell: str) -> tuple[str, bool, str, str]:
    """Return a cell's digits, whether it is a percentage, the mark set aside and the scale."""
    text = cell.translate(_MINUS).strip()
    mark = scale = ""
    if bracketed := _BRACKETED.fullmatch(text):
        text, mark = f"-{bracketed[1]}{bracketed[2] or ''}", "()"
    if (by := _SCALED.fullmatch(text)) and (len(by[2]) > 1 or _CURRENCY.match(text)):
        text, scale = by[1] + by[3], by[2].casefold()
    if (found := _NOTED.search(text)) and any(sign.isdigit() for sign in text[: found.start()]):
        mark = found[0].strip()
        text = text[: found.start()]
    text, percent = _PERCENT.subn("", text)
    if money := _CURRENCY.match(text):
        text = money[1] + text[money.end() :]
        mark = mark or money[2]
    text = _ORDINAL.sub("", text)
    word = _WORD.search(text)
    if word and word[1].casefold() not in _WORDS["multiples"]:
        text, mark = text[: word.start()], mark or word[1].casefold()
    return text.strip(), bool(percent), mark, scale


def read_number(cell: str, style: Style = "point") -> Read:
    """Return what one cell says, in the style of its column."""
    if style == "point" and _PLAIN.fullmatch(cell):
        plainly = float(cell)
        if math.isfinite(plainly):
            return Read(plainly, "number")
    if is_blank(cell):
        return Read(None, "blank")
    if len(cell) > _LONGEST:
        return Read(None, "unread", why=_what_to_do("", style))
    if cell.casefold() in _WITHHELD_MARKS:
        return Read(None, "withheld", why=cell)
    if below := _BELOW.fullmatch(cell):
        return Read(float(below[1]), "below", why=cell)
    if most := _UP_TO.fullmatch(cell):
        return Read(float(most[1] or most[2]) + 1, "below", why=cell)
    text, percent, mark, scale = _core(cell)
    told = text
    if _GROUPED[style].fullmatch(text):
        text = re.sub(r"[, ’']" if style == "point" else r"[. ’']", "", text)
    if style == "comma" and _COMMA_PLAIN.fullmatch(text):
        text = text.replace(",", ".")
    text += f"e{_SCALES[scale]}" if scale else ""
    if _PLAIN.fullmatch(text) and math.isfinite(float(text)):
        return Read(float(text), "number", percent, mark, scale)
    return Read(None, "unread", why=_what_to_do(told, style))


def _what_to_do(text: str, style: Style) -> str:
    if text.casefold().lstrip("+-") in ("inf", "infinity"):
        return "Leave the cell blank where there is no figure."
    if text.startswith("#"):
        return "It is a spreadsheet’s error: mend the formula and save again."
    if _COMMA_PLAIN.fullmatch(text) and style == "point":
        return "Write every figure with a decimal point, or every one with a comma."
    return "Write a plain number such as 1003 or 12.5, or leave it blank."


@dataclass(frozen=True)
class Figures:
    """The figures of a column as written, None where there is none, and what was noticed.

    ``problem`` says why the column cannot be read at all, "" where it can.
    """

    values: tuple[float | None, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    problem: str = ""


def read_figures(
    rows: Sequence[int], cells: Sequence[str], heading: str, unit: UnitKey, semicolons: bool = False
) -> Figures:
    """Read the cells of one column, given with their row numbers, in the unit chosen.

    Values are in the unit as written: 34% of a share is 0.34 and of a percentage 34.
    """
    nothing = (None,) * len(cells), (), ()
    rule = UNITS[unit]
    small: Figured = "small" if rule.highest <= _SMALL else "unsure" if semicolons else ""
    style, mixed = style_of(cells, "whole" if rule.adds else small)
    if style is None:
        why = "comma_unclear" if len(mixed) == 1 else "two_styles"
        which = _rows_of(rows, cells, mixed)
        return Figures(*nothing, refused(why, column=quoted(heading), rows=which))
    known = {cell: read_number(cell, style) for cell in dict.fromkeys(cells)}
    problem = _mixed_units(rows, cells, known, heading)
    if problem := problem or _mixed_percentages(rows, cells, known, heading, unit):
        return Figures(*nothing, problem)
    made = {cell: _in_unit(found, unit) for cell, found in known.items()}
    few = {cell for cell, found in known.items() if _is_few(found) and rule.adds}
    values: list[float | None] = []
    problems = []
    for row, cell in zip(rows, cells, strict=True):
        value = FEW if cell in few else made[cell]
        if isinstance(value, tuple):
            problems.append(Problem(row, heading, f"{quoted(cell, 20)} {value[0]}", value[1]))
            value = None
        values.append(value)
    return Figures(tuple(values), tuple(problems), tuple(_notes(rows, cells, known, few, style)))


def _is_few(found: Read) -> bool:
    return found.kind == "below" and found.value == FEW_BELOW


def _rows_of(rows: Sequence[int], cells: Sequence[str], examples: Sequence[str]) -> str:
    at = {example: rows[list(cells).index(example)] for example in examples}
    return ", ".join(f"row {row:,}: {quoted(example, 20)}" for example, row in at.items())


def said_beside(found: Read) -> str:
    """Return the unit that stands beside a figure, as “£” or “km”; "" for none."""
    mark = found.why if found.kind == "number" else ""
    is_word = len(mark) > 1 and mark.isalpha()
    return mark if _SIGNS.get(mark) == "currency" or is_word else ""


def _mixed_units(
    rows: Sequence[int], cells: Sequence[str], known: Mapping[str, Read], heading: str
) -> str:
    first: dict[str, str] = {}
    for cell, found in known.items():
        if beside := said_beside(found):
            first.setdefault(_SINGULAR.get(beside, beside).rstrip("eisy"), cell)
    if len(first) < 2:
        return ""
    which = _rows_of(rows, cells, list(first.values())[:3])
    return refused("mixed_units", column=quoted(heading), rows=which)


def _mixed_percentages(
    rows: Sequence[int],
    cells: Sequence[str],
    known: Mapping[str, Read],
    heading: str,
    unit: UnitKey,
) -> str:
    read = [known[cell] for cell in cells]
    signed = [at for at, found in enumerate(read) if found.percent]
    bare = [
        at for at, found in enumerate(read)
        if found.kind == "number" and not found.percent and found.value
    ]  # fmt: skip
    if not signed or not bare or unit not in ("percentage", "share", "score"):
        return ""
    few, many = sorted((signed, bare), key=len)
    which = ", ".join(f"{rows[at]:,} ({quoted(cells[at], 20)})" for at in few[:5])
    more = f" and {len(few) - 5:,} more" if len(few) > 5 else ""
    which = f"row{'s' * (len(few) > 1)} {which}{more}"
    others = f"row {rows[many[0]]:,} has {quoted(cells[many[0]], 20)}"
    return refused("mixed_percentages", column=quoted(heading), rows=which, others=others)


def _in_unit(found: Read, unit: UnitKey) -> float | tuple[str, str] | None:
    """Return a figure in the unit as written, None for none, or what is wrong and what to do."""
    rule = UNITS[unit]
    if found.kind == "unread":
        return "is not a number that can be read.", found.why
    if found.kind != "number" or found.value is None:
        return None
    if found.percent and unit not in ("percentage", "share", "score"):
        what = "is a percentage, but the measure is not."
        return what, "Choose the unit “Percentage”, or take the sign out."
    number = found.value / 100 if found.percent and unit == "share" else found.value
    if rule.lowest <= number <= rule.highest:
        return number
    what = f"is outside {rule.lowest:,.0f} to {rule.highest:,.0f}."
    if found.why == "()":
        what = "is in brackets, which in accounts means below zero; this unit has nothing below."
    if found.percent:
        return what, f"Check it; for a change in per cent choose the unit “{UNITS['score'].words}”."
    return what, f"Check it: the unit is “{rule.words}”."


def _notes(
    rows: Sequence[int],
    cells: Sequence[str],
    known: Mapping[str, Read],
    few: Collection[str],
    style: Style,
) -> list[str]:
    notes = []
    noticed = {cell: f for cell, f in known.items() if f.kind != "number" or f.why or f.scale}
    if style == "comma":
        notes.append(note("commas"))
    found: dict[tuple[str, str], list[int]] = {}
    for row, cell in zip(rows, cells, strict=True):
        if (each := noticed.get(cell)) is None:
            continue
        held = each.kind in ("withheld", "below") and cell not in few
        if each.kind == "blank" or held or (each.kind == "number" and each.why):
            kind = "held" if held else each.kind
            found.setdefault((kind, each.why), []).append(row)
        if each.scale:
            found.setdefault(("scaled", each.scale), []).append(row)
    for kind in ("held", "number", "blank", "scaled"):
        marks = [(mark, each) for (of, mark), each in found.items() if of == kind]
        for mark, at in marks[:5]:
            cells_hold = counted(len(at), "cell holds", "cells hold")
            what = _SIGNS.get(mark, kind)
            notes.append(note(what, cells=cells_hold, mark=quoted(mark, 20), rows=numbered(at)))
    return notes


_ADDS = {unit for unit, rule in UNITS.items() if rule.adds}
_COUNTED: dict[str, UnitKey] = {
    **dict.fromkeys(WORDS["units"]["things"], "count"),
    **dict.fromkeys(WORDS["units"]["households"], "households"),
    **dict.fromkeys(WORDS["units"]["people"], "people"),
}
_LONGER = [words for words in _COUNTED.keys() | _WORDS["measured"] if " " in words]
_HEAD = re.compile(rf"\b(?:{'|'.join(_LONGER)}|\w+)\b")


def counted_in(words: str) -> UnitKey | Literal[""]:
    """Return what a column's words count, "score" for what they measure, "" where they say neither.

    The last such word before the first that joins more to it decides: "residents' groups" are
    things, "laptops given to residents" too, "people claiming income support" people.
    """
    found: UnitKey | Literal[""] = ""
    before = ""
    for word in _HEAD.findall(simple(words)):
        if found and word in _WORDS["joining"]:
            break
        if word in _COUNTED:
            found = _COUNTED[word]
        elif word in _WORDS["measured"] and before != "in":
            found = "score"
        if found in _ADDS and word.endswith(("ing", "ed")):
            break
        before = word
    return found


def counts(words: str) -> bool:
    """Tell whether a column's words say that it counts people, households or things."""
    worked_out = _WORDS["worked_out"].intersection(simple(words).split())
    return not worked_out and "£" not in words and counted_in(words) in _ADDS


def says_what(words: str) -> bool:
    """Tell whether a column's words say what its figures measure or count."""
    known = _WORDS["worked_out"] | _WORDS["percent"] | _COUNTED.keys()
    return not known.isdisjoint(simple(words).split())


def says_small(words: str) -> bool:
    """Tell whether a column's words say that its figures are percentages, shares or kilometres."""
    told = {*simple(words).split()}
    small = _WORDS["percent"] | {"share", "proportion", "km", "kilometres"}
    return "%" in words or not told.isdisjoint(small) or "per cent" in simple(words)


def guessed_unit(words: str, values: Sequence[float], percent: bool) -> UnitKey | None:
    """Return the unit that a column's words and numbers point to.

    ``words`` are its heading and what was chosen in the columns that tell its rows apart. None
    where they say percentage or share but a figure such as 0.2 could be either: that must be asked.
    """
    heading = simple(words)
    told = heading.split()
    if percent:
        beyond = any(not 0 <= value <= 100 for value in values)
        return "score" if beyond and _WORDS["changes"].intersection(told) else "percentage"
    whole = all(value.is_integer() for value in values)
    possible = [value for value in values if 0 <= value <= 100]
    as_percentage = len(possible) == len(values)
    as_share = bool(possible) and max(possible) <= 1
    if "%" in words or _WORDS["percent"].intersection(told) or "per cent" in heading:
        changes = not as_percentage and _WORDS["changes"].intersection(told)
        if changes or 2 * len(possible) < len(values):
            return "score"
        return None if as_share else "percentage"
    as_share = as_share and as_percentage
    worked_out = _WORDS["worked_out"].intersection(told)
    if as_share and not whole and worked_out <= {"share", "proportion"}:
        return "share"
    if {"share", "proportion"}.intersection(told) and as_percentage and not as_share:
        return None if any(0 < value < 1 for value in values) else "percentage"
    measured: UnitKey = "score"
    if "hours" in told:
        measured = "hours"
    if "km" in told or "kilometres" in told:
        measured = "km"
    # Figures from 0 to 100 with decimals may be percentages, whatever is counted.
    decimals = sum(not value.is_integer() for value in values)
    if counts(words) and not (as_percentage and 2 * decimals > len(values)):
        return counted_in(words) or measured
    measures = counted_in(words) or "£" in words or worked_out
    if not whole or min(values, default=0) < 0 or measures:
        return measured
    # Nobody can tell: people are the safe guess, because their small counts are withheld.
    amount = _WORDS["amounts"].intersection(told) and {"aged", "total"}.isdisjoint(told)
    return measured if amount or measured != "score" else "people"
