"""The world: integer-microsecond time, named random streams, and the only owner of simpy.

Traffic (a frame in flight, a disk write, a timer) is a callback through `World.call_in`; stories (an application's
life) are simpy processes. simpy's floats drift and its timeouts cannot be cancelled, hence the subclass: the clock is
an int, and a `Call` can be cancelled at the cost of one dead heap entry, which goes when such are most of the heap.
"""

from __future__ import annotations

from hashlib import blake2b
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Any

import simpy

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

PRIORITY_URGENT = 0
PRIORITY_NORMAL = 1

_NEVER_US = 1 << 62
_DEAD_MIN = 64
"""Fewer dead entries of the heap than this are not worth a look at all of it."""
_MASK_64 = (1 << 64) - 1
_GOLDEN_GAMMA = 0x9E3779B97F4A7C15
_MIX_1 = 0xBF58476D1CE4E5B9
_MIX_2 = 0x94D049BB133111EB


class EventLimitError(Exception):
    """A run processed more events than its limit allows: it would not have ended by itself."""


class Stream:
    """One named random stream: SplitMix64 (Steele, Lea, Flood 2014) over a counter.

    The n-th draw depends on (seed, name, n) alone, so one more draw in one place moves nothing elsewhere.
    """

    __slots__ = ("_counter", "name")

    def __init__(self, *, seed: int, name: str) -> None:
        digest = blake2b(f"{seed}/{name}".encode(), digest_size=8).digest()
        self.name = name
        self._counter = int.from_bytes(digest, "big")

    def reseed(self, seed: int) -> None:
        """Go on as the same stream of another seed would begin."""
        self._counter = Stream(seed=seed, name=self.name)._counter

    def bits(self) -> int:
        """Draw 64 uniform bits."""
        self._counter = mixed = (self._counter + _GOLDEN_GAMMA) & _MASK_64
        mixed = ((mixed ^ (mixed >> 30)) * _MIX_1) & _MASK_64
        mixed = ((mixed ^ (mixed >> 27)) * _MIX_2) & _MASK_64
        return mixed ^ (mixed >> 31)

    def random(self) -> float:
        """Draw a float in [0, 1)."""
        return (self.bits() >> 11) * (1.0 / (1 << 53))

    def randrange(self, stop: int) -> int:
        """Draw an int in [0, stop). Raises ValueError if `stop` is not positive."""
        if stop <= 0:
            msg = f"randrange stop is {stop}, must be positive"
            raise ValueError(msg)
        # As `bits` does, without a call of it: each packet on its way draws here.
        self._counter = mixed = (self._counter + _GOLDEN_GAMMA) & _MASK_64
        mixed = ((mixed ^ (mixed >> 30)) * _MIX_1) & _MASK_64
        mixed = ((mixed ^ (mixed >> 27)) * _MIX_2) & _MASK_64
        return ((mixed ^ (mixed >> 31)) * stop) >> 64


class Call:
    """A function due at a virtual time; `cancel` makes it a dead heap entry."""

    __slots__ = ("_world", "args", "due_us", "function")

    def __init__(self, world: World, due_us: int, function: Callable[..., object], args: tuple[Any, ...]) -> None:
        self._world = world
        self.due_us = due_us
        self.function: Callable[..., object] | None = function
        self.args = args

    def cancel(self) -> None:
        """Forget the function. Cancelling twice, or after it ran, does nothing."""
        if self.function is not None:
            self.function = None
            self.args = ()
            self._world.bury()

    def moved(self, due_us: int) -> Call:
        """Let it be due at another time, behind what is due then already: gives the call that takes its place. It must not have run."""
        function, args = self.function, self.args
        assert function is not None, "a call that was cancelled is due at no time"
        self.cancel()
        return self._world.call_in(due_us - self._world.now_us, function, *args)


class World(simpy.Environment):
    """Virtual time and chance of one run. Equal times are processed by (priority, order of scheduling)."""

    def __init__(self, *, seed: int) -> None:
        super().__init__(initial_time=0)
        self.seed = seed
        self.now_us = 0
        self.events_processed = 0
        # simpy's heap, with entries of our own: (when, priority, order, function, its argument), or None and a `Call`.
        self._due: list[Any] = self._queue
        self._dead = 0
        self._is_halted = False
        self._streams: dict[str, Stream] = {}

    def chance(self, name: str) -> Stream:
        """Return the random stream of that name, always the same object within one world."""
        stream = self._streams.get(name)
        if stream is None:
            stream = self._streams[name] = Stream(seed=self.seed, name=name)
        return stream

    def reseed(self, seed: int) -> None:
        """Let chance be that of another seed from now on; what was drawn before stays as it is."""
        self.seed = seed
        for stream in self._streams.values():
            stream.reseed(seed)

    def forget_chance(self, name: str) -> None:
        """Let a stream go with whom it served. Asked for again, it begins anew."""
        self._streams.pop(name, None)

    def call_in(self, delay_us: int, function: Callable[..., object], *args: Any) -> Call:
        """Call `function(*args)` after `delay_us`; equal times run in the order of these calls."""
        if delay_us < 0:
            msg = f"delay_us is {delay_us}, must not be negative"
            raise ValueError(msg)
        due_us = self.now_us + delay_us
        call = Call(self, due_us, function, args)
        heappush(self._due, (due_us, PRIORITY_NORMAL, next(self._eid), None, call))
        return call

    def call_at(self, due_us: int, function: Callable[[Any], object], argument: Any) -> None:
        """Call `function(argument)` at a time that has not passed, in turn with `call_in`; it cannot be cancelled.

        What is never cancelled, a packet, needs no `Call`: half the work.
        """
        heappush(self._due, (due_us, PRIORITY_NORMAL, next(self._eid), function, argument))

    def call_first(self, function: Callable[..., object], *args: Any) -> Call:
        """Call `function(*args)` at this very time, before everything else that is due."""
        call = Call(self, self.now_us, function, args)
        heappush(self._due, (self.now_us, PRIORITY_URGENT, next(self._eid), None, call))
        return call

    def schedule(self, event: simpy.Event, priority: Any = PRIORITY_NORMAL, delay: Any = 0) -> None:
        """Let what waits for a simpy event go on after `delay` us; simpy itself calls this."""
        heappush(self._due, (self.now_us + delay, priority, next(self._eid), self._process, event))

    def bury(self) -> None:
        """One more call was cancelled: take the dead out of the heap once they are most of it.

        A client arms its timer for minutes and cancels it with each record: without this, minutes of them would lie there.
        """
        # Those that came to the top meanwhile are counted still; the worst of that is a look too early.
        self._dead += 1
        if self._dead >= _DEAD_MIN and self._dead * 2 > len(self._due):
            # In place, for whoever runs through it; the order of the living is by their keys alone.
            self._due[:] = [entry for entry in self._due if entry[3] is not None or entry[4].function is not None]
            heapify(self._due)
            self._dead = 0

    @property
    def next_due_us(self) -> int:
        """When something is due next, if only a call that was cancelled; far ahead if nothing is."""
        return self._due[0][0] if self._due else _NEVER_US

    def story(self, generator: Generator[simpy.Event, Any, Any]) -> simpy.Process:
        """Start a simpy process. Its timeouts are ints (microseconds)."""
        return self.process(generator)

    def end_story(self, story: simpy.Process) -> None:
        """End a process where it waits: what it waits for comes to nobody. One that is over stays as it is."""
        if story.is_alive:
            story.defused = True
            story.interrupt()

    def run_while(self, wanted: Callable[[], bool], *, until_us: int, events_max: int) -> bool:
        """Process events while `wanted()` says so; it is asked before each. Returns whether `wanted` ended it.

        Stops, too, when nothing is due up to `until_us`; the clock then stands at `until_us`. Raises `EventLimitError`
        once `events_max` events were processed in this call.
        """
        return self._run(wanted, until_us, events_max)

    def run_until(self, until_us: int, *, events_max: int = 10_000_000) -> bool:
        """Process everything due up to and including `until_us`, or up to a `halt`. Returns whether that ended it."""
        return self._run(None, until_us, events_max)

    def halt(self) -> None:
        """Process no further event in the `run_until` of now; the clock stays where it is."""
        self._is_halted = True

    def _run(self, wanted: Callable[[], bool] | None, until_us: int, events_max: int) -> bool:
        queue = self._due
        processed, limit = self.events_processed, self.events_processed + events_max
        self._is_halted = False
        try:
            while not self._is_halted and (wanted is None or wanted()):
                if not queue or queue[0][0] > until_us:
                    self._now = self.now_us = max(self.now_us, until_us)
                    return False
                due_us, _, _, function, argument = heappop(queue)
                self._now = self.now_us = due_us
                if function is not None:
                    function(argument)
                elif argument.function is not None:
                    argument.function(*argument.args)
                else:
                    continue
                processed += 1
                if processed >= limit:
                    msg = f"more than {events_max} events by {self.now_us} us of virtual time"
                    raise EventLimitError(msg)
        finally:
            self.events_processed = processed
        return True

    def _process(self, event: simpy.Event) -> None:
        callbacks = event.callbacks
        event.callbacks = None  # type: ignore[assignment]
        for callback in callbacks:
            callback(event)
        if not event.ok and not event.defused:
            # Nobody waits for this story: its failure is the run's.
            failure: Any = event.value
            raise failure
