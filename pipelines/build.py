"""Build the snapshot: read the published files, join, check, publish. The only writer of data."""

import json
import multiprocessing
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from atlas.catalogue.sources import Source
from atlas.catalogue.vintages import PINNED, Vintage, declared_vintages
from atlas.places.names import PLACE_NAMES
from atlas.risk import sensitivity
from atlas.snapshot import snapshot
from atlas.snapshot.ended_wards import ENDED
from pipelines import PipelineError, checks, context, distances, join, place_names, row_counts
from pipelines.built import Built, Folder
from pipelines.download.content import sha256
from pipelines.publish import map_files, snapshot_files
from pipelines.readers import (
    broadband,
    census,
    geography,
    libraries,
    name_lists,
    postcodes,
    reader_of,
)
from pipelines.row_counts import published_rows

Say = Callable[[str], None]

_FLAGS = ("open", "counts_for_access", "hours_known", "coordinates_doubtful")
STEPS = ("Reading boundaries", "Reading and joining the published tables", "Checking", "Writing")


class MissingFilesError(PipelineError):
    """Published files that the build needs are not in the folder; the message says which."""


@dataclass(frozen=True)
class Outlines:
    """Boundaries in EPSG:27700, each with its codes and names, sorted by code.

    ``fine`` are the 20 m outlines of the same wards, None where they are not at hand;
    ``fine_lsoas`` those of small areas, where they are not at hand the usual ones.
    """

    wards: gpd.GeoDataFrame
    fine: gpd.GeoDataFrame | None
    authorities: gpd.GeoDataFrame
    combined: gpd.GeoDataFrame
    lsoas: gpd.GeoDataFrame
    fine_lsoas: gpd.GeoDataFrame


def build(
    raw: Path,
    out: Path,
    *,
    say: Say = print,
    accept_changes: bool = False,
    previous: Path | None = None,
    vintage: Vintage | None = None,
) -> None:
    """Build a snapshot from the published files in ``raw`` and publish it as the folder ``out``.

    Wards are of ``vintage`` (the pinned one unless told). Figures are compared with those of the
    folder ``previous`` (``out`` unless told). The same files give the same bytes. Raises
    :class:`MissingFilesError`, a reader's ``ReadError``, ``ChecksFailedError`` with every fault,
    or ``PublicationError``; in each case ``out`` is untouched. ``say`` is told of each of
    :data:`STEPS` as it begins.
    """
    folder = Folder(raw, vintage or declared_vintages()[PINNED])
    used = sources_used(folder)
    # What needs nothing of the rest goes on beside it, on the second processor.
    beside = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
    try:
        _build(folder, used, out, say, None if accept_changes else previous or out, beside)
    except BrokenProcessPool as error:
        raise snapshot_files.PublicationError(
            "A process of the build was ended, most often for want of memory. Make room for it, "
            "then run this again."
        ) from error
    finally:
        # After a fault, what still waits to be counted is of no use.
        beside.shutdown(wait=False, cancel_futures=True)


def _build(
    folder: Folder,
    used: dict[str, Source],
    out: Path,
    say: Say,
    previous: Path | None,
    beside: Executor,
) -> None:
    rows = {key: beside.submit(published_rows, folder.file(key), used[key]) for key in used}
    say(STEPS[0])
    hierarchy = geography.read_wards(folder.file("ward_hierarchy"), folder.vintage.year)
    names = named_wards(hierarchy, folder)
    outlines = read_outlines(folder, names)
    say(STEPS[1])
    read = postcodes.read_postcodes(folder.file("postcodes"))
    english = read[read["country"] == "England"].reset_index(drop=True)
    places = distances.postcodes_in_wards(english, outlines.wards)
    places = distances.postcodes_in_small_areas(places, outlines.fine_lsoas)
    venues = read_venues(folder, places, outlines.wards)
    tables = read_tables(folder, used)
    built = assemble(folder, tables, hierarchy, names, venues, outlines, places)
    borders = distances.border_with(places, read[read["country"] != "England"], names["ward_code"])
    built = replace(built, wards=built.wards.assign(border_with=borders.to_numpy()))
    built = replace(built, beside=context.tables(folder, built))
    say(STEPS[2])
    if previous:
        built = replace(built, previous=_previous_wards(previous))
    outside = distances.postcodes_outside(places, outlines.fine)
    counts = {key: counted.result() for key, counted in rows.items()}
    found = row_counts.faults(counts, used) + checks.faults(built)
    checks.raise_for(found + checks.outline_faults(outside))
    say(STEPS[3])
    snapshot_files.publish(
        out, lambda target: _write(target, built, outlines, folder, used, counts, outside, beside)
    )


def sources_used(folder: Folder) -> dict[str, Source]:
    """Return the sources that a build from ``folder`` reads, by key.

    Broadband comes from Ofcom's output areas where they are at hand, else from the Commons
    Library. Raises :class:`MissingFilesError` naming every file that is needed and absent.
    """
    library = "broadband_msoa"
    unused = {library} if _has_ofcom(folder) else {"broadband_output_areas", "output_area_to_lsoa"}
    used = {
        key: source
        for key, source in folder.vintage.sources.items()
        if key not in unused and (not source.optional or key == library or folder.has(key))
    }
    missing = [source for key, source in used.items() if not folder.has(key)]
    if missing:
        raise MissingFilesError(
            f"{len(missing)} published files are not in {folder.path}:\n"
            + "\n".join(f"- {source.file} ({source.page})" for source in missing)
            + "\nFetch them with `python -m pipelines fetch`, or put them there by hand."
        )
    return used


def _has_ofcom(folder: Folder) -> bool:
    return folder.has("broadband_output_areas") and folder.has("output_area_to_lsoa")


def read_tables(folder: Folder, used: dict[str, Source]) -> dict[str, pd.DataFrame]:
    """Read every table by LSOA, each under the key of its source."""
    named = {key: source for key, source in used.items() if source.reader}
    tables = {key: reader_of(source)(folder.file(key)) for key, source in named.items()}
    tables["broadband"] = _read_broadband(folder)
    if {"digital_propensity", "lsoa_changes"} <= set(used):
        changes = census.read_lsoa_changes(folder.file("lsoa_changes"))
        table = census.read_not_online(folder.file("digital_propensity"), changes)
        households = tables["census_tenure"].set_index("lsoa_code")["households"]
        number = table["not_online_rate"] * table["lsoa_code"].map(households)
        tables["digital_propensity"] = table.assign(not_online_households=number)
    return tables


def named_wards(hierarchy: pd.DataFrame, folder: Folder) -> pd.DataFrame:
    """Return the hierarchy with each ward's combined authority, "" where it has none."""
    members = geography.read_combined_authorities(
        folder.file("combined_authorities"), folder.vintage.recoded
    )
    wards = hierarchy.merge(members, on="authority_code", how="left", validate="many_to_one")
    blank = ["combined_authority_code", "combined_authority_name"]
    return wards.assign(**wards[blank].fillna(""))


def read_venues(folder: Folder, places: pd.DataFrame, outlines: gpd.GeoDataFrame) -> pd.DataFrame:
    """Read the libraries and give each its ward: its postcode's, else the one that holds it."""
    read = libraries.read_libraries(folder.file("libraries"))
    codes = read["authority_code"].replace(dict(folder.vintage.recoded))
    read = read.assign(authority_code=codes)
    return distances.placed_in_wards(distances.placed_by_postcode(read, places), outlines)


def assemble(
    folder: Folder,
    tables: dict[str, pd.DataFrame],
    hierarchy: pd.DataFrame,
    names: pd.DataFrame,
    venues: pd.DataFrame,
    outlines: Outlines,
    places: pd.DataFrame,
) -> Built:
    """Join everything into the tables to be published, beside the sources they must agree with."""
    lookup = geography.read_lsoa_to_ward(folder.file("lsoa_to_ward"), folder.vintage.year)
    lsoas = join.one_row_per_lsoa(lookup, list(tables.values()))
    unknown = distances.not_reported(venues, names)
    near = distances.distances(lsoas, venues, places, unknown)
    lsoas = join.one_row_per_lsoa(lsoas, [near, distances.elsewhere(places, lookup)])
    lsoas = lsoas.assign(small_area_name=_small_area_names(folder, lsoas))
    withheld = lsoas["income_deprived_people"].isna().astype(float)
    lsoas = join.with_rates(join.with_absent(lsoas)).assign(income_suppressed_areas=withheld)
    return Built(
        wards=join.with_library_counts(join.wards_from_lsoas(names, lsoas), venues, unknown),
        lsoas=lsoas,
        # Their flags are published as words.
        libraries=venues.assign(
            **{flag: venues[flag].map({True: "true", False: "false"}) for flag in _FLAGS}
        ),
        venues=venues,
        lookup=lookup,
        hierarchy=hierarchy,
        source_tables={
            key: table.drop(columns="authority_code", errors="ignore")
            for key, table in tables.items()
        },
        authority_of=tables["deprivation"]
        .set_index("lsoa_code")["authority_code"]
        .replace(dict(folder.vintage.recoded)),
        outlined=frozenset(outlines.wards["ward_code"]),
        authority_shapes=compared_with_published(outlines.authorities, folder),
        postcodes=places,
        not_reported=frozenset(unknown),
        expected=folder.vintage.areas,
    )


def _small_area_names(folder: Folder, lsoas: pd.DataFrame) -> pd.Series:
    if not folder.has("neighbourhood_names"):
        return lsoas["lsoa_name"]
    lookup = geography.read_lsoa_to_msoa(folder.file("lsoa_to_msoa"))
    neighbourhoods = name_lists.read_neighbourhoods(folder.file("neighbourhood_names"))
    joined = lsoas[["lsoa_code", "lsoa_name"]].merge(lookup, on="lsoa_code", how="left")
    return place_names.small_area_names(joined, neighbourhoods)


def read_place_names(folder: Folder, built: Built, outlines: Outlines) -> pd.DataFrame:
    """Return the names of councils, towns and neighbourhoods, of the files that are at hand."""
    found = []
    if folder.has("council_names"):
        levels = ("authority", "county", "combined_authority", "region")
        known = {code for level in levels for code in built.wards[f"{level}_code"]}
        councils = name_lists.read_council_names(folder.file("council_names"))
        found.append(place_names.council_names(councils, known))
    if folder.has("towns"):
        towns = name_lists.read_towns(folder.file("towns"))
        wards = outlines.wards if outlines.fine is None else outlines.fine
        found.append(place_names.town_names(towns, wards))
    if folder.has("neighbourhood_names"):
        lookup = geography.read_lsoa_to_msoa(folder.file("lsoa_to_msoa"))
        neighbourhoods = name_lists.read_neighbourhoods(folder.file("neighbourhood_names"))
        lsoas = built.lsoas[["lsoa_code", "ward_code", "population"]].merge(lookup, on="lsoa_code")
        found.append(place_names.neighbourhood_names(neighbourhoods, lsoas))
    return pd.concat([pd.DataFrame(columns=place_names.COLUMNS), *found], ignore_index=True)


def compared_with_published(merged: gpd.GeoDataFrame, folder: Folder) -> pd.DataFrame:
    """Lay the wards merged into authorities over the authorities' own outlines.

    Returns ``authority_code, authority_name, published_name, apart``: the area covered by only
    one of the two as a share of the published one; NaN where one is missing.
    """
    published = folder.outlines("authority_boundaries", "E")
    # A boundary file may keep an old code for a year.
    published["code"] = published["code"].replace(dict(folder.vintage.recoded))
    both = merged.merge(
        published.rename(columns={"code": "authority_code", "name": "published_name"}),
        on="authority_code",
        how="outer",
        suffixes=("", "_published"),
    )
    theirs = gpd.GeoSeries(both["geometry_published"], crs=published.crs)
    ours = gpd.GeoSeries(both["geometry"], crs=merged.crs)
    apart = ours.symmetric_difference(theirs, align=False).area / theirs.area
    return pd.DataFrame(both[["authority_code", "authority_name", "published_name"]]).assign(
        apart=apart
    )


def _read_broadband(folder: Folder) -> pd.DataFrame:
    if _has_ofcom(folder):
        lookup = geography.read_oa_to_lsoa(folder.file("output_area_to_lsoa"))
        return broadband.read_output_areas(folder.file("broadband_output_areas"), lookup)
    lookup = geography.read_lsoa_to_msoa(folder.file("lsoa_to_msoa"))
    return broadband.read_msoa(folder.file("broadband_msoa"), lookup)


def read_outlines(folder: Folder, wards: pd.DataFrame) -> Outlines:
    """Read ward and LSOA boundaries and merge wards into authorities and combined authorities.

    ``wards`` is the ward table, which gives codes and names. Merging wards, rather than reading
    the authorities' own outlines, makes both meet exactly on the map.
    """
    named = _named_wards(folder.outlines("ward_boundaries", "E05"), wards)
    lsoas = _lsoa_outlines(folder, "lsoa_boundaries")
    fine, fine_lsoas = "ward_boundaries_fine", "lsoa_boundaries_fine"
    return Outlines(
        wards=named,
        fine=_named_wards(folder.outlines(fine, "E05"), wards) if folder.has(fine) else None,
        authorities=_merged(named, ["authority_code", "authority_name"]),
        combined=_merged(
            named[named["combined_authority_code"] != ""],
            ["combined_authority_code", "combined_authority_name"],
        ),
        lsoas=lsoas,
        fine_lsoas=_lsoa_outlines(folder, fine_lsoas) if folder.has(fine_lsoas) else lsoas,
    )


def _lsoa_outlines(folder: Folder, key: str) -> gpd.GeoDataFrame:
    outlines = folder.outlines(key, "E01").rename(columns={"code": "lsoa_code"})
    return outlines[["lsoa_code", "geometry"]]


_WARD_PROPERTIES = [
    *("ward_code", "ward_name", "authority_code", "authority_name"),
    *("combined_authority_code", "combined_authority_name", "region_code"),
]


def _named_wards(outlines: gpd.GeoDataFrame, wards: pd.DataFrame) -> gpd.GeoDataFrame:
    coded = outlines.rename(columns={"code": "ward_code"})[["ward_code", "geometry"]]
    return coded.merge(wards[_WARD_PROPERTIES], on="ward_code", validate="one_to_one")[
        [*_WARD_PROPERTIES, "geometry"]
    ]


def _merged(wards: gpd.GeoDataFrame, by: list[str]) -> gpd.GeoDataFrame:
    merged = wards[[*by, "geometry"]].dissolve(by, as_index=False, method="coverage")
    return merged.sort_values(by[0], ignore_index=True)[[*by, "geometry"]]


def _previous_wards(out: Path) -> pd.DataFrame | None:
    if not out.exists() or snapshot_files.faults_in_snapshot(out):
        return None
    # The last snapshot may have been built before a column was declared.
    return pd.read_csv(out / "wards.csv", dtype={"ward_code": str})


def _write(
    target: Path,
    built: Built,
    outlines: Outlines,
    folder: Folder,
    used: dict[str, Source],
    counts: dict[str, int],
    outside: float,
    beside: Executor,
) -> None:
    keys = built.lsoas[["lsoa_code", "ward_code", "authority_code"]]
    maps = beside.submit(
        map_files.write,
        target / "map",
        outlines.wards,
        outlines.fine,
        outlines.combined,
        outlines.fine_lsoas.merge(keys, on="lsoa_code"),
        built.libraries,
    )
    try:
        rows = _write_tables(target, built, outlines, folder, used)
    finally:
        # After a fault the folder is cleared away, and must not be written to meanwhile.
        wait([maps])
    maps.result()
    manifest = {
        "format": 1,
        "sources": {key: _provenance(source, folder, counts[key]) for key, source in used.items()},
        "findings": _findings(built, outside),
        "outputs": snapshot_files.describe(target, rows),
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=False) + "\n"
    (target / snapshot.MANIFEST).write_text(text, encoding="utf-8")


def _write_tables(
    target: Path, built: Built, outlines: Outlines, folder: Folder, used: dict[str, Source]
) -> dict[str, int]:
    rows: dict[str, int] = {}

    def put(write: Callable[[Any, Path], None], tables: Mapping[str, pd.DataFrame]) -> None:
        for name, table in tables.items():
            write(table, target / name)
            rows[name] = len(table)

    tables = {"wards.csv": built.wards, "libraries.csv": built.libraries}
    put(snapshot_files.write_declared, tables | {"lsoas.parquet": built.lsoas} | dict(built.beside))
    lists = {
        sensitivity.FILE: context.what_places_depend_on(target),
        PLACE_NAMES: read_place_names(folder, built, outlines),
    }
    put(snapshot_files.write_csv, lists)
    boundaries = {
        "boundaries_wards.geojson": outlines.wards,
        "boundaries_authorities.geojson": outlines.authorities,
        "boundaries_combined_authorities.geojson": outlines.combined,
    }
    put(snapshot_files.write_geojson, boundaries)
    put(snapshot_files.write_outlines, {"boundaries_lsoas.parquet": outlines.lsoas})
    put(snapshot_files.write_postcodes, {"postcodes.parquet": built.postcodes})
    if folder.has(context.WARDS_BEFORE):
        ended = context.ended_wards(folder.file(context.WARDS_BEFORE), built, used)
        snapshot_files.write_csv(ended, target / ENDED)
    return rows


def _provenance(source: Source, folder: Folder, rows: int) -> dict[str, Any]:
    """Say where a file came from. The time of retrieval comes from its sidecar, never the clock:
    a file that a person put there has none, and one that a person replaced has lost its own."""
    path = folder.file(source.key)
    digest = sha256(path)
    sidecar = path.with_name(path.name + ".fetched.json")
    fetched = json.loads(sidecar.read_text(encoding="utf-8")) if sidecar.is_file() else {}
    if fetched.get("sha256") != digest:
        fetched = {}
    said = ("title", "publisher", "licence", "licence_name", "licence_url", "attribution", "page")
    return {
        **{name: getattr(source, name) for name in said},
        "address": fetched.get("url") or (source.urls[0] if source.urls else source.page),
        "vintage": source.vintage,
        "as_at": source.as_at.isoformat(),
        "geography": source.geography,
        "caveats": list(source.caveats),
        "file": path.name,
        "retrieved": fetched.get("retrieved"),
        "sha256": digest,
        "bytes": path.stat().st_size,
        "rows": rows,
    }


def _findings(built: Built, outside: float) -> dict[str, Any]:
    """What a reader of the snapshot should know about it, counted while it was made."""
    libraries = built.libraries
    moved = libraries[libraries["coordinates_from"] == "postcode"]
    doubtful = libraries[libraries["coordinates_doubtful"] == "true"]
    withheld = built.lsoas[built.lsoas["income_deprived_people"].isna()]
    found = {
        "residents": int(built.wards["population"].sum()),
        "wards_without_data": built.wards.loc[
            built.wards["small_areas"] == 0, "ward_code"
        ].tolist(),
        "wards_on_one_small_area": int((built.wards["small_areas"] == 1).sum()),
        "small_areas_with_withheld_income_count": withheld["lsoa_code"].tolist(),
        "libraries_placed_by_postcode": _named(moved),
        "libraries_not_placed": _named(doubtful),
        "library_services_not_reported": sorted(built.not_reported),
    }
    return (
        found if np.isnan(outside) else found | {"postcodes_outside_their_ward": round(outside, 5)}
    )


def _named(libraries: pd.DataFrame) -> list[str]:
    pairs = zip(libraries["library_name"], libraries["authority_name"], strict=True)
    return [f"{name} ({authority})" for name, authority in pairs]
