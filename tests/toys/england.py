"""The toy England of `toy_sources` as its publishers would give it: files, lookups and outlines.

In May 2025 ward 3 (Castle, Southshire: small areas d, e, f) is split: d and e make ward 5, f makes
ward 6. Authority E06000002 is recoded E06000003 by then. Nothing else changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
from shapely.geometry import box, mapping

from atlas.catalogue.sources import Source
from atlas.catalogue.vintages import Vintage, declared_vintages
from tests.pipelines.published_files import (
    LIBRARY_HEADER,
    census_zip,
    csv_bytes,
    declared_file,
    library,
    write_csv,
    write_workbook,
    write_zip,
)
from tests.pipelines.publishers.services import Service
from tests.pipelines.publishers.web import Server, body
from tests.toys import sources as toy

CENSUS = ("census_age", "census_disability", "census_household_deprivation", "census_tenure")
AREAS = {
    "24": {
        "lsoas": 6,
        "wards": 4,
        "authorities": 2,
        "combined_authorities": 1,
        "wards_without_lsoa": 1,
        "suppressed_income_counts": 1,
    },
    # As for the real May 2025: how many wards there are is not declared.
    "25": {"lsoas": 6, "authorities": 2, "combined_authorities": 1, "suppressed_income_counts": 1},
}
SPANS = {  # west and east edge of each ward, in metres east of 399,500
    "24": {1: (0, 2000), 2: (2000, 3000), 3: (3000, 6000), 4: (6000, 6500)},
    "25": {1: (0, 2000), 2: (2000, 3000), 5: (3000, 5000), 6: (5000, 6000), 4: (6000, 6500)},
}
HOMES = {"24": [1, 1, 2, 3, 3, 3], "25": [1, 1, 2, 5, 5, 6]}
NAMES = {1: "Castle", 2: "Park", 3: "Castle", 4: "Quay", 5: "Castle West", 6: "Castle East"}
SOUTH = {"24": "E06000002", "25": "E06000003"}
NORTH_POSTCODES = {"AA1 1AA": 400_000, "AA1 1AD": 401_000, "AA1 1AB": 402_000}
SOUTH_POSTCODES = {"BB1 1BB": 405_000, "BB1 1BD": 403_000, "BB1 1BE": 404_000}
POSTCODES = NORTH_POSTCODES | SOUTH_POSTCODES


def ward(number: int) -> str:
    return f"E0500000{number}"


def vintage(year: str) -> Vintage:
    """The declared edition, with the toy's numbers of areas and rows."""
    found = next(v for v in declared_vintages().values() if v.year == year)
    recoded = {"E06000003": "E06000002"} if year == "24" else {"E06000002": "E06000003"}
    sources = {key: replace(source, rows=(1, 20)) for key, source in found.sources.items()}
    return replace(found, areas=AREAS[year], recoded=recoded, sources=sources)


def _others(sources: Mapping[str, Source]) -> list[Source]:
    """Sources by small area that the toy has no file of its own for."""
    own = {*CENSUS, "deprivation", "deprivation_indicators"}
    return [s for s in sources.values() if s.reader and s.urls and s.key not in own]


@dataclass
class Publishers:
    """The toy's publishers on a local server, for one edition of wards.

    ``fine``: the 20 m outlines are published too. ``ofcom``: output areas, else the Commons
    Library's workbook by hand. ``score`` is added to every IMD score: another edition of it.
    """

    server: Server
    folder: Path
    year: str = "24"
    fine: bool = False
    ofcom: bool = True
    before: bool = True
    score: float = 0.0

    def open(self) -> Vintage:
        """Set every publisher up; return the edition with the addresses to ask."""
        self.server.routes.clear()
        edition = vintage(self.year)
        files, rows = self._files(edition.sources), self._rows()
        sources: dict[str, Source] = {}
        for key, source in edition.sources.items():
            urls: tuple[str, ...] = ()
            if key in files:
                urls = (f"{self.server.root}/{source.file}",)
                self.server.routes[f"/{source.file}"] = body(files[key].read_bytes())
            elif key in rows:
                lines, shapes = rows[key]
                points = "x" in source.columns
                Service(
                    lines,
                    table=source.format == "csv",
                    point=points,
                    places=shapes if points else None,
                    shapes=None if points else shapes,
                ).mount(self.server, source.arcgis[0])
            sources[key] = replace(source, urls=urls)
        return replace(edition, sources=sources)

    def _files(self, sources: Mapping[str, Source]) -> dict[str, Path]:
        made = {key: self.folder / sources[key].file for key in sources}
        if not made["postcodes"].exists():
            # Once: a zip and a workbook hold the time of writing, and would be other bytes.
            self._lasting(made, sources)
        self._deprivation(made["deprivation"], sources["deprivation"])
        keys = [*CENSUS, "deprivation", "deprivation_indicators", "libraries", "postcodes"]
        keys += [source.key for source in _others(sources)]
        keys += ["broadband_output_areas"] if self.ofcom else []
        return {key: made[key] for key in keys}

    def _lasting(self, made: Mapping[str, Path], sources: Mapping[str, Source]) -> None:
        tables = toy.tables()
        census = {
            "census_age": self._age(),
            "census_disability": {
                "Disability: Total: All usual residents": tables["census_age"]["population"],
                "Disability: Disabled under the Equality Act": tables["census_disability"][
                    "disabled_people"
                ],
            },
            "census_household_deprivation": self._parts(
                sources["census_household_deprivation"],
                tables["census_tenure"]["households"],
                tables["census_household_deprivation"]["deprived_households"],
            ),
            "census_tenure": self._parts(
                sources["census_tenure"],
                tables["census_tenure"]["households"],
                tables["census_tenure"]["social_rented_households"],
            ),
        }
        for key, columns in census.items():
            rows = [
                [code, *(f"{column[n]:.0f}" for column in columns.values())]
                for n, code in enumerate(toy.LSOAS)
            ]
            stem = Path(sources[key].file).stem.removeprefix("census2021-")
            census_zip(made[key], stem, list(columns), rows)
        for source in _others(sources):
            declared_file(made[source.key], source, toy.LSOAS)
        self._indicators(made["deprivation_indicators"])
        self._libraries(made["libraries"])
        self._postcodes(made["postcodes"])
        self._ofcom(made["broadband_output_areas"])

    def _age(self) -> dict[str, Any]:
        ages = toy.tables()["census_age"]
        nothing = ages["population"] * 0
        return {
            "Age: Total": ages["population"],
            "Age: Aged 65 to 69 years": ages["age_65_74_people"],
            "Age: Aged 70 to 74 years": nothing,
            "Age: Aged 75 to 79 years": ages["age_75_plus_people"],
            "Age: Aged 80 to 84 years": nothing,
            "Age: Aged 85 years and over": nothing,
        }

    @staticmethod
    def _parts(source: Source, total: Any, part: Any) -> dict[str, Any]:
        """Total first, the part in the next column, nothing in the others."""
        _, all_of, first, *others = source.columns
        return {all_of: total, first: part, **{name: part * 0 for name in others}}

    def _deprivation(self, path: Path, source: Source) -> None:
        table = toy.tables()["deprivation"]
        # Published on the councils of 2024, whatever the wards.
        rows = [
            [code, f"Toy {code}", authority, score + self.score, income, skills]
            for code, authority, score, income, skills in zip(
                toy.LSOAS,
                ["E06000001"] * 3 + ["E06000002"] * 3,
                table["imd_score"],
                table["income_deprived_rate"],
                table["low_skills_rate"],
                strict=True,
            )
        ]
        write_csv(path, list(source.columns), rows, encoding="utf-8-sig")

    def _indicators(self, path: Path) -> None:
        table = toy.tables()["deprivation_indicators"]
        key = "LSOA code (2021)"
        income = [
            [code, None if value != value else value]
            for code, value in zip(toy.LSOAS, table["income_deprived_people"], strict=True)
        ]
        barriers = [
            [code, float(digital), float(transport)]
            for code, digital, transport in zip(
                toy.LSOAS,
                table["digital_connectivity_score"],
                table["transport_connectivity_score"],
                strict=True,
            )
        ]
        skills = "Adult skills and English language proficiency indicator"
        digital = "Digital Connectivity (Broadband download and upload speeds)"
        write_workbook(
            path,
            {
                "IoD25 Income Domain": [[key, "Income Domain numerator"], *income],
                "IoD25 Education Domain": [[key, skills], *[[c, 0.3] for c in toy.LSOAS]],
                "IoD25 Barriers Domain": [[key, digital, "Connectivity Score"], *barriers],
            },
        )

    def _libraries(self, path: Path) -> None:
        south = {
            "Reporting service": "Southshire Council",
            "Reporting service code": "E06000002",
            "Name": "Quayside",
            "Postcode": "BB1 1BB",
            "Easting": "405000",
        }
        write_csv(path, LIBRARY_HEADER, [library(), library(**south)])

    def _postcodes(self, path: Path) -> None:
        header = [
            "Postcode",
            "Positional_quality_indicator",
            "Eastings",
            "Northings",
            "Country_code",
            "Admin_ward_code",
        ]
        # An edition that has not followed the new wards yet, as after every May.
        homes = {400_000: 1, 401_000: 1, 402_000: 2, 403_000: 3, 404_000: 3, 405_000: 3}
        rows = [
            [code, 10, east, 300_000, "E92000001", ward(homes[east])]
            for code, east in POSTCODES.items()
        ]
        write_zip(
            path,
            {
                "Doc/Code-Point_Open_Column_Headers.csv": ",".join(header).encode() + b"\n",
                "Data/CSV/aa.csv": csv_bytes(rows[0], rows[1:]),
            },
        )

    def _ofcom(self, path: Path) -> None:
        """A zip in a zip. Two output areas a small area; one has no row: no premises there."""
        header = [
            "output_area",
            "All Premises",
            "Number of premises with SFBB availability",
            "Number of premises with Gigabit availability",
        ]
        rows = [[f"E0000000{n}", 100, 90 + n, 10 * n] for n in range(1, 7)]
        rows += [[f"E0000001{n}", 50, 50, 50] for n in range(1, 6)]
        name = "202507_fixed_oa_res_coverage_r01"
        inner = path.with_name("inner.zip")
        write_zip(inner, {f"{name}/{name}.csv": csv_bytes(header, rows)})
        outer = f"202507_fixed_coverage_r01/{name}.zip"
        write_zip(path, {outer: inner.read_bytes()})

    def _rows(self) -> dict[str, tuple[list[dict[str, str]], list[Any] | None]]:
        """What each ArcGIS service holds: rows, and outlines or points where it has them."""
        found: dict[str, tuple[list[dict[str, str]], list[Any] | None]] = {
            "ward_boundaries": (self._wards(), self._ward_shapes()),
            "authority_boundaries": self._authorities(),
            "lsoa_boundaries": (
                [{"LSOA21CD": code, "LSOA21NM": f"Toy {code}"} for code in toy.LSOAS],
                [self._span(1000 * n, 1000 * n + 1000) for n in range(6)],
            ),
            "lsoa_to_ward": (self._best_fit(self.year), None),
            "ward_hierarchy": (self._hierarchy(), None),
            "combined_authorities": (
                [
                    {
                        "LAD25CD": "E06000001",
                        "LAD25NM": "Northshire",
                        "CAUTH25CD": "E47000001",
                        "CAUTH25NM": "Toy Union",
                    }
                ],
                None,
            ),
            "lsoa_centroids": (
                [{"LSOA21CD": code} for code in toy.LSOAS],
                [(400_000.0 + 1000 * n, 300_000.0) for n in range(6)],
            ),
            "lsoa_to_msoa": (
                [
                    {"LSOA21CD": code, "MSOA21CD": "E02000001", "MSOA21NM": "Alton 001"}
                    for code in toy.LSOAS
                ],
                None,
            ),
        }
        if self.ofcom:
            found["output_area_to_lsoa"] = (
                [
                    {"OA21CD": f"E0000000{n}", "LSOA21CD": code}
                    for n, code in enumerate(toy.LSOAS, start=1)
                ]
                + [
                    {"OA21CD": f"E0000001{n}", "LSOA21CD": code}
                    for n, code in enumerate(toy.LSOAS, start=1)
                ],
                None,
            )
        if self.fine:
            found["ward_boundaries_fine"] = found["ward_boundaries"]
        if self.before and self.year == "25":
            found["lsoa_to_ward_before"] = (self._best_fit("24"), None)
        return found

    @staticmethod
    def _span(west: float, east: float) -> dict[str, Any]:
        shape = box(399_500 + west, 299_000, 399_500 + east, 301_000).segmentize(500)
        return mapping(gpd.GeoSeries([shape], crs="EPSG:27700").to_crs("EPSG:4326")[0])

    def _council(self, number: int) -> tuple[str, str]:
        north = number in (1, 2)
        return ("E06000001", "Northshire") if north else (SOUTH[self.year], "Southshire")

    def _wards(self) -> list[dict[str, str]]:
        y = self.year
        return [
            {f"WD{y}CD": ward(n), f"WD{y}NM": NAMES[n], f"LAD{y}CD": self._council(n)[0]}
            for n in SPANS[y]
        ]

    def _ward_shapes(self) -> list[Any]:
        return [self._span(*edges) for edges in SPANS[self.year].values()]

    def _authorities(self) -> tuple[list[dict[str, str]], list[Any]]:
        y = self.year
        rows = [
            {f"LAD{y}CD": code, f"LAD{y}NM": name}
            for code, name in (self._council(1), self._council(4))
        ]
        return rows, [self._span(0, 3000), self._span(3000, 6500)]

    def _hierarchy(self) -> list[dict[str, str]]:
        y = self.year
        return [
            {
                f"WD{y}CD": ward(n),
                f"WD{y}NM": NAMES[n],
                f"LAD{y}CD": self._council(n)[0],
                f"LAD{y}NM": self._council(n)[1],
                f"CTYUA{y}CD": self._council(n)[0],
                f"CTYUA{y}NM": self._council(n)[1],
                f"RGN{y}CD": "E12000001",
                f"RGN{y}NM": "Toyland",
            }
            for n in SPANS[y]
        ]

    @staticmethod
    def _best_fit(y: str) -> list[dict[str, str]]:
        return [
            {
                "LSOA21CD": code,
                "LSOA21NM": f"Toy {code}",
                f"WD{y}CD": ward(home),
                f"WD{y}NM": NAMES[home],
                f"LAD{y}CD": "E06000001" if home in (1, 2) else SOUTH[y],
            }
            for code, home in zip(toy.LSOAS, HOMES[y], strict=True)
        ]
