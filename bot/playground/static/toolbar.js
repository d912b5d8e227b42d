/** The small bar that appears over a message: react, reply, look behind the scenes, forward, copy, edit, delete. */

import { copyLink, openDrawer, openThread, react, remove } from "./actions.js";
import { forwardDialog } from "./forward.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { confirm, emojiPicker } from "./popover.js";
import { changed, channelById, isMine, isReply, state } from "./state.js";

export function toolbar(message, place) {
  if (message.subtype === "tombstone" || message.ephemeral_for) return null;
  const member = channelById(state.channel)?.is_member !== false;
  const tools = [
    tool("smile", "Add a reaction", "react", (node) => emojiPicker(node, (name) => react(message, name))),
    !place.inThread && tool("thread", "Reply in thread", "open-thread", () => openThread(isReply(message) ? message.thread_ts : message.ts)),
    member && tool("trace", "What the bot did", "open-drawer", () => openDrawer(message)),
    tool("forward", "Forward message", "forward", () => forwardDialog(message)),
    tool("link", "Copy link", "copy-link", () => copyLink(message)),
    isMine(message) && tool("edit", "Edit message", "edit", () => startEditing(message, place.inThread)),
    isMine(message) && tool("trash", "Delete message", "delete", () => askDelete(message), "danger"),
  ];
  return h("div", { class: "toolbar", role: "toolbar", aria: { label: "Message actions" } }, tools);
}

function tool(name, label, testid, run, extra) {
  return h("button", { type: "button", class: ["tool", extra], testid, tabindex: "-1", title: label, aria: { label }, onclick: (event) => run(event.currentTarget) }, icon(name, 17));
}

export function startEditing(message, inThread = false) {
  state.editing = { ts: message.ts, inThread };
  changed();
}

export async function askDelete(message) {
  const sure = await confirm({ title: "Delete message", text: "Are you sure you want to delete this message? This cannot be undone.", confirm: "Delete", danger: true });
  if (sure) remove(message);
}

/** Keys on a focused message, as in Slack: T thread, R react, E edit, I inspect, Delete. */
export function messageKeys(event, message, node) {
  const press = (testid) => node.querySelector(`[data-testid="${testid}"]`)?.click();
  const testid = { t: "open-thread", r: "react", e: "edit", i: "open-drawer", Delete: "delete" }[event.key];
  if (!testid || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  press(testid);
}
