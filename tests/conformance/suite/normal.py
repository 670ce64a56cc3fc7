"""What varies from run to run and how it is made comparable: one rule per field name, declared in RULES.

A rule sees the value under its field name wherever that name stands in an answer (or in a request). Ids get a
placeholder numbered by first appearance in the case; ids the case itself invented keep their value. SORTED says which
lists have no defined order and by what their elements are put in order before anything is numbered.
"""

from __future__ import annotations

import json
import re
from typing import Any

from tests.conformance.suite.codec import NIL
from tests.conformance.suite.records import read_batches

NEAR_MS = 100_000
"""A time so near to the case's own is one that the case gave."""
KEPT: tuple[Any, ...] = (-1, "", None, str(NIL))
IDS = {  # field name -> what the placeholder is called
    "cluster_id": "cluster",
    "producer_id": "producer",
    "topic_id": "topic-id",
    "session_id": "fetch-session",
    "member_id": "member",
    "leader": "member",
    "directory_id": "directory",
    "log_dir": "log-dir",
    "token_id": "token",
}
BROKERS = {
    "node_id",
    "broker_id",
    "leader_id",
    "controller_id",
    "coordinator_id",
    "replica_nodes",
    "isr_nodes",
    "offline_replicas",
    "replicas",
    "isr",
    "broker_ids",
    "preferred_read_replica",
    "adding_replicas",
    "removing_replicas",
    "replica_id",
    "eligible_leader_replicas",
    "last_known_elr",
    "voter_id",
}
CONSTANT = {
    "host": "<host>",
    "port": "<port>",
    "client_host": "<host>",
    "finalized_features_epoch": "<epoch>",
    "total_bytes": "<bytes>",
    "usable_bytes": "<bytes>",
    "broker_epoch": "<epoch>",
    "transaction_start_time_ms": "<now>",
    "client_instance_id": "<instance>",
    "push_interval": "<ms>",
    "subscription_id": "<id>",
}
TIMES = {
    "timestamp",
    "log_append_time",
    "base_timestamp",
    "max_timestamp",
    "log_append_time_ms",
    "last_timestamp",
    "transaction_start_time",
    "start_timestamp",
    "transaction_start_time_ms",
}
ZERO = {"throttle_time"}
TEXT = {"error_message", "batch_index_error_message"}  # compared for presence only, unless --strict-messages
SORTED = {  # list field -> the fields its elements are sorted by
    "brokers": ("node_id",),
    "api_keys": ("api_key",),
    "supported_features": ("name",),
    "finalized_features": ("name",),
    "topics": ("name", "topic", "topic_name", "topic_id"),
    "responses": ("topic", "topic_id", "name"),
    "partitions": ("partition_index", "partition", "partition_id"),
    "partition_responses": ("index", "partition_index"),
    "partition_metadata": ("partition_index",),
    "configs": ("name",),
    "groups": ("group_id",),
    "members": ("client_id", "member_id"),
    "synonyms": ("source", "name"),
    "node_endpoints": ("node_id",),
    "transaction_states": ("transactional_id",),
    "acls": ("principal", "operation", "host", "permission_type"),
    "resources": ("resource_type", "resource_name", "pattern_type"),
    "matching_acls": ("principal", "operation", "resource_name", "pattern_type", "host", "permission_type"),
    "isr_nodes": (),
    "subscribed_topic_names": (),
    "mechanisms": (),
    "isr": (),
    "topic_partitions": ("topic_id", "topic_name"),
    "credential_infos": ("mechanism",),
    "config_resources": ("resource_type", "resource_name"),
    "results": (
        "group_id",
        "name",
        "resource_name",
        "log_dir",
        "user",
        "partition_index",
        "topic",
        "topic_name",
        "log_dir",
    ),
    "results_by_topic": ("name",),
    "owned_partitions": ("topic_id",),
    "aborted_transactions": (),
    "entries": (),
    "active_producers": ("producer_id",),
    "results_by_partition": ("partition_index",),
    "results_by_topic_v3_and_below": ("name",),
}
UNSORTED_BY_RULE = {"aborted_transactions"}


class Normal:
    def __init__(self, brokers: list[int], t0: int) -> None:
        self.ids: dict[Any, str] = {}
        self.counts: dict[str, int] = {}
        self.brokers = {node: f"<broker-{i + 1}>" for i, node in enumerate(sorted(brokers))}
        self.t0 = t0
        self.words: list[tuple[str, str]] = []  # literal text -> placeholder, longest first

    def word(self, text: str, placeholder: str) -> None:
        self.words = sorted({*self.words, (text, placeholder)}, key=lambda w: -len(w[0]))

    # -- values ------------------------------------------------------------------------------------------------------
    def string(self, text: str) -> str:
        for literal, placeholder in self.words:
            text = text.replace(literal, placeholder)
        return text

    def ident(self, kind: str, value: Any, ours: bool) -> Any:
        if value in KEPT:
            return value
        key = (kind, value)
        if key not in self.ids:
            if ours or (isinstance(value, str) and self.string(value) != value and kind != "log-dir"):
                self.ids[key] = self.string(value) if isinstance(value, str) else value
            else:
                self.counts[kind] = self.counts.get(kind, 0) + 1
                self.ids[key] = f"<{kind}-{self.counts[kind]}>"
                if isinstance(value, str):
                    self.word(value, self.ids[key])
                    if kind == "topic-id":
                        self.word(short_uuid(value), self.ids[key])
        return self.ids[key]

    def time(self, value: Any) -> Any:
        if not isinstance(value, int) or value < 0 or value < 1_000_000_000_000:
            return value
        after_ms = value - self.t0
        if abs(after_ms) >= NEAR_MS:
            return "<now>"
        return f"<t0+{after_ms}>" if after_ms >= 0 else f"<t0-{-after_ms}>"

    def message(self, value: str | None) -> str | None:
        if value is None:
            return None
        value = self.string(value)
        value = re.sub(r"(?i)(producer(?: ?id)?[ =:]+)\d+", r"\1<n>", value)
        value = re.sub(r"127\.0\.0\.1:\d+|localhost:\d+", "<host>:<port>", value)
        value = re.sub(r"-?\b\d{12,}\b", "<time>", value)
        value = re.sub(r"Request\(processor=.*", "<request>", value, flags=re.DOTALL)
        value = re.sub(r"member id [\w-]+", "member id <member>", value)
        return re.sub(r"@[0-9a-f]{6,8}\b", "@<hash>", value)

    def apply(self, value: Any, ours: bool = False, name: str = "") -> Any:
        """ours: this is a request, so unknown ids in it are of the case's own making."""
        if isinstance(value, bytes):
            return self.blob(value, ours, name)
        if name in ZERO:
            return value if ours else 0
        if name in TEXT and not ours:
            return self.message(value)
        if name in CONSTANT and not ours and value not in KEPT and value != "*":  # an ACL's host may be "*"
            return CONSTANT[name]
        if name in TIMES and isinstance(value, int):
            return self.time(value)
        if isinstance(value, dict):
            if not ours and value.get("topic") == "__consumer_offsets" and "partitions" in value and name == "topics":
                return dict(
                    value, partitions="<where the group is>"
                )  # which partition holds a group is a hash of its name
            return {k: self.apply(v, ours, k) for k, v in value.items()}
        if isinstance(value, list):
            done = value
            if not ours and name in SORTED and name not in UNSORTED_BY_RULE:
                done = sorted(value, key=lambda one: self.sort_key(one, SORTED[name]))
            return [self.apply(one, ours, name) for one in done]
        if name in BROKERS and isinstance(value, int) and not isinstance(value, bool):
            return self.brokers.get(value, value)
        if name in IDS and isinstance(value, int | str) and not (name == "session_id" and value == 0):
            return self.ident(IDS[name], value, ours)
        if isinstance(value, str):
            return self.string(value)
        return value

    def sort_key(self, one: Any, fields: tuple[str, ...]) -> str:
        if not isinstance(one, dict):
            return f"{one:>20}" if isinstance(one, int) else self.string(str(one))
        return json.dumps(
            [
                str(self.ids.get((IDS[f], v), "~"))
                if f in IDS
                else f"{v:>20}"
                if isinstance(v, int)
                else self.string(str(v))
                for f in fields
                if (v := one.get(f)) is not None
            ]
        )

    def blob(self, data: bytes, ours: bool, name: str) -> Any:
        if name == "records":
            if (len(data) >= 17 and data[16] == 2) or not data:
                try:
                    return [self.apply(one, ours) for one in read_batches(data)]
                except Exception as problem:  # noqa: BLE001 - a malformed batch of a request is shown as its bytes
                    return f"malformed: {type(problem).__name__}, {len(data)} bytes"
            return f"{len(data)} bytes, magic {data[16] if len(data) > 16 else None}"
        for literal, placeholder in self.words:
            data = data.replace(literal.encode(), placeholder.encode())
        return data.decode("latin-1").encode("unicode_escape").decode() if len(data) <= 200 else f"{len(data)} bytes"


def short_uuid(value: str) -> str:
    import base64
    import uuid

    return base64.urlsafe_b64encode(uuid.UUID(value).bytes).decode().rstrip("=")
