"""Test vectors that the kernel, its plain twin and the page of pacts share.

``vectors.json`` holds random words and numbers, and seats whose votes were moved. The page is held
against it by ``tests/report/test_builder_browser.py``. If the model changes on purpose,
``python tests/kernels/test_vectors.py`` writes it anew.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from forecaster.kernels import engine, layout, random, reference_pacts
from forecaster.kernels import reference_random as twin
from forecaster.kernels.tally import empty_tally
from forecaster.plan.build import pack

FILE = Path(__file__).with_name("vectors.json")
SEED, COLUMNS, SEAT = 2**40 + 11, layout.COLUMNS, 0

SURE = [[2 * layout.NEVER, 0.0]] * 4
REFUSING = [[-1.2, 0.9], [-4.0, 0.6], *SURE[2:]]
MOVING = [*SURE[:2], [-0.5, 0.5], SURE[3]]
CAMPAIGN = [*SURE[:3], [-4.0, 0.4]]

SHARES = [0.23, 0.27, 0.19, 0.14, 0.09, 0.05, 0.03, 0.0, 0.0]

RATES = [
    {"donor": 1, "weight": [0.5, 0.2, 0.2, 0.1], "sd": [0.6, 0.5, 0.4], "seat_sd": 0.42},
    {"donor": 4, "weight": [0.8, 0.1, 0.1, 0.0], "sd": [0.0, 0.0, 0.0], "seat_sd": 0.0},
    {"donor": 3, "weight": [0.4, 0.3, 0.2, 0.1], "sd": [0.3, 0.3, 0.3], "seat_sd": 0.3},
]


def action(strength, flag, opponents, transfer=(), clarity=(), item=1):
    """What a pact does: donors by column, with their row of `RATES` or how clear it is to them."""
    rows, clear = dict(transfer), dict(clarity)
    return {
        "strength": strength,
        "item": item,
        "flag": flag,
        "opponents": [int(c in opponents) for c in range(COLUMNS)],
        "transfer": [rows.get(c, -1) for c in range(COLUMNS)],
        "clarity": [clear.get(c, 0.0) for c in range(COLUMNS)],
    }


ASIDE = action(REFUSING, 2, [0, 3], [(1, 0), (4, 1)])
CASES = {
    "stand-aside": [ASIDE],
    "all withdraw, nobody else opposes": [action(SURE, 2, [7], [(1, 0), (4, 1)])],
    "tactical": [action(MOVING, 1, [0, 3], clarity=[(2, 0.6), (4, 0.9)])],
    "campaign": [action(CAMPAIGN, 1, [0, 3])],
    "two pacts": [ASIDE, action(REFUSING, 0, [1, 2, 4], [(3, 2)], item=0)],
}


def pact_plan(actions):
    """The actions as a scenario of its own, every one of a pact of its own."""
    return pack(
        layout.PactPlan,
        {
            "scenarios": 2,
            "start": [0, len(actions)],
            "scenario": [1] * len(actions),
            "pact": range(len(actions)),
            "flag": [a["flag"] for a in actions],
            "transfer": [a["transfer"] for a in actions],
            "clarity": [a["clarity"] for a in actions],
            "opponents": [a["opponents"] for a in actions],
            "members": [[1 - x for x in a["opponents"]] for a in actions],
            "strength": [a["strength"] for a in actions],
            "luck": [a["item"] for a in actions],
            "transfer_weight": [r["weight"] for r in RATES],
            "transfer_sd": [r["sd"] for r in RATES],
            "transfer_seat_sd": [r["seat_sd"] for r in RATES],
            "transfer_donor": [r["donor"] for r in RATES],
        },
    )


def election():
    """One seat with `SHARES` and no error at all."""
    zero, shares = np.zeros((1, COLUMNS)), np.array([SHARES])
    square = np.zeros((1, COLUMNS, COLUMNS))
    fields = {
        "nation": [0], "region": [0], "party": [np.arange(COLUMNS)],
        "stands": shares > 0, "base": shares, "weight": [1.0],
        "nation_base": np.maximum(shares, 1e-6), "nation_weak": np.minimum(shares, 0.2),
        "swings": np.ones((1, COLUMNS)), "target": shares, "target_floor": zero,
        "target_loading": np.zeros((1, COLUMNS, 4)), "target_dof": 0, "rule": layout.MIXTURE,
        "rakes": 3, "weak_threshold": 0.2, "lambda_row": [np.arange(COLUMNS)],
        "lambda_mean": [1, 1], "lambda_sd": [0, 0], "lambda_bounds": [[0, 1], [0, 1]],
        "covariates": np.zeros((1, 1)), "slope_cholesky": square[:, None],
        "slope_centre": np.zeros((1, COLUMNS, 1)), "region_cholesky": square,
        "region_nation": [0], "region_centre": zero, "offset": zero, "sitting": zero,
        "sitting_centre": zero, "incumbency_sd": zero, "strength_sd": zero,
        "size": np.ones((1, COLUMNS)),
        "seat_cholesky": square, "seat_dof": 0, "seat_spread": 0.0, "share_floor": 1e-6,
        "win_factor": np.ones((1, COLUMNS)), "tactical_best": [-1], "tactical_bloc": [0],
        "tactical_clarity": zero, "tactical_kappa": np.zeros((1, 4)),
    }  # fmt: skip
    return pack(layout.KernelPlan, fields)


def made():
    """Return all vectors as the twin has them."""
    counters = [[0] * 4, [7, 0, 3 * 256 + 1, 11], [0xFFFFFFFF, 0, 0x243F6A88, 5]]
    keys = [[0, 0], [SEED & 0xFFFFFFFF, SEED >> 32], [0xA4093822, 0x299F31D0]]
    moves = []
    for name, actions in CASES.items():
        for draw in (3, 19, 38, 54):  # of every turn
            moved, lost = reference_pacts.move_votes(
                election(), pact_plan(actions), np.array(SHARES), SEAT, 1, SEED, draw
            )
            moves.append(
                {"name": name, "draw": draw, "actions": actions}
                | {"moved": moved.tolist(), "lost": float(lost)}
            )
    luck = [
        {"draw": draw, "seat": seat, "z": z.tolist(), "lots": lots.tolist()}
        for draw, seat in ((3, 0), (19, 649), (38, 5), (118, 17))
        for z, lots in [twin.luck(COLUMNS, SEED, draw, seat)]
    ]
    factors = [
        {"draw": draw, "item": item, "stream": stream, "z": z.tolist()}
        for draw, item, stream in ((3, 1, random.PACTS), (70, 4, random.TRANSFERS))
        for z in [twin.factors(4, SEED, draw, item, stream)]
    ]
    return {
        "seed": keys[1],
        "fours": layout.FOURS,
        "order": random.luck_order(COLUMNS),
        "streams": [random.PACTS, random.TRANSFERS, random.SEAT_TRANSFERS],
        "threefry": [
            {"counter": counter, "key": key, "words": twin.threefry(counter, [*key, 0, 0])}
            for counter, key in zip(counters, keys, strict=True)
        ],
        "factors": factors,
        "luck": luck,
        "shares": SHARES,
        "rates": RATES,
        "moves": moves,
    }


@pytest.fixture(scope="module")
def vectors():
    return json.loads(FILE.read_text(encoding="utf-8"))


def flat(value):
    """Return all numbers of a document, in order."""
    if isinstance(value, dict | list):
        parts = value.values() if isinstance(value, dict) else value
        return [x for part in parts for x in flat(part)]
    return [value] if isinstance(value, int | float) else []


def test_the_twin_gives_the_vectors(vectors):
    assert flat(made()) == pytest.approx(flat(vectors), rel=1e-12, abs=1e-12)


def test_the_kernel_gives_the_words(vectors, each):
    def threefry(*x):
        return random.threefry(list(x[:4]), x[4], x[5])

    given = [[*case["counter"], *case["key"]] for case in vectors["threefry"]]
    found = each(threefry, *np.array(given, np.uint32).T, results=4)
    assert found.T.tolist() == [case["words"] for case in vectors["threefry"]]


def test_the_kernel_moves_votes_as_the_vectors_say(vectors):
    plan, seeds = election(), random.independent(SEED)
    nothing = np.zeros((0, 1, COLUMNS), np.int32)
    tragedies = layout.TragedyPlan(nothing, nothing, nothing)
    for case in vectors["moves"]:
        pacts = pact_plan(case["actions"])
        tally = empty_tally(plan, pacts, tragedies, 1)
        engine.simulate(plan, pacts, tragedies, seeds, case["draw"], 1, tally)
        found = tally.share_sum[1, 0] / layout.SHARE_UNIT
        expected = np.array(case["moved"]) / (1 - case["lost"])
        np.testing.assert_allclose(found, expected, atol=1e-5, err_msg=case["name"])


if __name__ == "__main__":
    FILE.write_text(json.dumps(made(), indent=1) + "\n", encoding="utf-8")
