/** One article of the sample help centre, as the link of a citation opens it. */

import { fragment, h, readArticlesOf } from "./dom.js";
import { markdown } from "./markdown.js";

const address = new URLSearchParams(location.search).get("url") ?? "";
const main = document.getElementById("article");

async function read() {
  const response = await fetch(`/playground/article?url=${encodeURIComponent(address)}`);
  const found = await response.json();
  if (!found.ok) return h("p", {}, found.error);
  readArticlesOf(found.hosts);
  document.title = found.title;
  const meta = [`updated ${found.updated}`, found.audience === "internal" ? "for staff only" : null, found.url];
  return fragment([
    h("h1", {}, found.title),
    h("p", { class: "article-meta" }, meta.filter(Boolean).join(" · ")),
    markdown(found.text),
  ]);
}

main.replaceChildren(await read());
main.removeAttribute("aria-busy");
