import json
import math
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from shapely.geometry import box, mapping

from atlas.catalogue.declarations import DeclarationError
from atlas.catalogue.sources import declared_sources
from atlas.catalogue.vintages import PINNED, declared_vintages
from pipelines.readers import (
    broadband,
    census,
    councils,
    deprivation,
    geography,
    libraries,
    postcodes,
    reader_of,
)
from pipelines.readers.fields import ReadError, numbers, pick
from pipelines.readers.walking import read_walking_areas
from tests.pipelines import published_files as files


def test_file_7_is_read_by_name_and_sorted(tmp_path: Path) -> None:
    table = deprivation.read_scores(files.file_7(tmp_path / "7.csv"))
    assert table["lsoa_code"].tolist() == ["E01000001", "E01000002"]
    assert table["imd_score"].tolist() == [12.5, 30.5]
    assert table["low_skills_rate"].tolist() == [0.11, 0.31]


def test_every_declared_reader_is_there_and_another_name_is_told() -> None:
    named = [source for source in declared_sources().values() if source.reader]
    assert all(callable(reader_of(source)) for source in named) and len(named) >= 7
    with pytest.raises(DeclarationError, match=r"no reader 'census\.read_cars'"):
        reader_of(replace(named[0], reader="census.read_cars"))


def test_a_renamed_column_is_named_with_what_to_do(tmp_path: Path) -> None:
    path = files.write_csv(tmp_path / "7.csv", ["LSOA code (2021)", "IMD"], [["E01000001", "1"]])
    with pytest.raises(ReadError) as caught:
        deprivation.read_scores(path)
    assert "'Income Score (rate)'" in str(caught.value)
    assert "atlas/catalogue/sources.toml" in str(caught.value)


def test_a_header_cut_short_by_the_publisher_still_fits() -> None:
    frame = pd.DataFrame({files.FILE_7_CUT_HEADER: ["1"]})
    full = "Children and Young People Sub-domain Decile (where 1 is most deprived 10% of LSOAs)"
    assert pick(frame, {"decile": full}, Path("7.csv"))["decile"].tolist() == ["1"]


def test_a_short_header_is_not_taken_for_a_longer_one() -> None:
    frame = pd.DataFrame({"Income": ["1"]})
    with pytest.raises(ReadError):
        pick(frame, {"rate": "Income Score (rate)"}, Path("7.csv"))


@pytest.mark.parametrize("cell", ["c", "1,003", "inf", "-0.1", "1.5", "34%", ""])
def test_what_is_not_a_share_is_refused_with_its_row(tmp_path: Path, cell: str) -> None:
    path = files.file_7(tmp_path / "7.csv", **{"Income Score (rate)": cell})
    with pytest.raises(ReadError, match="'income_deprived_rate' has 1 bad values"):
        deprivation.read_scores(path)


def test_a_repeated_code_is_refused(tmp_path: Path) -> None:
    path = files.file_7(tmp_path / "7.csv", **{"LSOA code (2021)": "E01000001"})
    with pytest.raises(ReadError, match=r"1 repeated \['E01000001'\]"):
        deprivation.read_scores(path)


def test_a_footnote_row_is_not_an_area(tmp_path: Path) -> None:
    path = files.file_7(tmp_path / "7.csv", **{"LSOA code (2021)": "Source: MHCLG"})
    assert len(deprivation.read_scores(path)) == 1


def test_another_encoding_is_refused_in_words(tmp_path: Path) -> None:
    path = files.file_7(tmp_path / "7.csv")
    path.write_bytes(path.read_text(encoding="utf-8-sig").encode("utf-16"))
    with pytest.raises(ReadError, match="not a readable UTF-8 CSV file"):
        deprivation.read_scores(path)


def test_a_withheld_numerator_stays_missing(tmp_path: Path) -> None:
    ids = ["LSOA code (2021)", "LSOA name (2021)"]
    path = files.write_workbook(
        tmp_path / "8.xlsx",
        {
            "IoD25 Income Domain": [
                [*ids, "Income Domain numerator"],
                ["E01000001", "a", 120],
                ["E01000002", "b", None],
            ],
            "IoD25 Barriers Domain": [
                [
                    *ids,
                    "Digital Connectivity (Broadband download and upload speeds)",
                    "Connectivity Score",
                ],
                ["E01000001", "a", -0.5, 95.5],
                ["E01000002", "b", 1.25, 40.0],
            ],
        },
    )
    table = deprivation.read_indicators(path)
    assert table["income_deprived_people"].iloc[0] == 120
    assert math.isnan(table["income_deprived_people"].iloc[1])
    assert table["digital_connectivity_score"].tolist() == [-0.5, 1.25]


def test_census_columns_with_and_without_the_measure_suffix(tmp_path: Path) -> None:
    suffix = "; measures: Value"
    header = [
        f"Household deprivation: {what}{suffix}"
        for what in (
            "Total: All households",
            "Household is deprived in one dimension",
            "Household is deprived in two dimensions",
            "Household is deprived in three dimensions",
            "Household is deprived in four dimensions",
        )
    ]
    rows = [["E01000001", 100, 30, 20, 10, 5], ["W01000001", 1, 1, 1, 1, 1]]
    path = files.census_zip(tmp_path / "ts011.zip", "ts011", header, rows)
    table = census.read_household_deprivation(path)
    assert table.to_dict("list") == {"lsoa_code": ["E01000001"], "deprived_households": [35.0]}


def test_the_disabled_total_is_not_added_to_its_own_parts(tmp_path: Path) -> None:
    act = "Disability: Disabled under the Equality Act"
    header = ["Disability: Total: All usual residents", act, f"{act}: Day-to-day activities"]
    path = files.census_zip(tmp_path / "d.zip", "ts038", header, [["E01000001", 100, 20, 8]])
    assert census.read_disability(path)["disabled_people"].tolist() == [20.0]


def test_ages_are_summed_into_the_two_bands(tmp_path: Path) -> None:
    header = ["Age: Total"] + [
        f"Age: Aged {band}"
        for band in (
            "65 to 69 years",
            "70 to 74 years",
            "75 to 79 years",
            "80 to 84 years",
            "85 years and over",
        )
    ]
    path = files.census_zip(
        tmp_path / "a.zip", "ts007a", header, [["E01000001", 99, 1, 2, 3, 4, 5]]
    )
    table = census.read_age(path)
    assert table[["population", "age_65_74_people", "age_75_plus_people"]].values.tolist() == [
        [99, 3, 12]
    ]


def _msoa_workbook(path: Path, rows: list[list]) -> Path:
    header = [
        "Area code",
        "Area name",
        "Superfast availability",
        "Gigabit availability",
        "Average download speed\n(Mbps)",
        "Receiving under 10 Mbps",
    ]
    return files.write_workbook(
        path, {"Sub-constituency data": [["A title"], ["A note"], header, *rows]}
    )


def test_each_lsoa_takes_the_broadband_of_its_msoa(tmp_path: Path) -> None:
    rows = [["E02000001", "x", 0.9, 0.25, 120.0, 0.05], ["S02000001", "y", 1, 1, 1, 0]]
    path = _msoa_workbook(tmp_path / "b.xlsx", rows)
    lookup = pd.DataFrame({"lsoa_code": ["E01000001", "E01000002"], "msoa_code": ["E02000001"] * 2})
    table = broadband.read_msoa(path, lookup)
    assert table["superfast_unavailable_rate"].tolist() == pytest.approx([0.1, 0.1])
    assert table["gigabit_unavailable_rate"].tolist() == [0.75, 0.75]
    assert table["slow_lines_rate"].tolist() == [0.05, 0.05]


def test_an_msoa_that_the_workbook_lacks_is_named(tmp_path: Path) -> None:
    path = _msoa_workbook(tmp_path / "b.xlsx", [["E02000009", "x", 0.9, 0.25, 1.0, 0.05]])
    lookup = pd.DataFrame({"lsoa_code": ["E01000001"], "msoa_code": ["E02000001"]})
    with pytest.raises(ReadError, match="E02000001"):
        broadband.read_msoa(path, lookup)


_OFCOM = [
    "output_area",
    "SFBB availability (% premises)",
    "Number of premises with Gigabit availability",
    "All Premises",
    "All Matched Premises",
    "Number of premises with SFBB availability",
]


@pytest.mark.parametrize(
    ("member", "nested", "encoding"),
    [
        ("202507_fixed_oa_res_coverage_r01.csv", True, "utf-8-sig"),
        ("202601_fixed_oa_res_coverage_r1.csv", False, "utf-8"),
        ("202407_fixed_oa_coverage_r01.csv", True, "utf-8-sig"),
    ],
)
def test_ofcoms_output_areas_are_summed_then_divided(
    tmp_path: Path, member: str, nested: bool, encoding: str
) -> None:
    rows = [
        ["E00000001", 90, 50, 100, 99, 90],
        ["E00000002", 100, 0, 300, 300, 300],
        ["S00000001", 1, 1, 1, 1, 1],
    ]
    content = files.csv_bytes(_OFCOM, rows, encoding)
    if nested:
        inner = files.write_zip(tmp_path / "inner.zip", {f"folder/{member}": content})
        outer = {"outer/fixed_oa.zip": inner.read_bytes(), "outer/about.txt": b"-"}
    else:
        outer = {member: content}
    path = files.write_zip(tmp_path / "ofcom.zip", outer)
    lookup = pd.DataFrame(
        {
            "output_area": ["E00000001", "E00000002", "E00000003"],
            "lsoa_code": ["E01000001", "E01000001", "E01000002"],
        }
    )
    table = broadband.read_output_areas(path, lookup).set_index("lsoa_code")
    assert table.loc["E01000001", "superfast_unavailable_rate"] == pytest.approx(1 - 390 / 400)
    assert table.loc["E01000001", "gigabit_unavailable_rate"] == pytest.approx(1 - 50 / 400)
    # No row: no homes there. That is not "everybody is served".
    assert math.isnan(table.loc["E01000002", "superfast_unavailable_rate"])
    assert table["slow_lines_rate"].isna().all()


def test_the_residential_file_is_preferred(tmp_path: Path) -> None:
    every = files.csv_bytes(_OFCOM, [["E00000001", 1, 0, 10, 10, 0]])
    homes = files.csv_bytes(_OFCOM, [["E00000001", 1, 8, 8, 8, 8]])
    path = files.write_zip(
        tmp_path / "o.zip",
        {"202507_fixed_oa_coverage_r01.csv": every, "202507_fixed_oa_res_coverage_r01.csv": homes},
    )
    lookup = pd.DataFrame({"output_area": ["E00000001"], "lsoa_code": ["E01000001"]})
    assert broadband.read_output_areas(path, lookup)["gigabit_unavailable_rate"].tolist() == [0.0]


def _libraries(tmp_path: Path, *rows: list[str]) -> pd.DataFrame:
    path = files.write_csv(tmp_path / "l.csv", files.LIBRARY_HEADER, list(rows))
    return libraries.read_libraries(path).set_index("library_name")


@pytest.mark.parametrize(
    ("cells", "is_open", "counts"),
    [
        ({}, True, True),
        ({"Type": "Static Local History Library"}, True, True),
        ({"Type": "STATIC LIBRARY"}, True, True),
        ({"Operation in 2023": "CR"}, True, True),
        ({"Operation in 2023": "LAU"}, True, False),
        ({"Operation in 2023": ""}, False, False),
        ({"Year closed": "2024"}, False, False),
        ({"Type": "Mobile Library"}, True, False),
        ({"Type": "Prison Library"}, True, False),
        ({"Type": "Archive"}, True, False),
        ({"Staffed hours per week": "0"}, True, False),
        ({"Staffed hours per week": ""}, True, True),
        # Its council reports it as run with staff, and only leaves the hours out.
        ({"Staffed hours per week": "", "Hours open per week": ""}, True, True),
        # Volunteers open a community library: its service's own staff works 0 hours there.
        ({"Operation in 2023": "CR", "Staffed hours per week": "0"}, True, True),
        ({"Operation in 2023": "ICL", "Staffed hours per week": ""}, True, True),
        ({"Operation in 2023": "CR", "Hours open per week": "1.5"}, True, False),
        ({"Operation in 2023": "CR", "Hours open per week": ""}, True, False),
    ],
)
def test_what_counts_as_open_and_as_a_place_to_get_help(
    tmp_path: Path, cells: dict[str, str], is_open: bool, counts: bool
) -> None:
    row = _libraries(tmp_path, files.library(**cells)).loc["Castle"]
    assert (row["open"], row["counts_for_access"]) == (is_open, counts)


@pytest.mark.parametrize(
    ("cells", "of_class"),
    [
        ({}, "library service"),
        ({"Operation in 2023": "C"}, "library service"),
        ({"Operation in 2023": "ICL", "Staffed hours per week": "0"}, "community-run"),
        ({"Staffed hours per week": "0"}, "unstaffed, or hours not stated"),
        ({"Operation in 2023": "LAU"}, "unstaffed, or hours not stated"),
        ({"Type": "Mobile Library"}, ""),
        ({"Year closed": "2024"}, ""),
    ],
)
def test_libraries_are_sorted_by_who_opens_the_door(
    tmp_path: Path, cells: dict[str, str], of_class: str
) -> None:
    row = _libraries(tmp_path, files.library(**cells)).loc["Castle"]
    assert row["library_class"] == of_class


def test_households_not_online_come_to_the_small_areas_of_2021(tmp_path: Path) -> None:
    # a stays, b is split in b1 and b2, c and d are merged in cd.
    pairs = [("a", "a"), ("b", "b1"), ("b", "b2"), ("c", "cd"), ("d", "cd")]
    number = {name: n for n, name in enumerate(("a", "b", "c", "d", "b1", "b2", "cd"), start=1)}
    lookup = [[f"E0100000{number[old]}", f"E0100000{number[new]}"] for old, new in pairs]
    changes = census.read_lsoa_changes(
        files.write_csv(tmp_path / "lu.csv", ["LSOA11CD", "LSOA21CD"], lookup)
    )
    scores = [[f"E0100000{n}", score] for n, score in enumerate((97.0, 90.0, 94.0, 96.0), start=1)]
    path = files.write_csv(tmp_path / "dpi.csv", ["LSOAcode", "Score"], scores)
    found = census.read_not_online(path, changes).set_index("lsoa_code")["not_online_rate"]
    assert found.round(9).to_dict() == {
        "E01000001": 0.03,
        "E01000005": 0.1,
        "E01000006": 0.1,
        "E01000007": 0.05,
    }
    files.write_csv(path, ["LSOAcode", "Score"], scores[:-1])
    with pytest.raises(ReadError, match="no row for 1 small areas of 2011"):
        census.read_not_online(path, changes)


OFCOM = ["areacd", "areanm", "period", "observation"]


def test_a_councils_figure_is_read_by_its_day_and_under_the_wards_code(tmp_path: Path) -> None:
    rows = [["E08000038", "Barnsley", "2026-01-01", 91.3], ["E12000001", "", "2026-01-01", 90]]
    path = files.write_csv(tmp_path / "g.csv", OFCOM, rows)
    recoded = {"E08000038": "E08000016"}
    table = councils.read_figure(path, "share", date(2026, 1, 1), recoded)
    assert table.to_dict("records") == [{"authority_code": "E08000016", "share": 0.913}]
    with pytest.raises(ReadError, match="has figures of .*2026-01-01"):
        councils.read_figure(path, "share", date(2027, 1, 1), recoded)


def test_councils_that_are_alike_are_those_of_england_under_the_wards_codes(tmp_path: Path) -> None:
    near = {"global": ["W06000022", "E08000039", "E06000003"], "economic": [], "demographic": []}
    path = tmp_path / "similar.json"
    path.write_text(json.dumps({"E08000038": near, "W06000022": near}), encoding="utf-8")
    recoded = {"E08000038": "E08000016", "E08000039": "E08000019"}
    table = councils.read_similar(path, recoded).set_index("authority_code")
    assert table["similar_global"].to_dict() == {"E08000016": "E08000019 E06000003"}
    path.write_text("[]")
    with pytest.raises(ReadError, match="not ONS's file"):
        councils.read_similar(path, recoded)


def walking_zip(path: Path, *seconds: float) -> Path:
    """One library at 1.4193 degrees west, with a square for each time, larger for a longer one."""
    features = [
        {
            "type": "Feature",
            "properties": {"value": value},
            "geometry": mapping(box(-1.42, 53.57, -1.42 + value / 1e5, 53.58)),
        }
        for value in seconds
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    name = "areas/Toyshire/castle_-1.4193_53.5768_foot-walking_destination.geojson"
    return files.write_zip(path, {name: text.encode()})


def test_walking_areas_are_read_for_ten_twenty_and_thirty_minutes(tmp_path: Path) -> None:
    path = walking_zip(tmp_path / "w.zip", 300, 600, 900, 1200, 1500, 1800)
    table = read_walking_areas(path)
    assert table["minutes"].tolist() == [10, 20, 30]
    assert table.crs.to_epsg() == 27700 and table["easting"].round(-2).unique() == [438_500]
    assert table.geometry.area.is_monotonic_increasing
    with pytest.raises(ReadError, match="not seconds"):
        read_walking_areas(walking_zip(tmp_path / "w.zip", 5, 10, 30))


def test_unreported_hours_are_kept_and_flagged(tmp_path: Path) -> None:
    row = _libraries(tmp_path, files.library(**{"Staffed hours per week": ""})).loc["Castle"]
    assert not row["hours_known"]
    assert math.isnan(row["staffed_hours_per_week"])


def test_a_building_under_an_old_council_is_dropped_and_others_are_not(tmp_path: Path) -> None:
    old, new = "Somerset County Council", "Somerset Council"
    table = _libraries(
        tmp_path,
        files.library(**{"Reporting service": old, "Name": "Wells"}),
        files.library(**{"Reporting service": new, "Name": "Wells"}),
        files.library(**{"Reporting service": old, "Name": "Only the county had it"}),
        files.library(**{"Reporting service": "Devon County Council", "Name": "Wells"}),
    )
    assert sorted(table["authority_name"]) == sorted([new, old, "Devon County Council"])


def test_addresses_lose_their_line_breaks_and_people_their_mail_addresses(tmp_path: Path) -> None:
    table = _libraries(tmp_path, files.library(**{"Address 1": "Medical Centre \nHigh Street"}))
    assert table["address"].tolist() == ["Medical Centre High Street"]
    assert "example.org" not in table.to_csv()


def test_sharing_a_building_is_said_in_words(tmp_path: Path) -> None:
    row = files.library(**{"Co-located museum": "x", "Co-located health": "X"})
    assert _libraries(tmp_path, row)["co_located"].tolist() == ["health; museum"]


def test_an_unknown_way_of_operating_stops_the_build(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="XYZ"):
        _libraries(tmp_path, files.library(**{"Operation in 2023": "XYZ"}))


def _code_point(path: Path, rows: list[list]) -> Path:
    headers = files.csv_bytes(
        ["PC", "PQ", "EA", "NO", "CY", "RH", "LH", "CC", "DC", "WC"],
        [
            [
                "Postcode",
                "Positional_quality_indicator",
                "Eastings",
                "Northings",
                "Country_code",
                "NHS_regional_HA_code",
                "NHS_HA_code",
                "Admin_county_code",
                "Admin_district_code",
                "Admin_ward_code",
            ]
        ],
    )
    data = files.csv_bytes([], rows).lstrip(b"\r\n")
    return files.write_zip(
        path, {"Doc/Code-Point_Open_Column_Headers.csv": headers, "Data/CSV/aa.csv": data}
    )


def test_postcodes_without_place_or_ward_stay_without(tmp_path: Path) -> None:
    england, wales = "E92000001", "W92000004"
    path = _code_point(
        tmp_path / "c.zip",
        [
            ["AA1 1AB", 10, 400010, 300020, england, "", "", "", "E06000001", "E05000001"],
            ["AA1 1AA", 90, 0, 0, england, "", "", "", "", ""],
            ["CF1 1AA", 10, 300000, 200000, wales, "", "", "", "W06000001", "W05000001"],
        ],
    )
    table = postcodes.read_postcodes(path)
    assert table["country"].tolist() == ["England", "England", "Wales"]
    table = table[table["country"] == "England"]
    assert table["postcode"].tolist() == ["AA11AA", "AA11AB"]
    assert math.isnan(table["easting"].iloc[0])
    assert table["ward_code"].tolist() == ["", "E05000001"]


def test_combined_authorities_of_2025_meet_wards_of_2024(tmp_path: Path) -> None:
    path = files.write_csv(
        tmp_path / "ca.csv",
        ["LAD25CD", "LAD25NM", "CAUTH25CD", "CAUTH25NM"],
        [["E08000039", "Sheffield", "E47000002", " South  Yorkshire "]],
    )
    recoded = declared_vintages()[PINNED].recoded
    table = geography.read_combined_authorities(path, recoded)
    assert table["authority_code"].tolist() == ["E08000019"]
    assert table["combined_authority_name"].tolist() == ["South Yorkshire"]


def test_a_ward_has_a_county_only_where_its_council_is_not_the_county(tmp_path: Path) -> None:
    header = ["WD24CD", "WD24NM", "LAD24CD", "LAD24NM", "CTYUA24CD", "CTYUA24NM"]
    path = files.write_csv(
        tmp_path / "wards.csv",
        [*header, "RGN24CD", "RGN24NM"],
        [
            ["E05000002", "Bar", "E06000002", "Luton", "E06000002", "Luton", "E12000006", "East"],
            ["E05000001", "Foo", "E07000105", "Ashford", "E10000016", "Kent", "E12000008", "SE"],
        ],
    )
    table = geography.read_wards(path)
    assert table["county_code"].tolist() == ["E10000016", ""]
    assert table["county_name"].tolist() == ["Kent", ""]


def test_centroids_in_degrees_are_refused(tmp_path: Path) -> None:
    rows = [["E01000001", -1.5, 53.1]]
    path = files.write_csv(tmp_path / "c.csv", ["LSOA21CD", "x", "y"], rows)
    with pytest.raises(ReadError, match="'easting' has 1 bad values"):
        geography.read_centroids(path)


def test_blank_is_missing_only_where_the_publisher_may_leave_it() -> None:
    frame = pd.DataFrame({"n": ["", "3"]})
    assert math.isnan(numbers(frame, ["n"], Path("x"), blank=True)["n"].iloc[0])
    with pytest.raises(ReadError):
        numbers(frame, ["n"], Path("x"))


def test_boundaries_in_metres_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "b.geojson"
    path.write_text(
        '{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":'
        '"urn:ogc:def:crs:EPSG::27700"}},"features":[{"type":"Feature","properties":'
        '{"WD24CD":"E05000001","WD24NM":"x"},"geometry":{"type":"Polygon","coordinates":'
        "[[[400000,300000],[400100,300000],[400100,300100],[400000,300000]]]}}]}"
    )
    with pytest.raises(ReadError, match="expected longitude and latitude"):
        geography.read_boundaries(path, "WD24CD", "WD24NM", "E05")
