/** The thread panel: the parent, its replies, what the bot says it is doing, a message box. */

import { closeThread, send } from "./actions.js";
import { composer } from "./composer.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { messageList } from "./list.js";
import { statusLine, turnOf } from "./status.js";
import { channelById, channelName, messageAt, repliesOf, state, statusOf } from "./state.js";

export function threadPane(root) {
  const where = h("span", { class: "topic" });
  const close = h("button", { type: "button", class: "icon-button", testid: "close-thread", title: "Close (Esc)", aria: { label: "Close thread" }, onclick: () => closeThread() }, icon("close"));
  const list = messageList("Thread");
  const box = composer({ testid: "thread-composer", id: "thread-composer", submit: (text) => send(text, state.thread) });
  fill(root, h("header", { class: "pane-head" }, h("div", { class: "pane-title" }, h("h2", {}, "Thread"), where), close), list.node, h("div", { class: "composer-area" }, box.node));

  return function paint() {
    root.hidden = state.thread === null;
    if (root.hidden) { list.clear(); return; }
    const channel = channelById(state.channel);
    const parent = messageAt(state.channel, state.thread);
    const status = statusOf(state.channel, state.thread);
    where.textContent = channel?.is_im ? channelName(state.channel) : `# ${channelName(state.channel)}`;
    list.paint(`${state.channel}/${state.thread}/${state.me}`, [parent, ...repliesOf(state.channel, state.thread)].filter(Boolean), {
      inThread: true,
      head: parent ? null : { key: "gone", sign: "gone", build: () => h("p", { class: "notice" }, "The first message of this thread is gone.") },
      foot: status && { key: "status", sign: JSON.stringify([status, turnOf(status)]), build: () => statusLine(status) },
    });
    box.paint({ draftKey: `${state.channel}/${state.thread}/${state.me}`, placeholder: "Reply…", label: "Reply in thread" });
  };
}
