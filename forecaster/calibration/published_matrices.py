"""Transfer matrices published by others, as tables of rates to compare with ours."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from forecaster.config.pact import TransferTable
from forecaster.resources import read_table
from forecaster.vocabulary import PARTIES

MATRICES = {
    "YouGov 2026": "YouGov, reported 18 Feb 2026",
    "YouGov 2024": "YouGov, via The Telegraph 6 Jul 2024",
}
"""Polls that asked about several recipients, and their source in the evidence. They asked voters
which of two parties they would choose, and Reform's voters whom they would vote for without a
candidate of theirs."""

AT_HOME = ("stay", "abstain")


@cache
def published_matrix(name: str) -> TransferTable:
    """Return a matrix of `MATRICES` as a table of fixed rates.

    A rate against an opponent that was not asked about is the mean over the opponents that were; a
    rate to a recipient that was not asked about is the donor's mean over all questions.
    """
    table = read_table("evidence/transfers.csv")
    answers: dict[tuple[str, str], dict[str, float]] = {}
    keys = ("source", "donor", "contest", "recipient", "share")
    for source, donor, contest, to, share in zip(*(table[key] for key in keys), strict=True):
        if source == MATRICES[name]:
            answers.setdefault((donor, contest or ""), {})[to] = share
    rows: list[dict[str, Any]] = []
    for (donor, contest), shares in answers.items():
        home = sum(shares.get(answer, 0.0) for answer in AT_HOME)
        pair = contest.split(" v ")
        for recipient in sorted(shares.keys() & {*PARTIES}):
            against = next((one for one in pair if len(pair) == 2 and one != recipient), None)
            who = {"donor": donor, "recipient": recipient, "against": against, "abstain": home}
            parts = {"arrive": shares[recipient], "opponent": shares.get(against or "", 0.0)}
            rows.append(who | parts)
    rows += _means(rows, ("donor", "recipient")) + _means(rows, ("donor",))
    return TransferTable.model_validate(
        {
            "title": name,
            "seat_sd": 0.0,
            "seat_sd_source": "the matrix as published",
            "row": [row | {"source": MATRICES[name]} for row in rows],
        }
    )


def _means(rows: Iterable[dict[str, Any]], of: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the mean rates of the rows with an opponent, grouped by some keys."""
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        if row["against"] is not None:
            groups.setdefault(tuple(row[key] for key in of), []).append(row)
    parts = ("arrive", "opponent", "abstain")
    return [
        dict(zip(of, values, strict=True))
        | {part: sum(row[part] for row in group) / len(group) for part in parts}
        for values, group in groups.items()
    ]
