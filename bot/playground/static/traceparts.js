/** Small pictures for the drawer: bars, lists of facts, the triage. */

import { h } from "./dom.js";

/** A labelled bar for a number that is meant to lie between 0 and 1. */
export function percent(label, value) {
  const width = Math.max(0, Math.min(1, value));
  return h("div", { class: "bar-row" }, h("span", { class: "bar-label" }, label),
    h("span", { class: "bar", vars: { width: `${width * 100}%` } }), h("span", { class: "bar-value" }, value.toFixed(2)));
}

/** {stage: milliseconds} as bars, with their sum unless a total is given. */
export function barChart(timings) {
  const stages = Object.entries(timings).filter(([, ms]) => Number.isFinite(ms));
  const total = stages.find(([name]) => /^total/i.test(name));
  const parts = stages.filter((stage) => stage !== total);
  const largest = Math.max(...parts.map(([, ms]) => ms), 1);
  const sum = total?.[1] ?? parts.reduce((all, [, ms]) => all + ms, 0);
  return h("div", { class: "bars" },
    parts.map(([name, ms]) => h("div", { class: "bar-row" }, h("span", { class: "bar-label" }, name.replaceAll("_", " ")),
      h("span", { class: "bar", vars: { width: `${(ms / largest) * 100}%` } }), h("span", { class: "bar-value" }, time(ms)))),
    h("div", { class: "bar-row sum" }, h("span", { class: "bar-label" }, "total"), h("span"), h("span", { class: "bar-value" }, time(sum))));
}

function time(ms) {
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  return ms >= 10 ? `${Math.round(ms)} ms` : `${ms.toFixed(1)} ms`;
}

/** What the model understood: labels with their confidences, the entities as chips, and the JSON itself. */
export function triagePart(triage) {
  const { intent, urgency, sentiment, entities = {}, confidence = {}, uncertain, model } = triage;
  const chips = Object.entries(entities);
  return h("div", { class: "triage" },
    Object.entries({ intent, urgency, sentiment }).map(([name, label]) => h("div", { class: "triage-row" },
      h("span", { class: "bar-label" }, name), h("b", { class: `label-${label}` }, String(label).replaceAll("_", " ")),
      h("span", { class: "bar", vars: { width: `${(confidence[name] ?? 0) * 100}%` } }), h("span", { class: "bar-value" }, (confidence[name] ?? 0).toFixed(2)))),
    chips.length ? h("div", { class: "entities" }, chips.map(([name, value]) =>
      h("span", { class: "entity" }, h("small", {}, name.replaceAll("_", " ")), String(value)))) : null,
    facts({ ...(uncertain ? { uncertain: "below the model’s threshold: a person decides" } : {}), model }),
    h("details", { class: "json" }, h("summary", {}, "JSON"), h("pre", { class: "pre", testid: "triage-json" }, JSON.stringify(triage, null, 2))));
}

/** Any object as a list of names and values. */
export function facts(object) {
  return h("dl", { class: "facts" }, Object.entries(object).map(([name, value]) => [
    h("dt", {}, name.replaceAll("_", " ")),
    h("dd", {}, value !== null && typeof value === "object" ? h("pre", { class: "pre" }, JSON.stringify(value, null, 2)) : String(value)),
  ]));
}
