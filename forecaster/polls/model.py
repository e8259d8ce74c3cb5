"""National shares on a day, from the polls of a parliament: a state-space model.

The state holds what the polls would say on average: shares in Great Britain, how far Scotland and
Wales lie from them, and the effect of each pollster. Shares walk at random from day to day; a poll
observes them with its pollster's effect, its sampling error and an error beyond that. The model is
linear in shares (not in log-ratios): a party not listed is a missing row, the shares sum to one
because Other is the rest, and variances grow with ``share (1 - share)``.

An estimate filters and never smooths: polls that ended after its day are not read. It estimates
what polls say; `forecaster.polls.error` estimates how far polls lie from votes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from forecaster.arrays import Floats
from forecaster.errors import ConfigError
from forecaster.polls.data import (
    AREAS,
    POLLED,
    AreaShares,
    Poll,
    joined,
    mean_shares,
    poll_days,
    read_britain,
    read_nation,
    read_results,
    read_shares,
)
from forecaster.polls.variance import USUAL_SAMPLE, Variances, estimate_variances
from forecaster.vocabulary import ELECTIONS, GB_PARTIES, OWN_PARTY

ESTIMATED = (*POLLED, "Other")

FIRST_ELECTION = date(2005, 5, 5)
"""The data hold results by nation, from which the estimate starts, from this election on."""

START_SD = 0.05
"""Spread around the last result of what polls say on its day, for a share of a half; so wide that a
few polls outweigh it. Judgement."""

NATION_START_SD = 0.02
"""The same for how far a nation lies from Great Britain; judgement."""

UNLISTED = 0.1
"""Part of the usual variance of a day's step for a party that no poll of the parliament lists: had
it moved, pollsters would have listed it. Judgement."""

NATION_SAMPLE = 1000
"""Usual respondents of a Scottish or Welsh poll, whose tables state no number."""

ROUNDING_SD = 0.01 / 12**0.5
"""Of a share given in whole per cent (uniform over one point)."""

OWN_WALK = {"Scotland": 4e-5, "Wales": 1e-5}
"""Variance of one day's step of a nation against Great Britain, as a multiple of
``share (1 - share)``. The mean square of its movement between elections from 2005 to 2024 was 4 and
0.4 in units of 1e-5; the likelihood of the polls of 2020 to 2024 is highest at 2 to 5 and at 1."""

SMALLEST = 0.002
"""Least share for which a variance is calculated."""

# The state: shares in Great Britain; Scotland less Great Britain, and the SNP in Scotland; Wales
# less Great Britain, and Plaid Cymru in Wales; then the effect of rounding on SNP and PC in British
# polls, which does not average out for such small parties; then five effects of every pollster.
G = len(GB_PARTIES)
BRITAIN = slice(0, G)
NATION = {"Scotland": slice(G, 2 * G + 1), "Wales": slice(2 * G + 1, 3 * G + 2)}
ROUNDING = slice(3 * G + 2, 3 * G + 4)
HOUSES = 3 * G + 4


@dataclass(frozen=True)
class Source:
    """The number of polls behind an area's estimate, and the last days of the first and last."""

    polls: int
    first: date | None
    last: date | None


@dataclass(frozen=True)
class House:
    """A pollster's distance from the mean of all, by party of `GB_PARTIES`.

    Attributes
    ----------
    effect, sd : ndarray, shape (5,)
        Fraction of the vote; NaN for a party it never lists. Effects sum to zero over pollsters.
    polls : int
    last : date
        Last day of its newest poll.
    """

    pollster: str
    effect: Floats
    sd: Floats
    polls: int
    last: date


@dataclass(frozen=True)
class PollEstimate:
    """What the polls say on a day.

    Attributes
    ----------
    as_of : date
    shares : ndarray, shape (3, 8)
        Fraction by area of `AREAS` and party of `ESTIMATED`; a row sums to one. Zero where a
        party does not stand.
    covariance : ndarray, shape (3, 8, 3, 8)
        Of the shares, without the error that all polls share: see `forecaster.polls.error`.
    own_steps : ndarray, shape (3, 8, 8)
        Covariance that a day adds to an area's shares through its movement against Great Britain.
    houses : tuple of House
    sources : dict of str to Source
        By area.
    since : date
        Day of the last election; no poll that ended earlier is used.
    """

    as_of: date
    shares: Floats
    covariance: Floats
    own_steps: Floats
    houses: tuple[House, ...]
    sources: dict[str, Source]
    since: date

    def sd(self) -> Floats:
        """Return the standard deviation of every share, shape (3, 8)."""
        variance = np.einsum("apap->ap", self.covariance)
        return np.asarray(np.sqrt(np.maximum(variance, 0)))


def estimate(as_of: date, own: Sequence[Poll] = ()) -> PollEstimate:
    """Return national shares on a day from the polls of its parliament up to then.

    Parameters
    ----------
    as_of : date
        Polls that ended later, and elections on this day or later, are not read.
    own : sequence of Poll
        Further polls, besides those of the data.

    Raises
    ------
    ConfigError
        If the day lies outside the polls in the data, or no poll ended since the last election.
    """
    _check(as_of, own)
    since, last = _last_result(as_of)
    britains = [poll for poll in own if poll.area not in NATION]
    read = joined(read_britain(FIRST_ELECTION, as_of), britains, FIRST_ELECTION, as_of)
    known = [_for_britain(poll, last) for poll in read]
    britain = [poll for poll in known if poll.end > since]
    if not britain:
        raise ConfigError(
            f"as of {as_of}: no poll ended since the election of {since}; the next in the data "
            f"ended on {poll_days(since)[0]}. Choose that day or a later one."
        )
    nations = {
        nation: joined(
            read_nation(nation, since, as_of),
            [poll for poll in own if poll.area == nation],
            since,
            as_of,
        )
        for nation in NATION
    }
    model = _Model(since, last, britain, estimate_variances(known))
    filtered = model.run([*britain, *nations["Scotland"], *nations["Wales"]], as_of)
    shares, covariance = model.areas(filtered)
    return PollEstimate(
        as_of=as_of,
        shares=shares,
        covariance=covariance,
        own_steps=model.own_steps(),
        houses=model.houses(filtered, britain),
        sources={"GB": _source(britain)}
        | {name: _source(polls) for name, polls in nations.items()},
        since=since,
    )


class Filter:
    """A normal distribution of a state, updated in the order of time: the Kalman filter.

    R. E. Kalman, A New Approach to Linear Filtering and Prediction Problems (1960), in the
    notation of Durbin and Koopman, Time Series Analysis by State Space Methods (2012), 4.3.

    Parameters
    ----------
    mean : ndarray, shape (state,)
    covariance : ndarray, shape (state, state)
        Prior to the first observation. Both are copied.

    Attributes
    ----------
    mean, covariance : ndarray
        After the last observation.
    """

    def __init__(self, mean: Floats, covariance: Floats) -> None:
        self.mean = np.array(mean, dtype=float)
        self.covariance = np.array(covariance, dtype=float)

    def move(self, variance: Floats, days: int) -> None:
        """Let the first states walk at random for some days; the others stand still.

        Parameters
        ----------
        variance : ndarray, shape (moving, moving)
            Covariance of one day's steps.
        days : int
        """
        n = len(variance)
        self.covariance[:n, :n] += days * variance

    def see(self, rows: Floats, values: Floats, noise: Floats) -> None:
        """Update the state with observations ``values = rows @ state + error``.

        Parameters
        ----------
        rows : ndarray, shape (value, state)
        values : ndarray, shape (value,)
        noise : ndarray, shape (value, value)
            Covariance of the error.
        """
        innovation = values - rows @ self.mean
        seen = self.covariance @ rows.T
        expected = rows @ seen + noise
        gain = np.linalg.solve(expected, seen.T).T
        self.mean += gain @ innovation
        self.covariance -= gain @ seen.T


class _Model:
    """The matrices of one parliament's model."""

    def __init__(
        self, since: date, last: AreaShares, britain: Sequence[Poll], variances: Variances
    ) -> None:
        mean, times = mean_shares(britain)
        # Variances are those at the parliament's mean shares, or at the last if never polled.
        self.typical = np.maximum(np.where(times > 0, mean, last.shares[0]), SMALLEST)
        self.walk = variances.walk[:G] * np.where(times[:G] > 0, 1.0, UNLISTED)
        self.since = since
        self.last = last
        self.variances = variances
        self.pollsters = sorted({poll.pollster for poll in britain})
        self.size = HOUSES + G * len(self.pollsters)
        self.general = float(np.mean(variances.house[:G] + variances.excess[:G]))
        self.sampling = _binomial(self.typical)
        # The small effects of pollsters on SNP and PC are noise and not states.
        beyond = [*variances.excess[:G], *(variances.excess + variances.house)[G:]]
        self.beyond = _binomial(self.typical, np.array(beyond))

    def run(self, polls: Sequence[Poll], as_of: date) -> Filter:
        """Filter the polls, in the order of the middle of their fieldwork, up to a day."""
        state = Filter(self.mean(), self.covariance())
        steps = self.steps()
        rows = {kind: self.rows(*kind) for kind in {(poll.area, poll.pollster) for poll in polls}}
        today = self.since.toordinal()
        for poll in sorted(polls, key=lambda poll: (poll.middle, poll.end)):
            # Fieldwork may have begun before the election day, but the poll counts from then on.
            day = max(poll.middle, today)
            state.move(steps, day - today)
            today = day
            listed = ~np.isnan(poll.shares) & self.asked(poll.area)
            seen = rows[poll.area, poll.pollster][listed]
            state.see(seen, poll.shares[listed], self.noise(poll)[np.ix_(listed, listed)])
        state.move(steps, as_of.toordinal() - today)
        return state

    def mean(self) -> Floats:
        """Return the state on election day: the result, and no house effects."""
        mean = np.zeros(self.size)
        mean[BRITAIN] = self.last.shares[0, :G]
        for a, (nation, party) in enumerate(OWN_PARTY.items(), start=1):
            lies = self.last.shares[a, :G] - self.last.shares[0, :G]
            mean[NATION[nation]] = [*lies, self.last.shares[a, POLLED.index(party)]]
        return mean

    def covariance(self) -> Floats:
        """Return the covariance on election day; the pollsters' effects sum to zero."""
        out = np.zeros((self.size, self.size))
        out[BRITAIN, BRITAIN] = 4 * START_SD**2 * _binomial(self.typical[:G])
        for nation, block in NATION.items():
            out[block, block] = 4 * NATION_START_SD**2 * _binomial(self.in_nation(nation))
        out[ROUNDING, ROUNDING] = ROUNDING_SD**2 * np.eye(len(OWN_PARTY))
        n = len(self.pollsters)
        between = _binomial(self.typical[:G], self.variances.house[:G])
        out[HOUSES:, HOUSES:] = np.kron(np.eye(n) - 1 / n, between)
        return out

    def steps(self) -> Floats:
        """Return the covariance of one day's steps of the states that walk."""
        out = np.zeros((ROUNDING.start, ROUNDING.start))
        out[BRITAIN, BRITAIN] = _binomial(self.typical[:G], self.walk)
        for nation, block in NATION.items():
            out[block, block] = OWN_WALK[nation] * _binomial(self.in_nation(nation))
        return out

    def in_nation(self, nation: str) -> Floats:
        """Return the last shares of the British parties and the nation's own, shape (6,)."""
        last = self.last.shares[AREAS.index(nation)]
        return np.maximum([*last[:G], last[POLLED.index(OWN_PARTY[nation])]], SMALLEST)

    def asked(self, area: str) -> Floats:
        """Return which parties of `POLLED` a poll of the area informs about."""
        parties = (*GB_PARTIES, OWN_PARTY[area]) if area in OWN_PARTY else POLLED
        return np.array([party in parties for party in POLLED])

    def rows(self, area: str, pollster: str) -> Floats:
        """Return how each share of a pollster's polls depends on the state, shape (7, state)."""
        out = np.zeros((len(POLLED), self.size))
        out[range(G), range(G)] = 1
        for nation, party in OWN_PARTY.items():
            own, block = POLLED.index(party), NATION[nation]
            if area == nation:
                out[range(G), range(block.start, block.stop - 1)] = 1
            out[own, block.stop - 1] = 1 if area == nation else self.last.weight[nation]
        if area in OWN_PARTY:
            return out
        out[range(G, len(POLLED)), range(ROUNDING.start, ROUNDING.stop)] = 1
        first = HOUSES + G * self.pollsters.index(pollster)
        out[range(G), range(first, first + G)] = 1
        return out

    def noise(self, poll: Poll) -> Floats:
        """Return the covariance of a poll's error, shape (7, 7)."""
        if poll.area not in OWN_PARTY:
            return np.asarray(self.sampling / (poll.sample or USUAL_SAMPLE) + self.beyond)
        # The tables of Scotland and Wales name no pollsters, so their effects are noise.
        shares = np.maximum(self.last.shares[AREAS.index(poll.area)], SMALLEST)
        return (1 / NATION_SAMPLE + self.general) * _binomial(shares)

    def areas(self, state: Filter) -> tuple[Floats, Floats]:
        """Return shares (3, 8) and their covariance (3, 8, 3, 8) from the state."""
        seen = self.seen()
        shares = seen @ state.mean
        shares[:, -1] += 1
        # The floor binds very rarely, for small parties far from their last result.
        shares = np.maximum(shares, 0)
        covariance = np.einsum("aps,st,bqt->apbq", seen, state.covariance, seen, optimize=True)
        return shares / shares.sum(axis=1, keepdims=True), covariance

    def own_steps(self) -> Floats:
        """Return the covariance that a day's own steps add to an area's shares, shape (3, 8, 8)."""
        steps = self.steps()
        steps[BRITAIN, BRITAIN] = 0
        seen = self.seen()[:, :, : len(steps)]
        return np.asarray(np.einsum("aps,st,aqt->apq", seen, steps, seen))

    def seen(self) -> Floats:
        """Return how the shares of the areas depend on the state, shape (3, 8, state)."""
        out = np.zeros((len(AREAS), len(ESTIMATED), self.size))
        out[:, range(G), range(G)] = 1
        for a, (nation, party) in enumerate(OWN_PARTY.items(), start=1):
            own, block = POLLED.index(party), NATION[nation]
            out[a, range(G), range(block.start, block.stop - 1)] = 1
            out[a, own, block.stop - 1] = 1
            out[0, own, block.stop - 1] = self.last.weight[nation]
        out[:, -1] = -out[:, :-1].sum(axis=1)
        return out

    def houses(self, state: Filter, britain: Sequence[Poll]) -> tuple[House, ...]:
        """Return the pollsters' effects, in the order of their names."""
        effects = state.mean[HOUSES:].reshape(-1, G)
        sds = np.sqrt(np.diag(state.covariance)[HOUSES:]).reshape(-1, G)
        out = []
        for j, name in enumerate(self.pollsters):
            own = [poll for poll in britain if poll.pollster == name]
            listed = ~np.isnan([poll.shares[:G] for poll in own]).all(axis=0)
            effect, sd = np.where(listed, effects[j], np.nan), np.where(listed, sds[j], np.nan)
            out.append(House(name, effect, sd, len(own), own[-1].end))
        return tuple(out)


def _binomial(shares: Floats, multiples: Floats | None = None) -> Floats:
    """Return the covariance of a vote for one party, times multiples by party if given."""
    covariance = np.diag(shares) - np.outer(shares, shares)
    if multiples is None:
        return covariance
    root = np.sqrt(multiples)
    return np.asarray(covariance * np.outer(root, root))


def _check(as_of: date, own: Sequence[Poll]) -> None:
    days = poll_days(FIRST_ELECTION)
    first, last = days[0], max([days[-1], *(poll.end for poll in own)])
    if not first <= as_of <= last:
        where = "before the first" if as_of < first else "after the last"
        raise ConfigError(
            f"as of {as_of}: {where} poll that national shares are estimated from; the data hold "
            f"them from {first} to {last}. Choose a day between the two, or add later polls with "
            "national.file ('forecast polls --file')."
        )


def _last_result(as_of: date) -> tuple[date, AreaShares]:
    result = read_results(as_of)[-1]
    name = result.election if result.election in ELECTIONS else f"{result.election}-notional"
    return result.day, read_shares(name)


def _for_britain(poll: Poll, last: AreaShares) -> Poll:
    """Return a poll of the UK for Great Britain: Northern Ireland votes for other parties."""
    if poll.area == "GB":
        return poll
    shares = poll.shares / (1 - last.ireland)
    return Poll("GB", poll.start, poll.end, poll.pollster, poll.sample, shares)


def _source(polls: Sequence[Poll]) -> Source:
    ends = [poll.end for poll in polls]
    return Source(len(polls), min(ends, default=None), max(ends, default=None))
