from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

from pipelines.place_names import (
    council_names,
    neighbourhood_names,
    small_area_names,
    town_names,
)
from pipelines.readers import name_lists
from pipelines.readers.fields import ReadError
from tests.pipelines.published_files import write_csv

COUNCILS = ["gss-code", "official-name", "nice-name", "alt-names"]
TOWNS = ["name", "longitude", "latitude", "admin1code", "population"]
NEIGHBOURHOODS = ["msoa21cd", "msoa21hclnm"]


def test_every_name_of_a_council_leads_to_it_or_to_its_successor(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "councils.csv",
        COUNCILS,
        [
            ["E06000010", "Hull City Council", "Hull", "hull,Hull UA,Kingston, City of"],
            ["E07000168", "Scarborough Borough Council", "Scarborough", "Scarborough"],
            ["E07000026", "Allerdale Borough Council", "Allerdale", "Allerdale"],
        ],
    )
    table = council_names(name_lists.read_council_names(path), {"E06000010", "E06000065"})
    assert table.to_numpy().tolist() == [
        ["Hull City Council", "council", "E06000010"],
        ["Hull", "council", "E06000010"],
        ["Hull UA", "council", "E06000010"],
        ["Kingston, City of", "council", "E06000010"],
        # Allerdale's successor, Cumberland, is not among the known codes.
        ["Scarborough Borough Council", "former council", "E06000065"],
        ["Scarborough", "former council", "E06000065"],
    ]


def test_a_name_with_a_comma_stays_whole(tmp_path: Path) -> None:
    name = "Bournemouth, Christchurch and Poole"
    path = write_csv(
        tmp_path / "councils.csv",
        COUNCILS,
        [
            ["E06000058", f"{name} Council", name, f"{name},BCP,{name.lower()} borough council"],
            ["E47000011", "North of Tyne", "", "alton, brigg and clyst,Alton, Brigg and Clyst"],
        ],
    )
    table = council_names(name_lists.read_council_names(path), {"E06000058", "E47000014"})
    assert table["name"].tolist() == [
        f"{name} Council",
        name,
        "BCP",
        f"{name.lower()} borough council",
        "North of Tyne",
        "Alton, Brigg and Clyst",
    ]


def _wards() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "ward_code": ["E05000001", "E05000002"],
            "authority_name": ["Alton", "Brigg, City of"],
        },
        geometry=[box(400_000, 300_000, 401_000, 301_000), box(401_000, 300_000, 402_000, 301_000)],
        crs="EPSG:27700",
    )


def test_a_town_leads_to_the_ward_that_holds_its_point(tmp_path: Path) -> None:
    points = gpd.GeoSeries.from_xy([400_500, 401_500, 401_600, 402_300, 405_000], [300_500] * 5)
    degrees = points.set_crs("EPSG:27700").to_crs("EPSG:4326")
    names = ["Hill", "Brigg", "Vale", "Pier", "Far"]
    path = write_csv(
        tmp_path / "towns.csv",
        TOWNS,
        [
            [name, point.x, point.y, "ENG", 500 * (9 - n)]
            for n, (name, point) in enumerate(zip(names, degrees, strict=True))
        ]
        + [["Elsewhere", -3.0, 51.6, "WLS", 9999]],
    )
    table = town_names(name_lists.read_towns(path), _wards())
    # Brigg is the council's own name, Pier is 300 m out, Far is 3 km out.
    assert table.to_numpy().tolist() == [
        ["Hill", "town", "E05000001"],
        ["Vale", "town", "E05000002"],
        ["Pier", "town", "E05000002"],
    ]


def test_a_neighbourhood_leads_to_its_wards_the_one_with_most_residents_first() -> None:
    lsoas = pd.DataFrame(
        {
            "lsoa_name": ["Alton 001A", "Alton 001B", "Alton 001C", "Alton 002A"],
            "msoa_code": ["E02000001"] * 3 + ["E02000002"],
            "ward_code": ["E05000001", "E05000002", "E05000002", "E05000001"],
            "population": [1500.0, 1000.0, 1000.0, 900.0],
        }
    )
    names = pd.DataFrame(
        {"msoa_code": ["E02000001", "E02000002"], "neighbourhood": ["Hill & Vale", "Green"]}
    )
    table = neighbourhood_names(names, lsoas)
    assert table.to_numpy().tolist() == [
        ["Hill & Vale", "neighbourhood", "E05000002 E05000001"],
        ["Green", "neighbourhood", "E05000001"],
    ]
    assert small_area_names(lsoas, names).tolist() == [
        "Hill & Vale, part A",
        "Hill & Vale, part B",
        "Hill & Vale, part C",
        "Green, part A",
    ]
    assert small_area_names(lsoas, names.iloc[:1]).tolist()[-1] == "Alton 002A"


def test_a_name_that_a_page_could_take_for_code_is_refused(tmp_path: Path) -> None:
    rows = [["E02000001", "<img src=x>"]]
    path = write_csv(tmp_path / "names.csv", NEIGHBOURHOODS, rows)
    with pytest.raises(ReadError, match="signs that no name has"):
        name_lists.read_neighbourhoods(path)


def test_a_list_of_towns_in_metres_is_refused(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "towns.csv", TOWNS, [["Hill", 400_500, 300_500, "ENG", 10]])
    with pytest.raises(ReadError, match="'longitude' has 1 bad values"):
        name_lists.read_towns(path)
