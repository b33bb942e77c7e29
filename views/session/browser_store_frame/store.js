// Keeps a reader's own work in this browser where they asked for it, and asks before work is lost.
// Nothing is sent anywhere but to the page around this frame.
(() => {
  "use strict";
  const KEY = "atlas-kept-work";
  const say = (type, more) =>
    parent.postMessage({ isStreamlitMessage: true, type: `streamlit:${type}`, ...more }, origin);
  const warn = (event) => event.preventDefault();
  let told = false;

  function store(change) {
    // A browser may refuse to keep anything: the page then goes on without.
    try {
      return change(localStorage);
    } catch {
      return null;
    }
  }

  addEventListener("message", (event) => {
    if (event.origin !== origin || event.data.type !== "streamlit:render") return;
    const { unsaved, kept, clear } = event.data.args;
    parent.removeEventListener("beforeunload", warn);
    if (unsaved) parent.addEventListener("beforeunload", warn);
    if (clear) store((box) => box.removeItem(KEY));
    else if (kept) store((box) => box.setItem(KEY, kept));
    const found = store((box) => box.getItem(KEY));
    if (found && !kept && !told) say("setComponentValue", { value: found, dataType: "json" });
    told = true;
  });
  say("componentReady", { apiVersion: 1 });
})();
