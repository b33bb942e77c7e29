"""Seeded faults: each is a mistake that somebody has made in such a join, and each must be seen."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipelines import distances
from pipelines.built import Built
from pipelines.checks import ChecksFailedError, faults, raise_for
from tests.sampling import sampled
from tests.toys import sources as toy

Change = Callable[[Built], Built]


def test_a_sound_build_has_no_fault() -> None:
    assert faults(toy.built()) == []


def _wards(edit: Callable[[pd.DataFrame], None]) -> Change:
    return _edited("wards", edit)


def _lsoas(edit: Callable[[pd.DataFrame], None]) -> Change:
    return _edited("lsoas", edit)


def _edited(table: str, edit: Callable[[pd.DataFrame], None]) -> Change:
    def change(built: Built) -> Built:
        frame = getattr(built, table).copy()
        edit(frame)
        return replace(built, **{table: frame})

    return change


def _set(column: str, row: int, value: object) -> Callable[[pd.DataFrame], None]:
    def edit(frame: pd.DataFrame) -> None:
        frame[column] = frame[column].astype(object)
        frame.loc[row, column] = value
        frame[column] = frame[column].infer_objects()

    return edit


def _scaled(column: str, factor: float) -> Callable[[pd.DataFrame], None]:
    def edit(frame: pd.DataFrame) -> None:
        frame[column] = frame[column] * factor

    return edit


def _swapped(column: str, first: int, second: int) -> Callable[[pd.DataFrame], None]:
    def edit(frame: pd.DataFrame) -> None:
        values = frame[column].to_numpy(copy=True)
        values[[first, second]] = values[[second, first]]
        frame[column] = values

    return edit


def _shifted(column: str) -> Callable[[pd.DataFrame], None]:
    def edit(frame: pd.DataFrame) -> None:
        frame[column] = np.roll(frame[column].to_numpy(), 1)

    return edit


def _without_ward_row(built: Built) -> Built:
    return replace(built, wards=built.wards.iloc[:-1])


def _with_doubled_ward_row(built: Built) -> Built:
    return replace(built, wards=pd.concat([built.wards, built.wards.iloc[[0]]], ignore_index=True))


def _without_small_area(built: Built) -> Built:
    return replace(built, lsoas=built.lsoas.iloc[:-1])


def _with_unsorted_wards(built: Built) -> Built:
    return replace(built, wards=built.wards.iloc[::-1].reset_index(drop=True))


def _with_source_cut_short(built: Built) -> Built:
    tables = dict(built.source_tables)
    tables["census_age"] = tables["census_age"].iloc[:-1]
    return replace(built, source_tables=tables)


def _with_source_of_another_vintage(built: Built) -> Built:
    tables = dict(built.source_tables)
    table = tables["census_tenure"].copy()
    table.loc[0, "lsoa_code"] = "E01999999"
    tables["census_tenure"] = table
    return replace(built, source_tables=tables)


def _with_lookup_of_another_vintage(built: Built) -> Built:
    lookup = built.lookup.copy()
    lookup.loc[0, "ward_code"] = "E05099999"
    return replace(built, lookup=lookup)


def _without_an_outline(built: Built) -> Built:
    return replace(built, outlined=built.outlined - {toy.WARDS[0]})


def _with_an_outline_too_many(built: Built) -> Built:
    return replace(built, outlined=built.outlined | {"E05000009"})


def _with_a_small_area_in_the_neighbour(built: Built) -> Built:
    """Totals of the authority stay right; only the number of small areas per ward shows it."""
    lsoas = built.lsoas.copy()
    lsoas.loc[1, "ward_code"] = toy.WARDS[1]
    return _rejoined(built, lsoas)


def _with_a_small_area_in_another_authority(built: Built) -> Built:
    lsoas = built.lsoas.copy()
    lsoas.loc[2, ["ward_code", "authority_code"]] = [toy.WARDS[2], "E06000002"]
    return _rejoined(built, lsoas)


def _rejoined(built: Built, lsoas: pd.DataFrame) -> Built:
    from pipelines.join import wards_from_lsoas, with_library_counts

    wards = wards_from_lsoas(toy.named_wards(), lsoas)
    return replace(built, lsoas=lsoas, wards=with_library_counts(wards, toy.libraries()))


def _with_plain_means(built: Built) -> Built:
    wards = built.wards.copy()
    means = built.lsoas.groupby("ward_code")["imd_score"].mean()
    wards["imd_score"] = wards["ward_code"].map(means)
    return replace(built, wards=wards)


def _with_residents_as_household_weights(built: Built) -> Built:
    lsoas, wards = built.lsoas, built.wards.copy()
    product = (lsoas["gigabit_unavailable_rate"] * lsoas["population"]).groupby(lsoas["ward_code"])
    total = lsoas.groupby("ward_code")["population"].sum()
    wards["gigabit_unavailable_rate"] = wards["ward_code"].map(product.sum() / total)
    return replace(built, wards=wards)


def _with_gaps_filled(built: Built) -> Built:
    return replace(built, wards=built.wards.fillna(0))


def _with_blank_ward(frame: pd.DataFrame) -> None:
    frame.loc[0, ["imd_score", "population"]] = float("nan")


def _with_a_divided_council(built: Built) -> Built:
    """The hierarchy itself is wrong, so the wards agree with it."""
    codes = ["", "", "E10000002", ""]
    return replace(
        built,
        wards=built.wards.assign(county_code=codes),
        hierarchy=built.hierarchy.assign(county_code=codes),
    )


def _with_second_opinion_apart(built: Built) -> Built:
    apart = built.authority_of.copy()
    apart.iloc[0] = "E06000002"
    return replace(built, authority_of=apart)


def _with_a_jump_since_last_time(built: Built) -> Built:
    previous = built.wards.copy()
    previous["library_distance_km"] = previous["library_distance_km"] * 3
    return replace(built, previous=previous)


def _with_an_order_turned_round(built: Built) -> Built:
    previous = built.wards.copy()
    previous["imd_score"] = 100 - previous["imd_score"]
    return replace(built, previous=previous)


def _libraries(edit: Callable[[pd.DataFrame], None]) -> Change:
    return _edited("libraries", edit)


def _beside(name: str, edit: Callable[[pd.DataFrame], None]) -> Change:
    def change(built: Built) -> Built:
        frame = built.beside[name].copy()
        edit(frame)
        return replace(built, beside={**built.beside, name: frame})

    return change


def _with_postcodes_of_a_swapped_lookup(built: Built) -> Built:
    """Every postcode in a small area, and every one in another council's."""
    swap = dict(zip(toy.LSOAS, toy.LSOAS[::-1], strict=True))
    codes = built.postcodes["lsoa_code"].map(swap)
    return replace(built, postcodes=built.postcodes.assign(lsoa_code=codes))


def _with_walking_areas_in_minutes(built: Built) -> Built:
    """Of 30 seconds rather than 30 minutes: hardly anybody is inside."""
    lsoas = built.beside["walking_lsoas.parquet"].copy()
    names = list(lsoas.columns[1:])
    lsoas[names] = lsoas[names] / 60
    wards = distances.of_wards(lsoas, built.lsoas, built.wards["ward_code"])
    tables = {"walking_lsoas.parquet": lsoas, "walking_wards.csv": wards}
    return replace(built, beside={**built.beside, **tables})


def _with_a_service_that_did_not_report(built: Built) -> Built:
    return replace(built, not_reported=frozenset({"E06000002"}))


def _with_walks_where_nothing_was_reported(built: Built) -> Built:
    """Everything else is as it should be for a service that did not report."""
    silent = built.lsoas["authority_code"] == "E06000002"
    names = ["library_distance_km", "second_library_distance_km", "near_library_people"]
    lsoas = built.lsoas.copy()
    lsoas.loc[silent, [*names, "near_library_rate"]] = np.nan
    made = _with_a_service_that_did_not_report(_rejoined(built, lsoas))
    unknown = made.wards["authority_code"].isin(made.not_reported)
    wards = made.wards.assign(border_with="")
    wards.loc[unknown, ["open_libraries", "library_hours_per_week"]] = np.nan
    return replace(made, wards=wards)


SEEDED: dict[str, Change] = {
    "a community library is read as the library service's": _libraries(
        _set("operation", 0, "community")
    ),
    "a library of the service has no staffed hours": _libraries(
        _set("staffed_hours_per_week", 0, 0.0)
    ),
    "an unstaffed library counts": _libraries(
        _set("library_class", 1, "unstaffed, or hours not stated")
    ),
    "a library that nobody can place counts": _libraries(_set("coordinates_doubtful", 0, "true")),
    "a closed library is in a class": _libraries(_set("library_class", 2, "library service")),
    "what was not reported is shown as far": _with_a_service_that_did_not_report,
    "a distance is missing although libraries were reported": _lsoas(
        _set("library_distance_km", 0, float("nan"))
    ),
    "a small area holds no postcode": lambda b: replace(b, postcodes=b.postcodes.iloc[1:]),
    "postcodes were placed by a swapped lookup": _with_postcodes_of_a_swapped_lookup,
    "more residents are near than there are": _lsoas(_scaled("near_library_people", 2)),
    "shares online are read as shares not online": _wards(
        lambda f: f.update(1 - f[["not_online_rate"]])
    ),
    "a household not online is lost": _wards(
        lambda f: _set("not_online_households", 0, f.loc[0, "not_online_households"] - 1)(f)
    ),
    "a town's ward is called rural": _wards(_set("rural_urban", 0, "Rural")),
    "walking areas are in other units": _with_walking_areas_in_minutes,
    "a longer walk reaches fewer": _beside("walking_lsoas.parquet", _scaled("walk_10_rate", 3)),
    "a ward's walks are another's": _beside("walking_wards.csv", _swapped("walk_20_rate", 0, 1)),
    "walks are known where libraries were not reported": _with_walks_where_nothing_was_reported,
    "a recoded council has no figure": _beside(
        "councils.csv", _set("council_gigabit_rate", 1, float("nan"))
    ),
    "a ward is missing": _without_ward_row,
    "a ward stands twice": _with_doubled_ward_row,
    "wards are not sorted": _with_unsorted_wards,
    "a small area is missing": _without_small_area,
    "a small area stands twice": lambda b: replace(
        b, lsoas=pd.concat([b.lsoas, b.lsoas.iloc[[0]]], ignore_index=True)
    ),
    "a source lacks a small area": _with_source_cut_short,
    "a source is of another vintage": _with_source_of_another_vintage,
    "the lookup names wards of another vintage": _with_lookup_of_another_vintage,
    "a ward has no outline": _without_an_outline,
    "an outline has no ward": _with_an_outline_too_many,
    "a small area is in the neighbouring ward": _with_a_small_area_in_the_neighbour,
    "a small area is in another authority": _with_a_small_area_in_another_authority,
    "the deprivation file has another authority": _with_second_opinion_apart,
    "an authority lies elsewhere": _edited("authority_shapes", _set("apart", 0, 0.4)),
    "an authority has another name": _edited(
        "authority_shapes", _set("published_name", 0, "Eastshire")
    ),
    "an authority has no outline": _edited(
        "authority_shapes", _set("published_name", 1, float("nan"))
    ),
    "a ward code is malformed": _wards(_set("ward_code", 0, "E0500001")),
    "an LSOA code is Welsh": _lsoas(_set("lsoa_code", 0, "W01000001")),
    "a ward carries another's name": _wards(_swapped("ward_name", 0, 1)),
    "a ward is in another authority": _wards(_set("authority_code", 0, "E06000002")),
    "a ward is in another region": _wards(_set("region_code", 0, "E12000009")),
    "a ward is in another county": _wards(_set("county_code", 0, "E10000002")),
    "a council is in two counties": _with_a_divided_council,
    "a county is missing": _wards(lambda f: f.update({"county_code": [""] * 4})),
    "a county code is a council's": _wards(_set("county_code", 2, "E06000002")),
    "a name holds a template": _wards(_set("ward_name", 0, "{{ 7 * 7 }}")),
    "a library's name holds markup": _edited(
        "libraries", _set("library_name", 0, "<img src=x onerror=alert(1)>")
    ),
    "two wards' residents are swapped": _wards(_swapped("population", 0, 1)),
    "a column slid by one row": _wards(_shifted("disabled_people")),
    "one person is lost": _wards(lambda f: _set("population", 0, f.loc[0, "population"] - 1)(f)),
    "one household is found": _wards(
        lambda f: _set("households", 2, f.loc[2, "households"] + 1)(f)
    ),
    "income-deprived people are counted twice": _wards(_scaled("income_deprived_people", 2)),
    "a percentage is read as a share": _wards(_scaled("low_skills_rate", 100)),
    "a share is negative": _wards(_scaled("superfast_unavailable_rate", -1)),
    "a score is turned round": _wards(lambda f: f.update(100 - f[["imd_score"]])),
    "a score is infinite": _wards(_set("imd_score", 0, float("inf"))),
    "a distance is in metres": _wards(_scaled("library_distance_km", 1000)),
    "means are not weighted": _with_plain_means,
    "households are weighted by residents": _with_residents_as_household_weights,
    "missing became zero": _with_gaps_filled,
    "one missing figure became zero": _wards(_set("imd_score", 3, 0.0)),
    "libraries are counted in a ward without data": _wards(_set("open_libraries", 3, 0.0)),
    "a ward with data lost it": _wards(_with_blank_ward),
    "small areas are miscounted": _wards(_set("small_areas", 0, 3)),
    "a rate is not its count over its total": _wards(_scaled("age_75_plus_rate", 1.01)),
    "a part exceeds its whole": _lsoas(_scaled("disabled_people", 50)),
    "the second library is the nearer": _lsoas(
        lambda f: f.update(
            f[["library_distance_km"]].rename(
                columns={"library_distance_km": "second_library_distance_km"}
            )
            * 0.5
        )
    ),
    "a small area has no residents": _lsoas(_set("population", 0, 0.0)),
    "a withheld count became zero": _lsoas(_set("income_deprived_people", 1, 0.0)),
    "a ward on one small area differs from it": _wards(_set("low_skills_rate", 1, 0.21)),
    "figures jumped since the last snapshot": _with_a_jump_since_last_time,
    "the order turned round since the last snapshot": _with_an_order_turned_round,
}


@pytest.mark.parametrize("name", sampled(SEEDED, 8))
def test_every_seeded_fault_is_seen(name: str) -> None:
    found = faults(SEEDED[name](toy.built()))
    assert found, name
    assert all(len(fault) > 20 for fault in found)


def test_at_least_forty_faults_are_seeded() -> None:
    assert len(SEEDED) >= 40


def test_all_faults_are_reported_at_once() -> None:
    broken = SEEDED["a ward is missing"](SEEDED["one person is lost"](toy.built()))
    with pytest.raises(ChecksFailedError) as caught:
        raise_for(faults(broken))
    message = str(caught.value)
    assert "wards: 3 found, 4 expected" in message
    assert "population is not conserved" in message
    assert "the last snapshot stays" in message


def test_an_unchanged_snapshot_is_no_jump() -> None:
    built = toy.built()
    assert faults(replace(built, previous=built.wards)) == []


def _shuffled_sources(built: Built) -> Built:
    tables = {key: table.iloc[::-1] for key, table in built.source_tables.items()}
    return replace(built, source_tables=tables)


def _with_a_small_new_edition(built: Built) -> Built:
    previous = built.wards.copy()
    previous["imd_score"] = previous["imd_score"] * 1.02
    return replace(built, previous=previous)


HARMLESS: dict[str, Change] = {
    "nothing": lambda built: built,
    "the last snapshot is the same": lambda b: replace(b, previous=b.wards),
    "a new edition that moves figures a little": _with_a_small_new_edition,
    "the last snapshot lacks a column": lambda b: replace(
        b, previous=b.wards.drop(columns="imd_score")
    ),
    "the last snapshot has other wards": lambda b: replace(b, previous=b.wards.iloc[1:]),
    "sources in another order": _shuffled_sources,
    "the lookup in another order": lambda b: replace(b, lookup=b.lookup.iloc[::-1]),
    "the hierarchy in another order": lambda b: replace(b, hierarchy=b.hierarchy.iloc[::-1]),
    "columns in another order": lambda b: replace(b, wards=b.wards[b.wards.columns[::-1]]),
    "another column": lambda b: replace(b, wards=b.wards.assign(more=1.0)),
    "the last digit of a sum": _wards(_scaled("imd_score", 1 + 1e-13)),
    "outlines apart by generalisation": _edited("authority_shapes", _set("apart", 0, 0.04)),
    "a name with an apostrophe and an ampersand": lambda b: replace(
        b,
        wards=b.wards.assign(ward_name=["St Ann's & Park", "Park", "Castle", "Quay"]),
        hierarchy=b.hierarchy.assign(ward_name=["St Ann's & Park", "Park", "Castle", "Quay"]),
    ),
    "numbers of areas that are not declared": lambda b: replace(b, expected={}),
}


@pytest.mark.parametrize("name", sampled(HARMLESS, 4))
def test_what_is_sound_raises_no_alarm(name: str) -> None:
    assert faults(HARMLESS[name](toy.built())) == []
