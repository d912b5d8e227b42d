/** Talking to the playground server: JSON requests and the event stream. */

export class RequestFailed extends Error {
  constructor(message, reply = {}) {
    super(message);
    this.reply = reply;
  }
}

async function request(path, options) {
  let response;
  try {
    response = await fetch(path, { cache: "no-store", ...options });
  } catch {
    throw new RequestFailed("The playground server is not answering. Is it still running?");
  }
  const reply = await response.json().catch(() => ({}));
  if (!response.ok || reply.ok === false) throw new RequestFailed(inWords(reply, response.status), reply);
  return reply;
}

function inWords(reply, status) {
  if (typeof reply.error === "string" && reply.error) return reply.error;
  return `The playground server refused the request (HTTP ${status}).`;
}

const get = (path) => request(path);

function post(name, body) {
  return request(`/playground/${name}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

export const api = {
  state: () => get("/playground/state"),
  trace: (channel, ts) => get(`/playground/trace?${new URLSearchParams({ channel, ts })}`),
  message: (body) => post("message", body),
  edit: (body) => post("edit", body),
  remove: (body) => post("delete", body),
  react: (body) => post("reaction", body),
  interact: (body) => post("interact", body),
  view: (body) => post("view", body),
  email: (body) => post("email", body),
  open: (body) => post("open", body),
};

/**
 * Follows the event stream from `cursor`. On a broken line it waits, asks `resync` for a fresh cursor (the server may
 * have restarted with an empty memory) and goes on from there. `onLine(true|false)` tells whether the line is up.
 */
export function follow(cursor, { onEvent, onLine, resync }) {
  let source;
  let wait = 500;
  const connect = (from) => {
    source = new EventSource(`/playground/events?cursor=${encodeURIComponent(from)}`);
    source.onopen = () => { wait = 500; onLine(true); };
    source.onmessage = (event) => {
      const change = JSON.parse(event.data);
      if (change.kind === "reload") restart(0);
      else onEvent(change);
    };
    source.onerror = () => { onLine(false); restart(wait); };
  };
  const restart = (delay) => {
    source.close();
    setTimeout(async () => {
      wait = Math.min(wait * 2, 8000);
      try {
        connect(await resync());
      } catch {
        restart(wait);
      }
    }, delay);
  };
  addEventListener("pagehide", () => source.close());
  connect(cursor);
}
