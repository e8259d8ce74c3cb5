"""Pacts: who agrees with whom, in which seats, how strongly, and how it can go wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from forecaster.config.parameters import NO_BOOLEAN, Closed, Fraction, PartyCode, Real, known
from forecaster.config.toml import check, explained, find_beside, read_toml
from forecaster.errors import DataError
from forecaster.files import SEAT_COLUMNS, Columns, CsvFile, Mistakes, Row, listed
from forecaster.vocabulary import NATIONS, NO_ONE_PARTY, REGIONS, party_code


def _can_join(name: str) -> str:
    if name in NO_ONE_PARTY:
        raise ValueError(f"{name} is no party that could make or oppose a pact")
    return name


Nation = Annotated[str, AfterValidator(known("nation", NATIONS))]
Region = Annotated[str, AfterValidator(known("region", REGIONS))]
Member = Annotated[PartyCode, AfterValidator(_can_join)]


class Range(Closed):
    """The 90 % range of a fraction that is drawn in every election (logit-normal)."""

    low: Annotated[Real, Field(gt=0, lt=1)]
    high: Annotated[Real, Field(gt=0, lt=1)]

    @model_validator(mode="after")
    def _ordered(self) -> Range:
        if self.low >= self.high:
            raise ValueError(f"low ({self.low}) must be below high ({self.high})")
        return self


def _rate_kind(value: object) -> str:
    return "range" if isinstance(value, dict | Range) else "number"


Rate = Annotated[
    Annotated[Fraction, Tag("number")] | Annotated[Range, Tag("range")], Discriminator(_rate_kind)
]
"""A fixed fraction, or the 90 % range of an uncertain one."""


class Where(Closed):
    """The seats that a pact covers; an option left out does not restrict them."""

    nations: tuple[Nation, ...] = ()
    """only seats of these nations"""
    regions: tuple[Region, ...] = ()
    """only seats of these regions"""
    seats: tuple[str, ...] = ()
    """only these seats, by name or ONS code"""
    held_by: tuple[PartyCode, ...] = ()
    """only seats that one of these parties won last time"""
    led_by: tuple[PartyCode, ...] = ()
    """only seats where one of these parties is expected to lead"""


class Guarantee(Closed):
    """How many winnable seats a party gets in every region."""

    party: Member
    """guaranteed: who gets them"""
    seats: Annotated[int, Field(ge=1), NO_BOOLEAN]
    """winnable seats in each region"""


class Choice(Closed):
    """One seat of a list of flag bearers."""

    seat: str = Field(min_length=1)
    """name or ONS code"""
    party: Member
    """flag bearer"""
    aside: tuple[Member, ...] | None = None
    """who stands aside; every other member if left out"""
    place: str = ""
    """file and line, filled in when a list is read"""

    @model_validator(mode="after")
    def _not_for_itself(self) -> Choice:
        if self.aside and self.party in self.aside:
            raise ValueError(f"{self.seat}: {self.party} cannot stand aside for itself")
        return self


class FlagBearer(Closed):
    """How the pact's party in a seat is chosen."""

    rule: Literal["best-placed", "most-likely", "one-in-n", "guaranteed", "file"] = "best-placed"
    """best-placed: the member with most votes last time. most-likely: the one who wins most often
    without the pact. one-in-n: every n-th seat to one party, where it did best. guaranteed:
    best-placed, but a number of winnable seats in each region for some parties. file: a CSV of seat
    and party"""
    incumbents_keep: bool = False
    """a member that holds the seat is its flag bearer"""
    party: Member | None = None
    """one-in-n: the party that gets them"""
    n: Annotated[int, Field(ge=2), NO_BOOLEAN] | None = None
    """one-in-n: n"""
    guarantees: tuple[Guarantee, ...] = ()
    """guaranteed: party and number of winnable seats in each region"""
    file: tuple[Choice, ...] | None = None
    """file: CSV with columns seat, party and optionally aside (Lab+Green), or a list of such
    tables"""
    notes: tuple[str, ...] = ()
    """what of the file is not used, filled in when it is read"""

    @model_validator(mode="before")
    @classmethod
    def _read_file(cls, values: Any, info: ValidationInfo) -> Any:
        if not isinstance(values, dict) or not isinstance(values.get("file"), str | Path):
            return values
        file = str(values["file"])
        path = find_beside(_file(info), file, "flag_bearer.file", kind=DataError)
        choices, notes = _read_choices(path)
        return {**values, "file": choices, "notes": notes}

    @model_validator(mode="after")
    def _complete(self) -> FlagBearer:
        takes = {"one-in-n": ("party", "n"), "guaranteed": ("guarantees",), "file": ("file",)}
        needs = takes.get(self.rule, ())
        if self.file is not None and not self.file:
            notes = " ".join(self.notes)
            raise ValueError(f"file: it recommends a party in no seat. {notes}".rstrip())
        for name in ("party", "n", "guarantees", "file"):
            if bool(getattr(self, name)) != (name in needs):
                verb = "needs" if name in needs else "does not take"
                raise ValueError(f"the rule {self.rule!r} {verb} {name!r}")
        return self


CHOICE_COLUMNS = Columns(
    {
        **SEAT_COLUMNS,
        "party": (
            *("votefor", "recommendation", "recommended", "recommendedparty", "recommendedvote"),
            *("tacticalvote", "flagbearer", "vote", "recommend", "advice", "candidateparty"),
        ),
        "aside": ("standaside", "standsaside", "standingaside", "donors"),
    },
    ("code|seat", "party"),
    hint="A list of flag bearers needs seat and party; it may have aside (Lab+Green).",
)


def _read_choices(path: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the rows of a flag bearer file as values of `Choice`, and notes on unused ones.

    A row that recommends nobody, or several parties, gives no flag bearer.
    """
    table, wrong = CsvFile(path, columns=CHOICE_COLUMNS), Mistakes()
    out: list[dict[str, Any]] = []
    open_: list[str] = []
    for row in table.rows():
        seat = row.text("code") or row.text("seat")
        with wrong.kept():
            party = row.text("party")
            several = re.split(r"\s+or\s+|/|\||;", party)
            if party_code(party) is None and (
                party.lower() in NOBODY or all(party_code(one) for one in several)
            ):
                open_.append(f"{row.text('seat') or seat} ({party or 'blank'})")
                continue
            names = [name for name in row.text("aside").split("+") if name.strip()]
            aside = [Row(row.where, {"aside": name}).party("aside") for name in names]
            if not seat:
                raise row.error("seat: expected a name or an ONS code.")
            choice = {"seat": seat, "party": row.party("party"), "aside": aside or None}
            if choice["party"] in aside:
                raise row.error(f"{seat}: {choice['party']} cannot stand aside for itself.")
            if choice["party"] in NO_ONE_PARTY:
                raise row.error(f"{party} is no party that could make a pact.")
            out.append({**choice, "place": row.where})
    wrong.check()
    if open_:
        table.notes.append(f"{path}: no single party recommended, no pact there: {listed(open_)}.")
    return out, table.notes


NOBODY = ("", "none", "no recommendation", "tbd", "unsure", "undecided", "any", "too close to call")
"""Ways in which a cell recommends nobody."""


def _file(info: ValidationInfo) -> Path | None:
    """Return the file that is being checked; files that it names are looked for beside it."""
    return info.context.get("file") if info.context else None


class Transfer(Closed):
    """Where the votes of a party that stands aside go.

    What the three parts leave goes to other parties, so that four parts sum to one in every draw.
    """

    arrive: Rate
    """part that arrives at the flag bearer"""
    opponent: Rate = 0.0
    """part that goes to the opponents"""
    abstain: Rate = 0.0
    """part that stays at home"""

    @model_validator(mode="after")
    def _at_most_one(self) -> Transfer:
        total = sum(middle(rate) for rate in (self.arrive, self.opponent, self.abstain))
        if total > 1 + 1e-9:
            raise ValueError(
                f"arrive, opponent and abstain sum to {total:.2f} at their middles, at most 1"
            )
        return self


def middle(rate: Rate) -> float:
    """Return the median of a rate."""
    if isinstance(rate, Range):
        odds = (rate.low / (1 - rate.low) * rate.high / (1 - rate.high)) ** 0.5
        return float(odds / (1 + odds))
    return float(rate)


class TransferRow(Transfer):
    """A transfer for one donor, for any or one recipient and opponent."""

    donor: Member
    recipient: Member | None = None
    """flag bearer; any if left out"""
    against: Member | None = None
    """expected opponent; any if left out"""
    kinds: dict[str, Fraction] = Field(default={})
    """what each kind of evidence alone says arrives"""
    source: str = Field(min_length=5)


class TransferTable(Closed):
    """A file of transfer rates."""

    title: str
    seat_sd: Annotated[Real, Field(ge=0)]
    """spread of the arriving part between seats, in log-odds"""
    seat_sd_source: str = Field(min_length=5)
    row: tuple[TransferRow, ...] = Field(min_length=1)

    def find(self, donor: str, recipient: str, against: str | None) -> TransferRow | None:
        """Return the most specific row for a donor; None if there is none."""
        for wanted in ((recipient, against), (recipient, None), (None, against), (None, None)):
            for row in self.row:
                if row.donor == donor and (row.recipient, row.against) == wanted:
                    return row
        return None


def read_transfers(name: str, file: Path | None = None) -> TransferTable:
    """Read and check a file of transfer rates: a path, or a bundled name (formal, informal).

    A path is looked for beside `file`, the pact file that names it, first.

    Raises ConfigError if there is no such file, or it is wrong.
    """
    path = find_beside(file, name, "transfers", "transfers")
    return check(TransferTable, read_toml(path), str(path))


def _transfers_kind(value: object) -> str:
    rows = isinstance(value, TransferTable) or (isinstance(value, dict) and "row" in value)
    return "table" if rows else "rates"


class StandAside(Closed):
    """All members but the flag bearer withdraw their candidates."""

    form: Literal["stand-aside"]
    """members withdraw for the flag bearer"""
    transfers: Annotated[
        Annotated[TransferTable, Tag("table")] | Annotated[Transfer, Tag("rates")],
        Discriminator(_transfers_kind),
    ]
    """formal, informal, a file of rates, or one table of rates for everybody"""
    refusal: Rate = Range(low=0.01, high=0.15)
    """part of local parties that refuse to withdraw (judgement)"""
    backlash: Rate = Range(low=0.002, high=0.02)
    """part of the flag bearer's own voters who leave, half of them to the opponents, half to stay
    at home (judgement)"""
    gain: Rate = Field(default=0.0, json_schema_extra={"unit": "share of the vote"})
    """gain of the flag bearer beyond the donors' votes, taken from all others in proportion; only
    Northern Ireland has evidence of one ('forecast calibrate transfers --show agreements')"""

    @field_validator("transfers", mode="before")
    @classmethod
    def _read_transfers(cls, value: object, info: ValidationInfo) -> object:
        if isinstance(value, str | Path):
            return read_transfers(str(value), _file(info))
        return {"arrive": value} if isinstance(value, int | float) else value


class Tactical(Closed):
    """Nobody withdraws; some voters of the other members move to the flag bearer."""

    form: Literal["tactical", "non-aggression"]
    """tactical voting on an agreed list, or only sparing each other"""
    kappa: Rate
    """part of the other members' remaining votes that moves where the choice is clear, on top of
    what the base holds; if left out .20 to .60 for tactical, .03 to .25 for non-aggression"""
    half_clarity_pp: Annotated[Real, Field(gt=0)] = Field(
        default=5.0, json_schema_extra={"unit": "pp"}
    )
    """expected lead of the flag bearer over a member at which half of kappa moves"""

    @model_validator(mode="before")
    @classmethod
    def _default_kappa(cls, values: object) -> object:
        # Judgement, between the +.14 of 2017 and the +.52 of 2024 ('forecast calibrate tactical').
        defaults = {"tactical": (0.20, 0.60), "non-aggression": (0.03, 0.25)}
        if isinstance(values, dict) and values.get("form") in defaults:
            low, high = defaults[values["form"]]
            return {"kappa": {"low": low, "high": high}, **values}
        return values


class Campaign(Closed):
    """Activists of the other members work for the flag bearer: a gain in points."""

    form: Literal["campaign"]
    """moved activists, no withdrawal"""
    gain: Rate = Field(
        default=Range(low=0.005, high=0.03), json_schema_extra={"unit": "share of the vote"}
    )
    """gain of the flag bearer, taken from all others in proportion (judgement)"""


class Term(Closed):
    """What a member is promised, in one region or wherever the pact holds."""

    party: Member | None = None
    """a member; each of them if left out"""
    region: Region | None = None
    """seats of this region; all if left out"""
    most_asides: Annotated[int, Field(ge=0), NO_BOOLEAN] | None = None
    """it stands aside in at most so many seats"""
    expected_seats: Annotated[Real, Field(ge=0)] | None = None
    """it is expected to win at least so many seats"""
    winnable_seats: Annotated[int, Field(ge=0), NO_BOOLEAN] | None = None
    """it is flag bearer in at least so many seats with an even chance or better"""
    most_lost: Annotated[Real, Field(ge=0)] | None = None
    """the pact costs it at most so many expected seats"""

    @model_validator(mode="after")
    def _says_something(self) -> Term:
        bounds = ("most_asides", "expected_seats", "winnable_seats", "most_lost")
        if all(getattr(self, name) is None for name in bounds):
            raise ValueError(f"promises nothing; give at least one of {', '.join(bounds)}")
        return self


class Choose(Closed):
    """How 'forecast optimise' chooses the flag bearers; a simulation ignores it."""

    goal: Literal["seats", "opponent-seats", "majority", "opponent-majority"] = "seats"
    """seats: most expected seats of the members. opponent-seats: fewest of those against whom.
    majority: the highest probability that the members together have one. opponent-majority: the
    lowest that those against whom have one"""
    against: tuple[Member, ...] = ()
    """opponents whose seats count, together; all if left out"""
    most_seats: Annotated[int, Field(ge=0), NO_BOOLEAN] | None = None
    """the pact holds in at most so many seats"""
    reach: Fraction | None = None
    """majority goals: the pact in the fewest seats whose probability is at least (of an opponent's
    majority: at most) this"""
    terms: tuple[Term, ...] = ()
    """what is promised to the members"""

    @model_validator(mode="after")
    def _of_a_majority(self) -> Choose:
        if self.reach is not None and not self.goal.endswith("majority"):
            raise ValueError(f"the goal {self.goal!r} is no probability and does not take 'reach'")
        if self.reach is not None and self.most_seats is not None:
            raise ValueError("'reach' looks for the fewest seats and does not take 'most_seats'")
        return self


FORMS = {
    **dict.fromkeys(("transfers", "refusal", "backlash"), "stand-aside"),
    **dict.fromkeys(("kappa", "half_clarity_pp"), "tactical"),
    "gain": "campaign",
}
"""Form of a pact that names none, by the key of its strength."""

DOES = {
    "stand-aside": "stand aside",
    "tactical": "vote tactically",
    "non-aggression": "spare each other",
    "campaign": "campaign together",
}
"""What the members of a pact do, by its form."""


def pact_words(members: Iterable[str], form: str) -> str:
    """Describe a pact in neutral words.

    >>> pact_words(["Con", "Reform"], "stand-aside")
    'Con + Reform stand aside'
    """
    return f"{' + '.join(members)} {DOES[form]}"


class Pact(Closed):
    """A pact: who, against whom, where, by which rule and how strongly.

    The arguments are the keys of a pact file. Files that they name are looked for in the working
    folder and among the bundled ones. The keys of ``strength`` may be given directly; the form then
    follows from them. The default name is "pact".

    Raises
    ------
    ConfigError
        If a value is wrong, with every mistake on a line of its own.

    Examples
    --------
    >>> pact = Pact(members=["Lab", "LD"], opponents=["Con", "Reform"], transfers=0.7)
    >>> pact.strength.form, pact.strength.transfers.arrive
    ('stand-aside', 0.7)
    """

    name: str
    """name of the file, unless given"""
    title: str = ""
    """what it is, in one sentence"""
    members: tuple[Member, ...] = Field(min_length=1)
    """parties of the pact"""
    opponents: tuple[Member, ...] = Field(min_length=1)
    """parties it is made against"""
    where: Where = Field(default_factory=Where)
    flag_bearer: FlagBearer = Field(default_factory=FlagBearer)
    strength: Annotated[StandAside | Tactical | Campaign, Field(discriminator="form")]
    choose: Choose = Field(default_factory=Choose)

    def __init__(self, **values: Any) -> None:
        direct = {key: values.pop(key) for key in ("form", *FORMS) if key in values}
        if direct:
            form = next((FORMS[key] for key in direct if key in FORMS), None)
            values["strength"] = {"form": form} | dict(values.get("strength", {})) | direct
        name = values.setdefault("name", "pact")
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise explained(error, Pact, str(name)) from None

    # Pydantic then checks the table of a pact file without this __init__, which would lose the
    # context: the file beside which other files are looked for.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @model_validator(mode="after")
    def _sides(self) -> Pact:
        for side, parties in (("members", self.members), ("opponents", self.opponents)):
            for party in parties:
                if parties.count(party) > 1:
                    raise ValueError(f"{side}: {party} is named twice")
        both = sorted(set(self.members) & set(self.opponents))
        if both:
            raise ValueError(f"{', '.join(both)}: member and opponent at once")
        if len(self.members) == 1 and not isinstance(self.strength, Campaign):
            raise ValueError("members: a pact needs at least two parties")
        bearer = self.flag_bearer
        named = [bearer.party, *(guarantee.party for guarantee in bearer.guarantees)]
        wrong = Mistakes()
        for choice in bearer.file or ():
            chosen = (choice.party, *(choice.aside or ()))
            if not choice.place:
                named += chosen
            wrong.lines += [
                f"{choice.place}: {name} is no member of the pact."
                for name in chosen
                if choice.place and name not in self.members
            ]
        wrong.check()
        promised = [term.party for term in self.choose.terms]
        for key, names in (("flag_bearer", named), ("choose.terms", promised)):
            for name in names:
                if name is not None and name not in self.members:
                    raise ValueError(f"{key}: {name} is no member of the pact")
        for name in self.choose.against:
            if name not in self.opponents:
                raise ValueError(f"choose.against: {name} is no opponent of the pact")
        return self


class Scenario(Closed):
    """A way of counting the same elections: one pact or several at once."""

    name: str = Field(min_length=1)
    """name in every table"""
    pacts: tuple[Pact, ...] = Field(min_length=1)
    """pact files in force at once"""

    @property
    def words(self) -> str:
        """The pacts in force, in words."""
        return "; ".join(pact_words(pact.members, pact.strength.form) for pact in self.pacts)
