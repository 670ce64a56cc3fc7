"""The schema registry of a served cluster, struck by the control port: crashed it refuses, paused it is silent, slow it is late."""

import json
import socket
from collections.abc import Iterator
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import pytest

from sim.serve.attempt import Fate
from sim.serve.client import Control
from sim.serve.server import Serving
from sim.serve.stage import Stage
from tests.registry.asking import ORDER, ORDER_WITH_DEFAULT, ORDER_WITHOUT
from tests.serve.served import Served, is_ended

STAGE = Stage(topics=("orders:1:3",), has_registry=True, seed=5)
LIMIT_S = 60
MOMENT_S = 0.2
"""Long enough for an answer that is not held back; nothing fails where one takes longer."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Served]:
    with Served(STAGE, Serving(port=0, control_port=0, registry_port=0)) as served:
        yield served


@pytest.fixture
def control(cluster: Served) -> Iterator[Control]:
    control = Control(cluster.server.control_url)
    yield control
    control.heal()
    until_it_listens(cluster, control)


def test_a_stopped_registry_is_gone_until_it_is_started(cluster: Served, control: Control) -> None:
    register(cluster, "stopped", ORDER)

    assert control.strike("stop registry-1").fate is Fate.FIRED
    with pytest.raises(ConnectionRefusedError):
        connected(cluster)

    control.heal()
    until_it_listens(cluster, control)
    assert asked(cluster, "GET", "/subjects/stopped/versions") == (200, [1])
    assert register(cluster, "stopped", ORDER_WITH_DEFAULT)["version"] == 2


def test_a_paused_registry_accepts_and_answers_what_it_was_asked_when_it_goes_on(
    cluster: Served, control: Control
) -> None:
    register(cluster, "paused", ORDER)
    assert control.strike("pause registry-1").fate is Fate.FIRED

    with connected(cluster) as early, connected(cluster) as late:
        early.sendall(request("GET", "/subjects/paused/versions"))
        late.sendall(request("POST", "/subjects/paused/versions", {"schema": ORDER_WITH_DEFAULT}))
        for one in (early, late):
            assert is_silent(one)
        assert control.strike("resume registry-1").fate is Fate.FIRED

        assert answer(early) == (200, [1])
        status, told = answer(late)
    assert (status, told["version"]) == (200, 2)


def test_a_slow_registry_answers_late_and_a_healed_one_overtakes_its_own_answers(
    cluster: Served, control: Control
) -> None:
    register(cluster, "slow", ORDER)
    assert control.strike("slow registry-1 x600").fate is Fate.FIRED
    begun_s = monotonic()
    with connected(cluster) as client:
        client.sendall(request("GET", "/subjects/slow/versions"))
        assert answer(client) == (200, [1])
    assert monotonic() - begun_s >= 0.6

    assert control.strike("slow registry-1 x60000").fate is Fate.FIRED
    with connected(cluster) as held:
        held.sendall(request("GET", "/subjects/slow/versions"))
        assert is_silent(held)
        control.heal()
        assert asked(cluster, "GET", "/subjects/slow/versions") == (200, [1])
        assert is_silent(held)


def test_a_crashed_registry_refuses_and_the_next_life_knows_what_the_one_before_did(
    cluster: Served, control: Control
) -> None:
    register(cluster, "crashed", ORDER)
    before = asked(cluster, "GET", "/subjects/crashed/versions/1")
    waiting = connected(cluster)

    assert control.strike("crash registry-1").fate is Fate.FIRED

    assert is_ended(waiting)
    waiting.close()
    with pytest.raises(ConnectionRefusedError):
        connected(cluster)
    assert control.strike("restart registry-1").fate is Fate.FIRED
    until_it_listens(cluster, control)
    assert before[0] == 200
    assert asked(cluster, "GET", "/subjects/crashed/versions/1") == before
    # Its group waits for the life before until its session is over.
    status, told = asked(cluster, "POST", "/subjects/crashed/versions", {"schema": ORDER_WITHOUT})
    assert (status, told["error_code"]) == (500, 50004)


@pytest.mark.parametrize(
    "before, fault, reason",
    [
        ("", "restart registry-1", "registry-1 runs already"),
        ("", "resume registry-1", "registry-1 does not stand still"),
        ("pause registry-1", "pause registry-1", "registry-1 stands still already"),
        ("crash registry-1", "crash registry-1", "registry-1 does not run"),
        ("crash registry-1", "pause registry-1", "registry-1 does not run"),
        ("crash registry-1", "slow registry-1 x2", "registry-1 does not run"),
        ("", "crash registry-2", "registry-2 does not run"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    cluster: Served, control: Control, before: str, fault: str, reason: str
) -> None:
    if before:
        assert control.strike(before).fate is Fate.FIRED

    refused = control.strike(fault)

    assert (refused.fate, refused.reason) == (Fate.REFUSED, reason)
    if not before:
        assert asked(cluster, "GET", "/subjects/nobody/versions")[0] == 404


def test_where_there_is_no_registry_none_is_struck() -> None:
    with Served(Stage(topics=("orders:1:3",)), Serving(port=0, control_port=0)) as cluster:
        refused = Control(cluster.server.control_url).strike("crash registry-1")

    assert (refused.fate, refused.reason) == (Fate.REFUSED, "no story is told here: there are no registries")


def connected(cluster: Served) -> socket.socket:
    where = urlsplit(cluster.server.registry_url)
    return socket.create_connection((where.hostname or "", where.port or 0), LIMIT_S)


def request(method: str, target: str, body: Any = None) -> bytes:
    data = b"" if body is None else json.dumps(body).encode()
    head = f"{method} {target} HTTP/1.1\r\nHost: registry\r\nConnection: close\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data


def answer(client: socket.socket) -> tuple[int, Any]:
    client.settimeout(LIMIT_S)
    told = b"".join(iter(lambda: client.recv(65_536), b""))
    head, _, body = told.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


def is_silent(client: socket.socket) -> bool:
    client.settimeout(MOMENT_S)
    try:
        return not client.recv(1, socket.MSG_PEEK)
    except TimeoutError:
        return True


def asked(cluster: Served, method: str, target: str, body: Any = None) -> tuple[int, Any]:
    with connected(cluster) as client:
        client.sendall(request(method, target, body))
        return answer(client)


def register(cluster: Served, subject: str, schema: str) -> dict[str, Any]:
    """Register as soon as somebody leads."""
    limit_s, status, told = monotonic() + LIMIT_S, 500, {"error_code": 50004}
    while told.get("error_code") == 50004 and monotonic() < limit_s:
        status, told = asked(cluster, "POST", f"/subjects/{subject}/versions", {"schema": schema})
    assert status == 200, told
    return told


def until_it_listens(cluster: Served, control: Control) -> None:
    """Ask until somebody accepts; what the cluster says meanwhile keeps it from asking in a tight circle."""
    limit_s = monotonic() + LIMIT_S
    while True:
        try:
            connected(cluster).close()
        except ConnectionRefusedError:
            assert monotonic() < limit_s, "nobody has begun to listen"
            control.cluster()
        else:
            return
