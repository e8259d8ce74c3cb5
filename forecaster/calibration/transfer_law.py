"""The law of transfers: a model that combines all kinds of evidence on transfer rates.

It is a nonlinear mixed model with known sampling errors. The log-odds of a rate are

``relation + donor + rate + rate against an opponent + bias of the kind + the kind's own
difference for this rate + period``

The relation (to the donor's own side, to the other side, stays at home, to others) is a fixed
effect; all others are random effects with estimated variances. A rate is thus pooled towards its
donor's mean, and a rate against one opponent towards the general one. Northern Ireland has means,
biases and a variance of rates of its own; biases have one variance each for the own side, the other
side and home; differences have one for each kind. Nobody knows which kind of evidence is right, so
the next pact is drawn as if it were a new kind in a new period.

The likelihood is linearised at the conditional modes (Lindstrom and Bates, Biometrics 46, 1990,
p. 673), the variances are those of REML with the penalty that keeps a standard deviation off zero
(Chung, Rabe-Hesketh, Dorie, Gelman and Liu, Psychometrika 78, 2013, p. 685), and a rate is
predicted by its best linear unbiased predictor (Robinson, Statistical Science 6, 1991, p. 15).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize
from scipy.special import expit, logit

from forecaster.arrays import Floats, Ints
from forecaster.calibration.transfer_evidence import HOME, KINDS, OTHER, Piece, pieces
from forecaster.columns import table_of
from forecaster.table import Table

RELATIONS = ("own side", "other side", "home", "others")
LEVELS = (*RELATIONS, *(f"{name}, Northern Ireland" for name in RELATIONS))
SIDES = (
    ("Lab", "LD", "Green", "SNP", "PC"),
    ("Con", "Reform"),
    ("DUP", "UUP", "TUV"),
    ("SF", "SDLP", "Alliance"),
)
"""Parties that have stood aside for each other or are asked to. They only decide which mean a rate
is pooled towards."""

TRUE = ("donor", "rate", "rate, Northern Ireland", "opponent")
"""Terms that belong to the true rate; the others belong to the evidence."""

FAR_SIDES = SIDES[2] + SIDES[3]
"""Parties of Northern Ireland, whose rates differ far more from each other."""

FURTHEST = 6.0
"""Largest log-odds of a rate."""

ROUNDS, CLOSE = 60, 1e-4
"""Most rounds of linearisation, and the change of log-odds at which they stop."""


def side_of(party: str) -> tuple[str, ...]:
    """Return the parties of a party's side, or only itself if it has none."""
    return next((side for side in SIDES if party in side), (party,))


def relation(donor: str, to: str) -> str:
    """Return the relation of a recipient to a donor, one of `RELATIONS`."""
    if to in (HOME, OTHER):
        return "home" if to == HOME else "others"
    return "own side" if to in side_of(donor) else "other side"


@dataclass(frozen=True)
class Rate:
    """A rate to be predicted; `to` is None for any recipient of the donor's own side."""

    donor: str
    to: str | None
    against: str | None = None


@dataclass(frozen=True)
class TransferLaw:
    """The fitted model; private fields are the linearised model of the pieces at its mode."""

    pieces: tuple[Piece, ...]
    sd: dict[str, float]
    """Standard deviation of every term, in log-odds."""
    fixed: dict[str, float]
    """Log-odds of every level."""
    fixed_error: dict[str, float]
    bias: dict[tuple[str, str], float]
    """Bias of a kind for a level, in log-odds."""
    _design: Floats
    _labels: dict[str, list[str]]
    """Levels of the random terms."""
    _working: Floats
    _inverse: Floats
    """Of the covariance of the pieces."""

    def predict(self, rates: Sequence[Rate]) -> tuple[Floats, Floats]:
        """Return mean and covariance of log-odds of rates, without effects of kind and period."""
        names = [_level(r) for r in rates]
        labels = _true_labels(rates, names)
        labels["opponent"] = [f"{r.donor} {r.to} {r.against}" for r in rates]
        design = np.array([[name == one for one in LEVELS] for name in names], float)
        terms = [t for t in TRUE if t in self.sd]
        with_data = sum(self.sd[t] ** 2 * _same(labels[t], self._labels[t]) for t in terms)
        own = sum(self.sd[t] ** 2 * _same(labels[t], labels[t]) for t in terms)
        beta, error = _fixed(self._design, self._inverse, self._working)
        pull = with_data @ self._inverse
        mean = design @ beta + pull @ (self._working - self._design @ beta)
        rest = design - pull @ self._design
        return mean, own - pull @ np.transpose(with_data) + rest @ error @ rest.T

    def draw(self, rates: Sequence[Rate], draws: int, seed: int) -> Floats:
        """Draw rates for a pact at a new general election, shape ``(draw, rate)``."""
        random = np.random.default_rng(seed)
        mean, covariance = self.predict(rates)
        names = [_level(r) for r in rates]
        bias = np.array([self.sd[_bias(name)] ** 2 for name in names])
        covariance = covariance + bias * _same(names, names)
        kinds = [self.sd[kind] ** 2 for kind in KINDS if kind in self.sd]
        new = np.mean(kinds) + self.sd["period"] ** 2
        covariance += new * np.eye(len(rates))
        normal = random.standard_normal((draws, len(rates)))
        return np.asarray(expit(mean + normal @ np.linalg.cholesky(covariance).T))


def fit_law(evidence: Sequence[Piece]) -> TransferLaw:
    """Estimate the law of transfers from pieces of evidence."""
    names = [_level(p) for p in evidence]
    design = np.array([[name == one for one in LEVELS] for name in names], float)
    used = [k for k in range(len(LEVELS)) if design[:, k].any()]
    labels = _labels(evidence, names)
    pairs = [np.flatnonzero(_same(own, own)) for own in labels.values()]
    rate, error = (np.array([getattr(p, k) for p in evidence]) for k in ("rate", "error"))
    at, start = logit(np.clip(rate, 0.03, 0.97)), np.full(len(labels), np.log(0.1))
    for _ in range(ROUNDS):
        slope = expit(at) * expit(-at)
        working, noise = at + (rate - expit(at)) / slope, (error / slope) ** 2
        start = _variances(design[:, used], pairs, working, noise, start)
        total = _covariance(pairs, np.exp(start), noise)
        inverse = np.asarray(np.linalg.inv(total), float)
        beta, covariance = _fixed(design, inverse, working)
        left = inverse @ (working - design @ beta)
        fitted = working - noise * left
        moved, at = at, np.clip(fitted, -FURTHEST, FURTHEST)
        if np.abs(moved - at).max() < CLOSE:
            break
    sd = dict(zip(labels, np.exp(start / 2).tolist(), strict=True))
    return TransferLaw(
        tuple(evidence),
        sd,
        dict(zip(LEVELS, beta.tolist(), strict=True)),
        dict(zip(LEVELS, np.sqrt(np.diag(covariance)).tolist(), strict=True)),
        _biases(evidence, names, sd, left),
        design,
        labels,
        working,
        inverse,
    )


def _level(rate: Rate | Piece) -> str:
    """Return the level of a rate's fixed effect, one of `LEVELS`."""
    name = "own side" if rate.to is None else relation(rate.donor, rate.to)
    return f"{name}, Northern Ireland" if rate.donor in FAR_SIDES else name


def _bias(name: str) -> str:
    """Return the bias term of a relation; "others", with few pieces, shares the other side's."""
    name = name.split(",")[0]
    return f"bias, {'other side' if name == 'others' else name}"


def _biases(
    pieces: Sequence[Piece], relations: list[str], sd: dict[str, float], left: Floats
) -> dict[tuple[str, str], float]:
    """Return the predicted bias of every kind for every relation that it has evidence on."""
    out: dict[tuple[str, str], float] = {}
    for piece, name, one in zip(pieces, relations, left, strict=True):
        key = piece.kind, name
        out[key] = out.get(key, 0.0) + sd[_bias(name)] ** 2 * float(one)
    return out


def _labels(pieces: Sequence[Piece], relations: list[str]) -> dict[str, list[str]]:
    """Return the level of every piece in every random term; empty if the term does not apply."""
    rates = [f"{p.donor} {p.to}" for p in pieces]
    every = _true_labels(pieces, relations) | {
        "opponent": [f"{p.donor} {p.to} {p.against}" if p.against else "" for p in pieces],
        "period": [f"{p.kind} {p.donor} {p.to} {p.period}" for p in pieces],
    }
    biases = [f"{p.kind} {name}" for p, name in zip(pieces, relations, strict=True)]
    for term in map(_bias, RELATIONS):
        every[term] = np.where([_bias(name) == term for name in relations], biases, "").tolist()
    for kind in KINDS:
        every[kind] = np.where([p.kind == kind for p in pieces], rates, "").tolist()
    return {term: own for term, own in every.items() if any(own)}


def _true_labels(rates: Sequence[Rate | Piece], relations: list[str]) -> dict[str, list[str]]:
    """Return the levels of donor and rate; the latter has a term of its own in Northern Ireland."""
    far = [r.donor in FAR_SIDES for r in rates]
    names = [f"{r.donor} {r.to}" for r in rates]
    return {
        "donor": [f"{r.donor} {name}" for r, name in zip(rates, relations, strict=True)],
        "rate": np.where(far, "", names).tolist(),
        "rate, Northern Ireland": np.where(far, names, "").tolist(),
    }


def _same(one: list[str], other: list[str]) -> Floats:
    """Return a matrix with 1 where two levels are the same and not empty."""
    rows, columns = np.array(one)[:, None], np.array(other)
    return np.asarray((rows == columns) & (rows != ""), float)


def _fixed(design: Floats, inverse: Floats, working: Floats) -> tuple[Floats, Floats]:
    """Return the fixed effects by generalised least squares, and their covariance."""
    covariance = np.asarray(np.linalg.pinv(design.T @ inverse @ design), float)
    return covariance @ design.T @ inverse @ working, covariance


def _covariance(pairs: list[Ints], variances: Floats, noise: Floats) -> Floats:
    """Return the covariance of all pieces; `pairs` are flat indices of equal levels of a term."""
    total = np.diag(noise).ravel()
    for variance, own in zip(variances, pairs, strict=True):
        total[own] += variance
    return total.reshape(len(noise), -1)


def _variances(
    design: Floats, pairs: list[Ints], working: Floats, noise: Floats, start: Floats
) -> Floats:
    """Return the logarithms of the variances that maximise the penalised restricted likelihood."""

    def deviance(logs: Floats) -> tuple[float, Floats]:
        factor = cho_factor(_covariance(pairs, np.exp(logs), noise), lower=True)
        inverse = cho_solve(factor, np.eye(len(noise)))
        information = design.T @ inverse @ design
        half = inverse @ design
        projected = inverse - half @ np.linalg.solve(information, half.T)
        left = projected @ working
        value = 2 * np.log(np.diag(factor[0])).sum() + np.linalg.slogdet(information)[1]
        slope = (projected - np.outer(left, left)).ravel()
        slopes = np.array([slope[own].sum() for own in pairs])
        return float(value + working @ left - logs.sum()), np.exp(logs) * slopes - 1

    limits, few = [(-10, 3)] * len(pairs), {"maxiter": 8}
    return np.asarray(
        minimize(deviance, start, jac=True, method="L-BFGS-B", bounds=limits, options=few).x
    )


def kinds_table() -> Table:
    """Return a row per kind of evidence: its mean rates according to the law of transfers."""
    law = fit_law(pieces())
    rows = [
        {
            "kind": kind,
            "pieces": sum(p.kind == kind for p in law.pieces),
            **{
                name: float(expit(law.fixed[name] + bias)) if bias is not None else None
                for name in RELATIONS
                for bias in [law.bias.get((kind, name))]
            },
            "sd": law.sd.get(kind),
        }
        for kind in KINDS
    ]
    rest = {term: sd for term, sd in law.sd.items() if term not in KINDS}
    mean = {name: float(expit(law.fixed[name])) for name in RELATIONS}
    rows.append({"kind": "all", "pieces": len(law.pieces), **mean, "sd": None})
    return table_of(
        "Where votes go, by kind of evidence",
        "kind | pieces:integer | own side:share=To own side | other side:share=To other side | "
        "home:share=At home | others:share=To others | sd=SD of rates",
        rows,
        "Mean rate to a party of each relation as the kind shows it; all: without any kind's "
        "bias. SD: how far a kind differs from the others in a single rate, in log-odds.",
        "Other standard deviations, in log-odds: "
        + ", ".join(f"{term} {sd:.2f}" for term, sd in rest.items())
        + ".",
    )
