"""One client of a cluster in one piece: what an engine, a consumer or an admin request stands on.

It is driven as `producer.commands.Driven` says, by whoever owns it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.client.connections import Connections
from producer.client.control import Control
from producer.client.links import Links
from producer.client.metadata import Metadata

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.chance import Chance
    from producer.client.settings import ClientSettings
    from producer.metrics.watches import NetworkWatch


class Client:
    """Connections, a link a broker, metadata, control requests. It knows nothing of what its owner asks for."""

    __slots__ = ("connections", "control", "links", "metadata", "settings")

    def __init__(
        self,
        settings: ClientSettings,
        *,
        chance: Chance,
        now_us: int,
        observe: Callable[[Any], object] | None = None,
        watch: NetworkWatch | None = None,
    ) -> None:
        self.settings = settings
        self.connections = Connections(settings, chance=chance, observe=observe, watch=watch)
        self.links = Links(settings, connections=self.connections, chance=chance)
        self.control = Control(settings, links=self.links, chance=chance)
        self.metadata = Metadata(
            settings,
            links=self.links,
            chance=chance,
            now_us=now_us,
            observe=observe,
            watch=watch,
        )

    def time_out(self, now_us: int, seen_us: int) -> None:
        """Give up what had taken too long by `seen_us`: in `timer_fired` alone, when all received by then was handed in."""
        self.connections.time_out(now_us, seen_us)
        self.metadata.time_out(now_us, seen_us)

    def advance(self, now_us: int) -> None:
        """Ask what is to be asked of the cluster, if it is due and somebody can be asked."""
        self.control.advance(now_us)
        self.metadata.advance(now_us)

    def deadline_us(self, now_us: int) -> int:
        """When `time_out`, `advance` or `connections.tell` is due if nothing else happens; `NEVER_US` for never."""
        return min(
            self.connections.deadline_us(now_us),
            self.control.deadline_us(now_us),
            self.metadata.deadline_us(now_us),
        )

    def close(self, now_us: int) -> None:
        """End every connection; who still awaits an answer is told that it is lost."""
        self.control.close()
        self.metadata.close()
        self.connections.close(now_us)
