"""What to run: the options of a config file, each with its type, default and meaning."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from forecaster.config.pact import Scenario
from forecaster.config.parameters import (
    NO_BOOLEAN,
    Closed,
    EachPartyOnce,
    Fraction,
    Parameters,
    PartyCode,
    Real,
    known,
)
from forecaster.vocabulary import BALLOT, ELECTIONS, NATIONS, NO_PACT

MAX_DRAWS = 4_000_000_000
"""The share histogram counts draws in 32-bit integers, which overflow above 4.29 billion."""

DEFAULT_MODEL = "models/default.toml"

SCRAMBLES = 16
"""Independent scrambles of the Sobol points of a run. The spread between 16 of them gives a
standard error that is itself good to 18 %; more would leave each with too few points."""

SOBOL_DRAWS = (8_192, 16_384, 32_768, 65_536)
"""Numbers of draws: `SCRAMBLES` times a power of two, and at least two blocks of the kernel. More
draws would gain almost nothing, as the seats' own errors, which stay random, dominate by then."""

LONGEST = 5 * 366
"""The furthest an election can lie ahead: five years, the longest term of a parliament [days]."""

MAIN_PARTIES = "main-parties"

Day = date
"""Another name of the type, for a class with a field called ``date`` that hides it."""


Year = Annotated[str, BeforeValidator(lambda year: str(year) if isinstance(year, int) else year)]
"""People write 2024 without quotes."""

ElectionName = Annotated[Year, AfterValidator(known("election", ELECTIONS))]
Candidates = Annotated[Year, AfterValidator(known("candidates", (MAIN_PARTIES, *ELECTIONS)))]
AreaName = Annotated[str, AfterValidator(known("area", ("GB", *NATIONS)))]
Percent = Annotated[Real, Field(ge=0, le=100)]
AsOf = Annotated[date, Field(lt=date.max - timedelta(days=LONGEST))]
"""A day that leaves room in the calendar for an election after it."""

ElectionDay = Annotated[
    date | None,
    Field(
        description=(
            "day of the election, up to five years after as_of; the day after as_of if left out"
        )
    ),
]


def _counts(weight: float) -> float:
    if weight <= 0:
        raise ValueError("expected a number above 0; leave out a file that should not count")
    return weight


def in_words(day: date) -> str:
    """Return a day as people write it, such as 6 October 2026."""
    return f"{day.day} {day:%B %Y}"


class SeatFile(Closed):
    """A file of somebody's shares by seat, with its checksum when the config was read."""

    file: str
    """CSV of somebody's shares by seat (an MRP) that takes the place of the result; base.seats may
    be its path alone or a list of them: see docs/seat-estimates.md"""
    sha256: str = ""
    """its checksum, filled in when the config is read"""
    date: Day | None = None
    """last day of its interviews; that of the run if left out"""
    weight: Annotated[Real, AfterValidator(_counts)] = 1
    """how much it counts in the average of the files"""

    def __str__(self) -> str:
        """Return the file's name, with its weight (unless 1) and its date (if it has one)."""
        weight = f"weight {self.weight:g}" if self.weight != 1 else ""
        notes = ", ".join(filter(None, (weight, str(self.date or ""))))
        return f"{self.file} ({notes})" if notes else self.file


class Base(Closed):
    """What the swing starts from."""

    election: ElectionName = Field(default="2024", examples=["2024"])
    """result that the swing starts from"""
    seats: tuple[SeatFile, ...] = Field(default=(), examples=["mrp.csv"])
    """CSV files of shares by seat whose average takes the place of the result"""
    seats_weight: Fraction | None = None
    """part of the seat estimates in what is expected, 0 the swing alone; 1 if left out"""

    @model_validator(mode="after")
    def _weight_of_something(self) -> Base:
        if self.seats_weight is not None and not self.seats:
            raise ValueError("seats_weight: there are no estimates to weigh; name a file in seats")
        return self

    @model_validator(mode="after")
    def _distinct_files(self) -> Base:
        first: dict[str, str] = {}
        for one in self.seats:
            if one.sha256 in first:
                raise ValueError(
                    f"seats: {first[one.sha256]} and {one.file} hold the same estimates; leave one "
                    "of them out, and give the other a weight if it should count more"
                )
            first[one.sha256] = one.file
        return self

    @property
    def weight(self) -> float:
        """Weight of the seat estimates in the expected shares; the swing has the rest."""
        if not self.seats:
            return 0.0
        return 1.0 if self.seats_weight is None else self.seats_weight

    @property
    def file_weights(self) -> tuple[float, ...]:
        """Weight of each file in the average of the seat estimates; they sum to one."""
        total = sum(one.weight for one in self.seats)
        return tuple(one.weight / total for one in self.seats)

    @property
    def start(self) -> str:
        """What the swing starts from, in words."""
        result = f"the result of {self.election}"
        if not self.seats:
            return result
        average = "the average of " if len(self.seats) > 1 else ""
        estimates = f"{average}the seat estimates of {', '.join(map(str, self.seats))}"
        if self.weight == 1:
            return estimates
        return f"{estimates} (weight {self.weight:g}) and {result}"


class Candidacy(Closed):
    """What a user knows of a candidate: a row of a file of candidates."""

    seat: str
    """name or ONS code"""
    party: PartyCode
    """code of the party"""
    stands: bool | None = None
    """whether it has a candidate there"""
    sitting: bool | None = None
    """whether that is the sitting MP, who then holds the seat for it"""
    holds: bool | None = None
    """whether it holds the seat, its MP perhaps standing again"""
    place: str = ""
    """file and line, filled in when a file is read"""


class Ballot(Closed):
    """Who stands where."""

    candidates: Candidates = MAIN_PARTIES
    """who stands: 'main-parties' (Con, Lab, LD, Reform and Green in every seat of Great Britain,
    SNP and PC in theirs, others and Northern Ireland as in the base), a CSV file of what is
    different from that, of nominations or of present MPs (see docs/inputs.md), or the nominations
    and sitting MPs of an election"""
    changes: tuple[Candidacy, ...] = ()
    """what a file of candidates holds, filled in when it is read"""
    notes: tuple[str, ...] = ()
    """what of the file is not used, filled in when it is read"""
    speaker_stands: bool = True
    """main-parties: the Speaker stands again, unopposed by them; if not, the seat starts from its
    neighbours"""


class OwnPoll(Closed):
    """A poll of the user's: a row of a poll file."""

    start: date
    """first day of the interviews"""
    end: date
    """last day of the interviews"""
    pollster: str
    """who asked, spelt as in the data: its last poll alone counts"""
    sample: Annotated[int, Field(gt=0), NO_BOOLEAN] | None
    """respondents, if known; it weighs nothing"""
    area: Literal["GB", "UK", "Scotland", "Wales"]
    """where was asked"""
    percent: Annotated[dict[PartyCode, Percent], EachPartyOnce] = Field(
        json_schema_extra={"unit": "percent"}
    )
    """shares by party"""


class Polls(Closed):
    """National shares from the polls."""

    source: Literal["polls"]
    """national shares from the embedded polls"""
    as_of: AsOf
    """day on which the polls are read; later polls are unread"""
    election_day: ElectionDay = None
    file: tuple[OwnPoll, ...] = Field(default=(), examples=["my-polls.csv"])
    """CSV file of further polls, with the columns of data/polls/national.csv or of Wikipedia; one
    that the data hold already counts once: see docs/inputs.md"""
    notes: tuple[str, ...] = ()
    """what of the file is not used, filled in when it is read"""

    @property
    def assumes(self) -> str:
        """What is assumed of the vote, in words that go on from a title."""
        if self.election_day is None:
            return f"if it were held on {in_words(self.as_of + timedelta(days=1))}"
        return f"held on {in_words(self.election_day)}, from polls to {in_words(self.as_of)}"


SUM_TOLERANCE = 1.5
"""Points by which the sum of an area's rounded shares may differ from 100 (judgement)."""


class GivenShares(Closed):
    """National shares written down by the user."""

    source: Literal["shares"]
    """national shares given in this file"""
    percent: dict[AreaName, Annotated[dict[PartyCode, Percent], EachPartyOnce]] = Field(
        json_schema_extra={"unit": "percent"}
    )
    """shares by area (GB, or nations one by one) and party; each area sums to 100"""

    assumes: ClassVar[str] = "with national shares assumed by hand"

    @model_validator(mode="after")
    def _sums(self) -> GivenShares:
        if "GB" not in self.percent and not {"England", "Scotland", "Wales"} <= set(self.percent):
            raise ValueError("percent: give GB, or each of England, Scotland and Wales")
        for area, shares in self.percent.items():
            nations = NATIONS[:3] if area == "GB" else (area,)
            standing = {party for nation in nations for party in BALLOT[nation]}
            for party in shares:
                if party not in standing:
                    raise ValueError(
                        f"percent.{area}.{party}: not on the ballot papers there; put it under "
                        "Other"
                    )
            total = sum(shares.values())
            if abs(total - 100) > SUM_TOLERANCE:
                raise ValueError(
                    f"percent.{area}: the shares sum to {total:g} %, expected about 100 %; "
                    "put what is missing under Other"
                )
        return self


class ElectionShares(Closed):
    """National shares of a past election."""

    source: Literal["election"]
    """true national shares of an election"""
    election: ElectionName
    """the election whose national shares are taken"""

    @property
    def assumes(self) -> str:
        """What is assumed of the vote, in words that go on from a title."""
        return f"with the true national shares of {self.election}"


class SeatShares(Closed):
    """National shares that are the sum of the seat estimates."""

    source: Literal["seats"]
    """national shares of base.seats, added up"""
    as_of: AsOf | None = None
    """last day of the interviews behind them; left out, the eve of the election"""
    election_day: ElectionDay = None

    @model_validator(mode="after")
    def _in_order(self) -> SeatShares:
        if self.election_day is None:
            return self
        if self.as_of is None:
            raise ValueError("election_day: give as_of too, from which the days are counted")
        if not 0 < (self.election_day - self.as_of).days <= LONGEST:
            raise ValueError(
                f"election_day: expected a day after as_of ({self.as_of}) and within five years"
            )
        return self

    assumes: ClassVar[str] = "with the national shares of the seat estimates"

    @property
    def days(self) -> int:
        """Days from the estimates to the election."""
        if self.election_day is None or self.as_of is None:
            return 1
        return (self.election_day - self.as_of).days


class Swing(Closed):
    """How a change of national shares spreads over the seats."""

    rule: Literal["asymmetric", "uniform", "proportional", "logit", "strong-transition"] = (
        "asymmetric"
    )
    """swing rule; see docs/model.md"""
    by_elections: bool = True
    """let by-elections since the base tell how much tactical voting has changed"""


Multiplier = Annotated[Real, Field(ge=0, le=10)]


class Errors(Closed):
    """Multipliers on each source of error: 1 as in the model, 0 none."""

    national: Multiplier = 1
    """polling error of national shares"""
    swing: Multiplier = 1
    """uncertainty of the asymmetric rule's lambda"""
    tactical: Multiplier = 1
    """change of tactical voting since the base"""
    slopes: Multiplier = 1
    """error shared along seat covariates"""
    regions: Multiplier = 1
    """error shared by a region's seats"""
    seats: Multiplier = 1
    """error of the single seat"""
    incumbency: Multiplier = 1
    """advantage of sitting MPs (an effect), and how it varies"""


class Config(Closed):
    """A run: what is simulated, how often, and with which model."""

    title: str = "Untitled run"
    """printed above every table; what is assumed of the vote is put behind it"""
    draws: Annotated[int, Field(ge=1, le=MAX_DRAWS), NO_BOOLEAN] = Field(
        default=10_000, json_schema_extra={"unit": "elections"}
    )
    """number of simulated elections"""
    seed: Annotated[int, Field(ge=0, lt=2**64), NO_BOOLEAN] = 1
    """key of the random numbers: same config and seed, same result"""
    sampling: Literal["random", "sobol"] = "random"
    """independent draws, or Sobol points for what moves many seats together: the same precision of
    seat totals from fewer draws; see docs/performance.md"""
    model: str = DEFAULT_MODEL
    """file of model parameters, seen from the config's folder or from configs/"""
    base: Base = Field(default_factory=Base)
    ballot: Ballot = Field(default_factory=Ballot)
    national: Annotated[
        Polls | GivenShares | ElectionShares | SeatShares, Field(discriminator="source")
    ]
    swing: Swing = Field(default_factory=Swing)
    errors: Errors = Field(default_factory=Errors)
    scenarios: tuple[Scenario, ...] = ()
    """pacts counted on the same elections as no-pact"""
    parameters: Parameters
    """read from the model file; see its comments"""

    @property
    def headline(self) -> str:
        """The title and what is assumed of the vote, which head every output of a run."""
        seats = f", centred on {self.base.start}" if self.base.seats else ""
        return f"{self.title}, {self.national.assumes}{seats}"

    @property
    def cluster(self) -> int:
        """Number of draws in a cluster: those of a scramble of Sobol points, or 1 if random."""
        return 1 if self.sampling == "random" else self.draws // SCRAMBLES

    @property
    def estimates_day(self) -> date | None:
        """Day to which polls bring older seat estimates up to date; None if that is not needed.

        Only where the national shares are the sum of the estimates.
        """
        dated = [one.date for one in self.base.seats if one.date is not None]
        if not dated or not isinstance(self.national, SeatShares):
            return None
        day = self.national.as_of or max(dated)
        return day if min(dated) < day else None

    def estimates_miss(self, kind: Literal["national", "shared", "own"]) -> float:
        """Return the factor on an error of polls or swing that gives that of the seat estimates.

        The factor of a single file is reduced by what averaging several files gains, given the
        correlation between the errors of two files.
        """
        known = self.parameters.estimates
        alone = sum(weight**2 for weight in self.base.file_weights)
        common = getattr(known.correlation.value, kind)
        return float(getattr(known, kind).value * (alone + (1 - alone) * common) ** 0.5)

    @model_validator(mode="after")
    def _even_points(self) -> Config:
        if self.sampling == "sobol" and self.draws not in SOBOL_DRAWS:
            *some, most = (f"{draws:,}" for draws in SOBOL_DRAWS)
            raise ValueError(
                f"draws: sampling = 'sobol' takes {', '.join(some)} or {most} draws "
                f"(--draws), not {self.draws:,}; for others take sampling = 'random'"
            )
        return self

    @model_validator(mode="after")
    def _seats_to_add_up(self) -> Config:
        if isinstance(self.national, SeatShares) and not self.base.seats:
            raise ValueError(
                "national.source: 'seats' adds up seat estimates, but there are none; name their "
                "file in base.seats, or take national shares from elsewhere"
            )
        return self

    @model_validator(mode="after")
    def _seats_of_the_past(self) -> Config:
        as_of = getattr(self.national, "as_of", None)
        day, name = (as_of, "national.as_of") if as_of else (date.today(), "today")
        for one in self.base.seats:
            if one.date is not None and one.date > day:
                raise ValueError(
                    f"base.seats: {one.file} is of {one.date}, after {name} ({day}); mend its "
                    "date, leave it out" + (", or run as of a later day" if as_of else "")
                )
        return self

    @model_validator(mode="after")
    def _distinct_scenarios(self) -> Config:
        names = [NO_PACT, *(scenario.name for scenario in self.scenarios)]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"scenarios: two are called {name!r}; give one another name")
        return self
