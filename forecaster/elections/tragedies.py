"""Named definitions of a tragedy: a seat that a divided side loses although it had more votes."""

from __future__ import annotations

from dataclasses import dataclass

BRITAIN = ("England", "Scotland", "Wales")
PROGRESSIVE = ("Lab", "LD", "Green")
RIGHT = ("Con", "Reform", "UKIP")


@dataclass(frozen=True)
class Definition:
    """One way to say what a tragedy is.

    Attributes
    ----------
    name : str
    statement : str
        One sentence, printed with every number that rests on it.
    winners : tuple of str
        Parties whose win may be a tragedy.
    together : tuple of str
        Parties whose votes are added up.
    against : tuple of str or "winner"
        What they must beat: these parties added up, or the winner alone.
    nations : tuple of str
        Where it is counted.
    """

    name: str
    statement: str
    winners: tuple[str, ...]
    together: tuple[str, ...]
    against: tuple[str, ...] | str
    nations: tuple[str, ...] = BRITAIN


DEFINITIONS: dict[str, Definition] = {
    d.name: d
    for d in (
        Definition(
            "lab-ld-green",
            "Won by Con or UKIP/Brexit Party/Reform in Great Britain, although Lab, LD and Green "
            "together had more votes than the winner.",
            RIGHT,
            PROGRESSIVE,
            "winner",
        ),
        Definition(
            "with-nationalists",
            "Won by Con or UKIP/Brexit Party/Reform in Great Britain, although Lab, LD, Green, SNP "
            "and Plaid together had more votes than the winner.",
            RIGHT,
            (*PROGRESSIVE, "SNP", "PC"),
            "winner",
        ),
        Definition(
            "over-bloc",
            "Won by Con or UKIP/Brexit Party/Reform in Great Britain, although Lab, LD and Green "
            "together had more votes than Con, UKIP and Brexit Party/Reform together.",
            RIGHT,
            PROGRESSIVE,
            RIGHT,
        ),
        Definition(
            "england",
            "Won by Con or UKIP/Brexit Party/Reform in England, although Lab, LD and Green "
            "together had more votes than the winner.",
            RIGHT,
            PROGRESSIVE,
            "winner",
            ("England",),
        ),
        Definition(
            "mirror",
            "Won by Lab, LD, Green, SNP or Plaid in Great Britain, although Con and UKIP/Brexit "
            "Party/Reform together had more votes than the winner.",
            (*PROGRESSIVE, "SNP", "PC"),
            RIGHT,
            "winner",
        ),
    )
}
