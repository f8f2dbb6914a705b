"""Drives the wall in a real Chromium, and says with numpy what it has to show."""

from __future__ import annotations

import numpy as np

import tailscope as ts

SAMPLES = ("reference", "generated")


def shower_study(n=3000, seed=0):
    """Two classes of showers; weights with ties, 0 and inf; observables with NaN, spikes and few values."""
    rng = np.random.default_rng(seed)

    def side(name, soft_share):
        soft = rng.random(n) < soft_share
        e_2 = np.where(soft, 0.0, rng.exponential(20, n)).astype(np.float32)
        columns = {
            "E_1": rng.normal(50, 10, n) - 20 * soft,
            "E_2": e_2,
            "sparsity_0": np.where(soft, rng.uniform(0.9, 1, n), rng.uniform(0.4, 0.95, n)),
            "brightest_2": np.where(soft, np.nan, rng.random(n)),
            "n_jets": rng.poisson(1.5, n).astype(float),
            "E_inc": rng.choice([1.0, 10.0, 50.0], n),
            "depth": rng.normal(0, 1, n),
            "f_2": e_2 / 100,
        }
        log_w = np.round(np.where(soft, rng.normal(0.8, 0.3, n), rng.normal(-0.1, 0.4, n)), 3)
        log_w[:5], log_w[5:8] = -np.inf, np.inf
        specs = (
            ts.Observable("E_1", "E_1", "GeV"),
            ts.Observable(
                "E_2", "E_2", "MeV", ts.Binning(np.concatenate([[0, 0.1], np.linspace(2, 100, 50)]))
            ),
            ts.Observable("sparsity_0", "s_0"),
            ts.Observable("brightest_2", r"f_{\mathrm{max},2}"),
            ts.Observable("n_jets", r"n_\mathrm{jets}"),
            ts.Observable(
                "E_inc", r"E_\mathrm{inc}", "GeV", ts.AutoBinning(scale="log", bins=20, low=0.5, high=100)
            ),
            ts.Observable("depth", r"\langle\eta\rangle", "mm"),
            ts.Observable("f_2", "f_2"),
        )
        return ts.Sample(name, np.stack([columns["E_1"], e_2], 1), columns, specs), log_w

    (ref, log_ref), (gen, log_gen) = side("Geant4", 0.15), side("flow", 0.05)
    return ts.Study.from_weights(ref, gen, log_ref, log_gen, name="showers")


def mask(study, sample, state, slice_=None, without=None):
    """bool[n] of one sample, from the definition: no index, no cumulative sums."""
    events = study.sample(sample)
    log_w = events.log_w
    passed = np.ones(log_w.size, dtype=bool)
    with np.errstate(divide="ignore"):
        if state["low"] is not None:
            passed &= log_w >= np.log(state["low"])
        if state["high"] is not None:
            passed &= log_w < np.log(state["high"])
    cuts = [c for c in state["cuts"] if c["observable"] != without] + ([slice_] if slice_ else [])
    for cut in cuts:
        values = events.observables[cut["observable"]].astype(np.float64)
        passed &= ~np.isnan(values)
        if cut["low"] is not None:
            passed &= values >= cut["low"]
        if cut["high"] is not None:
            passed &= values < cut["high"]
    return passed


def slots(study, sample, name, passed):
    """Underflow, bins, overflow, undefined of one observable: a list of counts."""
    binning = study.observable(name).binning
    codes = binning.digitise(study.sample(sample).observables[name][passed])
    n = len(binning)
    counts = np.bincount(codes, minlength=256)
    return [*counts[: n + 1].tolist(), int(counts[254]), int(counts[255])]


def right_sample(state):
    """The sample that a selection is read off, from its ends."""
    if state["sample"] is not None:
        return state["sample"]
    return "reference" if state["low"] and state["high"] is None else "generated"


def effective(log_w, sample):
    """(sum w)^2 / sum w^2, of 1/w for the reference; w = 0 and inf are left out."""
    w = np.exp(log_w[np.isfinite(log_w)] * (1 if sample == "generated" else -1))
    return w.sum() ** 2 / (w**2).sum() if w.size else 0.0


class WallPage:
    """One open page with one wall."""

    def __init__(self, browser, url, width=1280, height=720, **options):
        self.page = browser.new_page(viewport={"width": width, "height": height}, **options)
        self.complaints = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._heard)
        self.page.on("dialog", lambda dialog: self.complaints.append(f"dialog {dialog.message}"))
        self.page.goto(url)
        self.root = self.page.locator(".ts-root")
        self.root.wait_for(timeout=20_000)
        self.painted()

    def _heard(self, message):
        if message.type == "error":
            self.complaints.append(message.text)

    def wait_for(self, what):
        """Until ``what(painted)`` holds."""
        for _ in range(100):
            painted = self.painted()
            if what(painted):
                return painted
            self.page.wait_for_timeout(100)
        shown = [(s["name"], s["low"], s["high"], s["cuts"]) for s in painted["selections"]]
        raise AssertionError(f"the page never came to show it; it shows {painted['view']}, {shown}")

    def reset(self, wall, selections, count):
        """Back to where a page begins, faster than opening it again."""
        self.page.mouse.move(1, 1)
        wall.push(selections=selections, active=0, view={"theme": "light", "reset": count})
        self.wait_for(lambda painted: painted["view"].get("reset") == count)
        self.root.evaluate("e => { e.blur(); e.querySelector('.ts-wall').scrollTop = 0; }")

    def close(self):
        self.page.close()

    def settle(self):
        """Wait until the page rests and the server has answered."""
        self.page.wait_for_timeout(80)
        self.page.wait_for_function(
            "() => { const find = (n) => { for (const e of n.querySelectorAll('*')) {"
            " if (e.__tailscope) return e; const inner = e.shadowRoot && find(e.shadowRoot);"
            " if (inner) return inner; } return null; }; return find(document)?.__tailscope.settled(); }",
            timeout=15_000,
        )

    def painted(self):
        self.settle()
        return self.root.evaluate("e => e.__tailscope.painted()")

    def drag(self, start, stop, steps=6):
        mouse = self.page.mouse
        mouse.move(*start)
        mouse.down()
        for i in range(1, steps + 1):
            mouse.move(*(a + (b - a) * i / steps for a, b in zip(start, stop, strict=True)))
        mouse.up()

    def weight(self, w):
        """Where a weight is on the screen; "inf" is beyond the bin of w = inf."""
        point = self.root.evaluate(f"e => e.__tailscope.weightAt({'Infinity' if w == 'inf' else w})")
        return point["x"], point["y"]

    def plot(self, name):
        """Box of a histogram, scrolled into view; panels move when the order by difference is made anew."""
        self.settle()
        box = self.root.evaluate("(e, name) => e.__tailscope.plotOf(name)", name)
        self.page.wait_for_timeout(50)
        return box

    def brush(self, name, first, last):
        """Drag over a histogram from one fraction of its axis to another."""
        box = self.plot(name)
        y = box["y"] + box["h"] / 2
        self.drag((box["x"] + first * box["w"], y), (box["x"] + last * box["w"], y))

    def card(self, number):
        return self.root.locator(".ts-card").nth(number)

    def type_end(self, number, end, text):
        field = self.card(number).locator(f".ts-card-head input[data-end={end}]")
        field.fill(text)
        field.press("Enter")


def assert_painted(painted, study, states, slice_=None):
    """Everything on the page equals numpy, event by event."""
    assert not painted["approximate"]
    for sample in SAMPLES:
        everything = {"low": None, "high": None, "cuts": []}
        passed = mask(study, sample, everything, slice_)
        assert painted["n"][sample] == passed.sum()
        for name, counts in painted[sample].items():
            assert counts == slots(study, sample, name, passed), (sample, name)
    assert len(painted["selections"]) == len(states)
    for shown, state in zip(painted["selections"], states, strict=True):
        assert (shown["low"], shown["high"]) == (state["low"], state["high"])
        assert shown["sample"] == right_sample(state)
        own = {cut["observable"] for cut in state["cuts"]}
        for name, counts in shown["counts"].items():
            passed = mask(study, shown["sample"], state, slice_, name if name in own else None)
            assert counts == slots(study, shown["sample"], name, passed), (shown["name"], name)
        for sample in SAMPLES:
            passed = mask(study, sample, state, slice_)
            totals = shown["totals"][sample]
            assert totals["n"] == passed.sum()
            expected = effective(study.sample(sample).log_w[passed], sample)
            assert np.isclose(totals["nEff"], expected, rtol=1e-9), (shown["name"], sample)
