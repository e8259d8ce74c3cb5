(() => {
const D = JSON.parse($("data").textContent);
document.documentElement.classList.remove("no-js");
if (!("DecompressionStream" in window)) { $("unsupported").hidden = false; $("short").textContent = ""; return; }

const [CODE, NAME, NATION, REGION, HOLDER, COUNTY] = [0, 1, 2, 3, 4, 5];
const WIDTH = D.parties.length, COLUMNS = D.ballots[0].length, ROWS = 60, FEWEST = 100;
// In wards members share the places; a run of councils has a chamber for each.
const WARDS = Boolean(D.wards), CHAMBERS = D.chambers.length;
const [countedWord, placeWord] = WARDS ? ["councillors", "ward"] : ["seats", "seat"];
const councilOf = (i) => D.regions[D.seats[i][REGION]];
const fullName = (i) => WARDS && CHAMBERS > 1 ? `${D.seats[i][NAME]}, ${councilOf(i)}` : D.seats[i][NAME];
const code = (p) => D.parties[p][0], label = (p) => D.parties[p][1], letters = (p) => D.parties[p][2];
const badge = (p) => `<span class="b ${code(p)}-0" title="${safe(D.parties[p][3])}">${safe(code(p))}</span>`;
const ballot = (i) => D.ballots[D.seats[i][NATION]];
const copy = (value) => JSON.parse(JSON.stringify(value));
const folded = D.seats.map((_, i) => fold(fullName(i)));
const seatNamed = (text) => {
  const exact = D.seats.findIndex((_, i) => words(fullName(i)) === words(text));
  const near = exact < 0 && fold(text) ? folded.flatMap((name, i) => name.includes(fold(text)) ? [i] : []) : [];
  return exact >= 0 ? exact : near.length === 1 ? near[0] : -1;
};

// ---- writing: only what differs from what is there, for a browser lays out and paints all that is written
function write(id, html) {
  const node = $(id);
  if (node.written !== html) node.innerHTML = node.written = html;
}
/** Write the rows of a table. */
function fill(body, rows) {
  const last = body.written || [];
  while (body.rows.length > rows.length) body.deleteRow(-1);
  while (body.rows.length < rows.length) body.insertRow();
  rows.forEach((cells, k) => { if (cells !== last[k]) body.rows[k].innerHTML = cells; });
  body.written = rows;
}

// ---- state: what undo goes through and the address holds
let state = start(), past = [], future = [], edited = 0, chosen = -1, all = false, answer = null;
function start() { return { pacts: [copy(D.pacts[0])], given: [] }; }
const pact = () => state.pacts[edited];
/** Change the state; what is called while a slider moves becomes one step with what follows. */
function change(what, moving = false) {
  const before = JSON.stringify(state), { title, ...last } = copy(pact());
  what(pact());
  if (JSON.stringify(state) === before) return;
  const made = [D.pacts.find((p) => p.name === last.name)?.title, ownTitle(last)];
  // A title that nobody wrote follows what the pact has become.
  if (pact()?.name === last.name && pact().title === title && made.includes(title)) pact().title = ownTitle(pact());
  if (!moved) past.push(before);
  moved = moving;
  future = [];
  show();
}
const ownTitle = (p) => `${named(p.members)} against ${named(p.opponents)}`;
let moved = false;
function step(from, to) {
  if (!from.length) return;
  to.push(JSON.stringify(state));
  state = JSON.parse(from.pop());
  moved = false;
  show();
}
$("undo").onclick = () => step(past, future);
$("redo").onclick = () => step(future, past);
$("reset").onclick = () => { edited = 0; change(() => { state = start(); }); };
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.target.matches("input:not([type=range]):not([type=checkbox]):not([type=radio])")) return;
  const key = event.key.toLowerCase();
  if (key === "z" || key === "y") { event.preventDefault(); (key === "y" || event.shiftKey ? $("redo") : $("undo")).click(); }
});
function show() {
  edited = Math.min(edited, state.pacts.length - 1);
  count();
  drawPact();
  clearTimeout(writing);
  // Browsers allow only so many changes of the address, and take their time over one.
  writing = setTimeout(writeAddress, 150);
}
let writing = 0;
function writeAddress() {
  history.replaceState(null, "", "#" + encode({ run: D.run, wards: D.wards, ...state }));
  writing = 0;
}
function encode(value) {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}
function readAddress() {
  try {
    const raw = atob(location.hash.slice(1).replace(/-/g, "+").replace(/_/g, "/"));
    const { run, wards, pacts, given } = JSON.parse(new TextDecoder().decode(Uint8Array.from(raw, (c) => c.charCodeAt(0))));
    $("other-run").hidden = run === D.run;
    $("other-wards").hidden = wards === D.wards;
    if (pacts.length === 1 || pacts.length === 2) if (pacts.every(sound)) state = { pacts, given: given.filter(soundCondition) };
    if (wards !== D.wards) for (const p of state.pacts) forgetWards(p);
  } catch { /* An address without a pact, or one that was cut short: the page starts as new. */ }
}
/** Take from a pact what holds of single wards or councils, which are others here. */
function forgetWards(p) {
  Object.assign(p, { seats: {}, list: {}, where: { ...p.where, regions: [], seats: [] } });
  if (p.rule === "list") p.rule = "best-placed";
  state.given = state.given.filter((one) => one.seat === undefined);
}
/** Return whether a pact from an address has what the page needs, and nothing else in its place. */
function sound(p) {
  const among = (list, n) => Array.isArray(list) && list.every((k) => Number.isInteger(k) && k >= 0 && k < n);
  const rate = (value, most = 1) => value === undefined || value === null || [value].flat().every((x) => typeof x === "number" && x >= 0 && x <= most);
  const seats = { ...p.list, ...p.seats }, guarantees = p.guarantees || [];
  const slate = (one) => Array.isArray(one) && one.every(([party, number]) => among([party], WIDTH) && among([number], D.most + 1));
  const stands = WARDS ? slate : (one) => among([one[0]], WIDTH) && among(one[1], WIDTH);
  return typeof p.title === "string" && typeof p.name === "string" && among(p.members, WIDTH) && among(p.opponents, WIDTH) &&
    Object.values(p.where).every((list) => among(list, D.seats.length)) && [...$("rule").options].some((o) => o.value === p.rule) &&
    [...$("form").options].some((o) => o.value === p.form) && [p.refusal, p.backlash, p.kappa, p.gain].every((x) => rate(x)) &&
    rate(p.half, 100) && (!p.own || (rate(p.own.law, 9) && OWN.every((key) => rate(p.own[key])))) && (!(p.rates < 0) || p.own) &&
    among(Object.keys(seats).map(Number), D.seats.length) && Object.values(seats).every((one) => one === null || stands(one)) &&
    Array.isArray(guarantees) && guarantees.every((pair) => among(pair, 1000)) && Boolean(p.guarantees) === WARDS;
}
const soundCondition = (one) => Array.isArray(D.parties[Number(one.party)]) &&
  (one.seat === undefined ? Number.isFinite(one.seats) : Array.isArray(D.seats[Number(one.seat)]));
addEventListener("hashchange", () => { readAddress(); show(); });

// ---- the worker counts; while it is busy only the last request waits
const worker = new Worker(URL.createObjectURL(new Blob([$("worker").textContent], { type: "text/javascript" })));
let busy = false, waiting = false, asked = 0, first = { D, shares: $("shares").textContent };
function count() {
  if (busy) { waiting = true; return; }
  busy = true;
  waiting = false;
  asked++;
  late ||= setTimeout(() => $("results").setAttribute("aria-busy", "true"), 100);
  worker.postMessage({ id: asked, pacts: state.pacts, given: state.given, ...first });
  first = {};
}
// A seat is counted before anybody could see that the page is busy; a file that is asked for
// meanwhile is made of the answer to come.
let late = 0, wanted = null;
/** Let a button make a file of an answer that is that of the pacts. */
function onSave(id, make) {
  $(id).onclick = () => { if (busy) wanted = make; else make(); };
  saving.push($(id));
}
const saving = [];
worker.onerror = () => { $("unsupported").hidden = false; };
worker.onmessage = ({ data }) => {
  busy = false;
  if (data.answer) answer = merged(data.answer);
  if (waiting) { count(); return; }
  clearTimeout(late);
  late = 0;
  $("results").setAttribute("aria-busy", "false");
  for (const button of saving) button.disabled = Boolean(data.error);
  $("error").hidden = !data.error;
  $("error").textContent = data.error ? `${data.error} The figures below are those of the last pact that could be counted.` : "";
  if (data.answer) drawAnswer();
  if (data.error) write("short", safe(data.error));
  else wanted?.();
  wanted = null;
};

// Seats that have changed since they were painted.
let stale = new Set();
/** Return the last answer with what is new in another. */
function merged(found) {
  const { anew, seats } = found, rows = (all, some, wide = 1) => {
    const out = anew ? new Int16Array(D.seats.length * wide) : all;
    seats.forEach((i, k) => out.set(some.subarray(k * wide, (k + 1) * wide), i * wide));
    return out;
  };
  for (const i of seats) stale.add(i);
  if (anew) unmoved = new Map();
  const last = anew ? { counts: [], effects: [], actions: [] } : answer, fit = found.fit || answer.fit;
  return {
    fit, draws: anew ? fit.reduce((sum, fits) => sum + fits, 0) : answer.draws, moves: found.moves,
    totals: [found.totals[0] || answer.totals[0], found.totals[1]],
    together: [found.totals[0] ? together(found.totals[0]) : answer.together[0], together(found.totals[1])],
    counts: found.counts.map((some, k) => rows(last.counts[k], some, COLUMNS)),
    effects: found.effects.map((some, p) => Object.fromEntries(Object.entries(some).map(([key, values]) => [key, rows(last.effects[p]?.[key], values)]))),
    actions: found.actions.map((some, p) => {
      const out = last.actions[p] || [];
      seats.forEach((i, k) => { out[i] = some[k]; });
      return out;
    }),
  };
}

/** Return totals by draw and party of all chambers. */
function together(totals) {
  if (CHAMBERS === 1) return totals;
  const out = new Int16Array(D.draws * WIDTH), width = CHAMBERS * WIDTH;
  totals.forEach((number, k) => { if (number) out[Math.floor(k / width) * WIDTH + k % WIDTH] += number; });
  return out;
}

// ---- the form
function checks(id, names, read, write) {
  $(id).innerHTML = names.map(([value, text]) => `<label><input type="checkbox" value="${value}"> ${safe(text)}</label>`).join("");
  $(id).addEventListener("change", () => change((p) => {
    write(p, [...$(id).querySelectorAll("input:checked")].map((box) => Number(box.value)));
  }));
  const boxes = [...$(id).querySelectorAll("input")];
  drawn.push(() => {
    const on = read(pact());
    for (const box of boxes) box.checked = on.includes(Number(box.value));
    if ($(`on-${id}`)) $(`on-${id}`).textContent = on.length ? `(${on.length})` : "";
  });
}
const drawn = [];
const parties = D.joining.map((p) => [p, label(p)]);
checks("members", parties, (p) => p.members, (p, on) => { p.members = on; p.opponents = p.opponents.filter((q) => !on.includes(q)); });
checks("opponents", parties, (p) => p.opponents, (p, on) => { p.opponents = on; p.members = p.members.filter((q) => !on.includes(q)); });
const numbered = (names) => names.map((name, k) => [k, name]);
for (const [key, names] of Object.entries({ nations: numbered(D.nations), regions: numbered(D.regions), held: parties, led: parties, counties: numbered(D.counties || []) })) {
  if ($(key)) checks(key, names, (p) => p.where[key] || [], (p, on) => { p.where[key] = on; });
}
if (WARDS) {
  drawn.push(() => {
    const box = $("guarantees"), able = pact().members, p = pact();
    if (box.dataset.members !== able.join()) {
      box.dataset.members = able.join();
      box.innerHTML = able.map((q) => `<label>${safe(label(q))} <input type="number" min="0" max="99" id="guarantee-${q}" data-party="${q}"></label>`).join("");
    }
    for (const input of box.querySelectorAll("input")) {
      input.value = p.guarantees.find(([q]) => q === Number(input.dataset.party))?.[1] || 0;
      input.disabled = p.rule === "list";
    }
  });
  $("guarantees").onchange = (event) => change((p) => {
    const number = Math.max(0, Math.min(99, Math.round(Number(event.target.value)) || 0)), party = Number(event.target.dataset.party);
    // Who was guaranteed places first has them first.
    p.guarantees = [...new Map(p.guarantees).set(party, number)].filter(([, places]) => places);
  });
}
$("rule").onchange = () => change((p) => { p.rule = $("rule").value; });
$("keep").onchange = () => change((p) => { p.keep = $("keep").checked; });
$("title").onchange = () => change((p) => { p.title = $("title").value.trim() || p.name; });
$("preset").onchange = () => change(() => { state.pacts[edited] = copy(D.pacts[$("preset").value]); });
$("pact").onsubmit = (event) => event.preventDefault();
$("form").onchange = () => change((p) => {
  p.form = $("form").value;
  Object.assign(p, { refusal: p.refusal ?? D.judged.refusal, backlash: p.backlash ?? D.judged.backlash, rates: p.rates ?? 0, half: p.half ?? D.judged.half, gain: p.form === "campaign" ? D.judged.gain : 0 });
  if (p.form in D.judged.kappa) p.kappa = D.judged.kappa[p.form];
});
$("rates").onchange = () => change((p) => {
  if (Number($("rates").value) < 0 && !p.own) setOwn(p, usualRates(p));
  p.rates = Number($("rates").value);
});
/** Return the mean of the evidence's rates among the members, to start own figures from. */
function usualRates(p) {
  const rows = D.rates[Math.max(p.rates, 0)].rows.filter(([donor, to]) => p.members.includes(donor) && (to < 0 || p.members.includes(to)));
  const mean = (k) => Math.round(100 * rows.reduce((sum, row) => sum + row[k], 0) / Math.max(rows.length, 1)) / 100;
  return [mean(3), mean(4), mean(5)];
}
function setOwn(p, [arrive, opponent, abstain]) {
  const rest = Math.max(0, Math.round(1e6 * (1 - arrive - opponent - abstain)) / 1e6);
  p.own = { arrive, opponent, abstain, law: [arrive, opponent, abstain, rest, 0, 0, 0] };
}
const OWN = ["arrive", "opponent", "abstain"];
const middle = (rate) => {
  if (!Array.isArray(rate)) return rate;
  const odds = Math.sqrt(rate.map((p) => p / (1 - p)).reduce((a, b) => a * b));
  return odds / (1 + odds);
};
const percents = (rate) => Array.isArray(rate) ? `${+(100 * rate[0]).toFixed(1)} to ${+(100 * rate[1]).toFixed(1)} %` : `${+(100 * rate).toFixed(1)} %`;
/** Return the sliders of the pact's form: key, words, largest value in per cent, judged value. */
function slidersOf(p) {
  if (p.form === "campaign") return [["gain", "The flag bearer gains, of all votes", 10, D.judged.gain]];
  if (p.form !== "stand-aside") return [["kappa", "Of the other members’ voters move, where it is clear to whom", 100, D.judged.kappa[p.form]]];
  const own = [["arrive", WARDS ? "Arrives at the other members" : "Arrives at the flag bearer", 100], ["opponent", "Leaks to those it is against", 100], ["abstain", "Stays at home", 100]];
  return [...(p.rates < 0 ? own : []), ["refusal", "Local parties that refuse to stand aside", 100, D.judged.refusal],
    ["backlash", WARDS ? "Own voters who leave a member that stands" : "Of the flag bearer’s own voters leave", 20, D.judged.backlash],
    ...(WARDS ? [] : [["gain", "The flag bearer gains beyond that, of all votes", 30]])];
}
const rateOf = (p, key) => OWN.includes(key) ? p.own[key] : p[key] ?? 0;
function setRate(p, key, value) {
  if (!OWN.includes(key)) { p[key] = value; return; }
  const others = OWN.filter((k) => k !== key), rest = others.map((k) => middle(p.own[k]));
  const room = Math.min(1, (1 - value) / Math.max(rest[0] + rest[1], 1e-9));
  const found = { [key]: value, [others[0]]: rest[0] * room, [others[1]]: rest[1] * room };
  setOwn(p, OWN.map((k) => Math.round(1e4 * found[k]) / 1e4));
}
function drawSliders() {
  const p = pact(), wanted = slidersOf(p), box = $("sliders");
  if (box.dataset.keys !== wanted.map(([key]) => key).join()) {
    box.dataset.keys = wanted.map(([key]) => key).join();
    box.innerHTML = wanted.map(([key, text, most, judged]) => `<div class="rate"><label for="rate-${key}">${text}</label><output id="is-${key}" for="rate-${key}"></output>` +
      `<input type="range" id="rate-${key}" data-rate="${key}" min="0" max="${most}" step="${most > 20 ? 1 : 0.1}">` +
      (judged ? `<button type="button" id="judged-${key}" data-judged="${key}"></button>` : "") + "</div>").join("") +
      '<p class="note" id="rest"></p>';
  }
  for (const [key, , , judged] of wanted) {
    const rate = rateOf(p, key);
    write(`is-${key}`, percents(rate));
    $(`rate-${key}`).value = 100 * middle(rate);
    $(`rate-${key}`).setAttribute("aria-valuetext", percents(rate));
    if (!judged) continue;
    write(`judged-${key}`, `As judged: ${percents(judged)}`);
    $(`judged-${key}`).hidden = JSON.stringify(rate) === JSON.stringify(judged);
  }
  const others = wanted.some(([key]) => key === "arrive") ? p.own.law[3] : null;
  write("rest", others === null ? "A range is drawn anew in every election." : `To other parties: ${percents(others)}. Your figures hold in every election; the evidence’s are drawn from ranges.`);
}
$("sliders").addEventListener("input", (event) => change((p) => setRate(p, event.target.dataset.rate, event.target.value / 100), true));
$("sliders").addEventListener("change", () => { moved = false; show(); });
$("sliders").addEventListener("click", (event) => {
  const key = event.target.dataset.judged;
  if (key) change((p) => { p[key] = copy(key === "kappa" ? D.judged.kappa[p.form] : D.judged[key]); });
});
$("changed").addEventListener("click", (event) => { if (event.target.id === "forget") change((p) => { p.seats = {}; }); });
$("tab-0").onclick = () => edit(0);
/** Edit the other pact. */
function edit(k) {
  edited = k;
  drawPact();
  if (answer && draws()) { drawRates(); drawSeats(); }
}
$("tab-1").onclick = () => {
  if (state.pacts[1]) { edit(1); return; }
  // Whoever the first pact is against is the likeliest to answer it.
  const apart = (p) => !p.members.some((q) => state.pacts[0].members.includes(q));
  const other = D.pacts.find((p) => apart(p) && p.members.some((q) => state.pacts[0].opponents.includes(q)));
  const made = copy(other || { ...D.pacts[0], name: "answer", title: "Answer", members: state.pacts[0].opponents.slice(0, 2), opponents: state.pacts[0].members });
  change(() => { edited = state.pacts.push(made) - 1; });
};
$("drop").onclick = () => change(() => { state.pacts.splice(edited, 1); });
function drawPact() {
  const p = pact(), two = state.pacts.length > 1;
  for (const draw of drawn) draw();
  $("tab-0").setAttribute("aria-pressed", String(edited === 0));
  $("tab-1").setAttribute("aria-pressed", String(edited === 1));
  write("tab-1", two ? "Second pact" : "Add a pact against it");
  $("drop").hidden = !two;
  $("preset").value = String(D.pacts.findIndex((one) => one.name === p.name));
  $("title").value = p.title;
  $("rule").value = p.rule;
  $("rule").querySelector("[value=list]").disabled = Object.keys(p.list).length === 0;
  $("keep").checked = p.keep;
  $("keep").disabled = p.rule === "list";
  $("form").value = p.form;
  $("rates").value = String(p.rates ?? 0);
  for (const part of document.querySelectorAll("[data-form]")) part.hidden = part.dataset.form !== p.form;
  const own = Object.keys(p.seats).length;
  write("changed", own ? `${own} ${placeWord}${own > 1 ? "s" : ""} as you set ${own > 1 ? "them" : "it"}. <button type="button" id="forget">Back to the rule everywhere</button>` : "");
  drawSliders();
  drawGiven();
  $("undo").disabled = !past.length;
  $("redo").disabled = !future.length;
}

// ---- conditions
const options = (list) => list.map(([value, text]) => `<option value="${value}">${safe(text)}</option>`).join("");
$("if-party").innerHTML = options(parties);
$("seat-names").innerHTML = D.seats.map((_, i) => `<option value="${safe(fullName(i))}">`).join("");
$("if-seat").oninput = () => {
  const i = seatNamed($("if-seat").value);
  $("if-seat").setCustomValidity(i < 0 ? `No ${placeWord}, or more than one, of that name.` : "");
  $("if-winner").innerHTML = i < 0 ? "" : options(D.stands[i].map((c) => [ballot(i)[c], label(ballot(i)[c])]));
};
$("add-seats").onclick = () => change(() => state.given.push({ party: Number($("if-party").value), least: $("if-least").value === "1", seats: Number($("if-seats").value) }));
$("add-seat").onclick = () => {
  const i = seatNamed($("if-seat").value);
  if (i < 0) { $("if-seat").oninput(); $("if-seat").reportValidity(); return; }
  change(() => state.given.push({ seat: i, party: Number($("if-winner").value) }));
};
const condition = (one) => one.seat === undefined ? `${label(one.party)} has at ${one.least ? "least" : "most"} ${one.seats} ${countedWord}` : `${fullName(one.seat)} ${WARDS ? "elects" : "goes to"} ${label(one.party)}`;
function drawGiven() {
  write("given", state.given.map((one, k) => `<li>${safe(condition(one))} <button type="button" data-given="${k}" aria-label="Remove: ${safe(condition(one))}">Remove</button></li>`).join(""));
  if (state.given.length) $("conditions").open = true;
}
$("given").onclick = (event) => {
  const k = event.target.dataset.given;
  if (k !== undefined) change(() => state.given.splice(Number(k), 1));
};

// ---- statistics over the draws that fit
const draws = () => answer.draws;
const enough = () => draws() >= FEWEST;
function mean(values) {
  let sum = 0;
  for (const x of values) sum += x;
  return sum / values.length;
}
/** Return the Monte Carlo standard error of a mean: of fours of draws, if no condition broke them. */
function errorOf(values) {
  const whole = values.length === D.draws && values.length % (4 * D.random.fours) === 0;
  const [apart, size] = whole ? [D.random.fours, 4] : [values.length, 1], centre = mean(values);
  let squares = 0, number = 0;
  for (let k = 0; k < values.length; k++) {
    if (k % (size * apart) >= apart) continue;
    let sum = 0;
    for (let turn = 0; turn < size; turn++) sum += values[k + turn * apart];
    squares += (sum / size - centre) ** 2;
    number++;
  }
  return Math.sqrt(squares) / number;
}
/** Return the 5, 50 and 95 % quantiles of whole numbers, linear between the values. */
function quantiles(values) {
  const sorted = values.slice().sort();
  return [0.05, 0.5, 0.95].map((q) => {
    const at = q * (sorted.length - 1), low = Math.floor(at);
    return sorted[low] + (at - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low]);
  });
}
/** Return the seats of a group by draw that fits, without (0) or with (1) the pacts: all, or of a chamber. */
function seatsOf(k, group, chamber) {
  const totals = chamber === undefined ? answer.together[k] : answer.totals[k], out = new Int16Array(draws());
  const width = chamber === undefined ? WIDTH : CHAMBERS * WIDTH, first = WIDTH * (chamber ?? 0);
  for (let draw = 0, n = 0; draw < D.draws; draw++) {
    if (!answer.fit[draw]) continue;
    for (const p of group) out[n] += totals[draw * width + first + p];
    n++;
  }
  return out;
}
/** Return by draw the number of chambers in which a group has a majority. */
function controlledBy(k, group) {
  const out = new Int16Array(draws()), totals = answer.totals[k];
  for (let draw = 0, n = 0; draw < D.draws; draw++) {
    if (!answer.fit[draw]) continue;
    for (let chamber = 0, at = draw * CHAMBERS * WIDTH; chamber < CHAMBERS; chamber++, at += WIDTH) {
      const [, , majority, sitting] = D.chambers[chamber];
      let seats = 0;
      for (const p of group) seats += totals[at + p] + (sitting[p] || 0);
      if (seats >= majority) out[n]++;
    }
    n++;
  }
  return out;
}
const roundTo = (value, step) => step * Math.round(value / step);
const of100 = (happened) => enough() ? chanceOf(mean(happened), draws()) : "–";
/** Return the chance of a majority, or of several chambers in how many there is one. */
const control = (k, group) => CHAMBERS > 1 ? mean(controlledBy(k, group)).toFixed(1) : of100(controlledBy(k, group));
function rangeOf(values) {
  const size = stepOf(errorOf(values)), [low, mid, high] = quantiles(values).map((x) => roundTo(x, size));
  return { mid: number(mid), range: enough() ? `${number(low)} to ${number(high)}` : "–" };
}
let unmoved = new Map();
/** Return what stays as it is while a pact is changed: the seats of a group without the pacts. */
function withoutPacts(group, chamber) {
  const key = `${group} ${chamber}`;
  if (!unmoved.has(key)) {
    const values = seatsOf(0, group, chamber);
    unmoved.set(key, { values, without: rangeOf(values), before: chamber === undefined ? control(0, group) : null });
  }
  return unmoved.get(key);
}
/** Return the seats of a group without and with the pacts, in all or in a chamber, as they are shown. */
function figures(group, chamber) {
  const { values, ...before } = withoutPacts(group, chamber), after = seatsOf(1, group, chamber), gains = after.map((x, k) => x - values[k]);
  const error = errorOf(gains), size = stepOf(error), [low, , high] = quantiles(gains);
  return {
    group, ...before, with: rangeOf(after), error, change: mean(gains), gain: signed(roundTo(mean(gains), size)),
    between: enough() ? `${signed(roundTo(low, size))} to ${signed(roundTo(high, size))}` : "–",
    after: chamber === undefined ? control(1, group) : null, fewer: of100(gains.map((x) => Number(x < 0))),
  };
}
const named = (group) => group.map(label).join(" + ");
function groups() {
  const out = new Map();
  for (const p of state.pacts) for (const side of [p.members, p.opponents]) {
    for (const group of [side, ...side.map((q) => [q])]) if (group.length) out.set(group.join(), group);
  }
  return [...out.values()];
}

// ---- the answer
function drawAnswer() {
  const n = draws();
  $("few").hidden = enough();
  $("few").textContent = enough() ? "" : `${n ? `Only ${n}` : "None"} of ${number(D.draws)} elections ${n === 1 ? "fits" : "fit"} the conditions, too few for percentages. Take a condition away, or make it wider.`;
  if (!n) { write("short", $("few").textContent); return; }
  const given = state.given.length ? ` if ${state.given.map(condition).join(" and ")} (${number(n)} of ${number(D.draws)} elections)` : "";
  const sides = state.pacts.map((p) => figures(p.members));
  write("short", safe(sides.map((s) => `${named(s.group)}: ${s.gain} ${countedWord}` + (enough() ? ` (${s.between}), ${CHAMBERS > 1 ? `councils controlled ${s.before} → ${s.after}` : `majority ${s.before} → ${s.after} of 100`}` : ` in ${n} elections`)).join("; ")));
  const seats = (gain) => gain === "0" ? `about as many ${countedWord} as without` : `${gain.slice(1)} ${countedWord} ${gain.startsWith("+") ? "more" : "fewer"} than without`;
  write("answer", safe(sides.map((s) => `With ${sides.length > 1 ? "both pacts" : "this pact"}${given}, ${named(s.group)} ${s.group.length > 1 ? "together win" : "wins"} ${seats(s.gain)}` +
    (enough() ? ` (${s.between} in 90 of 100), ${s.group.length > 1 ? "have" : "has"} a majority ${CHAMBERS > 1 ? `in ${s.after} councils instead of ${s.before}` : `in ${s.after} of 100 instead of ${s.before}`}, and ${s.group.length > 1 ? "are" : "is"} left with fewer ${countedWord} in ${s.fewer} of 100.` : ".")).join(" ")));
  const every = groups().map((group) => figures(group));
  fill($("sides").tBodies[0], every.map((f) => `<th scope="row"${f.group.length > 1 ? ' class="side"' : ""}>${safe(named(f.group))}</th>` +
    `<td class="n">${f.without.mid}<small class="far">${f.without.range}</small></td><td class="n">${f.with.mid}<small class="far">${f.with.range}</small></td>` +
    `<td class="n"><strong>${f.gain}</strong><small>${f.between}</small></td><td class="n">${safe(f.before)} → ${safe(f.after)}</td><td class="n">${safe(f.fewer)}</td>`));
  write("precision", `Chances are of 100 elections. By chance alone a mean change of ${number(n)} elections may be off by ${Math.max(...every.map((f) => f.error)).toFixed(1)} ${countedWord} (one standard error); simulate a saved pact for more.`);
  drawHands(n);
  if (WARDS) drawChambers();
  drawRates();
  drawSeats();
}
function drawHands(n) {
  const moves = [...answer.moves].flatMap((times, k) => times >= 0.05 * n ? [[times / n, Math.floor(k / WIDTH), k % WIDTH]] : []).sort((a, b) => b[0] - a[0]);
  const total = answer.moves.reduce((sum, x) => sum + x, 0) / n;
  const backfires = state.pacts.map((_, p) => answer.effects[p].backfire.reduce((sum, x) => sum + x, 0) / n);
  const gains = state.pacts.map((_, p) => answer.effects[p].gain.reduce((sum, x) => sum + x, 0) / n);
  write("hands", `On average ${total.toFixed(1)} ${countedWord} change hands: ${moves.slice(0, 8).map(([x, from, to]) => `<span class="whole">${badge(from)} → ${badge(to)} ${x.toFixed(1)}</span>`).join(", ") || "none"}. ` +
    state.pacts.map((p, k) => `Members of ${safe(state.pacts.length > 1 ? `“${p.title}”` : "the pact")} ${WARDS ? `have more ${countedWord} by it in ${gains[k].toFixed(1)} wards and fewer in ${backfires[k].toFixed(1)}` : `win ${gains[k].toFixed(1)} seats by it and lose ${backfires[k].toFixed(1)}`}, where it backfires.`).join(" "));
}

// ---- council by council
const chamberRows = [];
/** Return who controls a chamber: by draw a party, or -1 for nobody. */
function controllers(k, chamber) {
  const out = [], totals = answer.totals[k], [, , majority, sitting] = D.chambers[chamber];
  for (let draw = 0; draw < D.draws; draw++) {
    if (!answer.fit[draw]) continue;
    const first = (draw * CHAMBERS + chamber) * WIDTH;
    out.push(totals.subarray(first, first + WIDTH).findIndex((seats, p) => seats + (sitting[p] || 0) >= majority));
  }
  return out;
}
function chamberRow(chamber) {
  const [name, all] = D.chambers[chamber], f = figures(pact().members, chamber), who = [0, 1].map((k) => controllers(k, chamber));
  const likeliest = who.map((list) => {
    const times = new Map();
    for (const p of list) times.set(p, (times.get(p) || 0) + 1);
    const [party, most] = [...times].sort((a, b) => b[1] - a[1])[0];
    return `${party < 0 ? "nobody" : badge(party)} ${safe(of100Part(most / list.length))}`;
  });
  return `<th scope="row">${CHAMBERS > 1 ? `<button type="button" class="name" data-council="${chamber}">${safe(name)}</button>` : safe(name)}</th><td class="n far">${all}</td>` +
    `<td class="n">${f.without.mid}<small class="far">${f.without.range}</small></td><td class="n">${f.with.mid}<small class="far">${f.with.range}</small></td><td class="n"><strong>${f.gain}</strong><small>${f.between}</small></td>` +
    `${likeliest.map((text) => `<td>${text}</td>`).join("")}<td class="n">${who.map((list) => safe(of100(list.map((p) => Number(p < 0))))).join(" → ")}</td>`;
}
function drawChambers() {
  const changed = new Set([...stale].map((i) => CHAMBERS > 1 ? D.seats[i][REGION] : 0));
  for (const chamber of changed) chamberRows[chamber] = chamberRow(chamber);
  fill($("chambers").tBodies[0], chamberRows);
}

/** Show where the votes of those who stand aside go in the pact that is edited. */
function drawRates() {
  if (!$("in-use").open) return;
  const sums = new Map();
  if (pact().form === "stand-aside") answer.actions[edited]?.forEach((found, i) => found?.donors.forEach((c, k) => {
    const key = `${ballot(i)[c]} ${ballot(i)[found.to[k]]}`, law = found.laws[k].slice(0, 4), total = law.reduce((a, b) => a + b);
    if (!sums.has(key)) sums.set(key, [0, 0, 0, 0, 0]);
    [1, ...law.map((x) => 100 * x / total)].forEach((x, part) => { sums.get(key)[part] += x; });
  }));
  fill($("in-use").querySelector("tbody"), [...sums].sort((a, b) => b[1][0] - a[1][0]).map(([key, [seats, ...parts]]) =>
    `<th scope="row">${key.split(" ").map(badge).join(" → ")}</th><td class="n">${seats}</td>${parts.map((x) => `<td class="n">${Math.round(x / seats)}</td>`).join("")}`));
}

$("in-use").ontoggle = () => { if (answer) drawRates(); };

// ---- seat by seat
const hexes = [], texts = [];
for (const g of document.querySelectorAll("#map g[data-i]")) hexes[Number(g.dataset.i)] = g;
const places = WARDS ? [] : placesOf($("map"), hexes, D.ground);
function paint(i, cls, mark) {
  const g = hexes[i];
  if (!g) return;
  const now = cls + (i === chosen ? " on" : "");
  if (g.getAttribute("class") !== now) g.setAttribute("class", now);
  if (!texts[i]) {
    texts[i] = document.createElementNS(g.namespaceURI, "text");
    texts[i].setAttribute("y", "3.2");
    g.append(texts[i]);
  }
  if (texts[i].textContent !== mark) texts[i].textContent = mark;
}
/** Return how the pact that is edited comes out in a seat, null where it does not hold. */
function effectOf(i) {
  const found = answer.actions[edited]?.[i];
  if (!found) return null;
  const [gain, backfire, worth] = ["gain", "backfire", "net"].map((key) => answer.effects[edited][key][i] / draws());
  return { flag: ballot(i)[found.flag], slate: found.slate, donors: found.donors.map((c) => ballot(i)[c]), gain, backfire, worth };
}
/** Return party and chance of whoever wins a seat most often, without (0) or with (1) the pacts. */
function favourite(k, i) {
  let best = D.stands[i][0];
  for (const c of D.stands[i]) if (answer.counts[k][i * COLUMNS + c] > answer.counts[k][i * COLUMNS + best]) best = c;
  return [ballot(i)[best], answer.counts[k][i * COLUMNS + best] / draws()];
}
const level = (value) => D.layers.ends.filter((end) => value >= end).length;
const band = (chance) => D.bands.findIndex(([, lowest]) => chance >= lowest);
const layer = () => document.querySelector("input[name=layer]:checked").value;
const signedChance = (worth) => {
  const text = of100Part(Math.abs(worth));
  return text.startsWith("<") || text === "–" ? text : (worth < 0 ? "−" : "+") + text;
};
const of100Part = (part) => enough() ? chanceOf(part, draws()) : "–";
let painted = "";
function drawMap() {
  if (WARDS) return;
  const kind = layer(), asked = `${kind} ${edited} ${draws()}`;
  for (const i of asked === painted ? stale : D.seats.keys()) {
    const effect = effectOf(i);
    if (!enough()) paint(i, "e-3", "");
    else if (kind === "winner") {
      const [party, part] = favourite(1, i);
      paint(i, `${code(party)}-${band(part)}`, letters(party));
    } else if (!effect) paint(i, "e-3", "");
    else if (kind === "flag") paint(i, `${code(effect.flag)}-0`, letters(effect.flag));
    else paint(i, `e-${level(effect.worth)}`, D.layers.signs[level(effect.worth)]);
  }
  painted = asked;
  const items = kind === "worth" ? D.layers.words.map((text, k) => [`e-${k}`, D.layers.signs[k], text]).reverse() :
    kind === "winner" ? D.bands.map(([text, lowest], k) => [`Con-${k}`, "C", text + (lowest ? `: from ${100 * lowest} of 100` : "")]) :
      pact().members.map((p) => [`${code(p)}-0`, letters(p), label(p)]);
  const text = { worth: "How often a member wins the seat by the pact less how often one loses it, of 100. Without a sign: the pact does not hold here.", flag: "The member that stands for the pact.", winner: "Letters and colour: the likely winner with the pact, the fainter the less certain." }[kind];
  const legend = `<p>${text}</p><ul>${items.map(([cls, mark, words]) => `<li><span class="b ${cls}">${mark || "&nbsp;"}</span> ${safe(words)}</li>`).join("")}</ul>`;
  write("legend", legend);
}
for (const box of document.querySelectorAll("input[name=layer]")) box.onchange = drawMap;
let listed = { rows: [] };
/** Return the seats of the table, the greatest worth first; a seat that is set keeps its place. */
function rowsShown() {
  const wanted = fold($("search").value), kind = $("show").value, council = $("council")?.value || "", { seats, ...ruled } = pact();
  const asked = JSON.stringify([wanted, kind, council, kind && Object.keys(seats), ruled, state.given, edited, state.pacts.length]);
  if (listed.asked === asked) return listed.rows;
  const rows = D.seats.map((_, i) => ({ i, effect: effectOf(i) })).filter(({ i, effect }) => (!wanted || folded[i].includes(wanted)) &&
    (council === "" || D.seats[i][REGION] === Number(council)) && (kind === "" || (kind === "own" ? i in seats : effect && (kind === "pact" || effect[kind] >= 0.05))))
    .sort((a, b) => (b.effect ? b.effect.worth : -9) - (a.effect ? a.effect.worth : -9)).map(({ i }) => i);
  listed = { asked, rows };
  return rows;
}
function seatRow(i) {
  const effect = effectOf(i);
  const [was, part] = favourite(0, i), [now, after] = favourite(1, i), seat = D.seats[i];
  return `<th scope="row"><button type="button" class="name" data-seat="${i}">${safe(seat[NAME])}</button></th><td class="far">${badge(ballot(i)[seat[HOLDER]])}</td>` +
    (effect ? `<td>${badge(effect.flag)}${i in pact().seats ? " <small>set</small>" : ""}</td><td>${effect.donors.map(badge).join(" ") || "–"}</td>` : "<td>–</td><td>–</td>") +
    `<td class="far">${badge(was)} ${safe(of100Part(part))}</td><td class="far">${badge(now)} ${safe(of100Part(after))}</td>` +
    (effect ? `<td class="n"><span class="gain">${safe(of100Part(effect.gain))}</span> / <span class="loss">${safe(of100Part(effect.backfire))}</span></td><td class="n">${safe(signedChance(effect.worth))}</td>` : '<td class="n">–</td><td class="n">–</td>');
}
const heads = (pairs) => pairs.map(([p, n]) => `<span class="whole">${badge(p)} ${n}</span>`).join(" ") || "–";
const choicesOf = (i) => D.stands[i].filter((p) => pact().members.includes(p));
/** Return how many candidates a member has in a ward under the pact. */
const candidatesOf = (i, p, effect) => effect ? effect.slate[D.stands[i].indexOf(p)] : usualOf(i, p);
const usualOf = (i, p) => D.usual[i][D.stands[i].indexOf(p)];
/** Return a choice of candidates for every member that stands in a ward. */
function slateChoices(i, effect, where) {
  return choicesOf(i).map((p) => {
    const number = candidatesOf(i, p, effect), most = Array.from({ length: D.elects[i] + 1 }, (_, n) => `<option${n === number ? " selected" : ""}>${n}</option>`).join("");
    return `<span class="whole">${badge(p)} <select id="${where}-${i}-${p}" data-ward="${i}" data-party="${p}" aria-label="Candidates of ${safe(label(p))} in ${safe(D.seats[i][NAME])}">${most}</select></span>`;
  }).join(" ");
}
const councillors = (k, i) => pact().members.reduce((sum, p) => sum + answer.counts[k][i * COLUMNS + p], 0) / draws();
const tenths = (x) => enough() ? x.toFixed(1) : "–";
const signedTenths = (x) => enough() ? `${x > 0 ? "+" : x < 0 ? "−" : ""}${Math.abs(x).toFixed(2)}` : "–";
function wardRow(i) {
  const effect = effectOf(i), { [NAME]: name } = D.seats[i];
  return `<th scope="row"><button type="button" class="name" data-seat="${i}">${safe(name)}</button>${CHAMBERS > 1 ? `<small>${safe(councilOf(i))}</small>` : ""}</th><td class="far">${heads(D.last[i])}</td>` +
    `<td>${choicesOf(i).length > 1 ? slateChoices(i, effect, "list") : "–"}${i in pact().seats ? " <small>set</small>" : effect ? "" : " <small>as without</small>"}</td>` +
    `<td class="n far">${tenths(councillors(0, i))}</td><td class="n far">${tenths(councillors(1, i))}</td>` +
    (effect ? `<td class="n"><span class="gain">${safe(of100Part(effect.gain))}</span> / <span class="loss">${safe(of100Part(effect.backfire))}</span></td><td class="n">${signedTenths(effect.worth)}</td>` : '<td class="n">–</td><td class="n">–</td>');
}
/** Give a member other candidates in a ward; who has most of the others makes room. */
function setSlate(p, i, party, number) {
  const effect = effectOf(i), able = choicesOf(i), set = new Map(p.seats[i] || []);
  // What was set a moment ago may not be counted yet.
  const slate = new Map(able.map((q) => [q, set.get(q) ?? candidatesOf(i, q, effect)])).set(party, number);
  const over = () => [...slate.values()].reduce((sum, n) => sum + n, 0) > D.elects[i];
  while (over()) {
    const [other, most] = [...slate].filter(([q]) => q !== party).sort((a, b) => b[1] - a[1])[0];
    slate.set(other, most - 1);
  }
  p.seats[i] = [...slate];
}
document.addEventListener("change", (event) => {
  const { ward, party } = event.target.dataset;
  if (ward !== undefined) change((p) => setSlate(p, Number(ward), Number(party), Number(event.target.value)));
});
document.addEventListener("click", (event) => {
  const council = event.target.closest("[data-council]")?.dataset.council;
  if (council === undefined) return;
  $("council").value = council;
  all = false;
  drawTable();
  $("filters").scrollIntoView();
  $("council").focus();
});
let rowsWritten = { of: [] };
function drawTable() {
  const rows = rowsShown(), visible = all ? rows : rows.slice(0, ROWS);
  const focused = document.activeElement?.id;
  const { seats, ...ruled } = pact(), asked = JSON.stringify([ruled, edited, draws()]);
  if (rowsWritten.asked !== asked) rowsWritten = { asked, of: [] };
  for (const i of stale) delete rowsWritten.of[i];
  fill($("table").tBodies[0], visible.map((i) => {
    const last = rowsWritten.of[i];
    if (last?.own !== seats[i] || !last) rowsWritten.of[i] = { own: seats[i], text: WARDS ? wardRow(i) : seatRow(i) };
    return rowsWritten.of[i].text;
  }));
  if (focused && document.activeElement?.id !== focused) $(focused)?.focus();
  $("count").textContent = rows.length ? `${number(rows.length)} of ${number(D.seats.length)} ${placeWord}s` + (visible.length < rows.length ? `; the first ${ROWS} shown` : "") : `No ${placeWord}s fit.`;
  $("more").hidden = visible.length === rows.length;
  $("more").textContent = `Show all ${number(rows.length)}`;
}
$("more").onclick = () => { all = true; drawTable(); };
for (const id of ["search", "show", "council"]) $(id)?.addEventListener("input", () => { all = false; drawTable(); });
$("filters").onsubmit = (event) => event.preventDefault();
function drawSeats() {
  if (!answer || !draws()) return;
  drawMap();
  drawTable();
  drawSeat();
  stale = new Set();
}
function choose(i, bring = false) {
  if (hexes[chosen]) hexes[chosen].classList.remove("on");
  chosen = i;
  if (hexes[i]) { hexes[i].classList.add("on"); hexes[i].parentNode.append(hexes[i]); }
  drawSeat();
  if (bring) { $("seat").scrollIntoView({ block: "center" }); $("seat").focus(); }
}
function drawSeat() {
  if (chosen < 0) return;
  const focused = document.activeElement?.id;
  write("seat", WARDS ? wardText(chosen) : seatText(chosen));
  const own = pact().seats[chosen];
  $("seat-flag").value = own === undefined ? "rule" : own === null ? "none" : WARDS ? "own" : String(own[0]);
  if (focused && focused !== "seat" && $("seat").querySelector(`#${CSS.escape(focused)}`)) $(focused).focus();
}
/** Return the table of who wins a seat how often, or how many councillors each party has in a ward. */
function chancesOf(i, words, shown) {
  const times = (c) => answer.counts[0][i * COLUMNS + c] + answer.counts[1][i * COLUMNS + c], order = [...D.stands[i]].sort((a, b) => times(b) - times(a));
  return `<table><caption class="hidden">Chances in ${safe(D.seats[i][NAME])}</caption><thead><tr><th scope="col">${words}</th><th scope="col" class="n">Without</th><th scope="col" class="n">With</th></tr></thead><tbody>${order.slice(0, 5).map((c) => `<tr><th scope="row">${badge(ballot(i)[c])}</th>${[0, 1].map((k) => `<td class="n">${safe(shown(answer.counts[k][i * COLUMNS + c] / draws()))}</td>`).join("")}</tr>`).join("")}</tbody></table>`;
}
function wardText(i) {
  const seat = D.seats[i], p = pact(), effect = effectOf(i), own = p.seats[i], able = choicesOf(i).length > 1;
  const others = D.stands[i].filter((q) => !p.members.includes(q)).map((q) => [q, usualOf(i, q)]);
  return `<h3>${safe(seat[NAME])}</h3><p class="muted">${safe(councilOf(i))}, elects ${D.elects[i]}; last time: ${heads(D.last[i])}</p>` +
    `<label class="wide">Slate <select id="seat-flag"><option value="rule">by the rule${own === undefined && !effect ? " (no pact here)" : ""}</option><option value="none">no pact here</option>${own ? '<option value="own">as I set it</option>' : ""}</select></label>` +
    (able ? `<p>Candidates: ${slateChoices(i, effect, "here")}</p>` : '<p class="note">Fewer than two members stand here.</p>') + `<p class="note">Others: ${heads(others)}</p>` +
    (effect ? `<p>Of 100 elections the members together have more councillors with the pact in ${safe(of100Part(effect.gain))} and fewer in ${safe(of100Part(effect.backfire))}: worth ${signedTenths(effect.worth)} on average.</p>` : "") +
    chancesOf(i, "Councillors, the mean", tenths);
}
function seatText(i) {
  const seat = D.seats[i], p = pact(), effect = effectOf(i), own = p.seats[i];
  const members = D.stands[i].map((c) => ballot(i)[c]).filter((q) => p.members.includes(q));
  const ruled = own === undefined ? (effect ? ` (${label(effect.flag)})` : " (no pact here)") : "";
  const where = [D.regions[seat[REGION]], D.counties && seat[COUNTY] >= 0 ? D.counties[seat[COUNTY]] : ""].filter((text, k, both) => text && both.indexOf(text) === k).join(", ");
  return `<h3>${safe(seat[NAME])}</h3><p class="muted">${safe(where)}; held by ${safe(label(ballot(i)[seat[HOLDER]]))}</p>` +
    `<label class="wide">Stands for the pact <select id="seat-flag"><option value="rule">by the rule${safe(ruled)}</option><option value="none">no pact here</option>${members.length > 1 || p.form === "campaign" ? options(members.map((q) => [q, label(q)])) : ""}</select></label>` +
    (effect && p.form !== "campaign" ? `<fieldset class="checks"><legend>${p.form === "stand-aside" ? "Stand aside" : "Voters move"}</legend>${members.filter((q) => q !== effect.flag).map((q) => `<label><input type="checkbox" id="aside-${q}" value="${q}"${effect.donors.includes(q) ? " checked" : ""}> ${safe(label(q))}</label>`).join("")}</fieldset>` : "") +
    (effect ? `<p>Of 100 elections the pact wins it ${safe(of100Part(effect.gain))} and loses it ${safe(of100Part(effect.backfire))}: worth ${safe(signedChance(effect.worth))}.</p>` : "") +
    chancesOf(i, "Wins, of 100", of100Part);
}
$("seat").addEventListener("change", (event) => change((p) => {
  $("seat").written = null;
  if (event.target.dataset.ward !== undefined) return;
  const members = D.stands[chosen].map((c) => ballot(chosen)[c]).filter((q) => p.members.includes(q));
  if (event.target.id === "seat-flag") {
    const flag = event.target.value;
    if (flag === "rule") delete p.seats[chosen];
    else if (flag === "own") return;
    else p.seats[chosen] = flag === "none" ? null : [Number(flag), members.filter((q) => q !== Number(flag))];
  } else {
    const aside = [...$("seat").querySelectorAll("input:checked")].map((box) => Number(box.value));
    p.seats[chosen] = [effectOf(chosen).flag, aside];
  }
}));
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-seat]");
  if (button) choose(Number(button.dataset.seat), true);
});
const box = $("map-box");
box?.addEventListener("pointerup", (event) => {
  const g = event.target.closest("g[data-i]");
  if (g && answer) choose(Number(g.dataset.i), event.pointerType === "touch");
});
box?.addEventListener("keydown", (event) => {
  if (!answer) return;
  if (event.key.startsWith("Arrow")) { event.preventDefault(); choose(chosen < 0 ? places.findIndex(Boolean) : neighbourOf(places, chosen, event.key)); }
  if (event.key === "Enter" && chosen >= 0) $("seat-flag").focus();
});

// ---- files to take away
const slug = (text) => fold(text).replace(/ /g, "-").slice(0, 60) || "pact";
const toml = (value) => Array.isArray(value) ? `[${value.map(toml).join(", ")}]` : JSON.stringify(value);
const tomlRate = (rate) => Array.isArray(rate) ? `{ low = ${rate[0]}, high = ${rate[1]} }` : String(rate);
/** Return a pact as the file that --pact reads: its rule, or where a seat was set, every seat. */
function pactText(p, actions) {
  const lines = [`title = ${toml(p.title)}`, `members = ${toml(p.members.map(code))}`, `opponents = ${toml(p.opponents.map(code))}`, ""];
  const where = p.where, counties = where.counties || [];
  if (WARDS) lines.pop();
  else if (p.rule === "list" || Object.keys(p.seats).length) {
    lines.push("[flag_bearer]", 'rule = "file"', "file = [");
    actions.forEach((found, i) => {
      if (!found) return;
      const aside = found.donors.map((c) => code(ballot(i)[c]));
      lines.push(`  { seat = ${toml(D.seats[i][NAME])}, party = ${toml(code(ballot(i)[found.flag]))}, aside = ${toml(aside)} },`);
    });
    lines.push("]");
  } else {
    const inside = D.seats.flatMap((seat, i) => (!counties.length || counties.includes(seat[COUNTY])) && (!where.seats.length || where.seats.includes(i)) ? [seat[NAME]] : []);
    const parts = [["nations", where.nations.map((k) => D.nations[k])], ["regions", where.regions.map((k) => D.regions[k])], ["held_by", where.held.map(code)], ["led_by", where.led.map(code)],
      ["seats", counties.length || where.seats.length ? inside : []]].filter(([, list]) => list.length);
    if (parts.length) lines.push("[where]", ...parts.map(([key, list]) => `${key} = ${toml(list)}`), "");
    lines.push("[flag_bearer]", `rule = ${toml(p.rule)}`, `incumbents_keep = ${p.keep}`);
  }
  lines.push("", "[strength]", `form = ${toml(p.form)}`);
  if (p.form === "campaign") lines.push(`gain = ${tomlRate(p.gain)}`);
  else if (p.form !== "stand-aside") lines.push(`kappa = ${tomlRate(p.kappa)}`, `half_clarity_pp = ${p.half}`);
  else {
    const table = D.rates[p.rates];
    if (!table) lines.push(`transfers = { ${OWN.map((key) => `${key} = ${tomlRate(p.own[key])}`).join(", ")} }`);
    else if (!table.toml) lines.push(`transfers = ${toml(table.name)}`);
    lines.push(`refusal = ${tomlRate(p.refusal)}`, `backlash = ${tomlRate(p.backlash)}`, ...(p.gain ? [`gain = ${tomlRate(p.gain)}`] : []), ...(table?.toml ? ["", ...table.toml] : []));
  }
  return lines.join("\n") + "\n";
}
const said = (text) => { $("saved").textContent = text; };
onSave("save-pact", () => {
  const file = `${slug(pact().title)}.toml`;
  saveFile(file, pactText(pact(), answer.actions[edited]), "application/toml");
  said(WARDS ? `Saved as ${file}. With its slates: forecast council simulate ${D.election} --pact ${file} --slates ${slug(pact().title)}.slates.csv` : `Saved as ${file}: forecast simulate … --pact ${file}`);
});
if (WARDS) onSave("save-slates", () => {
  const file = `${slug(pact().title)}.slates.csv`, rows = D.seats.flatMap((seat, i) => {
    const effect = effectOf(i);
    return effect ? choicesOf(i).map((p) => [councilOf(i), seat[NAME], code(p), candidatesOf(i, p, effect)]) : [];
  });
  saveFile(file, csvOf([["council", "ward", "party", "candidates"], ...rows]), "text/csv");
  said(`Saved as ${file}. With the pact: forecast council simulate ${D.election} --pact ${slug(pact().title)}.toml --slates ${file}`);
});
$("copy").onclick = async () => {
  writeAddress();
  try { await navigator.clipboard.writeText(location.href); said("The address of this page with this pact is copied."); }
  catch { said("This browser does not let a page copy: take the address from the address bar, it holds the pact."); }
};
/** Return every ward: candidates and mean councillors by party, and what the pact changes. */
function wardsCsv() {
  const standing = D.parties.flatMap((_, p) => D.stands.some((list) => list.includes(p)) ? [p] : []);
  const head = ["ward", "name", "council", "seats", ...standing.flatMap((p) => ["candidates", "councillors_without", "councillors_with"].map((key) => `${key}_${code(p)}`)), "more", "fewer"];
  return [head, ...D.seats.map((seat, i) => {
    const effect = effectOf(i), part = (x) => enough() ? x.toFixed(4) : "";
    const each = standing.flatMap((p) => D.stands[i].includes(p) ? [candidatesOf(i, p, effect), ...answer.counts.map((rows) => part(rows[i * COLUMNS + p] / draws()))] : [0, "", ""]);
    return [seat[CODE], seat[NAME], councilOf(i), D.elects[i], ...each, ...["gain", "backfire"].map((key) => effect ? part(effect[key]) : "")];
  })];
}
function seatsCsv() {
  const head = ["seat", "name", "region", "held_by", "flag_bearer", "stand_aside", "favourite_without", "win_probability_without", "favourite_with", "win_probability_with", "gain", "backfire"];
  const rows = D.seats.map((seat, i) => {
    const effect = effectOf(i), [was, part] = favourite(0, i), [now, after] = favourite(1, i);
    const chances = (value) => enough() ? value.toFixed(4) : "";
    return [seat[CODE], seat[NAME], D.regions[seat[REGION]], code(ballot(i)[seat[HOLDER]]), effect ? code(effect.flag) : "", effect ? effect.donors.map(code).join("+") : "",
      code(was), chances(part), code(now), chances(after), effect ? chances(effect.gain) : "", effect ? chances(effect.backfire) : ""];
  });
  return [head, ...rows];
}
onSave("save-csv", () => saveFile(`${slug(pact().title)}.csv`, csvOf(WARDS ? wardsCsv() : seatsCsv()), "text/csv"));
/** Return a text in lines of at most some width, each with the size of its letters. */
function wrap(pen, text, font, width) {
  pen.font = `${font}px sans-serif`;
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (pen.measureText(longer).width > width) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines.map((line) => [line, font]);
}
/** Save the map with title and answer as a picture, in the colours that are on the screen. */
if (!WARDS) onSave("save-picture", async () => {
  const svg = $("map").cloneNode(true), mine = [...$("map").querySelectorAll("*")];
  svg.querySelectorAll("*").forEach((node, k) => {
    const style = getComputedStyle(mine[k]), inherits = node.closest("defs") ? ["fill"] : [];
    for (const key of ["fill", "stroke", "stroke-width", "font-size", "text-anchor", "paint-order"]) {
      if (!inherits.includes(key)) node.setAttribute(key, style.getPropertyValue(key));
    }
    node.removeAttribute("class");
  });
  const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number), size = 2 * width;
  svg.setAttribute("width", width);
  svg.setAttribute("height", height);
  svg.setAttribute("font-family", "sans-serif");
  const url = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(svg)], { type: "image/svg+xml" }));
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = document.createElement("canvas"), pen = canvas.getContext("2d"), ink = getComputedStyle(document.body);
  const lines = [[state.pacts.map((p) => p.title).join(" against "), 36], [$("answer").textContent, 28], [$("legend").querySelector("p").textContent, 24]].flatMap(([text, font]) => wrap(pen, text, font, size - 60));
  const top = 40 + lines.reduce((sum, [, font]) => sum + 1.4 * font, 0);
  canvas.width = size;
  canvas.height = 2 * height + top;
  pen.fillStyle = ink.backgroundColor;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = ink.color;
  let y = 20;
  for (const [text, font] of lines) {
    pen.font = `${font}px sans-serif`;
    y += 1.4 * font;
    pen.fillText(text, 30, y);
  }
  pen.drawImage(image, 0, top, size, 2 * height);
  URL.revokeObjectURL(url);
  canvas.toBlob((blob) => saveFile(`${slug(pact().title)}.png`, blob), "image/png");
});

readAddress();
show();
window.pactBuilder = { D, state: () => state, answer: () => answer, idle: () => !busy && !waiting && !writing, pactText };
})();
