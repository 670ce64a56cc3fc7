"""The cases in which the simulated brokers do not answer as Apache Kafka did, each with the reason."""

from __future__ import annotations

from collections.abc import Mapping

_TOPICS = "its topics are made by CreateTopics, which brokers do not answer yet"

NOT_YET: Mapping[str, str] = {
    "admin": "brokers answer no admin requests yet",
    "apiversions": "brokers list what they answer, which is less",
    "consumer_groups": "brokers have no group coordinator yet",
    "coordinator": "brokers have no coordinators yet",
    "fetch": _TOPICS,
    "groups": "brokers have no group coordinator yet",
    "idempotent": _TOPICS,
    "offsets": _TOPICS,
    "produce": _TOPICS,
    "security": "brokers have no authorizer and no SASL yet",
    "transactions": "brokers have no transaction coordinator yet",
}
"""Areas that are not served, and so not run."""

KNOWN: Mapping[str, str] = {
    "framing/controller_requests[api=describe_quorum]": "brokers do not pass DescribeQuorum on to the controller yet",
    "framing/trailing_bytes": "ListGroups and FindCoordinator are not answered yet",
    "framing/body_of_wrong_shape": "there are no internal topics yet that a list of all topics would hold",
    "framing/pipelined_behind_a_wait": _TOPICS,
    "metadata/by_id[version=10]": _TOPICS,
    "metadata/by_id[version=11]": _TOPICS,
    "metadata/by_id[version=12]": _TOPICS,
    "metadata/by_id[version=13]": _TOPICS,
    "metadata/deleted_topic": _TOPICS,
    "metadata/three_brokers": _TOPICS,
}
