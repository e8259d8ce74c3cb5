"""Colours of parties, of chances and of effects, on light and on dark ground.

Colour never stands alone: a party also has letters, an effect a sign. Text on a coloured ground is
black or white, whichever contrasts more; that is never less than 4.5 to 1 (WCAG 2.2, 1.4.3).
"""

from __future__ import annotations

from dataclasses import dataclass

from forecaster.answers.scores import BANDS
from forecaster.vocabulary import PARTIES, PARTY_COLOURS

STRENGTH = (1.0, 0.72, 0.48, 0.26)
"""Strength of the party's colour in each of `scores.BANDS`, from safe to toss-up."""

SEQUENCE = ("#5b3a8c", 0.06, 0.16, 0.3, 0.46, 0.64, 0.82, 1.0)
"""Colour of a chance, and its strength at each level of `layers.CHANCE_LEVELS`."""

GAIN, LOSS = "#4b3f99", "#b3540a"
"""Colours of a pact's gains and losses. No party has them, and colour-blind readers can tell them
apart."""

EFFECT = (1.0, 0.6, 0.3, 0.0, 0.3, 0.6, 1.0)
"""Strength of these colours at each level of `layers.EFFECT_LEVELS`, from loss to gain."""


@dataclass(frozen=True)
class Theme:
    """Ground, ink and lesser inks of a page or picture."""

    ground: str
    ink: str
    muted: str
    rule: str
    empty: str


LIGHT = Theme(ground="#ffffff", ink="#1b1f24", muted="#59616b", rule="#d5d9de", empty="#e9ecef")
DARK = Theme(ground="#14171c", ink="#e8eaed", muted="#a3abb5", rule="#3a4149", empty="#2a3038")


def mixed(colour: str, strength: float, ground: str) -> str:
    """Return a colour laid on a ground with some strength, 0 to 1."""
    pairs = zip(_channels(colour), _channels(ground), strict=True)
    return "#" + "".join(f"{round(strength * c + (1 - strength) * g):02x}" for c, g in pairs)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2, definition of contrast ratio)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def text_on(colour: str) -> str:
    """Return black or white, whichever contrasts more with a colour."""
    return max("#000000", "#ffffff", key=lambda text: contrast(text, colour))


def classes(theme: Theme) -> dict[str, str]:
    """Return the colour of every class: ``Lab-0`` (safe) to ``Lab-3``, ``c-0``…, ``e-0``…."""
    out = {
        f"{party}-{band}": mixed(PARTY_COLOURS[party], STRENGTH[band], theme.ground)
        for party in PARTIES
        for band in range(len(BANDS))
    }
    colour, *strengths = SEQUENCE
    bright = _visible(str(colour), theme)
    for level, strength in enumerate(strengths):
        out[f"c-{level}"] = mixed(bright, float(strength), theme.ground)
    for level, strength in enumerate(EFFECT):
        side = _visible(LOSS if level < len(EFFECT) // 2 else GAIN, theme)
        out[f"e-{level}"] = mixed(side, strength, theme.ground) if strength else theme.empty
    return out


def stylesheet(theme: Theme) -> str:
    """Return the rules of all classes: ground and text, in SVG and in HTML."""
    return "".join(
        f".{name}{{fill:{colour};background-color:{colour}}}"
        f".{name} text,.{name}.b{{fill:{text_on(colour)};color:{text_on(colour)}}}"
        for name, colour in classes(theme).items()
    )


def _visible(colour: str, theme: Theme) -> str:
    """Return a dark colour made lighter on dark ground."""
    return colour if theme is LIGHT else mixed("#ffffff", 0.35, colour)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (channel / 255 for channel in _channels(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
