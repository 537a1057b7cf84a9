"""Texts at the edge: NFC, safe identifiers, the diacritic-free form, Vietnamese order, phones, e-mail, birth dates."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date

import icu
import phonenumbers
from email_validator import EmailNotValidError, validate_email

from contest.rules.refusals import Refusal

FIRST_YEAR, LAST_YEAR = 1900, 2100

READABLE = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # of codes: nothing that is mistaken for something else on paper
_FORBIDDEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_JOINERS = re.compile("[\u200c\u200d]")  # part of emoji and of other scripts, so running text keeps them
_IGNORABLE = re.compile(f"[\\s{_INVISIBLE.pattern[1:-1]}{_JOINERS.pattern[1:-1]}\\x00-\\x1f\\x7f-\\x9f\ufe00-\ufe0f]")
_LINE_BREAK = re.compile("\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")
_BLANK_LINES = re.compile("\n{3,}")
_MARKS_IN_A_ROW = 30  # Unicode's stream-safe form; more are no writing, and normalising them is quadratic
_RAW_LIMIT = 4  # a letter in NFD has at most a base and a few marks
_SPACE_TO_SPARE = 1000

_DATE = re.compile(r"([0-9]{1,2}) ?([/.-]) ?([0-9]{1,2}) ?\2 ?([0-9]{4})")
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_PHONE = re.compile(r"\+?[0-9 ().-]{3,30}")
_PHONE_OR_DATE_LIMIT = 50
_EMAIL_LIMIT = 254

_vietnamese = icu.Collator.createInstance(icu.Locale("vi"))


def clean(text: str, *, limit: int, multiline: bool = False, indented: bool = False) -> str | Refusal:
    """Return a text in NFC, its white space folded and invisible characters dropped, or why it cannot be kept.

    Bidirectional overrides and zero-width characters go silently: they only serve to deceive. Control characters
    and lone surrogates are refused. With `multiline`, lines stay lines, with at most one blank line between them;
    `indented` ones keep the spaces they begin with.
    """
    if len(text) > limit * _RAW_LIMIT + _SPACE_TO_SPARE:
        return Refusal("too-long", {"limit": limit})
    if _FORBIDDEN.search(text):
        return Refusal("bad-text")
    text = _INVISIBLE.sub("", text)
    if not multiline:
        text = _JOINERS.sub("", text)
    if not _is_stream_safe(text):
        return Refusal("bad-text")
    text = unicodedata.normalize("NFC", text)
    text = _fold_lines(text, indented=indented) if multiline else " ".join(text.split())
    return text if len(text) <= limit else Refusal("too-long", {"limit": limit})


def canonical(identifier: str) -> str:
    """Return the one form in which identifiers are compared: compatible, caseless, without spaces and invisibles."""
    return _settle(lambda s: _IGNORABLE.sub("", unicodedata.normalize("NFKC", s).casefold()), identifier)


def fold(text: str) -> str:
    """Return the form for searching: caseless, without diacritics, white space folded."""
    return _settle(_fold_once, text)


def name_key(full_name: str) -> bytes:
    """Return the key that sorts people as Vietnamese lists do: by the given name, then by the rest of the name."""
    words = full_name.split()
    return bytes(_vietnamese.getSortKey("".join(words[-1:])) + _vietnamese.getSortKey(" ".join(words[:-1])))


def phone(text: str) -> str | Refusal:
    """Return a phone number in E.164; a number without a country is Vietnamese, with or without its leading zero."""
    typed = _plain(text)
    if not _PHONE.fullmatch(typed):
        return Refusal("bad-phone")
    try:
        number = phonenumbers.parse(typed, "VN")
    except phonenumbers.NumberParseException:
        return Refusal("bad-phone")
    if not phonenumbers.is_valid_number(number):
        return Refusal("bad-phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def phone_as_said(number: str) -> str:
    """Return a number in E.164 as people write it down: at home with a leading zero, abroad with its country."""
    parsed = phonenumbers.parse(number)
    at_home = parsed.country_code == phonenumbers.country_code_for_region("VN")
    form = phonenumbers.PhoneNumberFormat.NATIONAL if at_home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, form)


def email(text: str) -> str | Refusal:
    """Return an e-mail address in its normal form; whether anyone reads it is not asked."""
    typed = text.strip()
    try:
        return validate_email(typed if len(typed) <= _EMAIL_LIMIT else "", check_deliverability=False).normalized
    except EmailNotValidError:
        return Refusal("bad-email")


def mailbox(text: str) -> str | Refusal:
    """Return an e-mail address in the form in which it is kept and signed in by: no mailbox tells A from a."""
    address = email(text)
    return address if isinstance(address, Refusal) else address.lower()


def birth_date(text: str) -> date | Refusal:
    """Return a date given as day, month, year or in ISO 8601, from 1900 to 2100; days that do not exist are refused."""
    typed = _plain(text)
    if found := _DATE.fullmatch(typed):
        day, _, month, year = found.groups()
    elif found := _ISO_DATE.fullmatch(typed):
        year, month, day = found.groups()
    else:
        return Refusal("not-a-date")
    try:
        born = date(int(year), int(month), int(day))
    except ValueError:
        return Refusal("not-a-date")
    return born if FIRST_YEAR <= born.year <= LAST_YEAR else Refusal("not-a-date")


def _fold_once(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in letters if not unicodedata.category(c).startswith("M"))
    return " ".join(_INVISIBLE.sub("", _JOINERS.sub("", bare)).replace("đ", "d").split())


def _plain(text: str) -> str:
    """Return a short typed thing with full-width digits and odd spaces made plain, or nothing when it is not short."""
    return unicodedata.normalize("NFKC", text).strip() if len(text) <= _PHONE_OR_DATE_LIMIT else ""


def _settle(step: Callable[[str], str], text: str) -> str:
    """Repeat a step until nothing changes: normalising and case folding may each call for the other once more."""
    while (after := step(text)) != text:
        text = after
    return text


def _fold_lines(text: str, *, indented: bool) -> str:
    whole = _LINE_BREAK.sub("\n", text).split("\n")
    lines = [" ".join(line.split()) for line in whole]
    if indented:
        lines = [_indent(was) + line if line else "" for was, line in zip(whole, lines, strict=True)]
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n")


def _indent(line: str) -> str:
    """Return the space that a line begins with, a tab being as many as to the next fourth place."""
    return " " * len(line[: len(line) - len(line.lstrip())].expandtabs(4))


def _is_stream_safe(text: str) -> bool:
    if len(text) <= _MARKS_IN_A_ROW or text.isascii():
        return True
    run = 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run > _MARKS_IN_A_ROW:
            return False
    return True
