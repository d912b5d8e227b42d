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

/** What the model understood: each label with its confidence, the entities as chips, anything else as facts. */
export function triagePart(triage) {
  if (typeof triage !== "object") return h("p", {}, String(triage));
  const { entities, ...others } = triage;
  const labels = Object.entries(others).map(([name, value]) => [name, ...labelled(name, value, triage)]).filter(([, label]) => label !== null);
  const taken = new Set(labels.flatMap(([name]) => [name, `${name}_confidence`]));
  const left = Object.fromEntries(Object.entries(others).filter(([name]) => !taken.has(name)));
  return h("div", { class: "triage" },
    labels.map(([name, label, confidence]) => h("div", { class: "triage-row" },
      h("span", { class: "bar-label" }, name.replaceAll("_", " ")), h("b", { class: `label-${String(label).toLowerCase()}` }, String(label).replaceAll("_", " ")),
      Number.isFinite(confidence) ? [h("span", { class: "bar", vars: { width: `${confidence * 100}%` } }), h("span", { class: "bar-value" }, confidence.toFixed(2))] : null)),
    entityChips(entities), Object.keys(left).length ? facts(left) : null);
}

/** [label, confidence] when the value reads as a classification, else [null]. */
function labelled(name, value, triage) {
  if (typeof value === "string") return [value, triage[`${name}_confidence`] ?? triage.confidences?.[name] ?? (name === "intent" ? triage.confidence : undefined)];
  if (value && typeof value === "object" && !Array.isArray(value)) {
    const label = value.label ?? value.name ?? value.value;
    if (typeof label === "string") return [label, value.confidence ?? value.score ?? value.probability];
  }
  return [null];
}

function entityChips(entities) {
  const pairs = Array.isArray(entities)
    ? entities.map((one) => (typeof one === "object" ? [one.type ?? one.name ?? one.label ?? "entity", one.value ?? one.text ?? ""] : ["entity", one]))
    : Object.entries(entities ?? {}).filter(([, value]) => value !== null && !(Array.isArray(value) && !value.length));
  if (!pairs.length) return null;
  return h("div", { class: "entities" }, pairs.map(([name, value]) =>
    h("span", { class: "entity" }, h("small", {}, String(name).replaceAll("_", " ")), typeof value === "object" ? JSON.stringify(value) : String(value))));
}

/** Any object as a list of names and values. */
export function facts(object) {
  return h("dl", { class: "facts" }, Object.entries(object).map(([name, value]) => [
    h("dt", {}, name.replaceAll("_", " ")),
    h("dd", {}, value !== null && typeof value === "object" ? h("pre", { class: "pre" }, JSON.stringify(value, null, 2)) : String(value)),
  ]));
}
