(() => {
const D = JSON.parse($("data").textContent);
document.documentElement.classList.remove("no-js");

// Names of what the data hold by position.
const [CODE, NAME, REGION, WINNER, MAJORITY, CANDIDATE, LAST, COUNTY] = [0, 1, 2, 3, 4, 5, 6, 7];
const [SEAT, PACT, FLAG, DONORS, GAIN, BACKFIRE, EXCEEDS, LEAD, CLARITY, LOW, MEDIAN, HIGH, ADVICE, SO_FAR, PRIORITY] =
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14];
const CHANCE = 1e4, SHARE = 1e3, ROWS = matchMedia("(max-width: 820px)").matches ? 20 : 60, BASE = D.base.replace("-notional", "");

// Of scenarios with pacts, chances and shares are stored less those without.
for (const [first, ...others] of [D.win, D.mean, D.low, D.high]) {
  for (const of of others) first.forEach((value, k) => { of[k] += value; });
}

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
// Names on these boundaries, and those of the others, which have a note that says so.
const named = (rows) => new Map(rows.map(([name, i, note]) => [words(name), [i, note]]));
const here = named([...D.elsewhere.filter(([, , note]) => !note), ...D.seats.map((seat, i) => [seat[NAME], i, ""])]);
const there = named(D.elsewhere.filter(([, , note]) => note));

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
  constructor({ table, more, count, columns, rows, filter, sort, noun, sum = () => "" }) {
    Object.assign(this, { columns, rows, filter, noun, sort, sum, all: false });
    this.head = $(table).tHead.rows[0]; this.body = $(table).tBodies[0];
    this.more = $(more); this.count = $(count);
    this.more.onclick = () => { this.all = true; this.draw(); };
    this.head.onclick = (event) => {
      const button = event.target.closest("button");
      if (button) this.order(Number(button.dataset.k));
    };
  }
  order(k) {
    this.sort = this.sort[0] === k ? [k, -this.sort[1]] : [k, this.columns[k].text || this.columns[k].rising ? 1 : -1];
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
    this.body.innerHTML = visible.map((row) => "<tr>" + columns.map((c) => {
      const cls = [c.n ? "n" : "", c.far ? "far" : ""].join(" ").trim();
      return c.head ? `<th scope="row">${c.cell(row)}</th>` : `<td class="${cls}">${c.cell(row)}</td>`;
    }).join("") + "</tr>").join("");
    const total = this.rows().length;
    this.count.textContent = rows.length === 0 ? `No ${this.noun} fit.` :
      `${number(rows.length)} of ${number(total)} ${this.noun}` + this.sum(rows) + (visible.length < rows.length ? `; the first ${ROWS} shown` : "");
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
    { title: () => "Seat", text: true, head: true, value: (r) => folded[r.i], cell: (r) => nameCell(r.i) },
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

const targetRows = () => (D.effects[D.scenarios[scenario].name] || []).filter((e) => e[PACT] === Number($("target-pact").value || 0));
const rankOf = new Map(Object.values(D.effects).flatMap((rows) => D.scenarios.flatMap((_, pact) =>
  rows.filter((e) => e[PACT] === pact).map((e, k) => [e, k + 1]))));
const perDonor = (e) => (e[DONORS].length ? (e[GAIN] - e[BACKFIRE]) / e[DONORS].length : null);
const fits = (id, value) => $(id).value === "" || Number($(id).value) === value;
const targetGrid = $("target-table") && new Grid({
  table: "target-table", more: "target-more", count: "target-count", noun: "seats", sort: [0, 1],
  rows: targetRows,
  filter: (e) => fits("target-show", e[ADVICE]) && fits("target-part", e[PRIORITY]) &&
    fits("target-region", D.seats[e[SEAT]][REGION]) && fits("target-county", D.seats[e[SEAT]][COUNTY]) &&
    fits("target-back", e[FLAG]) && ($("target-aside").value === "" || e[DONORS].includes(Number($("target-aside").value))),
  sum: (rows) => `; together ${seats(rows.reduce((sum, e) => sum + (e[GAIN] - e[BACKFIRE]) / CHANCE, 0))} seats on average`,
  columns: [
    { title: () => "Rank", n: true, value: (e) => rankOf.get(e), rising: true, cell: (e) => rankOf.get(e) },
    { title: () => "Seat", text: true, head: true, value: (e) => folded[e[SEAT]], cell: (e) => nameCell(e[SEAT]) },
    { title: () => "Back", text: true, value: (e) => code(e[FLAG]), cell: (e) => badge(e[FLAG]) },
    { title: () => donorsTitle(), text: true, far: true, value: (e) => e[DONORS].map(code).join(), cell: (e) => `<span class="whole">${e[DONORS].map((p) => badge(p)).join(" ") || "–"}</span>` },
    { title: () => "How clear (lead)", far: true, value: (e) => e[LEAD], cell: (e) => e[LEAD] === null ? "–" : `${D.clarities[e[CLARITY]]} <span class="muted">(${signed(Math.round(e[LEAD]))})</span>` },
    { title: () => "Net gain", n: true, value: (e) => e[GAIN] - e[BACKFIRE], cell: (e) => meter(Math.abs(e[GAIN] - e[BACKFIRE]) / CHANCE, e[GAIN] >= e[BACKFIRE] ? "e-6" : "e-0") + net(e) },
    { title: () => "Seats so far", n: true, value: (e) => e[SO_FAR], cell: (e) => seats(e[SO_FAR]) },
    { title: () => "Each who gives way", n: true, far: true, value: perDonor, cell: (e) => e[DONORS].length ? ofHundred(perDonor(e)) : "–" },
    { title: () => "Wins / loses (of 100)", n: true, far: true, value: (e) => e[GAIN], cell: (e) => effectCell([e]) },
    { title: () => "Break-even", n: true, far: true, value: (e) => e[MEDIAN], cell: (e) => e[MEDIAN] === null ? "–" : whole(e[MEDIAN]) },
    { title: () => "Advice", text: true, when: () => !several(), value: (e) => e[ADVICE], cell: (e) => adviceCell(e) },
    { title: () => "Of the gain", text: true, far: true, value: (e) => e[PRIORITY], cell: (e) => e[PRIORITY] === null ? "–" : D.priorities[e[PRIORITY]] },
  ],
});
const pactNow = () => D.scenarios[scenario].pacts[Number($("target-pact").value || 0)];
function donorsTitle() { return hasPacts() ? safe(pactNow().donors) : ""; }
const seats = (n) => (n > 0 ? "+" : n < 0 ? "−" : "") + Math.abs(n).toFixed(1);
const net = (e) => ofHundred(e[GAIN] - e[BACKFIRE]);
function ofHundred(points) {
  const value = points / CHANCE, text = chance(Math.abs(value));
  return text.startsWith("<") ? text : (value < 0 ? "−" : "+") + text;
}
function adviceCell(e) {
  if (e[ADVICE] === null) return "–";
  const words = D.advice[e[ADVICE]];
  if (e[ADVICE] === 2) return `<span class="loss">${hasPacts() && pactNow().donors === "Stand aside" ? "do not stand aside here" : "leave this seat out"}</span>`;
  return e[ADVICE] === 0 ? `<span class="gain">${words}</span>` : words;
}

// ---- deals by county
const [DEAL_PACT, DEAL_REGION, DEAL_COUNTY, MEMBER, BACKED, GIVES, BALANCE, , , CHANGE] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const dealRows = () => (D.deals[D.scenarios[scenario].name] || []).filter((d) => d[DEAL_PACT] === Number($("target-pact").value || 0));
function drawDeals() {
  const region = $("deal-region").value, rows = dealRows(), members = [...new Set(rows.map((d) => d[MEMBER]))];
  const areas = new Map();
  for (const d of rows) {
    const inside = region === "" ? d[DEAL_COUNTY] < 0 : d[DEAL_REGION] === Number(region);
    const key = `${d[DEAL_REGION]} ${d[DEAL_COUNTY]}`;
    if (inside) areas.set(key, [...(areas.get(key) || []), d]);
  }
  const cell = (d) => d ? `<td class="n"><strong>${d[BALANCE]}</strong> <span class="muted whole">(${d[BACKED]} / ${d[GIVES]})</span><br><span class="whole">${d[CHANGE]} seats</span></td>` : '<td class="n">–</td>';
  $("deals").tHead.innerHTML = `<tr><th scope="col">Area</th>${members.map((p) => `<th scope="col" class="n">${badge(p)}</th>`).join("")}</tr>`;
  $("deals").tBodies[0].innerHTML = [...areas.values()].map((deals) => {
    const [[, r, c]] = deals;
    const name = c >= 0 ? D.counties[c] : r >= 0 ? D.regions[r] : "Everywhere";
    return `<tr><th scope="row">${safe(name)}</th>${members.map((p) => cell(deals.find((d) => d[MEMBER] === p))).join("")}</tr>`;
  }).join("");
}
function saveDeals() {
  const head = ["pact", "region", "county", "member", "bearer", "aside", "balance", "without", "with", "difference"];
  const rows = dealRows().map((d) => [pactNow().name, D.regions[d[DEAL_REGION]] ?? "all", D.counties[d[DEAL_COUNTY]] ?? "all", code(d[MEMBER]), ...d.slice(BACKED).map((text) => Number(text.replace("−", "-")))]);
  saveFile(`deals-${D.scenarios[scenario].name}.csv`, csvOf([head, ...rows]), "text/csv");
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
    legend("Letters and colour: the likely winner, the fainter the less certain.", bandItems(), partiesOnMap());
  } else if (kind === "changes") {
    const rows = seatRows(scenario), changed = rows.filter((r) => r.first !== D.seats[r.i][WINNER]);
    rows.forEach((r) => paint(r.i, "e-3", ""));
    changed.forEach((r) => paint(r.i, `${code(r.first)}-${r.band}`, letters(r.first)));
    legend(`${number(changed.length)} seats whose likely winner is not who won in ${BASE}: letters and colour of the likely winner, the fainter the less certain.`, bandItems(), partiesOnMap());
  } else if (kind === "pact") {
    const digits = hasPacts() ? D.layers.pact[scenario][Number($("map-pact").value || 0)] : "";
    D.seats.forEach((_, i) => digits[i] && digits[i] !== "." ? paint(i, "e-" + digits[i], D.layers.signs[digits[i]]) : paint(i, "e-3", ""));
    legend(hasPacts() ? `${several() ? "All pacts at once against none, for the members of" : "What the pact does for the members of"} “${D.scenarios[scenario].pacts[Number($("map-pact").value || 0)].label}”: how often they win the seat by it less how often they lose it, of 100. Without a sign: it does not apply here.` : "Choose a scenario with a pact above.",
      D.layers.words.effect.map((words, k) => [`e-${k}`, D.layers.signs[k], words]).reverse());
  } else {
    const party = $("map-party").value, tragedy = Number($("map-tragedy").value);
    const digits = kind === "party" ? D.seats.map((_, i) => levelOf(i, partyOf.get(party))) : D.layers.tragedy[tragedy];
    D.seats.forEach((_, i) => paint(i, digits[i] === "." ? "e-3" : "c-" + digits[i], ""));
    const words = kind === "party" ? `Chance that ${label(partyOf.get(party))} wins.` :
      `Chance of a tragedy without pacts. ${D.tragedies[tragedy].statement}`;
    legend(words, D.layers.words.chance.map((w, k) => [`c-${k}`, "", w]).reverse());
  }
}
const bandItems = () => D.bands.map(([name, lowest], k) => [`Con-${k}`, "C", name + (lowest ? `: from ${100 * lowest} %` : "")]);
function levelOf(i, party) {
  const k = D.stands[i].indexOf(party), p = D.win[scenario][starts[i] + k] / CHANCE;
  return k < 0 ? "." : D.layers.ends.filter((end) => p >= end).length;
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
let opened = -1;
function show(html) {
  $("seat-body").innerHTML = html;
  if (!$("seat").open) $("seat").showModal();
  $("seat").scrollTop = 0;
}
function open(i, note = "") {
  const seat = D.seats[i], place = [D.counties[seat[COUNTY]], D.regions[seat[REGION]], seat[CODE]].filter(Boolean);
  const who = label(seat[WINNER]) + (seat[CANDIDATE] ? ` (${seat[CANDIDATE]})` : "");
  show(`<h2 id="seat-name">${safe(seat[NAME])}</h2><p class="muted">${safe([...new Set(place)].join(", "))}</p>` +
    (note ? `<p class="warning">${safe(note)}</p>` : "") + `<p>Won in ${BASE} by ${safe(who)}, ${number(seat[MAJORITY])} votes ahead.</p>` +
    chancesTable(i) + pactsTable(i) + whyTable(i) + tragedyLine(i));
  opened = i;
  address();
}
$("seat").addEventListener("close", () => { opened = -1; address(); });
// A party that gives way stays on the ballot paper only where its people refuse.
const asideIn = (s, i, p) => (effectsOf(s).get(i) || []).some((e) => D.scenarios[s].pacts[e[PACT]].form === "stand-aside" && e[DONORS].includes(p));
function chancesTable(i) {
  const last = new Map(D.seats[i][LAST]), parties = D.stands[i], several = D.scenarios.length > 1;
  const [mean, low, high] = [D.mean, D.low, D.high].map((of) => D.scenarios.map((_, s) => at(of, s, i)));
  const order = parties.map((_, k) => k).sort((a, b) => mean[0][b] - mean[0][a]);
  const top = Math.max(...high[scenario], 100), x = (v) => (120 * v / top).toFixed(1);
  const head = D.scenarios.map((s, k) => `<th scope="col" class="n">${!several ? "Wins" : k ? safe(s.label) : "No pacts"}</th>`).join("");
  const cell = (k, s) => asideIn(s, i, parties[k]) ? '<td class="n muted">stands aside</td>' :
    `<td class="n"><strong>${percent(at(D.win, s, i)[k] / CHANCE)}</strong><br><span class="muted">${share(mean[s][k])}<br>${Math.round(low[s][k] / 10)} to ${whole(high[s][k])}</span></td>`;
  const range = (k) => asideIn(scenario, i, parties[k]) ? "" : `<svg class="range" viewBox="0 0 120 16" aria-hidden="true"><line x1="${x(low[scenario][k])}" x2="${x(high[scenario][k])}" y1="8" y2="8" class="mark" stroke-width="2"/><g class="${code(parties[k])}-0"><circle cx="${x(mean[scenario][k])}" cy="8" r="6" class="mark" style="fill:inherit"/></g></svg>`;
  const rows = order.map((k) => {
    const p = parties[k];
    return `<tr><th scope="row">${badge(p)} ${label(p) === code(p) ? "" : `<span class="far">${safe(label(p))}</span>`}</th><td class="n far">${last.has(p) ? share(last.get(p)) : "–"}</td>` +
      D.scenarios.map((_, s) => cell(k, s)).join("") + `<td class="far">${range(k)}</td></tr>`;
  }).join("");
  const step = top > 500 ? 200 : 100, ticks = Array.from({ length: Math.floor(top / step) + 1 }, (_, t) => t * step);
  const scale = `<svg class="range" viewBox="0 0 120 16" aria-hidden="true">${ticks.map((t) => `<line x1="${x(t)}" x2="${x(t)}" y1="0" y2="4" class="mark"/><text x="${x(t)}" y="15" text-anchor="middle" font-size="10" class="ink">${t / 10}${t ? "" : " %"}</text>`).join("")}</svg>`;
  const picture = `Shares${several ? `: ${scenario ? safe(D.scenarios[scenario].label) : "no pacts"}` : ""}${scale}`;
  return `<h3>Chances and shares</h3><p class="note">How often each party wins; below it its share, and the range of 90 of 100.</p><div class="scroll" tabindex="0" role="region" aria-label="Chances and shares"><table class="shares"><thead><tr><th scope="col">Party</th><th scope="col" class="n far">${BASE}</th>${head}<th scope="col" class="far">${picture}</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}
function whyTable(i) {
  if (!D.why) return "";
  const parties = D.stands[i], parts = D.why.map(([heading, of]) => [heading, of.slice(starts[i], starts[i] + parties.length)])
    .filter(([, of], k) => k === 0 || of.some(Boolean));
  const total = parties.map((_, k) => parts.reduce((sum, [, of]) => sum + of[k], 0));
  const points = (v) => (v > 0 ? "+" : v < 0 ? "−" : "") + (Math.abs(v) / 10).toFixed(1);
  const rows = parties.map((_, k) => k).sort((a, b) => total[b] - total[a]).map((k) =>
    `<tr><th scope="row">${badge(parties[k])}</th>` + parts.map(([, of], n) => `<td class="n">${n ? points(of[k]) : (of[k] / 10).toFixed(1)}</td>`).join("") + `<td class="n">${(total[k] / 10).toFixed(1)}</td></tr>`).join("");
  return `<details><summary>Why: from ${BASE} to the expected shares without pacts</summary><div class="scroll" tabindex="0" role="region" aria-label="Why"><table><thead><tr><th scope="col">Party</th>${parts.map(([heading]) => `<th scope="col" class="n">${safe(heading)}</th>`).join("")}<th scope="col" class="n">Expected</th></tr></thead><tbody>${rows}</tbody></table></div><p class="note">In points. ${safe(D.parts)}</p></details>`;
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
/** Return the seats that a text means, each with a note, as the command line finds them. */
function seatsCalled(text) {
  const wanted = words(text), exact = here.get(wanted) || there.get(wanted);
  if (exact || !wanted) return exact ? [exact] : [];
  const equal = (word, part) => word === part, begins = (word, part) => word.startsWith(part);
  for (const known of [here, there]) for (const fit of [equal, begins]) {
    const found = new Map([...known].filter(([name]) => wanted.split(" ").every((part) => name.split(" ").some((word) => fit(word, part))))
      .map(([, one]) => [one[0], one]));
    if (found.size) return [...found.values()];
  }
  return [];
}
function find() {
  if (!words($("find").value)) return;
  const found = seatsCalled($("find").value);
  $("find").setCustomValidity(found.length ? "" : "No seat of that name.");
  if (!found.length) { $("find").reportValidity(); return; }
  if (found.length > 1) {
    const choices = found.map(([i, note]) => `<li><button type="button" class="name" data-seat="${i}">${safe(D.seats[i][NAME])}</button> <span class="muted">${safe(note || D.regions[D.seats[i][REGION]])}</span></li>`);
    show(`<h2 id="seat-name">Which seat?</h2><p>“${safe($("find").value)}” fits ${found.length} seats.</p><ul>${choices.join("")}</ul>`);
  } else {
    const [[i, note]] = found;
    if (hexes[i]) point(i);
    open(i, note);
  }
  $("find").value = "";
}
$("find").addEventListener("change", find);
$("find").addEventListener("input", () => $("find").setCustomValidity(""));

// ---- what is shown stands in the address, so that a link leads to it
const SHOWN_FIRST = scenario;
function address() {
  const parts = new URLSearchParams(scenario === SHOWN_FIRST ? {} : { scenario: D.scenarios[scenario].name });
  if (opened >= 0) parts.set("seat", D.seats[opened][NAME]);
  const hash = String(parts) && "#" + parts;
  if (hash || location.hash.includes("=")) history.replaceState(null, "", location.pathname + location.search + hash);
}
function follow() {
  if (!location.hash.includes("=")) return;
  const parts = new URLSearchParams(location.hash.slice(1));
  const wanted = D.scenarios.findIndex((s) => s.name === parts.get("scenario"));
  if (wanted >= 0 && scenarioBox) { scenarioBox.value = wanted; change(); }
  const found = parts.has("seat") ? seatsCalled(parts.get("seat")) : [];
  const byCode = D.seats.findIndex((seat) => seat[CODE] === parts.get("seat"));
  if (byCode >= 0) open(byCode);
  else if (found.length === 1) open(...found[0]);
}
addEventListener("hashchange", follow);

// ---- majorities
function drawMajority() {
  const chosen = [...document.querySelectorAll("#sets input:checked")].map((box) => Number(box.value));
  const set = chosen.reduce((sum, k) => sum + 2 ** k, 0);
  const rule = $("away").checked ? 1 : 0;
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
    targetGrid.shown().map((e) => [rankOf.get(e), D.seats[e[SEAT]][CODE], D.seats[e[SEAT]][NAME], D.regions[D.seats[e[SEAT]][REGION]], D.counties[D.seats[e[SEAT]][COUNTY]], pactNow().name, code(e[FLAG]), e[DONORS].map(code).join("+"), e[LEAD], D.clarities[e[CLARITY]], e[GAIN] / CHANCE, e[BACKFIRE] / CHANCE, e[MEDIAN] === null ? "" : e[MEDIAN] / SHARE, e[SO_FAR], D.priorities[e[PRIORITY]], D.advice[e[ADVICE]]]);
  const head = kind === "seats" ? ["seat", "name", "region", "last_winner", "favourite", "win_probability", "runner_up", "runner_up_probability"] :
    ["rank", "seat", "name", "region", "county", "pact", "flag_bearer", "donors", "lead_pp", "clarity", "gain", "backfire", "break_even_p50", "cumulated", "priority", "advice"];
  saveFile(`${kind}-${D.scenarios[scenario].name}.csv`, csvOf([head, ...rows]), "text/csv");
}
for (const button of document.querySelectorAll("[data-save]")) {
  button.onclick = () => (button.dataset.save === "deals" ? saveDeals() : save(button.dataset.save));
}

// ---- everything that follows the scenario
function fillPacts() {
  for (const id of ["map-pact", "target-pact"]) {
    if (!$(id)) continue;
    $(id).innerHTML = D.scenarios[scenario].pacts.map((p, k) => `<option value="${k}">${safe(p.label)}</option>`).join("");
  }
  for (const part of document.querySelectorAll("#targets [data-for=together]")) part.hidden = !several();
  for (const part of document.querySelectorAll("#targets [data-for=alone]")) part.hidden = several();
  if (several() && $("target-show")) $("target-show").value = "";
  if (targetGrid && hasPacts()) fillTargets();
  for (const id of ["targets", "to-targets"]) if ($(id)) $(id).hidden = !hasPacts();
}
/** Offer of regions, counties and parties those that the pact's seats have; keep what was chosen. */
function fillTargets() {
  const rows = targetRows(), region = $("target-region").value;
  const inside = rows.filter((e) => region === "" || D.seats[e[SEAT]][REGION] === Number(region));
  const of = (found, value) => [...new Set(found.flatMap(value))].filter((v) => v >= 0);
  fill("target-region", of(rows, (e) => D.seats[e[SEAT]][REGION]).sort((a, b) => a - b), (r) => D.regions[r]);
  fill("target-county", of(inside, (e) => D.seats[e[SEAT]][COUNTY]).sort((a, b) => a - b), (c) => D.counties[c]);
  fill("target-back", of(rows, (e) => e[FLAG]), label);
  fill("target-aside", of(rows, (e) => e[DONORS]), label);
  fill("deal-region", of(rows, (e) => D.seats[e[SEAT]][REGION]).sort((a, b) => a - b), (r) => `Counties of ${D.regions[r]}`, "regions");
}
function fill(id, values, words, every = "all") {
  const chosen = $(id).value;
  $(id).innerHTML = `<option value="">${every}</option>` + values.map((v) => `<option value="${v}">${safe(words(v))}</option>`).join("");
  $(id).value = values.includes(Number(chosen)) && chosen !== "" ? chosen : "";
}
function fillFavourites() {
  fill("favourite", [...new Set(seatRows(scenario).map((r) => r.first))].sort((a, b) => a - b), label);
}
function drawAll() {
  for (const part of document.querySelectorAll("[data-scenario]")) part.classList.toggle("other", Number(part.dataset.scenario) !== scenario);
  for (const cell of document.querySelectorAll(".matrix :is(td, th)")) cell.classList.toggle("shown", cell.cellIndex === scenario + 1);
  fillPacts();
  fillFavourites();
  seatGrid.draw();
  if (targetGrid) targetGrid.draw();
  if (targetGrid && hasPacts()) drawDeals();
  drawMap();
}
function change() { scenario = Number(scenarioBox.value); current = -1; drawAll(); address(); }
if (scenarioBox) scenarioBox.onchange = change;
for (const id of ["region", "favourite", "status"]) $(id).addEventListener("change", () => { seatGrid.all = false; seatGrid.draw(); });
$("search").addEventListener("input", () => { seatGrid.all = false; seatGrid.draw(); });
$("filters").addEventListener("submit", (event) => event.preventDefault());
$("layers").addEventListener("change", drawMap);
if (targetGrid) {
  $("target-controls").addEventListener("change", () => { targetGrid.all = false; fillTargets(); targetGrid.draw(); drawDeals(); });
  $("deal-region").addEventListener("change", drawDeals);
}
drawAll();
drawMajority();
follow();
// What the next scenario needs, while nobody waits for it.
D.scenarios.forEach((_, s) => setTimeout(() => seatRows(s), 50 * s));
window.forecastReport = { chance };
})();
