"""The cases in which the simulated brokers do not answer as Apache Kafka did, each with the reason."""

from __future__ import annotations

from collections.abc import Mapping

_NO_TRANSACTIONS = "there is no transaction coordinator yet, which would let a transactional batch in"
_NO_INTERNAL_TOPIC = "there are no internal topics yet whose records DeleteRecords would refuse to delete"

NOT_YET: Mapping[str, str] = {
    "consumer_groups": "brokers have no group coordinator yet",
    "coordinator": "brokers have no coordinators yet",
    "groups": "brokers have no group coordinator yet",
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
    **{f"offsets/isolation[isolation={level}]": _NO_TRANSACTIONS for level in range(3)},
    **{f"offsets/delete_records[version={version}]": _NO_INTERNAL_TOPIC for version in range(3)},
}
