/** "What the bot did": route, triage, passages with their scores, timings. Keys it does not know are shown as they are. */

import { api } from "./api.js";
import { closeDrawer } from "./actions.js";
import { append, fill, h, link } from "./dom.js";
import { icon } from "./icons.js";
import { author } from "./people.js";
import { decode } from "./mentions.js";
import { barChart, facts, percent, triagePart } from "./traceparts.js";
import { messageAt, state } from "./state.js";

const KNOWN = new Set(["route", "triage", "question", "generator", "abstained", "cached", "passages", "timings_ms", "reference", "state", "error"]);
const PATIENCE = 40;

export function drawer(root) {
  const body = h("div", { class: "drawer-body", tabindex: "0", role: "region", aria: { label: "Trace" } });
  const close = h("button", { type: "button", class: "icon-button", testid: "close-drawer", title: "Close (Esc)", aria: { label: "Close" }, onclick: () => closeDrawer() }, icon("close"));
  const again = h("button", { type: "button", class: "icon-button", title: "Look again", aria: { label: "Look again" }, onclick: () => look(current) }, icon("refresh", 17));
  fill(root, h("header", { class: "pane-head" }, h("div", { class: "pane-title" }, icon("trace", 18), h("h2", {}, "What the bot did")), h("div", { class: "pane-tools" }, again, close)), body);
  let current = null;
  let shown = null;
  let tries = 0;

  async function look(target) {
    if (!target) return;
    let trace = null;
    try {
      ({ trace } = await api.trace(target.channel, target.ts));
    } catch (error) {
      if (current === target) fill(body, about(target), h("p", { class: "drawer-empty" }, error.message));
      return;
    }
    if (current !== target) return;
    const sign = JSON.stringify([trace, tries > PATIENCE]);
    if (sign !== shown) { shown = sign; draw(body, target, trace, tries); }
    tries += 1;
    if (unfinished(trace) && tries <= PATIENCE) setTimeout(() => { if (current === target) look(target); }, 1000);
  }

  return function paint() {
    const target = state.drawer;
    root.hidden = !target;
    if (target === current) return;
    [current, shown, tries] = [target, null, 0];
    if (!target) return;
    fill(body, about(target), h("p", { class: "drawer-empty" }, h("span", { class: "spinner" }), " Looking…"));
    close.focus({ preventScroll: true });
    look(target);
  };
}

const SETTLED = /done|sent|settled|ignored|failed|dead|withdrawn|cancelled|answered|handed/i;
const unfinished = (trace) => !trace || (typeof trace.state === "string" && !SETTLED.test(trace.state));

function about({ channel, ts }) {
  const message = messageAt(channel, ts);
  if (!message) return null;
  const words = gist(decode(message.text)) || message.files?.[0]?.subject || message.attachments?.[0]?.text || "(no text)";
  return h("div", { class: "drawer-about" }, h("b", {}, author(message).name), h("p", { class: "clamp" }, words));
}

/** Markdown without its marks, for one glance. */
function gist(text) {
  return text.replace(/\[(\[[^\]]*\]|[^\]]*)\]\([^)]*\)/g, "$1").replace(/[*`#~]+|(?<!\w)_+|_+(?!\w)/g, "");
}

function draw(body, target, trace, tries) {
  if (!trace) {
    fill(body, about(target), h("div", { class: "drawer-empty" }, icon("trace", 26),
      h("p", {}, tries > PATIENCE ? "The bot left no trace for this message." : "Nothing recorded for this message yet."),
      h("small", {}, "A trace appears once the bot has stored and read the message. Messages the bot does not see leave none.")));
    return;
  }
  fill(body, about(target), headline(trace), trace.error && h("div", { class: "block-alert error" }, icon("alert", 16), h("div", {}, plain(trace.error))),
    trace.question && part("Question it searched for", h("p", { class: "drawer-question" }, plain(trace.question))),
    trace.triage && part("Triage", triagePart(trace.triage)),
    Array.isArray(trace.passages) && part(`Passages (${trace.passages.length})`, trace.passages.length ? trace.passages.map(passage) : h("p", { class: "quiet" }, "No passage was retrieved.")),
    trace.timings_ms && Object.keys(trace.timings_ms).length > 0 && part("Time", barChart(trace.timings_ms)),
    rest(trace), part("Raw trace", h("details", { class: "raw" }, h("summary", {}, "Show JSON"), h("pre", { class: "pre" }, JSON.stringify(trace, null, 2)))));
}

const plain = (value) => (typeof value === "string" ? value : JSON.stringify(value));

const ROUTES = {
  ANSWER: ["Answered", "good"], ANSWER_AND_HAND_OFF: ["Answered and handed to a person", "warn"], HAND_OFF: ["Handed to a person", "warn"],
  CLARIFY: ["Asked back", "info"], IGNORE: ["Left alone", "quiet"],
};

function headline(trace) {
  const name = String(trace.route ?? "").toUpperCase().replaceAll("-", "_").replaceAll(" ", "_");
  const [words, tone] = ROUTES[name] ?? (trace.route ? [plain(trace.route), "info"] : outcome(trace));
  const chips = [trace.state, trace.generator && `generator: ${plain(trace.generator)}`, typeof trace.cached === "boolean" && (trace.cached ? "cached answer" : "not cached"), trace.reference].filter(Boolean);
  return h("div", { class: "headline" }, h("span", { class: ["route", tone] }, words),
    trace.abstained && trace.route && h("span", { class: "route warn" }, trace.abstained === true ? "Abstained" : `Abstained: ${plain(trace.abstained)}`),
    chips.map((chip) => h("span", { class: "fact-chip" }, plain(chip))));
}

/** The headline of a trace that names no route. */
function outcome({ abstained, state: standing }) {
  if (abstained) return ["Abstained", "warn"];
  return abstained === false ? ["Answered", "good"] : [standing ?? "Received", "info"];
}

function part(title, ...children) {
  return h("section", { class: "drawer-part" }, h("h3", {}, title), children);
}

function passage(entry, i) {
  const title = entry.title || entry.url || `Passage ${i + 1}`;
  const node = h("article", { class: "passage" },
    h("header", {}, entry.n ? h("span", { class: "passage-n", title: "Cited in the answer" }, entry.n) : h("span", { class: "passage-n uncited", title: "Not cited in the answer" }, "–"), h("strong", {}, entry.url ? link(entry.url, title) : title)),
    entry.heading && entry.heading !== title && h("div", { class: "passage-heading" }, entry.heading),
    entry.text && h("details", {}, h("summary", { title: "Show all or less" }, h("span", { class: "clamp" }, entry.text))));
  const scores = ["score", "cosine"].filter((key) => Number.isFinite(entry[key]));
  return append(node, [h("div", { class: "passage-bars" }, scores.map((key) => percent(key, entry[key])))]);
}

function rest(trace) {
  const others = Object.fromEntries(Object.entries(trace).filter(([key, value]) => !KNOWN.has(key) && value !== null && value !== ""));
  return Object.keys(others).length ? part("Also recorded", facts(others)) : null;
}
