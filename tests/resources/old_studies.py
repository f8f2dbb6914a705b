"""Study files as an older tailscope leaves them; run as a script by that version's Python, it writes them.

Those in valid/ are of commit bb1845e (schema 1, records as dicts): an own observable, event weights, two
folds of two members, watched epochs and a null band in one, imported weights in the other. What that version
says of them is in old_studies.json.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
NAMES = ("fitted", "imported")
EVENTS = 240


def tables(folder: Path) -> None:
    """Write reference.csv and generated.csv, with event weights, and log weights for both."""
    rng = np.random.default_rng(12)
    for name, shift in (("reference", 0.0), ("generated", 0.4)):
        x = shift + rng.standard_normal((EVENTS, 2))
        rows = np.column_stack([x, rng.exponential(size=EVENTS) + 1, rng.random(EVENTS) + 0.5])
        np.savetxt(folder / f"{name}.csv", rows, "%.5g", ",", header="x,y,E,v", comments="")
    log_w = rng.standard_normal((EVENTS, 2))
    header = "log_w_reference,log_w_generated"
    np.savetxt(folder / "weights.csv", log_w, "%.5g", ",", header=header, comments="")


COMMANDS = (
    "fit reference.csv generated.csv -o fitted.study.h5 --name toy --observable R=x/E --event-weight v "
    "--folds 2 --members 2 --epochs 3 --batch-size 64 --watch-epochs 1,3 --null-runs 2 --device cpu "
    "--cache cache",
    "import reference.csv generated.csv --weights weights.csv -o imported.study.h5 --name imported",
)
"""What a user types, of any version."""


def said(path: Path) -> dict[str, object]:
    """What the version that runs this says of a study."""
    ts = __import__("tailscope")
    study = ts.open(path)
    checks = {check.name: [check.light, check.why] for check in study.checks}
    return {
        "digest": study.digest,
        "auc": study.auc(),
        "auc_error": study.auc_error(),
        "chi2": study.calibration().chi2,
        "mean_log_w": [float(study.log_weights(s).mean()) for s in ("reference", "generated")],
        "observables": [o.name for o in study.observables],
        "checks": checks,
        "config": dict(study.config),
        "provenance": dict(study.provenance),
        "history": list(study.history),
    }


def main() -> None:
    """Write both studies into valid/, and what is said of them beside it."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        tables(folder)
        for words in COMMANDS:
            command = [sys.executable, "-m", "tailscope_dashboard", *words.split()]
            subprocess.run(command, cwd=folder, check=True)
        found = {}
        for name in NAMES:
            path = HERE / "valid" / f"{name}.study.h5"
            path.write_bytes((folder / path.name).read_bytes())
            found[name] = said(path)
    (HERE / "old_studies.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
