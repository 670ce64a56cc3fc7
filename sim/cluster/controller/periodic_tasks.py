"""What the controller looks at from time to time: leaders away from home, partitions that nobody leads.

Kafka: QuorumController's electPreferred and electUnclean. How unevenly leaders lie plays no part: KRaft knows no
leader.imbalance.per.broker.percentage.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.cluster.config import ClusterConfig
    from sim.cluster.controller.office import Office
    from sim.cluster.controller.replication_control import ReplicationControl


class PeriodicTasks:
    """Each task is due one period after the controller began, and again one period after it was done."""

    def __init__(self, office: Office, config: ClusterConfig, replication: ReplicationControl) -> None:
        self._office = office
        if config.auto_leader_rebalance:
            self._repeat(config.leader_imbalance_check_interval_us, replication.elect_preferred_leaders)
        self._repeat(config.unclean_leader_election_interval_us, replication.elect_unclean_leaders)

    def _repeat(self, every_us: int, task: Callable[[], object]) -> None:
        self._office.call_in(every_us, self._run, every_us, task)

    def _run(self, every_us: int, task: Callable[[], object]) -> None:
        task()
        self._repeat(every_us, task)
