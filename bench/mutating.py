"""Files that have been damaged: pieces of syntax put in, cut out, doubled, swapped or cut off. Seeded by their chance."""

import random
import re
import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO

_TEXT = (
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
_TAGS = (b"w:p>", b"w:r>", b"w:t>", b"w:tc>", b"w:tr>", b"w:tbl>", b"w:pPr>", b"w:drawing>", b"a:blip ", b"w:numPr>")
_TAGS += (b"m:r>", b"m:e>", b"m:f>", b"m:sub>", b"m:sup>", b"m:oMath>", b"m:oMathPara>", b"m:nary>", b"m:d>", b"m:m>")
_STYLE = re.compile(rb'<w:(?:pStyle|tblStyle) w:val="[^"]*"/>')
_SHEET_TAGS = (b"<c ", b"<row ", b't="s"', b"<v>", b"</v>", b"<si>", b"</si>", b"<t>")


def damaged_text(sound: bytes, chance: random.Random) -> bytes:
    """Return a text with a few pieces of syntax put in, cut out or doubled, or cut off."""
    data = bytearray(sound)
    for _ in range(chance.randint(1, 4)):
        at, length = chance.randrange(len(data)), chance.randrange(1, 60)
        new = chance.choice([b"", bytes(data[at : at + length]) * 2, *_TEXT])
        data[at : at + chance.choice([0, length])] = new
    return bytes(data[: chance.choice([len(data), chance.randrange(1, len(data))])]) if data else b""


def damaged_archive(sound: bytes, parts: Sequence[str], chance: random.Random) -> bytes:
    """Return an archive of which the XML of one of its parts is cut, doubled, swapped or overwritten here and there."""
    contents = _parts(sound)
    name = chance.choice([part for part in parts if part in contents])
    content = bytearray(contents[name])
    tags = _TAGS if name.startswith("word/") else _SHEET_TAGS
    for _ in range(chance.choice([1, 3, 30])):
        at, length = chance.randrange(max(1, len(content))), chance.randrange(40)
        kind = chance.randrange(4)
        if kind == 0:
            content[at : at + length] = chance.choice(_XML)
        elif kind == 1:
            content[at:at] = content[at : at + length]
        elif kind == 2:
            del content[at : at + length]
        else:
            content = bytearray(bytes(content).replace(chance.choice(tags), chance.choice(tags)))
    return _archive({**contents, name: bytes(content)})


def unstyled(sound: bytes) -> bytes:
    """Return a document of Word without the styles of its paragraphs."""
    contents = _parts(sound)
    return _archive({**contents, "word/document.xml": _STYLE.sub(b"", contents["word/document.xml"])})


def _parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _archive(contents: Mapping[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for part, written in contents.items():
            archive.writestr(part, written)
    return out.getvalue()
