// Keeps the posts of a page up to date: asks every two seconds whether the page changed, and exchanges its live parts.
// Without this file the pages work the same, on reload.
"use strict";

const PAUSE = 2000;
let tag = null;

function exchange(fresh) {
  const known = new Set([...document.querySelectorAll("[data-post]")].map((post) => post.dataset.post));
  const now = document.querySelectorAll("[data-live], .side");
  const next = fresh.querySelectorAll("[data-live], .side");
  if (now.length !== next.length) return;
  const place = document.activeElement?.closest("[data-live], .side") ? document.activeElement.getAttribute("href") : null;
  now.forEach((part, at) => {
    if (part.innerHTML !== next[at].innerHTML) part.replaceChildren(...document.adoptNode(next[at]).childNodes);
  });
  // Whoever walks through the links by keyboard stays where they were.
  if (place !== null) document.querySelector(`a[href="${CSS.escape(place)}"]`)?.focus({ preventScroll: true });
  for (const post of document.querySelectorAll("[data-post]")) {
    if (!known.has(post.dataset.post)) post.classList.add("fresh");
  }
}

async function look() {
  try {
    const answer = await fetch(location.href, { headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store" });
    if (answer.ok) {
      const text = await answer.text();
      exchange(new DOMParser().parseFromString(text, "text/html"));
      tag = answer.headers.get("ETag");
    }
  } catch {
    // The server is stopped or starts again: the page stays as it is, and looks again.
  }
  setTimeout(look, document.hidden ? 5 * PAUSE : PAUSE);
}

for (const choice of document.querySelectorAll("select[data-remember]")) {
  choice.addEventListener("change", () => {
    document.cookie = `practice_as=${encodeURIComponent(choice.value)}; path=/; max-age=604800; samesite=lax`;
  });
}
if (document.querySelector("[data-live]")) setTimeout(look, PAUSE);
