"""Which tables the open datastore holds (``tables.toml``), and how each is made from a snapshot."""

from collections.abc import Callable, Sequence
from functools import cache, cached_property, partial
from typing import Any, Literal

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
from pydantic.dataclasses import dataclass

from atlas.access.distance import EVERYONE, library_venues, residents_in
from atlas.access.support_score import SOURCES, declared_support, support_table
from atlas.catalogue.cohorts import declared_cohorts
from atlas.catalogue.columns import columns_of, declared_columns
from atlas.catalogue.declarations import STRICT, Text, keyed, read_declaration
from atlas.catalogue.table_schemas import (
    Entry,
    Format,
    Kind,
    Table,
    as_declared,
    entry_of,
    kind_of,
)
from atlas.places.areas import declared_areas
from atlas.places.places import Places
from atlas.places.postcodes import GRID
from atlas.risk.export import export_fields, export_rows
from atlas.risk.request import RiskRequest
from atlas.risk.scorer import Scorer, with_derived_columns
from atlas.snapshot.snapshot import Snapshot

WGS84 = "EPSG:4326"
Rows = Callable[[], pd.DataFrame]


@dataclass(frozen=True, config=STRICT)
class _Column:
    title: Text
    description: Text
    unit: Text
    kind: Kind = "string"


@dataclass(frozen=True, config=STRICT)
class _Declared:
    """What ``tables.toml`` says of one table."""

    name: Text
    title: Text
    description: Text
    formats: tuple[Format, ...]
    key: Text
    links: tuple[tuple[str, str], ...] = ()
    leaves_out: str = ""
    sources: tuple[str, ...] = ()
    columns: dict[str, _Column | Literal["as declared"]] | None = None

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The columns that are declared with the table."""
        return tuple(
            entry_of(name)
            if said == "as declared"
            else Entry(name, said.title, said.description, said.unit, said.kind)
            for name, said in (self.columns or {}).items()
        )


@cache
def _declared_tables() -> dict[str, _Declared]:
    return read_declaration(dict[str, _Declared], __file__, partial(keyed, field="name"))


class Tables:
    """The tables of a snapshot. Their rows are made when they are asked for."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.used = tuple(snapshot.provenance["sources"])

    def all(self) -> list[Table]:
        """Return every table that the snapshot has what it is made of."""
        snapshot, declared = self.snapshot, _declared_tables()
        rows: dict[str, Rows] = {
            "wards": lambda: _outlined(self._as_published("wards", snapshot.wards), self._wards),
            "lsoas": lambda: _outlined(self._as_published("lsoas", snapshot.lsoas), self._lsoas),
            "libraries": lambda: _pointed(self._as_published("libraries", snapshot.libraries)),
            "risk_index": self._risk_index,
            "support": self._support,
            "areas": self._areas,
            "postcodes": self._postcodes,
        }
        # Tables that stand beside the figures of wards, where the snapshot has them.
        for name, there in (("walking", snapshot.walking), ("councils", snapshot.councils)):
            if len(there):
                rows[name] = partial(self._as_published, name, there)
        for name in declared:
            if name.startswith("boundaries_"):
                rows[name] = partial(self._outlines, name)
        entries = {
            **{name: said.entries for name, said in declared.items() if said.columns},
            **{name: _published(name) for name in rows if not declared[name].columns},
            "risk_index": risk_entries(self._scorer),
            "support": self._support_entries,
        }
        sources = {
            "risk_index": [
                key
                for name in self._scorer.england.method.indicators
                for key in declared_columns()[name].sources
            ],
            "support": SOURCES,
        }
        made = []
        for name in (name for name in declared if name in rows):
            told: dict[str, Any] = {**vars(declared[name])}
            del told["columns"]
            told["description"] = told["description"].format(edition=snapshot.edition)
            used = (key for key in dict.fromkeys(sources.get(name, ())) if key in self.used)
            told["sources"] = told["sources"] or tuple(used)
            made.append(Table(**told, entries=entries[name], frame=rows[name]))
        return made

    @cached_property
    def _derived(self) -> Snapshot:
        return with_derived_columns(self.snapshot)

    @cached_property
    def _scorer(self) -> Scorer:
        return Scorer(self._derived, Places(self.snapshot.wards))

    def _risk_index(self) -> pd.DataFrame:
        full = self._scorer.made(RiskRequest())
        rows = export_rows(full, range(len(full.wards)), "")
        return _outlined(as_declared(rows, risk_entries(self._scorer)), self._wards)

    @cached_property
    def _support_entries(self) -> tuple[Entry, ...]:
        names = ("ward_code", "ward_name", "authority_code", "authority_name")
        groups = tuple(residents_in(self.snapshot).people)
        return (*map(entry_of, names), *support_entries(groups))

    def _support(self) -> pd.DataFrame:
        wards, entries = self._derived.wards, self._support_entries
        venues = library_venues(self.snapshot.libraries)
        found = support_table(wards, residents_in(self.snapshot), venues).drop(columns="ward_code")
        decimals = {e.name: 0 if e.kind == "integer" else 6 for e in entries if e.kind != "string"}
        rows = pd.concat([wards[[e.name for e in entries if e.name not in found]], found], axis=1)
        return _outlined(as_declared(rows.round(decimals), entries), self._wards)

    def _areas(self) -> pd.DataFrame:
        rows = as_declared(_area_rows(self.snapshot.wards), _declared_tables()["areas"].entries)
        councils = self._shapes("boundaries_authorities.geojson").set_index("authority_code")
        # An area's outline is merged from those of its councils.
        outlines = [
            councils.geometry.loc[codes.split()].union_all() for codes in rows["authority_codes"]
        ]
        return gpd.GeoDataFrame(rows, geometry=gpd.GeoSeries(outlines, crs=WGS84))

    def _outlines(self, name: str) -> pd.DataFrame:
        columns = list(_declared_tables()[name].columns or ())
        shapes = self._lsoas if name == "boundaries_lsoas" else self._shapes(f"{name}.geojson")
        return shapes.sort_values(columns[0], ignore_index=True)[[*columns, "geometry"]]

    def _postcodes(self) -> pd.DataFrame:
        stored = pq.read_table(self.snapshot.path("postcodes.parquet")).to_pandas()
        return pd.DataFrame(
            {
                "postcode": stored["postcode"].astype("str"),
                "ward_code": stored["ward_code"].astype("str"),
                "easting": stored["east_50m"] * GRID + GRID // 2,
                "northing": stored["north_50m"] * GRID + GRID // 2,
            }
        )

    def _as_published(self, name: str, rows: pd.DataFrame) -> pd.DataFrame:
        return as_declared(rows, _published(name))

    @property
    def _wards(self) -> gpd.GeoDataFrame:
        return self._shapes("boundaries_wards.geojson")

    @property
    def _lsoas(self) -> gpd.GeoDataFrame:
        return gpd.read_parquet(self.snapshot.path("boundaries_lsoas.parquet"))

    def _shapes(self, file: str) -> gpd.GeoDataFrame:
        return pyogrio.read_dataframe(self.snapshot.path(file))


def _published(table: str) -> tuple[Entry, ...]:
    """The columns of one of the snapshot's tables; walking time lies in a file of another name."""
    name = "walking_wards" if table == "walking" else table
    return tuple(entry_of(column.name) for column in columns_of(name))


def _area_rows(wards: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of ``areas``: one for each declared area that has wards, by ``area_code``."""
    places, declared = Places(wards), declared_areas()
    return pd.DataFrame(
        [
            {
                "area_code": code,
                "area_name": declared[code].name,
                "kind": declared[code].kind,
                "status": declared[code].status,
                "since": declared[code].since,
                "law": declared[code].law,
                "mayor": declared[code].mayor,
                "authority_codes": " ".join(sorted(set(inside["authority_code"]))),
                "wards": len(inside),
                "residents": int(inside["population"].sum()),
            }
            for code in sorted(declared)
            if code in places
            for inside in [wards.iloc[places.positions(code)]]
        ]
    )


def _outlined(frame: pd.DataFrame, shapes: gpd.GeoDataFrame) -> pd.DataFrame:
    key = frame.columns[0]
    placed = pd.Series(shapes.geometry.to_numpy(), index=shapes[key])
    geometry = gpd.GeoSeries(frame[key].map(placed).to_numpy(), crs=WGS84)
    return gpd.GeoDataFrame(frame, geometry=geometry)


def _pointed(frame: pd.DataFrame) -> gpd.GeoDataFrame:
    points = gpd.GeoSeries(gpd.points_from_xy(frame["longitude"], frame["latitude"], crs=WGS84))
    points[frame["longitude"].isna().to_numpy()] = None
    return gpd.GeoDataFrame(frame, geometry=points)


def risk_entries(made: Scorer) -> tuple[Entry, ...]:
    """Return the columns of the index's table, in order."""
    fields = export_fields(made.made(RiskRequest(), draws=1))
    return tuple(
        Entry(f.name, f.heading, f.definition or f.heading, f.unit, kind_of(f.unit))
        for f in fields
        if f.name != "link"
    )


def support_entries(groups: Sequence[str]) -> tuple[Entry, ...]:
    """Return the columns of the support table after the ward's names, for groups of residents."""
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
                f"{label}, within a mile of help",
                f"Straight line, by postcode.{note}",
                unit,
                "integer",
            ),
        ]
    measured = [
        Entry(c.name, c.label, c.definition, c.unit, "number", c.direction_in_words)
        for c in (measure.column for measure in method.measures.values())
    ]
    direction, thirds = f"{method.direction}.", f"0 to 2: {', '.join(method.thirds)}."
    levels = (
        f"0 to 2: {', '.join(method.risk_levels)} (lowest fifth, middle, highest fifth of "
        "England’s residents)."
    )
    need = "higher = less need"
    return (
        *counts,
        *measured,
        Entry("support_score", method.title, direction, "score", "number", need),
        Entry("support_third", "Third by support", thirds, "count", "integer"),
        Entry("risk_level", "Level of risk", levels, "count", "integer"),
        Entry("grid_cell", "Cell of the grid of risk and support", f"{grid}.", "count", "integer"),
    )
