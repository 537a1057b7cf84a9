"""Files that have been damaged: pieces of syntax put in, cut out, doubled, swapped or cut off. Seeded by their chance."""

import random
import re
import zipfile
from collections.abc import Mapping, Sequence
from copy import deepcopy
from io import BytesIO

from lxml import etree

_TEXT: tuple[bytes, ...] = (
    b"<",
    b"</text>",
    b"]]>",
    b"<![CDATA[",
    b"&#0;",
    b"&lt;",
    b"{",
    b"}",
    b"=",
    b"->",
    b"#",
    b"~",
    b"%50%",
    b":",
    b"[[1]]",
)
_TEXT += (b"{1:SA:", b"\xff", b"\0", b"ANSWER: Z", b"\n\n", b'"', b",", b";", b"..", b"\\", b"$$", b"\xe2\x81\xa0")
_XML = (
    b"<w:p>",
    b"</w:p>",
    b"w:val",
    b'"',
    b"<w:tbl>",
    b"&#1;",
    b"\xff",
    b"99999999999",
    b"-1",
    b"<w:r/>",
    b"<m:e>",
    b"<m:eqArr>",
    b"m:val",
    b"\xf3\xb0\x80\x80",
    b'<w:gridSpan w:val="3"/>',
    b"",
    b"\xe2\x81\xa0",
)
_ODD = (
    "",
    " ",
    "-1",
    "0",
    "1e9",
    "99999999999",
    "A A",
    "∞",
    "{",
    "[[1]]",
    "{1:SA:=x}",
    "]]>",
    "../..",
    "a" * 3_000,
    "\u2061",
)
_TAGS: tuple[bytes, ...] = (
    b"w:p>",
    b"w:r>",
    b"w:t>",
    b"w:tc>",
    b"w:tr>",
    b"w:tbl>",
    b"w:pPr>",
    b"w:drawing>",
    b"a:blip ",
    b"w:numPr>",
)
_TAGS += (b"m:r>", b"m:e>", b"m:f>", b"m:sub>", b"m:sup>", b"m:oMath>", b"m:oMathPara>", b"m:nary>", b"m:d>", b"m:m>")
_STYLE = re.compile(rb'<w:(?:pStyle|tblStyle) w:val="[^"]*"/>')
_QTI = (
    b"</simpleChoice>",
    b"<textEntryInteraction/>",
    b"<gap/>",
    b' identifier="A"',
    b'mappedValue="-1"',
    b'cardinality="multiple"',
    b"<mapEntry/>",
    b"match_correct",
    b'coords="0,0"',
    b"<math/>",
    b"../..",
    b"99999999999",
    b"-1",
    b"\xff",
    b'"',
    b"",
)
_QTI_TAGS = (
    b"value>",
    b"div>",
    b"p>",
    b"qti-",
    b"Interaction",
    b"-interaction",
    b"Declaration",
    b"identifier=",
    b"A",
    b"1",
)
_PDF = (
    b"<<", b">>", b"[", b"]", b"1 0 R", b"endobj", b"stream",
    b"/JS (x)", b"/A <<>>", b"null", b"99999999999", b"-1", b"\xff", b"(", b""
)  # fmt: skip
_PDF_TAGS = (b"obj", b"R", b"/Type", b"/Kids", b"/Annots", b"/Length", b"/Filter", b"/Subtype", b"/A", b"0", b"1")
_SHEET_TAGS = (b"<c ", b"<row ", b't="s"', b"<v>", b"</v>", b"<si>", b"</si>", b"<t>")


def damaged_text(sound: bytes, chance: random.Random) -> bytes:
    """Return a text with a few pieces of syntax put in, cut out or doubled, or cut off."""
    data = bytearray(sound)
    for _ in range(chance.randint(1, 4)):
        at, length = chance.randrange(len(data)), chance.randrange(1, 60)
        new = chance.choice([b"", bytes(data[at : at + length]) * 2, *_TEXT])
        data[at : at + chance.choice([0, length])] = new
    return bytes(data[: chance.choice([len(data), chance.randrange(1, len(data))])]) if len(data) > 1 else bytes(data)


def damaged_archive(sound: bytes, parts: Sequence[str], chance: random.Random) -> bytes:
    """Return an archive of which the XML of one of its parts is cut, doubled, swapped or overwritten here and there."""
    contents = _contents(sound)
    name = chance.choice([part for part in parts if part in contents])
    tags = _TAGS if name.startswith("word/") else _SHEET_TAGS
    return _packed({**contents, name: _damaged_part(contents[name], _XML, tags, chance)})


def damaged_package(sound: bytes, chance: random.Random) -> bytes:
    """Return a package of QTI of which one item, one stimulus or the manifest is damaged, or one part is not there."""
    contents = _contents(sound)
    name = chance.choice(sorted(contents))
    if chance.randrange(20) == 0:
        return _packed({part: content for part, content in contents.items() if part != name})
    return _packed({**contents, name: _damaged_part(contents[name], _QTI, _QTI_TAGS, chance)})


def damaged_handed(sound: bytes, chance: random.Random) -> bytes:
    """Return a PDF damaged as a text, or an office file of which one part is."""
    if sound.startswith(b"PK"):
        return damaged_archive(sound, sorted(_contents(sound)), chance)
    return _broken(sound, _PDF, _PDF_TAGS, chance)


def unstyled(sound: bytes) -> bytes:
    """Return a document of Word without the styles of its paragraphs."""
    contents = _contents(sound)
    return _packed({**contents, "word/document.xml": _STYLE.sub(b"", contents["word/document.xml"])})


def damaged_xml(sound: bytes, chance: random.Random) -> bytes:
    """Return an XML file that is damaged as a text, or one that is XML still but not what it was."""
    return _disordered(sound, chance) if chance.randrange(2) else damaged_text(sound, chance)


def _damaged_part(sound: bytes, pieces: Sequence[bytes], tags: Sequence[bytes], chance: random.Random) -> bytes:
    return _disordered(sound, chance) if chance.randrange(2) else _broken(sound, pieces, tags, chance)


def _broken(sound: bytes, pieces: Sequence[bytes], tags: Sequence[bytes], chance: random.Random) -> bytes:
    content = bytearray(sound)
    for _ in range(chance.choice([1, 3, 30])):
        at, length = chance.randrange(len(content) or 1), chance.randrange(40)
        kind = chance.randrange(4)
        if kind == 0:
            content[at : at + length] = chance.choice(pieces)
        elif kind == 1:
            content[at:at] = content[at : at + length]
        elif kind == 2:
            del content[at : at + length]
        else:
            content = bytearray(bytes(content).replace(chance.choice(tags), chance.choice(tags)))
    return bytes(content)


def _disordered(sound: bytes, chance: random.Random) -> bytes:
    """Return XML of which elements were dropped, doubled, moved or emptied, and texts or attributes are another's, or odd."""
    try:
        root = etree.fromstring(sound)
    except etree.XMLSyntaxError:  # a picture, or what has been damaged before
        return sound[: chance.randrange(len(sound) + 1)]
    for _ in range(chance.choice([1, 2, 8])):
        elements = list(root.iter("*"))
        _disorder(chance.choice(elements), chance.choice(elements), chance)
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True))


def _disorder(one: etree._Element, other: etree._Element, chance: random.Random) -> None:
    match chance.randrange(6):
        case 0 if (parent := one.getparent()) is not None:
            parent.remove(one)
        case 1:
            other.append(deepcopy(one))
        case 2:
            one.text = chance.choice([other.text, None, *_ODD])
        case 3 if one.attrib:
            one.set(chance.choice(one.keys()), chance.choice([*map(str, other.attrib.values()), *_ODD]))
        case 4 if one.attrib:
            del one.attrib[chance.choice(one.keys())]
        case _:
            one.tag = other.tag


def _contents(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def _packed(contents: Mapping[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for part, written in contents.items():
            archive.writestr(part, written)
    return out.getvalue()
