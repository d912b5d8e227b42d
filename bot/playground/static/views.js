/** Views: the modals an app opens, with their inputs and errors, and its Home tab. */

import { api } from "./api.js";
import { fill, h } from "./dom.js";
import { attempt, dialog } from "./popover.js";
import { pressed } from "./actions.js";
import { renderBlocks } from "./blocks.js";
import { words } from "./elements.js";
import { state } from "./state.js";

let open = null;

/** Opens, repaints or closes the modal so that it agrees with what the server says this person sees. */
export function paintModal() {
  const view = state.views[state.me] ?? null;
  if (!view) { open?.finish(); return; }
  const sign = JSON.stringify([state.me, view]);
  if (open?.sign === sign) return;
  if (open && open.person === state.me) open.repaint(view, sign);
  else {
    open?.finish();
    open = modal(view, sign);
  }
}

function modal(view, sign) {
  const me = { sign, person: state.me, view, quiet: false };
  const body = h("div", { class: "view-body" });
  const { dialog: box, close } = dialog({
    title: words(view.title) || state.bot.name, className: "view", testid: "modal", build: () => body,
    onClose: () => { if (!me.quiet) tellClosed(me); if (open === me) open = null; },
  });
  me.finish = () => { me.quiet = true; close("done"); };
  me.repaint = (next, nextSign) => {
    Object.assign(me, { view: next, sign: nextSign });
    box.querySelector("h2").textContent = words(next.title);
    drawForm(body, me, {}, close);
  };
  drawForm(body, me, {}, close);
  body.querySelector("[data-autofocus], input, textarea, select")?.focus();
  return me;
}

function tellClosed(me) {
  state.views[me.person] = null;
  attempt(api.view({ user: me.person, view_id: me.view.id, action: "close", state: {} }));
}

function drawForm(body, me, errors, close) {
  const readers = [];
  const ctx = {
    errors, register: (block, spec, read) => readers.push([block.block_id, spec.action_id, read]),
    act: (block, spec, choice) => attempt(api.interact({ user: me.person, view_id: me.view.id, block_id: block.block_id, action_id: spec.action_id, ...pressed(choice), state: values(readers) })),
  };
  const { view } = me;
  const problem = h("p", { class: "input-error", role: "alert", hidden: true });
  const submits = view.submit || view.blocks?.some((block) => block.type === "input");
  const form = h("form", { class: "view-form", novalidate: true, onsubmit: (event) => { event.preventDefault(); submit(body, me, readers, { close, problem, form }); } },
    h("div", { class: "view-blocks" }, renderBlocks(view.blocks, ctx)), problem,
    h("footer", { class: "dialog-foot" },
      h("button", { type: "button", class: "button", testid: "modal-close", onclick: () => close("dismissed") }, words(view.close) || "Cancel"),
      submits && h("button", { type: "submit", class: "button primary", testid: "modal-submit" }, words(view.submit) || "Submit")));
  fill(body, form);
}

/** {block: {action: {type, value | selected_option | …}}}, as Slack's view.state.values. */
function values(readers) {
  const out = {};
  for (const [block, action, read] of readers) (out[block] ??= {})[action] = read();
  return out;
}

async function submit(body, me, readers, { close, problem, form }) {
  const given = values(readers);
  const missing = required(me.view, given);
  if (Object.keys(missing).length) { showErrors(body, missing); return; }
  const button = form.querySelector('[type="submit"]');
  button?.classList.add("busy");
  try {
    await api.view({ user: me.person, view_id: me.view.id, action: "submit", state: given });
    if (open === me && state.views[me.person]?.id === me.view.id && JSON.stringify([me.person, state.views[me.person]]) === me.sign) {
      state.views[me.person] = null;
      me.quiet = true;
      close("done");
    }
  } catch (error) {
    if (error.reply?.errors) showErrors(body, error.reply.errors);
    else { problem.textContent = error.message; problem.hidden = false; }
  } finally {
    button?.classList.remove("busy");
  }
}

function required(view, given) {
  const out = {};
  for (const block of view.blocks ?? []) {
    if (block.type !== "input" || block.optional) continue;
    const answer = Object.values(given[block.block_id] ?? {})[0] ?? {};
    const { type: _, ...rest } = answer;
    const value = Object.values(rest)[0];
    if (value === null || value === undefined || (Array.isArray(value) && !value.length)) out[block.block_id] = "Please complete this required field.";
  }
  return out;
}

/** Puts the errors under their inputs without touching what has been typed. */
function showErrors(body, errors) {
  for (const node of body.querySelectorAll(".block-input")) {
    const words = errors[node.dataset.block];
    node.classList.toggle("has-error", Boolean(words));
    const note = node.querySelector(".input-note");
    note.dataset.hint ??= note.textContent;
    fill(note, words ? h("span", { class: "input-error", role: "alert" }, words) : note.dataset.hint);
    node.querySelector(".field")?.setAttribute("aria-invalid", String(Boolean(words)));
  }
  body.querySelector(".has-error .field, .has-error input")?.focus();
}

let homeSign = "";

export function renderHome(root) {
  const view = state.home[state.me];
  const sign = JSON.stringify([state.me, view]);
  if (sign === homeSign && root.firstChild) return;
  homeSign = sign;
  const readers = [];
  const ctx = {
    register: (block, spec, read) => readers.push([block.block_id, spec.action_id, read]),
    act: (block, spec, choice) => attempt(api.interact({ user: state.me, channel: state.channel, view_id: view.id, block_id: block.block_id, action_id: spec.action_id, ...pressed(choice), state: values(readers) })),
  };
  fill(root, view ? renderBlocks(view.blocks, ctx) : h("p", {}, "This app has published no Home tab."));
}
