"""QTI to drafts: a single item or a package of them. What is not taken is named with its file and line."""

from dataclasses import dataclass, field, replace

from contest.formats import zipsafe
from contest.formats.drafts import Place, Problem, QuestionDraft, Reading
from contest.formats.old_codes import OldCode
from contest.formats.qti.content import Words, resolved
from contest.formats.qti.document import Element, read_xml
from contest.formats.qti.interactions import read_item
from contest.formats.qti.items import TOOL, Item, Unscored, read_stimulus, without_repeated
from contest.formats.qti.metadata import Metadata
from contest.formats.qti.package import MOST_ALL_TAGS, Files, Listed, Package, open_package
from contest.formats.rich.importing import Importing
from contest.formats.taking import EXCERPT, NotTaken, Taking, refused, sound
from contest.rules.questions import TOLD
from contest.rules.refusals import Refusal

_ZIP = b"PK"
_ITEM, _STIMULUS = "assessmentItem", "assessmentStimulus"
_OTHERS = {"assessmentTest", "assessmentSection"}
_NAMES = 200


@dataclass(slots=True)
class _State:
    """What has been taken so far, and how many items were met; `passages` are the codes of stimuli by where they lie.

    The code of one that was not taken is None.
    """

    convert: OldCode | None
    package: Package | None = None
    taking: Taking = field(default_factory=Taking)
    met: int = 0
    passages: dict[str, str | None] = field(default_factory=dict)


def read_qti(data: bytes, convert: OldCode | None = None) -> Reading[QuestionDraft]:
    """Read questions from an item or a content package of QTI 2.1, 2.2 or 3.0; `convert` is the code page of its letters."""
    state = _State(convert)
    if data.startswith(_ZIP):
        package = open_package(data)
        if isinstance(package, Problem):
            return Reading((), (package,))
        if isinstance(package, Refusal):
            return refused(package)
        state.package = package
        try:
            return _read_package(package, state)
        except zipsafe.DAMAGED:
            return refused(Refusal("zip-broken"))
    root = read_xml(data, convert)
    if isinstance(root, Problem):
        return Reading((), (root,))
    if root.tag not in (_ITEM, _STIMULUS):
        return Reading((), (Problem(Refusal("qti-no-item", {"tag": str(root.tag)[:40]}), Place(line=root.sourceline)),))
    _read_root(root, Listed("", Metadata()), state)
    return state.taking.reading()


def _read_package(package: Package, state: _State) -> Reading[QuestionDraft]:
    if not package.has_manifest:
        state.taking.note(Refusal("qti-no-manifest"), Place(), "", is_error=False)
    if package.passed_over:
        names = ", ".join(package.passed_over)[:_NAMES]
        state.taking.note(Refusal("qti-passed-over", {"names": names}), Place(), "", is_error=False)
    for listed in package.items:
        _read_listed(listed, package, state)
        if package.tags > MOST_ALL_TAGS:
            return refused(Refusal("xml-too-large"))
    if not state.met and not state.taking.problems:
        return refused(Refusal("no-questions"))
    return state.taking.reading()


def _read_listed(listed: Listed, package: Package, state: _State) -> None:
    """Read what the manifest lists, unless a question has asked for it before."""
    if listed.at in state.passages:
        return
    root = _root(listed, package, state)
    if root is None:
        return
    if root.tag in (_ITEM, _STIMULUS):
        _read_root(root, listed, state)
    elif package.has_manifest:
        state.taking.note(Refusal("qti-no-item", {"tag": str(root.tag)[:40]}), Place(line=root.sourceline), listed.at)
    elif root.tag in _OTHERS:
        names = listed.at[:_NAMES]
        state.taking.note(Refusal("qti-passed-over", {"names": names}), Place(), listed.at, is_error=False)


def _root(listed: Listed, package: Package, state: _State) -> Element | None:
    """Return the root of a file of a package; what is wrong with it is noted."""
    content = package.content(listed.at)
    if content is None:
        state.taking.note(Refusal("qti-file-missing"), Place(), listed.at)
        return None
    root = read_xml(content, state.convert)
    if isinstance(root, Problem):
        state.taking.problems.append(replace(root, excerpt=f"{listed.at}: {root.excerpt}"[:EXCERPT]))
        return None
    return root


def _read_root(root: Element, listed: Listed, state: _State) -> None:
    state.met += 1
    place, title = Place(line=root.sourceline), _title(root, listed)
    if root.tag == _STIMULUS:
        state.passages[listed.at] = None
    try:
        draft, item = _read(root, listed, state)
        told = listed.metadata
        draft = replace(
            draft,
            topic=told.topic,
            tags=told.tags,
            difficulty=told.difficulty,
            source=told.source,
            effective_on=told.effective_on,
            passage=None if draft.kind in TOLD else told.passage or _passage_of(root, listed, state),
        )
    except Unscored as unscored:
        state.taking.problems.append(Problem(unscored.refusals[0], place, f"{title}: {unscored.xml}"))
        return
    except NotTaken as reason:
        for refusal in reason.refusals:
            state.taking.note(refusal, place, title)
        return
    if root.tag == _STIMULUS:
        state.passages[listed.at] = draft.code
    state.taking.drafts.append(draft)
    _warn(item, state.taking, place, title)


def _passage_of(root: Element, listed: Listed, state: _State) -> str | None:
    """Return the code of the passage of an item, which is read now if it has not been. Raises NotTaken."""
    references = root.findall("assessmentStimulusRef")
    if not references:
        return None
    if len(references) > 1:
        raise NotTaken(Refusal("qti-stimuli"))
    at = resolved(listed.at, references[0].get("href", ""))
    if state.package and at not in state.passages and at in state.package.names:
        state.passages[at] = None  # what is wrong with it is said once
        found = next((other for other in state.package.items if other.at == at), Listed(at, Metadata()))
        stimulus = _root(found, state.package, state)
        if stimulus is not None and stimulus.tag == _STIMULUS:
            _read_root(stimulus, found, state)
    code = state.passages.get(at)
    if code is None:
        raise NotTaken(Refusal("qti-stimulus"))
    return code


def _read(root: Element, listed: Listed, state: _State) -> tuple[QuestionDraft, Item]:
    """Return the question of an item, plain, or rich where its texts say more than plain ones can."""
    read = read_stimulus if root.tag == _STIMULUS else read_item
    if listed.metadata.passage and root.get("toolName") == TOOL:
        without_repeated(root)
    files = Files(state.package) if state.package else {}
    draft, item = read(root, Words(Importing(), listed.at, files))
    if item.words.texts.wants_rich:
        draft, item = read(root, Words(Importing(is_rich=True), listed.at, files))
    return sound(draft), item


def _warn(item: Item, taking: Taking, place: Place, title: str) -> None:
    texts = item.words.texts
    for slug, param, found in (("html-flattened", "tags", texts.lost), ("qti-left", "names", item.left)):
        if found:
            taking.note(Refusal(slug, {param: ", ".join(sorted(found))[:_NAMES]}), place, title, is_error=False)
    for slug in sorted(item.warned):
        taking.note(Refusal(slug), place, title, is_error=False)
    if texts.lacks_words:
        taking.note(Refusal("media-without-words"), place, title, is_error=False)


def _title(root: Element, listed: Listed) -> str:
    """Return by what people find an item: its file, and its title."""
    title = root.get("label") or root.get("title") or root.get("identifier", "")
    return ": ".join(filter(None, (listed.at, " ".join(title.split()))))[:EXCERPT]
