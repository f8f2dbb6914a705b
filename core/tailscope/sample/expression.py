"""Observables written as arithmetic: ``E_1/E_tot``, ``log10(pT_Z)``, ``abs(eta_j1 - eta_j2)``.

An expression is parsed, and only a list of harmless constructs is evaluated, by this module itself: numbers,
observables, arithmetic and some functions. Python never evaluates it.
"""

from __future__ import annotations

import ast
import difflib
import keyword
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import InputError

Floats = NDArray[np.float64]

MAX_LENGTH, MAX_DEPTH = 500, 50

_OPERATORS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Pow: np.power,
    ast.Mod: np.mod,
}

_SIGNS: Mapping[type[ast.unaryop], Callable[[Any], Any]] = {ast.UAdd: np.positive, ast.USub: np.negative}

_FUNCTIONS: Mapping[str, tuple[Callable[..., Any], int]] = {
    **{name: (getattr(np, name), 1) for name in ("sqrt", "exp", "log", "log10", "log1p", "sign", "floor")},
    **{name: (getattr(np, name), 1) for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "arcsin")},
    **{name: (getattr(np, name), 1) for name in ("arccos", "arctan", "arcsinh", "arccosh", "arctanh")},
    **{name: (getattr(np, name), 2) for name in ("arctan2", "hypot")},
    "abs": (np.abs, 1),
    "min": (np.fmin, 2),
    "max": (np.fmax, 2),
}
"""Functions by name, and how many arguments each takes; min and max pass over undefined values."""

_CONSTANTS = {"pi": np.pi}
_NAMED = re.compile(r"""([`"'])((?:(?!\1).|\1\1)*)\1|(?<![\w.])([^\W\d]\w*)""", re.DOTALL)
"""A name in quotes of any kind, in which its own kind is written twice; or a word."""


def evaluate(expression: str, observables: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
    """Compute an expression of observables, float32[n]; NaN where it is undefined (0/0, log(-1), no jet).

    Names that are not plain words (``p T``, ``events/pt``) stand in backquotes, or in single or double
    quotes. Computed in float64.

    Raises
    ------
    InputError: a syntax error, an unknown name, a construct that is not arithmetic, no observable at all.

    """
    formula = Formula(expression, observables)
    values = formula.value(formula.tree)
    if values.ndim == 0:
        raise formula.without_observables("is a number, expected an expression of observables")
    result: NDArray[np.float32] = np.where(np.abs(values) <= np.finfo(np.float32).max, values, np.nan).astype(
        np.float32
    )
    return result


def names_in(expression: str, known: Iterable[str] = ()) -> frozenset[str]:
    """Names that an expression is made of: observables, functions and constants.

    Raises
    ------
    InputError: a syntax error; whether one of the ``known`` names lacks its quotes is said, too.

    """
    return Formula(expression, dict.fromkeys(known, np.empty(0, np.float32))).names


def quoted(name: str) -> str:
    """A name of an observable as it stands in an expression: in quotes, unless it is a plain word."""
    if _is_plain(name):
        return name
    mark = next((mark for mark in "\"`'" if mark not in name), '"')
    return f"{mark}{name.replace(mark, mark * 2)}{mark}"


def _is_plain(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name)


class _Quoted(NamedTuple):
    """A name that Python's parser does not see, and its place in the user's text and in the parser's."""

    name: str
    span: tuple[int, int]
    parsed: tuple[int, int]


def _parsable(expression: str) -> tuple[str, dict[str, _Quoted]]:
    """Replace names in quotes, and words that Python would spell otherwise, by words that it takes."""
    prefix = "_quoted_"
    while prefix in expression:
        prefix += "_"
    found: dict[str, _Quoted] = {}
    text, last = "", 0
    for match in _NAMED.finditer(expression):
        mark, name, word = match.groups()
        if not mark and word.isascii():
            continue
        text += expression[last : match.start()]
        # Blanks keep it apart from what stands beside it.
        standing = f" {prefix}{len(found)} "
        place = len(text), len(text) + len(standing)
        found[standing.strip()] = _Quoted(name.replace(mark * 2, mark) if mark else word, match.span(), place)
        text, last = text + standing, match.end()
    return text + expression[last:], found


def _unquoted(expression: str) -> str:
    """The text with blanks where names stand in quotes."""
    return _NAMED.sub(lambda found: " " * len(found[0]) if found[1] else found[0], expression)


class Formula:
    """An expression that was parsed, and the observables that its names stand for.

    Raises
    ------
    InputError: a syntax error, more than `MAX_LENGTH` characters.

    """

    def __init__(self, expression: str, observables: Mapping[str, NDArray[np.float32]]) -> None:
        self.expression, self._observables = expression, observables
        text, self._quoted = _parsable(expression)
        if len(text) > MAX_LENGTH:
            raise InputError(f"the expression {text[:40]}... is longer than {MAX_LENGTH} characters")
        try:
            self.tree = ast.parse(text.strip(), mode="eval").body
        except SyntaxError as error:
            place = _place(expression, error)
            if hint := self._hint():
                place = place.partition("; a name of")[0]
            raise InputError(f"{_short(expression)} is not an expression: {place}{hint}") from error
        except (ValueError, RecursionError, MemoryError) as error:
            raise InputError(f"{_short(expression)} is not an expression: {_first_line(error)}") from error

    @property
    def names(self) -> frozenset[str]:
        """Those that it is made of: observables, functions and constants."""
        found = (node.id for node in ast.walk(self.tree) if isinstance(node, ast.Name))
        return frozenset(self._quoted[name].name if name in self._quoted else name for name in found)

    def value(self, node: ast.expr, depth: int = 0) -> Floats:
        """Value of an arithmetic part of it: float64[n], or float64[] for a number.

        Raises
        ------
        InputError: an unknown name, what is not arithmetic, more than `MAX_DEPTH` levels.

        """
        with np.errstate(all="ignore"):
            return np.asarray(self._value(node, depth), dtype=np.float64)

    def check_depth(self, depth: int) -> None:
        """Refuse what is nested too deep."""
        if depth > MAX_DEPTH:
            raise InputError(f"{self.expression[:60]!r} is nested more than {MAX_DEPTH} deep; simplify it")

    def _value(self, node: ast.expr, depth: int) -> Any:
        self.check_depth(depth)

        def inner(part: ast.expr) -> Any:
            return self._value(part, depth + 1)

        match node:
            case ast.Constant(value=bool()):
                pass
            case ast.Constant(value=int() | float() as number):
                return np.float64(number) if abs(number) < 1e300 else np.float64(np.inf)
            case ast.Name(id=name):
                return self._named(self._quoted[name].name if name in self._quoted else name)
            case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _OPERATORS:
                return _OPERATORS[type(operator)](inner(left), inner(right))
            case ast.UnaryOp(op=sign, operand=operand) if type(sign) in _SIGNS:
                return _SIGNS[type(sign)](inner(operand))
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in _FUNCTIONS:
                function, count = _FUNCTIONS[name]
                if len(arguments) != count:
                    raise InputError(
                        f"{self.expression!r}: {name} takes {count} argument(s), not {len(arguments)}"
                    )
                return function(*(inner(argument) for argument in arguments))
            case _:
                pass
        raise self.wrong(
            f"{self.shown(node)!r} is not arithmetic; there are + - * / ** %, numbers, pi, observables, and "
            f"the functions {', '.join(_FUNCTIONS)}"
        )

    def _named(self, name: str) -> Any:
        if name in self._observables:
            return np.asarray(self._observables[name], dtype=np.float64)
        if name in _CONSTANTS:
            return np.float64(_CONSTANTS[name])
        close = difflib.get_close_matches(name, self._observables, n=3)
        known = ", ".join(close or list(self._observables)[:12])
        raise self.wrong(
            f"there is no observable {name!r}; {'the closest are' if close else 'there are'} {known}"
        )

    def shown(self, node: ast.expr) -> str:
        """A part of the expression as the user would write it, 40 letters of it."""
        text = ast.unparse(node)
        for word, one in reversed(self._quoted.items()):
            text = text.replace(word, quoted(one.name))
        return text[:40]

    def wrong(self, sentence: str) -> InputError:
        """What is wrong with it, and whether it may be that a name lacks its quotes."""
        return InputError(f"{self.expression!r}: {sentence}{self._hint()}")

    def without_observables(self, sentence: str) -> InputError:
        """What is wrong with numbers alone, and how columns that are called like numbers are written."""
        return InputError(f"{self.expression!r} {sentence}{self._hint(numbers=True)}")

    def _hint(self, *, numbers: bool = False) -> str:
        """The longest name that stands in it, and should stand in quotes; "" for none."""
        text = _unquoted(self.expression)
        # Of names with quotes of their own nobody knows where they begin.
        within = {
            n: self.expression.replace(quoted(n), "") if set(n) & set("\"`'") else text
            for n in self._observables
        }
        name = max((n for n in within if _stands(n, within[n], numbers)), key=len, default="")
        if not name:
            return ""
        what = "a name of several words" if " " in name else "such a name"
        return f"; {what} stands in `backquotes` or quotes: {quoted(name)}"


def _stands(name: str, text: str, numbers: bool) -> bool:
    """Whether a name that is no plain word stands in a text; one like a number where numbers are meant."""
    if not name.strip() or _is_plain(name) or (_is_number(name) and not numbers):
        return False
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def _is_number(name: str) -> bool:
    try:
        float(name)
    except ValueError:
        return False
    return True


_ELSEWHERE = {
    "=": "==", "=>": ">=", "=<": "<=", "&&": "and", "||": "or", "!": "not", "AND": "and", "OR": "or",
    "NOT": "not",
}  # fmt: skip
"""What other languages write, and what it is here."""
_FOREIGN = re.compile(r"(?<![<>=!])=[<>]|(?<![<>=!])=(?!=)|&&|\|\||!(?!=)|\b(?:AND|OR|NOT)\b")


def _place(expression: str, error: SyntaxError) -> str:
    """Where Python's parser gave up, in the user's own text, and what may have been meant."""
    if not expression.strip():
        return "it is empty"
    if foreign := _FOREIGN.search(_unquoted(expression)):
        part = expression[foreign.start() :][:20].strip()
        return f"write {_ELSEWHERE[foreign[0]]} instead of {foreign[0]} in {part!r}"
    if error.lineno is None:
        return "it holds a null character"
    rest = expression[_position(expression, error) :] if error.offset else ""
    if not rest.strip():
        return f"something is missing behind {expression.strip()[-20:]!r}"
    if "never closed" in str(error):
        return f"the bracket of {rest[:20].strip()!r} is never closed"
    if "too many nested" in str(error):
        return "it is nested too deep"
    words = (
        (re.findall(r"(\w+)\s+$", expression[: -len(rest)]) or [""])[0],
        (re.findall(r"^\w+", rest) or [""])[0],
    )
    several = all(words) and not {"and", "or", "not", "in", "is"} & set(words)
    hint = "; a name of several words stands in `backquotes`" if several else ""
    return f"it cannot be read from {rest[:20].strip()!r} on{hint}"


def _position(expression: str, error: SyntaxError) -> int:
    """Of a syntax error in an expression: the parser saw no blanks around it and no quotes."""
    text, names = _parsable(expression)
    lines = text.strip().split("\n")
    at = sum(len(line) + 1 for line in lines[: (error.lineno or 1) - 1]) + (error.offset or 1) - 1
    at += len(text) - len(text.lstrip())
    before = max((one for one in names.values() if one.parsed[0] <= at), default=None, key=lambda n: n.span)
    if before is None:
        return at
    return before.span[0] if at < before.parsed[1] else at - before.parsed[1] + before.span[1]


def _short(expression: str) -> str:
    return repr(expression if len(expression) <= 120 else f"{expression[:100]}...")


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
