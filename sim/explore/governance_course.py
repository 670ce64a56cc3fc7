"""What a run with rights, quotas or a gateway has besides: whose rights may change, whether quotas may, and whether a gateway may die."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.explore.course import Course
    from sim.stories.scenario import Scenario


def with_governance(course: Course, scenario: Scenario) -> Course:
    """Give the course with those whose rights a schedule may change (the cluster's users, where it has an authorizer), quotas and a gateway."""
    cluster = scenario.cluster_as_set
    users = tuple(f"User:{user.name}" for user in cluster.authentication.users)
    return course._replace(
        principals=() if cluster.authorizer is None else users,
        has_quotas=bool(cluster.quotas),
        has_gateway=scenario.gateway is not None,
    )
