"""How the risk index is made, as declared in ``index.toml``."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, ValidationInfo, model_validator
from pydantic.dataclasses import dataclass

from atlas.catalogue.columns import Column, declared_columns
from atlas.catalogue.declarations import STRICT, Positive, keyed, read_declaration

_DECLARATION = Path(__file__).with_name("index.toml")

Axis = Literal["risk", "support", "own"]
Scaling = Literal["exponential", "percentile", "z-score", "min-max"]
# The scalings whose components are percentiles of residents.
RANKED = ("exponential", "percentile")

# What the name of a component that a reader brought begins with; none is declared.
OWN_PART = "own_part_"


def _published(name: str, info: ValidationInfo) -> str:
    column = declared_columns().get(name)
    if info.context and (column is None or not {"wards", "lsoas"} <= set(column.tables)):
        raise ValueError(f"'{name}' is not a published column of wards and small areas")
    return name


def _known(what: str) -> AfterValidator:
    def check(key: str, info: ValidationInfo) -> str:
        if info.context and key not in info.context.get(what, {}):
            raise ValueError(f"there is no {what} '{key}'")
        return key

    return AfterValidator(check)


_ComponentKey = Annotated[str, _known("component")]
_IndicatorKey = Annotated[str, _known("indicator")]
_Weights = Annotated[Mapping[_ComponentKey, Positive], Field(min_length=1)]


@dataclass(frozen=True, config=STRICT)
class Component:
    """One part of the score: on the ``axis`` of ``risk``, or only by request ``support`` or a
    reader's ``own``. Those of risk are kinds of need too: ``helps`` says what usually meets it,
    ``plain`` the same in a few plain words, and ``source`` who says so.
    """

    key: str
    label: str
    short: str
    axis: Axis
    higher: str
    why: str
    helps: str = ""
    plain: str = ""
    source: str = ""


@dataclass(frozen=True, config=STRICT)
class Indicator:
    """One published column inside a component.

    ``weight`` is its inner weight. ``phrase`` completes "34% of ...". ``changeable`` tells
    whether anybody could change it in a few years: nobody can change how old residents are.
    """

    key: Annotated[str, AfterValidator(_published)]
    component: _ComponentKey
    weight: Positive
    phrase: str
    changeable: bool


@dataclass(frozen=True, config=STRICT)
class Preset:
    """A named set of choices: a scaling, and ``weights`` by component on any scale."""

    key: str
    label: str
    meaning: str
    scaling: Scaling
    weights: _Weights


@dataclass(frozen=True, config=STRICT)
class Alternative:
    """A published column that the tests ``take`` ``instead_of`` an indicator, now and then."""

    take: Annotated[str, AfterValidator(_published)]
    instead_of: _IndicatorKey
    meaning: str


@dataclass(frozen=True, config=STRICT)
class Newer:
    """A newer figure of councils by which the tests move an ``indicator`` of their wards.

    ``turned`` where the ``column`` is the share that has what the indicator says is lacking.
    """

    indicator: _IndicatorKey
    column: str
    turned: bool = False


@dataclass(frozen=True, config=STRICT)
class Candidate:
    """A weighting that the standard was weighed against, maybe with another indicator."""

    label: str
    scaling: Scaling
    weights: _Weights
    take: str = ""
    instead_of: str = ""


@dataclass(frozen=True, config=STRICT)
class Tests:
    """The sensitivity tests: how many draws, from which seed, and what is varied."""

    draws: int
    seed: int
    spread: float
    scalings: tuple[Scaling, ...]
    means: tuple[Literal["arithmetic", "geometric"], ...]


@dataclass(frozen=True, config=STRICT)
class Tier:
    """A name for a share of draws: at least ``least``."""

    key: str
    least: float
    meaning: str


@dataclass(frozen=True, config=STRICT)
class Method:
    """The whole declaration, in the order of the file.

    ``exponential`` is the constant of the transformation of components. ``own`` are the columns
    of a reader's own measures, where there are any.
    """

    version: str
    title: str
    direction: str
    least_known: float
    bands: int
    exponential: Positive
    components: Annotated[dict[str, Component], Field(validation_alias="component")]
    indicators: Annotated[dict[str, Indicator], Field(validation_alias="indicator")]
    presets: Annotated[dict[str, Preset], Field(validation_alias="preset")]
    tests: Tests
    tiers: Annotated[tuple[Tier, ...], Field(validation_alias="tier")]
    alternatives: Annotated[tuple[Alternative, ...], Field(validation_alias="alternative")] = ()
    newer: tuple[Newer, ...] = ()
    candidates: Annotated[tuple[Candidate, ...], Field(validation_alias="candidate")] = ()
    own: tuple[Column, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        empty = [key for key in self.components if not self.indicators_of(key)]
        if empty:
            raise ValueError(f"these components have no indicator: {', '.join(empty)}")
        if "standard" not in self.presets:
            raise ValueError("there must be a preset called 'standard'")
        return self

    def column(self, indicator: str) -> Column:
        """Return the column of an indicator, published or brought. Raises ``KeyError``."""
        found = next((column for column in self.own if column.name == indicator), None)
        return found or declared_columns()[indicator]

    def indicators_of(self, component: str) -> list[Indicator]:
        """Return the indicators of one component, in declared order."""
        return [i for i in self.indicators.values() if i.component == component]

    def counted(self, component: str, inner: Iterable[tuple[str, float]]) -> dict[str, float]:
        """Return the inner weights of one component's indicators that have any."""
        mine = {each.key for each in self.indicators_of(component)}
        return {key: weight for key, weight in inner if key in mine and weight > 0}

    def home(self, column: str) -> str:
        """Return the component that an indicator, or an alternative to one, belongs to."""
        instead = {each.take: each.instead_of for each in self.alternatives}
        named = column if column in self.indicators else instead[column]
        return self.indicators[named].component

    def risk_components(self) -> list[str]:
        """Return the keys of the components of risk, in declared order."""
        return [key for key, component in self.components.items() if component.axis == "risk"]


def _arranged(table: dict[str, Any]) -> dict[str, Any]:
    entries = {name: keyed(table.get(name, {})) for name in ("component", "indicator", "preset")}
    return {**table.pop("index", {}), **table, **entries}


@cache
def declared_method(text: str | None = None) -> Method:
    """Return the Atlas's own method, or that of a TOML ``text``.

    Raises :class:`DeclarationError` with every fault: an unknown or missing field, an indicator
    that is no published column, an empty component, a preset that names no component.
    """
    return read_declaration(Method, _DECLARATION, _arranged, text)
