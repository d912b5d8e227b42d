/** "Forward an e-mail": paste the raw mail, drop an .eml file, or take a sample; it arrives as Slack's e-mail file. */

import { api } from "./api.js";
import { awaitAnswer, selectChannel } from "./actions.js";
import { dialog, toast } from "./popover.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { SAMPLES } from "./samples.js";
import { channelById, myChannels, state } from "./state.js";

const LARGEST = 10 * 1024 * 1024;

export function emailDialog() {
  let file = null;
  const text = h("textarea", { class: "field mono", id: "email-text", testid: "email-text", rows: "11", spellcheck: "false", "data-autofocus": true,
    placeholder: "From: Hanna Weiss <hanna@post.example>\nSubject: Can I return worn boots?\n\nHello, …" });
  const peek = h("div", { class: "mail-peek", aria: { live: "polite" } });
  const problem = h("p", { class: "input-error", role: "alert", hidden: true, testid: "email-error" });
  const room = h("select", { class: "field compact", testid: "email-channel", aria: { label: "Channel" } }, rooms().map((channel) =>
    h("option", { value: channel.id }, channel.is_im ? `${state.bot.name} (direct message)` : `#${channel.name}`)));
  room.value = rooms().some((channel) => channel.id === state.channel) ? state.channel : rooms()[0].id;
  const submit = h("button", { type: "button", class: "button primary", testid: "email-send", disabled: true }, "Forward to the channel");

  const refresh = () => {
    problem.hidden = true;
    submit.disabled = !text.value.trim();
    drawPeek(peek, text.value, file);
  };
  const take = async (chosen) => {
    if (!chosen) return;
    if (chosen.size > LARGEST) { complain(problem, "That file is larger than 10 MB."); return; }
    const raw = new Uint8Array(await chosen.arrayBuffer());
    text.value = new TextDecoder("utf-8").decode(raw);
    file = { name: chosen.name, raw, shown: text.value };
    refresh();
  };
  text.addEventListener("input", () => { if (file && text.value !== file.shown) file = null; refresh(); });

  const pick = h("input", { type: "file", accept: ".eml,message/rfc822,text/plain", class: "visually-hidden", testid: "email-file", tabindex: "-1", onchange: (event) => take(event.target.files[0]) });
  const zone = h("div", { class: "dropzone", testid: "email-drop" }, icon("mail", 20),
    h("span", {}, "Drop an ", h("code", {}, ".eml"), " file here, ", h("button", { type: "button", class: "linkish", onclick: () => pick.click() }, "choose one"), ", or paste the raw mail below."), pick);
  const samples = h("div", { class: "samples" }, h("span", {}, "Samples"), SAMPLES.map((sample, i) =>
    h("button", { type: "button", class: "chip", testid: `email-sample${i ? `-${i + 1}` : ""}`, title: sample.note, onclick: () => { file = null; text.value = sample.eml(); refresh(); text.scrollTop = 0; } }, sample.name)));

  const build = (close) => {
    submit.addEventListener("click", () => forwardMail({ channel: room.value, text: text.value, file, submit, problem, close }));
    const body = h("div", { class: "dialog-body email-body" }, zone, samples, h("label", { class: "visually-hidden", for: "email-text" }, "Raw e-mail"), text, peek, problem,
      h("footer", { class: "dialog-foot" }, h("label", { class: "foot-left" }, "to ", room),
        h("button", { type: "button", class: "button", onclick: () => close("dismissed") }, "Cancel"), submit));
    dropping(body, zone, take);
    return body;
  };
  dialog({ title: "Forward an e-mail", subtitle: "It arrives in Slack as an e-mail sent to the channel’s address: an e-mail file with an empty message.", build, className: "wide", testid: "email-dialog" });
  refresh();
}

const rooms = () => myChannels().filter((channel) => channelById(channel.id).is_member !== false);

function complain(problem, words) {
  fill(problem, icon("alert", 15), words);
  problem.hidden = false;
}

async function forwardMail({ channel, text, file, submit, problem, close }) {
  submit.disabled = true;
  submit.classList.add("busy");
  try {
    const reply = await api.email({ channel, user: state.me, ...(file ? { eml_b64: base64(file.raw) } : { eml: text }) });
    close("sent");
    selectChannel(channel);
    awaitAnswer(channel, reply.ts);
    toast("E-mail forwarded", "done");
  } catch (error) {
    complain(problem, error.message);
  } finally {
    submit.disabled = false;
    submit.classList.remove("busy");
  }
}

function base64(bytes) {
  let binary = "";
  for (let i = 0; i < bytes.length; i += 0x8000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(binary);
}

function dropping(area, zone, take) {
  area.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("over"); });
  area.addEventListener("dragleave", (event) => { if (!area.contains(event.relatedTarget)) zone.classList.remove("over"); });
  area.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    take(event.dataTransfer.files[0]);
  });
}

/** From and subject as far as the head of the mail shows them; the server reads it properly. */
function drawPeek(peek, raw, file) {
  const headers = raw.split(/\r?\n\r?\n/, 1)[0].replace(/\r?\n[ \t]+/g, " ");
  const header = (name) => headers.match(new RegExp(`^${name}:\\s*(.+)$`, "im"))?.[1].trim();
  const [from, subject] = [header("From"), header("Subject")];
  peek.hidden = !raw.trim();
  fill(peek, file && h("span", { class: "peek-file" }, icon("file", 14), file.name),
    from || subject
      ? [h("span", {}, h("b", {}, "From "), from ?? "nobody"), h("span", {}, h("b", {}, "Subject "), subject ?? "none")]
      : h("span", { class: "peek-warn" }, icon("alert", 14), "No From or Subject line: is this a raw e-mail?"));
}
