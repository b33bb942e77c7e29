// Loaded first: starts fetching the outlines while the other scripts are still on their way.
// The addresses come in this script's own query: ?geometry=…&then=…
window.Atlas = window.Atlas || {};

(() => {
  "use strict";
  const loading = new Map();

  // The parsed content of one gzipped JSON map file; each file is fetched once per page.
  // Names carry the hash of the content, so a copy that the browser holds is always right.
  Atlas.load = (address) => {
    if (!loading.has(address)) {
      if (Atlas.offline) return Promise.reject(new Error("not in this file"));
      const content = fetchUnpacked(address);
      content.catch(() => loading.delete(address));
      loading.set(address, content);
    }
    return loading.get(address);
  };

  async function fetchUnpacked(address) {
    const response = await fetch(address, { cache: "force-cache", credentials: "same-origin" });
    if (!response.ok) throw new Error(`map file: ${response.status}`);
    return unpacked(new Uint8Array(await response.arrayBuffer()));
  }

  async function unpacked(bytes) {
    // A proxy may already have unpacked it.
    const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
    if (!packed) return JSON.parse(new TextDecoder().decode(bytes));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).json();
  }

  // A saved page carries its outlines with it and asks nobody for more.
  Atlas.carry = (address, text) => {
    const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
    loading.set(address, unpacked(bytes));
    Atlas.offline = true;
  };

  if (!document.currentScript.src) return;
  const query = new URL(document.currentScript.src).searchParams;
  const then = document.createElement("link");
  Object.assign(then, { rel: "preload", as: "script", href: query.get("then") });
  document.head.appendChild(then);
  Atlas.load(query.get("geometry")).catch(() => undefined);
})();
