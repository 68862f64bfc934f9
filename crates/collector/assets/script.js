// What pages can do besides being read and sent: stay up to date, open dialogs, copy, and mark fields while one types.
// Everything here works on what the server has rendered; without this script, pages work by links and forms.
"use strict";

const LOST_AFTER_MILLIS = 25_000;

/// Brings `old` in line with `fresh`, keeping the elements that are there, and so focus, selection and open details.
function morph(old, fresh) {
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName || old.id !== fresh.id) {
    old.replaceWith(fresh);
    return;
  }
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
    return;
  }
  if (old.isEqualNode(fresh) || old.contains(document.activeElement) && old.matches("form, dialog")) return;
  for (const { name } of [...old.attributes]) {
    const kept = name === "open" && old.matches("details, dialog");
    if (!kept && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  morphChildren(old, fresh);
}

function morphChildren(old, fresh) {
  const known = new Map([...old.children].filter((child) => child.id).map((child) => [child.id, child]));
  let next = old.firstChild;
  for (const child of [...fresh.childNodes]) {
    const twin = child.id && known.get(child.id);
    if (twin && twin !== next) old.insertBefore(twin, next);
    const current = twin || next;
    if (!current || !twin && (current.id || child.id)) {
      old.insertBefore(child, current);
    } else {
      next = current.nextSibling;
      morph(current, child);
    }
  }
  while (next) {
    const gone = next;
    next = next.nextSibling;
    gone.remove();
  }
}

function parsed(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

/// Follows the page that is shown, and says so when that is not possible.
class LivePage {
  constructor(main) {
    this.main = main;
    this.banner = document.getElementById("connection");
    this.heard = new Date();
    this.open();
    setInterval(() => this.check(), 5_000);
    document.addEventListener("visibilitychange", () => (document.hidden ? this.close() : this.open()));
    addEventListener("pagehide", () => this.close());
  }

  open() {
    if (this.events || document.hidden) return;
    const address = new URL(location.href);
    address.hash = "";
    address.searchParams.set("version", this.main.dataset.version);
    this.heard = new Date();
    this.events = new EventSource(address);
    this.events.addEventListener("open", () => this.hear());
    this.events.addEventListener("pulse", () => this.hear());
    this.events.addEventListener("main", (event) => {
      morph(this.main, parsed(JSON.parse(event.data)).firstElementChild);
      this.hear(event);
    });
    this.events.addEventListener("regions", (event) => {
      for (const [id, html] of Object.entries(JSON.parse(event.data))) {
        const old = document.getElementById(id);
        if (old) morph(old, parsed(html).firstElementChild);
      }
      this.hear(event);
    });
    this.events.addEventListener("error", () => this.fail());
  }

  close() {
    this.events?.close();
    this.events = undefined;
  }

  hear(event) {
    this.heard = new Date();
    if (event) {
      this.main.dataset.version = event.lastEventId;
      showScripted(this.main);
    }
    this.banner.hidden = true;
    document.documentElement.dataset.live = "yes";
    showMoments();
  }

  fail() {
    const since = this.heard.toLocaleTimeString();
    const isRefused = this.events?.readyState === EventSource.CLOSED;
    this.tell(
      isRefused
        ? `Not live any more: what you see is of ${since}. Reload the page; you may have to sign in again.`
        : `Connection lost: what you see is of ${since}. Trying to connect again…`,
    );
  }

  /// A connection can also die without anybody saying so.
  check() {
    if (!this.events || new Date() - this.heard < LOST_AFTER_MILLIS) return;
    const isTrying = this.events.readyState !== EventSource.CLOSED;
    this.fail();
    if (isTrying) {
      const heard = this.heard;
      this.close();
      this.open();
      this.heard = heard;
    }
  }

  tell(text) {
    document.documentElement.dataset.live = "no";
    this.banner.textContent = text;
    this.banner.hidden = false;
  }
}

/// What only works with this script is hidden until it runs.
function showScripted(part) {
  part.querySelectorAll("[data-needs-script]").forEach((element) => (element.hidden = false));
}

/// Times are told relative to now, which moves on.
function showMoments() {
  for (const time of document.querySelectorAll("time[data-relative]")) {
    const seconds = (new Date() - new Date(time.dateTime)) / 1000;
    const text = relative(Math.abs(seconds), seconds < 0);
    if (time.textContent !== text) time.textContent = text;
  }
}

function relative(seconds, isAhead) {
  const units = [["d", 86_400], ["h", 3_600], ["min", 60]];
  const unit = units.find(([, size]) => seconds >= size);
  if (!unit) return isAhead ? "in a moment" : "just now";
  const text = `${Math.floor(seconds / unit[1])} ${unit[0]}`;
  return isAhead ? `in ${text}` : `${text} ago`;
}

/// A link to a small page opens it in a dialog instead.
async function openDialog(link) {
  const response = await fetch(link.href, { headers: { accept: "text/html" } });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const main = page.querySelector("main");
  if (!response.ok || response.redirected || !main) {
    location.assign(link.href);
    return;
  }
  let dialog = link.closest("dialog");
  const content = document.createElement("div");
  content.append(...main.childNodes);
  showScripted(content);
  if (dialog) {
    dialog.replaceChildren(content);
  } else {
    dialog = document.createElement("dialog");
    dialog.append(content);
    dialog.addEventListener("close", () => {
      dialog.remove();
      link.focus();
    });
    document.body.append(dialog);
    dialog.showModal();
  }
  dialog.setAttribute("aria-label", dialog.querySelector("h1")?.textContent ?? "");
  dialog.querySelector("[autofocus]")?.focus();
}

/// Tries what a form says and shows what came of it, while the form stays as it is, with its secret.
async function test(button) {
  const { form, textContent } = button;
  Object.assign(button, { disabled: true, textContent: "Testing…" });
  const body = new URLSearchParams(new FormData(form));
  body.set("action", button.value);
  const place = form.querySelector("[data-findings]");
  try {
    const response = await fetch(location.href, { method: "POST", body, headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    page.querySelectorAll("[data-without-script]").forEach((element) => element.remove());
    place.replaceChildren(page.querySelector("#findings, main [role=alert]") ?? "Nobody answers this test; try again.");
  } catch {
    place.replaceChildren("The connection to the collector is lost; try again.");
  }
  Object.assign(button, { disabled: false, textContent });
  place.scrollIntoView({ block: "nearest" });
}

/// The rows of a form's fields: each says whether the schema has it.
function markField(row) {
  const known = JSON.parse(row.closest("[data-schema]").dataset.schema);
  const name = row.querySelector("input").value.trim().toLowerCase();
  const mark = name === "" ? "none" : known.includes(name) ? "known" : "unknown";
  for (const icon of row.querySelectorAll("[data-mark]")) icon.hidden = icon.dataset.mark !== mark;
  const editor = row.closest("[data-schema]");
  const isAnyUnknown = editor.querySelector('.pair [data-mark="unknown"]:not([hidden])');
  const offer = editor.querySelector("[data-offer]");
  if (offer) offer.hidden = !isAnyUnknown;
}

function addRow(editor) {
  const row = editor.querySelector("template").content.firstElementChild.cloneNode(true);
  showScripted(row);
  editor.querySelector("[data-rows]").append(row);
  row.querySelector("input, select").focus();
  return row;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-dialog]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    openDialog(link);
    return;
  }
  const button = event.target.closest("button, a[data-close]");
  if (!button) return;
  if (button.matches("[data-add-field]")) {
    event.preventDefault();
    markField(addRow(button.closest("[data-schema]")));
  } else if (button.matches("[data-test]")) {
    event.preventDefault();
    test(button);
  } else if (button.matches("[data-add-row]")) {
    event.preventDefault();
    addRow(button.closest("[data-editor]"));
  } else if (button.matches("[data-remove-row]")) {
    button.closest("[data-row]").remove();
  } else if (button.matches("[data-remove-field]")) {
    event.preventDefault();
    const editor = button.closest("[data-schema]");
    button.closest(".pair").remove();
    editor.querySelectorAll(".pair").forEach(markField);
  } else if (button.matches("[data-copy]")) {
    const text = button.closest("[data-copied]").querySelector("pre, code").textContent;
    navigator.clipboard.writeText(text).then(() => (button.textContent = "Copied"));
  } else if (button.matches("[data-dismiss]")) {
    button.closest(".notice").remove();
  } else if (button.matches("[data-close]") && button.closest("dialog")) {
    event.preventDefault();
    button.closest("dialog").close();
  }
});

document.addEventListener("input", (event) => {
  const row = event.target.closest(".pair");
  if (row) markField(row);
});

// The notice that a change has left in the address shall not come again with a reload.
const address = new URL(location.href);
if (address.searchParams.delete("notice") || location.search.includes("notice=")) {
  history.replaceState(null, "", address);
}

showScripted(document);
showMoments();
setInterval(showMoments, 10_000);
const main = document.querySelector("main[data-version]");
if (main?.dataset.version) new LivePage(main);
