/** The elements of a context_actions block: thumbs up and down, and icon buttons. */

import { act, words } from "./elements.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { state } from "./state.js";

export function feedbackButtons(spec, block, ctx) {
  const chosen = ctx.feedback?.[state.me];
  const thumb = (button, name, testid) => {
    if (!button) return null;
    const pressed = chosen !== undefined && chosen === button.value;
    return h("button", {
      type: "button", class: ["thumb", pressed && "pressed"], testid, title: words(button.text),
      data: { focus: `${block.block_id}/${spec.action_id}/${testid}` },
      aria: { label: button.accessibility_label || words(button.text), pressed },
      onclick: (event) => act(spec, block, ctx, { value: button.value }, event.currentTarget),
    }, icon(name, 16), h("span", {}, words(button.text)));
  };
  return h("div", { class: "thumbs", role: "group", aria: { label: "Was this helpful?" } },
    thumb(spec.positive_button, "up", "feedback-up"), thumb(spec.negative_button, "thumbsDown", "feedback-down"));
}

export function iconButton(spec, block, ctx) {
  const allowed = !spec.visible_to_user_ids || spec.visible_to_user_ids.includes(state.me);
  if (!allowed) return null;
  return h("button", {
    type: "button", class: "thumb", title: words(spec.text), testid: `button-${spec.action_id}`,
    data: { focus: `${block.block_id}/${spec.action_id}` },
    aria: { label: spec.accessibility_label || words(spec.text) },
    onclick: (event) => act(spec, block, ctx, { value: spec.value }, event.currentTarget),
  }, icon({ trash: "trash" }[spec.icon] ?? "more", 16), h("span", {}, words(spec.text)));
}
