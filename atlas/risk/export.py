"""The rows that people take away from a risk list: every figure with its limits and its link."""

import json
from collections.abc import Mapping, Sequence
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

HOW_TO_USE = (
    "Use it to start a conversation about where to look first, or as context.",
    "Set it beside what is known of support on the ground: it is one half of a risk matrix.",
    "Quote what it is compared with, how sure it is, and the date with every figure.",
    "Look for pockets: a ward that is not listed can hold small areas at high risk.",
)
HOW_NOT_TO_USE = (
    "It is indicative. It shows factors associated with digital exclusion and identifies nobody.",
    "Do not set targets with it: it is relative, so one area falls only when another rises.",
    "Do not read change over time from it, or compare scores made against different bases.",
    "Do not fund by it alone: an area at high risk may already be well served.",
    "Do not read one rank as better than another where their intervals overlap.",
)
# A CSV is one table: its rows carry the limits and the attribution themselves.
LIMITS = (
    "Indicative, of areas and never of people; relative to the places compared with; not for "
    "targets, for change over time or for funding decisions by itself."
)
ATTRIBUTION = (
    "Contains public sector information licensed under the Open Government Licence v3.0. Sources: "
    "Ministry of Housing, Communities and Local Government (Indices of Deprivation 2025); Office "
    "for National Statistics (Census 2021, boundaries); Ofcom (Connected Nations); Arts Council "
    "England (libraries). Contains OS data © Crown copyright and database right 2025."
)


@dataclass(frozen=True)
class Made:
    """What a list's rows are made from: the tables, the index and what was run on it.

    ``wards`` are those of the snapshot, with a reader's own figures where there are any.
    """

    snapshot: Snapshot
    wards: pd.DataFrame
    base: Base
    index: Index
    robustness: Robustness
    pockets: Pockets


def export_fields(made: Made) -> list[Field]:
    """Return the columns of the export in order, each with its heading, unit and definition."""
    method, base, declared = made.index.peers.method, made.base.label, declared_columns()
    tiers = "; ".join(f"{tier.key}: {tier.meaning}" for tier in method.tiers)
    sure = f"How sure its place in the highest fifth of {base} is: {tiers}. Blank below it."
    tenth = f"Tenth of the residents of {base}; 10 is the tenth at highest risk."
    below = f"Share of the residents of {base}, 0 to 100, who live in wards at lower risk"
    put = "Share of tests that put it there. Sensitivity to choices, not a probability."
    raises = f"Indicator that raises the score most, with the value of {base}."
    this_rank = "5% of tests give this rank or a higher risk."
    marks = {"own": f" [{NOT_CHECKED}]"}
    pockets = "Small areas of the ward in England's highest-risk tenth."
    inside = "Share of residents in England's highest-risk {} of small areas."
    near, fit = declared["near_library_rate"].definition, declared["fit"].definition
    return [
        Field("ward_code", "Ward code", "code"),
        Field("ward_name", "Ward", "text"),
        Field("authority_name", "Local authority", "text"),
        Field("population", "Residents", "people", "Census day, 21 March 2021."),
        Field("rank", "Rank", "count", f"Among the wards of {base}; 1 is the highest risk."),
        Field("score", "Score", "score", f"{below}: 80 and over is the highest fifth.", cut=True),
        Field("tier", "How sure", "text", sure),
        Field("need", "Kind of need", "text", f"Needs that are in the highest fifth of {base}."),
        Field("band", "Risk band (10 = highest)", "count", tenth),
        *(
            Field(
                part.key,
                f"{part.label}{marks.get(part.axis, '')} (0 to 100)",
                "score",
                f"Share of the residents of {base} in wards where it is lower. Higher: "
                f"{part.higher}.",
            )
            for part in map(method.components.__getitem__, made.index.components)
        ),
        *(Field(f"driver_{n}", f"Main driver {n}", "text", raises) for n in range(1, DRIVERS + 1)),
        Field("median_rank", "Median rank", "count", "Of all tests; 1 is the highest risk."),
        Field("rank_5", "Rank, 5th percentile", "count", this_rank),
        Field("rank_95", "Rank, 95th percentile", "count", "5% of tests give a lower risk."),
        Field("share_worst_tenth", "Tests in highest tenth", "share", put),
        Field("share_worst_fifth", "Tests in highest fifth", "share", put),
        Field("pockets_tenth", "Pockets", "count", pockets),
        Field("pocket_people_tenth", "Residents in pockets", "people"),
        Field("extent_tenth", "Extent, tenth", "share", inside.format("tenth")),
        Field("extent_fifth", "Extent, fifth", "share", inside.format("fifth")),
        *(
            Field(
                f"cohort_{c.key}",
                f"{c.label} [{c.honesty}]",
                "households" if c.unit == "households" else "people",
                f"{c.note} {OVERLAP}",
            )
            for c in counted_cohorts()
        ),
        Field("near_library_rate", "Residents within a mile of a library", "share", near),
        Field("nearest_library_name", "Nearest library of most residents", "text"),
        Field("combined_authority_name", "Combined authority", "text"),
        Field("boundaries", "Boundaries", "text", "The boundaries that codes and figures use."),
        Field("fit", "Fit", "text", fit),
        Field("missing", "Missing", "text", "Figures that are not known, and why."),
        Field("index_version", "Index version", "text"),
        Field("data_version", "Data version", "text", "Short checksum of the snapshot."),
        Field("link", "Link to this view", "text"),
        Field("limits", "Limits", "text", "How not to use the list, in short."),
        Field("attribution", "Attribution", "text"),
    ]


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
        "need": needs(index).all_words(at),
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
    texts, method = [], made.index.peers.method
    for row in at:
        parts = [
            f"no figure for {method.column(name).short.lower()}"
            for name in method.indicators
            if np.isnan(made.index.peers.values[name][row])
        ]
        if withheld[row] > 0:
            parts.append("income counts of some small areas are withheld and left out")
        texts.append("; ".join(parts))
    return texts


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
