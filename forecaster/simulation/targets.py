"""Expected national shares of a run, from whatever its config names as their source."""

from __future__ import annotations

from dataclasses import dataclass

from forecaster.config.run import ElectionShares, GivenShares, Run
from forecaster.elections.read import Election, Floats, read_election
from forecaster.errors import ConfigError
from forecaster.polls.average import average_britain, average_nation
from forecaster.swing.base import nation_shares
from forecaster.swing.nations import britain_weights, spread_britain
from forecaster.vocabulary import NATIONS


@dataclass(frozen=True)
class Targets:
    """Expected national shares and a sentence on where they come from.

    Attributes
    ----------
    shares : ndarray of float, shape (nation, column)
    source : str
    """

    shares: Floats
    source: str


def expected_targets(run: Run, election: Election) -> Targets:
    """Return the national shares that a run is centred on.

    Raises
    ------
    ConfigError
        If there are no polls in the window, or the election of `national.election` was fought on
        other boundaries than the base.
    """
    base = nation_shares(election)
    if isinstance(run.national, ElectionShares):
        return _from_election(run.national, election)
    weights = britain_weights(election)
    if isinstance(run.national, GivenShares):
        given = {
            area: {party: value / sum(shares.values()) for party, value in shares.items()}
            for area, shares in run.national.percent.items()
        }
        britain = given.pop("GB", {})
        return Targets(spread_britain(britain, given, base, weights), "given in the config")
    national = run.national
    in_ireland = election.seats.nation == NATIONS.index("Northern Ireland")
    ireland = float(election.valid_votes[in_ireland].sum() / election.valid_votes.sum())
    average = average_britain(national.as_of, national.window_days, ireland)
    nations, sources = {}, []
    for nation in ("Scotland", "Wales"):
        own = average_nation(nation, national.as_of, national.window_days)
        if own is None:
            sources.append(f"{nation}: no polls of its own in that time, moved with Great Britain")
        else:
            nations[nation] = own.shares
            sources.append(f"{nation}: mean of {own.polls} polls of its own")
    shares = spread_britain(average.shares, nations, base, weights)
    first = (
        f"Great Britain: mean of {average.polls} pollsters' last polls, {average.first} to "
        f"{average.last}"
    )
    return Targets(shares, "; ".join([first, *sources, f"{NATIONS[3]}: as in {election.name}"]))


def _from_election(source: ElectionShares, base: Election) -> Targets:
    election = read_election(source.election)
    if election.seats.boundaries != base.seats.boundaries:
        # National shares do not depend on boundaries, but named candidates are matched by seat.
        raise ConfigError(
            f"national.election: {election.name} was fought on other boundaries than the base "
            f"{base.name}; give its shares under national.percent instead."
        )
    return Targets(
        nation_shares(election, names_from=base), f"true national shares of {election.name}"
    )
