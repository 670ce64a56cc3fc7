"""The progress line says how much of how much, how fast, and how long it will take, and is shown now and then."""

import pytest

from sim.cli.input_progress import EVERY_US, InputProgress, progress_text, size_text


def text(**given: int | None) -> str:
    how = {
        "sent": 12,
        "acknowledged": 10,
        "bytes_read": 1_500_000,
        "total_bytes": None,
        "elapsed_us": 2_000_000,
        **given,
    }
    return progress_text(**how)  # type: ignore[arg-type]


def test_a_file_is_told_with_its_total_the_rate_and_the_time_left() -> None:
    assert text(total_bytes=6_000_000) == "12 sent, 10 acknowledged; 1.5 MB of 6.0 MB (25 %), 750.0 kB/s, 0:06 left"
    assert text(total_bytes=6_000_000_000).endswith(", 2:13:18 left")


def test_a_pipe_is_told_without_what_nobody_knows() -> None:
    assert text() == "12 sent, 10 acknowledged; 1.5 MB, 750.0 kB/s"


def test_nothing_is_divided_by_no_time_and_no_bytes() -> None:
    assert text(elapsed_us=0, bytes_read=0, total_bytes=0) == "12 sent, 10 acknowledged; 0 B"
    assert text(bytes_read=0, total_bytes=100) == "12 sent, 10 acknowledged; 0 B of 100 B (0 %)"


@pytest.mark.parametrize(
    "size, said", [(0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (2_000_000_000, "2.0 GB"), (5 * 10**15, "5000.0 TB")]
)
def test_sizes_have_the_unit_that_fits(size: int, said: str) -> None:
    assert size_text(size) == said


class Screen:
    """Remembers what was shown."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def show(self, text: str) -> None:
        self.lines.append(text)


def test_a_line_comes_when_it_is_time_and_not_before() -> None:
    screen, now_us = Screen(), [0]
    progress = InputProgress(screen, lambda: now_us[0], total_bytes=None)

    for now in (0, EVERY_US - 1, EVERY_US, EVERY_US + 1, 2 * EVERY_US):
        now_us[0] = now
        progress.look(sent=now, acknowledged=0, bytes_read=0)

    assert [line.split()[0] for line in screen.lines] == ["0", f"{EVERY_US}", f"{2 * EVERY_US}"]
