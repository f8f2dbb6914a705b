"""The command line: what it writes, what it says, and its exit codes."""

import itertools
import json
import re
import signal
import subprocess
import sys
import time

import h5py
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

import tailscope as ts
from helpers.particles import zjets
from helpers.served import served
from helpers.showers import write
from tailscope.config import ALL, FEW, NETWORKS, PRESETS
from tailscope_dashboard import cli
from tailscope_dashboard.commands.terminal import Sentences

SMALL = ("--epochs", "2", "--folds", "2")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Two tables of 300 and 250 events, and a cache of this module's own."""
    folder = tmp_path_factory.mktemp("files")
    rng = np.random.default_rng(0)
    for name, n, shift in (("ref", 300, 0.0), ("gen", 250, 0.5)):
        np.savez(folder / f"{name}.npz", x=rng.normal(shift, 1, n), y=rng.normal(0, 1, n))
    return folder


def run(*arguments):
    return CliRunner().invoke(cli.app, [str(a) for a in arguments], env={"COLUMNS": "300"})


@pytest.fixture(scope="module")
def study_file(files):
    out = files / "first.study.h5"
    done = run("fit", files / "ref.npz", files / "gen.npz", "-o", out, "--cache", files / "cache", *SMALL)
    assert done.exit_code == 0, done.output
    assert re.search(r"AUC +0\.\d{4} ± 0\.\d{4}", done.output)
    assert f"next: tailscope serve {out}" in done.output
    return out


def test_help_teaches():
    done = subprocess.run(
        [sys.executable, "-m", "tailscope_dashboard", "--help"], capture_output=True, text=True, check=True
    )
    assert "tailscope demo" in done.stdout
    for name in ("fit", "import", "show", "serve", "demo"):
        assert name in done.stdout
        assert f"tailscope {name}" in run(name, "--help").output


def test_help_of_fit_names_all_presets_and_networks():
    said = " ".join(run("fit", "--help").output.replace("│", " ").split())
    preset, network = (said[said.index(option) :].split(" --", 2)[0] for option in ("--preset", "--network"))
    for words, known in ((preset, PRESETS), (network, NETWORKS)):
        for name in known:
            assert re.search(rf"\b{name}\b", words), (name, words)


def test_best_has_its_two_members_and_trees_are_a_network(files, tmp_path):
    for options, networks, kinds in (
        (("--preset", "best"), 2 * len(ALL), set(ALL)),
        (("--preset", "best", "--members", "1"), len(ALL), set(ALL)),
        (("--network", "trees"), 1, {""}),
    ):
        out = tmp_path / "out.study.h5"
        both = files / "ref.npz", files / "gen.npz"
        done = run("fit", *both, "-o", out, "--cache", files / "cache", *SMALL, *options)
        assert done.exit_code == 0, done.output
        study = ts.open(out)
        assert len(study.history) == 2 * networks
        assert {run.kind for run in study.history} == kinds


def test_help_imports_nothing_slow():
    heavy = "{'torch', 'panel', 'bokeh', 'matplotlib', 'scipy', 'pandas', 'numba'}"
    script = f"import sys, tailscope_dashboard.cli; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_fit_writes_a_study(study_file):
    study = ts.open(study_file)
    assert (len(study.reference), len(study.generated)) == (300, 250)
    assert [(run.fold, run.kind) for run in study.history] == [
        (fold, kind) for fold in (0, 1) for kind in FEW
    ]
    # Of forms, the ridges that were tried.
    assert all(len(run.epochs) <= 2 for run in study.history if run.kind not in ("quadratic", "additive"))


def test_event_weights_features_on_disk_and_recalibration(files, tmp_path):
    x = {name: dict(np.load(files / f"{name}.npz")) for name in ("ref", "gen")}
    weight = np.where(np.arange(300) % 10 == 0, -1.0, 1.0)
    np.savez(tmp_path / "weighted.npz", **x["ref"], weight=weight)
    out = tmp_path / "out.study.h5"
    options = ("--event-weight", "reference=weight", "--on-disk", "--recalibrate", "platt", *SMALL)
    arguments = (tmp_path / "weighted.npz", files / "gen.npz", "-o", out, "--cache", tmp_path / "cache")
    done = run("fit", *arguments, *options)
    assert done.exit_code == 0, done.output
    assert "they stay on disk while it learns" in done.output
    study = ts.open(out)
    np.testing.assert_array_equal(study.reference.event_weight, weight)
    assert study.generated.event_weight is None
    assert "weight" not in [o.name for o in study.observables]
    assert study.provenance.recalibration == "platt"
    assert "recalibrated (platt)" in run("show", out).output


@pytest.fixture
def weighted(files, tmp_path):
    """The tables with a column of event weights: (reference, generated) files and weights."""
    weights = {"ref": np.where(np.arange(300) % 10 == 0, -1.0, 3.0), "gen": np.linspace(0.1, 5, 250)}
    for name, weight in weights.items():
        np.savez(tmp_path / f"{name}.npz", **dict(np.load(files / f"{name}.npz")), weight=weight)
    return [tmp_path / f"{name}.npz" for name in weights], list(weights.values())


def test_import_takes_event_weights_and_the_printed_tails_are_those_of_their_sums(weighted, tmp_path):
    (ref, gen), (v_ref, v_gen) = weighted
    log_w = np.linspace(-1, 2, 300), np.linspace(2, -1, 250)
    given = write_weights(tmp_path / "w.npz", *log_w)
    out = tmp_path / "imported.study.h5"
    done = run("import", ref, gen, "--weights", given, "-o", out, "--event-weight", "weight")
    assert done.exit_code == 0, done.output
    study = ts.open(out)
    np.testing.assert_array_equal(study.reference.event_weight, v_ref)
    np.testing.assert_array_equal(study.generated.event_weight, v_gen)
    assert [o.name for o in study.observables] == ["x", "y"]
    data = json.loads(run("show", out, "--json").stdout)["tails"]
    for tail, sample, v, inside in (
        ("high", "reference", v_ref, log_w[0] >= np.log(data["high"]["cut"])),
        ("low", "generated", v_gen, log_w[1] < np.log(data["low"]["cut"])),
    ):
        share = v[inside].sum() / v.sum()
        assert abs(share - inside.mean()) > 0.002
        assert data[tail]["fraction"] == pytest.approx(share)
        assert data[tail]["fraction_error"] > 0
        assert f"{inside.sum()} {sample} events ({share:.1%} ± " in done.output
    assert "of the sum of event weights" in " ".join(done.output.split())


def test_event_weights_of_one_file_where_both_have_that_column(weighted, tmp_path):
    (ref, gen), _ = weighted
    out = tmp_path / "out.study.h5"
    done = run("fit", ref, gen, "-o", out, "--event-weight", "reference=weight", *SMALL)
    assert done.exit_code == 0
    said = " ".join(done.output.split())
    assert "gen.npz: weight left out as an event weight (--event-weight weight weighs with it)" in said
    assert ts.open(out).provenance.remarks == (
        "gen.npz: weight left out as an event weight (--event-weight weight weighs with it)",
    )


def test_no_tail_is_said_where_all_weights_are_one(files, tmp_path):
    given = write_weights(tmp_path / "w.npz", np.zeros(300), np.zeros(250))
    out = tmp_path / "one.study.h5"
    done = run("import", files / "ref.npz", files / "gen.npz", "--weights", given, "-o", out)
    assert done.exit_code == 0, done.output
    for words in ("w < 0.6 no generated event", "w ≥ 1.6 no reference event"):
        assert f"{words}: there is no such tail" in " ".join(done.output.split())


def test_a_second_fit_comes_from_the_cache(files, study_file):
    again = files / "again.study.h5"
    done = run("fit", files / "ref.npz", files / "gen.npz", "-o", again, "--cache", files / "cache", *SMALL)
    assert done.exit_code == 0
    first, second = ts.open(study_file), ts.open(again)
    assert np.array_equal(first.log_weights("generated"), second.log_weights("generated"))
    assert first.provenance == second.provenance


def test_null_fit_takes_halves(files):
    out = files / "null.study.h5"
    done = run("fit", "--null", files / "ref.npz", "-o", out, "--cache", files / "cache", *SMALL)
    assert done.exit_code == 0, done.output
    assert len(ts.open(out).reference) == len(ts.open(out).generated) == 150


def test_null_runs_put_their_band_into_the_study(files, tmp_path):
    out = tmp_path / "band.study.h5"
    both = files / "ref.npz", files / "gen.npz"
    done = run(
        "fit", *both, "-o", out, "--cache", files / "cache", "--null-runs", "2", "--watch-epochs", "1", *SMALL
    )
    assert done.exit_code == 0, done.output
    assert [weights.epoch for weights in ts.open(out).epochs] == [1]
    assert len(ts.open(out).null) == 2


def test_the_papers_split_weighs_the_first_fold(files, tmp_path):
    out = tmp_path / "split.study.h5"
    both = files / "ref.npz", files / "gen.npz"
    options = ("--protocol", "split", "--validation", "0.25", "--members", "2", "--best-epochs", "2")
    done = run("fit", *both, "-o", out, "--cache", files / "cache", *SMALL, *options)
    assert done.exit_code == 0, done.output
    study = ts.open(out)
    assert study.provenance.weights == "classifier, on its test sample"
    assert study.log_weights("reference", members=True).shape == (150, 4)
    wrong = run("fit", *both, "-o", out, "--protocol", "holdout")
    assert wrong.exit_code == 2
    assert "protocol = 'holdout' makes no sense; it has to be crossfit or split" in " ".join(
        wrong.output.split()
    )
    wrong = run("fit", files / "ref.npz", out, "-o", files / "twice.h5")
    assert wrong.exit_code == 2
    assert "this is a tailscope study, not a file of events" in " ".join(wrong.output.split())


def test_draws_of_a_bayesian_network_are_members(files, tmp_path):
    out = tmp_path / "bayes.study.h5"
    both = files / "ref.npz", files / "gen.npz"
    done = run(
        "fit",
        *both,
        "-o",
        out,
        "--cache",
        files / "cache",
        "--network",
        "bayesian",
        "--epochs",
        "1",
        "--folds",
        "2",
    )
    assert done.exit_code == 0, done.output
    study = ts.open(out)
    assert study.log_weights("reference", members=True).shape == (300, 20)
    assert study.observables[-1].name == "sigma_log_w"


def test_show_a_study(study_file):
    done = run("show", study_file)
    assert done.exit_code == 0
    assert "300" in done.output
    assert "cross-fitted classifier" in done.output
    data = json.loads(run("show", study_file, "--json").output)
    study = ts.open(study_file)
    assert data["auc"] == study.auc()
    assert data["digest"] == study.digest
    assert data["tails"]["high"]["reference"] == np.count_nonzero(
        study.weights("reference") >= data["tails"]["high"]["cut"]
    )


def test_show_events(files):
    done = run("show", files / "ref.npz")
    assert done.exit_code == 0
    assert "300" in done.output
    data = json.loads(run("show", files / "ref.npz", "--json").output)
    assert data["events"] == 300
    assert [o["name"] for o in data["observables"]] == ["x", "y"]


def test_show_tells_what_a_fit_would_do(files, tmp_path):
    write(tmp_path / "z.h5", zjets(30))
    done = run("show", tmp_path / "z.h5", "--observable", "dM [GeV] = M_mumu - 91.19")
    assert done.exit_code == 0, done.output
    for text in (
        r"px +GeV +-\d",
        r"own observable: dM \[GeV\] = M_mumu - 91.19: -?\d",
        r"--features low +23 +log pT",
        r"--features high +47",
        r"--features both \(default\) +70 +one after the other",
        "not seen by it, and marked on the page: phi_Z",
    ):
        assert re.search(text, done.output), text
    told = json.loads(run("show", tmp_path / "z.h5", "--json", "--observable", "r=pT_j2/pT_j1").output)
    assert told["own"]["r"]["undefined"] == 10
    assert told["levels"] == {"low": 23, "high": 47, "both": 70}
    assert told["left_out"] == []


def test_own_observables_and_features_reach_the_study(files, tmp_path):
    for name, seed in (("ref", 0), ("gen", 1)):
        write(tmp_path / f"{name}.h5", zjets(120, seed))
    both, out = (tmp_path / "ref.h5", tmp_path / "gen.h5"), tmp_path / "z.study.h5"
    own = ("--observable", "dM [GeV]=M_mumu-91.19", "--observable", "turn=phi_Z/pi")
    options = ("--cache", files / "cache", *SMALL, "--epochs", "1", "--features", "high")
    done = run("fit", *both, "-o", out, *options, *own)
    assert done.exit_code == 0, done.output
    assert "the classifier sees the observables: 47 numbers an event" in done.stderr
    study = ts.open(out)
    first = [(o.name, o.unit, o.seen) for o in study.observables[:2]]
    assert first == [("dM", "GeV", True), ("turn", "", False)]
    assert (study.provenance.features, study.provenance.n_inputs) == ("high", 47)
    shown = run("show", out).output
    assert "own observable: dM = M_mumu-91.19" in shown
    assert re.search(r"not seen by the classifier: turn, phi_Z", shown)
    weights = write_weights(tmp_path / "w.npz", np.zeros(120), np.zeros(120))
    done = run("import", *both, "--weights", weights, "-o", out, *own)
    assert done.exit_code == 0, done.output
    assert ts.open(out).observable("turn").expression == "phi_Z/pi"
    asked = json.loads(run("show", both[0], "--where", "n_jets == 2", "--json").stdout)
    assert (asked["where"], asked["passing"], asked["events"]) == ("n_jets == 2", 40, 120)
    assert "where n_jets == 2: 40 of 120 events" in run("show", both[0], "--where", "n_jets == 2").output
    done = run("fit", *both, "-o", out, *options, "--where", "n_jets == 2")
    assert done.exit_code == 0, done.output
    study = ts.open(out)
    assert (len(study.reference), study.reference.name) == (40, "ref (n_jets == 2)")
    assert "M_j2" in study.reference.observables
    assert "M_j3" not in study.reference.observables


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        (("--observable", "R"), "'R' is not NAME=EXPRESSION; write it like 'R=E_1/E_tot'"),
        (("--observable", "R=x", "--observable", "R=y"), "names 'R' twice"),
        (("--observable", "R=z"), "there is no observable 'z'"),
        (("--observable", "x=y"), "has an observable 'x' already"),
        (("--features", "high"), "the columns of a table are its observables"),
        (("--features", "voxels"), "features 'voxels' do not exist; choose one of low, high, both"),
        (("--binning", "b.xml"), "leave the binning out"),
    ],
)
def test_readings_that_make_no_sense(files, tmp_path, option, sentence):
    done = run("fit", files / "ref.npz", files / "gen.npz", "-o", tmp_path / "s.h5", *option)
    assert done.exit_code == 2
    assert sentence in done.stderr


def write_weights(path, ref, gen, kind="log_w"):
    names = {f"{kind}_reference": ref, f"{kind}_generated": gen}
    if path.suffix == ".npz":
        np.savez(path, **names)
    elif path.suffix == ".h5":
        with h5py.File(path, "w") as file:
            for name, values in names.items():
                file[name] = values
    else:
        rows = itertools.zip_longest(*([repr(float(v)) for v in x] for x in (ref, gen)), fillvalue="")
        lines = [",".join(row) for row in [tuple(names), *rows]]
        path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("suffix", [".npz", ".h5", ".csv"])
def test_import_keeps_the_weights_as_they_are(files, tmp_path, suffix):
    rng = np.random.default_rng(1)
    ref, gen = rng.normal(0, 1, 300), rng.normal(0, 1, 250)
    ref[0], gen[0] = np.inf, -np.inf
    weights = write_weights(tmp_path / f"w{suffix}", ref, gen)
    out = tmp_path / "imported.study.h5"
    done = run("import", files / "ref.npz", files / "gen.npz", "--weights", weights, "-o", out)
    assert done.exit_code == 0, done.output
    study = ts.open(out)
    assert np.array_equal(study.log_weights("reference"), ref)
    assert np.array_equal(study.log_weights("generated"), gen)
    second = study.provenance.second
    assert (second.reference, second.generated) == (300, 250)


@pytest.mark.parametrize(("name", "n"), [("w_generated", 250), ("log_w_reference", 300)])
def test_import_learns_the_weights_of_the_other_sample(files, tmp_path, name, n):
    weights, out = tmp_path / "w.npz", tmp_path / "imported.study.h5"
    np.savez(weights, **{name: np.linspace(0.5, 1.5, n)})
    done = run("import", files / "ref.npz", files / "gen.npz", "--weights", weights, "-o", out)
    assert done.exit_code == 0, done.output
    other = "reference" if "generated" in name else "generated"
    assert f"the {other} events have no weights in the file: theirs are an interpolation" in done.output
    assert "R² of log w out of fold" in done.output
    assert "Interpolation: Only the" in done.output
    assert ts.open(out).provenance.interpolated.sample == other


def test_import_takes_weights_themselves(files, tmp_path):
    weights = write_weights(tmp_path / "w.npz", np.full(300, 2.0), np.zeros(250), "w")
    out = tmp_path / "imported.study.h5"
    assert run("import", files / "ref.npz", files / "gen.npz", "--weights", weights, "-o", out).exit_code == 0
    assert np.all(ts.open(out).weights("reference") == 2.0)
    assert np.all(ts.open(out).log_weights("generated") == -np.inf)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["fit", "{none}", "{gen}", "-o", "{out}"], "no such file"),
        (["fit", "{ref}", "{gen}", "-o", "{none}/out.h5"], "cannot be written"),
        (["fit", "{ref}", "{gen}", "-o", "{folder}"], "is a folder"),
        (["fit", "{ref}", "{gen}", "-o", "{ref}"], "would be overwritten"),
        (["fit", "{ref}", "-o", "{out}"], "--null"),
        (["fit", "{ref}", "{gen}", "--null", "-o", "{out}"], "--null"),
        (["fit", "{ref}", "{ref}", "-o", "{out}"], "hold the same events"),
        (["fit", "{ref}", "{gen}", "-o", "{out}", "--preset", "nope"], "no preset"),
        (["fit", "{ref}", "{gen}", "-o", "{out}", "--null-runs", "1"], "makes no band"),
        (["fit", "{ref}", "{gen}", "-o", "{out}", "--device", "gpu"], "device 'gpu' is not available here"),
        (
            ["fit", "{ref}", "{gen}", "-o", "{out}", "--device", "cuda:99"],
            "is not available here; use --device",
        ),
        (["fit", "{ref}", "{gen}", "-o", "{out}", "--recalibrate", "beta"], "recalibrate = 'beta'"),
        (["fit", "{ref}", "{gen}", "-o", "{out}", "--where", "x >"], "something is missing behind 'x >'"),
        (["fit", "{ref}", "{gen}", "-o", "{out}", "--event-weight", "v"], "there is no column v for event"),
        (["fit", "{ref}", "{gen}", "-o", "{out}", "--event-weight", "reference="], "names no column"),
        (["fit", "{ref}", "{gen}", "-o", "{out}", "--watch-epochs", "1;2"], "like --watch-epochs 1,5,15"),
        (["fit", "{ref}", "{gen}", "-o", "{out}", "--watch-epochs", "99"], "watch_epochs = (99,)"),
        (["import", "{ref}", "{gen}", "--weights", "{ref}", "-o", "{out}"], "log_w_reference"),
        (["import", "{ref}", "{gen}", "--weights", "{short}", "-o", "{out}"], "250 weights"),
        (["import", "{ref}", "{gen}", "--weights", "{negative}", "-o", "{out}"], "never negative"),
        (["import", "{ref}", "{gen}", "--weights", "{nan}", "-o", "{out}"], "NaN"),
        (["show", "{none}"], "no such file"),
        (["show", "{junk}"], "junk"),
        (["serve", "{ref}"], "not a study file"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(files, tmp_path, arguments, sentence):
    ok = np.zeros(300)
    names = {
        "ref": files / "ref.npz",
        "gen": files / "gen.npz",
        "none": tmp_path / "none",
        "folder": tmp_path,
        "out": tmp_path / "out.study.h5",
        "short": write_weights(tmp_path / "short.npz", ok[:250], ok[:250]),
        "negative": write_weights(tmp_path / "negative.npz", ok - 1, ok[:250], "w"),
        "nan": write_weights(tmp_path / "nan.npz", np.full(300, np.nan), ok[:250]),
        "junk": tmp_path / "junk.hdf5",
    }
    names["junk"].write_bytes(bytes(range(256)) * 10)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()} | {
        names["ref"]: names["ref"].read_bytes()
    }
    cache = ["--cache", tmp_path] if arguments[0] == "fit" else []
    done = run(*(a.format(**names) for a in arguments), *cache)
    assert done.exit_code == 2
    assert sentence in done.stderr
    assert done.stderr.startswith("error: ")
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.output
    assert {path: path.read_bytes() for path in before} == before
    assert not names["out"].exists()
    assert not list(tmp_path.glob(".partial-*"))


def test_no_permission_is_found_before_the_training(files, tmp_path):
    cache = tmp_path / "cache"
    done = run("fit", files / "ref.npz", files / "gen.npz", "-o", "/proc/out.h5", "--cache", cache, *SMALL)
    assert done.exit_code == 2
    assert "cannot be written" in done.stderr
    assert not list(cache.rglob("*")), "trained although the result cannot be written"


def test_the_unexpected_has_exit_code_1_and_a_hint(files, capsys):
    with pytest.raises(typer.Exit) as left, Sentences(debug=False):
        raise ZeroDivisionError("surprise")
    assert left.value.exit_code == 1
    said = capsys.readouterr().err
    assert "surprise" in said
    assert "--debug" in said
    assert "Traceback" not in said
    with pytest.raises(ZeroDivisionError), Sentences(debug=True):
        raise ZeroDivisionError("surprise")
    assert isinstance(run("--debug", "show", files / "none.npz").exception, ts.TailscopeError)


@pytest.fixture
def heeded_ctrl_c():
    """Undo what shells do to background jobs, of which this test may be one: these ignore SIGINT."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeded_ctrl_c")
def test_interrupting_a_fit_says_what_is_kept_and_it_goes_on(files, tmp_path):
    out = tmp_path / "out.study.h5"
    command = ["fit", files / "ref.npz", files / "gen.npz", "-o", out, "--cache", tmp_path / "cache"]
    long = [*command, "--epochs", "2000", "--preset", "paper-events"]
    process = subprocess.Popen(
        [sys.executable, "-m", "tailscope_dashboard", *map(str, long)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    checkpoints = tmp_path / "cache" / "checkpoint"
    while not list(checkpoints.glob("[!.]*.entry")) and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    try:
        _, said = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "kept" in said
    assert "Traceback" not in said
    assert not out.exists()
    assert list(checkpoints.glob("[!.]*.entry"))


def test_errors_outside_of_commands_are_sentences_too():
    with pytest.raises(Exception, match="1") as caught, Sentences(debug=False):
        raise ValueError("x")
    assert caught.value.exit_code == 1


def test_the_name_of_a_study_is_not_markup(files, tmp_path):
    weights = write_weights(tmp_path / "w.npz", np.zeros(300), np.zeros(250))
    out = tmp_path / "[bold]x[nope].study.h5"
    done = run(
        "import",
        files / "ref.npz",
        files / "gen.npz",
        "--weights",
        weights,
        "-o",
        out,
        "--name",
        "[red]a[/b]",
    )
    assert done.exit_code == 0, done.output
    assert "[red]a[/b]" in done.output
    assert str(out) in "".join(done.output.split())


def test_serve_from_the_command_line(study_file):
    with served(["tailscope_dashboard", "serve", study_file, "--no-open"]) as server:
        assert server.get()[0] == 200


def test_several_generated_samples_are_a_study_each_on_the_same_folds(files, tmp_path):
    rng = np.random.default_rng(7)
    other = tmp_path / "other.npz"
    np.savez(other, y=rng.normal(0, 1, 200), x=rng.normal(0.2, 1, 200))
    out = tmp_path / "all.study.h5"
    done = run(
        "fit", files / "ref.npz", files / "gen.npz", other, "-o", out, "--network", "quadratic", *SMALL
    )
    assert done.exit_code == 0, done.output
    studies = [ts.open(tmp_path / f"all.{name}.study.h5") for name in ("gen", "other")]
    assert [len(study.generated) for study in studies] == [250, 200]
    np.testing.assert_array_equal(studies[0].reference.fold, studies[1].reference.fold)
    assert f"tailscope serve {tmp_path / 'all.gen.study.h5'}" in " ".join(done.output.split())
    same = run("fit", files / "ref.npz", other, other, "-o", out, *SMALL)
    assert same.exit_code == 2
    assert "two generated samples have the same name" in same.output


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(files, tmp_path):
    out = tmp_path / "none.study.h5"
    command = ("fit", files / "ref.npz", files / "gen.npz", "-o", out, "--network", "quadratic", *SMALL)
    done = run(*command, "--cache", tmp_path / "cache", "--dry-run")
    assert done.exit_code == 0, done.output
    assert "300 reference and 250 generated events, 2 inputs; 2 trainings" in done.output
    assert "may take" in done.output
    assert not out.exists()
    assert run(*command, "--cache", tmp_path / "cache").exit_code == 0
    assert "the cache holds this fit" in run(*command, "--cache", tmp_path / "cache", "--dry-run").output
