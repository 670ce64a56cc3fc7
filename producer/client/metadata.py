"""What is known of the cluster and how it is kept up to date: which topics are followed, when to ask, when to begin again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.client.backoff import NEVER_US, backoff_us
from producer.client.cluster_view import ClusterView
from producer.client.last_seen import Leader
from producer.client.plausible import is_broker, nobody_among, plausible_metadata
from producer.errors import Code, PeerError, UnsupportedVersionError, error_code
from producer.events import MetadataLearned, Rebootstrapped
from producer.wire.api import ApiKey
from producer.wire.codec import decode, encode
from producer.wire.messages.metadata import MetadataRequest, MetadataResponse, named

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping

    from producer.chance import Chance
    from producer.client.cluster_view import TopicView
    from producer.client.links import Links
    from producer.client.requests import Answer, Loss
    from producer.client.settings import ClientSettings
    from producer.metrics.watches import NetworkWatch
    from producer.records import TopicPartition
    from producer.wire.messages.leaders import LeaderIdAndEpoch, NodeEndpoint


class Metadata:
    """Owns the view of the cluster, and asks for it itself: of any broker, or of the bootstrap servers while none is known.

    Topics are looked at when an answer came, never when something else comes in.
    """

    def __init__(
        self,
        settings: ClientSettings,
        *,
        links: Links,
        chance: Chance,
        now_us: int,
        observe: Callable[[Any], object] | None = None,
        watch: NetworkWatch | None = None,
    ) -> None:
        self.view = ClusterView(remembers_leaders=settings.remembers_leaders)
        self.version = 0
        """Rises with each answer, and when all is forgotten."""
        self.at_us = now_us
        """When the latest answer came; until then, when this began."""
        self.problem = ""
        """What is wrong with the latest answer, if it is of no use."""
        self._settings = settings
        self._links = links
        self._chance = chance
        self._observe = observe
        self._watch = watch
        self._topics: dict[str, int] = {}
        """Those followed, each with when it was used last."""
        self._is_in_flight = False
        self._is_wanted = False
        self._losses_known = 0
        """Lost connections that a question was asked since."""
        self._not_before_us = now_us
        self._fresh_until_us = now_us
        self._failures = 0
        self._repeats = 0
        """Answers in a row that told nothing new."""
        self._sought_since_us: int | None = None
        """Since when metadata that is due has not come; None while none is."""

    def follow(self, topic: str, now_us: int) -> None:
        """Keep the topic's metadata; a topic not followed before is asked for without delay."""
        if topic not in self._topics:
            self._is_wanted = True
            self._not_before_us = now_us
            self._repeats = 0
        self._topics[topic] = now_us

    def follow_only(self, topics: Container[str]) -> None:
        """Follow none but these any more."""
        self._topics = {topic: used_us for topic, used_us in self._topics.items() if topic in topics}

    def want(self) -> None:
        """Ask again as soon as the back-off allows: something turned out to be out of date."""
        self._is_wanted = True

    def learn_leader(
        self,
        partition: TopicPartition,
        told: LeaderIdAndEpoch,
        endpoints: Mapping[int, NodeEndpoint],
        now_us: int,
    ) -> bool:
        """Take the hint in a Produce or Fetch response, if there is one (KIP-951). Returns whether it was news."""
        leader_id, leader_epoch = told
        if leader_id < 0 or leader_epoch < 0:
            return False
        endpoint = endpoints.get(leader_id)
        if endpoint is not None and not is_broker(leader_id, endpoint.host, endpoint.port):
            endpoint = None
        is_news = self.view.learn_leader(partition, Leader(leader_id, leader_epoch), endpoint)
        if is_news:
            if endpoint is not None:
                self._links.learn_broker(leader_id, endpoint.host, endpoint.port)
            self._say_learned(now_us)
        return is_news

    @property
    def is_asking(self) -> bool:
        """Whether an answer is under way, which may tell what is not known."""
        return self._is_in_flight

    def close(self) -> None:
        """Follow nothing more."""
        self._topics.clear()

    # -- time --------------------------------------------------------------------------------------------------------

    def time_out(self, now_us: int, seen_us: int) -> None:
        """Begin again if metadata had been sought for too long by `seen_us`: all received by then was handed in."""
        if seen_us >= self._rebootstrap_due_us():
            self._begin_again("no metadata for too long", now_us)

    def advance(self, now_us: int) -> None:
        """Ask, if it is due and somebody can be asked."""
        if self._wish_us() > now_us:
            return
        if self._sought_since_us is None:
            self._sought_since_us = now_us
        if self._fresh_until_us <= now_us:
            self._repeats = 0
        node_id = self._links.any_ready(now_us)
        if node_id is None and self._settings.rebootstraps and self._links.is_cut_off:
            self._rebootstrap("no known broker can be reached", now_us)
            node_id = self._links.any_ready(now_us)
        if node_id is None:
            return
        asked = MetadataRequest(named(*sorted(self._topics)))
        self._is_wanted = False
        self._losses_known = self._links.losses
        try:
            self._links.send(
                node_id,
                ApiKey.METADATA,
                lambda version: encode(asked, version),
                asker=self,
                now_us=now_us,
            )
        except UnsupportedVersionError as error:
            # Who cannot say where anything is serves nobody: another broker is asked, or this one when it was upgraded.
            self._failed(now_us)
            self._links.break_link(node_id, None, str(error), now_us)
            return
        self._is_in_flight = True

    def deadline_us(self, now_us: int) -> int:
        """When `advance` or `time_out` is due if nothing else happens; `NEVER_US` for never."""
        wish_us = self._wish_us()
        due_us = wish_us if wish_us > now_us else self._links.next_try_us(now_us)
        return min(due_us, self._rebootstrap_due_us())

    def _wish_us(self) -> int:
        if self._is_in_flight or not self._topics:
            return NEVER_US
        is_wanted = self._is_wanted or self._links.losses != self._losses_known
        wish_us = self._not_before_us if is_wanted else self._fresh_until_us
        return max(wish_us, self._not_before_us)

    # -- answers -----------------------------------------------------------------------------------------------------

    def answered(self, answer: Answer, now_us: int) -> None:
        """Take what a broker says."""
        self._is_in_flight = False
        try:
            told = decode(MetadataResponse, answer.body, answer.request.version)
        except PeerError as error:
            self._failed(now_us)
            self._links.break_link(answer.node_id, answer.request.connection, str(error), now_us)
            return
        response = plausible_metadata(told, answer.request.version, self.view.brokers)
        is_news = bool(response.brokers) and self.view.update(response)
        if self._watch is not None:
            self._watch.throttled(response.throttle_time_ms, now_us)
        self._links.throttle(answer, response.throttle_time_ms, now_us)
        if response.error_code == Code.REBOOTSTRAP_REQUIRED and self._settings.rebootstraps:
            self._begin_again("a broker asks for it", now_us)
            return
        if not response.brokers:
            self.problem = nobody_among(told.brokers)
            self._failed(now_us)
            return
        self.problem = ""
        self.version += 1
        self.at_us = now_us
        self._sought_since_us = None
        self._forget_unused(now_us)
        self._links.know(self.view.brokers)
        self._fresh_until_us = now_us + self._settings.metadata_age_max_us
        self._is_wanted |= self._lacks_something()
        self._failures = 0
        self._repeats = 0 if is_news else self._repeats + 1
        self._not_before_us = now_us + self._pause_us(max(self._repeats, 1))
        self._say_learned(now_us)

    def lost(self, loss: Loss, now_us: int) -> None:  # noqa: ARG002 - however it was lost
        """Ask again: no answer will come."""
        self._is_in_flight = False
        self._failed(now_us)

    def _lacks_something(self) -> bool:
        """Whether there may soon be more to know of a topic than there is."""
        return any(self._lacks(self.view.topics.get(topic)) for topic in self._topics)

    def _lacks(self, view: TopicView | None) -> bool:
        """Whether the topic is not known, or a broker says of it, or of a partition, that this is not how it stays.

        What is refused for good, or of no use as it was told, is asked for again when somebody wants it, or metadata is old.
        """
        if view is None:
            return True
        if view.error_code:
            return view.is_doubted or error_code(view.error_code).retriable
        return view.is_unsettled

    def _failed(self, now_us: int) -> None:
        self._failures += 1
        self._repeats = 0
        self._is_wanted = True
        self._not_before_us = now_us + self._pause_us(self._failures)

    def _pause_us(self, attempt: int) -> int:
        settings = self._settings
        return backoff_us(settings.retry_backoff_us, settings.retry_backoff_max_us, attempt, self._chance)

    def _forget_unused(self, now_us: int) -> None:
        """Forget the topics that nobody has used for `metadata.max.idle.ms`; who uses one again asks again."""
        oldest_us = now_us - self._settings.metadata_idle_max_us
        self._topics = {topic: used_us for topic, used_us in self._topics.items() if used_us > oldest_us}
        self.view.retain(self._topics)

    def _say_learned(self, now_us: int) -> None:
        if self._observe is not None:
            self._observe(MetadataLearned(now_us, self._settings.client_id, self.view.summary()))

    # -- beginning again (KIP-899, KIP-1102) -------------------------------------------------------------------------

    def _rebootstrap_due_us(self) -> int:
        if self._sought_since_us is None or not self._topics or not self._settings.rebootstraps:
            return NEVER_US
        # Kafka counts in whole milliseconds, and waits until more than these have passed.
        return self._sought_since_us + self._settings.rebootstrap_trigger_us + 1_000

    def _begin_again(self, reason: str, now_us: int) -> None:
        """Rebootstrap although brokers can be reached: the connections to them are ended."""
        self._failed(now_us)
        self._links.break_known(f"beginning again: {reason}", now_us)
        self._rebootstrap(reason, now_us)

    def _rebootstrap(self, reason: str, now_us: int) -> None:
        self._sought_since_us = now_us
        if not self.view.brokers:
            return
        self.view.forget_all()
        self._links.know(self.view.brokers)
        self.version += 1
        self._is_wanted = True
        if self._observe is not None:
            self._observe(Rebootstrapped(now_us, self._settings.client_id, reason))
