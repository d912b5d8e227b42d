/** One message as a DOM node. */

import { attachment, fileCard } from "./cards.js";
import { author, avatar } from "./people.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { inlineEditor } from "./composer.js";
import { interact, openThread, react } from "./actions.js";
import { emojiPicker } from "./popover.js";
import { glyph, mrkdwn } from "./mrkdwn.js";
import { markdown } from "./markdown.js";
import { renderBlocks, taskCard } from "./blocks.js";
import { statusLine, workingOn } from "./status.js";
import { toolbar } from "./toolbar.js";
import { dayOf, isBotMessage, isEditing, personName, repliesOf, state } from "./state.js";

/** `place`: {inThread, compact (same author just before), isParent}. */
export function messageNode(message, place) {
  if (isNotice(message)) return notice(message);
  const gone = message.subtype === "tombstone";
  const from = gone ? { id: "gone", name: "Deleted message" } : author(message);
  const status = place.inThread ? null : workingOn(message);
  const node = h("div", {
    class: ["message", place.compact && "compact", message.ephemeral_for && "ephemeral", mentionsMe(message) && "mentions-me", message.streaming && "streaming", gone && "is-gone"],
    testid: "message", data: { ts: message.ts, focus: `m${message.ts}` }, tabindex: "-1", role: "article",
    aria: { label: `${from.name}, ${clock(message.ts)}` },
  },
    h("div", { class: "gutter" }, place.compact ? h("time", { class: "hover-time" }, clock(message.ts)) : avatar(from.id, "", from.name)),
    h("div", { class: "message-main" },
      message.ephemeral_for && h("div", { class: "only-you" }, icon("eye", 14), "Only visible to you"),
      !place.compact && !gone && byline(message, from),
      isEditing(message, place) ? inlineEditor(message) : body(message),
      reactions(message),
      !place.inThread && threadSummary(message, status)),
    toolbar(message, place));
  if (message.streaming) atTheEnd(node, h("span", { class: "caret", role: "img", aria: { label: "writing" } }));
  else if (message.edited && !isBotMessage(message)) atTheEnd(node, h("span", { class: "edited" }, "(edited)"));
  return node;
}

const mentionsMe = (message) => (message.text ?? "").includes(`<@${state.me}>`);

export function clock(ts) {
  return dayOf(ts).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

function byline(message, from) {
  return h("div", { class: "byline" },
    h("span", { class: "author" }, from.name),
    from.tag && h("span", { class: "tag" }, from.tag),
    h("time", { class: "time", datetime: dayOf(message.ts).toISOString(), title: dayOf(message.ts).toLocaleString() }, clock(message.ts)));
}

const NOTICES = { channel_join: "joined the channel", channel_leave: "left the channel", channel_topic: null };
const isNotice = (message) => message.subtype in NOTICES;

function notice(message) {
  return h("div", { class: "notice", testid: "message", data: { ts: message.ts } },
    h("strong", {}, personName(message.user)), " ", NOTICES[message.subtype] ?? message.text ?? "");
}

function body(message) {
  if (message.subtype === "tombstone") return h("div", { class: "tombstone" }, "This message was deleted.");
  const ctx = {
    sources: isBotMessage(message), feedback: message.feedback,
    act: (block, spec, choice) => interact(message, block, spec, choice),
  };
  return h("div", { class: "body" },
    words(message, ctx),
    (message.attachments ?? []).map((spec) => attachment(spec, ctx)),
    (message.files ?? []).map(fileCard));
}

function words(message, ctx) {
  const tasks = (message.tasks ?? message.chunks ?? []).filter((chunk) => chunk.type !== "markdown_text").map((task) => taskCard(task, ctx));
  if (message.blocks?.length) return [tasks, renderBlocks(message.blocks, ctx)];
  const text = message.markdown_text ?? message.text;
  if (!text) return message.streaming && !tasks.length ? h("div", { class: "text block-markdown" }, h("p")) : tasks;
  const asMarkdown = message.streaming || message.markdown_text !== undefined;
  return [tasks, h("div", { class: ["text", asMarkdown && "block-markdown"] }, asMarkdown ? markdown(text, ctx) : mrkdwn(text, ctx))];
}

/** Puts the caret or "(edited)" after the last word of the message's own text. */
function atTheEnd(node, mark) {
  const body = node.querySelector(".body");
  const own = body && [...body.querySelectorAll("p, li, .text, td, pre, .block-header")].filter((part) => !part.closest(".shared, .mail-card"));
  (own?.findLast((part) => !part.querySelector("ul, ol, blockquote, pre") || part.lastChild.nodeType === Node.TEXT_NODE) ?? body)?.append(mark);
}

function reactions(message) {
  if (!message.reactions?.length) return null;
  const chip = (reaction) => h("button", {
    type: "button", class: ["reaction", reaction.users?.includes(state.me) && "mine"], testid: `reaction-${reaction.name}`,
    data: { focus: `r${message.ts}${reaction.name}` }, title: `${(reaction.users ?? []).map(personName).join(", ")} reacted with :${reaction.name}:`,
    aria: { pressed: Boolean(reaction.users?.includes(state.me)), label: `${reaction.name.replaceAll("_", " ")}, ${reaction.count ?? reaction.users?.length ?? 1}` },
    onclick: () => react(message, reaction.name),
  }, glyph(reaction.name), h("b", {}, reaction.count ?? reaction.users?.length ?? 1));
  return h("div", { class: "reactions" }, message.reactions.map(chip),
    h("button", { type: "button", class: "reaction add", aria: { label: "Add a reaction" }, onclick: (event) => emojiPicker(event.currentTarget, (name) => react(message, name)) }, icon("smile", 15)));
}

function threadSummary(message, status) {
  const replies = repliesOf(state.channel, message.ts).filter((reply) => reply.subtype !== "tombstone" && !reply.ephemeral_for);
  if (!replies.length) return status && statusLine(status);
  const faces = [...new Map(replies.map((reply) => [author(reply).id, author(reply)])).values()].slice(0, 4);
  return h("div", {},
    h("button", { type: "button", class: "thread-summary", testid: "thread-summary", data: { focus: `t${message.ts}` }, onclick: () => openThread(message.ts) },
      h("span", { class: "faces" }, faces.map((one) => avatar(one.id, "small", one.name))),
      h("b", {}, replies.length === 1 ? "1 reply" : `${replies.length} replies`),
      h("span", { class: "last-reply" }, `Last reply ${ago(replies.at(-1).ts)}`),
      h("span", { class: "view-thread" }, "View thread"), icon("right", 15)),
    status && statusLine(status));
}

function ago(ts) {
  const minutes = Math.round((Date.now() - Number(ts) * 1000) / 60000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  return `today at ${clock(ts)}`.replace("today", dayOf(ts).toDateString() === new Date().toDateString() ? "today" : dayOf(ts).toLocaleDateString());
}
