/** Forwarding a message of this workspace to another channel, as Slack's own "Forward message". */

import { dialog } from "./popover.js";
import { forward, selectChannel } from "./actions.js";
import { author } from "./people.js";
import { h } from "./dom.js";
import { decode } from "./mentions.js";
import { myChannels, state } from "./state.js";

export function forwardDialog(message) {
  const rooms = myChannels();
  const target = h("select", { class: "field", id: "forward-to", testid: "forward-to" }, rooms.map((channel) =>
    h("option", { value: channel.id, selected: channel.id !== state.channel && channel.is_member !== false }, channel.is_im ? `${state.bot.name} (direct message)` : `#${channel.name}`)));
  target.value = rooms.find((channel) => channel.id !== state.channel)?.id ?? rooms[0].id;
  const build = (close) => h("form", { class: "dialog-body", method: "dialog", onsubmit: async (event) => {
    event.preventDefault();
    if (!(await forward(message, target.value, ""))) return;
    close("sent");
    selectChannel(target.value);
  } },
    h("div", { class: "block-input" }, h("label", { for: "forward-to" }, "Forward to"), target),
    h("blockquote", { class: "shared" }, h("div", { class: "shared-head" }, h("strong", {}, author(message).name)), h("div", { class: "text clamp" }, decode(message.text) || "(a message without text)")),
    h("footer", { class: "dialog-foot" },
      h("button", { type: "button", class: "button", onclick: () => close("dismissed") }, "Cancel"),
      h("button", { type: "submit", class: "button primary", testid: "forward-send" }, "Forward")));
  dialog({ title: "Forward this message", build, className: "small", testid: "forward-dialog" });
}
