"""The page of a run of councils says what its draws say."""

import re

import numpy as np
import pytest

import forecaster
from forecaster.councils.data import PARTIES


@pytest.fixture(scope="module")
def run():
    return forecaster.simulate_councils(
        "wandsworth-2026", pacts=["progressive"], swing="none", draws=512
    )


def test_parties_and_sides_stand_beside_each_other_with_and_without_the_pact(run, tmp_path):
    page = run.report(tmp_path / "page.html").read_text("utf-8")
    won = run._run.won[:, :, 0].astype(int)
    side = won[..., [PARTIES.index(party) for party in ("Lab", "LD", "Green")]].sum(-1)
    (row,) = re.findall(r'<th scope="row">Lab \+ LD \+ Green</th>(.*?)</tr>', page)
    shown = re.sub("<[^>]+>", " ", row).split()
    assert shown[0] == f"{np.median(side[:, 0]):.0f}"
    at = shown.index("fewer")
    assert shown[at + 1].strip("<") == f"{max(1, 100 * (side[:, 1] < side[:, 0]).mean()):.0f}"
    assert float(shown[-1].replace("−", "-")) == pytest.approx(np.diff(side).mean(), abs=0.06)
    assert "With the pact “Lab + LD + Green, slates best-placed”" in page
    assert "<script" not in page
