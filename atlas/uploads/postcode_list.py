"""A list of postcodes, pasted or brought as a file: which exist, and what the others are."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from atlas.places.postcodes import PostcodeHit
from atlas.text.postcode_text import postcodes_in
from atlas.uploads.areas import known_postcode
from atlas.uploads.reading.extract import Extract
from atlas.uploads.reading.table import Problem
from atlas.uploads.report import KeptRow, Report

MOST_POSTCODES = 20_000


@dataclass(frozen=True)
class PostcodeList:
    """The postcodes of a text, each once and in order, with the line that it first stands on.

    ``problems`` name lines without a postcode and postcodes that are not known; ``repeated``
    counts repetitions and ``left_over`` postcodes beyond the limit, which were not looked up.
    """

    found: tuple[tuple[int, PostcodeHit], ...]
    problems: tuple[Problem, ...]
    repeated: int
    left_over: int

    @property
    def notes(self) -> list[str]:
        """What a reader should know about the postcodes that are not among those found."""
        notes = []
        if self.repeated:
            notes.append(f"Repeated, counted once: {self.repeated:,}.")
        if self.left_over:
            notes.append(
                f"Beyond the first {MOST_POSTCODES:,} and not looked up: {self.left_over:,}."
            )
        return notes


def listed_postcodes(
    lines: Iterable[tuple[int, str]], find: Callable[[str], PostcodeHit | None], column: str = ""
) -> PostcodeList:
    """Look up every postcode in numbered lines of text, whatever stands around them.

    Raises nothing for any text: a line without a postcode is named among the problems.
    """
    seen: set[str] = set()
    found: list[tuple[int, PostcodeHit]] = []
    problems: list[Problem] = []
    repeated = left_over = 0
    for number, text in lines:
        for written in postcodes_in(text) or [text]:
            if written in seen:
                repeated += 1
                continue
            if len(seen) >= MOST_POSTCODES:
                left_over += 1
                continue
            seen.add(written)
            hit = known_postcode(written, find)
            if isinstance(hit, PostcodeHit):
                found.append((number, hit))
            else:
                problems.append(Problem(number, column, *hit))
    return PostcodeList(tuple(found), tuple(problems), repeated, left_over)


def listed_in(read: Extract, find: Callable[[str], PostcodeHit | None]) -> PostcodeList:
    """Look up the postcodes of a file that was read as a list of them."""
    ((heading, cells),) = read.cells.items()
    return listed_postcodes(zip(read.rows, cells, strict=True), find, heading)


def postcodes_report(read: Extract, find: Callable[[str], PostcodeHit | None]) -> Report:
    """Return what a file of postcodes holds. Raises nothing."""
    listed = listed_in(read, find)
    kept = tuple(KeptRow(row, hit.ward_code, code=hit.postcode) for row, hit in listed.found)
    problem = "" if kept else "None of the rows holds a postcode of England. Write one in each row."
    return Report(read, kept, listed.problems, (*read.notes, *listed.notes), problem=problem)
