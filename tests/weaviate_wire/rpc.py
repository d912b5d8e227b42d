"""The gRPC half: the client's own generated messages in, the engine's results out."""

import struct
import uuid
from collections.abc import Callable
from typing import Any

import numpy as np
from weaviate.proto.v1 import (
    base_pb2,
    batch_delete_pb2,
    batch_pb2,
    properties_pb2,
    search_get_pb2,
    tenants_pb2,
)

from weaviate_wire.engine import Engine, Kept, Refused, Stored, hybrid

DEFAULT_LIMIT, MOST = 10, 10_000
_Op = base_pb2.Filters.Operator
_RELATIVE = 2  # base_search_pb2.Hybrid.FUSION_TYPE_RELATIVE_SCORE


def search(engine: Engine, request: Any) -> Any:
    """Hybrid where it is asked for, else objects in the order of their identities."""
    kept = engine.collection(request.collection)
    allowed = _condition(kept, request.filters) if request.HasField("filters") else _any
    limit = request.limit or DEFAULT_LIMIT
    if request.HasField("hybrid_search"):
        asked = request.hybrid_search
        if asked.fusion_type != _RELATIVE:
            raise Refused("only relative-score fusion is computed here")
        found = hybrid(
            kept, request.tenant, allowed=allowed, limit=limit, search=_hybrid_search(asked)
        )
    else:
        if request.after and request.HasField("filters"):
            raise Refused("where and after cannot be set together")
        there = sorted(kept.objects(request.tenant).values(), key=lambda one: one.uuid)
        found = [(one, 0.0) for one in there if one.uuid > request.after and allowed(one)][:limit]
    results = [_result(request, kept, one, score) for one, score in found]
    return search_get_pb2.SearchReply(results=results)


def batch_objects(engine: Engine, request: Any) -> Any:
    """Each object by itself: those that cannot be kept are named, the others are."""
    errors = []
    for index, one in enumerate(request.objects):
        try:
            engine.collection(one.collection).put(one.tenant, _stored(one))
        except Refused as refused:
            error = batch_pb2.BatchObjectsReply.BatchError(index=index, error=str(refused))
            errors.append(error)
    return batch_pb2.BatchObjectsReply(errors=errors)


def batch_delete(engine: Engine, request: Any, *, most: int = MOST) -> Any:
    """So many at a time."""
    kept = engine.collection(request.collection)
    there = kept.objects(request.tenant)
    allowed = _condition(kept, request.filters)
    gone = [one.uuid for one in there.values() if allowed(one)][:most]
    for one in gone:
        del there[one]
    return batch_delete_pb2.BatchDeleteReply(matches=len(gone), successful=len(gone))


def tenants(engine: Engine, request: Any) -> Any:
    there = engine.collection(request.collection).tenants
    active = tenants_pb2.TENANT_ACTIVITY_STATUS_ACTIVE
    return tenants_pb2.TenantsGetReply(
        tenants=[tenants_pb2.Tenant(name=one, activity_status=active) for one in there]
    )


def half(request: Any) -> Any:
    """What has arrived of a batch when its sender dies."""
    arrived = type(request)()
    arrived.CopyFrom(request)
    del arrived.objects[len(request.objects) // 2 :]
    return arrived


def _hybrid_search(asked: Any) -> dict[str, Any]:
    [name] = asked.properties
    return {
        "query": asked.query,
        "property": name,
        "vector": _floats(asked.vector_bytes),
        "alpha": asked.alpha_param if asked.use_alpha_param else asked.alpha,
    }


def _any(_: Stored) -> bool:
    return True


def _condition(kept: Kept, asked: Any) -> Callable[[Stored], bool]:
    if asked.operator in {_Op.OPERATOR_AND, _Op.OPERATOR_OR}:
        joined = all if asked.operator == _Op.OPERATOR_AND else any
        parts = [_condition(kept, one) for one in asked.filters]
        return lambda one: joined(part(one) for part in parts)
    name = asked.target.property
    if name != "_id":
        kept.indexed(name, "indexFilterable")
    texts = asked.value_text_array.values

    def holds(one: Stored) -> bool:
        value = one.uuid if name == "_id" else one.properties[name]
        match asked.operator:
            case _Op.OPERATOR_EQUAL:
                return bool(value == asked.value_text)
            case _Op.OPERATOR_NOT_EQUAL:
                return bool(value != asked.value_text)
            case _Op.OPERATOR_CONTAINS_ANY:
                return value in texts
        raise Refused(f"operator {asked.operator} is not computed here")

    return holds


def _stored(sent: Any) -> Stored:
    vectors = {one.name: _floats(one.vector_bytes) for one in sent.vectors}
    return Stored(sent.uuid, dict(sent.properties.non_ref_properties), vectors)


def _result(request: Any, kept: Kept, one: Stored, score: float) -> Any:
    shown = request.properties.non_ref_properties
    fields = {name: _value(one.properties[kept.property(name)["name"]]) for name in shown}
    vectors = [
        base_pb2.Vectors(name=name, vector_bytes=struct.pack(f"{len(vector)}f", *vector))
        for name, vector in one.vectors.items()
        if request.metadata.vector
    ]
    metadata = search_get_pb2.MetadataResult(
        id=one.uuid,
        id_as_bytes=uuid.UUID(one.uuid).bytes,
        score=score,
        score_present=request.metadata.score,
        vectors=vectors,
    )
    return search_get_pb2.SearchResult(
        metadata=metadata,
        properties=search_get_pb2.PropertiesResult(
            target_collection=request.collection,
            non_ref_props=properties_pb2.Properties(fields=fields),
        ),
    )


def _value(value: str | int) -> Any:
    if isinstance(value, int):
        return properties_pb2.Value(int_value=value)
    return properties_pb2.Value(text_value=value)


def _floats(packed: bytes) -> Any:
    return np.frombuffer(packed, dtype="<f4")
