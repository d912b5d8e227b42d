"""What Prometheus may read at /metrics."""

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from knowledge.metering import Usage

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """Counters and histograms of one process; no label holds text or names."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._acknowledged = self._seconds(
            "supportbot_acknowledged_seconds",
            "Time to keep an event and acknowledge it, by HTTP status.",
            "status",
        )
        self._handled = self._seconds(
            "supportbot_handled_seconds",
            "Time from claim to settlement of a message, by kind.",
            "kind",
        )
        self._sent = self._counter("supportbot_sent", "Messages to Slack, by outcome.", "outcome")
        self._tokens = self._counter(
            "supportbot_tokens",
            "Tokens of chat models, read (prompt) and written (completion).",
            "kind",
        )
        self._refused = self._counter(
            "supportbot_refused", "Messages beyond a budget, by whose it is.", "scope"
        )
        self._looked_up = self._counter(
            "supportbot_cache_lookups",
            "Questions at the answer cache, by what became of them.",
            "outcome",
        )
        self._saved = self._counter(
            "supportbot_cache_saved_tokens",
            "Tokens of chat models that remembered answers did not take again.",
            "kind",
        )
        self._alike = self._counter(
            "supportbot_cache_alike_checks",
            "Answers to questions that are only alike, worked out anew and compared.",
            "outcome",
        )

    def acknowledged(self, status: int, seconds: float) -> None:
        """An event was answered."""
        self._acknowledged.labels(str(status)).observe(seconds)

    def handled(self, kind: str, seconds: float) -> None:
        """A message was settled."""
        self._handled.labels(kind).observe(seconds)

    def sent(self, outcome: str) -> None:
        """A message to Slack was sent, or failed for good."""
        self._sent.labels(outcome).inc()

    def spent(self, usage: Usage) -> None:
        """A chat model was asked."""
        self._tokens.labels("prompt").inc(usage.prompt)
        self._tokens.labels("completion").inc(usage.completion)

    def refused(self, scope: str) -> None:
        """A message was beyond a budget."""
        self._refused.labels(scope).inc()

    def looked_up(self, outcome: str, saved: Usage) -> None:
        """A question was looked up in the answer cache."""
        self._looked_up.labels(outcome).inc()
        self._saved.labels("prompt").inc(saved.prompt)
        self._saved.labels("completion").inc(saved.completion)

    def checked_alike(self, right: bool) -> None:  # noqa: FBT001  the verdict is all it is told
        """An answer to a question that is only alike was compared with a new one."""
        self._alike.labels("right" if right else "wrong").inc()

    def page(self) -> bytes:
        """The text that Prometheus reads."""
        return generate_latest(self._registry)

    def _counter(self, name: str, words: str, label: str) -> Counter:
        return Counter(name, words, [label], registry=self._registry)

    def _seconds(self, name: str, words: str, label: str) -> Histogram:
        return Histogram(name, words, [label], buckets=_SECONDS, registry=self._registry)
