"""Which tables the open datastore holds, and how each is made from a snapshot."""

from collections.abc import Callable, Sequence
from functools import cached_property

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
import pyogrio

from atlas.access.distance import library_venues, residents_in
from atlas.access.support_score import SOURCES, support_table
from atlas.catalogue.columns import columns_of, declared_columns
from atlas.catalogue.table_schemas import FORMATS, Entry, Table, as_declared, entry_of
from atlas.datastore.area_table import AREA_ENTRIES, area_outlines, area_rows
from atlas.datastore.risk_columns import risk_entries, support_entries
from atlas.places.places import Places
from atlas.places.postcodes import GRID
from atlas.risk.export import export_rows
from atlas.risk.request import RiskRequest
from atlas.risk.scorer import Scorer, with_derived_columns
from atlas.snapshot.snapshot import Snapshot

WGS84 = "EPSG:4326"


def tables_of(snapshot: Snapshot) -> list[Table]:
    """Return the tables of a snapshot. Their rows are made when they are asked for."""
    return _Tables(snapshot).all()


class _Tables:
    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.used = tuple(snapshot.provenance["sources"])

    def all(self) -> list[Table]:
        return [
            *self._measures(),
            self._risk_index(),
            self._support(),
            self._areas(),
            *self._beside(),
            *self._outlines(),
            self._postcodes(),
        ]

    def _measures(self) -> list[Table]:
        return [
            Table(
                "wards",
                "Wards with every measure",
                f"Every electoral ward of England ({self.snapshot.edition}) with every measure of "
                "the Atlas. Figures are by best fit of small areas (LSOA 2021); a ward that no "
                "small area fits best has no figures.",
                self._declared("wards"),
                FORMATS,
                lambda: self._outlined(self._typed("wards"), "boundaries_wards.geojson"),
                key="ward_code",
            ),
            Table(
                "lsoas",
                "Small areas (LSOAs) with every measure",
                "Every lower layer super output area of England (2021) with the same measures, "
                "and the ward that it fits best.",
                self._declared("lsoas"),
                ("csv", "parquet", "gpkg"),
                lambda: self._outlined(self._typed("lsoas"), "boundaries_lsoas.parquet"),
                key="lsoa_code",
                links=(("ward_code", "wards"),),
                leaves_out="GeoJSON with all columns would be too large to open: take the "
                "GeoPackage, or the outlines alone as GeoJSON.",
            ),
            Table(
                "libraries",
                "Public libraries since 2010",
                "Public libraries as library services reported them, open and closed, with "
                "opening by part of the day. Points in the geographic formats.",
                self._declared("libraries"),
                FORMATS,
                lambda: _pointed(self._typed("libraries")),
                key="library_id",
            ),
        ]

    def _risk_index(self) -> Table:
        made = Scorer(self._derived, Places(self.snapshot.wards))
        needed: dict[str, pd.DataFrame] = {}

        def frame() -> pd.DataFrame:
            if "rows" not in needed:
                full = made.made(RiskRequest())
                rows = export_rows(full, range(len(full.wards)), "")
                needed["rows"] = as_declared(rows, entries)
            return self._outlined(needed["rows"].copy(), "boundaries_wards.geojson")

        entries = risk_entries(made)
        return Table(
            "risk_index",
            "Risk of digital exclusion, with how sure it is",
            "The composite index with its standard weights, compared with England: score, "
            "components, tier, rank intervals from 1,000 tests, main drivers, pockets and "
            "headcounts, for every ward.",
            entries,
            FORMATS,
            frame,
            key="ward_code",
            links=(("ward_code", "wards"),),
            sources=tuple(
                dict.fromkeys(
                    key
                    for name in made.england.method.indicators
                    for key in declared_columns()[name].sources
                    if key in self.used
                )
            ),
        )

    @cached_property
    def _derived(self) -> Snapshot:
        return with_derived_columns(self.snapshot)

    def _support(self) -> Table:
        residents = residents_in(self.snapshot)
        names = ("ward_code", "ward_name", "authority_code", "authority_name")
        entries = (*map(entry_of, names), *support_entries(tuple(residents.people)))

        def frame() -> pd.DataFrame:
            wards = self._derived.wards
            venues = library_venues(self.snapshot.libraries)
            found = support_table(wards, residents, venues).drop(columns="ward_code")
            whole = [entry.name for entry in entries if entry.kind == "integer"]
            rows = pd.concat([wards[list(names)], found.round({name: 0 for name in whole})], axis=1)
            decimals = {e.name: 6 for e in entries if e.kind == "number"}
            shaped = as_declared(rows.round(decimals), entries)
            return self._outlined(shaped, "boundaries_wards.geojson")

        return Table(
            "support",
            "Help within reach",
            "What is near enough to help: residents and groups within a mile of a "
            "library, distances, hours of help, the support score, and the grid of risk and "
            "support.",
            entries,
            FORMATS,
            frame,
            key="ward_code",
            links=(("ward_code", "wards"),),
            sources=tuple(key for key in SOURCES if key in self.used),
        )

    def _areas(self) -> Table:
        def frame() -> pd.DataFrame:
            rows = as_declared(area_rows(self.snapshot.wards), AREA_ENTRIES)
            outlines = area_outlines(rows, self._shapes("boundaries_authorities.geojson"))
            return gpd.GeoDataFrame(rows, geometry=gpd.GeoSeries(outlines, crs=WGS84))

        return Table(
            "areas",
            "Areas above the council",
            "Regions, combined authorities, counties and councils to come: status, legal source, "
            "councils and residents of each. Their outlines are those of their councils together.",
            AREA_ENTRIES,
            FORMATS,
            frame,
            key="area_code",
            sources=("ward_hierarchy", "combined_authorities", "census_age"),
        )

    def _beside(self) -> list[Table]:
        """Tables that stand beside the figures of wards, where the snapshot has them."""
        tables = [
            Table(
                "walking",
                "Walking time to a library",
                "Share of each ward’s residents within 10, 20 and 30 minutes’ walk of a library, "
                "under a licence of its own: © openrouteservice.org by HeiGIT, map data © "
                "OpenStreetMap contributors.",
                self._declared("walking_wards"),
                ("csv", "parquet"),
                lambda: as_declared(self.snapshot.walking, self._declared("walking_wards")),
                key="ward_code",
                links=(("ward_code", "wards"),),
                leaves_out="Take the outlines of wards, and join by code.",
            ),
            Table(
                "councils",
                "Councils: newer coverage, and councils that are alike",
                "Figures of January 2026 by council, never by ward, and the councils that the "
                "Office for National Statistics finds most alike.",
                self._declared("councils"),
                ("csv", "parquet"),
                lambda: as_declared(self.snapshot.councils, self._declared("councils")),
                key="authority_code",
                leaves_out="Take the outlines of councils, and join by code.",
            ),
        ]
        there = {"walking": self.snapshot.walking, "councils": self.snapshot.councils}
        return [table for table in tables if len(there[table.name])]

    def _outlines(self) -> list[Table]:
        tables = [
            ("wards", "Ward outlines", ("ward_code", "ward_name"), "ward_boundaries"),
            (
                "authorities",
                "Council outlines",
                ("authority_code", "authority_name"),
                "ward_boundaries",
            ),
            (
                "combined_authorities",
                "Combined authority outlines",
                ("combined_authority_code", "combined_authority_name"),
                "combined_authorities",
            ),
            ("lsoas", "Small area (LSOA) outlines", ("lsoa_code",), "lsoa_boundaries"),
        ]
        return [
            Table(
                f"boundaries_{name}",
                title,
                "Outlines with codes and names only, generalised for maps, in degrees (EPSG:4326).",
                tuple(map(entry_of, columns)),
                ("parquet", "gpkg", "geojson"),
                self._outline_frame(name, columns),
                key=columns[0],
                links=((columns[0], name),) if name in ("wards", "lsoas") else (),
                leaves_out="An outline does not fit a CSV cell.",
                sources=(source,),
            )
            for name, title, columns, source in tables
        ]

    def _outline_frame(self, name: str, columns: Sequence[str]) -> Callable[[], pd.DataFrame]:
        suffix = "parquet" if name == "lsoas" else "geojson"
        file = f"boundaries_{name}.{suffix}"

        def frame() -> pd.DataFrame:
            outlines = self._shapes(file)
            ordered = outlines.sort_values(columns[0], ignore_index=True)
            return ordered[[*columns, "geometry"]]

        return frame

    def _postcodes(self) -> Table:
        entries = (
            Entry("postcode", "Postcode", "A live postcode unit.", "code", "string"),
            entry_of("ward_code"),
            Entry(
                "easting",
                "Easting",
                f"Middle of the {GRID} m square that holds the postcode, British National Grid "
                "(EPSG:27700), in metres.",
                "metres",
                "integer",
            ),
            Entry("northing", "Northing", "As easting.", "metres", "integer"),
        )

        def frame() -> pd.DataFrame:
            stored = pq.read_table(self.snapshot.path("postcodes.parquet")).to_pandas()
            return pd.DataFrame(
                {
                    "postcode": stored["postcode"].astype("str"),
                    "ward_code": stored["ward_code"].astype("str"),
                    "easting": stored["east_50m"] * GRID + GRID // 2,
                    "northing": stored["north_50m"] * GRID + GRID // 2,
                }
            )

        return Table(
            "postcodes",
            "Postcodes with their ward",
            "Every live postcode of England with the ward that holds its centre.",
            entries,
            ("parquet",),
            frame,
            key="postcode",
            links=(("ward_code", "wards"),),
            leaves_out="With 1.5 million rows it is more than a spreadsheet holds: Parquet only.",
            sources=("postcodes",),
        )

    # --- rows ---------------------------------------------------------------------------------

    def _declared(self, table: str) -> tuple[Entry, ...]:
        return tuple(entry_of(column.name) for column in columns_of(table))

    def _typed(self, name: str) -> pd.DataFrame:
        frame: pd.DataFrame = getattr(self.snapshot, name)
        return as_declared(frame, self._declared(name))

    def _shapes(self, file: str) -> gpd.GeoDataFrame:
        path = self.snapshot.path(file)
        if path.suffix == ".parquet":
            return gpd.read_parquet(path)
        return pyogrio.read_dataframe(path)

    def _outlined(self, frame: pd.DataFrame, file: str) -> pd.DataFrame:
        shapes = self._shapes(file)
        key = "lsoa_code" if "lsoa_code" in shapes else "ward_code"
        placed = pd.Series(shapes.geometry.to_numpy(), index=shapes[key])
        geometry = gpd.GeoSeries(frame[key].map(placed).to_numpy(), crs=WGS84)
        return gpd.GeoDataFrame(frame, geometry=geometry)


def _pointed(frame: pd.DataFrame) -> gpd.GeoDataFrame:
    points = gpd.GeoSeries(gpd.points_from_xy(frame["longitude"], frame["latitude"], crs=WGS84))
    points[frame["longitude"].isna().to_numpy()] = None
    return gpd.GeoDataFrame(frame, geometry=points)
