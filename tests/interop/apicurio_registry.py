"""Apicurio Registry as a process: fetched by Maven once, its schemas in its memory; needs Java 21, beside that of the brokers."""

import shutil
import subprocess
import tarfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.interop.jars import JARS, KafkaError
from tests.interop.layout import free_ports
from tests.interop.requirements import java_version

JAVA_MIN = 21
VERSION = "3.3.3"
ARTIFACT = f"io.apicurio:apicurio-registry-app:{VERSION}:tar.gz:all"
API = "/apis/ccompat/v7"
START_S_MAX = 120


@contextmanager
def apicurio(log: Path) -> Iterator[str]:
    """Serve while the block lasts; gives the URL of its Confluent API. Skips the test where no Java is new enough."""
    program = _java()
    if program is None:
        pytest.skip(f"Apicurio Registry needs Java {JAVA_MIN}: apt install openjdk-{JAVA_MIN}-jre-headless")
    port, management = free_ports(2)
    settings = [f"-Dquarkus.http.port={port}", "-Dquarkus.http.host=127.0.0.1"]
    # Left alone, its management listens at port 9000 of every address, where a second one finds no room.
    settings += [f"-Dquarkus.management.port={management}", "-Dquarkus.management.host=127.0.0.1"]
    words = [program, "-Xmx512m", *settings, "-jar", "quarkus-run.jar"]
    with log.open("w") as opened:
        process = subprocess.Popen(words, cwd=_application(), stdout=opened, stderr=subprocess.STDOUT)
        try:
            at = f"http://127.0.0.1:{port}{API}"
            _wait_for(at, process, log)
            yield at
        finally:
            process.terminate()
            process.wait()


def _java() -> str | None:
    """A Java that is new enough: the one on the PATH, or one that the system keeps beside it."""
    found = [shutil.which("java") or "", *map(str, sorted(Path("/usr/lib/jvm").glob("*/bin/java"), reverse=True))]
    for program in filter(None, found):
        printed = subprocess.run([program, "-version"], capture_output=True, text=True, check=False).stderr
        if (java_version(printed) or 0) >= JAVA_MIN:
            return program
    return None


def _application() -> Path:
    """Where it is unpacked; Maven fetches it once."""
    folder = JARS / f"apicurio-{VERSION}"
    if not (folder / "quarkus-run.jar").exists():
        goal = ["dependency:copy", f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={JARS}"]
        done = subprocess.run(["mvn", "-q", "-B", "-ntp", *goal], capture_output=True, text=True, check=False)
        if done.returncode:
            raise KafkaError(f"mvn could not fetch {ARTIFACT}:\n{done.stdout}{done.stderr}")
        archive = JARS / f"apicurio-registry-app-{VERSION}-all.tar.gz"
        with tarfile.open(archive) as opened:
            opened.extractall(folder, filter="data")
        archive.unlink()
    return folder


def _wait_for(at: str, process: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + START_S_MAX
    while time.monotonic() < ends and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{at}/subjects", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise KafkaError(f"Apicurio Registry did not answer within {START_S_MAX} s:\n{log.read_text()[-4000:]}")
