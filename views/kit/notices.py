"""What a page says when something is not as expected: what happened, and what to do."""

from collections.abc import Iterable
from pathlib import Path

import streamlit as st

from atlas.places.newer import OUTDATED, moved, outdated_sentence
from atlas.snapshot.ended_wards import came_from
from atlas.turns import BusyError
from atlas.worker import WorkerError
from views.kit.html import escaped, linked_ward, plain_markdown
from views.session import url
from views.session.snapshot import atlas


def link_problems(problems: Iterable[str]) -> None:
    """Tell the reader which parts of their link could not be used."""
    for problem in problems:
        st.warning(plain_markdown(problem), icon=":material/link_off:")


def snapshot_missing() -> None:
    """Say that the data cannot be read, and what the person who runs the Atlas can do."""
    st.title("The Atlas has no data to show")
    st.error(
        "The published tables are missing or damaged. If you run this Atlas, restore the folder "
        "`data/` from version control or run `python -m pipelines build`. If you are visiting, "
        "please try again later."
    )


def outdated_note(measures: Iterable[str], place: str) -> None:
    """Say, on a measure of coverage, where a council has moved since its wards were measured."""
    if set(OUTDATED).isdisjoint(measures) or not len(atlas().snapshot.councils):
        return
    wards = atlas().snapshot.wards.iloc[atlas().places.positions(place)]
    found = moved(wards, atlas().snapshot.councils)
    if said := outdated_sentence(found, wards["authority_code"].nunique()):
        st.warning(plain_markdown(said))


def unfinished(what: str, why: BusyError | WorkerError) -> str:
    """Say that long work was not done, ``what`` where it was begun, and when to ask again."""
    if isinstance(why, BusyError):
        return "Too many are waiting. Try again in a few minutes."
    return f"{what} Try again in a minute, or choose a smaller area."


def empty(what: str, why: str, instead: str) -> None:
    """Show an empty state: what is not here, why, and what to do next."""
    st.info(plain_markdown(f"{what} {why} {instead}"))


STYLE = Path(__file__).with_name("notices.css")


def ended_ward_notice() -> None:
    """Say that the ward of the visitor's link ended, and link to the wards that followed it."""
    ended = url.ended_ward()
    if ended is None:
        return
    st.html(STYLE)
    places = atlas().places
    links = [
        f"{linked_ward(places[code].label, code).html} ({share:.0%} of its residents)"
        for code, share in ended.successors
        if code in places
    ]
    shown = places[ended.successors[0][0]].label
    st.html(
        "<div class='atlas-notice' role='status'><p><strong>"
        f"The ward {escaped(ended.name)} ({escaped(ended.code)}) ended in "
        f"{escaped(ended.ended_in)}.</strong> Where its small areas are now: {'; '.join(links)}. "
        f"This page shows {escaped(shown)}.</p></div>"
    )


def predecessors_note(ward_code: str) -> None:
    """Say which ended wards a new ward was made from, so that older lists can be followed."""
    before = came_from(atlas().snapshot.ended, ward_code)
    if not before:
        return
    names = [
        f"{escaped(each.name)} ({escaped(each.code)}, {dict(each.successors)[ward_code]:.0%} of "
        "its residents)"
        for each in before
    ]
    st.html(
        f"<p class='atlas-note'>This ward has residents of wards that ended in "
        f"{escaped(before[0].ended_in)}: {', '.join(names)}. Figures published for those wards "
        "are of other boundaries.</p>"
    )
