"""The controls of the risk list: length and order, what to compare with, weights, filters."""

from collections.abc import Callable, Mapping
from dataclasses import replace
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
from atlas.ward_list.risk_list import SETTING_COLUMN, ListRequest, all_orders, list_measures
from views.cached import risk
from views.kit.doors import go_to
from views.kit.html import Cell, Row, cell, escaped, numbers, plain_markdown, prose, table
from views.session import uploads, url
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

Apply = Callable[[ListRequest, Any], ListRequest | None]


def _control(
    widget: Callable[..., Any],
    request: ListRequest,
    name: str,
    chosen: object,
    apply: Apply,
    **given: Any,
) -> None:
    """Draw one control that shows what the address says and writes the reader's choice there.

    ``apply`` returns the request that a choice stands for, or None where it stands for none.
    """
    key = f"risk_{name}"
    st.session_state[key] = chosen
    widget(key=key, on_change=_applied, args=(request, key, apply), **given)


def _applied(request: ListRequest, key: str, apply: Apply) -> None:
    changed = apply(request, st.session_state[key])
    if changed is not None:
        risk.show(changed)


def _select(
    request: ListRequest,
    name: str,
    chosen: object,
    words: Mapping[Any, str],
    apply: Apply,
    **given: Any,
) -> None:
    options = dict(words)
    options.setdefault(chosen, str(chosen))
    given = {"widget": st.selectbox, "options": list(options), **given}
    _control(
        request=request,
        name=name,
        chosen=chosen,
        apply=apply,
        format_func=options.__getitem__,
        **given,
    )


def _field(name: str) -> Apply:
    def apply(request: ListRequest, value: Any) -> ListRequest:
        return replace(request, **{name: value})

    return apply


def _with_settings(request: ListRequest, **changed: Any) -> ListRequest:
    return replace(request, risk=replace(request.risk, **changed))


def jobs_control(request: ListRequest) -> None:
    """Let the reader open a list that is made for a common job, and say in words what it is."""
    key = job_of(request)
    _select(
        request,
        "job",
        key,
        {"": "Highest risk, or your own conditions"} | {k: job.label for k, job in JOBS.items()},
        lambda r, chosen: JOBS[chosen].asked(r) if chosen else without_job(r),
        label="List for",
    )
    if key:
        prose(f"<p class='atlas-note'>{escaped(JOBS[key].sentence)}</p>")


def length_control(request: ListRequest) -> None:
    """Let the reader say how long the list is and in which order."""
    _select(
        request,
        "cut",
        request.cut,
        _CUTS,
        lambda r, cut: replace(r, cut=cut, limit=_USUAL_LIMITS[cut]),
        widget=st.selectbox,
        label="Limit the list to",
    )
    if request.cut == "share":
        shares = {**SHARES, request.limit: SHARES.get(request.limit, f"{request.limit:.1%}")}
        _select(
            request,
            "limit",
            request.limit,
            dict(sorted(shares.items())),
            _field("limit"),
            widget=st.segmented_control,
            label="Highest-risk",
            required=True,
        )
    else:
        _control(
            st.number_input,
            request,
            "limit",
            int(request.limit),
            lambda r, limit: replace(r, limit=float(limit)),
            label=_CUTS[request.cut],
            min_value=1,
            step=1 if request.cut == "top" else 1000,
        )
    named = all_orders(list_measures(risk.method()))
    _select(request, "order", request.order, named, _field("order"), label="Order")


def base_control(request: ListRequest) -> None:
    """Let the reader compare with any places together."""
    places = atlas().places
    holding = [area.code for area in places.containing(request.area)]
    usual = list(dict.fromkeys([ENGLAND, *holding, request.area]))
    one = request.risk.base[0] if len(request.risk.base) == 1 else ""
    names = {code: places[code].label for code in [*usual, one] if code}
    _select(
        request,
        "base",
        one,
        names | {"": "My own selection of places"},
        _one_base,
        label="Compared with",
        help="Scores, bands and tiers say where a ward stands among the residents of these places.",
    )
    if not one:
        areas = {p.code: p.label for p in places.areas() if p.code != ENGLAND}
        _control(
            st.multiselect,
            request,
            "bases",
            list(request.risk.base),
            lambda r, codes: _with_settings(r, base=tuple(sorted(codes)) or (ENGLAND,)),
            label="Places compared with",
            options=list(areas),
            format_func=areas.__getitem__,
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


def weights_control(request: ListRequest, index: Index) -> None:
    """Let the reader choose a preset, or set weights or influence of their own."""
    presets, asked = declared_method().presets, request.risk
    own = asked.is_own
    names = {key: preset.label for key, preset in presets.items()}
    _select(
        request,
        "preset",
        _OWN if own else asked.preset,
        names | ({_OWN: "My own weights"} if own else {}),
        _preset,
        label="Weighting",
    )
    if not own:
        prose(f"<p class='atlas-note'>{escaped(presets[asked.preset].meaning)}</p>")
    st.html(f"<div class='atlas-narrow'>{component_influence(index)}</div>")
    with st.expander("Set weights or influence", expanded=own):
        _sliders(request, index)
    if not uploads.own_measures():
        go_to("your_data", "Add a measure of your own", url.link(url.view()))


def map_weights(asked: RiskRequest) -> None:
    """Let the reader of a map choose by which weights risk is scored."""
    own = asked.is_own
    names = {key: preset.label for key, preset in declared_method().presets.items()}
    names |= {_OWN: "My own weights"} if own else {}
    st.session_state["map_weights"] = _OWN if own else asked.preset
    st.selectbox(
        "Weights",
        list(names),
        format_func=names.__getitem__,
        key="map_weights",
        on_change=_map_weights_chosen,
        help="How much money and skills, age and health, and home connection count. The sliders "
        "below the map set weights of your own. The ward list shows how much each part really "
        "counts.",
    )


def _map_weights_chosen() -> None:
    chosen = st.session_state["map_weights"]
    if chosen != _OWN:
        risk.choose_weights(RiskRequest(preset=chosen))


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


def _preset(request: ListRequest, chosen: str) -> ListRequest | None:
    if chosen == _OWN:
        return None
    return replace(request, risk=RiskRequest(preset=chosen, base=request.risk.base))


def _sliders(request: ListRequest, index: Index) -> None:
    asked = request.risk
    mode = "influence" if asked.influence else "weights"
    _select(
        request,
        "mode",
        mode,
        _SET,
        lambda r, chosen: _with_settings(r, **_in_mode(index, chosen)),
        widget=st.segmented_control,
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
            st.slider,
            request,
            key,
            int(round(parts.get(key, 0))),
            _part(mode, parts, key),
            label=plain_markdown(component.label) + kinds[component.axis],
            min_value=0,
            max_value=100,
        )
    own_directions()
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
            on_click=risk.show,
            args=(replace(request, risk=standard),),
            type="tertiary",
        )


def own_directions() -> None:
    """Let the reader say of each measure of their own what a higher figure means."""
    for column in uploads.own_measures():
        key = f"risk_turn_{column.name}"
        st.session_state[key] = "less" if column.need == "less" else "more"
        st.selectbox(
            f"Direction of {plain_markdown(column.label)}",
            list(_TURNS),
            format_func=_TURNS.__getitem__,
            key=key,
            on_change=_turned,
            args=(column.name, key),
        )


def _turned(name: str, key: str) -> None:
    uploads.turn_measure(name, st.session_state[key])


def _whole(shares: Mapping[str, float]) -> dict[str, float]:
    return {key: float(max(round(share * 100), 1)) for key, share in shares.items()}


def _in_mode(index: Index, mode: str) -> dict[str, tuple[tuple[str, float], ...]]:
    shares = effective_influence(index) if mode == "influence" else index.weighting.weight
    nothing: tuple[tuple[str, float], ...] = ()
    return {"weights": nothing, "influence": nothing, mode: tuple(_whole(shares).items())}


def _part(mode: str, parts: Mapping[str, float], key: str) -> Apply:
    def apply(request: ListRequest, value: int) -> ListRequest | None:
        given = {**parts, key: float(value)}
        pairs = tuple((k, given[k]) for k in risk.method().components if given.get(k, 0) > 0)
        # All at zero makes no score: the sliders go back to what they were.
        return _with_settings(request, **{mode: pairs}) if pairs else None

    return apply


def _inner(request: ListRequest) -> None:
    given = dict(request.risk.inner)
    for key, indicator in declared_method().indicators.items():
        _control(
            st.slider,
            request,
            f"inner_{key}",
            int(round(given.get(key, indicator.weight))),
            _indicator(key),
            label=declared_columns()[key].short,
            min_value=0,
            max_value=5,
        )


def _indicator(key: str) -> Apply:
    def apply(request: ListRequest, value: int) -> ListRequest | None:
        method = declared_method()
        given = {**dict(request.risk.inner), key: float(value)}
        members = method.indicators_of(method.indicators[key].component)
        if not any(given.get(i.key, i.weight) for i in members):
            return None
        changed = ((k, given[k]) for k, i in method.indicators.items() if k in given)
        return _with_settings(
            request, inner=tuple((k, v) for k, v in changed if v != method.indicators[k].weight)
        )

    return apply


def component_influence(index: Index) -> str:
    """Return each part's weight and its influence, side by side, as a table."""
    rows = [
        [
            index.peers.method.components[key].label,
            _percent(index.weighting.weight[key]),
            _percent(share),
        ]
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


def filters_control(request: ListRequest, tested: bool) -> None:
    """Let the reader filter wards by what they need and are, and add or leave some out by hand."""
    needs = {"": "Any", **{part.key: part.label for part in needs_of(declared_method())}}
    _select(request, "need", request.need, needs, _field("need"), label="Need in the highest fifth")
    _councils(request)
    _conditions(request, list_measures(risk.method()))
    if SETTING_COLUMN in atlas().snapshot.wards:
        _select(
            request,
            "setting",
            request.setting,
            _SETTINGS,
            _field("setting"),
            label="Rural or urban",
        )
    if tested:
        _select(
            request,
            "tier",
            request.tier,
            _TIERS,
            _field("tier"),
            label="How sure its place in the highest fifth is",
        )
    _select(request, "fit", request.fit, _FIT_WORDS, _field("fit"), label="Figures based on")
    _control(
        st.checkbox,
        request,
        "pockets",
        request.pockets_only,
        _field("pockets_only"),
        label="Only wards that hold a pocket",
        help="A pocket is a small area in England’s highest-risk tenth.",
    )
    _control(
        st.number_input,
        request,
        "spread",
        request.spread,
        lambda r, count: replace(r, spread=int(count)),
        label="Keep so many contrasting wards (0: all)",
        min_value=0,
        max_value=200,
        help="Starts with the highest risk, then adds the ward least like those already kept in "
        "why it is at risk: useful to choose pilots.",
    )
    places = atlas().places
    codes = list(atlas().snapshot.wards["ward_code"].iloc[places.positions(request.area)])
    few = len(codes) <= _MOST_NAMES
    for name, label in (("include", "Add wards by hand"), ("exclude", "Leave out wards by hand")):
        chosen = [code for code in getattr(request, name) if code in set(codes)]
        _control(
            st.multiselect,
            request,
            name,
            chosen,
            _by_hand(name),
            label=label,
            options=codes if few else chosen,
            format_func=lambda code: places[code].label,
            placeholder="None" if few else "Choose a smaller area first",
        )


def _by_hand(name: str) -> Apply:
    def apply(request: ListRequest, picked: list[str]) -> ListRequest:
        codes: Any = tuple(sorted(picked))
        return replace(request, **{name: codes})

    return apply


def _councils(request: ListRequest) -> None:
    places, wards = atlas().places, atlas().snapshot.wards
    here = wards["authority_code"].iloc[places.positions(request.area)].unique()
    if len(here) < 2:
        return
    names = dict(sorted(((c, places[c].label) for c in here), key=lambda pair: pair[1]))
    _control(
        st.multiselect,
        request,
        "councils",
        [code for code in request.councils if code in names],
        _by_hand("councils"),
        label="Councils",
        options=list(names),
        format_func=names.__getitem__,
        placeholder="All",
    )


def _conditions(request: ListRequest, measures: Mapping[str, Column]) -> None:
    """Let the reader say which figures wards must reach, any number at once."""
    _control(
        st.multiselect,
        request,
        "reaching",
        [name for name, _ in request.reaching],
        lambda r, names: replace(r, reaching=_with_limits(r, names, measures)),
        label="Figures that wards must reach",
        options=list(measures),
        format_func=lambda name: measures[name].label,
        placeholder="None",
        help="Each starts at the figure of the middle ward of England.",
    )
    for name, limit in request.reaching:
        column = measures[name]
        scale, unit = (100, " (%)") if column.unit == "share" else (1, "")
        bound = "at most" if column.need == "less" else "at least"
        _control(
            st.number_input,
            request,
            f"reaching_{name}",
            round(limit * scale, 6),
            _limit(name, scale),
            label=f"{plain_markdown(column.short)}, {bound}{unit}",
        )


def _with_limits(
    request: ListRequest, names: list[str], measures: Mapping[str, Column]
) -> tuple[tuple[str, float], ...]:
    wards, given = uploads.ward_figures(), dict(request.reaching)
    middle = {
        name: round(float(wards[measures[name].name].median()), measures[name].decimals or 3)
        for name in names
        if name not in given
    }
    return tuple((name, (given | middle)[name]) for name in names)


def _limit(name: str, scale: int) -> Apply:
    def apply(request: ListRequest, value: float) -> ListRequest:
        given = {**dict(request.reaching), name: round(value / scale, 9)}
        return replace(request, reaching=tuple(given.items()))

    return apply
