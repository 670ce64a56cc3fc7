"""A group coordinator that has forgotten, when it takes over, the position that was committed last."""

from __future__ import annotations

from sim.cluster.coordinators.groups.record_kinds import OFFSET_COMMIT
from sim.cluster.coordinators.groups.shard import GroupShard
from sim.cluster.coordinators.messages import number_of
from sim.cluster.coordinators.shard import NO_PRODUCER_ID, Ground
from sim.mutants.planting import STORY_OF_GROUPS, Mutant


class _Forgetful(GroupShard):
    """Holds back each position while it reads the log, until it finds another one behind it."""

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground)
        self._held: tuple[bytes, bytes | None, int] | None = None
        self._is_loaded = False

    def replay(self, key: bytes, value: bytes | None, producer_id: int = NO_PRODUCER_ID) -> None:
        if self._is_loaded or number_of(key) != OFFSET_COMMIT.number:
            super().replay(key, value, producer_id)
            return
        held = self._held
        if held is not None:
            # One by one: mypyc hands a starred tuple on as one argument to super().
            super().replay(held[0], held[1], held[2])
        self._held = key, value, producer_id

    def loaded(self) -> None:
        self._is_loaded = True
        super().loaded()


LAST_POSITION_FORGOTTEN = Mutant(
    "last_position_forgotten",
    "a group coordinator that takes over has forgotten the position that was committed last",
    group_shard=_Forgetful,
    story=STORY_OF_GROUPS,
)
