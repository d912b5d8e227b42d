/** What hangs under a message's text: e-mail files, other files, shared messages and legacy attachments. */

import { h, isOwnUrl, link, safeUrl } from "./dom.js";
import { renderBlocks } from "./blocks.js";
import { avatar } from "./people.js";
import { icon } from "./icons.js";
import { inline, mrkdwn } from "./mrkdwn.js";
import { dayOf } from "./state.js";

export function fileCard(file) {
  if (file.mode === "email" || file.filetype === "email") return emailCard(file);
  const open = safeUrl(file.url_private ?? file.permalink);
  const face = [h("span", { class: "file-icon" }, icon("file", 20)),
    h("span", { class: "file-name" }, h("strong", {}, file.title || file.name || "File"), h("small", {}, [file.pretty_type ?? file.mimetype, bytes(file.size)].filter(Boolean).join(" · ")))];
  return open && isOwnUrl(open) ? link(open, face, { class: "file-card" }) : h("div", { class: "file-card" }, face);
}

export function bytes(size) {
  if (!Number.isFinite(size)) return "";
  if (size < 1024) return `${size} B`;
  return size < 1048576 ? `${(size / 1024).toFixed(size < 10240 ? 1 : 0)} kB` : `${(size / 1048576).toFixed(1)} MB`;
}

function emailCard(file) {
  const body = file.plain_text || file.preview_plain_text || "";
  const row = (label, people) => people?.length ? h("div", { class: "mail-row" }, h("dt", {}, label), h("dd", {}, people.map((one, i) => [i ? ", " : "", address(one)]))) : null;
  return h("article", { class: "mail-card", aria: { label: `E-mail: ${file.subject ?? file.title ?? "no subject"}` } },
    h("header", { class: "mail-head" }, icon("mail", 17),
      h("strong", {}, file.subject || file.title || "(no subject)"),
      file.headers?.date && h("time", {}, shortDate(file.headers.date))),
    h("dl", { class: "mail-rows" }, row("From", file.from), row("To", file.to), row("Cc", file.cc)),
    foldable(body.trim() || "(This e-mail has no text.)"),
    file.attachments?.length ? h("ul", { class: "mail-files", aria: { label: "Attached files" } }, file.attachments.map((part) =>
      h("li", {}, icon("file", 14), part.filename || "unnamed", h("small", {}, bytes(part.size))))) : null);
}

function address(one) {
  if (!one.name) return one.address || one.original || "";
  return h("span", {}, h("b", {}, one.name), h("span", { class: "mail-address" }, ` ${one.address ?? ""}`));
}

function shortDate(text) {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? text : date.toLocaleString([], { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
}

/** Long text, folded to a few lines until asked for. */
function foldable(text) {
  const body = h("div", { class: "mail-body" }, text);
  if (text.length < 420 && text.split("\n").length <= 8) return body;
  body.classList.add("folded");
  const toggle = h("button", { type: "button", class: "linkish", aria: { expanded: false }, onclick: () => {
    const folded = body.classList.toggle("folded");
    toggle.textContent = folded ? "Show the whole e-mail" : "Show less";
    toggle.setAttribute("aria-expanded", String(!folded));
  } }, "Show the whole e-mail");
  return [body, toggle];
}

export function attachment(spec, ctx) {
  return spec.is_share || spec.is_msg_unfurl ? sharedMessage(spec, ctx) : legacy(spec, ctx);
}

function sharedMessage(spec, ctx) {
  const blocks = (spec.message_blocks ?? []).flatMap((entry) => entry?.message?.blocks ?? []);
  const from = safeUrl(spec.from_url);
  return h("blockquote", { class: "shared" },
    h("div", { class: "shared-head" }, avatar(spec.author_id ?? spec.author_name, "tiny", spec.author_name), h("strong", {}, spec.author_name ?? "Someone")),
    h("div", { class: "text" }, blocks.length ? renderBlocks(blocks, { sources: ctx.sources }) : mrkdwn(spec.text ?? spec.fallback ?? "", ctx)),
    (spec.files ?? []).map(fileCard),
    h("div", { class: "shared-foot" }, inline(spec.footer ?? "Shared message", { verbatim: true }),
      spec.ts ? ` · ${dayOf(spec.ts).toLocaleString([], { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" })}` : null,
      from && isOwnUrl(from) && [" · ", h("a", { href: from, "data-internal": true }, "View message")]));
}

function legacy(spec, ctx) {
  const node = h("div", { class: "attachment" },
    spec.pretext && h("div", { class: "text" }, mrkdwn(spec.pretext, ctx)),
    spec.author_name && h("div", { class: "shared-head" }, h("strong", {}, spec.author_name)),
    spec.title && h("div", { class: "attachment-title" }, spec.title_link ? link(spec.title_link, spec.title) : spec.title),
    spec.blocks ? renderBlocks(spec.blocks, ctx) : h("div", { class: "text" }, mrkdwn(spec.text ?? spec.fallback ?? "", ctx)),
    spec.fields && h("div", { class: "fields" }, spec.fields.map((field) => h("div", {}, h("strong", {}, field.title ?? ""), h("div", {}, mrkdwn(field.value ?? "", ctx))))),
    spec.footer && h("div", { class: "shared-foot" }, spec.footer));
  if (/^#?[0-9a-f]{6}$/i.test(spec.color ?? "")) node.style.borderLeftColor = `#${spec.color.replace("#", "")}`;
  return node;
}
