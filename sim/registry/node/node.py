"""One registry in virtual time, from its start to its end."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.registry.core.errors import RegistryCode, RegistryError, as_refusal
from sim.registry.core.state import DEFAULT_LEVEL, State
from sim.registry.node.election import Election
from sim.registry.node.exchange import Exchange
from sim.registry.node.identity import Identity
from sim.registry.node.log import INIT_TIMEOUT_US, SchemasLog
from sim.registry.node.visitors import Visitor
from sim.registry.rest.api import Kind, answer_as_follower, find_route, respond
from sim.registry.rest.messages import answer, read_request, refusal
from sim.trace.events import RegistryAnswered, RegistryEnded, RegistryLed, RegistryStarted
from sim.world.units import MILLISECOND_US, SECOND_US

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    import simpy

    from sim.clients.virtual_driver import SomeCluster
    from sim.registry.core.records import Record
    from sim.registry.rest.messages import Reply, Request
    from sim.world.network import Endpoint, Host

    Story = Generator[simpy.Event, Any, None]

PORT = 8081
HANDLING_US = MILLISECOND_US
"""What a registry works on a request, besides its log."""
FORWARD_TIMEOUT_US = 60 * SECOND_US
"""leader.read.timeout.ms."""
FIRST_FORWARD = 2_000_000
"""From where on a registry numbers its connections to others; its producer's and its reader's stand below."""


class _Asked(NamedTuple):
    """A request that waits for its turn at the log."""

    visitor: Visitor
    request: Request


class RegistryNode:
    """A process with one life: `begin` it, and ask it over the network. What it knows it has read from `_schemas`."""

    def __init__(
        self,
        cluster: SomeCluster,
        name: str,
        *,
        port: int = PORT,
        default_level: str = DEFAULT_LEVEL,
        is_eligible: bool = True,
        state_type: type[State] = State,
    ) -> None:
        """Add a host called `name`. One that is not `is_eligible` never leads. `state_type` is what it keeps its log's word in."""
        self.name = name
        self.identity = Identity(name, port, is_eligible)
        self.state = state_type(default_level)
        self.nonsense: list[tuple[int, str]] = []
        """Offset of each record of the log that is none of a registry's, and why."""
        self.slowness = 1
        """So many times as long as usual it works on each request."""
        self.on_not_begun: Callable[[], object] | None = None
        """Who is told that its life ended before it had read the log."""
        self.is_over = False
        self.is_serving = False
        """Whether it has read the log up to its end once, and accepts connections since."""
        self._cluster = cluster
        self._world = cluster.world
        self._log = SchemasLog(
            cluster, name, take=self._take, complain=lambda offset, why: self.nonsense.append((offset, why))
        )
        self._election = Election(
            self._log.consumer.client,
            self.identity,
            chance=cluster.world.chance(f"client/{name}/election"),
            on_led=self._led,
        )
        self._queue: deque[_Asked] = deque()
        self._to_undo: deque[Record] = deque()
        """What to write over records that were passed over."""
        self._forwards = FIRST_FORWARD
        self._story: simpy.Process | None = None

    @property
    def host(self) -> Host:
        """Where it is; faults of links and hosts strike it there."""
        return self._log.host

    @property
    def leader(self) -> Identity | None:
        """Who leads, as far as it knows."""
        return self._election.leader

    @property
    def is_leader(self) -> bool:
        """Whether it takes itself for the leader."""
        return self._election.is_leader

    # -- its life ------------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Start the process. It listens once it has read the log up to its end."""
        self._cluster.trace.emit(RegistryStarted(self._world.now_us, self.name))
        self._log.attend()
        self._story = self._world.story(self._live())

    def stop(self) -> None:
        """End in good order: the group hears of it, and another one leads at once."""
        if not self.is_over:
            self._election.leave(self._world.now_us)
            self._log.attend()
            self._end("stopped")
            # The last word is on its way before the host is gone.
            self._log.leave()

    def kill(self) -> None:
        """End the process at once; the group finds out when its session is over."""
        if not self.is_over:
            self._end("killed")
            self._log.kill()

    def _end(self, how: str) -> None:
        self.is_over = True
        self.is_serving = False
        self._cluster.trace.emit(RegistryEnded(self._world.now_us, self.name, how))
        if self._story is not None:
            self._world.end_story(self._story)

    def _live(self) -> Story:
        try:
            yield from self._log.catch_up(INIT_TIMEOUT_US)
        except RegistryError as error:
            self.is_over = True
            self._cluster.trace.emit(RegistryEnded(self._world.now_us, self.name, f"could not begin: {error.message}"))
            self._log.kill()
            if self.on_not_begun is not None:
                self.on_not_begun()
            return
        self.is_serving = True
        self.host.on_connection = self._accept
        self._log.consumer.accompany(self._election, (), self._world.now_us)
        self._log.attend()
        while True:
            while not self._queue and not self._to_undo:
                yield from self._log.wait(None)
            if self._to_undo:
                yield from self._undo(self._to_undo.popleft())
            else:
                yield from self._work(self._queue.popleft())

    def _undo(self, record: Record) -> Story:
        if self.is_leader:
            # Not written, it stays: whoever reads the log passes the other one over, as this registry did.
            with suppress(RegistryError):
                yield from self._log.put(record)

    def _take(self, record: Record) -> None:
        undone = self.state.take(record)
        if undone is not None:
            self._to_undo.append(undone)
            self._log.wake()

    def _led(self, leader: Identity | None) -> None:
        # What another leader wrote meanwhile is to be read before anything is written.
        self._log.forget_end()
        who = "" if leader is None else leader.host
        self._cluster.trace.emit(RegistryLed(self._world.now_us, self.name, who))

    # -- requests ------------------------------------------------------------------------------------------------------

    def _accept(self, endpoint: Endpoint) -> None:
        Visitor(self.host, endpoint, self._asked)

    def _asked(self, visitor: Visitor, request: Request) -> None:
        self.host.call_in(HANDLING_US * self.slowness, self._handle, _Asked(visitor, request))

    def _handle(self, asked: _Asked) -> None:
        """Answer what needs no log; let the rest wait for its turn, or pass it on to the leader."""
        try:
            told = read_request(asked.request)
            found = find_route(told)
            if found.route.kind is Kind.READ or not self.is_leader:
                outcome = answer_as_follower(self.state, told, found)
                if outcome is not None:
                    self._reply(asked, answer(outcome.answer))
                    return
        except Exception as error:  # noqa: BLE001 - one bad request ends neither the registry nor the world
            self._refuse(asked, error)
            return
        if self.is_leader:
            self._queue.append(asked)
            self._log.wake()
        else:
            self._forward(asked)

    def _work(self, asked: _Asked) -> Story:
        if not self.is_leader:
            self._forward(asked)
            return
        try:
            yield from self._log.catch_up()
            told = read_request(asked.request)
            outcome = respond(self.state, told, find_route(told))
            for record in outcome.writes:
                yield from self._log.put(record)
                self._check_kept(record)
        except Exception as error:  # noqa: BLE001 - as above; one that waited for the log has waited enough
            self._refuse(asked, error)
            return
        self._reply(asked, answer(outcome.answer))

    def _check_kept(self, record: Record) -> None:
        """Two registries that both take themselves for the leader may give one id, or one version, to two schemas."""
        if not self.state.holds(record):
            raise RegistryError(
                RegistryCode.STORE_FAILED,
                "another registry has written meanwhile: what was to be registered is not there",
            )

    # -- the leader is another one -------------------------------------------------------------------------------------

    def _forward(self, asked: _Asked) -> None:
        leader = self.leader
        if leader is None or leader.url == self.identity.url:
            self._refuse(asked, RegistryError(RegistryCode.UNKNOWN_LEADER, "Leader not known."))
        elif asked.request.is_forwarded:
            why = f"{self.name} does not lead, and the request was passed on to it"
            self._refuse(asked, RegistryError(RegistryCode.FORWARDING_FAILED, f"Error while forwarding: {why}"))
        else:
            self._forwards += 1
            Exchange(
                self._cluster.network,
                self.host,
                (leader.host, leader.port),
                asked.request._replace(is_forwarded=True),
                connection=self._forwards,
                timeout_us=FORWARD_TIMEOUT_US,
                on_reply=lambda reply: self._reply(asked, reply, leader.host),
                on_failed=lambda reason: self._not_forwarded(asked, leader, reason),
            )

    def _not_forwarded(self, asked: _Asked, leader: Identity, reason: str) -> None:
        message = f"Error while forwarding the request to the leader {leader.url}: {reason}"
        self._refuse(asked, RegistryError(RegistryCode.FORWARDING_FAILED, message))

    # -- answers -------------------------------------------------------------------------------------------------------

    def _refuse(self, asked: _Asked, error: Exception) -> None:
        self._reply(asked, refusal(as_refusal(error)))

    def _reply(self, asked: _Asked, reply: Reply, by: str = "") -> None:
        request = asked.request
        self._cluster.trace.emit(
            RegistryAnswered(
                self._world.now_us, self.name, asked.visitor.name, request.method, request.target, int(reply.status), by
            )
        )
        asked.visitor.reply(reply)
