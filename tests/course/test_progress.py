"""Progress is kept, where it belongs; a file that cannot be read is named and left alone."""

from pathlib import Path

import pytest

from sim.course.progress import Answer, LessonProgress, Progress, ProgressError, progress_path, read_progress


def test_progress_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "progress.json"
    progress = Progress()
    progress.lessons["02_acks"] = LessonProgress(
        folder="/home/me", parts_read=3, predictions={"x": Answer(choice="b", reason="nobody copied it")}
    )

    progress.write(path)

    assert read_progress(path) == progress
    assert list(path.parent.iterdir()) == [path]


def test_no_file_is_a_new_beginning(tmp_path: Path) -> None:
    assert read_progress(tmp_path / "progress.json") == Progress()


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"\xff\xfe", b'{"format": "acklab-progress-2", "lessons": {}}', b'{"lessons": {"x": {}}}'],
)
def test_damaged_file_is_named_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "progress.json"
    path.write_bytes(content)

    with pytest.raises(ProgressError) as refused:
        read_progress(path)

    assert str(path) in str(refused.value)
    assert path.read_bytes() == content


def test_progress_lies_where_xdg_says_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")

    assert progress_path({}) == Path("/home/me/.local/state/acklab/progress.json")
    assert progress_path({"XDG_STATE_HOME": "/state"}) == Path("/state/acklab/progress.json")
    assert progress_path({"XDG_STATE_HOME": "not/absolute"}) == Path("/home/me/.local/state/acklab/progress.json")
    assert progress_path({"XDG_STATE_HOME": "/state", "ACKLAB_STATE": "/here"}) == Path("/here/progress.json")


def test_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(ProgressError, match="cannot keep your progress in"):
        Progress().write(tmp_path / "file" / "progress.json")
