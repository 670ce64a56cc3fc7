"""A cluster with an authorizer: who comes from host `admin` may everything, who comes from `shop` what a test says."""

from __future__ import annotations

from typing import Any

from producer.wire.api import ApiKey
from producer.wire.messages.create_acls import AclCreation, CreateAclsRequest
from sim.cluster.security.acls.acl import Acl
from sim.cluster.security.acls.kinds import CLUSTER_NAME, Operation, Pattern, Permission, ResourceKind
from sim.cluster.security.acls.settings import AuthorizerSettings
from sim.cluster.topic_config import TopicConfig
from tests.unit.sim.raw_client import Lab, RawClient

ANYBODY = "User:ANONYMOUS"


def rule(
    kind: ResourceKind,
    operation: Operation,
    name: str = "",
    *,
    host: str = "shop",
    permission: Permission = Permission.ALLOW,
    pattern: Pattern = Pattern.LITERAL,
) -> Acl:
    """A rule for whoever comes from a host."""
    name = CLUSTER_NAME if kind == ResourceKind.CLUSTER else name
    return Acl(kind, name, pattern, ANYBODY, host, operation, permission)


def may_everything(host: str) -> tuple[Acl, ...]:
    kinds = (ResourceKind.TOPIC, ResourceKind.GROUP, ResourceKind.CLUSTER, ResourceKind.TRANSACTIONAL_ID)
    return tuple([rule(kind, Operation.ALL, "*", host=host) for kind in kinds])


class RightsLab(Lab):
    """A lab of one broker, unless `config` says more, with two clients; `acls` are what the second one may do."""

    def __init__(self, *acls: Acl, **config: Any) -> None:
        topics: tuple[TopicConfig, ...] = ()
        settings = AuthorizerSettings(acls=(*may_everything("admin"), *may_everything("c1"), *acls))
        if not config:
            config, topics = {"brokers": 1}, (TopicConfig("orders", 1, 1),)
        super().__init__(*topics, authorizer=settings, **config)
        self.admin = RawClient(self.cluster, "admin")
        self.shop = RawClient(self.cluster, "shop")

    def ask(self, key: ApiKey, request: Any, version: int | None = None, *, broker: int = 1) -> Any:
        """Ask from `shop`."""
        return self.shop.connect(broker).call(key, request, version)

    def command(self, key: ApiKey, request: Any, version: int | None = None, *, broker: int = 1) -> Any:
        """Ask from `admin`."""
        return self.admin.connect(broker).call(key, request, version)

    def create(self, *acls: Acl) -> list[int]:
        """Create rules from `admin`, and wait until brokers have heard of them; give the codes."""
        answer = self.command(ApiKey.CREATE_ACLS, CreateAclsRequest(tuple(AclCreation(*acl) for acl in acls)))
        self.run(0.1)
        return [one.error_code for one in answer.results]
