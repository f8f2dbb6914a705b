"""Every bad file gives one sentence: file, dataset, what was found, what was expected, what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from resources.invalid import (
    bare_jets,
    calogan,
    challenge,
    dimuons,
    jagged_jets,
    jets,
    pandas_tables,
    parquets,
    tables,
    toptagging,
    zjets,
)
from resources.invalid.calogan import Writer
from tailscope import describe, load
from tailscope.errors import FormatError

KINDS = {
    "tables": tables,
    "parquets": parquets,
    "challenge": challenge,
    "zjets": zjets,
    "pandas": pandas_tables,
    "jets": jets,
    "bare jets": bare_jets,
    "top tagging": toptagging,
    "jagged jets": jagged_jets,
    "dimuons": dimuons,
}
FILES = {
    **{name: ("sample.hdf5", *case) for name, case in calogan.CASES.items()},
    **{
        f"{kind} {name}": (name, *case)
        for kind, module in KINDS.items()
        for name, case in module.CASES.items()
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


def test_ten_bad_files_or_more_stand_for_each_format() -> None:
    """Names of files tell the container where a kind of event comes in several."""
    kinds = {
        "CaloGAN": list(calogan.CASES),
        "CaloChallenge": list(challenge.CASES),
        "binning of CaloChallenge": list(challenge.BINNINGS),
        "momenta": list(zjets.CASES),
        "pandas": list(pandas_tables.CASES),
        "JetNet": list(jets.CASES),
        "bare jets": list(bare_jets.CASES),
        "top tagging": list(toptagging.CASES),
        "jagged jets": list(jagged_jets.CASES),
        "dimuon table": [n for n in dimuons.CASES if not n.endswith(".root")],
        "NanoAOD": [n for n in dimuons.CASES if n.endswith(".root")],
        "Parquet": list(parquets.CASES),
        **{s: [n for n in tables.CASES if n.endswith(s)] for s in (".csv", ".npz", ".h5")},
    }
    assert {kind: len(names) for kind, names in kinds.items() if len(names) < 10} == {}
    assert len(FILES) == sum(map(len, kinds.values())) - len(challenge.BINNINGS) + len(["single.npy"])
