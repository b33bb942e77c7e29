"""The changes between two snapshots, as a page that a person reads before trusting the new one."""

from collections.abc import Iterable, Sequence

from atlas.catalogue.columns import declared_columns
from atlas.datastore.changes import Changes, Ward

_MOST = 40


def report(changes: Changes) -> str:
    """Return the changes as Markdown: the sentence first, then tables, longest lists cut."""
    if changes.nothing:
        return f"# Nothing changed\n\nThe files give version {changes.now}, which is shown now.\n"
    coverage = [
        (each.label, f"{each.before:,}", f"{each.now:,}", ", ".join(each.lost[:5]))
        for each in changes.coverage
        if each.before != each.now or each.lost
    ]
    figures = [
        (
            each.label,
            f"{each.wards_changed:,}",
            each.before,
            each.now,
            "" if each.correlation != each.correlation else f"{each.correlation:.3f}",
        )
        for each in changes.figures
    ]
    files = [(e.title, e.before or "not used", e.now or "not used") for e in changes.editions]
    totals = ((declared_columns()[name].label, pair) for name, pair in changes.totals.items())
    moved = ("Measure", "Wards changed", "Median before", "Now", "Rank correlation")
    sections = {
        "Look at this first": [f"- {why}" for why in changes.reasons_to_stop()],
        "Published files": _table(("File", "Before", "Now"), files),
        "Rows": _table(("Table", "Before", "Now"), _counted(changes.rows.items())),
        "Totals for England": _table(("Total", "Before", "Now"), _counted(totals)),
        "Wards that ended": _wards(changes.ended, moved=False),
        "Wards that began": _wards(changes.began, moved=False),
        "Coverage: wards with a figure": _table(("Measure", "Before", "Now", "Lost in"), coverage),
        "Figures that moved": _table(moved, figures),
        "Wards whose risk band moved": _wards(changes.bands),
        "Wards whose tier moved in England’s highest-risk tenth": _wards(changes.tiers),
    }
    lines = [f"# From version {changes.before} to {changes.now}", "", _in_short(changes), ""]
    for title, body in sections.items():
        lines += [f"## {title}", "", *body, ""] if body else []
    return "\n".join(lines).rstrip() + "\n"


def _in_short(changes: Changes) -> str:
    return (
        f"{len(changes.editions)} published files are other ones. {len(changes.bands):,} of "
        f"{changes.wards:,} wards moved to another risk band and {len(changes.tiers):,} to another "
        f"tier; {len(changes.ended):,} wards ended and {len(changes.began):,} began. "
        f"{sum(1 for each in changes.coverage if each.lost)} measures lost figures."
    )


def _counted(pairs: Iterable[tuple[str, tuple[int, int]]]) -> list[tuple[str, str, str]]:
    return [(name, f"{before:,}", f"{now:,}") for name, (before, now) in pairs]


def _wards(wards: Sequence[Ward], moved: bool = True) -> list[str]:
    headings = ("Code", "Ward", "Council", *(("Before", "Now") if moved else ()))
    rows = [
        (each.code, each.name, each.council, *((each.before, each.now) if moved else ()))
        for each in wards[:_MOST]
    ]
    more = [f"… and {len(wards) - _MOST:,} more, in the JSON beside this."]
    return [*_table(headings, rows), *(more if len(wards) > _MOST else [])]


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    if not rows:
        return []

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"

    return [line(headings), line(["---"] * len(headings)), *(line(row) for row in rows)]
