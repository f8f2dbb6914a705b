"""Closure: how far reweighted generated events look like the reference, observable by observable."""

from __future__ import annotations

from functools import lru_cache

from tailscope.study import Study

from .base import table


@lru_cache(maxsize=16)
def closure_table(study: Study) -> str:
    """HTML: chi2/ndf of generated and of reweighted generated against reference, worst closure first."""
    rows = []
    for observable in study.observables:
        closure = study.closure(observable.name)
        rows.append((closure.chi2 / closure.ndf, observable.name, closure))
    rows.sort(key=lambda row: -row[0])
    return table(
        ("observable", "χ²/ndf", "per degree"),
        [(name, f"{c.chi2:.1f}/{c.ndf}", f"{each:.2f}") for each, name, c in rows],
        "ts-numbers",
    )
