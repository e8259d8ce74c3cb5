"""The table of transfer rates derived from what voters did, not from what they said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ballots import northern_irish_rates, scottish_rates
from catalogue import Column, Table
from raw import shown
from wards import ward_rates

if TYPE_CHECKING:
    from pathlib import Path

    from rates import Rate

COLUMNS = {
    "kind": Column(
        "text",
        "withdrawal, entry: a party left or joined the contest of a ward; ballot: ranked ballots "
        "with two parties left; exclusion: votes of a candidate excluded in a count",
    ),
    "donor": Column("party code", "Whose votes"),
    "to": Column(
        "party code",
        "Who receives them, at an entry who lost them; none: no one left in, or stays at home",
    ),
    "against": Column(
        "text",
        "Other contender, where known: for ballots the other of the two left, for none both "
        "('A v B'); for wards the strongest other party. Blank: any",
    ),
    "rate": Column("fraction", "Of the donor's votes"),
    "error": Column("fraction", "Standard error of the rate"),
    "spread": Column(
        "fraction",
        "Standard deviation of the true rate between places, beyond sampling; blank if unknown",
    ),
    "cases": Column("cases", "Wards, or exclusions"),
    "period": Column("text", "Year or years"),
    "source": Column("text", "Whose data the rate was derived from"),
    "licence": Column("text", "Of those data"),
}


def behaviour_table(raw: Path) -> Table:
    """Return a row per kind, donor, receiver and situation."""
    rates = [*ward_rates(raw), *scottish_rates(raw), *northern_irish_rates(raw)]
    return Table(
        path="evidence/behaviour.csv",
        title="Transfer rates derived from the behaviour of voters",
        source="Derived by the builder from the data named in each row",
        licence="Facts: derived rates; the licence of the data is in each row",
        columns=COLUMNS,
        rows=[_row(rate) for rate in sorted(rates)],
    )


def _row(rate: Rate) -> tuple[str, ...]:
    return (
        rate.kind,
        rate.donor,
        rate.to,
        rate.against,
        *(shown(number, 4) for number in (rate.rate, rate.error, rate.spread)),
        str(rate.cases),
        rate.period,
        rate.source,
        rate.licence,
    )
