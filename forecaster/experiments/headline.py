"""What pacts come to, with the transfer rates of all evidence and without one kind of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from forecaster.calibration.transfer_evidence import KINDS
from forecaster.columns import table_of
from forecaster.config.config import Config
from forecaster.config.load import load_config
from forecaster.config.pact import Scenario, TransferTable, read_transfers
from forecaster.experiments.outcomes import Outcome, Won, in_draws
from forecaster.experiments.pact_record import JUDGED, law_without
from forecaster.plan.build import build_plan
from forecaster.plan.scenarios import build_scenarios
from forecaster.table import Table

FIGURES = {
    "seats_2019": ("election-2019", "progressive-on-last-votes", "seats", "Con"),
    "progressive": ("next-election", "progressive", "difference", "Lab+LD+Green"),
    "right": ("next-election", "right", "difference", "Con+Reform"),
}
"""Config, pact, outcome and party of every figure."""


def headline_table(draws: int = 2_000) -> Table:
    """Return a row per body of evidence: what the pacts under discussion come to with its rates."""
    laws = {
        "all evidence": read_transfers("formal"),
        **{f"no {kind}": _law_without(kind) for kind in KINDS},
        JUDGED: read_transfers("judged"),
    }
    rows: dict[str, dict[str, Any]] = {name: {"evidence": name} for name in laws}
    for key, (config, pact, outcome, group) in FIGURES.items():
        alone = load_config(config, {"draws": draws, "scenarios": []}, (pact,))
        found = _simulated(alone, laws)
        for name in laws:
            values = in_draws(Outcome(outcome, group, name), found)
            low, high = np.quantile(values, (0.05, 0.95))
            rows[name][key] = float(values.mean())
            rows[name][f"{key}_range"] = f"{low:.0f} to {high:.0f}"
    return table_of(
        "What pacts come to, by the evidence on transfers",
        "evidence:text=Rates from | seats_2019:number=Con seats 2019 | "
        "seats_2019_range:text=90 % range | progressive:difference=Lab+LD+Green gain | "
        "progressive_range:text=90 % range | right:difference=Con+Reform gain | "
        "right_range:text=90 % range",
        list(rows.values()),
        "2019: Conservative seats if Labour, Lib Dems and Greens had stood aside for the best "
        "placed in England and Wales. Gains: at the next election, with pacts 'progressive' "
        f"and 'right'. The same {draws:,} elections in every row; {JUDGED}: those before "
        "there was a law of transfers.",
    )


def _law_without(kind: str) -> TransferTable:
    return law_without(lambda piece: piece.kind == kind, "formal", everyone=False)[0]


def _simulated(config: Config, laws: dict[str, TransferTable]) -> Won:
    """Simulate a config with its pact under every law, a scenario each."""
    pact = config.scenarios[0].pacts[0]
    scenarios = []
    for law, table in laws.items():
        strength = pact.strength.model_copy(update={"transfers": table})
        under = pact.model_copy(update={"name": law, "strength": strength})
        scenarios.append(Scenario(name=law, pacts=(under,)))
    plan = build_plan(config.model_copy(update={"scenarios": tuple(scenarios)}))
    return Won(plan, build_scenarios(plan))
