import json

import fastjsonschema
import numpy as np
import pytest
from fastjsonschema import JsonSchemaValueException
from hypothesis import given
from hypothesis import strategies as st

from tailscope.record import (
    BothTails,
    Epoch,
    LeftOut,
    MisfitError,
    Provenance,
    TrainingRecord,
    finite,
    parsed,
    plain,
    schema_of,
    typed,
)
from tailscope.selection import Cut, Selection

losses = st.floats(0, 100)
epochs = st.builds(
    Epoch, train_loss=losses, validation_loss=losses, learning_rate=losses, kl=st.none() | losses
)


@st.composite
def trainings(draw):
    run = draw(st.lists(epochs, min_size=1, max_size=4))
    best = draw(st.permutations(range(1, len(run) + 1)))
    return TrainingRecord(
        fold=draw(st.integers(0, 9)),
        member=draw(st.integers(0, 9)),
        seed=draw(st.integers()),
        train_events=100,
        validation_events=20,
        best_epoch=best[0],
        best_epochs=tuple(best[: draw(st.integers(0, len(best)))]),
        learning_rate=draw(losses),
        squeezed=tuple(draw(st.lists(st.integers(0, 500), max_size=3))),
        epochs=tuple(run),
    )


records = trainings() | st.builds(
    Provenance,
    weights=st.text(),
    shared_events=st.none() | st.integers(0),
    left_out=st.none() | st.just(LeftOut(reference=0, generated=3)),
    notes=st.none() | st.lists(st.text(), max_size=2).map(tuple),
    versions=st.dictionaries(st.text(), st.text(), max_size=2),
)


@given(records)
def test_a_record_comes_back_from_json_and_fits_its_schema(record):
    text = json.dumps(plain(record), allow_nan=False)
    assert typed(parsed(text.encode("utf-8", "replace")), type(record)) == record
    fastjsonschema.compile(dict(schema_of(type(record))), use_default=False)(json.loads(text))


def test_the_schema_refuses_what_the_record_refuses():
    good = {"reference": 1, "generated": 2}
    validate = fastjsonschema.compile(dict(schema_of(LeftOut)))
    assert validate(good) == plain(typed(good, LeftOut))
    for bad in ({"reference": 1}, good | {"generated": -1}, good | {"generated": "2"}, []):
        with pytest.raises(JsonSchemaValueException):
            validate(bad)
        with pytest.raises(MisfitError):
            typed(bad, LeftOut)


def test_a_misfit_says_where_and_what():
    with pytest.raises(MisfitError) as found:
        typed({"low": {"reference": 1, "generated": 2}, "high": {"reference": True}}, BothTails[LeftOut])
    assert (found.value.path, found.value.problem) == ("$.high.reference", "expected int, got bool")
    with pytest.raises(MisfitError) as found:
        typed([], LeftOut)
    assert (found.value.path, found.value.problem) == ("$", "expected object, got array")


def test_what_is_not_known_is_not_written():
    assert plain(Provenance(weights="imported")) == {"weights": "imported"}
    assert plain(Provenance(notes=(), shared_events=0)) == {"notes": [], "shared_events": 0}
    assert "kl" not in plain(Epoch(train_loss=1, validation_loss=1))


def test_numbers_of_numpy_and_tuples_are_plain_data_too():
    selection = Selection(np.float64(0.5), 2, (Cut("x", np.float64(1)),))
    assert json.loads(json.dumps(plain(selection))) == plain(selection)
    assert plain(selection)["cuts"] == [{"observable": "x", "low": 1, "high": None}]


@pytest.mark.parametrize("text", ["", "NaN", "[Infinity]", "1e999", "{'a': 1}", "[" * 10_000, '"\ud800"'])
def test_no_json(text):
    with pytest.raises(ValueError, match=r"JSON|range|truncated"):
        parsed(text)


def test_json_knows_no_infinity():
    assert [finite(value) for value in (1.5, np.inf, -np.inf, np.nan)] == [1.5, None, None, None]
