"""Observables of one's own: arithmetic that is right, and everything else refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tailscope as ts
from tailscope.errors import InputError
from tailscope.sample.condition import passes
from tailscope.sample.expression import evaluate, names_in, quoted

N = 50
rng = np.random.default_rng(0)
X = {"E_1": rng.exponential(5, N).astype("f4"), "E_tot": rng.exponential(9, N).astype("f4")}
X |= {"eta": rng.normal(0, 1, N).astype("f4"), "p T": np.arange(N, dtype="f4"), "zero": np.zeros(N, "f4")}
A, B, C, P = (X[name].astype(float) for name in ("E_1", "E_tot", "eta", "p T"))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("E_1/E_tot", A / B),
        ("  E_1 / E_tot\n", A / B),
        ("-eta + 2*E_1 - 3", -C + 2 * A - 3),
        ("E_1**2 % 3", A**2 % 3),
        ("2**-1 * E_1", A / 2),
        ("(E_1 + E_tot) * (E_1 - E_tot)", (A + B) * (A - B)),
        ("log10(E_1) + sqrt(E_tot)", np.log10(A) + np.sqrt(B)),
        ("abs(eta)", np.abs(C)),
        ("hypot(E_1, E_tot)", np.hypot(A, B)),
        ("min(E_1, 2)", np.minimum(A, 2)),
        ("max(E_1, E_tot)", np.maximum(A, B)),
        ("cos(pi * eta)", np.cos(np.pi * C)),
        ("`p T` * 1e-3", P * 1e-3),
    ],
)
def test_arithmetic(expression: str, expected: np.ndarray) -> None:
    result = evaluate(expression, X)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, expected, rtol=1e-5)


@pytest.mark.parametrize(
    "expression", ["E_1/zero", "zero/zero", "log(-E_1)", "E_1 * 1e300 * 1e300", "E_1 * 9**9**9"]
)
def test_what_is_undefined_is_nan(expression: str) -> None:
    assert np.isnan(evaluate(expression, X)).all()


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os').system('true')",
        "E_1.__class__",
        "(lambda: 1)()",
        "[x for x in E_1]",
        "E_1[0]",
        "'a' * E_1",
        "E_1 if eta else 1",
        "E_1 < 3",
        "E_1 and eta",
        "E_1 // 2",
        "open('x')",
        "eval('1')",
        "f'{E_1}'",
        "E_1 @ eta",
        "~E_1",
        "True * E_1",
        "1j * E_1",
        "log(x=E_1)",
        "log(*E_1)",
        "(E_1, eta)",
        "(E_1 := eta)",
    ],
)
def test_nothing_but_arithmetic(expression: str) -> None:
    with pytest.raises(InputError, match=r"is not arithmetic|there is no observable|is not an expression"):
        evaluate(expression, X)


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        ("  E_1 + ", "'  E_1 [+] ' is not an expression: something is missing behind 'E_1 [+]'"),
        ("", "is not an expression: it is empty"),
        ("E_1 = 2", "is not an expression: write == instead of = in '= 2'"),
        ("E_1\0", "is not an expression: it holds a null character"),
        ("E_1 + * eta", r"it cannot be read from '\* eta' on$"),
        ("`p T` + `p T` + * eta", r"it cannot be read from '\* eta' on$"),
        ("  `p T` +\n", "something is missing behind '`p T` [+]'"),
        ("p T / E_1", "it cannot be read from 'T / E_1' on; a name of several words stands in `backquotes`"),
        ("2 * (E_1 + eta", r"the bracket of '\(E_1 [+] eta' is never closed"),
        ("E_1 && eta", "write and instead of && in '&& eta'"),
        ("E_2/E_tot", "there is no observable 'E_2'; the closest are E_1"),
        ("`p t`/E_1", "there is no observable 'p t'; the closest are p T"),
        ("1 + 1", "is a number, expected an expression of observables"),
        ("hypot(E_1)", r"hypot takes 2 argument\(s\), not 1"),
        ("+".join(["E_1"] * 200), "longer than 500 characters"),
        ("-" * 80 + "E_1", "nested more than 50 deep"),
        ("(" * 240 + "E_1" + ")" * 240, "is not an expression: it is nested too deep"),
    ],
)
def test_what_is_wrong_is_said(expression: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        evaluate(expression, X)


class TestWithObservable:
    sample = ts.Sample("toy", features=C, observables={"E_1": X["E_1"], "E_tot": X["E_tot"]})

    def test_an_expression(self) -> None:
        more = self.sample.with_observable("R", "E_1/E_tot", label="R", unit="GeV")
        np.testing.assert_allclose(more.observable("R"), A / B, rtol=1e-6)
        assert [o.name for o in more.specs] == ["E_1", "E_tot", "R"]
        assert (more.specs[2].label, more.specs[2].unit) == ("R", "GeV")
        np.testing.assert_array_equal(more.features[:], self.sample.features[:])
        assert "R" not in self.sample.observables
        assert "RR" in more.with_observable("RR", "R*R").observables

    def test_a_function(self) -> None:
        more = self.sample.with_observable("big", lambda columns: columns["E_1"] > 3)
        np.testing.assert_array_equal(more.observable("big"), X["E_1"] > 3)
        infinite = self.sample.with_observable("one_over", lambda columns: np.full(N, np.inf))
        assert np.isnan(infinite.observable("one_over")).all()

    @pytest.mark.parametrize(
        ("name", "value", "sentence"),
        [
            ("E_1", "E_tot", "has an observable 'E_1' already"),
            ("a b", "E_tot", "is not letters, digits and underscores"),
            ("", "E_tot", "is not letters"),
            ("é", "E_tot", "is not letters"),
            ("short", lambda columns: columns["E_1"][:3], r"observable short has shape \(3,\)"),
        ],
    )
    def test_what_is_refused(self, name: str, value: object, sentence: str) -> None:
        with pytest.raises(InputError, match=sentence):
            self.sample.with_observable(name, value)


ODD = (
    "p_T [GeV]", "events/pt", "Δφ", "a:b", "1st", "and", r"$M_{\mu\mu}$", "it's \"q\"", "a,b", "0", "1e3",
    "µ_pT", "p²", "a..b", "x=1", "lambda", "`", "\"'`", "_quoted_0", "a\\b", " ", "pi", "min", "ﬁt",
)  # fmt: skip


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("mark", "`\"'")
def test_any_name_stands_in_quotes_of_any_kind(name: str, mark: str) -> None:
    columns = {name: X["E_1"], "eta": X["eta"]}
    in_quotes = f"{mark}{name.replace(mark, mark * 2)}{mark}"
    for written in (in_quotes, quoted(name)):
        assert np.array_equal(evaluate(f"2*{written} - eta", columns), (2 * A - C).astype("f4"))
        assert np.array_equal(passes(f"not({written}<3)and eta>0", columns), (A >= 3) & (C > 0))
        assert names_in(f"{written}/eta") == {name, "eta"}


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=12), min_size=3, max_size=3, unique=True))
def test_names_of_any_letters_can_be_used(names: list[str]) -> None:
    columns = dict(zip(names, (X["E_1"], X["E_tot"], X["eta"]), strict=True))
    a, b, c = map(quoted, names)
    assert np.array_equal(evaluate(f"{a}*{b}+{c}", columns), (A * B + C).astype("f4"))
    assert np.array_equal(passes(f"{a} < {b} or {c} > 0", columns), (A < B) | (C > 0))
    assert names_in(f"log({a})+{b}") == {"log", *names[:2]}


@pytest.mark.parametrize("name", ["Δφ", "µ_pT", "p²", "ﬁt", "pi", "min"])
def test_plain_words_of_any_alphabet_need_no_quotes(name: str) -> None:
    assert np.array_equal(evaluate(f"{name}+1", {name: X["eta"]}), (C + 1).astype("f4"))


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        ("p_T [GeV] > 20", "p_T [GeV]"),
        ("eta > 1 and events/pt < 3", "events/pt"),
        ("a:b > 2", "a:b"),
        ("1st > 2", "1st"),
        ("and > 2", "and"),
        (r"$M_{\mu\mu}$ > 90", r"$M_{\mu\mu}$"),
        ("a,b > 2", "a,b"),
        ('it\'s "q" > 2', 'it\'s "q"'),
        ("0 > 3", "0"),
    ],
)
def test_a_name_that_lacks_its_quotes_is_shown_with_them(expression: str, name: str) -> None:
    columns = dict.fromkeys((*ODD, "eta"), X["eta"])
    with pytest.raises(InputError, match=r"stands in `backquotes` or quotes: ") as caught:
        passes(expression, columns)
    advice = str(caught.value).partition("or quotes: ")[2]
    assert advice == quoted(name)
    assert passes(expression.replace(name, advice), columns).shape == (N,)


@pytest.mark.parametrize(
    "expression", ["2*E_9 + 1", "'p_T [GeV]' + E_9", "eta and", "(eta", "1 + 1", '`it\'s "q"` + E_9']
)
def test_nobody_is_told_to_quote_what_he_did_not_write(expression: str) -> None:
    with pytest.raises(InputError) as caught:
        evaluate(expression, {"p_T [GeV]": X["eta"], "eta": X["eta"], "2": X["eta"], 'it\'s "q"': X["eta"]})
    assert "or quotes" not in str(caught.value)


def test_names_of_what_is_no_expression_are_a_sentence() -> None:
    with pytest.raises(InputError, match="something is missing behind 'x >'"):
        names_in("x >")
