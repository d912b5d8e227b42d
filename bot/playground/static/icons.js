/** Line icons on a 24-unit grid, drawn as DOM nodes (the page's policy forbids data: images). */

import { svg } from "./dom.js";

const PATHS = {
  hash: ["M5 9h15M4 15h15M10 4 8 20M16 4l-2 16"],
  search: ["M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM20 20l-4-4"],
  send: ["M4 12 3.6 4.6c0-.5.5-.8 1-.6l15.6 7.4c.6.3.6 1 0 1.3L4.6 20c-.5.2-1-.1-1-.6L4 12Zm0 0h8"],
  thread: ["M20 12a7.5 7.5 0 0 1-11 6.6L4 20l1.4-4.6A7.5 7.5 0 1 1 20 12Z", "M9 11h6M9 14h4"],
  smile: ["M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z", "M8.5 14.5c1.8 2.2 5.2 2.2 7 0M9 9.5v.01M15 9.5v.01"],
  edit: ["M4 20h4L19 9a2.1 2.1 0 0 0-4-4L4 16v4ZM13.5 6.5l4 4"],
  trash: ["M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5"],
  forward: ["M14 6l6 6-6 6M20 12h-9c-4 0-7 2-7 6"],
  link: ["M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7l-1.3 1.3M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7l1.3-1.3"],
  close: ["M6 6l12 12M18 6 6 18"],
  mail: ["M4 6h16v12H4zM4 7l8 6 8-6"],
  at: ["M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8Z", "M16 8v5.5a2.5 2.5 0 0 0 5 0V12a9 9 0 1 0-4 7.5"],
  down: ["M6 9l6 6 6-6"],
  right: ["M9 6l6 6-6 6"],
  arrow: ["M5 12h14M13 6l6 6-6 6"],
  jump: ["M12 5v14M6 13l6 6 6-6"],
  up: ["M7 11v9H4v-9h3Zm0 0 4-7c1.7 0 2.5 1.2 2.2 2.8L12.7 10H18a2 2 0 0 1 2 2.4l-1.2 6A2 2 0 0 1 16.8 20H7"],
  thumbsDown: ["M17 13V4h3v9h-3Zm0 0-4 7c-1.7 0-2.5-1.2-2.2-2.8l.5-3.2H6a2 2 0 0 1-2-2.4l1.2-6A2 2 0 0 1 7.2 4H17"],
  trace: ["M4 6h5M4 12h9M4 18h5", "M17 20a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM13 6h7M17 6v8"],
  more: ["M5.4 12a.6.6 0 1 0 1.2 0 .6.6 0 1 0-1.2 0M11.4 12a.6.6 0 1 0 1.2 0 .6.6 0 1 0-1.2 0M17.4 12a.6.6 0 1 0 1.2 0 .6.6 0 1 0-1.2 0"],
  eye: ["M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Z", "M12 14.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z"],
  file: ["M6 3h8l4 4v14H6zM14 3v4h4"],
  image: ["M4 5h16v14H4zM4 16l4.5-4.5L13 16l3-3 4 4M15 9.5v.01"],
  refresh: ["M20 11a8 8 0 1 0-2 6M20 5v6h-6"],
  check: ["M5 12.5l4.5 4.5L19 7.5"],
  alert: ["M12 4 2.8 20h18.4L12 4ZM12 10v4M12 17v.01"],
  pulse: ["M3 12h4l2.5-7 5 14 2.5-7h4"],
  spark: ["M12 3l1.8 5.2L19 10l-5.2 1.8L12 17l-1.8-5.2L5 10l5.2-1.8zM19 16v4M17 18h4"],
  home: ["M4 11l8-7 8 7v9h-5v-6H9v6H4z"],
};

export function icon(name, size = 18) {
  return svg(
    "svg",
    { viewBox: "0 0 24 24", width: size, height: size, fill: "none", stroke: "currentColor", "stroke-width": 1.8,
      "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true", class: "icon" },
    (PATHS[name] ?? PATHS.more).map((d) => svg("path", { d })),
  );
}

/** The bot's mark: three stones of a cairn. */
export function cairn(size = 22) {
  return svg(
    "svg",
    { viewBox: "0 0 32 32", width: size, height: size, "aria-hidden": "true" },
    svg("ellipse", { cx: 16, cy: 24.5, rx: 11, ry: 4, fill: "currentColor", opacity: 0.95 }),
    svg("ellipse", { cx: 16, cy: 16.4, rx: 7.6, ry: 3.3, fill: "currentColor", opacity: 0.8 }),
    svg("ellipse", { cx: 16, cy: 9.4, rx: 4.7, ry: 2.8, fill: "#f2c744" }),
  );
}
