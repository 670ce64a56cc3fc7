"""Whom to trust and how to be trusted: `security.protocol`, `ssl.*` and `sasl.*`, by Kafka's own names and defaults.

What means nothing outside of a Java virtual machine is refused with the reason; what has no effect under the chosen
protocol is refused as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from producer.config.jaas import Credentials, parse_jaas
from producer.config.property_types import Double, Int, Text, TextList, split_list, trimmed
from producer.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"]
_KERBEROS = "Kerberos (GSSAPI) is not here"


def _algorithm(value: object) -> object:
    # librdkafka says "none" for what Kafka leaves empty.
    text = trimmed(value)
    text = text.lower() if isinstance(text, str) else text
    return "" if text == "none" else text


def _upper(value: object) -> object:
    text = trimmed(value)
    return text.upper() if isinstance(text, str) else text


def _mechanism(value: object) -> object:
    name = _upper(value)
    if name == "GSSAPI":
        raise ValueError(_KERBEROS)
    return name


def _tls_version(value: object) -> object:
    text = trimmed(value)
    return {"tlsv1.2": "TLSv1.2", "tlsv1.3": "TLSv1.3"}.get(str(text).lower(), text)


def _pem(value: object) -> object:
    if _upper(value) != "PEM":
        msg = f"{value} keystores belong to Java; PEM is what is read here (`keytool -exportcert -rfc` and openssl write it)"
        raise ValueError(msg)
    return "PEM"


TlsVersion = Annotated[Literal["TLSv1.2", "TLSv1.3"], BeforeValidator(_tls_version)]
PemType = Annotated[Literal["PEM"], BeforeValidator(_pem)]


class SecurityConfig(BaseModel):
    """The part of a client's configuration that says how brokers and client come to trust each other."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    security_protocol: Annotated[Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"], BeforeValidator(_upper)] = (
        Field("PLAINTEXT", alias="security.protocol")
    )
    """TLS or not (SSL), a name and a proof or not (SASL)."""
    ssl_truststore_location: Text | None = Field(None, alias="ssl.truststore.location")
    """A PEM file with whom to trust: authorities, intermediate ones, brokers themselves; the system's, if none is given."""
    ssl_truststore_certificates: Text | None = Field(None, alias="ssl.truststore.certificates")
    """The same as text."""
    ssl_truststore_type: PemType = Field("PEM", alias="ssl.truststore.type")
    """Kafka's default, JKS, belongs to Java."""
    ssl_keystore_location: Text | None = Field(None, alias="ssl.keystore.location")
    """A PEM file with the client's private key and its certificate chain, for brokers that ask who is there."""
    ssl_keystore_key: Text | None = Field(None, alias="ssl.keystore.key", repr=False)
    """The client's private key, as PEM text."""
    ssl_keystore_certificate_chain: Text | None = Field(None, alias="ssl.keystore.certificate.chain")
    """The client's certificate and those that vouch for it, as PEM text."""
    ssl_keystore_type: PemType = Field("PEM", alias="ssl.keystore.type")
    """Kafka's default, JKS, belongs to Java."""
    ssl_key_password: Text | None = Field(None, alias="ssl.key.password", repr=False)
    """Decrypts the private key."""
    ssl_endpoint_identification_algorithm: Annotated[Literal["https", ""], BeforeValidator(_algorithm)] = Field(
        "https", alias="ssl.endpoint.identification.algorithm"
    )
    """Empty: any name in the broker's certificate will do, if only an authority vouches for it."""
    ssl_protocol: TlsVersion = Field("TLSv1.3", alias="ssl.protocol")
    """The newest version to speak."""
    ssl_enabled_protocols: Annotated[list[TlsVersion], BeforeValidator(split_list)] = Field(
        ["TLSv1.2", "TLSv1.3"], alias="ssl.enabled.protocols", min_length=1
    )
    """The versions to speak, up to `ssl.protocol`."""
    ssl_cipher_suites: TextList = Field([], alias="ssl.cipher.suites")
    """By Java's names or OpenSSL's; all that OpenSSL holds for safe, if none is given."""
    sasl_mechanism: Annotated[Mechanism | None, BeforeValidator(_mechanism)] = Field(None, alias="sasl.mechanism")
    """How to prove who we are. Kafka's default, GSSAPI, is not here: name one."""
    sasl_jaas_config: Text | None = Field(None, alias="sasl.jaas.config", repr=False)
    """Name and password in Kafka's form: `….ScramLoginModule required username="…" password="…";`"""
    sasl_username: str | None = Field(None, alias="sasl.username")
    """Not the Java client's: the user's name, as other clients take it."""
    sasl_password: str | None = Field(None, alias="sasl.password", repr=False)
    """Not the Java client's: the user's password."""
    sasl_oauthbearer_token_callback: Any = Field(None, alias="sasl.oauthbearer.token.callback")
    """Ours, not Kafka's: a callable that gives (token, seconds that it is good for), or these and a dict of the SASL
    extensions that go with it (KIP-342). It is called on a thread of its own, whenever a broker is to be shown a token and
    the one before is near its end."""
    sasl_login_refresh_window_factor: Double = Field(0.8, alias="sasl.login.refresh.window.factor", ge=0.5, le=1.0)
    """After which part of its life a token is not shown to another broker."""
    sasl_login_refresh_window_jitter: Double = Field(0.05, alias="sasl.login.refresh.window.jitter", ge=0.0, le=0.25)
    """By how much more of its life that varies."""
    sasl_login_refresh_min_period_seconds: Int = Field(60, alias="sasl.login.refresh.min.period.seconds", ge=0, le=900)
    """How long a token is shown at least, if it lives long enough for this and for what is kept before its end."""
    sasl_login_refresh_buffer_seconds: Int = Field(300, alias="sasl.login.refresh.buffer.seconds", ge=0, le=3_600)
    """How long before its end a token is not shown any more, if it lives long enough."""

    @property
    def uses_tls(self) -> bool:
        """Whether connections are encrypted."""
        return self.security_protocol in {"SSL", "SASL_SSL"}

    @property
    def uses_sasl(self) -> bool:
        """Whether brokers are told who we are in a SASL exchange."""
        return self.security_protocol in {"SASL_PLAINTEXT", "SASL_SSL"}

    @property
    def credentials(self) -> Credentials:
        """Name and password, wherever they were given. Raises ConfigError."""
        if self.sasl_jaas_config is not None:
            return parse_jaas(self.sasl_jaas_config, mechanism=str(self.sasl_mechanism))
        return Credentials(self.sasl_username or "", self.sasl_password or "")


SECRETS = frozenset((
    "ssl.keystore.key", "ssl.key.password", "sasl.jaas.config", "sasl.password", "schema.registry.basic.auth.user.info",
))  # fmt: skip
"""Properties whose values no message shows."""

_JVM = "it configures the Java virtual machine's side"
_JAVA_CLASS = "it names a Java class"
_STORE_PASSWORD = "PEM files have no password of their own (ssl.key.password decrypts a private key)"  # noqa: S105
_CALLBACK = "tokens come from sasl.oauthbearer.token.callback, which gets them as it likes"
REFUSED = {
    "ssl.truststore.password": _STORE_PASSWORD,
    "ssl.keystore.password": _STORE_PASSWORD,
    "ssl.provider": _JVM,
    "ssl.keymanager.algorithm": _JVM,
    "ssl.trustmanager.algorithm": _JVM,
    "ssl.secure.random.implementation": _JVM,
    "ssl.engine.factory.class": _JAVA_CLASS,
    "ssl.certificate.location": "put certificate and key into one PEM file, and name it in ssl.keystore.location",
    "ssl.key.location": "put certificate and key into one PEM file, and name it in ssl.keystore.location",
    "enable.ssl.certificate.verification": "certificates are always verified; an empty ssl.endpoint.identification.algorithm leaves out the host's name",
    "security.providers": _JVM,
    "sasl.client.callback.handler.class": _JAVA_CLASS,
    "sasl.login.callback.handler.class": _JAVA_CLASS,
    "sasl.login.class": _JAVA_CLASS,
    "sasl.login.connect.timeout.ms": _CALLBACK,
    "sasl.login.read.timeout.ms": _CALLBACK,
    "sasl.login.retry.backoff.ms": _CALLBACK,
    "sasl.login.retry.backoff.max.ms": _CALLBACK,
}
"""Security properties of Kafka's, and of librdkafka's, that have no effect here, and why."""

REFUSED_PREFIXES = {
    "sasl.kerberos.": _KERBEROS,
    "sasl.oauthbearer.": _CALLBACK,
}

ALIASES = {
    "sasl.mechanisms": "sasl.mechanism",
    "ssl.ca.location": "ssl.truststore.location",
    "ssl.ca.pem": "ssl.truststore.certificates",
    "ssl.certificate.pem": "ssl.keystore.certificate.chain",
    "ssl.key.pem": "ssl.keystore.key",
    "ssl.cafile": "ssl.truststore.location",
    "sasl.plain.username": "sasl.username",
    "sasl.plain.password": "sasl.password",
}
"""librdkafka's and kafka-python's names for the same things."""


# -- what excludes what ------------------------------------------------------------------------------------------------


def check_security(config: SecurityConfig, *, explicit: Iterable[str]) -> None:
    """Raise ConfigError for what is missing, and for what was given to no effect."""
    given = sorted(explicit)
    protocol, mechanism = config.security_protocol, config.sasl_mechanism
    for prefix, is_used in (("ssl.", config.uses_tls), ("sasl.", config.uses_sasl)):
        idle = next((name for name in given if name.startswith(prefix) and not is_used), None)
        if idle is not None:
            msg = f"{idle} has no effect with security.protocol={protocol}"
            raise ConfigError(msg)
    if config.uses_tls:
        _check_stores(config)
    if not config.uses_sasl:
        return
    if mechanism is None:
        msg = (
            f"sasl.mechanism is required with security.protocol={protocol}: Kafka's default, GSSAPI, is not here; "
            "choose PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER"
        )
        raise ConfigError(msg)
    is_oauth = mechanism == "OAUTHBEARER"
    for name in given:
        is_for_oauth = name.startswith(("sasl.oauthbearer.", "sasl.login."))
        if name in {"sasl.mechanism", "security.protocol"} or not name.startswith("sasl.") or is_for_oauth == is_oauth:
            continue
        msg = f"{name} has no effect with sasl.mechanism={mechanism}"
        raise ConfigError(f"{msg}: {_CALLBACK}" if is_oauth else msg)
    if is_oauth:
        _check_callback(config.sasl_oauthbearer_token_callback)
    else:
        _check_credentials(config)


def _check_stores(config: SecurityConfig) -> None:
    excluded: list[tuple[str, Any, str, Any]] = [
        ("ssl.truststore.location", config.ssl_truststore_location,
         "ssl.truststore.certificates", config.ssl_truststore_certificates),
        ("ssl.keystore.location", config.ssl_keystore_location, "ssl.keystore.key", config.ssl_keystore_key),
        ("ssl.keystore.location", config.ssl_keystore_location,
         "ssl.keystore.certificate.chain", config.ssl_keystore_certificate_chain),
    ]  # fmt: skip
    for name, one, other_name, other in excluded:
        if one is not None and other is not None:
            msg = f"{name} and {other_name} exclude each other"
            raise ConfigError(msg)
    if (config.ssl_keystore_key is None) != (config.ssl_keystore_certificate_chain is None):
        msg = "ssl.keystore.key and ssl.keystore.certificate.chain need each other"
        raise ConfigError(msg)
    has_key = config.ssl_keystore_location is not None or config.ssl_keystore_key is not None
    if config.ssl_key_password is not None and not has_key:
        msg = "ssl.key.password has no effect without ssl.keystore.location or ssl.keystore.key"
        raise ConfigError(msg)
    if config.ssl_protocol == "TLSv1.2" and "TLSv1.2" not in config.ssl_enabled_protocols:
        msg = "ssl.protocol is TLSv1.2, but ssl.enabled.protocols leaves that out"
        raise ConfigError(msg)


def _check_callback(callback: object) -> None:
    if callback is None:
        msg = "sasl.oauthbearer.token.callback is required with sasl.mechanism=OAUTHBEARER"
        raise ConfigError(msg)
    if not callable(callback):
        msg = f"sasl.oauthbearer.token.callback is a {type(callback).__name__}, must be callable"
        raise ConfigError(msg)


def _check_credentials(config: SecurityConfig) -> None:
    has_pair = config.sasl_username is not None or config.sasl_password is not None
    if config.sasl_jaas_config is not None and has_pair:
        msg = "sasl.jaas.config and sasl.username/sasl.password exclude each other"
        raise ConfigError(msg)
    if config.sasl_jaas_config is None and (config.sasl_username is None or config.sasl_password is None):
        msg = (
            f"sasl.mechanism={config.sasl_mechanism} needs sasl.jaas.config, or sasl.username and sasl.password"
        )  # fmt: skip
        raise ConfigError(msg)
    username, password = config.credentials
    if not username or "\0" in username + password:
        msg = "the SASL user's name is empty" if not username else "a zero byte in the SASL user's name or password"
        raise ConfigError(msg)
