"""A simulated Kafka cluster in virtual time, and everything that watches it.

The names here are the public face: what authors of scenarios, lessons and tests import (`docs/public.md`). They stay; where
they live may change. Each is loaded when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.clients.drivers import CODE_NOT_SENT
    from sim.cluster.config import ClusterConfig
    from sim.cluster.security.acls.settings import AuthorizerSettings
    from sim.cluster.security.acls.text import parse_acl
    from sim.cluster.security.listeners import Listener, SecurityProtocol
    from sim.cluster.security.sasl.token_rules import TokenRules
    from sim.cluster.security.users import Authentication, User
    from sim.cluster.topic_config import TopicConfig
    from sim.course.checking import Broken, Cause, Checked, Tell
    from sim.course.configuration import Configuration, read_configuration
    from sim.course.each_run import each_run
    from sim.course.exercise import Exercise, ExerciseError
    from sim.course.lesson import Lesson, lesson, lessons
    from sim.course.log_picture import LogMoment, log_picture
    from sim.course.replicas import PartitionAt, first_event, last_event, partition_at, replica_table
    from sim.course.rollout_picture import Rollout, rollout_picture
    from sim.course.space_time import space_time
    from sim.faults import followers, leader
    from sim.faults.points import (
        acknowledged,
        appended,
        batch_sent,
        elected,
        event,
        killed,
        phase_began,
        phase_ended,
        phase_sent,
        sent,
        started,
        stopped,
        transaction_began,
        transaction_ended,
        transaction_ending,
    )
    from sim.faults.schedule import Entry, Schedule, parse_entry
    from sim.faults.words import after, at
    from sim.judges.report import Report
    from sim.judges.verdict import Finding, State, Verdict
    from sim.stories.applications import Application, Resends
    from sim.stories.auditing import Audit
    from sim.stories.checkpoints import Checkpoints
    from sim.stories.conditions import in_sync, led
    from sim.stories.gateways import GatewayConfig
    from sim.stories.processing import Processing
    from sim.stories.runner import run
    from sim.stories.scenario import InvalidScenarioError, Scenario, ScenarioError, UnknownScenarioError, load, load_all
    from sim.stories.schemas import Deserializing, RegistryConfig, Version
    from sim.stories.secrets import KeyServiceConfig, Secret
    from sim.stories.witness import Witness, WitnessError, read_witness
    from sim.stories.workload import CompositeKeys, HotKey, KeysInTurn, NoKeys, Phase, Workload
    from sim.trace.events import (
        AclCreated,
        AclDeleted,
        ApplicationKilled,
        ApplicationPaused,
        ApplicationResumed,
        ApplicationStarted,
        ApplicationStopped,
        ApplicationStopping,
        AuthenticationFailed,
        BatchAppended,
        BatchAtRest,
        BatchDeduplicated,
        BatchReplicated,
        BecameFollower,
        BecameLeader,
        BitFlipped,
        BrokerCrashed,
        BrokerFenced,
        BrokerPaused,
        BrokerRegistered,
        BrokerResumed,
        BrokerStarted,
        BrokerStopped,
        BrokerStopping,
        BrokerUnfenced,
        BrokerUnregistered,
        ClientAuthenticated,
        ClientThrottled,
        ClockSet,
        ControlledShutdownBegan,
        ControllerCrashed,
        ControllerElected,
        ControllerPaused,
        ControllerResumed,
        ControllerStarted,
        CorruptBatchFetched,
        FaultInjected,
        FaultRefused,
        GatewayCrossed,
        GatewayEnded,
        GatewayPassed,
        GatewayRefused,
        GatewaySessionBroken,
        GatewayStarted,
        GatewayWrites,
        HighWatermarkAdvanced,
        IsrChanged,
        KeyAnswered,
        KeyRotated,
        KeyShredded,
        LeaderElected,
        LogDirectoryFailed,
        LogFlushed,
        LogRestarted,
        LogStartAdvanced,
        LogTruncated,
        PartitionsAdded,
        PhaseAwaited,
        PhaseBegan,
        PhaseEnded,
        PhaseSent,
        ProduceAnswered,
        RecordAcknowledged,
        RecordDecoded,
        RecordFailed,
        RecordGoverned,
        RecordNotSerialized,
        RecordRead,
        RecordSent,
        RecordSentAgain,
        RecordSerialized,
        RecordUnreadable,
        RegistryAnswered,
        RegistryEnded,
        RegistryStarted,
        ReplicasReassigned,
        RequestDetained,
        RequestLost,
        RequestReceived,
        ResponseDropped,
        ResponseSent,
        RollingRestartEnded,
        RunEnded,
        SchemaFound,
        SchemaRefused,
        SchemaRegistered,
        SecretPlanted,
        SegmentRolled,
        SegmentsCleaned,
        SegmentsDeleted,
        SettingAltered,
        TopicCreated,
        TopicDeleted,
        TopicReconfigured,
        VersionDeployed,
    )
    from sim.trace.trace import Trace, time_text
    from sim.world.kernel import Stream
    from sim.world.units import SECOND_US

__all__ = [
    "CODE_NOT_SENT",
    "SECOND_US",
    "AclCreated",
    "AclDeleted",
    "Application",
    "ApplicationKilled",
    "ApplicationPaused",
    "ApplicationResumed",
    "ApplicationStarted",
    "ApplicationStopped",
    "ApplicationStopping",
    "Audit",
    "Authentication",
    "AuthenticationFailed",
    "AuthorizerSettings",
    "BatchAppended",
    "BatchAtRest",
    "BatchDeduplicated",
    "BatchReplicated",
    "BecameFollower",
    "BecameLeader",
    "BitFlipped",
    "Broken",
    "BrokerCrashed",
    "BrokerFenced",
    "BrokerPaused",
    "BrokerRegistered",
    "BrokerResumed",
    "BrokerStarted",
    "BrokerStopped",
    "BrokerStopping",
    "BrokerUnfenced",
    "BrokerUnregistered",
    "Cause",
    "Checked",
    "Checkpoints",
    "ClientAuthenticated",
    "ClientThrottled",
    "ClockSet",
    "ClusterConfig",
    "CompositeKeys",
    "Configuration",
    "ControlledShutdownBegan",
    "ControllerCrashed",
    "ControllerElected",
    "ControllerPaused",
    "ControllerResumed",
    "ControllerStarted",
    "CorruptBatchFetched",
    "Deserializing",
    "Entry",
    "Exercise",
    "ExerciseError",
    "FaultInjected",
    "FaultRefused",
    "Finding",
    "GatewayConfig",
    "GatewayCrossed",
    "GatewayEnded",
    "GatewayPassed",
    "GatewayRefused",
    "GatewaySessionBroken",
    "GatewayStarted",
    "GatewayWrites",
    "HighWatermarkAdvanced",
    "HotKey",
    "InvalidScenarioError",
    "IsrChanged",
    "KeyAnswered",
    "KeyRotated",
    "KeyServiceConfig",
    "KeyShredded",
    "KeysInTurn",
    "LeaderElected",
    "Lesson",
    "Listener",
    "LogDirectoryFailed",
    "LogFlushed",
    "LogMoment",
    "LogRestarted",
    "LogStartAdvanced",
    "LogTruncated",
    "NoKeys",
    "PartitionAt",
    "PartitionsAdded",
    "Phase",
    "PhaseAwaited",
    "PhaseBegan",
    "PhaseEnded",
    "PhaseSent",
    "Processing",
    "ProduceAnswered",
    "RecordAcknowledged",
    "RecordDecoded",
    "RecordFailed",
    "RecordGoverned",
    "RecordNotSerialized",
    "RecordRead",
    "RecordSent",
    "RecordSentAgain",
    "RecordSerialized",
    "RecordUnreadable",
    "RegistryAnswered",
    "RegistryConfig",
    "RegistryEnded",
    "RegistryStarted",
    "ReplicasReassigned",
    "Report",
    "RequestDetained",
    "RequestLost",
    "RequestReceived",
    "Resends",
    "ResponseDropped",
    "ResponseSent",
    "RollingRestartEnded",
    "Rollout",
    "RunEnded",
    "Scenario",
    "ScenarioError",
    "Schedule",
    "SchemaFound",
    "SchemaRefused",
    "SchemaRegistered",
    "Secret",
    "SecretPlanted",
    "SecurityProtocol",
    "SegmentRolled",
    "SegmentsCleaned",
    "SegmentsDeleted",
    "SettingAltered",
    "State",
    "Stream",
    "Tell",
    "TokenRules",
    "TopicConfig",
    "TopicCreated",
    "TopicDeleted",
    "TopicReconfigured",
    "Trace",
    "UnknownScenarioError",
    "User",
    "Verdict",
    "Version",
    "VersionDeployed",
    "Witness",
    "WitnessError",
    "Workload",
    "acknowledged",
    "after",
    "appended",
    "at",
    "batch_sent",
    "each_run",
    "elected",
    "event",
    "first_event",
    "followers",
    "in_sync",
    "killed",
    "last_event",
    "leader",
    "led",
    "lesson",
    "lessons",
    "load",
    "load_all",
    "log_picture",
    "parse_acl",
    "parse_entry",
    "partition_at",
    "phase_began",
    "phase_ended",
    "phase_sent",
    "read_configuration",
    "read_witness",
    "replica_table",
    "rollout_picture",
    "run",
    "sent",
    "space_time",
    "started",
    "stopped",
    "time_text",
    "transaction_began",
    "transaction_ended",
    "transaction_ending",
]

_WORDS = {
    "sim.clients.drivers": "CODE_NOT_SENT",
    "sim.cluster.config": "ClusterConfig",
    "sim.cluster.security.acls.settings": "AuthorizerSettings",
    "sim.cluster.security.acls.text": "parse_acl",
    "sim.cluster.security.listeners": "Listener SecurityProtocol",
    "sim.cluster.security.sasl.token_rules": "TokenRules",
    "sim.cluster.security.users": "Authentication User",
    "sim.cluster.topic_config": "TopicConfig",
    "sim.course.checking": "Broken Cause Checked Tell",
    "sim.course.configuration": "Configuration read_configuration",
    "sim.course.each_run": "each_run",
    "sim.course.exercise": "Exercise ExerciseError",
    "sim.course.lesson": "Lesson lesson lessons",
    "sim.course.log_picture": "LogMoment log_picture",
    "sim.course.rollout_picture": "Rollout rollout_picture",
    "sim.course.replicas": "PartitionAt first_event last_event partition_at replica_table",
    "sim.course.space_time": "space_time",
    "sim.faults": "followers leader",
    "sim.faults.points": (
        "acknowledged appended batch_sent elected event killed phase_began phase_ended phase_sent sent started "
        "stopped transaction_began transaction_ended transaction_ending"
    ),
    "sim.faults.schedule": "Entry Schedule parse_entry",
    "sim.faults.words": "after at",
    "sim.judges.report": "Report",
    "sim.judges.verdict": "Finding State Verdict",
    "sim.stories.applications": "Application Resends",
    "sim.stories.auditing": "Audit",
    "sim.stories.conditions": "in_sync led",
    "sim.stories.checkpoints": "Checkpoints",
    "sim.stories.processing": "Processing",
    "sim.stories.runner": "run",
    "sim.stories.scenario": "InvalidScenarioError Scenario ScenarioError UnknownScenarioError load load_all",
    "sim.stories.schemas": "Deserializing RegistryConfig Version",
    "sim.stories.gateways": "GatewayConfig",
    "sim.stories.secrets": "KeyServiceConfig Secret",
    "sim.stories.witness": "Witness WitnessError read_witness",
    "sim.stories.workload": "CompositeKeys HotKey KeysInTurn NoKeys Phase Workload",
    "sim.trace.events": (
        "ApplicationKilled ApplicationPaused ApplicationResumed ApplicationStarted ApplicationStopped ApplicationStopping "
        "BatchAppended BatchDeduplicated BatchReplicated BecameFollower BecameLeader BitFlipped BrokerCrashed "
        "BrokerFenced BrokerPaused BrokerRegistered BrokerResumed BrokerStarted BrokerStopped BrokerStopping BrokerUnfenced "
        "BrokerUnregistered ClockSet ControlledShutdownBegan ControllerCrashed ControllerElected ControllerPaused ControllerResumed ControllerStarted "
        "FaultInjected FaultRefused HighWatermarkAdvanced IsrChanged LeaderElected LogDirectoryFailed LogFlushed "
        "LogRestarted LogStartAdvanced LogTruncated PartitionsAdded PhaseBegan PhaseEnded PhaseSent ProduceAnswered RecordAcknowledged "
        "RecordFailed RecordRead RecordSent RecordSentAgain RequestReceived ResponseDropped ResponseSent "
        "CorruptBatchFetched PhaseAwaited RequestDetained RequestLost "
        "ReplicasReassigned RollingRestartEnded RunEnded SegmentRolled SegmentsCleaned SegmentsDeleted SettingAltered TopicCreated "
        "TopicDeleted TopicReconfigured "
        "VersionDeployed SchemaRegistered SchemaFound SchemaRefused RecordSerialized RecordNotSerialized RecordDecoded RecordUnreadable "
        "RegistryStarted RegistryEnded RegistryAnswered AclCreated AclDeleted AuthenticationFailed ClientAuthenticated ClientThrottled "
        "SecretPlanted RecordGoverned KeyAnswered KeyRotated KeyShredded BatchAtRest "
        "GatewayCrossed GatewayEnded GatewayPassed GatewayRefused GatewaySessionBroken GatewayStarted GatewayWrites"
    ),
    "sim.trace.trace": "Trace time_text",
    "sim.world.kernel": "Stream",
    "sim.world.units": "SECOND_US",
}
"""Where each name lives now: a module, and the names that are taken from it."""

_HOMES = {name: home for home, names in _WORDS.items() for name in names.split()}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
