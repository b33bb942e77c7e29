// What surrounds the canvas: tooltip, keyboard, announcements, attribution, buttons.
// Text from outside is only ever set with textContent.
(() => {
  "use strict";
  const parts = {};

  const make = (tag, className, parent, attributes = {}) => {
    const element = document.createElement(tag);
    element.className = className;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    parent.appendChild(element);
    return element;
  };

  Atlas.make = make;

  Atlas.furnish = (map, state) => {
    const container = map.getContainer();
    parts.container = container;
    container.setAttribute("role", "region");
    // A frame is a document of its own to a screen reader: with one main part and one heading.
    if (window.parent !== window) {
      container.parentNode.setAttribute("role", "main");
      const heading = make("h1", "atlas-unseen", container.parentNode);
      heading.textContent = "Map of wards";
      container.before(heading);
    }
    container.setAttribute("aria-label", "Ward map");
    document.documentElement.classList.add("atlas");
    allowPageZoom();
    parts.keys = make("div", "atlas-keys", container, { tabindex: "0", role: "application",
      "aria-label": "Wards on the map", "aria-describedby": "atlas-keys-help" });
    parts.help = make("p", "atlas-unseen", container, { id: "atlas-keys-help" });
    parts.help.textContent = "Arrow keys move from ward to ward, Enter opens the ward, plus and " +
      "minus zoom, Home shows the whole area. Ctrl and the wheel zoom too. The table holds the " +
      "same figures.";
    parts.status = make("div", "atlas-unseen", container, { role: "status" });
    parts.tip = make("div", "atlas-tip", container, { "aria-hidden": "true", hidden: "" });
    parts.attribution = make("div", "atlas-attribution", container);
    const corner = container.querySelector(".leaflet-control-zoom");
    parts.home = button(corner, "⌂", "Show the whole area", () => Atlas.home());
    const words = make("div", "leaflet-bar leaflet-control atlas-words",
      container.querySelector(".leaflet-top.leaflet-right"));
    button(words, "Picture", "Save the map as a picture", () => Atlas.savePicture(state));
    for (const button of container.querySelectorAll(".leaflet-bar a")) {
      button.removeAttribute("title");
    }
    parts.keys.addEventListener("keydown", (event) => press(event, map, state));
    parts.keys.addEventListener("blur", () => Atlas.hoverOn(-1));
  };

  // Folium forbids pinch zoom of the page; readers may need it.
  function allowPageZoom() {
    for (const meta of document.querySelectorAll('meta[name="viewport"]')) {
      meta.setAttribute("content", "width=device-width, initial-scale=1");
    }
  }

  function button(corner, sign, name, act) {
    const made = make("a", "atlas-button", corner, { href: "#", role: "button", title: name,
      "aria-label": name });
    made.textContent = sign;
    const press = (event) => {
      event.preventDefault();
      act();
    };
    made.addEventListener("click", press);
    made.addEventListener("keydown", (event) => event.key === " " && press(event));
    L.DomEvent.disableClickPropagation(made);
    return made;
  }

  Atlas.say = (text) => {
    parts.status.textContent = text;
  };

  // Called when new values have been shown.
  Atlas.refresh = (state) => {
    const { shown } = state;
    const title = `Map of ${shown.placeName} by ward: ${shown.label}`;
    parts.container.setAttribute("aria-label", title);
    if (window.frameElement) window.frameElement.title = title;
    const credits = [shown.attribution, shown.basemap[0] && shown.basemap[1]];
    parts.attribution.textContent = credits.filter(Boolean).join(" · ");
    if (state.hovered >= 0) Atlas.fillTip(state, state.hovered);
    Atlas.refreshNotes(state);
  };

  // The figure of one ward as every table shows it.
  Atlas.figure = (state, ward) => {
    const { scale, order, bytes } = state.shown;
    const at = order[ward];
    if (at < 0) return "";
    // A measure was chosen whose figures are still on their way.
    if (state.shown.ahead) return "…";
    // Weights are being moved: the server's figures are of those before.
    if (state.shown.scores) {
      const score = state.shown.scores[ward];
      return Number.isNaN(score) ? "no data" : String(Math.floor(score + 1e-9));
    }
    let stored = 0;
    for (let byte = scale.bytes - 1; byte >= 0; byte--) {
      stored = stored * 256 + bytes[at * scale.bytes + byte];
    }
    return stored === 256 ** scale.bytes - 1 ? "no data" : written(stored + scale.low, scale);
  };

  function written(steps, { places, unit, decimals, floor }) {
    const number = steps / 10 ** places;
    if (number > 0 && number < floor) return `fewer than ${floor}`;
    const shown = unit !== "share" || (number > 0 && number < 10) ? places : decimals;
    const digits = number.toLocaleString("en-GB", { minimumFractionDigits: shown,
      maximumFractionDigits: shown });
    return digits + ({ share: "%", km: " km", hours: " hours" }[unit] || "");
  }

  function placeOf(state, ward) {
    const { content } = state;
    return [content.names[ward], content.authorities[content.authority[ward]][1]];
  }

  function classOf(state, ward) {
    const sign = state.shown.signs[ward];
    return (sign < Atlas.NO_DATA && state.shown.classLabels[sign]) || "";
  }

  Atlas.describe = (state, ward) => {
    const [name, authority] = placeOf(state, ward);
    const band = classOf(state, ward);
    return `${name}, ${authority}. ${state.shown.label}: ${Atlas.figure(state, ward)}` +
      `${band ? `, ${band}` : ""}.`;
  };

  Atlas.fillTip = (state, ward) => {
    const { tip } = parts;
    tip.hidden = ward < 0;
    if (ward < 0) return;
    const [name, authority] = placeOf(state, ward);
    showLines([["strong", name], ["span", authority],
      ["b", Atlas.figure(state, ward)], ["span", state.shown.label],
      ["span", classOf(state, ward)]]);
  };

  // A tooltip of other text (a library): lines of [tag, text].
  Atlas.tipLines = (lines) => {
    parts.tip.hidden = false;
    showLines(lines);
  };

  function showLines(lines) {
    const { tip } = parts;
    tip.replaceChildren();
    for (const [tag, text] of lines) if (text) make(tag, "", tip).textContent = text;
  }

  Atlas.moveTip = (state, point) => {
    const { tip, container } = parts;
    if (tip.hidden) return;
    const right = point.x + 16 + tip.offsetWidth > container.clientWidth;
    const below = point.y + 16 + tip.offsetHeight > container.clientHeight;
    const left = right ? Math.max(4, point.x - 12 - tip.offsetWidth) : point.x + 16;
    const top = below ? Math.max(4, point.y - 12 - tip.offsetHeight) : point.y + 16;
    tip.style.transform = `translate(${left}px, ${top}px)`;
  };

  const DIRECTIONS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0],
    ArrowRight: [1, 0] };

  function press(event, map, state) {
    if (!state.layer || event.altKey || event.ctrlKey || event.metaKey) return;
    const direction = DIRECTIONS[event.key];
    const acts = { "+": () => map.zoomIn(), "=": () => map.zoomIn(), "-": () => map.zoomOut(),
      Home: () => Atlas.home(), Escape: () => Atlas.hoverOn(-1),
      Enter: () => Atlas.choose(state.hovered), " ": () => Atlas.choose(state.hovered) };
    if (direction) step(state, map, direction);
    else if (acts[event.key]) acts[event.key]();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // Move to the nearest ward in a direction, and say which one it is.
  function step(state, map, direction) {
    const from = state.hovered >= 0 ? state.hovered : startingWard(state, map);
    if (from < 0) return;
    const next = state.hovered >= 0 ? neighbour(state, from, direction) : from;
    Atlas.hoverOn(next);
    const [x, y] = state.outlines.places.subarray(2 * next, 2 * next + 2);
    const at = Atlas.toLatLng(x, y);
    const frame = map.getBounds().pad(-0.08);
    if (!frame.contains(at)) map.panTo(at, { animate: Atlas.moves() });
    Atlas.moveTip(state, map.latLngToContainerPoint(at));
    Atlas.say(Atlas.describe(state, next));
  }

  function startingWard(state, map) {
    if (state.selected >= 0 && state.shown.order[state.selected] >= 0) return state.selected;
    const { x, y } = Atlas.toLocal(map.getCenter());
    return nearest(state, (dx, dy) => Math.hypot(dx, dy), x, y, -1);
  }

  function neighbour(state, from, [right, down]) {
    const [x, y] = state.outlines.places.subarray(2 * from, 2 * from + 2);
    const away = (dx, dy) => {
      const ahead = dx * right + dy * down;
      const aside = Math.abs(dx * down) + Math.abs(dy * right);
      // Straight ahead counts more than nearby: a key press should go where it points.
      return ahead > 0 && aside <= 1.2 * ahead ? ahead + 1.5 * aside : Infinity;
    };
    const found = nearest(state, away, x, y, from);
    return found < 0 ? from : found;
  }

  Atlas.neighbour = neighbour;

  function nearest(state, away, x, y, except) {
    let found = -1;
    let least = Infinity;
    const { places } = state.outlines;
    for (const ward of state.shown.members) {
      if (ward === except) continue;
      const distance = away(places[2 * ward] - x, places[2 * ward + 1] - y);
      if (distance < least) [least, found] = [distance, ward];
    }
    return found;
  }
})();
