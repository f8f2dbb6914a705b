"""Figures: the numbers are the study's, the words are there, and nothing of matplotlib's state is touched."""

import io
import json
import subprocess
import sys
from xml.etree import ElementTree as ET

import fastjsonschema  # noqa: F401 - what uhi's own validation needs
import hist
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import uhi.io.json
import uhi.schema
from pypdf import PdfReader
from typer.testing import CliRunner

import tailscope as ts
from helpers.pages import HOSTILE, hostile_study, odd_study
from helpers.toys import exact_study
from tailscope.errors import SelectionError
from tailscope_dashboard.cli import app
from tailscope_dashboard.figures import (
    Choice,
    all_panels,
    bytes_of,
    choice_of_view,
    figure,
    one_panel,
    source_of,
)
from tailscope_dashboard.figures.words import maths, number, plain, range_words
from tailscope_dashboard.state.overlays import overlays_of
from tailscope_dashboard.state.permalink import follow
from tailscope_dashboard.state.state import State
from tailscope_dashboard.state.view import View, understood

STUDY = exact_study(3000, name="toy")
TAIL = ts.Selection(low=1.6, cuts=(ts.Cut("x1", high=0.1),), name="orange", colour="#E69F00")
SVG = "{http://www.w3.org/2000/svg}"


def texts_of_pdf(data):
    """The text of every page, without blanks: mathtext is placed letter by letter."""
    return ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(data)).pages]


def run(*arguments):
    return CliRunner().invoke(app, ["figure", *map(str, arguments)])


def steps_of(axes):
    """Heights of the step lines of a drawn histogram, in the order they were drawn."""
    found = []
    for patch in axes.patches:
        data = getattr(patch, "get_data", None)
        if data is not None and not patch.get_fill():
            found.append(np.asarray(data().values))
    return found


def test_what_is_drawn_is_what_the_study_counts():
    drawn = figure(STUDY, "x0", [TAIL], density=False)
    main = drawn.axes[0]
    expected = [
        STUDY.histogram("x0", "reference"),
        STUDY.histogram("x0", "generated"),
        STUDY.index("generated").histograms(ts.Selection()).reweighted("x0"),
        STUDY.histogram("x0", "reference", TAIL),
    ]
    shown = steps_of(main)
    assert len(shown) == 4
    fell = [any(h.underflow for h in expected), any(h.overflow for h in expected)]

    def whole(under, bins, over):
        return np.array([*([under] if fell[0] else []), *bins, *([over] if fell[1] else [])])

    for heights, h in zip(shown, expected, strict=True):
        np.testing.assert_allclose(heights, whole(h.underflow, h.values, h.overflow))
    errors = [bars for bars in main.collections if bars.get_segments]
    for bars, h in zip(errors, expected, strict=True):
        under, over, _ = h.outside_variances
        filled = whole(h.underflow, h.values, h.overflow) > 0
        sigma = np.sqrt(whole(under, h.variances, over))[filled]
        ends = np.array([segment[:, 1] for segment in bars.get_segments()])
        np.testing.assert_allclose((ends[:, 1] - ends[:, 0]) / 2, sigma)


def test_a_density_has_unit_area_with_under_and_overflow():
    panel = one_panel(STUDY, "x0", Choice((TAIL,)), ts.Binning([-1.0, -0.5, 0.0, 0.5]))
    for line in panel.lines:
        h = panel.height(line.histogram)
        assert line.histogram.underflow > 0
        assert (h.values * np.diff(h.edges)).sum() == pytest.approx(1)
        inside = panel.edges[[0, -1]]
        assert h.edges[0] < inside[0]
        assert h.edges[-1] > inside[1]


def test_weights_are_counted_and_infinite_ones_shown():
    study = odd_study()
    panel = one_panel(study, "w", Choice((), is_density=False))
    reference, generated = (line.histogram for line in panel.lines)
    assert (reference.overflow, generated.underflow) == (1, 1)
    assert [h.values[-1] for h in (panel.height(reference),)] == [1]
    counted = one_panel(STUDY, "w", Choice())
    for line in counted.lines:
        w = STUDY.weights(line.key)
        edges = counted.edges
        np.testing.assert_array_equal(line.histogram.values, np.histogram(w, edges)[0])
    words = [text.get_text() for text in figure(study, "w").axes[0].texts]
    assert words == ["$w = 0$", r"$w = \infty$"]


def test_a_slice_holds_for_every_curve_and_is_said():
    cut = ts.Cut("x2", 0.0, 1.0)
    panel = one_panel(STUDY, "x0", Choice((TAIL,), (cut,)))
    inside = ts.Selection(cuts=(cut,))
    assert panel.lines[0].histogram.total == STUDY.select("reference", inside).size
    assert panel.within == r"0 ≤ $\mathrm{x2}$ < 1"
    weights = one_panel(STUDY, "w", Choice((), (cut,)))
    assert weights.lines[1].histogram.total == STUDY.select("generated", inside).size


def test_a_pdf_has_a_page_for_each_with_names_cuts_and_digest():
    choice = Choice((TAIL,))
    pages = texts_of_pdf(bytes_of(STUDY, all_panels(STUDY, choice), choice, "pdf"))
    assert len(pages) == 1 + len(STUDY.observables)
    for name, text in zip(["w", *(o.name for o in STUDY.observables)], pages, strict=True):
        assert f"study{STUDY.digest[:12]}" in text
        assert "reference(reference)" in text
        assert "orange:" in text
        assert name in text
    assert "ratiotoref." in pages[1]
    assert "x1<0.1" in pages[1]
    assert "1.6" in pages[1]
    narrow = [one_panel(STUDY, "x0", choice, ts.Binning([-1.0, 0.0, 1.0]))]
    assert "underflow" in texts_of_pdf(bytes_of(STUDY, narrow, choice, "pdf"))[0]


def test_an_svg_has_the_curves_in_their_colours_and_no_text_that_could_run():
    choice = Choice((TAIL,))
    content = bytes_of(STUDY, [one_panel(STUDY, "x0", choice)], choice, "svg")
    root = ET.fromstring(content)
    paths = [path.get("style", "") for path in root.iter(f"{SVG}path")]
    for colour in ("#e69f00", "#22272c", "#d5d9dd", "#7a5195"):
        assert any(colour in style for style in paths), colour
    assert not list(root.iter(f"{SVG}script"))
    assert b"orange: " in content  # in the comments, which name each text


def test_the_same_figure_is_the_same_bytes():
    choice = Choice((TAIL,))
    panels = [one_panel(STUDY, "x0", choice)]
    for kind in ("pdf", "json"):
        assert bytes_of(STUDY, panels, choice, kind) == bytes_of(STUDY, panels, choice, kind)


@pytest.mark.parametrize("study", [hostile_study(), odd_study()], ids=["hostile", "odd"])
def test_names_that_are_code_and_empty_histograms_are_drawn(study):
    selections = (ts.Selection(low=1.6, name=HOSTILE + "$x^{$"), ts.Selection(high=0.0, name="no event"))
    choice = Choice(selections, log_y=True, mean_weight=True)
    panels = all_panels(study, choice)
    assert len(panels) == 1 + len(study.observables)
    (text,) = texts_of_pdf(bytes_of(study, panels[1:2], choice, "pdf"))
    if study.name == HOSTILE + "s":
        assert "<imgsrc=xonerror" in text
    linear = Choice(selections, log_y=False)
    svg = bytes_of(study, all_panels(study, linear), linear, "svg")
    assert not list(ET.fromstring(svg).iter(f"{SVG}script"))


def test_words_are_text_unless_they_are_ours():
    assert plain("a $x$\nb\x00") == r"a \$x\$ b"
    assert len(plain("n" * 500)) == 60
    assert maths(r"E_{\mathrm{tot}}", "E_tot", "GeV") == r"$E_{\mathrm{tot}}$ [GeV]"
    assert maths(r"x_{unclosed", "mine$", "GeV") == r"mine\$ [GeV]"
    assert range_words("$w$", 1.6, None) == "$w$ ≥ 1.6"
    assert range_words("$w$", None, float("inf")) == "$w$ < ∞"
    assert number(1.5e-7) == r"$1.5 \times 10^{-7}$"
    assert number(1e-7) == "$10^{-7}$"


def test_json_is_valid_uhi_and_hist_reads_the_numbers():
    cut = ts.Cut("x2", low=-1.0)
    choice = Choice((TAIL,), (cut,))
    data = bytes_of(STUDY, [one_panel(STUDY, n, choice) for n in ("w", "x0")], choice, "json")
    plain_data = json.loads(data)
    uhi.schema.validate(plain_data)
    read = json.loads(data, object_hook=uhi.io.json.object_hook)
    assert set(read) == {f"w/{s}" for s in ("reference", "generated")} | {
        f"x0/{key}" for key in ("reference", "generated", "reweighted", "selection_1")
    }
    inside = ts.Selection(1.6, cuts=(*TAIL.cuts, cut))
    expected = STUDY.histogram("x0", "reference", inside)
    found = hist.Hist(read["x0/selection_1"])
    np.testing.assert_array_equal(found.values(), expected.values)
    np.testing.assert_array_equal(found.variances(), expected.variances)
    assert found.values(flow=True)[[0, -1]].tolist() == [expected.underflow, expected.overflow]
    about = plain_data["x0/selection_1"]["metadata"]
    assert about["digest"] == STUDY.digest
    assert ts.Selection.from_dict(json.loads(about["selection"])) == TAIL


@pytest.mark.parametrize(
    ("names", "own"),
    [(["x0"], {}), (["w"], {}), (["x1", "x3"], {}), (["w", "x1", "x3"], {"x3": False})],
    ids=["one", "weights", "grid", "own axes"],
)
def test_the_python_that_made_it_runs_as_pasted(tmp_path, monkeypatch, capsys, names, own):
    study = ts.open(STUDY.save(tmp_path / "it's a toy.study.h5"))
    other = ts.open(exact_study(3000, name="other").save(tmp_path / "other.study.h5"))
    overlays = overlays_of(study, (study, other))
    selections = (
        TAIL,
        ts.Selection(
            high=float("inf"), name='"quoted" \\ \n', cuts=(ts.Cut("x0", -1, 1),), sample="generated"
        ),
    )
    binning = ts.Binning(np.linspace(-2, 2, 9)) if names == ["x0"] else None
    choice = Choice(
        selections, (ts.Cut("x2", low=-1.0),), overlays, log_y=True, is_density=False, log_y_of=own
    )
    code = source_of(study, names, choice, output="again.svg", binning=binning)
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "pasted", "exec"), {"__name__": "__main__"})
    panels = [one_panel(study, name, choice, binning) for name in names]
    again = (tmp_path / "again.svg").read_bytes()
    ours = bytes_of(study, panels, choice, "svg")
    assert _shapes(again) == _shapes(ours)
    if len(names) == 1 and names != ["w"]:
        counted = study.histogram("x0", "reference", TAIL)
        assert float(capsys.readouterr().out.split()[0]) == counted.values.sum()


def _shapes(svg):
    """Every path and its style, without the names that matplotlib makes up."""
    return [(p.get("d"), p.get("style")) for p in ET.fromstring(svg).iter(f"{SVG}path") if not p.get("id")]


def test_a_notebook_shows_a_figure_without_pyplot():
    assert figure(STUDY, "x0")._repr_png_().startswith(b"\x89PNG")


def test_matplotlib_is_left_as_it_was():
    figure(STUDY, "x0")
    changed = {key for key, value in mpl.rcParams.items() if value != mpl.rcParamsDefault[key]}
    assert not {key for key in changed if not key.startswith("backend")}
    assert plt.get_fignums() == []


def test_neither_the_command_line_nor_the_page_imports_matplotlib_at_its_start():
    code = "import sys, tailscope_dashboard.cli, tailscope_dashboard.page; print('matplotlib' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert said.strip() == "False"


def test_the_command_draws_the_selection_it_is_given(tmp_path, toy_file):
    target = tmp_path / "x0.pdf"
    said = run(toy_file, "--observable", "x0", "--low", 1.6, "--cut", "x1:..0.1", "-o", target, "--code")
    assert said.exit_code == 0, said.output
    (page,) = texts_of_pdf(target.read_bytes())
    assert "selection:" in page
    assert "x1<0.1" in page
    code = said.stdout  # nothing else, so that it can be sent into a file
    assert "ts.Selection(low=1.6, cuts=(ts.Cut('x1', None, 0.1),)" in code
    compile(code, "pasted", "exec")


def test_the_command_draws_what_a_link_shows(tmp_path, toy_file):
    link = "?v=2&focus=x3&s=mine;w:2..;cut:x1:0..1&s=gone;w:..1;hidden&view.slice=x2:-1..1"
    said = run(toy_file, "--link", link, "-o", tmp_path / "x.json")
    assert said.exit_code == 0, said.output
    found = json.loads((tmp_path / "x.json").read_text())
    assert set(found) == {f"x3/{key}" for key in ("reference", "generated", "reweighted", "selection_1")}
    study = ts.open(toy_file)
    inside = ts.Selection(2.0, cuts=(ts.Cut("x1", 0, 1), ts.Cut("x2", -1, 1)))
    values = found["x3/selection_1"]["storage"]["values"]
    assert sum(values) == study.select("reference", inside).size


def test_a_histogram_has_the_axis_that_the_link_gives_it_alone(tmp_path, toy_file):
    study = ts.open(toy_file)
    link = "?v=2&focus=x3&view.panel_yscale=x3:log,x1:linear&view.yscale=log&view.weight_yscale=linear"
    state = State([study])
    follow(state, link, [])
    choice = choice_of_view(study, [study], state.drawn, state.slice, understood(state.view, View))
    kinds = {name: one_panel(study, name, choice).log_y for name in ("x0", "x1", "x3", "w")}
    assert kinds == {"x0": True, "x1": False, "x3": True, "w": False}
    for more, scale in (([], "log"), (["--linear-y"], "linear")):
        said = run(
            toy_file, "--link", link.replace("view.yscale=log", ""), *more, "--code", "-o", tmp_path / "x.svg"
        )
        assert said.exit_code == 0, said.output
        assert ("log_y=True" in said.stdout) == (scale == "log")


def test_a_logarithmic_axis_is_not_promised_where_there_is_none(tmp_path, toy_file):
    """x0 has both signs: alone it is refused, among others it is drawn linear and said."""
    said = run(toy_file, "--observable", "x0", "--log-x", "-o", tmp_path / "x.pdf")
    assert said.exit_code == 2
    assert "the bins of x0 begin at -" in said.output.replace("\n", " ")
    assert not (tmp_path / "x.pdf").exists()
    bins = ["--from", 0.5, "--to", 3, "--bins", 5]
    assert run(toy_file, "--observable", "x0", "--log-x", *bins, "-o", tmp_path / "x.pdf").exit_code == 0
    said = run(toy_file, "--observable", "x0", "--observable", "x1", "--log-x", "-o", tmp_path / "y.pdf")
    assert said.exit_code == 0, said.output
    assert "x0, x1: the bins begin at or below 0" in said.output.replace("\n", " ")
    with pytest.raises(SelectionError, match="cannot be logarithmic"):
        figure(STUDY, "x0", log_x=True)
    assert [panel.log_x for panel in all_panels(STUDY, Choice(log_x=True))] == [True, *[False] * 5]


def test_all_observables_are_one_file(tmp_path, toy_file):
    assert run(toy_file, "--all", "-o", tmp_path / "all.json").exit_code == 0
    found = json.loads((tmp_path / "all.json").read_text())
    assert {name.partition("/")[0] for name in found} == {"w", "x0", "x1", "x2", "x3", "x4"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "name what to draw with --observable"),
        (["--observable", "gone"], "no observable 'gone'"),
        (["--observable", "x0", "--all"], "leave out --observable"),
        (["--observable", "x0", "--link", "?v=1", "--low", "2"], "leave out --low"),
        (["--observable", "x0", "--link", "nothing"], "not a permalink"),
        (["--observable", "w", "--bins", "3"], "for one observable"),
        (["--observable", "x0", "--bins", "3", "--from", "2", "--to", "1"], "is empty"),
        (["--observable", "x0", "--low", "3", "--high", "1"], "inverted"),
        (["--observable", "x0", "--within", "gone:0..1"], "gone"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(tmp_path, toy_file, arguments, sentence):
    said = run(toy_file, "-o", tmp_path / "x.pdf", *arguments)
    assert said.exit_code == 2, said.output
    assert sentence in said.output.replace("\n", " ")
    assert not list(tmp_path.iterdir())


def test_other_endings_are_refused(tmp_path, toy_file):
    said = run(toy_file, "--observable", "x0", "-o", tmp_path / "x.eps")
    assert said.exit_code == 2
    assert ".pdf, .png or .svg" in said.output.replace("\n", " ")
