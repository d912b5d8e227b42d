/** Slack's mrkdwn → DOM nodes: *bold* _it_ ~strike~ `code` ```pre``` > quote, lists, <url|label>, <@U>, <#C>, <!here>, :emoji:. */

import { emoji } from "./emoji.js";
import { fragment, h, isOwnUrl, link, safeUrl } from "./dom.js";
import { state, channelName, personName } from "./state.js";

const BULLET = /^\s*(?:[•◦▪]|-|\*)\s+(.*)$/;
const NUMBER = /^\s*(\d{1,3})[.)]\s+(.*)$/;
const QUOTE = /^(?:&gt;|>)\s?(.*)$/;

export function unescape(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** The text as nodes. `ctx.sources` marks outside links as source links; `ctx.verbatim` leaves the markers alone. */
export function mrkdwn(text, ctx = {}) {
  const parts = String(text ?? "").split(/```\n?([\s\S]*?)\n?```\n?/);
  return fragment(parts.map((part, i) => {
    if (i % 2) return h("pre", { class: "pre" }, unescape(part));
    return part.trim() ? lines(part, ctx) : null;
  }));
}

function lines(text, ctx) {
  const out = [];
  const rows = text.replace(/^\n+|\n+$/g, "").split("\n");
  for (let i = 0; i < rows.length; ) {
    const [pattern, build] = SHAPES.find(([shape]) => shape.test(rows[i])) ?? [];
    if (!pattern) {
      out.push(inline(rows[i], ctx), i < rows.length - 1 ? h("br") : null);
      i += 1;
      continue;
    }
    const run = [];
    while (i < rows.length && pattern.test(rows[i])) run.push(rows[i++].match(pattern));
    out.push(build(run, ctx));
  }
  return out;
}

const SHAPES = [
  [QUOTE, (run, ctx) => h("blockquote", {}, lines(run.map((m) => m[1]).join("\n"), ctx))],
  [BULLET, (run, ctx) => h("ul", {}, run.map((m) => h("li", {}, inline(m[1], ctx))))],
  [NUMBER, (run, ctx) => h("ol", { start: run[0][1] }, run.map((m) => h("li", {}, inline(m[2], ctx))))],
];

const EDGE = "(?<![\\p{L}\\p{N}])";
const END = "(?![\\p{L}\\p{N}])";
const span = (mark) => new RegExp(`${EDGE}${mark}(?=\\S)([^\\n]*?\\S)${mark}${END}`, "u");

/** [pattern, match → node]; the leftmost match wins, then the order here. */
const RULES = [
  [/<([^<>\n]+)>/, (m, ctx) => angle(m[1], ctx)],
  [/`([^`\n]+)`/, (m) => h("code", {}, unescape(m[1]))],
  [/\bhttps?:\/\/[^\s<>|]+[^\s<>|.,;:!?'")\]]/, (m, ctx) => anchor(unescape(m[0]), unescape(m[0]), ctx)],
  [span("\\*"), (m, ctx) => h("strong", {}, inline(m[1], ctx))],
  [span("_"), (m, ctx) => h("em", {}, inline(m[1], ctx))],
  [span("~"), (m, ctx) => h("s", {}, inline(m[1], ctx))],
  [/:([a-z0-9_+'-]+(?:::skin-tone-\d)?):/i, (m) => glyph(m[1])],
];

export function inline(text, ctx = {}) {
  const rules = ctx.verbatim ? [RULES[0], RULES[2], RULES[6]] : RULES;
  const out = [];
  let rest = String(text);
  while (rest) {
    const hit = leftmost(rest, rules);
    if (!hit) break;
    out.push(unescape(rest.slice(0, hit.match.index)), hit.build(hit.match, ctx));
    rest = rest.slice(hit.match.index + hit.match[0].length);
  }
  out.push(unescape(rest));
  return fragment(out);
}

function leftmost(text, rules) {
  let best = null;
  for (const [pattern, build] of rules) {
    const match = pattern.exec(text);
    if (match && (!best || match.index < best.match.index)) best = { match, build };
  }
  return best;
}

export function glyph(name) {
  const sign = emoji(name);
  return sign ? h("span", { class: "emoji", role: "img", title: `:${name}:`, aria: { label: name.replaceAll("_", " ") } }, sign) : `:${name}:`;
}

/** The inside of <…>: a person, a channel, a broadcast, a date or a link. */
function angle(body, ctx) {
  const [target, label] = splitOnce(body, "|");
  if (target.startsWith("@")) return mention(target.slice(1), label);
  if (target.startsWith("#")) return channelMention(target.slice(1), label);
  if (target.startsWith("!date^")) return unescape(label ?? target);
  if (target.startsWith("!subteam")) return h("span", { class: "mention" }, unescape(label ?? "@group"));
  if (target.startsWith("!")) return broadcast(target.slice(1).split("^")[0]);
  const url = unescape(target);
  return anchor(url, label ? unescape(label) : url.replace(/^mailto:/, ""), ctx);
}

function splitOnce(text, mark) {
  const at = text.indexOf(mark);
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
}

export function mention(id, label) {
  return h("span", { class: ["mention", id === state.me && "is-me"] }, `@${label || personName(id)}`);
}

export function channelMention(id, label) {
  const name = `#${label || channelName(id)}`;
  return state.channels.some((channel) => channel.id === id)
    ? h("a", { class: "mention", href: `/archives/${id}`, "data-internal": true }, name)
    : h("span", { class: "mention" }, name);
}

export function broadcast(range) {
  return h("span", { class: "mention is-me" }, `@${range}`);
}

/** A link: to this workspace it opens in the page, outside it opens a tab (and counts as a source in the bot's answers). */
export function anchor(url, label, ctx = {}) {
  const href = safeUrl(url);
  if (!href) return h("span", { class: "dead-link", title: url }, label || url);
  if (isOwnUrl(href) && new URL(href).pathname.startsWith("/archives/")) {
    return h("a", { href, "data-internal": true }, label || url);
  }
  return link(href, label || url, { title: href, testid: ctx.sources ? "source-link" : null });
}
