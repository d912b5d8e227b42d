"""Everything that can go wrong, at once: nothing lost, nothing doubled, nothing out of order.

One process serves and four work, of the real command line, on SQLite or on PostgreSQL. They are
killed at random and at every step of both protocols, stopped for longer than their leases, and cut
off from SQL, Redis and the chat model, while a Slack that fails tells them everything twice. See
chaos_slack.py for what fails, chaos_people.py for what order means, chaos_steps.py for the steps,
chaos_audit.py for the verdict. A third of the messages are questions that the chat model answers,
the rest are words of thanks, so that thousands fit into minutes on two cores.

Run as
    python tests/e2e/chaos.py --messages 3000 --threads 200 --kills 30 --database sqlite --seed 1
"""

import argparse
import math
import os
import random
import shutil
import socket
import sqlite3
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

sys.path.insert(0, str(Path(__file__).parents[1]))

import psycopg
from e2e import chaos_audit, chaos_model, chaos_slack
from e2e.chaos_audit import judged
from e2e.chaos_desk import WEB, Desk, indexed_home
from e2e.chaos_net import Background, Proxy, serve
from e2e.chaos_people import People
from e2e.chaos_slack import Workspace
from e2e.chaos_steps import STEPS
from e2e.chaos_table import Outcome, Plan, show
from e2e.processes import environment, free_port
from sqlalchemy import make_url

from bot.books.engine import open_books

if TYPE_CHECKING:
    from concurrent.futures import Future

POSTGRES = make_url(
    os.environ.get("TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/test")
).set(query={"connect_timeout": "3"})
LEASE_SECONDS, SENDING_SECONDS = 2.0, 18.0
STOPS = (
    "inbox claim committed",
    "inbox settle uncommitted",
    "outbox claim committed",
    "slack post before",
)
PROVOKED = {"outbox again": "429", "outbox doubt": "503", "slack find": "503"}
PROVOKED_SHARE = 0.3
MOST_ROUNDS = 40  # of a few more messages, until somebody has come by every step
POLICY = f"""triage_channel = "{chaos_slack.TRIAGE}"
[[routes]]
route = "answer"
[budgets.user]
messages = 1000000
"""


class Run:
    """One run, from an empty database to the verdict."""

    def __init__(self, plan: Plan, folder: Path, url: str, home: Path) -> None:
        self.plan, self.folder, self.url, self.home = plan, folder, url, home
        self.random = random.Random(plan.seed)
        self.workspace = Workspace(plan.seed)
        self.net = Background()
        self.did: Counter[str] = Counter()
        self.books = open_books(url)
        self.sql = Proxy((POSTGRES.host or "127.0.0.1", POSTGRES.port or 5432))
        self.redis = Proxy(("127.0.0.1", 6379))
        self.proxied_model: Proxy
        self._postponed: list[Callable[[], None]] = []

    def __enter__(self) -> Self:
        slack = self.net.do(serve(self.workspace.handle))
        self.proxied_model = Proxy(("127.0.0.1", self.net.do(serve(chaos_model.handle))))
        for proxy in (self.sql, self.redis, self.proxied_model):
            self.net.do(proxy.start())
        port = free_port()
        self.desk = Desk(self.folder, self._env(slack), port, LEASE_SECONDS, SENDING_SECONDS)
        self.people = People(
            self.workspace,
            self.plan.messages,
            self.plan.threads,
            port,
            self.plan.seed,
            self.plan.questions,
            self.replied,
            self.plan.ahead,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.desk.end()
        self.net.close()
        self.books.engine.dispose()

    def outcome(self) -> Outcome:
        """Let everything happen."""
        self.desk.start()
        began = time.monotonic()
        writing = self.net.spawn(self.people.write())
        deeds = self._deeds()
        for n, deed in enumerate(deeds, start=1):
            self._wait_for(writing, replies=self.plan.messages * n / (len(deeds) + 2))
            deed()
        self._wait_for(writing)
        for _ in range(MOST_ROUNDS):
            if not (self.desk.armed() or self._postponed):
                break
            postponed, self._postponed = self._postponed, []
            for deed in postponed:
                deed()
            self._wait_for(self.net.spawn(self.people.go_on(8)))
        seconds = time.monotonic() - began
        self.did["again"] = self.people.again
        verdict = judged(self.books, self.workspace, self.people.asked)
        faults = {name: self.workspace.faults[name] for name in chaos_slack.SHARES}
        sprung = self.desk.sprung()
        people = self.people
        return Outcome(
            self.plan, verdict, self.did, sprung, seconds, people.told, people.threads, faults
        )

    def replied(self) -> int:
        """How many messages the desk has said in threads."""
        return self.workspace.said

    def _wait_for(self, writing: "Future[None]", *, replies: float = math.inf) -> None:
        """Until there are so many replies, or all is written and nothing is left to do."""
        while self.replied() < replies:
            if writing.done():
                writing.result()
                if chaos_audit.is_settled(self.books):
                    return
            self._provoke()
            time.sleep(0.05)

    def _deeds(self) -> list[Callable[[], None]]:
        plan = self.plan
        cuts = {"sql": self._cut_sql, "redis": self._cut_redis, "model": self._cut_model}
        deeds: list[Callable[[], None]] = [partial(self._arm, step, "kill") for step in STEPS]
        deeds += [partial(self._arm, step, "stop") for step in STOPS]
        deeds += [self._kill] * plan.kills + [self._stop] * plan.stops
        deeds += [partial(self._cut, name, cut) for name, cut in cuts.items()] * plan.cuts
        self.random.shuffle(deeds)
        return deeds

    def _arm(self, step: str, deed: str) -> None:
        if step in self.desk.armed():  # for something else, and nobody has come by
            self._postponed.append(partial(self._arm, step, deed))
        else:
            self.desk.arm(step, deed)

    def _kill(self) -> None:
        before = self.did["kill web"] + self.did["kill worker"]
        place = WEB if before % 5 == 2 else self.random.choice(self._workers())
        while not self.desk.kill(place):
            time.sleep(0.1)
        self.did["kill web" if place == WEB else "kill worker"] += 1

    def _stop(self) -> None:
        self.did["stop"] += self.desk.stop(self.random.choice(self._workers()))

    def _workers(self) -> list[str]:
        return [place for place in sorted(self.desk.running) if place != WEB]

    def _cut(self, name: str, cut: Callable[[float], None]) -> None:
        self.did[f"cut {name}"] += 1
        cut(self.random.uniform(2, 4))

    def _cut_sql(self, seconds: float) -> None:
        if self.plan.database == "sqlite":
            path = str(self.books.engine.url.database)
            with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as held:
                held.execute("begin exclusive")
                time.sleep(3 + seconds)  # longer than the desk waits for its turn
                held.execute("rollback")
        else:
            self._cut_wire(self.sql, seconds)

    def _cut_redis(self, seconds: float) -> None:
        self._cut_wire(self.redis, seconds)

    def _cut_model(self, seconds: float) -> None:
        self._cut_wire(self.proxied_model, seconds)

    def _cut_wire(self, proxy: Proxy, seconds: float) -> None:
        how = self.random.choice((proxy.refuse, proxy.freeze))
        self.net.spawn(how(seconds))

    def _provoke(self) -> None:
        """Slack fails more often while a step waits for a failure."""
        armed = self.desk.armed()
        for name, share in chaos_slack.SHARES.items():
            wanted = any(PROVOKED.get(one.rpartition(" ")[0]) == name for one in armed)
            self.workspace.shares[name] = PROVOKED_SHARE if wanted else share

    def _env(self, slack: int) -> dict[str, str]:
        policy = self.folder / "desk.toml"
        policy.write_text(POLICY, "utf-8")
        env = environment(
            self.home,
            SLACK_BOT_TOKEN=chaos_slack.BOT_TOKEN,
            SLACK_SIGNING_SECRET=chaos_slack.SECRET,
            SLACK_API_URL=f"http://127.0.0.1:{slack}/api/",
            SUPPORTBOT_POLICY=str(policy),
            SUPPORTBOT_HOST="127.0.0.1",
            SUPPORTBOT_WORKERS="1",
            SUPPORTBOT_LEASE_SECONDS=str(LEASE_SECONDS),
            SUPPORTBOT_SENDING_SECONDS=str(SENDING_SECONDS),
            SUPPORTBOT_POSTS_A_SECOND="20",
            SUPPORTBOT_LOG_LEVEL="info",
            OPENAI_API_KEY="sk-chaos",
            OPENAI_BASE_URL=f"http://127.0.0.1:{self.proxied_model.port}/v1",
            OPENAI_TIMEOUT_SECONDS="3",
        )
        if _answers(6379):
            env["REDIS_URL"] = f"redis://127.0.0.1:{self.redis.port}/0"
        if self.plan.database == "postgres":
            proxied = make_url(self.url).set(host="127.0.0.1", port=self.sql.port)
            env["DATABASE_URL"] = proxied.render_as_string(hide_password=False)
        return env


@contextmanager
def database(plan: Plan, home: Path) -> Iterator[str]:
    """The URL of an empty database, gone afterwards.

    Raises:
        psycopg.OperationalError: there is no PostgreSQL.
    """
    if plan.database == "sqlite":
        yield f"sqlite:///{home / 'desk.sqlite'}"
        return
    name = f"supportbot_chaos_{uuid.uuid4().hex[:10]}"
    address = POSTGRES.render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(f"create database {name}")
        try:
            yield POSTGRES.set(database=name).render_as_string(hide_password=False)
        finally:
            server.execute(f"drop database {name} with (force)")


def let_loose(plan: Plan, folder: Path, *, indexed: Path | None = None) -> Outcome:
    """Run a plan in a folder of its own."""
    home = indexed_home(folder, indexed)
    with database(plan, home) as url, Run(plan, folder, url, home) as run:
        return run.outcome()


def _answers(port: int) -> bool:
    with closing(socket.socket()) as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def main() -> int:
    reading = argparse.ArgumentParser(description="Chaos: 0 lost, 0 doubled, 0 out of order.")
    reading.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    for name in ("messages", "threads", "kills", "stops", "cuts", "seed", "ahead"):
        reading.add_argument(f"--{name}", type=int, default=getattr(Plan, name))
    reading.add_argument("--keep", type=Path, help="Folder for logs, kept afterwards.")
    reading.add_argument("--indexed", type=Path, help="A home whose passages are indexed.")
    given = vars(reading.parse_args())
    kept, indexed = given.pop("keep"), given.pop("indexed")
    with ExitStack() as stack:
        folder = kept or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        outcome = let_loose(Plan(**given), folder, indexed=indexed)
    show(outcome)
    return 0 if outcome.verdict.is_clean() and not outcome.missed() else 1


if __name__ == "__main__":
    sys.exit(main())
