"""A small language for conditions on an election; Python parses it, but ``eval`` is never called.

A condition compares sums with ``< <= > >= == !=`` and joins comparisons with ``and``, ``or``,
``not`` and brackets, with the precedence of Python. Terms are numbers of seats (``320``), shares
(``30%``), texts (``'LD'``), ``seats.PARTY``, ``share.AREA.PARTY`` and ``winner['Seat']``. A name
that is not a single word is quoted in brackets, as in ``share['Northern Ireland'].SF``. Every value
is an array over the draws.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from forecaster.arrays import Bools
from forecaster.errors import ConfigError
from forecaster.vocabulary import suggest

if TYPE_CHECKING:
    from forecaster.answers.query import RunDraws

TOKEN = re.compile(
    r"""(?P<number>[0-9]+(?:\.[0-9]+)?)(?P<percent>\s*%)?
    | '(?P<single>[^']*)' | "(?P<double>[^"]*)"
    | (?P<plain>[^\W\d]\w* | [<>=!]= | [<>+\-().\[\]])
    | (?P<wrong>\S)""",
    re.VERBOSE,
)

COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}

KINDS = {
    "seats": "a number of seats",
    "share": "a share",
    "party": "a party",
    "text": "a text",
    "truth": "a condition",
}

NAMES = {"seats": ("PARTY",), "share": ("AREA", "PARTY"), "winner": ("SEAT",)}


@dataclass(frozen=True)
class _Value:
    kind: str
    value: Any
    node: ast.expr


def evaluate(text: str, draws: RunDraws) -> Bools:
    """Return a mask of the draws in which a condition holds.

    `text`: a condition, such as ``"seats.Reform < 326 and winner['Lewes'] == 'LD'"``. `draws`: the
    values of the names in it.

    Raises ConfigError if the text is not a condition; the message points at the position of the
    mistake.
    """
    try:
        return np.asarray(_Reader(text, draws).read())
    except (RecursionError, MemoryError):
        raise ConfigError("query: too many brackets, signs or 'not's inside each other") from None


class _Reader:
    """Translates a condition to Python source, and evaluates its syntax tree.

    Numbers become floats and shares imaginary numbers. Every token is followed by a space; `places`
    maps each byte of the source to a position in the text.
    """

    def __init__(self, text: str, draws: RunDraws) -> None:
        self.text, self.draws = text, draws
        source, self.places = "", []
        for token in TOKEN.finditer(text):
            piece = self._as_python(token)
            source += piece + " "
            self.places += [token.start()] * (len(piece.encode()) + 1)
        self.source = source.encode()

    def read(self) -> Any:
        try:
            tree = ast.parse(self.source.decode(), mode="eval")
        except SyntaxError as error:
            if "too many" in error.msg:
                raise RecursionError from None
            if not error.offset:  # Python's way to say that the source ends too early
                missing = "more of the condition" if self.places else "a condition"
                raise self._error(len(self.places), f"expected {missing}") from None
            raise self._error(error.offset - 1, error.msg.partition(". ")[0]) from None
        return self._truth(tree.body)

    def _as_python(self, token: re.Match[str]) -> str:
        number, percent, single, double, plain, wrong = token.groups()
        if wrong:
            self.places.append(token.start())
            hint = {"=": " Write == to compare."} | dict.fromkeys(
                "'\"", " A quotation mark is not closed."
            )
            raise self._error(-1, f"cannot be read.{hint.get(wrong, '')}")
        if number:
            return number + "." * ("." not in number) + "j" * bool(percent)
        return plain or ascii(single if double is None else double)

    def _error(self, byte: int, message: str) -> ConfigError:
        at = self.places[byte] if byte < len(self.places) else len(self.text)
        return ConfigError(f"query, position {at + 1}: {message}\n  {self.text}\n  {' ' * at}^")

    def _between(self, left: ast.expr, message: str) -> ConfigError:
        """Return an error that points at the operator after an operand."""
        end = left.end_col_offset or 0
        rest = self.source[end:]
        return self._error(end + len(rest) - len(rest.lstrip(b" )")), message)

    def _truth(self, node: ast.expr) -> Any:
        found = self._value(node)
        if found.kind != "truth":
            raise self._error(
                node.col_offset,
                f"{KINDS[found.kind]}, where a condition is expected, such as seats.Lab > 300",
            )
        return found.value

    def _value(self, node: ast.expr) -> _Value:
        match node:
            case ast.BoolOp(op=op, values=parts):
                join = np.logical_and if isinstance(op, ast.And) else np.logical_or
                return _Value("truth", reduce(join, [self._truth(part) for part in parts]), node)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return _Value("truth", np.logical_not(self._truth(operand)), node)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._sum(_Value(self._value(operand).kind, 0.0, node), node, operand)
            case ast.BinOp(op=ast.Add() | ast.Sub(), left=left, right=right):
                return self._sum(self._value(left), node, right)
            case ast.Compare():
                return _Value("truth", self._comparison(node), node)
            case ast.Constant(value=complex() as share):
                return _Value("share", share.imag / 100, node)
            case ast.Constant(value=float() as seats):
                return _Value("seats", seats, node)
            case ast.Constant(value=str() as words):
                return _Value("text", words, node)
            case ast.Name() | ast.Attribute() | ast.Subscript():
                return self._name(node)
        raise self._error(node.col_offset, "cannot be read: no part of a condition")

    def _sum(self, left: _Value, node: ast.BinOp | ast.UnaryOp, operand: ast.expr) -> _Value:
        right = self._value(operand)
        if left.kind != right.kind or left.kind not in ("seats", "share"):
            raise self._between(
                left.node, f"cannot add or subtract {KINDS[left.kind]} and {KINDS[right.kind]}"
            )
        plus = isinstance(node.op, ast.Add)
        value = left.value + right.value if plus else left.value - right.value
        return _Value(left.kind, value, node)

    def _comparison(self, node: ast.Compare) -> Any:
        """Evaluate a chain of comparisons, such as ``a < b < c``."""
        values = [self._value(part) for part in (node.left, *node.comparators)]
        pairs = zip(values[:-1], node.ops, values[1:], strict=True)
        return reduce(np.logical_and, [self._pair(left, op, right) for left, op, right in pairs])

    def _pair(self, left: _Value, op: ast.cmpop, right: _Value) -> Any:
        if type(op) not in COMPARISONS:
            raise self._between(left.node, "cannot be read. Compare with < <= > >= == !=")
        one, other = self._as_party(left, right), self._as_party(right, left)
        if one.kind != other.kind or one.kind in ("text", "truth"):
            kinds = (one.kind, other.kind)
            hint = " Write shares in per cent, as in 30%." if "share" in kinds else ""
            raise self._between(
                left.node, f"cannot compare {KINDS[one.kind]} with {KINDS[other.kind]}.{hint}"
            )
        if one.kind == "party" and not isinstance(op, ast.Eq | ast.NotEq):
            raise self._between(left.node, "parties are compared with == or !=")
        return COMPARISONS[type(op)](one.value, other.value)

    def _as_party(self, value: _Value, other: _Value) -> _Value:
        """Read a text as a party if it is compared with a winner."""
        if value.kind != "text" or other.kind != "party":
            return value
        found = self._ask(value.node.col_offset, self.draws.party, value.value)
        return _Value("party", found, value.node)

    def _name(self, node: ast.expr) -> _Value:
        whole, parts = node, []
        while isinstance(node, ast.Attribute | ast.Subscript):
            parts.append(self._part(node))
            node = node.value
        if not isinstance(node, ast.Name) or node.id not in NAMES:
            name = self.source[node.col_offset : node.end_col_offset].decode()
            raise self._error(node.col_offset, f"unknown name {name!r}. {suggest(name, NAMES)}")
        wanted = NAMES[node.id]
        if len(parts) < len(wanted):
            what = wanted[len(parts)]
            after = (whole.end_col_offset or 0) + 1
            raise self._error(after, f"expected .{what} or ['{what}'] here")
        if len(parts) > len(wanted):
            raise self._error(parts[-len(wanted) - 1][0], f"expected no more after {wanted[-1]}")
        kind = "party" if node.id == "winner" else node.id
        names = [name for _, name in reversed(parts)]
        return _Value(kind, self._ask(parts[0][0], getattr(self.draws, node.id), *names), whole)

    def _part(self, node: ast.Attribute | ast.Subscript) -> tuple[int, str]:
        """Return the position of a part of a name, and the part."""
        if isinstance(node, ast.Attribute):
            return (node.end_col_offset or 0) - len(node.attr.encode()), node.attr
        if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
            return node.slice.col_offset, node.slice.value
        raise self._error(node.slice.col_offset, "expected a name in quotation marks here")

    def _ask(self, byte: int, question: Callable[..., Any], *names: str) -> Any:
        try:
            return question(*names)
        except ConfigError as error:
            raise self._error(byte, str(error)) from None
