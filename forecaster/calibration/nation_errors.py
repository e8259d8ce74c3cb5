"""Estimate the errors of the nations: their part of Great Britain's error, and their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np

from forecaster.arrays import Floats
from forecaster.calibration.estimate import ParameterEstimate
from forecaster.calibration.laws import jackknife, without_each
from forecaster.config.parameters import NationalParameters
from forecaster.elections.election import read_election
from forecaster.polls.data import AREAS, THREE, day_of, read_shares
from forecaster.polls.model import ESTIMATED, estimate
from forecaster.swing.base import nation_shares
from forecaster.swing.tactical import PAIRS
from forecaster.vocabulary import BALLOT, NORTHERN_IRELAND, OWN_PARTY, places

ERRING = THREE
"""Parties from which the nations' errors are estimated. Reform and the Greens were too small."""

IRISH = ("DUP", "SF", "SDLP", "UUP", "Alliance")
"""Parties of Northern Ireland with votes at nearly all elections in the data."""

LEAST_SD = 0.5
"""Smallest SD of a nation's own error [pp] (judgement)."""


@dataclass(frozen=True)
class _Eve:
    """Result minus the polls on the eve [pp], and the variance that the estimate states [pp^2]."""

    error: Floats  # (area, party)
    variance: Floats  # (area, party)


def calibrate_nations(
    elections: list[str], national: NationalParameters
) -> list[ParameterEstimate]:
    """Estimate ``national.response``, Great Britain's error in the nations, and their own errors.

    `elections`: elections whose results are compared with the polls of the eve. `national`:
    supplies the errors of parties that are too small to estimate.
    """
    eves = [_eve(name) for name in elections]
    ireland = [_ireland(name) for name in elections]

    def values(of: list[int]) -> dict[str, Any]:
        return _values([eves[e] for e in of]) | _ireland_sd([ireland[e] for e in of])

    every = range(len(elections))
    whole, fewer = values([*every]), [values(rest) for rest in without_each(every)]
    methods = {
        "national.response": "least squares of the nation's error on Great Britain's over "
        f"{', '.join(ERRING)}",
        "national.scotland_sd": "root mean square of what that leaves, less the variance that the "
        "polls' own number explains; Reform and Green, small in the past: judgement",
        "national.wales_sd": "as for Scotland",
        "national.northern_ireland_sd": "root mean square of the changes of those shares from the "
        "election before, for there are no polls; of parties that stood both times; TUV: judgement",
    }
    out = []
    for key, method in methods.items():
        value = dict(getattr(national, key.removeprefix("national.")).value)
        error = {}
        for name, found in whole[key].items():
            value[name] = round(found, 2)
            error[name] = round(jackknife(np.array([one[key][name] for one in fewer])), 2)
        out.append(ParameterEstimate(key, value, error, len(eves), 0, method))
    return out


def _eve(election: str) -> _Eve:
    found = estimate(day_of(election) - timedelta(days=1))
    result = read_shares(election).with_other()
    variance = np.einsum("apap->ap", found.covariance)
    return _Eve(100 * (result - found.shares), 100**2 * variance)


def _ireland(election: str) -> Floats:
    """Return the changes of shares in Northern Ireland [pp]; NaN unless a party stood twice."""
    shares = [
        nation_shares(read_election(name))[NORTHERN_IRELAND] for name in (PAIRS[election], election)
    ]
    return np.where(np.min(shares, axis=0) > 0, 100 * (shares[1] - shares[0]), np.nan)


def _ireland_sd(changes: list[Floats]) -> dict[str, Any]:
    columns = places(IRISH, BALLOT["Northern Ireland"])
    rms = np.sqrt(np.nanmean(np.square(changes)[:, columns], axis=0))
    return {"national.northern_ireland_sd": dict(zip(IRISH, rms.tolist(), strict=True))}


def _values(eves: list[_Eve]) -> dict[str, Any]:
    out: dict[str, Any] = {"national.response": {}}
    erring = places(ERRING, ESTIMATED)
    for a, nation in enumerate(AREAS[1:], start=1):
        britain = np.array([eve.error[0, erring] for eve in eves])
        own = np.array([eve.error[a, erring] for eve in eves])
        response = float(np.clip((britain * own).sum() / (britain**2).sum(), 0, 1))
        out["national.response"][nation] = response
        parties = [*ERRING, OWN_PARTY[nation]]
        chosen = places(parties, ESTIMATED)
        shared = np.array([response * eve.error[0] for eve in eves])[:, chosen]
        shared[:, -1] = 0  # the own party's error in Great Britain is that of its nation
        left = np.array([eve.error[a, chosen] for eve in eves]) - shared
        known = np.array([eve.variance[a, chosen] for eve in eves])
        squares = np.maximum((left**2 - known).mean(axis=0), LEAST_SD**2)
        sds = zip(parties, np.sqrt(squares).tolist(), strict=True)
        out[f"national.{nation.lower()}_sd"] = dict(sds)
    return out
