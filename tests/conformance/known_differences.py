"""The cases in which the simulated brokers do not answer as Apache Kafka did, each with the reason."""

from __future__ import annotations

from collections.abc import Mapping

_UNTOUCHED = "its topics can be made, and nobody has compared the answers yet"

NOT_YET: Mapping[str, str] = {
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

_FEWER_APIS = "brokers list what they answer: no ACLs, SCRAM, quotas, share and streams groups, and not yet transactions and groups"

KNOWN: Mapping[str, str] = {
    "admin/scram_users": "SCRAM credentials are no part of the admin plane yet: brokers have no SASL",
    **{f"apiversions/each_version[version={version}]": _FEWER_APIS for version in range(5)},
    "apiversions/asked_twice": "transaction.version, share.version and streams.version: there is nothing behind them here",
    "framing/trailing_bytes": "ListGroups and FindCoordinator are not answered yet",
    "framing/body_of_wrong_shape": "there are no internal topics yet that a list of all topics would hold",
    "framing/pipelined_behind_a_wait": "a Fetch answers an empty list of aborted transactions where Kafka answers none",
}
