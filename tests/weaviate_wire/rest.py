"""The REST half: meta, schema, tenants, aliases."""

import json
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any

from weaviate_wire.engine import Engine, Kept, Refused

# What a server adds to a collection's definition and the client cannot read without.
_INDEX = dict.fromkeys(
    """cleanupIntervalSeconds dynamicEfMin dynamicEfMax dynamicEfFactor ef efConstruction
    flatSearchCutoff maxConnections vectorCacheMaxObjects""".split(),  # noqa: SIM905
    1,
) | {"skip": False}


def answer(engine: Engine, method: str, path: list[str], body: Any) -> tuple[int, Any]:
    """The status and the JSON that a server sends for `/v1/{path}`."""
    match path:
        case ["schema", name, "tenants", *rest]:
            return 200, _tenants(engine.collection(name), method, rest, body)
        case ["schema", *rest]:
            return 200, _schema(engine, method, rest, body)
        case ["aliases", *rest]:
            reply = _alias(engine, method, rest, body)
            return 200 if reply else 204, reply
    raise Refused(f"{method} {'/'.join(path)} is not served here", 404)


def _schema(engine: Engine, method: str, path: list[str], body: Any) -> Any:
    match method, path:
        case "GET", []:
            return {"classes": [one.config for one in engine.collections.values()]}
        case "POST", []:
            return _create(engine, body)
        case "GET", [name]:
            return engine.collection(name).config
        case "DELETE", [name]:
            return engine.collections.pop(name, None) is not None
    raise Refused("no such method", 405)


def _tenants(kept: Kept, method: str, path: list[str], body: Any) -> Any:
    match method, path:
        case "HEAD", [tenant]:
            kept.objects(tenant)
        case "POST", []:
            for one in body:
                kept.tenants.setdefault(one["name"], {})
        case "DELETE", []:
            for one in body:
                kept.tenants.pop(one, None)
        case _:
            raise Refused("no such method", 405)
    return body


def _create(engine: Engine, config: dict[str, Any]) -> dict[str, Any]:
    name = config["class"]
    if name in engine.collections or name in engine.aliases:
        raise Refused(f"class name {name} already exists")
    for one in config["properties"]:
        one.setdefault("indexFilterable", True)
        one.setdefault("indexSearchable", one["dataType"] == ["text"])
    for vector in config["vectorConfig"].values():
        vector["vectorIndexConfig"] = _INDEX | vector["vectorIndexConfig"]
    engine.collections[name] = Kept(config)
    return config


def _alias(engine: Engine, method: str, path: list[str], body: Any) -> Any:
    there = engine.aliases
    match method, path:
        case "GET", []:
            return {"aliases": [{"alias": one, "class": target} for one, target in there.items()]}
        case "POST", []:
            name = body["alias"]
            if name in there or name in engine.collections:
                raise Refused(f"alias {name} already exists")
        case _, [name] if name not in there:
            raise Refused("no such alias", 404)
        case "DELETE", [name]:
            del there[name]
            return None
        case "PUT" | "GET", [name]:
            pass
        case _:
            raise Refused("no such method", 405)
    if body:
        engine.collection(body["class"])
        there[name] = body["class"]
    return {"alias": name, "class": there[name]}


class Handler(BaseHTTPRequestHandler):
    """Turns requests into calls of the wire's `rest`."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two writes
    wire: Any

    def _serve(self) -> None:
        length = int(self.headers.get("content-length", 0))
        body = json.loads(self.rfile.read(length)) if length else None
        path = self.path.removeprefix("/v1/").split("/")
        status, reply = self.wire.rest(
            self.command, path, body, key=self.headers.get("authorization", "")
        )
        payload = json.dumps(reply).encode() if status != HTTPStatus.NO_CONTENT else b""
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(payload)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(payload)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _serve  # noqa: N815  http.server's names

    def log_message(self, *_: object) -> None:
        """Tests are quiet."""
