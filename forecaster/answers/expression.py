"""A small language for what may happen in an election, read and evaluated without ``eval``.

::

    condition   conjunction {"or" conjunction}
    conjunction negation {"and" negation}
    negation    "not" negation | comparison
    comparison  sum [("<" | "<=" | ">" | ">=" | "==" | "!=") sum]
    sum         term {("+" | "-") term}
    term        number ["%"] | text | name {"." word | "[" text "]"} | "(" condition ")"

Names: ``seats.PARTY``, ``share.AREA.PARTY`` and ``winner['Seat']``. Every value is an array over
the draws.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from forecaster.arrays import Bools
from forecaster.errors import ConfigError
from forecaster.vocabulary import suggest

TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>\d+(?:\.\d+)?)
    | (?P<text>'[^']*'|"[^"]*")
    | (?P<word>[^\W\d]\w*)
    | (?P<sign><=|>=|==|!=|[<>+\-().\[\]%])
    )""",
    re.VERBOSE,
)

COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
}

KINDS = {
    "seats": "a number of seats",
    "share": "a share",
    "party": "a party",
    "text": "a text",
    "truth": "a condition",
}


class Draws(Protocol):
    """What the names of an expression stand for, an array over the draws each."""

    def seats(self, party: str) -> Any:
        """Return seats won by a party."""

    def share(self, area: str, party: str) -> Any:
        """Return a party's share in a nation or in Great Britain."""

    def winner(self, seat: str) -> Any:
        """Return who won a seat, as a position in `vocabulary.PARTIES`."""

    def party(self, name: str) -> int:
        """Return a party's position in `vocabulary.PARTIES`."""


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int


@dataclass(frozen=True)
class _Value:
    kind: str
    value: Any
    at: int


NAMES = {"seats": ("PARTY",), "share": ("AREA", "PARTY"), "winner": ("SEAT",)}


def evaluate(text: str, draws: Draws) -> Bools:
    """Return in which draws a condition holds.

    Parameters
    ----------
    text : str
        A condition, such as ``"seats.Reform < 326 and winner['Lewes'] == 'LD'"``.
    draws : Draws

    Raises
    ------
    ConfigError
        If the text is no condition; the message points at the position of the mistake.
    """
    try:
        return _Reader(text, draws).read()
    except RecursionError:
        raise ConfigError("query: too many brackets or 'not's inside each other") from None


class _Reader:
    """A recursive descent over the tokens, one method a rule of the grammar."""

    def __init__(self, text: str, draws: Draws) -> None:
        self.text = text
        self.draws = draws
        self.tokens = self._split()
        self.next = 0

    def read(self) -> Bools:
        found = self._condition()
        if self._here.kind != "end":
            raise self._error(self._here, "expected 'and', 'or' or the end here")
        return np.asarray(self._truth(found).value)

    def _split(self) -> list[_Token]:
        tokens, at = [], 0
        while self.text[at:].strip():
            match = TOKEN.match(self.text, at)
            if match is None:
                start = len(self.text) - len(self.text[at:].lstrip())
                wrong = _Token("sign", self.text[start], start)
                hint = {"=": " Write == to compare.", "'": " A quotation mark is not closed."}
                raise self._error(wrong, f"cannot be read.{hint.get(wrong.text, '')}")
            assert match.lastgroup is not None
            tokens.append(
                _Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup))
            )
            at = match.end()
        return [*tokens, _Token("end", "the end", len(self.text))]

    @property
    def _here(self) -> _Token:
        return self.tokens[self.next]

    def _take(self, *texts: str) -> _Token | None:
        """Return the next token and go on if it is one of these signs or words."""
        token = self._here
        if token.kind in ("sign", "word") and token.text in texts:
            self.next += 1
            return token
        return None

    def _expect(self, kind: str, text: str | None, what: str) -> _Token:
        token = self._here
        if token.kind != kind or text not in (None, token.text):
            raise self._error(token, f"expected {what} here")
        self.next += 1
        return token

    def _error(self, token: _Token | _Value, message: str) -> ConfigError:
        return ConfigError(
            f"query, position {token.at + 1}: {message}\n  {self.text}\n  {' ' * token.at}^"
        )

    def _truth(self, value: _Value) -> _Value:
        if value.kind != "truth":
            raise self._error(
                value,
                f"{KINDS[value.kind]}, where a condition is expected, such as seats.Lab > 300",
            )
        return value

    def _condition(self) -> _Value:
        return self._chain("or", self._conjunction, np.logical_or)

    def _conjunction(self) -> _Value:
        return self._chain("and", self._negation, np.logical_and)

    def _chain(self, word: str, part: Callable[[], _Value], join: Callable[..., Any]) -> _Value:
        left = part()
        while self._take(word):
            right = part()
            both = join(self._truth(left).value, self._truth(right).value)
            left = _Value("truth", both, left.at)
        return left

    def _negation(self) -> _Value:
        token = self._take("not")
        if token is None:
            return self._comparison()
        return _Value("truth", ~self._truth(self._negation()).value, token.at)

    def _comparison(self) -> _Value:
        left = self._sum()
        token = self._take(*COMPARISONS)
        if token is None:
            return left
        right = self._sum()
        left, right = self._as_party(left, right), self._as_party(right, left)
        if left.kind != right.kind or left.kind in ("text", "truth"):
            hint = (
                " Write shares in per cent, as in 30%."
                if "share" in (left.kind, right.kind)
                else ""
            )
            raise self._error(
                token, f"cannot compare {KINDS[left.kind]} with {KINDS[right.kind]}.{hint}"
            )
        if left.kind == "party" and token.text not in ("==", "!="):
            raise self._error(token, "parties are compared with == or !=")
        return _Value("truth", COMPARISONS[token.text](left.value, right.value), left.at)

    def _as_party(self, value: _Value, other: _Value) -> _Value:
        """Read a text as a party's code where it is compared with a winner."""
        if value.kind == "text" and other.kind == "party":
            return _Value("party", self._ask(value, self.draws.party, value.value), value.at)
        return value

    def _sum(self) -> _Value:
        left = self._term()
        while token := self._take("+", "-"):
            right = self._term()
            if left.kind != right.kind or left.kind not in ("seats", "share"):
                raise self._error(
                    token, f"cannot add or subtract {KINDS[left.kind]} and {KINDS[right.kind]}"
                )
            value = left.value + right.value if token.text == "+" else left.value - right.value
            left = _Value(left.kind, value, left.at)
        return left

    def _term(self) -> _Value:
        token = self._here
        if self._take("("):
            inside = self._condition()
            self._expect("sign", ")", "')'")
            return _Value(inside.kind, inside.value, token.at)
        self.next += 1
        if token.kind == "number":
            if self._take("%"):
                return _Value("share", float(token.text) / 100, token.at)
            return _Value("seats", float(token.text), token.at)
        if token.kind == "text":
            return _Value("text", token.text[1:-1], token.at)
        if token.kind == "word":
            return self._name(token)
        raise self._error(token, "expected a number, a text or a name here")

    def _name(self, token: _Token) -> _Value:
        if token.text not in NAMES:
            raise self._error(token, f"unknown name {token.text!r}. {suggest(token.text, NAMES)}")
        parts = []
        for what in NAMES[token.text]:
            if self._take("."):
                parts.append(self._expect("word", None, f"{what} after '.'"))
            elif self._take("["):
                parts.append(self._expect("text", None, f"{what} in quotation marks"))
                self._expect("sign", "]", "']'")
            else:
                raise self._error(self._here, f"expected .{what} or ['{what}'] here")
        names = [part.text.strip("'\"") for part in parts]
        kind = "party" if token.text == "winner" else token.text
        return _Value(kind, self._ask(parts[-1], getattr(self.draws, token.text), *names), token.at)

    def _ask(self, at: _Token | _Value, question: Callable[..., Any], *names: str) -> Any:
        try:
            return question(*names)
        except ConfigError as error:
            raise self._error(at, str(error)) from None
