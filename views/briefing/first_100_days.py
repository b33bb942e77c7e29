"""Skills and 100 days: the skills lens, a checklist, and a decisions log kept in a local file."""

from dataclasses import replace
from datetime import date
from functools import partial

import streamlit as st

from atlas.briefing.area import BriefingArea, area_of, declared_words
from atlas.briefing.decisions_log import LONGEST, MOST_DECISIONS, Decision, Log, declared_steps
from atlas.briefing.skills import SkillLine, skills_of
from atlas.catalogue.columns import declared_columns
from atlas.text.days import written_day
from views.cached import briefings
from views.kit.controls import bound
from views.kit.doors import go_to
from views.kit.html import cell, escaped, numbers, plain_markdown, prose, table
from views.session import own_work, url
from views.session.snapshot import atlas


def page() -> None:
    """Draw skills, checklist and decisions of the place in view."""
    area = area_of(atlas().places, [url.view().place])
    st.title(f"Skills and the first 100 days, {area.name}")
    _skills(area)
    st.html("<h2 class='atlas-h2'>The first 100 days</h2>")
    log = own_work.log_of(",".join(area.codes))
    prose(
        "<p class='atlas-note'>The checklist and the log are kept for this visit only. Save them "
        "to a file, or choose to keep them in this browser.</p>"
    )
    go_to("saved_work", "Save or open the log", url.link(url.view()))
    _checklist(log)
    _decisions(log)


def _skills(area: BriefingArea) -> None:
    lens = skills_of(briefings.maker().numbers, area)
    definition = declared_columns()["low_skills_rate"].definition
    # Without links to the glossary: the keyboard's way to the first table stays short.
    st.html(
        f"<p class='atlas-lead'>{escaped(lens.said.text)}</p>"
        f"<p class='atlas-note'>{escaped(definition)}</p>"
        "<p class='atlas-note'>Below the tables: a checklist for the first 100 days, and a log of "
        "decisions.</p>"
    )
    if len(lens.councils) > 1:
        _lines(f"Councils of {area.name}", "Council", lens.councils[:20])
        if (left := len(lens.councils) - 20) > 0:
            prose(f"<p class='atlas-note'>{left} more councils have lower rates.</p>")
    several = len(lens.councils) > 1
    _lines(f"Wards of {area.name} with the highest rates", "Ward", lens.wards, several)


def _lines(caption: str, head: str, lines: tuple[SkillLine, ...], councils: bool = False) -> None:
    headings = [head, *numbers("Share", "Libraries", "Staffed hours a week")]
    rows = [[x.name, x.rate.shown, x.libraries.shown, x.hours.shown] for x in lines]
    if councils:
        headings.insert(1, "Council")
        for line, row in zip(lines, rows, strict=True):
            row.insert(1, line.council)
    words = (
        f"{caption}. Share: of working-age adults, with few qualifications or little English; "
        "higher = more need. Libraries that count as help, of December 2023"
    )
    st.html(table(escaped(words), headings, rows))


def _checklist(log: Log) -> None:
    st.html("<h3 class='atlas-h3'>Checklist</h3>")
    prose(
        f"<p class='atlas-note'>Steps marked “guide” follow a recommendation of "
        f"{escaped(declared_words().guide.words)}. Words and days are ours.</p>"
    )
    for step in declared_steps():
        bound(
            st.checkbox,
            f"step_{step.key}",
            step.key in log.done,
            partial(_ticked, log.place, step.key),
            label=f"By day {step.by}: {plain_markdown(step.text)} *{step.origin}*",
        )


def _ticked(place: str, key: str, done_now: bool) -> None:
    log = own_work.log_of(place)
    done = log.done | {key} if done_now else log.done - {key}
    own_work.keep_log(replace(log, done=done))


def _decisions(log: Log) -> None:
    st.html("<h3 class='atlas-h3'>Decisions</h3>")
    if log.decisions:
        headings = ["Day", "Decision", "Who does it", "Review date"]
        rows = [
            [
                cell(written_day(d.day), css="atlas-nowrap"),
                d.text,
                d.owner or "not named",
                written_day(d.review) if d.review else "no date",
            ]
            for d in log.decisions
        ]
        st.html(table(f"Decisions logged: {len(rows)}", headings, rows))
    else:
        prose("<p class='atlas-note'>No decision is logged yet.</p>")
    if len(log.decisions) >= MOST_DECISIONS:
        return
    with st.form("decision", clear_on_submit=True):
        text = st.text_input("What was decided", max_chars=LONGEST)
        left, middle, right = st.columns(3)
        who = left.text_input("Who does it", max_chars=80)
        day = middle.date_input("Decided on", value=date.today(), format="DD/MM/YYYY")
        review = right.date_input("Review date", value=None, format="DD/MM/YYYY")
        if st.form_submit_button("Add to the log") and text.strip():
            decided = Decision(day, " ".join(text.split()), " ".join(who.split()), review)
            own_work.keep_log(replace(log, decisions=(*log.decisions, decided)))
            st.rerun()
