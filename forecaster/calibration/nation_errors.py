"""How far Scotland and Wales lie from their polls: with Great Britain, and alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np

from forecaster.arrays import Floats
from forecaster.calibration.estimate import Estimate
from forecaster.calibration.laws import jackknife
from forecaster.config.parameters import NationalParameters
from forecaster.polls.data import AREAS, OWN, THREE, day_of, read_shares
from forecaster.polls.model import ESTIMATED, estimate

ERRING = THREE
"""Parties whose error in Great Britain a nation shares, and which were large enough in it to learn
its own error from; those of Reform and the Greens were a few points."""

LEAST_SD = 0.5
"""No share of a nation is known better than this [pp] (judgement)."""


@dataclass(frozen=True)
class _Eve:
    """Result minus what the polls said on the eve, and its variance by the poll model [pp]."""

    error: Floats  # (area, party)
    variance: Floats  # (area, party)


def calibrate_nations(elections: list[str], national: NationalParameters) -> list[Estimate]:
    """Estimate the part that nations take in Great Britain's error, and their own error.

    Parameters
    ----------
    elections : list of str
        Whose results and polls of the eve are compared.
    national : NationalParameters
        Supplies the own errors of parties too small to estimate them.

    Returns
    -------
    list of Estimate
        ``national.response``, ``national.scotland_sd`` and ``national.wales_sd``; standard errors
        by leaving out each election in turn.
    """
    eves = [_eve(name) for name in elections]
    whole = _values(eves)
    fewer = [_values(eves[:e] + eves[e + 1 :]) for e in range(len(eves))]
    methods = {
        "national.response": "least squares of the nation's error on Great Britain's over "
        f"{', '.join(ERRING)}",
        "national.scotland_sd": "root mean square of what that leaves, less the variance that the "
        "polls' own number explains; Reform and Green, small in the past: judgement",
        "national.wales_sd": "as for Scotland",
    }
    kept = {
        "national.response": {},
        "national.scotland_sd": national.scotland_sd.value,
        "national.wales_sd": national.wales_sd.value,
    }
    return [
        Estimate(
            key,
            {**kept[key], **{name: round(value, 2) for name, value in whole[key].items()}},
            {
                name: round(jackknife(np.array([one[key][name] for one in fewer])), 2)
                for name in whole[key]
            },
            len(eves),
            0,
            method,
        )
        for key, method in methods.items()
    ]


def _eve(election: str) -> _Eve:
    found = estimate(day_of(election) - timedelta(days=1))
    shares = read_shares(election).shares
    result = np.hstack([shares, 1 - shares.sum(axis=1, keepdims=True)])
    return _Eve(100 * (result - found.shares), (100 * found.sd()) ** 2)


def _values(eves: list[_Eve]) -> dict[str, Any]:
    out: dict[str, Any] = {"national.response": {}}
    erring = [ESTIMATED.index(party) for party in ERRING]
    for a, nation in enumerate(AREAS[1:], start=1):
        britain = np.array([eve.error[0, erring] for eve in eves])
        own = np.array([eve.error[a, erring] for eve in eves])
        response = float(np.clip((britain * own).sum() / (britain**2).sum(), 0, 1))
        out["national.response"][nation] = response
        parties = [*ERRING, OWN[nation]]
        places = [ESTIMATED.index(party) for party in parties]
        shared = np.array([response * eve.error[0] for eve in eves])[:, places]
        shared[:, -1] = 0  # the nation's own party has no error in Great Britain apart from it
        left = np.array([eve.error[a, places] for eve in eves]) - shared
        known = np.array([eve.variance[a, places] for eve in eves])
        squares = np.maximum((left**2 - known).mean(axis=0), LEAST_SD**2)
        sds = zip(parties, np.sqrt(squares).tolist(), strict=True)
        out[f"national.{nation.lower()}_sd"] = dict(sds)
    return out
