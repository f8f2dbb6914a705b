"""What the spread of a Bayesian network says, on pairs whose density ratio is known (docs/weights.md).

For each toy, temperature and seed one study with the protocol "split", a network of 2 x 64; all numbers are
of the test events of both samples in the bulk, that is, with an exact w between 1/10 and 10:

- slope of the straight line through log w against the exact one: below 1, weights are held back;
- RMS of log w - log(exact w);
- sigma: median of `sigma_log_w`, the standard deviation of the draws from the posterior;
- pull: mean and RMS of (log w - log(exact w))/sigma;
- chi2/ndf of the calibration in 15 bins.
"""

from __future__ import annotations

import argparse
import tempfile

import numpy as np
import torch
from weights_quality import BULK, SPLIT, TOYS, both, rms

import tailscope as ts


def line(toy_name: str, events: int, temperature: float, seed: int) -> str:
    """One fit as a line of Markdown."""
    toy = TOYS[toy_name]
    config = ts.FitConfig(
        **SPLIT, network="bayesian", layers=2, hidden=64, temperature=temperature, seed=seed
    )
    with tempfile.TemporaryDirectory() as cache:
        study = ts.fit(*toy.pair(events, seed), config=config, cache=cache, progress=False)
    sides = (study.reference, study.generated)
    exact = np.concatenate(
        [toy.log_ratio(np.stack([s.observables[f"x{i}"] for i in range(5)], axis=1)) for s in sides]
    )
    log_w = np.concatenate(both(study))
    sigma = np.concatenate([s.observables["sigma_log_w"] for s in sides])
    bulk = np.abs(exact) <= BULK
    slope = np.polyfit(exact[bulk], log_w[bulk], 1)[0]
    pulls = ((log_w - exact) / sigma)[bulk]
    calibration = study.calibration(bins=15)
    found = [
        toy_name,
        f"{events:,}",
        f"{temperature:g}",
        str(seed),
        f"{slope:.3f}",
        f"{rms(log_w, exact):.3f}",
        f"{np.median(sigma[bulk]):.3f}",
        f"{pulls.mean():+.2f}",
        f"{np.sqrt(np.mean(pulls**2)):.2f}",
        f"{calibration.chi2:.0f}/{calibration.ndf}",
    ]
    return "| " + " | ".join(found) + " |"


def main() -> None:
    """Fit and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--toy", nargs="+", choices=list(TOYS), default=["shift and width"])
    parser.add_argument("--events", type=int, default=10_000, help="of each sample")
    parser.add_argument("--temperatures", type=float, nargs="+", default=[0.03, 0.1, 1.0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    heads = "toy | events | T | seed | slope | RMS | sigma | mean pull | RMS pull | chi2/ndf"
    print(f"| {heads} |\n|---|" + "--:|" * 9)
    for toy in chosen.toy:
        for temperature in chosen.temperatures:
            for seed in chosen.seeds:
                print(line(toy, chosen.events, temperature, seed), flush=True)


if __name__ == "__main__":
    main()
