"""PDF files made anew: their pages as they look, without scripts, attachments, actions and facts about their author."""

import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

from contest.formats.drafts import MediaDraft
from contest.formats.handed.reaching import LINKS
from contest.formats.media.bare import bare
from contest.formats.media.kinds import Harmful
from contest.rules.question_terms import FILE_TYPES, FileKind
from contest.rules.refusals import Refusal

MOST_PAGES = 200
_MOST_PACKED = 50 * 2**20  # bytes of a photograph that was packed once more
# Of a catalogue only what shows work: its pages, and the fields that somebody filled in on them.
_KEPT_OF_CATALOGUE = {
    "/Type", "/Pages", "/Version", "/Lang", "/PageLabels", "/PageLayout", "/OCProperties", "/AcroForm"
}  # fmt: skip
_TOLD = (
    "/Metadata", "/PieceInfo", "/AA", "/JS", "/LastModified", "/Author", "/Creator", "/AF", "/EF", "/Next", "/XFA", "/SigFlags"
)  # fmt: skip
_ELSEWHERE = (
    "/F",
    "/FFilter",
    "/FDecodeParms",
    "/Ref",
    "/OPI",
)  # of streams: data, a page or a picture of another file
_LEADS = {"/URI", "/GoTo"}  # the actions that only lead somewhere
_CARRIES = {"/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"}
_BY_NAME = ("/T", "/NM", "/CreationDate", "/M")  # what an annotation says of whoever made it


def made_anew(data: bytes) -> MediaDraft:
    """Return a PDF written anew; raises Harmful for one with a password, with no or too many pages, or damaged."""
    try:
        with pikepdf.open(BytesIO(data)) as pdf:
            count = len(pdf.pages)
            if not 0 < count <= MOST_PAGES:
                raise Harmful(Refusal("file-pages", {"limit": MOST_PAGES}))
            _strip(pdf)
            out = BytesIO()
            pdf.save(
                out,
                deterministic_id=True,
                preserve_pdfa=False,
                stream_decode_level=pikepdf.StreamDecodeLevel.none,
                encryption=False,
            )
    except pikepdf.PasswordError:
        raise Harmful(Refusal("file-has-password")) from None
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, RuntimeError, RecursionError):
        raise Harmful(Refusal("file-damaged")) from None
    return MediaDraft(FILE_TYPES[FileKind.PDF]["pdf"], "pdf", 0, 0, out.getvalue())


def _strip(pdf: pikepdf.Pdf) -> None:
    for name in set(pdf.Root.keys()) - _KEPT_OF_CATALOGUE:
        del pdf.Root[name]
    if "/Info" in pdf.trailer:
        del pdf.trailer["/Info"]
    for page in pdf.pages:
        if "/Annots" in page.obj:
            page.obj["/Annots"] = Array([note for note in page.obj["/Annots"] if _only_shows(note)])
        if "/PresSteps" in page.obj:  # steps of a show, with actions of their own
            del page.obj["/PresSteps"]
    for found in pdf.objects:
        for each in _with_direct(found):
            _strip_dictionary(each)
        if isinstance(found, Stream):
            _strip_photograph(found)


def _only_shows(note: Any) -> bool:
    """Say whether an annotation of a page is something to be seen, not a file or a recording."""
    return isinstance(note, Dictionary) and str(note.get("/Subtype", "")) not in _CARRIES


def _with_direct(found: Any) -> Iterator[Any]:
    """Yield the dictionaries of an object of the file: itself, and those that are written inside it."""
    waiting = [found]
    while waiting:
        each = waiting.pop()
        inside: list[Any] = []
        if isinstance(each, Dictionary | Stream):
            yield each
            inside = [value for _, value in each.items()]
        elif isinstance(each, Array):
            inside = list(each)
        waiting += [value for value in inside if isinstance(value, Array | Dictionary) and not value.is_indirect]


def _strip_dictionary(found: Any) -> None:
    kind = found.get("/Subtype") if "/Rect" in found else None
    told = [*_TOLD, *(_BY_NAME if kind is not None and kind != Name.Widget else ())]
    if isinstance(found, Stream):
        told += _ELSEWHERE
    if kind == Name.Link:
        told.append("/PA")
    if found.get("/FT") == Name.Sig:  # whoever signed is named in it, and where the hour is asked for
        told += ["/V", "/SV"]
    action = found.get("/A")
    if isinstance(action, Dictionary) and not _only_leads(action):
        told.append("/A")
    for name in told:
        if name in found:
            del found[name]


def _only_leads(action: Any) -> bool:
    kind = str(action.get("/S", ""))
    return kind in _LEADS and (kind != "/URI" or LINKS.match(str(action.get("/URI", ""))) is not None)


def _strip_photograph(found: Stream) -> None:
    """Take out of a JPEG where and with what it was taken; other pictures of a PDF are points alone."""
    packed, how = _listed(found.get("/Filter")), _listed(found.get("/DecodeParms"))
    if packed == [Name.DCTDecode]:
        photograph = found.read_raw_bytes()
    elif packed == [Name.FlateDecode, Name.DCTDecode]:
        if how and isinstance(how[0], Dictionary) and int(how[0].get("/Predictor", 1)) > 1:
            raise ValueError("a photograph packed as no program packs one")
        unpacking = zlib.decompressobj()
        photograph = unpacking.decompress(found.read_raw_bytes(), _MOST_PACKED)
        if not unpacking.eof:
            raise ValueError("a photograph that is no longer sound, or too large")
    else:
        return
    colours = how[len(packed) - 1] if len(how) == len(packed) else None  # how its colours are to be read
    found.write(bare(photograph), filter=Name.DCTDecode, decode_parms=colours)


def _listed(told: Any) -> list[Any]:
    """Return what a stream says of one filter or of several as a list."""
    if told is None:
        return []
    return list(told) if isinstance(told, Array) else [told]
