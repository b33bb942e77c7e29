"""Facts about the committed snapshot, and about England."""

import hashlib
import json
import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from atlas.access.distance import library_venues
from atlas.catalogue.columns import columns_of
from atlas.catalogue.sources import declared_sources
from atlas.places.areas import declared_areas
from atlas.places.places import Places
from atlas.places.postcodes import Postcodes
from atlas.risk.scorer import with_derived_columns
from atlas.snapshot import snapshot
from atlas.snapshot.snapshot import DATA, Snapshot
from pipelines.publish.snapshot_files import faults_in_snapshot


@pytest.fixture(scope="module")
def data() -> Snapshot:
    return snapshot.load()


def test_every_committed_file_is_what_the_manifest_says() -> None:
    assert faults_in_snapshot(DATA) == []


def test_the_snapshot_stays_small_enough_to_commit() -> None:
    assert sum(path.stat().st_size for path in DATA.rglob("*") if path.is_file()) < 30_000_000


def test_there_are_6817_wards_each_once_and_sorted(data: Snapshot) -> None:
    codes = data.wards["ward_code"]
    assert len(codes) == 6817
    assert codes.is_unique
    assert codes.is_monotonic_increasing


def test_every_declared_column_is_published_and_nothing_else(data: Snapshot) -> None:
    tables = {"wards": data.wards, "lsoas": data.lsoas, "libraries": data.libraries}
    for name, table in tables.items():
        assert list(table.columns) == [column.name for column in columns_of(name)]


def test_the_33_wards_without_a_small_area_have_no_figures(data: Snapshot) -> None:
    empty = data.wards[data.wards["small_areas"] == 0]
    assert len(empty) == 33
    assert (empty["authority_name"] == "City of London").sum() == 20
    assert (empty["authority_name"] == "Isles of Scilly").sum() == 4
    figures = [c.name for c in columns_of("wards") if c.measure or c.name == "population"]
    assert empty[figures].isna().all().all()


def test_the_residents_of_england_are_all_there(data: Snapshot) -> None:
    assert data.wards["population"].sum() == 56_490_044
    assert data.lsoas["population"].sum() == 56_490_044


def test_shares_of_england_match_the_publishers(data: Snapshot) -> None:
    wards = data.wards
    older = wards["age_65_74_people"].sum() + wards["age_75_plus_people"].sum()
    assert round(older / wards["population"].sum(), 3) == 0.184
    assert round(wards["disabled_people"].sum() / wards["population"].sum(), 3) == 0.173
    weight = wards["households"] / wards["households"].sum()
    assert round((weight * (1 - wards["superfast_unavailable_rate"])).sum(), 3) == 0.972
    assert round((weight * (1 - wards["gigabit_unavailable_rate"])).sum(), 3) == 0.797


def test_published_scores_of_four_small_areas(data: Snapshot) -> None:
    scores = data.lsoas.set_index("lsoa_code")["imd_score"]
    assert scores["E01000001"] == 8.742
    assert scores["E01012049"] == 16.475
    assert scores["E01021988"] == 94.223
    assert scores["E01015834"] == 8.314
    assert scores.idxmax() == "E01021988"


def test_403_wards_rest_on_one_small_area_and_carry_its_score(data: Snapshot) -> None:
    single = data.wards[data.wards["small_areas"] == 1]
    assert len(single) == 403
    assert (single["fit"] == "weak").all()
    scores = data.lsoas.set_index("ward_code")["imd_score"]
    assert single["imd_score"].tolist() == scores.loc[single["ward_code"]].tolist()


def test_places_of_2024_and_combined_authorities_of_2025(data: Snapshot) -> None:
    wards = data.wards
    assert wards["authority_code"].nunique() == 296
    assert wards["region_code"].nunique() == 9
    combined = wards.loc[wards["combined_authority_code"] != ""]
    assert combined["combined_authority_code"].nunique() == 15
    south_yorkshire = combined[combined["combined_authority_name"] == "South Yorkshire"]
    assert sorted(south_yorkshire["authority_name"].unique()) == [
        "Barnsley",
        "Doncaster",
        "Rotherham",
        "Sheffield",
    ]


def test_open_libraries_are_of_three_classes_and_the_first_two_count(data: Snapshot) -> None:
    libraries = data.libraries
    walk_in = libraries["library_type"].isin(["static library", "static local history library"])
    assert ((libraries["open"] == "true") & walk_in).sum() == 2895
    classes = libraries["library_class"].value_counts()
    assert classes["library service"] == 2378
    assert classes["community-run"] == 476
    assert classes["unstaffed, or hours not stated"] == 41
    counted = libraries[libraries["counts_for_access"] == "true"]
    assert len(counted) == 2378 + 476
    assert counted["easting"].notna().all()
    assert (counted["ward_code"] != "").all()


def _share_near(data: Snapshot, authority: str) -> float:
    wards = data.wards[data.wards["authority_name"] == authority]
    return float(wards["near_library_people"].sum() / wards["population"].sum())


@pytest.mark.parametrize("authority", ["Doncaster", "South Tyneside", "Gosport", "Sheffield"])
def test_where_communities_run_libraries_most_people_are_near_one(
    data: Snapshot, authority: str
) -> None:
    assert _share_near(data, authority) > 0.8


def test_the_library_service_alone_leaves_community_libraries_out(data: Snapshot) -> None:
    wards = data.wards.assign(near=data.wards["near_service_rate"] * data.wards["population"])
    share = wards.groupby("authority_name")[["near", "population"]].sum()
    # Four of Doncaster's libraries are the service's own; Leeds has hardly any other.
    assert share.loc["Doncaster", "near"] / share.loc["Doncaster", "population"] < 0.25
    assert share.loc["Leeds", "near"] / share.loc["Leeds", "population"] > 0.6
    both = data.wards[["near_service_rate", "near_library_rate"]].dropna()
    assert (both["near_service_rate"] <= both["near_library_rate"] + 0.01).all()


def test_areas_of_other_kinds_lead_to_small_areas_of_today(data: Snapshot) -> None:
    changed = data.lookup("lookup_lsoa_2011")
    assert set(changed["lsoa_code"]) <= set(data.lsoas["lsoa_code"])
    assert not set(changed["lsoa11_code"]) & set(data.lsoas["lsoa_code"])
    msoas = data.lookup("lookup_msoa")
    assert len(msoas) == 6856 and msoas["msoa_code"].is_unique
    assert set(data.lsoas["lsoa_name"].str[:-1]) == set(msoas["msoa_name"])


def test_residents_of_every_area_are_the_sum_of_its_councils(data: Snapshot) -> None:
    places = Places(data.wards)
    people = data.wards["population"].to_numpy()
    councils = data.wards.groupby("authority_code")["population"].sum()
    areas = [area for area in declared_areas().values() if area.councils]
    assert {area.code for area in areas} >= {"sussex-and-brighton", "east-surrey", "greater-essex"}
    for area in areas:
        assert np.nansum(people[places.positions(area.code)]) == councils[list(area.councils)].sum()
    for county, rows in data.wards.groupby("county_code"):
        if county:
            inside = councils[rows["authority_code"].unique()].sum()
            assert np.nansum(people[places.positions(str(county))]) == inside


def test_what_a_service_did_not_report_is_not_known(data: Snapshot) -> None:
    assert data.provenance["findings"]["library_services_not_reported"] == ["E06000053"]
    scilly = data.wards[data.wards["authority_name"] == "Isles of Scilly"]
    names = ["near_library_people", "near_library_rate", "library_distance_km", "open_libraries"]
    assert scilly[names].isna().all().all()
    elsewhere = data.wards[(data.wards["small_areas"] > 0) & ~data.wards.index.isin(scilly.index)]
    assert elsewhere[names].notna().all().all()


def test_a_ward_has_a_true_fraction_near_a_library(data: Snapshot) -> None:
    rates = data.lsoas["near_library_rate"].dropna()
    assert 0.1 < ((rates > 0) & (rates < 1)).mean() < 0.4
    assert _share_near(data, "South Oxfordshire") == pytest.approx(0.59, abs=0.01)


def test_libraries_of_one_postcode_have_a_place_and_an_id_each(data: Snapshot) -> None:
    venues = {venue.name: venue for venue in library_venues(data.libraries)}
    oakham, museum = venues["Oakham"], venues["Rutland County Museum"]
    assert oakham.venue_id != museum.venue_id and oakham.staffed_hours == 44


def test_households_not_online_are_six_in_a_hundred(data: Snapshot) -> None:
    wards = data.wards
    share = wards["not_online_households"].sum() / wards["households"].sum()
    assert share == pytest.approx(0.060, abs=0.001)
    assert data.lsoas["not_online_rate"].notna().all()


def test_wards_by_the_border_say_so(data: Snapshot) -> None:
    wards = data.wards.set_index("ward_name")
    assert wards.loc["Norham and Islandshires", "border_with"] == "Scotland"
    herefordshire = data.wards[data.wards["authority_name"] == "Herefordshire, County of"]
    assert "Wales" in set(herefordshire["border_with"])
    assert set(data.wards["border_with"]) == {"", "Wales", "Scotland"}


def test_rural_and_urban_wards(data: Snapshot) -> None:
    wards = data.wards.set_index(["authority_name", "ward_name"])["rural_urban"]
    assert wards["Manchester", "Hulme"].startswith("Urban")
    assert wards.str.startswith(("Smaller rural", "Larger rural")).sum() == 1703
    assert (wards == "").sum() == 33


def test_councils_have_newer_figures_and_neighbours_in_statistics(data: Snapshot) -> None:
    councils = data.councils.set_index("authority_code")
    assert len(councils) == 296 and councils.notna().all().all()
    assert councils.loc["E07000037", "council_gigabit_rate"] == pytest.approx(0.85, abs=0.01)
    alike = councils.loc["E08000016", "similar_global"].split()
    assert "E08000016" not in alike and set(alike) <= set(councils.index)


def test_walking_time_is_known_where_every_library_near_has_an_area(data: Snapshot) -> None:
    people = data.wards.set_index("ward_code")["population"]
    walking = data.walking.set_index("ward_code").assign(population=people)
    known = walking["walk_30_rate"].notna()
    assert walking["population"][known].sum() / walking["population"].sum() > 0.7
    sheffield = data.wards["ward_code"][data.wards["authority_name"] == "Sheffield"]
    assert walking.loc[sheffield, "walk_30_rate"].isna().all()
    assert (walking["walk_10_rate"] <= walking["walk_20_rate"])[known].all()


def test_wrongly_placed_libraries_are_moved_and_named(data: Snapshot) -> None:
    named = " ".join(data.provenance["findings"]["libraries_placed_by_postcode"])
    for library in ("Uffculme", "Cheadle", "Erdington"):
        assert library in named
    assert data.provenance["findings"]["libraries_not_placed"] == []


def test_no_mail_address_is_published() -> None:
    text = (DATA / "libraries.csv").read_text(encoding="utf-8")
    assert re.findall(r"[\w.]+@[\w.]+", text) == []


def test_postcodes_lead_to_published_wards(data: Snapshot) -> None:
    postcodes = Postcodes.load(data.path("postcodes.parquet"))
    assert len(postcodes) == 1_489_907
    hit = postcodes.find("M1 1AD")
    assert hit is not None
    ward = data.wards.set_index("ward_code").loc[hit.ward_code]
    assert ward["authority_name"] == "Manchester"
    assert hit.easting is not None and hit.northing is not None
    # Several postcodes share its 50 m square; the nearest to its middle is one of them.
    near = postcodes.find(postcodes.nearest_in_ward(hit.ward_code, hit.easting, hit.northing))
    assert near is not None and (near.easting, near.northing) == (hit.easting, hit.northing)
    away = postcodes.find(postcodes.nearest_in_ward(hit.ward_code, 600_000, 100_000))
    assert away is not None and away.ward_code == hit.ward_code
    assert postcodes.nearest_in_ward("E05999999", hit.easting, hit.northing) == ""


def test_boundaries_cover_the_same_places(data: Snapshot) -> None:
    wards = gpd.read_file(data.path("boundaries_wards.geojson"))
    assert wards["ward_code"].tolist() == data.wards["ward_code"].tolist()
    assert wards.geometry.is_valid.all()
    authorities = gpd.read_file(data.path("boundaries_authorities.geojson"))
    assert set(authorities["authority_code"]) == set(data.wards["authority_code"])
    combined = gpd.read_file(data.path("boundaries_combined_authorities.geojson"))
    assert len(combined) == 15
    lsoas = gpd.read_parquet(data.path("boundaries_lsoas.parquet"))
    assert lsoas["lsoa_code"].tolist() == data.lsoas["lsoa_code"].tolist()


def test_nearly_every_postcode_lies_in_the_fine_outline_of_its_ward(data: Snapshot) -> None:
    assert 0 < data.provenance["findings"]["postcodes_outside_their_ward"] < 0.005


def test_every_source_used_is_named_with_licence_and_hash(data: Snapshot) -> None:
    used = data.provenance["sources"]
    assert set(used) <= set(declared_sources())
    for key, source in used.items():
        assert len(source["sha256"]) == 64, key
        # Names of places and walking areas alone come under other licences.
        names = {"council_names": "MIT", "towns": "CC-BY-4.0", "neighbourhood_names": "OPL-3.0"}
        names |= {"walking_areas": "ODbL-1.0"}
        assert source["licence"] == names.get(key, "OGL-UK-3.0"), key
        assert source["attribution"] == declared_sources()[key].attribution, key


def test_a_damaged_file_is_noticed_on_loading(tmp_path: Path) -> None:
    for name in ("provenance.json", "wards.csv", "lsoas.parquet", "libraries.csv"):
        (tmp_path / name).write_bytes((DATA / name).read_bytes())
    (tmp_path / "wards.csv").write_bytes((DATA / "wards.csv").read_bytes()[:-100])
    with pytest.raises(snapshot.SnapshotError, match=r"wards\.csv is not the file"):
        snapshot.load(tmp_path)


def test_a_missing_snapshot_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(snapshot.SnapshotError, match="python -m pipelines build"):
        snapshot.load(tmp_path / "nowhere")


def test_a_snapshot_from_before_a_column_was_declared_can_be_compared_but_not_shown(
    tmp_path: Path,
) -> None:
    for path in (*DATA.glob("*.csv"), *DATA.glob("*.json"), DATA / "lsoas.parquet"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    older = pd.read_csv(DATA / "wards.csv", dtype=str, keep_default_na=False)
    (tmp_path / "wards.csv").write_bytes(
        older.drop(columns="age_75_plus_rate").to_csv(index=False).encode()
    )
    manifest = json.loads((tmp_path / "provenance.json").read_text())
    digest = hashlib.sha256((tmp_path / "wards.csv").read_bytes()).hexdigest()
    manifest["outputs"]["wards.csv"]["sha256"] = digest
    (tmp_path / "provenance.json").write_text(json.dumps(manifest))
    found = snapshot.load_earlier(tmp_path)
    assert "age_75_plus_rate" not in found.wards and found.wards["population"].sum() == 56_490_044
    with pytest.raises(snapshot.SnapshotError, match="no column age_75_plus_rate"):
        snapshot.load(tmp_path)


def test_overall_risk_is_the_index_with_its_standard_weights(data: Snapshot) -> None:
    wards = with_derived_columns(data).wards
    assert wards["risk_score"].isna().sum() == 33
    assert wards["risk_score"].between(0, 100).sum() == 6784
    # Higher is more need: income deprivation and risk go together.
    assert wards["risk_score"].corr(wards["income_deprived_rate"]) > 0.3
    assert "risk_score" not in data.wards
