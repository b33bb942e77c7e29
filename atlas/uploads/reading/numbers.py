"""Numbers in brought tables: a column is read in one style, or what does not fit is named."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from atlas.text.lists import counted
from atlas.uploads.reading.cell_shapes import PATTERNS, WORDS, is_blank, simple
from atlas.uploads.reading.table import Problem, Table, fault, note, numbered, quoted, refused, some

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

_FORMS, _STYLES = PATTERNS["numbers"], PATTERNS["styles"]
_LONGEST = 60
_SIGNS = {"()": "brackets", "£": "currency", "$": "currency", "€": "currency"}
_SINGULAR = {"people": "person", "children": "child", "women": "woman", "men": "man"}
# Words that multiply a figure, as exponents; one letter does so only after a currency sign.
_SCALES: dict[str, int] = WORDS["scales"]
_MINUS = str.maketrans({"−": "-", "–": "-", "‐": "-", "‑": "-", "﹣": "-", "－": "-"})
_WORDS = WORDS["units"]


@dataclass(frozen=True)
class Read:
    """One cell: its number or None, whether it is a percentage, and what was noticed about it.

    ``kind`` is "number", "blank", "withheld" (a mark of the publisher), "below" (such as "<5") or
    "unread"; ``why`` is the fault of an unread one, or which mark was set aside. ``scale`` is the
    word that multiplied it, as "million".
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
        kind = next((kind for kind, form in vars(_STYLES).items() if form.fullmatch(text)), "")
        seen.setdefault(kind, cell)
    sure: list[str] = [kind for kind in ("comma", "point") if kind in seen]
    told = sure or [kind for kind in ("either comma", "either point") if kind in seen]
    if len(told) == 2:
        return None, [seen[kind] for kind in told]
    if sure:
        return "comma" if "comma" in seen else "point", []
    if figures == "unsure" and "either comma" in seen:
        return None, [seen["either comma"]]
    other = {"small": "either comma"}.get(figures, "either point")
    return "comma" if figures and other in seen else "point", []


def _core(cell: str) -> tuple[str, bool, str, str]:
    """Return a cell's digits, whether it is a percentage, the mark set aside and the scale."""
    text = cell.translate(_MINUS).strip()
    mark = scale = ""
    if bracketed := _FORMS.bracketed.fullmatch(text):
        text, mark = f"-{bracketed[1]}{bracketed[2] or ''}", "()"
    by = _FORMS.scaled.fullmatch(text)
    if by and by[2].casefold() in _SCALES and (by[2][1:] or _FORMS.currency.match(text)):
        text, scale = by[1] + by[3], by[2].casefold()
    if noted := _FORMS.noted.fullmatch(text):
        text, mark = noted.groups()
    text, percent = _FORMS.percent.subn("", text)
    if money := _FORMS.currency.match(text):
        text = money[1] + text[money.end() :]
        mark = mark or money[2]
    text = _FORMS.ordinal.sub("", text)
    word = _FORMS.word.search(text)
    if word and word[1].casefold() not in _WORDS["multiples"]:
        text, mark = text[: word.start()], mark or word[1].casefold()
    return text.strip(), bool(percent), mark, scale


def read_number(cell: str, style: Style = "point") -> Read:
    """Return what one cell says, in the style of its column."""
    if style == "point" and _FORMS.plain.fullmatch(cell):
        plainly = float(cell)
        if math.isfinite(plainly):
            return Read(plainly, "number")
    if is_blank(cell):
        return Read(None, "blank")
    if len(cell) > _LONGEST:
        return Read(None, "unread", why="no_number")
    if cell.casefold() in WORDS["answers"]["withheld"]:
        return Read(None, "withheld", why=cell)
    if below := _FORMS.below.fullmatch(cell):
        return Read(float(below[1]), "below", why=cell)
    if most := _FORMS.up_to.fullmatch(cell):
        return Read(float(most[1] or most[2]) + 1, "below", why=cell)
    text, percent, mark, scale = _core(cell)
    told = text
    if style == "point" and _FORMS.grouped_point.fullmatch(text):
        text = re.sub(r"[, ’']", "", text)
    if style == "comma" and _FORMS.grouped_comma.fullmatch(text):
        text = re.sub(r"[. ’']", "", text)
    if style == "comma" and _FORMS.plain_comma.fullmatch(text):
        text = text.replace(",", ".")
    text += f"e{_SCALES[scale]}" if scale else ""
    if _FORMS.plain.fullmatch(text) and math.isfinite(float(text)):
        return Read(float(text), "number", percent, mark, scale)
    if told.casefold().lstrip("+-") in ("inf", "infinity"):
        return Read(None, "unread", why="no_number_infinite")
    if told.startswith("#"):
        return Read(None, "unread", why="no_number_error")
    comma = _FORMS.plain_comma.fullmatch(told) and style == "point"
    return Read(None, "unread", why="no_number_comma" if comma else "no_number")


@dataclass(frozen=True)
class Figures:
    """The figures of a column as written, None where there is none, and what was noticed.

    ``problem`` says why the column cannot be read at all, "" where it can.
    """

    values: tuple[float | None, ...]
    problems: Sequence[Problem] = ()
    notes: Sequence[str] = ()
    problem: str = ""


def read_figures(
    rows: Sequence[int], cells: Sequence[str], heading: str, unit: UnitKey, semicolons: bool = False
) -> Figures:
    """Read the cells of one column, given with their row numbers, in the unit chosen.

    Values are in the unit as written: 34% of a share is 0.34 and of a percentage 34.
    """
    rule = UNITS[unit]
    small: Figured = "small" if rule.highest <= _SMALL else "unsure" if semicolons else ""
    style, mixed = style_of(cells, "whole" if rule.adds else small)
    at: dict[str, list[int]] = {}
    for row, cell in zip(rows, cells, strict=True):
        at.setdefault(cell, []).append(row)
    known = {cell: read_number(cell, style or "point") for cell in at}
    if problem := _mixture(heading, known, at, mixed, unit):
        return Figures((None,) * len(cells), problem=problem)
    made = {cell: _in_unit(cell, found, unit) for cell, found in known.items()}
    wrong = {cell: said for cell, said in made.items() if isinstance(said, tuple)}
    problems = [Problem(row, heading, *said) for cell, said in wrong.items() for row in at[cell]]
    figures = {cell: None if isinstance(said, tuple) else said for cell, said in made.items()}
    notes = [note("commas")] if style == "comma" else []
    return Figures(
        tuple(figures[cell] for cell in cells),
        sorted(problems, key=lambda problem: problem.row),
        [*notes, *_notes(known, at, figures)],
    )


def said_beside(found: Read) -> str:
    """Return the unit that stands beside a figure, as “£” or “km”; "" for none."""
    mark = found.why if found.kind == "number" else ""
    is_word = len(mark) > 1 and mark.isalpha()
    return mark if _SIGNS.get(mark) == "currency" or is_word else ""


def _mixture(
    heading: str,
    known: Mapping[str, Read],
    at: Mapping[str, list[int]],
    mixed: Sequence[str],
    unit: UnitKey,
) -> str:
    """Say what the cells of a column mix, so that it cannot be read; "" for nothing.

    ``at`` are the rows of each cell, ``mixed`` examples of two styles.
    """
    why = "comma_unclear" if len(mixed) == 1 else "two_styles"
    beside: dict[str, str] = {}
    for cell, found in known.items():
        if word := said_beside(found):
            beside.setdefault(_SINGULAR.get(word, word).rstrip("eisy"), cell)
    if not mixed and len(beside) > 1:
        why, mixed = "mixed_units", list(beside.values())[:3]
    if mixed:
        which = ", ".join(f"row {at[cell][0]:,}: {quoted(cell, 20)}" for cell in mixed)
        return refused(why, column=quoted(heading), rows=which)
    if unit not in ("percentage", "share", "score"):
        return ""
    signed = [cell for cell, found in known.items() if found.percent]
    bare = [c for c, found in known.items() if found.kind == "number" and found.value]
    parts = (signed, [cell for cell in bare if not known[cell].percent])
    few, many = sorted((sorted((r, c) for c in part for r in at[c]) for part in parts), key=len)
    if not few:
        return ""
    said = [f"{row:,} ({quoted(cell, 20)})" for row, cell in few]
    which = f"row{'s' * (len(few) > 1)} {some(said, 5)}"
    others = f"row {many[0][0]:,} has {quoted(many[0][1], 20)}"
    return refused("mixed_percentages", column=quoted(heading), rows=which, others=others)


def _in_unit(cell: str, found: Read, unit: UnitKey) -> float | tuple[str, str] | None:
    """Return a figure in the unit as written, None for none, or what is wrong and what to do."""
    rule = UNITS[unit]
    if found.kind == "below" and found.value == FEW_BELOW and rule.adds:
        return FEW
    if found.kind == "unread":
        return fault(found.why, cell=quoted(cell, 20))
    if found.kind != "number" or found.value is None:
        return None
    if found.percent and unit not in ("percentage", "share", "score"):
        return fault("percentage", cell=quoted(cell, 20))
    number = found.value / 100 if found.percent and unit == "share" else found.value
    if rule.lowest <= number <= rule.highest:
        return number
    why = f"{'brackets' if found.why == '()' else 'outside'}{'_percent' * found.percent}"
    return fault(why, cell=quoted(cell, 20), unit=rule, score=UNITS["score"])


def _notes(
    known: Mapping[str, Read], at: Mapping[str, list[int]], figures: Mapping[str, float | None]
) -> list[str]:
    """Say which marks, blanks and words stand in the cells, each with its rows ``at``."""
    found: dict[tuple[str, str], list[int]] = {}
    for cell, each in known.items():
        held = each.kind in ("withheld", "below") and figures[cell] is None
        if held or each.kind == "blank" or (each.kind == "number" and each.why):
            found.setdefault(("held" if held else each.kind, each.why), []).extend(at[cell])
        if each.scale:
            found.setdefault(("scaled", each.scale), []).extend(at[cell])
    notes = []
    for kind in ("held", "number", "blank", "scaled"):
        marks = [(mark, sorted(rows)) for (of, mark), rows in found.items() if of == kind]
        for mark, rows in marks[:5]:
            hold = counted(len(rows), "cell holds", "cells hold")
            told = {"cells": hold, "mark": quoted(mark, 20), "rows": numbered(rows)}
            notes.append(note(_SIGNS.get(mark, kind), **told))
    return notes


_ADDS = {unit for unit, rule in UNITS.items() if rule.adds}
_COUNTED: dict[str, UnitKey] = {
    word: unit for unit in ("count", "households", "people") for word in _WORDS[unit]
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


def unit_of(
    heading: str, cells: Sequence[str], chosen: Sequence[str], table: Table, semicolons: bool
) -> UnitKey | None:
    """Return the unit of a column's figures as far as it can be told: see :func:`guessed_unit`.

    What was ``chosen`` in other columns says what they are; the heading may be "value".
    """
    words = " ".join([*chosen, heading])
    if not says_what(words) and not says_small(words):
        # The column beside says it, “Qualifications: All residents”, or a title above them.
        first, colon, _ = heading.partition(":")
        siblings = [h for h in table.headings if colon and h.startswith(f"{first}:") and counts(h)]
        words = " ".join([*(siblings or _telling_titles(table.titles))[:1], words])
    whole: Figured = "whole" if semicolons or counts(words) else ""
    small = says_small(words) and not counts(words)
    style = style_of(cells, "small" if small else whole)[0] or "point"
    known = {cell: read_number(cell, style) for cell in dict.fromkeys(cells)}
    read = [known[cell] for cell in cells]
    values = [found.value for found in read if found.kind == "number" and found.value is not None]
    beside = " ".join(sorted({*map(said_beside, read)} - {""}))
    words = beside if counts(beside) else f"{words} {beside}"
    return guessed_unit(words, values, any(found.percent for found in read))


def _telling_titles(titles: Sequence[str]) -> list[str]:
    """Return the titles that say what the figures are, none where they say different things."""
    telling = [t for t in titles if (says_what(t) or says_small(t)) and not _FORMS.remark.search(t)]
    small = [title for title in telling if says_small(title)]
    kinds = {"small" if title in small else counts(title) for title in telling}
    both = any(_WORDS["numbers"].intersection(simple(title).split()) for title in small)
    return telling if len(kinds) == 1 and not both else []
