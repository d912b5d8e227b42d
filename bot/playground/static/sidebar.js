/** The top bar and the sidebar: where one is, as whom, and whether the app hears us. */

import { avatar } from "./people.js";
import { deliveriesButton } from "./deliveries.js";
import { fill, h, keepFocus } from "./dom.js";
import { cairn, icon } from "./icons.js";
import { quickSwitcher } from "./switcher.js";
import { selectChannel, speakAs } from "./actions.js";
import { myChannels, state } from "./state.js";

export function topbar(root) {
  const deliveries = deliveriesButton();
  const mark = h("div", { class: "brand" }, h("span", { class: "brand-mark" }, cairn(20)), h("span", {}, "Support playground"), h("span", { class: "brand-note" }, "on this machine"));
  const search = h("button", { type: "button", class: "jump-to", testid: "open-switcher", onclick: () => quickSwitcher() },
    icon("search", 15), h("span", { class: "jump-words" }), h("kbd", {}, /Mac/.test(navigator.platform) ? "⌘K" : "Ctrl K"));
  fill(root, mark, search, deliveries.node);
  return function paint() {
    search.querySelector(".jump-words").textContent = `Jump to… in ${state.team.name ?? ""}`;
    deliveries.paint();
  };
}

export function sidebar(root) {
  const team = h("div", { class: "team" });
  const lists = h("div", { class: "lists" });
  const person = personSwitch();
  fill(root, team, lists, person.node);

  return function paint() {
    fill(team, h("h2", {}, state.team.name));
    const mine = myChannels();
    keepFocus(lists, () => fill(lists,
      section("Channels", mine.filter((channel) => !channel.is_im)),
      section("Direct messages", mine.filter((channel) => channel.is_im))));
    person.paint();
    const loud = [...state.unread.values()].reduce((sum, seen) => sum + seen.count, 0);
    const here = mine.find((channel) => channel.id === state.channel);
    document.title = `${loud ? `(${loud}) ` : ""}${here ? (here.is_im ? state.bot.name : `#${here.name}`) : "Support"} · ${state.team.name}`;
  };
}

function section(name, channels) {
  return h("section", { class: "side-section" }, h("h3", {}, name), h("ul", {}, channels.map((channel) => h("li", {}, row(channel)))));
}

function row(channel) {
  const current = channel.id === state.channel;
  const unread = current ? null : state.unread.get(channel.id);
  const outside = channel.is_member === false && !channel.is_im;
  return h("button", {
    type: "button", class: ["side-row", current && "current", unread && "unread"], testid: `channel-${channel.name ?? channel.id}`,
    data: { focus: channel.id, channel: channel.id }, aria: { current: current ? "page" : null },
    title: outside ? `${state.bot.name} is not in this channel` : null, onclick: () => selectChannel(channel.id),
  },
    channel.is_im ? avatar(state.bot.user_id, "tiny") : icon("hash", 16),
    h("span", { class: "side-name" }, channel.is_im ? state.bot.name : channel.name),
    channel.is_im && h("span", { class: "side-tag" }, "App"),
    unread && h("span", { class: ["badge", unread.loud && "loud"], aria: { label: `${unread.count} unread` } }, unread.count));
}

/** "Speaking as …": a native select over a card, so that it works by keyboard, by touch and in tests. */
function personSwitch() {
  const face = h("div", { class: "person-face", aria: { hidden: true } });
  const select = h("select", { testid: "person-switch", class: "person-select", aria: { label: "Speak as" }, onchange: () => speakAs(select.value) });
  const node = h("div", { class: "person" }, h("span", { class: "person-label" }, "You speak as"), h("div", { class: "person-card" }, face, select));
  let shown = "";
  return {
    node,
    paint() {
      const sign = JSON.stringify([state.me, [...state.users.keys()]]);
      if (sign === shown) return;
      shown = sign;
      const me = state.users.get(state.me);
      fill(face, avatar(state.me, "small"), h("span", { class: "person-words" }, h("b", {}, me?.real_name), h("small", {}, me?.title)), icon("down", 16));
      fill(select, [...state.users.values()].map((user) => h("option", { value: user.id }, `${user.real_name}${user.title ? ` · ${user.title}` : ""}`)));
      select.value = state.me;
    },
  };
}
