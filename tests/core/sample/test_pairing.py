"""Inputs of two samples side by side: matched by name, with what is undefined flagged."""

from __future__ import annotations

import numpy as np
import pytest

from tailscope.errors import PairError
from tailscope.sample.observable import Observable
from tailscope.sample.pairing import matched
from tailscope.sample.sample import Sample


def table(name: str, **columns: object) -> Sample:
    """A table as `load` gives it: what is undefined is 0 among its features."""
    arrays = {key: np.asarray(values, dtype=np.float32) for key, values in columns.items()}
    features = np.nan_to_num(np.stack(list(arrays.values()), axis=1))
    return Sample(name, features, arrays, names=tuple(arrays), level="low")


def test_columns_in_another_order_are_the_same():
    ref = table("ref", a=[1, 2], b=[3, 4])
    gen = table("gen", b=[30, 40], a=[10, 20])
    one, other = matched(ref, gen)
    assert one is ref
    assert other.names == ("a", "b")
    assert np.array_equal(other.inputs(slice(None)), [[10, 30], [20, 40]])


def test_twice_does_no_harm_and_the_reference_stays_as_it_is():
    ref = table("ref", a=[1, 2, np.nan], b=[3, 4, 5])
    gen = table("gen", b=[30, 40, 50], a=[np.nan, 20, 30])
    once = matched(ref, gen)
    assert matched(*once) == once  # the same objects


def test_a_name_without_counterpart_is_a_sentence_that_lists_it():
    ref = table("ref", mass=[1, 2], pt=[1, 2], eta=[3, 4])
    gen = table("gen", mass=[1, 2], pt=[1, 2], rapidity=[3, 4])
    with pytest.raises(
        PairError, match=r"eta of ref and rapidity of gen have no counterpart.*2 that both .*--common"
    ):
        matched(ref, gen)


def test_in_common_they_are_left_out_and_that_is_kept():
    ref = table("ref", mass=[1, 2], eta=[3, 4], pt=[5, 6])
    gen = table("gen", pt=[50, 60], mass=[10, 20], rapidity=[30, 40])
    one, other = matched(ref, gen, common=True)
    assert one.names == other.names == ("mass", "pt")
    assert np.array_equal(one.inputs(slice(None)), [[1, 5], [2, 6]])
    assert np.array_equal(other.inputs(slice(None)), [[10, 50], [20, 60]])
    assert (one.alone, other.alone) == (("eta",), ("rapidity",))
    assert "eta" not in one.observables
    assert "ref: eta left out" in one.remarks[0]
    assert one.source.reading.common
    # What the fit and everybody after it gets needs no permission any more.
    assert matched(one, other) == (one, other)


def test_nothing_in_common_is_refused_whatever_is_asked():
    with pytest.raises(PairError, match="have no column in common"):
        matched(table("ref", a=[1, 2]), table("gen", b=[1, 2]), common=True)


def test_undefined_in_one_sample_is_a_flag_in_both_and_the_reference_s_median():
    ref = table("ref", a=[1, 2, 3], b=[3, 4, 5])
    gen = table("gen", a=[7, np.nan, 9], b=[3, 4, 5])
    one, other = matched(ref, gen)
    assert one.flagged == other.flagged == ("a",)
    assert np.array_equal(one.inputs(slice(None)), [[1, 3, 0], [2, 4, 0], [3, 5, 0]])
    assert np.array_equal(other.inputs(slice(None)), [[7, 3, 0], [2, 4, 1], [9, 5, 0]])
    assert np.isnan(other.observables["a"][1])


def test_what_stands_for_a_missing_number_in_one_does_in_the_other():
    ref = table("ref", a=[1, 2, np.nan], b=[1, 2, 3])
    ref = Sample(
        ref.name, ref.features, ref.observables, names=ref.names, level="low", sentinels={"a": -999.0}
    )
    gen = table("gen", a=[1, -999, 3], b=[1, -999, 3])
    _, other = matched(ref, gen)
    assert np.array_equal(np.isnan(other.observables["a"]), [False, True, False])
    assert other.observables["b"][1] == -999
    assert np.array_equal(other.inputs(slice(None))[:, 2], [0, 1, 0])


def test_samples_without_names_are_matched_by_number():
    ref = Sample("ref", np.zeros((3, 2)), {"a": np.arange(3)})
    gen = Sample("gen", np.ones((3, 2)), {"a": np.arange(3)})
    assert matched(ref, gen) == (ref, gen)
    with pytest.raises(PairError, match="2 classifier inputs an event and gen 3"):
        matched(ref, Sample("gen", np.ones((3, 3)), {"a": np.arange(3)}))


def test_units_that_differ_are_refused_and_one_that_is_not_known_is_not():
    def in_unit(unit: str) -> Sample:
        sample = table("s", pt=[1, 2])
        return Sample(
            "s",
            sample.features,
            sample.observables,
            (Observable("pt", "p", unit),),
            names=("pt",),
            level="low",
        )

    with pytest.raises(PairError, match="pt is in GeV in s and in MeV in s"):
        matched(in_unit("GeV"), in_unit("MeV"))
    assert matched(in_unit("GeV"), in_unit(""))


def test_whole_numbers_that_are_generated_as_fractions_are_said():
    ref = table("ref", n=[1, 2, 3])
    _, other = matched(ref, table("gen", n=[1, 2.5, 3]))
    assert "n: whole numbers in ref and not in gen" in other.remarks[0]
    _, other = matched(ref, table("gen", n=[3, 1, 1]))
    assert not other.remarks
    for values in ([0.5, 2, 3], [np.nan, np.nan, np.nan]):
        _, other = matched(table("ref", n=values), table("gen", n=[1, 2.5, 3]))
        assert not other.remarks


def test_what_is_set_aside_in_one_file_is_set_aside_in_the_other():
    ref = table("ref", a=[1, 2, 3])
    ref = Sample("ref", ref.features, ref.observables, names=("a",), level="low", aside=("index",))
    one, other = matched(ref, table("gen", index=[7, 3, 9], a=[1, 2, 4]))
    assert one is ref
    assert other.names == ("a",)
    assert "gen: index left out: like that of ref" in other.remarks


def test_a_column_that_is_text_in_one_file_is_said_to_be():
    gen = table("gen", a=[1, 2, 4])
    gen = Sample("gen", gen.features, gen.observables, names=("a",), level="low", unread={"pt": "text"})
    with pytest.raises(
        PairError, match=r"pt of ref has no counterpart: pt of gen is left out \(text\); write it"
    ):
        matched(table("ref", a=[1, 2, 3], pt=[1, 2, 3]), gen)
