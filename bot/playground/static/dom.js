/** Building DOM nodes. Everything shown on the page goes through here as text; nothing is parsed as HTML. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * h("button", { class: "primary", testid: "send", onclick: send, aria: { label: "Send" } }, "Send")
 * Children may be nodes, strings, numbers, nested arrays; null, undefined and false are skipped.
 */
export function h(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props ?? {})) assign(node, key, value);
  append(node, children);
  return node;
}

export function append(node, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === true) continue;
    node.append(child instanceof Node ? child : String(child));
  }
  return node;
}

export function fragment(...children) {
  return append(document.createDocumentFragment(), children);
}

export function fill(node, ...children) {
  node.replaceChildren();
  return append(node, children);
}

function assign(node, key, value) {
  if (value === null || value === undefined || value === false) return;
  if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
  else if (key === "class") node.className = [value].flat().filter(Boolean).join(" ");
  else if (key === "testid") node.dataset.testid = value;
  else if (key === "data") Object.assign(node.dataset, value);
  else if (key === "vars") for (const [name, v] of Object.entries(value)) node.style.setProperty(`--${name}`, v);
  else if (key === "aria") for (const [name, v] of Object.entries(value)) setAria(node, name, v);
  else if (key === "value" || key === "checked" || key === "disabled" || key === "hidden") node[key] = value;
  else node.setAttribute(key, value === true ? "" : String(value));
}

function setAria(node, name, value) {
  if (value !== null && value !== undefined) node.setAttribute(`aria-${name}`, String(value));
}

export function svg(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes ?? {})) node.setAttribute(key, String(value));
  return append(node, children);
}

/** The address if it is http(s) or a path of this page, else null: no javascript:, data: or file: link is ever made. */
export function safeUrl(url) {
  try {
    const parsed = new URL(String(url), location.origin);
    return parsed.protocol === "http:" || parsed.protocol === "https:" ? parsed.href : null;
  } catch {
    return null;
  }
}

export function isOwnUrl(url) {
  return new URL(url, location.origin).origin === location.origin;
}

let articleHosts = new Set();

/** Hosts of the sample help centre: their articles are read here, since those hosts do not exist. */
export function readArticlesOf(hosts) {
  articleHosts = new Set(hosts);
}

function place(href) {
  return articleHosts.has(new URL(href).hostname) ? `/article?url=${encodeURIComponent(href)}` : href;
}

export function link(url, children, props) {
  const safe = safeUrl(url);
  if (!safe) return h("span", { class: "dead-link" }, children);
  const href = place(safe);
  return h("a", { href, title: href === safe ? null : safe, target: "_blank", rel: "noopener noreferrer", ...props }, children);
}

/** Puts the focus back on the element that carries the same data-focus key as the one that was replaced. */
export function keepFocus(container, change) {
  const active = document.activeElement;
  const key = container.contains(active) ? active.dataset?.focus : null;
  change();
  if (key && !container.contains(document.activeElement)) {
    container.querySelector(`[data-focus="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
  }
}
