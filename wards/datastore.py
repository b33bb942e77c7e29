"""The open datastore: every published table in formats that other tools read, and its descriptor.

One edition is a folder of files made from one snapshot, described by ``datapackage.json`` (a
Frictionless data package). The same snapshot gives the same bytes.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
import pyogrio

from wards.assess import Assessor, with_derived_columns
from wards.codebook import FORMATS, Entry, Format, Table, as_declared, entry_of, kind_of, schema
from wards.cohorts import declared_cohorts
from wards.columns import columns_of, declared_columns
from wards.exports import HOW_NOT_TO_USE
from wards.index_export import export_fields, export_rows
from wards.open_formats import MEDIA_TYPES, WRITERS
from wards.places import Places
from wards.postcodes import GRID
from wards.reach import EVERYONE, library_venues, residents_of
from wards.settings import Settings
from wards.snapshot import Snapshot, version_of
from wards.sources import LICENCES, Source
from wards.support import SOURCES, declared_support, support_table
from wards.vintages import vintage_of

DESCRIPTOR = "datapackage.json"
WGS84 = "EPSG:4326"

LICENCE = "OGL-UK-3.0"

# What decides how a snapshot is written, beside the snapshot itself.
_DECIDES = (
    *("columns.toml", "sources.toml", "index.toml", "cohorts.toml", "support.toml"),
    *("datastore.py", "codebook.py", "open_formats.py", "index_export.py", "support.py"),
)


def edition_of(folder: Path) -> str:
    """Return the name of the edition that a snapshot folder gives, such as ``1a2b3c4d-5e6f70``.

    It changes with the data (the first part is the data version) and with what is declared of
    columns, sources, index and groups and how tables are written (the second). Raises
    :class:`SnapshotError`.
    """
    declared = hashlib.sha256()
    for name in _DECIDES:
        declared.update(Path(__file__).with_name(name).read_bytes())
    return f"{version_of(folder)}-{declared.hexdigest()[:6]}"


class Datastore:
    """The tables of one snapshot, made when they are asked for and written in every format."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.used = tuple(snapshot.provenance["sources"])
        self.declared = vintage_of(snapshot.provenance).sources
        self.edition = edition_of(snapshot.folder)
        self.tables = {table.name: table for table in self._tables()}

    def _tables(self) -> list[Table]:
        return [
            *self._measures(),
            self._risk_index(),
            self._support(),
            *self._outlines(),
            self._postcodes(),
        ]

    # --- the tables ---------------------------------------------------------------------------

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
        made = Assessor(self._derived, Places(self.snapshot.wards))
        needed: dict[str, pd.DataFrame] = {}

        def frame() -> pd.DataFrame:
            if "rows" not in needed:
                full = made.made(Settings())
                rows = export_rows(full, range(len(full.wards)), "")
                needed["rows"] = as_declared(rows, entries)
            return self._outlined(needed["rows"].copy(), "boundaries_wards.geojson")

        entries = _risk_entries(made)
        return Table(
            "risk_index",
            "Risk of digital exclusion, with how firm it is",
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
        residents = residents_of(self.snapshot.lsoas)
        names = ("ward_code", "ward_name", "authority_code", "authority_name")
        entries = (*map(entry_of, names), *_support_entries(tuple(residents.people)))

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
            "Staffed help within reach",
            "What is near enough to help: residents and groups within a mile of an open, staffed "
            "library, distances, staffed hours, the support score and the grid of risk and "
            "support, for every ward.",
            entries,
            FORMATS,
            frame,
            key="ward_code",
            links=(("ward_code", "wards"),),
            sources=tuple(key for key in SOURCES if key in self.used),
        )

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

    # --- files --------------------------------------------------------------------------------

    def write(self, out: Path, told: Callable[[str], None] = lambda name: None) -> dict[str, Any]:
        """Write every file and the descriptor into a folder; return the descriptor.

        ``told`` is called with each file's name before it is written.
        """
        out.mkdir(parents=True, exist_ok=True)
        resources = []
        for table in self.tables.values():
            frame = table.frame()
            for format_ in table.formats:
                told(table.file(format_))
                path = out / table.file(format_)
                WRITERS[format_](frame, table, path)
                resources.append(self._resource(table, format_, path, len(frame)))
        descriptor = self._package(resources)
        text = json.dumps(descriptor, ensure_ascii=False, indent=1)
        (out / DESCRIPTOR).write_text(f"{text}\n", encoding="utf-8")
        return descriptor

    def _package(self, resources: list[dict[str, Any]]) -> dict[str, Any]:
        title, page = LICENCES[LICENCE]
        used = [self.declared[key] for key in self.used]
        return {
            "profile": "data-package",
            "name": "digital-inclusion-atlas",
            "title": "Digital Inclusion Atlas: open datastore",
            "description": "Ward by ward, where in England residents are most at risk of digital "
            "exclusion, why, and what is near enough to help. An empty cell means no data, never "
            "zero. " + " ".join(HOW_NOT_TO_USE),
            "version": self.edition,
            "data_version": self.snapshot.version,
            "licenses": [{"name": LICENCE, "title": title, "path": page}],
            "sources": [_source(source) for source in used],
            "attribution": list(dict.fromkeys(source.attribution for source in used)),
            "resources": resources,
        }

    def _resource(self, table: Table, format_: Format, path: Path, rows: int) -> dict[str, Any]:
        with path.open("rb") as file:
            checksum = hashlib.file_digest(file, "sha256").hexdigest()
        title, page = LICENCES[LICENCE]
        keys = table.sources or dict.fromkeys(
            key for entry in table.entries for key in entry.sources if key in self.used
        )
        resource: dict[str, Any] = {
            "name": path.name,
            "path": path.name,
            "title": table.title,
            "description": table.description,
            "format": format_,
            "mediatype": MEDIA_TYPES[format_],
            "bytes": path.stat().st_size,
            "hash": f"sha256:{checksum}",
            "licenses": [{"name": LICENCE, "title": title, "path": page}],
            "sources": [_source(self.declared[key]) for key in keys],
        }
        if format_ == "csv":
            return resource | {
                "type": "table",
                "rows": rows,
                "profile": "tabular-data-resource",
                "encoding": "utf-8",
                "schema": schema(table),
            }
        # The same columns: said once for tables that have a CSV, in full for those without.
        described: dict[str, Any] = {"type": "file", "profile": "data-resource", "records": rows}
        if "csv" in table.formats:
            described["columns_as_in"] = table.file("csv")
        else:
            described["columns"] = schema(table)["fields"]
        if table.is_placed(format_):
            described["crs"] = WGS84
        return resource | described


def _source(source: Source) -> dict[str, str]:
    return {
        "title": f"{source.publisher}: {source.title} ({source.vintage})",
        "path": source.page,
        "as_at": source.as_at.isoformat(),
        "licence": source.licence,
        "attribution": source.attribution,
    }


def _risk_entries(made: Assessor) -> tuple[Entry, ...]:
    fields = export_fields(made.made(Settings(), draws=1))
    return tuple(
        Entry(
            field.name,
            field.heading,
            field.definition or field.heading,
            field.unit,
            kind_of(field.unit),
        )
        for field in fields
        if field.name != "link"
    )


def _support_entries(groups: Sequence[str]) -> tuple[Entry, ...]:
    method, cohorts = declared_support(), declared_cohorts()
    grid = "; ".join(f"{cell}: {method.cell_label(cell)}" for cell in range(9))
    counts = []
    for key in groups:
        everyone = key == EVERYONE
        label = "Residents" if everyone else cohorts[key].label
        unit = "households" if not everyone and cohorts[key].unit == "households" else "people"
        note = "" if everyone else f" {cohorts[key].note}"
        names = ("residents", "near_people") if everyone else (f"all_{key}", f"near_{key}")
        counts += [
            Entry(names[0], label, f"All of the ward’s, to whole numbers.{note}", unit, "integer"),
            Entry(
                names[1],
                f"{label}, within a mile of staffed help",
                f"Straight line from the centre of each small area.{note}",
                unit,
                "integer",
            ),
        ]
    measured = [
        Entry(c.name, c.label, c.definition, c.unit, "number", c.direction_in_words)
        for c in (measure.column for measure in method.measures.values())
    ]
    scores = [
        Entry(
            "support_score",
            method.title,
            f"{method.direction}.",
            "score",
            "number",
            "higher = less need",
        ),
        Entry(
            "support_third",
            "Third by support",
            f"0 to 2: {', '.join(method.thirds)}.",
            "count",
            "integer",
        ),
        Entry(
            "risk_third",
            "Third by risk",
            f"0 to 2: {', '.join(method.risk_thirds)}.",
            "count",
            "integer",
        ),
        Entry("grid_cell", "Cell of the grid of risk and support", f"{grid}.", "count", "integer"),
    ]
    return (*counts, *measured, *scores)


def _pointed(frame: pd.DataFrame) -> gpd.GeoDataFrame:
    points = gpd.GeoSeries(gpd.points_from_xy(frame["longitude"], frame["latitude"], crs=WGS84))
    points[frame["longitude"].isna().to_numpy()] = None
    return gpd.GeoDataFrame(frame, geometry=points)
