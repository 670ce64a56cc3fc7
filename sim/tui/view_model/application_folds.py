"""How what applications do, hear and suffer changes what a screen shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sim.clients.reader import CONSUMER
from sim.judges.history import is_of_services
from sim.trace import events as cluster
from sim.tui.view_model.state import NO_APPLICATION, Application, Life, State


def _application(state: State, client: str) -> Application:
    return state.applications.get(client, NO_APPLICATION)


def _phase_began(state: State, event: cluster.PhaseBegan) -> None:
    state.applications[event.client] = _application(state, event.client)._replace(phase=event.phase)


def _application_started(state: State, event: cluster.ApplicationStarted) -> None:
    state.applications[event.client] = _application(state, event.client)._replace(life=Life.UP)


def _application_stopping(state: State, event: cluster.ApplicationStopping) -> None:
    state.applications[event.client] = _application(state, event.client)._replace(life=Life.STOPPING)


def _application_ended(state: State, event: cluster.ApplicationKilled | cluster.ApplicationStopped) -> None:
    state.applications[event.client] = _application(state, event.client)._replace(life=Life.DOWN)
    # Its engine is gone, and says no more of its connections and batches.
    for connection in [key for key in state.connections if key[0] == event.client]:
        del state.connections[connection]
    for batch in [key for key in state.batches if key[0] == event.client]:
        del state.batches[batch]


def _application_paused(state: State, event: cluster.ApplicationPaused) -> None:
    state.applications[event.client] = _application(state, event.client)._replace(life=Life.PAUSED)


def _application_resumed(state: State, event: cluster.ApplicationResumed) -> None:
    state.applications[event.client] = _application(state, event.client)._replace(life=Life.UP)


def _record_sent(state: State, event: cluster.RecordSent) -> None:
    if is_of_services(event.topic):
        return
    before = _application(state, event.client)
    state.applications[event.client] = before._replace(sent=before.sent + 1)


def _record_derived(state: State, event: cluster.RecordDerived) -> None:
    state.applications[event.client] = _application(state, event.client)._replace(processes=True)


def _record_acknowledged(state: State, event: cluster.RecordAcknowledged) -> None:
    if is_of_services(event.topic):
        return
    before = _application(state, event.client)
    state.applications[event.client] = before._replace(acknowledged=before.acknowledged + 1)


def _record_failed(state: State, event: cluster.RecordFailed) -> None:
    if is_of_services(event.topic):
        return
    before = _application(state, event.client)
    if event.outcome == "failed":
        state.applications[event.client] = before._replace(failed=before.failed + 1)
    else:
        state.applications[event.client] = before._replace(unknown=before.unknown + 1)


def _record_read(state: State, event: cluster.RecordRead) -> None:
    # Others read while the story runs; what brokers and registries write for themselves is nobody's record.
    state.read += event.client == CONSUMER and not is_of_services(event.topic)


def _member_began(state: State, event: cluster.GroupMemberBegan) -> None:
    state.members[event.client] = event.group, event.protocol


def _member_left(state: State, event: cluster.GroupMemberLeft) -> None:
    state.members.pop(event.client, None)


FOLDS: dict[type[Any], Callable[[State, Any], None]] = {
    cluster.ApplicationStarted: _application_started,
    cluster.ApplicationStopping: _application_stopping,
    cluster.ApplicationStopped: _application_ended,
    cluster.ApplicationKilled: _application_ended,
    cluster.ApplicationPaused: _application_paused,
    cluster.ApplicationResumed: _application_resumed,
    cluster.PhaseBegan: _phase_began,
    cluster.RecordSent: _record_sent,
    cluster.RecordDerived: _record_derived,
    cluster.RecordAcknowledged: _record_acknowledged,
    cluster.RecordFailed: _record_failed,
    cluster.RecordRead: _record_read,
    cluster.GroupMemberBegan: _member_began,
    cluster.GroupMemberLeft: _member_left,
}
"""For the events of applications."""
