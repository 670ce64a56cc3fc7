"""A served cluster from its start to the signal that ends it."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from time import monotonic, time_ns
from typing import IO, TYPE_CHECKING

from sim.serve.clock import RealTime
from sim.serve.complaints import Complaints
from sim.serve.front import Front
from sim.serve.inputs import Healed, Input, Struck
from sim.serve.journal import Answers, End, Journal
from sim.serve.keeping import Keeping
from sim.serve.simulation import Simulated, Simulation
from sim.trace.events import HandlerFailed, RequestRejected
from sim.trace.trace import TraceHeader
from sim.world.network import SocketBuffers

if TYPE_CHECKING:
    import ssl
    from pathlib import Path

    from sim.faults.schedule import Entry
    from sim.serve.attempt import Attempt
    from sim.serve.http import Listening
    from sim.serve.judgement import Judgement
    from sim.serve.stage import Stage

LOG = logging.getLogger(__name__)
SIGNALS = (signal.SIGINT, signal.SIGTERM)
START_US = 2_500_000
"""What a start takes in virtual time, about: the brokers' calendar is right when they begin to listen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """How a stage is served."""

    host: str = "127.0.0.1"
    port: int = 9092
    """Of the first broker, the next one of the second and so on; 0 for any that are free."""
    is_strict: bool = False
    """Whether a request on which a broker fails ends the server."""
    trace: IO[str] | None = None
    """Where every event goes, as a line."""
    control_port: int | None = None
    """Where control.py answers; 0 for any that is free, None for nowhere."""
    registry_port: int | None = None
    """Where the schema registry of the stage listens; 0 for any that is free."""
    certificates: Path | None = None
    """The folder with those that listeners with TLS show; made if it is not there."""
    journal: IO[str] | None = None
    """Where everything goes that comes from outside, for a replay."""


class Server:
    """One cluster on TCP. Raises OSError for a port, ScenarioError and ValueError for a stage that cannot be."""

    def __init__(self, stage: Stage, serving: Serving, simulated: Simulated = Simulation) -> None:
        """Take the ports; nobody listens there before `serve`. `simulated` makes what is served."""
        self._serving = serving
        self._front = Front(
            serving.host,
            serving.port,
            stage.broker_count,
            serving.registry_port if stage.has_registry else None,
            _contexts(stage, serving),
        )
        try:
            epoch_us = time_ns() // 1_000 - START_US
            self.stage = replace(stage, epoch_us=epoch_us, advertised=self._front.addresses)
            self._answers = None if serving.journal is None else Answers(self._front)
            outside = self._answers or self._front
            self.simulation = simulated(self.stage, outside, is_strict=serving.is_strict)
            config = self.simulation.cluster.config
            self._front.buffers = SocketBuffers(config.socket_send_buffer_bytes, config.socket_receive_buffer_bytes)
        except BaseException:
            self._front.give_back()
            raise
        self._clock: RealTime | None = None
        self._control_at: int | None = None
        self._asked: list[asyncio.Future[None]] = []
        self._strikes = 0
        """How many faults are among what is asked, and have no place in the schedule yet."""
        self._journal = None if serving.journal is None else Journal(serving.journal)
        self._keeping = Keeping(self.simulation.trace, serving.trace, is_whole=self.simulation.is_judged_by_trace)
        self._complaints = Complaints(LOG, monotonic)
        self.simulation.trace.watch(HandlerFailed, _log_failure)
        self.simulation.trace.watch(RequestRejected, self._complaints.note)

    @property
    def control_url(self) -> str:
        """Where the control port is, once somebody listens there; empty for none."""
        return "" if self._control_at is None else f"http://{self._serving.host}:{self._control_at}"

    @property
    def registry_url(self) -> str:
        """Where the schema registry is; empty without one."""
        address = self._front.registry_address
        return "" if address is None else "http://{}:{}".format(*address)

    @property
    def lag_us(self) -> int:
        """How far the world is behind the clock on the wall."""
        return 0 if self._clock is None else self._clock.lag_us

    @property
    def bootstrap(self) -> str:
        """Where clients begin, as bootstrap.servers, by the first listener."""
        return next(iter(self.bootstraps.values()))

    @property
    def bootstraps(self) -> dict[str, str]:
        """The same for each listener, by its name."""
        listeners = self.simulation.cluster.config.listeners
        told = [f"{host}:{port}" for host, port in self._front.addresses]
        count = len(told) // len(listeners)
        return {one.name: ",".join(told[n * count : (n + 1) * count]) for n, one in enumerate(listeners)}

    async def serve(self, on_ready: Callable[[], object]) -> Judgement:
        """Serve until `stop`; `on_ready` is called as soon as clients are accepted. Gives what is to be said of them.

        Raises what the world raised: BrokerFailedError where it is strict, and whatever else is a bug of ours.
        """
        simulation = self.simulation
        control = await self._open_control()
        try:
            if self._journal is not None:
                from importlib.metadata import version

                self._journal.begin(self.stage, version("acklab"))
            simulation.settle()
            self._keeping.begin(TraceHeader(simulation.stage.story, simulation.stage.seed, {}))
            simulation.begin()
            loop = asyncio.get_running_loop()
            clock = self._clock = RealTime(simulation.world, loop, take=self._take, look=self._look)
            self._front.give = clock.give
            clock.begin()
            self._front.follow(simulation.hosts)
            on_ready()
            await clock.over
            if self._journal is not None and self._answers is not None:
                self._journal.end(End(simulation.world.now_us, simulation.trace.digest(), self._answers.digest()))
            return simulation.judge()
        finally:
            if control is not None:
                await control.close()
            self._front.give_back()
            await self._front.emptied()
            self._keeping.end()
            self._complaints.tell_unsaid()

    async def _open_control(self) -> Listening | None:
        if self._serving.control_port is None:
            return None
        from sim.serve.control import Control
        from sim.serve.http import Listening

        listening = Listening(Control(self).respond)
        try:
            await listening.open(self._serving.host, self._serving.control_port)
        except OSError:
            self._front.give_back()
            raise
        self._control_at = listening.port
        return listening

    async def strike(self, entry: Entry) -> Attempt:
        """Let a fault strike, at once or when its moment comes; times and events are counted from now."""
        place = len(self.simulation.armed.schedule) + self._strikes
        self._strikes += 1
        await self._happened(Struck(str(entry)))
        return self.simulation.attempt(place)

    async def heal(self) -> None:
        """End every fault that has struck."""
        await self._happened(Healed())

    async def _happened(self, given: Input) -> None:
        assert self._clock is not None, "asked before serve"
        asked: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._asked.append(asked)
        self._clock.give(given)
        await asked

    def give(self, given: Input) -> None:
        """Hand in what came from outside by another way than a socket. Before `serve` nobody takes it."""
        if self._clock is not None:
            self._clock.give(given)

    def stop(self) -> None:
        """End in good order. Before `serve` it does nothing."""
        if self._clock is not None:
            self._clock.end()

    def _take(self, given: Input) -> None:
        if self._journal is not None:
            self._journal.write(self.simulation.world.now_us, given)
        self.simulation.take(given)

    def _look(self) -> None:
        if self._journal is not None:
            self._journal.flush()
        self._front.follow(self.simulation.hosts)
        self._keeping.look()
        for asked in self._asked:
            if not asked.done():  # whoever asked may be gone
                asked.set_result(None)
        self._asked.clear()
        self._strikes = 0


def _contexts(stage: Stage, serving: Serving) -> list[ssl.SSLContext | None]:
    """Give what each listener speaks TLS with, None where it does not. Raises CertificatesError, ValueError."""
    listeners = stage.listeners
    if not any(listener.protocol.uses_tls for listener in listeners):
        return [None] * len(listeners)
    if serving.certificates is None:
        raise ValueError("a listener speaks TLS, and no folder of certificates is given")
    from sim.serve.certificates import make_certificates, server_context

    users = [user.name for user in stage.config().authentication.users]
    make_certificates(serving.certificates, serving.host, users)
    return [
        server_context(serving.certificates, one.client_auth) if one.protocol.uses_tls else None for one in listeners
    ]


async def serve_until_signal(server: Server, on_ready: Callable[[], object]) -> Judgement:
    """Serve until SIGINT or SIGTERM. Who cannot wait for the end in good order sends another one."""
    loop = asyncio.get_running_loop()

    def stop() -> None:
        for number in SIGNALS:
            loop.remove_signal_handler(number)
        server.stop()

    for number in SIGNALS:
        loop.add_signal_handler(number, stop)
    return await server.serve(on_ready)


def raise_file_limit() -> None:
    """Let this process have as many connections as the system allows it: the usual limit of 1,024 is soon reached."""
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _log_failure(event: HandlerFailed) -> None:
    LOG.error("b%d failed on %s %d of %s: %s", event.broker, event.api, event.version, event.client, event.error)
