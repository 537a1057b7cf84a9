"""The texts of a question as Moodle has them: HTML, and the files that it shows beside it."""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from contest.formats.markup import as_html
from contest.formats.rich.markdown import read
from contest.formats.rich.nodes import media_of
from contest.formats.rich.page import as_page


@dataclass(frozen=True, slots=True)
class Texts:
    """How the texts of a question are written: as HTML, and the files that each shows beside it."""

    rich: bool
    files: Mapping[str, bytes]

    def written(self, text: str) -> str:
        """Write a text with the files that it shows, each line indented by what stands around it."""
        return self.with_files(self.html(text), [text])

    def html(self, text: str) -> str:
        return as_page(read(text)) if self.rich else as_html(text)

    def with_files(self, html: str, texts: Iterable[str]) -> str:
        """Write HTML with the files that the texts in it show."""
        shown = [medium.name for text in texts for medium in media_of(read(text))] if self.rich else []
        return f"<text>{in_text(html)}</text>" + "".join(
            f'\n<file name="{name}" path="/" encoding="base64">{b64encode(self.files[name]).decode()}</file>'
            for name in dict.fromkeys(shown)
            if name in self.files
        )

    def worded(self, name: str, text: str, *, about: str = "") -> str:
        return element(name, self.written(text), about=about)


def element(name: str, inside: str, *, about: str = "") -> str:
    """Write an element of a question that holds HTML."""
    return f'    <{name}{about} format="html">\n      {inside}\n    </{name}>\n'


def in_text(written: str) -> str:
    """Write HTML, in CDATA where it has markup; in it no `>` is left to end that early."""
    return f"<![CDATA[{written}]]>" if "<" in written or "&" in written else written
