"""The file of formal transfer rates, written from the law of transfers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.special import expit, logit

from forecaster.arrays import Floats
from forecaster.calibration.laws import random_mean
from forecaster.calibration.transfer_evidence import HOME, KINDS, OTHER, Piece, pieces
from forecaster.calibration.transfer_law import Rate, TransferLaw, fit_law, relation, side_of
from forecaster.config.pact import TransferRow, read_transfers
from forecaster.config.toml import inline
from forecaster.plan.scenarios import Z90
from forecaster.vocabulary import BALLOT, FIXED_PARTIES, GB_PARTIES, OWN_PARTY

DRAWS, SEED = 2**14, 20

LEADER = 0.80
"""Part of the votes of a side's parties that the best placed of them has: mean over both sides and
the seats of Great Britain at the general elections from 2010 to 2024. A run divides what goes to
opponents by votes, so that this much of it is the leading opponent's."""

NORTHERN_IRELAND = BALLOT["Northern Ireland"]
GREAT_BRITAIN = (*GB_PARTIES, *OWN_PARTY.values())

HEAD = """\
# Where votes go when a party stands aside and recommends the flag bearer of its pact.
# Written by 'forecast calibrate transfers --out FILE' from all evidence, which 'forecast transfers
# --evidence' lists. Ranges are 90 % ranges of the election's own rate; what is left of one goes to
# other parties, among them opponents who are behind. 'kinds' is what each kind of evidence alone
# says arrives.

title = "formal: the party that stands aside recommends the flag bearer"
"""


def formal_file() -> str:
    """Return the file of formal transfer rates as text: the same for the same evidence.

    Donors of whom there is no evidence keep the row that the bundled file has.
    """
    evidence = pieces()
    law, (seat_sd, places) = fit_law(evidence), seat_spread(evidence)
    known = {p.donor for p in evidence if relation(p.donor, p.to) == "own side"}
    kept = [row for row in read_transfers("formal").row if row.donor not in known]
    head = {
        "seat_sd": round(seat_sd, 2),
        "seat_sd_source": f"median of {places} spreads of rates between places, in log-odds",
    }
    rows = [_row(law, rate) for rate in rates_wanted(evidence)]
    rows += [row.model_dump(exclude_defaults=True) for row in kept]
    parts = [_lines(head), *("[[row]]\n" + _lines(row) for row in rows)]
    return HEAD + "\n".join(parts)


def seat_spread(evidence: Sequence[Piece]) -> tuple[float, int]:
    """Return how far rates to a donor's own side differ between places, and of how many rates.

    The standard deviation of a rate p, divided by ``p (1 - p)``, is that of its log-odds.
    """
    found = [
        p.spread / (p.rate * (1 - p.rate))
        for p in evidence
        if p.spread is not None and 0 < p.rate < 1 and relation(p.donor, p.to) == "own side"
    ]
    return float(np.median(found)), len(found)


def rates_wanted(evidence: Sequence[Piece]) -> list[Rate]:
    """Return the rates of the file: by donor, those about an opponent before those about any."""
    seen = {(p.donor, p.to, p.against) for p in evidence if relation(p.donor, p.to) == "own side"}
    out = []
    for country in (GREAT_BRITAIN, NORTHERN_IRELAND):
        for donor in [party for party in country if any(one[0] == party for one in seen)]:
            for to in [
                party for party in country if any(one[:2] == (donor, party) for one in seen)
            ]:
                asked = [a for a in opponents_of(donor) if (donor, to, a) in seen]
                out += [*(Rate(donor, to, a) for a in asked), Rate(donor, to)]
            out.append(Rate(donor, None))
    return out


def opponents_of(donor: str) -> list[str]:
    """Return the parties of the other side that stand wherever the donor does."""
    among = NORTHERN_IRELAND if donor in NORTHERN_IRELAND else GB_PARTIES
    return [p for p in among if p not in ("Other", *FIXED_PARTIES) and p not in side_of(donor)]


def parts_drawn(law: TransferLaw, rate: Rate) -> Floats:
    """Draw the parts that arrive, go to opponents and stay at home, shape ``(draw, part)``.

    What arrives is as the law has it. What does not is divided among the opponents, home and others
    with their rates as weights (Luce, Individual Choice Behavior, 1959), which know only of a
    recipient that stood, whoever else did. What goes to opponents is such that the one whom the
    rate is about gets its part; votes for the others of that side do not help it, and are among
    what is left of one.
    """
    opponents = opponents_of(rate.donor)
    asked = [Rate(rate.donor, one, rate.to if one == rate.against else None) for one in opponents]
    drawn = law.draw([rate, Rate(rate.donor, HOME), *asked, Rate(rate.donor, OTHER)], DRAWS, SEED)
    arrives, rest = drawn[:, 0], drawn[:, 1:]
    home, *each, _ = (rest / rest.sum(1, keepdims=True)).T * (1 - arrives)
    ahead = each[opponents.index(rate.against)] if rate.against else np.mean(each, axis=0)
    return np.column_stack([arrives, np.minimum(ahead / LEADER, 1 - arrives - home), home])


def about(evidence: Sequence[Piece], rate: Rate) -> list[Piece]:
    """Return the evidence on what arrives: on this opponent, if the rate is about one."""
    return [
        p
        for p in evidence
        if p.donor == rate.donor
        and (p.to == rate.to or (rate.to is None and relation(p.donor, p.to) == "own side"))
        and (rate.against is None or p.against in (None, rate.against))
    ]


def by_kind(found: Sequence[Piece]) -> dict[str, float]:
    """Return the mean of each kind's own pieces, which truly differ."""
    means = {}
    for kind in KINDS:
        own = [(p.rate, p.error) for p in found if p.kind == kind]
        if own:
            means[kind] = min(max(random_mean(*np.array(own).T)[0], 0.0), 1.0)
    return means


def _row(law: TransferLaw, rate: Rate) -> dict[str, Any]:
    """Return a row of the file: logit-normal ranges with the moments of the draws."""
    odds = logit(parts_drawn(law, rate))
    ends = expit(odds.mean(0) + np.outer([-Z90, Z90], odds.std(0)))
    names = ("arrive", "opponent", "abstain")
    ranges = {
        name: {"low": round(float(low), 3), "high": round(float(high), 3)}
        for name, low, high in zip(names, *ends, strict=True)
    }
    found = about(law.pieces, rate)
    counts = Counter(p.kind for p in found)
    rest = sum(p.donor == rate.donor for p in law.pieces) - len(found)
    words = ", ".join(f"{counts[kind]} {kind}" for kind in KINDS if counts[kind])
    row = {"donor": rate.donor, "recipient": rate.to, "against": rate.against, **ranges}
    row["kinds"] = {kind: round(mean, 3) for kind, mean in by_kind(found).items()}
    row["source"] = f"all evidence: {words} on what arrives, {rest} more on the donor"
    TransferRow.model_validate(row)
    return {key: value for key, value in row.items() if value is not None}


def _lines(values: dict[str, Any]) -> str:
    return "".join(f"{key} = {inline(value)}\n" for key, value in values.items())
