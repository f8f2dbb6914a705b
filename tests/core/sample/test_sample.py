import numpy as np
import pytest

import tailscope as ts
from tailscope.errors import InputError
from tailscope.sample.source import Source

X = np.zeros((3, 2), np.float32)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"features": np.zeros((0, 2))}, "no events"),
        ({"features": np.zeros((3, 2, 2))}, "n_features"),
        ({"features": [[0, np.nan], [0, 0], [0, 0]]}, "event 0 has a feature that is NaN"),
        ({"observables": {"x": [1, 2]}}, "observable x has shape"),
        ({"condition": np.zeros(2)}, "condition has shape"),
        ({"event_weight": [1, 2]}, "3 finite numbers"),
        ({"event_weight": [1, -2, 0]}, "must be positive"),
        ({"specs": (ts.Observable("y", "y"),)}, "different names"),
    ],
)
def test_bad_samples_are_refused_with_a_sentence(arguments, message):
    with pytest.raises(InputError, match=message):
        ts.Sample(**{"name": "toy", "features": X, "observables": {"x": [1, 2, 3]}} | arguments)


def test_unknown_observable_lists_those_that_are_there():
    with pytest.raises(InputError, match="it has x"):
        ts.Sample("toy", X, {"x": [1, 2, 3]}).observable("y")


def test_inputs_are_features_and_conditions():
    sample = ts.Sample("toy", X, {}, condition=[7, 8, 9])
    assert sample.n_inputs == 3
    assert sample.inputs(slice(1, 3)).tolist() == [[0, 0, 8], [0, 0, 9]]


def test_digests_tell_samples_apart():
    def digest(**changes):
        return ts.Sample(
            **{"name": "toy", "features": X, "observables": {"x": [1, 2, 3]}} | changes
        ).source.sha256

    assert digest() == digest(name="other")
    assert (
        len(
            {
                digest(),
                digest(features=X + 1),
                digest(observables={"x": [1, 2, 4]}),
                digest(condition=[1, 2, 3]),
            }
        )
        == 4
    )


def test_take_keeps_the_events_together():
    sample = ts.Sample("toy", np.arange(6).reshape(3, 2), {"x": [1, 2, 3]}, event_weight=[1, 2, 3])
    part = sample.take(np.array([2, 0]), "part")
    assert part.features.tolist() == [[4, 5], [0, 1]]
    assert part.observable("x").tolist() == [3, 1]
    assert part.event_weight.tolist() == [3, 1]
    assert part.source.sha256 != sample.source.sha256


def test_features_are_looked_at_once_where_they_enter():
    class Counted:
        shape, read = (3, 2), 0

        def __getitem__(self, rows):
            self.read += 1
            return X[rows]

    features = Counted()
    sample = ts.Sample("toy", features, {"x": [1, 2, 3]}, source=Source(None, "0", "arrays"))
    assert features.read == 1
    part = sample.take(np.array([2, 0]), "part").with_observable("y", "2*x").where("y > 2")
    assert features.read == 1
    assert part.observable("y").tolist() == [6]
    assert part.inputs(slice(None)).tolist() == [[0, 0]]
