// The House: a seat goes to whoever has most votes. The arithmetic of a draw is that of
// forecaster/kernels/reference_pacts.py, its random numbers those of reference_random.py.

// ---- random numbers
/** Write the two standard normals of a word, by Box and Muller. */
function pair(word, out, at) {
  const radius = Math.sqrt(-2 * Math.log(1 - ((word >>> 12) + 0.5) / 2 ** 20));
  let place = word & 0x7FF;
  place = 16 * (place >= 1024 ? place - 2048 : place) + ((word >>> 12) & 15);
  const turn = Math.PI / 2 * (place + 0.5) / 2 ** 14;
  out[at] = radius * Math.sin(turn);
  out[at + 1] = radius * Math.cos(turn) * ((word >>> 11) & 1 ? -1 : 1);
}

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
/** Return whether the pact could hold in a seat at all: a choice, and somebody to stand against. */
function possible(D, pact, i) {
  const ballot = D.ballots[D.seats[i][NATION]], standing = D.stands[i].map((c) => ballot[c]);
  return standing.filter((p) => pact.members.includes(p)).length >= Math.min(2, pact.members.length) &&
    standing.some((p) => pact.opponents.includes(p));
}

/** Return the pact's flag bearer in a seat, and who moves, as columns; null where it is not. */
function resolveSeat(D, pact, i) {
  const seat = D.seats[i], ballot = D.ballots[seat[NATION]];
  const own = pact.seats[i];
  if (own === null || !possible(D, pact, i)) return null;
  const members = D.stands[i].filter((c) => pact.members.includes(ballot[c]));
  const first = (order) => [...D.order[order][i]].map(Number).find((c) => members.includes(c));
  const asked = own || (pact.rule === "list" ? pact.list[i] : undefined);
  if (own === undefined) {
    if (!inside(D, pact, i, Number(D.order.expected[i][0])) || (pact.rule === "list" && !asked)) return null;
  }
  let flag;
  if (asked) flag = ballot.indexOf(asked[0]);
  else flag = pact.keep && members.includes(seat[HOLDER]) ? seat[HOLDER] : first(pact.rule);
  // A member that has left the pact since it was listed stands for itself.
  if (!members.includes(flag)) return null;
  const donors = members.filter((c) => c !== flag && (!asked || asked[1].includes(ballot[c])));
  return { flag, donors };
}

// ---- the elections
class House extends Elections {
  prepare() {
    const { D } = this;
    this.factors = D.stands.map((columns) => new Float64Array(columns.length).fill(1));
    for (const [i, c, factor] of D.factors) this.factors[i][D.stands[i].indexOf(c)] = factor;
  }
  normalsOf(what, item) {
    return what === "pact" ? this.factor(4, item, this.D.random.streams[0]) : this.factor(3, item, this.D.random.streams[1]);
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
  action(pact, i, [item, laws]) {
    const found = resolveSeat(this.D, pact, i);
    if (!found) return null;
    const columns = this.D.stands[i], ballot = this.D.ballots[this.D.seats[i][NATION]];
    const against = columns.map((c) => pact.opponents.includes(ballot[c]));
    const donors = pact.form === "campaign" ? [] : found.donors.map((c) => this.donor(pact, i, c, found.flag));
    const opponents = Uint8Array.from(against, Number), flag = columns.indexOf(found.flag);
    const key = JSON.stringify([item, laws, flag, against, donors.map((d) => [d.place, d.law, d.sd, d.clarity])]);
    return { flag, strength: this.strength(item, laws), opponents, donors, key, columns: { ...found, to: donors.map(() => found.flag), laws: donors.map((d) => d.law) } };
  }
  donor(pact, i, column, flag) {
    const { D } = this, place = D.stands[i].indexOf(column);
    if (pact.form !== "stand-aside") {
      const expected = (c) => D.expected[this.firsts[i] + D.stands[i].indexOf(c)];
      const lead = Math.max(expected(flag) - expected(column), 0);
      return { place, clarity: lead / (lead + pact.half / 100) };
    }
    const ballot = D.ballots[D.seats[i][NATION]];
    const leading = [...D.order.expected[i]].map(Number).find((c) => pact.opponents.includes(ballot[c]));
    const [law, sd] = this.law(pact, ballot[column], ballot[flag], ballot[leading]);
    const [luck, lot] = this.luckOf(i, column, sd);
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
}
const Rule = House;
