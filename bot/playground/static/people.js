/** Faces and names. */

import { h } from "./dom.js";
import { cairn, icon } from "./icons.js";
import { state, personName } from "./state.js";

const FALLBACK = ["#5b6ee1", "#c2417c", "#0d8a6f", "#b4632a", "#7a52b3", "#2f7fb5"];

/** A coloured tile with initials; the bot has its cairn, an e-mail an envelope. size: "", "small", "tiny". */
export function avatar(id, size = "", name = null) {
  if (id === state.bot.user_id || (id && id === state.bot.bot_id)) return tile(["bot", size], null, cairn(size === "tiny" ? 13 : size === "small" ? 16 : 24));
  if (id === "gone") return tile(["gone", size], null, icon("trash", 18));
  if (id === "USLACKBOT") return tile(["mail", size], null, icon("mail", size === "tiny" ? 11 : size === "small" ? 14 : 20));
  const user = state.users.get(id);
  const words = name ?? (user ? user.real_name || user.name : String(id ?? "?"));
  return tile([size], user?.color ?? colourOf(words), initials(words));
}

function tile(classes, colour, face) {
  const node = h("span", { class: ["avatar", ...classes], aria: { hidden: true } }, face);
  if (colour) node.style.background = colour.startsWith("#") ? colour : `#${colour}`;
  return node;
}

function initials(words) {
  const parts = words.trim().split(/[\s.@_-]+/).filter(Boolean);
  return ((parts[0]?.[0] ?? "?") + (parts.length > 1 ? parts.at(-1)[0] : "")).toUpperCase();
}

function colourOf(words) {
  return FALLBACK[[...words].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % FALLBACK.length];
}

/** Who a message is from: {id, name, app, mail}. */
export function author(message) {
  const mail = message.files?.find((file) => file.mode === "email" || file.filetype === "email");
  if (message.user === "USLACKBOT" && mail) {
    const from = mail.from?.[0];
    return { id: "USLACKBOT", name: from?.name || from?.address || "E-mail", tag: "E-mail" };
  }
  if (message.bot_id && message.bot_id !== state.bot.bot_id) {
    return { id: message.bot_id, name: message.username || message.bot_profile?.name || "Another app", tag: "App" };
  }
  const isBot = message.user === state.bot.user_id || message.bot_id === state.bot.bot_id;
  return { id: message.user ?? message.bot_id, name: message.username || personName(message.user ?? message.bot_id), tag: isBot ? "App" : null };
}
