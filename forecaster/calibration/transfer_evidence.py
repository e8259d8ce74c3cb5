"""All evidence on where votes go, of every kind, as one list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from forecaster.calibration.natural_experiments import EVENTS, estimate
from forecaster.columns import table_of
from forecaster.errors import DataError
from forecaster.resources import read_table
from forecaster.table import Table
from forecaster.vocabulary import FIXED_PARTIES, PARTIES

PUBLISHED, BEHAVIOUR = "evidence/transfers.csv", "evidence/behaviour.csv"

KINDS = ("poll", "ballot", "withdrawal", "entry", "absence")
"""What voters told a poll; further preferences on ballots; what happened when a party left or
joined the contest of a ward; what happened where a party was absent at a general election."""

ABSENT = ("withdrawal", "entry", "absence")
"""Kinds in which a party actually had no candidate."""

HOME, OTHER = "none", "Other"
"""Recipients that are no party: staying at home (or ranking nobody else), and unnamed parties."""

PUBLISHED_KINDS = {"poll": "poll", "ballots": "ballot", "recall": "absence"}
"""Kind by the word of a published source. Others, such as models, are not evidence."""

RANKED = {"exclusion": "ballot"}
"""Kind by the word in the table of behaviour, where they differ: an exclusion counts ballots."""

RECIPIENTS = {"abstain": HOME, "lost": HOME, "other": OTHER, "Ind": OTHER, "National": None}
"""Recipient by the word of a source, where they differ; None if it cannot be used."""

RESPONDENTS, DONORS_AMONG = 2000, 0.1
"""Assumed sample of a poll that does not state one, and part of a sample that votes for the
donor."""


@dataclass(frozen=True)
class Piece:
    """One estimate of the part of a donor's votes that goes somewhere, with its standard error."""

    kind: str
    """One of `KINDS`."""
    donor: str
    to: str
    """A party, `HOME` or `OTHER`."""
    against: str | None
    """The other contender, if there was only one."""
    rate: float
    error: float
    spread: float | None
    """Standard deviation of the true rate between places."""
    cases: int | None
    period: str
    source: str
    named: bool = False
    """Whether the absent party is known to have stood aside for somebody."""


@cache
def pieces() -> tuple[Piece, ...]:
    """Return all evidence: published rates, behaviour, and absences at general elections.

    A rate outside 0 to 1 is set to the nearer end, and the distance is added to its error.

    Raises DataError if a row of the evidence is wrong; the message names it.
    """
    found = [*_published(), *_behaviour(), *_absences()]
    return tuple(one for one in found if one.donor in PARTIES and one.donor not in FIXED_PARTIES)


def _piece(where: str, values: dict[str, Any]) -> Iterator[Piece]:
    """Check a row of evidence and yield it as a piece, or nothing if its recipient is not used."""
    to = RECIPIENTS.get(values["to"], values["to"])
    if to is None:
        return
    if values["kind"] not in KINDS:
        raise DataError(f"{where}: kind {values['kind']!r} is none of {', '.join(KINDS)}.")
    for key, known in (("donor", (*PARTIES, "all")), ("to", (*PARTIES, HOME, OTHER))):
        name = to if key == "to" else values[key]
        if name not in known:
            raise DataError(f"{where}: {key} {name!r} is no party.")
    rate, error = values["rate"], values["error"]
    if rate is None or error is None or not (-10 < rate < 10 and 0 < error < 10):
        raise DataError(f"{where}: a rate of {rate} with an error of {error} is none.")
    inside = min(max(rate, 0.0), 1.0)
    error = ((rate - inside) ** 2 + error**2) ** 0.5
    yield Piece(**values | {"to": to, "rate": inside, "error": error})


def _published() -> Iterator[Piece]:
    """Yield the published rates.

    Voters who say that they would still vote for their own party may do as the others do or be
    lost. The rate is taken to be uniform between the two, which adds a twelfth of the squared
    distance to the variance of its error.
    """
    table = list(_rows(PUBLISHED))
    stay = {row["question"]: row["share"] for _, row in table if row["recipient"] == "stay"}
    for where, row in table:
        if row["recipient"] == "stay" or row["kind"] not in PUBLISHED_KINDS:
            continue
        counted = row["kind"] == "ballots"
        asked = row["sample"] or RESPONDENTS
        number = asked if counted else asked * DONORS_AMONG
        share = row["share"]
        follow = share / (1 - stay.get(row["question"], 0.0))
        sampled = max(share, 0.5 / number) * (1 - share) / number
        contenders = set((row["contest"] or "").split(" v ")) - {row["recipient"], ""}
        values = {
            "kind": PUBLISHED_KINDS[row["kind"]],
            "donor": row["donor"],
            "to": row["recipient"],
            "against": contenders.pop() if len(contenders) == 1 else None,
            "rate": (share + follow) / 2,
            "error": (sampled + (follow - share) ** 2 / 12) ** 0.5,
            "spread": None,
            "cases": row["sample"],
            "period": str(row["date"]),
            "source": row["source"],
        }
        yield from _piece(where, values)


def _behaviour() -> Iterator[Piece]:
    """Yield the evidence on behaviour. UKIP counts as Reform, which most of its voters joined."""
    for where, row in _rows(BEHAVIOUR):
        del row["licence"]
        for key in ("donor", "to", "against"):
            row[key] = (row[key] or "").replace("UKIP", "Reform")
        kind, against = RANKED.get(row["kind"], row["kind"]), row["against"] or None
        values = {"kind": kind, "against": against, "period": str(row["period"])}
        yield from _piece(where, row | values)


def _absences() -> Iterator[Piece]:
    """Yield what absences at general elections say."""
    for one in filter(None, map(estimate, EVENTS)):
        event = one.event
        for receiver, rate in one.part.items():
            values = {
                "kind": "absence",
                "donor": event.party,
                "to": receiver,
                "against": None,
                "rate": rate,
                "error": one.error[receiver],
                "spread": None,
                "cases": one.seats,
                "period": event.election,
                "source": event.name,
                "named": event.named,
            }
            yield from _piece(event.name, values)


def _rows(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the rows of a table in the data, each with its file and line."""
    table = read_table(name)
    for number, values in enumerate(zip(*table.values(), strict=True), start=2):
        yield f"data/{name}, line {number}", dict(zip(table, values, strict=True))


def evidence_table() -> Table:
    """Return a row per piece of evidence: a rate with its standard error."""
    return table_of(
        "Evidence on transfers",
        "kind | donor | to:text=To | against | rate:share=Part | error:share=Standard error | "
        "-spread:share=Between places | -cases:integer=Cases | period | -source",
        [asdict(one) for one in pieces()],
        "Parts of the donor's votes; none: at home, or no further preference. Against: the "
        "other contender, or in wards the strongest of the others.",
        "Voters who would stay, by a poll, count as anything between following and lost.",
    )
