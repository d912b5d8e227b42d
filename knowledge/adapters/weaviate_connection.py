"""Reaching a Weaviate, and saying in plain words why it cannot be reached."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr
from weaviate import WeaviateClient
from weaviate.classes.init import AdditionalConfig, Auth, Timeout
from weaviate.config import GrpcConfig
from weaviate.connect import ConnectionParams
from weaviate.exceptions import (
    UnexpectedStatusCodeError,
    WeaviateBaseError,
    WeaviateConnectionError,
    WeaviateStartUpError,
    WeaviateTimeoutError,
    WeaviateUnsupportedFeatureError,
)

from knowledge.errors import StoreUnavailable

# An RPC waits for a lost connection until its own time is up. Without this it fails at once and
# the client tries again after 1, 2, 4, 8, 16 and 32 seconds, while somebody waits for an answer.
_WAIT_FOR_READY = json.dumps({"methodConfig": [{"name": [{}], "waitForReady": True}]})
_LONGEST_QUOTE = 300


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long each kind of call may take, in seconds; connecting may take the client's own 5."""

    query: float = 10
    insert: float = 60


@dataclass(frozen=True, slots=True)
class WeaviateServer:
    """Where a Weaviate is: `url` is http(s)://host[:port].

    Its gRPC is at port 50051 of the same host, on Weaviate Cloud at a host of its own; both
    can be given.
    """

    url: str
    api_key: SecretStr | None = None
    grpc_host: str | None = None
    grpc_port: int | None = None
    timeouts: Timeouts = field(default_factory=Timeouts)

    def addresses(self) -> ConnectionParams:
        """Both ends; the gRPC end is secured when the other is.

        Raises:
            StoreUnavailable: the URL is none.
        """
        try:
            parts = urlsplit(self.url)
            host, port, secure = parts.hostname or "", parts.port, parts.scheme == "https"
            in_cloud = host.endswith(".weaviate.cloud")
            if parts.scheme not in {"http", "https"}:
                raise ValueError(parts.scheme)  # noqa: TRY301  one advice for every bad URL
            return ConnectionParams.from_params(
                http_host=host,
                http_port=port or (443 if secure else 80),
                http_secure=secure,
                grpc_host=self.grpc_host or (f"grpc-{host}" if in_cloud else host),
                grpc_port=self.grpc_port or (443 if in_cloud else 50051),
                grpc_secure=secure,
            )
        except ValueError as exc:
            raise StoreUnavailable(
                "WEAVIATE_URL must look like https://host or http://localhost:8080, and gRPC needs"
                " a port of its own"
            ) from exc


def connect(server: WeaviateServer) -> WeaviateClient:
    """Open both connections and look at the server's version.

    The client's own checks are skipped: they ask the internet for its newest version.
    """
    timeouts = server.timeouts
    client = WeaviateClient(
        connection_params=server.addresses(),
        auth_client_secret=(
            Auth.api_key(server.api_key.get_secret_value()) if server.api_key else None
        ),
        additional_config=AdditionalConfig(
            timeout=Timeout(query=timeouts.query, insert=timeouts.insert),
            grpc_config=GrpcConfig(channel_options=[("grpc.service_config", _WAIT_FOR_READY)]),
        ),
        skip_init_checks=True,
    )
    try:
        client.connect()
    except BaseException:
        client.close()
        raise
    return client


@contextmanager
def translated(server: WeaviateServer) -> Iterator[None]:
    """Say what to check when the client fails."""
    try:
        yield
    except (WeaviateBaseError, httpx.HTTPError) as exc:
        raise StoreUnavailable(_advice(exc, server)) from exc


def _advice(exc: Exception, server: WeaviateServer) -> str:
    ends = server.addresses()
    http, rpc = ends.http, ends.grpc
    where = f"Weaviate at {http.host}:{http.port} (gRPC {rpc.host}:{rpc.port})"
    causes = list(_causes(exc))
    if any(_refused(one) for one in causes):
        return f"{where} refuses us: check WEAVIATE_API_KEY and what this key may do"
    if any(_too_old(one) for one in causes):
        return f"{where} is too old: run Weaviate 1.32 or newer"
    if any(_late(one) for one in causes):
        return f"{where} did not answer in time: is it overloaded, is the gRPC port reachable?"
    if any(_unreached(one) for one in causes):
        return f"{where} cannot be reached: start it, or check WEAVIATE_URL and the gRPC port"
    return f"{where} says: {' '.join(str(exc).split())[:_LONGEST_QUOTE]}"


def _causes(exc: BaseException | None) -> Iterator[BaseException]:
    """The error and what it came from: the client keeps gRPC's status only there."""
    while exc is not None:
        yield exc
        exc = exc.__cause__ or exc.__context__


def _refused(exc: BaseException) -> bool:
    if isinstance(exc, UnexpectedStatusCodeError) and exc.status_code in {401, 403}:
        return True
    return _code(exc) in {"UNAUTHENTICATED", "PERMISSION_DENIED"}


def _too_old(exc: BaseException) -> bool:
    if isinstance(exc, WeaviateStartUpError):
        return "not supported" in exc.message
    return isinstance(exc, WeaviateUnsupportedFeatureError)


def _late(exc: BaseException) -> bool:
    if isinstance(exc, WeaviateTimeoutError | httpx.TimeoutException):
        return True
    return _code(exc) == "DEADLINE_EXCEEDED"


def _unreached(exc: BaseException) -> bool:
    if isinstance(exc, WeaviateConnectionError | WeaviateStartUpError | httpx.TransportError):
        return True
    return _code(exc) == "UNAVAILABLE"


def _code(exc: BaseException) -> str:
    """The name of a failed RPC's status, "" for any other error."""
    code = getattr(exc, "code", None)
    return str(getattr(code(), "name", "")) if callable(code) else ""
