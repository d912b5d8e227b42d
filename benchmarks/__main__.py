"""Measure the desk: `python -m benchmarks [--quick] [--json] [NAME…]`, from the repository root.

Nothing here passes or fails. Aims stand beside the figures, and a ratio against a baseline of the
same run says more than milliseconds of somebody's machine.
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from rich.console import Console

from benchmarks import (
    acknowledgement,
    cache,
    claims,
    mails,
    passages,
    replies,
    retrieval,
    starting,
    throughput,
    triage,
)
from benchmarks.figures import Report, show

BENCHMARKS: dict[str, Callable[..., list[Report]]] = {
    "acknowledgement": acknowledgement.measure,
    "replies": replies.measure,
    "throughput": throughput.measure,
    "claims": claims.measure,
    "starting": starting.measure,
    "retrieval": retrieval.measure,
    "passages": passages.measure,
    "cache": cache.measure,
    "triage": triage.measure,
    "mails": mails.measure,
}


def main() -> None:
    """Run the benchmarks that were named, or all."""
    chosen = _arguments()
    benchmarks = BENCHMARKS | {
        "triage": partial(triage.measure, model=chosen.model, fp32=chosen.fp32)
    }
    console = Console(width=None if sys.stdout.isatty() else 132)
    reports: dict[str, list[Report]] = {}
    if not chosen.json:
        console.print(_machine(), style="dim", highlight=False)
    for name in chosen.names:
        print(f"{name} …", file=sys.stderr)
        reports[name] = benchmarks[name](quick=chosen.quick)
        if not chosen.json:
            for report in reports[name]:
                show(report, console)
    if chosen.json:
        print(json.dumps({"machine": _machine(), "benchmarks": _values(reports)}, indent=2))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Speed and memory of the desk, as tables."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--quick", action="store_true", help="shorter runs, rougher figures")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    parser.add_argument(
        "--model",
        type=Path,
        default=triage.default_folder(),
        metavar="FOLDER",
        help="triage model to measure (default: %(default)s)",
    )
    parser.add_argument(
        "--fp32",
        type=Path,
        metavar="FILE",
        help="its network in fp32, to stand beside it (`supportbot triage train --keep-fp32`)",
    )
    chosen = parser.parse_args()
    chosen.names = chosen.names or list(BENCHMARKS)
    if unknown := set(chosen.names) - set(BENCHMARKS):
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there is {', '.join(BENCHMARKS)}")
    if "triage" in chosen.names:
        for problem in triage.problems(chosen.model, chosen.fp32):
            parser.error(problem)
    return chosen


def _machine() -> str:
    load = os.getloadavg()[0]
    return (
        f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores, load average {load:.1f} at the start"
    )


def _values(reports: dict[str, list[Report]]) -> dict[str, object]:
    return {name: [one.as_values() for one in many] for name, many in reports.items()}


if __name__ == "__main__":
    main()
