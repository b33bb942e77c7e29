"""Pockets: small areas at high risk inside wards, whatever the ward's average says.

The same method, weights and comparison with England, applied to small areas (LSOAs) in place of
wards. A pocket is an LSOA in England's highest-risk tenth (or fifth) of residents.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from atlas.arrays import Bools
from atlas.risk.index import FIFTH, TENTH, Index, Peers, Weighting, index_of


@dataclass(frozen=True)
class Pockets:
    """Small areas' scores (``areas``, the LSOA table's rows), and what each ward has of them.

    ``by_ward`` has the ward table's rows: ``small_areas_scored``, ``pockets_tenth``,
    ``pocket_people_tenth``, ``extent_tenth`` (share of the ward's residents who live in pockets, 0
    to 1) and the same for the fifth. Missing where the ward has no scored small area.
    """

    areas: Index
    by_ward: pd.DataFrame


def pockets_of(
    group: Peers, weighting: Weighting, lsoas: pd.DataFrame, wards: pd.DataFrame
) -> Pockets:
    """Score the small areas, the peers of ``lsoas``, and count the pockets of each ward."""
    areas, people = index_of(group, weighting), np.nan_to_num(group.people)
    counts = {"small_areas_scored": areas.scored, "residents": areas.scored * people}
    for name, share in (("tenth", TENTH), ("fifth", FIFTH)):
        inside = areas.in_highest(share)
        counts |= {f"pockets_{name}": inside, f"pocket_people_{name}": inside * people}
    sums = pd.DataFrame(counts, dtype=float).groupby(lsoas["ward_code"].to_numpy()).sum()
    by_ward = sums.reindex(wards["ward_code"]).reset_index(drop=True)
    by_ward = by_ward.where(by_ward["small_areas_scored"] > 0)
    residents = by_ward.pop("residents").where(lambda living: living > 0)
    for name in ("tenth", "fifth"):
        by_ward[f"extent_{name}"] = by_ward[f"pocket_people_{name}"] / residents
    return Pockets(areas, by_ward)


def hides_a_pocket(by_ward: pd.DataFrame, listed: Bools) -> Bools:
    """Return which wards are not on a list but hold a small area in England's highest tenth."""
    return (by_ward["pockets_tenth"].to_numpy() > 0) & ~listed


def missed(by_ward: pd.DataFrame, listed: Bools, area: Bools) -> pd.Series:
    """Return what a list leaves out in an area: ``wards``, ``pockets`` (of the highest tenth) and
    ``residents`` in them, outside the ``listed`` wards; ``all_residents`` in pockets of the area.
    """
    out = area & ~listed
    pockets = by_ward["pockets_tenth"].fillna(0).to_numpy()
    people = by_ward["pocket_people_tenth"].fillna(0).to_numpy()
    return pd.Series(
        {
            "wards": int((pockets[out] > 0).sum()),
            "pockets": int(pockets[out].sum()),
            "residents": int(people[out].sum()),
            "all_residents": int(people[area].sum()),
        }
    )


def within_ward(pockets: Pockets, lsoas: pd.DataFrame, ward_code: str) -> pd.DataFrame:
    """Return a ward's small areas for a strip plot, highest risk first.

    Columns: ``lsoa_code, small_area_name, population, score, band, pocket`` ("tenth",
    "fifth" or ""). Empty where no small area fits the ward best.
    """
    rows, areas = np.flatnonzero(lsoas["ward_code"] == ward_code), pockets.areas
    tenth, fifth = areas.in_highest(TENTH)[rows], areas.in_highest(FIFTH)[rows]
    frame = lsoas[["lsoa_code", "small_area_name", "population"]].iloc[rows]
    frame = frame.assign(
        score=areas.score[rows],
        band=areas.band[rows],
        pocket=np.where(tenth, "tenth", np.where(fifth, "fifth", "")),
    )
    return frame.sort_values(["score", "lsoa_code"], ascending=[False, True], ignore_index=True)
