"""One plain sentence for each event about policies, keys and secrets."""

from __future__ import annotations

from typing import Any

from sim.judges.report.telling_gateways import sentence_of_gateways
from sim.judges.report.words import who_text
from sim.trace import events as cluster


def sentence_of_governance(event: Any) -> str | None:
    """Say what happened; None for an event of another kind."""
    match event:
        case cluster.SecretPlanted():
            return f"the secret {event.secret} is to lie nowhere {event.form}"
        case cluster.RecordGoverned(verdict="passed"):
            plain = ", in plaintext, as its key cannot be had" if event.is_plain else ""
            counted = f", and is counted: {event.violations}" if event.violations else ""
            return f"{who_text(event.client)}'s record {event.record} passes its policy{plain}{counted}"
        case cluster.RecordGoverned():
            how = "refuses" if event.verdict == "refused" else "sends to dead letters"
            why = event.violations or event.error
            return f"the policy of {who_text(event.client)} {how} record {event.record}: {why}"
        case cluster.KeyAnswered(error=""):
            which = f", version {event.version}" if event.version else ""
            return f"{who_text(event.client)} is given the key of {event.asked}{which}"
        case cluster.KeyAnswered():
            return f"{who_text(event.client)} is given no key: {event.error}"
        case cluster.KeyRotated():
            return f"tenant {event.tenant} has a new key, version {event.version}"
        case cluster.KeyShredded():
            return f"tenant {event.tenant}'s keys are deleted"
        case cluster.BatchAtRest():
            return f"b{event.broker} has a batch of {event.topic}-{event.partition} at offset {event.base_offset} on its disk"
        case _:
            return sentence_of_gateways(event)
