"""Tables of the evidence on transfers, and of the law fitted to it."""

from __future__ import annotations

from dataclasses import asdict

from scipy.special import expit

from forecaster.calibration.transfer_evidence import KINDS, pieces
from forecaster.calibration.transfer_law import RELATIONS, fit_law
from forecaster.columns import columns
from forecaster.table import Table


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
