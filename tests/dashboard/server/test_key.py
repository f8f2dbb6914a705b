"""The key of the page's addresses: one for each user, private, the same until it is renewed."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from tailscope.errors import ConfigError
from tailscope_dashboard.server.key import NAME, stable_key


def test_it_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    folder = tmp_path / "tailscope"
    key = stable_key(folder)
    assert len(key) == 43
    assert stable_key(folder) == key
    assert stat.S_IMODE((folder / NAME).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [path.name for path in folder.iterdir()] == [NAME]


def test_a_renewed_key_is_another(tmp_path):
    old = stable_key(tmp_path)
    new = stable_key(tmp_path, renew=True)
    assert new != old
    assert stable_key(tmp_path) == new


@pytest.mark.parametrize("spoil", ["readable", "empty", "foreign letters", "link"])
def test_one_that_others_may_know_is_replaced_and_that_is_said(tmp_path, caplog, spoil):
    old = stable_key(tmp_path)
    path = tmp_path / NAME
    if spoil == "readable":
        path.chmod(0o644)
    elif spoil == "link":
        path.rename(tmp_path / "elsewhere")
        path.symlink_to(tmp_path / "elsewhere")
    else:
        path.write_bytes(b"" if spoil == "empty" else "é".encode() * 30)
    new = stable_key(tmp_path)
    assert new != old
    assert "old addresses end" in caplog.text
    assert stable_key(tmp_path) == new
    assert not path.is_symlink()


def test_servers_that_start_at_once_share_it(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: stable_key(tmp_path / "new"), range(32)))
    assert len(keys) == 1


def test_a_place_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be kept there"):
        stable_key(tmp_path / "file" / "folder")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
