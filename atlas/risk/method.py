"""How the risk index is made, as declared in ``index.toml``."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar

from atlas.catalogue.columns import Column, declared_columns
from atlas.catalogue.sources import DeclarationError

_DECLARATION = Path(__file__).with_name("index.toml")

Axis = Literal["risk", "support", "own"]
Scaling = Literal["percentile", "z-score", "min-max"]
SCALINGS: tuple[Scaling, ...] = ("percentile", "z-score", "min-max")
MEANS = ("arithmetic", "geometric")

# What the name of a component that a reader brought begins with; none is declared.
OWN_PART = "own_part_"


@dataclass(frozen=True)
class Component:
    """One part of the score.

    ``axis`` is ``risk``, or, only ever in by request, ``support`` or a reader's ``own`` measure.
    """

    key: str
    label: str
    short: str
    axis: Axis
    higher: str
    why: str


@dataclass(frozen=True)
class Indicator:
    """One published column inside a component.

    ``weight`` is its inner weight. ``phrase`` completes "34% of ...". ``changeable`` tells
    whether anybody could change it in a few years: nobody can change how old residents are.
    """

    key: str
    component: str
    weight: float
    phrase: str
    changeable: bool


@dataclass(frozen=True)
class Preset:
    """A named set of choices: nominal ``weights``, or the ``influence`` to find them for."""

    key: str
    label: str
    meaning: str
    scaling: Scaling
    weights: Mapping[str, float] | None = None
    influence: Mapping[str, float] | None = None


@dataclass(frozen=True)
class Tests:
    """The sensitivity tests: how many draws, from which seed, and what is varied."""

    draws: int
    seed: int
    spread: float
    scalings: tuple[Scaling, ...]
    means: tuple[str, ...]


@dataclass(frozen=True)
class Tier:
    """A name for a share of draws: at least ``least``."""

    key: str
    least: float
    meaning: str


@dataclass(frozen=True)
class Method:
    """The whole declaration, in the order of the file.

    ``own`` are the columns of a reader's own measures, where there are any.
    """

    version: str
    title: str
    direction: str
    least_known: float
    bands: int
    components: dict[str, Component]
    indicators: dict[str, Indicator]
    presets: dict[str, Preset]
    tests: Tests
    tiers: tuple[Tier, ...]
    own: tuple[Column, ...] = ()

    def column(self, indicator: str) -> Column:
        """Return the column of an indicator, published or brought.

        Raises ``KeyError`` for an unknown one.
        """
        found = next((column for column in self.own if column.name == indicator), None)
        return found or declared_columns()[indicator]

    def indicators_of(self, component: str) -> list[Indicator]:
        """Return the indicators of one component, in declared order."""
        return [i for i in self.indicators.values() if i.component == component]

    def risk_components(self) -> list[str]:
        """Return the keys of the components of risk, in declared order."""
        return [key for key, component in self.components.items() if component.axis == "risk"]


Entry = TypeVar("Entry")


def _entry(kind: type[Entry], name: str, given: dict[str, Any]) -> Entry:
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    if unknown := set(given) - known:
        raise DeclarationError(f"{name} has unknown fields: {sorted(unknown)}")
    lists = {key: tuple(value) for key, value in given.items() if isinstance(value, list)}
    try:
        return kind(**{**given, **lists})
    except TypeError as error:
        raise DeclarationError(f"{name}: {error}") from error


def parse(text: str) -> Method:
    """Read a declaration from TOML text.

    Raises :class:`DeclarationError` for an unknown or missing field, an indicator that is no
    published column, an empty component, or a preset that names no component.
    """
    data = tomllib.loads(text)

    def table(kind: type[Entry], name: str) -> dict[str, Entry]:
        return {
            key: _entry(kind, f"{name} '{key}'", {"key": key, **given})
            for key, given in data.get(name, {}).items()
        }

    method = _entry(
        Method,
        "index",
        {
            **data.get("index", {}),
            "components": table(Component, "component"),
            "indicators": table(Indicator, "indicator"),
            "presets": table(Preset, "preset"),
            "tests": _entry(Tests, "tests", data.get("tests", {})),
            "tiers": [_entry(Tier, "tier", given) for given in data.get("tier", [])],
        },
    )
    if problems := [*_indicator_problems(method), *_preset_problems(method)]:
        raise DeclarationError("index: " + "; ".join(problems))
    return method


def _indicator_problems(method: Method) -> list[str]:
    problems = [
        f"'{key}' is not a published column of wards and small areas"
        for key in method.indicators
        if not {"wards", "lsoas"} <= set(_tables_of(key))
    ]
    problems += [
        f"'{i.key}' names no component or has no weight"
        for i in method.indicators.values()
        if i.component not in method.components or i.weight <= 0
    ]
    problems += [
        f"component '{key}' has no indicator"
        for key in method.components
        if not method.indicators_of(key)
    ]
    return problems


def _tables_of(column: str) -> tuple[str, ...]:
    return declared_columns()[column].tables if column in declared_columns() else ()


def _preset_problems(method: Method) -> list[str]:
    problems = []
    for preset in method.presets.values():
        given = [
            weighting for weighting in (preset.weights, preset.influence) if weighting is not None
        ]
        if len(given) != 1:
            problems.append(f"preset '{preset.key}' needs either weights or influence")
        elif not set(given[0]) <= set(method.components) or min(given[0].values()) <= 0:
            problems.append(f"preset '{preset.key}' weighs an unknown component, or by nothing")
        if preset.scaling not in SCALINGS:
            problems.append(f"preset '{preset.key}' has an unknown scaling")
    if "standard" not in method.presets:
        problems.append("there must be a preset called 'standard'")
    if not set(method.tests.scalings) <= set(SCALINGS) or not set(method.tests.means) <= set(MEANS):
        problems.append("the tests name an unknown scaling or mean")
    return problems


@cache
def declared_method() -> Method:
    """Return the Atlas's own method."""
    return parse(_DECLARATION.read_text(encoding="utf-8"))
