// Saves the map in sight as a PNG for print: title, map, legend, date and attribution.
(() => {
  "use strict";
  const FINE = 3;
  const INK = "#1A1F26";
  const QUIET = "#4A545E";
  const FONT = '"Source Sans", "Source Sans 3", system-ui, "Segoe UI", Roboto, sans-serif';
  const MARGIN = 20;
  const ROW = 20;

  // The finished picture as a canvas, three pixels for each one on screen.
  Atlas.picture = (state, today = new Date()) => {
    const { shown, layer } = state;
    const map = layer.paint(FINE);
    const rows = legendRows(shown, layer);
    const [width, height] = [map.width / FINE, map.height / FINE];
    const page = document.createElement("canvas");
    const columns = width < 640 ? 1 : 2;
    const legend = Math.ceil(rows.length / columns) * ROW;
    page.width = map.width + 2 * MARGIN * FINE;
    page.height = (height + 74 + legend + 64) * FINE;
    const canvas = page.getContext("2d");
    canvas.scale(FINE, FINE);
    canvas.fillStyle = "#FFFFFF";
    canvas.fillRect(0, 0, width + 2 * MARGIN, page.height / FINE);
    const put = (text, x, y, size, colour, weight = 400) => {
      canvas.font = `${weight} ${size}px ${FONT}`;
      canvas.fillStyle = colour;
      canvas.fillText(text, x, y, width);
    };
    const note = shown.direction ? `${shown.label} (${shown.direction})` : shown.label;
    put(`${shown.placeName}, by ward`, MARGIN, 30, 20, INK, 650);
    put(note, MARGIN, 53, 15, QUIET);
    canvas.drawImage(map, MARGIN, 66, width, height);
    canvas.strokeStyle = "#D3D9DF";
    canvas.strokeRect(MARGIN, 66, width, height);
    rows.forEach(([colour, text], at) => {
      const column = Math.floor(at / Math.ceil(rows.length / columns));
      const x = MARGIN + (column * width) / columns;
      const y = height + 82 + (at % Math.ceil(rows.length / columns)) * ROW;
      swatch(canvas, colour, shown.noData, x, y);
      put(text, x + 34, y + 11, 13, INK);
    });
    const foot = height + 74 + legend + 24;
    const day = today.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
    put(`Digital Inclusion Atlas. Saved ${day}. Risk describes areas, not people.`, MARGIN, foot,
      12, QUIET);
    put(shown.attribution, MARGIN, foot + 18, 11, QUIET);
    return page;
  };

  function legendRows(shown, layer) {
    const signs = new Set(layer.signs);
    const rows = shown.colours.map((colour, at) => {
      const text = [shown.classBounds[at], shown.classLabels[at]].filter(Boolean).join(": ");
      return [colour, text];
    }).filter(([, text]) => text).reverse();
    return signs.has(Atlas.NO_DATA) ? [...rows, [null, "no data"]] : rows;
  }

  function swatch(canvas, colour, [ground, line], x, y) {
    canvas.fillStyle = colour || ground;
    canvas.fillRect(x, y, 26, 14);
    canvas.lineWidth = 1;
    canvas.strokeStyle = "#8A8F94";
    canvas.strokeRect(x, y, 26, 14);
    if (colour) return;
    canvas.strokeStyle = line;
    canvas.beginPath();
    for (let at = 2; at < 26; at += 5) {
      canvas.moveTo(x + at, y + 13);
      canvas.lineTo(x + Math.min(25, at + 8), y + 1);
    }
    canvas.stroke();
  }

  Atlas.savePicture = (state) => {
    if (!state.layer) return;
    Atlas.picture(state).toBlob((blob) => {
      const link = document.createElement("a");
      const name = `${state.shown.placeName} ${state.shown.label}`.toLowerCase();
      link.download = `${name.replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 80)}.png`;
      link.href = URL.createObjectURL(blob);
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
      Atlas.say("The picture has been saved.");
    }, "image/png");
  };
})();
