"""The cases in which the simulated brokers do not answer as Apache Kafka did, each with the reason."""

from __future__ import annotations

from collections.abc import Mapping

NOT_YET: Mapping[str, str] = {}
"""Areas that are not served, and so not run."""

_FEWER_APIS = "brokers list what they answer: no share and streams groups"

KNOWN: Mapping[str, str] = {
    **{f"apiversions/each_version[version={version}]": _FEWER_APIS for version in range(5)},
    "apiversions/asked_twice": "share.version and streams.version: there is nothing behind them here",
    "consumer_groups/streams_group": "there are no streams groups here",
    "more_drawn/a_protocol_twice": "Kafka finds no protocol that all have, falls over, and never answers; ours takes the one that was named twice",
    "more_configs/replace_one_twice": "Kafka never answers an AlterConfigs that names a resource twice; ours refuses both",
    "more_in_time/telemetry": "neither offers it without a receiver of metrics; Kafka answers it all the same",
    "more_fetch/zero_bytes": (
        "read committed, and the first batch does not fit beside other partitions': Kafka names no aborted transactions, ours none of them"
    ),
}

_DRAWN_IDS = "which of two members gets which partition hangs on an id that brokers draw: Apache Kafka itself answers one way or the other"

BY_CHANCE: Mapping[str, str] = {
    "more_mixed_groups/a_group_is_turned_over": _DRAWN_IDS,
    "more_mixed_groups/a_group_is_turned_back": _DRAWN_IDS,
}
"""Cases that are equal in virtual time, where the same ids are drawn each time, and over TCP only now and then."""
