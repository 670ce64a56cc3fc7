"""Apache Kafka with a listener for every way to be trusted, and an authorizer that lets only some do anything.

Users are `admin` (may everything), `alice` and `bob` (may nothing until an ACL says so), each with the password NAME-secret. To
write to any topic at all is to be given producer ids: `bob` is the one who never is, so no test lets him write.
"""

import base64
import json
import time
from pathlib import Path

from tests.interop.apache_kafka import ApacheKafka

CERTIFICATES = Path(__file__).parent.parent / "certificates"
USERS = ("admin", "alice", "bob")
SESSION_MS = 3_000
"""How long a session lives on RENEWED, and so how often a client there must authenticate again."""

TLS = {
    "SSL": "server",
    "MUTUAL": "server",
    "SASL_SSL": "server",
    "CHAINED": "chained",
    "MISNAMED": "elsewhere",
    "EXPIRED": "expired",
}
"""Listener -> the certificate that it shows."""
SASL = ("SASL_PLAINTEXT", "SASL_SSL", "RENEWED")
PROTOCOLS = {
    "PLAINTEXT": "PLAINTEXT",
    "CONTROLLER": "PLAINTEXT",
    "SSL": "SSL",
    "MUTUAL": "SSL",
    "CHAINED": "SSL",
    "MISNAMED": "SSL",
    "EXPIRED": "SSL",
    "SASL_PLAINTEXT": "SASL_PLAINTEXT",
    "SASL_SSL": "SASL_SSL",
    "RENEWED": "SASL_PLAINTEXT",
}
MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER")

LOGIN = "org.apache.kafka.common.security"
PLAIN_USERS = " ".join(f'user_{user}="{user}-secret"' for user in USERS)
JAAS = {
    "PLAIN": f"{LOGIN}.plain.PlainLoginModule required {PLAIN_USERS};",
    "SCRAM-SHA-256": f"{LOGIN}.scram.ScramLoginModule required;",
    "SCRAM-SHA-512": f"{LOGIN}.scram.ScramLoginModule required;",
    # Tokens that nobody signed are what this module accepts: it is made for tests.
    "OAUTHBEARER": f'{LOGIN}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";',
}


def properties() -> dict[str, str]:
    given = {
        "listener.security.protocol.map": ",".join(f"{name}:{protocol}" for name, protocol in PROTOCOLS.items()),
        "sasl.enabled.mechanisms": ",".join(MECHANISMS),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:admin;User:ANONYMOUS;User:CN=alice",
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(CERTIFICATES / "ca.pem"),
    }
    for listener, certificate in TLS.items():
        prefix = f"listener.name.{listener.lower()}"
        given[f"{prefix}.ssl.keystore.type"] = "PEM"
        given[f"{prefix}.ssl.keystore.location"] = str(CERTIFICATES / f"{certificate}.pem")
    given["listener.name.mutual.ssl.client.auth"] = "required"
    for listener in SASL:
        for mechanism, login in JAAS.items():
            given[f"listener.name.{listener.lower()}.{mechanism.lower()}.sasl.jaas.config"] = login
    for mechanism in MECHANISMS:
        given[f"listener.name.renewed.{mechanism.lower()}.connections.max.reauth.ms"] = str(SESSION_MS)
    return given


def secure_kafka(folder: Path) -> ApacheKafka:
    """One broker, not started yet."""
    words = [
        word
        for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512")
        for user in USERS
        for word in ("--add-scram", f"{mechanism}=[name={user},password={user}-secret]")
    ]
    names = tuple(name for name in PROTOCOLS if name not in {"PLAINTEXT", "CONTROLLER"})
    return ApacheKafka(folder, properties=properties(), listeners=names, format_words=tuple(words))


def token(subject: str = "admin", *, lifetime_s: int = 3_600) -> tuple[str, float]:
    """A token that nobody signed, as the broker's test module takes it."""
    now_s = time.time()
    parts = ({"alg": "none"}, {"sub": subject, "iat": int(now_s), "exp": int(now_s) + lifetime_s})
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    # It ends with a whole second: to say that it is good for longer would be to renew it too late.
    return ".".join([*encoded, ""]), max(int(now_s) + lifetime_s - now_s, 1)
