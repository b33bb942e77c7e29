// Ties the map together: what the server sends, what the reader does, what goes back.
(() => {
  "use strict";
  const state = { map: null, layer: null, outlines: null, content: null, shown: null, place: null,
    selected: -1, served: -2, basemap: "", hovered: -1, waiting: null, geometry: null };

  // Called once, by the constant map script.
  Atlas.start = (map) => {
    state.map = map;
    readyForClicks();
    Atlas.furnish(map, state);
    // One finger scrolls the page past the map; two fingers move and zoom the map.
    if (window.matchMedia("(pointer: coarse)").matches) map.dragging.disable();
    // The wheel scrolls the page past the map likewise; with Ctrl it zooms the map.
    const past = (event) => event.ctrlKey || event.metaKey || event.stopPropagation();
    document.addEventListener("wheel", past, { capture: true, passive: true });
    map.on("mousemove", (event) => hover(event));
    map.on("mouseout", () => setHovered(-1));
    map.on("click", (event) => press(event.latlng));
    map.on("moveend", () => {
      rememberView();
      Atlas.refreshDetail(state);
    });
    window.atlas = state;
  };

  // Called on each run with the packed view.
  Atlas.show = (classes, figures, settings, files) => {
    const shown = { classes, figures, settings: JSON.parse(fromBase64(settings)) };
    state.waiting = shown;
    const { geometry } = shown.settings;
    state.files = files;
    if (state.geometry === geometry) {
      present(shown);
      return;
    }
    Promise.all([Atlas.load(files + geometry), styled()]).then(
      ([content]) => {
        if (state.waiting.settings.geometry !== geometry) return;
        adopt(content, geometry);
        present(state.waiting);
      },
      () => Atlas.say("The map could not be loaded. The table holds the same figures."),
    );
  };

  // The room that is left for the map is known once its styles are there.
  const styled = () => Promise.all([...document.querySelectorAll("link[rel=stylesheet]")].map(
    (link) => link.sheet || new Promise((done) => { link.onload = link.onerror = done; })));

  Atlas.showAgain = () => present(state.waiting);

  function adopt(content, geometry) {
    if (state.geometry === geometry) return;
    if (state.layer) state.layer.remove();
    state.content = content;
    state.outlines = new Atlas.Outlines(content);
    state.geometry = geometry;
    state.layer = null;
    state.noted = null;
  }

  function present(shown) {
    const { settings } = shown;
    state.shown = { ...settings, ...unpack(shown) };
    if (!state.layer) state.layer = new Atlas.WardLayer(state.outlines, state.content);
    const { layer } = state;
    const outlinesChanged = layer.layers.has("outlines") !== settings.layers.includes("outlines");
    layer.layers = new Set(settings.layers);
    adoptSelection(settings.selected);
    tellOfCard();
    useBasemap(settings.basemap[0]);
    Atlas.placeWeights(state);
    go(settings.place);
    layer.restyle(state.shown.signs, settings.colours, settings.noData);
    if (!layer._map) layer.addTo(state.map);
    else if (outlinesChanged) layer.redraw();
    layer.mark(state.hovered, state.selected);
    Atlas.refresh(state);
    Atlas.refreshWeights(state);
    Atlas.refreshMeasures(state);
    Atlas.refreshDetail(state);
    window.wardsReady = true;
  }

  // Only where the operator has set an address; the wards then let it shine through.
  function useBasemap(address) {
    if (address === state.basemap) return;
    state.basemap = address;
    if (state.tiles) state.tiles.remove();
    state.tiles = address ? L.tileLayer(address, { maxZoom: 16 }).addTo(state.map) : null;
    state.layer.overBasemap = Boolean(address);
    state.layer.redraw();
    state.map.getContainer().classList.toggle("atlas-over-basemap", Boolean(address));
  }

  // Positions, signs and figures of all wards from the runs that are shown.
  function unpack({ classes, figures, settings }) {
    const { count } = state.outlines;
    const signs = new Uint8Array(count).fill(Atlas.HIDDEN);
    const order = new Int32Array(count).fill(-1);
    const members = [];
    for (const [start, length] of settings.runs) {
      for (let ward = start; ward < start + length; ward++) {
        const sign = classes[members.length];
        signs[ward] = sign === "x" ? Atlas.NO_DATA : Number(sign);
        order[ward] = members.length;
        members.push(ward);
      }
    }
    return { signs, order, members, bytes: toBytes(figures) };
  }

  function toBytes(text) {
    const raw = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(raw, (sign) => sign.charCodeAt(0));
  }

  function fromBase64(text) {
    return new TextDecoder().decode(toBytes(text));
  }

  // The server's selection counts only when it changes: a click may be newer than a slow answer.
  function adoptSelection(selected) {
    if (selected === state.served) return;
    state.served = selected;
    state.selected = selected;
    if (selected < 0 || !state.layer._map) return;
    const [x, y] = state.outlines.places.subarray(2 * selected, 2 * selected + 2);
    const at = Atlas.toLatLng(x, y);
    if (!state.map.getBounds().contains(at)) state.map.panTo(at, { animate: Atlas.moves() });
  }

  // Fly to another area; on a fresh page take up the view that was left.
  function go(place) {
    if (place === state.place) return;
    const first = state.place === null;
    state.place = place;
    const box = state.outlines.boxOf(state.shown.members);
    if (!box) return;
    const left = first && recalledView(place);
    state.map.invalidateSize({ pan: false });
    if (left) {
      state.map.setView(left.centre, left.zoom, { animate: false });
      return;
    }
    const bounds = L.latLngBounds(Atlas.toLatLng(box[0], box[3]), Atlas.toLatLng(box[2], box[1]));
    if (first || !Atlas.moves()) state.map.fitBounds(bounds, { padding: [12, 12], animate: false });
    else state.map.flyToBounds(bounds, { padding: [12, 12], duration: 0.7 });
  }

  Atlas.home = () => {
    state.place = null;
    stored((store) => store.removeItem(VIEW));
    go(state.shown.place);
  };

  Atlas.moves = () => !window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  const VIEW = "atlas-view";

  // Storage may be switched off: the map then opens on its area.
  function stored(act) {
    try {
      return act(sessionStorage);
    } catch {
      return null;
    }
  }

  function rememberView() {
    if (!state.place) return;
    const { lat, lng } = state.map.getCenter();
    const view = { place: state.place, geometry: state.geometry, centre: [lat, lng],
      zoom: state.map.getZoom(), width: state.map.getSize().x };
    stored((store) => store.setItem(VIEW, JSON.stringify(view)));
  }

  function recalledView(place) {
    const view = stored((store) => JSON.parse(store.getItem(VIEW)));
    const fits = view && view.place === place && view.geometry === state.geometry &&
      view.width === state.map.getSize().x;
    return fits ? view : null;
  }

  function wardAt(latLng) {
    return state.layer ? state.layer.wardAt(latLng) : -1;
  }

  function hover(event) {
    const dot = Atlas.dotAt(state, event.latlng);
    setHovered(dot ? -1 : wardAt(event.latlng));
    if (dot) Atlas.tipLines(Atlas.dotLines(dot));
    else if (state.hovered < 0) Atlas.fillTip(state, -1);
    Atlas.moveTip(state, event.containerPoint);
  }

  function setHovered(ward) {
    if (ward === state.hovered) return;
    state.hovered = ward;
    if (state.layer) state.layer.mark(ward, state.selected);
    Atlas.fillTip(state, ward);
  }

  // A group of libraries opens up; anywhere else the ward is chosen.
  function press(latLng) {
    const dot = Atlas.dotAt(state, latLng);
    if (dot && dot.libraries && dot.libraries.length > 1) {
      state.map.setView(latLng, state.map.getZoom() + 2, { animate: Atlas.moves() });
    } else {
      choose(wardAt(latLng), latLng);
    }
  }

  // With the point where it was clicked; a ward chosen by key has none.
  function choose(ward, latLng) {
    if (ward < 0) return;
    state.selected = ward;
    state.layer.mark(state.hovered, ward);
    tellOfCard();
    Atlas.say(`Chosen: ${Atlas.describe(state, ward)}`);
    const code = state.content.codes[ward];
    report(latLng ? `${code} ${latLng.lng.toFixed(5)} ${latLng.lat.toFixed(5)}` : code);
  }

  // Until the server has answered a choice, the card is of the ward before.
  const tellOfCard = () => Atlas.tellPage(state.selected !== state.served, "atlas-choosing");

  // The count grows from the time of the page, so that no click is mistaken for an earlier one.
  function readyForClicks() {
    const data = window.__GLOBAL_DATA__;
    if (!data) return;
    data.last_object_clicked_count = Date.now();
    data.last_active_drawing = null;
    data.previous_data = answer(data);
  }

  function answer(data) {
    return { last_object_clicked_count: data.last_object_clicked_count,
      last_active_drawing: data.last_active_drawing };
  }

  // Sends a ward code with its point, to about a metre, or weights, and nothing else, at once (the
  // component itself would wait 250 ms).
  function report(chosen) {
    const data = window.__GLOBAL_DATA__;
    if (!data || !window.Streamlit) return;
    data.last_object_clicked_count += 1;
    data.last_active_drawing = chosen;
    data.previous_data = answer(data);
    window.Streamlit.setComponentValue(data.previous_data);
  }

  Atlas.choose = choose;
  Atlas.report = report;
  Atlas.hoverOn = setHovered;
})();
