"""What must be true before a snapshot is published. Every fault is reported, not the first.

A schema alone sees few mistakes: values in the wrong ward are still values in range. So the
checks also compare the result with the sources themselves: the keys, the number of LSOAs per
ward, every total per authority, the wards that rest on one LSOA, and the last snapshot.
"""

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd
import pandera.pandas as pa

from atlas.catalogue.columns import Column, columns_of, rates
from atlas.catalogue.near import COMMUNITY_RUN, LIBRARY_SERVICE
from pipelines import PipelineError, context
from pipelines.built import Built

_CODES = {
    "ward_code": r"E05\d{6}",
    "lsoa_code": r"E01\d{6}",
    "authority_code": r"E0[6789]\d{6}",
    "combined_authority_code": r"(E47\d{6})?",
    "county_code": r"(E10\d{6})?",
    "region_code": r"E12\d{6}",
    "library_id": r"L[0-9a-f]{10}",
}
# Text that could reach a template or a page as code has no place in a published name.
_NAME = r"[^{}<>`$\\\x00-\x1f]*"
# Generalised separately, the two outlines of an authority differ by up to 4% of it (Norwich).
_SHAPES_MAY_DIFFER = 0.06
# Postcodes stand on a border's other side in 0.2% of cases: outlines are generalised to 20 metres.
_PLACED_ELSEWHERE = 0.005
_OUTSIDE_AT_MOST = 0.005


def faults(built: Built) -> list[str]:
    """Return every fault found, in words; an empty list means that it may be published."""
    return [fault for check in CHECKS for fault in check(built)]


def _told(codes: Collection[str], what: str) -> list[str]:
    """Say of how many areas something is true, and name the first; nothing where it is of none."""
    return [f"{len(codes)} {what}, such as {next(iter(codes))}"] if len(codes) else []


def schema_faults(built: Built) -> list[str]:
    """Types, code patterns, ranges and blanks, as the columns are declared."""
    tables = {"wards": built.wards, "lsoas": built.lsoas, "libraries": built.libraries}
    found = []
    for name, table in tables.items():
        schema = pa.DataFrameSchema(
            {column.name: _schema_of(column, name) for column in columns_of(name)}
        )
        try:
            schema.validate(table, lazy=True)
        except pa.errors.SchemaErrors as error:
            cases = error.failure_cases
            for (column, check), rows in cases.groupby(["column", "check"], dropna=False):
                example = rows["failure_case"].iloc[0]
                found.append(f"{name}.{column}: {check}; {len(rows)} times, such as {example!r}")
    return found


def _schema_of(column: Column, table: str) -> pa.Column:
    if column.unit in ("code", "text"):
        pattern = _CODES.get(column.name, _NAME)
        if table == "libraries" and column.name in ("ward_code", "authority_code"):
            pattern = r"((E05|E06|E07|E08|E09|E10)\d{6})?"
        return pa.Column(None, pa.Check.str_matches(f"^(?:{pattern})$"), coerce=False)
    most = {"share": 1.0}.get(column.unit, np.inf)
    signed = column.unit == "score" or column.name in ("longitude", "latitude")
    checks = [
        pa.Check.in_range(-np.inf if signed else 0.0, most),
        pa.Check(lambda values: values.isna() | np.isfinite(values), name="finite"),
    ]
    may_be_blank = table != "lsoas" or table in column.may_be_missing
    return pa.Column(float, checks, nullable=may_be_blank, coerce=True)


def row_count_faults(built: Built) -> list[str]:
    """As many areas as the vintage has."""
    wards, withheld = built.wards, built.lsoas["income_deprived_people"].isna()
    found = {
        "lsoas": len(built.lsoas),
        "wards": len(wards),
        "authorities": wards["authority_code"].nunique(),
        "combined_authorities": _named(wards, "combined_authority"),
        "counties": _named(wards, "county"),
        "wards_without_lsoa": int((wards["small_areas"] == 0).sum()),
        "suppressed_income_counts": int(withheld.sum()),
    }
    return [
        f"{what}: {found[what]} found, {wanted} expected"
        for what, wanted in built.expected.items()
        if found[what] != wanted
    ]


def _named(wards: pd.DataFrame, level: str) -> int:
    return len(set(wards[f"{level}_code"]) - {""})


def key_faults(built: Built) -> list[str]:
    """Every table speaks of exactly the same areas, each once."""
    lsoas = set(built.lookup["lsoa_code"])
    tables = {"the LSOA table": built.lsoas, **built.source_tables}
    found = [
        _difference(what, table["lsoa_code"], lsoas, "the best-fit lookup")
        for what, table in tables.items()
    ]
    wards = set(built.hierarchy["ward_code"])
    outlined = pd.Series(sorted(built.outlined))
    for what, codes in (("the ward table", built.wards["ward_code"]), ("the boundaries", outlined)):
        found.append(_difference(what, codes, wards, "the hierarchy"))
    unknown = sorted(set(built.lookup["ward_code"]) - wards)
    found += _told(unknown, "wards of the best-fit lookup are of another vintage")
    if not built.wards["ward_code"].is_monotonic_increasing:
        found.append("the ward table is not sorted by ward_code")
    return [fault for fault in found if fault]


def _difference(what: str, codes: pd.Series, wanted: set[str], where: str) -> str:
    have = set(codes)
    parts = []
    if codes.duplicated().any():
        parts.append(f"repeats {codes[codes.duplicated()].iloc[0]}")
    if wanted - have:
        parts.append(f"lacks {len(wanted - have)} of {where}, such as {min(wanted - have)}")
    if have - wanted:
        parts.append(f"has {len(have - wanted)} that {where} lacks, such as {min(have - wanted)}")
    return f"{what} {'; '.join(parts)}" if parts else ""


def name_faults(built: Built) -> list[str]:
    """Names and parents of wards are those of the hierarchy, and of nothing else."""
    joined = built.wards.merge(built.hierarchy, on="ward_code", suffixes=("", "_source"))
    found = []
    for name in built.hierarchy.columns.drop("ward_code"):
        wrong = joined["ward_code"][joined[name] != joined[f"{name}_source"]]
        found += _told(wrong, f"wards have another {name} than the hierarchy")
    return found


def division_faults(built: Built) -> list[str]:
    """No authority is divided between two areas of a kind: an area is whole councils."""
    found = []
    for above in ("combined_authority", "county", "region"):
        holders = built.wards.groupby("authority_code")[f"{above}_code"].nunique()
        found += _told(holders.index[holders > 1], f"authorities have two {above}_code")
    return found


def shape_faults(built: Built) -> list[str]:
    """Wards merged by their authority's code lie where that authority lies, under its name."""
    shapes = built.authority_shapes
    code, named = shapes["authority_code"], shapes["authority_name"]
    unmatched = shapes["published_name"].isna() | named.isna()
    renamed = (shapes["published_name"] != named) & ~unmatched
    elsewhere = shapes["apart"] > _SHAPES_MAY_DIFFER
    return [
        *_told(code[unmatched], "authorities are in only one of ward and authority boundaries"),
        *_told(code[renamed], "authorities have another name in the authority boundaries"),
        *_told(code[elsewhere], "authorities are not where their wards are"),
    ]


def membership_faults(built: Built) -> list[str]:
    """Each LSOA is in the ward, and each ward in the authority, that the lookup says."""
    found = []
    joined = built.lsoas.merge(built.lookup, on="lsoa_code", suffixes=("", "_source"))
    for name in ("ward_code", "authority_code"):
        wrong = joined["lsoa_code"][joined[name] != joined[f"{name}_source"]]
        found += _told(wrong, f"LSOAs have another {name} than the lookup")
    wanted = built.lookup.groupby("ward_code").size()
    have = built.wards.set_index("ward_code")["small_areas"]
    miscounted = have.index[have != wanted.reindex(have.index, fill_value=0)]
    found += _told(miscounted, "wards have another number of small_areas than the lookup")
    second = built.authority_of.reindex(built.lsoas["lsoa_code"]).to_numpy()
    apart = built.lsoas["lsoa_code"][second != built.lsoas["authority_code"].to_numpy()]
    return found + _told(apart, "LSOAs have another authority in the deprivation file")


def missing_faults(built: Built) -> list[str]:
    """A ward without an LSOA has no figure at all; every other ward has every figure."""
    code, empty = built.wards["ward_code"], built.wards["small_areas"] == 0
    found = []
    for column in _figures():
        missing = built.wards[column.name].isna()
        filled = f"wards without an LSOA have a figure of {column.name} (missing is not zero)"
        found += _told(code[empty & ~missing], filled)
        if "wards" not in column.may_be_missing:
            found += _told(code[~empty & missing], f"wards with an LSOA have no {column.name}")
    return found


def _figures() -> list[Column]:
    return [c for c in columns_of("wards") if c.aggregate != "none" and c.name != "small_areas"]


def conservation_faults(built: Built) -> list[str]:
    """Nobody is lost or found in the join: per authority, against the source tables.

    Counts agree to the unit. A weighted mean times its weight agrees to one part in a billion.
    """
    sources = _source_by_authority(built)
    wards = built.wards
    found = []
    for column in _figures():
        if column.name not in sources or column.count:
            continue
        is_sum = column.aggregate == "sum"
        values = wards[column.name] if is_sum else wards[column.name] * wards[column.weight]
        have = values.groupby(wards["authority_code"]).sum()
        wanted = sources[column.name].reindex(have.index)
        allowed = 0.5 if is_sum else 1e-9 * wanted.abs().clip(lower=1)
        apart = have.index[~((have - wanted).abs() <= allowed)]
        if len(apart):
            found.append(
                f"{column.name} is not conserved in {len(apart)} authorities: {apart[0]} has "
                f"{have[apart[0]]:,.6g} in wards and {wanted[apart[0]]:,.6g} in the source"
            )
    return found


def _source_by_authority(built: Built) -> dict[str, pd.Series]:
    """Total each source column per authority, the authority as the deprivation file says it."""
    declared = {column.name: column for column in _figures()}
    weights = {
        name: table.set_index("lsoa_code")[name]
        for table in built.source_tables.values()
        for name in ("population", "households")
        if name in table.columns
    }
    totals = {}
    read = {name for table in built.source_tables.values() for name in table}
    # What was made from the sources together is compared with the table of small areas.
    made = built.lsoas.drop(columns=list((read & set(built.lsoas)) - {"lsoa_code"}))
    made = made.drop_duplicates("lsoa_code")
    for table in [*built.source_tables.values(), made]:
        by_lsoa = table.set_index("lsoa_code")
        authority = built.authority_of.reindex(by_lsoa.index)
        for name in by_lsoa.columns.intersection(list(declared)):
            values = by_lsoa[name]
            if declared[name].aggregate == "mean":
                values = values * weights[declared[name].weight].reindex(values.index)
            totals[name] = values.groupby(authority).sum()
    return totals


def single_area_faults(built: Built) -> list[str]:
    """A ward that rests on one LSOA has exactly that LSOA's figures: some 400 checks by hand."""
    single = built.wards[built.wards["small_areas"] == 1].set_index("ward_code")
    lsoas = built.lsoas.set_index("ward_code").loc[single.index]
    found = []
    for column in _figures():
        if column.name in lsoas:
            difference = (single[column.name] - lsoas[column.name]).abs()
            wrong = difference > 1e-9 * lsoas[column.name].abs().clip(lower=1)
            found += _told(single.index[wrong], f"wards with one LSOA have not its {column.name}")
    return found


def arithmetic_faults(built: Built) -> list[str]:
    """Parts do not exceed wholes, and a rate is its count over its total."""
    found = []
    for what, table in (("wards", built.wards), ("LSOAs", built.lsoas)):
        for rate in rates():
            part, whole = table[rate.count], table[rate.total]
            if (part > whole).any():
                found.append(f"{what}: {rate.count} exceeds {rate.total}")
            if ((table[rate.name] * whole - part).abs() > 1e-6).any():
                found.append(f"{what}: {rate.name} is not {rate.count} over {rate.total}")
        if (table["library_distance_km"] > table["second_library_distance_km"] + 1e-12).any():
            found.append(f"{what}: the second nearest library is nearer than the nearest")
    zero = built.lsoas[["population", "households"]].eq(0).any(axis=1)
    return found + _told(built.lsoas["lsoa_code"][zero], "LSOAs have no residents or no households")


def placement_faults(built: Built) -> list[str]:
    """Every small area has postcodes, and they lie in the authority that their ward is in."""
    placed = built.postcodes[built.postcodes["lsoa_code"] != ""]
    without = sorted(set(built.lsoas["lsoa_code"]) - set(placed["lsoa_code"]))
    found = _told(without, "LSOAs hold no postcode")
    by_ward = built.hierarchy.set_index("ward_code")["authority_code"]
    of_ward = placed["ward_code"].map(by_ward)
    of_area = placed["lsoa_code"].map(built.lookup.set_index("lsoa_code")["authority_code"])
    apart = (of_ward != of_area) & of_ward.notna()
    if apart.mean() > _PLACED_ELSEWHERE:
        found.append(
            f"{apart.mean():.1%} of postcodes were placed in another authority than their ward's, "
            f"such as those of {placed['lsoa_code'][apart].iloc[0]}"
        )
    return found


def library_faults(built: Built) -> list[str]:
    """Libraries count by their class, and what was not reported is not known, never far."""
    libraries = built.libraries
    classes = libraries["library_class"].isin([LIBRARY_SERVICE, COMMUNITY_RUN])
    by_class = classes & (libraries["coordinates_doubtful"] != "true")
    code, counted = libraries["library_id"], libraries["counts_for_access"] == "true"
    found = _told(code[counted != by_class], "libraries do not count as their class says")
    service = libraries["library_class"] == LIBRARY_SERVICE
    council = libraries["operation"].isin(["council", "commissioned"])
    staffed = libraries["staffed_hours_per_week"] != 0
    misread = (service & ~(council & staffed)) | (service & (libraries["open"] != "true"))
    community = libraries["library_class"] == COMMUNITY_RUN
    misread |= community & (council | ~(libraries["hours_per_week"] > 0))
    found += _told(
        code[misread], "libraries are in another class than who runs them and their hours say"
    )
    unknown = built.lsoas["authority_code"].isin(built.not_reported)
    for name in ("library_distance_km", "near_library_people"):
        if (built.lsoas[name].isna() != unknown).any():
            found.append(f"{name} is missing elsewhere than where libraries were not reported")
    return found


def class_faults(built: Built) -> list[str]:
    """A ward has the rural-urban class in which most of its residents live."""
    people = built.lsoas.groupby(["ward_code", "rural_urban"])["population"].sum()
    most = people.groupby("ward_code").transform("max")
    best = people[people == most].reset_index()
    pairs = set(zip(best["ward_code"], best["rural_urban"], strict=True))
    having = built.wards[built.wards["small_areas"] > 0]
    wrong = [
        code
        for code, said in zip(having["ward_code"], having["rural_urban"], strict=True)
        if (code, said) not in pairs
    ]
    return _told(wrong, "wards have another class than most of their residents")


def change_faults(built: Built) -> list[str]:
    """Against the last snapshot: the order of wards and the middle value have not jumped."""
    if built.previous is None:
        return []
    now = built.wards.set_index("ward_code")
    then = built.previous.set_index("ward_code")
    shared = now.index.intersection(then.index)
    found = []
    for column in _figures():
        if column.name not in then:
            continue
        pair = pd.DataFrame({"now": now[column.name], "then": then[column.name]}).loc[shared]
        pair = pair.dropna()
        if len(pair) < 3 or pair.nunique().min() < 2:
            continue
        correlation = float(pair["now"].corr(pair["then"], method="spearman"))
        before, after = float(pair["then"].median()), float(pair["now"].median())
        if correlation < 0.9 or abs(after - before) > 0.1 * max(abs(before), 1e-9):
            found.append(
                f"{column.name} changed more than a new edition should: rank correlation with "
                f"the last snapshot {correlation:.2f}, median {before:.4g} then, {after:.4g} now "
                "(if that is right, build with --accept-changes)"
            )
    return found


def outline_faults(outside: float) -> list[str]:
    """Fine outlines that are right hold their own postcodes: ``outside`` is the share they miss."""
    if np.isnan(outside) or outside <= _OUTSIDE_AT_MOST:
        return []
    return [
        f"{outside:.1%} of postcodes lie outside the outline of their own ward: the fine outlines "
        "are of another edition, or shifted"
    ]


CHECKS = (
    schema_faults,
    row_count_faults,
    key_faults,
    name_faults,
    division_faults,
    shape_faults,
    membership_faults,
    missing_faults,
    conservation_faults,
    single_area_faults,
    arithmetic_faults,
    placement_faults,
    library_faults,
    class_faults,
    context.council_faults,
    context.walking_faults,
    change_faults,
)


def raise_for(found: Sequence[str]) -> None:
    """Raise :class:`ChecksFailedError` with all faults, or return where there is none."""
    if found:
        raise ChecksFailedError(
            f"{len(found)} checks failed; nothing was published and the last snapshot stays:\n- "
            + "\n- ".join(found)
        )


class ChecksFailedError(PipelineError):
    """The tables are not fit to publish; the message lists every fault."""
