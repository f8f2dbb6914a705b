"""Every bad file gives one sentence: file, dataset, what was found, what was expected, what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from resources.invalid import calogan, challenge, dimuons, jets, tables, zjets
from resources.invalid.calogan import Writer
from tailscope import describe, load
from tailscope.errors import FormatError

FILES = {
    **{name: ("sample.hdf5", *case) for name, case in calogan.CASES.items()},
    **{
        name: (name, *case)
        for kind in (tables, challenge, zjets, jets, dimuons)
        for name, case in kind.CASES.items()
    },
}


@pytest.mark.parametrize(("filename", "write", "sentence"), FILES.values(), ids=FILES)
def test_a_bad_file_gives_its_sentence(tmp_path: Path, filename: str, write: Writer, sentence: str) -> None:
    path = tmp_path / filename
    write(path)
    messages = []
    for read in (load, describe):
        with pytest.raises(FormatError) as caught:
            read(path)
        messages.append(str(caught.value))
    assert messages[0] == messages[1]
    assert re.search(sentence, messages[0]), messages[0]
    assert filename in messages[0]
    assert "\n" not in messages[0]
    assert len(messages[0]) < 450
