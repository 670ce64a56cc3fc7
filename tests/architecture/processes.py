"""A fresh interpreter for what only a fresh interpreter can show: what an import loads, what a hash seed moves."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PROCESS_S_MAX = 300


def run_python(*words: str, hash_seed: str = "random") -> str:
    """What `python WORDS` prints on stdout, run in the project's folder; it must exit with 0."""
    done = subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
        capture_output=True,
        encoding="utf-8",
        timeout=PROCESS_S_MAX,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, f"python {' '.join(words)}: exit {done.returncode}\n{done.stderr}"
    return done.stdout
