"""pyproject.toml, environment.yml and constraints.txt tell the same story; the layers hold."""

import ast
import re
import subprocess
import sys
import tomllib

import pytest
import yaml

import tailscope
from helpers.places import ROOT
from tailscope.errors import InputError
from tailscope.optional import EXTRAS, needing

UI = {"panel", "bokeh", "holoviews", "param", "tailscope_dashboard"}
SLOW = {"torch", "numba", "pandas", "scipy", "matplotlib", "rich"}


def _project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def _split(requirement):
    name, bound = re.fullmatch(r"([\w-]+)(>=[\d.]+)?", requirement).groups()
    return {"pytorch": "torch"}.get(name, name), bound


def test_environment_yml_has_the_dependencies_of_pyproject():
    conda = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    named = dict(_split(d) for d in conda if isinstance(d, str))
    assert named.pop("python") == _project()["requires-python"]
    named.pop("pip")
    project = _project()
    needed = project["dependencies"] + project["optional-dependencies"]["fit"]
    assert named == dict(_split(d) for d in needed)


def test_serving_needs_no_torch_and_make_installs_it_for_fitting():
    assert not [d for d in _project()["dependencies"] if _split(d)[0] in EXTRAS]
    assert '-e ".[fit,test]"' in (ROOT / "Makefile").read_text()


@pytest.mark.parametrize("package", EXTRAS)
def test_the_extra_that_a_sentence_names_brings_the_package(package):
    extra = _project()["optional-dependencies"][EXTRAS[package]]
    assert {"sklearn": "scikit-learn"}.get(package, package) in {_split(d)[0] for d in extra}
    with (
        pytest.raises(
            InputError, match=rf"^reading it needs [\w-]+: pip install 'tailscope\[{EXTRAS[package]}\]'$"
        ),
        needing(package, "reading it", InputError),
    ):
        raise ModuleNotFoundError(name=package)


def test_other_packages_that_are_missing_are_no_matter_of_an_extra():
    with pytest.raises(ModuleNotFoundError), needing("torch", "fitting", InputError):
        raise ModuleNotFoundError(name="torchvision")


def test_version_is_told_once():
    assert _project()["version"] == tailscope.__version__


def test_constraints_fit_pyproject():
    pinned = (ROOT / "constraints.txt").read_text().split()
    # What gives other results when it is another one: weights, and what of a page counts as a fault.
    assert [p.split("==")[0] for p in pinned] == ["torch", "axe-playwright-python"]
    assert "torch>=2.6" in _project()["optional-dependencies"]["fit"]
    assert "axe-playwright-python>=0.1.7" in _project()["optional-dependencies"]["test"]


def test_core_imports_no_ui_package():
    for path in (ROOT / "core").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module]
            assert not {n.split(".")[0] for n in names} & UI, path


def test_importing_tailscope_loads_no_ui_package_and_nothing_slow():
    code = "import sys, tailscope; print(*sorted({m.split('.')[0] for m in sys.modules}))"
    loaded = set(
        subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True
        ).stdout.split()
    )
    assert "numpy" in loaded
    assert not loaded & (UI | SLOW)


def test_public_names_are_all_there_and_documented():
    for name in set(tailscope.__all__) - {"__version__"}:
        assert getattr(tailscope, name).__doc__, name
    assert list(tailscope.__all__) == sorted(tailscope.__all__)
