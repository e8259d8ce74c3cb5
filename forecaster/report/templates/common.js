"use strict";
// What the scripts of all pages need.
const $ = (id) => document.getElementById(id);

// ---- numbers, rounded as in wording.py
function chanceOf(p, draws) {
  const q = (p * draws + 0.5) / (draws + 1);
  const step = stepOf(100 * Math.sqrt(q * (1 - q) / draws));
  const points = step * Math.round(100 * p / step);
  return points < step ? "<" + step : points > 100 - step ? ">" + (100 - step) : String(points);
}
const stepOf = (error) => (error <= 2 ? 1 : error <= 10 ? 5 : 10);
const grouped = new Intl.NumberFormat("en-GB");
const number = (n) => grouped.format(n);
const signed = (n) => (n > 0 ? "+" : n < 0 ? "−" : "") + Math.abs(n);

// ---- names
const fold = (text) => text.replace(/['’‘`´ʼ′.]/g, "").replace(/&/g, " and ").normalize("NFKD")
  .replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
// As in vocabulary.words: what tells a seat's name from another, in any order.
const small = new Set(["the", "and", "of", "on", "upon"]);
const words = (text) => fold(text).split(" ").filter((word) => !small.has(word))
  .map((word) => (word === "saint" ? "st" : word)).sort().join(" ");
const safe = (text) => String(text).replace(/[&<>"']/g, (c) => "&#" + c.charCodeAt(0) + ";");

// ---- a map of seats, as hexagons or as they lie on the ground
/**
 * Let the seats of a map be shown as outlines, if there are any; return where they lie now.
 *
 * `hexes` are its groups by seat, each with a hexagon and perhaps letters.
 */
function placesOf(svg, hexes, ground) {
  const box = svg.getAttribute("viewBox"), moves = hexes.map((g) => g.getAttribute("transform"));
  const places = moves.map((move) => move.match(/[\d.]+/g).map(Number));
  if (!ground) return places;
  const uses = hexes.map((g) => g.firstElementChild), outlines = [];
  const outline = (g, i) => {
    const path = document.createElementNS(g.namespaceURI, "path");
    path.setAttribute("d", ground.paths[i]);
    return path;
  };
  $("ground").onchange = () => {
    const on = $("ground").checked;
    svg.classList.toggle("ground", on);
    svg.setAttribute("viewBox", on ? ground.box : box);
    hexes.forEach((g, i) => {
      if (on) outlines[i] ||= outline(g, i);
      g.replaceChild(on ? outlines[i] : uses[i], g.firstElementChild);
      g.setAttribute("transform", on ? "" : moves[i]);
      const { x, y, width, height } = on ? g.getBBox() : {};
      places[i] = on ? [x + width / 2, y + height / 2] : moves[i].match(/[\d.]+/g).map(Number);
    });
  };
  return places;
}
/** Return the neighbour of a seat in the direction of an arrow key. */
function neighbourOf(places, i, key) {
  const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  let best = i, least = Infinity;
  places.forEach(([x, y], j) => {
    const [a, b] = [x - places[i][0], y - places[i][1]];
    const along = a * dx + b * dy, across = Math.abs(a * dy) + Math.abs(b * dx);
    if (along > 1 && along + 2.5 * across < least && across <= along * 1.2) [best, least] = [j, along + 2.5 * across];
  });
  return best;
}

// ---- files to take away
// A text that a spreadsheet would take for a formula gets an apostrophe.
const harmless = (value) => typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value ?? "");
const quoted = (value) => /[",\n]/.test(harmless(value)) ? `"${harmless(value).replace(/"/g, '""')}"` : harmless(value);
const csvOf = (rows) => "\ufeff" + rows.map((row) => row.map(quoted).join(",")).join("\r\n") + "\r\n";
function saveFile(name, content, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
