"""A journal run again in virtual time: the same answers and the same trace, without sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sim.serve.journal import Answers, End, WrittenJournal
from sim.serve.keeping import Keeping
from sim.serve.simulation import NO_LIMIT, Simulated, Simulation
from sim.world.units import SECOND_US

if TYPE_CHECKING:
    from sim.serve.attempt import Attempt
    from sim.serve.judgement import Judgement

STEP_US = 10 * SECOND_US


class Replayed(NamedTuple):
    """What a journal came to, then and now."""

    was: End | None
    """None for a run that was ended without a word, and so has nothing to be compared with."""
    end: End
    judgement: Judgement
    attempts: list[Attempt]
    simulation: Simulation
    """As it is at the end."""

    @property
    def is_same(self) -> bool:
        """Whether it is the same run, event for event and byte for byte."""
        return self.was == self.end


def replay(journal: WrittenJournal, simulated: Simulated = Simulation) -> Replayed:
    """Run it again. Raises JournalError for a line, ScenarioError or ValueError for a stage that is gone."""
    answers = Answers()
    simulation = simulated(journal.stage, answers)
    keeping = Keeping(simulation.trace, is_whole=simulation.is_judged_by_trace)
    world = simulation.world

    def run_until(at_us: int) -> None:
        # Step by step: a client may have been silent for a day.
        while True:
            world.run_until(min(at_us, world.now_us + STEP_US), events_max=NO_LIMIT)
            keeping.look()
            if world.now_us >= at_us:
                return

    simulation.settle()
    simulation.begin()
    for at_us, given in journal:
        run_until(at_us)
        simulation.take(given)
    run_until(world.now_us if journal.end is None else journal.end.at_us)
    end = End(world.now_us, simulation.trace.digest(), answers.digest())
    return Replayed(journal.end, end, simulation.judge(), simulation.attempts, simulation)
