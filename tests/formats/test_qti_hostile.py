"""Files of QTI made to do harm: refused in words within two seconds; what is merely broken never crashes."""

import random
from collections.abc import Callable
from io import BytesIO
from zipfile import ZipFile

import pytest

from contest.formats.drafts import OF_WORDS, Reading
from contest.formats.qti import DIALECTS, read_qti, write_qti
from contest.formats.qti.document import MOST_TAGS
from contest.formats.recognition import read_recognised
from contest.rules.question_terms import Kind
from contest.rules.refusals import TEXTS
from tests import timing

from ..kinds import sample
from .archives import archive, local, record, repacked, zipped

ROOT = b'<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="a">'
LAUGHS = b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>' + ROOT + b"&b;</assessmentItem>"
OUTSIDE = b'<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + ROOT + b"&a;</assessmentItem>"
ASKED = b'<choiceInteraction responseIdentifier="RESPONSE">'
CHOICE = b'<simpleChoice identifier="A">a</simpleChoice>'


def body(inside: bytes) -> bytes:
    declared = b'<responseDeclaration identifier="RESPONSE" cardinality="single" baseType="identifier"/>'
    return ROOT + declared + b"<itemBody>" + inside + b"</itemBody></assessmentItem>"


def many(names: int) -> bytes:
    made = b"".join(local(f"{n}.xml".encode(), b"") for n in range(names))
    return archive(made, [record(f"{n}.xml".encode(), 0, 0) for n in range(names)], count=min(names, 65_535))


HOSTILE = {
    "a DTD": (LAUGHS, "xml-unsafe"),
    "an entity from outside": (OUTSIDE, "xml-unsafe"),
    "a DTD in UTF-16": (OUTSIDE.decode().encode("utf-16"), "xml-unsafe"),
    "an encoding that could hide one": (
        b'<?xml version="1.0" encoding="utf-7"?>' + ROOT + b"</assessmentItem>",
        "xml-unsafe",
    ),
    "a DTD in a package": (zipped({"a.xml": LAUGHS}), "xml-unsafe"),
    "a DTD in a manifest": (zipped({"imsmanifest.xml": OUTSIDE, "a.xml": b"<a/>"}), "xml-unsafe"),
    "a bomb": (zipped({"imsmanifest.xml": b"<manifest/>", "a.png": bytes(250 * 2**20)}), "zip-too-large"),
    "too many parts": (many(30_000), "zip-too-large"),
    "a name outside": (zipped({"imsmanifest.xml": b"<manifest/>", "../a.xml": b"<a/>"}), "zip-unsafe"),
    "a name from the root": (zipped({"imsmanifest.xml": b"<manifest/>", "/etc/a.xml": b"<a/>"}), "zip-unsafe"),
    "names alike": (zipped({"imsmanifest.xml": b"<manifest/>", "A.xml": b"<a/>", "a.xml": b"<a/>"}), "zip-unsafe"),
    "depth": (body(b"<div>" * 9_000 + b"</div>" * 9_000), "xml-broken"),
    "too many tags": (body(b"<p/>" * (MOST_TAGS + 1)), "xml-too-large"),
    "too many choices": (
        body(ASKED + CHOICE * 9_000 + b"</choiceInteraction>"),
        "",
    ),
    "too many words": (body(b"<p>" + b"chao " * 4_000_000 + b"</p>"), ""),
    "a number without an end": (body(b"<p>&#" + b"9" * 1_000_000 + b";</p>"), "xml-broken"),
    "a long name": (body(b"<" + b"a" * 60_000 + b"Interaction/>"), "xml-broken"),
    "many attributes": (body(b"<p " + b" ".join(b'a%d="1"' % n for n in range(50_000)) + b"/>"), ""),
    "cut short": (write_qti([sample(Kind.ESSAY)], "qti21")[0][:-30], "zip-broken"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_harm_is_refused_in_words_and_soon(what: str) -> None:
    data, slug = HOSTILE[what]
    with timing.at_most(2):
        reading = read_qti(data)
    assert reading.drafts == ()
    assert all(problem.refusal.slug in TEXTS for problem in reading.problems)
    assert slug in {"", reading.problems[0].refusal.slug}


def changed(data: bytes, chance: random.Random) -> bytes:
    """Return a file with a few of its bytes struck out, doubled or made others."""
    out = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(out))
        match chance.randrange(4):
            case 0:
                del out[at : at + chance.randint(1, 40)]
            case 1:
                out[at:at] = out[at : at + chance.randint(1, 60)]
            case 2:
                out[at] = chance.randrange(256)
            case _:
                out[at:at] = chance.choice([b"<", b">", b"&", b'"', b"-1", b"1e9", b"[[1]]", b"</value>", "ế".encode()])
        out = out or bytearray(b"<")
    return bytes(out)


def read_soundly(read: Callable[[bytes], Reading], data: bytes) -> None:
    reading = read(data)
    assert reading.drafts or reading.problems
    assert all(problem.refusal.slug in TEXTS for problem in reading.problems)


@pytest.mark.parametrize("version", list(DIALECTS))
def test_changed_items_and_manifests_never_crash(version: str) -> None:
    chance = random.Random(f"qti-{version}")
    data, _ = write_qti([sample(kind, topic=("a", "b"), tags=("c",)) for kind in OF_WORDS], version)
    with ZipFile(BytesIO(data)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    for name in sorted(parts):
        for _ in range(60):
            broken = changed(parts[name], chance)
            if name == "imsmanifest.xml":
                read_soundly(read_qti, repacked(data, {name: broken}))
            else:
                read_soundly(read_qti, broken)


def test_changed_packages_never_crash() -> None:
    chance = random.Random("qti")
    data, _ = write_qti([sample(kind) for kind in OF_WORDS], "qti3")
    for _ in range(300):
        read_soundly(read_qti, changed(data, chance))
        read_soundly(read_recognised, changed(data, chance))
