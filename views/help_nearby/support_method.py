"""How the support score is made, in words and a table, drawn from its declaration."""

from atlas.access.support_score import declared_support
from atlas.text.numbers import percent
from views.kit.html import cell, escaped, table


def support_method() -> str:
    """Return the method of the support score as markup, without a heading."""
    method = declared_support()
    total = sum(measure.weight for measure in method.measures.values())
    rows = [
        [
            cell(measure.column.label),
            cell(measure.part),
            cell(f"{100 * measure.weight / total:g}%", number=True),
            cell(measure.column.definition),
        ]
        for measure in method.measures.values()
    ]
    headings = [cell("Measure"), cell("Part"), cell("Weight", number=True), cell("What it is")]
    return (
        f"<p>{escaped(method.title)}, version {escaped(method.version)}: "
        f"{escaped(method.direction)}. Each measure becomes the share of England’s residents "
        "in wards with less of it; the score is their weighted mean. Below "
        f"{percent(method.least_known)} of the weight a ward has no score.</p>"
        + table("What the support score is made of", headings, rows)
    )
