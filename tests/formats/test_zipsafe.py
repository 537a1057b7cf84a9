import random
import tracemalloc
import zipfile
import zlib
from io import BytesIO

import pytest

from contest.formats import zipsafe
from contest.formats.zipsafe import refuse
from contest.rules.refusals import TEXTS, Refusal
from tests import timing

from .archives import archive, deflated, local, record, workbook, zipped

BROKEN, TOO_LARGE, UNSAFE = Refusal("zip-broken"), Refusal("zip-too-large"), Refusal("zip-unsafe")
MACROS, XML = Refusal("zip-macros"), Refusal("xml-unsafe")
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]><sst>&j;</sst>"
)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_sound_archive_is_let_through(method):
    assert (
        refuse(zipped({"a/b.xml": b"<a>&lt;!DOCTYPE x></a>", "c.bin": random.Random(1).randbytes(300_000)}, method))
        is None
    )


def test_workbook_is_let_through():
    assert refuse(workbook([["Câu hỏi", "Đáp án"]] * 1000)) is None


def test_archive_that_was_streamed_is_let_through():
    class Stream(BytesIO):
        def tell(self):
            raise OSError

    out = Stream()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as streamed:  # sizes follow the parts
        streamed.writestr("a.xml", b"<a/>" * 1000)
        streamed.writestr("b.xml", b"<b/>")
    assert out.getvalue()[6] & 0x8
    assert refuse(out.getvalue()) is None


def test_hand_made_archive_is_let_through():
    assert refuse(archive(local(b"a", b"x"), [record(b"a", 0, 1)])) is None


@pytest.mark.parametrize("cut", [0, 1, 21, 22, 50, 0.5, -1, -21, -22])
def test_truncated_archive_is_refused(cut):
    data = workbook([["a"]])
    length = int(len(data) * cut) if isinstance(cut, float) else cut if cut >= 0 else len(data) + cut
    assert refuse(data[:length]) == BROKEN


@pytest.mark.parametrize(
    "data",
    [
        archive(local(b"a", b"x"), [record(b"a", 0, 1)], comment=b"x"),
        archive(local(b"a", b"x"), [record(b"a", 0, 1)], comment=b"x")[:-1],
        b"x" + archive(local(b"a", b"x"), [record(b"a", 1, 1)]),
        archive(b"x" + local(b"a", b"x"), [record(b"a", 1, 1)]),
        archive(local(b"a", b"x"), [record(b"b", 0, 1)]),
        archive(local(b"a", b"x"), [record(b"a", 0, 1)], count=2),
        archive(local(b"a", b"x") + local(b"b", b"y"), [record(b"a", 0, 1), record(b"b", 32, 1)], count=1),
        archive(local(b"a", b"x", method=99), [record(b"a", 0, 1, method=99)]),
        archive(local(b"a", b"x", method=8), [record(b"a", 0, 1)]),
        zipped({"a": b"x" * 1000}, zipfile.ZIP_BZIP2),
        zipped({"a": b"x" * 1000}, zipfile.ZIP_LZMA),
    ],
    ids=[
        "comment",
        "comment-missing",
        "prefix",
        "gap-before",
        "two-names",
        "count-high",
        "count-low",
        "odd-method",
        "two-methods",
        "bzip2",
        "lzma",
    ],
)
def test_archive_that_readers_could_understand_in_two_ways_is_refused(data):
    assert refuse(data) == BROKEN


def test_overlapping_parts_are_refused():
    inner = local(b"b", b"x" * 100)
    body = local(b"a", inner)  # the first part's content is the second part
    assert refuse(archive(body, [record(b"a", 0, len(inner)), record(b"b", 31, 100)])) == BROKEN
    apart = local(b"a", b"y") + inner
    assert refuse(archive(apart, [record(b"a", 0, 1), record(b"b", 32, 100)])) is None
    assert refuse(archive(apart, [record(b"a", 0, 2), record(b"b", 32, 100)])) == BROKEN


@pytest.mark.parametrize(
    ("told", "refusal"), [(1000, None), (999, BROKEN), (1001, BROKEN), (10, BROKEN), (2**31, BROKEN)]
)
def test_part_that_lies_about_its_size_is_refused(told, refusal):
    packed = deflated(b"x" * 1000)
    body = local(b"a", packed, size=told, method=8)
    assert refuse(archive(body, [record(b"a", 0, len(packed), size=told, method=8)])) == refusal


def test_packed_data_that_ends_early_or_late_is_refused():
    packed = deflated(b"x" * 1000)
    for content in (packed[:-1], packed + b"\0", b"\xff" * 20):
        body = local(b"a", content, size=1000, method=8)
        assert refuse(archive(body, [record(b"a", 0, len(content), size=1000, method=8)])) == BROKEN


@pytest.mark.parametrize(
    "name",
    ["../a", "a/../b", "/a", "a\\b", "..\\a", "C:a", "a\0b", "./a", "a\nb", ""],
)
def test_name_that_could_lead_elsewhere_is_refused(name):
    raw = name.encode()
    assert refuse(archive(local(raw, b"x"), [record(raw, 0, 1)])) == UNSAFE


@pytest.mark.parametrize(
    ("first", "second", "refusal"),
    [
        ("a.xml", "A.xml", UNSAFE),
        ("a.xml", "a.xml", UNSAFE),
        ("é", "e\u0301", UNSAFE),
        ("ａ", "a", UNSAFE),
        ("a", "b", None),
        ("a", "x/a", None),
    ],
)
def test_names_that_some_system_takes_for_one_are_refused(first, second, refusal):
    names = [first.encode(), second.encode()]
    parts = [local(name, b"x", flags=0x800) for name in names]
    records = [record(names[0], 0, 1, flags=0x800), record(names[1], len(parts[0]), 1, flags=0x800)]
    assert refuse(archive(b"".join(parts), records)) == refusal


@pytest.mark.parametrize(("mode", "refusal"), [(0o100644, None), (0o040755, None), (0o120777, UNSAFE)])
def test_link_is_refused(mode, refusal):
    assert refuse(archive(local(b"a", b"/etc/passwd"), [record(b"a", 0, 11, mode=mode)])) == refusal


@pytest.mark.parametrize("flags", [0x1, 0x40, 0x2000])
def test_encrypted_part_is_refused(flags):
    data = archive(local(b"a", b"x", flags=flags), [record(b"a", 0, 1, flags=flags)])
    assert refuse(data) == Refusal("file-has-password")


@pytest.mark.parametrize(("count", "refusal"), [(2_000, None), (2_001, TOO_LARGE)])
def test_entries_are_counted(count, refusal):
    assert refuse(zipped({str(n): b"" for n in range(count)}, zipfile.ZIP_STORED)) == refusal


def test_sixty_thousand_entries_are_refused_before_they_are_listed():
    data = archive(b"", [record(b"%06d" % n, 0, 0) for n in range(60_000)])
    with timing.at_most(0.2):
        assert refuse(data) == TOO_LARGE


@pytest.mark.parametrize(("size", "refusal"), [(2**20, None), (2**20 + 1, TOO_LARGE)])
def test_part_that_unpacks_to_two_hundred_times_its_size_is_refused(size, refusal):
    assert refuse(zipped({"a": bytes(size)})) == refusal


@pytest.mark.parametrize(("most", "refusal"), [(3_000_000, None), (2_999_999, TOO_LARGE)])
def test_unpacked_bytes_are_summed(monkeypatch, most, refusal):
    monkeypatch.setattr(zipsafe, "MOST_BYTES", most)
    assert refuse(zipped({name: bytes(1_000_000) for name in "abc"})) == refusal


def test_bomb_is_refused_quickly_and_in_little_memory():
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join(packer.compress(bytes(2**24)) for _ in range(64)) + packer.flush()  # 1 GiB in 1 MiB
    body = local(b"a", packed, size=2**30, method=8)
    data = archive(body, [record(b"a", 0, len(packed), size=2**30, method=8)])
    tracemalloc.start()
    with timing.at_most(2):
        assert refuse(data) == TOO_LARGE
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_archive_in_an_archive_is_not_opened():
    assert refuse(zipped({"a.zip": zipped({"b.zip": zipped({"c": bytes(1_000_000)})})})) is None


@pytest.mark.parametrize(
    "name", ["xl/vbaProject.bin", "xl/VBAPROJECT.BIN", "word/vbaData.xml", "xl/macrosheets/sheet1.xml"]
)
def test_macro_is_refused_by_its_name(name):
    assert refuse(zipped({"[Content_Types].xml": b"<Types/>", name: b"x"})) == MACROS


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "told",
    ["application/vnd.ms-excel.sheet.macroEnabled.main+xml", "application/vnd.ms-office.vbaProject"],
)
def test_macro_is_refused_by_its_content_type(encoding, told):
    parts = {"[content_types].xml": f'<Types><Default ContentType="{told}"/></Types>'.encode(encoding)}
    assert refuse(zipped(parts)) == MACROS


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize(
    "xml",
    [
        '<?xml version="1.0"?><!DOCTYPE a><a/>',
        "<!doctype a><a/>",
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://canary.example/">%x;]><a/>',
        LAUGHS,
    ],
)
def test_declaration_of_entities_is_refused(encoding, xml):
    assert refuse(zipped({"xl/sharedStrings.xml": xml.encode(encoding)})) == XML


@pytest.mark.parametrize("name", ["xl/a.rels", "xl/a.vml", "xl/drawing.svg", "xl/without-suffix"])
def test_xml_is_watched_whatever_its_name(name):
    assert refuse(zipped({name: b"\xef\xbb\xbf <!DOCTYPE a><a/>"})) == XML


@pytest.mark.parametrize("before", range(65_536 - 10, 65_536 + 2))
def test_declaration_across_two_chunks_is_seen(before):
    xml = b"<a>" + b" " * (before - 3) + b"<!DOCTYPE a>"
    assert refuse(zipped({"a.xml": xml}, zipfile.ZIP_STORED)) == XML


@pytest.mark.parametrize(
    ("encoding", "refusal"),
    [("UTF-8", None), ("utf-16", None), ("US-ASCII", None), ("UTF-7", XML), ("IBM037", XML), ("x", XML)],
)
def test_encoding_that_could_hide_a_declaration_is_refused(encoding, refusal):
    xml = f"<?xml version='1.0' encoding='{encoding}'?><a/>".encode()
    assert refuse(zipped({"a.xml": xml})) == refusal


def test_mutated_archives_are_judged_without_an_exception():
    chance = random.Random(20210510)
    sound = workbook([["Câu hỏi", "Đáp án"], ["a", "b"]])
    for _ in range(1_000):
        data = bytearray(sound)
        for _ in range(chance.randint(1, 8)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        refusal = refuse(bytes(data))
        assert refusal is None or refusal.slug in TEXTS
