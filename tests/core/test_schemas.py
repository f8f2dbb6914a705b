"""The schemas that ship are those of the records, and study files fit them."""

import json

import fastjsonschema
import h5py
import pytest
from fastjsonschema import JsonSchemaValueException

from helpers.folded import folded_study
from helpers.places import RESOURCES
from tailscope.schemas import FOLDER, RECORDS, made, shipped
from tailscope.study.export import export_events
from tailscope.study.file import metadata
from tailscope.weights.tails import tail_selection


@pytest.mark.parametrize("name", RECORDS)
def test_the_schemas_that_ship_are_those_of_the_records(name):
    assert shipped(name) == made(name), "python -m tailscope.schemas writes them again"


def test_nothing_else_ships():
    assert sorted(path.stem for path in FOLDER.glob("*.json")) == sorted(RECORDS)


def fits(name, data):
    fastjsonschema.compile(dict(shipped(name)), use_default=False)(data)


@pytest.mark.parametrize("name", ["fitted", "imported"])
def test_study_files_fit_the_schema(name):
    with h5py.File(RESOURCES / "valid" / f"{name}.study.h5") as file:
        data = json.loads(json.dumps(metadata(file)))
    fits("study_file", data)
    del data["observables"][0]["name"]
    with pytest.raises(JsonSchemaValueException, match="name"):
        fits("study_file", data)


def test_exported_events_say_where_they_came_from_as_the_schema_has_it(tmp_path):
    export_events(folded_study(200), tail_selection("high", 1.0), tmp_path / "tail.csv")
    with (tmp_path / "tail.csv").open() as file:
        fits("export", json.loads(file.readline().removeprefix("# tailscope ")))
