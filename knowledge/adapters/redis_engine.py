"""A Redis for what may be lost: in this process, or the server or cluster that a URL names."""

import threading
from collections.abc import Callable
from typing import TypeVar

from purgatory import SyncCircuitBreakerFactory
from purgatory.domain.model import OpenedState
from pydantic import SecretStr
from redis import Redis
from redis.backoff import NoBackoff
from redis.cluster import RedisCluster
from redis.exceptions import RedisClusterException, RedisError
from redis.retry import Retry

from knowledge.errors import RedisUnavailable

TIMEOUT_SECONDS = 0.3
MOST_FAILURES = 3
REST_SECONDS = 5.0
CLUSTER = "+cluster"
Client = Redis | RedisCluster
T = TypeVar("T")


class RedisEngine:
    """Runs commands on one Redis; after failures in a row it is left alone for a while."""

    def __init__(self, url: SecretStr | None = None, *, rest_seconds: float = REST_SECONDS) -> None:
        """Connects with the first command. `redis+cluster://` names a node of a cluster."""
        self._url = url.get_secret_value() if url else None
        self.embedded = url is None
        self._client: Client | None = None
        self._lock = threading.Lock()
        self._breakers = SyncCircuitBreakerFactory(
            default_threshold=MOST_FAILURES, default_ttl=rest_seconds
        )

    def run(self, commands: Callable[[Client], T]) -> T:
        """What the commands return.

        Raises:
            RedisUnavailable: it did not answer in time, refused, or is being left alone.
        """
        try:
            with self._breakers.get_breaker("redis"):
                return commands(self._connected())
        except OpenedState as error:
            raise RedisUnavailable("Redis is left alone after failures") from error
        except (RedisError, RedisClusterException, OSError, ValueError) as error:
            # Its text may hold the address, and that a password.
            raise RedisUnavailable(f"Redis does not serve: {type(error).__name__}") from error

    def answers(self) -> bool:
        """True.

        Raises:
            RedisUnavailable: it does not answer.
        """
        return bool(self.run(lambda redis: redis.ping()))

    def close(self) -> None:
        """Let go of the connections."""
        with self._lock:
            if self._client is not None:
                self._client.close()

    def _connected(self) -> Client:
        with self._lock:
            if self._client is None:
                self._client = _open(self._url)
            return self._client


def _open(url: str | None) -> Client:
    if url is None:
        from fakeredis import FakeRedis  # noqa: PLC0415  half a second to import

        return FakeRedis()
    if CLUSTER in url.partition("://")[0]:
        return RedisCluster.from_url(
            url.replace(CLUSTER, "", 1),
            retry=Retry(NoBackoff(), 1),  # a slot that has moved
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
        )
    return Redis.from_url(
        url,
        retry=None,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
    )
