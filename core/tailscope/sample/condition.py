"""Conditions that choose events: ``n_jets == 2``, ``0.4 < dR_j1j2 < 1 and not E_2 < 0.1``.

What stands between the comparisons is arithmetic of observables (`expression`), and like it only parsed.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .expression import Floats, Formula

_COMPARISONS: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}


def passes(condition: str, observables: Mapping[str, NDArray[np.float32]]) -> NDArray[np.bool_]:
    """Tell which events meet a condition: bool[n].

    There are < <= > >= == !=, and, or, not (also & | ~). What is undefined meets no comparison, and its
    opposite neither: an event of one jet passes neither ``dR_j1j2 < 0.4`` nor ``not dR_j1j2 < 0.4``.

    Raises
    ------
    InputError: a syntax error, an unknown name, what is no condition, no observable at all.

    """
    formula = Formula(condition, observables)
    truth = _truth(formula, formula.tree, 0)
    if truth.ndim == 0:
        raise formula.without_observables("holds or not whatever the event; compare observables")
    result: NDArray[np.bool_] = truth == 1
    return result


def _truth(formula: Formula, node: ast.expr, depth: int) -> Floats:
    """1 where a part of the condition is met, 0 where not, NaN where that is undefined (Kleene's logic)."""
    formula.check_depth(depth)

    def inner(part: ast.expr) -> Floats:
        return _truth(formula, part, depth + 1)

    match node:
        case ast.Compare(left=left, ops=comparisons, comparators=others):
            sides = [formula.value(side, depth + 1) for side in (left, *others)]
            if all(type(comparison) in _COMPARISONS for comparison in comparisons):
                return _all(
                    [
                        np.where(np.isnan(a) | np.isnan(b), np.nan, _COMPARISONS[type(comparison)](a, b))
                        for a, comparison, b in zip(sides, comparisons, sides[1:], strict=False)
                    ]
                )
        case ast.BoolOp(op=ast.And(), values=parts):
            return _all([inner(part) for part in parts])
        case ast.BoolOp(op=ast.Or(), values=parts):
            return 1 - _all([1 - inner(part) for part in parts])
        case ast.BinOp(left=left, op=ast.BitAnd(), right=right):
            return _all([inner(left), inner(right)])
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return 1 - _all([1 - inner(left), 1 - inner(right)])
        case ast.UnaryOp(op=ast.Not() | ast.Invert(), operand=operand):
            return 1 - inner(operand)
        case _:
            pass
    raise formula.wrong(
        f"{formula.shown(node)!r} is no condition; write 'n_jets == 2' or '0.4 < dR_j1j2 < 1 and pT_j1 > 50'"
    )


def _all(parts: list[Floats]) -> Floats:
    """Logical and: 0 where any is 0, else NaN where any is NaN, else 1."""
    result = parts[0]
    for part in parts[1:]:
        result = np.where((result == 0) | (part == 0), 0.0, result * part)
    return result
