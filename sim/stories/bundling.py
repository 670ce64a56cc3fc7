"""The shared defaults of a story's applications: configuration bundles, laid over and under what each says itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from producer.config.security import SECRETS
from producer.errors import ConfigError

if TYPE_CHECKING:
    from sim.stories.scenario import Scenario

FORMAT = "acklab-bundles-1"


def within_bundles(scenario: Scenario, application: str, own: Mapping[str, str]) -> dict[str, str]:
    """Give what holds for an application that says `own`, by the story's bundles. Raises ConfigError that names both sides of a lock.

    Secrets are no bundle's matter: they stay the application's own.
    """
    if scenario.bundles is None:
        return dict(own)
    # Only who has bundles needs to load what reads them.
    from producer.governance.bundles.effective import properties_for
    from producer.governance.bundles.reading import bundles_from

    secret = {name: value for name, value in own.items() if name in SECRETS}
    said = {name: value for name, value in own.items() if name not in SECRETS}
    rows = {str(row.get("name")): row for row in scenario.bundles.get("applications", ())}
    mine = {**rows.get(application, {}), "name": application, "properties": said}
    whole = {"format": FORMAT, **scenario.bundles, "applications": [mine]}
    try:
        return properties_for(bundles_from(json.dumps(whole)), application) | secret
    except ConfigError as error:
        raise ConfigError(f"bundles: {error}") from error
