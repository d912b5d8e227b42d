"""A Weaviate for tests, on two ports of this machine: its REST schema and its gRPC service.

It computes what Weaviate's documentation publishes, exactly and in memory, and refuses what a
server refuses: unknown collections, tenants and properties, filters and searches on properties
without an index. It keeps every request, fails when it is told to, and can die after so many.
"""

from weaviate_wire.server import WeaviateWire

__all__ = ["WeaviateWire"]
