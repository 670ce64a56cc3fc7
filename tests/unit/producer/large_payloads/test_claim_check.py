"""Claim check: what is checked in is redeemed byte for byte, or the reader hears exactly why not."""

import threading
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from fsspec.implementations.memory import MemoryFileSystem
from hypothesis import given, settings
from hypothesis import strategies as st

from producer.large_payloads.claim_check import (
    BYTES_HEADER,
    KEY_HEADER,
    SHA256_HEADER,
    ClaimCheck,
    is_reference,
    without_reference,
)
from producer.large_payloads.errors import (
    ClaimCorruptError,
    ClaimError,
    ClaimMalformedError,
    ClaimMissingError,
    ClaimStoreError,
)
from producer.records import Record

LARGE = bytes(range(256)) * 40
RECORD = Record("orders", LARGE, b"k", headers=(("own", b"1"),))


@pytest.fixture(params=["memory", "file"])
def claims(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ClaimCheck]:
    url = "memory://claims" if request.param == "memory" else f"file://{tmp_path}/claims"
    yield ClaimCheck(url, threshold_bytes=1_000)
    MemoryFileSystem.store.clear()


def stored(claims: ClaimCheck) -> list[str]:
    return list(claims._files.find(claims._root))


def test_a_large_value_goes_to_the_store_and_comes_back(claims: ClaimCheck) -> None:
    sent = claims.check_in(RECORD)

    assert (sent.topic, sent.key, sent.headers[0]) == ("orders", b"k", ("own", b"1"))
    assert sent.value is not None
    assert len(sent.value) < 100
    assert is_reference(sent.headers)
    assert without_reference(sent.headers) == RECORD.headers
    assert claims.redeem(sent.headers, sent.value) == LARGE


@pytest.mark.parametrize("value", [None, b"", bytes(1_000)], ids=["null", "empty", "at the threshold"])
def test_a_small_value_stays_in_its_record(claims: ClaimCheck, value: bytes | None) -> None:
    record = Record("orders", value, b"k")

    assert claims.check_in(record) is record
    assert claims.redeem(record.headers, record.value) == value
    assert stored(claims) == []


def test_the_same_value_is_kept_once_under_its_sum(claims: ClaimCheck) -> None:
    for _ in range(3):
        claims.check_in(RECORD)

    (path,) = stored(claims)
    assert path.endswith("/" + sha256(LARGE).hexdigest())


@settings(max_examples=25)
@given(st.binary(min_size=1, max_size=3_000), st.integers(0, 3_000))
def test_any_value_comes_back(value: bytes, threshold: int) -> None:
    claims = ClaimCheck("memory://any", threshold_bytes=threshold)

    sent = claims.check_in(Record("orders", value))

    assert is_reference(sent.headers) == (len(value) > threshold)
    assert claims.redeem(sent.headers, sent.value) == value


def test_the_object_is_there_and_whole_before_a_reference_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    claims = ClaimCheck("memory://lossy", threshold_bytes=1_000)
    write = MemoryFileSystem.pipe_file

    def lose_the_end(self: Any, path: str, value: bytes, **more: Any) -> None:
        write(self, path, value[:-1], **more)

    monkeypatch.setattr(MemoryFileSystem, "pipe_file", lose_the_end)

    with pytest.raises(ClaimStoreError, match="does not give back what was written"):
        claims.check_in(RECORD)


def test_a_store_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "claims").write_text("a file where the folder should be")
    claims = ClaimCheck(f"file://{tmp_path}/claims", threshold_bytes=1_000)

    with pytest.raises(ClaimStoreError, match="could not be written"):
        claims.check_in(RECORD)


def test_half_an_object_left_by_a_crash_is_written_anew(claims: ClaimCheck) -> None:
    sent = claims.check_in(RECORD)
    (path,) = stored(claims)
    claims._files.pipe_file(path, LARGE[:100])

    claims.check_in(RECORD)

    assert claims.redeem(sent.headers, sent.value) == LARGE


def test_many_writers_of_one_value_never_show_half_of_it(tmp_path: Path) -> None:
    claims = ClaimCheck(f"file://{tmp_path}/claims", threshold_bytes=1_000)
    value = bytes(2_000_000)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            sent = claims.check_in(Record("orders", value))
            assert claims.redeem(sent.headers, sent.value) == value
        except BaseException as error:  # noqa: BLE001 - told by the test's own thread
            failures.append(error)

    workers = [threading.Thread(target=work) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)

    assert failures == []
    assert len(stored(claims)) == 1


# -- what readers meet -------------------------------------------------------------------------------------------------


def test_an_object_that_is_gone_is_missing(claims: ClaimCheck) -> None:
    sent = claims.check_in(RECORD)
    claims._files.rm(stored(claims)[0])

    with pytest.raises(ClaimMissingError, match="is not in the store"):
        claims.redeem(sent.headers, sent.value)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda content: content[:-1], "has 10239 bytes, the record says 10240"),
        (lambda content: content + b"x", "has 10241 bytes"),
        (lambda content: b"x" + content[1:], "another SHA-256"),
    ],
    ids=["shorter", "longer", "changed"],
)
def test_an_object_that_was_changed_is_corrupt(
    claims: ClaimCheck, spoil: Callable[[bytes], bytes], message: str
) -> None:
    sent = claims.check_in(RECORD)
    claims._files.pipe_file(stored(claims)[0], spoil(LARGE))

    with pytest.raises(ClaimCorruptError, match=message):
        claims.redeem(sent.headers, sent.value)


DIGEST = sha256(LARGE).hexdigest().encode()
GOOD = {KEY_HEADER: b"sha256/" + DIGEST[:2] + b"/" + DIGEST, SHA256_HEADER: DIGEST, BYTES_HEADER: b"10240"}


@pytest.mark.parametrize(
    "changed",
    [
        {SHA256_HEADER: None},
        {SHA256_HEADER: b"../../../../etc/passwd"},
        {SHA256_HEADER: DIGEST.upper()},
        {KEY_HEADER: b"../../../../etc/passwd"},
        {KEY_HEADER: b"sha256/00/" + bytes(64)},
        {BYTES_HEADER: b"-1"},
        {BYTES_HEADER: b"many"},
        {BYTES_HEADER: b"9" * 30},
        {BYTES_HEADER: b"2000000"},
    ],
    ids=str,
)
def test_headers_that_are_no_reference_are_refused_and_choose_no_file(changed: dict[str, bytes | None]) -> None:
    claims = ClaimCheck("memory://claims", object_bytes_max=1_000_000)

    with pytest.raises(ClaimMalformedError):
        claims.redeem(list((GOOD | changed).items()), b"")


@given(st.dictionaries(st.sampled_from([KEY_HEADER, SHA256_HEADER, BYTES_HEADER]), st.none() | st.binary(max_size=70),
                       min_size=1))  # fmt: skip
def test_headers_of_a_stranger_end_in_an_error_of_ours(headers: dict[str, bytes | None]) -> None:
    with pytest.raises(ClaimError):
        ClaimCheck("memory://nothing").redeem(list(headers.items()), b"")


def test_an_unknown_store_is_named_with_the_way_to_get_it() -> None:
    with pytest.raises(ClaimStoreError, match=r"nosuch://x: .*acklab\[objects\]"):
        ClaimCheck("nosuch://x")
