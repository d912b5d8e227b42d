/** Starts the page: loads the workspace, follows its events, repaints the parts, listens to the keyboard. */

import { api, follow } from "./api.js";
import { channelPane } from "./channel.js";
import { closeDrawer, closeThread, followAnswer, recall, remember, selectChannel, visit } from "./actions.js";
import { drawer } from "./drawer.js";
import { fill, h } from "./dom.js";
import { paintModal } from "./views.js";
import { quickSwitcher } from "./switcher.js";
import { sidebar, topbar } from "./sidebar.js";
import { threadPane } from "./thread.js";
import { apply, changed, load, myChannels, onChange, state, subscribe } from "./state.js";

const at = (id) => document.getElementById(id);

async function start() {
  let snapshot;
  try {
    snapshot = await api.state();
  } catch (error) {
    fill(at("channel"), h("div", { class: "welcome" }, h("h2", {}, "The playground is not answering"), h("p", {}, error.message),
      h("button", { type: "button", class: "button primary", onclick: () => location.reload() }, "Try again")));
    return;
  }
  load(snapshot);
  const known = state.users.has(recall("me"));
  state.me = known ? recall("me") : snapshot.users[0].id;
  if (!known) remember("me", state.me);
  if (!visit(location.href)) goHome();
  const parts = [topbar(at("topbar")), sidebar(at("sidebar")), channelPane(at("channel")), threadPane(at("thread")), drawer(at("drawer")), paintModal];
  subscribe(() => parts.forEach((paint) => paint()));
  onChange(followAnswer);
  follow(snapshot.cursor, {
    onEvent: apply,
    onLine: (up) => { state.online = up; changed(); },
    resync: async () => { const next = await api.state(); load(next); return next.cursor; },
  });
  setInterval(() => { if ([...state.status.values()].some((one) => one.loading_messages?.length > 1)) changed(); }, 500);
  changed();
  if (!state.highlight) setTimeout(() => { if (document.activeElement === document.body) at("composer")?.focus(); }, 60);
}

/** Where the last visit ended; on the first one #help-desk. */
function goHome() {
  const mine = myChannels();
  const last = mine.find((channel) => channel.id === recall("channel"));
  selectChannel((last ?? mine.find((channel) => channel.name === "help-desk") ?? mine[0]).id, { keepAddress: true });
}

function step(by) {
  const mine = [...document.querySelectorAll(".side-row")].map((row) => row.dataset.channel);
  selectChannel(mine[(mine.indexOf(state.channel) + by + mine.length) % mine.length]);
}

addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    quickSwitcher();
  } else if (event.altKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    step(event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open], .popover")) {
    if (state.drawer) closeDrawer();
    else if (state.thread) closeThread();
  }
});

/** Links to this workspace stay in the page. */
addEventListener("click", (event) => {
  const anchor = event.target.closest?.("a[data-internal]");
  if (!anchor || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (visit(anchor.href)) event.preventDefault();
});

addEventListener("popstate", () => {
  if (!visit(location.href)) goHome();
});

addEventListener("visibilitychange", () => {
  if (!document.hidden && state.unread.delete(state.channel)) changed();
});


start();
