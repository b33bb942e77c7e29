"""What the columns of the datastore's risk and support tables hold, from their declarations."""

from collections.abc import Sequence

from atlas.access.distance import EVERYONE
from atlas.access.support_score import declared_support
from atlas.catalogue.cohorts import declared_cohorts
from atlas.catalogue.table_schemas import Entry, kind_of
from atlas.risk.export import export_fields
from atlas.risk.request import RiskRequest
from atlas.risk.scorer import Scorer


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
