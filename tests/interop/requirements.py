"""What `make interop` needs beyond Python, and how to get it; `python tests/interop/requirements.py` says what is missing."""

import re
import shutil
import subprocess
import sys

JAVA_MIN = 17
EXIT_UNAVAILABLE = 69
"""EX_UNAVAILABLE of sysexits.h: a program this one needs is not there."""

HOW = {
    "java": f"Java {JAVA_MIN} or later: apt install openjdk-17-jdk-headless (Debian, Ubuntu), brew install openjdk (macOS)",
    "javac": "the compiler comes with a JDK, not with a JRE: apt install openjdk-17-jdk-headless (Debian, Ubuntu)",
    "mvn": "Maven 3.6 or later: apt install maven (Debian, Ubuntu), brew install maven (macOS)",
}


def java_version(printed: str) -> int | None:
    """The major version in what `java -version` prints; 1.8 is 8."""
    found = re.search(r'version "(?:1\.)?(\d+)', printed)
    return int(found[1]) if found else None


def missing() -> list[str]:
    """One line for each thing that is not there."""
    lines = [f"`{program}` is not on the PATH; {how}" for program, how in HOW.items() if not shutil.which(program)]
    if shutil.which("java"):
        printed = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
        version = java_version(printed)
        if version is None:
            lines.append(f"`java -version` names no version but {printed.strip()!r}; {HOW['java']}")
        elif version < JAVA_MIN:
            lines.append(f"`java` is version {version}; {HOW['java']}")
    return lines


def main() -> int:
    lines = missing()
    if lines:
        print("make interop starts Apache Kafka from its published jars, and cannot here:", file=sys.stderr)
        for line in lines:
            print(f"  {line}", file=sys.stderr)
        return EXIT_UNAVAILABLE
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
