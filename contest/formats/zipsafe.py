"""Judge a zip archive before any reader opens it: its directory, its names, and every byte it would unpack to.

What is accepted is the plain archive that office programs write. Two readers can understand only such a one alike:
no comment, nothing before or between the parts, no overlaps, sizes that are true, stored or deflated.
"""

import re
import struct
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from contest.formats.xmlsafe import Watch, looks_like_xml
from contest.rules.refusals import Refusal

OLD_OFFICE = b"\xd0\xcf\x11\xe0"  # no archive: .doc, .xls and .ppt, and newer ones behind a password
DAMAGED = (BadZipFile, zlib.error, KeyError, ValueError, NotImplementedError, EOFError)  # of an archive that is read

MOST_ENTRIES = 2_000
MOST_BYTES = 200 * 2**20
MOST_RATIO = 200

_SMALL = 2**20  # what is small in any case may be packed as tightly as it likes
_CHUNK = 2**16
_END = struct.Struct("<4s4H2LH")
_RECORD_SIZE, _RECORD_LENGTHS, _RECORD_LENGTHS_AT = 46, struct.Struct("<3H"), 28
_LOCAL = struct.Struct("<4s5H3L2H")
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_UTF8 = 0x800
_LINK = 0o120000
_KIND_OF_FILE = 0o170000
_XML_NAME = re.compile(r"\.(?:xml|rels|vml|xhtml|html|svg)$", re.IGNORECASE)
_MACRO_NAME = re.compile(r"vbaproject|vbadata|macrosheets/|dialogsheets/|activex/", re.IGNORECASE)
_MACRO_TYPE = re.compile(rb"macroenabled|macrosheet|vbaproject", re.IGNORECASE)
_CONTENT_TYPES = "[content_types].xml"
_BROKEN = (BadZipFile, NotImplementedError, struct.error, zlib.error, ValueError, OverflowError, EOFError)


def refuse(data: bytes, most_entries: int = MOST_ENTRIES) -> Refusal | None:
    """Return why an archive must not be opened, or None. Nothing is unpacked but in passing."""
    try:
        start = _start_of_directory(data, most_entries)
        if isinstance(start, Refusal):
            return start
        with ZipFile(BytesIO(data)) as archive:
            entries = archive.infolist()
        return _judge_names(entries) or _judge_layout(data, entries, start) or _judge_contents(data, entries)
    except _BROKEN:
        return Refusal("zip-broken")


def _start_of_directory(data: bytes, most_entries: int) -> int | Refusal:
    signature, disk, first_disk, here, count, size, start, comment = _END.unpack(data[-_END.size :])
    if signature == b"PK\5\6" and count > most_entries:
        return Refusal("zip-too-large")
    end = len(data) - _END.size
    if signature != b"PK\5\6" or disk or first_disk or here != count or comment or start + size != end:
        return Refusal("zip-broken")
    at = start
    for _ in range(count):
        at += _RECORD_SIZE + sum(_RECORD_LENGTHS.unpack_from(data, at + _RECORD_LENGTHS_AT))
    return int(start) if at == end else Refusal("zip-broken")


def _judge_names(entries: Sequence[ZipInfo]) -> Refusal | None:
    seen: set[str] = set()
    for entry in entries:
        name = entry.orig_filename
        same = unicodedata.normalize("NFKC", name).casefold()
        steps = name.split("/")
        is_link = entry.external_attr >> 16 & _KIND_OF_FILE == _LINK
        if same in seen or is_link or re.search(r"[\\:\x00-\x1f]", name) or {"..", "."} & set(steps) or not steps[0]:
            return Refusal("zip-unsafe")
        if _MACRO_NAME.search(name):
            return Refusal("zip-macros")
        seen.add(same)
    return None


def _judge_layout(data: bytes, entries: Sequence[ZipInfo], start_of_directory: int) -> Refusal | None:
    in_order = sorted(entries, key=lambda entry: entry.header_offset)
    if in_order and in_order[0].header_offset != 0:
        return Refusal("zip-broken")
    for entry in in_order:
        if entry.flag_bits & _ENCRYPTED:
            return Refusal("file-has-password")
        if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED) or not _is_told_alike(data, entry):
            return Refusal("zip-broken")
    ends = [_start(data, entry) + entry.compress_size for entry in in_order]
    starts = [*(entry.header_offset for entry in in_order[1:]), start_of_directory]
    return None if all(end <= start for end, start in zip(ends, starts, strict=True)) else Refusal("zip-broken")


def _is_told_alike(data: bytes, entry: ZipInfo) -> bool:
    """Say whether a part's own header tells the name and the method that the directory tells."""
    signature, _, flags, method, *_, name_length, _ = _LOCAL.unpack_from(data, entry.header_offset)
    at = entry.header_offset + _LOCAL.size
    name = entry.orig_filename.encode("utf-8" if entry.flag_bits & _UTF8 else "cp437")
    told = (signature, flags & _ENCRYPTED, method, data[at : at + name_length])
    return bool(told == (b"PK\3\4", 0, entry.compress_type, name))


def _start(data: bytes, entry: ZipInfo) -> int:
    *_, name_length, extra_length = _LOCAL.unpack_from(data, entry.header_offset)
    return entry.header_offset + _LOCAL.size + int(name_length) + int(extra_length)


def _judge_contents(data: bytes, entries: Sequence[ZipInfo]) -> Refusal | None:
    total = 0
    for entry in entries:
        size, most = 0, max(_SMALL, entry.compress_size * MOST_RATIO)
        watch = Watch() if _XML_NAME.search(entry.filename) else None
        for chunk in _unpack(data, entry):
            if size == 0 and watch is None and looks_like_xml(chunk):
                watch = Watch()
            size, total = size + len(chunk), total + len(chunk)
            if total > MOST_BYTES or size > most:
                return Refusal("zip-too-large")
            if watch and watch.sees_danger(chunk):
                return Refusal("xml-unsafe")
        if size != entry.file_size:
            return Refusal("zip-broken")
        if entry.filename.casefold() == _CONTENT_TYPES and _declares_macros(data, entry):
            return Refusal("zip-macros")
    return None


def _declares_macros(data: bytes, content_types: ZipInfo) -> bool:
    return _MACRO_TYPE.search(b"".join(_unpack(data, content_types)).replace(b"\0", b"")) is not None


def _unpack(data: bytes, entry: ZipInfo) -> Iterator[bytes]:
    """Yield what a part unpacks to, in chunks; never more than a chunk is in memory."""
    start = _start(data, entry)
    packed = memoryview(data)[start : start + entry.compress_size]
    if entry.compress_type == ZIP_STORED:
        yield from (bytes(packed[at : at + _CHUNK]) for at in range(0, len(packed), _CHUNK))
        return
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    for at in range(0, len(packed), _CHUNK):
        waiting = bytes(packed[at : at + _CHUNK])
        while waiting:
            yield stream.decompress(waiting, _CHUNK)
            waiting = stream.unconsumed_tail
    yield stream.flush()
    if not stream.eof or stream.unused_data:
        raise BadZipFile
