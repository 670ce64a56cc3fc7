"""Ask Apache Kafka and the simulated brokers the same drawn requests: `python -m tests.conformance.drawn --at HOST:PORT [--runs 100]`.

Each run is eight requests of any kind about topics and groups of its own. Whatever is answered in another way is told, with both
answers; a kind of difference that is found this way becomes a case of the suite, recorded.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable
from functools import partial
from random import Random
from typing import Any

from tests.conformance.cases.groups import alone, nameless
from tests.conformance.suite.case import Case
from tests.conformance.suite.check import compare_case
from tests.conformance.suite.context import Context
from tests.conformance.suite.drawing import Drawing, Named
from tests.conformance.suite.run import Steps, known_brokers, recorded, warm
from tests.conformance.suite.tcp import TcpWire
from tests.conformance.suite.virtual import VirtualWire
from tests.conformance.suite.wire import Wire

REQUESTS = 8
SHOWN_CHARACTERS = 600
BLOCK_LOADS = 14
"""COORDINATOR_LOAD_IN_PROGRESS: a broker waits for producer ids."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.drawn", description=__doc__)
    parser.add_argument("--at", metavar="HOST:PORT", required=True, help="Apache Kafka, one broker")
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0, help="of the first run; the others' follow")
    given = parser.parse_args()
    there, differing = TcpWire(given.at), 0
    for seed in range(given.seed, given.seed + given.runs):
        case = Case("drawn", f"seed {seed}", "", "one", partial(_asked, Random(seed)))
        theirs = _steps(case, there, f"{int(time.time() * 1000) % 0xFFFFFF:06x}{seed % 10_000:04d}")
        again = case._replace(run=partial(_asked, Random(seed)))
        ours = _steps(again, VirtualWire(brokers=1), "a1b2c30001")
        for line in _differences(theirs, ours):
            differing += 1
            print(f"seed {seed}: {line}", flush=True)
    print(f"{given.runs} runs, {differing} answers differ")
    return 1 if differing else 0


def _steps(case: Case, wire: Wire, token: str) -> Steps:
    brokers = known_brokers(wire)
    warm(wire, brokers)
    return recorded(case, wire, brokers, token=token)


def _asked(chance: Random, c: Context) -> None:
    drawing = Drawing(chance, c, _named(c))
    for number in range(REQUESTS):
        api, version, body = drawing.request()
        if not _is_told_of_others(api, body):
            retry = (BLOCK_LOADS,) if api == "init_producer_id" else ()
            pick = _without_settings if api == "create_topics" else None
            c.open(f"{number}").send(api, version, _silent=True, _retry=retry, _pick=pick, **body)


def _named(c: Context) -> Named:
    topic, compacted = c.topic("t", partitions=2), c.topic("u", cleanup_policy="compact")
    c.put(topic, b"1", b"2", b"3")
    nameless(c, topic)
    group, simple = c.name("g"), c.name("h")
    member, _ = alone(c, group)
    c.quiet(
        "offset_commit", 8, group_id=simple, generation_id_or_member_epoch=-1, member_id="",
        topics=[{"name": topic, "partitions": [{"partition_index": 0, "committed_offset": 2, "committed_metadata": "w"}]}],
    )  # fmt: skip
    return Named(topic, compacted, group, simple, member)


def _is_told_of_others(api: str, body: dict[str, Any]) -> bool:
    """Whether the answer is about everything that there is; or, as Kafka's to an AlterConfigs of one thing twice, never comes."""
    if api == "alter_configs":
        named = [(one["resource_type"], one["resource_name"]) for one in body["resources"]]
        return len(set(named)) < len(named)
    if api == "describe_configs":
        return any(not one["configuration_keys"] for one in body["resources"])
    if api == "offset_fetch":
        # The group without a name is everybody's.
        asked = body.get("groups", [body])
        return any(not one["group_id"] and one["topics"] is None for one in asked)
    lists = {"metadata": "topics", "describe_topic_partitions": "topics", "describe_log_dirs": "topics"}
    lists |= {"list_partition_reassignments": "topics", "elect_leaders": "topic_partitions"}
    return api in lists and not body[lists[api]]


def _without_settings(answer: Any) -> Any:
    return dict(answer, topics=[{key: one[key] for key in one if key != "configs"} for one in answer["topics"]])


def _differences(theirs: Steps, ours: Steps) -> Iterable[str]:
    for number, (want, got) in enumerate(zip(theirs, ours, strict=False), start=1):
        _, found = compare_case([want], [got], strict=False)
        if found:
            shown = (
                json.dumps(one)[:SHOWN_CHARACTERS] for one in (want.get("sent"), want.get("answer"), got.get("answer"))
            )
            yield "\n    ".join(
                [f"request {number}, {found[0]}", *map(" ".join, zip(("sent", "Kafka", "ours"), shown, strict=True))]
            )
    if len(theirs) != len(ours):
        yield f"{len(theirs)} steps there, {len(ours)} here: {(theirs if len(theirs) > len(ours) else ours)[-1]}"


if __name__ == "__main__":
    sys.exit(main())
