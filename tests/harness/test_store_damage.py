"""A damaged store: no wrong answer is served, what is whole is kept, and nothing is thrown away."""

import asyncio
import hashlib
import logging
import random
import shutil
import sqlite3
import subprocess
import sys

import pytest

from harness import Response, StoreError
from harness.store import open_store

TEXTS = {hashlib.sha256(str(n).encode()).digest(): f"answer {n} " + "and so on " * 40 for n in range(600)}


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A store of 600 answers, closed."""
    path = tmp_path_factory.mktemp("filled") / "store.db"

    async def put():
        with open_store(path) as store:
            await asyncio.gather(*(store.put(name, "m", Response(text=text)) for name, text in TEXTS.items()))

    asyncio.run(put())
    return path


@pytest.fixture
def path(filled, tmp_path):
    shutil.copy(filled, tmp_path / "store.db")
    return tmp_path / "store.db"


def kept(path):
    """How many answers a store serves; every one of them must be what was put."""
    with open_store(path) as store:
        served = {name: store.get(name) for name in TEXTS}
    assert all(found is None or found.text == TEXTS[name] for name, found in served.items())
    return sum(found is not None for found in served.values())


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("content", [b"\0", b"\xff", b"torn"])
def test_a_torn_page_costs_its_own_answers_alone(path, caplog, seed, content):
    size = path.stat().st_size
    page = random.Random(seed).randrange(1, size // 4096)
    with path.open("r+b") as file:
        file.seek(page * 4096 + 700)
        file.write((content * 3396)[:3396])
    assert kept(path) >= len(TEXTS) * 0.5  # an inner page may take its branch along
    assert kept(path) >= len(TEXTS) * 0.5


@pytest.mark.parametrize("share", [0.7, 0.85, 0.999])
def test_a_cut_store_is_set_aside_and_what_is_left_is_kept(path, caplog, share):
    with path.open("r+b") as file:
        file.truncate(int(path.stat().st_size * share))
    found = kept(path)
    assert found > 0
    assert " damaged" in caplog.text
    caplog.clear()
    assert kept(path) == found
    assert "damaged" not in caplog.text


def test_a_store_without_its_first_page_starts_anew_beside_the_old_file(path, caplog):
    with path.open("r+b") as file:
        file.write(b"\0" * 4096)
    assert kept(path) == 0
    assert path.with_name("store.damaged-1.db").stat().st_size > 100_000


def test_a_rotten_byte_inside_an_answer_is_found_and_the_answer_asked_again(path, caplog):
    content = path.read_bytes()
    at = content.index(b"answer 7 and so")
    path.write_bytes(content[:at] + b"Answer" + content[at + 6 :])
    with caplog.at_level(logging.WARNING):
        assert kept(path) == len(TEXTS) - 1
    assert "is taken out and asked again" in caplog.text
    assert kept(path) == len(TEXTS) - 1


def test_a_torn_log_loses_no_more_than_what_was_in_its_last_commits(path):
    """The log of a killed process is cut at any byte: whole commits before the cut are kept."""
    code = f"""
import asyncio, os
from harness import Response
from harness.store import open_store

async def put():
    with open_store(__import__("pathlib").Path({str(path)!r})) as store:
        for n in range(50):
            await store.put(b"new%03d" % n, "m", Response(text=str(n)))
        os._exit(9)

asyncio.run(put())
"""
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 9
    log = path.with_name("store.db-wal")
    with log.open("r+b") as file:
        file.truncate(int(log.stat().st_size * 0.6))
    with open_store(path) as store:
        have = [n for n in range(50) if store.get(b"new%03d" % n) is not None]
        assert have == list(range(len(have)))
        assert 10 < len(have) < 50
        assert all(store.get(b"new%03d" % n).text == str(n) for n in have)
    assert kept(path) == len(TEXTS)


def test_a_damaged_store_that_another_process_uses_is_left_alone(path):
    with open_store(path):
        with path.open("r+b") as file:
            file.truncate(path.stat().st_size // 2)
        with pytest.raises(StoreError, match="in use by another run"), open_store(path):
            pass


def test_a_store_of_the_first_version_is_read_and_brought_up_to_date(tmp_path):
    path = tmp_path / "store.db"
    connection = sqlite3.connect(path)
    connection.execute(
        "CREATE TABLE responses (name BLOB PRIMARY KEY, model TEXT, body BLOB, written REAL) WITHOUT ROWID"
    )
    from msgspec import msgpack

    connection.execute("INSERT INTO responses VALUES (?, 'm', ?, 0)", (b"x", msgpack.encode(Response(text="old"))))
    connection.execute("INSERT INTO responses VALUES (?, 'm', ?, 0)", (b"y", b"\xc1 not a response"))
    connection.execute("PRAGMA user_version = 1")
    connection.commit()
    connection.close()
    for _ in range(2):
        with open_store(path) as store:
            assert store.get(b"x") == Response(text="old")
            assert store.get(b"y") is None


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(StoreError, match="choose another folder with --output"),
        open_store(tmp_path / "file" / "store.db"),
    ):
        pass
