"""How much compression leaves of a topic's bytes: learned batch by batch, slow to hope and quick to fear.

`org.apache.kafka.common.record.CompressionRatioEstimator`. The estimate lets a batch take more than `batch.size`
uncompressed bytes; an estimate that was too low is found out by MESSAGE_TOO_LARGE, and the batch is split.
"""

from __future__ import annotations

IMPROVING_STEP = 0.005
DETERIORATING_STEP = 0.05


class CompressionRatios:
    """Compressed over uncompressed bytes, by topic; 1 for a topic not seen yet."""

    __slots__ = ("_ratios",)

    def __init__(self) -> None:
        self._ratios: dict[str, float] = {}

    def estimate(self, topic: str) -> float:
        """Give what is expected of the topic's next batch."""
        return self._ratios.get(topic, 1.0)

    def observed(self, topic: str, ratio: float) -> None:
        """Learn from a batch: worse than expected counts ten times as fast as better."""
        expected = self.estimate(topic)
        if ratio > expected:
            self._ratios[topic] = max(expected + DETERIORATING_STEP, ratio)
        elif ratio < expected:
            self._ratios[topic] = max(expected - IMPROVING_STEP, ratio)

    def forget(self, topic: str, ratio: float) -> None:
        """Start again after a batch was refused as too large: expect no gain at all, or what that batch had."""
        self._ratios[topic] = max(1.0, ratio)
