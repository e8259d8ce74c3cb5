"""Elements of SVG, pictures for a page, and slides."""

from __future__ import annotations

from html import escape
from typing import Any

from forecaster.report.palette import LIGHT, Theme, stylesheet

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"


def tag(name: str, content: str = "", /, **attributes: Any) -> str:
    """Return an element; an attribute's underscores become hyphens, ``class_`` is ``class``."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_number(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def text(content: str, x: float, y: float, **attributes: object) -> str:
    """Return a line of text."""
    return tag("text", escape(content, quote=False), x=x, y=y, **attributes)


def line(x1: float, y1: float, x2: float, y2: float, **attributes: object) -> str:
    """Return a straight line."""
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, **attributes)


def picture(body: str, width: float, height: float, title: str, **attributes: object) -> str:
    """Return a picture for a page; `title` is what a screen reader says instead of it."""
    box = f"0 0 {_number(width)} {_number(height)}"
    return tag("svg", body, viewBox=box, role="img", aria_label=title, **attributes)


def strokes(theme: Theme) -> str:
    """Return the rules of the lines and texts of all pictures."""
    return (
        f".ink{{fill:{theme.ink}}}.muted{{fill:{theme.muted}}}"
        f".rule{{stroke:{theme.rule};fill:none}}"
        f".mark{{stroke:{theme.ink};fill:none}}.dot{{fill:{theme.ink}}}"
        f".halo{{fill:{theme.ink};stroke:{theme.ground};"
        "stroke-width:3px;paint-order:stroke;stroke-linejoin:round}"
        f"#hex,[data-i] path{{stroke:{theme.muted};stroke-width:.5}}"
    )


SLIDE_MARGIN, SLIDE_TOP, NOTE = 48, 96, 24
"""Margins of a slide on both sides of the picture and above it, and the height of a note below."""


def room(notes: int) -> tuple[int, int]:
    """Return width and height that a slide with so many notes leaves to its picture."""
    return 1600 - 2 * SLIDE_MARGIN, 900 - SLIDE_TOP - 40 - NOTE * notes


def slide(body: str, width: float, height: float, title: str, notes: list[str]) -> str:
    """Return a picture on its own, with title and notes, at the size of a slide (16 to 9)."""
    box = f"0 0 {_number(width)} {_number(height)}"
    across, down = room(len(notes))
    # A bold letter is some 0.62 of its size wide: a long title gets smaller ones.
    letters = min(34, across / (0.62 * max(len(title), 1)))
    parts = [
        tag("style", stylesheet(LIGHT) + strokes(LIGHT)),
        tag("rect", width=1600, height=900, fill=LIGHT.ground),
        text(title, SLIDE_MARGIN, 62, class_="ink", font_size=letters, font_weight="bold"),
        tag("svg", body, x=SLIDE_MARGIN, y=SLIDE_TOP, width=across, height=down, viewBox=box),
    ]
    for i, note in enumerate(notes):
        y = 900 - NOTE * (len(notes) - i)
        parts.append(text(note, SLIDE_MARGIN, y, class_="muted", font_size=17))
    size: dict[str, Any] = {"viewBox": "0 0 1600 900", "width": 1600, "height": 900}
    about = {"font_family": FONT, "role": "img", "aria_label": title}
    return tag("svg", "".join(parts), xmlns="http://www.w3.org/2000/svg", **size, **about)


def _number(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return str(value)
