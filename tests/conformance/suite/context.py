"""What a case sees: a cluster, names of its own, preparation that is no step, and the recording."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.conformance.suite import records
from tests.conformance.suite.conversation import CLIENT_ID, Answer, Conversation, StopError
from tests.conformance.suite.normal import Normal
from tests.conformance.suite.wire import Where, Wire

READY_S_MAX = 20
LOOK_S = 0.02
AGAIN_S = 0.05
CALENDAR_BEHIND_MS = 1_800_000
"""Cases write records of half an hour ago."""


class Context:
    """One case on one cluster."""

    def __init__(self, wire: Wire, brokers: Mapping[int, Where], token: str) -> None:
        """`brokers` are node id -> address, as the server names them; names of the case end in `token`."""
        self.wire = wire
        self.brokers = brokers
        self.t0 = wire.calendar_ms() - CALENDAR_BEHIND_MS
        self.normal = Normal(list(brokers), self.t0)
        self.steps: list[dict[str, Any]] = []
        self.ids: dict[str, str] = {}
        self._token = token
        self._main: Conversation | None = None
        self._open: list[Conversation] = []
        self._barriers = 0
        self.normal.word(token, "")

    # -- names ---------------------------------------------------------------------------------------------------------

    def name(self, word: str) -> str:
        full = f"{word}-{self._token}"
        self.normal.word(full, f"<{word}>")
        return full

    def wait(self, seconds: float) -> None:
        self.wire.sleep(seconds)

    # -- connections ---------------------------------------------------------------------------------------------------

    def open(
        self, label: str = "", client_id: str | None = CLIENT_ID, where: str | None = None, node: int | None = None
    ) -> Conversation:
        if node is not None:
            where = self.brokers[node]
        conn = Conversation(self, where or self.wire.bootstrap, client_id, label)
        self._open.append(conn)
        return conn

    def close(self) -> None:
        """Close every connection that was opened."""
        for conn in self._open:
            conn.close()

    @property
    def main(self) -> Conversation:
        if self._main is None:
            self._main = self.open()
        return self._main

    def send(self, api: str, version: int, _note: str = "", **body: Any) -> Answer:
        return self.main.send(api, version, _note, **body)

    def quiet(self, api: str, version: int, **body: Any) -> Answer:
        return self.main.quiet(api, version, **body)

    # -- preparation that is no step -----------------------------------------------------------------------------------

    def topic(
        self,
        word: str = "t",
        partitions: int = 1,
        replicas: int = 1,
        assignment: list[list[int]] | None = None,
        **configs: Any,
    ) -> str:
        """Make a topic, and wait until it is there."""
        name = self.name(word)
        given = [{"partition_index": number, "broker_ids": ids} for number, ids in enumerate(assignment or [])]
        wanted = {
            "name": name,
            "num_partitions": -1 if given else partitions,
            "replication_factor": -1 if given else replicas,
            "assignments": given,
            "configs": [{"name": key.replace("_", "."), "value": str(value)} for key, value in configs.items()],
        }
        got = self.quiet("create_topics", 7, timeout=10000, topics=[wanted])
        if got["topics"][0]["error_code"] not in {0, 36}:
            raise StopError(f"cannot create {name}: {got['topics'][0]}")
        self.ready(name, len(given) or partitions)
        return name

    def ready(self, name: str, partitions: int = 1) -> dict[str, Any]:
        """Wait until every broker that leads a partition of the topic knows it."""
        until_s = self.wire.now_s() + READY_S_MAX
        topic: dict[str, Any] = {}
        while self.wire.now_s() < until_s:
            topic = self._described(name)
            found = topic["partitions"]
            is_led = all(one["leader_id"] >= 0 and one["error_code"] == 0 for one in found)
            if topic["error_code"] == 0 and len(found) == partitions and is_led:
                self.ids[name] = topic["topic_id"]
                if all(self._is_listed(name, one["partition_index"], one["leader_id"]) for one in found):
                    return topic
            self.wire.sleep(LOOK_S)
        raise StopError(f"topic {name} is not ready: {topic}")

    def _described(self, name: str) -> dict[str, Any]:
        got = self.quiet("metadata", 12, topics=[{"name": name}], allow_auto_topic_creation=False)
        topic: dict[str, Any] = got["topics"][0]
        return topic

    def _is_listed(self, name: str, index: int, leader: int) -> bool:
        conn = self.main if len(self.brokers) == 1 else self.open(node=leader)
        wanted = [{"name": name, "partitions": [{"partition_index": index, "timestamp": -1}]}]
        got = conn.quiet("list_offsets", 7, replica_id=-1, isolation_level=0, topics=wanted)
        return bool(got["topics"][0]["partitions"][0]["error_code"] == 0)

    def settled(self) -> None:
        """Changes of metadata are told in order: once a topic made now is there, so is all that was changed before."""
        self._barriers += 1
        self.topic(f"barrier{self._barriers}")

    def leader(self, name: str, index: int = 0) -> int:
        found = self._described(name)["partitions"]
        return next(int(one["leader_id"]) for one in found if one["partition_index"] == index)

    def coordinator(self, key: str, kind: int = 0) -> int:
        """Find it, asking again until it is there. Gives its node id."""
        until_s = self.wire.now_s() + READY_S_MAX
        while True:
            got = self.quiet("find_coordinator", 4, key_type=kind, coordinator_keys=[key])["coordinators"][0]
            if got["error_code"] == 0:
                node: int = got["node_id"]
                return node
            if self.wire.now_s() > until_s:
                raise StopError(f"no coordinator for {key}: {got}")
            self.wire.sleep(AGAIN_S)

    def batch(self, *values: Any, **how: Any) -> bytes:
        how.setdefault("ts", self.t0)
        return records.batch(list(values), **how)

    def put(
        self,
        topic: str,
        *values: Any,
        partition: int = 0,
        data: bytes | None = None,
        conn: Conversation | None = None,
        **how: Any,
    ) -> Answer:
        """Produce quietly; stop the case when that fails."""
        held = self.batch(*values, **how) if data is None else data
        wanted = [{"name": topic, "partition_data": [{"index": partition, "records": held}]}]
        got = (conn or self.main).quiet("produce", 9, acks=-1, timeout=10000, topic_data=wanted)
        if got["responses"][0]["partition_responses"][0]["error_code"]:
            raise StopError(f"cannot produce: {got}")
        return got

    # -- recording -----------------------------------------------------------------------------------------------------

    def record(
        self,
        conn: Conversation,
        api: str | None,
        version: int,
        body: dict[str, Any],
        out: Answer,
        shown: Any,
        note: str,
        pick: Callable[[Any], Any] | None,
        hide: frozenset[str],
    ) -> None:
        """Write down one step, made comparable."""
        step: dict[str, Any] = {"request": f"{api} v{version}" if api else "raw bytes"}
        if note:
            step["note"] = self.normal.string(note)
        if conn.label:
            step["on"] = self.normal.string(conn.label)
        step["sent"] = self.normal.apply(body, ours=True)
        if isinstance(shown, dict):
            seen = pick(shown) if pick else shown
            if hide and isinstance(seen, dict):
                seen = {key: value for key, value in seen.items() if key not in hide}
            shown = self.normal.apply(seen)
        step["answer"] = shown
        self.steps.append(step)
