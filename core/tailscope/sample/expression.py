"""Observables written as arithmetic: ``E_1/E_tot``, ``log10(pT_Z)``, ``abs(eta_j1 - eta_j2)``.

An expression is parsed, and only a list of harmless constructs is evaluated, by this module itself: numbers,
observables, arithmetic and some functions. Python never evaluates it.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Callable, Mapping
from typing import Any

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
_QUOTED = re.compile(r"`([^`]*)`")


def evaluate(expression: str, observables: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
    """Compute an expression of observables, float32[n]; NaN where it is undefined (0/0, log(-1), no jet).

    Names that are not Python's (``p T``) stand in backquotes. Computed in float64.

    Raises
    ------
    InputError: a syntax error, an unknown name, a construct that is not arithmetic, no observable at all.

    """
    formula = Formula(expression, observables)
    values = formula.value(formula.tree)
    if values.ndim == 0:
        raise InputError(f"{expression!r} is a number, expected an expression of observables")
    result: NDArray[np.float32] = np.where(np.abs(values) <= np.finfo(np.float32).max, values, np.nan).astype(
        np.float32
    )
    return result


def names_in(expression: str) -> frozenset[str]:
    """Names that a valid expression is made of: observables, functions and constants."""
    text, quoted = _without_backquotes(expression)
    tree = ast.parse(text.strip(), mode="eval")
    return frozenset(quoted.get(n.id, n.id) for n in ast.walk(tree) if isinstance(n, ast.Name))


def _without_backquotes(expression: str) -> tuple[str, dict[str, str]]:
    """Replace names in backquotes by names that Python's parser takes."""
    quoted: dict[str, str] = {}

    def replace(match: re.Match[str]) -> str:
        quoted[name := f"_quoted_{len(quoted)}"] = match[1]
        return name

    return _QUOTED.sub(replace, expression), quoted


class Formula:
    """An expression that was parsed, and the observables that its names stand for.

    Raises
    ------
    InputError: a syntax error, more than `MAX_LENGTH` characters.

    """

    def __init__(self, expression: str, observables: Mapping[str, NDArray[np.float32]]) -> None:
        self.expression, self._observables = expression, observables
        text, self._quoted = _without_backquotes(expression)
        if len(text) > MAX_LENGTH:
            raise InputError(f"the expression {text[:40]}... is longer than {MAX_LENGTH} characters")
        try:
            self.tree = ast.parse(text.strip(), mode="eval").body
        except SyntaxError as error:
            raise InputError(
                f"{_short(expression)} is not an expression: {_place(expression, error)}"
            ) from error
        except (ValueError, RecursionError, MemoryError) as error:
            raise InputError(f"{_short(expression)} is not an expression: {_first_line(error)}") from error

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
                return self._named(self._quoted.get(name, name))
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
        raise InputError(
            f"{self.expression!r}: {ast.unparse(node)[:40]!r} is not arithmetic; there are + - * / ** %, "
            f"numbers, pi, observables, and the functions {', '.join(_FUNCTIONS)}"
        )

    def _named(self, name: str) -> Any:
        if name in self._observables:
            return np.asarray(self._observables[name], dtype=np.float64)
        if name in _CONSTANTS:
            return np.float64(_CONSTANTS[name])
        close = difflib.get_close_matches(name, self._observables, n=3)
        known = ", ".join(close or list(self._observables)[:12])
        raise InputError(
            f"{self.expression!r}: there is no observable {name!r}; "
            f"{'the closest are' if close else 'there are'} {known}"
        )


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
    if foreign := _FOREIGN.search(_QUOTED.sub(lambda name: " " * len(name[0]), expression)):
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
    """Of a syntax error in an expression: the parser saw no blanks around it and no backquotes."""
    text, _ = _without_backquotes(expression)
    lines = text.strip().split("\n")
    at = sum(len(line) + 1 for line in lines[: (error.lineno or 1) - 1]) + (error.offset or 1) - 1
    at += len(text) - len(text.lstrip())
    for i, match in enumerate(_QUOTED.finditer(expression)):
        if match.start() >= at:
            break
        at = max(match.start(), at - len(f"_quoted_{i}") + len(match[0]))
    return at


def _short(expression: str) -> str:
    return repr(expression if len(expression) <= 120 else f"{expression[:100]}...")


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
