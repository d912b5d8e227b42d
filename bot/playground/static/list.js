/** A log of messages: repaints only what changed, keeps to the bottom, lets the arrow keys walk through it. */

import { h, keepFocus } from "./dom.js";
import { icon } from "./icons.js";
import { messageNode } from "./message.js";
import { messageKeys } from "./toolbar.js";
import { dayOf, isEditing, isReply, repliesOf, state } from "./state.js";
import { turnOf, workingOn } from "./status.js";

const NEAR = 80;
const SAME_BREATH = 300;

/** label: for the log's aria-label. Returns {node, paint(entries, {inThread, before})}. */
export function messageList(label) {
  const rows = h("div", { class: "rows" });
  const node = h("div", { class: "log", role: "log", tabindex: "0", aria: { label, live: "polite", relevant: "additions" } }, rows);
  const jump = h("button", { type: "button", class: "jump", hidden: true, onclick: () => toBottom() }, icon("jump", 15), "Jump to the latest");
  const frame = h("div", { class: "log-frame" }, node, jump);
  const known = new Map();
  let pinned = true;
  let shown = null;

  const toBottom = () => { node.scrollTop = node.scrollHeight; pinned = true; jump.hidden = true; };
  node.addEventListener("scroll", () => {
    pinned = node.scrollHeight - node.scrollTop - node.clientHeight < NEAR;
    if (pinned) jump.hidden = true;
  }, { passive: true });
  new ResizeObserver(() => { if (pinned) toBottom(); }).observe(node);
  node.addEventListener("keydown", (event) => walk(event, node));
  node.addEventListener("focusin", (event) => reachable(event.target, node));

  /** `key` names what is shown (channel or thread): a new key starts at the bottom. */
  function paint(key, messages, { inThread = false, head = null, foot = null } = {}) {
    const fresh = key !== shown;
    if (fresh) { known.clear(); rows.replaceChildren(); shown = key; pinned = true; }
    const had = known.size;
    const wanted = [head, ...withDays(messages, inThread), foot].filter(Boolean);
    keepFocus(node, () => reconcile(rows, known, wanted));
    if (state.highlight && flash(rows, state.highlight)) pinned = false;
    if (pinned) toBottom();
    else if (!fresh && known.size > had && node.scrollHeight - node.scrollTop - node.clientHeight > NEAR) jump.hidden = false;
  }
  /** Forgets what it showed: a panel that is closed keeps no messages behind it. */
  function clear() {
    known.clear();
    rows.replaceChildren();
    shown = null;
  }
  return { node: frame, paint, clear };
}

/** Rows with a key, a signature and a way to build them; dividers between days. */
function withDays(messages, inThread) {
  const out = [];
  let before = null;
  messages.forEach((message, i) => {
    const newDay = !before || dayOf(before.ts).toDateString() !== dayOf(message.ts).toDateString();
    if (newDay && !inThread) out.push({ key: `day-${message.ts}`, sign: dayWords(message.ts), build: () => divider(dayWords(message.ts)) });
    if (inThread && i === 1) {
      const count = messages.filter((one) => isReply(one) && !one.ephemeral_for).length;
      const words = count === 1 ? "1 reply" : `${count} replies`;
      out.push({ key: "count", sign: words, build: () => divider(words) });
    }
    const place = { inThread, compact: !newDay && !(inThread && i === 1) && sameBreath(before, message), isParent: inThread && i === 0 };
    out.push({ key: message.ts, sign: signature(message, place), build: () => messageNode(message, place), message });
    before = message;
  });
  return out;
}

function divider(words) {
  return h("div", { class: "divider", role: "separator" }, h("span", {}, words));
}

function dayWords(ts) {
  const day = dayOf(ts);
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(day).setHours(0, 0, 0, 0)) / 86400000);
  if (days === 0) return "Today";
  return days === 1 ? "Yesterday" : day.toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
}

function sameBreath(before, message) {
  return before && before.user === message.user && before.bot_id === message.bot_id && before.subtype === message.subtype
    && !before.ephemeral_for === !message.ephemeral_for && Number(message.ts) - Number(before.ts) < SAME_BREATH && !message.files && !message.blocks && !before.blocks;
}

/** Changes exactly when the node must be built anew. A message being edited stays as it is. */
function signature(message, place) {
  if (isEditing(message, place)) return "editing";
  const status = place.inThread ? null : workingOn(message);
  const replies = place.inThread ? "" : repliesOf(state.channel, message.ts).map((reply) => `${reply.ts}${reply.subtype ?? ""}`);
  return JSON.stringify([message, place, status, status && turnOf(status), replies, state.me]);
}

function reconcile(rows, known, wanted) {
  const keys = new Set(wanted.map((row) => row.key));
  for (const [key, entry] of known) if (!keys.has(key)) { entry.node.remove(); known.delete(key); }
  wanted.forEach((row, i) => {
    const entry = known.get(row.key);
    const same = entry && entry.sign === row.sign;
    const node = same ? entry.node : row.build();
    if (entry && !same) entry.node.replaceWith(node);
    node.message = row.message;
    known.set(row.key, { sign: row.sign, node });
    if (rows.children[i] !== node) rows.insertBefore(node, rows.children[i] ?? null);
  });
}

function flash(rows, ts) {
  const node = rows.querySelector(`[data-ts="${ts}"]`);
  if (!node) return false;
  setTimeout(() => { state.highlight = null; }, 60);
  node.classList.add("flash");
  setTimeout(() => node.classList.remove("flash"), 2600);
  node.scrollIntoView({ block: "center" });
  return true;
}

function walk(event, log) {
  const at = event.target.closest(".message");
  const typing = event.target.closest("input, textarea, select, button, a");
  if (at && !typing) messageKeys(event, at.message, at);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || typing || event.altKey) return;
  const all = [...log.querySelectorAll(".message")];
  const next = at ? all[all.indexOf(at) + step] : all.at(-1);
  if (!next) return;
  event.preventDefault();
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

/** Only the focused message's tools are in the tab order, so that Tab does not visit the tools of all messages. */
function reachable(target, log) {
  const current = target.closest(".message");
  for (const tool of log.querySelectorAll('.tool[tabindex="0"]')) if (!current?.contains(tool)) tool.tabIndex = -1;
  for (const tool of current?.querySelectorAll(".tool") ?? []) tool.tabIndex = 0;
}
