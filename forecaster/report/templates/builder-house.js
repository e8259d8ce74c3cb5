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

/** Return the luck of four donors of a seat, and the lots on their refusal, by draw. */
function luckOf(random, draws, seat, group) {
  const { seed, fours } = random, stream = random.streams[2];
  const z = Array.from({ length: 4 }, () => new Float32Array(draws)), lot = z.map((row) => row.slice());
  const four = new Float64Array(4);
  for (let draw = 0; draw < draws; draw++) {
    // Of draws `fours` apart the next has the same numbers, a quarter turn further on.
    if (draw % (4 * fours) >= fours) continue;
    threefry(draw, 0, seat * 256 + group, stream, seed[0], seed[1], WORDS);
    pair(WORDS[0], four, 0);
    pair(WORDS[1], four, 2);
    for (let turn = 0; turn < 4; turn++) {
      const at = draw + turn * fours;
      for (let k = 0; k < 4; k++) {
        z[k][at] = four[k];
        const half = (WORDS[2 + (k >> 1)] >>> (16 * (k % 2))) + turn * 2 ** 14;
        lot[k][at] = ((half & 0xFFFF) + 0.5) / 2 ** 16;
      }
      four.set([four[1], -four[0], four[3], -four[2]]);
    }
  }
  return { z, lot };
}

// ---- the votes of one seat, each row by draw
/** Return room for the votes of a seat, which serves seat after seat. */
function roomFor(places, draws) {
  const row = () => new Float64Array(draws);
  return {
    moved: Array.from({ length: places }, row), lost: row(), arrived: row(), toOpponents: row(), toOthers: row(),
    opponents: row(), others: row(), most: row(),
  };
}

/** Return the votes that a donor keeps: all where its lot is below the chance of refusal, else none. */
function standAside(votes, lot, refusal) {
  return votes.map((own, draw) => lot[draw] > refusal[draw] ? 0 : own);
}

/**
 * Move the votes of a seat under some pacts; `room.moved` has the best of each row, `room.lost` who
 * stays at home.
 *
 * A row is a place, or several that all pacts treat alike: their `votes` together and those of the
 * `best` of them; `of` has the row of each place. An action is what a pact does here: the flag
 * bearer's place, `opponents` (1 or 0 by place), backlash, kappa, gain (or null) and donors. A donor
 * has its place, and either the votes that it `kept`, `parts`, the weights of what arrives, goes to
 * opponents, home and to others, and `luck`, by which the first is multiplied; or a `clarity`, where
 * nobody stands aside. Votes sum to `unit`.
 */
function moveVotes(room, { rows, of }, actions, unit) {
  const standing = rows.slice();
  for (const { donors } of actions) {
    for (const { place, kept } of donors) if (kept) standing[of[place]] = { ...rows[of[place]], votes: kept, best: kept };
  }
  standing.forEach((row, r) => room.moved[r].set(row.best));
  room.lost.fill(0);
  for (const action of actions) {
    for (const pot of [room.arrived, room.toOpponents, room.toOthers]) pot.fill(0);
    for (const donor of action.donors) {
      const { votes } = rows[of[donor.place]];
      if (donor.kept) transfer(room, votes, donor);
      else lend(room, votes, room.moved[of[donor.place]], donor.clarity, action.kappa);
    }
    settle(room, standing, of[action.flag], action);
    if (action.gain) campaign(room, standing.length, of[action.flag], action.gain, unit);
  }
}

/** Take the votes of a donor that stands aside to where they go. */
function transfer({ lost, arrived, toOpponents, toOthers }, votes, { kept, parts, luck }) {
  const [arrives, leaks, stays, strays] = parts;
  for (let draw = 0; draw < votes.length; draw++) {
    const amount = votes[draw] - kept[draw];
    if (amount === 0) continue;
    const arrive = arrives[draw] * luck[draw], opponent = leaks[draw], abstain = stays[draw], other = strays[draw];
    const unit = amount / (arrive + opponent + abstain + other);
    arrived[draw] += unit * arrive;
    toOpponents[draw] += unit * opponent;
    lost[draw] += unit * abstain;
    toOthers[draw] += unit * other;
  }
}

/** Take voters of a donor that stands to the flag bearer, as many as kappa and clarity say. */
function lend({ arrived }, votes, moved, clarity, kappa) {
  for (let draw = 0; draw < votes.length; draw++) {
    const amount = kappa[draw] * clarity * votes[draw];
    arrived[draw] += amount;
    moved[draw] -= amount;
  }
}

/** Give the flag bearer, opponents and others what goes to them, in proportion to who stands. */
function settle({ moved, lost, arrived, toOpponents, toOthers, opponents, others }, standing, flag, action) {
  const { backlash } = action, own = standing[flag].votes, bearer = moved[flag], draws = bearer.length;
  const side = standing.map(({ place }) => action.opponents[place] ? opponents : others);
  opponents.fill(0);
  others.fill(0);
  standing.forEach(({ votes }, r) => { if (r !== flag) addTo(side[r], votes); });
  for (let draw = 0; draw < draws; draw++) {
    const leave = backlash[draw] * own[draw], opponent = toOpponents[draw] + leave / 2, other = toOthers[draw];
    bearer[draw] += arrived[draw] - leave;
    lost[draw] += leave / 2;
    if (opponents[draw] === 0) lost[draw] += opponent;
    if (others[draw] === 0) lost[draw] += other;
    // From here on by vote of theirs.
    opponents[draw] = opponents[draw] > 0 ? opponent / opponents[draw] : 0;
    others[draw] = others[draw] > 0 ? other / others[draw] : 0;
  }
  standing.forEach(({ best }, r) => { if (r !== flag) addProduct(moved[r], best, side[r]); });
}
function addTo(sum, votes) { for (let draw = 0; draw < sum.length; draw++) sum[draw] += votes[draw]; }
function addProduct(sum, votes, rate) { for (let draw = 0; draw < sum.length; draw++) sum[draw] += votes[draw] * rate[draw]; }

/** Give the flag bearer a part of all votes. */
function campaign({ moved, lost }, rows, flag, gain, unit) {
  for (let r = 0; r < rows; r++) for (let draw = 0; draw < gain.length; draw++) moved[r][draw] *= 1 - gain[draw];
  for (let draw = 0; draw < gain.length; draw++) moved[flag][draw] += gain[draw] * (unit - lost[draw]);
}

/** Add a column to a row of several. */
function join({ votes, best, who }, added, column) {
  for (let draw = 0; draw < added.length; draw++) {
    votes[draw] += added[draw];
    if (added[draw] > best[draw]) { best[draw] = added[draw]; who[draw] = column; }
  }
}

/** Let a row win wherever it has most votes so far, a tie going to the first column. */
function elect(votes, { who, factor }, most, won) {
  for (let draw = 0; draw < most.length; draw++) {
    const more = votes[draw] * factor;
    if (more < most[draw] || (more === most[draw] && who[draw] > won[draw])) continue;
    most[draw] = more;
    won[draw] = who[draw];
  }
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
    this.room = roomFor(D.ballots[0].length, D.draws);
    Object.assign(this, { kept: [], rows: [] });
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
  /** Return what multiplies a donor's arriving votes in a seat, and its lots, by draw. */
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
    const against = columns.map((c) => pact.opponents.includes(ballot[c])), [refusal, backlash, kappa, gain] = this.strength(item, laws);
    const donors = pact.form === "campaign" ? [] : found.donors.map((c) => this.donor(pact, i, c, found.flag, refusal));
    const opponents = Uint8Array.from(against, Number), flag = columns.indexOf(found.flag);
    const key = JSON.stringify([item, laws, flag, against, donors.map((d) => [d.place, d.law, d.sd, d.clarity])]);
    return { flag, opponents, backlash, kappa, gain: laws[3][0] === this.D.never ? null : gain, donors, key, columns: { ...found, to: donors.map(() => found.flag), laws: donors.map((d) => d.law) } };
  }
  donor(pact, i, column, flag, refusal) {
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
    return { place, law, sd, kept: this.keptOf(i, place, lot, refusal), parts: this.parts(column, law), luck };
  }
  /** Return the votes that a donor keeps; other sliders than that of refusal leave them as they are. */
  keptOf(i, place, lot, refusal) {
    const at = this.firsts[i] + place;
    if (this.kept[at]?.refusal !== refusal) this.kept[at] = { refusal, votes: standAside(this.votes(i, place), lot, refusal) };
    return this.kept[at].votes;
  }

  /** Return the votes of a place in a seat, by draw. */
  votes(i, place) {
    const { draws } = this.D, first = (this.firsts[i] + place) * draws;
    return this.shares.subarray(first, first + draws);
  }
  /** Return the rows of a seat: those who act in it, and others that all actions treat alike together. */
  rowsOf(i, actions) {
    const acting = actions.flatMap(({ flag, donors }) => [flag, ...donors.map((donor) => donor.place)]), factors = this.factors[i];
    const names = this.D.stands[i].map((_, place) => acting.includes(place) ? `${place}` : `${actions.map(({ opponents }) => opponents[place])} ${factors[place]}`);
    const key = names.join();
    if (this.rows[i]?.key !== key) {
      const different = [...new Set(names)];
      this.rows[i] = {
        key, of: names.map((name) => different.indexOf(name)),
        rows: different.map((name) => this.together(i, [...names.keys()].filter((place) => names[place] === name))),
      };
    }
    return this.rows[i];
  }
  /** Return some places of a seat as one row: their votes, and the most of one of them and whose they are. */
  together(i, places) {
    const [place, ...others] = places, column = this.D.stands[i][place], factor = this.factors[i][place];
    const row = { place, factor, votes: this.votes(i, place), best: this.votes(i, place), who: this.once(this.luck, `who ${column}`, () => new Uint8Array(this.D.draws).fill(column)) };
    if (!others.length) return row;
    for (const key of ["votes", "best", "who"]) row[key] = row[key].slice();
    for (const other of others) join(row, this.votes(i, other), this.D.stands[i][other]);
    return row;
  }

  /** Count who wins a seat in every draw. */
  count(i, actions, winners) {
    const { D, room } = this, seat = this.rowsOf(i, actions), won = this.winners(i, winners);
    if (actions.length) moveVotes(room, seat, actions, D.unit);
    else seat.rows.forEach((row, r) => room.moved[r].set(row.best));
    room.most.fill(-1);
    seat.rows.forEach((row, r) => elect(room.moved[r], row, room.most, won));
  }
}
const Rule = House;
