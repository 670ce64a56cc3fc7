"""State with two readers: the newest, and what is committed; and what is taken back."""

from sim.cluster.coordinators.timeline import Timeline, TimelineMap, TimelineValue


def _map(timeline: Timeline, *entries: tuple[str, int]) -> TimelineMap[str, int]:
    found: TimelineMap[str, int] = TimelineMap(timeline)
    for key, value in entries:
        found.put(key, value)
        timeline.next_offset += 1
    return found


def test_a_reader_sees_an_entry_when_the_high_watermark_is_beyond_its_record() -> None:
    timeline = Timeline()
    positions = _map(timeline, ("a", 1), ("b", 2))

    timeline.commit(1)

    assert (positions.get("a"), positions.get("b")) == (1, 2)
    assert (positions.get("a", is_committed=True), positions.get("b", is_committed=True)) == (1, None)


def test_a_removal_is_seen_by_readers_only_when_it_is_committed() -> None:
    timeline = Timeline()
    positions = _map(timeline, ("a", 1))
    timeline.commit(1)

    positions.remove("a")

    assert positions.get("a") is None
    assert positions.get("a", is_committed=True) == 1
    timeline.commit(2)
    assert list(positions.items(is_committed=True)) == []


def test_what_could_not_be_appended_is_taken_back_to_what_was_before() -> None:
    timeline = Timeline()
    positions = _map(timeline, ("a", 1))
    positions.put("a", 2)
    positions.put("b", 3)
    positions.remove("a")

    timeline.take_back(timeline.next_offset)

    assert dict(positions.items()) == {"a": 1}
    timeline.commit(9)
    assert dict(positions.items(is_committed=True)) == {"a": 1}


def test_an_entry_that_is_overwritten_before_it_is_committed_is_committed_in_turn() -> None:
    timeline = Timeline()
    positions = _map(timeline, ("a", 1), ("a", 2))

    timeline.commit(1)

    assert positions.get("a", is_committed=True) == 1
    timeline.commit(2)
    assert positions.get("a", is_committed=True) == 2


def test_one_value_is_committed_and_taken_back_as_an_entry_is() -> None:
    timeline = Timeline()
    epoch: TimelineValue[int] = TimelineValue(timeline, 1)
    epoch.put(2)
    timeline.next_offset += 1
    epoch.put(3)

    timeline.take_back(1)
    before = epoch.get(), epoch.get(is_committed=True)
    timeline.commit(1)

    assert before == (2, 1)
    assert epoch.get(is_committed=True) == 2
