"""How much of everything is asked for, what happened, and the table of it."""

from collections import Counter
from dataclasses import dataclass, field

from e2e.chaos_audit import Verdict
from e2e.chaos_steps import STEPS

_CUT = ("sql", "redis", "model")


@dataclass(frozen=True)
class Plan:
    """How much of everything."""

    database: str
    messages: int = 3000
    threads: int = 200
    kills: int = 30
    stops: int = 8
    cuts: int = 4
    seed: int = 1
    questions: float = 0.33
    ahead: int = 120


@dataclass
class Outcome:
    """What happened, and the verdict."""

    plan: Plan
    verdict: Verdict
    did: Counter[str]
    sprung: dict[str, int]
    seconds: float
    told: int
    threads: int
    faults: dict[str, int] = field(default_factory=dict)

    def missed(self) -> list[str]:
        """Steps at which nothing was killed."""
        return [step for step in STEPS if f"{step} kill" not in self.sprung]

    def rows(self) -> list[tuple[str, str]]:
        found, did = self.verdict, self.did
        kills = sum(n for name, n in self.sprung.items() if name.endswith("kill"))
        stops = sum(n for name, n in self.sprung.items() if name.endswith("stop"))
        return [
            ("messages / threads", f"{self.told} / {self.threads}"),
            ("kill -9 at random", f"{did['kill worker']} workers, {did['kill web']} web"),
            ("kill -9 at steps", f"{kills} at {len(STEPS) - len(self.missed())} of {len(STEPS)}"),
            ("SIGSTOP beyond the lease", f"{did['stop']} at random, {stops} at steps"),
            ("answers Slack dropped, 429, 503", ", ".join(map(str, self.faults.values()))),
            ("events told again", str(did["again"])),
            ("SQL / Redis / model cut", " / ".join(str(did[f"cut {one}"]) for one in _CUT)),
            ("lost", str(len(found.lost))),
            ("doubled", str(len(found.doubled))),
            ("out of order in a thread", str(len(found.disordered))),
            ("dead letters, apologised for", str(found.dead)),
            (
                "seconds / replies a second",
                f"{self.seconds:.0f} / {found.replies / self.seconds:.1f}",
            ),
        ]


def show(outcome: Outcome) -> None:
    """Print the table, and what is wrong."""
    width = max(len(name) for name, _ in outcome.rows())
    print(f"\nChaos on {outcome.plan.database}, seed {outcome.plan.seed}")
    for name, value in outcome.rows():
        print(f"  {name:<{width}}  {value}")
    found = outcome.verdict
    wrong = {"lost": found.lost, "doubled": found.doubled, "out of order": found.disordered}
    for name, cases in {**wrong, "not come by": outcome.missed()}.items():
        for one in cases[:20]:
            print(f"  {name}: {one}")
