/** The middle of the page: the channel's head, its log, its message box. */

import { composer } from "./composer.js";
import { emailDialog } from "./email.js";
import { avatar } from "./people.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { messageList } from "./list.js";
import { renderHome } from "./views.js";
import { send } from "./actions.js";
import { startEditing } from "./toolbar.js";
import { looseStatus, statusLine, turnOf } from "./status.js";
import { changed, channelById, channelLog, isMine, state } from "./state.js";

export const EXAMPLES = [
  { text: "how long do I have to return boots I already wore outside?", kind: "A plain question", icon: "search" },
  { text: "My Ember 2 stove hisses and smells of gas, lot E2-2406. Is it safe to use?", kind: "Something urgent", icon: "alert" },
  { text: "I paid for order CW-48213 twice and nobody has replied for a week!", kind: "An unhappy customer", icon: "thread" },
];

export function channelPane(root) {
  const head = h("header", { class: "pane-head" });
  const list = messageList("Messages");
  const home = h("div", { class: "home", hidden: true });
  const foot = h("div", { class: "composer-area" });
  const mail = h("button", { type: "button", class: "icon-button", title: "Forward an e-mail", testid: "open-email", aria: { label: "Forward an e-mail" }, onclick: () => emailDialog() }, icon("mail", 18));
  const box = composer({ id: "composer", testid: "composer", submit: (text) => send(text), tools: [mail], onEmptyUp: editLast });
  const notes = h("div", { class: "composer-notes" });
  fill(foot, notes, box.node);
  fill(root, head, list.node, home, foot);

  return function paint() {
    const channel = channelById(state.channel);
    if (!channel) return;
    const atHome = state.tab === "home" && channel.is_im;
    fill(head, title(channel), headTools(channel));
    list.node.hidden = foot.hidden = atHome;
    home.hidden = !atHome;
    if (atHome) { renderHome(home); return; }
    const log = channelLog(channel.id);
    const status = looseStatus(channel.id);
    list.paint(`${channel.id}/${state.me}`, log, {
      head: { key: "head", sign: `${log.length > 0}${state.prompts[channel.id]?.length ?? 0}`, build: () => (log.length ? beginning(channel) : welcome(channel, box)) },
      foot: status && { key: "status", sign: JSON.stringify([status, turnOf(status)]), build: () => statusLine(status) },
    });
    fill(notes, outsideNote(channel), prompts(channel));
    box.paint({ draftKey: `${channel.id}/${state.me}`, ...boxWords(channel) });
  };
}

function boxWords(channel) {
  if (channel.is_im) return { placeholder: `Message ${state.bot.name}`, label: `Message to ${state.bot.name}` };
  const name = `#${channel.name}`;
  return { placeholder: channel.is_member === false ? `Message ${name}` : `Mention @${state.bot.name} to ask, or write to ${name}`, label: `Message to ${name}` };
}

function editLast() {
  const last = channelLog(state.channel).filter(isMine).at(-1);
  if (last) startEditing(last);
}

function title(channel) {
  if (channel.is_im) {
    return h("div", { class: "pane-title" }, avatar(state.bot.user_id, "small"), h("h1", {}, state.bot.name), h("span", { class: "tag" }, "App"));
  }
  return h("div", { class: "pane-title" }, icon("hash", 18), h("h1", {}, channel.name), channel.topic && h("p", { class: "topic" }, topicText(channel)));
}

const topicText = (channel) => (typeof channel.topic === "string" ? channel.topic : channel.topic?.value ?? "");

function headTools(channel) {
  if (channel.is_im) {
    const tab = (name, words) => h("button", { type: "button", role: "tab", class: ["tab", state.tab === name && "current"], aria: { selected: state.tab === name }, testid: `tab-${name}`, onclick: () => { state.tab = name; changed(); } }, words);
    return state.home?.[state.me] ? h("div", { class: "tabs", role: "tablist" }, tab("messages", "Messages"), tab("home", "Home")) : null;
  }
  return h("div", { class: "pane-tools" },
    h("span", { class: "members", title: "Members" }, [...state.users.keys()].slice(0, 3).map((id) => avatar(id, "small")),
      channel.is_member !== false && avatar(state.bot.user_id, "small"), h("b", {}, state.users.size + (channel.is_member !== false ? 1 : 0))),
    channel.is_member !== false && h("button", { type: "button", class: "button slim", testid: "open-email-head", onclick: () => emailDialog() }, icon("mail", 16), h("span", {}, "Forward an e-mail")));
}

/** The head of a log that has messages. */
function beginning(channel) {
  if (channel.is_im) return h("div", { class: "beginning" }, h("p", {}, "Your conversation with ", h("strong", {}, state.bot.name), ". Ask without a mention; only you two are here."));
  return h("div", { class: "beginning" }, h("h2", {}, `# ${channel.name}`), h("p", {}, topicText(channel) || "The very beginning of this channel."));
}

/** The head of an empty log: what this is, and three questions to begin with. */
function welcome(channel, box) {
  const outside = channel.is_member === false;
  const ask = (text) => send(channel.is_im ? text : `@${state.bot.name} ${text}`);
  return h("section", { class: "welcome", testid: "empty-state" },
    h("div", { class: "welcome-mark" }, outside ? icon("hash", 26) : avatar(state.bot.user_id, "large")),
    h("h2", {}, channel.is_im ? `This is your conversation with ${state.bot.name}` : `Welcome to #${channel.name}`),
    h("p", {}, welcomeWords(channel)),
    !outside && !(channel.is_im && state.prompts[channel.id]?.length) && [
      h("h3", {}, "Try one of these"),
      h("div", { class: "examples" }, EXAMPLES.map((example, i) =>
        h("button", { type: "button", class: "example", testid: `example-${i + 1}`, onclick: () => ask(example.text) },
          h("span", { class: "example-icon" }, icon(example.icon, 17)),
          h("span", {}, h("b", {}, example.text), h("small", {}, example.kind)), icon("arrow", 17)))),
      h("p", { class: "welcome-foot" }, "Or ",
        h("button", { type: "button", class: "linkish", onclick: () => emailDialog() }, "forward a customer’s e-mail"), ", or ",
        h("button", { type: "button", class: "linkish", onclick: () => { box.input.focus(); box.set(channel.is_im ? "" : `@${state.bot.name} `); } }, "write your own question"), "."),
    ]);
}

function welcomeWords(channel) {
  const shop = state.team.name;
  if (channel.is_member === false) return `Nothing has been said here yet. ${state.bot.name} is not in this channel.`;
  if (channel.is_im) return `Ask ${state.bot.name} anything about ${shop}. No mention needed: it reads every message here.`;
  return `Mention @${state.bot.name} and ask what a customer of ${shop} would ask. It answers in a thread with its sources, or hands the case to a person.`;
}

function outsideNote(channel) {
  return channel.is_member === false && h("p", { class: "outside-note" }, icon("eye", 15), `${state.bot.name} is not a member of #${channel.name}: it sees nothing of what is written here.`);
}

function prompts(channel) {
  const offered = channel.is_im ? state.prompts[channel.id] ?? [] : [];
  return offered.length > 0 && h("div", { class: "prompts", aria: { label: "Suggested prompts" }, role: "group" }, offered.map((prompt) =>
    h("button", { type: "button", class: "prompt", onclick: () => send(prompt.message ?? prompt.title) }, icon("spark", 15), prompt.title)));
}
