// Outlines from a map file: decoding, simplified levels, tracing on a canvas, and pixels.
// Coordinates are Web Mercator metres from ORIGIN, y downwards, so that 32 bits are enough.
(() => {
  "use strict";
  const ORIGIN = { x: -150000, y: 7000000 };
  const HALF = Math.PI * 6378137;
  // Below `zoom` an outline is drawn without the corners that move it less than `metres`.
  const LEVELS = [{ zoom: 7, metres: 500 }, { zoom: 8.5, metres: 170 }];

  // Pixels per Web Mercator metre at a zoom level.
  const scaleAt = (zoom) => (256 * 2 ** zoom) / (2 * HALF);

  class Outlines {
    constructor(content) {
      this.codes = content.codes;
      this.rings = content.rings;
      this.count = content.rings.length;
      this.levels = [decodeArcs(content)];
      const { labels, step } = content;
      [this.places] = decodeArcs({ arcs: [labels.length / 2], points: labels, step });
      this.sides = this._findSides(content.beyond || []);
      const [arcs] = this.levels;
      this.arcBoxes = boxesOf(arcs.map((arc) => [arc]));
      const around = (rings) => rings.flat().map((at) => arcs[at < 0 ? ~at : at]);
      this.boxes = boxesOf(content.rings.map(around));
    }

    // The arcs as they should be drawn at this zoom.
    arcsAt(zoom) {
      const level = LEVELS.findIndex((each) => zoom < each.zoom) + 1;
      if (!this.levels[level]) {
        const tolerance = LEVELS[level - 1].metres;
        this.levels[level] = this.levels[0].map((arc) => simplified(arc, tolerance));
      }
      return this.levels[level];
    }

    // Add the rings of one area to the current path.
    trace(canvas, area, arcs) {
      for (const ring of this.rings[area]) {
        let first = true;
        for (const reference of ring) {
          const arc = arcs[reference < 0 ? ~reference : reference];
          const step = reference < 0 ? -2 : 2;
          let at = reference < 0 ? arc.length - 2 : 0;
          if (first) canvas.moveTo(arc[at], arc[at + 1]);
          for (at += step; at >= 0 && at < arc.length; at += step) {
            canvas.lineTo(arc[at], arc[at + 1]);
          }
          first = false;
        }
        canvas.closePath();
      }
    }

    // Call `fill(from, to)` for each run of pixels, by their place in the whole picture, whose
    // middles lie in an area. Neighbours share their edges, so each pixel has one area.
    fillPixels(area, arcs, { scale, left, top, columns, rows }, fill) {
      let found = 0;
      for (const reference of this.rings[area].flat()) {
        const arc = arcs[reference < 0 ? ~reference : reference];
        let x1 = arc[0] * scale + left;
        let y1 = arc[1] * scale + top;
        for (let at = 2; at < arc.length; at += 2) {
          const x2 = arc[at] * scale + left;
          const y2 = arc[at + 1] * scale + top;
          const down = y1 < y2;
          const low = down ? y1 : y2;
          const from = Math.max(0, Math.ceil(low - 0.5));
          const to = Math.min(rows, Math.ceil((down ? y2 : y1) - 0.5));
          if (from < to) {
            const slope = (x2 - x1) / (y2 - y1);
            // From its upper end, whichever way it is walked: two areas then agree on it.
            const start = (down ? x1 : x2) + (0.5 - low) * slope - 0.5;
            if (found + to - from > crossings.length) crossings = longer(crossings, to - from);
            for (let row = from; row < to; row++) {
              const column = Math.ceil(start + row * slope);
              crossings[found++] = row * columns + Math.max(0, Math.min(columns, column));
            }
          }
          x1 = x2;
          y1 = y2;
        }
      }
      const sorted = crossings.subarray(0, found).sort();
      for (let at = 0; at < found; at += 2) {
        if (sorted[at] < sorted[at + 1]) fill(sorted[at], sorted[at + 1]);
      }
    }

    // Add one arc to the current path.
    traceArc(canvas, arc) {
      canvas.moveTo(arc[0], arc[1]);
      for (let at = 2; at < arc.length; at += 2) canvas.lineTo(arc[at], arc[at + 1]);
    }

    // Whether an area's box touches the box [left, top, right, bottom].
    touches(area, box, boxes = this.boxes) {
      const at = 4 * area;
      return boxes[at] <= box[2] && boxes[at + 2] >= box[0] &&
        boxes[at + 1] <= box[3] && boxes[at + 3] >= box[1];
    }

    // The box round several areas, or null.
    boxOf(areas) {
      const box = [Infinity, Infinity, -Infinity, -Infinity];
      for (const area of areas) {
        for (let side = 0; side < 4; side++) {
          const edge = this.boxes[4 * area + side];
          box[side] = side < 2 ? Math.min(box[side], edge) : Math.max(box[side], edge);
        }
      }
      return box[0] < box[2] ? box : null;
    }

    // The one or two areas along each arc; -1 where there is only one, and -2 - n where the other
    // side is number n of the whole map. `beyond` has pairs of an arc and such a number.
    _findSides(beyond) {
      const sides = new Int32Array(2 * this.levels[0].length).fill(-1);
      this.rings.forEach((rings, area) => {
        for (const ring of rings) {
          for (const reference of ring) {
            const arc = reference < 0 ? ~reference : reference;
            sides[2 * arc + (sides[2 * arc] < 0 ? 0 : 1)] = area;
          }
        }
      });
      for (let at = 0; at < beyond.length; at += 2) sides[2 * beyond[at] + 1] = -2 - beyond[at + 1];
      return sides;
    }
  }

  // The box round each group of arcs: left, top, right, bottom.
  function boxesOf(groups) {
    const boxes = new Float32Array(4 * groups.length);
    groups.forEach((arcs, number) => {
      const box = [Infinity, Infinity, -Infinity, -Infinity];
      for (const arc of arcs) {
        for (let at = 0; at < arc.length; at += 2) widen(box, arc[at], arc[at + 1]);
      }
      boxes.set(box, 4 * number);
    });
    return boxes;
  }

  // Where edges cross the middles of rows, reused from area to area.
  let crossings = new Int32Array(4096);

  function longer(array, more) {
    const made = new Int32Array(2 * array.length + more);
    made.set(array);
    return made;
  }

  function widen(box, x, y) {
    if (x < box[0]) box[0] = x;
    if (y < box[1]) box[1] = y;
    if (x > box[2]) box[2] = x;
    if (y > box[3]) box[3] = y;
  }

  // `points` holds steps from one point to the next, over all arcs.
  function decodeArcs({ arcs, points, step }) {
    let x = 0;
    let y = 0;
    let at = 0;
    return arcs.map((length) => {
      const arc = new Float32Array(2 * length);
      for (let point = 0; point < length; point++) {
        x += points[at++];
        y += points[at++];
        arc[2 * point] = x * step - ORIGIN.x;
        arc[2 * point + 1] = ORIGIN.y - y * step;
      }
      return arc;
    });
  }

  // Neighbours share an arc, so they still meet.
  function simplified(arc, tolerance) {
    const points = Array.from({ length: arc.length / 2 }, (_, at) => L.point(arc[2 * at], arc[2 * at + 1]));
    return Float32Array.from(L.LineUtil.simplify(points, tolerance).flatMap(({ x, y }) => [x, y]));
  }

  const toLocal = (latLng) => {
    const point = L.CRS.EPSG3857.project(latLng);
    return { x: point.x - ORIGIN.x, y: ORIGIN.y - point.y };
  };

  const toLatLng = (x, y) => L.CRS.EPSG3857.unproject(L.point(x + ORIGIN.x, ORIGIN.y - y));

  Object.assign(Atlas, { Outlines, ORIGIN, HALF, scaleAt, toLocal, toLatLng });
})();
