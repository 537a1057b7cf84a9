"""Rendering for an explicit locale, time zone and form of address: texts, refusals, instants and figures."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cache, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent
from babel.support import NullTranslations, Translations

from contest.rules.labels import LABELS
from contest.rules.refusals import TEXTS, Refusal
from contest.rules.terms import Address

LOCALES = ("vi", "en")
CATALOGUES = Path(__file__).parent / "translations"
# As inside a sentence; a line never ends inside a day's name.
_WEEKDAYS = (*(f"thứ\u00a0{day}" for day in ("Hai", "Ba", "Tư", "Năm", "Sáu", "Bảy")), "Chủ\u00a0nhật")
_COMPOUNDS = re.compile(r"(\d+) (phút|giây|giờ|câu|người|lượt|ngày|tuần|điểm)\b")


@cache
def translations(locale: str) -> NullTranslations:
    """Return the catalogue of a locale; Vietnamese texts are their own ids."""
    return NullTranslations() if locale == "vi" else Translations.load(CATALOGUES, [locale])


def keep_together(text: str) -> str:
    """Put no-break spaces between a figure and its noun, so that a line never ends between them."""
    return _COMPOUNDS.sub("\\1\u00a0\\2", text)


@dataclass(frozen=True, slots=True)
class Speech:
    """How one reader is spoken to: language, time zone and form of address."""

    locale: str = "vi"
    zone: str = "Asia/Ho_Chi_Minh"
    address: Address = Address.FRIEND

    def text(self, message: str, **params: object) -> str:
        """Translate a message id and fill it in; both forms of address are always known."""
        translated = translations(self.locale).gettext(message)
        return translated % {**self._address(), **params} if "%(" in translated or "%%" in translated else translated

    def plural(self, one: str, many: str, n: int) -> str:
        translated = translations(self.locale).ngettext(one, many, n)
        return (
            translated % {**self._address(), "num": self.number(n)}
            if "%(" in translated or "%%" in translated
            else translated
        )

    def label(self, member: StrEnum | str) -> str:
        """Return the label of an enumeration's member."""
        return self.text(LABELS[member]) if isinstance(member, StrEnum) else str(member)

    def listed(self, items: Iterable[str]) -> str:
        """A, B và C."""
        return str(format_list(list(items), locale=self.locale))

    def said(self, refusal: Refusal) -> str:
        """Return a refusal as a sentence."""
        return self.text(TEXTS[refusal.slug], **{k: self._param(v) for k, v in refusal.params.items()})

    def _address(self) -> Mapping[str, str]:
        word = translations(self.locale).gettext(LABELS[self.address])
        return {"address": word, "Address": word[:1].upper() + word[1:]}

    def _param(self, value: object) -> object:
        if isinstance(value, datetime):
            return self.moment(value)
        if isinstance(value, StrEnum):
            return self.label(value)
        if isinstance(value, Refusal):
            return self.said(value)
        if isinstance(value, tuple):
            return self.listed(str(self._param(one)) for one in value)
        return self.number(value) if isinstance(value, int) else value

    def local(self, at: datetime) -> datetime:
        return at.astimezone(ZoneInfo(self.zone))

    def moment(self, at: datetime) -> str:
        """21:00 Chủ nhật, 24/5/2026."""
        there = self.local(at)
        if self.locale == "vi":
            return f"{there:%H:%M} {_WEEKDAYS[there.weekday()]}, {there.day}/{there.month}/{there.year}"
        return format_datetime(there, "HH:mm EEEE, d MMM y", locale=self.locale)

    def day(self, at: date | datetime) -> str:
        there = self.local(at) if isinstance(at, datetime) else at
        if self.locale == "vi":
            return f"{there.day}/{there.month}/{there.year}"
        return format_date(there, "d MMM y", locale=self.locale)

    def weekday(self, at: date) -> str:
        """Thứ, as inside a sentence."""
        return _WEEKDAYS[at.weekday()] if self.locale == "vi" else str(format_date(at, "EEEE", locale=self.locale))

    def day_short(self, at: datetime) -> str:
        there = self.local(at)
        return f"{there.day}/{there.month}" if self.locale == "vi" else format_date(there, "d MMM", locale=self.locale)

    def hour(self, at: datetime) -> str:
        return f"{self.local(at):%H:%M}"

    def hour_second(self, at: datetime) -> str:
        return f"{self.local(at):%H:%M:%S}"

    def number(self, value: int | Decimal) -> str:
        """Return 1.042; whole numbers, of which a board has hundreds, are grouped without asking CLDR each time."""
        if isinstance(value, int):
            return f"{value:,}".replace(",", ".") if self.locale == "vi" else f"{value:,}"
        return str(format_decimal(value, locale=self.locale))

    def points(self, value: Decimal) -> str:
        """Points without trailing zeros, with the language's decimal sign; most are whole, and a board has hundreds."""
        if value == value.to_integral_value():
            return self.number(int(value))
        return str(format_decimal(value.normalize(), "#,##0.######", locale=self.locale))

    def fraction(self, value: Fraction) -> str:
        """0,25 where that is exact, else 1/3."""
        scaled = value * 10**6
        return self.points(Decimal(int(scaled)).scaleb(-6)) if scaled.denominator == 1 else str(value)

    def size(self, count: int) -> str:
        """340 kB, 1,2 MB."""
        if count < 1_000_000:
            return f"{self.number(max(1, round(count / 1000)))} kB"
        return f"{self.points(Decimal(count).scaleb(-6).quantize(Decimal('0.1')))} MB"

    def percent(self, ratio: Decimal | Fraction) -> str:
        value = Decimal(ratio.numerator) / Decimal(ratio.denominator) if isinstance(ratio, Fraction) else ratio
        return _percent(value, self.locale)

    def duration(self, span: timedelta) -> str:
        """11 phút 02 giây, 5 giây; hours and days where there are any."""
        seconds = max(0, int(span.total_seconds()))
        days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
        if days:
            return self.text("%(days)s ngày %(hours)s giờ", days=days, hours=hours)
        if hours:
            return self.text("%(hours)s giờ %(minutes)s phút", hours=hours, minutes=minutes)
        if not minutes:
            return self.text("%(seconds)s giây", seconds=seconds)
        return self.text("%(minutes)s phút %(seconds)s giây", minutes=minutes, seconds=f"{seconds % 60:02}")

    def minsec(self, span: timedelta) -> str:
        seconds = max(0, int(span.total_seconds()))
        return f"{seconds // 60:02}:{seconds % 60:02}"


@lru_cache(4096)  # a board of units shows the same ones to everybody for some seconds
def _percent(value: Decimal, locale: str) -> str:
    return str(format_percent(value, "#,##0.0%", locale=locale))


def iso(at: datetime) -> str:
    """Return an instant for machines: UTC with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
