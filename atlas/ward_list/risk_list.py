"""The target-list builder: which wards, in which order, how many people, by which rule.

Pure functions from an index, its robustness and its pockets to a list; the request survives the
round trip through an address.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal, cast

import numpy as np
import pandas as pd

from atlas.arrays import Bools, Floats
from atlas.catalogue.cohorts import declared_cohorts, headcounts
from atlas.catalogue.columns import Column, declared_columns, shown
from atlas.places.comparison_base import base_of
from atlas.places.notices import Notices
from atlas.places.places import ENGLAND, KIND_WORDS, Kind, Places
from atlas.risk.index import Index, Peers
from atlas.risk.method import OWN_PART, Method, declared_method
from atlas.risk.needs import needs
from atlas.risk.pockets import Pockets
from atlas.risk.request import RiskRequest, risk_request_from
from atlas.risk.robustness import FIFTH, Robustness
from atlas.ward_list.contrasting_wards import contrasting

CutKind = Literal["share", "top", "people"]
CUT_KINDS = ("share", "top", "people")
BY_RISK, BY_POCKETS = "risk", "pocket_people"
FITS = ("none", "weak", "fair", "good")
SETTINGS, SETTING_COLUMN = ("rural", "urban"), "rural_urban"
MOST_BY_HAND = 500


@dataclass(frozen=True)
class ListRequest:
    """What a reader asks of a list.

    ``area`` is where wards are taken from. ``cut`` and ``limit``: the ``top`` wards in order,
    the base's highest-risk ``share`` of residents, or as many wards as hold at most so many
    ``people``. ``order`` is ``risk``, ``pocket_people``, the key of a counted cohort or a measure
    of :func:`list_measures`, most need first. ``tier`` is the least sure tier let in, ``fit`` the
    weakest fit, ``need`` the component that must be in the base's highest fifth, "" for any.
    ``setting`` is "rural" or "urban", "" for both. ``councils`` are authority codes, none for all;
    ``reaching`` are measures and the least each must have, in the column's unit (the most, where
    a lower value means more need). ``spread`` above 0 keeps that many contrasting wards.
    ``include`` and ``exclude`` are ward codes set by hand.
    """

    area: str = ENGLAND
    risk: RiskRequest = field(default_factory=RiskRequest)
    cut: CutKind = "top"
    limit: float = 10
    order: str = BY_RISK
    tier: str = ""
    fit: str = ""
    pockets_only: bool = False
    spread: int = 0
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    need: str = ""
    councils: tuple[str, ...] = ()
    reaching: tuple[tuple[str, float], ...] = ()
    setting: str = ""

    @property
    def share(self) -> float:
        """The share of residents at highest risk that the list is about: the fifth, or its own."""
        return self.limit if self.cut == "share" else FIFTH

    def query(self) -> dict[str, str]:
        """Return the request as address parameters; the usual ones are left out."""
        usual, cut = ListRequest(), f"{self.cut}:{_short(self.limit)}"
        parts = {
            "place": self.area if self.area != usual.area else "",
            "cut": "" if (self.cut, self.limit) == (usual.cut, usual.limit) else cut,
            "order": self.order if self.order != usual.order else "",
            "tier": self.tier,
            "rests": self.fit,
            "pockets": "1" if self.pockets_only else "",
            "spread": str(self.spread) if self.spread else "",
            "include": ",".join(self.include),
            "exclude": ",".join(self.exclude),
            "need": self.need,
            "setting": self.setting,
            "councils": ",".join(self.councils),
            "reaching": ",".join(f"{name}:{_short(value)}" for name, value in self.reaching),
        }
        return {key: value for key, value in parts.items() if value} | self.risk.query()


def _short(number: float) -> str:
    # The shortest text that reads back as the same number, whole numbers without a point.
    return str(int(number)) if number == int(number) else repr(float(number))


def list_measures(method: Method) -> dict[str, Column]:
    """Return what conditions and orders can name: published measures by their names, and a
    reader's own by the names of their parts, so that a link never falls on another reader's.
    """
    own = {
        key: method.column(method.indicators_of(key)[0].key)
        for key in method.components
        if key.startswith(OWN_PART)
    }
    published = {
        name: column
        for name, column in declared_columns().items()
        if column.measure or name == "population"
    }
    return published | own


def orders(measures: Mapping[str, Column]) -> dict[str, str]:
    """Return every possible order of a list and how each is called."""
    people = {key: c.label for key, c in declared_cohorts().items() if c.counted}
    pockets = "Residents in small areas of England's highest-risk fifth"
    named = {name: column.label for name, column in measures.items()}
    return {BY_RISK: "Risk", BY_POCKETS: pockets, **people, **named}


def conditions_said(request: ListRequest, measures: Mapping[str, Column]) -> list[str]:
    """Say which figures wards must have: "Residents aged 75 and over: at least 9.0%"."""
    return [
        f"{column.label}: at {'most' if column.need == 'less' else 'least'} {shown(column, value)}"
        for column, value in ((measures[name], value) for name, value in request.reaching)
    ]


def written_number(order: str, value: float, measures: Mapping[str, Column]) -> str:
    """Write what an order counts in a ward, as its measure is written."""
    if order in measures:
        return shown(measures[order], value)
    return "no data" if np.isnan(value) else f"{value:,.0f}"


def request_from(
    query: Mapping[str, str], places: Places, notices: Notices, england: Peers
) -> ListRequest:
    """Read a request from address parameters; what cannot be read is left out with a notice."""
    usual, measures = ListRequest(), list_measures(england.method)

    def known(key: str, allowed: object, default: str) -> str:
        value = query.get(key, default)
        if value == default or value in allowed:  # type: ignore[operator]
            return value
        notices.add(f"The {key} in this link is not known and was left out.")
        return default

    area = query.get("place", usual.area)
    if area not in places:
        notices.add("The place in this link is not known: England is shown.")
        area = usual.area
    cut, limit = _cut_from(query.get("cut", ""), notices)
    spread = query.get("spread", "")
    return ListRequest(
        area=area,
        risk=risk_request_from(query, places, notices, england),
        cut=cut,
        limit=limit,
        order=known("order", orders(measures), usual.order),
        tier=known("tier", [tier.key for tier in declared_method().tiers], ""),
        fit=known("rests", FITS, ""),
        pockets_only=query.get("pockets") == "1",
        spread=int(spread) if re.fullmatch(r"[1-9]\d{0,3}", spread) else 0,
        include=_codes(query.get("include", ""), "ward", places, notices),
        exclude=_codes(query.get("exclude", ""), "ward", places, notices),
        need=known("need", declared_method().risk_components(), ""),
        setting=known("setting", SETTINGS, ""),
        councils=_codes(query.get("councils", ""), "authority", places, notices),
        reaching=_reaching(query.get("reaching", ""), measures, notices),
    )


def _cut_from(text: str, notices: Notices) -> tuple[CutKind, float]:
    usual = ListRequest()
    if not text:
        return usual.cut, usual.limit
    kind, _, number = text.partition(":")
    limit = float(number) if re.fullmatch(r"\d{1,9}(\.\d{1,20})?", number) else -1.0
    sound = 0 < limit <= 1 if kind == "share" else limit >= 1 and limit == int(limit)
    if kind in CUT_KINDS and sound:
        return cast(CutKind, kind), limit
    notices.add("The length of the list in this link could not be read: the usual one is shown.")
    return usual.cut, usual.limit


def _codes(text: str, kind: Kind, places: Places, notices: Notices) -> tuple[str, ...]:
    given = sorted({part for part in text.split(",") if part})
    known = [code for code in given if code in places and places[code].kind == kind]
    if len(known[:MOST_BY_HAND]) < len(given):
        named = KIND_WORDS[kind]
        notices.add(f"Some {named}s named in this link are not known and were left out.")
    return tuple(known[:MOST_BY_HAND])


def _reaching(
    text: str, measures: Collection[str], notices: Notices
) -> tuple[tuple[str, float], ...]:
    found = []
    for part in filter(None, text.split(",")):
        name, _, number = part.partition(":")
        if name in measures and re.fullmatch(r"-?\d{1,9}(\.\d{1,20})?", number):
            found.append((name, float(number)))
        else:
            notices.add("A measure or its limit in this link is not known and was left out.")
    return tuple(found)


@dataclass(frozen=True)
class RiskList:
    """A list of wards.

    ``rows`` are row numbers of the ward table in list order. ``table`` has one line each:
    ``ward_code, ward_name, authority_name, residents, score, band, rank`` (in the base), ``tier``
    ("" below the highest fifth), ``need``, ``number`` (what the order counts; missing for the
    order by risk), ``cumulative_residents``, ``cumulative_share`` (of the area's residents),
    ``by_hand``, ``single`` (whether its figures are those of one small area). ``listed`` marks
    the rows in the ward table.
    """

    request: ListRequest
    rows: tuple[int, ...]
    table: pd.DataFrame
    listed: Bools
    residents: int
    area_residents: int


def build(
    request: ListRequest,
    wards: pd.DataFrame,
    places: Places,
    index: Index,
    robustness: Robustness | None,
    pockets: Pockets,
    measures: Mapping[str, Column] | None = None,
) -> RiskList:
    """Return the list that a request asks for.

    ``index``, ``robustness`` and ``pockets`` belong to the request's settings; ``measures`` are
    what its conditions and order may name (:func:`list_measures`), the published ones by default,
    and ``wards`` has their figures. Filters apply before the list is cut to a number of wards or
    people. Wards of the area that are named by hand are added whatever the filters say, if they
    have a score. Without ``robustness`` no tier is shown, and a wish for one raises ``ValueError``.
    """
    area = places.inside(request.area)
    measures = list_measures(declared_method()) if measures is None else measures
    numbers = _order_numbers(request.order, wards, pockets, measures)
    eligible = area & index.scored & _passing(request, wards, index, robustness, pockets, measures)
    eligible &= ~wards["ward_code"].isin(request.exclude).to_numpy()
    most_first = _most_first(measures.get(request.order), numbers, index)
    ordered = _ordered(np.flatnonzero(eligible), index, most_first)
    rows = _cut(ordered, request, index, wards)
    if request.spread:
        rows = contrasting(index.components, list(index.peers.codes), rows, request.spread)
    by_hand = area & index.scored & wards["ward_code"].isin(request.include).to_numpy()
    rows = _ordered(np.unique([*rows, *np.flatnonzero(by_hand)]).astype(int), index, most_first)
    table = _table(rows, wards, index, robustness, numbers, by_hand & ~eligible)
    listed = np.zeros(len(wards), dtype=bool)
    listed[rows] = True
    population = wards["population"].to_numpy()
    whole = int(np.nansum(population[area]))
    table["cumulative_share"] = table["cumulative_residents"] / (whole or np.nan)
    return RiskList(request, tuple(rows), table, listed, int(population[rows].sum()), whole)


def _order_numbers(
    order: str, wards: pd.DataFrame, pockets: Pockets, measures: Mapping[str, Column]
) -> Floats | None:
    """Return what an order counts in every ward, or None for the order by risk."""
    if order == BY_RISK:
        return None
    if order == BY_POCKETS:
        return pockets.by_ward["pocket_people_fifth"].to_numpy(dtype=float)
    if order in declared_cohorts():
        return headcounts(wards, declared_cohorts()[order])
    return _figures(wards, measures[order])


def _figures(wards: pd.DataFrame, column: Column) -> Floats:
    """Return a measure of all wards; none is known where this snapshot does not hold it."""
    if column.name not in wards:
        return np.full(len(wards), np.nan)
    return wards[column.name].to_numpy(dtype=float)


def _passing(
    request: ListRequest,
    wards: pd.DataFrame,
    index: Index,
    robustness: Robustness | None,
    pockets: Pockets,
    measures: Mapping[str, Column],
) -> Bools:
    passing = np.ones(len(wards), dtype=bool)
    if request.tier:
        if robustness is None:
            raise ValueError("a tier can only be asked for with the robustness tests")
        names = [tier.key for tier in index.peers.method.tiers]
        wanted = names[: names.index(request.tier) + 1]
        passing &= np.isin(robustness.tier.astype(str), wanted)
    if request.need:
        passing &= needs(index).high[request.need]
    if request.councils:
        passing &= wards["authority_code"].isin(request.councils).to_numpy()
    if request.setting and SETTING_COLUMN in wards:
        rural = wards[SETTING_COLUMN].str.contains("rural", case=False).to_numpy(dtype=bool)
        passing &= (rural if request.setting == "rural" else ~rural) & index.scored
    for column, least in ((measures[name], least) for name, least in request.reaching):
        values = _figures(wards, column)
        passing &= values <= least if column.need == "less" else values >= least
    if request.fit:
        passing &= np.isin(wards["fit"].to_numpy(dtype=str), FITS[FITS.index(request.fit) :])
    if request.pockets_only:
        passing &= pockets.by_ward["pockets_tenth"].fillna(0).to_numpy() > 0
    return passing


def _most_first(column: Column | None, numbers: Floats | None, index: Index) -> Floats:
    """Return what the rows are in descending order of; what is not known comes last."""
    if numbers is None:
        return index.total
    turned = -numbers if column and column.need == "less" else numbers
    return np.nan_to_num(turned, nan=-np.inf)


def _ordered(rows: np.ndarray, index: Index, first: Floats) -> list[int]:
    codes = index.peers.codes[rows].astype(str)
    order = np.lexsort((codes, -np.nan_to_num(index.total[rows]), -first[rows]))
    return [int(row) for row in rows[order]]


def _cut(rows: list[int], request: ListRequest, index: Index, wards: pd.DataFrame) -> list[int]:
    if request.cut == "share":
        inside = index.in_highest(request.limit)
        return [row for row in rows if inside[row]]
    if request.cut == "top":
        return rows[: int(request.limit)]
    people = np.cumsum(wards["population"].to_numpy()[rows]) if rows else np.array([])
    return rows[: int(np.searchsorted(people, request.limit, side="right"))]


def _table(
    rows: list[int],
    wards: pd.DataFrame,
    index: Index,
    robustness: Robustness | None,
    numbers: Floats | None,
    by_hand: Bools,
) -> pd.DataFrame:
    residents = wards["population"].to_numpy()[rows]
    names = wards[["ward_code", "ward_name", "authority_code", "authority_name"]]
    nothing = np.full(len(rows), np.nan)
    table = names.iloc[rows].reset_index(drop=True)
    return table.assign(
        residents=residents.astype(int),
        score=index.cut_score[rows],
        band=index.band[rows].astype(int),
        rank=index.rank[rows].astype(int),
        tier=robustness.tier[rows] if robustness else "",
        need=list(map(needs(index).words, rows)),
        number=nothing if numbers is None else numbers[rows],
        cumulative_residents=np.cumsum(residents).astype(int),
        by_hand=by_hand[rows],
        single=(wards["fit"] == "weak").to_numpy()[rows],
    )


def by_authority(result: RiskList, wards: pd.DataFrame, places: Places) -> pd.DataFrame:
    """Return subtotals by authority of the area, which sum to the area's and the list's totals.

    Columns: ``authority_code, authority_name, wards, listed, residents, listed_residents``,
    ``share_of_area`` (its residents over the area's) and ``share_of_list`` (its listed residents
    over all that are listed).
    """
    rows = places.positions(result.request.area)
    inside, listed = wards.iloc[rows], result.listed[rows]
    home, codes = pd.factorize(inside["authority_code"], sort=True)
    people = inside["population"].fillna(0).to_numpy()

    def total(values: Floats | Bools | None) -> np.ndarray:
        return np.bincount(home, weights=values, minlength=len(codes)).astype(int)

    residents, listed_residents = total(people), total(people * listed)
    return pd.DataFrame(
        {
            "authority_code": codes,
            "authority_name": inside["authority_name"].to_numpy()[
                np.unique(home, return_index=True)[1]
            ],
            "wards": total(None),
            "listed": total(listed),
            "residents": residents,
            "listed_residents": listed_residents,
            "share_of_area": residents / (residents.sum() or np.nan),
            "share_of_list": listed_residents / (listed_residents.sum() or np.nan),
        }
    )


def rate_against_people(result: RiskList, index: Index, places: Places, pockets: Pockets) -> float:
    """Return the share of a list by risk that a list as long by people has too, 0 to 1: by
    residents in small areas of England's highest-risk fifth.
    """
    rows = np.flatnonzero(places.inside(result.request.area) & index.scored)
    pocket_people = pockets.by_ward["pocket_people_fifth"].to_numpy(dtype=float)
    by_risk, by_people = (
        set(_ordered(rows, index, first)[: len(result.rows)])
        for first in (index.total, _most_first(None, pocket_people, index))
    )
    return len(by_risk & by_people) / max(len(by_risk), 1)


def base_covers(request: ListRequest, places: Places) -> bool:
    """Tell whether every ward of the area is in the comparison base."""
    inside = places.inside(*base_of(places, request.risk.base).codes)
    return bool(inside[places.positions(request.area)].all())
