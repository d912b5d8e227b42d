/** What the page knows: a copy of the workspace, kept in step by the event stream, and what this person is looking at. */

import { readArticlesOf } from "./dom.js";

export const state = {
  team: {}, bot: {}, users: new Map(), channels: [], messages: new Map(), status: new Map(),
  views: {}, home: {}, prompts: {}, deliveries: [], online: true,
  me: null, channel: null, thread: null, drawer: null, editing: null, tab: "messages",
  unread: new Map(), pendingHandlers: new Set(),
};

const listeners = new Set();
let queued = false;

export function subscribe(listener) {
  listeners.add(listener);
}

/** Asks for one repaint soon, however many changes came in. */
export function changed() {
  if (queued) return;
  queued = true;
  setTimeout(() => {
    queued = false;
    for (const listener of listeners) listener();
  }, 12);
}

export function load(snapshot) {
  readArticlesOf(snapshot.article_hosts ?? []);
  Object.assign(state, { team: snapshot.team, bot: snapshot.bot, channels: snapshot.channels });
  Object.assign(state, { views: snapshot.views ?? {}, home: snapshot.home ?? {}, prompts: snapshot.prompts ?? {} });
  state.users = new Map(snapshot.users.map((user) => [user.id, user]));
  state.messages = new Map(
    state.channels.map(({ id }) => [id, new Map((snapshot.messages?.[id] ?? []).map((message) => [message.ts, message]))]),
  );
  state.status = new Map();
  for (const status of snapshot.status ?? []) setStatus(status);
  changed();
}

const REDUCERS = {
  message: (change) => put(change, true),
  message_changed: (change) => put(change),
  ephemeral: (change) => put({ ...change, message: { ephemeral_for: change.user, ...change.message } }, true),
  reaction: (change) => (change.message ? put(change) : null),
  message_deleted: (change) => remove(change),
  status: (change) => setStatus(change),
  view: ({ user, view }) => { state.views[user] = view; },
  home: ({ user, view }) => { state.home[user] = view; },
  prompts: ({ channel, prompts }) => { state.prompts[channel] = prompts ?? []; },
  delivery: (change) => {
    state.deliveries = [change, ...state.deliveries.filter((d) => d.event_id !== change.event_id || d.attempt !== change.attempt)].slice(0, 60);
  },
};

/** Applies one event of the stream and tells those who registered with `onChange`. */
export function apply(change) {
  REDUCERS[change.kind]?.(change);
  for (const handler of state.pendingHandlers) handler(change);
  changed();
}

export function onChange(handler) {
  state.pendingHandlers.add(handler);
}

function put({ channel, message }, isNew = false) {
  if (!state.messages.has(channel)) state.messages.set(channel, new Map());
  const known = state.messages.get(channel);
  if (isNew && !known.has(message.ts)) count(channel, message);
  known.set(message.ts, message);
}

function remove({ channel, message, ts, deleted_ts: deleted }) {
  if (message && message.subtype === "tombstone") return put({ channel, message });
  return state.messages.get(channel)?.delete(deleted ?? ts ?? message?.ts);
}

function count(channel, message) {
  const looking = channel === state.channel && !document.hidden;
  if (looking || message.user === state.me || !canSee(message)) return;
  if (isReply(message) && !inMyThread(channel, message.thread_ts) && !mentionsMe(message)) return;
  const seen = state.unread.get(channel) ?? { count: 0, loud: false };
  const loud = seen.loud || mentionsMe(message) || Boolean(channelById(channel)?.is_im);
  state.unread.set(channel, { count: seen.count + 1, loud });
}

function inMyThread(channel, parentTs) {
  return [...(state.messages.get(channel)?.values() ?? [])].some(
    (message) => message.user === state.me && (message.ts === parentTs || message.thread_ts === parentTs),
  );
}

function mentionsMe(message) {
  return (message.text ?? "").includes(`<@${state.me}`);
}

function setStatus(change) {
  const key = `${change.channel}/${change.thread_ts ?? ""}`;
  if (change.status) state.status.set(key, { ...change, since: Date.now() });
  else state.status.delete(key);
}

export function statusOf(channel, threadTs) {
  return state.status.get(`${channel}/${threadTs ?? ""}`) ?? null;
}

// ---- questions to the copy -------------------------------------------------------------------------------------

export const isReply = (message) => Boolean(message.thread_ts) && message.thread_ts !== message.ts;
export const channelById = (id) => state.channels.find((channel) => channel.id === id);
export const messageAt = (channel, ts) => state.messages.get(channel)?.get(ts);

export function canSee(message) {
  return !message.ephemeral_for || message.ephemeral_for === state.me;
}

function sorted(channel) {
  return [...(state.messages.get(channel)?.values() ?? [])].filter(canSee).sort((a, b) => (a.ts < b.ts ? -1 : 1));
}

/** The messages of the channel's main log: no replies, save those sent to the channel too. */
export function channelLog(channel) {
  return sorted(channel).filter((message) => !isReply(message) || message.subtype === "thread_broadcast");
}

export function repliesOf(channel, parentTs) {
  return sorted(channel).filter((message) => isReply(message) && message.thread_ts === parentTs);
}

export function personName(id) {
  if (id === state.bot.user_id || id === state.bot.bot_id) return state.bot.name;
  if (id === "USLACKBOT") return "Slackbot";
  const user = state.users.get(id);
  return user ? user.real_name || user.name : id;
}

export function channelName(id) {
  const channel = channelById(id);
  if (!channel) return id;
  return channel.is_im ? state.bot.name : channel.name;
}

/** The channels this person sees: all public ones and the own direct message with the bot. */
export function myChannels() {
  return state.channels.filter((channel) => !channel.is_im || channel.user === state.me);
}

export const isBotMessage = (message) => message.user === state.bot.user_id || (state.bot.bot_id && message.bot_id === state.bot.bot_id);
export const isMine = (message) => message.user === state.me && !message.bot_id && message.subtype !== "tombstone";
/** A message is edited where its pencil was pressed: in the log or in the thread panel. */
export const isEditing = (message, place) => state.editing?.ts === message.ts && state.editing.inThread === place.inThread;
export const dayOf = (ts) => new Date(Number(ts) * 1000);
