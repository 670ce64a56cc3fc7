"""One controller as a voter of the quorum: it follows, asks whether it may lead, leads, and resigns.

Kafka: KafkaRaftClient, QuorumState, FollowerState, ProspectiveState, CandidateState, LeaderState (KIP-595, KIP-996). A follower
fetches from its leader, and asks for votes when it could not for the fetch timeout; a leader resigns that no majority
has fetched from for one and a half of it. Epoch and vote are on the disk and outlive the process.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from sim.cluster.controller.peers import Peers
from sim.cluster.controller.progress import FetchProgress
from sim.cluster.controller.raft_messages import (
    BeginQuorumEpoch,
    RaftMessage,
    Vote,
    VoteAnswer,
    VoterFetch,
    VoterFetchAnswer,
)
from sim.world.units import MILLISECOND_US

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.cluster.config import ClusterConfig
    from sim.cluster.controller.metadata_log import MetadataLog
    from sim.world.kernel import Call, World
    from sim.world.network import Endpoint, Host, Network

NOBODY = ""
NOTICES_WITHIN_US = 100 * MILLISECOND_US
"""Until a controller acts on a time-out (seen on Apache Kafka 4.3.1: 14 to 91 ms between two that missed the same leader)."""
CHECK_QUORUM_NUMERATOR, CHECK_QUORUM_DENOMINATOR = 3, 2
"""LeaderState.CHECK_QUORUM_TIMEOUT_FACTOR."""


class VoterState(Enum):
    UNATTACHED = "unattached"
    """It knows no leader of its epoch."""
    FOLLOWER = "follower"
    PROSPECTIVE = "prospective"
    """It asks whether a vote would be given."""
    CANDIDATE = "candidate"
    LEADER = "leader"


class Voter:
    """One life after the other of one controller. `led` is called when it begins to lead, `left` when it ends."""

    def __init__(
        self,
        world: World,
        network: Network,
        host: Host,
        config: ClusterConfig,
        log: MetadataLog,
        *,
        led: Callable[[Voter], object],
        left: Callable[[Voter], object],
    ) -> None:
        self._world = world
        self._config = config
        self._log = log
        self._led = led
        self._left = left
        self._others = tuple(name for name in config.controller_hosts if name != host.name)
        self._peers = Peers(network, host, self.take)
        self._timer: Call | None = None
        self._armed = 0
        self._voted_for: dict[int, str] = {}
        self._granted: dict[str, bool] = {}
        self._has_fetched = False
        self._fetch_number = 0
        self._waiting: dict[str, tuple[Endpoint, VoterFetch, Call]] = {}
        self._fetched_by: dict[str, None] = {}
        self.fetched: FetchProgress[str] = FetchProgress()
        """How far the others are, as long as this one leads."""
        self.host = host
        self.state = VoterState.UNATTACHED
        self.epoch = 0
        self.leader = NOBODY
        self.log_offset = 0

    @property
    def is_leader(self) -> bool:
        return self.state is VoterState.LEADER

    def begin(self) -> None:
        """Begin a life: with what the disk says of epochs, and nobody to follow."""
        self._peers.forget_all()
        if self._others:
            self._become(VoterState.UNATTACHED)
            self._arm(self._election_timeout_us(), self._prospect)
        else:
            self._lead(self.epoch + 1)

    def end(self) -> None:
        """The process is gone."""
        self._disarm()
        self._become(VoterState.UNATTACHED)

    # -- states --------------------------------------------------------------------------------------------------------

    def _become(self, state: VoterState, leader: str = NOBODY) -> None:
        was_leader = self.is_leader
        self.state, self.leader = state, leader
        self._granted.clear()
        self._drop_waiting()
        if was_leader:
            self._left(self)

    def _follow(self, leader: str, epoch: int) -> None:
        self.epoch = epoch
        self._become(VoterState.FOLLOWER, leader)
        self._has_fetched = False
        self._arm(self._fetch_timeout_us(), self._prospect)
        self._fetch()

    def _prospect(self) -> None:
        """Nobody was heard of for long enough: ask whether others think so, too."""
        leader = self.leader
        self._become(VoterState.PROSPECTIVE, leader)
        self._arm(self._election_timeout_us(), self._lose)
        self._ask_for_votes(is_pre_vote=True)

    def _stand(self) -> None:
        self.epoch += 1
        self._voted_for[self.epoch] = self.host.name
        self._become(VoterState.CANDIDATE)
        self._arm(self._election_timeout_us(), self._prospect)
        self._ask_for_votes(is_pre_vote=False)

    def _lead(self, epoch: int) -> None:
        self.epoch = epoch
        self._voted_for[epoch] = self.host.name
        self._become(VoterState.LEADER, self.host.name)
        self.log_offset = self._log.offset
        self._fetched_by.clear()
        self.fetched.clear()
        self._arm_check_quorum()
        for other in self._others:
            self._peers.send(other, BeginQuorumEpoch(self.host.name, epoch))
        self._led(self)

    def _lose(self) -> None:
        """Follow again whoever was followed before; without anybody, wait and ask again."""
        if self.leader not in {NOBODY, self.host.name}:
            self._follow(self.leader, self.epoch)
        else:
            self._become(VoterState.UNATTACHED)
            self._arm(self._election_timeout_us(), self._prospect)

    def _resign(self) -> None:
        self._become(VoterState.UNATTACHED)
        self._arm(self._election_timeout_us(), self._prospect)

    def _hear_of(self, epoch: int, leader: str = NOBODY) -> None:
        """Take note of a newer epoch, or of who leads in this one."""
        if leader == self.host.name:
            return
        if leader != NOBODY and (epoch > self.epoch or (epoch == self.epoch and self.leader != leader)):
            self._follow(leader, epoch)
        elif epoch > self.epoch:
            self.epoch = epoch
            self._become(VoterState.UNATTACHED)
            self._arm(self._election_timeout_us(), self._prospect)

    # -- votes ---------------------------------------------------------------------------------------------------------

    def _ask_for_votes(self, *, is_pre_vote: bool) -> None:
        for other in self._others:
            self._peers.send(other, Vote(self.host.name, self.epoch, self.log_offset, is_pre_vote))

    def _answer_vote(self, asked: Vote, endpoint: Endpoint) -> None:
        if not asked.is_pre_vote:
            self._hear_of(asked.epoch)
        is_granted = asked.epoch >= self.epoch and asked.log_offset >= self.log_offset and self._would_vote(asked)
        if is_granted and not asked.is_pre_vote:
            self._voted_for[asked.epoch] = asked.candidate
            self._arm(self._election_timeout_us(), self._prospect)
        self._peers.answer(endpoint, VoteAnswer(self.host.name, self.epoch, asked.epoch, asked.is_pre_vote, is_granted))

    def _would_vote(self, asked: Vote) -> bool:
        match self.state:
            case VoterState.LEADER:
                return False
            case VoterState.FOLLOWER:
                return asked.is_pre_vote and not self._has_fetched
            case VoterState.CANDIDATE:
                return asked.is_pre_vote
            case _:
                return asked.is_pre_vote or self._voted_for.get(asked.epoch, asked.candidate) == asked.candidate

    def _voted(self, answer: VoteAnswer) -> None:
        if answer.epoch > self.epoch:
            self._hear_of(answer.epoch)
            return
        wanted = VoterState.PROSPECTIVE if answer.is_pre_vote else VoterState.CANDIDATE
        if self.state is not wanted or answer.asked_in_epoch != self.epoch:
            return
        self._granted[answer.voter] = answer.is_granted
        votes = 1 + sum(self._granted.values())
        if votes >= self._majority:
            if answer.is_pre_vote:
                self._stand()
            else:
                self._lead(self.epoch)
        elif len(self._granted) == len(self._others) and answer.is_pre_vote:
            self._lose()

    @property
    def _majority(self) -> int:
        return (len(self._others) + 1) // 2 + 1

    # -- fetching ------------------------------------------------------------------------------------------------------

    def _fetch(self) -> None:
        if self.state is VoterState.FOLLOWER:
            self._fetch_number += 1
            number = self._fetch_number
            self._peers.send(self.leader, VoterFetch(self.host.name, self.epoch, number, self.log_offset))
            self.host.call_in(self._config.controller_quorum_request_timeout_us, self._fetch_again, number)

    def _fetch_again(self, number: int) -> None:
        if number == self._fetch_number:
            self._peers.forget(self.leader)
            self._fetch()

    def _fetched(self, answer: VoterFetchAnswer) -> None:
        if answer.epoch > self.epoch or (answer.leader != self.leader and answer.epoch == self.epoch):
            self._hear_of(answer.epoch, answer.leader)
        elif self.state is not VoterState.FOLLOWER or answer.number != self._fetch_number:
            return
        elif answer.log_offset < 0:
            # It leads no more, and knows nobody who does.
            self.host.call_in(self._config.controller_quorum_retry_backoff_us, self._fetch_again, answer.number)
        else:
            self._has_fetched = True
            self.log_offset = max(self.log_offset, answer.log_offset)
            self._arm(self._fetch_timeout_us(), self._prospect)
            self._fetch()

    def _serve(self, asked: VoterFetch, endpoint: Endpoint) -> None:
        self._hear_of(asked.epoch)
        if not self.is_leader or asked.epoch != self.epoch:
            leader = self.host.name if self.is_leader else self.leader
            self._peers.answer(endpoint, VoterFetchAnswer(self.epoch, leader, asked.number, -1))
            return
        self._fetched_by[asked.voter] = None
        self.fetched.note(asked.voter, offset=asked.log_offset, end_offset=self._log.offset, now_us=self._world.now_us)
        if 1 + len(self._fetched_by) >= self._majority:
            self._arm_check_quorum()
        self._drop(asked.voter)
        if asked.log_offset < self._log.offset:
            self._tell(asked, endpoint)
            return
        wait_us = self._config.controller_quorum_fetch_wait_max_us
        expiry = self.host.call_in(wait_us, self._expired, asked)
        self._waiting[asked.voter] = endpoint, asked, expiry

    def _expired(self, asked: VoterFetch) -> None:
        waiting = self._waiting.get(asked.voter)
        if waiting is not None and waiting[1] is asked:
            self._answer_waiting(asked.voter)

    def committed(self) -> None:
        """The log grew: those who wait for it are told."""
        self.log_offset = self._log.offset
        for voter in tuple(self._waiting):
            self._answer_waiting(voter)

    def _answer_waiting(self, voter: str) -> None:
        endpoint, asked, expiry = self._waiting.pop(voter)
        expiry.cancel()
        self._tell(asked, endpoint)

    def _tell(self, asked: VoterFetch, endpoint: Endpoint) -> None:
        told = VoterFetchAnswer(self.epoch, self.host.name, asked.number, self._log.offset)
        self._peers.answer(endpoint, told)

    def _drop(self, voter: str) -> None:
        waiting = self._waiting.pop(voter, None)
        if waiting is not None:
            waiting[2].cancel()

    def _drop_waiting(self) -> None:
        for voter in tuple(self._waiting):
            self._drop(voter)

    def _arm_check_quorum(self) -> None:
        self._fetched_by.clear()
        if self._others:
            timeout_us = self._config.controller_quorum_fetch_timeout_us
            self._arm(timeout_us * CHECK_QUORUM_NUMERATOR // CHECK_QUORUM_DENOMINATOR, self._resign)

    # -- messages and the one timer ------------------------------------------------------------------------------------

    def take(self, endpoint: Endpoint, message: RaftMessage) -> None:
        """Hear another voter."""
        match message:
            case Vote():
                self._answer_vote(message, endpoint)
            case VoteAnswer():
                self._voted(message)
            case BeginQuorumEpoch():
                self._hear_of(message.epoch, message.leader)
            case VoterFetch():
                self._serve(message, endpoint)
            case VoterFetchAnswer():
                self._fetched(message)

    def _election_timeout_us(self) -> int:
        """Between one and two election timeouts, so that two who missed their leader together do not stand together."""
        timeout_us = self._config.controller_quorum_election_timeout_us
        return timeout_us + self._world.chance(f"controller/{self.host.name}/election").randrange(timeout_us)

    def _fetch_timeout_us(self) -> int:
        """Two that miss their leader together do not see it in one instant, and so seldom split the votes."""
        chance = self._world.chance(f"controller/{self.host.name}/fetch timeout")
        return self._config.controller_quorum_fetch_timeout_us + chance.randrange(NOTICES_WITHIN_US)

    def _arm(self, delay_us: int, then: Callable[[], object]) -> None:
        self._disarm()
        self._armed += 1
        self._timer = self.host.call_in(delay_us, self._due, self._armed, then)

    def _due(self, armed: int, then: Callable[[], object]) -> None:
        # Whoever stood still finds times that were over, and armed anew since by what lay in its sockets.
        if armed == self._armed:
            self._timer = None
            then()

    def _disarm(self) -> None:
        self._armed += 1
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
