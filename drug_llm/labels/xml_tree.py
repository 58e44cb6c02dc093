"""Parsing XML from strangers: no entities, no external files, bounded depth and size.

The standard library's expat is used directly. Its handlers refuse every entity declaration, as
the `defusedxml` package does, so neither that package nor a compiled one is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn
from xml.etree.ElementTree import XML, Element, ParseError, TreeBuilder
from xml.parsers import expat

from drug_llm.errors import LabelError

MAX_XML_BYTES = 64 * 2**20
MAX_DEPTH = 120
_NAMESPACE_SEPARATOR = "}"


def parse_xml(content: bytes, *, where: str) -> Element:
    """Return the root of an XML document; element names come without their namespace.

    Raises LabelError when it is not well-formed, declares entities, refers to external
    files, nests deeper than MAX_DEPTH or is larger than MAX_XML_BYTES.
    """
    if len(content) > MAX_XML_BYTES:
        raise LabelError(
            f"{where}: {len(content)} bytes of XML; expected at most {MAX_XML_BYTES}. "
            "A label is far smaller; leave it out."
        )
    builder = TreeBuilder()
    parser = expat.ParserCreate(namespace_separator=_NAMESPACE_SEPARATOR)
    parser.buffer_text = True
    _connect(parser, builder, where)
    try:
        parser.Parse(content, True)
        return builder.close()
    except (expat.ExpatError, AssertionError, ValueError, LookupError, UnicodeError) as error:
        raise LabelError(f"{where}: not well-formed XML ({error}). Download the file again.") from error


def parse_fragment(markup: str) -> Element:
    """Return the root of a piece of markup within a text, much faster than `parse_xml`.

    A text has no XML declaration, so nothing can hide a document type in another encoding, and
    without a document type there are no entities. What has one takes the slow way.

    Raises LabelError as `parse_xml` does.
    """
    if "<!" in markup or "xmlns" in markup or "<?" in markup:
        return parse_xml(markup.encode(), where="markup")
    try:
        root = XML(markup)
    except (ParseError, ValueError) as error:
        raise LabelError(f"Markup is not well-formed ({error}). Download the file again.") from error
    level, depth = [root], 0
    while level:
        level, depth = [child for element in level for child in element], depth + 1
        if depth > MAX_DEPTH:
            raise LabelError(f"Markup nests deeper than {MAX_DEPTH}; a label does not. Leave it out.")
    return root


def _connect(parser: Any, builder: TreeBuilder, where: str) -> None:
    depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise LabelError(f"{where}: elements nest deeper than {MAX_DEPTH}; a label does not. Leave it out.")
        builder.start(_local(tag), {_local(name): value for name, value in attributes.items()})

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_local(tag))

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.EntityDeclHandler = _refusal(where, "declares an entity")
    parser.UnparsedEntityDeclHandler = _refusal(where, "declares an unparsed entity")
    parser.ExternalEntityRefHandler = _refusal(where, "refers to an external entity")
    parser.SkippedEntityHandler = _refusal(where, "uses an entity that it does not declare")


def _local(name: str) -> str:
    return name.rpartition(_NAMESPACE_SEPARATOR)[2]


def _refusal(where: str, what: str) -> Callable[..., NoReturn]:
    def refuse(*_arguments: object) -> NoReturn:
        raise LabelError(f"{where}: the XML {what}, which labels never do and attacks do. Refused; leave it out.")

    return refuse
