"""UnregisterBroker: the cluster forgets a broker that is not to come back (KIP-631)."""

from typing import NamedTuple

from producer.wire.schema import Int16, Int32, String


class UnregisterBrokerRequest(NamedTuple):
    """Forget it."""

    broker_id: Int32 = 0


class UnregisterBrokerResponse(NamedTuple):
    """Whether it is forgotten."""

    throttle_time_ms: Int32 = 0
    error_code: Int16 = 0
    error_message: String | None = ""
