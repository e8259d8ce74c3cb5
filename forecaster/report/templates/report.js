(() => {
const D = JSON.parse($("data").textContent);
document.documentElement.classList.remove("no-js");

// Names of what the data hold by position.
const [CODE, NAME, REGION, WINNER, MAJORITY, CANDIDATE, LAST] = [0, 1, 2, 3, 4, 5, 6];
const [SEAT, PACT, FLAG, DONORS, GAIN, BACKFIRE, EXCEEDS, LEAD, CLARITY, LOW, MEDIAN, HIGH, ADVICE] =
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
const CHANCE = 1e4, SHARE = 1e3, ROWS = 60, BASE = D.base.replace("-notional", "");

// ---- numbers, rounded as in wording.py
const chance = (p) => chanceOf(p, D.draws);
const percent = (p) => chance(p) + " %";
const share = (s) => (s / 10).toFixed(1) + " %";
const whole = (s) => Math.round(s / 10) + " %";
const code = (p) => D.parties[p][0], label = (p) => D.parties[p][1], letters = (p) => D.parties[p][2];
const partyOf = new Map(D.parties.map(([code], p) => [code, p]));
const badge = (p, band = 0) =>
  `<span class="b ${code(p)}-${band}" title="${safe(D.parties[p][3])}">${safe(code(p))}</span>`;
const meter = (p, cls) =>
  `<span class="meter" aria-hidden="true"><i class="${cls}" style="width:${(100 * p).toFixed(1)}%"></i></span>`;

// ---- one seat in one scenario
const starts = [];
D.stands.reduce((at, parties) => (starts.push(at), at + parties.length), 0);
const at = (values, scenario, seat) => values[scenario].slice(starts[seat], starts[seat] + D.stands[seat].length);
const bandOf = (p) => D.bands.findIndex(([, lowest]) => p >= lowest);
const folded = D.seats.map((seat) => fold(seat[NAME]));
const index = new Map([
  ...D.elsewhere.map(([name, i, note]) => [words(name), [i, note]]),
  ...D.seats.map((seat, i) => [words(seat[NAME]), [i, ""]]),
]);

const cache = new Map();
function seatRows(scenario) {
  if (!cache.has(scenario)) cache.set(scenario, D.seats.map((_, i) => seatRow(scenario, i)));
  return cache.get(scenario);
}
function seatRow(scenario, i) {
  const win = at(D.win, scenario, i), mean = at(D.mean, scenario, i), parties = D.stands[i];
  const order = parties.map((_, k) => k).sort((a, b) => win[b] - win[a]);
  const [a, b] = order;
  const effects = effectsOf(scenario).get(i) || [];
  return {
    i, first: parties[a], chance: win[a] / CHANCE, band: bandOf(win[a] / CHANCE),
    second: parties[b], next: win[b] / CHANCE,
    shares: parties.map((p, k) => [p, mean[k]]).sort((x, y) => y[1] - x[1]).slice(0, 3),
    net: effects.length ? Math.max(...effects.map((e) => e[GAIN] - e[BACKFIRE])) / CHANCE : null,
    effects,
  };
}
const effectCache = new Map();
function effectsOf(scenario) {
  if (!effectCache.has(scenario)) {
    const map = new Map();
    for (const e of D.effects[D.scenarios[scenario].name] || []) map.set(e[SEAT], [...(map.get(e[SEAT]) || []), e]);
    effectCache.set(scenario, map);
  }
  return effectCache.get(scenario);
}

// ---- state
const scenarioBox = $("scenario");
let scenario = scenarioBox ? Number(scenarioBox.value) : 0;

// ---- tables: sort, filter, first rows or all
class Grid {
  constructor({ table, more, count, columns, rows, filter, sort, noun }) {
    Object.assign(this, { columns, rows, filter, noun, sort, all: false });
    this.head = $(table).tHead.rows[0]; this.body = $(table).tBodies[0];
    this.more = $(more); this.count = $(count);
    this.more.onclick = () => { this.all = true; this.draw(); };
    this.head.onclick = (event) => {
      const button = event.target.closest("button");
      if (button) this.order(Number(button.dataset.k));
    };
  }
  order(k) {
    this.sort = this.sort[0] === k ? [k, -this.sort[1]] : [k, this.columns[k].text ? 1 : -1];
    this.draw();
    this.head.querySelector(`[data-k="${k}"]`).focus();
  }
  shown() {
    const rows = this.rows().filter(this.filter), [k, sign] = this.sort;
    if (k === null) return rows;
    const value = this.columns[k].value;
    return rows.map((row) => [value(row), row]).sort(([x], [y]) =>
      x === y ? 0 : x === null ? 1 : y === null ? -1 : sign * (x < y ? -1 : 1)).map(([, row]) => row);
  }
  draw() {
    const rows = this.shown(), columns = this.columns.filter((c) => !c.when || c.when());
    this.head.innerHTML = columns.map((c) => {
      const k = this.columns.indexOf(c);
      const sorted = this.sort[0] === k ? ` aria-sort="${this.sort[1] > 0 ? "ascending" : "descending"}"` : "";
      const cls = [c.n ? "n" : "", c.far ? "far" : ""].join(" ").trim();
      return `<th scope="col" class="${cls}"${sorted}>${c.value ? `<button type="button" data-k="${k}">${c.title()}</button>` : c.title()}</th>`;
    }).join("");
    const visible = this.all ? rows : rows.slice(0, ROWS);
    this.body.innerHTML = visible.map((row) => "<tr>" + columns.map((c, k) => {
      const cls = [c.n ? "n" : "", c.far ? "far" : ""].join(" ").trim();
      return k ? `<td class="${cls}">${c.cell(row)}</td>` : `<th scope="row">${c.cell(row)}</th>`;
    }).join("") + "</tr>").join("");
    const total = this.rows().length;
    this.count.textContent = rows.length === 0 ? `No ${this.noun} fit.` :
      `${number(rows.length)} of ${number(total)} ${this.noun}` + (visible.length < rows.length ? `; the first ${ROWS} shown` : "");
    this.more.hidden = visible.length === rows.length;
    this.more.textContent = `Show all ${number(rows.length)}`;
  }
}
const nameCell = (i) => `<button type="button" class="name" data-seat="${i}">${safe(D.seats[i][NAME])}</button><span class="small">${safe(D.regions[D.seats[i][REGION]])}</span>`;
const effectCell = (effects) => effects.map((e) => `<span class="gain">${chance(e[GAIN] / CHANCE)}</span> / <span class="loss">${chance(e[BACKFIRE] / CHANCE)}</span>`).join("<br>");
const several = () => D.scenarios[scenario].pacts.length > 1;
const hasPacts = () => D.scenarios[scenario].pacts.length > 0;

const seatGrid = new Grid({
  table: "table", more: "more", count: "count", noun: "seats", sort: [0, 1],
  rows: () => seatRows(scenario),
  filter: (row) => {
    const wanted = fold($("search").value), region = $("region").value;
    const party = $("favourite").value, status = $("status").value;
    return (!wanted || folded[row.i].includes(wanted)) && (!region || D.seats[row.i][REGION] === Number(region)) &&
      (!party || row.first === Number(party)) && statusFits(row, status);
  },
  columns: [
    { title: () => "Seat", text: true, value: (r) => folded[r.i], cell: (r) => nameCell(r.i) },
    { title: () => "Region", text: true, far: true, value: (r) => D.regions[D.seats[r.i][REGION]], cell: (r) => safe(D.regions[D.seats[r.i][REGION]]) },
    { title: () => BASE, text: true, far: true, value: (r) => code(D.seats[r.i][WINNER]), cell: (r) => badge(D.seats[r.i][WINNER]) },
    { title: () => "Favourite", text: true, value: (r) => code(r.first), cell: (r) => badge(r.first) },
    { title: () => "Chance", n: true, value: (r) => r.chance, cell: (r) => meter(r.chance, code(r.first) + "-0") + percent(r.chance) },
    { title: () => "Next", far: true, text: true, value: (r) => code(r.second), cell: (r) => `<span class="whole">${badge(r.second)} ${percent(r.next)}</span>` },
    { title: () => "Expected shares", far: true, cell: (r) => `<span class="whole">${r.shares.map(([p, s]) => `${code(p)} ${Math.round(s / 10)}`).join(" · ")}</span>` },
    { title: () => "Pact wins / loses (of 100)", n: true, when: hasPacts, value: (r) => r.net, cell: (r) => r.effects.length ? effectCell(r.effects) : "–" },
    { title: () => "Break-even transfer", n: true, far: true, when: hasPacts, value: (r) => r.effects.length ? r.effects[0][MEDIAN] : null, cell: (r) => r.effects.map((e) => e[MEDIAN] === null ? "–" : whole(e[MEDIAN])).join("<br>") || "–" },
  ],
});
function statusFits(row, status) {
  if (!status) return true;
  if (status === "changes") return row.first !== D.seats[row.i][WINNER];
  if (status === "pact") return row.effects.some((e) => e[GAIN] >= 500 || e[BACKFIRE] >= 500);
  return row.band === Number(status);
}

const targetGrid = $("target-table") && new Grid({
  table: "target-table", more: "target-more", count: "target-count", noun: "seats", sort: [4, -1],
  rows: () => (D.effects[D.scenarios[scenario].name] || []).filter((e) => e[PACT] === Number($("target-pact").value || 0)),
  filter: (e) => !$("target-show").value || e[ADVICE] === Number($("target-show").value),
  columns: [
    { title: () => "Seat", text: true, value: (e) => folded[e[SEAT]], cell: (e) => nameCell(e[SEAT]) },
    { title: () => "Back", text: true, value: (e) => code(e[FLAG]), cell: (e) => badge(e[FLAG]) },
    { title: () => donorsTitle(), text: true, far: true, value: (e) => e[DONORS].map(code).join(), cell: (e) => `<span class="whole">${e[DONORS].map((p) => badge(p)).join(" ") || "–"}</span>` },
    { title: () => "How clear (lead)", far: true, value: (e) => e[LEAD], cell: (e) => e[LEAD] === null ? "–" : `${safe(e[CLARITY])} <span class="muted">(${signed(Math.round(e[LEAD]))})</span>` },
    { title: () => "Net gain", n: true, value: (e) => e[GAIN] - e[BACKFIRE], cell: (e) => meter(Math.abs(e[GAIN] - e[BACKFIRE]) / CHANCE, e[GAIN] >= e[BACKFIRE] ? "e-6" : "e-0") + net(e) },
    { title: () => "Wins / loses (of 100)", n: true, far: true, value: (e) => e[GAIN], cell: (e) => effectCell([e]) },
    { title: () => "Break-even", n: true, far: true, value: (e) => e[MEDIAN], cell: (e) => e[MEDIAN] === null ? "–" : whole(e[MEDIAN]) },
    { title: () => "Advice", text: true, when: () => !several(), value: (e) => e[ADVICE], cell: (e) => adviceCell(e) },
  ],
});
const pactNow = () => D.scenarios[scenario].pacts[Number($("target-pact").value || 0)];
function donorsTitle() { return hasPacts() ? safe(pactNow().donors) : ""; }
function net(e) {
  const value = (e[GAIN] - e[BACKFIRE]) / CHANCE, text = chance(Math.abs(value));
  return text.startsWith("<") ? text : (value < 0 ? "−" : "+") + text;
}
function adviceCell(e) {
  if (e[ADVICE] === null) return "–";
  const words = D.advice[e[ADVICE]];
  if (e[ADVICE] === 2) return `<span class="loss">${hasPacts() && pactNow().donors === "Stand aside" ? "do not stand aside here" : "leave this seat out"}</span>`;
  return e[ADVICE] === 0 ? `<span class="gain">${words}</span>` : words;
}

// ---- map
const hexes = [], texts = [];
for (const g of document.querySelectorAll("#map g[data-i]")) {
  hexes[Number(g.dataset.i)] = g;
  texts[Number(g.dataset.i)] = g.querySelector("text");
}
function paint(i, cls, mark) {
  const g = hexes[i];
  if (!g) return;
  g.setAttribute("class", cls + (i === current ? " on" : ""));
  if (!texts[i]) {
    texts[i] = document.createElementNS(g.namespaceURI, "text");
    texts[i].setAttribute("y", "3.2");
    g.append(texts[i]);
  }
  if (texts[i].textContent !== mark) texts[i].textContent = mark;
}
const layer = () => document.querySelector("input[name=layer]:checked").value;
let current = -1;
function drawMap() {
  const kind = layer();
  for (const box of document.querySelectorAll("#layers [data-for]")) {
    box.hidden = box.dataset.for !== kind || (kind === "pact" && !several());
  }
  if (kind === "winner") {
    D.layers.winner[scenario].forEach((cls, i) => paint(i, cls, letters(partyOf.get(cls.slice(0, cls.lastIndexOf("-"))))));
    legend("Letters and colour: the likely winner, the fainter the less certain.", D.bands.map(([name, lowest], k) => [`Con-${k}`, "C", name + (lowest ? `: from ${100 * lowest} %` : "")]), partiesOnMap());
  } else if (kind === "pact") {
    const digits = hasPacts() ? D.layers.pact[scenario][Number($("map-pact").value || 0)] : "";
    D.seats.forEach((_, i) => digits[i] && digits[i] !== "." ? paint(i, "e-" + digits[i], D.layers.signs[digits[i]]) : paint(i, "e-3", ""));
    legend(hasPacts() ? `${several() ? "All pacts at once against none, for the members of" : "What the pact does for the members of"} “${D.scenarios[scenario].pacts[Number($("map-pact").value || 0)].label}”: how often they win the seat by it less how often they lose it, of 100. Without a sign: it does not apply here.` : "Choose a scenario with a pact above.",
      D.layers.words.effect.map((words, k) => [`e-${k}`, D.layers.signs[k], words]).reverse());
  } else {
    const party = $("map-party").value, tragedy = Number($("map-tragedy").value);
    const digits = kind === "party" ? D.layers.party[scenario][party] : D.layers.tragedy[tragedy];
    D.seats.forEach((_, i) => paint(i, digits[i] === "." ? "e-3" : "c-" + digits[i], ""));
    const words = kind === "party" ? `Chance that ${label(partyOf.get(party))} wins.` :
      `Chance of a tragedy without pacts. ${D.tragedies[tragedy].statement}`;
    legend(words, D.layers.words.chance.map((w, k) => [`c-${k}`, "", w]).reverse());
  }
}
function partiesOnMap() {
  const seen = new Set(D.layers.winner[scenario].map((cls) => cls.slice(0, cls.lastIndexOf("-"))));
  return D.parties.filter((p) => seen.has(p[0])).map((p) => `<span class="party"><span class="b ${p[0]}-0">${p[2]}</span> ${safe(p[1])}</span>`).join(" ");
}
function legend(words, items, more = "") {
  $("legend").innerHTML = `<p>${safe(words)}</p><ul>` + items.map(([cls, mark, text]) =>
    `<li><span class="b ${cls}">${mark || "&nbsp;"}</span> ${safe(text)}</li>`).join("") + "</ul>" + (more ? `<p>${more}</p>` : "");
}
function point(i) {
  if (i === current) return;
  if (hexes[current]) hexes[current].classList.remove("on");
  current = i;
  const g = hexes[i];
  g.classList.add("on");
  g.parentNode.append(g);
  const row = seatRows(scenario)[i], seat = D.seats[i];
  $("readout").classList.remove("empty");
  $("readout").innerHTML = `<h3>${safe(seat[NAME])}</h3><p class="muted">${safe(D.regions[seat[REGION]])}; ${BASE}: ${safe(label(seat[WINNER]))}</p>` +
    topChances(i).map(([p, c]) => `<div>${meter(c, code(p) + "-0")}${badge(p)} ${percent(c)}</div>`).join("") +
    row.effects.map((e) => `<p>Back ${badge(e[FLAG])}: wins it ${chance(e[GAIN] / CHANCE)}, loses it ${chance(e[BACKFIRE] / CHANCE)} of 100.</p>`).join("") +
    `<p><button type="button" data-seat="${i}">All about this seat</button></p>`;
}
function topChances(i) {
  const win = at(D.win, scenario, i);
  return D.stands[i].map((p, k) => [p, win[k] / CHANCE]).sort((a, b) => b[1] - a[1]).slice(0, 3).filter(([, c]) => c > 0);
}
const places = placesOf($("map"), hexes, D.ground);
const neighbour = (i, key) => neighbourOf(places, i, key);
const box = $("map-box");
box.tabIndex = 0;
box.setAttribute("role", "application");
box.setAttribute("aria-label", "Map of seats: arrow keys move from seat to seat, Enter opens one");
box.addEventListener("pointermove", (event) => {
  const g = event.pointerType !== "touch" && event.target.closest("g[data-i]");
  if (g) point(Number(g.dataset.i));
});
box.addEventListener("pointerup", (event) => {
  const g = event.target.closest("g[data-i]");
  if (!g) return;
  point(Number(g.dataset.i));
  if (event.pointerType !== "touch") open(Number(g.dataset.i));
});
box.addEventListener("focus", () => { if (current < 0 && box.matches(":focus-visible")) point(places.findIndex(Boolean)); });
box.addEventListener("keydown", (event) => {
  if (event.key.startsWith("Arrow")) { event.preventDefault(); point(neighbour(Math.max(current, 0), event.key)); }
  if (event.key === "Enter" && current >= 0) open(current);
});

// ---- one seat
function open(i, note = "") {
  const seat = D.seats[i], region = D.regions[seat[REGION]];
  const who = label(seat[WINNER]) + (seat[CANDIDATE] ? ` (${seat[CANDIDATE]})` : "");
  $("seat-body").innerHTML = `<h2 id="seat-name">${safe(seat[NAME])}</h2><p class="muted">${safe(region)}, ${safe(seat[CODE])}</p>` +
    (note ? `<p class="warning">${safe(note)}</p>` : "") + `<p>Won in ${BASE} by ${safe(who)}, ${number(seat[MAJORITY])} votes ahead.</p>` +
    chancesTable(i) + pactsTable(i) + tragedyLine(i);
  $("seat").showModal();
  $("seat").scrollTop = 0;
}
function chancesTable(i) {
  const last = new Map(D.seats[i][LAST]), parties = D.stands[i];
  const mean = at(D.mean, 0, i), low = at(D.low, 0, i), high = at(D.high, 0, i);
  const order = parties.map((_, k) => k).sort((a, b) => mean[b] - mean[a]);
  const top = Math.max(...high, 100);
  const several = D.scenarios.length > 1;
  const head = D.scenarios.map((s) => `<th scope="col" class="n">${several ? safe(s.label) : "Wins"}</th>`).join("");
  const rows = order.map((k) => {
    const p = parties[k], x = (s) => (120 * s / top).toFixed(1);
    const range = `<svg class="range far" viewBox="0 0 120 16" aria-hidden="true"><line x1="${x(low[k])}" x2="${x(high[k])}" y1="8" y2="8" class="mark" stroke-width="2"/><g class="${code(p)}-0"><circle cx="${x(mean[k])}" cy="8" r="6" class="mark" style="fill:inherit"/></g></svg>`;
    return `<tr><th scope="row">${badge(p)} ${label(p) === code(p) ? "" : `<span class="far">${safe(label(p))}</span>`}</th><td class="n">${last.has(p) ? share(last.get(p)) : "–"}</td><td class="n">${share(mean[k])}</td><td class="n far">${Math.round(low[k] / 10)} to ${whole(high[k])}</td><td class="far">${range}</td>` +
      D.scenarios.map((_, s) => `<td class="n">${percent(at(D.win, s, i)[k] / CHANCE)}</td>`).join("") + "</tr>";
  }).join("");
  return `<div class="scroll" tabindex="0" role="region" aria-label="Shares and chances"><table><caption>${several ? "Shares without pacts; how often each party wins, by scenario" : "Shares, and how often each party wins"}</caption><thead><tr><th scope="col">Party</th><th scope="col" class="n">${BASE}</th><th scope="col" class="n">Expected</th><th scope="col" class="n far">90 of 100</th><th scope="col" class="far"><span class="hidden">The same as a picture</span></th>${head}</tr></thead><tbody>${rows}</tbody></table></div>`;
}
function pactsTable(i) {
  const rows = D.scenarios.flatMap((s, k) => (effectsOf(k).get(i) || []).map((e) => {
    const moved = e[DONORS].map(label).join(", ");
    const even = e[MEDIAN] === null ? "no transfer would do" : `${whole(e[MEDIAN])} (${e[LOW] === null ? "–" : whole(e[LOW])} to ${e[HIGH] === null ? "never" : whole(e[HIGH])})`;
    const pact = s.pacts.length > 1 ? `${s.pacts[e[PACT]].label}, all pacts at once` : s.label;
    return `<tr><th scope="row" class="pact">${safe(pact)}</th><td>${badge(e[FLAG])}</td><td class="far">${safe(s.pacts[e[PACT]].donors)}: ${safe(moved || "–")}</td><td class="n">${effectCell([e])}</td><td class="n">${even}</td><td class="n">${e[EXCEEDS] === null ? "–" : percent(e[EXCEEDS] / CHANCE)}</td></tr>`;
  })).join("");
  if (!rows) return "";
  return `<div class="scroll" tabindex="0" role="region" aria-label="What pacts do here"><table><caption>What pacts do here</caption><thead><tr><th scope="col">Scenario</th><th scope="col">Back</th><th scope="col" class="far">Who moves</th><th scope="col" class="n">Wins / loses (of 100)</th><th scope="col" class="n">Break-even transfer (90 of 100)</th><th scope="col" class="n">Enough arrive</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}
function tragedyLine(i) {
  return D.sides.map((k) => D.tragedies[k]).map((side) =>
    `<p class="note">A tragedy (${safe(side.name)}) without pacts: ${percent(side.chances[i] / CHANCE)}. ${safe(side.statement)}</p>`).join("");
}
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-seat]");
  if (button) open(Number(button.dataset.seat));
  if (event.target === $("seat")) $("seat").close();
});

// ---- find a seat
$("names").innerHTML = [...D.seats.map((seat) => seat[NAME]), ...D.elsewhere.map(([name]) => name)]
  .map((name) => `<option value="${safe(name)}">`).join("");
function find() {
  const wanted = words($("find").value);
  if (!wanted) return;
  const begins = (name) => wanted.split(" ").every((part) => name.split(" ").some((word) => word.startsWith(part)));
  const part = [...index.keys()].filter(begins).sort((a, b) => a.length - b.length)[0];
  const [i, note] = index.get(wanted) || index.get(part) || [-1, ""];
  $("find").setCustomValidity(i < 0 ? "No seat of that name." : "");
  if (i < 0) { $("find").reportValidity(); return; }
  $("find").value = "";
  if (hexes[i]) point(i);
  open(i, note);
}
$("find").addEventListener("change", find);
$("find").addEventListener("input", () => $("find").setCustomValidity(""));

// ---- majorities
function drawMajority() {
  const chosen = [...document.querySelectorAll("#sets input:checked")].map((box) => Number(box.value));
  const set = chosen.reduce((sum, k) => sum + 2 ** k, 0);
  const rule = $("away").checked ? 0 : 1;
  const names = chosen.map((k) => label(D.majorities.parties[k])).join(" + ");
  $("majority").innerHTML = chosen.length === 0 ? "<p>Choose at least one party.</p>" :
    `<p>${safe(names)}: a majority in</p>` + D.scenarios.map((s, k) => {
      const p = D.majorities.chances[k][rule][set] / CHANCE;
      return `<div>${meter(p, "c-6")} <strong>${percent(p)}</strong> ${D.scenarios.length > 1 ? safe(s.label) : "of the simulated elections"}</div>`;
    }).join("");
}
for (const id of ["sets", "away"]) $(id).addEventListener("change", drawMajority);

// ---- files to take away
function save(kind) {
  const rows = kind === "seats" ? seatGrid.shown().map((r) => [D.seats[r.i][CODE], D.seats[r.i][NAME], D.regions[D.seats[r.i][REGION]], code(D.seats[r.i][WINNER]), code(r.first), r.chance, code(r.second), r.next]) :
    targetGrid.shown().map((e) => [D.seats[e[SEAT]][CODE], D.seats[e[SEAT]][NAME], D.regions[D.seats[e[SEAT]][REGION]], pactNow().name, code(e[FLAG]), e[DONORS].map(code).join("+"), e[LEAD], e[CLARITY], e[GAIN] / CHANCE, e[BACKFIRE] / CHANCE, e[MEDIAN] === null ? "" : e[MEDIAN] / SHARE, D.advice[e[ADVICE]]]);
  const head = kind === "seats" ? ["seat", "name", "region", "last_winner", "favourite", "win_probability", "runner_up", "runner_up_probability"] :
    ["seat", "name", "region", "pact", "flag_bearer", "donors", "lead_pp", "clarity", "gain", "backfire", "break_even_p50", "advice"];
  saveFile(`${kind}-${D.scenarios[scenario].name}.csv`, csvOf([head, ...rows]), "text/csv");
}
for (const button of document.querySelectorAll("[data-save]")) button.onclick = () => save(button.dataset.save);

// ---- everything that follows the scenario
function fillPacts() {
  for (const id of ["map-pact", "target-pact"]) {
    if (!$(id)) continue;
    $(id).innerHTML = D.scenarios[scenario].pacts.map((p, k) => `<option value="${k}">${safe(p.label)}</option>`).join("");
  }
  for (const part of document.querySelectorAll("#targets [data-for=together]")) part.hidden = !several();
  for (const part of document.querySelectorAll("#targets [data-for=alone]")) part.hidden = several();
  if (several() && $("target-show")) $("target-show").value = "";
  for (const id of ["targets", "to-targets"]) if ($(id)) $(id).hidden = !hasPacts();
}
function fillFavourites() {
  const chosen = $("favourite").value, parties = [...new Set(seatRows(scenario).map((r) => r.first))].sort((a, b) => a - b);
  $("favourite").innerHTML = '<option value="">all</option>' + parties.map((p) => `<option value="${p}">${safe(label(p))}</option>`).join("");
  $("favourite").value = parties.includes(Number(chosen)) ? chosen : "";
}
function drawAll() {
  for (const part of document.querySelectorAll("[data-scenario]")) part.classList.toggle("other", Number(part.dataset.scenario) !== scenario);
  fillPacts();
  fillFavourites();
  seatGrid.draw();
  if (targetGrid) targetGrid.draw();
  drawMap();
}
if (scenarioBox) scenarioBox.onchange = () => { scenario = Number(scenarioBox.value); current = -1; drawAll(); };
for (const id of ["region", "favourite", "status"]) $(id).addEventListener("change", () => { seatGrid.all = false; seatGrid.draw(); });
$("search").addEventListener("input", () => { seatGrid.all = false; seatGrid.draw(); });
$("filters").addEventListener("submit", (event) => event.preventDefault());
$("layers").addEventListener("change", drawMap);
if (targetGrid) for (const id of ["target-pact", "target-show"]) $(id).addEventListener("change", () => { targetGrid.all = false; targetGrid.draw(); });
drawAll();
drawMajority();
// What the next scenario needs, while nobody waits for it.
D.scenarios.forEach((_, s) => setTimeout(() => seatRows(s), 50 * s));
window.forecastReport = { chance };
})();
