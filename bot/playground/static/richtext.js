/** Slack's rich_text block → DOM nodes. */

import { h } from "./dom.js";
import { anchor, broadcast, channelMention, glyph, mention } from "./mrkdwn.js";

export function richText(block, ctx) {
  return h("div", { class: "rich-text" }, lists(block.elements ?? [], ctx));
}

function lists(elements, ctx) {
  const out = [];
  for (let i = 0; i < elements.length; ) {
    if (elements[i].type === "rich_text_list") {
      const run = [];
      while (elements[i]?.type === "rich_text_list") run.push(elements[i++]);
      out.push(...run.map((list) => bullets(list, ctx)));
    } else out.push(part(elements[i++], ctx));
  }
  return out;
}

function part(element, ctx) {
  const children = () => (element.elements ?? []).map((child) => leaf(child, ctx));
  switch (element.type) {
    case "rich_text_section": return h("p", {}, children());
    case "rich_text_quote": return h("blockquote", {}, children());
    case "rich_text_preformatted": return h("pre", { class: "pre" }, (element.elements ?? []).map((child) => child.text ?? child.url ?? ""));
    default: return h("p", { class: "unsupported" }, `Unsupported rich text: ${element.type}`);
  }
}

/** Slack nests lists by an `indent` number, not by containment. */
function bullets(list, ctx) {
  const ordered = list.style === "ordered";
  const indent = list.indent ?? 0;
  return h(ordered ? "ol" : "ul", { start: ordered ? (list.offset ?? 0) + 1 : null, class: `indent-${Math.min(indent, 6)}` },
    (list.elements ?? []).map((item) => h("li", {}, (item.elements ?? []).map((child) => leaf(child, ctx)))));
}

function leaf(element, ctx) {
  switch (element.type) {
    case "text": return styled(breaks(element.text ?? ""), element.style);
    case "link": return styled([anchor(element.url, element.text, ctx)], element.style);
    case "emoji": return glyph(element.name);
    case "user": return mention(element.user_id);
    case "channel": return channelMention(element.channel_id);
    case "broadcast": return broadcast(element.range);
    case "usergroup": return h("span", { class: "mention" }, "@group");
    case "date": return element.fallback ?? new Date(element.timestamp * 1000).toLocaleString();
    case "color": return h("code", {}, element.value);
    default: return null;
  }
}

function breaks(text) {
  return text.split("\n").flatMap((row, i) => (i ? [h("br"), row] : [row]));
}

function styled(nodes, style = {}) {
  let out = nodes;
  if (style.code) out = [h("code", {}, out)];
  if (style.strike) out = [h("s", {}, out)];
  if (style.italic) out = [h("em", {}, out)];
  if (style.bold) out = [h("strong", {}, out)];
  return out;
}
