"""Characters of equations and the commands of LaTeX for them; what is not here is written as it is."""

import re
from collections.abc import Mapping

_PAIRS = """
αalpha βbeta γgamma δdelta ϵepsilon εvarepsilon ζzeta ηeta θtheta ϑvartheta ιiota κkappa λlambda μmu νnu ξxi
πpi ϖvarpi ρrho ϱvarrho σsigma ςvarsigma τtau υupsilon ϕphi φvarphi χchi ψpsi ωomega ΓGamma ΔDelta ΘTheta
ΛLambda ΞXi ΠPi ΣSigma ΥUpsilon ΦPhi ΨPsi ΩOmega ×times ÷div ·cdot ⋅cdot ±pm ∓mp ⋆star ∘circ •bullet ⊕oplus ⊖ominus
⊗otimes ⊘oslash ⊙odot ∩cap ∪cup ⊎uplus ⊓sqcap ⊔sqcup ∨vee ∧wedge ⧵setminus ∖setminus ≀wr ⨿amalg ≤leq ≥geq ≠neq ≡equiv
∼sim ≃simeq ≈approx ≅cong ∝propto ≪ll ≫gg ≺prec ≻succ ⪯preceq ⪰succeq ⊂subset ⊃supset ⊆subseteq ⊇supseteq
⊈nsubseteq ⊑sqsubseteq ⊒sqsupseteq ∈in ∋ni ∉notin ⟂perp ∥parallel ∦nparallel ∣mid ∤nmid ⊧models ⊢vdash ⊣dashv
≍asymp ≐doteq ≲lesssim ≳gtrsim ⩽leqslant ⩾geqslant ⊊subsetneq ⊋supsetneq ≰nleq ≱ngeq ≮nless ≯ngtr ←leftarrow
→rightarrow ↔leftrightarrow ⇐Leftarrow ⇒Rightarrow ⇔Leftrightarrow ↑uparrow ↓downarrow ↕updownarrow ⇑Uparrow
⇓Downarrow ↦mapsto ⟶longrightarrow ⟵longleftarrow ⟷longleftrightarrow ⟹Longrightarrow ⟸Longleftarrow
⟺Longleftrightarrow ↗nearrow ↘searrow ↙swarrow ↖nwarrow ⇀rightharpoonup ⇁rightharpoondown ↼leftharpoonup
↽leftharpoondown ⇌rightleftharpoons ⇋leftrightharpoons ↪hookrightarrow ↩hookleftarrow ∀forall ∃exists ∄nexists
¬neg ∅emptyset ∞infty ∂partial ∇nabla ∠angle ∡measuredangle △triangle ∴therefore ∵because …ldots
⋯cdots ⋮vdots ⋱ddots ′prime ℏhbar ℓell ℜRe ℑIm ℵaleph ℘wp ⊤top ⊥bot †dagger ‡ddagger ∑sum ∏prod ∐coprod ∫int
∬iint ∭iiint ∮oint ∯oiint ⋃bigcup ⋂bigcap ⋁bigvee ⋀bigwedge ⨁bigoplus ⨂bigotimes ⨀bigodot ⨄biguplus ⨆bigsqcup
⟨langle ⟩rangle 〈langle 〉rangle ⌊lfloor ⌋rfloor ⌈lceil ⌉rceil ‖| °degree ∁complement
"""
COMMANDS: Mapping[str, str] = {
    **{pair[0]: f"\\{pair[1:]}" for pair in _PAIRS.split()},
    **{sign: f"\\{sign}" for sign in "{}$&#%_"},
    "\\": "\\backslash",
    "~": "\\sim",
    "^": "\\hat{}",
    "\u2212": "-",
    "\u2217": "*",
    "\u2215": "/",
    "\u02b9": "'",
    "\u00a0": "~",
    "\u2003": "\\quad",
    "\u2009": "\\,",
    "\u205f": "\\:",
    "\u2005": "\\:",
    "\u2004": "\\;",
    "\u2002": "\\;",
    **dict.fromkeys("\u2061\u2062\u2063\u2064\u200b\u200a\u2006\u2060\ufeff", ""),  # nobody sees them
}
FUNCTIONS = frozenset(
    "arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf ker lg lim liminf limsup ln log max min "
    "Pr sec sin sinh sup tan tanh".split()
)
STACKED = frozenset("lim liminf limsup max min sup inf det gcd Pr".split())  # what stands under them stands below
SUMS = frozenset("∑∏∐∫∬∭∮∯⋃⋂⋁⋀⨁⨂⨀⨄⨆")
INTEGRALS = frozenset("∫∬∭∮∯")
# What stands above a letter → over one letter, and over more; the first sign of a row is that of Word, others are alike.
_ACCENTS = {
    "\u0302^ˆ": ("hat", "widehat"),
    "\u0303~˜∼": ("tilde", "widetilde"),
    "\u0305\u0304¯―‾_": ("bar", "overline"),
    "\u20d7→⃑": ("vec", "overrightarrow"),
    "\u20d6←": ("overleftarrow", "overleftarrow"),
    "\u20e1↔": ("overleftrightarrow", "overleftrightarrow"),
    "\u0307˙": ("dot", "dot"),
    "\u0308¨": ("ddot", "ddot"),
    "\u20db⃛": ("dddot", "dddot"),
    "\u030cˇ": ("check", "check"),
    "\u0301´": ("acute", "acute"),
    "\u0300`": ("grave", "grave"),
    "\u0306˘": ("breve", "breve"),
    "\u030a˚": ("mathring", "mathring"),
}
ACCENTS: Mapping[str, tuple[str, str]] = {sign: names for signs, names in _ACCENTS.items() for sign in signs}
ACCENT_SIGNS: Mapping[str, str] = {sign: signs[0] for signs in _ACCENTS for sign in signs}
# What stands over or under a group, by its sign and its place.
GROUPS: Mapping[tuple[str, str], str] = {
    ("⏞", "top"): "overbrace",
    ("⏟", "bot"): "underbrace",
    ("⎴", "top"): "overbracket",
    ("⎵", "bot"): "underbracket",
    ("⏜", "top"): "overparen",
    ("⏝", "bot"): "underparen",
    ("→", "top"): "overrightarrow",
    ("←", "top"): "overleftarrow",
    ("↔", "top"): "overleftrightarrow",
    ("→", "bot"): "xrightarrow",
    ("←", "bot"): "xleftarrow",
    ("¯", "top"): "overline",
    ("_", "bot"): "underline",
}
SCRIPTS: Mapping[str, str] = {
    "double-struck": "mathbb",
    "script": "mathcal",
    "fraktur": "mathfrak",
    "sans-serif": "mathsf",
    "monospace": "mathtt",
}
STYLES: Mapping[str, str] = {"p": "mathrm", "b": "mathbf", "bi": "boldsymbol"}
# The names that Unicode has for letters of a style; the longer ones first.
STYLED = re.compile(
    r"(?:MATHEMATICAL )?(BOLD ITALIC|BOLD|ITALIC|DOUBLE-STRUCK|(?:BOLD )?SCRIPT|(?:BOLD )?FRAKTUR|BLACK-LETTER|"
    r"SANS-SERIF(?: [A-Z ]+?)?|MONOSPACE) (?:CAPITAL|SMALL|DIGIT) \S+$"
)
# What MathML calls spaces and styles of letters, and the stroke that negates the sign behind it.
SPACES: Mapping[str, str] = {
    "0.167em": "\u2009",
    "0.222em": "\u205f",
    "0.278em": "\u2004",
    "1em": "\u2003",
    "2em": "\u2003\u2003",
}
VARIANTS: Mapping[str, Mapping[str, str]] = {
    "normal": {"sty": "p"},
    "bold": {"sty": "b"},
    "bold-italic": {"sty": "bi"},
    **{scr: {"scr": scr} for scr in ("double-struck", "script", "fraktur", "sans-serif", "monospace")},
}
SLASH = "⧸"
NEGATED: Mapping[str, str] = {"=": "≠", "<": "≮", ">": "≯", "∈": "∉", "≡": "≢", "⊂": "⊄", "∣": "∤", "≤": "≰", "≥": "≱"}
