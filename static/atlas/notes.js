// What is drawn above the wards: pockets, libraries and names.
(() => {
  "use strict";
  const FONT = '"Source Sans", "Source Sans 3", system-ui, "Segoe UI", Roboto, sans-serif';
  const AUTHORITIES_FROM = 8;
  const WARDS_FROM = 11;
  const centres = new WeakMap();

  Atlas.refreshNotes = (state) => {
    const { layer } = state;
    layer.notes = [(pen) => drawNames(pen, state)];
    layer.redrawNotes();
  };

  function drawNames(pen, state) {
    if (!state.layer.layers.has("labels") || pen.zoom < AUTHORITIES_FROM) return;
    const taken = [];
    const names = pen.zoom < WARDS_FROM ? authorityNames(state) : wardNames(state);
    const { canvas, ratio } = pen;
    canvas.setTransform(ratio, 0, 0, ratio, 0, 0);
    const size = pen.zoom < WARDS_FROM ? 13 : 12;
    canvas.font = `600 ${size}px ${FONT}`;
    canvas.textAlign = "center";
    canvas.textBaseline = "middle";
    for (const [name, x, y] of names) {
      const at = { x: x * pen.scale + pen.left, y: y * pen.scale + pen.top };
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
    canvas.fillStyle = "#1A1F26";
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
    const groups = new Map();
    for (const ward of shown.members) {
      const key = content.authority[ward];
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push(ward);
    }
    const ordered = [...groups].sort((a, b) => b[1].length - a[1].length);
    return ordered.map(([key]) => [content.authorities[key][1], ...centreOf(outlines, content, key)]);
  }

  function centreOf(outlines, content, key) {
    if (!centres.has(outlines)) centres.set(outlines, authorityCentres(outlines, content));
    return centres.get(outlines)[key];
  }

  function authorityCentres(outlines, content) {
    const boxes = content.authorities.map(() => [Infinity, Infinity, -Infinity, -Infinity]);
    content.authority.forEach((key, ward) => {
      const box = boxes[key];
      for (let side = 0; side < 4; side++) {
        const edge = outlines.boxes[4 * ward + side];
        box[side] = side < 2 ? Math.min(box[side], edge) : Math.max(box[side], edge);
      }
    });
    return boxes.map(([left, top, right, bottom]) => [(left + right) / 2, (top + bottom) / 2]);
  }
})();
