// The console works without this file; with it, what is alive moves by itself.
"use strict";

// An element with data-poll="address" is filled with that address again every data-every seconds. The server sends an
// ETag, so an unchanged part costs an empty 304. Nothing is replaced under somebody's hands: not while a field in it
// has the focus, not while the page is hidden.
function poll(element) {
  const address = element.dataset.poll;
  const pause = 1000 * Number(element.dataset.every || 5);
  let tag = "";
  async function once() {
    const busy = element.contains(document.activeElement) && document.activeElement.matches("input, select, textarea");
    if (!document.hidden && !busy) {
      try {
        const answer = await fetch(address, { headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store" });
        if (answer.status === 200) {
          tag = answer.headers.get("ETag") || "";
          replace(element, await answer.text());
          sayAloud(element);
        }
        element.classList.toggle("stale", !answer.ok && answer.status !== 304);
      } catch {
        element.classList.add("stale"); // the console is gone for a moment: keep what is shown, and go on asking
      }
    }
    window.setTimeout(once, pause);
  }
  window.setTimeout(once, pause);
}

// What changed in a part is read out by a live region that stays: data-aloud names it, [data-say] holds the sentence.
function sayAloud(element) {
  const said = element.querySelector("[data-say]");
  const aloud = document.getElementById(element.dataset.aloud || "");
  if (said && aloud && aloud.textContent !== said.textContent) aloud.textContent = said.textContent;
}

// Below data-clock="now of the server", [data-closes] counts down to the second. It is told to nobody who listens.
function countDown(element) {
  const ahead = new Date(element.dataset.clock) - Date.now();
  window.setInterval(() => {
    for (const one of element.querySelectorAll("[data-closes]")) {
      const left = Math.round((new Date(one.dataset.closes) - Date.now() - ahead) / 1000);
      if (left > 0 && left < 3600) one.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")} left`;
    }
  }, 500);
}

// Opened details stay open and the focus stays where it was, by id.
function replace(element, html) {
  const open = new Set([...element.querySelectorAll("details[open][id]")].map((one) => one.id));
  const focus = element.contains(document.activeElement) ? document.activeElement : null;
  const mark = focus && (focus.id ? "#" + CSS.escape(focus.id) : focus.getAttribute("href") && `a[href="${CSS.escape(focus.getAttribute("href"))}"]`);
  element.innerHTML = html; // our own server's page, escaped there; the content policy lets no script in it run
  tellReadersTime(element);
  for (const one of element.querySelectorAll("[data-load]")) load(one);
  for (const id of open) {
    const one = document.getElementById(id);
    if (one) one.open = true;
  }
  const again = mark ? element.querySelector(mark) : null;
  if (again) again.focus({ preventScroll: true });
}

// A form is sent once; a button with data-busy says what is going on meanwhile.
function sendOnce(form) {
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    window.setTimeout(() => {
      for (const one of form.querySelectorAll("button")) one.disabled = true;
      if (button && button.dataset.busy) button.textContent = button.dataset.busy;
    });
  });
}

// An element with data-load="address" is filled with that address once: what takes the server longer than a page may.
// Where a part around it is polled meanwhile, the same is not asked for twice, and goes where it stands by then.
const loading = new Set();
async function load(element) {
  const address = element.dataset.load;
  if (loading.has(address)) return;
  loading.add(address);
  try {
    const answer = await fetch(address, { cache: "no-store" });
    const html = answer.ok && (await answer.text());
    for (const one of html ? document.querySelectorAll(`[data-load="${CSS.escape(address)}"]`) : []) replace(one, html);
  } catch {
    // the console is gone for a moment: the link there does the same
  } finally {
    loading.delete(address);
  }
}

// A form with data-live="address" sends what is typed there, a moment after the last key, and shows the answer in the
// element that data-into names. It only looks: what a form does is done by its button.
function watch(form) {
  const into = document.getElementById(form.dataset.into);
  let waiting = 0;
  let asked = 0;
  async function look() {
    const number = ++asked;
    try {
      const answer = await fetch(form.dataset.live, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      if (number !== asked || !answer.ok) return;
      replace(into, await answer.text());
      for (const one of into.querySelectorAll("[data-beside]")) putBeside(one);
    } catch {
      // the console is gone for a moment: the next key asks again
    }
  }
  form.addEventListener("input", () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(look, 250);
  });
}

// What an answer says of a single field goes beside it: data-beside="id" names the place.
function putBeside(one) {
  const place = document.getElementById(one.dataset.beside);
  if (!place) return;
  place.textContent = one.textContent;
  place.className = one.className;
}

// Keys outside of fields: an element with data-key="a" is pressed, or gets the focus if it is a field; "j" and "k" go
// through the elements with data-item. Nothing needs a key: each does what Tab and Enter do as well.
function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest("input, select, textarea, [contenteditable]")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (event.key === "j" || event.key === "k") return step(event.key === "j" ? 1 : -1, event);
  const meant = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!meant) return;
  event.preventDefault();
  if (meant.matches("input, select, textarea")) meant.focus();
  else meant.click();
}

function step(by, event) {
  const items = [...document.querySelectorAll("[data-item]")];
  if (!items.length) return;
  event.preventDefault();
  const focused = items.findIndex((one) => one.contains(document.activeElement));
  const now = focused >= 0 ? focused : items.findIndex((one) => one.matches("[aria-current]"));
  const next = items[Math.min(items.length - 1, Math.max(0, now + by))];
  (next.matches("a, button, [tabindex]") ? next : next.querySelector("a, button, [tabindex]"))?.focus();
}

// Times are the cohort's own wall clock; where the reader's differs, it stands beside it.
function tellReadersTime(root) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const one of root.querySelectorAll("time[data-zone]")) {
    if (one.dataset.zone === here || one.dataset.told) continue;
    const instant = new Date(one.dateTime);
    const clock = (zone) => instant.toLocaleString("en-GB", { timeZone: zone, weekday: "short", hour: "2-digit", minute: "2-digit" });
    const [theirs, ours] = [clock(one.dataset.zone), clock(here)];
    one.dataset.told = "yes";
    if (theirs === ours) continue;
    const beside = document.createElement("small");
    beside.className = "readers-time";
    beside.textContent = ` (${ours} for you)`;
    one.append(beside);
  }
}

for (const element of document.querySelectorAll("[data-poll]")) poll(element);
for (const element of document.querySelectorAll("[data-clock]")) countDown(element);
for (const element of document.querySelectorAll("[data-load]")) load(element);
for (const form of document.querySelectorAll('form[method="post"]')) sendOnce(form);
for (const form of document.querySelectorAll("form[data-live]")) watch(form);
document.addEventListener("keydown", pressed);
// What the menu folds lies over the page: Escape and a press beside it put it away.
document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && event.target.closest(".fold[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});
document.addEventListener("click", (event) => {
  for (const one of document.querySelectorAll(".fold[open]")) if (!one.contains(event.target)) one.open = false;
});
tellReadersTime(document);
// The back button shows the page as it was left: give its buttons back.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) for (const one of document.querySelectorAll("button:disabled")) one.disabled = false;
});
