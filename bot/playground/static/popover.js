/** Small floating things: menus, the emoji picker, toasts, dialogs. Native popover and dialog do focus, Esc and light dismiss. */

import { emoji, PICKER } from "./emoji.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";

/** Opens `content` beside `anchor`; returns a function that closes it. */
export function popover(anchor, content, { align = "end", label = "Menu", className = "" } = {}) {
  const box = h("div", { class: ["popover", className], popover: "auto", role: "dialog", aria: { label } }, content);
  (anchor.closest("dialog") ?? document.body).append(box);
  box.showPopover();
  place(box, anchor, align);
  anchor.setAttribute("aria-expanded", "true");
  const close = () => box.matches(":popover-open") && box.hidePopover();
  box.addEventListener("toggle", (event) => {
    if (event.newState !== "closed") return;
    anchor.removeAttribute("aria-expanded");
    box.remove();
  });
  box.querySelector("button, input, [tabindex]")?.focus({ preventScroll: true });
  return close;
}

function place(box, anchor, align) {
  const at = anchor.getBoundingClientRect();
  const size = box.getBoundingClientRect();
  const left = align === "end" ? at.right - size.width : at.left;
  const below = at.bottom + 6 + size.height <= innerHeight - 8;
  box.style.left = `${Math.max(8, Math.min(left, innerWidth - size.width - 8))}px`;
  box.style.top = `${Math.max(8, below ? at.bottom + 6 : at.top - size.height - 6)}px`;
}

/** entries: [{label, icon?, danger?, note?, run}] */
export function menu(anchor, entries, options) {
  const buttons = entries.map((entry) => h("button", {
    type: "button", role: "menuitem", class: ["menu-item", entry.danger && "danger"],
    onclick: () => { close(); entry.run(); },
  }, entry.icon && icon(entry.icon, 16), h("span", {}, entry.label), entry.note && h("small", {}, entry.note)));
  const list = h("div", { class: "menu", role: "menu", onkeydown: (event) => roam(event, buttons) }, buttons);
  const close = popover(anchor, list, options);
  return close;
}

export function emojiPicker(anchor, choose) {
  const buttons = PICKER.map((name) => h("button", {
    type: "button", class: "emoji-choice", title: `:${name}:`, aria: { label: name.replaceAll("_", " ") }, testid: `emoji-${name}`,
    onclick: () => { close(); choose(name); },
  }, emoji(name)));
  const close = popover(anchor, h("div", { class: "emoji-grid", onkeydown: (event) => roam(event, buttons, 6) }, buttons), { label: "Add a reaction" });
}

/** Arrow keys move among the buttons of a menu or grid. */
function roam(event, buttons, columns = 1) {
  const step = { ArrowDown: columns, ArrowUp: -columns, ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const at = buttons.indexOf(document.activeElement);
  buttons[(at + step + buttons.length) % buttons.length]?.focus();
}

export function toast(text, kind = "error") {
  const note = h("div", { class: ["toast", kind] }, icon(kind === "error" ? "alert" : "check", 16), h("span", {}, text));
  document.getElementById("toasts").append(note);
  setTimeout(() => note.classList.add("leaving"), kind === "error" ? 6000 : 2600);
  setTimeout(() => note.remove(), kind === "error" ? 6300 : 2900);
}

/** Runs a request and shows its failure in words; true when it went well. */
export async function attempt(promise) {
  try {
    return (await promise) ?? true;
  } catch (error) {
    toast(error.message);
    return null;
  }
}

/**
 * A modal dialog. `build(close)` returns its body; `onClose` hears of Esc, the ✕ and the backdrop.
 * Returns {dialog, close}.
 */
export function dialog({ title, build, onClose, testid, className, subtitle }) {
  const heading = h("h2", { id: `dlg-${++serial}` }, title);
  const box = h("dialog", { class: ["dialog", className], testid, aria: { labelledby: heading.id } });
  const close = (reason) => { box.returnValue = reason ?? ""; box.close(reason ?? ""); };
  const dismiss = h("button", { type: "button", class: "icon-button", aria: { label: "Close" }, onclick: () => close("dismissed") }, icon("close"));
  fill(box, h("div", { class: "dialog-frame" },
    h("header", { class: "dialog-head" }, h("div", {}, heading, subtitle && h("p", {}, subtitle)), dismiss), build(close)));
  box.addEventListener("close", () => { box.remove(); onClose?.(box.returnValue || "dismissed"); });
  box.addEventListener("mousedown", (event) => { if (event.target === box) close("dismissed"); });
  document.body.append(box);
  box.showModal();
  box.querySelector("[data-autofocus]")?.focus();
  return { dialog: box, close };
}

let serial = 0;

/** Slack's confirm object, or {title, text, confirm, deny, danger}; resolves to true or false. */
export function confirm({ title, text, confirm: yes = "Yes", deny = "Cancel", danger = false }) {
  return new Promise((resolve) => {
    const build = (close) => h("div", { class: "dialog-body" }, h("div", { class: "confirm-text" }, text),
      h("footer", { class: "dialog-foot" },
        h("button", { type: "button", class: "button", onclick: () => close("no") }, deny),
        h("button", { type: "button", class: ["button", danger ? "danger solid" : "primary"], testid: "confirm", "data-autofocus": true, onclick: () => close("yes") }, yes)));
    dialog({ title, build, className: "small", onClose: (reason) => resolve(reason === "yes") });
  });
}
