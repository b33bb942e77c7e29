"""Web geometry: shared arcs give back the same rings, and the same frames the same bytes."""

import gzip
import hashlib
import json
import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely
from shapely.geometry import MultiPolygon, Polygon, box

from pipelines.publish.map_files import shared_arcs, write

MAP = Path(__file__).resolve().parents[3] / "data" / "map"
STAMP = "[0-9a-f]" * 12
SQUARE = [(0, 0), (10, 0), (10, 10), (0, 10)]
RIGHT = [(10, 0), (20, 0), (20, 10), (10, 10)]


def rebuilt(arcs, references):
    """A ring from its arcs, open."""
    points = []
    for reference in references:
        arc = arcs[reference] if reference >= 0 else arcs[~reference][::-1]
        assert not points or points[-1] == arc[0]
        points += arc if not points else arc[1:]
    assert points[0] == points[-1]
    return points[:-1]


def same_ring(one, other):
    return len(one) == len(other) and any(
        one == other[at:] + other[:at] for at in range(len(other))
    )


def test_neighbours_share_one_arc():
    arcs, rings = shared_arcs([[SQUARE], [RIGHT]])
    assert len(arcs) == 3
    assert {abs(r) if r >= 0 else ~r for r in rings[0][0]} & {
        r if r >= 0 else ~r for r in rings[1][0]
    }
    for ring, references in ((SQUARE, rings[0][0]), (RIGHT, rings[1][0])):
        assert same_ring(rebuilt(arcs, references), ring)


def test_an_area_inside_another_shares_its_whole_ring():
    inner = [(4, 4), (6, 4), (6, 6), (4, 6)]
    arcs, rings = shared_arcs([[SQUARE, inner[::-1]], [[inner[2], inner[3], inner[0], inner[1]]]])
    assert len(arcs) == 2
    assert same_ring(rebuilt(arcs, rings[0][1]), inner[::-1])
    assert same_ring(rebuilt(arcs, rings[1][0]), inner)


def test_areas_that_meet_in_a_point_only_share_nothing():
    corner = [(10, 10), (20, 10), (20, 20), (10, 20)]
    arcs, rings = shared_arcs([[SQUARE], [corner]])
    assert len(arcs) == 2
    assert same_ring(rebuilt(arcs, rings[1][0]), corner)


def frames():
    codes = ["E05000001", "E05000002"]
    west, east = box(400_000, 300_000, 401_000, 301_000), box(401_000, 300_000, 402_000, 301_000)
    island = MultiPolygon(
        [east, Polygon([(403_000, 300_000), (403_500, 300_000), (403_000, 300_500)])]
    )
    wards = gpd.GeoDataFrame(
        {
            "ward_code": codes[::-1],
            "ward_name": ["East", "West"],
            "authority_code": ["E08000001", "E08000001"],
            "authority_name": ["Town", "Town"],
            "combined_authority_code": ["E47000001", "E47000001"],
        },
        geometry=[island, west],
        crs=27700,
    )
    combined = gpd.GeoDataFrame(
        {"combined_authority_code": ["E47000001"], "combined_authority_name": ["Region"]},
        geometry=[wards.union_all()],
        crs=27700,
    )
    lsoas = gpd.GeoDataFrame(
        {
            "lsoa_code": ["E01000002", "E01000001"],
            "ward_code": codes,
            "authority_code": ["E08000001"] * 2,
        },
        geometry=[west, island],
        crs=27700,
    )
    libraries = pd.DataFrame(
        {
            "library_id": ["L2", "L1", "L3"],
            "library_name": ["Two", "One", "Van"],
            "library_type": ["static library", "static library", "mobile library"],
            "operation": ["council", "community", "council"],
            "open": ["true", "true", "true"],
            "easting": [400_500.0, 401_500.0, 401_000.0],
            "northing": [300_500.0] * 3,
            "hours_per_week": [np.nan, 20.5, 3.0],
            **{
                f"hours_{day}": ["AM Only", "", "Closed"]
                for day in (
                    "monday",
                    "tuesday",
                    "wednesday",
                    "thursday",
                    "friday",
                    "saturday",
                    "sunday",
                )
            },
        }
    )
    return {"wards": wards, "fine": wards.iloc[:1], "combined": combined,
            "lsoas": lsoas, "libraries": libraries}  # fmt: skip


def contents(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def read(folder, stem):
    (path,) = folder.glob(f"{stem}-{STAMP}.json.gz")
    return json.loads(gzip.decompress(path.read_bytes()))


def test_the_same_frames_give_the_same_bytes(tmp_path):
    shuffled = frames()
    shuffled["wards"] = shuffled["wards"].iloc[::-1]
    shuffled["lsoas"] = shuffled["lsoas"].iloc[::-1]
    shuffled["libraries"] = shuffled["libraries"].iloc[::-1]
    write(tmp_path / "one", **frames())
    write(tmp_path / "two", **shuffled)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_wards_are_in_order_of_code_with_their_places(tmp_path):
    write(tmp_path, **frames())
    wards = read(tmp_path, "wards")
    assert wards["codes"] == ["E05000001", "E05000002"]
    assert wards["names"] == ["West", "East"]
    assert wards["authorities"] == [["E08000001", "Town", "E47000001"]]
    assert len(wards["rings"][1]) == 2  # the island is kept
    assert list(wards["detail"]) == ["E08000001"]
    assert list(wards["lsoas"]) == ["E08000001"]
    assert json.loads((tmp_path / "index.json").read_text())["ward_codes"] == wards["codes"]


def test_a_line_between_councils_is_in_the_files_of_both(tmp_path):
    given = frames()
    given["wards"] = given["wards"].assign(authority_code=["E08000002", "E08000001"])
    given["fine"] = given["wards"]
    write(tmp_path, **given)
    wards = read(tmp_path, "wards")
    west, east = (read(tmp_path, f"wards-detail-E0800000{n}") for n in (1, 2))
    assert (west["codes"], east["codes"]) == (["E05000001"], ["E05000002"])
    lines = []
    for here, there in ((west, "E05000002"), (east, "E05000001")):
        arc, ward = here["beyond"]
        assert wards["codes"][ward] == there
        lines.append(set(map(tuple, arcs_of(here)[arc])))
    # The kilometre that they share, and nothing of the coast.
    assert lines[0] == lines[1] and len(lines[0]) == 2


def arcs_of(content):
    points = np.cumsum(np.array(content["points"]).reshape(-1, 2), axis=0)
    return np.split(points, np.cumsum(content["arcs"])[:-1])


def test_only_open_walk_in_libraries_are_drawn(tmp_path):
    write(tmp_path, **frames())
    libraries = read(tmp_path, "libraries")
    assert libraries["names"] == ["One", "Two"]
    assert libraries["hours"] == [20.5, None]
    assert libraries["days"][0] == [-1] * 7
    assert libraries["bands"][libraries["days"][1][0]] == "AM Only"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: f.update(wards=f["wards"].to_crs(4326)), "EPSG:27700"),
        (lambda f: f.update(wards=pd.concat([f["wards"]] * 2)), "repeated"),
        (
            lambda f: f.update(lsoas=f["lsoas"].set_geometry([None, f["lsoas"].geometry[1]])),
            "no outline",
        ),
    ],
)
def test_frames_that_cannot_be_drawn_are_refused(tmp_path, change, words):
    hurt = frames()
    change(hurt)
    with pytest.raises(ValueError, match=words):
        write(tmp_path, **hurt)


def test_every_published_name_carries_the_hash_of_its_content():
    files = sorted(MAP.glob("*.json.gz"))
    assert len(files) > 290
    for path in files:
        stamp = re.search(r"-([0-9a-f]{12})\.json\.gz$", path.name)
        content = gzip.decompress(path.read_bytes())
        assert stamp and hashlib.sha256(content).hexdigest().startswith(stamp[1])


def test_the_published_wards_are_all_of_england_in_half_a_megabyte():
    (path,) = MAP.glob(f"wards-{STAMP}.json.gz")
    wards = json.loads(gzip.decompress(path.read_bytes()))
    assert len(wards["codes"]) == len(wards["rings"]) == 6817
    assert wards["codes"] == sorted(wards["codes"])
    assert all(wards["rings"])
    assert path.stat().st_size < 550_000
    points = np.cumsum(np.array(wards["points"]).reshape(-1, 2), axis=0) * wards["step"]
    west, south = (
        gpd.GeoSeries.from_xy(*points.min(axis=0, keepdims=True).T, crs=3857)
        .to_crs(4326)
        .get_coordinates()
        .to_numpy()[0]
    )
    assert (round(west, 1), round(south, 1)) == (-6.4, 49.9)  # the Isles of Scilly


def polygons(content):
    """The rings of each area in Web Mercator metres, as the map draws them."""
    arcs = [arc * content["step"] for arc in arcs_of(content)]

    def ring(numbers):
        return Polygon(np.concatenate([arcs[n] if n >= 0 else arcs[~n][::-1] for n in numbers]))

    return [[ring(numbers) for numbers in area] for area in content["rings"]]


@pytest.mark.parametrize("council", ["E08000003", "E07000137", "E06000052", "E09000001"])
def test_fine_outlines_hold_the_postcodes_of_their_ward(council):
    """City, flat county, coast and the smallest wards. The snapshot keeps squares of 50 m."""
    (path,) = MAP.glob(f"wards-detail-{council}-*.json.gz")
    content = json.loads(gzip.decompress(path.read_bytes()))
    rings = dict(zip(content["codes"], polygons(content), strict=True))
    table = pq.read_table(MAP.parent / "postcodes.parquet").to_pandas().dropna()
    table = table[table["ward_code"].isin(rings)]
    assert len(table) > 400
    east, north = (table[name].to_numpy(float) * 50 + 25 for name in ("east_50m", "north_50m"))
    points = gpd.GeoSeries.from_xy(east, north, crs=27700).to_crs(3857).to_numpy()
    # Half the diagonal of a square is 36 m, which is at most 65 m on this map.
    apart = np.array(
        [
            min(shapely.distance(ring, point) for ring in rings[code])
            for code, point in zip(table["ward_code"], points, strict=True)
        ]
    )
    assert (apart > 65).mean() < 0.005


def test_every_council_has_fine_outlines_of_all_its_wards():
    (main,) = MAP.glob(f"wards-{STAMP}.json.gz")
    wards = json.loads(gzip.decompress(main.read_bytes()))
    assert list(wards["detail"]) == [code for code, *_ in wards["authorities"]]
    drawn = [
        code
        for name in wards["detail"].values()
        for code in json.loads(gzip.decompress((MAP / name).read_bytes()))["codes"]
    ]
    assert sorted(drawn) == wards["codes"]


def test_every_lsoa_is_in_one_file():
    counted = 0
    for path in MAP.glob("lsoas-*.json.gz"):
        content = json.loads(gzip.decompress(path.read_bytes()))
        assert content["codes"] == sorted(content["codes"])
        counted += len(content["codes"])
    assert counted == 33755
