"""What a pact of slates costs and brings each member, and what each brings the pact."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from forecaster.answers.summary import precision_note
from forecaster.columns import table_of
from forecaster.config.pact import Pact
from forecaster.councils.data import PARTIES
from forecaster.councils.simulate import Elections
from forecaster.councils.slates import RULES, Slates, among, slates_of
from forecaster.errors import ConfigError
from forecaster.experiments.ledger import Subset, Worth, shapley_values
from forecaster.results.precision import average, chance, interval
from forecaster.table import Table
from forecaster.vocabulary import one_of


def ledger_table(pact: Pact, rule: str, elections: Elections) -> Table:
    """Return a row per member: candidates given up and won, councillors, and its Shapley value.

    The same elections are counted with the pact of every subset of at least two members. A subset
    is worth the councillors that all members together gain by its pact, or nothing if that holds
    in no ward.

    Raises ConfigError if there is no such rule, the pact of all members holds in no ward, or its
    transfers lack a rate.
    """
    rule = one_of(rule, RULES, "--slates")
    contest = elections.contest
    members = tuple(party for party in pact.members if party in PARTIES)
    slates = {members: slates_of(pact, rule, {}, contest, elections.expected.shares)}
    subsets = [s for size in range(len(members)) for s in combinations(members, size)]
    for subset in subsets:
        found = _slates_of_some(pact, subset, rule, elections) if len(subset) > 1 else None
        if found is not None:
            slates[subset] = found
    won = elections.simulate(list(slates.values())).counts.won.sum(2, dtype=int)
    inside = among(members)
    worth: Worth = dict.fromkeys(subsets, np.zeros(elections.draws))
    for s, subset in enumerate(slates, start=1):
        worth[subset] = (won[:, s] - won[:, 0])[:, inside].sum(1)
    shapley = shapley_values(members, worth)
    change = slates[members].candidates.sum(0) - contest.candidates.sum(0)
    rows = []
    for k, party in enumerate(members):
        p = PARTIES.index(party)
        gain = won[:, 1, p] - won[:, 0, p]
        rows.append(
            {
                "party": party,
                "candidates": int(change[p]),
                **average("without", won[:, 0, p]),
                **average("with", won[:, 1, p]),
                **average("difference", gain),
                **interval(gain, "difference"),
                **chance("fewer", gain < 0),
                **average("shapley", shapley[k]),
            }
        )
    return table_of(
        f"Ledger: {' + '.join(members)}, slates {rule}, {contest.name}",
        "party | candidates:whole_difference=Candidates | without:number~=Councillors without | "
        "with:number~=with | difference | difference_p5 | difference_p95 | "
        "fewer:probability~=Fewer | shapley",
        rows,
        "Candidates: more or fewer than without the pact. Shapley value: a party's part of the "
        "councillors that the pact brings all members together, the mean over all orders in which "
        "they could join; who has not joined stands everywhere.",
        *contest.notes,
        precision_note(elections.draws),
    )


def _slates_of_some(pact: Pact, subset: Subset, rule: str, elections: Elections) -> Slates | None:
    """Return the slates of a pact of some of the members; None if it holds in no ward."""
    smaller = pact.model_copy(update={"members": subset})
    try:
        return slates_of(smaller, rule, {}, elections.contest, elections.expected.shares)
    except ConfigError:
        return None
