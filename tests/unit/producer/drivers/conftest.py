"""What tests share that look for what is left of a producer."""

from __future__ import annotations

import gc

import pytest


@pytest.fixture(scope="module")
def nobody_looks_at_what_lived_before() -> None:
    """Each look for what is left goes through all objects: those of the tests before, a million late in a suite, are none of ours."""
    gc.collect()
    gc.freeze()
