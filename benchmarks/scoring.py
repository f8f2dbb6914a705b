"""Speed of scoring against bare matrix products.

Features to logits of the events of a fold, against the products of the same batches with the same matrices
and nothing else. Both take turns on one thread, in seconds of the processor, and the best of some rounds
counts. Target: at least 80% of the products. On a busy machine the narrow network on wide inputs stays below
that: to read 508 numbers from where the fold's events lie and to take their logarithms costs a third of what
the products cost.
"""

from __future__ import annotations

import time

import numpy as np
import torch
from throughput import CPU, Rates, fastest, measured, pair, show

import tailscope as ts
from tailscope.classifier import network_of, score
from tailscope.classifier.scoring import rows_at_a_time


def of_scoring(preset: str, n_inputs: int, n: int, rounds: int) -> Rates:
    """Events a second from features to logits, and through the matrix products alone."""
    settings = ts.FitConfig(preset=preset, network="mlp").settings
    sample, _ = pair(4 * n, n_inputs)
    network = network_of(n_inputs, settings).eval()
    matrices = [parameter.detach().t() for parameter in network.parameters() if parameter.ndim == 2]
    rows = np.sort(np.random.default_rng(1).permutation(2 * n)[:n])  # as those of a fold
    batch = rows_at_a_time(n_inputs)
    inputs = [torch.randn(batch, m.shape[0]) for m in matrices]
    outputs = [torch.empty(batch, m.shape[1]) for m in matrices]

    def ours() -> float:
        started = time.process_time()
        score(network, sample, CPU, rows)
        return time.process_time() - started

    def products() -> float:
        started = time.process_time()
        for start in range(0, n, batch):
            size = min(batch, n - start)
            for x, m, out in zip(inputs, matrices, outputs, strict=True):
                torch.mm(x[:size], m, out=out[:size])
        return time.process_time() - started

    seconds = fastest({"ours": ours, "products": products}, rounds)
    return Rates(n / seconds["ours"], n / seconds["products"])


def main() -> None:
    """Measure and print."""
    results, as_json = measured(__doc__, of_scoring, rounds=9)
    show("scoring", "products", 0.8, results, as_json=as_json)


if __name__ == "__main__":
    main()
