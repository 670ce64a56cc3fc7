"""One link a broker: whom the client knows, whom it connects to, to whom a request can leave.

With `connections` the work of `org.apache.kafka.clients.NetworkClient`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.client.backoff import NEVER_US
from producer.client.broker_link import BrokerLink
from producer.client.link_state import LinkState
from producer.errors import UnsupportedVersionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.chance import Chance
    from producer.client.agreement import FinalizedFeatures
    from producer.client.connections import Connections
    from producer.client.requests import Answer, Asker, InFlight
    from producer.client.settings import ClientSettings
    from producer.wire.api import ApiKey

BOOTSTRAP_NODE_ID = -2
"""Bootstrap servers are numbered from here downwards; -1 means no node in Kafka's protocol."""


class Links:
    """Links by node id: bootstrap servers and the brokers of the cluster."""

    def __init__(self, settings: ClientSettings, *, connections: Connections, chance: Chance) -> None:
        self.known: dict[int, tuple[str, int]] = {}
        """The brokers of the cluster as far as is known, node id -> (host, port). `know` sets it."""
        self._settings = settings
        self._connections = connections
        self._chance = chance
        self._links: dict[int, BrokerLink] = {}
        for index, (host, port) in enumerate(settings.bootstrap):
            self.learn_broker(BOOTSTRAP_NODE_ID - index, host, port)

    def know(self, brokers: dict[int, tuple[str, int]]) -> None:
        """These are the brokers of the cluster now; none: the bootstrap servers are asked. The dict is kept, not copied."""
        self.known = brokers
        for node_id, (host, port) in brokers.items():
            self.learn_broker(node_id, host, port)

    def learn_broker(self, node_id: int, host: str, port: int) -> None:
        """Take a broker's address; a connection to the one known before is kept for as long as it lasts."""
        link = self._links.get(node_id)
        if link is None:
            self._links[node_id] = BrokerLink(
                node_id=node_id, host=host, port=port, client_id=self._settings.client_id, sasl=self._settings.sasl
            )
        else:
            link.learn_address(host, port)

    def is_ready(self, node_id: int, now_us: int) -> bool:
        """Whether a request can leave for this broker now. If there is no connection, one is begun."""
        link = self._links.get(node_id)
        if link is None:
            return False
        if link.state is LinkState.READY and not self._connections.renews_session(link, now_us):
            return link.in_flight.takes_another(now_us, in_flight_max=self._settings.in_flight_max)
        self._connect_if_due(link, now_us)
        return False

    def any_ready(self, now_us: int) -> int | None:
        """Give the broker with the fewest requests in flight, or begin to connect to one and give None."""
        best: BrokerLink | None = None
        for link in self._candidates():
            if link.state is not LinkState.READY or now_us < link.in_flight.throttled_until_us:
                continue
            if self._connections.renews_session(link, now_us):
                continue
            if link.in_flight.takes_another(now_us, in_flight_max=self._settings.in_flight_max) and (
                best is None or link.in_flight.awaited < best.in_flight.awaited
            ):
                best = link
        if best is not None:
            return best.node_id
        self._connect_to_any(now_us)
        return None

    def send(
        self,
        node_id: int,
        api: ApiKey,
        encode: Callable[[int], bytes],
        *,
        asker: Asker,
        now_us: int,
        at_most: int | None = None,
        timeout_us: int | None = None,
        is_answered: bool = True,
    ) -> InFlight:
        """Send a request to a broker that `is_ready`; `asker` hears how it ended.

        One that is not to be answered ends when it is written, as an `Answer` without a body. `at_most` caps the version.
        Raises UnsupportedVersionError if the broker speaks none of the API: nothing is sent then, and nobody told. The
        connection goes on, for it serves all other requests.
        """
        link = self._links[node_id]
        timeout_us = self._settings.request_timeout_us if timeout_us is None else timeout_us
        sent, frame = link.request(
            api, encode, now_us=now_us, timeout_us=timeout_us, asker=asker, at_most=at_most, is_answered=is_answered
        )
        self._connections.write(link, frame, now_us, is_reported=not is_answered)
        return sent

    def speaks(self, node_id: int, api: ApiKey) -> bool:
        """Whether a broker that `is_ready` speaks a version of the API that we speak too."""
        try:
            self._links[node_id].version_of(api)
        except UnsupportedVersionError:
            return False
        return True

    def finalized_features(self, node_id: int) -> FinalizedFeatures | None:
        """What the broker told last of the cluster's finalized features; None if it never did (KIP-584)."""
        link = self._links.get(node_id)
        return None if link is None else link.finalized_features

    def newest_features(self) -> FinalizedFeatures | None:
        """Give the cluster's finalized features as last changed, whichever broker told of it; None if none ever did."""
        newest: FinalizedFeatures | None = None
        for link in self._links.values():
            told = link.finalized_features
            if told is not None and (newest is None or told.epoch > newest.epoch):
                newest = told
        return newest

    def throttle(self, answer: Answer, throttle_time_ms: int, now_us: int) -> None:
        """Send nothing to this broker for as long as its answer asks (KIP-219)."""
        link = self._links.get(answer.node_id)
        if link is not None:
            link.in_flight.throttle(answer.request, throttle_time_ms, now_us)
            self._connections.arm(link, now_us)

    def break_link(self, node_id: int, connection: int | None, reason: str, now_us: int) -> None:
        """End a connection whose peer talks nonsense, if it is still the one; None for whichever there is."""
        link = self._links.get(node_id)
        if link is not None and link.state is not LinkState.DOWN and connection in (None, link.connection):
            self._connections.drop(link, reason, now_us)

    @property
    def losses(self) -> int:
        """How many connections ended for another reason than idleness: what is known may be out of date."""
        return self._connections.losses

    def break_known(self, reason: str, now_us: int) -> None:
        """End the connections to all whom we would ask."""
        for link in self._candidates():
            if link.state is not LinkState.DOWN:
                self._connections.drop(link, reason, now_us, is_patient=True)

    def next_try_us(self, now_us: int) -> int:
        """When to ask `any_ready` again after it gave None; `NEVER_US` if a link will report by itself."""
        candidates = self._candidates()
        if any(link.is_coming_up for link in candidates):
            return NEVER_US
        down = [link for link in candidates if link.state is LinkState.DOWN]
        return min((max(link.retry_at_us, now_us + 1) for link in down), default=NEVER_US)

    def reconnect_at_us(self, node_id: int, now_us: int) -> int:
        """When a connection to this broker may be tried again; `NEVER_US` if none is needed or none is known."""
        link = self._links.get(node_id)
        if link is None or link.state is not LinkState.DOWN:
            return NEVER_US
        return max(link.retry_at_us, now_us)

    @property
    def is_cut_off(self) -> bool:
        """Whether there is no connection to anybody we know, and none under way: after `any_ready`, none is allowed yet.

        A broker that is busy, or asked for a pause, is reached all the same.
        """
        return all(link.state is LinkState.DOWN for link in self._candidates())

    def _candidates(self) -> list[BrokerLink]:
        """Whom to ask anything: the brokers we know of; the bootstrap servers, while we know none."""
        if self.known:
            return [self._links[node_id] for node_id in self.known]
        return [link for node_id, link in self._links.items() if node_id <= BOOTSTRAP_NODE_ID]

    def _connect_to_any(self, now_us: int) -> None:
        candidates = self._candidates()
        if any(link.is_coming_up for link in candidates):
            return
        due = [link for link in candidates if link.state is LinkState.DOWN and now_us >= link.retry_at_us]
        if due:
            longest_ago_us = min(link.tried_at_us for link in due)
            due = [link for link in due if link.tried_at_us == longest_ago_us]
            # A random choice spreads many clients over the brokers.
            self._connect_if_due(due[self._chance.randrange(len(due))], now_us)

    def _connect_if_due(self, link: BrokerLink, now_us: int) -> None:
        if link.state is LinkState.DOWN and now_us >= link.retry_at_us:
            self._connections.begin(link, now_us)
