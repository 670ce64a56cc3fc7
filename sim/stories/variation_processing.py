"""Changes of a story in which somebody processes what it reads, or reads what is committed: as whom, and as what.

Each is one word of a varied name (`sim.stories.variation`): `rebalance_with_group_metadata+protocol=consumer+committed_readers=1`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sim.faults.words import at
from sim.stories.processing import ISOLATIONS, PROTOCOLS, Processing
from sim.stories.variation_words import Story, number_of, one_of


def each_processing(scenario: Story, change: Callable[[Processing], Processing]) -> Story:
    """Change how every application processes what it reads."""
    if all(one.processing is None for one in scenario.applications):
        return scenario
    cast = [
        one if one.processing is None else replace(one, processing=change(one.processing))
        for one in scenario.applications
    ]
    return replace(scenario, applications=tuple(cast))


def _protocol(scenario: Story, text: str) -> Story:
    protocol = one_of("protocol", text, {name: name for name in PROTOCOLS})
    return each_processing(scenario, lambda processing: replace(processing, protocol=protocol))


def _isolation(scenario: Story, text: str) -> Story:
    isolation = one_of("isolation", text, {name: name for name in ISOLATIONS})
    return each_processing(scenario, lambda processing: replace(processing, isolation=isolation))


def _committed_readers(scenario: Story, text: str) -> Story:
    """Let so many read what is committed of each topic from the begin, while the story goes on."""
    count = number_of("committed_readers", text)
    more = [at(0).read(one.name, isolation="read_committed") for one in scenario.cluster.topics for _ in range(count)]
    return replace(scenario, readers=(*scenario.readers, *more))


WORDS: Mapping[str, Callable[[Any, str], Any]] = {
    "protocol": _protocol,
    "isolation": _isolation,
    "committed_readers": _committed_readers,
}
"""What each word does with a story and the text behind it."""
