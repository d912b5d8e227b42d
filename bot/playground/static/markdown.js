/** The CommonMark subset of Slack's `markdown` block → DOM nodes. Raw HTML in the text stays text. */

import { fragment, h } from "./dom.js";
import { anchor, broadcast, channelMention, glyph, mention } from "./mrkdwn.js";

const FENCE = /^ {0,3}(```+|~~~+)\s*([^`\s]*)[^`]*$/;
const HEADING = /^ {0,3}(#{1,6})\s+(.*?)(?:\s+#+)?\s*$/;
const RULE = /^ {0,3}(?:(?:\*\s*){3,}|(?:-\s*){3,}|(?:_\s*){3,})$/;
const QUOTE = /^ {0,3}>\s?(.*)$/;
const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/;
const DELIMITER = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;

export function markdown(text, ctx = {}) {
  return fragment(blocks(String(text ?? "").replace(/\r\n?/g, "\n").split("\n"), ctx));
}

function blocks(rows, ctx) {
  const out = [];
  let i = 0;
  while (i < rows.length) {
    if (!rows[i].trim()) {
      i += 1;
      continue;
    }
    const [node, next] = block(rows, i, ctx);
    out.push(node);
    i = next;
  }
  return out;
}

/** One block that begins at row `i` → [node, index of the row after it]. */
function block(rows, i, ctx) {
  const row = rows[i];
  if (FENCE.test(row)) return fence(rows, i);
  if (HEADING.test(row)) {
    const [, marks, title] = row.match(HEADING);
    return [h("p", { class: `md-h md-h${Math.min(marks.length, 4)}`, role: "heading", aria: { level: marks.length + 2 } }, inline(title, ctx)), i + 1];
  }
  if (RULE.test(row)) return [h("hr"), i + 1];
  if (QUOTE.test(row)) return quote(rows, i, ctx);
  if (ITEM.test(row)) return list(rows, i, ctx);
  if (startsTable(rows, i)) return table(rows, i, ctx);
  return paragraph(rows, i, ctx);
}

function fence(rows, i) {
  const mark = rows[i].match(FENCE)[1];
  const body = [];
  for (i += 1; i < rows.length && !rows[i].trim().startsWith(mark); i += 1) body.push(rows[i]);
  return [h("pre", { class: "pre" }, body.join("\n")), i + 1];
}

function quote(rows, i, ctx) {
  const body = [];
  while (i < rows.length && QUOTE.test(rows[i])) body.push(rows[i++].match(QUOTE)[1]);
  return [h("blockquote", {}, blocks(body, ctx)), i];
}

/** A list with its nested blocks: rows indented deeper than the marker belong to the item above. */
function list(rows, i, ctx) {
  const [, first, marker] = rows[i].match(ITEM);
  const ordered = /\d/.test(marker);
  const items = [];
  while (i < rows.length) {
    const match = rows[i].match(ITEM);
    if (match && match[1].length < first.length + 2) {
      if (/\d/.test(match[2]) !== ordered || match[1].length < first.length) break;
      items.push([match[3]]);
    } else if (!rows[i].trim()) {
      if (!continues(rows[i + 1], first.length)) break;
      items.at(-1).push("");
    } else if (match || /^\s{2,}/.test(rows[i])) items.at(-1).push(rows[i].slice(first.length).replace(/^ {1,4}/, ""));
    else if (FENCE.test(rows[i]) || HEADING.test(rows[i]) || RULE.test(rows[i]) || QUOTE.test(rows[i])) break;
    else items.at(-1).push(rows[i]);
    i += 1;
  }
  const start = ordered ? parseInt(marker, 10) : null;
  return [h(ordered ? "ol" : "ul", { start }, items.map((item) => h("li", {}, itemNodes(item, ctx)))), i];
}

function continues(row, indent) {
  return row !== undefined && (ITEM.test(row) || row.startsWith(" ".repeat(indent + 2)));
}

function itemNodes(rows, ctx) {
  const task = rows[0].match(/^\[([ xX])\]\s+(.*)$/);
  const body = blocks(task ? [task[2], ...rows.slice(1)] : rows, ctx);
  const [head, ...tail] = body;
  const lead = head?.tagName === "P" && !head.className ? [...head.childNodes] : [head];
  return [task ? `${task[1] === " " ? "☐" : "☑"} ` : null, lead, tail];
}

function startsTable(rows, i) {
  return rows[i].includes("|") && i + 1 < rows.length && rows[i + 1].includes("-") && DELIMITER.test(rows[i + 1])
    && cells(rows[i]).length === cells(rows[i + 1]).length;
}

function table(rows, i, ctx) {
  const head = cells(rows[i]);
  const align = cells(rows[i + 1]).map((c) => (c.endsWith(":") ? (c.startsWith(":") ? "center" : "right") : "left"));
  const body = [];
  for (i += 2; i < rows.length && rows[i].includes("|"); i += 1) body.push(cells(rows[i]));
  const cell = (tag, text, k) => h(tag, { class: `at-${align[k] ?? "left"}`, scope: tag === "th" ? "col" : null }, inline(text ?? "", ctx));
  return [
    h("div", { class: "table-box", tabindex: "0", role: "region", aria: { label: "Table" } },
      h("table", {},
        h("thead", {}, h("tr", {}, head.map((c, k) => cell("th", c, k)))),
        h("tbody", {}, body.map((row) => h("tr", {}, head.map((_, k) => cell("td", row[k], k))))))),
    i,
  ];
}

function cells(row) {
  return row.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((c) => c.trim().replaceAll("\\|", "|"));
}

function paragraph(rows, i, ctx) {
  const body = [];
  while (i < rows.length && rows[i].trim() && !(body.length && interrupts(rows, i))) body.push(rows[i++].trim());
  return [h("p", {}, body.map((row, k) => [k ? h("br") : null, inline(row.replace(/\\$/, ""), ctx)])), i];
}

function interrupts(rows, i) {
  return [FENCE, HEADING, RULE, QUOTE].some((shape) => shape.test(rows[i])) || /^\s*(?:[-*+]|1[.)])\s+\S/.test(rows[i]) || startsTable(rows, i);
}

const entities = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&nbsp;": "\u00a0" };
const plain = (text) => text.replace(/&(?:amp|lt|gt|quot|#39|nbsp);/g, (entity) => entities[entity]);
const word = "(?![\\p{L}\\p{N}])";
const notWord = "(?<![\\p{L}\\p{N}])";

const RULES = [
  [/\\([!-/:-@[-`{-~])/, (m) => m[1]],
  [/(`+)([^`]|[^`][\s\S]*?[^`])\1(?!`)/, (m) => h("code", {}, m[2].replace(/^ (.*\S.*) $/, "$1"))],
  [/!\[([^\]]*)\]\(\s*<?([^\s()>]+)>?(?:\s+"[^"]*")?\s*\)/, (m, ctx) => anchor(plain(m[2]), m[1] || m[2], ctx)],
  [/\[((?:\\.|[^[\]\\]|\[[^[\]]*\])*)\]\(\s*<?((?:[^\s()<>]|\([^\s()]*\))+)>?(?:\s+"[^"]*")?\s*\)/,
    (m, ctx) => anchor(plain(m[2]), inline(m[1], { ...ctx, inLink: true }), ctx)],
  [/<@([UW][A-Z0-9]+)(?:\|([^>]*))?>/, (m) => mention(m[1], m[2])],
  [/<#([CGD][A-Z0-9]+)(?:\|([^>]*))?>/, (m) => channelMention(m[1], m[2])],
  [/<!(here|channel|everyone)(?:\|[^>]*)?>/, (m) => broadcast(m[1])],
  [/<(https?:\/\/[^\s<>|]+)(?:\|([^>]*))?>/, (m, ctx) => anchor(plain(m[1]), m[2] || plain(m[1]), ctx)],
  [/\bhttps?:\/\/[^\s<>|]+[^\s<>|.,;:!?'"*_)\]]/, (m, ctx) => (ctx.inLink ? m[0] : anchor(plain(m[0]), plain(m[0]), ctx))],
  [/\*\*\*(?=\S)([\s\S]*?\S)\*\*\*/, (m, ctx) => h("strong", {}, h("em", {}, inline(m[1], ctx)))],
  [/\*\*(?=\S)([\s\S]*?\S)\*\*(?!\*)/, (m, ctx) => h("strong", {}, inline(m[1], ctx))],
  [new RegExp(`${notWord}__(?=\\S)([\\s\\S]*?\\S)__${word}`, "u"), (m, ctx) => h("strong", {}, inline(m[1], ctx))],
  [/\*(?=[^\s*])([\s\S]*?[^\s*])\*(?!\*)/, (m, ctx) => h("em", {}, inline(m[1], ctx))],
  [new RegExp(`${notWord}_(?=\\S)([\\s\\S]*?\\S)_${word}`, "u"), (m, ctx) => h("em", {}, inline(m[1], ctx))],
  [/~~(?=\S)([\s\S]*?\S)~~/, (m, ctx) => h("s", {}, inline(m[1], ctx))],
  [/:([a-z0-9_+'-]+):/i, (m) => glyph(m[1])],
];

export function inline(text, ctx = {}) {
  const out = [];
  let rest = text;
  while (rest) {
    let best = null;
    for (const [pattern, build] of RULES) {
      const match = pattern.exec(rest);
      if (match && (!best || match.index < best.match.index)) best = { match, build };
    }
    if (!best) break;
    out.push(plain(rest.slice(0, best.match.index)), best.build(best.match, ctx));
    rest = rest.slice(best.match.index + best.match[0].length);
  }
  out.push(plain(rest));
  return fragment(out);
}
