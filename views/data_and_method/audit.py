"""The audit of data assets: datasets by council, with age, coverage, gaps, fit and licence."""

from datetime import date

import streamlit as st

from atlas.datastore.audit import (
    HELD_WORDS,
    Audit,
    Dataset,
    Holding,
    LocalHolding,
    age_in_words,
    local_assets,
)
from atlas.files.spreadsheets import Field
from atlas.places.places import Place
from atlas.places.view_url import query
from atlas.text.lists import counted
from views.cached.audit import audit as audit_of_snapshot
from views.data_and_method.words import passage
from views.kit.doors import go_to
from views.kit.downloads import address_of, take_away
from views.kit.html import (
    TABLE,
    Cell,
    Row,
    cell,
    described,
    escaped,
    numbers,
    outward,
    prose,
    table,
)
from views.session import own_work, url
from views.session.snapshot import atlas

_FEW = 45


def page() -> None:
    """Draw what is held for each council of the place in view."""
    place = atlas().places[url.view().place]
    audit = audit_of_snapshot()
    councils = audit.authorities(place.code)
    found = {
        (dataset.source.key, council.code): audit.holding(dataset, council.code)
        for dataset in audit.datasets
        for council in councils
    }
    st.title(f"Data audit, {place.label}")
    prose(f"<p class='atlas-lead'>{escaped(_lead(audit, councils, found))}</p>")
    _datasets(audit, councils, found)
    _matrix(audit, councils, found)
    _fit(audit, councils)
    version, link = atlas().snapshot.version, address_of(query(url.view()))
    take_away(
        f"audit-{place.code}",
        lambda: audit.table(place.code),
        _FIELDS,
        {"Title": f"Data audit, {place.label}", "Data version": version, "Link": link},
        "audit",
    )
    _local(councils)


Found = dict[tuple[str, str], Holding]

_FIELDS = (
    Field("authority_code", "Council code", "code"),
    Field("authority_name", "Council", "text"),
    Field("dataset", "Dataset", "text"),
    Field("publisher", "Publisher", "text"),
    Field("as_at", "Dated", "text"),
    Field("licence", "Licence", "text"),
    Field("counted", "Counted", "text"),
    Field("known", "Known", "count"),
    Field("of", "Of", "count"),
    Field("withheld", "Withheld", "count"),
    Field("gaps", "Gaps", "count"),
    Field("coverage", "Coverage", "share"),
)


def _lead(audit: Audit, councils: list[Place], found: Found) -> str:
    gaps = sum(holding.gaps for holding in found.values())
    days = sorted(dataset.source.as_at for dataset in audit.datasets)
    today = date.today()
    who = "one council" if len(councils) == 1 else f"{len(councils):,} councils"
    return (
        f"{len(audit.datasets)} published datasets behind the measures, for {who}: "
        f"{counted(gaps, 'gap') if gaps else 'no gap'} in all. The oldest is "
        f"{age_in_words(days[0], today)} old, the newest {age_in_words(days[-1], today)}. What "
        "councils hold themselves is not known until somebody says so, below; “not held” is an "
        "answer."
    )


def _datasets(audit: Audit, councils: list[Place], found: Found) -> None:
    headings = ["Dataset, publisher and licence", "Date and age", "Covers", *numbers("Gaps")]
    rows = [_dataset_row(dataset, councils, found) for dataset in audit.datasets]
    prose(
        "<h2 class='atlas-h2'>Datasets</h2>"
        + table("Published datasets behind the measures, for this place", headings, rows, TABLE)
        + passage("audit", "covers", "atlas-note")
    )


def _dataset_row(dataset: Dataset, councils: list[Place], found: Found) -> Row:
    holdings = [found[dataset.source.key, council.code] for council in councils]
    known, of = sum(h.known - h.withheld for h in holdings), sum(h.of for h in holdings)
    source = dataset.source
    return [
        Cell(
            f"{outward(source.title, source.page)}<br>{escaped(source.publisher)}<br>"
            f"{escaped(source.licence_name)}"
        ),
        Cell(f"{escaped(source.dated)}<br>{age_in_words(source.as_at, date.today())} old"),
        f"{known:,} of {of:,} {dataset.what}",
        f"{sum(h.gaps for h in holdings):,}",
    ]


def _matrix(audit: Audit, councils: list[Place], found: Found) -> None:
    sources = [dataset.source for dataset in audit.datasets]
    shown = [c for c in councils if any(found[s.key, c.code].gaps for s in sources)]
    if not shown:
        return
    left = len(councils) - len(shown)
    whole = f" Not listed: {counted(left, 'council')}, all complete." if left else ""
    st.html("<h2 class='atlas-h2'>Datasets by council</h2>")
    headings = ["Council", *(s.short or s.title for s in sources)]
    rows = [[c.name, *(found[s.key, c.code].in_words for s in sources)] for c in shown]
    prose(
        table("What is held of each dataset, by council", headings, rows, css="atlas-tight")
        + "<p class='atlas-note'>Gaps are counted in small areas, for libraries in "
        f"buildings.{whole}</p>"
    )


def _fit(audit: Audit, councils: list[Place]) -> None:
    fits = [(council, audit.fit(council.code)) for council in councils]
    left_out = ""
    if len(councils) > _FEW:
        left_out = " Councils without a ward of the last two kinds are left out."
        fits = [(council, fit) for council, fit in fits if fit["none"] or fit["weak"]]
    rows = [[council.name, *(f"{wards:,}" for wards in fit.values())] for council, fit in fits]
    headings = ["Council", *numbers("Good", "Fair", "Weak", "None")]
    caption = "Wards by how many small areas their figures are based on"
    prose(
        "<h2 class='atlas-h2'>How well figures fit wards</h2>"
        + table(caption, headings, rows, css="atlas-tight")
        + passage("audit", "fit", "atlas-note", left_out=left_out)
    )


def _local(councils: list[Place]) -> None:
    prose(
        "<h2 class='atlas-h2'>Data that councils hold themselves</h2>" + passage("audit", "local")
    )
    rows = [[described(a.label, a.why), a.ask] for a in local_assets().values()]
    st.html(table("What to ask for", ["Data, and why it matters", "Who to ask"], rows))
    go_to("saved_work", "Template, and bring it back", url.link(url.view()))
    report = own_work.local_report()
    _local_matrix(councils, report.answers if report else ())


def _local_matrix(councils: list[Place], answers: tuple[LocalHolding, ...]) -> None:
    told = {(answer.authority, answer.asset): answer for answer in answers}
    shown = [c for c in councils if any(c.code == code for code, _ in told)]
    if without := len(councils) - len(shown):
        who = counted(without, "council")
        prose(f"<p class='atlas-list'>Nothing is known yet of local data in {who}.</p>")
    if not shown:
        return
    assets = list(local_assets().values())
    rows = [
        [c.name, *(_local_cell(told.get((c.code, asset.key))) for asset in assets)] for c in shown
    ]
    headings = ["Council", *(asset.label for asset in assets)]
    st.html(table("Local data by council", headings, rows, css="atlas-tight"))


def _local_cell(answer: LocalHolding | None) -> Cell:
    if answer is None:
        return cell(HELD_WORDS["not known"])
    more = ", ".join(part for part in (answer.title, answer.as_at, answer.licence) if part)
    return cell(HELD_WORDS[answer.held] + (f": {more}" if more else ""))
