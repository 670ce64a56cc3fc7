"""The connections of one client, by number: what the driver reports of them, what it has to do, what ran out of time.

A function of time: inputs come in with `now_us`, commands are taken out, who asked is told how each request ended.
"""

from __future__ import annotations

from heapq import heappop, heappush, heapreplace
from typing import TYPE_CHECKING, Any, NamedTuple

from producer.client.backoff import NEVER_US, backoff_us
from producer.client.broker_link import IDLE
from producer.client.link_state import LinkState
from producer.client.requests import Answer, Loss
from producer.commands import AskToken, Command, Connect, Disconnect, Write
from producer.errors import AuthenticationError, Code
from producer.events import ConnectionLost, ConnectionReady, ConnectionRequested

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.chance import Chance
    from producer.client.broker_link import BrokerLink
    from producer.client.settings import ClientSettings
    from producer.commands import BearerToken
    from producer.metrics.watches import NetworkWatch

SESSION_FRACTION_MIN = 0.85
SESSION_FRACTION_SPREAD = 0.10
"""A session is renewed after 85 to 95 % of its life, as Java's client does (SaslClientAuthenticator, KIP-368)."""


class Refusal(NamedTuple):
    """A broker and this client do not trust each other."""

    node_id: int
    error: AuthenticationError


class Connections:
    """Every connection there is, from the wish for it to its end, each with the link that it is the present one of.

    Nothing here looks at every connection when something comes in: deadlines stand in a heap, see `arm`.
    """

    def __init__(
        self,
        settings: ClientSettings,
        *,
        chance: Chance,
        observe: Callable[[Any], object] | None = None,
        watch: NetworkWatch | None = None,
    ) -> None:
        self.last_loss = ""
        """Why the latest connection ended that did."""
        self.losses = 0
        """How many ended for another reason than idleness: each says that what is known may be out of date."""
        self._settings = settings
        self._chance = chance
        self._observe = observe
        self._watch = watch
        self._links: dict[int, BrokerLink] = {}
        """By connection."""
        self._begun = 0
        self._deadlines: list[tuple[int, int]] = []
        """A heap of (when to look, connection): no later than that connection's own deadline."""
        self._commands: list[Command] = []
        self._ended: list[Answer | Loss] = []
        self._refusals: list[Refusal] = []

    # -- what is wanted of them --------------------------------------------------------------------------------------

    def begin(self, link: BrokerLink, now_us: int) -> None:
        """Ask for a connection to this link's broker."""
        self._begun += 1
        timeout_us = backoff_us(
            self._settings.setup_timeout_us, self._settings.setup_timeout_max_us, link.setup_failures + 1, self._chance
        )
        link.begin(self._begun, now_us=now_us, setup_deadline_us=now_us + timeout_us)
        self._links[self._begun] = link
        self._commands.append(Connect(self._begun, link.host, link.port))
        self.arm(link, now_us)
        if self._observe is not None:
            self._observe(
                ConnectionRequested(now_us, self._settings.client_id, self._begun, link.node_id, link.address)
            )

    def write(self, link: BrokerLink, frame: bytes, now_us: int, *, is_reported: bool = False) -> None:
        """Send one frame; `is_reported` (see `Write`) for one that nobody answers."""
        self._commands.append(Write(link.connection, frame, is_reported))
        if self._watch is not None:
            self._watch.written(link.node_id, len(frame), now_us)
        self.arm(link, now_us)

    def drop(
        self,
        link: BrokerLink,
        reason: str,
        now_us: int,
        code: Code = Code.NETWORK_EXCEPTION,
        *,
        is_patient: bool = False,
    ) -> None:
        """End a connection. Whoever awaits an answer on it is told that it is lost, with this code.

        `is_patient` (see `Disconnect`) is for peers that did nothing wrong.
        """
        if (
            link.state is LinkState.CONNECTING
            and (wish := Connect(link.connection, link.host, link.port)) in self._commands
        ):
            # Nobody has begun yet, and a name that is looked up only to be left would cost its time.
            self._commands.remove(wish)
        else:
            self._commands.append(Disconnect(link.connection, is_patient))
        self._lose(link, reason, now_us=now_us, code=code)

    def close(self, now_us: int) -> None:
        """End them all."""
        for link in list(self._links.values()):
            self.drop(link, "the client closed it", now_us, is_patient=True)

    def renews_session(self, link: BrokerLink, now_us: int) -> bool:
        """Begin to authenticate again if the session is near its end (KIP-368); the link is not ready until then."""
        if not 0 < link.authenticate_at_us <= now_us:
            return False
        link.renewing_since_us = now_us
        frame = link.authenticate(now_us, timeout_us=self._settings.request_timeout_us)
        if link.awaits_token:
            self._commands.append(AskToken(link.connection))
        else:
            self.write(link, frame, now_us)
        self.arm(link, now_us)
        return True

    def arm(self, link: BrokerLink, now_us: int) -> None:
        """See to it that a link's deadline is not missed. One that moves away is moved when its time comes up."""
        due_us = link.due_us(now_us, idle_max_us=self._settings.idle_max_us)
        if due_us < link.armed_us:
            link.armed_us = due_us
            heappush(self._deadlines, (due_us, link.connection))

    # -- what the driver reports, as `Driven` has it -----------------------------------------------------------------

    def connected(self, connection: int, now_us: int) -> None:
        """The connection is up."""
        link = self._links.get(connection)
        if link is not None:
            frame = link.negotiate(now_us, timeout_us=self._settings.request_timeout_us)
            if self._watch is not None:
                self._watch.connected(now_us)
            self.write(link, frame, now_us)

    def disconnected(self, connection: int, reason: str, now_us: int) -> None:
        """The connection could not be had, or ended."""
        link = self._links.get(connection)
        if link is not None:
            if link.state is LinkState.AUTHENTICATING:
                # Brokers before 1.0 say no in this way; others tell it.
                reason += " (while authenticating)"
            self._lose(link, reason, now_us=now_us, code=Code.NETWORK_EXCEPTION)

    def refused(self, connection: int, reason: str, now_us: int) -> None:
        """The connection's two sides do not trust each other, or no token for it is to be had."""
        link = self._links.get(connection)
        if link is not None:
            self._refuse(link, link.refused(reason), now_us)

    def token_given(self, connection: int, token: BearerToken, now_us: int) -> None:
        """The OAuth token asked for by `AskToken` is there."""
        link = self._links.get(connection)
        if link is not None and link.awaits_token:
            try:
                frame = link.take_token(token, now_us, timeout_us=self._settings.request_timeout_us)
            except AuthenticationError as error:
                self._refuse(link, error, now_us)
            else:
                self.write(link, frame, now_us)

    def written(self, connection: int, now_us: int) -> None:
        """The operating system has taken a request that nobody answers."""
        link = self._links.get(connection)
        sent = None if link is None else link.in_flight.written()
        if link is not None and sent is not None:
            self._ended.append(Answer(link.node_id, sent, b""))
            self.arm(link, now_us)

    def bytes_received(self, connection: int, data: bytes, now_us: int) -> None:
        """Bytes came in. A peer that breaks the protocol loses the connection."""
        link = self._links.get(connection)
        if link is None:
            return
        was_ready, awaited_token, answered = link.state is LinkState.READY, link.awaits_token, link.in_flight.answered
        answers, reply, failure = link.received(data, now_us, timeout_us=self._settings.request_timeout_us)
        if self._watch is not None:
            self._watch.read(link.node_id, len(data), link.in_flight.answered - answered, now_us)
        if reply:
            self.write(link, reply, now_us)
        if link.awaits_token and not awaited_token:
            self._commands.append(AskToken(connection))
        if not was_ready and link.state is LinkState.READY:
            self._is_up(link, now_us)
        self._ended += [Answer(link.node_id, request, body) for request, body in answers]
        if isinstance(failure, AuthenticationError):
            self._refuse(link, failure, now_us)
        elif failure is not None:
            self.drop(link, str(failure), now_us)
        else:
            self.arm(link, now_us)

    def take_commands(self) -> list[Command]:
        """Take what the driver has to do, in order."""
        commands, self._commands = self._commands, []
        return commands

    # -- what came of it ---------------------------------------------------------------------------------------------

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

    def take_refusals(self) -> list[Refusal]:
        """Take who refused us, or whom we refused, in order. Each is tried again after a back-off, if wanted."""
        refusals, self._refusals = self._refusals, []
        return refusals

    # -- time -----------------------------------------------------------------------------------------------------------

    def time_out(self, now_us: int, seen_us: int) -> None:
        """Give up requests and connections that had taken too long by `seen_us`: all received by then was handed in."""
        while self._deadlines and self._deadlines[0][0] <= seen_us:
            armed_us, connection = heappop(self._deadlines)
            link = self._links.get(connection)
            if link is None or link.armed_us != armed_us:
                continue
            link.armed_us = NEVER_US
            overdue = link.overdue(seen_us, idle_max_us=self._settings.idle_max_us)
            if overdue is None:
                self.arm(link, now_us)
            else:
                self.drop(link, overdue.reason, now_us, overdue.code, is_patient=overdue.reason == IDLE)

    def deadline_us(self, now_us: int) -> int:
        """When `time_out` or `tell` is due if nothing else happens; `NEVER_US` for never."""
        if self._ended:
            # Nobody was told yet: a connection was ended behind the latest `tell`.
            return now_us
        while self._deadlines:
            armed_us, connection = self._deadlines[0]
            link = self._links.get(connection)
            if link is None or link.armed_us != armed_us:
                heappop(self._deadlines)
                continue
            due_us = link.due_us(now_us, idle_max_us=self._settings.idle_max_us)
            if due_us == armed_us:
                return due_us
            # Answers came, or the connection was used: it moved on since somebody looked.
            link.armed_us = due_us
            heapreplace(self._deadlines, (due_us, connection))
        return NEVER_US

    @property
    def count(self) -> int:
        """How many connections there are, those being set up included."""
        return len(self._links)

    @property
    def requests_in_flight(self) -> int:
        """How many requests wait for their answer, or to be written if none is awaited."""
        return sum(link.in_flight.count for link in self._links.values())

    # -- inside ---------------------------------------------------------------------------------------------------------

    def _is_up(self, link: BrokerLink, now_us: int) -> None:
        if self._watch is not None and self._settings.is_secured:
            self._watch.authenticated(link.renewing_since_us, now_us)
        link.renewing_since_us = None
        if link.session_lifetime_us:
            part = SESSION_FRACTION_MIN + SESSION_FRACTION_SPREAD * self._chance.random()
            link.authenticate_at_us = now_us + int(link.session_lifetime_us * part)
        if self._observe is not None:
            self._observe(ConnectionReady(now_us, self._settings.client_id, link.connection, link.node_id))

    def _refuse(self, link: BrokerLink, error: AuthenticationError, now_us: int) -> None:
        if self._watch is not None:
            self._watch.authentication_failed(link.renewing_since_us, now_us)
        self._refusals.append(Refusal(link.node_id, error))
        self.drop(link, str(error), now_us)

    def _lose(self, link: BrokerLink, reason: str, *, now_us: int, code: Code) -> None:
        connection = link.connection
        self.last_loss = reason
        # That we closed what nobody used says nothing of what we know.
        self.losses += reason != IDLE
        del self._links[connection]
        unanswered = link.lose(now_us)
        pause_us = backoff_us(
            self._settings.reconnect_backoff_us, self._settings.reconnect_backoff_max_us, link.failures, self._chance
        )
        link.retry_at_us = now_us + pause_us
        link.move()
        if self._watch is not None:
            self._watch.disconnected(connection, now_us)
        if self._observe is not None:
            self._observe(ConnectionLost(now_us, self._settings.client_id, connection, link.node_id, reason))
        self._ended += [Loss(link.node_id, one, code, reason) for one in unanswered if one.asker is not None]
