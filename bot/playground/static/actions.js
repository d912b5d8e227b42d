/** What a person can do: go somewhere, say something, change or delete it, press a button. */

import { api } from "./api.js";
import { encode } from "./mentions.js";
import { attempt, toast } from "./popover.js";
import { changed, channelById, isReply, messageAt, myChannels, state } from "./state.js";

// ---- where one looks -------------------------------------------------------------------------------------------

export function remember(key, value) {
  try {
    sessionStorage.setItem(`playground.${key}`, value);
    localStorage.setItem(`playground.${key}`, value);
  } catch { /* storage may be switched off; then nothing is remembered */ }
}

export function recall(key) {
  try {
    return sessionStorage.getItem(`playground.${key}`) ?? localStorage.getItem(`playground.${key}`);
  } catch {
    return null;
  }
}

export function selectChannel(id, { keepAddress = false } = {}) {
  const channel = channelById(id);
  if (!channel) return;
  const moved = state.channel !== id;
  Object.assign(state, { channel: id, editing: null, tab: "messages" });
  if (moved) Object.assign(state, { thread: null, drawer: null });
  state.unread.delete(id);
  remember("channel", id);
  if (!keepAddress) setAddress();
  if (moved && channel.is_im) api.open({ channel: id, user: state.me }).catch(() => {});
  changed();
}

export function openThread(ts) {
  state.thread = ts;
  state.drawer = null;
  setAddress();
  changed();
  focusSoon("#thread-composer");
}

export function closeThread() {
  const from = state.thread;
  state.thread = null;
  setAddress();
  changed();
  focusSoon(`#channel .message[data-ts="${from}"]`);
}

export function openDrawer(message) {
  state.drawer = { channel: state.channel, ts: message.ts };
  changed();
}

export function closeDrawer() {
  state.drawer = null;
  changed();
}

export function speakAs(id) {
  if (!state.users.has(id)) return;
  Object.assign(state, { me: id, editing: null });
  state.unread.clear();
  remember("me", id);
  if (!myChannels().some((channel) => channel.id === state.channel)) {
    selectChannel((myChannels().find((channel) => channel.is_im) ?? myChannels()[0]).id);
  }
  changed();
}

/** The address of what is on the screen, so that it can be reloaded or sent. */
function setAddress() {
  const path = state.thread ? permalinkPath(messageAt(state.channel, state.thread) ?? { ts: state.thread }) : `/archives/${state.channel}`;
  if (location.pathname + location.search !== path) history.pushState(null, "", path);
}

function permalinkPath(message) {
  const path = `/archives/${state.channel}/p${message.ts.replace(".", "")}`;
  return isReply(message) ? `${path}?${new URLSearchParams({ thread_ts: message.thread_ts, cid: state.channel })}` : path;
}

/** Goes to /archives/CHANNEL[/pTS][?thread_ts=TS]; true when the address names a channel of this workspace. */
export function visit(address) {
  const url = new URL(address, location.origin);
  const match = url.pathname.match(/^\/archives\/([A-Z0-9]+)(?:\/p(\d{11,}))?\/?$/);
  if (!match || !channelById(match[1])) return false;
  const owner = channelById(match[1]).user;
  if (channelById(match[1]).is_im && owner !== state.me) speakAs(owner);
  selectChannel(match[1], { keepAddress: true });
  state.thread = null;
  if (match[2]) show(`${match[2].slice(0, -6)}.${match[2].slice(-6)}`, url.searchParams.get("thread_ts"));
  if (location.pathname + location.search !== url.pathname + url.search) history.pushState(null, "", url.pathname + url.search);
  return true;
}

function show(ts, threadTs) {
  const message = messageAt(state.channel, ts);
  state.thread = threadTs ?? (message && (isReply(message) ? message.thread_ts : ts)) ?? null;
  state.highlight = ts;
  changed();
}

/** Moves the focus after the repaint, unless the person has already put it elsewhere. */
function focusSoon(selector) {
  const before = document.activeElement;
  setTimeout(() => {
    const now = document.activeElement;
    if (now === before || now === document.body) document.querySelector(selector)?.focus({ preventScroll: true });
  }, 40);
}

// ---- what one says and does ------------------------------------------------------------------------------------

export async function send(text, threadTs = null) {
  const body = { channel: state.channel, user: state.me, text: encode(text.trim()) };
  if (threadTs) body.thread_ts = threadTs;
  const reply = await attempt(api.message(body));
  const asked = channelById(body.channel).is_im || body.text.includes(`<@${state.bot.user_id}>`);
  if (reply && !threadTs && asked) awaitAnswer(body.channel, reply.ts);
  return reply;
}

export function awaitAnswer(channel, ts) {
  state.awaiting = { channel, ts };
  if (messageAt(channel, ts)?.reply_count) answerBegan(); // the bot was quicker than the reply to our own post
}

/** The first word of an answer to what was just asked here opens its thread, unless the person went on to something else. */
export function followAnswer(change) {
  const waited = state.awaiting;
  const thread = change.kind === "status" ? change.status && change.thread_ts : change.kind === "message" && change.message.thread_ts;
  if (waited && thread && thread === waited.ts && change.channel === waited.channel) answerBegan();
}

function answerBegan() {
  const waited = state.awaiting;
  state.awaiting = null;
  const busy = state.thread || state.drawer || state.editing || document.querySelector("dialog[open]");
  if (state.channel !== waited.channel || busy || document.querySelector("#composer")?.value) return;
  state.thread = waited.ts;
  setAddress();
  changed();
}

export const edit = (message, text) => attempt(api.edit({ channel: state.channel, user: state.me, ts: message.ts, text: encode(text.trim()) }));
export const remove = (message) => attempt(api.remove({ channel: state.channel, user: state.me, ts: message.ts }));

export function react(message, name) {
  const mine = message.reactions?.find((reaction) => reaction.name === name)?.users?.includes(state.me);
  return attempt(api.react({ channel: state.channel, user: state.me, ts: message.ts, name, ...(mine ? { remove: true } : {}) }));
}

export function forward(message, target, note) {
  return attempt(api.message({ channel: target, user: state.me, text: encode(note), forward: { channel: state.channel, ts: message.ts },
    attachments: { forward: { channel: state.channel, ts: message.ts } } }));
}

export async function copyLink(message) {
  try {
    await navigator.clipboard.writeText(location.origin + permalinkPath(message));
    toast("Link copied", "done");
  } catch {
    toast("The browser did not allow copying.");
  }
}

/** Presses a button or makes a choice in a message. */
export async function interact(message, block, spec, choice) {
  const reply = await attempt(api.interact({
    channel: state.channel, user: state.me, message_ts: message.ts, block_id: block.block_id, action_id: spec.action_id,
    ...pressed(choice),
  }));
  if (reply && spec.type === "feedback_buttons") {
    message.feedback = { ...message.feedback, [state.me]: choice.value };
    changed();
  }
  return reply;
}

/** {value} for buttons; {selected} for everything that chooses. */
export function pressed(choice) {
  const { value, ...rest } = choice;
  const selected = Object.values(rest)[0];
  return { ...(value === undefined ? {} : { value }), ...(selected === undefined ? {} : { selected }) };
}
