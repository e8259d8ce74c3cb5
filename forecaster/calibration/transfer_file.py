"""Write the files of transfer rates, formal and informal, from the fitted law of transfers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.special import expit, logit

from forecaster.arrays import Floats
from forecaster.calibration.laws import random_mean
from forecaster.calibration.transfer_evidence import (
    ABSENT,
    HOME,
    KINDS,
    OTHER,
    Piece,
    pieces,
)
from forecaster.calibration.transfer_law import Rate, TransferLaw, fit_law, relation, side_of
from forecaster.config.pact import TransferRow, read_transfers
from forecaster.config.toml import inline
from forecaster.plan.scenarios import Z90
from forecaster.vocabulary import BALLOT, FIXED_PARTIES, GB_PARTIES, OWN_PARTY

DRAWS, SEED = 2**14, 20

LEADER = 0.80
"""Part of a side's votes that its best placed party has: the mean over both sides and all seats of
Great Britain at the general elections from 2010 to 2024. A run divides votes that go to opponents
in proportion to their own, so that the leading opponent gets this part."""

NORTHERN_IRELAND = BALLOT["Northern Ireland"]
GREAT_BRITAIN = (*GB_PARTIES, *OWN_PARTY.values())

TITLES = {
    "formal": "the party that stands aside recommends the flag bearer",
    "informal": "the party that stands aside recommends nobody",
}
SOURCES = {"formal": "all evidence", "informal": "absences where nobody was recommended"}
HEAD = """\
# Where votes go when {title}.
# Written by 'forecast calibrate transfers {name} --out FILE' from {source},
# which 'forecast transfers --evidence' lists. Ranges are 90 % ranges of the election's own rate;
# what is left of one goes to other parties, among them opponents who are behind. 'kinds' is what
# each kind of evidence alone says arrives.

"""


def evidence_for(name: str) -> list[Piece]:
    """Return the evidence on formal or informal rates.

    Informal rates use only cases in which a party actually had no candidate and recommended nobody.
    Polls and ballots do not tell whether voters had a recommendation in mind.
    """
    return [p for p in pieces() if name == "formal" or (p.kind in ABSENT and not p.named)]


def rates_file(name: str) -> str:
    """Return the file of formal or informal rates as text."""
    values = rates_from(evidence_for(name), name, everyone=name == "informal")
    rows = values.pop("row")
    head = HEAD.format(title=TITLES[name], name=name, source=SOURCES[name])
    return head + "\n".join([_lines(values), *("[[row]]\n" + _lines(row) for row in rows)])


def rates_from(evidence: Sequence[Piece], name: str, everyone: bool) -> dict[str, Any]:
    """Estimate the fields of a `TransferTable` from some of the evidence.

    `name`: bundled file whose rows are kept for donors without evidence. `everyone`: whether all
    other parties stand, of both sides: each may receive, and the rates to all of them sum to one.
    Otherwise only the recipient of the donor's side does.
    """
    law, (seat_sd, places) = fit_law(evidence), seat_spread(evidence)
    rows = [_row(law, rate, name, everyone) for rate in rates_wanted(evidence, everyone)]
    known = {row["donor"] for row in rows}
    kept = [row for row in read_transfers(name).row if row.donor not in known]
    return {
        "title": f"{name}: {TITLES[name]}",
        "seat_sd": round(seat_sd, 2),
        "seat_sd_source": f"median of {places} spreads of rates between places, in log-odds",
        "row": rows + [row.model_dump(exclude_defaults=True) for row in kept],
    }


def seat_spread(evidence: Sequence[Piece]) -> tuple[float, int]:
    """Return the median SD of rates to the own side between places, and the number of rates.

    It is in log-odds: to first order, the SD of a rate p divided by ``p (1 - p)``.
    """
    found = [
        p.spread / (p.rate * (1 - p.rate))
        for p in evidence
        if p.spread is not None and 0 < p.rate < 1 and relation(p.donor, p.to) == "own side"
    ]
    return float(np.median(found)), len(found)


def rates_wanted(evidence: Sequence[Piece], everyone: bool) -> list[Rate]:
    """Return the rates of a table by donor; those against one opponent come before the general."""
    seen = {
        (p.donor, p.to, p.against)
        for p in evidence
        if relation(p.donor, p.to) in ("own side", *["other side"] * everyone)
    }
    pairs, out = {one[:2] for one in seen}, []
    for country in (GREAT_BRITAIN, NORTHERN_IRELAND):
        for donor in [party for party in country if any(one[0] == party for one in seen)]:
            for to in [party for party in country if (donor, party) in pairs]:
                asked = [a for a in opponents_of(Rate(donor, to)) if (donor, to, a) in seen]
                out += [*(Rate(donor, to, a) for a in asked), Rate(donor, to)]
            out.append(Rate(donor, None))
    return out


def others_standing(rate: Rate) -> list[str]:
    """Return the parties that stand where the donor does, without donor and recipient."""
    among = NORTHERN_IRELAND if rate.donor in NORTHERN_IRELAND else GB_PARTIES
    return [p for p in among if p not in (rate.donor, rate.to, "Other", *FIXED_PARTIES)]


def opponents_of(rate: Rate) -> list[str]:
    """Return those of `others_standing` that are not on the recipient's side."""
    return [p for p in others_standing(rate) if p not in side_of(rate.to or rate.donor)]


def parts_drawn(law: TransferLaw, rate: Rate, everyone: bool) -> Floats:
    """Draw the parts that arrive, go to opponents and stay at home, shape ``(draw, part)``.

    All who may receive have parts in proportion to their rates (Luce, Individual Choice Behavior,
    1959). Unless `everyone` stands, the part that arrives is the law's own, and only the remainder
    is divided like this. The part of the opponents is set so that the leading one, with `LEADER` of
    it, gets its rate.
    """
    opponents = opponents_of(rate)
    among = others_standing(rate) if everyone else opponents
    asked = [Rate(rate.donor, one, rate.to if one == rate.against else None) for one in among]
    drawn = law.draw([rate, Rate(rate.donor, HOME), *asked, Rate(rate.donor, OTHER)], DRAWS, SEED)
    arrives, rest = drawn[:, 0], drawn[:, 1:]
    if everyone:
        arrives = arrives / drawn.sum(1)
    home, *each, _ = (rest / rest.sum(1, keepdims=True)).T * (1 - arrives)
    leading = [rate.against] if rate.against else opponents
    ahead = np.mean([each[among.index(one)] for one in leading], axis=0)
    return np.column_stack([arrives, np.minimum(ahead / LEADER, 1 - arrives - home), home])


def about(evidence: Sequence[Piece], rate: Rate) -> list[Piece]:
    """Return the evidence on the part that arrives, for the opponent of the rate if it has one."""
    return [
        p
        for p in evidence
        if p.donor == rate.donor
        and (p.to == rate.to or (rate.to is None and relation(p.donor, p.to) == "own side"))
        and (rate.against is None or p.against in (None, rate.against))
    ]


def by_kind(found: Sequence[Piece]) -> dict[str, float]:
    """Return the random-effects mean of the pieces of each kind."""
    means = {}
    for kind in KINDS:
        own = [(p.rate, p.error) for p in found if p.kind == kind]
        if own:
            means[kind] = min(max(random_mean(*np.array(own).T)[0], 0.0), 1.0)
    return means


def _row(law: TransferLaw, rate: Rate, name: str, everyone: bool) -> dict[str, Any]:
    """Return a row of the file: logit-normal ranges with the moments of the drawn log-odds."""
    odds = logit(parts_drawn(law, rate, everyone))
    ends = np.clip(expit(odds.mean(0) + np.outer([-Z90, Z90], odds.std(0))), 0.001, 0.999)
    names = ("arrive", "opponent", "abstain")
    ranges = {
        name: {"low": round(float(low), 3), "high": round(float(high), 3)}
        for name, low, high in zip(names, *ends, strict=True)
    }
    found = about(law.pieces, rate)
    counts = Counter(p.kind for p in found)
    rest = sum(p.donor == rate.donor for p in law.pieces) - len(found)
    words = ", ".join(f"{counts[kind]} {kind}" for kind in KINDS if counts[kind]) or "nothing"
    row = {"donor": rate.donor, "recipient": rate.to, "against": rate.against, **ranges}
    row["kinds"] = {kind: round(mean, 3) for kind, mean in by_kind(found).items()}
    row["source"] = f"{SOURCES[name]}: {words} on what arrives, {rest} more on the donor"
    TransferRow.model_validate(row)
    return {key: value for key, value in row.items() if value is not None}


def _lines(values: dict[str, Any]) -> str:
    return "".join(f"{key} = {inline(value)}\n" for key, value in values.items())
