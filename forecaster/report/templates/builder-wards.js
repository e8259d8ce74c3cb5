// Wards: those candidates are elected who have most votes, one or several of a party. Arithmetic and
// random numbers of a draw are those of forecaster/councils/kernel.py, in float32 where they are so
// there; slates by a rule those of forecaster/councils/slates.py.
const single = Math.fround;

/**
 * Write who stands and the votes of each party's best candidate in a ward under a pact.
 *
 * An action has who stands (`slate`), `usual` ones, `member` and `opponent` (1 or 0 by place), refusal
 * and backlash by draw (`strength`), and donors with their place and the weights of their `parts` by
 * draw, the first of which is multiplied by `luck`, by draw, and by `joint` if the donor stays on the
 * slate; `lots` of each donor are by draw.
 */
function moveVotes(shares, action, draw, slate, moved) {
  const { usual, member, opponent, donors, strength, joint } = action, n = shares.length;
  for (let c = 0; c < n; c++) { slate[c] = action.slate[c]; moved[c] = shares[c]; }
  for (let g = 0; g < donors.length; g++) {
    const { place, lots } = donors[g];
    if (lots[draw] < strength[0][draw]) slate[place] = usual[place];
  }
  let against = 0, neutral = 0, toOpponents = 0, elsewhere = 0, others = 0;
  for (let c = 0; c < n; c++) {
    if (slate[c] === 0) continue;
    if (opponent[c]) against = single(against + shares[c]);
    else if (member[c]) others += slate[c];
    else neutral = single(neutral + shares[c]);
  }
  for (let c = 0; c < n; c++) {
    if (!member[c]) continue;
    const donor = donors.find((one) => one.place === c), freed = usual[c] - slate[c];
    if (donor && freed > 0) {
      const { parts, luck } = donor, stays = slate[c] > 0 ? joint : 1, arrive = stays * parts[0][draw] * luck[draw];
      const total = arrive + parts[1][draw] + parts[2][draw] + parts[3][draw];
      const part = arrive / total * shares[c] * Math.min(1, freed / (others - slate[c]));
      for (let q = 0; q < n; q++) if (q !== c && member[q] && slate[q] > 0) moved[q] += part;
      const votes = shares[c] * freed / usual[c] / total;
      toOpponents += parts[1][draw] * votes;
      elsewhere += parts[3][draw] * votes;
      if (slate[c] === 0) moved[c] = 0;
    } else if (slate[c] > 0) {
      const left = strength[1][draw] * shares[c];
      moved[c] -= left;
      toOpponents += left / 2;
    }
  }
  for (let c = 0; c < n; c++) {
    if (slate[c] === 0) continue;
    if (opponent[c]) moved[c] += toOpponents * shares[c] / against;
    else if (!member[c]) moved[c] += elsewhere * shares[c] / neutral;
  }
}

/** Return candidates by place: all of the best placed, or by Sainte-Laguë's divisors. */
function shareOut(votes, seats, rule) {
  const out = votes.map(() => 0);
  for (let k = 0; k < seats; k++) {
    const best = votes.map((x, c) => rule === "best-placed" ? x : x / (2 * out[c] + 1));
    out[best.indexOf(Math.max(...best))]++;
  }
  return out;
}

class Wards extends Elections {
  prepare() {
    const { D, firsts } = this;
    this.wards = D.seats.map((_, i) => {
      const slot = D.slot[i], numbered = D.numbered[i];
      // Candidates whom the run did not know come after all others.
      const after = Math.max(...slot.map((first, c) => first + numbered[c]));
      return {
        usual: D.usual[i], spread: Float32Array.from(D.spread[i]), ahead: Float32Array.from(D.ahead[i]),
        expected: D.expected.slice(firsts[i], firsts[i + 1]), luck: [],
        numbers: slot.map((first, c) => Array.from({ length: D.most }, (_, k) => k < numbered[c] ? first + k : after + c * D.most + k)),
      };
    });
    this.best = new Float32Array(D.most);
    this.whose = new Uint8Array(D.most);
  }
  /** Return eight standard normals, by draw, of a pact or of a donor. */
  normalsOf(what, item) {
    return this.once(this.luck, `${what} ${item}`, () => {
      const four = this.words(what === "pact" ? this.D.parties.length + item : item, this.D.random.transfers);
      return Array.from({ length: 8 }, (_, k) => this.half(four, k).map((half) => this.normal[half]));
    });
  }
  /** Return the four words of an item in every draw. */
  words(item, stream) {
    const { seed } = this.D.random, out = new Uint32Array(4 * this.D.draws);
    for (let draw = 0; draw < this.D.draws; draw++) {
      threefry(draw, 0, item, stream, seed[0], seed[1], WORDS);
      out.set(WORDS, 4 * draw);
    }
    return out;
  }
  /** Return one of the eight halves of the words, by draw. */
  half(words, k) {
    return Float64Array.from({ length: this.D.draws }, (_, draw) => (words[4 * draw + (k >> 1)] >>> (16 * (k & 1))) & 0xFFFF);
  }
  /** Return the words of a group of a ward. */
  group(i, group) {
    return this.words(i * this.D.random.groups[0] + group, this.D.random.wards);
  }

  /** Return candidates of every ward by the rule of a pact, null where it does not hold. */
  slates(pact, key) {
    if (this.ruled?.key === key) return this.ruled.slates;
    const { D, wards } = this, { members, opponents, rule, guarantees } = pact;
    const slates = wards.map(({ usual, expected }, i) => {
      const columns = D.stands[i], among = columns.map((c) => members.includes(c));
      if (!inside(D, pact, i, columns[expected.indexOf(Math.max(...expected))])) return null;
      if (rule === "list") return pact.list[i] ? this.listed(i, members, pact.list[i]) : null;
      if (among.filter(Boolean).length < 2 || !D.leads[i].some((c) => opponents.includes(c))) return null;
      const shared = shareOut(expected.map((x, c) => among[c] ? x : 0), D.elects[i], rule);
      return usual.map((number, c) => among[c] ? shared[c] : number);
    });
    const taking = new Set(members);
    for (const [party, owed] of guarantees) {
      if (!members.includes(party)) continue;
      taking.delete(party);
      D.regions.forEach((_, council) => this.guarantee(slates, pact, party, owed, council, taking));
    }
    this.ruled = { key, slates };
    return slates;
  }
  /** Return the usual slate of a ward with other numbers of candidates of some members. */
  listed(i, members, pairs) {
    const number = new Map(pairs);
    return this.wards[i].usual.map((usual, c) => members.includes(this.D.stands[i][c]) ? number.get(this.D.stands[i][c]) ?? usual : usual);
  }
  /** Give a party its winnable places in a council, where it is least behind the best placed. */
  guarantee(slates, { members }, party, owed, council, taking) {
    const { D } = this, rows = [];
    D.seats.forEach((seat, i) => {
      const place = D.stands[i].indexOf(party);
      if (seat[REGION] !== council || !slates[i] || place < 0) return;
      const { expected } = this.wards[i], among = D.stands[i].map((c) => members.includes(c));
      const ours = expected.filter((_, c) => among[c]), others = expected.filter((_, c) => !among[c]);
      const together = ours.reduce((sum, x) => sum + x, 0);
      if (together > Math.max(0, ...others)) rows.push({ i, place, behind: Math.max(...ours) - expected[place] });
    });
    let left = owed - rows.reduce((sum, { i, place }) => sum + slates[i][place], 0);
    rows.sort((a, b) => a.behind - b.behind);
    for (const { i, place } of rows) {
      const given = () => slates[i].map((number, c) => taking.has(D.stands[i][c]) ? number : 0);
      while (left > 0 && Math.max(...given()) > 0) {
        slates[i][given().indexOf(Math.max(...given()))]--;
        slates[i][place]++;
        left--;
      }
    }
  }
  action(pact, i, [first, laws], key) {
    const { D } = this, columns = D.stands[i], { usual, expected } = this.wards[i], own = pact.seats[i];
    const slate = own === null ? null : own ? this.listed(i, pact.members, own) : this.slates(pact, key)[i];
    if (!slate) return null;
    const flags = (list) => Uint8Array.from(columns, (c) => Number(list.includes(c)));
    const member = flags(pact.members), opponent = flags(pact.opponents);
    const rival = columns.reduce((best, _, k) => opponent[k] && (best < 0 || expected[k] > expected[best]) ? k : best, -1);
    const against = rival < 0 ? Math.min(...pact.opponents) : columns[rival];
    const donors = columns.flatMap((c, place) => {
      if (!member[place] || slate[place] >= usual[place]) return [];
      const others = slate.map((number, k) => member[k] && k !== place ? number : 0);
      const most = Math.max(...others), to = most ? columns[others.indexOf(most)] : 0;
      const [law, sd] = this.law(pact, c, to, against), [, arrival, lot] = D.random.groups;
      const luck = this.once(this.luck, `luck ${i} ${c} ${sd}`, () =>
        this.half(this.group(i, arrival), c).map((half) => Math.exp(sd * this.normal[half])));
      const lots = this.once(this.luck, `lots ${i} ${c}`, () => this.half(this.group(i, lot), c).map((half) => (half + 0.5) / 65536));
      return [{ place, to, law, sd, parts: this.parts(c, law), luck, lots }];
    });
    return {
      slate, usual, member, opponent, donors, joint: D.joint, strength: this.strength(first, laws),
      key: JSON.stringify([first, laws, slate, [...member], [...opponent], donors.map((d) => [d.law, d.sd])]),
      columns: { slate, donors: donors.map((d) => columns[d.place]), to: donors.map((d) => d.to), laws: donors.map((d) => d.law) },
    };
  }

  /** Count who is elected in a ward in every draw. */
  count(i, actions, winners) {
    const { D, shares } = this, { draws, unit } = D, columns = D.stands[i], n = columns.length;
    const { usual } = this.wards[i], first = this.firsts[i] * draws, action = actions[0];
    const own = new Float32Array(n), moved = new Float32Array(n), slate = Uint8Array.from(usual);
    const seats = D.elects[i], start = this.places[i] * draws, won = new Uint8Array(n);
    for (let draw = 0; draw < draws; draw++) {
      for (let c = 0; c < n; c++) own[c] = shares[first + c * draws + draw] / unit;
      if (action) moveVotes(own, action, draw, slate, moved);
      this.elect(i, draw, slate, action ? moved : own, won);
      let place = start + draw;
      for (let c = 0; c < n; c++) for (let k = 0; k < won[c]; k++, place += draws) winners[place] = columns[c];
      for (const end = start + seats * draws; place < end; place += draws) winners[place] = NOBODY;
    }
  }
  /** Write how many of each party are elected; the largest comes first, so that most need no luck. */
  elect(i, draw, slate, votes, won) {
    const { best, whose, normal } = this, { spread, ahead, numbers, luck } = this.wards[i], seats = this.D.elects[i];
    const n = votes.length, most = normal[normal.length - 1], candidates = this.D.random.groups[3];
    let largest = 0, chosen = 0;
    for (let c = 0; c < n; c++) {
      won[c] = 0;
      if (slate[c] > 0 && (slate[largest] === 0 || votes[c] > votes[largest])) largest = c;
    }
    for (let turn = -1; turn < n; turn++) {
      const c = turn < 0 ? largest : turn;
      if (turn === largest || slate[c] === 0) continue;
      const root = single(Math.sqrt(votes[c])), wide = single(root * spread[c]), mean = single(votes[c] - single(root * ahead[c]));
      if (chosen === seats && single(mean + single(wide * most)) <= best[chosen - 1]) continue;
      for (let k = 0; k < slate[c]; k++) {
        const number = numbers[c][k], group = number >> 3;
        luck[group] ??= this.group(i, candidates + group);
        const half = (luck[group][4 * draw + ((number & 7) >> 1)] >>> (16 * (number & 1))) & 0xFFFF;
        const own = single(mean + single(wide * normal[half]));
        if (chosen === seats && own <= best[chosen - 1]) continue;
        let at = Math.min(chosen, seats - 1);
        for (; at > 0 && best[at - 1] < own; at--) { best[at] = best[at - 1]; whose[at] = whose[at - 1]; }
        best[at] = own;
        whose[at] = c;
        chosen = Math.min(chosen + 1, seats);
      }
    }
    for (let k = 0; k < chosen; k++) won[whose[k]]++;
  }
}
const Rule = Wards;
