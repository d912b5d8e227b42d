"""Settings to an answerer that remembers, and what makes it forget."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import structlog

from bot.books.engine import Books
from bot.books.keys import own_key
from bot.library import Knowledge, open_cache
from bot.messages import Handled, InboundMessage, KeepFeedback, Sentiment
from bot.metrics import Metrics
from bot.ports import Inbox
from knowledge.cache_keys import CacheKeys
from knowledge.caching import CachedAnswerer
from knowledge.documents import Audience
from knowledge.errors import RedisUnavailable
from knowledge.semantic import Semantic

CACHE_KEY = "cache"
_log = structlog.get_logger(__name__)


def open_answerer(knowledge: Knowledge, *, books: Books, metrics: Metrics) -> CachedAnswerer:
    """Knowledge's answerer, which remembers what it has said.

    Its keys are made with a secret of the books: the processes of a desk share those as they share
    a Redis, and who reads that Redis cannot try out questions on the keys.
    """
    engine = knowledge.redis
    # The first question shall not wait for the in-process Redis to be imported.
    threading.Thread(target=_greet, args=(engine.answers,), name="redis", daemon=True).start()

    keys = CacheKeys(knowledge.makers, secret=partial(own_key, books, CACHE_KEY))
    semantic = Semantic(keys, on_check=metrics.checked_alike) if knowledge.answers_alike else None
    return CachedAnswerer(
        knowledge.answerer,
        store=knowledge.store,
        cache=open_cache(engine, tenant=knowledge.tenant),
        keys=keys,
        on_lookup=metrics.looked_up,
        semantic=semantic,
    )


@dataclass(frozen=True, slots=True)
class Forgetting:
    """A thumbs-down on a reply: what was answered is worked out anew when it is asked again."""

    inbox: Inbox
    answerer: CachedAnswerer

    def __call__(self, message: InboundMessage, handled: Handled) -> None:
        """Look for a thumbs-down among the effects of a message; twice is harmless."""
        for effect in handled.effects:
            match effect:
                case KeepFeedback(sentiment=Sentiment.DOWN):
                    behind = self.inbox.question_behind(message.thread, effect.about)
                    audience = (behind.trace or {}).get("audience") if behind else None
                    if behind and audience in set(Audience):
                        self.answerer.forget(behind.text, Audience(audience))
                case _:
                    pass


def _greet(answers: Callable[[], bool]) -> None:
    try:
        answers()
    except RedisUnavailable as error:
        _log.warning("answers are not remembered until Redis is back", error=str(error))
