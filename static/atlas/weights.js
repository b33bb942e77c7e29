// The weights of a score, beside the map: while one moves, all wards are scored and coloured here,
// by the same whole numbers as on the server. Once it rests, the server's words follow.
(() => {
  "use strict";
  const WHOLE = 1000;
  const CLASSES = 5;
  const LISTED = 10;
  const RESTS = 250;
  const NUMBER = new Intl.NumberFormat("en-GB");
  const panel = {};
  let [moving, waiting] = [false, 0];

  const sum = (numbers) => numbers.reduce((one, other) => one + other, 0);

  // Weights on any scale as whole thousandths: largest remainders, and of equal ones the first.
  function thousandths(weights) {
    const exact = weights.map((weight) => (weight / sum(weights)) * WHOLE);
    const whole = exact.map((each) => (each > 0 ? Math.max(Math.floor(each + 1e-9), 1) : 0));
    const over = whole.map((each, at) => Math.round((each - exact[at]) * 1e9));
    const order = [...weights.keys()].sort((one, other) => over[one] - over[other]);
    let short = WHOLE - sum(whole);
    for (const at of order.slice(0, Math.max(short, 0))) whole[at] += 1;
    for (; short < 0; short++) whole[whole.indexOf(Math.max(...whole))] -= 1;
    return whole;
  }

  // Every ward's score, the share of residents at lower risk with four decimals (the rest cut; NaN
  // where a part that counts is not known), and the scored wards from the lowest.
  function scored({ parts, people }, weights) {
    const whole = thousandths(weights);
    const used = parts.filter((_, part) => whole[part] > 0);
    const count = people.length;
    const scores = new Float64Array(count).fill(NaN);
    const keys = new Float64Array(count);
    let [known, residents] = [0, 0];
    for (let ward = 0; ward < count; ward++) {
      if (people[ward] < 0 || used.some((part) => part[ward] < 0)) continue;
      let total = 0;
      for (let part = 0; part < parts.length; part++) total += whole[part] * parts[part][ward];
      keys[known++] = total * count + ward;
      residents += people[ward];
    }
    const sorted = keys.subarray(0, known).sort();
    const order = new Uint16Array(known);
    let [last, below, counted] = [-1, 0, 0];
    sorted.forEach((key, place) => {
      const ward = key % count;
      if (key - ward !== last) [last, below] = [key - ward, counted];
      scores[ward] = Math.floor(((100 * below) / residents) * 1e4 + 1e-9) / 1e4;
      counted += people[ward];
      order[place] = ward;
    });
    return { scores, order };
  }

  // Wards in classes that hold equal numbers of the base's residents or wards: adds each ward's
  // class (-1: none) and how many classes there are. `order` has the wards with a score from the
  // lowest, `base` runs of wards.
  Atlas.cut = ({ scores, order }, people, { base, residents }) => {
    const inside = new Uint8Array(people.length);
    for (const [start, length] of base) inside.fill(1, start, start + length);
    const massOf = (ward) => (residents ? Math.max(people[ward], 0) : 1);
    const wards = order.filter((ward) => inside[ward]);
    const whole = wards.reduce((mass, ward) => mass + massOf(ward), 0);
    const bounds = [];
    let [reached, next] = [0, 1];
    wards.forEach((ward, place) => {
      reached += massOf(ward);
      if (place + 1 < wards.length && scores[wards[place + 1]] === scores[ward]) return;
      const before = next;
      while (next < CLASSES && reached >= ((whole * next) / CLASSES) * (1 - 1e-12)) next += 1;
      if (next > before || place + 1 === wards.length) bounds.push(scores[ward]);
    });
    const classes = new Int8Array(people.length).fill(-1);
    let at = 0;
    for (const ward of order) {
      while (at + 1 < bounds.length && scores[ward] > bounds[at]) at += 1;
      classes[ward] = at;
    }
    return { scores, order, classes, count: bounds.length };
  };

  // The class of every ward by these weights, and its score.
  Atlas.classesBy = (data, weights, how) => Atlas.cut(scored(data, weights), data.people, how);

  // Colour the wards shown by classes that were found here.
  Atlas.showFound = ({ shown, layer }, { classes }) => {
    for (const ward of shown.members) {
      shown.signs[ward] = classes[ward] < 0 ? Atlas.NO_DATA : classes[ward];
    }
    layer.restyle(shown.signs, shown.colours, shown.noData);
  };

  // The sliders stand below the map, which leaves them their room.
  Atlas.placeWeights = (state) => {
    const { live } = state.shown;
    if (!live && !panel.box) return;
    if (!panel.box) build(state);
    panel.box.hidden = !live;
    const names = JSON.stringify((live || { weights: [] }).weights.map(([name]) => name));
    if (names !== panel.names) sliders(state, live ? live.weights : []);
    panel.names = names;
    leaveRoom(state);
  };

  function leaveRoom(state) {
    const map = state.map.getContainer();
    map.style.maxHeight = `${parseFloat(map.style.height) - panel.box.offsetHeight}px`;
    state.map.invalidateSize({ pan: false });
  }

  // Called after each run: the sliders as the server has them, unless the reader is ahead of it.
  Atlas.refreshWeights = (state) => {
    const { live } = state.shown;
    const late = live && panel.asked && same(valuesOf(live), panel.before) && !same(panel.asked, panel.before);
    if (!late) panel.asked = null;
    if (live && (moving || late)) {
      paint(state);
      return;
    }
    Atlas.tellPage(false);
    if (!live) return;
    panel.found.hidden = true;
    live.weights.forEach(([, value], at) => {
      panel.sliders[at].value = value;
    });
    label();
  };

  // What a control needs of every ward is fetched once, when a reader first reaches for it; its
  // name changes with the content.
  Atlas.fetchOnce = (known, { parts }, then) => {
    if (parts === known.parts) return;
    Object.assign(known, { parts, data: null });
    Atlas.load(parts).then((data) => {
      if (parts !== known.parts) return;
      known.data = data;
      then();
    }, () => {
      if (parts === known.parts) known.parts = null;
    });
  };

  const fetchParts = (state) =>
    Atlas.fetchOnce(panel, state.shown.live, () => moving && paint(state));

  function build(state) {
    const map = state.map.getContainer();
    panel.box = Atlas.make("div", "atlas-weights", map.parentNode,
      { role: "region", "aria-label": "How much each part counts" });
    panel.found = Atlas.make("div", "atlas-found", map, { hidden: "" });
    for (const reached of ["pointerover", "focusin"]) {
      panel.box.addEventListener(reached, () => fetchParts(state));
    }
    new ResizeObserver(() => leaveRoom(state)).observe(panel.box);
  }

  function sliders(state, weights) {
    panel.box.replaceChildren();
    Atlas.make("strong", "", panel.box).textContent = "How much each part counts";
    panel.sliders = weights.map(([name]) => {
      const row = Atlas.make("label", "", panel.box);
      Atlas.make("span", "", row).textContent = name;
      Atlas.make("span", "", row);
      const slider = Atlas.make("input", "", row,
        { type: "range", min: 0, max: 100, "aria-label": name });
      slider.addEventListener("input", () => moved(state));
      slider.addEventListener("change", () => {
        clearTimeout(waiting);
        waiting = setTimeout(() => rest(state), RESTS);
      });
      return slider;
    });
  }

  const valuesOf = (live) => live.weights.map(([, value]) => value);
  const same = (one, other) => thousandths(one).join() === thousandths(other).join();
  const given = () => panel.sliders.map((slider) => Number(slider.value));

  // What each weight counts, in per cent.
  function label() {
    if (!sum(given())) return;
    thousandths(given()).forEach((each, at) => {
      const text = `${Math.round(each / 10)}%`;
      panel.sliders[at].previousElementSibling.textContent = text;
      panel.sliders[at].setAttribute("aria-valuetext", text);
    });
  }

  function moved(state) {
    clearTimeout(waiting);
    fetchParts(state);
    if (!moving) {
      state.layer.setMoving(true);
      Atlas.tellPage(true);
    }
    if (!panel.frame) panel.frame = requestAnimationFrame(() => paint(state));
    moving = true;
  }

  function paint(state) {
    panel.frame = 0;
    label();
    const { shown } = state;
    if (!panel.data || panel.parts !== shown.live.parts || !sum(given())) return;
    const found = Atlas.classesBy(panel.data, given(), shown.live);
    // So few wards that classes fall together have other colours: the server's answer has them.
    if (found.count !== shown.colours.length) return;
    shown.scores = found.scores;
    Atlas.showFound(state, found);
    listFound(state, found);
  }

  // The wards of each class, and those with the highest score.
  function listFound({ shown, content }, { scores, order }) {
    const counts = shown.colours.map(() => 0);
    for (const ward of shown.members) counts[shown.signs[ward]] += 1;
    const listed = [];
    for (let at = order.length - 1; at >= 0; at--) {
      const ward = order[at];
      if (shown.order[ward] < 0) continue;
      if (listed.length >= LISTED && scores[ward] < scores[listed.at(-1)]) break;
      listed.push(ward);
    }
    const code = (ward) => content.codes[ward];
    listed.sort((a, b) => scores[b] - scores[a] || (code(a) < code(b) ? -1 : 1));
    const names = listed.slice(0, LISTED).map((ward) =>
      `${content.names[ward]}, ${content.authorities[content.authority[ward]][1]}`);
    [panel.first] = names;
    const told = JSON.stringify([counts, names]);
    panel.found.hidden = false;
    if (told === panel.told) return;
    panel.told = told;
    panel.found.replaceChildren();
    const legend = Atlas.make("ul", "", panel.found);
    shown.classLabels.forEach((name, at) => {
      const row = Atlas.make("li", "", legend);
      Atlas.make("i", "", row).style.background = shown.colours[at];
      Atlas.make("span", "", row).textContent = `${name}: ${NUMBER.format(counts[at])}`;
      legend.prepend(row);
    });
    const list = Atlas.make("ol", "", panel.found);
    for (const name of names) Atlas.make("li", "", list).textContent = name;
  }

  function rest(state) {
    moving = false;
    state.layer.setMoving(false);
    // No weight at all is no choice: the map is again as the page has it.
    if (!sum(given())) {
      Atlas.showAgain();
      return;
    }
    [panel.asked, panel.before] = [given(), valuesOf(state.shown.live)];
    Atlas.report(`weights ${panel.asked.join(" ")}`);
    if (panel.first) Atlas.say(`Highest: ${panel.first}`);
  }

  // The words around the map, or the card of a ward, are of what was shown before: the page shows
  // that they are.
  Atlas.tellPage = (old, name = "atlas-changing") => {
    if (!window.frameElement) return;
    window.frameElement.ownerDocument.documentElement.classList.toggle(name, old);
  };
})();
