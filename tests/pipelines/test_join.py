import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from pipelines import distances
from pipelines.checks import outline_faults
from pipelines.join import wards_from_lsoas, weighted_mean, with_library_counts
from tests.toys import sources as toy


@pytest.fixture
def wards() -> pd.DataFrame:
    return toy.built().wards.set_index("ward_code")


def test_counts_are_summed_over_the_small_areas_of_a_ward(wards: pd.DataFrame) -> None:
    assert wards.loc[toy.WARDS[0], "population"] == 4000
    assert wards.loc[toy.WARDS[2], "disabled_people"] == 170 + 230 + 390


def test_rates_are_the_sum_of_counts_over_the_sum_of_residents(wards: pd.DataFrame) -> None:
    # (50 + 350) of (1,000 + 3,000), not the mean of 5% and 11.7%.
    assert wards.loc[toy.WARDS[0], "age_75_plus_rate"] == 0.1


def test_scores_are_means_weighted_by_residents(wards: pd.DataFrame) -> None:
    # (10 x 1,000 + 20 x 3,000) / 4,000
    assert wards.loc[toy.WARDS[0], "imd_score"] == 17.5


def test_broadband_is_weighted_by_households(wards: pd.DataFrame) -> None:
    # (0.2 x 400 + 0.4 x 1,200) / 1,600
    assert wards.loc[toy.WARDS[0], "gigabit_unavailable_rate"] == pytest.approx(0.35)


def test_a_withheld_count_leaves_the_sum_of_the_others_and_a_flag(wards: pd.DataFrame) -> None:
    assert wards.loc[toy.WARDS[0], "income_deprived_people"] == 100
    assert wards.loc[toy.WARDS[0], "income_suppressed_areas"] == 1
    assert wards.loc[toy.WARDS[2], "income_suppressed_areas"] == 0


def test_a_ward_without_a_small_area_keeps_its_row_with_nothing_known(wards: pd.DataFrame) -> None:
    quay = wards.loc[toy.WARDS[3]]
    assert quay["small_areas"] == 0
    assert quay["fit"] == "none"
    for name in ("population", "income_deprived_rate", "open_libraries", "near_library_people"):
        assert math.isnan(quay[name]), name


def test_the_fit_grade_counts_small_areas(wards: pd.DataFrame) -> None:
    assert wards["fit"].tolist() == ["fair", "weak", "good", "none"]


def test_distances_are_straight_lines_from_the_centroids() -> None:
    # Libraries stand on the first and the last of six centroids, 1,000 m apart.
    found = distances.distances(
        toy.tables()["lsoa_centroids"]
        .merge(toy.tables()["census_age"], on="lsoa_code")
        .merge(toy.lookup(), on="lsoa_code"),
        toy.libraries(),
        toy.postcodes(),
        set(),
    )
    assert found["library_distance_km"].tolist() == [0, 1, 2, 2, 1, 0]
    assert found["second_library_distance_km"].tolist() == [5, 4, 3, 3, 4, 5]
    # One mile is 1.609 km: a, b, e and f are near.
    assert found["near_library_people"].tolist() == [1000, 3000, 0, 0, 1000, 2000]


def test_two_libraries_in_one_building_are_one_place() -> None:
    venues = toy.libraries()
    twin = venues.iloc[[0]].assign(library_id="L0000000009", easting=400_010.0)
    lsoas = toy.tables()["lsoa_centroids"].assign(population=1.0, authority_code="")
    both = pd.concat([venues, twin], ignore_index=True)
    found = distances.distances(lsoas, both, toy.postcodes(), set())
    assert found["second_library_distance_km"].iloc[0] == 5


def test_a_closed_library_brings_nobody_within_reach(wards: pd.DataFrame) -> None:
    # The closed reading room stands on c's centroid.
    assert wards.loc[toy.WARDS[1], "near_library_people"] == 0
    assert wards.loc[toy.WARDS[1], "open_libraries"] == 0


def test_residents_are_spread_over_the_postcodes_of_their_small_area() -> None:
    # Of d's four postcodes one stands 1,025 m from the library of f, the others beyond the mile.
    spread = pd.DataFrame({"lsoa_code": toy.LSOAS[3], "easting": [404_000.0, *[403_000.0] * 3]})
    homes = pd.concat([toy.postcodes(), spread.assign(northing=300_000.0)]).iloc[1:]
    homes = homes[homes["postcode"] != "AA1 1AD"]
    lsoas = toy.lsoa_table().set_index("lsoa_code").loc[toy.LSOAS].reset_index()
    found = distances.distances(lsoas, toy.libraries(), homes, set()).set_index("lsoa_code")
    assert found.loc[toy.LSOAS[3], "near_library_people"] == 250


def test_what_a_silent_service_has_is_not_known() -> None:
    silent = toy.libraries()[lambda table: table["authority_code"] != "E06000002"]
    wards = toy.named_wards().assign(county_code="")
    neighbours = silent.assign(ward_code=toy.WARDS[3])
    assert distances.not_reported(neighbours, wards) == set()
    unknown = distances.not_reported(silent, wards)
    assert unknown == {"E06000002"}
    assert distances.not_reported(silent, wards.assign(county_code="E06000001")) == set()
    both = pd.concat([silent, silent.assign(library_id="L4", postcode="", easting=401_000.0)])
    found = distances.distances(toy.lsoa_table(), both, toy.postcodes(), unknown)
    assert found["near_library_people"].isna().tolist() == [False] * 3 + [True] * 3
    assert found["nearest_library"].tolist()[3:] == ["", "", ""]
    counted = with_library_counts(wards.assign(small_areas=1), silent, unknown)
    assert counted["open_libraries"].isna().tolist() == [False, False, True, True]


def test_three_small_areas_that_stand_for_homes_elsewhere_are_a_fair_fit() -> None:
    lsoas = toy.lsoa_table()
    lsoas.loc[3, "postcodes_elsewhere"] = 1.0  # of the three postcodes of d, e and f
    assert wards_from_lsoas(toy.named_wards(), lsoas)["fit"].tolist() == [
        *("fair", "weak", "fair", "none")
    ]


def test_a_postcode_lies_in_the_small_area_whose_outline_holds_it() -> None:
    outlines = gpd.GeoDataFrame(
        {"lsoa_code": ["a", "b"]}, geometry=[box(0, 0, 9, 9), box(9, 0, 18, 9)], crs="EPSG:27700"
    )
    places = pd.DataFrame({"easting": [1.0, 9, 12, 99, np.nan], "northing": [1.0, 1, 1, 1, np.nan]})
    found = distances.postcodes_in_small_areas(places, outlines)
    assert found["lsoa_code"].tolist() == ["a", "a", "b", "", ""]


def test_coordinates_of_another_library_are_not_counted_until_the_postcode_is_known() -> None:
    venues = toy.libraries()
    venues.loc[1, ["easting", "northing"]] = [400_000.0, 300_000.0]
    known = pd.DataFrame(
        {"postcode": ["AA11AA"], "easting": 4e5, "northing": 3e5, "ward_code": [toy.WARDS[0]]}
    )
    placed = distances.placed_by_postcode(venues, known)
    assert placed["coordinates_doubtful"].tolist() == [False, True, False]
    assert placed["counts_for_access"].tolist() == [True, False, False]


def test_a_library_far_from_its_postcode_is_moved_there_and_flagged() -> None:
    postcodes = pd.DataFrame(
        {
            "postcode": ["AA11AA", "BB11BB"],
            "easting": [400_050.0, 412_000.0],
            "northing": [300_000.0, 300_000.0],
            "ward_code": [toy.WARDS[0], toy.WARDS[2]],
        }
    )
    placed = distances.placed_by_postcode(toy.libraries(), postcodes)
    assert placed["coordinates_from"].tolist() == ["published", "postcode", "published"]
    assert not placed["coordinates_doubtful"].any()
    assert placed["easting"].tolist() == [400_000.0, 412_000.0, 402_000.0]
    assert placed["ward_code"].tolist() == [toy.WARDS[0], toy.WARDS[2], ""]


def test_postcodes_outside_the_outline_of_their_ward_are_counted() -> None:
    wards = gpd.GeoDataFrame(
        {"ward_code": ["E05000001"]}, geometry=[box(0, 0, 100, 100)], crs="EPSG:27700"
    )
    nan = float("nan")
    places = pd.DataFrame(
        {
            "ward_code": ["E05000001"] * 5 + ["", "E05000009"],
            "easting": [10.0, 50, 99, 150, nan, 500, 500],
            "northing": [10.0, 50, 99, 50, nan, 500, 500],
        }
    )
    # One of the four that have a place and a ward with an outline.
    assert distances.postcodes_outside(places, wards) == 0.25
    assert math.isnan(distances.postcodes_outside(places, None))
    assert outline_faults(0.25) and not outline_faults(0.004) and not outline_faults(nan)


def test_hours_that_no_library_reports_are_missing_and_no_library_is_zero() -> None:
    venues = toy.libraries()
    venues.loc[1, "staffed_hours_per_week"] = 0.0  # as services write of community libraries
    venues.loc[1, "hours_known"] = False
    bare = toy.named_wards().assign(small_areas=[2, 1, 3, 0])
    hours = with_library_counts(bare, venues)["library_hours_per_week"]
    assert hours.iloc[0] == 40
    assert hours.iloc[1] == 0
    assert math.isnan(hours.iloc[2])
    assert math.isnan(hours.iloc[3])


@pytest.mark.slow
@settings(max_examples=25)
@given(st.data())
def test_however_small_areas_are_dealt_to_wards_nobody_is_lost(data: st.DataObject) -> None:
    lsoas = toy.lsoa_table()
    lsoas["ward_code"] = [data.draw(st.sampled_from(toy.WARDS)) for _ in range(len(lsoas))]
    wards = wards_from_lsoas(toy.named_wards(), lsoas)
    for name in ("population", "disabled_people", "income_deprived_people", "households"):
        assert wards[name].sum() == lsoas[name].sum()
    product = (wards["imd_score"] * wards["population"]).sum()
    assert product == pytest.approx((lsoas["imd_score"] * lsoas["population"]).sum())


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(1, 5000)), min_size=1, max_size=30))
def test_a_weighted_mean_lies_between_the_least_and_the_most(rows: list[tuple]) -> None:
    frame = pd.DataFrame(rows, columns=["rate", "people"]).assign(ward_code="E05000001")
    mean = weighted_mean(frame, "rate", "people").iloc[0]
    assert frame["rate"].min() - 1e-12 <= mean <= frame["rate"].max() + 1e-12


def test_the_order_of_the_small_areas_does_not_matter() -> None:
    lsoas = toy.lsoa_table()
    shuffled = lsoas.iloc[np.random.default_rng(7).permutation(len(lsoas))]
    pd.testing.assert_frame_equal(
        wards_from_lsoas(toy.named_wards(), lsoas), wards_from_lsoas(toy.named_wards(), shuffled)
    )
