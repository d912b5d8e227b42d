"""Everything that can go wrong in `knowledge`.

KnowledgeError
├── ArticleInvalid          one article cannot be read: its author's fault, named and skipped
├── SourceUnavailable       a source is missing, unreadable or wrongly declared
├── StoreUnavailable        passages cannot be read or written now
├── EncoderInvalid          the encoder's files are missing or do not fit together
├── RerankerUnavailable     passages cannot be ordered anew: the fused order stands
├── RedisUnavailable        nothing can be cached or counted now: go on without
└── GeneratorUnavailable    no text came back: time-out, overload, network
    └── GeneratorRefused    the provider refuses us: wrong key, unknown model, no quota
"""


class KnowledgeError(Exception):
    """Root of the tree; the message is written for the engineer who runs the desk."""


class ArticleInvalid(KnowledgeError):
    """One article cannot be read; `article_id` is the id it would have."""

    def __init__(self, message: str, *, article_id: str) -> None:
        super().__init__(message)
        self.article_id = article_id


class SourceUnavailable(KnowledgeError):
    """A source of articles cannot be read as a whole."""


class StoreUnavailable(KnowledgeError):
    """The passage store cannot be read or written."""


class EncoderInvalid(KnowledgeError):
    """The encoder's files are missing or do not fit together."""


class RerankerUnavailable(KnowledgeError):
    """The reranker is missing or gave no scores."""


class RedisUnavailable(KnowledgeError):
    """Redis does not answer; whoever asks goes on without it."""


class GeneratorUnavailable(KnowledgeError):
    """The generator gave no text."""


class GeneratorRefused(GeneratorUnavailable):
    """The generator's provider refuses the request; trying again does not help."""
