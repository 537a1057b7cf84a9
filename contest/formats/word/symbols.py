"""Signs that Word shows by a font of signs: those of Symbol, and of Wingdings what Word itself puts there."""

from collections.abc import Mapping

_PRIVATE = range(0xE000, 0xF900)  # where Unicode leaves a sign to the font
_FIRST = 0xF000  # of a font of signs; its codes stand from here on, or are told as letters of ASCII
# Capitals of Greek that look like those of Latin are these, so that "A." stays what it is; of brackets there are only pieces.
_SYMBOL = {
    0x20: " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ABXΔEΦΓHIϑKΛMNOΠΘPΣTYςΩΞΨZ[∴]⊥_‾αβχδεφγηιϕκλμνoπθρστυϖωξψζ{|}∼",
    0xA0: "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…",
    0xBF: "↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊⟨®©™∑",
    0xF1: "⟩∫",
}
_FONTS: Mapping[str, Mapping[int, str]] = {
    "symbol": {first + at: sign for first, signs in _SYMBOL.items() for at, sign in enumerate(signs)},
    "wingdings": {0xE0: "→", 0xDF: "←", 0xFC: "✓"},
}


def sign(code: int, font: str | None) -> str | None:
    """Return the sign that a font has for a code, None for one that nobody can read without the font."""
    return _FONTS.get((font or "").lower(), {}).get(code - _FIRST if code >= _FIRST else code)


def shown(text: str, font: str | None) -> str | None:
    """Return a text as its font shows it, None where it has a sign that nobody can read without the font."""
    is_symbol = (font or "").lower() == "symbol"
    if not is_symbol and text.isascii():
        return text
    signs = [sign(ord(c), font) if ord(c) in _PRIVATE or (is_symbol and c.isascii()) else c for c in text]
    return None if None in signs else "".join(filter(None, signs))
