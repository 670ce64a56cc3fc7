"""Whether a reader of one schema can read what a writer of another one wrote, by each format's own rules, and at which level.

`levels.check` asks what a registry asks before it takes a new version. The rules are named as Confluent's registry and
Apache Avro name them.
"""

from producer.schemas.compatibility.incompatibility import Incompatibility
from producer.schemas.compatibility.levels import Breach, CompatibilityLevel, Rules, check, incompatibilities

__all__ = ["Breach", "CompatibilityLevel", "Incompatibility", "Rules", "check", "incompatibilities"]
