"""All the links of one client: whom to connect to, when to ask for metadata, which requests ran out of time.

The work of `org.apache.kafka.clients.NetworkClient`, as a function of time: inputs come in with `now_us`, commands and
answers are taken out, `deadline_us` says when `advance` is due at the latest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from producer.client.broker_link import BrokerLink, LinkState
from producer.client.cluster_view import ClusterView
from producer.client.requests import Answer, Asker, InFlight, Loss
from producer.commands import AskToken, Command, Connect, Disconnect, Write
from producer.errors import AuthenticationError, Code, PeerError, UnsupportedVersionError
from producer.events import ConnectionLost, ConnectionReady, ConnectionRequested, MetadataLearned, Rebootstrapped
from producer.wire import metadata
from producer.wire.api import ApiKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.chance import Chance
    from producer.client.sasl.mechanism import SaslSettings
    from producer.metrics.watches import NetworkWatch

NEVER_US = 2**63 - 1
"""A deadline that is never reached."""

JITTER = 0.2
"""Back-offs vary by a fifth either way (ExponentialBackoff, KIP-580)."""

SESSION_FRACTION_MIN = 0.85
SESSION_FRACTION_SPREAD = 0.10
"""A session is renewed after 85 to 95 % of its life, as Java's client does (SaslClientAuthenticator, KIP-368)."""

IDLE = "idle"

BOOTSTRAP_NODE_ID = -2
"""Bootstrap servers are numbered from here downwards; -1 means no node in Kafka's protocol."""


class LinkSettings(NamedTuple):
    """What links need to know of a client's configuration; times in microseconds."""

    client_id: str
    bootstrap: tuple[tuple[str, int], ...]
    request_timeout_us: int
    retry_backoff_us: int
    retry_backoff_max_us: int
    reconnect_backoff_us: int
    reconnect_backoff_max_us: int
    setup_timeout_us: int
    setup_timeout_max_us: int
    idle_max_us: int
    metadata_age_max_us: int
    metadata_idle_max_us: int
    in_flight_max: int
    rebootstraps: bool = True
    """Whether to begin again with the bootstrap servers when no known broker can be reached (KIP-899)."""
    rebootstrap_trigger_us: int = 300_000_000
    """After how long of seeking metadata in vain to do so, whatever connections there are (KIP-1102)."""
    sasl: SaslSettings | None = None
    """None: brokers are not told who we are, but perhaps by a certificate."""
    is_secured: bool = False
    """Whether TLS or SASL come before the first request."""


class Refusal(NamedTuple):
    """A broker and this client do not trust each other."""

    node_id: int
    error: AuthenticationError


def backoff_us(initial_us: int, longest_us: int, attempt: int, chance: Chance) -> int:
    """Give the pause before attempt `attempt` (from 1): doubled each time, with 20 % jitter, and capped (KIP-580).

    Where nothing can grow there is no jitter either, and a longest pause below the first one is the only one.
    """
    if longest_us <= initial_us:
        return longest_us
    pause_us = min(initial_us << min(attempt - 1, 32), longest_us)
    return min(int(pause_us * (1 - JITTER + 2 * JITTER * chance.random())), longest_us)


class Brokers:
    """Links by node id, the view of the cluster, and the requests on their way."""

    def __init__(
        self,
        settings: LinkSettings,
        *,
        chance: Chance,
        now_us: int,
        observe: Callable[[Any], object] | None = None,
        watch: NetworkWatch | None = None,
    ) -> None:
        self.view = ClusterView()
        self.metadata_version = 0
        """Rises with each answer to Metadata, and when all is forgotten."""
        self.metadata_at_us = now_us
        """When the latest one came; until then, when this began."""
        self.last_loss = ""
        """Why the latest connection ended that did."""
        self._watch = watch
        self._settings = settings
        self._chance = chance
        self._observe = observe
        self._links: dict[int, BrokerLink] = {}
        self._by_connection: dict[int, BrokerLink] = {}
        self._connections = 0
        self._commands: list[Command] = []
        self._ended: list[Answer | Loss] = []
        self._refusals: list[Refusal] = []
        self._topics: dict[str, int] = {}
        self._metadata_in_flight = False
        self._metadata_wanted = False
        self._metadata_not_before_us = now_us
        self._metadata_fresh_until_us = now_us
        self._metadata_failures = 0
        self._metadata_repeats = 0
        """Answers in a row that told nothing new."""
        self._metadata_sought_since_us: int | None = None
        """Since when metadata that is due has not come; None while none is."""
        for index, (host, port) in enumerate(settings.bootstrap):
            self._add_link(BOOTSTRAP_NODE_ID - index, host, port)

    # -- what the client wants ---------------------------------------------------------------------------------------

    def follow(self, topic: str, now_us: int) -> None:
        """Keep the topic's metadata; a topic not followed before is asked for without delay."""
        if topic not in self._topics:
            self._metadata_wanted = True
            self._metadata_not_before_us = now_us
            self._metadata_repeats = 0
        self._topics[topic] = now_us

    def want_metadata(self) -> None:
        """Ask again as soon as the back-off allows: something turned out to be out of date."""
        self._metadata_wanted = True

    def is_ready(self, node_id: int, now_us: int) -> bool:
        """Whether a request can leave for this broker now. If there is no connection, one is begun."""
        link = self._links.get(node_id)
        if link is None:
            return False
        if link.state is LinkState.READY and not self._renews_session(link, now_us):
            return len(link.in_flight) < self._settings.in_flight_max and now_us >= link.throttled_until_us
        self._connect_if_due(link, now_us)
        return False

    def send(
        self,
        node_id: int,
        api: ApiKey,
        encode: Callable[[int], bytes],
        *,
        asker: Asker,
        now_us: int,
        timeout_us: int | None = None,
        is_answered: bool = True,
    ) -> InFlight:
        """Send a request to a broker that `is_ready`; `asker` hears how it ended, unless it is not to be answered.

        Raises UnsupportedVersionError if the broker does not speak the API: nothing is sent then, and nobody told. The
        connection goes on, for it serves all other requests.
        """
        link = self._links[node_id]
        timeout_us = self._settings.request_timeout_us if timeout_us is None else timeout_us
        sent, frame = link.request(
            api, encode, now_us=now_us, timeout_us=timeout_us, asker=asker, is_answered=is_answered
        )  # fmt: skip
        self._write(link, frame, now_us)
        return sent

    def any_ready(self, now_us: int) -> int | None:
        """Give the broker with the fewest requests in flight, or begin to connect to one and give None."""
        best: BrokerLink | None = None
        for link in self._candidates():
            if link.state is not LinkState.READY or now_us < link.throttled_until_us:
                continue
            if self._renews_session(link, now_us):
                continue
            if len(link.in_flight) < self._settings.in_flight_max and (
                best is None or len(link.in_flight) < len(best.in_flight)
            ):
                best = link
        if best is not None:
            return best.node_id
        self._connect_to_any(now_us)
        return None

    def throttle(self, answer: Answer, throttle_time_ms: int, now_us: int) -> None:
        """Send nothing to this broker for as long as its answer asks (KIP-219)."""
        link = self._links.get(answer.node_id)
        if link is not None:
            link.throttle(answer.request, throttle_time_ms, now_us)

    def break_link(self, node_id: int, connection: int, reason: str, now_us: int) -> None:
        """End a connection whose peer talks nonsense, if it is still the one."""
        link = self._links.get(node_id)
        if link is not None and link.connection == connection and link.state is not LinkState.DOWN:
            self._drop(link, reason, now_us, Code.NETWORK_EXCEPTION)

    def close(self, now_us: int) -> None:
        """End every connection; answers still awaited are given as lost."""
        self._topics.clear()
        for link in list(self._by_connection.values()):
            self._drop(link, "the client closed it", now_us, Code.NETWORK_EXCEPTION)

    # -- what the driver reports -------------------------------------------------------------------------------------

    def connected(self, connection: int, now_us: int) -> None:
        """The connection is up."""
        link = self._by_connection.get(connection)
        if link is not None:
            frame = link.negotiate(now_us, timeout_us=self._settings.request_timeout_us)
            if self._watch is not None:
                self._watch.connected(now_us)
            self._write(link, frame, now_us)

    def disconnected(self, connection: int, reason: str, now_us: int) -> None:
        """The connection could not be had, or ended."""
        link = self._by_connection.get(connection)
        if link is not None:
            if link.state is LinkState.AUTHENTICATING:
                # Brokers before 1.0 say no in this way; others tell it.
                reason += " (while authenticating)"
            self._lose(link, reason, now_us=now_us, code=Code.NETWORK_EXCEPTION)

    def refused(self, connection: int, reason: str, now_us: int) -> None:
        """The connection's two sides do not trust each other, or no token for it is to be had."""
        link = self._by_connection.get(connection)
        if link is not None:
            self._refuse(link, link.refused(reason), now_us)

    def token_given(self, connection: int, token: str, now_us: int) -> None:
        """The OAuth token asked for by `AskToken` is there."""
        link = self._by_connection.get(connection)
        if link is not None and link.awaits_token:
            try:
                frame = link.take_token(token, now_us, timeout_us=self._settings.request_timeout_us)
            except AuthenticationError as error:
                self._refuse(link, error, now_us)
            else:
                self._write(link, frame, now_us)

    def bytes_received(self, connection: int, data: bytes, now_us: int) -> None:
        """Bytes came in. A peer that breaks the protocol loses the connection."""
        link = self._by_connection.get(connection)
        if link is None:
            return
        was_ready, awaited_token, answered = link.state is LinkState.READY, link.awaits_token, link.answered
        answers, reply, failure = link.received(data, now_us, timeout_us=self._settings.request_timeout_us)
        if self._watch is not None:
            self._watch.read(link.node_id, len(data), link.answered - answered, now_us)
        if reply:
            self._write(link, reply, now_us)
        if link.awaits_token and not awaited_token:
            self._commands.append(AskToken(connection))
        if not was_ready and link.state is LinkState.READY:
            self._is_up(link, now_us)
        for request, body in answers:
            self._ended.append(Answer(link.node_id, request, body))
        if isinstance(failure, AuthenticationError):
            self._refuse(link, failure, now_us)
        elif failure is not None:
            self._drop(link, str(failure), now_us, Code.NETWORK_EXCEPTION)

    def tell(self, now_us: int) -> None:
        """Tell who asked how their requests ended, in the order in which they did."""
        while self._ended:
            ended, self._ended = self._ended, []
            for one in ended:
                asker = one.request.asker
                assert asker is not None
                if isinstance(one, Answer):
                    asker.answered(one, now_us)
                else:
                    asker.lost(one, now_us)

    def time_out(self, now_us: int) -> None:
        """Give up requests and connections that took too long. Call it when everything received was handed in."""
        for link in list(self._by_connection.values()):
            is_connecting = link.state is LinkState.CONNECTING
            if (is_connecting or link.awaits_token) and now_us >= link.setup_deadline_us:
                what = "connection set-up" if is_connecting else "waiting for an OAuth token"
                self._drop(link, f"{what} timed out", now_us, Code.NETWORK_EXCEPTION)
            elif is_connecting:
                continue
            elif link.in_flight and now_us >= link.in_flight[0].deadline_us:
                self._drop(link, "a request timed out", now_us, Code.REQUEST_TIMED_OUT)
            elif not link.in_flight and now_us >= link.last_used_us + self._settings.idle_max_us:
                self._drop(link, IDLE, now_us, Code.NETWORK_EXCEPTION)
        if now_us >= self._rebootstrap_due_us():
            self._begin_again("no metadata for too long", now_us)

    def advance(self, now_us: int) -> None:
        """Ask for metadata, if it is due and somebody can be asked."""
        self._refresh_metadata(now_us)

    def deadline_us(self, now_us: int) -> int:
        """When `time_out` and `advance` are due if nothing else happens; `NEVER_US` for never."""
        if self._ended:
            # Nobody was told yet: a connection was ended behind the latest `tell`.
            return now_us
        due_us = NEVER_US
        for link in self._by_connection.values():
            if link.state is LinkState.CONNECTING or link.awaits_token:
                due_us = min(due_us, link.setup_deadline_us)
            if link.in_flight:
                due_us = min(due_us, link.in_flight[0].deadline_us)
            elif link.state is not LinkState.CONNECTING:
                due_us = min(due_us, link.last_used_us + self._settings.idle_max_us)
            if link.throttled_until_us > now_us:
                due_us = min(due_us, link.throttled_until_us)
        return min(due_us, self._metadata_due_us(now_us), self._rebootstrap_due_us())

    @property
    def connection_count(self) -> int:
        """How many connections there are, those being set up included."""
        return len(self._by_connection)

    @property
    def requests_in_flight(self) -> int:
        """How many requests wait for their answer."""
        return sum(len(link.in_flight) for link in self._by_connection.values())

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

    def take_commands(self) -> list[Command]:
        """Take what the driver has to do, in order."""
        commands, self._commands = self._commands, []
        return commands

    def take_refusals(self) -> list[Refusal]:
        """Take who refused us, or whom we refused, in order. Each is tried again after a back-off, if wanted."""
        refusals, self._refusals = self._refusals, []
        return refusals

    # -- metadata ----------------------------------------------------------------------------------------------------

    def _metadata_wish_us(self) -> int:
        if self._metadata_in_flight or not self._topics:
            return NEVER_US
        wish_us = self._metadata_not_before_us if self._metadata_wanted else self._metadata_fresh_until_us
        return max(wish_us, self._metadata_not_before_us)

    def _metadata_due_us(self, now_us: int) -> int:
        wish_us = self._metadata_wish_us()
        if wish_us > now_us:
            return wish_us
        return self.next_try_us(now_us)

    def _refresh_metadata(self, now_us: int) -> None:
        if self._metadata_wish_us() > now_us:
            return
        if self._metadata_sought_since_us is None:
            self._metadata_sought_since_us = now_us
        if self._metadata_fresh_until_us <= now_us:
            self._metadata_repeats = 0
        node_id = self.any_ready(now_us)
        if node_id is None and self._settings.rebootstraps and self._is_cut_off():
            self._rebootstrap("no known broker can be reached", now_us)
            node_id = self.any_ready(now_us)
        if node_id is None:
            return
        asked = metadata.MetadataRequest(topics=tuple(sorted(self._topics)))
        self._metadata_wanted = False
        try:
            self.send(node_id, ApiKey.METADATA, lambda version: metadata.encode_request(asked, version),
                      asker=self, now_us=now_us)  # fmt: skip
        except UnsupportedVersionError as error:
            # Who cannot say where anything is serves nobody: another broker is asked, or this one when it was upgraded.
            self._metadata_failed(now_us)
            self._drop(self._links[node_id], str(error), now_us, Code.UNSUPPORTED_VERSION)
            return
        self._metadata_in_flight = True

    def answered(self, answer: Answer, now_us: int) -> None:
        """Take the answer to Metadata."""
        self._metadata_in_flight = False
        try:
            response = metadata.decode_response(answer.body, answer.request.version)
            is_news = bool(response.brokers) and self.view.update(response)
        except PeerError as error:
            self._metadata_failed(now_us)
            self.break_link(answer.node_id, answer.request.connection, str(error), now_us)
            return
        if self._watch is not None:
            self._watch.throttled(response.throttle_time_ms, now_us)
        self.throttle(answer, response.throttle_time_ms, now_us)
        if response.error_code == Code.REBOOTSTRAP_REQUIRED and self._settings.rebootstraps:
            self._begin_again("a broker asks for it", now_us)
            return
        if not response.brokers:
            self._metadata_failed(now_us)
            return
        self.metadata_version += 1
        self.metadata_at_us = now_us
        self._metadata_sought_since_us = None
        self._forget_unused(now_us)
        for node_id, (host, port) in self.view.brokers.items():
            self._add_link(node_id, host, port)
        lacking = any(
            view is None or view.error_code or any(leader.node_id not in self.view.brokers for leader in view.leaders)
            for view in (self.view.topics.get(topic) for topic in self._topics)
        )
        self._metadata_fresh_until_us = now_us + self._settings.metadata_age_max_us
        self._metadata_wanted |= lacking
        self._metadata_failures = 0
        self._metadata_repeats = 0 if is_news else self._metadata_repeats + 1
        self._metadata_not_before_us = now_us + self._retry_backoff_us(max(self._metadata_repeats, 1))
        if self._observe is not None:
            self._observe(MetadataLearned(now_us, self._settings.client_id, self.view.summary()))

    def lost(self, loss: Loss, now_us: int) -> None:  # noqa: ARG002 - however it was lost
        """Ask for metadata again: its answer will not come."""
        self._metadata_in_flight = False
        self._metadata_failed(now_us)

    def _metadata_failed(self, now_us: int) -> None:
        self._metadata_failures += 1
        self._metadata_repeats = 0
        self._metadata_wanted = True
        self._metadata_not_before_us = now_us + self._retry_backoff_us(self._metadata_failures)

    def _retry_backoff_us(self, attempt: int) -> int:
        return backoff_us(
            self._settings.retry_backoff_us, self._settings.retry_backoff_max_us, attempt, self._chance
        )  # fmt: skip

    def _forget_unused(self, now_us: int) -> None:
        """Forget the topics that nobody has sent to for `metadata.max.idle.ms`; who sends to one again asks again."""
        oldest_us = now_us - self._settings.metadata_idle_max_us
        self._topics = {topic: used_us for topic, used_us in self._topics.items() if used_us > oldest_us}
        self.view.retain(self._topics)

    # -- beginning again (KIP-899, KIP-1102) -------------------------------------------------------------------------

    def _is_cut_off(self) -> bool:
        """Whether there is no connection to anybody we know, and none under way: after `any_ready`, none is allowed yet.

        A broker that is busy, or asked for a pause, is reached all the same.
        """
        return all(link.state is LinkState.DOWN for link in self._candidates())

    def _rebootstrap_due_us(self) -> int:
        if self._metadata_sought_since_us is None or not self._topics or not self._settings.rebootstraps:
            return NEVER_US
        # Kafka counts in whole milliseconds, and waits until more than these have passed.
        return self._metadata_sought_since_us + self._settings.rebootstrap_trigger_us + 1_000

    def _begin_again(self, reason: str, now_us: int) -> None:
        """Rebootstrap although brokers can be reached: the connections to them are ended."""
        self._metadata_failed(now_us)
        for link in self._candidates():
            if link.state is not LinkState.DOWN:
                self._drop(link, f"beginning again: {reason}", now_us, Code.NETWORK_EXCEPTION)
        self._rebootstrap(reason, now_us)

    def _rebootstrap(self, reason: str, now_us: int) -> None:
        self._metadata_sought_since_us = now_us
        if not self.view.brokers:
            return
        self.view.forget_all()
        self.metadata_version += 1
        self._metadata_wanted = True
        if self._observe is not None:
            self._observe(Rebootstrapped(now_us, self._settings.client_id, reason))

    # -- links -------------------------------------------------------------------------------------------------------

    def _add_link(self, node_id: int, host: str, port: int) -> None:
        link = self._links.get(node_id)
        if link is None or (link.state is LinkState.DOWN and (link.host, link.port) != (host, port)):
            self._links[node_id] = BrokerLink(
                node_id=node_id, host=host, port=port, client_id=self._settings.client_id, sasl=self._settings.sasl
            )  # fmt: skip

    def learn_broker(self, node_id: int, host: str, port: int) -> None:
        """Take a broker's address from a hint (KIP-951)."""
        self._add_link(node_id, host, port)

    def _candidates(self) -> list[BrokerLink]:
        """Whom to ask anything: the brokers we know of; the bootstrap servers, while we know none."""
        if self.view.brokers:
            return [self._links[node_id] for node_id in self.view.brokers]
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
        if link.state is not LinkState.DOWN or now_us < link.retry_at_us:
            return
        self._connections += 1
        timeout_us = backoff_us(
            self._settings.setup_timeout_us, self._settings.setup_timeout_max_us, link.setup_failures + 1, self._chance
        )
        link.begin(self._connections, now_us=now_us, setup_deadline_us=now_us + timeout_us)
        self._by_connection[self._connections] = link
        self._commands.append(Connect(self._connections, link.host, link.port))
        if self._observe is not None:
            self._observe(
                ConnectionRequested(now_us, self._settings.client_id, self._connections, link.node_id, link.address)
            )

    def _write(self, link: BrokerLink, frame: bytes, now_us: int) -> None:
        self._commands.append(Write(link.connection, frame))
        if self._watch is not None:
            self._watch.written(link.node_id, len(frame), now_us)

    def _is_up(self, link: BrokerLink, now_us: int) -> None:
        if self._watch is not None and self._settings.is_secured:
            self._watch.authenticated(link.renewing_since_us, now_us)
        link.renewing_since_us = None
        if link.session_lifetime_us:
            part = SESSION_FRACTION_MIN + SESSION_FRACTION_SPREAD * self._chance.random()
            link.authenticate_at_us = now_us + int(link.session_lifetime_us * part)
        if self._observe is not None:
            self._observe(ConnectionReady(now_us, self._settings.client_id, link.connection, link.node_id))

    def _renews_session(self, link: BrokerLink, now_us: int) -> bool:
        """Begin to authenticate again if the session is near its end (KIP-368); the link is not ready until then."""
        if not 0 < link.authenticate_at_us <= now_us:
            return False
        link.renewing_since_us = now_us
        frame = link.authenticate(now_us, timeout_us=self._settings.request_timeout_us)
        if link.awaits_token:
            self._commands.append(AskToken(link.connection))
        else:
            self._write(link, frame, now_us)
        return True

    def _refuse(self, link: BrokerLink, error: AuthenticationError, now_us: int) -> None:
        if self._watch is not None:
            self._watch.authentication_failed(link.renewing_since_us, now_us)
        self._refusals.append(Refusal(link.node_id, error))
        self._drop(link, str(error), now_us, Code.NETWORK_EXCEPTION)

    def _drop(self, link: BrokerLink, reason: str, now_us: int, code: Code) -> None:
        self._commands.append(Disconnect(link.connection))
        self._lose(link, reason, now_us=now_us, code=code)

    def _lose(self, link: BrokerLink, reason: str, *, now_us: int, code: Code) -> None:
        connection = link.connection
        self.last_loss = reason
        del self._by_connection[connection]
        unanswered = link.lose(now_us)
        link.retry_at_us = now_us + backoff_us(
            self._settings.reconnect_backoff_us, self._settings.reconnect_backoff_max_us, link.failures, self._chance
        )
        if self._watch is not None:
            self._watch.disconnected(connection, now_us)
        if self._observe is not None:
            self._observe(ConnectionLost(now_us, self._settings.client_id, connection, link.node_id, reason))
        self._ended += [Loss(link.node_id, one, code, reason) for one in unanswered if one.asker is not None]
        # What we know may be out of date; that we closed what nobody used says nothing of it.
        self._metadata_wanted |= reason != IDLE
        address = self.view.brokers.get(link.node_id)
        if address is not None:
            self._add_link(link.node_id, *address)
