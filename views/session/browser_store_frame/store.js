// Keeps a reader's own work in this browser where they asked for it, and asks before work is lost.
// Opens a place that was found as one step of history: Streamlit's own switch of page leaves two.
// Gives the focus to a control, or to the page's heading, in place of a control that is gone.
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

  // It may be drawn a moment later than this frame; one that is not there is given up.
  function focusOn(key, tries = 20) {
    const within = `[class*="st-key-${key}"] :is(button:enabled, a, input:not([type="file"]))`;
    const at = key && parent.document.querySelector(key === "heading" ? "main h1" : within);
    if (at && key === "heading") at.tabIndex = -1;
    if (at) at.focus();
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
    if (focus !== focused) focusOn(focus.split(" ")[0]);
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
