"""Two servers on this machine's loopback, what they were asked, and how they are made to fail."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from http.server import ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, Self

import grpc
from weaviate.proto.v1 import weaviate_pb2_grpc

from weaviate_wire import rest, rpc
from weaviate_wire.engine import Engine, Refused

_SERVED: dict[str, Callable[[Engine, Any], Any]] = {
    "Search": rpc.search,
    "BatchObjects": rpc.batch_objects,
    "BatchDelete": rpc.batch_delete,
    "TenantsGet": rpc.tenants,
}
_HALVES: dict[str, Callable[[Engine, Any], Any]] = {
    "BatchObjects": lambda engine, request: rpc.batch_objects(engine, rpc.half(request)),
    "BatchDelete": lambda engine, request: rpc.batch_delete(engine, request, most=1),
}
_HTTP = {
    grpc.StatusCode.UNAUTHENTICATED: 401,
    grpc.StatusCode.PERMISSION_DENIED: 403,
    grpc.StatusCode.UNAVAILABLE: 503,
}


class Failing(Exception):
    """The request fails with `code`, as it was told to."""

    def __init__(self, code: grpc.StatusCode) -> None:
        super().__init__(code.name.lower())
        self.code = code


@dataclass
class WeaviateWire:
    """A server in this process; use it in a `with`.

    `calls` holds (name, request) in order: ("Search", its message), ("POST schema", [path, body]).
    """

    api_key: str = ""
    version: str = "1.36.0"
    engine: Engine = field(default_factory=Engine)
    calls: list[tuple[str, Any]] = field(default_factory=list)
    before_each: Callable[[str], None] = lambda _: None
    fails: list[grpc.StatusCode] = field(default_factory=list)
    lives: int | None = None
    dies_within: bool = False
    _lock: Any = field(default_factory=Lock)

    def __enter__(self) -> Self:
        handler = type("BoundHandler", (rest.Handler,), {"wire": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self._grpc = grpc.server(ThreadPoolExecutor(8))
        self.grpc_port = self._grpc.add_insecure_port("127.0.0.1:0")
        weaviate_pb2_grpc.add_WeaviateServicer_to_server(_Servicer(self), self._grpc)
        self._grpc.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._grpc.stop(grace=None).wait()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    def sent(self, name: str) -> list[Any]:
        """The requests of one kind."""
        return [request for called, request in self.calls if called == name]

    def fail_next(self, *codes: grpc.StatusCode) -> None:
        """Answer the next requests so, one each."""
        self.fails += codes

    def die_after(self, calls: int, *, within: bool = False) -> None:
        """Serve so many more; half of the next batch is done where it dies `within`."""
        self.lives, self.dies_within = calls, within

    def revive(self) -> None:
        self.lives, self.dies_within = None, False

    def rest(self, method: str, path: list[str], body: Any, *, key: str) -> tuple[int, Any]:
        """The status and JSON of one REST request."""
        try:
            self._admit(f"{method} {path[0]}", [*path[1:], body], key)
            if path == ["meta"]:
                return 200, {"version": self.version}
            with self._lock:
                return rest.answer(self.engine, method, path, body)
        except Refused as refused:
            return refused.status, {"error": [{"message": str(refused)}]}
        except Failing as failing:
            return _HTTP.get(failing.code, 500), {"error": [{"message": str(failing)}]}

    def rpc(self, name: str, request: Any, context: grpc.ServicerContext) -> Any:
        """The reply to one RPC, or its failure."""
        key = str(dict(context.invocation_metadata()).get("authorization", ""))
        try:
            self._admit(name, request, key)
            with self._lock:
                return _SERVED[name](self.engine, request)
        except Refused as refused:
            context.abort(grpc.StatusCode.UNKNOWN, str(refused))
        except Failing as failing:
            if self.dies_within and name in _HALVES:
                with self._lock:
                    _HALVES[name](self.engine, request)
            context.abort(failing.code, str(failing))

    def _admit(self, name: str, request: Any, key: str) -> None:
        self.before_each(name)
        self.calls.append((name, request))
        if self.api_key and key != f"Bearer {self.api_key}":
            raise Failing(grpc.StatusCode.UNAUTHENTICATED)
        if self.fails:
            raise Failing(self.fails.pop(0))
        if self.lives is not None:
            self.lives -= 1
            if self.lives < 0:
                self.dies_within = self.dies_within and self.lives == -1
                raise Failing(grpc.StatusCode.INTERNAL)


class _Servicer(weaviate_pb2_grpc.WeaviateServicer):
    def __init__(self, wire: WeaviateWire) -> None:
        for name in _SERVED:
            setattr(self, name, partial(wire.rpc, name))
