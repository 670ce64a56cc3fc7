"""What brings about what the controller decides, and what somebody alters."""

from __future__ import annotations

from typing import Any

from sim.trace import events as cluster
from sim.tui.view_model.causality.memory import NOBODY, Found, Memory, Rules

# -- faults ------------------------------------------------------------------------------------------------------------


def _injected(memory: Memory, number: int, event: cluster.FaultInjected) -> Found:
    memory.injected[event.entry] = number
    memory.note_fault(number, event.at_us, event.fault)
    memory.note_trigger(number, event.at_us)
    return ()


def _refused(memory: Memory, _: int, event: cluster.FaultRefused) -> Found:
    return (memory.injected[event.entry],)


def _by_fault(memory: Memory, _: int, event: Any) -> Found:
    """What nothing but a fault, or its end, brings about: a clock is set, a key is rotated."""
    return (memory.fault_now(event.at_us),)


# -- brokers in and out of service -------------------------------------------------------------------------------------


def _fenced(memory: Memory, number: int, event: cluster.BrokerFenced) -> Found:
    before, memory.standing[event.broker] = memory.standing[event.broker], number
    memory.note_trigger(number, event.at_us)
    trouble = memory.trouble[event.broker]
    return (trouble if trouble > before else memory.life[event.broker],)


def _shutdown(memory: Memory, number: int, event: cluster.ControlledShutdownBegan) -> Found:
    memory.note_trigger(number, event.at_us)
    return (memory.life[event.broker],)


def _registered(memory: Memory, number: int, event: cluster.BrokerRegistered) -> Found:
    memory.standing[event.broker] = number
    return (memory.life[event.broker],)


def _unfenced(memory: Memory, number: int, event: cluster.BrokerUnfenced) -> Found:
    before, memory.standing[event.broker] = memory.standing[event.broker], number
    memory.note_trigger(number, event.at_us)
    return (max(before, memory.life[event.broker]),)


def _unregistered(memory: Memory, number: int, event: cluster.BrokerUnregistered) -> Found:
    before, memory.standing[event.broker] = memory.standing[event.broker], number
    memory.note_trigger(number, event.at_us)
    return (before,)


# -- leaders and in-sync replicas --------------------------------------------------------------------------------------


def _elected(memory: Memory, number: int, event: cluster.LeaderElected) -> Found:
    where = (event.topic, event.partition)
    before, memory.elected[where] = memory.elected[where], number
    deposed = memory.leader.get(where, -1)
    memory.leader[where], memory.isr[where] = event.leader, event.isr
    memory.isr_changed[where] = number
    trigger = memory.trigger if memory.trigger_us == event.at_us else NOBODY
    if trigger == NOBODY and deposed >= 0:
        trigger = max(memory.standing[deposed], memory.trouble[deposed])
        trigger = trigger if trigger > before else NOBODY
    asked = max(memory.verb["move"], memory.verb["elect"], memory.verb["roll"])
    if trigger == NOBODY and asked > before:
        trigger = asked
    return (trigger if trigger != NOBODY else before,)


def _isr_changed(memory: Memory, number: int, event: cluster.IsrChanged) -> Found:
    where = (event.topic, event.partition)
    before = memory.isr.get(where, ())
    memory.isr[where] = event.isr
    found = [memory.fault_now(event.at_us)] if memory.trigger_us == event.at_us else []
    gone = [broker for broker in before if broker not in event.isr]
    found += [max(memory.trouble[broker], memory.standing[broker]) for broker in gone]
    for broker in event.isr:
        if broker not in before:
            # Whoever comes back has caught up.
            copied = memory.copied[broker, event.topic, event.partition]
            became = memory.became[broker, event.topic, event.partition]
            found.append(max(copied, became, memory.life[broker]))
    memory.isr_changed[where] = number
    return found


# -- controllers, topics, settings -------------------------------------------------------------------------------------


def _controller(memory: Memory, number: int, event: Any) -> Found:
    before, memory.standing[event.controller] = memory.standing[event.controller], number
    fault = memory.fault_now(event.at_us)
    return (fault if fault != NOBODY else before,)


def _controller_elected(memory: Memory, number: int, event: cluster.ControllerElected) -> Found:
    asked = max(memory.verb["crash"], memory.verb["pause"])
    memory.note_trigger(number, event.at_us)
    return (asked,)


def _topic(memory: Memory, number: int, event: Any) -> Found:
    memory.topic[event.topic] = number
    memory.note_trigger(number, event.at_us)
    return (memory.fault_now(event.at_us),)


def _partitions_added(memory: Memory, number: int, event: cluster.PartitionsAdded) -> Found:
    memory.added[event.topic] = number
    return _topic(memory, number, event)


def _reconfigured(memory: Memory, number: int, event: cluster.TopicReconfigured) -> Found:
    memory.topic[event.topic] = number
    return (memory.setting["any"],)


def _reassigned(memory: Memory, number: int, event: cluster.ReplicasReassigned) -> Found:
    where = (event.topic, event.partition)
    before, memory.setting[where] = memory.setting[where], number
    memory.note_trigger(number, event.at_us)
    fault = memory.fault_now(event.at_us)
    return (fault if fault != NOBODY else before,)


def _altered(memory: Memory, number: int, event: cluster.SettingAltered) -> Found:
    memory.setting["any"] = number
    if event.whose.startswith("quota"):
        memory.setting["quota"] = number
    memory.note_trigger(number, event.at_us)
    return (memory.fault_now(event.at_us),)


def _rule_changed(memory: Memory, number: int, event: Any) -> Found:
    memory.setting["acl"] = number
    return (memory.fault_now(event.at_us),)


def _rolled(memory: Memory, _: int, _event: cluster.RollingRestartEnded) -> Found:
    return (memory.verb["roll"],)


def _registry_ended(memory: Memory, _: int, event: cluster.RegistryEnded) -> Found:
    return (memory.fault_naming(event.registry, event.at_us),)


RULES: Rules = {
    cluster.FaultInjected: _injected,
    cluster.FaultRefused: _refused,
    cluster.ClockSet: _by_fault,
    cluster.KeyRotated: _by_fault,
    cluster.KeyShredded: _by_fault,
    cluster.BrokerFenced: _fenced,
    cluster.ControlledShutdownBegan: _shutdown,
    cluster.BrokerRegistered: _registered,
    cluster.BrokerUnfenced: _unfenced,
    cluster.BrokerUnregistered: _unregistered,
    cluster.LeaderElected: _elected,
    cluster.IsrChanged: _isr_changed,
    cluster.ControllerStarted: _controller,
    cluster.ControllerCrashed: _controller,
    cluster.ControllerPaused: _controller,
    cluster.ControllerResumed: _controller,
    cluster.ControllerElected: _controller_elected,
    cluster.TopicCreated: _topic,
    cluster.TopicDeleted: _topic,
    cluster.PartitionsAdded: _partitions_added,
    cluster.TopicReconfigured: _reconfigured,
    cluster.ReplicasReassigned: _reassigned,
    cluster.SettingAltered: _altered,
    cluster.AclCreated: _rule_changed,
    cluster.AclDeleted: _rule_changed,
    cluster.RollingRestartEnded: _rolled,
    cluster.RegistryEnded: _registry_ended,
}
