"""The transfer rates in force, beside the rates from each kind of evidence."""

from __future__ import annotations

from typing import Any

from forecaster.columns import columns, table_of
from forecaster.config.pact import Range, Rate, TransferRow, middle, read_transfers
from forecaster.table import Column, Table

HEADINGS = {"withdrawal": "Left", "entry": "Joined", "absence": "Absent"}
"""Short headings of kinds of evidence."""

_RANGE = "-{0}_range=90 % range | -{0}_low:share=5 % | -{0}_high:share=95 %"


def rates_table(name: str) -> Table:
    """Return a row per donor, recipient and opponent of a file of transfer rates.

    `name`: ``"formal"``, ``"informal"``, or a path.

    Raises ConfigError if there is no such file, or it is wrong.
    """
    table = read_transfers(name)
    kinds = list(dict.fromkeys(kind for row in table.row for kind in row.kinds))
    rows = [_row(row, kinds) for row in table.row]
    return table_of(
        f"Transfer rates: {table.title}",
        (
            *columns("donor | recipient | against | arrive:share=Arrives"),
            *columns(_RANGE.format("arrive").lstrip("-")),
            *columns(f"opponent:share=Opponents | {_RANGE.format('opponent')}"),
            *columns(f"abstain:share=Home | {_RANGE.format('abstain')} | -other"),
            *(
                Column(f"by_{kind}", HEADINGS.get(kind, kind.capitalize()), "probability")
                for kind in kinds
            ),
            *columns("-source"),
        ),
        rows,
        *(
            f"{row['donor']} to {row['recipient']}"
            + (f" against {row['against']}" if row["against"] != "any" else "")
            + f": {row['source']}."
            for row in rows
            if not any(map(row.get, _by(kinds)))
        ),
        "Medians and 90 % ranges of the election's own rate; what is left of one goes to other "
        "parties, and the four parts sum to one in every draw. The first row that fits the "
        "donor, the flag bearer and the expected opponent is in force.",
        f"Seats differ besides: standard deviation {table.seat_sd:g} of the log-odds of what "
        f"arrives ({table.seat_sd_source}).",
        *(
            "Poll, ballot and so on: what each kind of evidence alone says arrives, before any "
            "pooling. Left, joined: a party left or joined the contest of a ward; absent: at a "
            "general election. 'forecast transfers --evidence' lists it, 'forecast "
            "calibrate transfers' says how the kinds differ."
            for _ in kinds[:1]
        ),
    )


def _row(row: TransferRow, kinds: list[str]) -> dict[str, Any]:
    rest = 1 - sum(middle(rate) for rate in (row.arrive, row.opponent, row.abstain))
    return {
        "donor": row.donor,
        "recipient": row.recipient or "any",
        "against": row.against or "any",
        **_rate("arrive", row.arrive),
        **_rate("opponent", row.opponent),
        **_rate("abstain", row.abstain),
        "other": max(rest, 0.0),
        **dict(zip(_by(kinds), map(row.kinds.get, kinds), strict=True)),
        "source": row.source,
    }


def _by(kinds: list[str]) -> list[str]:
    return [f"by_{kind}" for kind in kinds]


def _rate(key: str, rate: Rate) -> dict[str, Any]:
    low, high = (rate.low, rate.high) if isinstance(rate, Range) else (rate, rate)
    return {
        key: middle(rate),
        f"{key}_low": low,
        f"{key}_high": high,
        f"{key}_range": f"{100 * low:.0f} to {100 * high:.0f} %",
    }
