"""Tables of the evidence on transfers, and of the law fitted to it."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
from scipy.special import expit

from forecaster.calibration.transfer_evidence import KINDS, pieces
from forecaster.calibration.transfer_file import parts_drawn
from forecaster.calibration.transfer_law import RELATIONS, Rate, fit_law
from forecaster.columns import columns
from forecaster.table import Column, Table

HEADLINE = (
    Rate("Green", "Lab", "Con"),
    Rate("Green", "Lab", "Reform"),
    Rate("Green", "LD", "Con"),
    Rate("Green", "LD", "Reform"),
    Rate("LD", "Lab", "Con"),
    Rate("LD", "Lab", "Reform"),
    Rate("Lab", "LD", "Con"),
    Rate("Lab", "LD", "Reform"),
    Rate("Reform", "Con", "Lab"),
    Rate("Con", "Reform", "Lab"),
)
"""The rates that matter most for the pacts under discussion."""


def evidence_table() -> Table:
    """Return a row per piece of evidence: a rate with its standard error."""
    return Table(
        "Evidence on transfers",
        columns(
            "kind | donor | to:text=To | against | rate:share=Part | error:share=Standard error | "
            "-spread:share=Between places | -cases:integer=Cases | period | -source"
        ),
        [asdict(one) for one in pieces()],
        (
            "Parts of the donor's votes; none: at home, or no further preference. Against: the "
            "other contender, or in wards the strongest of the others.",
            "Voters who would stay, by a poll, count as anything between following and lost.",
        ),
    )


def kinds_table() -> Table:
    """Return a row per kind of evidence: its mean rates according to the law of transfers."""
    law = fit_law(pieces())
    rows = [
        {
            "kind": kind,
            "pieces": sum(p.kind == kind for p in law.pieces),
            **{
                name: float(expit(law.fixed[name] + bias)) if bias is not None else None
                for name in RELATIONS
                for bias in [law.bias.get((kind, name))]
            },
            "sd": law.sd.get(kind),
        }
        for kind in KINDS
    ]
    rest = {term: sd for term, sd in law.sd.items() if term not in KINDS}
    mean = {name: float(expit(law.fixed[name])) for name in RELATIONS}
    rows.append({"kind": "all", "pieces": len(law.pieces), **mean, "sd": None})
    return Table(
        "Where votes go, by kind of evidence",
        columns(
            "kind | pieces:integer | own side:share=To own side | other side:share=To other side | "
            "home:share=At home | others:share=To others | sd=SD of rates"
        ),
        rows,
        (
            "Mean rate to a party of each relation as the kind shows it; all: without any kind's "
            "bias. SD: how far a kind differs from the others in a single rate, in log-odds.",
            "Other standard deviations, in log-odds: "
            + ", ".join(f"{term} {sd:.2f}" for term, sd in rest.items())
            + ".",
        ),
    )


def without_table() -> Table:
    """Return the median part that arrives, with all evidence and without each kind in turn."""
    evidence = pieces()
    laws = {"all": fit_law(evidence)}
    for kind in KINDS:
        laws[kind] = fit_law([p for p in evidence if p.kind != kind])
    rows = [
        {"donor": rate.donor, "recipient": rate.to, "against": rate.against}
        | {name: float(np.median(parts_drawn(law, rate)[:, 0])) for name, law in laws.items()}
        for rate in HEADLINE
    ]
    return Table(
        "What arrives, without one kind of evidence",
        (
            *columns("donor | recipient | against | all:share=All evidence"),
            *(Column(kind, f"No {kind}", "share") for kind in KINDS),
        ),
        rows,
        ("Medians of what the next election draws from. Every variance is estimated anew.",),
    )
