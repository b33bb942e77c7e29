"""The controls of the risk list: weights or influence, what to compare with, how to cut."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from pages.parts import risk
from pages.parts.atlas import atlas
from pages.parts.markup import Cell, cell, escaped, plain_markdown, table
from wards.columns import declared_columns
from wards.index import Index
from wards.influence import effective_influence, indicator_influence
from wards.method import declared_method
from wards.places import ENGLAND
from wards.risk_list import ListRequest, orders
from wards.settings import Settings

_OWN = "own"
_SET = {"weights": "Weights", "influence": "Influence"}
_CUTS = {"share": "Highest-risk share", "top": "Number of wards", "people": "Residents at most"}
_SHARES = {0.05: "twentieth", 0.1: "tenth", 0.2: "fifth"}
_TIERS = {"": "Any", "robust": "Robust only", "likely": "Likely or robust"}
_FIT_WORDS = {"": "Any", "fair": "2 small areas or more", "good": "3 small areas or more"}


def weights_control(request: ListRequest, index: Index) -> None:
    """Let the reader choose a preset, or set weights or influence of their own."""
    presets = declared_method().presets
    own = bool(request.settings.weights or request.settings.influence or request.settings.inner)
    names = {key: preset.label for key, preset in presets.items()}
    names |= {_OWN: "My own weights"} if own else {}
    st.session_state["risk_preset"] = _OWN if own else request.settings.preset
    st.selectbox(
        "Weighting",
        list(names),
        format_func=names.__getitem__,
        key="risk_preset",
        on_change=_preset_chosen,
        args=(request,),
    )
    if not own:
        st.html(f"<p class='atlas-note'>{escaped(presets[request.settings.preset].meaning)}</p>")
    with st.expander("Set weights or influence", expanded=own):
        _sliders(request, index)


def _preset_chosen(request: ListRequest) -> None:
    chosen = st.session_state["risk_preset"]
    if chosen != _OWN:
        settings = Settings(preset=chosen, base=request.settings.base)
        risk.show(replace(request, settings=settings))


def _sliders(request: ListRequest, index: Index) -> None:
    settings = request.settings
    mode = "influence" if settings.influence else "weights"
    st.session_state["risk_mode"] = mode
    st.segmented_control(
        "Set",
        list(_SET),
        format_func=_SET.__getitem__,
        key="risk_mode",
        required=True,
        on_change=_mode_chosen,
        args=(request, index),
        help="A weight says how much a part is meant to count. Its influence is how much it does "
        "count: its share of the differences between wards. Set the influence, and the weights "
        "that give it are found for you.",
    )
    given = dict(settings.influence or settings.weights)
    if not given:
        given = {key: round(value * 100) for key, value in index.choice.weight.items()}
    for key in declared_method().components:
        label = declared_method().components[key].label
        if declared_method().components[key].axis == "support":
            label += " (support, not risk)"
        st.session_state[f"risk_{key}"] = int(round(given.get(key, 0)))
        st.slider(label, 0, 100, key=f"risk_{key}", on_change=_slid, args=(request, mode))
    with st.popover("Weights inside the parts"):
        _inner(request)
    if settings != Settings(base=settings.base):
        st.button(
            "Back to the standard weights", on_click=_standard, args=(request,), type="tertiary"
        )


def _mode_chosen(request: ListRequest, index: Index) -> None:
    if st.session_state["risk_mode"] == "influence":
        shares = effective_influence(index)
        given = {key: max(round(share * 100), 1) for key, share in shares.items()}
        changed = replace(request.settings, weights=(), influence=tuple(given.items()))
    else:
        given = {key: round(value * 100) for key, value in index.choice.weight.items()}
        changed = replace(request.settings, weights=tuple(given.items()), influence=())
    risk.show(replace(request, settings=_as_numbers(changed)))


def _slid(request: ListRequest, mode: str) -> None:
    given = tuple(
        (key, float(st.session_state[f"risk_{key}"])) for key in declared_method().components
    )
    pairs = tuple(pair for pair in given if pair[1] > 0)
    if not pairs:
        return
    settings = replace(
        request.settings,
        weights=pairs if mode == "weights" else (),
        influence=pairs if mode == "influence" else (),
    )
    risk.show(replace(request, settings=settings))


def _as_numbers(settings: Settings) -> Settings:
    def pairs(given: tuple[tuple[str, float], ...]) -> tuple[tuple[str, float], ...]:
        return tuple((key, float(value)) for key, value in given if value > 0)

    return replace(settings, weights=pairs(settings.weights), influence=pairs(settings.influence))


def _inner(request: ListRequest) -> None:
    given = dict(request.settings.inner)
    for key, indicator in declared_method().indicators.items():
        st.session_state[f"inner_{key}"] = int(round(given.get(key, indicator.weight)))
        st.slider(
            declared_columns()[key].short,
            0,
            5,
            key=f"inner_{key}",
            on_change=_inner_slid,
            args=(request,),
        )


def _inner_slid(request: ListRequest) -> None:
    indicators = declared_method().indicators
    changed = tuple(
        (key, float(st.session_state[f"inner_{key}"]))
        for key, indicator in indicators.items()
        if st.session_state[f"inner_{key}"] != indicator.weight
    )
    for component in declared_method().components:
        members = declared_method().indicators_of(component)
        if not any(st.session_state[f"inner_{i.key}"] for i in members):
            return
    risk.show(replace(request, settings=replace(request.settings, inner=changed)))


def _standard(request: ListRequest) -> None:
    risk.show(replace(request, settings=Settings(base=request.settings.base)))


def influence_table(index: Index) -> str:
    """Return each part's weight and its influence, side by side, as a table."""
    method, inner = index.peers.method, indicator_influence(index)
    rows: list[list[Cell]] = []
    for key, share in effective_influence(index).items():
        label = Cell(f"<strong>{escaped(method.components[key].label)}</strong>")
        rows.append([label, _percent(index.choice.weight[key]), _percent(share)])
        weights = dict(index.choice.inner)
        whole = sum(weights[i.key] for i in method.indicators_of(key))
        rows += [
            [
                cell(declared_columns()[i.key].short),
                _percent(index.choice.weight[key] * weights[i.key] / whole),
                _percent(inner[i.key]),
            ]
            for i in method.indicators_of(key)
            if weights[i.key] > 0
        ]
    headings = [cell("Part"), cell("Weight", number=True), cell("Influence", number=True)]
    caption = "What each part is meant to count, and what it does count between wards"
    return table(caption, headings, rows)


def _percent(share: float) -> Cell:
    return cell("no data" if pd.isna(share) else f"{share:.0%}", number=True)


def base_control(request: ListRequest) -> None:
    """Let the reader compare with any places together."""
    places = atlas().places
    holding = [area.code for area in places.containing(request.area)]
    usual = list(dict.fromkeys([ENGLAND, *holding, request.area]))
    names = {code: places[code].label for code in usual}
    one = request.settings.base[0] if len(request.settings.base) == 1 else ""
    names |= {"": "My own selection"}
    if one and one not in names:
        names[one] = places[one].label
    st.session_state["risk_base"] = one
    st.selectbox(
        "Compared with",
        list(names),
        format_func=names.__getitem__,
        key="risk_base",
        on_change=_base_chosen,
        args=(request,),
        help="Scores, bands and tiers say where a ward stands among the residents of these places.",
    )
    if not one:
        areas = {p.code: p.label for p in places.areas() if p.code != ENGLAND}
        st.session_state["risk_bases"] = list(request.settings.base)
        st.multiselect(
            "Places compared with",
            list(areas),
            format_func=areas.__getitem__,
            key="risk_bases",
            on_change=_bases_chosen,
            args=(request,),
        )


def _base_chosen(request: ListRequest) -> None:
    code = st.session_state["risk_base"]
    places = atlas().places
    others = [p.code for p in places.areas() if p.code not in (ENGLAND, request.area)]
    base = (code,) if code else tuple(sorted({request.area, others[0]} - {ENGLAND}))
    if not code and request.area == ENGLAND:
        base = tuple(sorted(p.code for p in places.children(ENGLAND) if p.kind == "region"))
    risk.show(replace(request, settings=replace(request.settings, base=base)))


def _bases_chosen(request: ListRequest) -> None:
    codes = tuple(sorted(st.session_state["risk_bases"])) or (ENGLAND,)
    risk.show(replace(request, settings=replace(request.settings, base=codes)))


def cut_control(request: ListRequest) -> None:
    """Let the reader say how long the list is and in which order."""
    st.session_state["risk_cut"] = request.cut
    st.segmented_control(
        "Cut the list by",
        list(_CUTS),
        format_func=_CUTS.__getitem__,
        key="risk_cut",
        required=True,
        on_change=_cut_chosen,
        args=(request,),
    )
    if request.cut == "share":
        options = dict(_SHARES)
        options.setdefault(request.limit, f"{request.limit:.1%}")
        st.session_state["risk_limit"] = request.limit
        st.segmented_control(
            "Highest-risk",
            sorted(options),
            format_func=options.__getitem__,
            key="risk_limit",
            required=True,
            on_change=_limit_chosen,
            args=(request,),
        )
    else:
        st.session_state["risk_limit"] = int(request.limit)
        step = 1 if request.cut == "top" else 1000
        st.number_input(
            _CUTS[request.cut],
            min_value=1,
            step=step,
            key="risk_limit",
            on_change=_limit_chosen,
            args=(request,),
        )
    _choice(request, "order", "Order", orders(), request.order)


def _cut_chosen(request: ListRequest) -> None:
    cut = st.session_state["risk_cut"]
    limit = {"share": 0.1, "top": 20.0, "people": 100_000.0}[cut]
    risk.show(replace(request, cut=cut, limit=limit))


def _limit_chosen(request: ListRequest) -> None:
    risk.show(replace(request, limit=float(st.session_state["risk_limit"])))


def filters_control(request: ListRequest, tested: bool) -> None:
    """Let the reader filter by tier, fit and pockets, and add or leave out wards by hand."""
    if tested:
        _choice(request, "tier", "How firmly listed", _TIERS, request.tier)
    _choice(request, "fit", "Figures that rest on", _FIT_WORDS, request.fit)
    st.session_state["risk_pockets"] = request.pockets_only
    st.checkbox(
        "Only wards that hold a pocket",
        key="risk_pockets",
        on_change=_flagged,
        args=(request,),
        help="A pocket is a small area in England’s highest-risk tenth.",
    )
    st.session_state["risk_spread"] = request.spread
    st.number_input(
        "Keep so many contrasting wards (0: all)",
        min_value=0,
        max_value=200,
        key="risk_spread",
        on_change=_flagged,
        args=(request,),
        help="Starts with the highest risk, then adds the ward least like those already kept in "
        "why it is at risk: useful to choose pilots.",
    )
    _by_hand(request)


def _choice(
    request: ListRequest, name: str, label: str, words: dict[str, str], chosen: str
) -> None:
    options = words if chosen in words else {**words, chosen: chosen}
    st.session_state[f"risk_{name}"] = chosen
    st.selectbox(
        label,
        list(options),
        format_func=options.__getitem__,
        key=f"risk_{name}",
        on_change=_chosen,
        args=(request, name),
    )


def _chosen(request: ListRequest, name: str) -> None:
    changed = {**vars(request), name: st.session_state[f"risk_{name}"]}
    risk.show(ListRequest(**changed))


def _flagged(request: ListRequest) -> None:
    pockets, spread = st.session_state["risk_pockets"], int(st.session_state["risk_spread"])
    risk.show(replace(request, pockets_only=pockets, spread=spread))


def _by_hand(request: ListRequest) -> None:
    places = atlas().places
    codes = atlas().snapshot.wards["ward_code"].iloc[places.positions(request.area)]
    for name, label in (("include", "Add wards"), ("exclude", "Leave out wards")):
        st.session_state[f"risk_{name}"] = [c for c in getattr(request, name) if c in set(codes)]
        st.multiselect(
            label,
            list(codes) if len(codes) <= 1000 else st.session_state[f"risk_{name}"],
            format_func=lambda code: plain_markdown(places[code].label),
            key=f"risk_{name}",
            on_change=_named,
            args=(request,),
            placeholder="None" if len(codes) <= 1000 else "Choose a smaller area first",
        )


def _named(request: ListRequest) -> None:
    state = st.session_state
    include, exclude = (tuple(sorted(state[f"risk_{name}"])) for name in ("include", "exclude"))
    risk.show(replace(request, include=include, exclude=exclude))
