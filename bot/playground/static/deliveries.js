/** The light in the top bar: does the app receive what happens here? A click lists the last events. */

import { fill, h } from "./dom.js";
import { popover } from "./popover.js";
import { state } from "./state.js";

/** What Bolt answers to an event it has no listener for; Slack would not send an app what it did not subscribe to. */
const NO_LISTENER = 404;

export function deliveriesButton() {
  const lamp = h("span", { class: "lamp" });
  const words = h("span", { class: "lamp-words" });
  const node = h("button", { type: "button", class: "deliveries", testid: "deliveries", aria: { haspopup: "dialog" }, onclick: () => list(node) }, lamp, words);
  return {
    node,
    paint() {
      const [kind, text] = verdict();
      lamp.className = `lamp ${kind}`;
      words.textContent = text;
    },
  };
}

function verdict() {
  if (!state.online) return ["bad", "Reconnecting…"];
  const last = state.deliveries.find((one) => one.http_status !== NO_LISTENER);
  if (!last) return ["good", "Live"];
  if (last.status === "ok") return ["good", `App answered in ${Math.round(last.ms)} ms`];
  if (last.http_status) return ["warn", `App answered HTTP ${last.http_status}`];
  return last.status === "retrying" ? ["warn", "App not answering, retrying"] : ["bad", "App did not answer"];
}

function list(anchor) {
  const rows = state.deliveries.slice(0, 40).map((one) => h("tr", {},
    h("td", {}, h("span", { class: `lamp ${one.http_status === NO_LISTENER ? "" : { ok: "good", retrying: "warn" }[one.status] ?? "bad"}` }), h("span", { class: "visually-hidden" }, one.status)),
    h("td", {}, h("code", {}, one.type)), h("td", {}, (one.attempt ?? 0) > 1 ? `try ${one.attempt}` : ""),
    h("td", {}, one.http_status === NO_LISTENER ? "no listener" : one.http_status ? `HTTP ${one.http_status}` : one.reason?.replaceAll("_", " ") ?? { ok: "acknowledged" }[one.status] ?? one.status), h("td", { class: "number" }, Number.isFinite(one.ms) ? `${Math.round(one.ms)} ms` : "")));
  const body = h("div", { class: "delivery-list" },
    h("h3", {}, "Events sent to the app"),
    rows.length ? h("table", {}, fill(h("tbody"), rows)) : h("p", {}, "None yet. Write something in a channel the bot is in, and every event, its attempts and the time to the acknowledgement appear here."));
  popover(anchor, body, { label: "Events sent to the app" });
}
