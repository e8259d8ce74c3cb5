"use strict";
// The elections of the page, and pacts counted on them: what is the same whether a seat elects one
// member or a ward several. The rule of counting follows, in builder-house.js or builder-wards.js.

// ---- random numbers: a pure function of draw, item, group and stream
const PARITY = 0x1BD11BDA, ROUNDS = 12;
const ROTATIONS = [[10, 26], [11, 21], [13, 27], [23, 5], [6, 20], [17, 11], [25, 10], [18, 20]];

/** Write the four words of Threefry4x32 for a counter (a, b, c, d) under the key (k0, k1, 0, 0). */
function threefry(a, b, c, d, k0, k1, out) {
  const keys = [k0, k1, 0, 0, PARITY ^ k0 ^ k1];
  a = (a + k0) | 0;
  b = (b + k1) | 0;
  for (let n = 0; n < ROUNDS; n++) {
    const r = ROTATIONS[n % 8][0], s = ROTATIONS[n % 8][1];
    if (n % 2 === 0) {
      a = (a + b) | 0; b = ((b << r) | (b >>> (32 - r))) ^ a;
      c = (c + d) | 0; d = ((d << s) | (d >>> (32 - s))) ^ c;
    } else {
      a = (a + d) | 0; d = ((d << r) | (d >>> (32 - r))) ^ a;
      c = (c + b) | 0; b = ((b << s) | (b >>> (32 - s))) ^ c;
    }
    if (n % 4 === 3) {
      const j = (n + 1) / 4;
      a = (a + keys[j % 5]) | 0;
      b = (b + keys[(j + 1) % 5]) | 0;
      c = (c + keys[(j + 2) % 5]) | 0;
      d = (d + keys[(j + 3) % 5] + j) | 0;
    }
  }
  out[0] = a; out[1] = b; out[2] = c; out[3] = d;
}

const WORDS = new Uint32Array(4);

// ---- a pact
const contains = (list, value) => list.length === 0 || list.includes(value);
const [, NAME, NATION, REGION, HOLDER, COUNTY] = [0, 1, 2, 3, 4, 5];

/** Return whether a seat is where a pact holds, by its nation, region, county, holder and leader. */
function inside(D, { where }, i, leader) {
  const seat = D.seats[i], ballot = D.ballots[seat[NATION]];
  return contains(where.nations, seat[NATION]) && contains(where.regions, seat[REGION]) &&
    contains(where.counties || [], seat[COUNTY]) && contains(where.seats, i) &&
    contains(where.held, ballot[seat[HOLDER]]) && contains(where.led, ballot[leader]);
}

/** Return the row of transfer rates for a donor, the most specific first. */
function findRate(table, donor, recipient, against) {
  for (const [r, a] of [[recipient, against], [recipient, -1], [-1, against], [-1, -1]]) {
    const found = table.rows.find((row) => row[0] === donor && row[1] === r && row[2] === a);
    if (found) return found.slice(3);
  }
  return null;
}

/** Return centre and standard deviation of a rate, or of a range of it, in log-odds. */
function logOdds(D, rate) {
  const odds = (p) => Math.log(p / (1 - p));
  if (Array.isArray(rate)) return [(odds(rate[0]) + odds(rate[1])) / 2, (odds(rate[1]) - odds(rate[0])) / (2 * D.z90)];
  return [rate <= 0 ? D.never : rate >= 1 ? -D.never : odds(rate), 0];
}

/** Which of refusal, backlash, kappa and gain a form has; others have kappa. */
const STRENGTHS = { "stand-aside": ["refusal", "backlash", "gain"], campaign: ["gain"] };

/** Return the laws of refusal, backlash, kappa and gain. */
const strengthLaw = (D, pact) => ["refusal", "backlash", "kappa", "gain"]
  .map((key) => logOdds(D, (STRENGTHS[pact.form] || ["kappa"]).includes(key) ? pact[key] || 0 : 0));

// ---- the elections
/** Return where each of several rows begins, and at last where the last one ends. */
function startsOf(sizes) {
  const out = [0];
  for (const size of sizes) out.push(out.at(-1) + size);
  return out;
}
const NOBODY = 255;

/** Elections by one rule of counting, which gives `action` and `count`. */
class Elections {
  constructor(D, shares, normal) {
    Object.assign(this, { D, shares, normal });
    this.firsts = startsOf(D.stands.map((columns) => columns.length));
    this.places = startsOf(D.elects);
    this.width = D.chambers.length * D.parties.length;
    this.luck = new Map();
    this.drawn = new Map();
    this.keys = D.seats.map(() => "");
    this.times = new Uint16Array(D.ballots[0].length ** 2);
    this.lost = new Uint8Array(Math.max(...D.elects));
    this.won = this.lost.slice();
    this.made = [];
    this.prepare();
    this.without = new Uint8Array(this.places.at(-1) * D.draws);
    this.totals = new Int16Array(D.draws * this.width);
    const nobody = new Uint8Array(Math.max(...D.elects) * D.draws).fill(NOBODY);
    D.seats.forEach((_, i) => {
      this.count(i, [], this.without);
      this.add(i, nobody, this.winners(i, this.without), this.totals);
    });
    this.withPacts = this.without.slice();
    this.totalsWith = this.totals.slice();
    this.asked = "";
  }

  /** Return what is made once, such as the random numbers of a seat. */
  once(cache, key, make) {
    if (!cache.has(key)) cache.set(key, make());
    return cache.get(key);
  }
  /** Return refusal, backlash and whatever else is drawn of a pact, each by draw. */
  strength(item, laws) {
    const z = this.normalsOf("pact", item);
    return laws.map(([centre, sd], k) => this.once(this.drawn, `pact ${item} ${k} ${centre} ${sd}`, () =>
      z[k].map((x) => 1 / (1 + Math.exp(-(centre + sd * x))))));
  }
  /** Return the weights of what arrives, goes to opponents, home and to others, each by draw. */
  parts(donor, law) {
    return this.once(this.drawn, `rate ${donor} ${law}`, () => {
      const z = this.normalsOf("rate", donor);
      return [0, 1, 2, 3].map((k) => k < 3 ? z[k].map((x) => law[k] * Math.exp(law[4 + k] * x)) :
        new Float64Array(this.D.draws).fill(law[3]));
    });
  }
  /** Return the transfer law of a donor, which is a party as are the others. */
  law(pact, donor, recipient, against) {
    const { D } = this, table = D.rates[pact.rates];
    const law = table ? findRate(table, donor, recipient, against) : pact.own.law;
    if (law) return [law, table ? table.seat_sd : 0];
    const [from, to] = [donor, recipient].map((p) => D.parties[p][1]);
    throw new Error(`The table “${table.name}” has no rate for ${from} standing aside for ${to}. Take other rates, or your own.`);
  }

  /** Return what the pact of a place does in each seat, null where it does nothing. */
  actions(pact, p) {
    const { seats, title, name, ...common } = pact, key = JSON.stringify(common);
    const own = this.D.seats.map((_, i) => seats[i] === undefined ? "" : JSON.stringify(seats[i]));
    const last = this.made[p]?.key === key ? this.made[p] : { own: [], actions: [] };
    const law = [Math.min(...pact.members), strengthLaw(this.D, pact)];
    const actions = own.map((set, i) => last.own[i] === set ? last.actions[i] : this.action(pact, i, law, key));
    this.made[p] = { key, own, actions };
    return actions;
  }
  /** Return the rows of a seat, one for each of its places. */
  winners(i, all) { return all.subarray(this.places[i] * this.D.draws, this.places[i + 1] * this.D.draws); }
  /** Bring the totals by draw, chamber and party from who won a seat to who wins it now. */
  add(i, was, now, totals) {
    const { D, width } = this, { draws } = D, ballot = D.ballots[D.seats[i][NATION]];
    const chamber = D.chambers.length > 1 ? D.seats[i][REGION] * D.parties.length : 0;
    for (let k = 0; k < now.length; k++) {
      if (was[k] === now[k]) continue;
      const at = (k % draws) * width + chamber;
      if (was[k] !== NOBODY) totals[at + ballot[was[k]]]--;
      if (now[k] !== NOBODY) totals[at + ballot[now[k]]]++;
    }
  }

  /** Count all pacts at once; return their actions, and the seats in which something changed. */
  recount(pacts) {
    const every = pacts.map((pact, p) => {
      if (pact.members.length < (pact.form === "campaign" ? 1 : 2)) throw new Error(`${nameOf(pacts, p)} needs two members or more.`);
      if (!pact.opponents.length) throw new Error(`${nameOf(pacts, p)} needs somebody whom it is made against.`);
      const actions = this.actions(pact, p);
      if (!actions.some(Boolean)) throw new Error(`${nameOf(pacts, p)} holds nowhere. Look at its members, opponents and where it holds.`);
      return actions;
    });
    if (pacts.length > 1) this.D.seats.forEach((_, i) => clash(this.D, i, every.map((actions) => actions[i])));
    const changed = [];
    this.D.seats.forEach((_, i) => {
      const key = every.map((actions) => actions[i]?.key ?? "").join();
      if (key === this.keys[i]) return;
      const now = this.winners(i, this.withPacts), was = now.slice();
      this.count(i, every.map((actions) => actions[i]).filter(Boolean), this.withPacts);
      this.add(i, was, now, this.totalsWith);
      this.keys[i] = key;
      changed.push(i);
    });
    // Strengths that no pact has any more were those of a slider on its way.
    if (this.drawn.size > 500) this.drawn.clear();
    return [every, changed];
  }
  /** Return 1 for every draw in which all conditions hold without pacts. */
  fit(given) {
    const { D, places, width } = this, fit = new Uint8Array(D.draws).fill(1);
    for (const one of given) {
      for (let draw = 0; draw < D.draws; draw++) {
        if (one.seat !== undefined) {
          const ballot = D.ballots[D.seats[one.seat][NATION]];
          let wins = false;
          for (let k = places[one.seat]; k < places[one.seat + 1]; k++) wins ||= ballot[this.without[k * D.draws + draw]] === one.party;
          if (!wins) fit[draw] = 0;
        } else {
          let seats = 0;
          for (let at = one.party; at < width; at += D.parties.length) seats += this.totals[draw * width + at];
          if (one.least ? seats < one.seats : seats > one.seats) fit[draw] = 0;
        }
      }
    }
    return fit;
  }
  /** Return what the page shows of some pacts and conditions: of the seats in which it changed. */
  answer(pacts, given) {
    const [every, changed] = this.recount(pacts);
    const asked = JSON.stringify([given, pacts.map((pact) => pact.members)]), anew = asked !== this.asked;
    if (anew) this.begin(pacts, given);
    this.asked = asked;
    const seats = anew ? [...this.D.seats.keys()] : changed, width = this.D.ballots[0].length;
    for (const i of seats) this.tally(i, pacts, every);
    const picked = (all, wide = 1) => {
      const out = new Int16Array(seats.length * wide);
      seats.forEach((i, k) => out.set(all.subarray(i * wide, (i + 1) * wide), k * wide));
      return out;
    };
    return {
      anew, seats, fit: anew ? this.fits : null,
      counts: this.counts.map((all) => picked(all, width)),
      effects: this.effects.map(({ gain, backfire, net }) => ({ gain: picked(gain), backfire: picked(backfire), net: picked(net) })),
      actions: every.map((actions) => seats.map((i) => actions[i]?.columns ?? null)),
      moves: this.moved, totals: [anew ? this.totals : null, this.totalsWith],
    };
  }
  /** Make room for the counts over the draws that fit. */
  begin(pacts, given) {
    const { D } = this, seats = D.seats.length, empty = (width = 1) => new Int16Array(seats * width);
    this.fits = this.fit(given);
    this.counts = [0, 1].map(() => empty(D.ballots[0].length));
    this.effects = pacts.map(() => ({ gain: empty(), backfire: empty(), net: empty() }));
    this.moves = D.seats.map(() => []);
    this.moved = new Uint32Array(D.parties.length ** 2);
    D.seats.forEach((_, i) => this.tallyWithout(i));
  }
  /** Return the part of counts by seat and column that is a seat's. */
  row(i, counts) {
    const width = this.D.ballots[0].length;
    return counts.subarray(i * width, (i + 1) * width);
  }
  /** Count over the draws that fit who wins the places of a seat without pacts. */
  tallyWithout(i) {
    const { D, fits } = this, row = this.row(i, this.counts[0]), winners = this.winners(i, this.without);
    for (let k = 0; k < winners.length; k++) if (fits[k % D.draws] && winners[k] !== NOBODY) row[winners[k]]++;
  }
  /** Count over the draws that fit who wins the places of a seat with the pacts, and what they change. */
  tally(i, pacts, every) {
    const { D, fits, effects } = this, { draws } = D, ballot = D.ballots[D.seats[i][NATION]];
    const without = this.winners(i, this.without), withPacts = this.winners(i, this.withPacts), number = D.elects[i];
    const member = pacts.map((pact, p) => every[p][i] ? ballot.map((q) => Number(pact.members.includes(q))) : null);
    const row = this.row(i, this.counts[1]);
    row.set(this.row(i, this.counts[0]));
    for (const { gain, backfire, net } of effects) gain[i] = backfire[i] = net[i] = 0;
    for (const [move, times] of this.moves[i]) this.moved[move] -= times;
    this.times.fill(0);
    const was = new Uint8Array(number + 1).fill(NOBODY), now = was.slice();
    for (let draw = 0; draw < draws; draw++) {
      let same = true;
      for (let at = draw; at < without.length; at += draws) same &&= without[at] === withPacts[at];
      if (same || !fits[draw]) continue;
      for (let k = 0; k < number; k++) {
        was[k] = without[k * draws + draw];
        now[k] = withPacts[k * draws + draw];
        if (was[k] !== NOBODY) row[was[k]]--;
        if (now[k] !== NOBODY) row[now[k]]++;
      }
      this.move(was, now, ballot.length);
      for (let p = 0; p < pacts.length; p++) {
        if (!member[p]) continue;
        let change = 0;
        for (let k = 0; k < number; k++) change += (member[p][now[k]] || 0) - (member[p][was[k]] || 0);
        effects[p].net[i] += change;
        if (change > 0) effects[p].gain[i]++;
        if (change < 0) effects[p].backfire[i]++;
      }
    }
    this.moves[i] = [];
    this.times.forEach((times, k) => {
      if (times) this.moves[i].push([ballot[Math.floor(k / ballot.length)] * D.parties.length + ballot[k % ballot.length], times]);
    });
    for (const [move, times] of this.moves[i]) this.moved[move] += times;
  }
  /** Count the places that pass from one column to another: both lists are sorted. */
  move(was, now, width) {
    const { lost, won } = this;
    let from = 0, to = 0;
    for (let a = 0, b = 0; was[a] !== NOBODY || now[b] !== NOBODY;) {
      if (was[a] === now[b]) { a++; b++; }
      else if (was[a] < now[b]) lost[from++] = was[a++];
      else won[to++] = now[b++];
    }
    for (let k = 0; k < Math.min(from, to); k++) this.times[lost[k] * width + won[k]]++;
  }
}

const nameOf = (pacts, p) => pacts.length > 1 ? `The ${["first", "second"][p]} pact` : "The pact";

/** Refuse pacts that would move the same party in the same seat. */
function clash(D, i, actions) {
  if (!actions.every(Boolean)) return;
  const [first, second] = actions.map((action) => action.columns);
  const both = first.donors.find((c) => second.donors.includes(c) || c === second.flag) ??
    (second.donors.includes(first.flag) ? first.flag : undefined);
  if (both === undefined) return;
  const party = D.parties[D.ballots[D.seats[i][NATION]][both]][1];
  throw new Error(`Both pacts would move ${party} in ${D.seats[i][NAME]}. Change the members of one, or where it holds.`);
}

// ---- reading the data
/** Return the bytes of a text of gzip in base64. */
async function unzip(text) {
  const raw = atob(text), bytes = new Uint8Array(raw.length);
  for (let k = 0; k < raw.length; k++) bytes[k] = raw.charCodeAt(k);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Return normal quantiles of equal parts, of which the upper half is stored, each less the last. */
async function quantiles(text) {
  const steps = new Int32Array((await unzip(text)).buffer), half = steps.length, out = new Float32Array(2 * half);
  for (let k = 0, z = 0; k < half; k++) {
    z += steps[k];
    out[half + k] = z / 2 ** 20;
    out[half - 1 - k] = -out[half + k];
  }
  return out;
}

/** Return the shares of the page: seats, columns that stand, draws. */
async function unpack(D, text) {
  const planes = await unzip(text), upper = planes.length / 2;
  const columns = D.stands.reduce((sum, standing) => sum + standing.length, 0);
  const out = new Uint16Array(columns * D.draws);
  let from = 0, to = 0;
  D.stands.forEach((standing, i) => {
    const rest = to + standing.indexOf(D.rest[i]) * D.draws, end = to + standing.length * D.draws;
    out.fill(D.unit, rest, rest + D.draws);
    for (; to < end; to += D.draws) {
      if (to === rest) continue;
      for (let draw = 0; draw < D.draws; draw++, from++) {
        out[to + draw] = planes[from] | (planes[upper + from] << 8);
        out[rest + draw] -= out[to + draw];
      }
    }
  });
  return out;
}

let elections;
globalThis.onmessage = async ({ data }) => {
  try {
    if (data.shares) {
      const { D } = data;
      elections = new Rule(D, await unpack(D, data.shares), D.normals && await quantiles(D.normals));
    }
    postMessage({ id: data.id, answer: elections.answer(data.pacts, data.given) });
  } catch (error) {
    postMessage({ id: data.id, error: error.message });
  }
};
