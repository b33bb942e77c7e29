"""Names in a row, as a sentence lists them."""

from collections.abc import Sequence


def listed(names: Sequence[str], most: int = 0) -> str:
    """Write names as a sentence lists them: 'A', 'A and B', 'A, B and C', 'A and B, and C'.

    Where there are more than ``most`` (0 for any number), the last ones are 'n more places'.
    Raises ``IndexError`` without names.
    """
    if most and len(names) > most:
        names = [*names[: most - 1], f"{len(names) - most + 1} more places"]
    if len(names) == 1:
        return names[0]
    # A name with an "and" of its own would run into the next.
    pause = "," if any(" and " in name for name in names) else ""
    return f"{', '.join(names[:-1])}{pause} and {names[-1]}"


def counted(number: int, one: str, several: str = "") -> str:
    """Write a number with what it counts: "1 row", "1,200 rows", or "1 row is", "2 rows are"."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"
