"""`acklab registry`: says where it listens, ends by a signal in good order, and names what cannot be."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

from tests.registry.asking import ORDER, ORDER_WITHOUT
from tests.registry.served import served


def post(url: str, schema: str) -> int:
    body = json.dumps({"schema": schema}).encode()
    asked = Request(url, body, {"Content-Type": "application/json"})
    try:
        with urlopen(asked, timeout=60) as answer:
            return int(json.load(answer)["id"])
    except HTTPError as error:
        return error.code


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_good_order(number: signal.Signals) -> None:
    with served("--level", "none") as registry:
        assert post(f"{registry.url}/subjects/s/versions", ORDER) == 1
        assert post(f"{registry.url}/subjects/s/versions", ORDER_WITHOUT) == 2
        # A client that keeps its connection does not hold it.
        where = urlsplit(registry.url)
        with socket.create_connection((where.hostname or "", where.port or 0)):
            status, told = registry.end(number)

    assert status == 0
    assert (told["subjects"], told["records"]) == (1, 2)


def test_a_refused_client_reads_the_answer_though_it_still_sends() -> None:
    with served() as registry:
        where = urlsplit(registry.url)
        with socket.create_connection((where.hostname or "", where.port or 0), timeout=60) as client:
            client.sendall(b"POST /subjects/s HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n" + b"x" * 200_000)
            answer = b""
            while part := client.recv(65_536):
                answer += part
    assert answer.startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("words", "named"),
    [(["--level", "sideward"], "sideward"), (["--rules", "mine"], "mine"), (["--port", "70000"], "--port")],
)
def test_what_cannot_be_is_named(words: list[str], named: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "sim", "registry", *words], capture_output=True, text=True, timeout=180, check=False
    )

    assert ended.returncode == 2
    assert named in ended.stderr


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = subprocess.run(
            [sys.executable, "-m", "sim", "registry", "--port", port],
            capture_output=True, text=True, timeout=180, check=False,
        )  # fmt: skip

    assert ended.returncode == 2
    assert port in ended.stderr
