/** The parts that blocks and elements share: text objects and pictures. */

import { fragment, h, isOwnUrl, link, safeUrl } from "./dom.js";
import { icon } from "./icons.js";
import { inline, mrkdwn } from "./mrkdwn.js";
import { richText } from "./richtext.js";

/** A text object: plain_text or mrkdwn. */
export function textObject(object, ctx = {}) {
  if (!object) return null;
  if (typeof object === "string") return object;
  if (object.type === "mrkdwn") return mrkdwn(object.text, { ...ctx, verbatim: false });
  if (object.type === "rich_text") return richText(object, ctx);
  return inline(object.text, { verbatim: true, ...ctx });
}

/** Pictures from elsewhere are never fetched: the page makes no outside request. They are named and linked instead. */
export function picture(image, className) {
  const href = safeUrl(image.image_url);
  if (href && isOwnUrl(href)) return h("img", { class: className, src: href, alt: image.alt_text ?? "", loading: "lazy" });
  if (className === "context-image") return h("span", { class: "context-image stand-in", title: image.alt_text }, icon("image", 13));
  const words = fragment(icon("image", 20), h("span", {}, image.alt_text || "Image"));
  return href ? link(href, words, { class: `${className} stand-in` }) : h("span", { class: `${className} stand-in` }, words);
}
