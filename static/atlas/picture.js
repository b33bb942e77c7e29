// Saves the map in sight as a PNG for print: title, map, legend, caveat, date, sources and link.
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
    const canvas = page.getContext("2d");
    const wrapped = (text, size, weight = 400) => {
      canvas.font = `${weight} ${size}px ${FONT}`;
      return lines(text, (part) => canvas.measureText(part).width <= width);
    };
    const note = shown.direction ? `${shown.label} (${shown.direction})` : shown.label;
    const head = [...wrapped(`${shown.placeName}, by ward`, 20, 650).map((line) => [line, 20, INK, 650]),
      ...wrapped(note, 15).map((line) => [line, 15, QUIET])];
    const day = today.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
    const foot = [`Digital Inclusion Atlas. Saved ${day}. Risk describes areas, not people.`,
      shown.sources, shown.attribution, address()].flatMap((text) => wrapped(text, 12));
    const top = 18 + head.length * 24;
    page.width = map.width + 2 * MARGIN * FINE;
    page.height = (top + height + legend + 30 + foot.length * 17) * FINE;
    canvas.scale(FINE, FINE);
    canvas.fillStyle = "#FFFFFF";
    canvas.fillRect(0, 0, width + 2 * MARGIN, page.height / FINE);
    const put = (text, x, y, size, colour, weight = 400) => {
      canvas.font = `${weight} ${size}px ${FONT}`;
      canvas.fillStyle = colour;
      canvas.fillText(text, x, y);
    };
    head.forEach(([line, ...look], at) => put(line, MARGIN, 30 + at * 24, ...look));
    canvas.drawImage(map, MARGIN, top, width, height);
    canvas.strokeStyle = "#D3D9DF";
    canvas.strokeRect(MARGIN, top, width, height);
    rows.forEach(([colour, text], at) => {
      const column = Math.floor(at / Math.ceil(rows.length / columns));
      const x = MARGIN + (column * width) / columns;
      const y = top + height + 16 + (at % Math.ceil(rows.length / columns)) * ROW;
      swatch(canvas, colour, shown.noData, x, y);
      put(text, x + 34, y + 11, 13, INK);
    });
    const below = top + height + legend + 30;
    foot.forEach((line, at) => put(line, MARGIN, below + at * 17, 12, QUIET));
    return page;
  };

  // A text in as many lines as it takes, broken after words and after the parts of an address.
  const lines = (text, fits) => (text || "").split(/(?<=[ &?=,])/).reduce((made, word) => {
    if (made.length && fits(made.at(-1) + word)) made.push(made.pop() + word);
    else if (word) made.push(word);
    return made;
  }, []);

  // The view that the map is part of: the page around its frame, or what a saved page says.
  function address() {
    const link = document.querySelector("dd a");
    if (link) return link.href;
    if (window.parent === window) return "";
    const seen = new URL(window.parent.location.href);
    seen.searchParams.delete("embed");
    return seen.href;
  }

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

  // A frame keeps its own width on paper and would be cut: what it shows is printed as a picture.
  window.addEventListener("beforeprint", () => {
    const { layer } = window.atlas || {};
    if (!layer) return;
    const still = layer.paint(2);
    still.className = "atlas-paper";
    window.atlas.map.getContainer().append(still);
  });
  window.addEventListener("afterprint", () => {
    for (const still of document.querySelectorAll(".atlas-paper")) still.remove();
  });

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
