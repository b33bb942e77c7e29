"""Numbers in words: counts, shares and places in a row, as sentences write them."""

from fractions import Fraction

import numpy as np

FEW = 5  # up to so many would be rounded to none
_NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
# Fractions that can be said aloud; nothing finer is claimed by "about".
_SAYABLE = sorted(
    {Fraction(1, n) for n in range(2, 11)}
    | {Fraction(2, 3), Fraction(3, 4), Fraction(2, 5), Fraction(3, 5), Fraction(9, 10)}
    | {Fraction(1, n) for n in (12, 15, 20, 25, 30, 40, 50, 100)}
)


def people(number: float) -> str:
    """Write a count of people for a sentence: to the nearest 10, '823,450'; a few are not none."""
    if np.isnan(number):
        return "no data"
    return "fewer than 10" if 0 < number <= FEW else f"{round(number / 10) * 10:,}"


def wards_of(wards: int, of_wards: int, what: str, residents: float) -> str:
    """Say how many of an area's wards are ``what``, as "at high risk", and who lives there."""
    if not wards:
        return f"None of its {of_wards:,} wards is {what}."
    are, there = ("is", "it") if wards == 1 else ("are", "them")
    many = f"{wards:,} of its {of_wards:,} wards {are} {what}"
    return f"{many}; {people(residents)} people live in {there}."


def about_one_in(share: float) -> str:
    """Say a share aloud: 0.19 -> 'about one in five'. "" where no plain fraction is close."""
    if np.isnan(share) or share <= 0:
        return ""
    best = min(_SAYABLE, key=lambda fraction: abs(float(fraction) - share))
    if abs(float(best) - share) > 0.06 * share:
        return ""
    return f"about {count_word(best.numerator)} in {count_word(best.denominator)}"


def against_definition(share: float, part: float, name: str, base: str) -> str:
    """Say how a share of residents at highest risk stands beside the base it is cut from.

    There the share is ``part``, called ``name``, by definition; ``base`` is "" for a place that
    is the base itself. "" without a share.

    >>> against_definition(0.31, 0.2, "fifth", "England")
    'That is more than in England as a whole, where it is a fifth by definition.'
    """
    if np.isnan(share):
        return ""
    if not base:
        return f"It is a {name} by definition."
    how = "more than" if share > part else "less than"
    how = "about the same as" if percent(share) == percent(part) else how
    return f"That is {how} in {base} as a whole, where it is a {name} by definition."


def count_word(number: int) -> str:
    """Write a whole number as a sentence does: 'five', and from eleven on in figures."""
    return _NUMBERS[number] if number < len(_NUMBERS) else f"{number:,}"


def ordinal(number: int) -> str:
    """Write 1 as '1st', 2 as '2nd', 11 as '11th'."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def percent(share: float) -> str:
    """Write a share as pages do, one decimal under 10%; a little is not none, nor most all."""
    percentage = share * 100
    if 99.5 <= percentage < 100 - 1e-6:
        return "over 99%"
    if 0 < percentage < 0.05:
        return "under 0.1%"
    return f"{percentage:.{1 if 0 < percentage < 9.95 else 0}f}%"
