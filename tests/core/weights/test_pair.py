"""A pair: parts of it, what is found once, copies."""

import copy
import threading

import numpy as np
import pytest

import tailscope as ts
from helpers import toys
from tailscope.comparing.compare import same_reference
from tailscope.errors import InputError
from tailscope.memo import Memo


def test_a_part_has_the_weights_of_its_events_and_the_edges_of_the_whole():
    study = toys.exact_study(500)
    rows = np.array([7, 3, 400]), np.arange(0, 500, 2)
    part = study.take(*rows)
    assert isinstance(part, ts.Study)
    assert part.path is None
    for name, chosen in zip(("reference", "generated"), rows, strict=True):
        assert (part.log_weights(name) == study.log_weights(name)[chosen]).all()
        assert (part.sample(name).rows == chosen).all()
        for observable in study.observables:
            assert part.observable(observable.name).binning == observable.binning
            whole = study.sample(name).observables[observable.name]
            np.testing.assert_array_equal(part.sample(name).observables[observable.name], whole[chosen])
    again = part.take([2, 0], [1])
    assert again.reference.rows.tolist() == [400, 7]
    assert again.generated.rows.tolist() == [2]
    assert part.auc() == toys.exact_study(500).take(*rows).auc()


def test_halves_of_one_reference_are_not_the_same_reference():
    study, everything = toys.exact_study(400), np.arange(400)
    halves = [study.take(everything[start::2], everything) for start in (0, 1)]
    assert not same_reference(*halves)
    assert same_reference(halves[0], study.take(everything[::2], [0, 1]))
    assert halves[0].reference.source.digest == study.reference.source.digest


def test_a_part_of_nothing_is_empty():
    part = toys.exact_study(50).take([], [])
    assert (len(part.reference), len(part.generated)) == (0, 0)


@pytest.mark.parametrize("rows", [np.ones(50, bool), [1.5], [[1]], [50], [-1]], ids=str)
def test_what_are_no_numbers_of_events_is_refused(rows):
    with pytest.raises(InputError, match="events"):
        toys.exact_study(50).take(rows, [0])


def test_a_study_that_has_found_something_can_be_copied():
    study = toys.exact_study(50)
    digest = study.digest
    other = copy.deepcopy(study)
    assert other.digest == digest
    assert other.auc() == study.auc()


def test_what_is_asked_by_many_threads_is_computed_once():
    memo, made, started = Memo(), [], threading.Barrier(8)
    found = []

    def compute():
        made.append(None)
        return object()

    def ask():
        started.wait()
        found.append(memo.get("key", compute))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(made) == 1
    assert len(found) == 8
    assert len({id(value) for value in found}) == 1


def test_what_fails_is_tried_again():
    memo, tries = Memo(), []

    def compute():
        tries.append(None)
        if len(tries) == 1:
            raise ValueError("not yet")
        return 5

    with pytest.raises(ValueError, match="not yet"):
        memo.get("key", compute)
    assert not memo.knows("key")
    assert memo.get("key", compute) == 5
    assert memo.knows("key")
