/** Ready-made e-mails for the dialog: written for this playground, to try what mail readers stumble over. */

const today = () => new Date().toUTCString().replace("GMT", "+0000");
const id = () => `<${crypto.randomUUID()}@mail.example>`;

const head = (from, to, subject, more = []) => [
  `From: ${from}`, `To: ${to}`, `Subject: ${subject}`, `Date: ${today()}`, `Message-ID: ${id()}`, ...more, "MIME-Version: 1.0",
];

export const SAMPLES = [
  {
    name: "A customer writes", note: "Plain text with a signature",
    eml: () => [
      ...head("Hanna Weiss <hanna.weiss@post.example>", "help@cairnway.example", "Boots rub after two walks, can I send them back?"),
      "Content-Type: text/plain; charset=utf-8", "",
      "Hello,", "",
      "I bought the Fellwalker GTX three weeks ago (order CW-51877) and have worn them on two walks.",
      "They rub badly at the heel. I am a Club member. Can I still return them, and do I get my money back?", "",
      "Kind regards", "Hanna Weiss", "-- ", "Hanna Weiss | Lindenweg 4, Freiburg | +49 761 555 0199",
    ].join("\n"),
  },
  {
    name: "A forwarded complaint", note: "The customer is inside a colleague’s forward",
    eml: () => [
      ...head("Priya Raman <priya@cairnway.example>", "support-desk@cairnway.example", "Fwd: Where is my parcel???"),
      "Content-Type: text/plain; charset=utf-8", "",
      "Can somebody take this one? She also wrote to us on Instagram.", "",
      "---------- Forwarded message ---------", "From: Ellen Marsh <ellen.marsh@post.example>", "Date: Mon, 16 Nov 2026 at 21:14",
      "Subject: Where is my parcel???", "To: <marketing@cairnway.example>", "",
      "My order CW-50342 was promised for the 9th. It is a week late, tracking has not moved, and the tent was for",
      "my son's birthday on Saturday. I want it here by Friday or my money back.", "", "Ellen Marsh",
    ].join("\n"),
  },
  {
    name: "HTML with a quoted thread", note: "The question is the short text on top",
    eml: () => [
      ...head("Marc Dubois <marc.dubois@courriel.example>", "Cairnway Help <help@cairnway.example>", "Re: Your order CW-52210 has been shipped", ["In-Reply-To: <ship-52210@mail.cairnway.example>"]),
      'Content-Type: multipart/alternative; boundary="cairn"', "",
      "--cairn", "Content-Type: text/plain; charset=utf-8", "",
      "Thanks! One question: can I have the invoice with our VAT number on it?", "",
      "On Thu, 19 Nov 2026 at 08:02, Cairnway <no-reply@mail.cairnway.example> wrote:", "> Good news: your parcel is on its way.", "> Refund and return information is at the end of this e-mail.", "",
      "--cairn", "Content-Type: text/html; charset=utf-8", "",
      "<p>Thanks! One question: can I have the <b>invoice</b> with our VAT number on it?</p>",
      '<div class="gmail_quote">On Thu, 19 Nov 2026 Cairnway wrote:<blockquote>Good news: your parcel is on its way.</blockquote></div>', "",
      "--cairn--",
    ].join("\n"),
  },
];
