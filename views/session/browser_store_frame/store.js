// Keeps a reader's own work in this browser where they asked for it, and asks before work is lost.
// Opens a place that was found as one step of history: Streamlit's own switch of page leaves two.
// Gives the focus to a button in place of one that is gone.
// Nothing is sent anywhere but to the page around this frame.
(() => {
  "use strict";
  const KEY = "atlas-kept-work";
  const say = (type, more) =>
    parent.postMessage({ isStreamlitMessage: true, type: `streamlit:${type}`, ...more }, origin);
  const warn = (event) => event.preventDefault();
  let told = false;
  let focused = "";

  function store(change) {
    // A browser may refuse to keep anything: the page then goes on without.
    try {
      return change(localStorage);
    } catch {
      return null;
    }
  }

  // The button may be drawn a moment later than this frame; one that is not there is given up.
  function focusOn(key, tries = 20) {
    const button = key && parent.document.querySelector(`.st-key-${key} button`);
    if (button) button.focus();
    else if (key && tries) setTimeout(focusOn, 100, key, tries - 1);
  }

  addEventListener("message", (event) => {
    if (event.origin !== origin || event.data.type !== "streamlit:render") return;
    const { unsaved, kept, clear, open, focus } = event.data.args;
    if (open) {
      parent.history.pushState({}, "", open);
      parent.dispatchEvent(new parent.PopStateEvent("popstate"));
      return;
    }
    if (focus !== focused) focusOn(focus);
    focused = focus;
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
