"""A registry's membership in the group of all: who of them leads is what the group assigns (Confluent's KafkaGroupLeaderElector).

It works on the client of the registry's reader. One question to the group's coordinator is on its way at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.client.backoff import NEVER_US, backoff_us
from producer.errors import Code, PeerError, UnsupportedVersionError
from producer.transitions import Symbol, move
from producer.wire.api import ApiKey
from producer.wire.codec import decode, encode
from producer.wire.messages.heartbeat import HeartbeatRequest, HeartbeatResponse
from producer.wire.messages.join_group import JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponse
from producer.wire.messages.leave_group import LeaveGroupRequest, MemberIdentity
from producer.wire.messages.sync_group import SyncGroupRequest, SyncGroupRequestAssignment, SyncGroupResponse
from sim.clients.consumer.group.coordinator_link import CoordinatorLink
from sim.clients.consumer.group.membership import Word, word_of
from sim.registry.node.identity import Identity, elect, read_assignment, read_metadata, write_assignment, write_metadata
from sim.world.units import MILLISECOND_US, SECOND_US

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from producer.chance import Chance
    from producer.client.client import Client
    from producer.client.requests import Answer, Loss

GROUP = "schema-registry"
"""schema.registry.group.id."""
PROTOCOL_TYPE = "sr"
PROTOCOL = "v0"
SESSION_TIMEOUT_US = 10 * SECOND_US
"""How long the group waits for a heartbeat; as long without an answer, a registry takes nobody for the leader."""
REBALANCE_TIMEOUT_US = 300 * SECOND_US
HEARTBEAT_INTERVAL_US = 3 * SECOND_US
JOIN_LAPSE_US = 5 * SECOND_US


class ElectionState(Symbol):
    OUTSIDE = "outside"
    JOINING = "joining"
    JOINED = "joined"
    """It knows the generation, and has to ask who leads, or to say it."""
    SYNCING = "syncing"
    SETTLED = "settled"
    BEATING = "beating"
    """Settled, and a heartbeat is on its way."""


class ElectionInput(Symbol):
    ASK = "ask"
    TOLD = "told"
    LEAVE = "leave"
    """The generation is over, or nobody knows whether."""


TRANSITIONS: Mapping[tuple[ElectionState, ElectionInput], ElectionState] = {
    (ElectionState.OUTSIDE, ElectionInput.ASK): ElectionState.JOINING,
    (ElectionState.OUTSIDE, ElectionInput.LEAVE): ElectionState.OUTSIDE,
    (ElectionState.JOINING, ElectionInput.TOLD): ElectionState.JOINED,
    (ElectionState.JOINING, ElectionInput.LEAVE): ElectionState.OUTSIDE,
    (ElectionState.JOINED, ElectionInput.ASK): ElectionState.SYNCING,
    (ElectionState.JOINED, ElectionInput.LEAVE): ElectionState.OUTSIDE,
    (ElectionState.SYNCING, ElectionInput.TOLD): ElectionState.SETTLED,
    (ElectionState.SYNCING, ElectionInput.LEAVE): ElectionState.OUTSIDE,
    (ElectionState.SETTLED, ElectionInput.ASK): ElectionState.BEATING,
    (ElectionState.SETTLED, ElectionInput.LEAVE): ElectionState.OUTSIDE,
    (ElectionState.BEATING, ElectionInput.TOLD): ElectionState.SETTLED,
    (ElectionState.BEATING, ElectionInput.LEAVE): ElectionState.OUTSIDE,
}


class Election:
    """One registry's part in it; a companion of its consumer (`sim.clients.consumer.roles.Companion`)."""

    def __init__(
        self, client: Client, identity: Identity, *, chance: Chance, on_led: Callable[[Identity | None], object]
    ) -> None:
        """`on_led` hears who leads from now on; None as long as nobody knows."""
        self._client = client
        self._identity = identity
        self._chance = chance
        self._on_led = on_led
        self._coordinator = CoordinatorLink(client, GROUP)
        self._state = ElectionState.OUTSIDE
        self._member_id = ""
        self._generation = -1
        self._assignments: tuple[SyncGroupRequestAssignment, ...] = ()
        self._due_us = 0
        self._heard_us = 0
        """When the last heartbeat that was answered left."""
        self._is_asking = False
        self._failures = 0
        self._not_before_us = 0
        self._is_leaving = False
        self.leader: Identity | None = None
        """Who leads, as far as it knows."""

    @property
    def is_leader(self) -> bool:
        """Whether this one leads, as far as it knows: a group that it does not hear may have elected another."""
        return self.leader is not None and self.leader.url == self._identity.url

    # -- the consumer's companion --------------------------------------------------------------------------------------

    def advance(self, now_us: int) -> None:
        """Do what is due."""
        self._give_up_in_time(now_us)
        if self._is_asking or now_us < self._not_before_us or self._is_leaving:
            return
        node_id = self._coordinator.ready(now_us)
        if node_id is not None and self._due_us <= now_us:
            self._ask(node_id, now_us)

    def deadline_us(self, now_us: int) -> int:
        """When `advance` is due if nothing is received."""
        session_us = NEVER_US if self.leader is None else self._heard_us + SESSION_TIMEOUT_US
        if self._is_asking or self._is_leaving:
            return session_us
        if now_us < self._not_before_us:
            return min(self._not_before_us, session_us)
        due_us = self._due_us if self._due_us > now_us else self._coordinator.deadline_us(now_us)
        return min(due_us, session_us)

    def leave(self, now_us: int) -> None:
        """Say the last word to the group: another leads from now on. Nothing may follow."""
        node_id = self._coordinator.ready(now_us)
        self._is_leaving = True
        if node_id is not None and self._member_id:
            body = LeaveGroupRequest(GROUP, members=(MemberIdentity(self._member_id),))
            self._send(node_id, ApiKey.LEAVE_GROUP, body, None, now_us)
        self._led_by(None)

    # -- what is asked -------------------------------------------------------------------------------------------------

    def _ask(self, node_id: int, now_us: int) -> None:
        asked_in = self._state
        self._feed(ElectionInput.ASK)
        if asked_in is ElectionState.OUTSIDE:
            metadata = write_metadata(self._identity._replace(is_leader=self.is_leader))
            # Until the group has spoken, nobody leads.
            self._led_by(None)
            join = JoinGroupRequest(
                GROUP,
                SESSION_TIMEOUT_US // MILLISECOND_US,
                REBALANCE_TIMEOUT_US // MILLISECOND_US,
                self._member_id,
                protocol_type=PROTOCOL_TYPE,
                protocols=(JoinGroupRequestProtocol(PROTOCOL, metadata),),
            )
            self._send(node_id, ApiKey.JOIN_GROUP, join, REBALANCE_TIMEOUT_US + JOIN_LAPSE_US, now_us)
        elif asked_in is ElectionState.JOINED:
            sync = SyncGroupRequest(
                GROUP,
                self._generation,
                self._member_id,
                protocol_type=PROTOCOL_TYPE,
                protocol_name=PROTOCOL,
                assignments=self._assignments,
            )
            self._send(node_id, ApiKey.SYNC_GROUP, sync, None, now_us)
        else:
            beat = HeartbeatRequest(GROUP, self._generation, self._member_id)
            self._send(node_id, ApiKey.HEARTBEAT, beat, SESSION_TIMEOUT_US, now_us)

    def _send(self, node_id: int, api: ApiKey, body: tuple[Any, ...], timeout_us: int | None, now_us: int) -> None:
        self._is_asking = True
        try:
            self._client.links.send(
                node_id,
                api,
                lambda version: encode(body, version),
                asker=_Asked(self, now_us),
                now_us=now_us,
                timeout_us=timeout_us,
            )
        except UnsupportedVersionError:
            self.lost(now_us)

    # -- what comes back -----------------------------------------------------------------------------------------------

    def answered(self, answer: Answer, sent_us: int, now_us: int) -> None:
        """Take the answer to the last question."""
        self._is_asking = False
        if self._is_leaving:
            return
        try:
            word = self._take(answer, sent_us, now_us)
        except PeerError as nonsense:
            self._client.links.break_link(answer.node_id, answer.request.connection, str(nonsense), now_us)
            self.lost(now_us)
            return
        if word in (Word.REJOIN, Word.FENCED):
            self._feed(ElectionInput.LEAVE)
            self._due_us = now_us
        if word in (Word.AGAIN, Word.REFIND, Word.HOPELESS):
            self._back_off(now_us)
        else:
            self._failures = 0
        if word is Word.REFIND:
            self._coordinator.forget(self._not_before_us)

    def lost(self, now_us: int) -> None:
        """No answer came: perhaps another broker coordinates by now."""
        self._is_asking = False
        if self._is_leaving:
            return
        if self._state is ElectionState.BEATING:
            self._feed(ElectionInput.TOLD)
        else:
            self._feed(ElectionInput.LEAVE)
        self._due_us = now_us
        self._back_off(now_us)
        self._coordinator.forget(self._not_before_us)

    def _take(self, answer: Answer, sent_us: int, now_us: int) -> Word:
        version = answer.request.version
        if self._state is ElectionState.JOINING:
            return self._take_join(decode(JoinGroupResponse, answer.body, version), now_us)
        if self._state is ElectionState.SYNCING:
            return self._take_sync(decode(SyncGroupResponse, answer.body, version), sent_us, now_us)
        word = word_of(decode(HeartbeatResponse, answer.body, version).error_code)
        if word is Word.FENCED:
            self._forget_membership()
        elif word is not Word.REJOIN:
            self._feed(ElectionInput.TOLD)
            self._due_us = now_us + (HEARTBEAT_INTERVAL_US if word is Word.WELL else 0)
        if word is Word.WELL:
            self._heard_us = sent_us
        return word

    def _take_join(self, told: JoinGroupResponse, now_us: int) -> Word:
        self._due_us = now_us
        code = told.error_code
        if code == Code.MEMBER_ID_REQUIRED:
            self._member_id = told.member_id
            return Word.REJOIN
        word = word_of(code)
        if word is not Word.WELL:
            if word is Word.FENCED:
                self._forget_membership()
            else:
                self._feed(ElectionInput.LEAVE)
            return word
        self._member_id, self._generation, self._assignments = told.member_id, told.generation_id, ()
        if told.leader == told.member_id:
            # Kafka's word for the member that assigns; who of the registries leads is what it finds out.
            members = {one.member_id: read_metadata(one.metadata) for one in told.members}
            assignment = write_assignment(elect(members)[1], elect(members)[0])
            self._assignments = tuple([SyncGroupRequestAssignment(one, assignment) for one in sorted(members)])
        self._feed(ElectionInput.TOLD)
        return word

    def _take_sync(self, told: SyncGroupResponse, sent_us: int, now_us: int) -> Word:
        word = word_of(told.error_code)
        if word is Word.WELL:
            leader = read_assignment(told.assignment)
            self._feed(ElectionInput.TOLD)
            self._due_us, self._heard_us = now_us + HEARTBEAT_INTERVAL_US, sent_us
            self._led_by(leader)
        elif word is Word.FENCED:
            self._forget_membership()
        elif word is not Word.REJOIN:
            self._feed(ElectionInput.LEAVE)
            self._due_us = now_us
        return word

    def _forget_membership(self) -> None:
        self._member_id, self._generation = "", -1
        self._led_by(None)

    def _give_up_in_time(self, now_us: int) -> None:
        """Without a word from the coordinator for a session's time, the group may have elected another: join again.

        Kafka's clients look for the coordinator anew, and take themselves for members until they find it.
        """
        if now_us < self._heard_us + SESSION_TIMEOUT_US:
            return
        self._led_by(None)
        if self._state is ElectionState.SETTLED:
            self._feed(ElectionInput.LEAVE)
            self._due_us = now_us

    def _led_by(self, leader: Identity | None) -> None:
        if leader != self.leader:
            self.leader = leader
            self._on_led(leader)

    def _back_off(self, now_us: int) -> None:
        self._failures += 1
        settings = self._client.settings
        self._not_before_us = now_us + backoff_us(
            settings.retry_backoff_us, settings.retry_backoff_max_us, self._failures, self._chance
        )

    def _feed(self, given: ElectionInput) -> None:
        self._state = move(TRANSITIONS, self._state, given, whose=f"registry {self._identity.url}")


class _Asked:
    """A question on its way, as an asker."""

    def __init__(self, election: Election, sent_us: int) -> None:
        self._election = election
        self._sent_us = sent_us

    def answered(self, answer: Answer, now_us: int) -> None:
        self._election.answered(answer, self._sent_us, now_us)

    def lost(self, _loss: Loss, now_us: int) -> None:
        self._election.lost(now_us)
