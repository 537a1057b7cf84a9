"""Drafts to a content package of QTI, and what it could not carry. The same drafts give the same bytes."""

from collections.abc import Iterable, Sequence
from functools import partial
from html import escape
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from contest.formats.drafts import Problem, QuestionDraft
from contest.formats.losses import Losses, Writing, losses
from contest.formats.qti.bodies import asked, writable
from contest.formats.qti.dialects import DIALECTS, Dialect
from contest.formats.qti.items import KIND, TOOL
from contest.formats.qti.metadata import write_metadata
from contest.formats.qti.package import MANIFEST
from contest.formats.qti.scoring import EXPLANATION, FEEDBACK, declaration, is_pattern, outcome, processing
from contest.formats.qti.wording import Texts
from contest.formats.rich.questions import from_plain, media_names, words
from contest.rules.question_terms import Kind, PartKind

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


def _has_lost_feedback(draft: QuestionDraft) -> bool:
    said = [] if draft.kind in _TELLING else list(draft.options)
    return any(option.feedback for option in (*said, *(a for part in draft.parts for a in part.answers)))


def _has_flat_choices(draft: QuestionDraft) -> bool:
    choices = (a.text for p in draft.parts if p.kind is PartKind.CHOICE for a in p.answers)
    return any(_flat(text, rich=draft.rich) != text for text in choices)


def _flat(text: str, *, rich: bool) -> str:
    flat = " ".join(words(text, rich=rich).split())
    return from_plain(flat) if rich else flat


_LOSSES: Losses = {
    "qti-left-out": _cannot,
    "qti-patterns": lambda draft: _has_pattern(draft) and not _cannot(draft),
    "qti-accents": lambda draft: any(not p.with_accents for p in draft.parts) and not _cannot(draft),
    "qti-flat-choices": _has_flat_choices,
    "lost-feedback": _has_lost_feedback,
    "lost-media": lambda draft: not set(media_names(draft)) <= {file.name for file in draft.files},
}


def write_qti(drafts: Iterable[QuestionDraft], version: str) -> tuple[bytes, tuple[Problem, ...]]:
    """Return the questions as a package in a version of `DIALECTS`, and one warning for each thing it could not carry."""
    listed, dialect = list(drafts), DIALECTS[version]
    return _packed([d for d in listed if not _cannot(d)], dialect), tuple(losses(dialect.title, _LOSSES, listed))


def writer(version: str) -> Writing:
    """Return what writes packages in a version."""
    return partial(write_qti, version=version)


def _packed(drafts: Sequence[QuestionDraft], dialect: Dialect) -> bytes:
    out, resources, media = BytesIO(), [], dict[str, bytes]()
    with ZipFile(out, "w") as archive:
        for number, draft in enumerate(drafts, start=1):
            name = f"Q{number:05d}"
            texts = Texts(draft.rich, {file.name: file.content for file in draft.files})
            _add(archive, f"items/{name}.xml", (_XML + _item(draft, name, texts, dialect)).encode())
            resources.append(_resource(draft, name, list(texts.shown), dialect))
            media |= texts.shown
        for at, content in sorted(media.items()):
            _add(archive, at, content)
        _add(archive, MANIFEST, (_XML + _manifest(resources, dialect)).encode())
    return out.getvalue()


def _add(archive: ZipFile, name: str, content: bytes) -> None:
    part = ZipInfo(name)  # whose date is the first that archives know
    part.compress_type = ZIP_DEFLATED
    archive.writestr(part, content, compresslevel=6)


def _item(draft: QuestionDraft, name: str, texts: Texts, dialect: Dialect) -> str:
    e, question = dialect.element, asked(draft, texts, dialect)
    score = "" if draft.kind is Kind.ESSAY else processing(question.responses, dialect, tells=question.tells)
    cardinality = question.responses[0].cardinality
    explained = outcome(dialect, EXPLANATION, _SHOWN_KIND) if draft.explanation else ""
    told = {"identifier": name, "title": _title(draft)}
    if draft.code:
        told["label"] = draft.code
    told |= {"adaptive": "false", "timeDependent": "false", "toolName": TOOL}
    written = e(
        "assessmentItem",
        told,
        *(declaration(response, dialect) for response in question.responses),
        outcome(dialect, "SCORE", "0", "float"),
        outcome(dialect, FEEDBACK, cardinality=cardinality) if question.tells else "",
        explained,
        e("itemBody", {"class": KIND + draft.kind.value}, question.body),
        score,
        _explanation(draft, texts, dialect),
    )
    opening = written.index(" ")
    return f'{written[:opening]} {dialect.namespaces} xml:lang="vi"{written[opening:]}\n'


def _explanation(draft: QuestionDraft, texts: Texts, dialect: Dialect) -> str:
    """Write what is said in any case as feedback whose outcome has its value from the beginning."""
    if not draft.explanation:
        return ""
    told = {"outcomeIdentifier": EXPLANATION, "identifier": _SHOWN_KIND, "showHide": "show"}
    block = texts.block(draft.explanation)
    return dialect.element(
        "modalFeedback", told, dialect.element("contentBody", {}, block) if dialect.has_dashes else block
    )


def _title(draft: QuestionDraft) -> str:
    return " ".join((draft.code or words(draft.text, rich=draft.rich)[:_TITLE]).split())


def _resource(draft: QuestionDraft, name: str, shown: Sequence[str], dialect: Dialect) -> str:
    lom = write_metadata(draft)
    metadata = f"<metadata>{lom}</metadata>" if lom else ""
    files = "".join(f'<file href="{at}"/>' for at in (f"items/{name}.xml", *shown))
    told = f'identifier="RES-{name}" type="{dialect.resource_type}" href="items/{name}.xml"'
    return f"    <resource {told}>{metadata}{files}</resource>\n"


def _manifest(resources: Iterable[str], dialect: Dialect) -> str:
    kind = f"<schema>{escape(dialect.schema)}</schema><schemaversion>{dialect.schema_version}</schemaversion>"
    return (
        f'<manifest {dialect.manifest_namespaces} identifier="MANIFEST">\n  <metadata>{kind}</metadata>\n'
        f"  <organizations/>\n  <resources>\n{''.join(resources)}  </resources>\n</manifest>\n"
    )
