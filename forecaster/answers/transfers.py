"""The transfer rates in force, and the evidence that bears on each."""

from __future__ import annotations

from typing import Any

from forecaster.columns import columns
from forecaster.config.pact import Range, Rate, TransferRow, middle, read_transfers
from forecaster.resources import read_table
from forecaster.table import Column, Table

EVIDENCE = "evidence/transfers.csv"


def rates_table(name: str) -> Table:
    """Return a row per donor, recipient and opponent of a file of transfer rates.

    Parameters
    ----------
    name : str
        ``"formal"``, ``"informal"``, or a path.

    Raises
    ------
    ConfigError
        If there is no such file, or it is wrong.
    """
    table = read_transfers(name)
    evidence = _questions()
    rows = []
    for row in table.row:
        bears = [q for q in evidence if _bears_on(q, row)]
        behaviour = [q for q in bears if q["behaviour"]]
        rest = 1 - sum(middle(rate) for rate in (row.arrive, row.opponent, row.abstain))
        rows.append(
            {
                "donor": row.donor,
                "recipient": row.recipient or "any",
                "against": row.against or "any",
                **_rate("arrive", row.arrive),
                **_rate("opponent", row.opponent),
                **_rate("abstain", row.abstain),
                "other": max(rest, 0.0),
                "questions": len(bears),
                "behaviour": len(behaviour) / len(bears) if bears else None,
                "source": row.source,
            }
        )
    return Table(
        f"Transfer rates: {table.title}",
        (
            *columns("donor | recipient | against"),
            *_rate_columns("arrive", "Arrives"),
            *_rate_columns("opponent", "Opponents"),
            *_rate_columns("abstain", "Stays at home"),
            *columns("-other | questions | behaviour | -source"),
        ),
        rows,
        (
            *(f"{_who(row)}: {row['source']}." for row in rows),
            "Medians and 90 % ranges of the election's own rate; what is left of one goes to other "
            "parties, and the four parts sum to one in every draw. The first row that fits the "
            "donor, the flag bearer and the expected opponent is in force.",
            f"Seats differ besides: standard deviation {table.seat_sd:g} of the logarithm of what "
            f"arrives ({table.seat_sd_source}).",
            "Evidence: questions and counts about the same donor (and recipient and opponent, "
            "where the row names them); behaviour: ballots, recall and results rather than "
            "intentions. 'forecast transfers --evidence' lists them.",
        ),
    )


def evidence_table() -> Table:
    """Return the published transfer rates, a row per question and answer."""
    table = read_table(EVIDENCE)
    rows = [dict(zip(table, values, strict=True)) for values in zip(*table.values(), strict=True)]
    return Table(
        "Evidence on transfers",
        columns(
            "-question | donor | recipient | contest | share=Part | kind | "
            "-behaviour:integer=Behaviour | date | sample | context | source"
        ),
        rows,
        ("Stay: would vote for the party all the same. Lost: marked nothing valid, or nothing.",),
    )


def _questions() -> list[dict[str, Any]]:
    """Return the evidence by question: its donor, recipients, opponent, and if it is behaviour."""
    table = read_table(EVIDENCE)
    keys = ("question", "donor", "contest", "behaviour", "recipient")
    found: dict[str, dict[str, Any]] = {}
    for question, donor, contest, behaviour, to in zip(*(table[k] for k in keys), strict=True):
        contenders = set((contest or "").split(" v ")) - {""}
        about = {"donor": donor, "contenders": contenders, "behaviour": bool(behaviour)}
        found.setdefault(question, about | {"recipients": set()})["recipients"].add(to)
    return list(found.values())


def _bears_on(question: dict[str, Any], row: TransferRow) -> bool:
    if question["donor"] != row.donor:
        return False
    if row.recipient is not None and row.recipient not in question["recipients"]:
        return False
    contenders = question["contenders"]
    return row.against is None or not contenders or row.against in contenders


def _who(row: dict[str, Any]) -> str:
    against = f" against {row['against']}" if row["against"] != "any" else ""
    return f"{row['donor']} to {row['recipient']}{against}"


def _rate(key: str, rate: Rate) -> dict[str, Any]:
    low, high = (rate.low, rate.high) if isinstance(rate, Range) else (rate, rate)
    return {
        key: middle(rate),
        f"{key}_low": low,
        f"{key}_high": high,
        f"{key}_range": f"{100 * low:.0f} to {100 * high:.0f} %",
    }


def _rate_columns(key: str, heading: str) -> tuple[Column, ...]:
    return (
        Column(key, heading, "share"),
        Column(f"{key}_range", "90 % range"),
        Column(f"{key}_low", "5 %", "share", data_only=True),
        Column(f"{key}_high", "95 %", "share", data_only=True),
    )
