/** Ctrl/⌘+K: jump to a channel, a person to speak as, or something to do. */

import { avatar } from "./people.js";
import { dialog } from "./popover.js";
import { emailDialog } from "./email.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { selectChannel, speakAs } from "./actions.js";
import { myChannels, state } from "./state.js";

function targets() {
  const channels = myChannels().map((channel) => ({
    label: channel.is_im ? state.bot.name : channel.name, note: channel.is_im ? "Direct message" : channel.topic, unread: state.unread.has(channel.id),
    face: () => (channel.is_im ? avatar(state.bot.user_id, "tiny") : icon("hash", 17)), run: () => selectChannel(channel.id),
  }));
  const people = [...state.users.values()].filter((user) => user.id !== state.me).map((user) => ({
    label: `Speak as ${user.real_name}`, note: user.title, face: () => avatar(user.id, "tiny"), run: () => speakAs(user.id),
  }));
  return [...channels, ...people, { label: "Forward an e-mail", note: "Paste or drop an .eml file", face: () => icon("mail", 17), run: () => emailDialog() }];
}

export function quickSwitcher() {
  if (document.querySelector("dialog[open]")) return;
  const all = targets();
  let found = all;
  let at = 0;
  const input = h("input", { class: "field switcher-field", type: "text", testid: "switcher", placeholder: "Where would you like to go?", autocomplete: "off", "data-autofocus": true,
    role: "combobox", aria: { label: "Jump to", expanded: true, controls: "switcher-list", autocomplete: "list" } });
  const results = h("ul", { class: "switcher-list", id: "switcher-list", role: "listbox" });
  const { close } = dialog({ title: "Jump to", className: "switcher", testid: "quick-switcher", build: () => h("div", { class: "dialog-body" }, input, results) });
  const go = (target) => { close("done"); target?.run(); };
  const draw = () => {
    fill(results, found.length ? found.map((target, i) => h("li", {
      role: "option", id: `jump-${i}`, class: "switcher-row", aria: { selected: i === at }, onclick: () => go(target), onmousemove: () => { if (at !== i) { at = i; draw(); } },
    }, h("span", { class: "switcher-face" }, target.face()), h("b", {}, target.label), target.note && h("small", {}, target.note))) : h("li", { class: "switcher-none" }, "Nothing by that name."));
    input.setAttribute("aria-activedescendant", `jump-${at}`);
    results.children[at]?.scrollIntoView?.({ block: "nearest" });
  };
  input.addEventListener("input", () => {
    const wanted = input.value.toLowerCase().replace(/^[#@]/, "").trim();
    found = all.filter((target) => target.label.toLowerCase().includes(wanted)).sort((a, b) => rank(a, wanted) - rank(b, wanted));
    at = 0;
    draw();
  });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) { event.preventDefault(); at = (at + step + found.length) % found.length; draw(); }
    if (event.key === "Enter") { event.preventDefault(); go(found[at]); }
  });
  draw();
}

const rank = (target, wanted) => (target.label.toLowerCase().startsWith(wanted) ? 0 : 1);
