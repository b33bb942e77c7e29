"""The sentences that carry the same information as the map: place, figure, base, date."""

import re
from collections.abc import Collection

import numpy as np

from atlas.access.distance import Venue
from atlas.catalogue.columns import Column, averaged, shown
from atlas.catalogue.near import MILE
from atlas.catalogue.sources import Source, declared_sources
from atlas.places.places import Place
from atlas.text.numbers import about_one_in, against_definition, ordinal, people, percent, wards_of
from atlas.text.texts import texts
from atlas.ward.profile import Standing

COUNT_AND_RATE_APART = 0.02
_TIMES = ((3.5, "more than three times"), (2.5, "about three times"), (1.75, "about twice"))
_WORDS: dict[str, dict[str, str]] = texts(__file__)


def phrase(column: Column) -> str:
    """Return a measure's label as it stands inside a sentence about an area."""
    label = column.label.removesuffix(" in the ward")
    # "Index of Multiple Deprivation" is a name.
    return label if label.startswith("Index ") else label[0].lower() + label[1:]


def area_sentence(
    column: Column, place: Place, value: float, base: Place, base_value: float
) -> str:
    """Say an area's figure and, where base and place differ, the base's beside it."""
    if np.isnan(value):
        return f"No ward of {place.label} has data for this measure."
    if column.aggregate == "sum":
        return _total_sentence(column, place, value, base, base_value)
    column = averaged(column)
    aloud = about_one_in(value) if column.unit == "share" else ""
    written = f"{shown(column, value)} ({aloud})" if aloud else shown(column, value)
    average = "" if column.unit == "share" else " on average"
    against = ""
    if base.code != place.code and not np.isnan(base_value):
        against = f", against {shown(column, base_value)} in {base.label}"
    return f"In {place.label} the {phrase(column)} is {written}{average}{against}."


def _total_sentence(
    column: Column, place: Place, value: float, base: Place, base_value: float
) -> str:
    number = people(value) if column.unit in ("people", "households") else f"{value:,.0f}"
    if 0 < value < column.floor:
        number = shown(column, value)
    against = ""
    # A share of the base only means something where the place is part of it.
    if base.code != place.code and base_value > 0 and value <= base_value:
        share = value / base_value
        against = f"; {base.label} has {people(base_value)}"
        if base.kind == "country":
            against = f", {percent(share)} of {base.label}’s total"
    return f"{place.label} has {number} {phrase(column)}{against}."


def fifth_sentence(column: Column, base: Place, wards: int, of_wards: int, residents: float) -> str:
    """Say how many wards with data are in the base's fifth with most need, and who lives there."""
    end = "lowest" if column.need == "less" else "highest"
    fifth = f"in the fifth of {base.label} with the {end} figures"
    return wards_of(wards, of_wards, fifth, residents)


def score_sentence(
    column: Column,
    place: Place,
    base: Place,
    wards: int,
    of_wards: int,
    residents: float,
    of_residents: float,
) -> str:
    """Say where an area stands by a score: whose people live in the base's fifth with most need.

    ``wards`` of its ``of_wards`` with data are in it, with ``residents`` of its ``of_residents``.
    """
    end = "lowest" if column.need == "less" else "highest"
    fifth = f"the fifth of {base.label} with the {end} {phrase(column)}"
    if of_wards == 1:
        isnt = "is" if wards else "is not"
        return f"The one ward of {place.label} with data {isnt} in {fifth}."
    if not wards:
        return f"None of the {of_wards:,} wards of {place.label} is in {fifth}."
    share = residents / of_residents if of_residents > 0 else float("nan")
    aloud, exact = about_one_in(share), percent(share)
    said = f"{aloud or exact} of the residents of {place.label}{f' ({exact})' if aloud else ''}"
    are, there = ("is", "it") if wards == 1 else ("are", "them")
    return (
        f"{wards:,} of the {of_wards:,} wards of {place.label} {are} in {fifth}. "
        f"{people(residents)} people live in {there}, {said}. "
        + against_definition(share, 0.2, "fifth", base.label if base.code != place.code else "")
    ).strip()


def range_sentence(
    column: Column, lowest: float, highest: float, name: str, wards: int, without: int
) -> str:
    """Say how far the wards of an area range, which is the highest, and how many lack data."""
    if not wards:
        return ""
    word, end = ("lowest", lowest) if column.need == "less" else ("highest", highest)
    text = (
        f"Its {wards:,} wards range from {shown(column, lowest)} to {shown(column, highest)}; "
        f"the {word} is {name} ({shown(column, end)})."
    )
    return f"{text} {missing_sentence(without)}".strip()


def missing_sentence(without: int) -> str:
    """Say how many wards have no data, "" for none."""
    if not without:
        return ""
    if without == 1:
        return "One ward has no data."
    return f"{without:,} wards have no data."


def standing_words(standing: Standing, where: bool = True) -> str:
    """Say a ward's place among an area's wards: '4th highest of 32 wards in Manchester'.

    Among more than sixty it says a share instead, rounded down so that it never claims more.
    """
    place = f" in {standing.area.label}" if where else ""
    if standing.of == 1:
        return f"the only ward{place}"
    joint = "joint " if standing.ties else ""
    lowest_rank = standing.of - standing.rank - standing.ties + 1
    if standing.rank == 1:
        return f"{joint}highest of {standing.of:,} wards{place}"
    if lowest_rank == 1:
        return f"{joint}lowest of {standing.of:,} wards{place}"
    if standing.of <= 60:
        rank, end = min((standing.rank, "highest"), (lowest_rank, "lowest"))
        return f"{joint}{ordinal(rank)} {end} of {standing.of} wards{place}"
    share, word = max((standing.below, "higher"), (standing.above, "lower"))
    return f"{word} than {int(share * 100)}% of {standing.of:,} wards{place}"


def brief_standing(standing: Standing) -> str:
    """Say a place in a few words, for a table that names the area: '4th highest of 32'."""
    words = standing_words(standing, where=False).removesuffix(" wards")
    return words.split(" of ")[0] if " than " in words else words


def against(column: Column, value: float, base: Place, base_value: float) -> str:
    """Say how a ward's figure compares with its base: 'about twice England’s 12%'.

    "" for totals, which follow a ward's size, and for the composite index: its average is no
    yardstick, and twice a score means nothing.
    """
    index = column.theme == "Composite index"
    if column.aggregate == "sum" or index or np.isnan(value) or np.isnan(base_value):
        return ""
    name = f"{base.label}’s {shown(column, base_value)}"
    ratio = value / base_value if base_value > 0 and value >= 0 else float("nan")
    if shown(column, value) == shown(column, base_value) or abs(ratio - 1) < 0.05:
        return f"much the same as {name}"
    for times, words in _TIMES:
        if ratio >= times:
            return f"{words} {name}"
    if 0 < ratio <= 0.6:
        return f"about half of {name}" if ratio > 0.4 else f"well below {name}"
    return f"{'above' if value > base_value else 'below'} {name}"


def fit_sentence(fit: str, small_areas: int) -> str:
    """Say how firmly a ward's figures rest on small areas."""
    known = f"These figures are based on {small_areas} small areas (LSOAs)."
    return _WORDS["fit"].get(fit, known)


def withheld_sentence(withheld: int) -> str:
    """Say that counts are withheld, "" where none are."""
    if not withheld:
        return ""
    some = "one small area" if withheld == 1 else f"{withheld} small areas"
    return (
        f"The count of income-deprived residents is withheld for {some} because it is very low: "
        "the ward’s count is the sum of the others."
    )


def count_and_rate_sentence(count: float, residents: float, rate: float) -> str:
    """Say why a count of residents and a rate published beside it differ, "" where they agree.

    ``rate`` is 0 to 1; a difference of two points or less needs no words.
    """
    if not abs(count / residents - rate) > COUNT_AND_RATE_APART:
        return ""
    return (
        f"The count is {percent(count / residents)} of Census residents. The rate is of residents "
        "in mid-2022; counts are published to the nearest five, and those below 10 are withheld."
    )


def library_sentence(library: Venue, metres: float, inside: bool) -> str:
    """Say how far a library is, whether ``inside`` the ward, who runs it and for how long."""
    where = "in the ward" if inside else f"{metres / MILE:.1f} miles away"
    staffed = library.staffed_hours
    hours = f"{staffed:g} staffed hours a week"
    if np.isnan(staffed):
        stated = not np.isnan(library.open_hours)
        hours = f"open {library.open_hours:g} hours a week" if stated else ""
    run_by = _WORDS["run_by"].get(library.note("run by"), "")
    return ", ".join(part for part in (where, hours, run_by) if part)


def band_words(band: str) -> str:
    """Return an opening band in plain words: 'AM & PM (with closure)' -> 'morning and ...'."""
    return _WORDS["bands"].get(band, re.sub(r"[\[\]]", "", band).lower())


def sources_of(column: Column, used: Collection[str]) -> list[Source]:
    """Return the published files behind a column, of those that this snapshot was made from."""
    declared = declared_sources()
    return [declared[key] for key in column.sources if key in used]


def years_of(column: Column, used: Collection[str]) -> str:
    """Return the years of a column's sources, "2021 to 2025"; "" where none is known."""
    years = sorted({source.as_at.year for source in sources_of(column, used)})
    return " to ".join(map(str, years[:1] + years[1:][-1:]))


def dated(column: Column, used: Collection[str]) -> str:
    """Return whose figures these are and of when: 'Office for National Statistics, 2021'."""
    sources = sources_of(column, used)
    if not sources:
        return column.credit or "source not recorded"
    if column.tables == ("derived",):
        # A score made here is not its first source's.
        return f"Digital Inclusion Atlas, from sources dated {years_of(column, used)}"
    return f"{sources[0].publisher}, {sources[0].dated}"
