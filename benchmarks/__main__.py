"""Measure the desk: `python -m benchmarks [--quick] [--json] [NAME…]`, from the repository root.

Nothing here passes or fails. Aims stand beside the figures, and a ratio against a baseline of the
same run says more than milliseconds of somebody's machine.
"""

import argparse
import json
import os
import platform
import sys

from rich.console import Console

from benchmarks import acknowledgement, replies, retrieval, starting
from benchmarks.figures import Report, show

BENCHMARKS = {
    "acknowledgement": acknowledgement.measure,
    "replies": replies.measure,
    "starting": starting.measure,
    "retrieval": retrieval.measure,
}


def main() -> None:
    """Run the benchmarks that were named, or all."""
    chosen = _arguments()
    console = Console(width=None if sys.stdout.isatty() else 132)
    reports: dict[str, list[Report]] = {}
    if not chosen.json:
        console.print(_machine(), style="dim", highlight=False)
    for name in chosen.names or BENCHMARKS:
        print(f"{name} …", file=sys.stderr)
        reports[name] = BENCHMARKS[name](quick=chosen.quick)
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
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - set(BENCHMARKS):
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there is {', '.join(BENCHMARKS)}")
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
