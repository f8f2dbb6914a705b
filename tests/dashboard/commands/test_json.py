"""What the commands print with --json fits the schemas that ship, and comes back as records."""

from __future__ import annotations

import json
import shutil

import fastjsonschema
import numpy as np
import pytest
from fastjsonschema import JsonSchemaValueException
from typer.testing import CliRunner

from helpers.places import RESOURCES
from tailscope.record import plain, typed
from tailscope.schemas import RECORDS, shipped
from tailscope_dashboard.cli import app


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A fitted and an imported study, notes of one, and a file of events."""
    folder = tmp_path_factory.mktemp("printed")
    for name in ("fitted", "imported"):
        shutil.copy(RESOURCES / "valid" / f"{name}.study.h5", folder)
    rng = np.random.default_rng(0)
    np.savez(folder / "events.npz", x=rng.normal(size=50), n=np.r_[np.inf, np.ones(49)][::-1].clip(max=9))
    return folder


COMMANDS = (
    ("show_study", "show fitted.study.h5"),
    ("show_study", "show imported.study.h5"),
    ("show_file", "show events.npz"),
    ("show_file", "show events.npz --observable r=x/n --observable never=log(0*x-1) --where x>0"),
    ("compare", "compare fitted.study.h5 imported.study.h5"),
    ("check", "check fitted.study.h5 --against fitted.study.h5"),
    ("check", "check imported.study.h5 --against imported.study.h5 --tail high:2"),
    ("notes", "notes fitted.study.h5"),
    ("notes", "notes fitted.study.h5 --add tails --author me"),
)


def printed(folder, command):
    words = [str(folder / word) if (folder / word).exists() else word for word in command.split()]
    done = CliRunner().invoke(app, [*words, "--json"])
    assert done.exit_code in ((0, 1) if words[0] == "check" else (0,)), done.output
    return json.loads(done.stdout)


@pytest.mark.parametrize(("name", "command"), COMMANDS)
def test_what_is_printed_fits_its_schema(folder, name, command):
    data = printed(folder, command)
    validate = fastjsonschema.compile(dict(shipped(name)), use_default=False)
    validate(data)
    assert plain(typed(data, RECORDS[name])) == data
    for key in data:
        with pytest.raises(JsonSchemaValueException):
            validate({other: value for other, value in data.items() if other != key})


def test_the_names_that_people_parse_stay(folder):
    study = printed(folder, "show fitted.study.h5")
    assert set(study) == {
        "name", "domain", "digest", "samples", "auc", "auc_error", "calibration", "mean_w_generated",
        "mean_inverse_w_reference", "trust", "doubts", "tails", "observables", "config", "provenance",
    }  # fmt: skip
    assert set(study["samples"]["reference"]) == {
        "name", "events", "path", "sha256", "format", "file_sha256", "size", "binning", "files"
    }  # fmt: skip
    assert set(study["tails"]["low"]) == {"cut", "reference", "generated", "fraction", "fraction_error"}
    row = printed(folder, "compare fitted.study.h5 imported.study.h5")["studies"][0]
    assert set(row["auc"]) == {"value", "error", "includes_training"}
    assert (set(row["calibration"]), set(row["closure"])) == ({"chi2", "ndf"}, {"open", "of"})
    number = printed(folder, "check fitted.study.h5 --against fitted.study.h5")["numbers"][0]
    assert set(number) == {"name", "cut", "old", "new", "significance", "grew", "detectable"}
    assert printed(folder, "show imported.study.h5")["config"] is None
