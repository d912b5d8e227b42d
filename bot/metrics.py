"""What Prometheus may read at /metrics."""

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """Counters and histograms of one process; no label holds text or names."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._acknowledged = Histogram(
            "supportbot_acknowledged_seconds",
            "Time to keep an event and acknowledge it, by HTTP status.",
            ["status"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._handled = Histogram(
            "supportbot_handled_seconds",
            "Time from claim to settlement of a message, by kind.",
            ["kind"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._sent = Counter(
            "supportbot_sent",
            "Messages to Slack, by outcome.",
            ["outcome"],
            registry=self._registry,
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

    def page(self) -> bytes:
        """The text that Prometheus reads."""
        return generate_latest(self._registry)
