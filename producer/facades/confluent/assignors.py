"""`partition.assignment.strategy`, which librdkafka looks up for a producer as well."""

from __future__ import annotations

ASSIGNORS = {"range": "eager", "roundrobin": "eager", "cooperative-sticky": "cooperative"}
"""By name: how it rebalances, which is to be one and the same for all that are given."""
STRATEGY = "range,roundrobin"
PROTOCOL_TYPE = "consumer"


def why_not(strategy: str, protocol_type: str) -> str | None:
    """Give what librdkafka says against a list of assignors for groups of this type; None if nothing."""
    rebalances = set()
    rest = strategy
    while rest:
        name, _, rest = rest.lstrip(" ,").partition(",")
        # A place is empty if only blanks are behind the last comma.
        if protocol_type != PROTOCOL_TYPE or name not in ASSIGNORS:
            return f"Unsupported partition.assignment.strategy: {name}"
        rebalances.add(ASSIGNORS[name])
    if len(rebalances) > 1:
        return (
            f"All partition.assignment.strategy ({strategy}) assignors must have the same protocol type, "
            "online migration between assignors with different protocol types is not supported"
        )
    return None
