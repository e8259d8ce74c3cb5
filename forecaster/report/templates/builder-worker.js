"use strict";
// The elections of the page, and pacts counted on them. The arithmetic of a draw is that of
// forecaster/kernels/reference_pacts.py, its random numbers those of reference_random.py.

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

/** Write the two standard normals of a word, by Box and Muller. */
function pair(word, out, at) {
  const radius = Math.sqrt(-2 * Math.log(1 - ((word >>> 12) + 0.5) / 2 ** 20));
  let place = word & 0x7FF;
  place = 16 * (place >= 1024 ? place - 2048 : place) + ((word >>> 12) & 15);
  const turn = Math.PI / 2 * (place + 0.5) / 2 ** 14;
  out[at] = radius * Math.sin(turn);
  out[at + 1] = radius * Math.cos(turn) * ((word >>> 11) & 1 ? -1 : 1);
}

const WORDS = new Uint32Array(4);

/** Return the first `n` standard normals, at most eight, of an item in each of some draws. */
function normals(seed, n, draws, item, stream) {
  const out = Array.from({ length: n }, () => new Float64Array(draws)), z = new Float64Array(8);
  for (let draw = 0; draw < draws; draw++) {
    threefry(draw, 0, item * 256, stream, seed[0], seed[1], WORDS);
    for (let k = 0; k < 4; k++) pair(WORDS[k], z, 2 * k);
    for (let k = 0; k < n; k++) out[k][draw] = z[k];
  }
  return out;
}

/** Return the luck of four donors of a seat, and the lots on their refusal, by pair of draws. */
function luckOf(random, draws, seat, group) {
  const { seed, half } = random, stream = random.streams[2], pairs = placeOf(draws, half);
  const z = Array.from({ length: 4 }, () => new Float32Array(pairs)), lot = z.map((row) => row.slice());
  const four = new Float64Array(4);
  for (let draw = 0; draw < draws; draw++) {
    if (draw & half) continue;
    threefry(draw, 0, seat * 256 + group, stream, seed[0], seed[1], WORDS);
    pair(WORDS[0], four, 0);
    pair(WORDS[1], four, 2);
    const at = placeOf(draw, half);
    for (let k = 0; k < 4; k++) {
      z[k][at] = four[k];
      lot[k][at] = (((WORDS[2 + (k >> 1)] >>> (16 * (k % 2))) & 0xFFFF) + 0.5) / 2 ** 16;
    }
  }
  return { z, lot };
}

/** Return the place of a draw among the pairs: those `half` apart are one, each other's mirror. */
const placeOf = (draw, half) => Math.floor(draw / (2 * half)) * half + (draw % half);

// ---- one seat of one draw
/**
 * Move the votes of a seat in a draw under some pacts, into `moved`; return who stays at home.
 *
 * An action is what a pact does here: the flag bearer's place, `strength` (refusal, backlash,
 * kappa, gain by draw), the opponents (1 or 0 by place) and donors. A donor has its place,
 * and either `parts`, the weights of what arrives, goes to opponents, home and to others by draw,
 * with `luck`, by which the first is multiplied, and lots by pair of draws; or a `clarity`, where
 * nobody stands aside.
 */
function moveVotes(shares, standing, moved, actions, draw, half) {
  const n = shares.length, at = placeOf(draw, half), mirrored = (draw & half) !== 0;
  for (let c = 0; c < n; c++) moved[c] = standing[c] = shares[c];
  for (let x = 0; x < actions.length; x++) {
    const donors = actions[x].donors, refusal = actions[x].strength[0][draw];
    for (let g = 0; g < donors.length; g++) {
      const { place, lot, parts } = donors[g];
      if (parts && (mirrored ? 1 - lot[at] : lot[at]) > refusal) standing[place] = 0;
    }
  }
  let lost = 0;
  for (let x = 0; x < actions.length; x++) {
    const { strength, donors, flag, opponents } = actions[x];
    let arrived = 0, toOpponents = 0, toOthers = 0;
    for (let g = 0; g < donors.length; g++) {
      const { place, parts, luck, clarity } = donors[g];
      let amount = shares[place] - standing[place];
      if (!parts) {
        amount = strength[2][draw] * clarity * shares[place];
        arrived += amount;
      } else if (amount > 0) {
        const arrive = mirrored ? parts[0][draw] / luck[at] : parts[0][draw] * luck[at];
        const opponent = parts[1][draw], abstain = parts[2][draw], other = parts[3][draw];
        const unit = amount / (arrive + opponent + abstain + other);
        arrived += unit * arrive;
        toOpponents += unit * opponent;
        lost += unit * abstain;
        toOthers += unit * other;
      }
      moved[place] -= amount;
    }
    const leave = strength[1][draw] * shares[flag];
    moved[flag] += arrived - leave;
    toOpponents += leave / 2;
    lost += leave / 2;
    let ofOpponents = 0, ofOthers = 0;
    for (let c = 0; c < n; c++) {
      if (c === flag) continue;
      if (opponents[c]) ofOpponents += standing[c];
      else ofOthers += standing[c];
    }
    if (ofOpponents === 0) lost += toOpponents;
    if (ofOthers === 0) lost += toOthers;
    const opponent = ofOpponents > 0 ? toOpponents / ofOpponents : 0;
    const other = ofOthers > 0 ? toOthers / ofOthers : 0, gain = strength[3][draw];
    for (let c = 0; c < n; c++) {
      if (c !== flag) moved[c] += standing[c] * (opponents[c] ? opponent : other);
      moved[c] *= 1 - gain;
    }
    moved[flag] += gain * (1 - lost);
  }
  return lost;
}

// ---- from a pact to its seats, as in forecaster/plan/pacts.py
const contains = (list, value) => list.length === 0 || list.includes(value);
const [, NAME, NATION, REGION, HOLDER, COUNTY] = [0, 1, 2, 3, 4, 5];

/** Return whether the pact could hold in a seat at all: a choice, and somebody to stand against. */
function possible(D, pact, i) {
  const ballot = D.ballots[D.seats[i][NATION]], standing = D.stands[i].map((c) => ballot[c]);
  return standing.filter((p) => pact.members.includes(p)).length >= Math.min(2, pact.members.length) &&
    standing.some((p) => pact.opponents.includes(p));
}

/** Return the pact's flag bearer in a seat, and who moves, as columns; null where it is not. */
function resolveSeat(D, pact, i) {
  const seat = D.seats[i], ballot = D.ballots[seat[NATION]], where = pact.where;
  const own = pact.seats[i];
  if (own === null || !possible(D, pact, i)) return null;
  const members = D.stands[i].filter((c) => pact.members.includes(ballot[c]));
  const first = (order) => [...D.order[order][i]].map(Number).find((c) => members.includes(c));
  const asked = own || (pact.rule === "list" ? pact.list[i] : undefined);
  if (own === undefined) {
    const leader = Number(D.order.expected[i][0]);
    const inside = contains(where.nations, seat[NATION]) && contains(where.regions, seat[REGION]) &&
      contains(where.counties || [], seat[COUNTY]) && contains(where.seats, i) &&
      contains(where.held, ballot[seat[HOLDER]]) && contains(where.led, ballot[leader]);
    if (!inside || (pact.rule === "list" && !asked)) return null;
  }
  let flag;
  if (asked) flag = ballot.indexOf(asked[0]);
  else flag = pact.keep && members.includes(seat[HOLDER]) ? seat[HOLDER] : first(pact.rule);
  // A member that has left the pact since it was listed stands for itself.
  if (!members.includes(flag)) return null;
  const donors = members.filter((c) => c !== flag && (!asked || asked[1].includes(ballot[c])));
  return { flag, donors };
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

/** Return the laws of refusal, backlash, kappa and gain. */
const strengthLaw = (D, pact) => [pact.refusal, pact.backlash, pact.kappa, pact.gain]
  .map((rate, k) => logOdds(D, k < 2 === (pact.form === "stand-aside") ? rate || 0 : 0));

// ---- the elections
class House {
  constructor(D, shares) {
    Object.assign(this, { D, shares });
    this.firsts = [];
    D.stands.reduce((at, columns) => (this.firsts.push(at), at + columns.length), 0);
    this.factors = D.stands.map((columns) => new Float64Array(columns.length).fill(1));
    for (const [i, c, factor] of D.factors) this.factors[i][D.stands[i].indexOf(c)] = factor;
    this.luck = new Map();
    this.drawn = new Map();
    this.keys = D.seats.map(() => "");
    this.made = [];
    this.without = new Uint8Array(D.seats.length * D.draws);
    D.seats.forEach((_, i) => this.count(i, [], this.without));
    this.withPacts = this.without.slice();
    this.totals = new Int16Array(D.draws * D.parties.length);
    D.seats.forEach((_, i) => this.add(i, this.without, this.totals, 1));
    this.totalsWith = this.totals.slice();
    this.asked = "";
  }

  /** Return random numbers made once: four of a pact, three of a donor, four of a seat's group. */
  once(cache, key, make) {
    if (!cache.has(key)) cache.set(key, make());
    return cache.get(key);
  }
  factor(n, item, stream) {
    return this.once(this.luck, `${stream} ${item}`, () =>
      normals(this.D.random.seed, n, this.D.draws, item, stream));
  }
  /** Return by pair of draws what multiplies a donor's arriving votes in a seat, and its lots. */
  luckOf(i, column, sd) {
    const place = this.D.random.order.indexOf(column), group = place >> 2;
    const four = this.once(this.luck, `seat ${i} ${group}`, () => luckOf(this.D.random, this.D.draws, i, group));
    const luck = this.once(this.luck, `luck ${i} ${column} ${sd}`, () => four.z[place & 3].map((z) => Math.exp(sd * z)));
    return [luck, four.lot[place & 3]];
  }
  strength(item, laws) {
    return this.once(this.drawn, `pact ${item} ${laws}`, () => {
      const z = this.factor(4, item, this.D.random.streams[0]);
      return laws.map(([centre, sd], k) => z[k].map((x) => 1 / (1 + Math.exp(-(centre + sd * x)))));
    });
  }
  parts(column, law) {
    return this.once(this.drawn, `rate ${column} ${law}`, () => {
      const z = this.factor(3, column, this.D.random.streams[1]);
      return [0, 1, 2, 3].map((k) => k < 3 ? z[k].map((x) => law[k] * Math.exp(law[4 + k] * x)) :
        new Float64Array(this.D.draws).fill(law[3]));
    });
  }

  /** Return what the pact of a place does in each seat, as `moveVotes` takes it; null elsewhere. */
  actions(pact, p) {
    const { seats, title, name, ...common } = pact, key = JSON.stringify(common);
    const own = this.D.seats.map((_, i) => seats[i] === undefined ? "" : JSON.stringify(seats[i]));
    const last = this.made[p]?.key === key ? this.made[p] : { own: [], actions: [] };
    const law = [Math.min(...pact.members), strengthLaw(this.D, pact)];
    const actions = own.map((set, i) => last.own[i] === set ? last.actions[i] : this.action(pact, i, law));
    this.made[p] = { key, own, actions };
    return actions;
  }
  action(pact, i, [item, laws]) {
    const found = resolveSeat(this.D, pact, i);
    if (!found) return null;
    const columns = this.D.stands[i], ballot = this.D.ballots[this.D.seats[i][NATION]];
    const against = columns.map((c) => pact.opponents.includes(ballot[c]));
    const donors = pact.form === "campaign" ? [] : found.donors.map((c) => this.donor(pact, i, c, found.flag));
    const opponents = Uint8Array.from(against, Number), flag = columns.indexOf(found.flag);
    const key = JSON.stringify([item, laws, flag, against, donors.map((d) => [d.place, d.law, d.sd, d.clarity])]);
    return { flag, strength: this.strength(item, laws), opponents, donors, key, columns: { ...found, laws: donors.map((d) => d.law) } };
  }
  donor(pact, i, column, flag) {
    const { D } = this, place = D.stands[i].indexOf(column);
    if (pact.form !== "stand-aside") {
      const expected = (c) => D.expected[this.firsts[i] + D.stands[i].indexOf(c)];
      const lead = Math.max(expected(flag) - expected(column), 0);
      return { place, clarity: lead / (lead + pact.half / 100) };
    }
    const ballot = D.ballots[D.seats[i][NATION]], table = D.rates[pact.rates];
    const leading = [...D.order.expected[i]].map(Number).find((c) => pact.opponents.includes(ballot[c]));
    const law = table ? findRate(table, ballot[column], ballot[flag], ballot[leading]) : pact.own.law;
    if (!law) {
      const [donor, bearer] = [column, flag].map((c) => D.parties[ballot[c]][1]);
      throw new Error(`The table “${table.name}” has no rate for ${donor} standing aside for ${bearer}. Take other rates, or your own.`);
    }
    const sd = table ? table.seat_sd : 0, [luck, lot] = this.luckOf(i, column, sd);
    return { place, law, sd, parts: this.parts(column, law), luck, lot };
  }

  /** Count who wins a seat in every draw, a tie going to the first column. */
  count(i, actions, winners) {
    const { D, shares } = this, { draws, unit } = D, columns = D.stands[i], n = columns.length;
    const factor = this.factors[i], first = this.firsts[i] * draws, half = D.random.half;
    const own = new Float64Array(n), standing = new Float64Array(n), moved = new Float64Array(n);
    for (let draw = 0; draw < draws; draw++) {
      for (let c = 0; c < n; c++) own[c] = shares[first + c * draws + draw] / unit;
      let votes = own;
      if (actions.length) {
        moveVotes(own, standing, moved, actions, draw, half);
        votes = moved;
      }
      let best = votes[0] * factor[0], winner = 0;
      for (let c = 1; c < n; c++) {
        const more = votes[c] * factor[c];
        if (more > best) { best = more; winner = c; }
      }
      winners[i * draws + draw] = columns[winner];
    }
  }
  /** Add a seat to the totals by draw and party, `sign` times. */
  add(i, winners, totals, sign) {
    const { draws, parties } = this.D, ballot = this.D.ballots[this.D.seats[i][NATION]];
    for (let draw = 0; draw < draws; draw++) {
      totals[draw * parties.length + ballot[winners[i * draws + draw]]] += sign;
    }
  }

  /** Count all pacts at once; return their actions, and the seats in which something changed. */
  recount(pacts) {
    const every = pacts.map((pact, p) => {
      if (pact.members.length < (pact.form === "campaign" ? 1 : 2)) throw new Error(`${nameOf(pacts, p)} needs two members or more.`);
      if (!pact.opponents.length) throw new Error(`${nameOf(pacts, p)} needs somebody whom it is made against.`);
      const actions = this.actions(pact, p);
      if (!actions.some(Boolean)) throw new Error(`${nameOf(pacts, p)} holds in no seat. Look at its members, opponents and where it holds.`);
      return actions;
    });
    const here = this.D.seats.map((_, i) => every.map((actions) => actions[i]).filter(Boolean));
    here.forEach((actions, i) => clash(this.D, i, actions));
    const changed = here.flatMap((actions, i) => actions.map((a) => a.key).join() === this.keys[i] ? [] : [i]);
    for (const i of changed) {
      this.add(i, this.withPacts, this.totalsWith, -1);
      this.count(i, here[i], this.withPacts);
      this.add(i, this.withPacts, this.totalsWith, 1);
      this.keys[i] = here[i].map((a) => a.key).join();
    }
    // Strengths that no pact has any more were those of a slider on its way.
    if (this.drawn.size > 500) this.drawn.clear();
    return [every, changed];
  }
  /** Return 1 for every draw in which all conditions hold without pacts. */
  fit(given) {
    const { D } = this, fit = new Uint8Array(D.draws).fill(1), width = D.parties.length;
    for (const one of given) {
      for (let draw = 0; draw < D.draws; draw++) {
        if (one.seat !== undefined) {
          const ballot = D.ballots[D.seats[one.seat][NATION]];
          if (ballot[this.without[one.seat * D.draws + draw]] !== one.party) fit[draw] = 0;
        } else {
          const seats = this.totals[draw * width + one.party];
          if (one.least ? seats < one.seats : seats > one.seats) fit[draw] = 0;
        }
      }
    }
    return fit;
  }
  /** Return everything that the page shows of some pacts and conditions. */
  answer(pacts, given) {
    const [every, changed] = this.recount(pacts);
    const asked = JSON.stringify([given, pacts.map((pact) => pact.members)]);
    const anew = asked !== this.asked;
    if (anew) this.begin(pacts, given);
    this.asked = asked;
    for (const i of anew ? this.D.seats.keys() : changed) this.tally(i, pacts, every);
    const moves = new Uint32Array(this.D.parties.length ** 2);
    for (const own of this.moves) for (const [move, times] of own) moves[move] += times;
    return {
      fit: this.fits, counts: this.counts, moves, effects: this.effects,
      totals: [this.totals, this.totalsWith],
      actions: every.map((actions) => actions.map((action) => action?.columns)),
    };
  }
  /** Make room for the counts over the draws that fit. */
  begin(pacts, given) {
    const seats = this.D.seats.length, empty = (width = 1) => new Uint16Array(seats * width);
    this.fits = this.fit(given);
    this.counts = [0, 1].map(() => empty(this.D.ballots[0].length));
    this.effects = pacts.map(() => ({ gain: empty(), backfire: empty() }));
    this.moves = this.D.seats.map(() => new Map());
  }
  /** Count over the draws that fit who wins a seat, and what the pacts change there. */
  tally(i, pacts, every) {
    const { D, fits, counts, effects } = this, ballot = D.ballots[D.seats[i][NATION]], width = ballot.length;
    const inside = pacts.map((pact) => ballot.map((p) => pact.members.includes(p)));
    for (const rows of counts) rows.fill(0, i * width, (i + 1) * width);
    for (const { gain, backfire } of effects) gain[i] = backfire[i] = 0;
    this.moves[i].clear();
    for (let draw = 0; draw < D.draws; draw++) {
      if (!fits[draw]) continue;
      const was = this.without[i * D.draws + draw], now = this.withPacts[i * D.draws + draw];
      counts[0][i * width + was]++;
      counts[1][i * width + now]++;
      if (was === now) continue;
      const move = ballot[was] * D.parties.length + ballot[now];
      this.moves[i].set(move, (this.moves[i].get(move) || 0) + 1);
      for (let p = 0; p < pacts.length; p++) {
        if (!every[p][i] || inside[p][was] === inside[p][now]) continue;
        effects[p][inside[p][now] ? "gain" : "backfire"][i]++;
      }
    }
  }
}

const nameOf = (pacts, p) => pacts.length > 1 ? `The ${["first", "second"][p]} pact` : "The pact";

/** Refuse pacts that would move the same party in the same seat. */
function clash(D, i, actions) {
  if (actions.length < 2) return;
  const [first, second] = actions.map((action) => action.columns);
  const both = first.donors.find((c) => second.donors.includes(c) || c === second.flag) ??
    (second.donors.includes(first.flag) ? first.flag : undefined);
  if (both === undefined) return;
  const party = D.parties[D.ballots[D.seats[i][NATION]][both]][1];
  throw new Error(`Both pacts would move ${party} in ${D.seats[i][NAME]}. Change the members of one, or where it holds.`);
}

// ---- reading the data
/** Return the shares of the page: seats, columns that stand, draws. */
async function unpack(D, text) {
  const raw = atob(text), bytes = new Uint8Array(raw.length);
  for (let k = 0; k < raw.length; k++) bytes[k] = raw.charCodeAt(k);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const planes = new Uint8Array(await new Response(stream).arrayBuffer()), upper = planes.length / 2;
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

let house;
globalThis.onmessage = async ({ data }) => {
  try {
    if (data.shares) house = new House(data.D, await unpack(data.D, data.shares));
    postMessage({ id: data.id, answer: house.answer(data.pacts, data.given) });
  } catch (error) {
    postMessage({ id: data.id, error: error.message });
  }
};
