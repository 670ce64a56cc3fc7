"""A trace opens by its index as it opens without; and an index that is not the right one is made anew."""

from __future__ import annotations

import json
from hashlib import blake2b
from pathlib import Path

import pytest

from sim.stories.runner import run
from sim.stories.scenario import load
from sim.stories.witness import Witness
from sim.trace.trace import TraceHeader
from sim.tui.panels.events import event_line
from sim.tui.playhead import Playhead
from sim.tui.session import NotWatchedError, Watched, of_file
from sim.tui.trace_index.kept_file import IN_CACHE_MAX, cache_folder, write
from sim.tui.trace_index.stored_events import StoredEvents
from sim.tui.trace_index.trace_index import EVERY, key_of
from sim.tui.views import VIEWS

STORIES = (
    "default_config",
    "two_applications",
    "torn_multi_partition_write",
    "field_removed_breaks_consumer",
    "policy_refuses_one_record_of_a_batch",
)
"""Between them: batches and elections, several clients, transactions, objects, governance."""


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def recorded(folder: Path, story: str) -> Path:
    """Write a story's run as `acklab run --trace` does."""
    report = run(load(story))
    folder.mkdir(exist_ok=True)
    path = folder / f"{story}.trace.jsonl"
    witness = Witness.of(report, scenario=story, records=None).as_json()
    with path.open("w", encoding="utf-8") as out:
        report.trace.write(out, TraceHeader(story, 0, witness))
    return path


def opened(path: Path) -> Watched:
    return of_file(path, indexed_from_bytes=0)


def beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.index")


def is_read_by_index(watched: Watched) -> bool:
    return isinstance(watched.events, StoredEvents)


@pytest.fixture(scope="module")
def trace_text(tmp_path_factory: pytest.TempPathFactory) -> str:
    return recorded(tmp_path_factory.mktemp("traces"), "default_config").read_text(encoding="utf-8")


@pytest.fixture
def trace(tmp_path: Path, trace_text: str) -> Path:
    path = tmp_path / "run.trace.jsonl"
    path.write_text(trace_text, encoding="utf-8")
    return path


@pytest.mark.parametrize("story", STORIES)
def test_a_run_is_the_same_with_and_without_its_index(story: str, tmp_path: Path) -> None:
    path = recorded(tmp_path, story)
    whole = opened(path)
    assert not is_read_by_index(whole)
    indexed = opened(path)
    assert is_read_by_index(indexed)
    moments = [*range(0, len(whole.events), 97), EVERY - 1, EVERY, len(whole.events) - 1]
    for index in (one for one in [*moments, *reversed(moments)] if one < len(whole.events)):
        # By what is told of them, as the order in a dict is shown, too.
        assert repr(indexed.film.state_at(index)) == repr(whole.film.state_at(index))
        assert indexed.state_hash(index) == whole.state_hash(index)
        assert event_line(indexed, index) == event_line(whole, index)
        assert indexed.ways.of(index) == whole.ways.of(index)
        assert indexed.ways.batches(index) == whole.ways.batches(index)
        assert indexed.objects.of(index) == whole.objects.of(index)
    assert (indexed.verdicts, indexed.remarks, indexed.exit_code) == (whole.verdicts, whole.remarks, whole.exit_code)
    assert (indexed.sent, indexed.film.first_of_story) == (whole.sent, whole.film.first_of_story)
    marks = whole.marks
    assert (indexed.marks.faults, indexed.marks.acknowledgements) == (marks.faults, marks.acknowledgements)
    assert (indexed.marks.violations, indexed.marks.total) == (marks.violations, marks.total)
    for entity in whole.ways.of(whole.film.first_of_story + 40):
        assert [*indexed.ways.way(entity)] == [*whole.ways.way(entity)]
    assert list(indexed.events) == list(whole.events)


def test_every_view_is_drawn_the_same(trace: Path) -> None:
    whole, indexed = Playhead(opened(trace)), Playhead(opened(trace))
    assert is_read_by_index(indexed.watched)
    for index in (whole.index, whole.last // 2, whole.last):
        whole.seek(index)
        indexed.seek(index)
        for view in VIEWS:
            assert view.rows(indexed, 120, 40) == view.rows(whole, 120, 40), view.name


def test_events_are_read_where_somebody_looks() -> None:
    good = b'["BrokerStarted",7,1]'
    events = StoredEvents([good] * 300 + [b"no event"] * 300)
    assert events[0].at_us == 7
    assert len(events[250:256]) == 6
    with pytest.raises(ValueError, match=r"."):
        _ = events[599]


def test_stored_events_are_a_sequence_like_a_list(trace: Path) -> None:
    whole = list(opened(trace).events)
    stored = opened(trace).events
    assert isinstance(stored, StoredEvents)
    for one in (slice(0, 3), slice(250, 520), slice(-5, None), slice(None, None, 100), slice(9, 2), slice(None)):
        assert stored[one] == whole[one]
    assert stored[-1] == whole[-1]
    with pytest.raises(IndexError):
        _ = stored[len(whole)]


def test_an_index_is_the_same_whoever_makes_it(trace: Path) -> None:
    opened(trace)
    first = beside(trace).read_bytes()
    beside(trace).unlink()
    opened(trace)
    assert beside(trace).read_bytes() == first


def test_a_short_trace_has_none(trace: Path) -> None:
    of_file(trace)
    assert [one.name for one in trace.parent.iterdir()] == [trace.name]


def test_somebody_hears_of_the_first_opening_alone(trace: Path) -> None:
    told: list[str] = []
    of_file(trace, tell=told.append, indexed_from_bytes=0)
    assert [text.split(": ")[1][:6] for text in told] == ["1 of 4", "2 of 4", "3 of 4", "4 of 4"]
    of_file(trace, tell=told.append, indexed_from_bytes=0)
    assert len(told) == 4


# -- what is not the right one -------------------------------------------------------------------------------------


def test_the_index_of_a_trace_that_changed_is_made_anew(trace: Path) -> None:
    before = opened(trace)
    kept = beside(trace).stat()
    lines = trace.read_text(encoding="utf-8").splitlines(keepends=True)
    # As long as before, in the middle, and by its time not changed at all.
    place = next(number for number, line in enumerate(lines) if line.startswith('["RecordAcknowledged"'))
    fields = json.loads(lines[place])
    fields[1] += 1 if fields[1] % 10 < 9 else -1
    lines[place] = json.dumps(fields, separators=(",", ":")) + "\n"
    stat = trace.stat()
    trace.write_text("".join(lines), encoding="utf-8")
    assert trace.stat().st_size == stat.st_size
    after = opened(trace)
    assert not is_read_by_index(after)
    assert after.events[place - 1] != before.events[place - 1]
    assert beside(trace).stat().st_ino != kept.st_ino
    assert is_read_by_index(opened(trace))


@pytest.mark.parametrize("part", ["header", "verdicts", "middle", "end"])
def test_a_damaged_index_is_made_anew(part: str, trace: Path) -> None:
    verdicts = opened(trace).verdicts
    whole = beside(trace).read_bytes()
    first = whole.index(b"\n")
    place = {"header": first - 9, "verdicts": first + 90, "middle": len(whole) // 2, "end": len(whole) - 3}[part]
    beside(trace).write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
    again = opened(trace)
    assert not is_read_by_index(again)
    assert again.verdicts == verdicts
    assert beside(trace).read_bytes() == whole


@pytest.mark.parametrize("kept", [40, 0.01, 0.5, 0.999])
def test_an_index_that_was_cut_off_is_made_anew(kept: float, trace: Path) -> None:
    opened(trace)
    whole = beside(trace).read_bytes()
    beside(trace).write_bytes(whole[: int(kept if kept >= 1 else kept * len(whole))])
    assert not is_read_by_index(opened(trace))
    assert beside(trace).read_bytes() == whole


@pytest.mark.parametrize(
    "told",
    [
        {"verdicts": ["builtins.exec", "raise SystemExit"]},
        {"verdicts": ["state.State", 1, 2, 3]},
        {"verdicts": ["", "all is well"]},
        {"faults": [10**9]},
        {"links": {}},
        {"objects": {"places": ["x"], "has_any": True}},
        {"end": None},
    ],
)
def test_an_index_that_somebody_made_up_runs_nothing_and_is_made_anew(told: dict[str, object], trace: Path) -> None:
    opened(trace)
    whole = beside(trace).read_bytes()
    head, facts, *states = whole.splitlines(keepends=True)
    body = json.dumps(json.loads(facts) | told).encode() + b"\n" + b"".join(states)
    header = json.loads(head) | {"digest": blake2b(body, digest_size=16).hexdigest()}
    beside(trace).write_bytes(json.dumps(header).encode() + b"\n" + body)
    assert not is_read_by_index(opened(trace))
    assert beside(trace).read_bytes() == whole


def test_another_deadline_is_another_index() -> None:
    assert key_of(b"trace", {"app": 1_000}) != key_of(b"trace", {"app": 2_000})
    assert key_of(b"trace", {"app": 1_000}) != key_of(b"trade", {"app": 1_000})


def test_a_trace_that_is_none_leaves_no_index(trace: Path) -> None:
    with trace.open("a", encoding="utf-8") as out:
        out.write("no event\n")
    with pytest.raises(NotWatchedError, match="is not an event: 'no event'"):
        opened(trace)
    assert not beside(trace).exists()


def test_lines_that_end_as_on_windows_are_read(trace: Path) -> None:
    text = trace.read_text(encoding="utf-8")
    trace.write_bytes(text.replace("\n", "\r\n").encode())
    whole = opened(trace)
    assert list(opened(trace).events) == list(whole.events)


# -- where it lies -------------------------------------------------------------------------------------------------


def test_where_nothing_can_be_written_beside_it_the_cache_has_it(trace: Path) -> None:
    beside(trace).mkdir()
    opened(trace)
    cache = cache_folder()
    assert cache is not None
    assert len(list(cache.iterdir())) == 1
    assert is_read_by_index(opened(trace))


def test_where_nothing_can_be_written_at_all_it_opens_all_the_same(trace: Path, tmp_path: Path) -> None:
    beside(trace).mkdir()
    (tmp_path / "cache").write_text("a file where a folder is wanted")
    assert opened(trace).verdicts
    assert not is_read_by_index(opened(trace))


def test_the_file_of_somebody_else_is_not_written_over(trace: Path) -> None:
    beside(trace).write_text("my notes")
    opened(trace)
    assert is_read_by_index(opened(trace))
    assert beside(trace).read_text() == "my notes"


def test_the_cache_holds_no_more_than_so_many(trace: Path) -> None:
    beside(trace).mkdir()
    for number in range(IN_CACHE_MAX + 4):
        assert write(trace, f"{number:032x}", b'{"format": "acklab-index-1"}\n') is not None
    cache = cache_folder()
    assert cache is not None
    assert len(list(cache.iterdir())) == IN_CACHE_MAX
    assert (cache / f"{IN_CACHE_MAX + 3:032x}.index").exists()


def test_a_cache_folder_is_an_absolute_path() -> None:
    assert cache_folder({"XDG_CACHE_HOME": "/there"}) == Path("/there/acklab")
    assert cache_folder({"XDG_CACHE_HOME": "not/there"}) == Path.home() / ".cache" / "acklab"
