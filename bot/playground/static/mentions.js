/** Between what a person types ("@Support Bot …") and what Slack stores ("<@U0SUPPORT> …"). */

import { state, personName } from "./state.js";
import { emojiStartingWith } from "./emoji.js";

const STORED = /<(?:[@#!][^<>\n]+|https?:\/\/[^<>\s]+)>/g;
const escape = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const quoted = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Everyone who can be mentioned: the bot first. */
export function people() {
  const bot = { id: state.bot.user_id, name: state.bot.name, real_name: state.bot.name, title: "App", isBot: true };
  return [bot, ...state.users.values()];
}

/** Typed text → Slack text. Markers that are already in Slack's form are kept; & < > elsewhere are escaped. */
export function encode(text) {
  let out = "";
  let last = 0;
  for (const match of text.matchAll(STORED)) {
    out += encodePlain(text.slice(last, match.index)) + match[0];
    last = match.index + match[0].length;
  }
  return out + encodePlain(text.slice(last));
}

function encodePlain(text) {
  const names = new Map();
  for (const person of people()) for (const name of handles(person)) names.set(`@${name}`.toLowerCase(), `<@${person.id}>`);
  for (const channel of state.channels) if (!channel.is_im) names.set(`#${channel.name}`, `<#${channel.id}|${channel.name}>`);
  for (const range of ["here", "channel", "everyone"]) names.set(`@${range}`, `<!${range}>`);
  const longest = [...names.keys()].sort((a, b) => b.length - a.length).map(quoted).join("|");
  const pattern = new RegExp(`(?<![\\w@#/.-])(?:${longest})(?![\\w-])`, "gi");
  let out = "";
  let last = 0;
  for (const match of text.matchAll(pattern)) {
    out += escape(text.slice(last, match.index)) + names.get(match[0].toLowerCase());
    last = match.index + match[0].length;
  }
  return out + escape(text.slice(last));
}

function handles(person) {
  return [person.real_name, person.name, person.isBot ? person.name.replaceAll(" ", "") : null].filter(Boolean);
}

/** Slack text → what the person would have typed, for editing. */
export function decode(text) {
  return String(text ?? "")
    .replace(/<@([A-Z0-9]+)(?:\|[^>]*)?>/g, (_, id) => `@${personName(id)}`)
    .replace(/<#([A-Z0-9]+)(?:\|([^>]*))?>/g, (_, id, name) => `#${name || state.channels.find((c) => c.id === id)?.name || id}`)
    .replace(/<!(here|channel|everyone)(?:\|[^>]*)?>/g, "@$1")
    .replace(/<((?:https?:|mailto:)[^|>]+)(?:\|[^>]*)?>/g, "$1")
    .replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/**
 * What to offer for the word before the caret: {from, options: [{insert, label, note, person?|emoji?}]} or null.
 * A finished name ("@Support Bot") offers nothing, so that Enter sends.
 */
export function complete(text, caret) {
  const before = text.slice(0, caret);
  const at = before.match(/(?:^|[\s(])@([\p{L}\p{N}]*(?: [\p{L}\p{N}]*)?)$/u);
  if (at) return offer(before, at[1], matchingPeople(at[1]));
  const hash = before.match(/(?:^|\s)#([\w-]*)$/);
  if (hash) return offer(before, hash[1], matchingChannels(hash[1]));
  const colon = before.match(/(?:^|\s):([a-z0-9_+-]{2,})$/i);
  if (colon) return offer(before, colon[1], emojiStartingWith(colon[1]).map(([name, sign]) => ({ insert: `${sign} `, label: `:${name}:`, emoji: sign })));
  return null;
}

function offer(before, query, options) {
  return options.length ? { from: before.length - query.length - 1, options } : null;
}

function matchingPeople(query) {
  const wanted = query.toLowerCase();
  return people()
    .filter((person) => person.id !== state.me)
    .filter((person) => handles(person).some((name) => startsWithWord(name.toLowerCase(), wanted)))
    .map((person) => ({ insert: `@${person.real_name} `, label: person.real_name, note: person.title, person }));
}

function startsWithWord(name, wanted) {
  return name !== wanted && (name.startsWith(wanted) || name.split(" ").some((word) => word.startsWith(wanted) && wanted));
}

function matchingChannels(query) {
  return state.channels
    .filter((channel) => !channel.is_im && channel.name.startsWith(query.toLowerCase()) && channel.name !== query)
    .map((channel) => ({ insert: `#${channel.name} `, label: `#${channel.name}`, note: channel.topic }));
}
