"""Every text can be read on its ground, and every party told apart without colour."""

import pytest

from forecaster.report.palette import (
    DARK,
    LIGHT,
    classes,
    contrast,
    mixed,
    text_on,
)
from forecaster.vocabulary import LETTERS, PARTIES, PARTY_COLOURS


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert mixed("#ff0000", 0.5, "#0000ff") == "#800080"


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_text_contrasts_with_every_ground(theme):
    grounds = [*classes(theme).values(), theme.empty]
    assert min(contrast(text_on(ground), ground) for ground in grounds) >= 4.5
    assert min(contrast(ink, theme.ground) for ink in (theme.ink, theme.muted)) >= 4.5


def test_every_party_has_a_colour_and_letters_of_its_own():
    assert set(PARTY_COLOURS) == set(LETTERS) == set(PARTIES)
    assert len(set(LETTERS.values())) == len(set(PARTY_COLOURS.values())) == len(PARTIES)
