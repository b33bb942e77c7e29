// What is drawn above the wards: pockets, libraries and names.
(() => {
  "use strict";
  const FONT = '"Source Sans", "Source Sans 3", system-ui, "Segoe UI", Roboto, sans-serif';
  const INK = "#1A1F26";
  const ACCENT = "#B4500F";
  const AUTHORITIES_FROM = 8;
  const WARDS_FROM = 11;
  const CLUSTERED_BELOW = 11.5;
  const CELL = 46;
  const centres = new WeakMap();
  const decoded = new Map();

  // Fetch what the chosen layers need, then draw; called after each run and each move.
  Atlas.refreshNotes = (state) => {
    const { layer, shown } = state;
    layer.notes = [(pen) => drawPockets(pen, state), (pen) => drawLibraries(pen, state),
      (pen) => drawNames(pen, state), (pen) => drawMarks(pen, state)];
    // New values alone change no note: what is drawn above the wards may stay.
    const told = JSON.stringify([shown.layers, shown.libraries, shown.pockets, shown.runs,
      shown.marks, state.selected]);
    if (told !== state.noted) layer.redrawNotes();
    state.noted = told;
    const again = () => state.shown === shown && layer.redrawNotes();
    if (shown.libraries) need(state, shown.libraries, librariesOf).then(again, () => undefined);
    if (!layer.layers.has("pockets")) return;
    for (const authority of Object.keys(shown.pockets)) {
      const file = state.content.lsoas[authority];
      if (file) need(state, file, (content) => new Atlas.Outlines(content)).then(again, () => undefined);
    }
  };

  // Finer outlines of the councils in sight and of those beside them, once the reader is near
  // enough to see them.
  Atlas.refreshDetail = (state) => {
    const { map, layer, content } = state;
    if (!layer || map.getZoom() < Atlas.DETAIL_FROM) return;
    for (const council of councilsInSight(state)) {
      const file = content.detail[council];
      if (!file || layer.asked.has(file)) continue;
      layer.asked.add(file);
      need(state, file, (detail) => new Atlas.Outlines(detail)).then((outlines) => {
        const position = new Map(content.codes.map((code, ward) => [code, ward]));
        layer.addDetail(outlines.codes.map((code) => position.get(code)), outlines);
      }, () => layer.asked.delete(file));
    }
  };

  // Of every line in sight that a shown ward has: the councils on both sides.
  function councilsInSight({ map, layer, content, outlines }) {
    const bounds = map.getBounds();
    const low = Atlas.toLocal(bounds.getSouthWest());
    const high = Atlas.toLocal(bounds.getNorthEast());
    const box = [low.x, high.y, high.x, low.y];
    const councils = new Set();
    for (let arc = 0; arc < outlines.arcBoxes.length / 4; arc++) {
      if (!outlines.touches(arc, box, outlines.arcBoxes)) continue;
      const wards = [...outlines.sides.subarray(2 * arc, 2 * arc + 2)].filter((ward) => ward >= 0);
      if (wards.every((ward) => layer.signs[ward] === Atlas.HIDDEN)) continue;
      for (const ward of wards) councils.add(content.authorities[content.authority[ward]][0]);
    }
    return councils;
  }

  function need(state, file, decode) {
    if (decoded.has(file)) return Promise.resolve(decoded.get(file));
    return Atlas.load(state.files + file).then((content) => {
      if (!decoded.has(file)) decoded.set(file, decode(content));
      return decoded.get(file);
    });
  }

  function drawPockets(pen, { layer, shown, content }) {
    if (!layer.layers.has("pockets")) return;
    for (const [authority, signs] of Object.entries(shown.pockets)) {
      const outlines = decoded.get(content.lsoas[authority]);
      // Signs of another edition of the outlines would mark the wrong places.
      if (!outlines || outlines.count !== signs.length) continue;
      const arcs = outlines.arcsAt(pen.zoom);
      const marked = [];
      for (let area = 0; area < outlines.count; area++) {
        if (signs[area] !== "x" && outlines.touches(area, pen.box)) marked.push(area);
      }
      if (pen.zoom >= WARDS_FROM) outline(pen, outlines, arcs, null, "rgba(26,31,38,0.45)", 0.6);
      outline(pen, outlines, arcs, marked, "#FFFFFF", 4);
      outline(pen, outlines, arcs, marked, ACCENT, 2);
    }
  }

  function outline(pen, outlines, arcs, areas, colour, width) {
    const { canvas } = pen;
    canvas.strokeStyle = colour;
    canvas.lineWidth = width / pen.scale;
    for (const area of areas || outlines.rings.keys()) {
      if (!outlines.touches(area, pen.box)) continue;
      canvas.beginPath();
      outlines.trace(canvas, area, arcs);
      canvas.stroke();
    }
  }

  function librariesOf({ places, step, names, run_by: runBy, hours, bands, days }) {
    return names.map((name, at) => ({
      x: places[2 * at] * step - Atlas.ORIGIN.x, y: Atlas.ORIGIN.y - places[2 * at + 1] * step,
      name, runBy: runBy[at], hours: hours[at],
      days: days[at].map((band) => (band < 0 ? "" : bands[band])),
    }));
  }

  function drawLibraries(pen, state) {
    state.dots = [];
    const libraries = decoded.get(state.shown.libraries);
    if (!libraries) return;
    state.dots = clustered(libraries, pen);
    for (const { x, y, radius, libraries: held } of state.dots) {
      const one = held.length === 1;
      drawDisc(inPixels(pen, 600), { x, y, radius, filled: one, text: one ? "" : held.length });
    }
  }

  // The pen's canvas for writing: in pixels, text in the middle of its place.
  function inPixels({ canvas, ratio }, weight, size = 12) {
    canvas.setTransform(ratio, 0, 0, ratio, 0, 0);
    canvas.font = `${weight} ${size}px ${FONT}`;
    canvas.textAlign = "center";
    canvas.textBaseline = "middle";
    canvas.lineJoin = "round";
    return canvas;
  }

  // Libraries in the same cell of a fixed grid become one dot with their number.
  function clustered(libraries, pen) {
    const cells = new Map();
    libraries.forEach((library, at) => {
      const x = library.x * pen.scale + pen.left;
      const y = library.y * pen.scale + pen.top;
      if (x < 0 || y < 0 || x > pen.width || y > pen.height) return;
      const alone = pen.zoom >= CLUSTERED_BELOW;
      const key = alone ? at : `${Math.floor((library.x * pen.scale) / CELL)} ` +
        Math.floor((library.y * pen.scale) / CELL);
      const cell = cells.get(key) || { x: 0, y: 0, libraries: [] };
      cell.x += x;
      cell.y += y;
      cell.libraries.push(library);
      cells.set(key, cell);
    });
    return [...cells.values()].map(({ x, y, libraries: held }) => ({
      x: x / held.length, y: y / held.length, libraries: held,
      radius: held.length === 1 ? 6 : 9 + Math.min(7, Math.log2(held.length) * 1.6) }));
  }

  function drawDisc(canvas, { x, y, radius, filled, text }) {
    canvas.beginPath();
    canvas.arc(x, y, radius, 0, 2 * Math.PI);
    canvas.fillStyle = filled ? ACCENT : "#FFFFFF";
    canvas.fill();
    canvas.lineWidth = 2;
    canvas.strokeStyle = filled ? "#FFFFFF" : ACCENT;
    canvas.stroke();
    canvas.fillStyle = filled ? "#FFFFFF" : INK;
    canvas.fillText(text, x, y + 0.5);
  }

  // Chosen places: a disc with a number or letter, the first on top; hollow if it is not there.
  function drawMarks(pen, state) {
    state.marks = state.shown.marks.map(([text, name, longitude, latitude, hollow]) => {
      const at = Atlas.toLocal({ lat: latitude, lng: longitude });
      return { text, name, filled: !hollow, radius: 11,
        x: at.x * pen.scale + pen.left, y: at.y * pen.scale + pen.top };
    });
    const canvas = inPixels(pen, 700);
    for (const mark of [...state.marks].reverse()) drawDisc(canvas, mark);
  }

  // The mark or the dot under a point of the map's frame, or null.
  Atlas.dotAt = (state, latLng) => {
    const all = [...(state.marks || []), ...(state.dots || [])];
    if (!all.length || !state.layer._bounds) return null;
    const at = state.map.latLngToLayerPoint(latLng).subtract(state.layer._bounds.min);
    return all.find(({ x, y, radius }) => Math.hypot(x - at.x, y - at.y) <= radius + 2) ||
      null;
  };

  const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

  Atlas.dotLines = ({ name: marked, text, libraries }) => {
    if (!libraries) return [["strong", text], ["span", marked]];
    if (libraries.length > 1) {
      return [["strong", `${libraries.length} libraries`], ["span", "Click to see them apart"]];
    }
    const [{ name, runBy, hours, days }] = libraries;
    const week = days.map((band, day) => (band ? `${DAYS[day]} ${band}` : "")).filter(Boolean);
    return [["strong", name], ["span", runBy && `Library, run by: ${runBy}`],
      ["b", hours === null ? "hours not returned" : `${hours} hours a week`],
      ...week.map((text) => ["span", text])];
  };

  function drawNames(pen, state) {
    if (!state.layer.layers.has("labels") || pen.zoom < AUTHORITIES_FROM) return;
    const taken = [];
    const names = pen.zoom < WARDS_FROM ? authorityNames(state) : wardNames(state);
    const size = pen.zoom < WARDS_FROM ? 13 : 12;
    const canvas = inPixels(pen, 600, size);
    for (const [name, x, y] of names) {
      const at = { x: x * pen.scale + pen.left, y: y * pen.scale + pen.top };
      if (at.x < 0 || at.y < 0 || at.x > pen.width || at.y > pen.height) continue;
      const half = canvas.measureText(name).width / 2 + 4;
      const box = [at.x - half, at.y - size, at.x + half, at.y + size];
      if (taken.some((other) => overlap(box, other))) continue;
      taken.push(box);
      write(canvas, name, at);
    }
  }

  const overlap = (a, b) => a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];

  function write(canvas, name, { x, y }) {
    canvas.lineWidth = 3.5;
    canvas.strokeStyle = "rgba(255, 255, 255, 0.92)";
    canvas.strokeText(name, x, y);
    canvas.fillStyle = INK;
    canvas.fillText(name, x, y);
  }

  function wardNames({ content, outlines, shown, selected }) {
    const first = selected >= 0 && shown.order[selected] >= 0 ? [selected] : [];
    const rest = shown.members.filter((ward) => ward !== selected);
    return [...first, ...rest].map((ward) =>
      [content.names[ward], outlines.places[2 * ward], outlines.places[2 * ward + 1]]);
  }

  // Each authority's name at the middle of its wards, most wards first.
  function authorityNames({ content, outlines, shown }) {
    const wards = new Map();
    for (const ward of shown.members) {
      const key = content.authority[ward];
      wards.set(key, (wards.get(key) || 0) + 1);
    }
    if (!centres.has(outlines)) centres.set(outlines, authorityCentres(outlines, content));
    const ordered = [...wards].sort((a, b) => b[1] - a[1]);
    return ordered.map(([key]) => [content.authorities[key][1], ...centres.get(outlines)[key]]);
  }

  function authorityCentres(outlines, content) {
    const members = content.authorities.map(() => []);
    content.authority.forEach((key, ward) => members[key].push(ward));
    return members.map((wards) => {
      const [left, top, right, bottom] = outlines.boxOf(wards) || [0, 0, 0, 0];
      return [(left + right) / 2, (top + bottom) / 2];
    });
  }
})();
