"""The answer cache in a Redis: `supportbot:TENANT:answer:{NAME}:kept`, `…:lock` and `…:alike`.

The keys of one answer share what stands in braces, so a cluster keeps them in one slot. Nothing
else is done to several keys at once: whoever wants all of them asks node by node.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import cast

from knowledge.adapters.kept_json import dumped, dumped_alike, loaded, loaded_alike
from knowledge.adapters.redis_engine import Client, RedisEngine
from knowledge.documents import Abstention, Answer, CacheKey
from knowledge.metering import Usage
from knowledge.ports import Alike, CacheStats, Checks, Kept, Lookup

MOST_IN_PROCESS = 2_000  # about 15 MB; a server has a limit of its own
_AT_ONCE = 200
_CHECK = "check:"
_PROMPT, _COMPLETION = "saved_prompt_tokens", "saved_completion_tokens"
_KEEP = """
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
if redis.call('GET', KEYS[2]) == ARGV[3] then redis.call('DEL', KEYS[2]) end
return 1
"""
_RESTAMP = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
return 1
"""
_RENEW = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""
_UNLOCK = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""


class RedisAnswers:
    """Remembered outcomes of one workspace."""

    def __init__(self, engine: RedisEngine, *, tenant: str = "default") -> None:
        """`tenant` is the workspace: letters, digits, - and _."""
        self._engine = engine
        self._prefix = f"supportbot:{tenant}:answer:"
        self._counts = f"{self._prefix}lookups"

    def look(self, key: CacheKey) -> Kept | None:
        """What is remembered; a value that is not ours is none."""
        name = self._kept(key)
        found = self._engine.run(lambda redis: redis.get(name))
        return None if found is None else loaded(cast("bytes", found))

    def keep(self, key: CacheKey, kept: Kept, *, seconds: float, token: str) -> None:
        """Remember it for so long, and let go of the lock; one script."""
        arguments = (self._kept(key), self._lock(key), dumped(kept), _milliseconds(seconds), token)
        self._engine.run(lambda redis: redis.eval(_KEEP, 2, *arguments))
        if self._engine.embedded:
            self._engine.run(self._make_room)

    def restamp(self, key: CacheKey, before: Kept, after: Kept) -> bool:
        """Compare and set; the time that is left stays."""
        return self._script(_RESTAMP, self._kept(key), dumped(before), dumped(after))

    def forget(self, key: CacheKey) -> bool:
        """Forget one."""
        name = self._kept(key)
        return bool(self._engine.run(lambda redis: redis.delete(name)))

    def lock(self, key: CacheKey, token: str, *, seconds: float) -> bool:
        """Take the lock where nobody has it."""
        name, lasts = self._lock(key), _milliseconds(seconds)
        return bool(self._engine.run(lambda redis: redis.set(name, token, nx=True, px=lasts)))

    def renew(self, key: CacheKey, token: str, *, seconds: float) -> bool:
        """Begin its time anew where it is ours."""
        return self._script(_RENEW, self._lock(key), token, str(_milliseconds(seconds)))

    def unlock(self, key: CacheKey, token: str) -> None:
        """Let go of it where it is ours."""
        self._script(_UNLOCK, self._lock(key), token)

    def count(self, lookup: Lookup, saved: Usage) -> None:
        """Count, until everything is cleared."""
        counted = {lookup: 1, _PROMPT: saved.prompt, _COMPLETION: saved.completion}

        def add(redis: Client) -> None:
            pipeline = redis.pipeline(transaction=False)
            for name, more in counted.items():
                if more:
                    pipeline.hincrby(self._counts, name, more)
            pipeline.execute()

        self._engine.run(add)

    def look_alike(self, key: CacheKey) -> Alike | None:
        """The question that stands for all that are alike."""
        name = self._alike(key)
        found = self._engine.run(lambda redis: redis.get(name))
        return None if found is None else loaded_alike(cast("bytes", found))

    def keep_alike(self, key: CacheKey, alike: Alike, *, seconds: float) -> None:
        """Remember it for so long."""
        name, value, lasts = self._alike(key), dumped_alike(alike), _milliseconds(seconds)
        self._engine.run(lambda redis: redis.set(name, value, px=lasts))

    def checks(self, scope: str) -> Checks:
        """Read them."""
        names = [_check(scope, right=right) for right in (True, False)]
        found = self._engine.run(lambda redis: redis.hmget(self._counts, names))
        right, wrong = (int(one or 0) for one in cast("list[bytes | None]", found))
        return Checks(right, wrong)

    def check(self, scope: str, *, right: bool) -> Checks:
        """Count, until everything is cleared."""
        name = _check(scope, right=right)
        self._engine.run(lambda redis: redis.hincrby(self._counts, name, 1))
        return self.checks(scope)

    def stats(self) -> CacheStats:
        """Read every value once."""

        def read(redis: Client) -> CacheStats:
            kinds = Counter(
                type(kept.outcome) if kept else None
                for names in _pieces(self._names(redis, ":kept"))
                for value in _values(redis, names)
                for kept in (loaded(value),)
            )
            counts = cast("dict[bytes, bytes]", redis.hgetall(self._counts))

            def counted(name: str) -> int:
                return int(counts.get(name.encode(), 0))

            return CacheStats(
                kinds[Answer],
                kinds[Abstention],
                kinds[None],
                {one: counted(one) for one in Lookup},
                Usage(counted(_PROMPT), counted(_COMPLETION)),
                {
                    scope: Checks(*(counted(_check(scope, right=one)) for one in (True, False)))
                    for scope in _scopes(counts)
                },
            )

        return self._engine.run(read)

    def clear(self) -> int:
        """Delete all that is ours: outcomes, locks and counts."""

        def delete(redis: Client) -> int:
            kept = 0
            for names in _pieces(self._names(redis, "")):
                pipeline = redis.pipeline(transaction=False)
                for name in names:
                    pipeline.unlink(name)
                gone = zip(names, pipeline.execute(), strict=True)
                kept += sum(bool(was) for name, was in gone if name.endswith(b":kept"))
            return kept

        return self._engine.run(delete)

    def _script(self, script: str, name: str, *arguments: str) -> bool:
        return bool(self._engine.run(lambda redis: redis.eval(script, 1, name, *arguments)))

    def _names(self, redis: Client, ending: str) -> Iterator[bytes]:
        """Keys of ours, on all nodes; of one that is written meanwhile it may tell or not."""
        found = redis.scan_iter(match=f"{self._prefix}*{ending}", count=_AT_ONCE)
        return cast("Iterator[bytes]", found)

    def _make_room(self, redis: Client) -> None:
        """In the process nobody else bounds what is kept: drop any, one for each that is new."""
        if redis.dbsize() <= MOST_IN_PROCESS:
            return
        name = cast("bytes | None", redis.randomkey())
        if name and name.startswith(self._prefix.encode()) and name.endswith((b":kept", b":alike")):
            redis.delete(name)

    def _kept(self, key: CacheKey) -> str:
        return f"{self._prefix}{{{key}}}:kept"

    def _lock(self, key: CacheKey) -> str:
        return f"{self._prefix}{{{key}}}:lock"

    def _alike(self, key: CacheKey) -> str:
        return f"{self._prefix}{{{key}}}:alike"


def _check(scope: str, *, right: bool) -> str:
    return f"{_CHECK}{scope}:{'right' if right else 'wrong'}"


def _scopes(counts: Mapping[bytes, bytes]) -> set[str]:
    checks = [name.decode() for name in counts if name.startswith(_CHECK.encode())]
    return {name.removeprefix(_CHECK).rsplit(":", 1)[0] for name in checks}


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))


def _values(redis: Client, names: list[bytes]) -> list[bytes]:
    """What is under these names, each asked for by itself; those that are gone by now lack."""
    pipeline = redis.pipeline(transaction=False)
    for name in names:
        pipeline.get(name)
    return [one for one in pipeline.execute() if one is not None]


def _pieces(names: Iterator[bytes]) -> Iterator[list[bytes]]:
    while piece := list(islice(names, _AT_ONCE)):
        yield piece
