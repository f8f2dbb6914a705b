"""Which clauses of a selection each histogram passes."""

from hypothesis import given
from hypothesis import strategies as st

from tailscope.counting.crossfilter import Clause, Resolver
from tailscope.selection import Cut

names = st.sampled_from(["a", "b", "c"])
cuts = st.lists(st.builds(Cut, names, st.sampled_from([None, 0.0, 1.0])), max_size=4).map(tuple)


@given(cuts, cuts, names)
def test_a_histogram_passes_all_but_the_selections_own_cuts_on_it(
    own: tuple[Cut, ...], within: tuple[Cut, ...], name: str
) -> None:
    resolver = Resolver.of(own, within)
    assert resolver.cuts == own + within
    assert resolver.cuts_for(name) == (*(cut for cut in own if cut.observable != name), *within)
    assert sorted(resolver.sources) == sorted({cut.observable for cut in own})


@given(cuts, cuts, names)
def test_without_crossfiltering_every_histogram_passes_everything(
    own: tuple[Cut, ...], within: tuple[Cut, ...], name: str
) -> None:
    resolver = Resolver.of(own, within, cross=False)
    assert resolver.sources == ()
    assert resolver.cuts_for(name) == resolver.cuts == own + within


def test_a_clause_counts_by_its_source_and_not_by_what_it_cuts_on() -> None:
    resolver = Resolver((Clause(Cut("a", 0.0), "b"), Clause(Cut("b", 1.0))))
    assert resolver.sources == ("b",)
    assert resolver.cuts_for("a") == (Cut("a", 0.0), Cut("b", 1.0))
    assert resolver.cuts_for("b") == (Cut("b", 1.0),)
