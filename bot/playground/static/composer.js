/** The message box: grows with its text, Enter sends, Shift+Enter breaks the line, "@sup" offers the bot. */

import { decode, complete } from "./mentions.js";
import { avatar } from "./people.js";
import { edit } from "./actions.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { changed, state } from "./state.js";

/**
 * submit(text) → truthy when sent. Drafts are kept per `draftKey()`.
 * Returns {node, input, paint({placeholder, label, disabled}), set(text)}.
 */
export function composer({ testid, id, submit, tools = [], onEmptyUp }) {
  const input = h("textarea", { id, class: "composer-input", testid, rows: "1", spellcheck: "true", autocomplete: "off",
    role: "combobox", aria: { autocomplete: "list", expanded: false, multiline: true } });
  const offers = h("div", { class: "offers", role: "listbox", id: `${testid}-offers`, hidden: true, aria: { label: "Suggestions" } });
  const button = h("button", { type: "button", class: "send", title: "Send (Enter)", testid: `${testid}-send`, aria: { label: "Send" }, disabled: true, onclick: () => post() }, icon("send", 18));
  const at = h("button", { type: "button", class: "icon-button", title: "Mention someone", aria: { label: "Mention someone" }, onclick: () => type("@") }, icon("at", 18));
  const node = h("div", { class: "composer" }, offers,
    h("div", { class: "composer-box" }, input,
      h("div", { class: "composer-tools" }, at, tools, h("span", { class: "composer-hint" }, h("kbd", {}, "Enter"), " sends · ", h("kbd", {}, "Shift Enter"), " new line"), button)));
  const suggestions = suggesting(input, offers);
  const drafts = new Map();
  let key = null;
  let sending = false;

  input.setAttribute("aria-controls", offers.id);
  input.addEventListener("input", () => { refresh(); suggestions.update(); });
  input.addEventListener("blur", () => setTimeout(suggestions.hide, 120));
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || suggestions.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); post(); }
    if (event.key === "ArrowUp" && !input.value && onEmptyUp) { event.preventDefault(); onEmptyUp(); }
  });

  function refresh() {
    grow(input);
    button.disabled = !input.value.trim() || input.disabled;
    if (key) drafts.set(key, input.value);
  }
  async function post() {
    const text = input.value;
    if (!text.trim() || sending) return;
    sending = true;
    set("");
    const sent = await submit(text);
    sending = false;
    if (!sent && !input.value) set(text);
  }
  function set(text) {
    input.value = text;
    suggestions.hide();
    refresh();
  }
  function type(text) {
    const [start, end] = [input.selectionStart, input.selectionEnd];
    const lead = start && !/\s$/.test(input.value.slice(0, start)) ? ` ${text}` : text;
    input.setRangeText(lead, start, end, "end");
    input.focus();
    input.dispatchEvent(new Event("input"));
  }
  function paint({ draftKey, placeholder, label, disabled = false }) {
    input.placeholder = placeholder;
    input.setAttribute("aria-label", label);
    input.disabled = at.disabled = disabled;
    if (draftKey === key) return;
    key = draftKey;
    set(drafts.get(key) ?? "");
  }
  return { node, input, paint, set };
}

function grow(input) {
  input.style.height = "auto";
  input.style.height = `${Math.min(input.scrollHeight, 220)}px`;
}

/** The suggestion list over a text box. */
function suggesting(input, box) {
  let current = null;
  let at = 0;
  const hide = () => { current = null; box.hidden = true; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); };
  const take = (option) => {
    input.setRangeText(option.insert, current.from, input.selectionStart, "end");
    hide();
    input.focus();
    input.dispatchEvent(new Event("input"));
  };
  const draw = () => {
    fill(box, current.options.map((option, i) => h("button", {
      type: "button", class: "offer", role: "option", id: `${box.id}-${i}`, tabindex: "-1", aria: { selected: i === at },
      onmousedown: (event) => { event.preventDefault(); take(option); },
    }, option.emoji ? h("span", { class: "emoji" }, option.emoji) : option.person ? avatar(option.person.id, "small") : icon("hash", 16),
      h("b", {}, option.label), option.person?.isBot && h("span", { class: "tag" }, "App"), option.note && !option.person?.isBot && h("small", {}, option.note))));
    box.hidden = false;
    input.setAttribute("aria-expanded", "true");
    input.setAttribute("aria-activedescendant", `${box.id}-${at}`);
  };
  const update = () => {
    current = complete(input.value, input.selectionStart);
    at = 0;
    if (current) draw();
    else hide();
  };
  const key = (event) => {
    if (!current) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { at = (at + step + current.options.length) % current.options.length; draw(); }
    else if (event.key === "Enter" || event.key === "Tab") take(current.options[at]);
    else if (event.key === "Escape") { hide(); event.stopPropagation(); }
    else return false;
    event.preventDefault();
    return true;
  };
  return { update, key, hide };
}

/** Replaces a message's text by a box to edit it in. */
export function inlineEditor(message) {
  const stop = () => { state.editing = null; changed(); };
  const save = async () => {
    const text = input.value;
    if (!text.trim()) return;
    if (text === decode(message.text) || (await edit(message, text))) stop();
  };
  const input = h("textarea", { class: "composer-input", rows: "1", testid: "edit-text", aria: { label: "Edit message" }, value: decode(message.text),
    oninput: () => grow(input),
    onkeydown: (event) => {
      if (event.isComposing) return;
      if (event.key === "Escape") { event.stopPropagation(); stop(); }
      if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); save(); }
    } });
  setTimeout(() => { grow(input); input.focus(); input.setSelectionRange(input.value.length, input.value.length); });
  return h("div", { class: "composer-box editing" }, input,
    h("div", { class: "composer-tools end" },
      h("button", { type: "button", class: "button slim", onclick: stop }, "Cancel"),
      h("button", { type: "button", class: "button slim primary", testid: "edit-save", onclick: save }, "Save changes")));
}
