// The map's canvas: a ward's number for each pixel, coloured through a palette; above it borders
// and outlines, notes, and the selection.
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

  // A colour like #E4E8EC as the four bytes of a pixel.
  const shade = (colour) => {
    const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
    return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  };

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

    // Show one class sign per ward. Outlines depend only on which wards are shown at all.
    restyle(signs, colours, noData) {
      const shown = (sign, ward) => (sign === HIDDEN) === (this.signs[ward] === HIDDEN);
      const covered = signs.every(shown);
      Object.assign(this, { signs, colours, noData });
      if (!this._map) return;
      this._recolour();
      if (!covered) this._drawBorders();
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
      if (this._map && this._map.getZoom() >= DETAIL_FROM) this.redraw();
    },

    // While something moves, only what is in sight is coloured, on a dense screen one pixel for four.
    setMoving(moving) {
      if (moving === this.moving || !this._map) return;
      this.moving = moving;
      if (window.devicePixelRatio > 1) this._update();
      else if (!moving) this._recolour();
    },

    redrawNotes() {
      if (this._map) this._drawNotes();
    },

    redraw() {
      if (this._map) this._draw();
    },

    // The ward shown at a point, or -1: whichever the pixel there belongs to.
    wardAt(latLng) {
      const { x, y } = Atlas.toLocal(latLng);
      const { scale, left, top, columns, rows } = this.pixels;
      const [column, row] = [Math.floor(x * scale + left), Math.floor(y * scale + top)];
      if (column < 0 || row < 0 || column >= columns || row >= rows) return -1;
      const ward = (this.numbers[row * columns + column] >> 1) - 1;
      return ward >= 0 && this.signs[ward] !== HIDDEN ? ward : -1;
    },

    // The picture in sight on a canvas of its own, `ratio` times as fine.
    paint(ratio) {
      const { _canvases, _ratio, numbers, pixels, image } = this;
      const size = this._bounds.getSize();
      const fresh = (width, height) => Object.assign(document.createElement("canvas"),
        { width: width * ratio, height: height * ratio });
      const painted = _canvases.map(() => fresh(size.x, size.y));
      Object.assign(this, { _canvases: painted, _ratio: ratio });
      try {
        this._draw();
      } finally {
        Object.assign(this, { _canvases, _ratio, numbers, pixels, image });
      }
      const view = this._map.getSize();
      const from = this._map.containerPointToLayerPoint([0, 0]).subtract(this._bounds.min);
      const result = fresh(view.x, view.y);
      const canvas = result.getContext("2d");
      for (const each of painted) canvas.drawImage(each, -from.x * ratio, -from.y * ratio);
      return result;
    },

    _initContainer() {
      this._container = L.DomUtil.create("div", "atlas-canvas");
      this._container.setAttribute("aria-hidden", "true");
      this._canvases = ["wards", "borders", "notes", "marks"].map((name) =>
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
      this._ratio = this.moving ? 1 : Math.min(window.devicePixelRatio || 1, 2);
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
      this._numberPixels();
      this._recolour();
      this._drawBorders();
      this._drawNotes();
      this._drawMarks();
    },

    // Where the picture lies: pixels per metre, the place of the origin, and the box in sight.
    _frame() {
      const zoom = this._zoom;
      const scale = Atlas.scaleAt(zoom);
      const origin = this._map.getPixelOrigin().add(this._bounds.min);
      const left = scale * (Atlas.ORIGIN.x + Atlas.HALF) - origin.x;
      const top = scale * (Atlas.HALF - Atlas.ORIGIN.y) - origin.y;
      const { x: width, y: height } = this._bounds.getSize();
      const box = [-left / scale, -top / scale, (width - left) / scale, (height - top) / scale];
      return { zoom, scale, box, left, top, width, height, ratio: this._ratio };
    },

    // The same with a cleared canvas in metres to draw on.
    _pen(number) {
      const frame = this._frame();
      const { scale, left, top, ratio } = frame;
      const canvas = this._canvases[number].getContext("2d");
      canvas.setTransform(1, 0, 0, 1, 0, 0);
      canvas.clearRect(0, 0, canvas.canvas.width, canvas.canvas.height);
      canvas.setTransform(scale * ratio, 0, 0, scale * ratio, left * ratio, top * ratio);
      canvas.lineJoin = "round";
      return { ...frame, canvas };
    },

    // Which ward each pixel shows: twice its number plus 2, and 1 more where a hatched ward has a
    // line. 0 is no ward. Any colours can then be looked up at once.
    _numberPixels() {
      const { zoom, scale, left, top, box, ratio } = this._frame();
      const { width: columns, height: rows } = this._canvases[0];
      this.pixels = { columns, rows, scale: scale * ratio, left: left * ratio, top: top * ratio };
      const numbers = new Uint16Array(columns * rows);
      const hatch = Uint8Array.from({ length: columns + rows }, (_, at) =>
        at % Math.round(8 * ratio) < 1.7 * ratio);
      const number = (ward, outlines, area, arcs) =>
        outlines.fillPixels(area, arcs, this.pixels, (from, to) => {
          // A line of the hatching runs where column plus row stays the same.
          const slant = Math.floor(from / columns) * (columns - 1);
          for (let at = from; at < to; at++) numbers[at] = 2 * ward + 2 + hatch[at - slant];
        });
      const arcs = this.outlines.arcsAt(zoom);
      const fine = new Map();
      for (let ward = 0; ward < this.outlines.count; ward++) {
        if (!this.outlines.touches(ward, box)) continue;
        if (zoom >= DETAIL_FROM && this.detail.has(ward)) fine.set(ward, this.detail.get(ward));
        // The ground has no gaps where fine outlines and rough ones do not meet.
        if (this.signs[ward] === HIDDEN || !fine.has(ward)) number(ward, this.outlines, ward, arcs);
      }
      fine.forEach(({ outlines, area }, ward) => number(ward, outlines, area, outlines.levels[0]));
      this.numbers = numbers;
      this.image = new ImageData(columns, rows);
    },

    _recolour() {
      const { numbers, image, pixels: { columns } } = this;
      const palette = this._palette();
      const shades = new Uint32Array(image.data.buffer);
      const [left, top, right, bottom] = this._coloured();
      for (let row = top; row < bottom; row++) {
        const end = row * columns + right;
        for (let at = row * columns + left; at < end; at++) shades[at] = palette[numbers[at]];
      }
      const canvas = this._canvases[0].getContext("2d");
      canvas.putImageData(image, 0, 0, left, top, right - left, bottom - top);
    },

    // The part of the canvas that is coloured, in its pixels: left, top, right, bottom.
    _coloured() {
      const { columns, rows } = this.pixels;
      if (!this.moving) return [0, 0, columns, rows];
      const from = this._map.containerPointToLayerPoint([0, 0]).subtract(this._bounds.min);
      const to = from.add(this._map.getSize());
      const within = (at, most) => Math.max(0, Math.min(most, Math.round(at * this._ratio)));
      return [within(from.x, columns), within(from.y, rows), within(to.x, columns), within(to.y, rows)];
    },

    // The colour of each number that a pixel may hold.
    _palette() {
      const ground = this.overBasemap ? 0 : shade(GROUND);
      const [plain, line] = this.noData.map(shade);
      const colours = [...this.colours.map(shade)];
      Object.assign(colours, { [NO_DATA]: plain, [HIDDEN]: ground });
      const palette = new Uint32Array(2 * this.signs.length + 2);
      this.signs.forEach((sign, ward) => {
        palette[2 * ward + 2] = colours[sign];
        palette[2 * ward + 3] = sign === NO_DATA ? line : colours[sign];
      });
      return palette;
    },

    _trace(canvas, ward, arcs, zoom) {
      const fine = zoom >= DETAIL_FROM && this.detail.get(ward);
      if (fine) fine.outlines.trace(canvas, fine.area, fine.outlines.levels[0]);
      else this.outlines.trace(canvas, ward, arcs);
    },

    _drawBorders() {
      const pen = this._pen(1);
      const arcs = this.outlines.arcsAt(pen.zoom);
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
      const pen = this._pen(2);
      for (const note of this.notes) note(pen, this);
    },

    _drawMarks() {
      if (!this._map || !this._bounds) return;
      const pen = this._pen(3);
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
