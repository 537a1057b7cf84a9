"""Vietnamese from before Unicode: TCVN3 (ABC, the fonts .Vn…) and VNI, in which other letters stand for its own.

A text is taken for one of them by what it would say: as it stands hardly a word is Vietnamese, converted nearly all are.
Nothing is converted unless somebody asks for it.
"""

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from functools import cache

from contest.rules.refusals import Refusal

_MARKS = "\u0301\u0300\u0309\u0303\u0323"  # sắc, huyền, hỏi, ngã, nặng


class OldCode(StrEnum):
    """Code pages of before Unicode."""

    TCVN3 = "tcvn3"
    VNI = "vni"


TITLES = {OldCode.TCVN3: "TCVN3 (.VnTime)", OldCode.VNI: "VNI (VNI-Times)"}

# Each vowel without a tone and with the five, in the order of _MARKS; TCVN3 has its plain capitals and no other ones.
_TCVN3 = {
    "a": "a¸µ¶·¹", "ă": "¨¾»¼½Æ", "â": "©ÊÇÈÉË", "e": "eÐÌÎÏÑ", "ê": "ªÕÒÓÔÖ", "i": "iÝ×ØÜÞ", "o": "oãßáâä",
    "ô": "«èåæçé", "ơ": "¬íêëìî", "u": "uóïñòô", "ư": "\xadøõö÷ù", "y": "yýúûüþ",
}  # fmt: skip
_TCVN3_PLAIN = {"Ă": "¡", "Â": "¢", "Ê": "£", "Ô": "¤", "Ơ": "¥", "Ư": "¦", "Đ": "§", "đ": "®"}
_VNI_TONES = "ùøûõï"
_VNI = {
    "a": ("a", _VNI_TONES), "ă": ("aê", "éèúüë"), "â": ("aâ", "áàåãä"), "e": ("e", _VNI_TONES), "ê": ("eâ", "áàåãä"),
    "o": ("o", _VNI_TONES), "ô": ("oâ", "áàåãä"), "ơ": ("ô", _VNI_TONES), "u": ("u", _VNI_TONES), "ư": ("ö", _VNI_TONES),
}  # fmt: skip
_VNI_ALONE = {"í": "í", "ì": "ì", "ỉ": "æ", "ĩ": "ó", "ị": "ò", "đ": "ñ", "ỵ": "î"}


def _toned(vowel: str) -> list[str]:
    return [unicodedata.normalize("NFC", vowel + mark) for mark in _MARKS]


def _tcvn3() -> Mapping[str, str]:
    found = {old: new for new, old in _TCVN3_PLAIN.items()}
    for vowel, codes in _TCVN3.items():
        found |= dict(zip(codes, (vowel, *_toned(vowel)), strict=True))
    return {old: new for old, new in found.items() if old != new}


def _vni() -> Mapping[str, str]:
    found = {old: new for new, old in _VNI_ALONE.items()}
    for vowel, (base, tones) in _VNI.items():
        found |= {base[0] + tone: toned for tone, toned in zip(tones, _toned(vowel), strict=True)}
        found[base] = vowel
    found |= dict(zip((f"y{tone}" for tone in _VNI_TONES[:4]), _toned("y"), strict=False))
    upper = {old[0].upper() + rest: new.upper() for old, new in found.items() for rest in (old[1:], old[1:].upper())}
    lower = {old[0] + old[1:].upper(): new for old, new in found.items()}
    return {old: new for old, new in {**lower, **found, **upper}.items() if old != new}


TABLES: Mapping[OldCode, Mapping[str, str]] = {OldCode.TCVN3: _tcvn3(), OldCode.VNI: _vni()}

_UNICODE_ALONE = re.compile("[ĂăĐđĨĩŨũƠơƯư\u1ea0-\u1ef9]")  # none of them is in an old code page
_WORD = re.compile(r"[^\s!-@\[-`{-~]+")
_LINE = re.compile(r"[^\n]+")
_CAPITALS = 2  # plain capitals, and no small letter, that make a word or a line one in capitals


@cache
def _pattern(code: OldCode) -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, TABLES[code]), key=len, reverse=True)))


def convert(text: str, code: OldCode, *, capitals: bool = False) -> str:
    """Return a text of an old code page in Unicode, in NFC; text that is Unicode already stays.

    TCVN3 has no capitals with tones: fonts whose names end in H show its small letters as such (`capitals`), and in a word
    whose plain letters are all capitals the others are meant so too.
    """
    if _UNICODE_ALONE.search(text):
        return text
    table = TABLES[code]
    found = _pattern(code).sub(lambda m: table[m[0]], text)
    if code is OldCode.TCVN3:
        found = found.upper() if capitals else _with_capitals(text, found)
    return unicodedata.normalize("NFC", found)


def _with_capitals(old: str, new: str) -> str:
    """Put the lines and the words into capitals whose plain letters are; TCVN3 changes no letter's place."""
    for word in (*_LINE.finditer(old), *_WORD.finditer(old)):
        plain = [c for c in word[0] if c.isascii() and c.isalpha()]
        if len(plain) >= _CAPITALS and all(c.isupper() for c in plain):
            new = new[: word.start()] + new[word.start() : word.end()].upper() + new[word.end() :]
    return new


def to_utf8(data: bytes, code: OldCode) -> bytes:
    """Return a text file of an old code page as UTF-8: bytes that are no UTF-8 are letters of the code page each."""
    return convert(as_letters(data), code).encode()


def as_letters(data: bytes) -> str:
    """Return the letters of a text file as they would be seen without the fonts of its code page."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


# Telling

_RIME = re.compile(
    "(?:ngh|ng|gh|gi|kh|nh|ph|qu|th|tr|ch|[bcdđghklmnprstvx])?"
    "(?:(?:oă|oe|uâ|uô|uơ|uyê|iê|yê|ươ|oa|uê|uy|[aăâeêioôơuưy])(?:ch|nh|ng|[cmnpt])?"
    "|ai|ao|au|ay|âu|ây|eo|êu|ia|iu|iêu|yêu|oai|oay|oao|oeo|oi|ôi|ơi|oa|oe|ua|ui|uôi|uây|uya|uyu|ưa|ưi|ưu|ươi|ươu|uơ)"
)
_FEWEST, _LEAST, _MOST = 3, 0.9, 0.5  # different words that tell; shares of them that are Vietnamese, after and before
_LOOKED_AT = 20_000
_SAMPLE = 120


def is_syllable(word: str) -> bool:
    """Say whether a word could be one of Vietnamese: an onset, vowels, an ending, and at most one tone."""
    split = unicodedata.normalize("NFD", word.lower())
    if sum(split.count(mark) for mark in _MARKS) > 1:
        return False
    plain = unicodedata.normalize("NFC", "".join(c for c in split if c not in _MARKS))
    return _RIME.fullmatch(plain) is not None


def old_code_of(text: str) -> OldCode | None:
    """Return the code page that a text is in, by its words; None for Unicode, for plain ASCII and where it is not clear."""
    if text.isascii() or _UNICODE_ALONE.search(text):
        return None
    telling = list(dict.fromkeys(w for w in _WORD.findall(text[:_LOOKED_AT]) if not w.isascii()))
    if len(telling) < _FEWEST or _share(telling) > _MOST:
        return None
    shares = {code: _share([convert(word, code) for word in telling]) for code in OldCode}
    best = max(OldCode, key=lambda code: shares[code])
    return best if shares[best] >= _LEAST else None


def _share(words: list[str]) -> float:
    return sum(map(is_syllable, words)) / len(words)


def refusal_of(text: str, code: OldCode) -> Refusal:
    """Return what is said of a file in an old code page: a line as it stands, and as it would be once converted."""
    before = next((line.strip() for line in text.splitlines() if convert(line, code) != line), "")[:_SAMPLE]
    params = {"code": TITLES[code], "convert": code.value, "before": before, "after": convert(before, code)}
    return Refusal("old-code", params)
