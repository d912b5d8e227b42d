"""Recording fakes of the ports, and makers of the values that go through them."""

import itertools
import math
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np

from bot.cases import Case, Customer
from bot.errors import BooksUnavailable, LeaseLost, TransportUnknown
from bot.messages import (
    ChannelId,
    InboundMessage,
    Kind,
    TeamId,
    ThreadRef,
    Trace,
    Ts,
    Turn,
    UserId,
)
from bot.ports import Action, Claimed, Mailed, Outgoing, Parcel, Receipt, Settlement
from knowledge.documents import (
    Abstention,
    Answer,
    Article,
    ArticleId,
    Audience,
    CacheKey,
    Chunk,
    Citation,
    Encoding,
    Held,
    Indexed,
    Passage,
    Reason,
    Retrieval,
    Stamp,
    Status,
    Vectors,
)
from knowledge.errors import GeneratorUnavailable, RedisUnavailable, StoreUnavailable
from knowledge.metering import NOTHING, Usage, take
from knowledge.ports import Alike, CacheStats, Checks, Kept, Lookup, OnText, Query
from triage.schema import Sentiment, Triage, Urgency

TEAM, CHANNEL, ADA = TeamId("T1"), ChannelId("C1"), UserId("UADA")
TODAY = date(2026, 9, 14)
BOOTS = "You can return boots within 60 days."


def thread_at(ts: str = "1.0", *, channel: str = CHANNEL, team: str = TEAM) -> ThreadRef:
    return ThreadRef(TeamId(team), ChannelId(channel), Ts(ts))


def inbound(
    text: str = "How do I return boots?", *, ts: str = "1.0", **changes: Any
) -> InboundMessage:
    """A mention by Ada that opens a thread of its own, but for the changes."""
    thread = changes.pop("thread", None) or thread_at(ts)
    plain = InboundMessage(Kind.MENTION, thread, Ts(ts), ADA, text)
    return replace(plain, **changes)


def claimed(message: InboundMessage | None = None, **changes: Any) -> Claimed:
    plain = Claimed(1, "token", "ref00001", 1, message or inbound(), None)
    return replace(plain, **changes)


def reply(text: str = "answer", *, ts: str = "1.0", **changes: Any) -> Outgoing:
    plain = Outgoing(Action.POST, CHANNEL, text, thread_ts=Ts(ts), is_reply=True)
    return replace(plain, **changes)


def a_case(**changes: Any) -> Case:
    """A case of Mira's, open and not kept yet, but for the changes."""
    plain = Case(
        reference="case0001",
        team=TEAM,
        conversation="conversation-1",
        mail_id=1,
        customer=Customer("Mira Holt", "mira@shop.test", sender="mira@shop.test"),
        subject="Boots",
        gist="How do I return boots?",
        words="How do I return boots?",
        message_id="<1@shop.test>",
    )
    return replace(plain, **changes)


def citation(
    n: int = 1, title: str = "Returns", url: str = "https://help.test/returns"
) -> Citation:
    return Citation(n, ArticleId(f"article-{n}"), title, url, TODAY, 0.9)


def passage(text: str = BOOTS, *, article: str = "returns", cosine: float = 0.9) -> Passage:
    chunk = Chunk(ArticleId(article), 0, (article.title(),), text, 0, len(text))
    tokens = FakeEmbedder().encode([text])[0].tokens
    url = f"https://help.test/{article}"
    return Passage(chunk, article.title(), url, TODAY, 1.0, cosine, tokens)


@dataclass
class FakeClock:
    """Stands still until it is told to go on."""

    now: float = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class FakeTransport:
    """Slack that remembers; `faults` are raised one a call, `drops` posts arrive without a word."""

    faults: dict[str, list[Exception]] = field(default_factory=dict)
    drops: int = 0
    streams: bool = True
    stray: Sequence[Ts] = ()
    calls: list[tuple[str, Any]] = field(default_factory=list)
    arrived: dict[str, Ts] = field(default_factory=dict)
    on_status: Callable[[], None] = lambda: None
    _ts: Any = field(default_factory=lambda: itertools.count(100))

    def of(self, name: str) -> list[Any]:
        return [argument for called, argument in self.calls if called == name]

    def post(self, outgoing: Outgoing, *, marker: str) -> Ts:
        self._called("post", outgoing)
        ts = self.arrived[marker] = self._next_ts()
        if self.drops:
            self.drops -= 1
            raise TransportUnknown("the connection broke after the post")
        return ts

    def update(self, outgoing: Outgoing, ts: Ts, *, marker: str) -> None:
        self._called("update", (ts, outgoing, marker))

    def delete(self, channel: ChannelId, ts: Ts) -> None:
        self._called("delete", (channel, ts))

    def whisper(self, outgoing: Outgoing) -> None:
        self._called("whisper", outgoing)

    def react(self, channel: ChannelId, ts: Ts, emoji: str) -> None:
        self._called("react", (channel, ts, emoji))

    def find(self, outgoing: Outgoing, *, marker: str) -> Ts | None:
        self._called("find", outgoing)
        return self.arrived.get(marker)

    def permalink(self, channel: ChannelId, ts: Ts) -> str | None:
        return f"https://acme.slack.test/archives/{channel}/p{ts.replace('.', '')}"

    def status(self, thread: ThreadRef, text: str) -> None:
        self._called("status", (thread, text))
        self.on_status()

    def strays(self, outgoing: Outgoing, *, after: Ts) -> Sequence[Ts]:
        self._called("strays", (outgoing, after))
        return self.stray

    def start_stream(self, thread: ThreadRef, user: UserId, text: str) -> Ts | None:
        self._called("start_stream", (thread, user, text))
        return self._next_ts() if self.streams else None

    def append_stream(self, channel: ChannelId, ts: Ts, text: str) -> bool:
        self._called("append_stream", (channel, ts, text))
        return self.streams

    def edit_stream(self, channel: ChannelId, ts: Ts, text: str, *, ends: bool) -> bool:
        self._called("edit_stream", (channel, ts, ends, text))
        return self.streams

    def _called(self, name: str, argument: object) -> None:
        self.calls.append((name, argument))
        if self.faults.get(name):
            raise self.faults[name].pop(0)

    def _next_ts(self) -> Ts:
        return Ts(f"{next(self._ts)}.0")


@dataclass
class FakeInbox:
    """An inbox in memory: each message once, one at a time in a thread."""

    away: bool = False
    lost: bool = False
    unsaid: bool = False
    kept: list[InboundMessage] = field(default_factory=list)
    states: dict[Ts, str] = field(default_factory=dict)
    attempts: dict[Ts, int] = field(default_factory=dict)
    settled: list[Settlement] = field(default_factory=list)
    buried: list[Settlement] = field(default_factory=list)
    postponed: list[float] = field(default_factory=list)
    streamed: list[Ts] = field(default_factory=list)
    handed: set[ThreadRef] = field(default_factory=set)
    previous: Turn | None = None
    behind: Turn | None = None
    live_ts: Ts | None = None

    def receive(self, message: InboundMessage) -> Receipt:
        self._reached()
        place = next((n for n, one in enumerate(self.kept) if one.ts == message.ts), None)
        if place is None:
            self.kept.append(message)
            self.states[message.ts] = "received"
            return Receipt.NEW
        if message.edited is None or self.kept[place].text == message.text:
            return Receipt.FOLDED
        self.kept[place] = message
        self.states[message.ts] = "received"
        return Receipt.REVISED

    def withdraw(self, team: TeamId, channel: ChannelId, ts: Ts) -> bool:
        known = self.knows(team, channel, ts)
        self.states[ts] = "withdrawn"
        return known

    def claim(self) -> Claimed | None:
        self._reached()
        busy: set[ThreadRef] = set()
        for n, message in enumerate(self.kept):
            if self.states[message.ts] == "received" and message.thread not in busy:
                self.states[message.ts] = "claimed"
                attempts = self.attempts[message.ts] = self.attempts.get(message.ts, 0) + 1
                return Claimed(n, "token", f"ref{n:05}", attempts, message, self.live_ts)
            if self.states[message.ts] in {"received", "claimed"}:
                busy.add(message.thread)
        return None

    def settle(self, claimed: Claimed, settlement: Settlement) -> None:
        self._close(claimed, settlement, "done")
        self.settled.append(settlement)

    def bury(self, claimed: Claimed, settlement: Settlement, *, error: str) -> None:
        assert error
        self._close(claimed, settlement, "dead")
        self.buried.append(settlement)

    def renew(self, claimed: Claimed) -> bool:
        self._reached()
        return not self.lost and self.states[claimed.message.ts] == "claimed"

    def postpone(self, claimed: Claimed, *, seconds: float, error: str) -> None:
        assert error
        self.states[claimed.message.ts] = "received"
        self.postponed.append(seconds)

    def may_stream(self, claimed: Claimed) -> bool:  # noqa: ARG002  the port's
        return not self.unsaid

    def streaming(self, claimed: Claimed, ts: Ts) -> None:
        if self.lost:
            raise LeaseLost(claimed.reference)
        self.streamed.append(ts)
        self.live_ts = ts

    def knows(self, team: TeamId, channel: ChannelId, ts: Ts) -> bool:
        place = (team, channel, ts)
        return self.states.get(ts, "withdrawn") != "withdrawn" and any(
            (one.thread.team, one.thread.channel, one.ts) == place for one in self.kept
        )

    def takes_part(self, thread: ThreadRef) -> bool:
        return any(one.thread == thread for one in self.kept) and not self.handed_off(thread)

    def handed_off(self, thread: ThreadRef) -> bool:
        return thread in self.handed

    def turns(self, message: InboundMessage) -> int:
        return sum(
            one.thread == message.thread and one.user == message.user and one.ts != message.ts
            for one in self.kept
        )

    def previous_turn(self, message: InboundMessage) -> Turn | None:
        assert message
        return self.previous

    def question_behind(self, thread: ThreadRef, reply: Ts | None) -> Turn | None:
        assert thread
        assert reply is None or reply
        return self.behind

    def trace(self, channel: ChannelId, ts: Ts) -> Trace | None:
        state = self.states.get(ts)
        return {"channel": channel, "state": state} if state else None

    def _close(self, claimed: Claimed, settlement: Settlement, state: str) -> None:
        if self.lost or self.states.get(claimed.message.ts) != "claimed":
            raise LeaseLost(claimed.reference)
        self.states[claimed.message.ts] = state
        if settlement.handed_off:
            self.handed.add(claimed.message.thread)

    def _reached(self) -> None:
        if self.away:
            raise BooksUnavailable("no books today")


@dataclass
class Row:
    """One row of the fake outbox."""

    parcel: Parcel
    not_before: float
    state: str = "ready"
    ts: Ts | None = None
    error: str | None = None


@dataclass
class FakeOutbox:
    """An outbox in memory; rows in order, doubtful ones remembered."""

    clock: FakeClock
    rows: list[Row] = field(default_factory=list)
    until: float = math.inf

    def put(self, outgoing: Outgoing, *, target_ts: Ts | None = None, doubts: int = 0) -> None:
        n = len(self.rows) + 1
        parcel = Parcel(n, outgoing, target_ts, 0, doubtful=False, marker=str(n), doubts=doubts)
        self.rows.append(Row(parcel, self.clock()))

    def claim(self) -> Parcel | None:
        for row in self.rows:
            if row.state == "ready" and row.not_before <= self.clock():
                row.state = "sending"
                attempts = row.parcel.attempts + 1
                row.parcel = replace(row.parcel, attempts=attempts, until=self.until)
                return row.parcel
            if row.state in {"ready", "sending"}:
                return None
        return None

    def sent(self, parcel: Parcel, ts: Ts | None) -> None:
        self._row(parcel).state = "sent"
        self._row(parcel).ts = ts

    def again(self, parcel: Parcel, *, seconds: float) -> None:
        self._later(parcel, seconds, doubtful=parcel.doubtful)

    def doubt(self, parcel: Parcel, *, seconds: float) -> None:
        row = self._row(parcel)
        row.parcel = replace(row.parcel, doubts=parcel.doubts + 1)
        self._later(parcel, seconds, doubtful=True)

    def failed(self, parcel: Parcel, *, error: str) -> None:
        self._row(parcel).state = "failed"
        self._row(parcel).error = error

    def mailed(self, parcel: Parcel, outcome: Mailed, *, error: str | None = None) -> None:
        self._row(parcel).state = outcome
        self._row(parcel).error = error

    def _later(self, parcel: Parcel, seconds: float, *, doubtful: bool) -> None:
        row = self._row(parcel)
        row.parcel = replace(row.parcel, doubtful=doubtful)
        row.state, row.not_before = "ready", self.clock() + seconds

    def _row(self, parcel: Parcel) -> Row:
        return self.rows[parcel.id - 1]


@dataclass
class FakeTriage:
    """A triage model that labels everything alike, or fails."""

    error: Exception | None = None
    intent: str = "policy_question"
    urgency: Urgency = Urgency.LOW
    uncertain: bool = False

    def predict(self, utterance: str) -> Triage:
        assert utterance
        if self.error:
            raise self.error
        return Triage(
            intent=self.intent,
            urgency=self.urgency,
            sentiment=Sentiment.NEUTRAL,
            confidence={"intent": 0.9, "urgency": 0.9, "sentiment": 0.9},
            uncertain=self.uncertain,
            model="fake",
        )


class FakeEmbedder:
    """Bags of words as vectors, so that texts which share words are near."""

    version = "fake-1"

    def embed(self, texts: Sequence[str]) -> Vectors:
        rows = np.full((len(texts), 64), 1e-6, dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for place in self._places(text):
                row[place] += 1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        return [
            Encoding(vector, np.eye(64, dtype=np.int8)[self._places(text)] * np.int8(127))
            for vector, text in zip(self.embed(texts), texts, strict=True)
        ]

    def _places(self, text: str) -> list[int]:
        return [sum(word.encode()) % 64 for word in re.findall(r"\w+", text.casefold())]


@dataclass
class FakeStore:
    """Articles of one chunk in memory, the nearest first."""

    away: bool = False
    kept: dict[ArticleId, tuple[Article, Sequence[Indexed], str]] = field(default_factory=dict)

    def add(self, article_id: str, text: str, *, audience: Audience = Audience.PUBLIC) -> None:
        article = Article(
            ArticleId(article_id),
            article_id.title(),
            f"https://help.test/{article_id}",
            Status.PUBLISHED,
            audience,
            TODAY,
            text,
        )
        chunk = Chunk(article.id, 0, (article.title,), text, 0, len(text))
        [encoding] = FakeEmbedder().encode([text])
        self.replace(article, [Indexed(chunk, text, encoding)], version=article.version)

    def held(self) -> Mapping[ArticleId, Held]:
        return {
            one.id: Held(
                version,
                one.source,
                one.title,
                one.url,
                one.status,
                one.audience,
                one.updated,
                len(parts),
            )
            for one, parts, version in self.kept.values()
        }

    def encodings(self, digests: Collection[str]) -> Mapping[str, Encoding]:
        parts = (part for _, parts, _ in self.kept.values() for part in parts)
        return {part.digest: part.encoding for part in parts if part.digest in digests}

    def replace(self, article: Article, parts: Sequence[Indexed], *, version: str) -> None:
        self.kept[article.id] = (article, parts, version)

    def remove(self, article_ids: Sequence[ArticleId]) -> None:
        for article_id in article_ids:
            self.kept.pop(article_id, None)

    def search(self, query: Query) -> list[Passage]:
        if self.away:
            raise StoreUnavailable("no store today")
        found = [
            Passage(
                part.chunk,
                article.title,
                article.url,
                article.updated,
                cosine,
                cosine,
                part.encoding.tokens,
                self._version(article.id),
            )
            for article, parts, _ in self.kept.values()
            if article.status is Status.PUBLISHED and article.audience in query.audience.readable
            for part in parts
            for cosine in (float(part.encoding.vector @ query.vector),)
        ]
        return sorted(found, key=lambda one: -one.score)[: query.limit]

    def _version(self, article_id: ArticleId) -> str:
        article, _, version = self.kept[article_id]
        return f"{version} {article.status} {article.audience}"

    def stamp(self, article_ids: Collection[ArticleId] = ()) -> Stamp:
        if self.away:
            raise StoreUnavailable("no store today")
        versions = {one: self._version(one) for one in sorted(self.kept)}
        asked = {one: versions[one] for one in article_ids if one in versions}
        return Stamp(repr(versions), asked)

    def switch(self) -> None:
        pass

    def close(self) -> None:
        pass


@dataclass
class FakeGenerator:
    """Says the first passage with its marker, or what it is told to say, word by word."""

    says: str | None = None
    away: bool = False
    before: Callable[[], None] = lambda: None
    questions: list[str] = field(default_factory=list)
    takes: Usage = NOTHING
    name: str = "fake"

    def generate(
        self, question: str, passages: Sequence[Passage], *, on_text: OnText | None = None
    ) -> str:
        self.questions.append(question)
        self.before()
        if self.away:
            raise GeneratorUnavailable("no generator today")
        take(self.takes)
        text = f"{passages[0].chunk.text} [1]" if self.says is None else self.says
        for word in re.findall(r"\S+\s*", text):
            if on_text:
                on_text(word)
        return text


def an_answer(text: str = f"{BOOTS} [1]", *, article: str = "returns") -> Answer:
    """An answer from one passage."""
    found = passage(article=article)
    url = f"https://help.test/{article}"
    cited = Citation(1, ArticleId(article), article.title(), url, TODAY, 0.9)
    return Answer(text, (cited,), "fake", a_retrieval(found))


def an_abstention(reason: Reason = Reason.NOTHING_NEAR) -> Abstention:
    return Abstention(reason, (citation(),), "fake", a_retrieval(passage()))


def a_retrieval(*passages: Passage) -> Retrieval:
    [encoding] = FakeEmbedder().encode(["question"])
    return Retrieval("question", passages, passages, encoding, {}, answerable=0.9)


@dataclass
class FakeAnswerCache:
    """An answer cache in memory; `away` as a Redis that does not answer."""

    away: bool = False
    kept: dict[CacheKey, tuple[Kept, float]] = field(default_factory=dict)
    locks: dict[CacheKey, tuple[str, float]] = field(default_factory=dict)
    counts: Counter[Lookup] = field(default_factory=Counter)
    saved: Usage = NOTHING
    alike: dict[CacheKey, Alike] = field(default_factory=dict)
    checked: dict[str, Checks] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self, key: CacheKey) -> Kept | None:
        with self._reached("look"):
            kept, until = self.kept.get(key, (None, 0.0))
            return kept if until > time.monotonic() else None

    def keep(self, key: CacheKey, kept: Kept, *, seconds: float, token: str) -> None:
        with self._reached("keep"):
            self.kept[key] = (kept, time.monotonic() + seconds)
            self._let_go(key, token)

    def restamp(self, key: CacheKey, before: Kept, after: Kept) -> bool:
        with self._reached("restamp"):
            kept, until = self.kept.get(key, (None, 0.0))
            if kept is None or kept.epoch != before.epoch:
                return False
            self.kept[key] = (after, until)
            return True

    def forget(self, key: CacheKey) -> bool:
        with self._reached("forget"):
            return self.kept.pop(key, None) is not None

    def lock(self, key: CacheKey, token: str, *, seconds: float) -> bool:
        with self._reached("lock"):
            if self._holder(key) is not None:
                return False
            self.locks[key] = (token, time.monotonic() + seconds)
            return True

    def renew(self, key: CacheKey, token: str, *, seconds: float) -> bool:
        with self._reached("renew"):
            if self._holder(key) != token:
                return False
            self.locks[key] = (token, time.monotonic() + seconds)
            return True

    def unlock(self, key: CacheKey, token: str) -> None:
        with self._reached("unlock"):
            self._let_go(key, token)

    def count(self, lookup: Lookup, saved: Usage) -> None:
        with self._reached("count"):
            self.counts[lookup] += 1
            self.saved += saved

    def look_alike(self, key: CacheKey) -> Alike | None:
        with self._reached("look_alike"):
            return self.alike.get(key)

    def keep_alike(self, key: CacheKey, alike: Alike, *, seconds: float) -> None:
        with self._reached("keep_alike"):
            if seconds > 0:
                self.alike[key] = alike

    def checks(self, scope: str) -> Checks:
        with self._reached("checks"):
            return self.checked.get(scope, Checks())

    def check(self, scope: str, *, right: bool) -> Checks:
        with self._reached("check"):
            old = self.checked.get(scope, Checks())
            new = Checks(old.right + right, old.wrong + (not right))
            self.checked[scope] = new
            return new

    def stats(self) -> CacheStats:
        with self._reached("stats"):
            kinds = Counter(type(kept.outcome) for kept, _ in self.kept.values())
            lookups = {one: self.counts[one] for one in Lookup}
            return CacheStats(
                kinds[Answer], kinds[Abstention], 0, lookups, self.saved, dict(self.checked)
            )

    def clear(self) -> int:
        with self._reached("clear"):
            many = len(self.kept)
            self.kept.clear()
            self.locks.clear()
            self.counts.clear()
            self.saved = NOTHING
            self.alike.clear()
            self.checked.clear()
            return many

    @contextmanager
    def _reached(self, name: str) -> Iterator[None]:
        self.calls.append(name)
        if self.away:
            raise RedisUnavailable("no Redis today")
        with self._lock:
            yield

    def _holder(self, key: CacheKey) -> str | None:
        token, until = self.locks.get(key, (None, 0.0))
        return token if until > time.monotonic() else None

    def _let_go(self, key: CacheKey, token: str) -> None:
        if self._holder(key) == token:
            del self.locks[key]
