"""Parameters of the model: every number with its unit and its source.

A parameter without a source cannot be loaded. The source is a publication, an estimate from our
own data, or "judgement".
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from forecaster.vocabulary import (
    COVARIATES,
    ELECTIONS,
    GB_PARTIES,
    party_code,
    suggest,
    suggest_party,
)

T = TypeVar("T")


class Closed(BaseModel):
    """A frozen table that accepts no key it does not know; see `schema.described` for its texts."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _no_boolean(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("expected a number")
    return value


Real = Annotated[float, Field(strict=True, allow_inf_nan=False)]
"""A number, not a text that reads like one, nor true or false."""

NO_BOOLEAN = BeforeValidator(_no_boolean)
"""Marks a whole number, which may be written as 1e6 but not as true or false. It stands last, so
that the bounds are the number's own in the schema."""


class Quantity(Closed, Generic[T]):
    """A value with its unit and where it comes from."""

    value: T
    unit: str
    source: str = Field(min_length=5)


def known(kind: str, names: Collection[str]) -> Callable[[str], str]:
    """Return a validator that accepts only these names, and suggests the nearest for others."""

    def check(name: str) -> str:
        if name not in names:
            raise ValueError(f"unknown {kind} {name!r}. {suggest(name, names)}")
        return name

    return check


def known_party(name: str) -> str:
    """Return the code of a party under any name that people call it by."""
    code = party_code(name)
    if code is None:
        raise ValueError(f"unknown party {name!r}. {suggest_party(name)}")
    return code


def _party_pair(name: str) -> str:
    first, dash, second = name.partition("-")
    if not dash or first == second:
        raise ValueError(f"{name!r} is no pair of parties; write for example 'Con-Lab'")
    return f"{known_party(first)}-{known_party(second)}"


def _each_party_once(value: Any) -> Any:
    # Checked before names become codes: two names of a party would then be one key.
    if isinstance(value, Mapping):
        first: dict[str, str] = {}
        for name in map(str, value):
            code = party_code(name) or name
            if code in first:
                raise ValueError(f"{first[code]!r} and {name!r} are one party, {code}; keep one")
            first[code] = name
    return value


PartyCode = Annotated[str, AfterValidator(known_party)]
EachPartyOnce = BeforeValidator(_each_party_once)
"""Validator of a table by party that refuses two names of one party."""

CovariateName = Annotated[str, AfterValidator(known("covariate", COVARIATES))]
BaseName = Annotated[str, AfterValidator(known("election", ELECTIONS))]
PartyPair = Annotated[str, AfterValidator(_party_pair)]
NonNegative = Annotated[Real, Field(ge=0)]
Positive = Annotated[Real, Field(gt=0)]
Fraction = Annotated[Real, Field(ge=0, le=1)]
Correlation = Annotated[Real, Field(gt=-1, lt=1)]
ByParty = Annotated[dict[PartyCode, NonNegative], EachPartyOnce]


def _each_pair_once(pairs: dict[str, float]) -> dict[str, float]:
    for pair in pairs:
        first, _, second = pair.partition("-")
        if f"{second}-{first}" in pairs:
            raise ValueError(f"{pair} and {second}-{first} are the same pair; give it once")
    return pairs


def _givers(parts: dict[str, float]) -> dict[str, float]:
    for party in parts:
        if party not in GB_PARTIES:
            raise ValueError(f"{party} gives nothing here. {suggest(party, GB_PARTIES)}")
    if sum(parts.values()) <= 0:
        raise ValueError("the parts sum to zero; give at least one party a part")
    return parts


Correlations = Annotated[dict[PartyPair, Correlation], AfterValidator(_each_pair_once)]
Givers = Annotated[dict[PartyCode, Fraction], EachPartyOnce, AfterValidator(_givers)]
ImputedFrom = dict[BaseName, Annotated[dict[PartyCode, Givers], EachPartyOnce]]
EvenDof = Annotated[int, Field(ge=0, le=8, multiple_of=2), NO_BOOLEAN]


def _no_variance(dof: int) -> int:
    if dof == 2:
        raise ValueError("2 degrees of freedom have no finite variance; take 0 (normal), 4, 6 or 8")
    return dof


Dof = Annotated[EvenDof, AfterValidator(_no_variance)]


class TruncatedNormal(Closed):
    """A normal distribution whose draws are clipped to ``[low, high]``."""

    mean: Real
    sd: NonNegative
    low: Real
    high: Real

    @model_validator(mode="after")
    def _ordered(self) -> TruncatedNormal:
        if self.low > self.high:
            raise ValueError(f"low ({self.low}) is above high ({self.high})")
        return self


class Response(Closed):
    """How much of the error in Great Britain's shares each nation has too."""

    Scotland: Fraction
    Wales: Fraction


class NationalParameters(Closed):
    """How far national shares may lie from what the polls say."""

    dof: Quantity[Dof]
    regression: Quantity[Fraction]
    response: Quantity[Response]
    scotland_sd: Quantity[ByParty]
    wales_sd: Quantity[ByParty]
    northern_ireland_sd: Quantity[ByParty]
    floor: Quantity[Fraction]


class TacticalBloc(Closed):
    """Parties whose voters move to the best placed of them where an opponent leads."""

    members: tuple[PartyCode, ...] = Field(min_length=2)
    opponents: tuple[PartyCode, ...] = Field(min_length=1)
    kappa: TruncatedNormal


class SqueezeLaw(Closed):
    """How tactical voting at a general election follows from the by-elections before it.

    The squeeze of a parliament has mean `mean` and standard deviation `between`. The squeeze of one
    by-election has that of its parliament as its mean, and a variance of ``within**2 / part``,
    where `part` is the expected share of the bloc's votes of all but its best placed party. Kappa
    is `slope` times the parliament's squeeze, with a standard deviation of `sd`.
    """

    mean: Real
    between: NonNegative
    within: NonNegative
    slope: Real
    slope_error: NonNegative
    sd: NonNegative


class SwingParameters(Closed):
    """How a national change spreads over the seats."""

    lambda_falling: Quantity[TruncatedNormal]
    lambda_rising: Quantity[TruncatedNormal]
    weak_threshold: Quantity[Fraction]
    rakes: Quantity[Annotated[int, Field(ge=1, le=100), NO_BOOLEAN]]
    tactical: Quantity[tuple[TacticalBloc, ...]]
    squeeze: Quantity[SqueezeLaw]
    half_clarity: Quantity[Annotated[Real, Field(gt=0, le=1)]]


class SeatParameters(Closed):
    """How seats deviate from the national swing, together and alone."""

    slope_sd: Quantity[dict[CovariateName, ByParty]]
    strength_sd: Quantity[ByParty]
    region_sd: Quantity[ByParty]
    region_correlation: Quantity[Correlations]
    shared_inflation: Quantity[NonNegative]
    incumbency: Quantity[ByParty]
    incumbency_sd: Quantity[ByParty]
    by_election: Quantity[Fraction]
    local_elections: Quantity[Annotated[dict[PartyCode, Fraction], EachPartyOnce]]
    stand_again: Quantity[Fraction]
    sd: Quantity[ByParty]
    correlation: Quantity[Correlations]
    dof: Quantity[Dof]
    spread: Quantity[NonNegative]
    size_exponent: Quantity[ByParty]
    size_reference: Quantity[Annotated[dict[PartyCode, Positive], EachPartyOnce]]
    size_floor: Quantity[NonNegative]
    share_floor: Quantity[Annotated[Real, Field(gt=0, le=0.05)]]
    best_other: Quantity[Fraction]
    other_retention: Quantity[Fraction]
    imputed_from: Quantity[ImputedFrom]

    @property
    def covariates(self) -> tuple[str, ...]:
        """Covariates that have slopes, in the order of the vocabulary."""
        return tuple(name for name in COVARIATES if name in self.slope_sd.value)


class SharedMisses(Closed):
    """Correlation between the errors of two seat estimates, by kind of error."""

    national: Fraction
    shared: Fraction
    own: Fraction


class EstimateParameters(Closed):
    """How seat estimates swing (`uniform`), and factors that turn errors of polls into theirs."""

    national: Quantity[NonNegative]
    shared: Quantity[NonNegative]
    own: Quantity[NonNegative]
    correlation: Quantity[SharedMisses]
    uniform: Quantity[Fraction]


class Parameters(Closed):
    """Everything that a model file holds."""

    national: NationalParameters
    swing: SwingParameters
    seat: SeatParameters
    estimates: EstimateParameters

    def replaced(self, values: Mapping[str, Any]) -> Parameters:
        """Return a copy with other values, given by keys such as ``"seat.sd"``."""
        out = self
        for key, value in values.items():
            group, name = key.split(".")
            of = getattr(out, group)
            quantity = getattr(of, name).model_copy(update={"value": value})
            out = out.model_copy(update={group: of.model_copy(update={name: quantity})})
        return out
