/** Interactive elements: in a message each one acts at once; in a modal each one also registers how to read its value. */

import { h, link } from "./dom.js";
import { icon } from "./icons.js";
import { confirm, menu } from "./popover.js";
import { picture, textObject } from "./objects.js";
import { state } from "./state.js";

export const words = (object) => (typeof object === "string" ? object : object?.text ?? "");

/** Draws an element of an actions block or an accessory. */
export function element(spec, block, ctx) {
  switch (spec.type) {
    case "button":
    case "workflow_button": return button(spec, block, ctx);
    case "overflow": return overflow(spec, block, ctx);
    case "image": return picture(spec, "accessory-image");
    default: return control(spec, block, ctx);
  }
}

/** Asks the element's `confirm` first, shows that work is under way, and hands the choice to `ctx.act`. */
export async function act(spec, block, ctx, choice, node) {
  if (spec.confirm && !(await confirm(confirmWords(spec.confirm)))) return;
  node?.classList.add("busy");
  try {
    await ctx.act?.(block, spec, choice, node);
  } finally {
    node?.classList.remove("busy");
  }
}

function confirmWords(object) {
  return { title: words(object.title), text: textObject(object.text), confirm: words(object.confirm), deny: words(object.deny), danger: object.style === "danger" };
}

function button(spec, block, ctx) {
  const props = {
    class: ["button", spec.style], testid: `button-${spec.action_id}`, data: { focus: `${block.block_id}/${spec.action_id}` },
    aria: { label: spec.accessibility_label },
    onclick: (event) => act(spec, block, ctx, { value: spec.value }, event.currentTarget),
  };
  return spec.url ? link(spec.url, textObject(spec.text), props) : h("button", { type: "button", ...props }, textObject(spec.text));
}

function overflow(spec, block, ctx) {
  const open = (event) => {
    const node = event.currentTarget;
    menu(node, (spec.options ?? []).map((option) => ({
      label: words(option.text), note: words(option.description),
      run: () => act(spec, block, ctx, { selected_option: option }, node),
    })));
  };
  return h("button", { type: "button", class: "button icon-only", testid: `button-${spec.action_id}`, aria: { label: "More", haspopup: "menu" }, onclick: open }, icon("more", 16));
}

/** A form control: selects, radio, checkboxes, date and time, text. */
export function control(spec = {}, block = {}, ctx = {}) {
  const build = CONTROLS[spec.type];
  if (!build) return h("span", { class: "unsupported" }, `This playground does not draw “${spec.type}” elements.`);
  const { node, read } = build(spec, ctx);
  ctx.register?.(block, spec, () => ({ type: spec.type, ...read() }));
  const acts = ctx.act && (block.type !== "input" || block.dispatch_action);
  if (acts) node.addEventListener("change", () => act(spec, block, ctx, read(), node));
  return node;
}

const labels = (spec, ctx) => ({ id: ctx.inputId, testid: `input-${spec.action_id}`, ...(ctx.inputId ? { aria: { describedby: ctx.describedBy, invalid: ctx.invalid || null } } : { aria: { label: words(spec.placeholder) || "Choose" } }) });

function textInput(spec, ctx, type = "text") {
  const props = {
    ...labels(spec, ctx), class: "field", value: spec.initial_value ?? "", placeholder: words(spec.placeholder), maxlength: spec.max_length,
    "data-autofocus": spec.focus_on_load || null,
  };
  const node = spec.multiline ? h("textarea", { rows: 5, ...props }) : h("input", { type, min: spec.min_value, max: spec.max_value, step: spec.is_decimal_allowed ? "any" : null, autocomplete: "off", ...props });
  return { node, read: () => ({ value: node.value || null }) };
}

function picker(type, initial, key) {
  return (spec, ctx) => {
    const node = h("input", { ...labels(spec, ctx), class: "field compact", type, value: spec[initial] ?? "" });
    return { node, read: () => ({ [key]: node.value || null }) };
  };
}

function optionsOf(spec) {
  return spec.option_groups ? spec.option_groups.flatMap((group) => group.options) : spec.options ?? [];
}

function select(spec, ctx, options = optionsOf(spec), initial = spec.initial_option?.value, key = null) {
  const choice = (option, i) => h("option", { value: String(i), selected: option.value === initial }, words(option.text));
  const at = new Map(options.map((option, i) => [option, i]));
  const node = h("select", { ...labels(spec, ctx), class: ["field", !ctx.inputId && "compact"] },
    h("option", { value: "", disabled: !ctx.inputId, selected: !initial, hidden: !ctx.inputId }, words(spec.placeholder) || "Choose an option"),
    spec.option_groups
      ? spec.option_groups.map((group) => h("optgroup", { label: words(group.label) }, group.options.map((option) => choice(option, at.get(option)))))
      : options.map(choice));
  const chosen = () => options[node.value === "" ? -1 : Number(node.value)] ?? null;
  return { node, read: () => (key ? { [key]: chosen()?.value ?? null } : { selected_option: chosen() }) };
}

function choices(kind, spec, ctx, options = optionsOf(spec), initial = spec.initial_options ?? [spec.initial_option], pack = (chosen) => chosen) {
  const name = `${ctx.inputId ?? Math.random()}`;
  const first = new Set(initial.filter(Boolean).map((option) => option.value));
  const boxes = options.map((option, i) => h("input", { type: kind, name, value: String(i), checked: first.has(option.value), id: ctx.inputId && !i ? ctx.inputId : null }));
  const node = h("div", { class: "choices", role: kind === "radio" ? "radiogroup" : "group", testid: `input-${spec.action_id}` }, options.map((option, i) =>
    h("label", { class: "choice" }, boxes[i], h("span", {}, textObject(option.text), option.description && h("small", {}, textObject(option.description))))));
  const chosen = () => options.filter((_, i) => boxes[i].checked);
  return { node, read: () => (kind === "radio" ? { selected_option: chosen()[0] ?? null } : pack(chosen())) };
}

const asOptions = (pairs) => pairs.map(([value, text]) => ({ value, text: { type: "plain_text", text } }));
const persons = () => asOptions([...state.users.values()].map((user) => [user.id, user.real_name]));
const rooms = () => asOptions(state.channels.filter((channel) => !channel.is_im).map((channel) => [channel.id, `#${channel.name}`]));

const several = (list, initial, key) => (spec, ctx) =>
  choices("checkbox", spec, ctx, list(), (spec[initial] ?? []).map((value) => ({ value })), (chosen) => ({ [key]: chosen.map((option) => option.value) }));

const CONTROLS = {
  plain_text_input: (spec, ctx) => textInput(spec, ctx),
  email_text_input: (spec, ctx) => textInput(spec, ctx, "email"),
  url_text_input: (spec, ctx) => textInput(spec, ctx, "url"),
  number_input: (spec, ctx) => textInput(spec, ctx, "number"),
  static_select: (spec, ctx) => select(spec, ctx),
  external_select: (spec, ctx) => select(spec, ctx, spec.initial_option ? [spec.initial_option] : []),
  users_select: (spec, ctx) => select(spec, ctx, persons(), spec.initial_user, "selected_user"),
  channels_select: (spec, ctx) => select(spec, ctx, rooms(), spec.initial_channel, "selected_channel"),
  conversations_select: (spec, ctx) => select(spec, ctx, rooms(), spec.initial_conversation, "selected_conversation"),
  radio_buttons: (spec, ctx) => choices("radio", spec, ctx),
  checkboxes: (spec, ctx) => choices("checkbox", spec, ctx, undefined, undefined, (chosen) => ({ selected_options: chosen })),
  multi_static_select: (spec, ctx) => choices("checkbox", spec, ctx, undefined, undefined, (chosen) => ({ selected_options: chosen })),
  multi_users_select: several(persons, "initial_users", "selected_users"),
  multi_channels_select: several(rooms, "initial_channels", "selected_channels"),
  multi_conversations_select: several(rooms, "initial_conversations", "selected_conversations"),
  datepicker: picker("date", "initial_date", "selected_date"),
  timepicker: picker("time", "initial_time", "selected_time"),
};
