"""Where a table begins and ends among the cells of a sheet: its headings, rows and footnotes."""

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from statistics import median

from atlas.text.lists import counted
from atlas.text.safe_text import plain
from atlas.uploads.reading.cell_shapes import KINDS, PATTERNS, WORDS, shape_of, simple
from atlas.uploads.reading.limits import LONGEST_HEADING, MOST_COLUMNS, MOST_ROWS
from atlas.uploads.reading.table import (
    Problem,
    Records,
    Row,
    Sheet,
    Table,
    fault,
    letters,
    note,
    numbered,
    refusal,
)

# Headings stand among the first rows that hold anything.
_LOOKED_AT = 60
_SAMPLE = 400
_FORMS = PATTERNS["tables"]
_DATA = {*KINDS.values(), "postcode"}
_KNOWN = {
    text
    for entry in WORDS["places"].values()
    for text in (simple(entry["heading"]), *entry["also"])
}.union(*WORDS["areas"].values(), *(WORDS["figures"][key] for key in ("filters", "times", "first")))


def table_of(sheet: Sheet, heading_row: int | None = None) -> Table:
    """Return the table in a sheet: headings, the rows beneath them, no titles and no footnotes.

    ``heading_row`` is the row that the reader named; None to find it. Hidden characters are taken
    out; blank and hidden rows are left out. Raises ``RefusedError`` where there is no table.
    """
    records = sheet.records
    filled = [at for at, record in enumerate(records) if any(map(str.strip, record))]
    if not filled:
        raise refusal("empty")
    if heading_row is not None and not 0 <= heading_row <= len(records):
        raise refusal("no_row", row=heading_row)
    widest = max(
        at for row in filled[:_LOOKED_AT] for at, cell in enumerate(records[row]) if cell.strip()
    )
    if widest >= MOST_COLUMNS:
        raise refusal("too_wide", column=letters(widest), most=MOST_COLUMNS)
    at = find_headings(records, filled) if heading_row is None else heading_row - 1
    at = _lowest_headings(records, at, filled)
    notes = list(sheet.notes)
    records = _unmerged(sheet, at)
    headings, places = _headings(records, at, filled)
    body = [row for row in filled if row > at]
    body, foot = _without_footnotes(records, body, len(places))
    hidden = [row for row in body if row + 1 in sheet.hidden]
    shown = [row for row in body if row + 1 not in sheet.hidden]
    if len(shown) > MOST_ROWS:
        raise refusal("too_many_rows", most=MOST_ROWS)
    width = len(records[at]) if at >= 0 else len(headings)
    rows, problems, cleaned = _rows(records, shown, headings, places, width)
    if not rows and not problems:
        raise refusal("headings_only")
    rows, going_on = _going_on(headings, rows)
    notes += going_on
    notes += _said(at, at - _goes_on(records, at), filled, foot, hidden, cleaned)
    notes += _without_heading(records, shown[:_SAMPLE], places, width)
    titles = tuple(plain(cell, LONGEST_HEADING) for row in records[: max(at, 0)] for cell in row)
    return Table(headings, tuple(rows), tuple(notes), tuple(problems), at + 1, titles)


def find_headings(records: Records, filled: Sequence[int]) -> int:
    """Return the position of the row of headings, -1 where the first row is data already."""
    widths = [_width(records[row]) for row in filled[:_SAMPLE]]
    wide = [width for width in widths if width > 1]
    # Many lines above and below a short table are no measure of it.
    width = median(wide if 3 * len(wide) >= len(widths) else widths)
    first_data = next(
        (row for row in filled[:_SAMPLE] if any(is_data(cell) for cell in records[row])), None
    )
    best, most, widest, first = None, -99.0, 0, 0
    for place, row in enumerate(filled[:_LOOKED_AT]):
        if first_data is not None and row >= first_data:
            break
        if place + 1 == len(filled) and len(filled) > 1:
            break
        first = place if place and row - filled[place - 1] > 1 else first
        score = _as_headings(records, filled, place, width) - 4 * (_width(records[row]) < widest)
        # The first of a block without blank rows: what stands below is more likely a row.
        score -= 2.5 * (place - first)
        widest = max(widest, _width(records[row]))
        if score > most:
            best, most = row, score
    return -1 if best is None else best


def _lowest_headings(records: Records, at: int, filled: Sequence[int]) -> int:
    """Return the row beneath the headings where that goes on with them, as "Number" and "%" do.

    It fills gaps that merged headings leave or tells twins apart, and figures stand beneath it.
    """
    after = [row for row in filled if row > at][:2]
    if at < 0 or len(after) < 2 or after[0] != at + 1 or not _goes_on(records, at + 1):
        return at
    upper, lower, data = ([cell.strip() for cell in records[row]] for row in (at, *after))
    upper += [""] * (len(lower) - len(upper))
    told = [place for place, cell in enumerate(lower) if cell]
    parts = [place for place in told if not upper[place] or upper.count(upper[place]) > 1]
    words = not any(is_data(lower[place]) or _is_number(lower[place]) for place in told)
    return after[0] if parts and words and any(map(_is_number, data)) else at


def _is_number(cell: str) -> bool:
    return bool(_FORMS.number.fullmatch(cell)) and shape_of(cell) != "year"


def _width(record: Sequence[str]) -> int:
    return sum(1 for cell in record if cell.strip())


def is_data(cell: str) -> bool:
    """Tell whether a cell names an area or a postcode, which no heading does."""
    return len(cell) < 120 and shape_of(cell.strip()) in _DATA


def _as_headings(records: Records, filled: Sequence[int], place: int, width: float) -> float:
    """Score a row as one of headings: known words, full width, and data right beneath."""
    row = filled[place]
    cells = [cell.strip() for cell in records[row] if cell.strip()]
    known = sum(simple(cell) in _KNOWN for cell in cells[:60])
    if len(cells) < 0.6 * width:
        return -9 if known or width < 3 else -99
    numbers = sum(map(_is_number, cells))
    score = 3.0 * min(known, 3)
    score += 2 * (len(set(cells)) == len(cells)) + 2 * (len(cells) >= width)
    score -= 6 * (numbers > len(cells) / 3) + 4 * (max(map(len, cells)) > LONGEST_HEADING)
    if place + 1 < len(filled):
        below = records[filled[place + 1]]
        score += 4 * any(map(is_data, below)) - 2 * (filled[place + 1] > row + 1)
    return score


def _headings(
    records: Records, at: int, filled: Sequence[int]
) -> tuple[tuple[str, ...], list[int]]:
    if at < 0:
        width = max(len(records[row]) for row in filled[:_SAMPLE])
        places = list(range(min(width, MOST_COLUMNS)))
        return tuple(f"Column {letters(place)}" for place in places), places
    above = records[at - 1] if at else []
    texts = {n: plain(cell, LONGEST_HEADING) for n, cell in enumerate(records[at]) if cell.strip()}
    if not texts:
        raise refusal("blank_headings", row=at + 1)
    if not _goes_on(records, at):
        texts = _told_apart(texts, above, _twins(texts.values()))
    else:
        alone = {n: plain(cell, LONGEST_HEADING) for n, cell in enumerate(above) if cell.strip()}
        lower = _told_apart(texts, above, set(map(str.casefold, texts.values())))
        texts = dict(sorted((alone | lower).items()))
    twins = _twins(texts.values())
    headings = (
        f"{text} (column {letters(place)})" if text.casefold() in twins else text
        for place, text in texts.items()
    )
    return tuple(headings), list(texts)


def _goes_on(records: Records, at: int) -> bool:
    """Tell whether a row of headings is the second: its first cell belongs to the one above."""
    above = records[at - 1] if at > 0 else []
    first = next((place for place, cell in enumerate(above) if cell.strip()), 0)
    return _width(above) > 1 and not "".join(records[at][first : first + 1]).strip()


def _twins(texts: Iterable[str]) -> set[str]:
    return {key for key, n in Counter(map(str.casefold, texts)).items() if n > 1}


def _told_apart(
    texts: Mapping[int, str], above: Sequence[str], these: Collection[str]
) -> dict[int, str]:
    """Return the headings, with what stands over ``these`` in front of them."""
    told, over = {}, ""
    for place in range(max(texts) + 1):
        over = plain(above[place], 60) if place < len(above) and above[place].strip() else over
        if place in texts:
            named = over and texts[place].casefold() in these
            told[place] = f"{over}: {texts[place]}" if named else texts[place]
    return told


def _without_footnotes(
    records: Records, body: Sequence[int], columns: int
) -> tuple[list[int], int]:
    """Return the rows without the lines below the table, and how many those are."""
    end = at = len(body)
    below = ""
    while at > 1 and columns > 1:
        cells = [cell.strip() for cell in records[body[at - 1]] if cell.strip()]
        if len(cells) > 1 or is_data(cells[0]):
            break
        at -= 1
        below = f"{cells[0]} {below}".rstrip()
        apart = body[at] - body[at - 1] > 1 and " " in below
        # A line that only follows others is a note where those above it were set apart.
        if apart or _FORMS.foot.match(cells[0]) or len(cells[0]) > 60:
            end = at
    return list(body[:end]), len(body) - end


def _rows(
    records: Records,
    shown: Sequence[int],
    headings: tuple[str, ...],
    places: Sequence[int],
    width: int,
) -> tuple[list[Row], list[Problem], int]:
    """Return the rows as plain text, those too long, and how many cells had hidden characters."""
    rows, problems, hidden = [], [], 0
    for row in shown:
        record = records[row]
        if len(record) > width and any(cell.strip() for cell in record[width:]):
            parts = map(_FORMS.thousands.match, record), map(_FORMS.hundreds.fullmatch, record[1:])
            split = any(map(all, zip(*parts, strict=False)))
            why = "cells_and_number" if split else "cells"
            problems.append(Problem(row + 1, "", *fault(why, cells=len(record), width=width)))
            continue
        cells = [record[place] if place < len(record) else "" for place in places]
        text = "|".join(cells)
        if not (text.isascii() and text.isprintable() and "  " not in text):
            hidden += sum(map(_hides, cells))
            cells = [
                " ".join(unicodedata.normalize("NFC", cell).split())
                if cell.isprintable()
                else plain(cell, len(cell) + 1)
                for cell in cells
            ]
        told = tuple(map(str.strip, cells))
        if told != headings:
            rows.append(Row(row + 1, told))
    return rows, problems, hidden


def _hides(cell: str) -> bool:
    """Tell whether a cell has characters that are not seen; spaces and line ends are tidied."""
    return not cell.isprintable() and any(
        not sign.isprintable() and not sign.isspace() for sign in cell
    )


def _without_heading(
    records: Records, shown: Sequence[int], places: Sequence[int], width: int
) -> list[str]:
    blank = set(range(width)).difference(places)
    used = {
        at for row in shown for at in blank if at < len(records[row]) and records[row][at].strip()
    }
    return [f"Column {letters(at)} has no heading and was not read." for at in sorted(used)]


def _unmerged(sheet: Sheet, at: int) -> Records:
    """Return the cells with those that are merged over several rows in each of these."""
    records = list(sheet.records)
    for top, low, column in sheet.merged:
        if top > at and top < len(records) and column < len(records[top]):
            text = records[top][column]
            for row in range(top + 1, min(low + 1, len(records))):
                record = [*records[row], *[""] * (column + 1 - len(records[row]))]
                records[row] = [*record[:column], record[column] or text, *record[column + 1 :]]
    return records


def _going_on(headings: Sequence[str], rows: list[Row]) -> tuple[list[Row], list[str]]:
    """Fill in what is written only in the first row of a block, as pivot tables write it.

    That are blocks of several rows in which another column says the same things in each.
    """
    starts = [n for n, row in enumerate(rows) if row.cells[0]]
    if not starts or starts[0] or 2 * len(starts) > len(rows):
        return rows, []
    columns = [[row.cells[n] for row in rows] for n in range(len(headings))]
    filled = [[n for n, cell in enumerate(cells) if cell] for cells in columns]
    first = [n for n in range(len(headings)) if filled[n] == starts]
    blocks = list(zip(starts, [*starts[1:], len(rows)], strict=True))
    most = max(end - start for start, end in blocks)
    once = len({columns[0][start] for start in starts}) == len(starts)
    if len(blocks) < 2 or not once or not any(_repeats(c, blocks, most) for c in columns):
        return rows, []
    told: list[Row] = []
    for row in rows:
        above = told[-1].cells if told else row.cells
        cells = (cell or (above[n] if n in first else "") for n, cell in enumerate(row.cells))
        told.append(Row(row.number, tuple(cells)))
    named = " and ".join(f"“{headings[n]}”" for n in first)
    return told, [note("going_on", columns=named)]


def _repeats(cells: Sequence[str], blocks: Sequence[tuple[int, int]], most: int) -> bool:
    """Tell whether a column says different things within a block, and the same in each."""
    parts = [cells[start:end] for start, end in blocks]
    apart = all(len(set(part)) == len(part) and all(part) for part in parts)
    return apart and len(set(cells)) == most and not all(map(_is_number, cells))


def _said(
    at: int, first: int, filled: Sequence[int], foot: int, hidden: Sequence[int], cleaned: int
) -> list[str]:
    notes = []
    above = sum(row < first for row in filled)
    if at < 0:
        notes.append(note("no_headings"))
    elif above or first < at:
        lines = f"; {counted(above, 'line')} above them left out" if above else ""
        rows = f"row {at + 1:,}" if first == at else f"rows {at:,} and {at + 1:,}"
        notes.append(note("headings", rows=rows, lines=lines))
    if foot:
        notes.append(note("foot", lines=counted(foot, "line")))
    if hidden:
        rows = counted(len(hidden), "hidden row was", "hidden rows were")
        which = numbered([row + 1 for row in hidden])
        notes.append(note("hidden_rows", rows=rows, which=which))
    if cleaned:
        notes.append(note("cleaned", cells=counted(cleaned, "cell")))
    return notes
