"""Apache Kafka's published jars: fetched by Maven, and run class by class."""

import fcntl
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
POM = HERE / "pom.xml"
JARS = HERE.parent.parent / ".interop"

TOOL_S_MAX = 60

ARCHIVE = JARS / "classes.jsa"
"""Where `archive.py` keeps the jars' classes as Java reads them quickest; Java goes without where it is missing, or another Java's."""

# Small heaps and the quick compiler only: nodes start in seconds, and four of them fit in a laptop.
PLAIN_JAVA = ["java", "-Xmx320m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]
# What it says of the archive would stand in what its programs print.
JAVA = [*PLAIN_JAVA, "-Xshare:auto", f"-XX:SharedArchiveFile={ARCHIVE}", "-Xlog:cds*=off"]
LOGGING = f"-Dlog4j2.configurationFile={HERE / 'log4j2.xml'}"


class KafkaError(AssertionError):
    """Apache Kafka did not do what a test needs of it; the message says what was printed, or logged."""


def class_path(folder: Path = JARS) -> str:
    """The jars, fetched by Maven when `pom.xml` names others than the folder holds."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        # Workers of a test run begin together: one fetches, the others wait for it.
        fcntl.flock(lock, fcntl.LOCK_EX)
        _fetch_into(folder)
    return f"{folder / 'jars'}/*"


def _fetch_into(folder: Path) -> None:
    wanted, stamp = POM.read_text(), folder / "pom.xml"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    shutil.rmtree(folder / "jars", ignore_errors=True)
    goal = ["dependency:copy-dependencies", f"-DoutputDirectory={folder / 'jars'}", "-DincludeScope=runtime"]
    done = subprocess.run(
        ["mvn", "-q", "-B", "-ntp", "-f", str(POM), *goal],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise KafkaError(f"mvn could not fetch the jars (exit {done.returncode}):\n{done.stdout}{done.stderr}")
    stamp.write_text(wanted)


def java(java_class: str, *words: str) -> list[str]:
    """The command that runs a class of the jars; it logs warnings on stdout."""
    return [*JAVA, LOGGING, "-cp", class_path(), java_class, *words]


def run_class(java_class: str, *words: str) -> str:
    """Run a class of the jars to its end; what it prints on stdout."""
    done = subprocess.run(
        java(java_class, *words),
        capture_output=True,
        encoding="utf-8",
        timeout=TOOL_S_MAX,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        raise KafkaError(f"{java_class} {' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout
