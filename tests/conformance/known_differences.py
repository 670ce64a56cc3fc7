"""The cases in which the simulated brokers do not answer as Apache Kafka did, each with the reason."""

from __future__ import annotations

from collections.abc import Mapping

_UNTOUCHED = "its topics can be made, and nobody has compared the answers yet"

NOT_YET: Mapping[str, str] = {
    "admin": "brokers answer CreateTopics and DeleteTopics, no other admin requests yet",
    "apiversions": "brokers list what they answer, which is less",
    "consumer_groups": "brokers have no group coordinator yet",
    "coordinator": "brokers have no coordinators yet",
    "fetch": _UNTOUCHED,
    "groups": "brokers have no group coordinator yet",
    "idempotent": _UNTOUCHED,
    "offsets": _UNTOUCHED,
    "produce": _UNTOUCHED,
    "security": "brokers have no authorizer and no SASL yet",
    "transactions": "brokers have no transaction coordinator yet",
}
"""Areas that are not served, and so not run."""

KNOWN: Mapping[str, str] = {
    "framing/controller_requests[api=describe_quorum]": "brokers do not pass DescribeQuorum on to the controller yet",
    "framing/trailing_bytes": "ListGroups and FindCoordinator are not answered yet",
    "framing/body_of_wrong_shape": "there are no internal topics yet that a list of all topics would hold",
    "framing/pipelined_behind_a_wait": "a Fetch answers an empty list of aborted transactions where Kafka answers none",
    "metadata/three_brokers": "DescribeTopicPartitions and DescribeCluster are not answered yet",
}
