"""The parameters of council elections: every number with its source."""

from __future__ import annotations

from functools import cache

import numpy as np

from forecaster.arrays import Bools, Floats, Ints
from forecaster.config.parameters import (
    ByParty,
    Closed,
    Correlations,
    Fraction,
    Positive,
    Quantity,
)
from forecaster.config.toml import check, read_toml
from forecaster.councils.data import PARTIES
from forecaster.kernels import exact
from forecaster.plan.build import correlation_matrix
from forecaster.resources import root

EXPECTED_BEST = (0.0, 0.0, 0.5642, 0.8463, 1.0294, 1.1630)
"""Expectation of the largest of so many standard normals (Tippett, "On the extreme individuals and
the range of samples", *Biometrika* 17 (1925); half the mean range, d2 / 2, of control charts)."""

VARIANCE_BEST = (0.0, 1.0, 0.6817, 0.5595, 0.4917, 0.4475)
"""Variance of that largest one (Teichroew, "Tables of expected values of order statistics",
*Annals of Mathematical Statistics* 27 (1956))."""


LARGE = 3
"""Seats from which the candidates of a slate lie closer together."""


class BaseParameters(Closed):
    """What a ward starts from."""

    general_election: Quantity[Fraction]
    """Part of a ward's base that is the constituency's general election, if one lay between."""
    general_level: Quantity[Fraction]
    """Part of a place's expected shares that is the general election there, if one lay between."""
    poll_change: Quantity[Fraction]
    """Part of the polls' change that a place's shares follow, if none lay between."""


class ErrorParameters(Closed):
    """Errors by party, in units of ``sqrt(share (1 - share))``."""

    place: Quantity[ByParty]
    """Standard deviation of all councils of a kind around the polls."""
    council: Quantity[ByParty]
    """Of a council around its kind."""
    ward: Quantity[ByParty]
    """Of a ward around its council."""
    correlation: Quantity[Correlations]
    """Between the errors of two parties, by pair."""


class CandidateParameters(Closed):
    """How the candidates of one party differ."""

    spread: Quantity[ByParty]
    """Standard deviation of a candidate's part of the votes around the slate's mean, in units of
    ``sqrt(share)``, by party, in wards of one or two seats."""
    three: Quantity[Fraction]
    """Factor on `spread` in wards of three seats and more."""
    london: Quantity[Fraction]
    """Factor on `spread` in London boroughs."""
    joint: Quantity[Positive]
    """Factor on the odds that a freed vote arrives, if its party stays on the slate."""


class CouncilModel(Closed):
    """The parameters of council elections."""

    base: BaseParameters
    errors: ErrorParameters
    candidates: CandidateParameters

    def covariance_root(self, sd: ByParty) -> Floats:
        """Return what turns normals into errors of these deviations, shape (normal, party).

        The correlations come from different wards, so the matrix may have negative eigenvalues.
        These are set to zero, and the rest is rescaled to a diagonal of ones (Rebonato and Jäckel,
        *Journal of Risk* 2 (1999), section 3).
        """
        size = np.array([sd.get(party, 0.0) for party in PARTIES])
        matrix = correlation_matrix(PARTIES, self.errors.correlation.value)
        # No eigenvalue is below minus the number of parties, so that all of the sum are positive.
        values, vectors = exact.singular(matrix + len(PARTIES) * np.eye(len(PARTIES)))
        root = (vectors * np.sqrt(np.maximum(values - len(PARTIES), 0))).T
        return np.asarray(root / np.sqrt((root**2).sum(0)) * size)

    def with_joint(self, odds: float) -> CouncilModel:
        """Return the parameters with other odds on joint tickets."""
        joint = self.candidates.joint.model_copy(update={"value": odds})
        candidates = self.candidates.model_copy(update={"joint": joint})
        return self.model_copy(update={"candidates": candidates})

    def spreads(self, seats: Ints, in_london: Bools) -> Floats:
        """Return the spread of candidates in wards by seats and place, shape (ward, party)."""
        usual = np.array([self.candidates.spread.value[party] for party in PARTIES])
        factor = np.where(seats >= LARGE, self.candidates.three.value, 1.0)
        factor = factor * np.where(in_london, self.candidates.london.value, 1.0)
        return np.asarray(factor[:, None] * usual)


@cache
def council_model() -> CouncilModel:
    """Return the embedded parameters, ``configs/models/councils.toml``."""
    path = root() / "configs" / "models" / "councils.toml"
    return check(CouncilModel, read_toml(path), str(path))
