"""The bundled samples: recognised as what they are, small, and each fitted and served by its command."""

import pytest

import tailscope as ts
from helpers.places import DATA
from helpers.served import served
from tailscope_dashboard.commands.demo import DEMOS, Demo, _demo_file

DOMAINS = {Demo.photons: "calorimeter", Demo.zjets: "events", Demo.jets: "jets", Demo.dimuon: "dimuon"}


def test_the_bundle_is_small_and_whole():
    files = {_demo_file(f"{demo}_{role}") for demo in Demo for role in ("reference", "generated")}
    assert files == set(DATA.glob("*.h*5"))
    assert sum(path.stat().st_size for path in files) <= 25e6
    assert set(DEMOS) == set(Demo) == set(DOMAINS)


@pytest.mark.parametrize("demo", Demo)
def test_both_samples_of_a_demo_go_together(demo):
    reference, generated = (
        ts.load(_demo_file(f"{demo}_{role}"), max_events=300) for role in ("reference", "generated")
    )
    assert reference.domain == generated.domain == DOMAINS[demo]
    assert reference.n_inputs == generated.n_inputs
    assert list(reference.observables) == list(generated.observables)


@pytest.mark.slow
@pytest.mark.parametrize("demo", Demo)
def test_a_demo_finds_its_flaw_and_opens(demo, tmp_path):
    """As a visitor starts it; some minutes of training each."""
    command = ["tailscope_dashboard", "demo", demo, "--no-open", "--cache", tmp_path]
    with served(command, patience=3600) as server:
        assert server.get()[0] == 200
    study = ts.open(tmp_path / "demo" / f"{demo}.study.h5")
    assert study.auc() > 0.53
