"""Skills and 100 days: the skills lens, a checklist, and a decisions log kept in a local file."""

from dataclasses import replace
from datetime import date

import streamlit as st

from atlas.briefing.area import BriefingArea, area_of, declared_words
from atlas.briefing.decisions_log import (
    LARGEST,
    LONGEST,
    MOST_DECISIONS,
    Decision,
    Log,
    LogError,
    declared_steps,
    read,
    written,
)
from atlas.briefing.skills import SkillLine, skills_of
from atlas.catalogue.columns import declared_columns
from atlas.text.days import written_day
from views.cached import briefings
from views.kit.html import cell, escaped, plain_markdown, table
from views.session import url
from views.session.owner import owner, owner_box
from views.session.snapshot import atlas

_LOG, _OPENED, _TROUBLE = "decisions_log", "decisions_opened", "decisions_trouble"


def page() -> None:
    """Draw skills, checklist and decisions of the place in view."""
    area = area_of(atlas().places, [url.view().place])
    st.title(f"Skills and the first 100 days, {area.name}")
    _skills(area)
    st.html("<h2 class='atlas-h2'>The first 100 days</h2>")
    log = _log(area)
    _open_file(area)
    _checklist(log)
    _decisions(_log(area))
    _save(_log(area), area)


def _skills(area: BriefingArea) -> None:
    lens = skills_of(briefings.maker().numbers, area)
    definition = declared_columns()["low_skills_rate"].definition
    st.html(
        f"<p class='atlas-lead'>{escaped(lens.said.text)}</p>"
        f"<p class='atlas-note'>{escaped(definition)}</p>"
    )
    if len(lens.councils) > 1:
        _lines(f"Councils of {area.name}", "Council", lens.councils[:20])
        left = len(lens.councils) - 20
        if left > 0:
            note = f"{left} more councils have lower rates."
            st.html(f"<p class='atlas-note'>{note}</p>")
    _lines(f"Wards of {area.name} with the highest rates", "Ward", lens.wards)


def _lines(caption: str, head: str, lines: tuple[SkillLine, ...]) -> None:
    ward = head == "Ward"
    headings = [cell(head), *([cell("Council")] if ward else [])]
    headings += [cell("Adults with low skills or English", number=True)]
    headings += [cell("Libraries", number=True)]
    headings += [cell("Staffed hours a week", number=True)]
    rows = [
        [
            cell(line.name),
            *([cell(line.council)] if ward else []),
            cell(line.rate.shown, number=True),
            cell(line.libraries.shown, number=True),
            cell(line.hours.shown, number=True),
        ]
        for line in lines
    ]
    words = f"{caption}; higher = more need. Libraries of December 2023, as reported"
    st.html(table(escaped(words), headings, rows))


def _log(area: BriefingArea) -> Log:
    """Return the visit's log of this place, an empty one where there is none."""
    place = ",".join(area.codes)
    logs: dict[str, Log] = st.session_state.setdefault(_LOG, {})
    return logs.setdefault(place, Log(place, owner(), atlas().snapshot.version))


def _keep(log: Log) -> None:
    st.session_state[_LOG][log.place] = log


def _open_file(area: BriefingArea) -> None:
    st.html(
        "<p class='atlas-note'>The checklist and the log are kept for this visit only. Save them "
        "to a file on your machine, and open the file to go on. The file is not stored here.</p>"
    )
    given = st.file_uploader(
        "Open a saved log",
        type="json",
        max_upload_size=1,
        key="decisions_file",
    )
    if given is None or st.session_state.get(_OPENED) == given.file_id:
        _say_trouble()
        return
    st.session_state[_OPENED] = given.file_id
    st.session_state[_TROUBLE] = ""
    try:
        found = read(given.read(LARGEST + 1))
    except LogError as error:
        st.session_state[_TROUBLE] = f"{error} Nothing was changed."
    else:
        place = ",".join(area.codes)
        if found.place == place:
            _keep(found)
            for step in declared_steps():
                st.session_state[f"step_{step.key}"] = step.key in found.done
        else:
            st.session_state[_TROUBLE] = (
                "This log belongs to another place. Choose that place first, then open the file "
                "again. Nothing was changed."
            )
    _say_trouble()


def _say_trouble() -> None:
    if trouble := st.session_state.get(_TROUBLE):
        st.warning(plain_markdown(trouble), icon=":material/error:")


def _checklist(log: Log) -> None:
    st.html("<h3 class='atlas-h3'>Checklist</h3>")
    st.html(
        f"<p class='atlas-note'>Steps marked “guide” follow a recommendation of "
        f"{escaped(declared_words().guide.words)}. Words and days are ours.</p>"
    )
    for step in declared_steps():
        key = f"step_{step.key}"
        st.session_state[key] = step.key in log.done
        st.checkbox(
            f"By day {step.by}: {plain_markdown(step.text)} *{step.origin}*",
            key=key,
            on_change=_ticked,
            args=(log.place, step.key),
        )


def _ticked(place: str, key: str) -> None:
    log: Log = st.session_state[_LOG][place]
    done = log.done | {key} if st.session_state[f"step_{key}"] else log.done - {key}
    _keep(replace(log, done=done))


def _decisions(log: Log) -> None:
    st.html("<h3 class='atlas-h3'>Decisions</h3>")
    if log.decisions:
        headings = [cell("Day"), cell("Decision"), cell("Carried by"), cell("Looked at again")]
        rows = [
            [
                cell(written_day(d.day), css="atlas-nowrap"),
                cell(d.text),
                cell(d.owner or "not named"),
                cell(written_day(d.review) if d.review else "no date"),
            ]
            for d in log.decisions
        ]
        st.html(table(f"Decisions logged: {len(rows)}", headings, rows))
    else:
        st.html("<p class='atlas-note'>No decision is logged yet.</p>")
    if len(log.decisions) >= MOST_DECISIONS:
        return
    with st.form("decision", clear_on_submit=True):
        text = st.text_input("What was decided", max_chars=LONGEST)
        left, middle, right = st.columns(3)
        who = left.text_input("Carried by", max_chars=80)
        day = middle.date_input("Decided on", value=date.today())
        review = right.date_input("Looked at again on", value=None)
        if st.form_submit_button("Add to the log") and text.strip():
            decided = Decision(day, " ".join(text.split()), " ".join(who.split()), review)
            _keep(replace(log, decisions=(*log.decisions, decided)))
            st.rerun()


def _save(log: Log, area: BriefingArea) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = owner_box()
        st.download_button(
            "Save the log to a file",
            written(replace(log, owner=name, data_version=atlas().snapshot.version)),
            file_name=f"decisions-{'-'.join(area.codes)}.json",
            mime="application/json",
            on_click="ignore",
            icon=":material/download:",
            type="primary",
            disabled=not name,
            help=None if name else "Name the owner first: a log without one binds nobody.",
        )
