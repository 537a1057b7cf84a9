"""PDF files made anew: their pages as they look, without scripts, attachments, actions and facts about their author."""

from io import BytesIO
from typing import Any

import pikepdf

from contest.formats.drafts import MediaDraft
from contest.formats.media.kinds import Harmful
from contest.rules.refusals import Refusal

MOST_PAGES = 200
# Nothing of a catalogue but its pages shows work; names, actions, forms' scripts and facts about the author lie beside them.
_KEPT_OF_CATALOGUE = {"/Type", "/Pages", "/Version", "/Lang", "/PageLabels", "/PageLayout", "/OCProperties"}
_TOLD = ("/Metadata", "/PieceInfo", "/AA", "/JS", "/LastModified", "/Author", "/Creator", "/AF", "/EF")
_RUNS = {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/Rendition", "/RichMediaExecute"}
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
    return MediaDraft("application/pdf", "pdf", 0, 0, out.getvalue())


def _strip(pdf: pikepdf.Pdf) -> None:
    for name in set(pdf.Root.keys()) - _KEPT_OF_CATALOGUE:
        del pdf.Root[name]
    if "/Info" in pdf.trailer:
        del pdf.trailer["/Info"]
    for page in pdf.pages:
        if "/Annots" in page.obj:
            page.obj["/Annots"] = pikepdf.Array([note for note in page.obj["/Annots"] if _only_shows(note)])
    for found in pdf.objects:
        if isinstance(found, pikepdf.Dictionary | pikepdf.Stream):
            _strip_object(found)


def _only_shows(note: Any) -> bool:
    """Say whether an annotation of a page is something to be seen, not a file or a recording."""
    return isinstance(note, pikepdf.Dictionary) and str(note.get("/Subtype", "")) not in _CARRIES


def _strip_object(found: Any) -> None:
    is_note = "/Subtype" in found and "/Rect" in found
    for name in (*_TOLD, *(_BY_NAME if is_note else ())):
        if name in found:
            del found[name]
    action = found.get("/A")
    if isinstance(action, pikepdf.Dictionary) and str(action.get("/S", "")) in _RUNS:
        del found["/A"]
