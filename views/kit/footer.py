"""The foot of every page: where the figures come from, of when, and what they are not."""

from collections.abc import Iterable
from datetime import date

import streamlit as st

from atlas.catalogue.columns import behind_measures
from atlas.catalogue.sources import Source
from atlas.places.site_map import Tab, link
from atlas.plain_pages.twins import place_link
from atlas.snapshot import versions
from atlas.snapshot.snapshot import DATA
from atlas.ward.sentences import sources_of
from serving.settings import settings
from views.kit.html import escaped, items, outward
from views.session import uploads, url
from views.session.snapshot import atlas, newest_is_damaged

_LICENCE = "Contains public sector information licensed under the Open Government Licence v3.0."


def footer(shown: Tab) -> None:
    """Draw the foot of a tab: one line, and folded below it what it is not and who is credited."""
    used = atlas().sources.values()
    behind = behind_measures(atlas().sources)
    days = sorted(source.as_at for source in behind)
    view = url.view()
    here = atlas().places[view.ward or view.place]
    st.html(
        f"<footer class='atlas-foot'>{_basemap()}<details class='atlas-details'><summary>"
        "<strong>Figures describe areas, never a person.</strong> Dates and sources"
        "</summary>"
        f"<p>Data version {escaped(atlas().snapshot.version)} · figures dated {days[0]:%B %Y} "
        f"to {days[-1]:%B %Y}. {_age(behind)} "
        f"All {len(used)} published files are under "
        "<a href='data_and_method' target='_self'>Data and method</a>, what words mean under "
        f"<a href='{link('glossary')}' target='_self'>Words explained</a>. For a slow connection: "
        f"<a href='{place_link(here)}' target='_self'>this place on a page without scripts</a>.</p>"
        f"{_measured() if shown.measure else ''}"
        "<p><strong>What this is not.</strong> These figures describe areas, from official "
        "statistics of different dates. They do not count people who are digitally excluded and "
        "say nothing about any person or household. Small differences between wards mean little, "
        "and wards whose ranges overlap have no order. Do not compare them with years made by "
        "another method, or with other nations of the United Kingdom. Do not decide about money or "
        f"services by them alone: check with people who know the place.</p>"
        f"<ul>{items([_LICENCE, *atlas().snapshot.attributions])}</ul>"
        "</details></footer>"
    )


def _measured() -> str:
    column = uploads.measure(url.view().measure)
    named = "; ".join(
        f"{outward(source.title, source.page)} ({escaped(f'{source.publisher}, {source.dated}')})"
        for source in sources_of(column, atlas().sources)
    ) or (
        f"{escaped(column.label)}: {escaped(column.credit)}, for this visit only and not checked "
        "by the Atlas. Other figures are from the published files"
    )
    return f"<p><strong>Sources of the measure shown.</strong> {named}.</p>"


def _basemap() -> str:
    """Say whom a visitor's browser asks for the map's background, where one is set."""
    provider = settings().map.basemap_provider if settings().map.basemap else ""
    if not provider:
        return ""
    return (
        f"<p><strong>The map’s background</strong> comes from {escaped(provider)}. Your browser "
        "asks its server for the pictures, and so tells it your network address and which area "
        "you look at. Nothing else on this site is fetched from elsewhere.</p>"
    )


def _age(used: Iterable[Source]) -> str:
    newest = max(source.as_at for source in used)
    folder = atlas().snapshot.folder
    shown = versions.COMMITTED if folder == DATA else folder.name
    try:
        state = versions.read_state(versions.store_folder())
    except versions.StoreError:
        # The operator's matter, and in the log; the page shows what it can.
        state = versions.State(())
    return escaped(
        " ".join(versions.age_sentences(state, shown, newest, date.today(), newest_is_damaged()))
    )
