"""Drafts to a content package of QTI, and what it could not carry. The same drafts give the same bytes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from contest.formats.drafts import Problem, QuestionDraft
from contest.formats.losses import Losses, Writing, losses
from contest.formats.media import size_of
from contest.formats.qti.bodies import around_picture, asked, flat, stands_alone, writable
from contest.formats.qti.dialects import DIALECTS, Dialect
from contest.formats.qti.items import KIND, REPEATED, TOOL
from contest.formats.qti.metadata import write_metadata
from contest.formats.qti.package import MANIFEST
from contest.formats.qti.scoring import EXPLANATION, FEEDBACK, declaration, is_pattern, outcome, processing
from contest.formats.qti.wording import Texts
from contest.formats.rich.markdown import read
from contest.formats.rich.nodes import media_of
from contest.formats.rich.questions import media_names, words
from contest.rules.question_terms import Kind, PartKind
from contest.rules.questions import MARKED_BY_PEOPLE

_TELLING = {Kind.SINGLE_CHOICE, Kind.MULTIPLE_CHOICE, Kind.TRUE_FALSE, Kind.ORDERING}
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_TITLE = 80
_SHOWN_KIND = "explanation"


def _has_pattern(draft: QuestionDraft) -> bool:
    return any(is_pattern(a.text) for p in draft.parts if p.kind is PartKind.TEXT for a in p.answers)


def _cannot(draft: QuestionDraft) -> bool:
    """Say whether a question has a part whose right answers all stand for others too."""
    return any(
        part.kind is PartKind.TEXT and not any(answer.weight == 1 for answer in writable(part)) for part in draft.parts
    )


def _is_left_out(draft: QuestionDraft) -> bool:
    return _cannot(draft) or _lacks_picture(draft)


def _has_lost_feedback(draft: QuestionDraft) -> bool:
    said = [] if draft.kind in _TELLING else list(draft.options)
    return any(option.feedback for option in (*said, *(a for part in draft.parts for a in part.answers)))


def _has_flat_choices(draft: QuestionDraft) -> bool:
    choices = [a.text for p in draft.parts if p.kind is PartKind.CHOICE for a in p.answers]
    choices += [option.text for option in draft.options if draft.kind is Kind.HOTSPOT]
    return any(flat(text, rich=draft.rich) != text for text in choices)


def _lacks_picture(draft: QuestionDraft) -> bool:
    """Say whether a question about areas has no picture to lay them on, or one that nobody can read."""
    if draft.kind is not Kind.HOTSPOT:
        return False
    name = around_picture(draft)[0].name
    return not any(size_of(file.content) for file in draft.files if file.name == name)


def _has_picture_among_words(draft: QuestionDraft) -> bool:
    if draft.kind is not Kind.HOTSPOT:
        return False
    return not any(stands_alone(block) for block in read(draft.text) if around_picture(draft)[0] in media_of([block]))


_LOSSES: Losses = {
    "qti-left-out": _cannot,
    "qti-no-picture": _lacks_picture,
    "qti-patterns": lambda draft: _has_pattern(draft) and not _cannot(draft),
    "qti-accents": lambda draft: any(not p.with_accents for p in draft.parts) and not _cannot(draft),
    "qti-flat-choices": _has_flat_choices,
    "qti-picture-apart": lambda draft: _has_picture_among_words(draft) and not _lacks_picture(draft),
    "lost-feedback": _has_lost_feedback,
    "lost-media": lambda draft: (
        not set(media_names(draft)) <= {file.name for file in draft.files} and not _lacks_picture(draft)
    ),
}
_OF_STIMULI: Losses = {"lost-explanation": lambda draft: draft.kind is Kind.PASSAGE and draft.explanation != ""}


def write_qti(drafts: Iterable[QuestionDraft], version: str) -> tuple[bytes, tuple[Problem, ...]]:
    """Return the questions as a package in a version of `DIALECTS`, and one warning for each thing it could not carry."""
    listed, dialect = list(drafts), DIALECTS[version]
    told = {**_LOSSES, **_OF_STIMULI} if dialect.stimulus_type else _LOSSES
    return _packed([d for d in listed if not _is_left_out(d)], dialect), tuple(losses(dialect.title, told, listed))


def writer(version: str) -> Writing:
    """Return what writes packages in a version."""
    return partial(write_qti, version=version)


@dataclass(frozen=True, slots=True)
class _Named:
    """A question with the name that it has in the package."""

    name: str
    draft: QuestionDraft
    dialect: Dialect

    @property
    def is_stimulus(self) -> bool:
        return self.draft.kind is Kind.PASSAGE and self.dialect.stimulus_type != ""

    @property
    def at(self) -> str:
        return f"{'stimuli' if self.is_stimulus else 'items'}/{self.name}.xml"

    @property
    def type(self) -> str:
        return self.dialect.stimulus_type if self.is_stimulus else self.dialect.resource_type


def _packed(drafts: Sequence[QuestionDraft], dialect: Dialect) -> bytes:
    out, resources, media = BytesIO(), [], dict[str, bytes]()
    named = [_Named(f"Q{number:05d}", draft, dialect) for number, draft in enumerate(drafts, start=1)]
    passages = {n.draft.code: n for n in named if n.draft.kind is Kind.PASSAGE and n.draft.code}
    with ZipFile(out, "w") as archive:
        for each in named:
            texts, passage = _texts(each.draft), passages.get(each.draft.passage or "")
            written = _stimulus(each, texts) if each.is_stimulus else _item(each, texts, passage)
            _add(archive, each.at, (_XML + written).encode())
            resources.append(_resource(each, list(texts.shown), passage))
            media |= texts.shown
        for at, content in sorted(media.items()):
            _add(archive, at, content)
        _add(archive, MANIFEST, (_XML + _manifest(resources, dialect)).encode())
    return out.getvalue()


def _texts(draft: QuestionDraft) -> Texts:
    return Texts(draft.rich, {file.name: file.content for file in draft.files})


def _add(archive: ZipFile, name: str, content: bytes) -> None:
    part = ZipInfo(name)  # whose date is the first that archives know
    part.compress_type = ZIP_DEFLATED
    archive.writestr(part, content, compresslevel=6)


def _item(each: _Named, texts: Texts, passage: _Named | None) -> str:
    draft, dialect = each.draft, each.dialect
    e, question = dialect.element, asked(draft, texts, dialect)
    score = ""
    if question.responses and draft.kind not in MARKED_BY_PEOPLE:
        score = processing(question.responses, dialect, tells=question.tells)
    cardinality = question.responses[0].cardinality if question.responses else ""
    explained = outcome(dialect, EXPLANATION, _SHOWN_KIND) if draft.explanation else ""
    reference, repeated = _passage(passage, texts, dialect)
    return _rooted(
        "assessmentItem",
        each,
        {"adaptive": "false", "timeDependent": "false"},
        *(declaration(response, dialect) for response in question.responses),
        outcome(dialect, "SCORE", "0", "float"),
        outcome(dialect, FEEDBACK, cardinality=cardinality) if question.tells else "",
        explained,
        reference,
        e("itemBody", {"class": KIND + draft.kind.value}, repeated, question.body, _guidance(draft, texts, dialect)),
        score,
        _explanation(draft, texts, dialect),
    )


def _passage(passage: _Named | None, texts: Texts, dialect: Dialect) -> tuple[str, str]:
    """Return what refers to the passage of a question, and its text where the version has nothing to refer to it by."""
    if passage is None:
        return "", ""
    if dialect.stimulus_type:
        told = {"identifier": passage.name, "href": f"../{passage.at}"}
        return dialect.element("assessmentStimulusRef", told), ""
    said = _texts(passage.draft)
    repeated = f'<div class="{REPEATED}">{said.written(passage.draft.text)}</div>'
    texts.shown.update(said.shown)
    return "", repeated


def _stimulus(each: _Named, texts: Texts) -> str:
    """Write a passage as what several items refer to."""
    return _rooted(
        "assessmentStimulus", each, {}, each.dialect.element("stimulusBody", {}, texts.block(each.draft.text))
    )


def _rooted(tag: str, each: _Named, more: Mapping[str, str], *content: str) -> str:
    """Write an element as the root of a file."""
    told = {"identifier": each.name, "title": _title(each.draft)}
    if each.draft.code:
        told["label"] = each.draft.code
    written = each.dialect.element(tag, {**told, **more, "toolName": TOOL}, *content)
    opening = written.index(" ")
    return f'{written[:opening]} {each.dialect.namespaces} xml:lang="vi"{written[opening:]}\n'


def _explanation(draft: QuestionDraft, texts: Texts, dialect: Dialect) -> str:
    """Write what is said in any case as feedback whose outcome has its value from the beginning."""
    if not draft.explanation:
        return ""
    told = {"outcomeIdentifier": EXPLANATION, "identifier": _SHOWN_KIND, "showHide": "show"}
    return dialect.element("modalFeedback", told, _content(texts.block(draft.explanation), dialect))


def _guidance(draft: QuestionDraft, texts: Texts, dialect: Dialect) -> str:
    """Write what those who mark go by as a block that no candidate sees."""
    if not draft.guidance:
        return ""
    told = {"use": "scoring", "view": "scorer"} if dialect.has_dashes else {"view": "scorer"}
    return dialect.element("rubricBlock", told, _content(texts.block(draft.guidance), dialect))


def _content(block: str, dialect: Dialect) -> str:
    return dialect.element("contentBody", {}, block) if dialect.has_dashes else block


def _title(draft: QuestionDraft) -> str:
    return " ".join((draft.code or words(draft.text, rich=draft.rich)[:_TITLE]).split())


def _resource(each: _Named, shown: Sequence[str], passage: _Named | None) -> str:
    lom = write_metadata(each.draft)
    metadata = f"<metadata>{lom}</metadata>" if lom else ""
    files = "".join(f'<file href="{at}"/>' for at in (each.at, *shown))
    needed = f'<dependency identifierref="RES-{passage.name}"/>' if passage else ""
    told = f'identifier="RES-{each.name}" type="{each.type}" href="{each.at}"'
    return f"    <resource {told}>{metadata}{files}{needed}</resource>\n"


def _manifest(resources: Iterable[str], dialect: Dialect) -> str:
    kind = f"<schema>{escape(dialect.schema)}</schema><schemaversion>{dialect.schema_version}</schemaversion>"
    return (
        f'<manifest {dialect.manifest_namespaces} identifier="MANIFEST">\n  <metadata>{kind}</metadata>\n'
        f"  <organizations/>\n  <resources>\n{''.join(resources)}  </resources>\n</manifest>\n"
    )
