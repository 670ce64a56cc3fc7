"""Which OAuth tokens a broker takes, and for whom it holds whoever shows one."""

from __future__ import annotations

from dataclasses import dataclass, field

UNSIGNED = "none"
HS256 = "HS256"
RS256 = "RS256"
ALGORITHMS = (UNSIGNED, HS256, RS256)


@dataclass(frozen=True, slots=True)
class TokenRules:
    """As the options of Kafka's validators. Raises ValueError, naming field and value, never the key."""

    algorithm: str = UNSIGNED
    """`none`: unsecured tokens, as Kafka's default validator takes (for development); HS256 and RS256: signed by `key` (RFC 7518)."""
    key: bytes = field(default=b"", repr=False)
    """The shared secret of HS256; the public key of RS256, as PEM."""
    principal_claim: str = "sub"
    """unsecuredValidatorPrincipalClaimName, sasl.oauthbearer.sub.claim.name."""
    scope_claim: str = "scope"
    """unsecuredValidatorScopeClaimName, sasl.oauthbearer.scope.claim.name."""
    required_scope: tuple[str, ...] = ()
    """unsecuredValidatorRequiredScope."""
    clock_skew_ms: int = 0
    """unsecuredValidatorAllowableClockSkewMs."""

    def __post_init__(self) -> None:
        """Check the values one by one and against each other."""
        if self.algorithm not in ALGORITHMS:
            msg = f"TokenRules.algorithm is {self.algorithm!r}, must be one of {', '.join(ALGORITHMS)}"
            raise ValueError(msg)
        if (self.algorithm == UNSIGNED) == bool(self.key):
            msg = f"TokenRules.key goes with HS256 and RS256, and algorithm is {self.algorithm}"
            raise ValueError(msg)
        if self.clock_skew_ms < 0:
            msg = f"TokenRules.clock_skew_ms is {self.clock_skew_ms}, must not be negative"
            raise ValueError(msg)
