"""Which of a story's applications process or write in transactions: what a report says of them beside their properties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.judges.report.application_work import ApplicationWork, ProcessingWork
from sim.stories.properties import properties_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.stories.processing import Processing
    from sim.stories.scenario import Scenario


def works_of(scenario: Scenario, properties: Mapping[str, str]) -> tuple[ApplicationWork, ...]:
    """Give those of applications that keep records together or process; `properties` are their producers', as they were run."""
    works = []
    for one in scenario.cast:
        transactional_id = properties_of(scenario, properties, one.name).get("transactional.id", "")
        if one.processing is not None:
            works.append(ApplicationWork(one.name, transactional_id, 0, _processing(one.processing)))
        elif transactional_id or one.workload.transaction_records:
            works.append(ApplicationWork(one.name, transactional_id, one.workload.transaction_records, None))
    return tuple(works)


def _processing(one: Processing) -> ProcessingWork:
    every_us = 0 if one.checkpoints is None else one.checkpoints.every_us
    group = one.group if one.checkpoints is None else ""
    return ProcessingWork(one.topic, one.to, group, one.gives_metadata, every_us)
