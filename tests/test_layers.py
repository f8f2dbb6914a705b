"""The house stands: no circle of files, no import upwards, and late imports have their reasons."""

import ast
import re
import tomllib
from graphlib import CycleError, TopologicalSorter

import pytest

from helpers.places import ROOT

LAYERS = tomllib.loads((ROOT / "layers.toml").read_text())
PARTS = ("core", "dashboard")


def modules(part):
    """Name of each module of a part of the house -> its file."""
    folder = ROOT / part / LAYERS[part]["package"]
    return {
        ".".join((ROOT / part / folder.name / path.relative_to(folder)).relative_to(ROOT / part).parts)
        .removesuffix(".py")
        .removesuffix(".__init__"): path
        for path in sorted(folder.rglob("*.py"))
    }


ALL = {name: path for part in PARTS for name, path in modules(part).items()}


def imported(name, path):
    """(module, line, whether inside a function) of every import of a file, also for types alone."""
    tree = ast.parse(path.read_text())
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for node in ast.walk(function)
    }
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*above, node.module] if node.module else above) if node.level else node.module
            # A name of a package may be a module of it.
            targets = [f"{base}.{a.name}" if f"{base}.{a.name}" in ALL else base for a in node.names]
        else:
            continue
        for target in targets:
            yield target, node.lineno, id(node) in inside


IMPORTS = {name: list(imported(name, path)) for name, path in ALL.items()}
EDGES = {name: {t for t, *_ in found if t in ALL and t != name} for name, found in IMPORTS.items()}


def floor(name):
    """Place of a module in the house: (part, number of its room); the package itself lies above all rooms."""
    for number, part in enumerate(PARTS):
        package = LAYERS[part]["package"]
        if name == package or name == f"{package}.__main__":
            return number, len(LAYERS[part]["rooms"])
        if name.startswith(f"{package}."):
            return number, LAYERS[part]["rooms"].index(name.split(".")[1])
    raise AssertionError(name)


@pytest.mark.parametrize("part", PARTS)
def test_every_room_is_in_the_list_and_every_room_of_the_list_is_there(part):
    package = LAYERS[part]["package"]
    found = {name.split(".")[1] for name in modules(part) if "." in name} - {"__main__"}
    assert found == set(LAYERS[part]["rooms"])
    assert len(found) == len(LAYERS[part]["rooms"]), package


def test_no_file_imports_from_a_higher_room():
    wrong = [
        f"{name} (line {line}) imports {target}"
        for name, found in IMPORTS.items()
        for target, line, _ in found
        if target in ALL and floor(target) > floor(name)
        # The package's own __init__ is above all: only the command line asks it for the public names.
    ]
    assert not wrong, "\n".join(wrong)


def test_no_files_import_each_other_in_a_circle():
    # A package is entered before what lies in it, so that an __init__ which imports counts for all.
    try:
        TopologicalSorter(EDGES).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_imports_inside_functions_have_their_reasons():
    late = set(LAYERS["late"]["packages"])
    reasons = LAYERS["late"].get("own", {})
    wrong, needed = [], set()
    for name, found in IMPORTS.items():
        for target, line, is_inside in found:
            if not is_inside or target.split(".")[0] in late:
                continue
            key = f"{name} -> {target}"
            needed.add(key)
            if key not in reasons:
                wrong.append(f"{key} (line {line})")
    assert not wrong, "\n".join(wrong)
    assert set(reasons) <= needed, "these imports are gone"


PAGE = ROOT / "dashboard" / LAYERS["dashboard"]["package"]
SCRIPTS = {
    path: {
        (path.parent / found).resolve()
        for found in re.findall(
            r'^(?:im|ex)port .*? from "(\.[^"]+)";', path.read_text(), re.MULTILINE | re.DOTALL
        )
    }
    for path in sorted(PAGE.rglob("*.js"))
}


def test_javascript_keeps_to_the_same_rooms_without_a_circle():
    def room(path):
        return LAYERS["dashboard"]["rooms"].index(path.relative_to(PAGE).parts[0])

    assert sum(map(len, SCRIPTS.values())) > 50
    wrong = [
        f"{path.relative_to(PAGE)} imports {target.relative_to(PAGE)}"
        for path, targets in SCRIPTS.items()
        for target in targets
        if not target.is_file() or room(target) > room(path)
    ]
    assert not wrong, "\n".join(wrong)
    try:
        TopologicalSorter(SCRIPTS).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(str(path.relative_to(PAGE)) for path in error.args[1]))


@pytest.mark.parametrize("part", PARTS)
def test_the_map_shows_the_same_rooms_in_the_same_order(part):
    text = (ROOT / "CONTRIBUTING.md").read_text()
    section = re.search(rf"^### {part}/.*?\n(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL)[1]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    assert re.findall(r"`(\w+)/?`", " ".join(rows)) == LAYERS[part]["rooms"]
