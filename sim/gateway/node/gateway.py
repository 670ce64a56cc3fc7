"""The gateway of a story: its lives, and the verbs by which faults begin, stop and end them."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from sim.clients.audit_file import AuditKeeper
from sim.cluster.applications import client_of
from sim.cluster.gateways import GATEWAY
from sim.gateway.node.letters import Letters
from sim.gateway.node.life import GatewayLife, Parts
from sim.gateway.node.policing import Means, SimPolicing
from sim.trace.events import GatewayEnded, GatewayStarted, GatewayWrites
from sim.world.network import HostState

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    import simpy

    from producer.config.config import ProducerConfig
    from producer.governance.policy.words import Policy
    from sim.clients.audit_file import AuditFiles
    from sim.clients.virtual_driver import SomeCluster
    from sim.gateway.node.policing import KeysWay
    from sim.world.network import Host

FIRST_CONNECTION = 3_000_000
"""From where on its connections to brokers are numbered, over all lives: no two of its host have one number."""
FIRST_OF_LETTERS = 10_000_000
"""From where on those of its own producers are numbered, each life's so many further."""


class SimGateway:
    """A verb that makes no sense now raises ValueError, saying why."""

    def __init__(
        self,
        cluster: SomeCluster,
        policy: Policy | None,
        *,
        bootstrap: tuple[tuple[str, int], ...],
        letters: ProducerConfig | None,
        audits: AuditFiles | None,
        keys_for: Callable[[Host], KeysWay] | None,
        draw: Callable[[str], Callable[[int], bytes]],
    ) -> None:
        """Nobody listens before `start`. `bootstrap` are the brokers behind it.

        `letters` is the configuration of its own producer, None for a policy that makes no dead letters; `audits` are the disks of
        audits, None where it keeps none; `keys_for` gives a host's way to the key service; `draw` random bytes of a named stream.
        """
        self._cluster = cluster
        self._policy = policy
        self._bootstrap = bootstrap
        self._letters = letters
        self._audits = audits
        self._keys_for = keys_for
        self._draw = draw
        self._connections = itertools.count(FIRST_CONNECTION)
        self._records = itertools.count(1)
        """Of its audit, and of its dead letters."""
        self._lives = 0
        self._life: GatewayLife | None = None
        self._is_stopping = False

    def start(self) -> None:
        """Begin its process. Raises ValueError if it runs."""
        if self._life is not None:
            raise ValueError(f"{GATEWAY} runs already")
        cluster = self._cluster
        self._lives += 1
        host = cluster.network.add_host(GATEWAY)
        cluster.trace.emit(GatewayStarted(cluster.world.now_us, GATEWAY, self._lives))
        parts = self._parts(host)
        self._life = GatewayLife(cluster, host, parts, bootstrap=self._bootstrap, numbers=self._connections)

    def _parts(self, host: Host) -> Parts:
        cluster = self._cluster
        client = client_of(GATEWAY, self._lives)
        audit = letters = policing = None
        if self._audits is not None:
            audit = AuditKeeper(cluster, host, client, self._audits.held_by(GATEWAY, client))
        if self._letters is not None:
            first = FIRST_OF_LETTERS + self._lives * FIRST_CONNECTION
            cluster.trace.emit(GatewayWrites(cluster.world.now_us, GATEWAY, client, first))
            letters = Letters(cluster, self._letters, host, name=client, first_connection=first, numbers=self._records)
        if self._policy is not None:
            keys = None if self._keys_for is None else self._keys_for(host)
            policing = SimPolicing(
                self._policy,
                Means(keys, audit, letters, self._records),
                gateway=GATEWAY,
                world=cluster.world,
                epoch_us=cluster.epoch_us,
                draw=self._draw(f"governance/{client}"),
                emit=cluster.trace.emit,
            )
        return Parts(policing, audit, letters)

    def stop(self) -> None:
        """Ask its process to end in good order. Raises ValueError if it does not run, stands still, or stops already."""
        life = self._living()
        if life.host.state is HostState.PAUSED or self._is_stopping:
            raise ValueError(f"{GATEWAY} {'stops already' if self._is_stopping else 'stands still and hears nothing'}")
        self._is_stopping = True
        self._cluster.world.story(self._stop(life))

    def _stop(self, life: GatewayLife) -> Generator[simpy.Event, object, None]:
        yield from life.stop()
        if self._life is life:
            self._end("stopped")

    def kill(self) -> None:
        """End its process at once. Raises ValueError if it does not run."""
        self._living()
        self._end("killed")

    def _end(self, how: str) -> None:
        self._living().kill()
        self._life, self._is_stopping = None, False
        self._cluster.trace.emit(GatewayEnded(self._cluster.world.now_us, GATEWAY, how))

    def pause(self) -> None:
        """Let its process stand still. Raises ValueError if it does, or does not run."""
        host = self._living().host
        if host.state is HostState.PAUSED:
            raise ValueError(f"{GATEWAY} stands still already")
        host.pause()

    def resume(self) -> None:
        """Let it go on. Raises ValueError if it does not stand still."""
        host = self._living().host
        if host.state is not HostState.PAUSED:
            raise ValueError(f"{GATEWAY} does not stand still")
        host.resume()

    def repair(self) -> None:
        """Let it go on, if it stands still."""
        if self._life is not None:
            self._life.host.resume()

    def heal(self) -> None:
        """Let it run."""
        self.repair()
        if self._life is None:
            self.start()

    def _living(self) -> GatewayLife:
        if self._life is None:
            raise ValueError(f"{GATEWAY} does not run")
        return self._life
