"""Runs a case on a cluster, and compares what it recorded with what Apache Kafka answered."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from tests.conformance.suite.case import Case, all_cases
from tests.conformance.suite.check import compare_case
from tests.conformance.suite.context import Context
from tests.conformance.suite.conversation import StopError
from tests.conformance.suite.tcp import TcpWire
from tests.conformance.suite.virtual import VirtualWire
from tests.conformance.suite.wire import Where, Wire

GOLDEN_FOLDER = Path(__file__).parent.parent / "golden"
WARM_S_MAX = 60
TRANSACTION = 1
COORDINATOR_LOADS = (14, 15, 16, 51)
BROKERS = {"one": 1, "three": 3, "secure": 1}
Steps = list[dict[str, Any]]
"""What a case recorded, request by request."""


class Compared(NamedTuple):
    """One case beside its recording."""

    case: Case
    steps: Steps
    equal: int
    """How many steps are."""
    differences: list[str]

    @property
    def is_equal(self) -> bool:
        return not self.differences


@cache
def golden(area: str) -> dict[str, Any]:
    """What Apache Kafka answered: case -> {doc, needs, steps}."""
    found: dict[str, Any] = json.loads((GOLDEN_FOLDER / f"{area}.json").read_text())
    return found


def compared_virtually(case: Case) -> Compared:
    """Run a case on a simulated cluster of its own."""
    wire = VirtualWire(brokers=BROKERS[case.needs], is_secure=case.needs == "secure")
    return compared(case, wire, known_brokers(wire), token="a1b2c30001")


def compared_by_path(path: str) -> tuple[Steps, int, list[str]]:
    """The same for a case by its path, as what a worker can be sent and can send back: all but the case."""
    found = compared_virtually(next(one for one in all_cases() if one.path == path))
    return found.steps, found.equal, found.differences


def compared(case: Case, wire: Wire, brokers: dict[int, Where], *, token: str) -> Compared:
    """Run a case on a cluster that is there, warmed up first."""
    warm(wire, brokers)
    return beside_recording(case, recorded(case, wire, brokers, token=token))


def asked(
    servers: Mapping[str, Where], cases: Iterable[Case], *, at_once: int = 1, sasl: Where | None = None
) -> Iterator[tuple[Case, Steps]]:
    """Run cases over TCP, so many `at_once`; `servers` are by what a case needs, `sasl` is the
    secure one's listener that asks who is there. Raises OSError where nobody listens.

    Each has names and connections of its own. What others do meanwhile may show all the same, in groups that read every
    topic, say: whoever asks several at once asks what then differs once more, alone.
    """
    wires = {needs: TcpWire(where, sasl) for needs, where in servers.items()}
    brokers = {needs: known_brokers(wire) for needs, wire in wires.items()}
    for needs, wire in wires.items():
        warm(wire, brokers[needs])

    def ask(number: int, case: Case) -> tuple[Case, Steps]:
        wire = wires[case.needs]
        token = f"{wire.calendar_ms() % 0xFFFFFF:06x}{number:04d}"
        return case, recorded(case, wire, brokers[case.needs], token=token)

    with ThreadPoolExecutor(at_once) as pool:
        yield from pool.map(ask, count(), cases)


def beside_recording(case: Case, steps: Steps) -> Compared:
    """What was answered here, held against what Apache Kafka answered."""
    equal, differences = compare_case(golden(case.area)[case.name]["steps"], steps, strict=False)
    return Compared(case, steps, equal, differences)


def recorded(case: Case, wire: Wire, brokers: dict[int, Where], *, token: str) -> Steps:
    """Run a case. Gives its steps; the last says why it stopped, if it could not go on."""
    context = Context(wire, brokers, token)
    try:
        case.run(context)
    except StopError as problem:
        context.steps.append({"stopped": context.normal.message(str(problem))})
    except (LookupError, TypeError, ValueError, OSError, AttributeError) as problem:
        # It stumbled over an answer.
        context.steps.append({"stopped": f"{type(problem).__name__}: {context.normal.message(str(problem))}"})
    finally:
        context.close()
    return context.steps


def known_brokers(wire: Wire) -> dict[int, Where]:
    """Node id -> address, as the server names them."""
    context = Context(wire, {}, "x")
    try:
        found = context.quiet("metadata", 9, topics=[])["brokers"]
        return {one["node_id"]: f"{one['host']}:{one['port']}" for one in found}
    finally:
        context.close()


def warm(wire: Wire, brokers: dict[int, Where]) -> None:
    """The coordinators' topics are made by the first request that needs them; no case should see that."""
    context = Context(wire, brokers, "warm")
    until_s = wire.now_s() + WARM_S_MAX
    try:
        context.coordinator("warm", TRANSACTION)
        node = context.coordinator("warm")
        conn = context.open(node=node)
        wanted = [{"group_id": "warm", "topics": None}]
        while wire.now_s() < until_s:
            got = conn.quiet("offset_fetch", 8, groups=wanted)["groups"][0]["error_code"]
            if got not in COORDINATOR_LOADS:
                break
            wire.sleep(0.1)
    except StopError:
        return  # a server without coordinators: cases that need none are run all the same
    finally:
        context.close()
