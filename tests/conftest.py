"""What every test shares: how long Hypothesis looks for a counterexample, how many workers there are, what is no garbage.

`--hypothesis-profile` chooses; otherwise `ci` where the environment says CI, else `dev`.
"""

import gc
import os
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

# A shared machine is slow at times: a deadline for one example would fail on that, not on our code.
settings.register_profile("dev", max_examples=50, deadline=None)
# The same examples each time, so that a red build means a change of ours.
settings.register_profile("ci", max_examples=100, deadline=None, derandomize=True, print_blob=True)
settings.register_profile(
    "nightly", max_examples=5_000, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Three for two cores: tests of clients, sockets and processes mostly wait, and another one may work meanwhile."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores + cores // 2


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported and collected, half a million objects, is there to the end: nobody looks there for garbage again.

    Python would, again and again while they are made; and so would each test that waits until nothing is left of a producer, at
    every look a third of a second.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()
