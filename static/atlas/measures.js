// Another measure chosen on the page: all wards are classed and coloured here at once, by the same
// rule as on the server. The page's words, grey until then, and the figures follow from there.
(() => {
  "use strict";
  const known = {};

  // Called after each run: follows the page's box where measures are chosen.
  Atlas.refreshMeasures = (state) => {
    const { measures } = state.shown;
    const page = window.frameElement && window.frameElement.ownerDocument;
    const box = measures && page.querySelector(".st-key-measure_choice");
    if (!box) return;
    if (box !== known.box) follow(box, state);
    known.box = box;
    look(state);
  };

  function follow(box, state) {
    for (const reached of ["pointerover", "focusin"]) {
      box.addEventListener(reached, () => {
        const { measures } = state.shown;
        if (measures) Atlas.fetchOnce(known, measures, () => look(state));
      });
    }
    new MutationObserver(() => look(state)).observe(box,
      { subtree: true, childList: true, characterData: true, attributeFilter: ["value"] });
  }

  // The map shows what the box says. A run for an earlier choice may come in between.
  function look(state) {
    const { shown, waiting } = state;
    if (!known.data || !shown.measures) return;
    const said = known.box.querySelector("input")?.value;
    const one = (test) => known.data.about.findIndex(test);
    const [asked, served] = [one(([words]) => words === said),
      one(([, label]) => label === waiting.settings.label)];
    if (asked < 0 || served < 0 || known.data.about[asked][1] === shown.label) return;
    if (asked === served) Atlas.showAgain();
    else show(state, asked, served);
  }

  // The class of every ward by a measure, given as ranks.
  Atlas.cutMeasure = (scores, people, how) => {
    const count = scores.length;
    const keys = Float64Array.from(scores, (score, ward) => score * count + ward);
    const order = Uint16Array.from(keys.filter((key) => key >= 0).sort(), (key) => key % count);
    return Atlas.cut({ scores, order }, people, how);
  };

  function show(state, asked, served) {
    const { shown, waiting } = state;
    const { about, parts, people } = known.data;
    const found = Atlas.cutMeasure(parts[asked], people, shown.measures);
    const { colours } = waiting.settings;
    // So few wards that classes fall together have other colours: the server's answer has them.
    if (found.count !== colours.length) return;
    const [, label, direction, less] = about[asked];
    Object.assign(shown, { label, direction, classBounds: [], sources: "", ahead: true, live: null,
      colours: less === about[served][3] ? colours : [...colours].reverse() });
    Atlas.showFound(state, found);
    Atlas.placeWeights(state);
    Atlas.tellPage(true);
    Atlas.refresh(state);
  }
})();
