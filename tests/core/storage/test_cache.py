import logging
import multiprocessing
import os

import numpy as np
import pytest

from tailscope.errors import StudyError
from tailscope.storage.atomic import atomic_path
from tailscope.storage.cache import Cache, default_folder, key_of


def test_round_trip(tmp_path):
    cache = Cache(tmp_path)
    assert cache.get("fit", "a") is None
    cache.put("fit", "a", {"x": np.arange(3.0)}, {"n": [1, None]})
    arrays, data = cache.get("fit", "a")
    assert arrays["x"].tolist() == [0, 1, 2]
    assert data == {"n": [1, None]}
    cache.drop("fit", "a")
    assert cache.get("fit", "a") is None


def test_a_flipped_bit_counts_as_missing_and_is_said(tmp_path, caplog):
    cache = Cache(tmp_path)
    cache.put("fit", "a", {"x": np.arange(30.0)}, {})
    path = tmp_path / "fit" / "a.entry"
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert cache.get("fit", "a") is None
    assert "damaged" in caplog.text


@pytest.mark.parametrize("size", [0, 1, 10, 100])
def test_a_truncated_entry_counts_as_missing(tmp_path, size):
    cache = Cache(tmp_path)
    cache.put("fit", "a", {"x": np.arange(30.0)}, {})
    path = tmp_path / "fit" / "a.entry"
    path.write_bytes(path.read_bytes()[:size])
    assert cache.get("fit", "a") is None


def test_keys_depend_on_every_part_and_on_nothing_else():
    assert key_of(a=1, b=[2]) == key_of(b=[2], a=1)
    assert len({key_of(a=1), key_of(a=2), key_of(b=1), key_of(a=None)}) == 4


def test_an_interrupted_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")

    def fail():
        with atomic_path(path) as temporary:
            temporary.write_text("half")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_unwritable_folder_is_said_in_a_sentence(tmp_path):
    with pytest.raises(StudyError, match="choose another folder"), atomic_path(tmp_path / "no" / "file"):
        pass
    (tmp_path / "file").write_text("")
    with pytest.raises(StudyError, match="--cache"):
        Cache(tmp_path / "file").put("fit", "a", {}, {})


def test_stale_partial_files_are_swept(tmp_path):
    old, new = tmp_path / ".partial-old", tmp_path / ".partial-new"
    old.write_text("")
    new.write_text("")
    os.utime(old, (0, 0))
    with atomic_path(tmp_path / "file") as temporary:
        temporary.write_text("x")
    assert not old.exists()
    assert new.exists()


def _compute_once(folder, counter):
    cache = Cache(folder)
    for key in map(str, range(10)):
        with cache.lock("k", key):
            if cache.get("k", key) is None:
                with counter.get_lock():
                    counter.value += 1
                cache.put("k", key, {"x": np.full(1000, float(key))}, {})
        arrays, _ = cache.get("k", key)
        assert (arrays["x"] == float(key)).all()


def test_processes_that_race_compute_each_entry_once(tmp_path):
    context = multiprocessing.get_context("fork")
    counter = context.Value("i", 0)
    workers = [context.Process(target=_compute_once, args=(tmp_path, counter)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert counter.value == 10


def test_the_folder_can_be_chosen(monkeypatch, tmp_path):
    monkeypatch.setenv("TAILSCOPE_CACHE", str(tmp_path))
    assert default_folder() == tmp_path
