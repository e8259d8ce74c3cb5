"""An allocation of flag bearers as a pact file that can be simulated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from forecaster.config.pact import Pact, TransferTable
from forecaster.config.toml import inline
from forecaster.elections.election import Seats


def pact_text(pact: Pact, seats: Seats, head: Sequence[str], remarks: Mapping[str, str]) -> str:
    """Return a pact file, complete in itself: seats and transfer rates are written out.

    Parameters
    ----------
    pact : Pact
        With a list of seats as its flag bearers.
    seats : Seats
        Of the boundaries it holds on.
    head : sequence of str
        Comment lines for the head of the file.
    remarks : mapping of str to str
        A comment for a seat, by its code.
    """
    names = dict(zip(seats.code.tolist(), seats.name.tolist(), strict=True))
    lines = [f"# {line}".rstrip() for line in head]
    lines += [
        f"title = {inline(pact.title)}",
        f"members = {inline(pact.members)}",
        f"opponents = {inline(pact.opponents)}",
        "\n[flag_bearer]",
        'rule = "file"',
        "file = [",
    ]
    for choice in pact.flag_bearer.file or ():
        row = {"seat": names[choice.seat], "party": choice.party}
        aside = {} if choice.aside is None else {"aside": choice.aside}
        remark = remarks.get(choice.seat)
        lines.append(f"  {inline(row | aside)},{f'  # {remark}' if remark else ''}")
    lines += ["]", *_strength(pact)]
    return "\n".join(lines) + "\n"


def _strength(pact: Pact) -> list[str]:
    strength = pact.strength.model_dump(exclude_none=True)
    transfers = strength.get("transfers")
    many = isinstance(getattr(pact.strength, "transfers", None), TransferTable)
    if many:
        del strength["transfers"]
    lines = ["\n[strength]", *(f"{key} = {inline(value)}" for key, value in strength.items())]
    if many:
        assert isinstance(transfers, dict)
        # Rates of parties that cannot stand aside here would only be read past.
        rows = [row for row in transfers.pop("row") if row["donor"] in pact.members]
        lines.append("\n[strength.transfers]")
        lines += [f"{key} = {inline(value)}" for key, value in transfers.items()]
        lines += ["row = [", *(f"  {inline(_who_first(row))}," for row in rows), "]"]
    return lines


def _who_first(row: dict[str, object]) -> dict[str, object]:
    who = {key: row[key] for key in ("donor", "recipient", "against") if key in row}
    return who | row
