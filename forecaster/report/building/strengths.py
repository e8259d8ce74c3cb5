"""What voters do in the pacts of the page: rates of transfer, refusal, backlash and the like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from forecaster.config.pact import (
    Campaign,
    Pact,
    Range,
    Rate,
    StandAside,
    Tactical,
    Transfer,
    TransferTable,
    read_transfers,
)
from forecaster.experiments.choosing.optimise import rates_text
from forecaster.plan.scenarios import transfer_law

EVIDENCE = ("formal", "informal")
"""Bundled tables of transfer rates, by the names that a pact file gives them."""

DIGITS = 7
"""Decimals of rates and expected shares: as many as the kernel holds."""


def judged() -> dict[str, Any]:
    """Return the default strengths of the forms of pact."""
    sides = {"members": ("Lab", "LD"), "opponents": ("Con",)}
    aside = Pact(**sides, form="stand-aside", transfers=1.0).strength
    tactical, sparing = (Pact(**sides, form=f).strength for f in ("tactical", "non-aggression"))
    campaign = Pact(**sides, form="campaign").strength
    assert isinstance(aside, StandAside) and isinstance(campaign, Campaign)
    assert isinstance(tactical, Tactical) and isinstance(sparing, Tactical)
    return {
        "refusal": _rate(aside.refusal),
        "backlash": _rate(aside.backlash),
        "kappa": {"tactical": _rate(tactical.kappa), "non-aggression": _rate(sparing.kappa)},
        "half": tactical.half_clarity_pp,
        "gain": _rate(campaign.gain),
    }


class Tables:
    """Tables of transfer rates: the bundled ones, and those of the run's pacts that differ.

    Parties are positions in `parties`; rows of others are left out.
    """

    def __init__(self, parties: Sequence[str]) -> None:
        self._parties = parties
        self._known = {name: read_transfers(name) for name in EVIDENCE}

    def place(self, table: TransferTable, pact: str) -> int:
        """Return the place of a table, adding it under its pact's name if it is new."""
        if table not in self._known.values():
            self._known[f"as in {pact}"] = table
        return list(self._known.values()).index(table)

    def documents(self) -> list[dict[str, Any]]:
        """Return each table by name, as a pact file has it, with the laws of its rows."""
        return [
            {
                "name": name,
                "title": table.title,
                "toml": None if name in EVIDENCE else rates_text(table, self._parties),
                "seat_sd": table.seat_sd,
                "rows": [
                    [*(-1 if p is None else self._parties.index(p) for p in who), *_law(row)]
                    for row in table.row
                    for who in [(row.donor, row.recipient, row.against)]
                    if set(who) <= {None, *self._parties}
                ],
            }
            for name, table in self._known.items()
        ]


def strength_of(pact: Pact, tables: Tables) -> dict[str, Any]:
    """Return the form and strength of a pact as the page has it."""
    strength = pact.strength
    if isinstance(strength, StandAside):
        rates = strength.transfers
        return {
            "form": strength.form,
            "rates": tables.place(rates, pact.name) if isinstance(rates, TransferTable) else -1,
            "own": _own(rates) if isinstance(rates, Transfer) else None,
            "refusal": _rate(strength.refusal),
            "backlash": _rate(strength.backlash),
            "gain": _rate(strength.gain),
        }
    if isinstance(strength, Tactical):
        kappa = _rate(strength.kappa)
        return {"form": strength.form, "kappa": kappa, "half": strength.half_clarity_pp}
    return {"form": strength.form, "gain": _rate(strength.gain)}


def _own(rates: Transfer) -> dict[str, Any]:
    """Return one rate for everybody as numbers or ranges, and its law."""
    return {
        "arrive": _rate(rates.arrive),
        "opponent": _rate(rates.opponent),
        "abstain": _rate(rates.abstain),
        "law": _law(rates),
    }


def _law(rates: Transfer) -> list[float]:
    """Return the weights of the four parts, and the spreads of the first three's logarithms."""
    weights, spreads = transfer_law(rates.arrive, rates.opponent, rates.abstain)
    return [*np.round(weights, DIGITS).tolist(), *np.round(spreads, DIGITS).tolist()]


def _rate(rate: Rate) -> float | list[float]:
    return [rate.low, rate.high] if isinstance(rate, Range) else rate
