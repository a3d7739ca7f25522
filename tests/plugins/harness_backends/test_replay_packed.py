"""Packed recordings: read like plain ones, but no bomb is unpacked and no broken file half read."""

import gzip

import pytest

from harness import BackendError
from harness_backends.replay import recordings


def test_a_file_that_grows_beyond_what_text_does_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(recordings, "SMALLEST_BOMB", 1 << 20)
    path = tmp_path / "bomb.jsonl.gz"
    with gzip.open(path, "wb") as file:
        for _ in range(64):
            file.write(b"\0" * (1 << 20))
    with pytest.raises(BackendError, match=r"bomb\.jsonl\.gz grows to more than .* unpack it yourself"):
        recordings.opened(path)


def test_text_is_unpacked_as_it_is(tmp_path):
    path = tmp_path / "text.jsonl.gz"
    with gzip.open(path, "wb") as file:
        file.write(b'{"a": 1}\n' * 1000)
    file, _ = recordings.opened(path)
    with file:
        file.seek(0)
        assert file.read() == b'{"a": 1}\n' * 1000


@pytest.mark.parametrize("content", [b"not packed at all", gzip.compress(b"x" * 9000, mtime=0)[:-20], b""])
def test_a_broken_file_is_named(tmp_path, content):
    path = tmp_path / "broken.jsonl.gz"
    path.write_bytes(content)
    if content:
        with pytest.raises(BackendError, match=r"broken\.jsonl\.gz cannot be unpacked"):
            recordings.opened(path)
    else:
        recordings.opened(path)[0].close()
