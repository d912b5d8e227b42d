"""Sitemaps as sitemaps.org defines them: pages, or further sitemaps; plain or gzipped."""

import zlib
from dataclasses import dataclass
from datetime import date
from xml.etree import ElementTree as ET

from knowledge.sources.dates import day_of
from knowledge.sources.reading import Unreadable, decoded, oversize

LARGEST = 20_000_000
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Entry:
    """A page, and when its site says that it changed."""

    url: str
    updated: date | None


@dataclass(frozen=True, slots=True)
class Sitemap:
    """The pages and the sitemaps that one file lists."""

    pages: tuple[Entry, ...]
    sitemaps: tuple[str, ...]


def parse(raw: bytes) -> Sitemap:
    """Read a sitemap or an index of sitemaps.

    Raises:
        Unreadable: it is neither, or over 20 MB.
    """
    xml = decoded(_unpacked(raw))
    # Neither sitemaps nor indexes have one, and entities are how a small file becomes a large one.
    if "<!DOCTYPE" in xml:
        raise Unreadable("no sitemap: it has a document type")
    try:
        root = ET.fromstring(xml)  # noqa: S314  no entities without a document type
    except (ET.ParseError, ValueError, LookupError) as error:
        raise Unreadable(f"no sitemap: {error}") from error
    match _name(root):
        case "urlset":
            return Sitemap(tuple(filter(None, map(_entry, root))), ())
        case "sitemapindex":
            entries = filter(None, map(_entry, root))
            return Sitemap((), tuple(one.url for one in entries))
        case other:
            raise Unreadable(f"no sitemap: it begins with <{other}>")


def _unpacked(raw: bytes) -> bytes:
    if not raw.startswith(_GZIP):
        return raw
    unpacking = zlib.decompressobj(wbits=31)
    try:
        xml = unpacking.decompress(raw, LARGEST)
    except zlib.error as error:
        raise Unreadable(f"a broken gzip file: {error}") from error
    if unpacking.unconsumed_tail:
        raise oversize(LARGEST)
    return xml


def _entry(listed: ET.Element) -> Entry | None:
    said = {_name(one): (one.text or "").strip() for one in listed}
    return Entry(said["loc"], day_of(said.get("lastmod"))) if said.get("loc") else None


def _name(element: ET.Element) -> str:
    return str(element.tag).rpartition("}")[2]
