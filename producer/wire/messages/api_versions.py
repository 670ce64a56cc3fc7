"""ApiVersions: what a broker speaks, the first exchange on a connection (KIP-35, KIP-511, KIP-584)."""

from typing import Annotated, NamedTuple

from producer.wire.schema import IGNORABLE, Boolean, Int16, Int32, Int64, String, since, tag


class ApiVersionsRequest(NamedTuple):
    """Ask what the broker speaks, and say who asks."""

    client_software_name: Annotated[String, since(3), IGNORABLE] = ""
    client_software_version: Annotated[String, since(3), IGNORABLE] = ""


class ApiVersion(NamedTuple):
    """The versions of one API that a broker speaks, both ends included."""

    api_key: Int16 = 0
    min_version: Int16 = 0
    max_version: Int16 = 0


class SupportedFeature(NamedTuple):
    """A named feature and the levels of it that the broker knows."""

    name: String = ""
    min_version: Int16 = 0
    max_version: Int16 = 0


class FinalizedFeature(NamedTuple):
    """A named feature and its level in the cluster, as transaction.version. The highest stands first here."""

    name: String = ""
    max_version_level: Int16 = 0
    min_version_level: Int16 = 0


class ApiVersionsResponse(NamedTuple):
    """What a broker speaks."""

    error_code: Int16 = 0
    api_keys: tuple[ApiVersion, ...] = ()
    throttle_time_ms: Annotated[Int32, since(1), IGNORABLE] = 0
    supported_features: Annotated[tuple[SupportedFeature, ...], since(3), tag(0), IGNORABLE] = ()
    finalized_features_epoch: Annotated[Int64, since(3), tag(1), IGNORABLE] = -1
    """-1 where unknown."""
    finalized_features: Annotated[tuple[FinalizedFeature, ...], since(3), tag(2), IGNORABLE] = ()
    zk_migration_ready: Annotated[Boolean, since(3), tag(3), IGNORABLE] = False
