"""Rich questions for benchmarks: a picture, tables, lists, and equations of every shape."""

from decimal import Decimal
from io import BytesIO
from typing import Any

from PIL import Image

from contest.formats.drafts import OptionDraft, PartDraft, QuestionDraft
from contest.formats.rich.importing import file_of
from contest.rules.question_terms import Kind, PartKind

_EQUATIONS = (
    r"\frac{a}{b}+\sqrt[3]{x}",
    r"\sum_{i=1}^{n} i^2=\int_0^1 x\,dx",
    r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}",
    r"\begin{cases} x+y=1 \\ x-y=2 \end{cases}",
    r"\begin{aligned} a &= b \\ c &= d \end{aligned}",
    r"\lim_{x\to 0}\frac{\sin x}{x}=1,\quad \overline{AB}=\vec{v}",
    r"\underbrace{a+b}_{2}\;\text{diện tích}\;\mathbb{R}\;{}_{92}^{238}\mathrm{U}",
    r"\left(\frac{a}{b}\right)\boxed{x}\phantom{y}\binom{n}{k}",
)
_ONE, _NONE = Decimal(1), Decimal(0)


def rich_samples() -> tuple[QuestionDraft, ...]:
    """Return rich questions of several kinds."""
    drawn = BytesIO()
    Image.new("RGB", (60, 40), "teal").save(drawn, "PNG")
    picture = file_of(drawn.getvalue())
    shown = f"![Sơ đồ](media:{picture.name})"
    listed = "\n".join(f"{n}. Ý **{n}** có ${tex}$" for n, tex in enumerate(_EQUATIONS, start=1))
    table = f"| Năm | Số |\n| :--- | ---: |\n| 2020 | ${_EQUATIONS[0]}$ |\n| {shown} | *không* |"
    options = (OptionDraft(f"${_EQUATIONS[1]}$", _ONE), OptionDraft(shown, _NONE), OptionDraft("H~2~O **nóng**", _NONE))
    pairs = tuple(PartDraft(PartKind.STEM, f"$${tex}$$", (OptionDraft(shown, _ONE),)) for tex in _EQUATIONS[:3])
    choice = PartDraft(PartKind.CHOICE, "", (OptionDraft(f"${_EQUATIONS[0]}$", _ONE), OptionDraft("*không*", _NONE)))
    told: dict[str, Any] = {"rich": True, "files": (picture,), "explanation": f"Vì ${_EQUATIONS[5]}$\n\n- một\n- hai"}
    return (
        QuestionDraft("R-1", Kind.SINGLE_CHOICE, f"Xét {shown}\n\n{table}\n\n{listed}", options, **told),
        QuestionDraft(
            "R-2", Kind.MATCHING, f"Ghép\n\n{table}", (OptionDraft(shown, _NONE), options[2]), parts=pairs, **told
        ),
        QuestionDraft("R-3", Kind.DROPDOWN, f"Chọn [[1]] cho ${_EQUATIONS[3]}$", (), parts=(choice,), **told),
        QuestionDraft("R-4", Kind.ESSAY, f"## Viết\n\n$${_EQUATIONS[4]}$$", (), **told),
    )
