"""Which build the tests run on: the pure tree, or the wheel that `make compiled` made of it."""

import os
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

COMPILED = bool(os.environ.get("ACKLAB_COMPILED"))
"""Set by `make test COMPILED=1`; a test holds that it is true."""

ROOT = Path(__file__).parent.parent


def pure_only(why: str) -> pytest.MarkDecorator:
    """Mark a test that needs Python itself under the engine; `why` says for what."""
    return pytest.mark.skipif(COMPILED, reason=f"compiled: {why}")


def compile_program() -> Any:
    """Give .ci/compile.py as a module."""
    spec = spec_from_file_location("compile_program", ROOT / ".ci" / "compile.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
