/** "Support Bot is searching the help centre…": what the bot says it is doing in a thread. */

import { avatar } from "./people.js";
import { channelById, state, statusOf } from "./state.js";
import { h } from "./dom.js";

/** The status to show under `message` in the channel's log: none while its thread is open at the side. */
export function workingOn(message) {
  return state.thread === message.ts ? null : statusOf(message.channel ?? state.channel, message.ts);
}

/** The status for the foot of a direct message: one that belongs to no message. */
export function looseStatus(channel) {
  return channelById(channel)?.is_im ? statusOf(channel, "") : null;
}

export function statusLine(status) {
  return h("div", { class: "status", testid: "status", role: "status" },
    avatar(state.bot.user_id, "small"), h("span", { class: "status-words" }, sentence(status)), dots());
}

function dots() {
  return h("span", { class: "dots", aria: { hidden: true } }, h("i"), h("i"), h("i"));
}

const TURN_MS = 2000;

/** Which of the loading messages is on. */
export function turnOf({ loading_messages: turns, since }) {
  return turns?.length ? Math.floor((Date.now() - since) / TURN_MS) % turns.length : 0;
}

/** Slack puts the app's name before the status; loading messages take turns in its place. */
function sentence(current) {
  const turns = current.loading_messages ?? [];
  if (turns.length) return turns[turnOf(current)];
  const words = current.status;
  return /^(?:is|has|was|are|will)\b/.test(words) ? `${state.bot.name} ${words}` : words;
}
