"""Archives for tests: sound ones, and each kind of trap, made by hand where no library will make it."""

import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from io import BytesIO

import xlsxwriter


def zipped(parts: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a sound archive."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def workbook(rows: Iterable[Iterable[object]], name: str = "Câu hỏi") -> bytes:
    """Return a workbook of one sheet, as an office program writes it."""
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet(name)
        for index, row in enumerate(rows):
            sheet.write_row(index, 0, row)
    return out.getvalue()


def repacked(data: bytes, changes: Mapping[str, bytes]) -> bytes:
    """Return an archive with parts replaced or added."""
    return zipped({**parts_of(data), **changes})


def parts_of(data: bytes) -> dict[str, bytes]:
    """Return what an archive holds."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def local(name: bytes, content: bytes, *, size: int | None = None, flags: int = 0, method: int = 0) -> bytes:
    """Return a part with its own header, stored unless packed by the caller."""
    size = len(content) if size is None else size
    head = struct.pack(
        "<4s5H3L2H", b"PK\3\4", 20, flags, method, 0, 0x21, zlib.crc32(content), len(content), size, len(name), 0
    )
    return head + name + content


def record(
    name: bytes, at: int, packed: int, *, size: int | None = None, flags: int = 0, method: int = 0, mode: int = 0
) -> bytes:
    """Return a line of the directory."""
    size = packed if size is None else size
    fields = (20, 20, flags, method, 0, 0x21, 0, packed, size, len(name), 0, 0, 0, 0, mode << 16, at)
    return struct.pack("<4s6H3L5H2L", b"PK\1\2", *fields) + name


def archive(body: bytes, records: list[bytes], *, count: int | None = None, comment: bytes = b"") -> bytes:
    """Return an archive of hand-made pieces."""
    directory = b"".join(records)
    count = len(records) if count is None else count
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(directory), len(body), len(comment))
    return body + directory + end + comment


def deflated(content: bytes) -> bytes:
    """Return content packed as a part holds it."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()
