"""The rows that people take away from a risk list: every figure with its limits and its link."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from atlas.catalogue.cohorts import OVERLAP, counted_cohorts, headcounts
from atlas.catalogue.columns import declared_columns
from atlas.files.spreadsheets import Field
from atlas.places.comparison_base import Base
from atlas.risk.index import Index
from atlas.risk.needs import needs
from atlas.risk.pockets import Pockets
from atlas.risk.reasons import DRIVERS, base_averages, driver_points, driver_words, main_drivers
from atlas.risk.robustness import RANKS, SHARES, Robustness
from atlas.risk.uploaded_components import NOT_CHECKED, own_words, without_own_figure
from atlas.snapshot.snapshot import Snapshot
from atlas.text.texts import texts

# The columns in their order, and what a file says of its use.
_TEXTS = texts(__file__)
HOW_TO_USE, HOW_NOT_TO_USE = _TEXTS["how_to_use"], _TEXTS["how_not_to_use"]
# A CSV is one table: its rows carry the limits and the attribution themselves.
LIMITS, ATTRIBUTION = _TEXTS["limits"], _TEXTS["attribution"]


@dataclass(frozen=True)
class Made:
    """What rows are made from; ``wards`` are the snapshot's with a reader's own figures if any."""

    snapshot: Snapshot
    wards: pd.DataFrame
    base: Base
    index: Index
    robustness: Robustness
    pockets: Pockets


def export_fields(made: Made) -> list[Field]:
    """Return the columns of the export in order, each with its heading, unit and definition."""
    method, columns = made.index.peers.method, declared_columns()
    told: dict[str, Any] = {
        "base": made.base.label,
        "tiers": "; ".join(f"{tier.key}: {tier.meaning}" for tier in method.tiers),
        "near": columns["near_library_rate"].definition,
        "fit": columns["fit"].definition,
        "overlap": OVERLAP,
    }
    several: dict[str, Iterable[Any]] = {
        "components": (method.components[key] for key in made.index.components),
        "drivers": range(1, DRIVERS + 1),
        "cohorts": counted_cohorts(),
    }
    fields = []
    for key, said in _TEXTS["fields"].items():
        for each in several.get(key, [None]):
            mark = f" [{NOT_CHECKED}]" if getattr(each, "axis", "") == "own" else ""
            told |= {"each": each, "mark": mark}
            filled = {name: text.format(**told) for name, text in said.items()}
            fields.append(Field(**{"name": key} | filled, cut=key == "score"))
    return fields


def export_rows(made: Made, rows: Sequence[int], link: str) -> pd.DataFrame:
    """Return the given rows as lines of :func:`export_fields`, in their order; gaps stay gaps."""
    at = list(rows)
    index, drawn = made.index, made.robustness
    frame = made.wards.iloc[at].reset_index(drop=True)
    new: dict[str, Any] = {
        "boundaries": f"wards of {made.snapshot.edition}",
        "rank": index.rank[at],
        "score": np.round(index.score[at], 6),
        "tier": drawn.tier[at],
        "need": list(map(needs(index).words, at)),
        "band": index.band[at],
        **{key: np.round(values[at], 6) for key, values in index.components.items()},
        **{name: getattr(drawn, name)[at] for name in (*RANKS, *SHARES)},
        **_driver_columns(made, at),
        **{str(name): column.to_numpy()[at] for name, column in made.pockets.by_ward.items()},
        **{f"cohort_{c.key}": headcounts(made.wards, c)[at] for c in counted_cohorts()},
        "nearest_library_name": _nearest_libraries(made)[at],
        "missing": _missing(made, at),
        "index_version": index.peers.method.version,
        "data_version": made.snapshot.version,
        "link": link,
        "limits": " ".join(filter(None, (LIMITS, *own_limits(made)))),
        "attribution": ATTRIBUTION,
    }
    return frame.assign(**new)[[field.name for field in export_fields(made)]]


def own_limits(made: Made) -> list[str]:
    """Return what must be said wherever a list counts measures that its reader brought."""
    words = own_words(made.index)
    if not words:
        return []
    count, base = without_own_figure(made.index), made.base.label
    scored = int(made.index.scored.sum())
    has = f"1 ward of {base} has" if count == 1 else f"{count:,} wards of {base} have"
    return [
        f"Counts the reader’s own {'measure' if len(words) == 1 else 'measures'}: "
        f"{' '.join(words)}",
        f"{has} no figure of them, so no score. Shares, tenths and ranks are among the {scored:,} "
        "that have one."
        if count
        else "",
        "The link to this view does not hold them. Small areas and pockets are scored by the "
        "published parts alone.",
    ]


def _driver_columns(made: Made, at: Sequence[int]) -> dict[str, list[str]]:
    index, group = made.index, made.index.peers
    points = driver_points(index)
    averages = base_averages(made.wards, group.inside, list(points), group.method)
    lines = [
        [
            driver_words(index, name, float(made.wards[name].iloc[row]), made.base, averages[name])
            for name in main_drivers(index, row, points)
        ]
        for row in at
    ]
    return {
        f"driver_{n + 1}": [(*line, *[""] * DRIVERS)[n] for line in lines] for n in range(DRIVERS)
    }


def _nearest_libraries(made: Made) -> np.ndarray:
    """Return the library nearest to most residents of each ward, by name; "" where unknown."""
    lsoas, libraries = made.snapshot.lsoas, made.snapshot.libraries
    people = lsoas.groupby(["ward_code", "nearest_library"])["population"].sum().reset_index()
    people = people.sort_values(["population", "nearest_library"], ascending=[False, True])
    first = people.drop_duplicates("ward_code").set_index("ward_code")["nearest_library"]
    names = libraries.drop_duplicates("library_id").set_index("library_id")["library_name"]
    return made.wards["ward_code"].map(first).map(names).fillna("").to_numpy(dtype=object)


def _missing(made: Made, at: Sequence[int]) -> list[str]:
    withheld = made.wards["income_suppressed_areas"].fillna(0).to_numpy()
    lines, method = [], made.index.peers.method
    for row in at:
        parts = [
            f"no figure for {method.column(name).short.lower()}"
            for name in method.indicators
            if np.isnan(made.index.peers.values[name][row])
        ]
        if withheld[row] > 0:
            parts.append("income counts of some small areas are withheld and left out")
        lines.append("; ".join(parts))
    return lines


def readme(made: Made, title: str, settings: Mapping[str, str], link: str) -> dict[str, str]:
    """Return what a file says about itself: content, settings, how and how not to use it."""
    method, own = made.index.peers.method, own_limits(made)
    weights = ", ".join(
        f"{method.components[key].label} {value:.1%}"
        for key, value in made.index.weighting.weight.items()
    )
    return {
        "Title": title,
        "Compared with": made.base.label,
        "Direction": f"{method.title}: the highest score is the highest risk; rank 1 is too.",
        **settings,
        "Weights": weights,
        **({"Measures of the reader": " ".join(filter(None, own))} if own else {}),
        "Tests": f"{made.robustness.draws:,} draws from a fixed seed: sensitivity to choices of "
        "method, not the probability of being right.",
        "Index version": method.version,
        "Data version": made.snapshot.version,
        "Boundaries": f"wards of {made.snapshot.edition}",
        "Link": link,
        "How to use it": "\n".join(HOW_TO_USE),
        "How not to use it": "\n".join(HOW_NOT_TO_USE),
        "Groups": OVERLAP,
        "Licence": "Contains public sector information licensed under the Open Government "
        "Licence v3.0.",
        "Attribution": "\n".join(made.snapshot.attributions),
    }


def to_geojson(frame: pd.DataFrame, boundaries: Path, about: Mapping[str, str]) -> bytes:
    """Return the rows as GeoJSON with the wards' outlines (EPSG:4326).

    Wards come in the order of ``frame``; one without an outline has no geometry. ``about`` is
    kept as the collection's own member. Missing values are null.
    """
    shapes = {
        feature["properties"]["ward_code"]: feature["geometry"]
        for feature in json.loads(boundaries.read_text(encoding="utf-8"))["features"]
    }
    plain = frame.astype(object).where(frame.notna(), None)
    features = [
        {"type": "Feature", "geometry": shapes.get(row["ward_code"]), "properties": row}
        for row in plain.to_dict("records")
    ]
    collection = {"type": "FeatureCollection", "about": dict(about), "features": features}
    return json.dumps(collection, ensure_ascii=False).encode("utf-8")
