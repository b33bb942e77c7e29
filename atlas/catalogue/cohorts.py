"""Headcounts of the groups that schemes ask for, each with a label for how honest it is."""

from functools import cache
from typing import Annotated, Literal, Self

import numpy as np
import pandas as pd
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from atlas.arrays import Bools, Floats
from atlas.catalogue.columns import declared_columns
from atlas.catalogue.declarations import STRICT, Text, among, keyed, read_declaration

Honesty = Literal["exact", "to the nearest five", "proxy", "not measurable locally"]

OVERLAP = "These groups overlap: one person can be in several. Never add them up."


_ColumnName = Annotated[str, among(lambda: {"", *declared_columns()}, "there is no column '{}'")]

# The group that next places weigh where a reader names none.
AT_RISK = "at_risk"


@dataclass(frozen=True, config=STRICT)
class Cohort:
    """A group of residents or households, as ``cohorts.toml`` describes the fields."""

    key: str
    label: Text
    unit: Literal["people", "households", "share"]
    honesty: Honesty
    note: str
    count: _ColumnName = ""
    plus: _ColumnName = ""
    of: _ColumnName = ""
    rate: _ColumnName = ""
    less: _ColumnName = ""

    @model_validator(mode="after")
    def _counted_as_said(self) -> Self:
        if self.counted == (self.honesty == "not measurable locally"):
            raise ValueError("its label and its count disagree")
        return self

    @property
    def counted(self) -> bool:
        """Whether wards have a headcount of it."""
        return bool(self.count or (self.of and (self.rate or self.less)))

    @property
    def columns(self) -> tuple[str, ...]:
        """The published columns that it is made from."""
        return tuple(
            name for name in (self.count, self.plus, self.of, self.rate, self.less) if name
        )


@cache
def declared_cohorts(text: str | None = None) -> dict[str, Cohort]:
    """Return cohorts by key, declared or of a TOML ``text``. Raises :class:`DeclarationError`."""
    return read_declaration(dict[str, Cohort], __file__, keyed, text)


def counted_cohorts() -> list[Cohort]:
    """Return the cohorts that wards have headcounts of, in declared order."""
    return [cohort for cohort in declared_cohorts().values() if cohort.counted]


def headcounts(wards: pd.DataFrame, cohort: Cohort) -> Floats:
    """Return a cohort's whole number in each ward, as :func:`measured` has it before rounding."""
    return np.round(measured(wards, cohort))


def measured(areas: pd.DataFrame, cohort: Cohort) -> Floats:
    """Return a cohort's number in each area, not rounded, so that small areas can be summed.

    ``areas`` is the table of wards or of small areas; NaN where any part is missing. Raises
    ``ValueError`` for a cohort without a headcount.
    """
    if not cohort.counted:
        raise ValueError(f"'{cohort.label}' has no headcount: {cohort.note}")
    if cohort.count:
        number = areas[cohort.count].to_numpy(dtype=float)
        return number + areas[cohort.plus].to_numpy(dtype=float) if cohort.plus else number
    whole = areas[cohort.of].to_numpy(dtype=float)
    if cohort.less:
        return whole - areas[cohort.less].to_numpy(dtype=float)
    return whole * areas[cohort.rate].to_numpy(dtype=float)


def cohort_table(wards: pd.DataFrame, rows: Bools) -> pd.DataFrame:
    """Return what the chosen wards hold of every cohort, beside all England.

    Columns: ``cohort, label, honesty, unit, number`` (of the chosen wards), ``england``,
    ``share`` (number over England), ``unknown_wards`` (chosen wards without a figure), ``note``.
    A cohort without a headcount has missing numbers.
    """
    lines = []
    for cohort in declared_cohorts().values():
        number, england, unknown = float("nan"), float("nan"), int(rows.sum())
        if cohort.counted:
            values = headcounts(wards, cohort)
            number, england = float(np.nansum(values[rows])), float(np.nansum(values))
            unknown = int(np.isnan(values[rows]).sum())
        share = number / england if england else float("nan")
        line = (cohort.key, cohort.label, cohort.honesty, cohort.unit)
        lines.append((*line, number, england, share, unknown, cohort.note))
    about = ["cohort", "label", "honesty", "unit"]
    names = [*about, "number", "england", "share", "unknown_wards", "note"]
    return pd.DataFrame(lines, columns=names)
