"""A provider that fine-tunes: OpenAI's files and jobs on loopback, strict, and faulty on demand."""

import itertools
import json
import re
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "sk-right"
HANG_SECONDS = 2.0
FEWEST = 10
HANG, LOST = 0, -1
"""Faults that are no status: say nothing for a while; do it, and answer 500 all the same."""
_JOB_KEYS = {"model", "training_file", "validation_file", "suffix", "method", "metadata"}
_ROUTES = {
    "upload": ("POST", r"/v1/files"),
    "start": ("POST", r"/v1/fine_tuning/jobs"),
    "list": ("GET", r"/v1/fine_tuning/jobs"),
    "job": ("GET", r"/v1/fine_tuning/jobs/([^/]+)"),
    "events": ("GET", r"/v1/fine_tuning/jobs/([^/]+)/events"),
}
Answer = tuple[int, dict[str, Any]]


@dataclass
class _Job:
    asked: dict[str, Any]
    statuses: list[str]
    events: list[dict[str, Any]] = field(default_factory=list)


class TuningProvider:
    """Each look at a job takes it to the next of `statuses`, with two events; it stays at the last.

    `faults` names by route what happens at its next requests, one each: a status, HANG or LOST.
    """

    def __init__(self, *statuses: str, **faults: Sequence[int]) -> None:
        self.files: dict[str, bytes] = {}
        self.jobs: dict[str, _Job] = {}
        self.calls: list[str] = []
        self.statuses = statuses or ("queued", "running", "succeeded")
        self.problem = "The job failed due to an invalid training file."
        self._faults = {name: list(one) for name, one in faults.items()}
        self._ids = itertools.count(1)
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, request: BaseHTTPRequestHandler, body: bytes) -> Answer:
        path, _, query = request.path.partition("?")
        if request.headers["Authorization"] != f"Bearer {KEY}":
            said = f"Incorrect API key provided: {request.headers['Authorization']}"
            return 401, problem(said, code="invalid_api_key")
        for name, (method, pattern) in _ROUTES.items():
            if request.command == method and (found := re.fullmatch(pattern, path)):
                return self._routed(name, found.groups(), query, body)
        return 404, problem(f"no such page: {request.command} {path}")

    def _routed(self, name: str, named: Sequence[str], query: str, body: bytes) -> Answer:
        with self._lock:
            self.calls.append(name)
            waiting = self._faults.get(name)
            fault = waiting.pop(0) if waiting else None
        if fault == HANG:
            time.sleep(HANG_SECONDS)
        elif fault and fault != LOST:
            return fault, problem("a secret of the provider")
        with self._lock:
            if name == "upload":
                answer = self._upload(body)
            elif name == "start":
                answer = self._start(json.loads(body))
            elif name == "list":
                shown = [self._shown(one) for one in reversed(self.jobs)]
                answer = 200, {"object": "list", "data": shown, "has_more": False}
            elif named[0] not in self.jobs:
                answer = 404, problem(f"Could not find fine tune: {named[0]}")
            else:
                answer = self._look(named[0]) if name == "job" else self._log(named[0], query)
        return (500, problem("a secret of the provider")) if fault == LOST else answer

    def _upload(self, body: bytes) -> Answer:
        boundary, _, rest = body.partition(b"\r\n")
        parts = dict(
            _part(one) for one in (b"\r\n" + rest).split(b"\r\n" + boundary) if one[:2] != b"--"
        )
        if parts.get("purpose") != b"fine-tune":
            return 400, problem("purpose must be fine-tune")
        file_id = f"file-{next(self._ids)}"
        self.files[file_id] = parts["file"]
        shown = {"id": file_id, "object": "file", "bytes": len(parts["file"]), "created_at": 1}
        return 200, shown | {"filename": "x.jsonl", "purpose": "fine-tune", "status": "processed"}

    def _start(self, asked: dict[str, Any]) -> Answer:
        rows = self.files.get(asked["training_file"], b"").splitlines()
        if unknown := set(asked) - _JOB_KEYS:
            return 400, problem(f"unknown: {unknown}")
        if len(rows) < FEWEST or not all(_is_chat(one) for one in rows):
            return 400, problem("invalid training file", code="invalid_training_file")
        job_id = f"ftjob-{next(self._ids)}"
        self.jobs[job_id] = _Job(asked, list(self.statuses))
        self._happen(job_id, "Created fine-tuning job")
        return 200, self._shown(job_id)

    def _look(self, job_id: str) -> Answer:
        job = self.jobs[job_id]
        shown = self._shown(job_id)
        if len(job.statuses) > 1:
            self._happen(job_id, f"was {job.statuses[0]}")
            job.statuses.pop(0)
            self._happen(job_id, f"is {job.statuses[0]}")
        return 200, shown

    def _log(self, job_id: str, query: str) -> Answer:
        newest = self.jobs[job_id].events[::-1]
        after = re.search(r"after=([^&]+)", query)
        ids = [one["id"] for one in newest]
        start = ids.index(after[1]) + 1 if after else 0
        page = newest[start : start + 3]
        return 200, {"object": "list", "data": page, "has_more": start + 3 < len(newest)}

    def _happen(self, job_id: str, message: str) -> None:
        event = {"object": "fine_tuning.job.event", "level": "info", "type": "message"}
        event |= {"id": f"ftevent-{next(self._ids)}", "created_at": 1, "message": message}
        self.jobs[job_id].events.append(event)

    def _shown(self, job_id: str) -> dict[str, Any]:
        job = self.jobs[job_id]
        status, asked = job.statuses[0], job.asked
        name = f"ft:{asked['model']}:acme:{asked['suffix']}:{job_id[-4:]}"
        failed = {"code": "invalid_training_file", "message": self.problem, "param": None}
        return {
            "id": job_id,
            "object": "fine_tuning.job",
            "status": status,
            "model": asked["model"],
            "training_file": asked["training_file"],
            "fine_tuned_model": name if status == "succeeded" else None,
            "error": failed if status == "failed" else {},
            "metadata": asked.get("metadata"),
        }

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, answer = provider.answer(self, body)
                content = json.dumps(answer).encode()
                try:
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)
                except ConnectionError:
                    """The client would not wait."""

            do_GET = do_POST  # noqa: N815

            def log_message(self, *_arguments: object) -> None:
                """Keep quiet."""

        return Handler


def problem(message: str, *, code: str | None = None) -> dict[str, Any]:
    return {"error": {"message": message, "type": "an_error", "param": None, "code": code}}


def _part(part: bytes) -> tuple[str, bytes]:
    head, _, content = part.partition(b"\r\n\r\n")
    name = re.search(rb'name="([^"]+)"', head)
    return (name[1].decode() if name else ""), content


def _is_chat(row: bytes) -> bool:
    messages = json.loads(row)["messages"]
    return [one["role"] for one in messages] == ["system", "user", "assistant"]
