"""Your data: the scenario, the decisions log and the local data audit, saved and opened again."""

from collections.abc import Callable

import streamlit as st

from atlas.briefing.area import area_of
from atlas.briefing.decisions_log import LARGEST, LogError, read, written
from atlas.datastore.audit import TEMPLATE, LocalReport, read_local, template
from atlas.files.spreadsheets import Field, Sheet
from atlas.planning.scenario import Scenario
from atlas.planning.scenario_json import ScenarioError, from_json, to_json
from atlas.text.lists import counted
from atlas.uploads.reading.process import read_upload
from serving.settings import settings
from views.cached.audit import audit
from views.cached.support import now
from views.help_nearby.scenario_controls import fits_a_link, open_scenario, show_scenario
from views.kit.doors import go_to
from views.kit.downloads import file_button, template_buttons
from views.kit.html import escaped, plain_markdown, prose
from views.kit.row_report import row_report
from views.kit.travel import service_only
from views.kit.upload_box import BroughtFile, brought_file, clear_messages, let_go
from views.session import browser_store, own_work, url
from views.session.own_work import owner_box
from views.session.snapshot import atlas

_TROUBLE = "own_work_trouble"
_FILE = "audit_file"


def page() -> None:
    """Draw what a reader can save of this visit, and open again."""
    st.title("Your saved work")
    prose(
        "<p class='atlas-lead'>What you try and decide is kept for this visit only, until you "
        "close the page.</p>"
        "<p class='atlas-note'>To keep it longer, save it to a file on your own device, or let "
        "this browser keep it. A file that you open again is read and not stored here.</p>"
    )
    if trouble := st.session_state.pop(_TROUBLE, ""):
        st.warning(plain_markdown(trouble), icon=":material/error:")
    _browser()
    _scenario(open_scenario(now(service_only())))
    _log()
    _local()


def _browser() -> None:
    st.html("<h2 class='atlas-h2'>Keep it in this browser</h2>")
    st.session_state["keep_in_browser"] = browser_store.keeping()
    st.toggle(
        "Keep my scenario and decisions logs in this browser",
        key="keep_in_browser",
        on_change=lambda: browser_store.keep(st.session_state["keep_in_browser"]),
    )
    prose(
        "<p class='atlas-note'>Off until you choose it. This browser then stores them, for this "
        "site alone. They stay until you switch this off, press “Forget my data” or clear the "
        "browser’s data. Anyone who uses this browser can see them. Files, figures, postcodes and "
        "answers on local data are never kept there.</p>"
    )
    go_to("your_data", "Go to “Forget my data”", url.link(url.view()))
    if browser_store.other_scenario():
        prose(
            "<p role='status'>This browser keeps another scenario than the one of your link. It "
            "stays until you change the one shown.</p>"
        )
        st.button("Use the kept scenario", on_click=browser_store.show_other)


def _scenario(scenario: Scenario) -> None:
    st.html("<h2 class='atlas-h2'>Scenario of What if</h2>")
    if len(scenario):
        fits = fits_a_link(scenario)
        held = "the address of this page holds it too" if fits else "no link can hold it"
        prose(f"<p>{counted(len(scenario), 'change is', 'changes are')} tried: {held}.</p>")
        _save("Save the scenario", to_json(scenario).encode(), "atlas-scenario", "save_scenario")
    else:
        prose("<p>Nothing is tried yet.</p>")
    _opened("Open a saved scenario", "open_scenario", lambda data: show_scenario(from_json(data)))
    go_to("what_if", "What if", url.link(url.view()))


def _log() -> None:
    area = area_of(atlas().places, [url.view().place])
    log = own_work.log_of(",".join(area.codes))
    steps, decisions = counted(len(log.done), "step"), counted(len(log.decisions), "decision")
    prose(
        f"<h2 class='atlas-h2'>Decisions log</h2><p>{escaped(area.name)}: {steps} done, "
        f"{decisions} logged.</p>"
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = owner_box()
        log = own_work.signed(log)
        file = f"decisions-{'-'.join(area.codes)}"
        _save("Save the log to a file", written(log), file, "save_log", not name)
    _opened("Open a saved log", "decisions_file", _open_log)
    go_to("first_100_days", "Skills and 100 days", url.link(url.view()))


def _open_log(data: bytes) -> None:
    found = read(data[: LARGEST + 1])
    if found.place != ",".join(area_of(atlas().places, [url.view().place]).codes):
        raise LogError(
            "This log belongs to another place. Choose that place first, then open the file again. "
            "Nothing was changed."
        )
    own_work.keep_log(found)


def _save(label: str, data: bytes, name: str, key: str, disabled: bool = False) -> None:
    why = "Name the owner first: a log without one binds nobody." if disabled else None
    file_button(label, data, f"{name}.json", key, disabled=disabled, help=why)


def _opened(label: str, key: str, take: Callable[[bytes], None]) -> None:
    """Draw a box for a file that this page saved; what cannot be used is said above."""
    if not settings().uploads.allowed:
        return
    count = st.session_state.setdefault(f"{key}_turn", 0)
    given = st.file_uploader(label, type="json", key=f"{key}_{count}", max_upload_size=1)
    if given is None:
        return
    try:
        take(given.getvalue())
    except (ScenarioError, LogError) as error:
        st.session_state[_TROUBLE] = str(error)
    let_go()
    # A new box: an empty one, so that the next file is seen to be another.
    st.session_state[f"{key}_turn"] = count + 1
    st.rerun()


def _local() -> None:
    place = atlas().places[url.view().place]
    councils = audit().authorities(place.code)
    prose(
        "<h2 class='atlas-h2'>Local data audit</h2>"
        "<p>Take the template to a meeting, fill in what councils hold and what they do not, and "
        "bring it back. It joins the data audit for your visit alone.</p>"
    )
    fields = [Field(heading, heading, "text") for heading in TEMPLATE]
    sheet = Sheet("Local data", fields, template(councils))
    about = {
        "Title": f"Template: local data assets, {place.label}",
        "How to use it": "Answer yes, partly or no under “Held?”; leave it blank where nobody "
        "knows. Name teams, never people.",
    }
    template_buttons("local-data-template", sheet, about, "local")
    if settings().uploads.allowed:
        made = brought_file(_FILE, "Your filled-in template", _read)
        if made is not None:
            own_work.hold_answers(made)
            st.rerun()
    if report := own_work.local_report():
        _report(report)
    go_to("audit", "Data audit", url.link(url.view()))


def _read(given: BroughtFile) -> LocalReport:
    return read_local(read_upload(given.data, "template").table(), atlas().places)


def _report(report: LocalReport) -> None:
    said = f"{counted(len(report.answers), 'answer')} joined the audit"
    said += f"; {report.blank:,} rows are blank and stay not known." if report.blank else "."
    prose(f"<p role='status'><strong>{escaped(said)}</strong></p>")
    row_report(report.problems, "audit_rows")
    st.button("Forget these answers", on_click=_forget, icon=":material/delete:")


def _forget() -> None:
    own_work.hold_answers(None)
    clear_messages(_FILE)
    browser_store.focus_on(_FILE)
