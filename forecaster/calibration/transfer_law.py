"""The law of transfers: what all kinds of evidence together say of every rate.

A nonlinear mixed model with known sampling errors. The log-odds of a rate are

``relation + donor + rate + rate against an opponent + bias of the kind + the kind's own
difference for this rate + period``

where the relation (to the donor's own side, to the other side, stays at home, to others) is fixed
and all else is drawn from normal distributions whose variances are estimated: partial pooling of a
rate towards its donor's mean, and of what is known about one opponent towards any. Each kind has
its own variance of differences; biases share one. Which kind tells the truth nobody knows, so the
next pact is a new kind, in a new election.

The likelihood is linearised at the conditional modes (Lindstrom and Bates, Biometrics 46, 1990,
p. 673), the variances are those of REML with the penalty that keeps a standard deviation off zero
(Chung, Rabe-Hesketh, Dorie, Gelman and Liu, Psychometrika 78, 2013, p. 685), and a rate is predicted
by its best linear unbiased predictor (Robinson, Statistical Science 6, 1991, p. 15).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize
from scipy.special import expit, logit

from forecaster.arrays import Bools, Floats
from forecaster.calibration.transfer_evidence import HOME, KINDS, OTHER, Piece

RELATIONS = ("own side", "other side", "home", "others")
SIDES = (
    ("Lab", "LD", "Green", "SNP", "PC"),
    ("Con", "Reform"),
    ("DUP", "UUP", "TUV"),
    ("SF", "SDLP", "Alliance"),
)
"""Who has stood aside for whom, or is asked to: only what a rate is pooled towards hangs on it."""

TRUE = ("donor", "rate", "opponent")
"""Terms in which rates truly differ; the others are of the evidence."""

FURTHEST = 6.0
"""Log-odds beyond which a rate is zero or one."""

ROUNDS, CLOSE = 60, 1e-4


def side_of(party: str) -> tuple[str, ...]:
    """Return the parties of a party's side; itself if it is of none."""
    return next((side for side in SIDES if party in side), (party,))


def relation(donor: str, to: str) -> str:
    """Return how a recipient stands to a donor: one of `RELATIONS`."""
    if to in (HOME, OTHER):
        return "home" if to == HOME else "others"
    return "own side" if to in side_of(donor) else "other side"


@dataclass(frozen=True)
class Rate:
    """A rate to be predicted; `to` None: any recipient of the donor's own side."""

    donor: str
    to: str | None
    against: str | None = None


@dataclass(frozen=True)
class TransferLaw:
    """The fitted model.

    Attributes
    ----------
    pieces : tuple of Piece
    sd : dict of str to float
        Standard deviation of every term, in log-odds.
    fixed, fixed_error : dict of str to float
        Log-odds of every relation.
    bias : dict of (str, str) to float
        Bias of a kind for a relation, in log-odds.
    """

    pieces: tuple[Piece, ...]
    sd: dict[str, float]
    fixed: dict[str, float]
    fixed_error: dict[str, float]
    bias: dict[tuple[str, str], float]
    _design: Floats
    _labels: dict[str, list[str]]
    _working: Floats
    _inverse: Floats

    def predict(self, rates: Sequence[Rate]) -> tuple[Floats, Floats]:
        """Return the mean log-odds of rates and their covariance, for no election in particular."""
        labels = {
            "donor": [f"{r.donor} {_relation(r)}" for r in rates],
            "rate": [f"{r.donor} {r.to}" for r in rates],
            "opponent": [f"{r.donor} {r.to} {r.against}" for r in rates],
        }
        design = np.array([[_relation(r) == one for one in RELATIONS] for r in rates], float)
        with_data = sum(
            self.sd[t] ** 2 * _same(labels[t], self._labels[t]).astype(float) for t in TRUE
        )
        own = sum(self.sd[t] ** 2 * _same(labels[t], labels[t]).astype(float) for t in TRUE)
        beta, error = _fixed(self._design, self._inverse, self._working)
        pull = with_data @ self._inverse
        mean = design @ beta + pull @ (self._working - self._design @ beta)
        rest = design - pull @ self._design
        return mean, own - pull @ np.transpose(with_data) + rest @ error @ rest.T

    def draw(self, rates: Sequence[Rate], draws: int, seed: int) -> Floats:
        """Draw rates as a pact at a new general election meets them, shape ``(draw, rate)``."""
        random = np.random.default_rng(seed)
        mean, covariance = self.predict(rates)
        names = [_relation(r) for r in rates]
        covariance = covariance + self.sd["bias"] ** 2 * _same(names, names)
        kinds = [self.sd[kind] ** 2 for kind in KINDS if kind in self.sd]
        new = np.mean(kinds) + self.sd["period"] ** 2
        covariance += new * np.eye(len(rates))
        normal = random.standard_normal((draws, len(rates)))
        return np.asarray(expit(mean + normal @ np.linalg.cholesky(covariance).T))


def fit_law(pieces: Sequence[Piece]) -> TransferLaw:
    """Estimate the law of transfers from pieces of evidence."""
    names = [relation(p.donor, p.to) for p in pieces]
    design = np.array([[name == one for one in RELATIONS] for name in names], float)
    used = [k for k in range(len(RELATIONS)) if design[:, k].any()]
    labels = _labels(pieces, names)
    same = {term: _same(own, own).astype(float) for term, own in labels.items()}
    rate, error = (np.array([getattr(p, k) for p in pieces]) for k in ("rate", "error"))
    at, start = logit(np.clip(rate, 0.03, 0.97)), np.full(len(same), np.log(0.1))
    for _ in range(ROUNDS):
        slope = expit(at) * expit(-at)
        working, noise = at + (rate - expit(at)) / slope, (error / slope) ** 2
        start = _variances(design[:, used], list(same.values()), working, noise, start)
        true = np.tensordot(np.exp(start), np.array(list(same.values())), 1)
        inverse = np.linalg.inv(true + np.diag(noise))
        beta, covariance = _fixed(design, inverse, working)
        left = inverse @ (working - design @ beta)
        moved, at = at, np.clip(design @ beta + true @ left, -FURTHEST, FURTHEST)
        if np.abs(moved - at).max() < CLOSE:
            break
    sd = dict(zip(same, np.exp(start / 2).tolist(), strict=True))
    of = {(p.kind, name): label for p, name, label in zip(pieces, names, labels["bias"], strict=True)}
    return TransferLaw(
        tuple(pieces),
        sd,
        dict(zip(RELATIONS, beta.tolist(), strict=True)),
        dict(zip(RELATIONS, np.sqrt(np.diag(covariance)).tolist(), strict=True)),
        {
            key: float(sd["bias"] ** 2 * left[np.array(labels["bias"]) == label].sum())
            for key, label in of.items()
        },
        design,
        labels,
        working,
        inverse,
    )


def _relation(rate: Rate) -> str:
    return "own side" if rate.to is None else relation(rate.donor, rate.to)


def _labels(pieces: Sequence[Piece], relations: list[str]) -> dict[str, list[str]]:
    """Return the level of every piece in every random term; empty where it has none."""
    both = [f"{p.donor} {p.to}" for p in pieces]
    return {
        "donor": [f"{p.donor} {name}" for p, name in zip(pieces, relations, strict=True)],
        "rate": both,
        "opponent": [f"{p.donor} {p.to} {p.against}" if p.against else "" for p in pieces],
        "bias": [f"{p.kind} {name}" for p, name in zip(pieces, relations, strict=True)],
        "period": [f"{p.kind} {p.donor} {p.to} {p.period}" for p in pieces],
        **{
            kind: [rate if p.kind == kind else "" for p, rate in zip(pieces, both, strict=True)]
            for kind in KINDS
            if any(p.kind == kind for p in pieces)
        },
    }


def _same(one: list[str], other: list[str]) -> Bools:
    rows, columns = np.array(one)[:, None], np.array(other)
    return np.asarray((rows == columns) & (rows != ""))


def _fixed(design: Floats, inverse: Floats, working: Floats) -> tuple[Floats, Floats]:
    """Return the fixed effects by generalised least squares, and their covariance."""
    covariance = np.linalg.pinv(design.T @ inverse @ design)
    return covariance @ design.T @ inverse @ working, covariance


def _variances(
    design: Floats, same: list[Floats], working: Floats, noise: Floats, start: Floats
) -> Floats:
    """Return the logarithms of the variances that maximise the penalised restricted likelihood."""

    def deviance(logs: Floats) -> tuple[float, Floats]:
        variances = np.exp(logs)
        total = np.diag(noise)
        for variance, one in zip(variances, same, strict=True):
            total = total + variance * one
        factor = cho_factor(total, lower=True)
        inverse = cho_solve(factor, np.eye(len(total)))
        information = design.T @ inverse @ design
        half = inverse @ design
        projected = inverse - half @ np.linalg.solve(information, half.T)
        left = projected @ working
        value = 2 * np.log(np.diag(factor[0])).sum() + np.linalg.slogdet(information)[1]
        slopes = [(projected * one).sum() - left @ one @ left for one in same]
        return float(value + working @ left - logs.sum()), variances * slopes - 1

    found = minimize(
        deviance, start, jac=True, method="L-BFGS-B", bounds=[(-10, 3)] * len(same)
    )
    return np.asarray(found.x)
