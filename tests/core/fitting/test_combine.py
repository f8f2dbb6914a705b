import numpy as np
import pytest

import tailscope as ts
from helpers import toys
from tailscope.fitting.combine import combined
from tailscope.record import LeftOut
from tailscope.weights.auc import null_auc_error

MEMBERS = np.array([[0.5, 0.5], [-1.0, 3.0], [40.0, 42.0]], np.float32)


def test_mean_of_logits():
    assert combined(MEMBERS, "logit").tolist() == [0.5, 1.0, 41.0]


def test_mean_of_probabilities():
    c = 1 / (1 + np.exp(-MEMBERS[:2].astype(float)))
    mean = c.mean(axis=1)
    assert combined(MEMBERS, "probability")[:2] == pytest.approx(np.log(mean / (1 - mean)))
    assert 40 < combined(MEMBERS, "probability")[2] < 41  # where C itself is 1 in float32


@pytest.mark.parametrize("rule", ["logit", "probability"])
def test_a_fit_combines_the_best_epochs_of_all_members(tmp_path, rule):
    config = ts.FitConfig(
        folds=2, members=2, best_epochs=3, epochs=4, hidden=16, layers=1, device="cpu", combine=rule
    )
    study = ts.fit(*toys.gaussian_pair(500), config=config, cache=tmp_path, progress=False)
    members = study.log_weights("reference", members=True)
    assert members.shape == (500, 6)
    assert study.log_weights("reference") == pytest.approx(combined(members, rule))
    assert (members.std(axis=0) > 0).all()
    for training in study.history:
        losses = [epoch.validation_loss for epoch in training.epochs]
        assert training.best_epochs == tuple(np.argsort(losses)[:3] + 1)


def test_split_scores_the_test_sample_alone(tmp_path):
    ref, gen = toys.gaussian_pair(500)
    config = ts.FitConfig(protocol="split", validation=0.25, epochs=2, hidden=16, layers=1, device="cpu")
    study = ts.fit(ref, gen, config=config, cache=tmp_path, progress=False)
    assert (len(study.reference), len(study.generated)) == (100, 100)
    assert study.provenance.left_out == LeftOut(reference=400, generated=400)
    assert len(study.history) == 1
    trained = study.history[0].train_events / 1_000
    assert trained == pytest.approx(0.6, abs=0.05)
    assert study.history[0].train_events + study.history[0].validation_events == 800
    assert set(study.reference.observables["x0"]) < set(ref.observables["x0"])
    assert study.auc_error() == pytest.approx(null_auc_error(100, 100, crossfit=False))
    crossfit = ts.fit(ref, gen, config=config.with_(protocol="crossfit"), cache=tmp_path, progress=False)
    test = crossfit.reference.fold == 0
    assert (crossfit.reference.log_w[test] == study.reference.log_w).all()


def of_members(exact, members, rule):
    """Slope of the combined against the exact log w, and their RMS difference."""
    log_w = combined(members.astype(np.float32), rule)
    return np.polyfit(exact, log_w, 1)[0], np.sqrt(np.mean((log_w - exact) ** 2))


@pytest.mark.parametrize(("scatter", "slope"), [(0.1, 1.0), (1.0, 0.86), (3.0, 0.53)])
def test_the_mean_of_logits_is_not_biased_where_members_scatter(scatter, slope):
    exact = np.concatenate([toys.gaussian_log_ratio(s.features) for s in toys.gaussian_pair(5_000)])
    members = exact[:, None] + scatter * np.random.default_rng(99).normal(size=(exact.size, 5))
    error = 3 * scatter / np.sqrt(5 * exact.size) / exact.std()
    assert of_members(exact, members, "logit")[0] == pytest.approx(1, abs=max(error, 0.03))
    assert of_members(exact, members, "probability")[0] == pytest.approx(slope, abs=max(error, 0.03))


def test_one_wild_member_moves_the_mean_of_probabilities_less():
    exact = np.concatenate([toys.gaussian_log_ratio(s.features) for s in toys.gaussian_pair(1_000)])
    members = np.repeat(exact[:, None], 5, axis=1)
    members[::20, 0] += 20
    assert of_members(exact, members, "probability")[1] < of_members(exact, members, "logit")[1] / 2


@pytest.mark.slow
@pytest.mark.parametrize(
    "wild",
    [
        {"epochs": 2},
        {"epochs": 40, "dropout": 0.0, "weight_decay": 0.0, "average": 0.0},
    ],
)
def test_rules_differ_little_between_trained_members(tmp_path, wild):
    """Members of 2 epochs, and members that learned 500 + 500 events by heart and disagree."""
    n = 500 if "average" in wild else 8_000
    config = ts.FitConfig(protocol="split", members=5, device="cpu", **wild)
    study = ts.fit(*toys.gaussian_pair(n), config=config, cache=tmp_path, progress=False)
    sides = study.reference, study.generated
    x = [np.stack([s.observables[f"x{i}"] for i in range(5)], axis=1) for s in sides]
    exact = np.concatenate([toys.gaussian_log_ratio(rows) for rows in x])
    members = np.concatenate([s.members for s in sides])
    (_, logit), (_, probability) = (of_members(exact, members, r) for r in ("logit", "probability"))
    assert logit == pytest.approx(probability, rel=0.03)
    assert logit < np.mean([of_members(exact, one[:, None], "logit")[1] for one in members.T])
