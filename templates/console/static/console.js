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

// Opened details stay open and the focus stays where it was, by id.
function replace(element, html) {
  const open = new Set([...element.querySelectorAll("details[open][id]")].map((one) => one.id));
  const focus = element.contains(document.activeElement) ? document.activeElement : null;
  const mark = focus && (focus.id ? "#" + CSS.escape(focus.id) : focus.getAttribute("href") && `a[href="${CSS.escape(focus.getAttribute("href"))}"]`);
  element.innerHTML = html; // our own server's page, escaped there; the content policy lets no script in it run
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

for (const element of document.querySelectorAll("[data-poll]")) poll(element);
for (const form of document.querySelectorAll('form[method="post"]')) sendOnce(form);
// The back button shows the page as it was left: give its buttons back.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) for (const one of document.querySelectorAll("button:disabled")) one.disabled = false;
});
