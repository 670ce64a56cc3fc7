"""The picture of lesson 15, drawn from the trace of a run: `python -m tutorials.pictures --write`."""

from __future__ import annotations

from sim import AclDeleted, BatchAppended, ProduceAnswered, first_event, load, run, space_time

REFUSALS = 3
"""So many are drawn of those that follow."""


def pictures() -> dict[str, str]:
    """Draw it; gives file name -> SVG."""
    trace = run(load("acl_revoked_in_mid_stream")).trace
    revoked = first_event(trace, AclDeleted)
    appended = [place for place, event in enumerate(trace) if isinstance(event, BatchAppended)]
    refused = [place for place, event in enumerate(trace) if isinstance(event, ProduceAnswered) and event.code]
    return {
        "revoked_events.svg": space_time(
            trace,
            "orders-0",
            brokers=3,
            from_event=[place for place in appended if place < revoked][-2],
            to_event=refused[REFUSALS - 1],
            title="A right is revoked while its user writes",
            description="Lifelines of the producer and brokers b1, b2 and b3, time downwards. b1 leads: it appends two batches, the others copy them, and b1 "
            "acknowledges them. Then the rule that allows User:shop to write is deleted. The next three batches, on the same connection, are answered "
            "TOPIC_AUTHORIZATION_FAILED and are in no log.",
        ),
    }


__all__ = ["pictures"]
