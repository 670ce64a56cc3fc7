"""The way to a simulated cluster, in virtual time: to wait is to let the world run."""

from __future__ import annotations

from collections import deque

from producer.client.sasl.mechanism import PLAIN, SCRAM_SHA_256, SCRAM_SHA_512
from sim.cluster.cluster import Cluster
from sim.cluster.config import ClusterConfig
from sim.cluster.security.acls.settings import AuthorizerSettings
from sim.cluster.security.listeners import Listener, SecurityProtocol
from sim.cluster.security.users import Authentication, User
from sim.cluster.topic_config import TopicConfig
from sim.trace.trace import Trace
from sim.world.kernel import World
from sim.world.network import Endpoint, Host
from sim.world.units import MILLISECOND_US, SECOND_US
from tests.conformance.suite.wire import Where

CLIENT = "conformance"
CONNECT_S_MAX = 8.0
START_S_MAX = 30.0
HEARD_S = 1.0
EVENTS_MAX = 50_000_000


class VirtualStream:
    """One connection from the client's host."""

    def __init__(self, wire: VirtualWire, endpoint: Endpoint) -> None:
        self._wire = wire
        self._endpoint = endpoint
        self._arrived: deque[bytes] = deque()
        self._is_over = False
        endpoint.on_received = self._arrived.append
        endpoint.on_closed = self._ended

    def _ended(self, _reason: str) -> None:
        self._is_over = True

    def put(self, data: bytes) -> bool:
        if self._is_over:
            return False
        self._endpoint.send(data)
        return True

    def take(self, limit_s: float) -> bytes | None:
        self._wire.run_while(lambda: not (self._arrived or self._is_over), limit_s)
        if self._arrived:
            return self._arrived.popleft()
        return b"" if self._is_over else None

    def close(self) -> None:
        self._endpoint.close()


class VirtualWire:
    """A cluster of its own, with the settings that the recordings were made with."""

    def __init__(self, *, brokers: int, seed: int = 0, is_secure: bool = False) -> None:
        self.world = World(seed=seed)
        self.cluster = Cluster(self.world, Trace(), recorded_settings(brokers, is_secure=is_secure))
        self._host: Host = self.cluster.network.add_host(CLIENT)
        self._connections = 0
        self.cluster.start()
        self.run_while(lambda: not self.cluster.is_settled(), START_S_MAX)
        # Until every broker has heard that all of them are there.
        self.sleep(HEARD_S)

    @property
    def bootstrap(self) -> Where:
        host, port = self.cluster.bootstrap[0]
        return f"{host}:{port}"

    @property
    def sasl_bootstrap(self) -> Where:
        if len(self.cluster.config.listeners) == 1:
            raise LookupError("this cluster has no listener with SASL")
        host, port = self.cluster.bootstrap_by(1)[0]
        return f"{host}:{port}"

    def connect(self, where: Where) -> VirtualStream:
        """Raises ConnectionError, naming the address."""
        host, _, port = where.rpartition(":")
        opened: list[VirtualStream] = []
        failed: list[str] = []
        self._connections += 1
        place = self.cluster.network.place_at((host, int(port)))
        self.cluster.network.connect(
            self._host,
            place.host,
            port=place.port,
            connection=self._connections,
            on_open=lambda endpoint: opened.append(VirtualStream(self, endpoint)),
            on_failed=failed.append,
        )
        self.run_while(lambda: not (opened or failed), CONNECT_S_MAX)
        if not opened:
            raise ConnectionError(f"{where}: {failed[0] if failed else 'no answer'}")
        return opened[0]

    def run_while(self, wanted: object, limit_s: float) -> None:
        """Let the world run as long as that is wanted, and no longer than so much of its time."""
        until_us = self.world.now_us + round(limit_s * SECOND_US)
        assert callable(wanted)
        while wanted() and self.world.now_us < until_us:
            self.world.run_while(wanted, until_us=until_us, events_max=EVENTS_MAX)

    def now_s(self) -> float:
        return self.world.now_us / SECOND_US

    def calendar_ms(self) -> int:
        return (self.cluster.epoch_us + self.world.now_us) // MILLISECOND_US

    def sleep(self, seconds: float) -> None:
        self.run_while(lambda: True, seconds)


RECORDED_LISTENERS = (
    Listener(),
    Listener("SASL_PLAINTEXT", SecurityProtocol.SASL_PLAINTEXT, 9094, (PLAIN, SCRAM_SHA_256, SCRAM_SHA_512)),
)
RECORDED_RIGHTS = AuthorizerSettings(super_users=("User:ANONYMOUS", "User:admin"))
RECORDED_USERS = (User("admin", "admin-secret"), User("alice", "alice-secret"))


def recorded_settings(brokers: int, *, is_secure: bool = False) -> ClusterConfig:
    """Kafka's defaults, but for what the recordings depend on."""
    by_default = TopicConfig("auto-created", partitions=1, replication_factor=1, min_insync_replicas=1)
    return ClusterConfig(
        brokers=brokers,
        topics=(),
        auto_create_topics=True,
        auto_created_topic=by_default,
        group_initial_rebalance_delay_us=0,
        listeners=RECORDED_LISTENERS if is_secure else (Listener(),),
        authorizer=RECORDED_RIGHTS if is_secure else None,
        authentication=Authentication(users=RECORDED_USERS if is_secure else ()),
    )
