"""Formats and domains of other packages: docs/own-domain.md as it stands, and packages that do not work."""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest

import tailscope as ts
from helpers.kinds import KINDS, write_kind
from helpers.places import DOCS
from helpers.showers import write
from tailscope.baselines.kind import read_arrays
from tailscope.domains import DOMAINS, domain_of
from tailscope.errors import FormatError, InputError, PluginError
from tailscope.formats import open_events
from tailscope.looking.originals import originals
from tailscope.reading.reading import Reading

PAGE = DOCS / "own-domain.md"
N = 400


def hits(n: int, seed: int = 0, *, width: float = 30) -> dict[str, np.ndarray]:
    """Straight tracks through 20 layers, the outermost ones without a hit in some."""
    rng = np.random.default_rng(seed)
    r = 50.0 * (1 + np.arange(20))
    phi, slope = rng.uniform(-np.pi, np.pi, n), rng.normal(0, width / 30, n)
    points = np.stack([r * np.cos(phi)[:, None], r * np.sin(phi)[:, None], r * slope[:, None]], axis=2)
    there = np.arange(20) < rng.integers(12, 21, n)[:, None]
    return {"hits": (points * there[:, :, None]).astype(np.float32)}


def blocks() -> dict[str, str]:
    """The fenced blocks of the page by language."""
    return dict(re.findall(r"^```(\w+)\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the package of the page, installed by pip."""
    source, target = tmp_path_factory.mktemp("tracks"), tmp_path_factory.mktemp("site")
    code = blocks()
    assert code["python"].count("\n") <= 26
    (source / "tailscope_tracks.py").write_text(code["python"])
    (source / "pyproject.toml").write_text(code["toml"])
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--no-build-isolation", "--target", str(target), str(source)], check=True)
    return target


def run(site: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the command where that package is installed."""
    path = os.pathsep.join([str(site), *sys.path])
    command = [sys.executable, "-m", "tailscope_dashboard", *map(str, arguments)]
    return subprocess.run(
        command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False
    )


def test_the_page_is_true(installed: Path, tmp_path: Path) -> None:
    reference, generated = (
        write(tmp_path / f"{name}.h5", hits(N, seed, width=width))
        for name, seed, width in (("reference", 1, 30), ("generated", 2, 45))
    )
    shown = run(installed, "show", reference, "--json")
    assert shown.returncode == 0, shown.stderr
    said = json.loads(shown.stdout)
    assert (said["title"], said["domain"], said["events"]) == ("hits in a tracker in HDF5", "tracks", N)
    assert [d["unit"] for d in said["datasets"]] == ["mm"]
    assert said["levels"] == {"low": 60, "high": 3, "both": 63}
    study = tmp_path / "tracks.study.h5"
    options = ("--features", "both", "--folds", 2, "--epochs", 2, "--device", "cpu", "--cache", tmp_path)
    fitted = run(installed, "fit", reference, generated, "-o", study, *options)
    assert fitted.returncode == 0, fitted.stderr
    # Read here, where the package is not installed.
    opened = ts.open(study)
    assert opened.domain == "tracks"
    assert [o.name for o in opened.observables] == ["n_hits", "r_max", "z_spread"]
    with pytest.raises(FormatError, match=r"reference.h5: tracks events need the package that brings this"):
        originals(opened, "reference")
    n_hits = (np.abs(hits(N, 1)["hits"]).sum(axis=2) > 0).sum(axis=1)
    np.testing.assert_array_equal(opened.reference.observables["n_hits"], n_hits)
    np.testing.assert_allclose(opened.reference.observables["r_max"], 50 * n_hits, rtol=1e-5)


class Installer:
    """Packages of entry points, written as pip leaves them, in a folder that Python looks into."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, name: str, code: str, **entries: str) -> None:
        """Install ``code`` as module ``name``; entries are domains=... and formats=... as "x = module:x"."""
        (self.folder / f"{name}.py").write_text(dedent(code))
        about = self.folder / f"{name}-2.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 2.0\n")
        lines = [f"[tailscope.{group}]\n{entry}\n" for group, entry in entries.items()]
        (about / "entry_points.txt").write_text("\n".join(lines))


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installer:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return Installer(folder)


DOMAIN = """
    import numpy as np
    from tailscope import Observable
    from tailscope.domains import Domain
    from tailscope.formats import arrays_format, EventFile, FileFormat, Dataset

    events = arrays_format("pairs", "pairs", {"pair": ((2,), "GeV"), "weight": ((), "")})
    def features(a): return a["pair"]
    def first(a): return a["pair"][:, 0]
    def make(**changes):
        given = dict(name="pairs", observables=(Observable("first", "x", compute=first),),
                     features=features, n_features=2)
        return Domain(**(given | changes))
    """


def pairs(n: int = 30) -> dict[str, np.ndarray]:
    return {"pair": np.random.default_rng(3).random((n, 2)), "weight": np.ones(n)}


def test_a_format_and_a_domain_are_used_and_named(install: Installer, tmp_path: Path) -> None:
    install(
        "pairs_ok",
        DOMAIN + "\n    pairs = make()",
        formats="a = pairs_ok:events",
        domains="pairs = pairs_ok:pairs",
    )
    path = write(tmp_path / "p.h5", pairs())
    sample = ts.load(path)
    assert (sample.domain, sample.n_inputs, sample.observables["first"].dtype) == ("pairs", 3, np.float32)
    assert ts.load(path, features="low").n_inputs == 2
    arrays = pairs() | {"weight": np.arange(1.0, 31)}
    weighted = ts.load(write(tmp_path / "w.h5", arrays), event_weight="weight", where="first > 0.5")
    np.testing.assert_array_equal(weighted.event_weight, np.arange(1, 31)[pairs()["pair"][:, 0] > 0.5])
    with open_events(path) as events:
        np.testing.assert_allclose(events.at(np.array([3, 29]))["pair"], pairs()["pair"][[3, 29]], rtol=1e-6)
    with pytest.raises(InputError, match=r"there is no domain 'pair'; choose one of calorimeter, .*, pairs$"):
        ts.load(path, domain="pair")
    for change, sentence in {
        "shape": r"dataset pair has shape \(30, 1\), expected \(N, 2\); reshape it",
        "rows": r"dataset weight has 29 events but pair has 30; write both from the same events",
        "nan": r"dataset pair: event 4 has nan GeV",
        "large": r"there are values up to 1e\+300, more than float32 holds",
        "none": r"there are no events in it",
    }.items():
        arrays = pairs()
        if change == "shape":
            arrays["pair"] = arrays["pair"][:, :1]
        elif change == "rows":
            arrays["weight"] = arrays["weight"][1:]
        elif change == "none":
            arrays = {name: values[:0] for name, values in arrays.items()}
        else:
            arrays["pair"][4, 0] = np.nan if change == "nan" else 1e300
        with pytest.raises(FormatError, match=sentence):
            ts.load(write(tmp_path / f"{change}.h5", arrays))
    with pytest.raises(FormatError, match=r"dataset pair \(shape \(N, 2\)\) is missing; there is x"):
        ts.load(write(tmp_path / "x.h5", {"x": np.ones((3, 2))}), domain="pairs")
    with pytest.raises(FormatError, match=r"expected CaloGAN .* or pairs \(pair, weight\)"):
        ts.load(write(tmp_path / "y.h5", {"x": np.ones((3, 2, 2))}))


def test_arrays_of_ones_own_are_not_generated(install: Installer, tmp_path: Path) -> None:
    install(
        "pairs_g", DOMAIN + "\n    pairs = make()", formats="a = pairs_g:events", domains="p = pairs_g:pairs"
    )
    with pytest.raises(InputError, match=r"p.h5: pairs in HDF5 are arrays of a domain of another package"):
        read_arrays(Reading(write(tmp_path / "p.h5", pairs())))


@pytest.mark.parametrize(
    ("draw", "sentence"),
    [
        ("lambda a: 1/0", r"drawing failed \(ZeroDivisionError"),
        ("lambda a: 'x'", r"draws a str, expected a Drawing of 30 events"),
        ("lambda a: Drawing()", r"draws a Drawing, expected a Drawing of 30 events"),
    ],
)
def test_a_drawing_is_checked(install: Installer, draw: str, sentence: str) -> None:
    module = "draw_" + re.sub(r"\W", "_", draw)
    code = f"\n    from tailscope.sample.drawing import Drawing\n    pairs = make(draw={draw})"
    install(module, DOMAIN + code, domains=f"pairs = {module}:pairs")
    domain = domain_of("pairs", {"pair": (2,)})
    assert domain.draw is not None
    with pytest.raises(PluginError, match=sentence):
        domain.draw(pairs())


@pytest.mark.parametrize("suffix", ["csv", "h5", "npz", "parquet"])
def test_a_table_can_be_read_as_a_domain_of_ones_own(install: Installer, tmp_path: Path, suffix: str) -> None:
    install(
        "sums",
        """
        from tailscope import Observable
        from tailscope.domains import Domain
        import numpy as np

        def sums(shapes):
            assert all(shape == () for shape in shapes.values())
            def total(a): return sum(a[name] for name in shapes)
            def features(a): return total(a)[:, None]
            return Domain("sums", (Observable("total", "t", compute=total),), features, 1)
        """,
        domains="sums = sums:sums",
    )
    columns = {"a": np.arange(30.0), "b": np.ones(30)}
    path = tmp_path / f"t.{suffix}"
    if suffix == "csv":
        path.write_text("a,b\n" + "".join(f"{a},1\n" for a in range(30)))
    elif suffix == "npz":
        np.savez(path, **columns)
    elif suffix == "parquet":
        import pandas as pd

        pd.DataFrame(columns).to_parquet(path)
    else:
        write(path, columns)
    assert ts.load(path).domain == "table"
    sample = ts.load(path, domain="sums")
    np.testing.assert_array_equal(sample.observable("total"), np.arange(30) + 1)
    assert ts.describe(path, domain="sums").domain == sample.domain == "sums"


def test_a_kind_of_file_of_ones_own(install: Installer, tmp_path: Path) -> None:
    """An LHE file is XML, which no format of tailscope's reads."""
    install(
        "lhe",
        """
        import numpy as np
        from tailscope.formats import Dataset, EventFile, FileFormat

        class LHE(EventFile):
            format, domain, title = "lhe", "table", "events in LHE files"
            def __init__(self, path):
                self.path = path
                lines = path.read_text().split("<event>")[1:]
                self.values = np.array([float(line.split()[2]) for line in lines], np.float32)
                self.n_events = len(lines)
                self.datasets = (Dataset("scale", (len(lines),), "float32", "GeV"),)
            def chunks(self, stop=None):
                yield 0, {"scale": self.values[:stop]}
            def close(self): pass

        lhe = FileFormat("events in LHE files", "table", lambda path, head: b"<LesHouchesEvents" in head, LHE)
        """,
        formats="lhe = lhe:lhe",
    )
    path = tmp_path / "a.lhe"
    path.write_text("<LesHouchesEvents>" + "".join(f"<event>\n 5 1 {91 + i}.5 </event>" for i in range(9)))
    np.testing.assert_array_equal(ts.load(path).observable("scale"), 91.5 + np.arange(9))
    assert len(ts.load(path, max_events=4)) == 4
    (tmp_path / "b.xml").write_text("<html>")
    with pytest.raises(FormatError, match="is a web page or XML and not the data"):
        ts.load(tmp_path / "b.xml")


BROKEN: dict[str, tuple[str, str]] = {
    "import": ("import nothing_of_that_name", r"loading it failed \(ModuleNotFoundError: No module named"),
    "syntax": ("def pairs(:", r"loading it failed \(SyntaxError"),
    "exit": ("raise SystemExit(3)", r"loading it failed \(SystemExit: 3\)"),
    "attribute": ("", r"loading it failed \(AttributeError"),
    "type": ("pairs = 3", r"gives a int, expected a tailscope.domains.Domain"),
    "maker": (
        "def pairs(shapes): return shapes['hit']",
        r"making it of these arrays failed \(KeyError: 'hit'\)",
    ),
    "name": ("pairs = make(name='other')", r"calls itself 'other', expected the name of its entry point"),
    "nothing": ("pairs = make(observables=())", r"has the observables \(none\), expected some"),
    "no function": (
        "pairs = make(observables=(Observable('x', 'x'),))",
        r"has no function for its observable x",
    ),
    "first row": ("pairs = make(first_row=('y',))", r"names y in first_row or unseen"),
    "few": ("pairs = make(n_features=0)", r"says that it has 0 features"),
    "conditions": (
        "pairs = make(n_conditions=2)",
        r"says that it has 2 conditions but its function condition",
    ),
    "raises": ("pairs = make(features=lambda a: a['x'])", r"features failed \(KeyError: 'x'\)"),
    "shape": (
        "pairs = make(n_features=3)",
        r"gives features of shape \(30, 2\) for 30 events, expected \(30, 3\)",
    ),
    "nan": (
        "pairs = make(features=lambda a: np.log(a['pair'] * 0 - 1))",
        r"gives features that are NaN or inf",
    ),
    "text": ("pairs = make(features=lambda a: a['pair'].astype(str) + 'x')", r"features failed \(ValueError"),
    "observable": (
        "pairs = make(observables=(Observable('x', 'x', compute=features),))",
        r"gives observable x of shape \(30, 2\) for 30 events",
    ),
    "prepare": ("pairs = make(prepare=lambda a: None)", r"prepares a NoneType, expected arrays by name"),
}


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize(("code", "sentence"), BROKEN.values(), ids=BROKEN)
def test_a_domain_that_does_not_work_is_one_sentence(
    install: Installer, tmp_path: Path, code: str, sentence: str
) -> None:
    module = "broken_" + re.sub(r"\W", "_", sentence)[:30].strip("_").lower()
    install(module, DOMAIN + f"\n    {code}", domains=f"pairs = {module}:pairs")
    install(module + "_f", DOMAIN, formats=f"pairs = {module}_f:events")
    path = write(tmp_path / "p.h5", pairs())
    with pytest.raises(PluginError, match=sentence) as caught:
        ts.load(path)
    assert f"the domain pairs of {module} 2.0" in str(caught.value)
    assert "\n" not in str(caught.value)


FORMATS: dict[str, str] = {
    "import": "import nothing_of_that_name",
    "type": "pairs = 3",
    "likeness": "pairs = events._replace(likeness=lambda found: 1/0)",
    "likeness is text": "pairs = events._replace(likeness=lambda found: 'much')",
    "recognises": "pairs = FileFormat('x', 'pairs', lambda path, head: 1/0, open)",
}


@pytest.mark.parametrize("code", FORMATS.values(), ids=FORMATS)
def test_a_format_that_does_not_work_is_named_and_passed_over(
    install: Installer, tmp_path: Path, caplog: pytest.LogCaptureFixture, code: str
) -> None:
    module = "formats_" + re.sub(r"\W", "_", code)[:40].lower()
    install(module, DOMAIN + f"\n    {code}", formats=f"pairs = {module}:pairs")
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n3,4\n")
    with caplog.at_level(logging.WARNING):
        assert ts.load(path).domain == "table"
        with pytest.raises(FormatError, match="the HDF5 file holds pair"):
            ts.load(write(tmp_path / "p.h5", {"pair": np.ones((30, 2, 2))}))
    assert {r.getMessage().split(" 2.0")[0] for r in caplog.records} == {f"the format pairs of {module}"}


OPENERS: dict[str, tuple[str, str]] = {
    "raises": ("1/0", r"opening p.h5 failed \(ZeroDivisionError"),
    "gives nothing": ("None", r"opens a NoneType, expected a tailscope.formats.EventFile"),
    "is empty": ("Odd(n_events=0)", r"says that p.h5 has 0 events"),
    "has no title": (
        "Odd(title=property(lambda self: 1/0))",
        r"describing its file failed \(ZeroDivisionError",
    ),
    "gives fewer": ("Odd(pieces=[(0, 20)])", r"gives no arrays for p.h5 from event 20 on"),
    "gives more": ("Odd(pieces=[(0, 20), (20, 20)])", r"gives 40 events of p.h5, which has 30"),
    "starts late": ("Odd(pieces=[(3, 27)])", r"gives pair \(27, 2\) for p.h5 from event 0 on"),
    "gives another shape": ("Odd(pieces=[(0, 30)], width=3)", r"gives pair \(30, 3\) for p.h5"),
    "breaks off": ("Odd(pieces=None)", r"reading its file failed \(TypeError"),
}


@pytest.mark.parametrize(("code", "sentence"), OPENERS.values(), ids=OPENERS)
def test_what_a_format_gives_is_checked(install: Installer, tmp_path: Path, code: str, sentence: str) -> None:
    module = "opener_" + re.sub(r"\W", "_", code)[:40].lower()
    odd = """
    def Odd(pieces=((0, 30),), width=2, **attributes):
        class Odd_(EventFile):
            format, domain, title, n_events = "pairs", "pairs", "pairs", 30
            datasets = (Dataset("pair", (30, 2), "float32"),)
            def __init__(self, path): self.path = path
            def close(self): pass
            def chunks(self, stop=None):
                for start, n in pieces:
                    yield start, {"pair": np.ones((n, width), np.float32)}
        for name, value in attributes.items():
            setattr(Odd_, name, value)
        return Odd_
    """
    made = f"{code}(path)" if code.startswith("Odd") else code
    code = f"\n    pairs = make()\n    events = events._replace(open=lambda path, store: {made})"
    install(module, DOMAIN + odd + code, formats=f"x = {module}:events", domains=f"pairs = {module}:pairs")
    with pytest.raises(PluginError, match=sentence) as caught:
        ts.load(write(tmp_path / "p.h5", pairs()))
    assert str(caught.value).startswith(f"the format x of {module} 2.0 ")


@pytest.mark.parametrize("kind", KINDS)
def test_what_tailscope_knows_is_read_without_loading_anything_else(
    install: Installer, tmp_path: Path, kind: str
) -> None:
    """A package of the same names is not even imported, and its domains are not used."""
    module, mark = "loud_" + kind.replace(" ", "_"), tmp_path / "imported"
    path = write_kind(tmp_path / "a.h5", kind, 60)
    # Any other layout of columns could be a format of somebody's own.
    formats = "" if ts.load(path).domain in {"table", "dimuon"} else f"a = {module}:a"
    domains = "\n".join(f"{name} = {module}:{name}" for name in DOMAINS)
    install(module, f"open({str(mark)!r}, 'w').close(); raise RuntimeError", formats=formats, domains=domains)
    assert len(ts.load(path)) == 60
    assert not mark.exists()
    assert ts.load(write(tmp_path / "other.h5", pairs())).domain == "table"
    assert mark.exists() == bool(formats)
