"""The controls of the risk list: length and order, what to compare with, weights, filters."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from atlas.catalogue.columns import Column, Direction, declared_columns
from atlas.places.places import ENGLAND
from atlas.risk.index import Index
from atlas.risk.influence import effective_influence, indicator_influence
from atlas.risk.method import declared_method
from atlas.risk.needs import needs_of
from atlas.risk.request import STANDARD, RiskRequest
from atlas.risk.uploaded_components import names_own_part
from atlas.ward_list.common_jobs import JOBS, job_of, without_job
from atlas.ward_list.risk_list import SETTING_COLUMN, ListRequest, list_measures, orders
from views.cached import risk
from views.cached.risk import Shown
from views.kit.controls import bound
from views.kit.doors import go_to
from views.kit.html import Cell, Row, cell, escaped, numbers, plain_markdown, prose, table
from views.session import uploads, url
from views.session.browser_store import HEADING, focus_on
from views.session.snapshot import atlas

_OWN = "own"
_SET = {"weights": "Weights", "influence": "Influence"}
_TURNS: dict[Direction, str] = {"more": "Higher means more risk", "less": "Lower means more risk"}
_CUTS = {"top": "Number of wards", "share": "Highest-risk share", "people": "Residents at most"}
_USUAL_LIMITS = {"share": 0.2, "top": 10.0, "people": 100_000.0}
SHARES = {0.05: "twentieth", 0.1: "tenth", 0.2: "fifth"}
_SETTINGS = {"": "Both", "rural": "Rural", "urban": "Urban"}
_TIERS = {"": "Any", "sure": "Sure", "fairly sure": "Sure or fairly sure"}
_FIT_WORDS = {"": "Any", "fair": "2 small areas or more", "good": "3 small areas or more"}
_MOST_NAMES = 1000

Apply = Callable[[Any], ListRequest | None]


def _control(
    request: ListRequest,
    name: str,
    widget: Callable[..., Any] = st.selectbox,
    chosen: Apply | None = None,
    **given: Any,
) -> None:
    """Draw one control that shows what the address says and writes the reader's choice there.

    It is about the request's field of its ``name``, unless ``shown`` is given, and ``chosen``:
    it returns the request that a choice stands for, or None where it stands for none.
    """
    shown = given.pop("shown") if "shown" in given else getattr(request, name)
    words = given.get("words")
    if words and not isinstance(shown, list):
        given["words"] = {**words, shown: words.get(shown, str(shown))}

    def apply(value: Any) -> None:
        changed = chosen(value) if chosen else replace(request, **{name: value})
        if changed is not None:
            risk.show(changed)

    bound(widget, f"risk_{name}", shown, apply, **given)


def _with_settings(request: ListRequest, **changed: Any) -> ListRequest:
    return replace(request, risk=replace(request.risk, **changed))


def controls(view: Shown) -> None:
    """Draw what a reader can change of a list, in boxes that a phone has folded away."""
    request = view.request
    phone = "Mobi" in st.context.headers.get("User-Agent", "")
    with st.expander("Change this list", expanded=not phone):
        _job(request)
        _length(request)
        _base(request)
        _weights(request, view.index)
        with st.expander("Filters, and wards by hand"):
            _filters(request, view.tests is not None)


def _job(request: ListRequest) -> None:
    key = job_of(request)
    _control(
        request,
        "job",
        shown=key,
        words={"": "Highest risk, or your own conditions"} | {k: j.label for k, j in JOBS.items()},
        chosen=lambda job: JOBS[job].asked(request) if job else without_job(request),
        label="List for",
    )
    if key:
        prose(f"<p class='atlas-note'>{escaped(JOBS[key].sentence)}</p>")


def _length(request: ListRequest) -> None:
    control = partial(_control, request)
    control(
        "cut",
        words=_CUTS,
        chosen=lambda cut: replace(request, cut=cut, limit=_USUAL_LIMITS[cut]),
        label="Limit the list to",
    )
    if request.cut == "share":
        shares = {**SHARES, request.limit: SHARES.get(request.limit, f"{request.limit:.1%}")}
        control(
            "limit",
            st.segmented_control,
            words=dict(sorted(shares.items())),
            label="Highest-risk",
            required=True,
        )
    else:
        control(
            "limit",
            st.number_input,
            shown=int(request.limit),
            chosen=lambda limit: replace(request, limit=float(limit)),
            label=_CUTS[request.cut],
            min_value=1,
            step=1 if request.cut == "top" else 1000,
        )
    control("order", words=orders(list_measures(risk.method())), label="Order")


def _base(request: ListRequest) -> None:
    places = atlas().places
    holding = [area.code for area in places.containing(request.area)]
    usual = list(dict.fromkeys([ENGLAND, *holding, request.area]))
    one = request.risk.base[0] if len(request.risk.base) == 1 else ""
    names = {code: places[code].label for code in [*usual, one] if code}
    _control(
        request,
        "base",
        shown=one,
        words=names | {"": "My own selection of places"},
        chosen=lambda code: _one_base(request, code),
        label="Compared with",
        help="Scores, bands and tiers say where a ward stands among the residents of these places.",
    )
    if not one:
        _control(
            request,
            "bases",
            st.multiselect,
            shown=list(request.risk.base),
            words={p.code: p.label for p in places.areas() if p.code != ENGLAND},
            chosen=lambda codes: _with_settings(request, base=tuple(sorted(codes)) or (ENGLAND,)),
            label="Places compared with",
        )


def _one_base(request: ListRequest, code: str) -> ListRequest:
    if code:
        return _with_settings(request, base=(code,))
    # An own selection starts from something that holds the area shown.
    places = atlas().places
    if request.area == ENGLAND:
        regions = sorted(p.code for p in places.children(ENGLAND) if p.kind == "region")
        return _with_settings(request, base=tuple(regions))
    other = next(p.code for p in places.areas() if p.code not in (ENGLAND, request.area))
    return _with_settings(request, base=tuple(sorted((request.area, other))))


def _weights(request: ListRequest, index: Index) -> None:
    presets, asked = declared_method().presets, request.risk
    own = asked.is_own

    def preset(key: str) -> None:
        risk.show(replace(request, risk=RiskRequest(preset=key, base=asked.base)))

    _weightings(asked, preset, "risk_preset", label="Weighting")
    if not own:
        prose(f"<p class='atlas-note'>{escaped(presets[asked.preset].meaning)}</p>")
    st.html(f"<div class='atlas-narrow'>{_component_influence(index)}</div>")
    with st.expander("Set weights or influence", expanded=own):
        _sliders(request, index)
    if not uploads.own_measures():
        go_to("your_data", "Add a measure of your own", url.link(url.view()))


def map_weights(asked: RiskRequest) -> None:
    """Let the reader of a map choose by which weights risk is scored."""
    _weightings(
        asked,
        lambda key: risk.choose_weights(RiskRequest(preset=key)),
        "map_weights",
        label="Weights",
        help="How much money and skills, age and health, and home connection count. The sliders "
        "below the map set weights of your own. The ward list shows how much each part really "
        "counts.",
    )


def _weightings(
    asked: RiskRequest, chosen: Callable[[str], object], key: str, **given: Any
) -> None:
    """Draw the presets, and weights of the reader's own where those are in force."""
    names = {name: preset.label for name, preset in declared_method().presets.items()}
    names |= {_OWN: "My own weights"} if asked.is_own else {}
    bound(
        st.selectbox,
        key,
        _OWN if asked.is_own else asked.preset,
        lambda name: chosen(name) if name != _OWN else None,
        names,
        **given,
    )


def weights_in_words(asked: RiskRequest) -> str:
    """Return what kind of weights these are: "", "equal weights", "people only", ..."""
    if names_own_part(asked):
        return "own weights, with your own measure"
    if asked.is_own:
        return "own weights"
    if asked.preset == STANDARD:
        return ""
    label = declared_method().presets[asked.preset].label
    return f"{label[0].lower()}{label[1:]}"


def _sliders(request: ListRequest, index: Index) -> None:
    asked = request.risk
    mode = "influence" if asked.influence else "weights"
    _control(
        request,
        "mode",
        st.segmented_control,
        shown=mode,
        words=_SET,
        chosen=lambda chosen: _with_settings(request, **_in_mode(index, chosen)),
        label="Set",
        required=True,
        help="A weight says how much a part is meant to count. Its influence is how much it does "
        "count: its share of the differences between wards. Set the influence, and the weights "
        "that give it are found for you.",
    )
    parts = dict(asked.influence or asked.weights) or _whole(index.weighting.weight)
    kinds = {"risk": "", "support": " (support, not risk)", "own": " (your own)"}
    for key, component in risk.method().components.items():
        _control(
            request,
            key,
            st.slider,
            shown=int(round(parts.get(key, 0))),
            chosen=partial(_part, request, mode, parts, key),
            label=plain_markdown(component.label) + kinds[component.axis],
            min_value=0,
            max_value=100,
        )
    for column in uploads.own_measures():
        bound(
            st.selectbox,
            f"risk_turn_{column.name}",
            "less" if column.need == "less" else "more",
            partial(uploads.turn_measure, column.name),
            _TURNS,
            label=f"Direction of {plain_markdown(column.label)}",
        )
    with st.popover("Weights inside the parts"):
        _inner(request)
    st.html(
        "<details class='atlas-details'><summary>Influence of each indicator</summary>"
        f"<div class='atlas-narrow'>{influence_table(index)}</div></details>"
    )
    standard = RiskRequest(base=asked.base)
    if asked != standard:
        st.button(
            "Back to the standard weights",
            on_click=_use_standard,
            args=(replace(request, risk=standard),),
            type="tertiary",
        )


def _use_standard(request: ListRequest) -> None:
    risk.show(request)
    focus_on(HEADING)


def _whole(shares: Mapping[str, float]) -> dict[str, float]:
    return {key: float(max(round(share * 100), 1)) for key, share in shares.items()}


def _in_mode(index: Index, mode: str) -> dict[str, tuple[tuple[str, float], ...]]:
    shares = effective_influence(index) if mode == "influence" else index.weighting.weight
    nothing: tuple[tuple[str, float], ...] = ()
    return {"weights": nothing, "influence": nothing, mode: tuple(_whole(shares).items())}


def _part(
    request: ListRequest, mode: str, parts: Mapping[str, float], key: str, value: int
) -> ListRequest | None:
    given = {**parts, key: float(value)}
    pairs = tuple((k, given[k]) for k in risk.method().components if given.get(k, 0) > 0)
    # All at zero makes no score: the sliders go back to what they were.
    return _with_settings(request, **{mode: pairs}) if pairs else None


def _inner(request: ListRequest) -> None:
    given = dict(request.risk.inner)
    for key, indicator in declared_method().indicators.items():
        _control(
            request,
            f"inner_{key}",
            st.slider,
            shown=int(round(given.get(key, indicator.weight))),
            chosen=partial(_indicator, request, key),
            label=declared_columns()[key].short,
            min_value=0,
            max_value=5,
        )


def _indicator(request: ListRequest, key: str, value: int) -> ListRequest | None:
    method = declared_method()
    given = {**dict(request.risk.inner), key: float(value)}
    members = method.indicators_of(method.indicators[key].component)
    if not any(given.get(i.key, i.weight) for i in members):
        return None
    changed = ((k, given[k]) for k, i in method.indicators.items() if k in given)
    own = tuple((k, v) for k, v in changed if v != method.indicators[k].weight)
    return _with_settings(request, inner=own)


def _component_influence(index: Index) -> str:
    components, weight = index.peers.method.components, index.weighting.weight
    rows = [
        [components[key].label, _percent(weight[key]), _percent(share)]
        for key, share in effective_influence(index).items()
    ]
    caption = "What each part is meant to count, and what it does count between wards"
    return table(caption, _HEADINGS, rows)


_HEADINGS = ["Part", *numbers("Weight", "Influence")]


def influence_table(index: Index) -> str:
    """Return weight and influence of each part and of each indicator inside it, as a table."""
    method, inner = index.peers.method, indicator_influence(index)
    weights = dict(index.weighting.inner)
    rows: list[Row] = []
    for key, share in effective_influence(index).items():
        label = Cell(f"<strong>{escaped(method.components[key].label)}</strong>")
        rows.append([label, _percent(index.weighting.weight[key]), _percent(share)])
        whole = sum(weights[i.key] for i in method.indicators_of(key))
        rows += [
            [
                method.column(i.key).short,
                _percent(index.weighting.weight[key] * weights[i.key] / whole),
                _percent(inner[i.key]),
            ]
            for i in method.indicators_of(key)
            if weights[i.key] > 0
        ]
    return table("Weight and influence of each part and indicator", _HEADINGS, rows)


def _percent(share: float) -> Cell:
    return cell("no data" if pd.isna(share) else f"{share:.0%}", number=True)


def _filters(request: ListRequest, tested: bool) -> None:
    control = partial(_control, request)
    needs = {"": "Any", **{part.key: part.label for part in needs_of(declared_method())}}
    control("need", words=needs, label="Need in the highest fifth")
    _councils(request)
    _conditions(request, list_measures(risk.method()))
    if SETTING_COLUMN in atlas().snapshot.wards:
        control("setting", words=_SETTINGS, label="Rural or urban")
    if tested:
        sure = "How sure its place in the highest fifth is"
        control("tier", words=_TIERS, label=sure)
    control("fit", words=_FIT_WORDS, label="Figures based on")
    control(
        "pockets_only",
        st.checkbox,
        label="Only wards that hold a pocket",
        help="A pocket is a small area in England’s highest-risk tenth.",
    )
    control(
        "spread",
        st.number_input,
        label="Keep so many contrasting wards (0: all)",
        min_value=0,
        max_value=200,
        help="Starts with the highest risk, then adds the ward least like those already kept in "
        "why it is at risk: useful to choose pilots.",
    )
    places = atlas().places
    codes = places.wards(request.area)
    few = len(codes) <= _MOST_NAMES
    for name, label in (("include", "Add wards by hand"), ("exclude", "Leave out wards by hand")):
        chosen = [code for code in getattr(request, name) if code in set(codes)]
        _several(
            request,
            name,
            chosen,
            {code: places[code].label for code in (codes if few else chosen)},
            label=label,
            placeholder="None" if few else "Choose a smaller area first",
        )


def _several(
    request: ListRequest, name: str, shown: list[str], words: Mapping[str, str], **given: Any
) -> None:
    def chosen(picked: list[str]) -> ListRequest:
        codes: Any = tuple(sorted(picked))
        return replace(request, **{name: codes})

    _control(request, name, st.multiselect, chosen, shown=shown, words=words, **given)


def _councils(request: ListRequest) -> None:
    places, wards = atlas().places, atlas().snapshot.wards
    here = wards["authority_code"].iloc[places.positions(request.area)].unique()
    if len(here) < 2:
        return
    names = dict(sorted(((c, places[c].label) for c in here), key=lambda pair: pair[1]))
    chosen = [code for code in request.councils if code in names]
    _several(request, "councils", chosen, names, label="Councils", placeholder="All")


def _conditions(request: ListRequest, measures: Mapping[str, Column]) -> None:
    _control(
        request,
        "reaching",
        st.multiselect,
        shown=[name for name, _ in request.reaching],
        words={name: column.label for name, column in measures.items()},
        chosen=partial(_with_limits, request, measures),
        label="Figures that wards must reach",
        placeholder="None",
        help="Each starts at the figure of the middle ward of England.",
    )
    for name, limit in request.reaching:
        column = measures[name]
        scale, unit = (100, " (%)") if column.unit == "share" else (1, "")
        least = "at most" if column.need == "less" else "at least"
        _control(
            request,
            f"reaching_{name}",
            st.number_input,
            shown=round(limit * scale, 6),
            chosen=partial(_limited, request, name, scale),
            label=f"{plain_markdown(column.short)}, {least}{unit}",
        )


def _limited(request: ListRequest, name: str, scale: int, value: float) -> ListRequest:
    given = {**dict(request.reaching), name: round(value / scale, 9)}
    return replace(request, reaching=tuple(given.items()))


def _with_limits(
    request: ListRequest, measures: Mapping[str, Column], names: list[str]
) -> ListRequest:
    wards, given = uploads.ward_figures(), dict(request.reaching)
    middle = {
        name: round(float(wards[measures[name].name].median()), measures[name].decimals or 3)
        for name in names
        if name not in given
    }
    limits = given | middle
    return replace(request, reaching=tuple((name, limits[name]) for name in names))
