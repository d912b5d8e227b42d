/**
 * Block Kit → DOM nodes. `ctx` says where the blocks stand:
 * {sources, feedback, act(block, element, choice, node), register(block, element, read), errors}.
 */

import { append, h } from "./dom.js";
import { control, element } from "./elements.js";
import { feedbackButtons, iconButton } from "./feedback.js";
import { icon } from "./icons.js";
import { markdown } from "./markdown.js";
import { picture, textObject } from "./objects.js";
import { richText } from "./richtext.js";

export function renderBlocks(blocks, ctx = {}) {
  return h("div", { class: "blocks" }, (blocks ?? []).map((block) => renderBlock(block, ctx)));
}

export function renderBlock(block, ctx) {
  const build = BLOCKS[block?.type];
  if (!build) return unsupported(block?.type);
  try {
    return build(block, ctx);
  } catch (error) {
    console.warn("block not drawn", block, error);
    return unsupported(block.type);
  }
}

function unsupported(type) {
  return h("p", { class: "unsupported" }, `This playground does not draw “${type ?? "unknown"}” blocks.`);
}

const BLOCKS = {
  section: (block, ctx) => h("div", { class: "block-section" },
    h("div", { class: "section-text" },
      block.text && h("div", { class: "text" }, textObject(block.text, ctx)),
      block.fields && h("div", { class: "fields" }, block.fields.map((field) => h("div", { class: "text" }, textObject(field, ctx))))),
    block.accessory && h("div", { class: "accessory" }, element(block.accessory, block, ctx))),
  header: (block, ctx) => h("div", { class: "block-header", role: "heading", aria: { level: 3 } }, textObject(block.text, ctx)),
  divider: () => h("hr", { class: "block-divider" }),
  context: (block, ctx) => h("div", { class: "block-context" }, (block.elements ?? []).map((part) =>
    (part.type === "image" ? picture(part, "context-image") : h("span", { class: "text" }, textObject(part, ctx))))),
  actions: (block, ctx) => h("div", { class: "block-actions" }, (block.elements ?? []).map((part) => element(part, block, ctx))),
  context_actions: (block, ctx) => h("div", { class: "block-context-actions" }, (block.elements ?? []).map((part) =>
    (part.type === "feedback_buttons" ? feedbackButtons(part, block, ctx) : iconButton(part, block, ctx)))),
  markdown: (block, ctx) => h("div", { class: "block-markdown text" }, markdown(block.text, ctx)),
  rich_text: (block, ctx) => h("div", { class: "text" }, richText(block, ctx)),
  image: (block, ctx) => h("figure", { class: "block-image" },
    block.title && h("figcaption", {}, textObject(block.title, ctx)), picture(block, "picture")),
  input: (block, ctx) => inputBlock(block, ctx),
  table: (block, ctx) => tableBlock(block, ctx),
  alert: (block, ctx) => h("div", { class: ["block-alert", block.level ?? block.style] }, icon("alert", 16), h("div", { class: "text" }, textObject(block.text, ctx))),
  task_card: (block) => taskCard(block),
  plan: (block, ctx) => h("div", { class: "block-plan" }, h("div", { class: "plan-title" }, titleText(block.title)),
    (block.tasks ?? []).map((task) => taskCard(task, ctx))),
  file: (block) => h("div", { class: "unsupported" }, icon("file", 15), ` File ${block.external_id ?? ""}`),
};

function inputBlock(block, ctx) {
  const id = `in-${block.block_id}-${block.element?.action_id}`.replace(/\W/g, "_");
  const error = ctx.errors?.[block.block_id];
  const field = control(block.element, block, { ...ctx, inputId: id, describedBy: `${id}_note`, invalid: Boolean(error) });
  return h("div", { class: ["block-input", error && "has-error"], data: { block: block.block_id } },
    h("label", { for: id }, textObject(block.label), block.optional && h("span", { class: "optional" }, " (optional)")),
    field,
    h("div", { id: `${id}_note`, class: "input-note" },
      error ? h("span", { class: "input-error", role: "alert" }, icon("alert", 14), error) : textObject(block.hint)));
}

function tableBlock(block, ctx) {
  const settings = block.column_settings ?? [];
  const cell = (value, k, tag) => append(h(tag, { class: `at-${settings[k]?.align ?? "left"}`, scope: tag === "th" ? "col" : null }), [cellText(value, ctx)]);
  const [head, ...rows] = block.rows ?? [];
  return h("div", { class: "table-box", tabindex: "0", role: "region", aria: { label: "Table" } },
    h("table", {},
      head && h("thead", {}, h("tr", {}, head.map((value, k) => cell(value, k, "th")))),
      h("tbody", {}, rows.map((row) => h("tr", {}, row.map((value, k) => cell(value, k, "td")))))));
}

function cellText(value, ctx) {
  if (value?.type === "rich_text") return richText(value, ctx);
  return value?.type === "raw_text" || value?.type === "raw_number" ? String(value.text ?? value.value ?? "") : textObject(value, ctx);
}

const titleText = (title) => (typeof title === "string" ? title : title?.text ?? "");

/** One step of streamed work: a task_card block or a task_update chunk. */
export function taskCard(task, ctx = {}) {
  if (task.type === "plan_update") return h("div", { class: "plan-title" }, titleText(task.title));
  const status = task.status ?? "pending";
  const more = [task.details, task.output].filter(Boolean);
  return h("div", { class: ["task", `is-${status}`] },
    h("span", { class: "task-mark", aria: { label: status.replace("_", " ") }, role: "img" },
      status === "complete" ? icon("check", 14) : status === "error" ? icon("alert", 14) : h("span", { class: "spinner" })),
    h("div", {}, h("div", { class: "task-title" }, titleText(task.title)),
      more.map((part) => h("div", { class: "task-note text" }, typeof part === "string" ? markdown(part, ctx) : textObject(part, ctx)))));
}
