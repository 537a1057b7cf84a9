"""XML as a tree, read so that nothing in it can reach out or grow: no entity, no DTD, no network, no huge nodes."""

from lxml import etree


def parser(encoding: str | None = None) -> etree.XMLParser:
    """Return a parser; with an encoding it reads that, whatever the file declares, so that it reads what was judged."""
    return etree.XMLParser(
        encoding=encoding,
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )


def written(root: etree._Element) -> bytes:
    """Return a part of an archive as it is kept in one: UTF-8, with nothing declared outside it."""
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return content


def tree(content: bytes) -> etree._Element:
    """Return a part of an archive as a tree; raises ValueError for what is no XML, or has a DTD, MemoryError for too much."""
    try:
        root = etree.fromstring(content, parser())
    except etree.XMLSyntaxError as broken:
        if broken.code == etree.ErrorTypes.ERR_NO_MEMORY:  # it may be sound as far as anybody knows
            raise MemoryError from broken
        raise ValueError(str(broken)) from broken
    if root.getroottree().docinfo.internalDTD is not None:
        raise ValueError("DTD")
    return root
