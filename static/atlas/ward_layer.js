// The map's canvas: wards by class, borders and outlines, notes above them, and the selection.
(() => {
  "use strict";
  const NO_DATA = 10;
  const HIDDEN = 11;
  const GROUND = "#E4E8EC";
  const INK = "#1A1F26";
  const COUNCIL_LINE = "#3A434D";
  const COAST_LINE = "#8B97A3";
  const WHITE_BORDERS_FROM = 9;
  const DETAIL_FROM = 10.5;

  const forcedColours = () => window.matchMedia("(forced-colors: active)").matches;

  // Many short paths are quicker than a long one.
  function stroke({ canvas, scale }, arcs, outlines, colour, width) {
    canvas.strokeStyle = colour;
    canvas.lineWidth = width / scale;
    for (let from = 0; from < arcs.length; from += 50) {
      canvas.beginPath();
      for (const arc of arcs.slice(from, from + 50)) outlines.traceArc(canvas, arc);
      canvas.stroke();
    }
  }

  const WardLayer = L.Renderer.extend({
    options: { padding: 0.15 },

    initialize(outlines, content) {
      L.Renderer.prototype.initialize.call(this);
      this.outlines = outlines;
      this.content = content;
      this.signs = new Uint8Array(outlines.count).fill(HIDDEN);
      this.colours = [];
      this.layers = new Set();
      this.hovered = -1;
      this.selected = -1;
      this.detail = new Map();
      this.asked = new Set();
      this.fine = [];
      this.notes = [];
    },

    // Show one class sign per ward; draws only what differs from the picture on screen.
    restyle(signs, colours, noData) {
      const same = String(colours) === String(this.colours);
      const changed = [];
      for (let ward = 0; ward < signs.length; ward++) {
        if (signs[ward] !== this.signs[ward]) changed.push(ward);
      }
      const covered = changed.every((w) => signs[w] !== HIDDEN && this.signs[w] !== HIDDEN);
      this.signs = signs;
      this.colours = colours;
      this.noData = noData;
      if (!this._map || (same && !changed.length)) return;
      this._drawWards(same && covered ? changed : null);
    },

    mark(hovered, selected) {
      if (hovered === this.hovered && selected === this.selected) return;
      this.hovered = hovered;
      this.selected = selected;
      this._drawMarks();
    },

    // Replace the outlines of some wards by finer ones, once these have arrived.
    addDetail(positions, outlines) {
      positions.forEach((ward, area) => this.detail.set(ward, { outlines, area }));
      this.fine.push({ outlines, positions });
      if (this._map && this._map.getZoom() >= DETAIL_FROM) this._draw();
    },

    redrawNotes() {
      if (this._map) this._drawNotes();
    },

    redraw() {
      if (this._map) this._draw();
    },

    wardAt(latLng) {
      const { x, y } = Atlas.toLocal(latLng);
      const ward = this.outlines.at(x, y);
      return ward >= 0 && this.signs[ward] !== HIDDEN ? ward : -1;
    },

    // The picture in sight on a canvas of its own, `ratio` times as fine.
    paint(ratio) {
      const [canvases, own] = [this._canvases, this._ratio];
      const size = this._bounds.getSize();
      const fresh = () => Object.assign(document.createElement("canvas"),
        { width: size.x * ratio, height: size.y * ratio });
      this._canvases = [fresh(), fresh(), fresh()];
      this._ratio = ratio;
      const painted = this._canvases;
      try {
        this._draw();
      } finally {
        [this._canvases, this._ratio] = [canvases, own];
      }
      const view = this._map.getSize();
      const from = this._map.containerPointToLayerPoint([0, 0]).subtract(this._bounds.min);
      const result = Object.assign(document.createElement("canvas"),
        { width: view.x * ratio, height: view.y * ratio });
      const canvas = result.getContext("2d");
      for (const each of painted) canvas.drawImage(each, -from.x * ratio, -from.y * ratio);
      return result;
    },

    _initContainer() {
      this._container = L.DomUtil.create("div", "atlas-canvas");
      this._container.setAttribute("aria-hidden", "true");
      this._canvases = ["wards", "notes", "marks"].map((name) =>
        L.DomUtil.create("canvas", `atlas-${name}`, this._container));
    },

    _destroyContainer() {
      L.DomUtil.remove(this._container);
      delete this._container;
    },

    _update() {
      if (this._map._animatingZoom && this._bounds) return;
      L.Renderer.prototype._update.call(this);
      const size = this._bounds.getSize();
      this._ratio = Math.min(window.devicePixelRatio || 1, 2);
      L.DomUtil.setPosition(this._container, this._bounds.min);
      for (const canvas of this._canvases) {
        const [width, height] = [Math.round(size.x * this._ratio), Math.round(size.y * this._ratio)];
        if (canvas.width !== width) canvas.width = width;
        if (canvas.height !== height) canvas.height = height;
        canvas.style.width = `${size.x}px`;
        canvas.style.height = `${size.y}px`;
      }
      this._draw();
    },

    _draw() {
      this._drawWards(null);
      this._drawNotes();
      this._drawMarks();
    },

    // What a drawing step needs: the canvas in metres, pixels per metre, and the box in sight.
    _pen(number, clear = true) {
      const canvas = this._canvases[number].getContext("2d");
      const zoom = this._zoom;
      const scale = Atlas.scaleAt(zoom);
      const origin = this._map.getPixelOrigin().add(this._bounds.min);
      const left = scale * (Atlas.ORIGIN.x + Atlas.HALF) - origin.x;
      const top = scale * (Atlas.HALF - Atlas.ORIGIN.y) - origin.y;
      canvas.setTransform(1, 0, 0, 1, 0, 0);
      if (clear) canvas.clearRect(0, 0, canvas.canvas.width, canvas.canvas.height);
      const ratio = this._ratio;
      canvas.setTransform(scale * ratio, 0, 0, scale * ratio, left * ratio, top * ratio);
      canvas.lineJoin = "round";
      const size = this._bounds.getSize();
      const box = [-left / scale, -top / scale, (size.x - left) / scale, (size.y - top) / scale];
      return { canvas, zoom, scale, box, left, top, ratio, width: size.x, height: size.y };
    },

    _drawWards(only) {
      const pen = this._pen(0, only === null);
      const arcs = this.outlines.arcsAt(pen.zoom);
      const groups = Array.from({ length: HIDDEN + 1 }, () => []);
      const wards = only || this.signs.keys();
      for (const ward of wards) {
        if (this.outlines.touches(ward, pen.box)) groups[this.signs[ward]].push(ward);
      }
      const order = [HIDDEN, NO_DATA, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
      for (const sign of order) if (groups[sign].length) this._fill(pen, groups[sign], sign, arcs);
      this._drawBorders(pen, arcs);
    },

    // A path per ward: one path for a whole class takes three times as long. Below zoom 9 a
    // thin line of the fill's own colour closes the seam between neighbours.
    _fill(pen, wards, sign, arcs) {
      if (sign === HIDDEN && this.overBasemap) return;
      const { canvas } = pen;
      const ground = sign === HIDDEN ? GROUND : this.colours[sign];
      canvas.fillStyle = sign === NO_DATA ? this._hatch(pen) : ground;
      canvas.strokeStyle = sign === NO_DATA ? this.noData[0] : ground;
      canvas.lineWidth = 0.7 / pen.scale;
      const seams = pen.zoom < WHITE_BORDERS_FROM || sign === HIDDEN;
      for (const ward of wards) {
        canvas.beginPath();
        this._trace(canvas, ward, arcs, pen.zoom);
        canvas.fill();
        if (seams) canvas.stroke();
      }
    },

    _trace(canvas, ward, arcs, zoom) {
      const fine = zoom >= DETAIL_FROM && this.detail.get(ward);
      if (fine) fine.outlines.trace(canvas, fine.area, fine.outlines.levels[0]);
      else this.outlines.trace(canvas, ward, arcs);
    },

    _hatch({ canvas, scale, ratio }) {
      const tile = document.createElement("canvas");
      tile.width = tile.height = 8;
      const draw = tile.getContext("2d");
      draw.fillStyle = this.noData[0];
      draw.fillRect(0, 0, 8, 8);
      draw.strokeStyle = this.noData[1];
      draw.lineWidth = 1.4;
      draw.beginPath();
      for (const at of [-8, 0, 8]) {
        draw.moveTo(at - 1, 9);
        draw.lineTo(at + 9, -1);
      }
      draw.stroke();
      const pattern = canvas.createPattern(tile, "repeat");
      pattern.setTransform(new DOMMatrix().scale(1 / (scale * ratio)));
      return pattern;
    },

    _drawBorders(pen, arcs) {
      const near = pen.zoom >= DETAIL_FROM;
      const replaced = (ward) => near && this.detail.has(ward);
      this._drawLines(pen, this.outlines, arcs, (area) => area, (one, other) =>
        replaced(one) || (other >= 0 && replaced(other)));
      if (!near) return;
      for (const { outlines, positions } of this.fine) {
        const fineArcs = outlines.arcsAt(pen.zoom);
        this._drawLines(pen, outlines, fineArcs, (area) => positions[area], () => false);
      }
    },

    // What runs between two wards (-1: the sea): the name of a line in `lines` below.
    borderOf(one, other) {
      const { authority, authorities } = this.content;
      if (other < 0) return "coast";
      const [here, there] = [authorities[authority[one]], authorities[authority[other]]];
      const [inside, beside] = [one, other].map((ward) => this.signs[ward] !== HIDDEN);
      if (here === there) return inside || beside ? "ward" : "";
      if (!inside && !beside) return "around";
      // The outline of the area shown.
      if (inside !== beside) return "combined";
      return here[2] === there[2] ? "council" : "combined";
    },

    // Borders of wards, councils and combined authorities, and the coast, from the arcs of one
    // set of outlines.
    _drawLines(pen, outlines, arcs, wardOf, skip) {
      const lines = { ward: [], council: [], combined: [], around: [], coast: [], "": [] };
      const { sides } = outlines;
      for (let arc = 0; arc < arcs.length; arc++) {
        if (!outlines.touches(arc, pen.box, outlines.arcBoxes)) continue;
        const one = wardOf(sides[2 * arc]);
        const side = sides[2 * arc + 1];
        // -1 (the sea) stays -1, -2 - n becomes n.
        const other = side === -1 ? -1 : side < 0 ? -2 - side : wardOf(side);
        if (!skip(one, other)) lines[this.borderOf(one, other)].push(arcs[arc]);
      }
      const draw = (name, colour, width) => stroke(pen, lines[name], outlines, colour, width);
      const near = pen.zoom >= WHITE_BORDERS_FROM;
      const dark = pen.zoom >= 8;
      draw("coast", COAST_LINE, 0.8);
      if (forcedColours()) {
        // The reader's own pair of colours: one of the two differs from any class beside it.
        const drawn = ["council", "combined", ...(near ? ["ward"] : [])];
        for (const name of drawn) draw(name, "Canvas", name === "ward" ? 2.4 : 3.4);
        for (const name of drawn) draw(name, "CanvasText", name === "ward" ? 1 : 1.8);
        return;
      }
      if (near) for (const name of ["ward", "council", "combined"]) draw(name, "#FFFFFF", 0.8);
      if (!this.layers.has("outlines")) return;
      draw("around", COAST_LINE, 0.8);
      draw("council", "#FFFFFF", dark ? 2.8 : 0.6);
      if (dark) draw("council", COUNCIL_LINE, 1.3);
      draw("combined", "#FFFFFF", dark ? 4.2 : 1.8);
      draw("combined", INK, dark ? 2.2 : 0.9);
    },

    _drawNotes() {
      const pen = this._pen(1);
      for (const note of this.notes) note(pen, this);
    },

    _drawMarks() {
      if (!this._map || !this._bounds) return;
      const pen = this._pen(2);
      if (this.hovered >= 0 && this.hovered !== this.selected) this._ring(pen, this.hovered, 4, 2);
      if (this.selected >= 0) this._ring(pen, this.selected, 7, 3);
    },

    // A light line under a dark one can be read on every class.
    _ring(pen, ward, outer, inner) {
      const arcs = this.outlines.arcsAt(pen.zoom);
      for (const [colour, width] of [["#FFFFFF", outer], [INK, inner]]) {
        pen.canvas.beginPath();
        this._trace(pen.canvas, ward, arcs, pen.zoom);
        pen.canvas.strokeStyle = colour;
        pen.canvas.lineWidth = width / pen.scale;
        pen.canvas.stroke();
      }
    },
  });

  Object.assign(Atlas, { WardLayer, NO_DATA, HIDDEN, DETAIL_FROM });
})();
