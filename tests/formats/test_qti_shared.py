"""Texts that items of QTI share, and what is pointed at: areas of a picture, words of a text."""

from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import pytest
from hypothesis import given, settings

from contest.formats.drafts import FileDraft, OptionDraft
from contest.formats.passages import together
from contest.formats.qti import DIALECTS, read_qti, write_qti
from contest.formats.recognition import read_recognised
from contest.rules.question_terms import Kind

from ..kinds import ONE, sample
from .archives import repacked, zipped
from .drafts import banks, placeless
from .test_media import picture
from .test_qti import MAP, carried
from .test_qti_items import CHOSEN, REFERENCE, choice, item, mapping, response, slugs
from .test_qti_items import MAP as BY_MAPPING

NONE = Decimal(0)
VERSIONS = list(DIALECTS)
GROUPED = (Kind.PASSAGE, Kind.DESCRIPTION, Kind.SINGLE_CHOICE, Kind.ESSAY)
few = settings(deadline=None, max_examples=40)


# Passages


@pytest.mark.parametrize("version", VERSIONS)
@given(drafts=banks(GROUPED))
@few
def test_passages_and_their_questions_read_back_the_same(version, drafts):
    drafts = together(drafts)
    data, losses = write_qti(drafts, version)
    reading = read_qti(data)
    lost = [d for d in drafts if d.kind is Kind.PASSAGE and d.explanation] if version != "qti21" else []
    assert [p.refusal.slug for p in losses] == ["lost-explanation"] * bool(lost)
    expected = [replace(d, explanation="") if d in lost else d for d in drafts]
    assert (placeless(reading.drafts), slugs(reading)) == (expected, [] if drafts else ["no-questions"])


def rich_group():
    """Return a passage with a picture and two questions of it, of which one shows the same picture."""
    shown = f"![Bản đồ](media:{MAP.name})"
    passage = sample(Kind.PASSAGE, "P-1", text=f"**Đọc kỹ.**\n\n{shown}", rich=True, files=(MAP,), explanation="")
    rich = sample(Kind.ESSAY, "C-1", text=f"Tả {shown}", rich=True, files=(MAP,), passage="P-1")
    return [passage, rich, sample(Kind.TRUE_FALSE, "C-2", passage="P-1")]


@pytest.mark.parametrize("version", VERSIONS)
def test_rich_passage_comes_back_with_its_picture(version):
    data, losses = write_qti(rich_group(), version)
    reading = read_recognised(data)
    assert (placeless(reading.drafts), reading.problems, losses) == (rich_group(), (), ())


def test_passage_stands_in_the_item_itself_where_the_version_has_no_stimuli():
    with ZipFile(BytesIO(write_qti(rich_group(), "qti21")[0])) as package:
        one = package.read("items/Q00003.xml").decode()
        assert '<itemBody class="kind-true_false"><div class="passage"><p><strong>Đọc kỹ.</strong></p>' in one
    alone = read_qti(one.replace(f'<img src="../media/{MAP.name}" alt="Bản đồ"/>', "").encode())
    assert [(d.passage, d.text) for d in alone.drafts] == [(None, "**Đọc kỹ.**\n\nHà Nội là thủ đô của nước ta.")]


STIMULUS = (
    '<qti-assessment-stimulus xmlns="http://www.imsglobal.org/xsd/imsqtiasi_v3p0" identifier="bai-doc" title="Bài đọc">'
    "<qti-stimulus-body><p>Hà Nội là thủ đô.</p></qti-stimulus-body></qti-assessment-stimulus>"
).encode()


def shared(stimulus=STIMULUS, *, listed=True, kind="imsqti_stimulus_xmlv2p2"):
    """Return a package of two items that share a text, which the manifest lists last, or not at all."""
    one = item(CHOSEN + REFERENCE, choice())
    resources = [("imsqti_item_xmlv2p2", "items/a.xml"), ("imsqti_item_xmlv2p2", "items/b.xml")]
    resources += [(kind, "stimuli/s.xml")] * listed
    told = "".join(f'<resource identifier="r{n}" type="{t}" href="{at}"/>' for n, (t, at) in enumerate(resources))
    manifest = f'<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1"><resources>{told}</resources></manifest>'
    parts = {"imsmanifest.xml": manifest.encode(), "items/a.xml": one, "items/b.xml": one.replace(b"cau-1", b"cau-2")}
    return zipped(parts | ({"stimuli/s.xml": stimulus} if stimulus else {}))


@pytest.mark.parametrize("listed", [True, False])
def test_stimulus_of_several_items_is_one_passage_before_them(listed):
    reading = read_recognised(shared(listed=listed))
    assert [(d.code, d.kind, d.passage) for d in reading.drafts] == [
        ("bai-doc", Kind.PASSAGE, None),
        ("cau-1", Kind.SINGLE_CHOICE, "bai-doc"),
        ("cau-2", Kind.SINGLE_CHOICE, "bai-doc"),
    ]
    assert (reading.drafts[0].text, reading.problems) == ("Hà Nội là thủ đô.", ())


@pytest.mark.parametrize(
    ("stimulus", "first", "last"),
    [
        (STIMULUS.replace(b"<p>", b'<img src="khong-co.png" alt="x"/><p>'), ["media-not-taken"], []),
        (b"<qti-assessment-stimulus>", ["xml-broken"], []),
        (b'<assessmentStimulus identifier="s"/>', ["required"], []),
        (None, [], ["qti-file-missing"]),
    ],
)
def test_questions_of_a_stimulus_that_is_not_taken_are_not_taken_either(stimulus, first, last):
    reading = read_qti(shared(stimulus))
    assert (reading.drafts, slugs(reading)) == ((), [*first, "qti-stimulus", "qti-stimulus", *last])


def test_stimulus_alone_is_a_passage():
    reading = read_recognised(STIMULUS)
    assert [(d.kind, d.code, d.text) for d in reading.drafts] == [(Kind.PASSAGE, "bai-doc", "Hà Nội là thủ đô.")]


def test_item_that_asks_nothing_is_a_description():
    (draft,) = read_qti(item("", "<p>Phần hai.</p>", "")).drafts
    assert (draft.kind, draft.text) == (Kind.DESCRIPTION, "Phần hai.")


# Areas of a picture


def hotspot(coords, *, labels=("Bắc", "Nam"), shape="rect", before="", shown="", prompt="<prompt>Ở đâu?</prompt>"):
    choices = "".join(
        f'<hotspotChoice identifier="{i}" shape="{shape}" coords="{c}"'
        + (f' hotspotLabel="{said}"/>' if said else "/>")
        for i, c, said in zip("AB", coords, labels, strict=True)
    )
    shown = shown or '<object data="a.png" type="image/png">Bản đồ</object>'
    told = 'responseIdentifier="RESPONSE" maxChoices="1"'
    return f"{before}<hotspotInteraction {told}>{prompt}{shown}{choices}</hotspotInteraction>"


def packed(body, declared=CHOSEN, processing=None):
    one = item(declared, body) if processing is None else item(declared, body, processing)
    return zipped({"a.xml": one, "a.png": picture("PNG", size=(400, 200))})


SOUND = ("40,20,120,100", "0,0,400,50")


@pytest.mark.parametrize(
    ("coords", "shown", "areas"),
    [
        (SOUND, "", ["10 10 20 40", "0 0 100 25"]),
        (("10%,10%,30%,50%", "0%, 0%, 100%, 25%"), "", ["10 10 20 40", "0 0 100 25"]),
        (SOUND, '<img src="a.png" alt="Bản đồ" width="800" height="400"/>', ["5 5 10 20", "0 0 50 12.5"]),
        (("1,1,2,2", "0,0,1,1"), '<img src="a.png" alt="x" width="300" height="700"/>',
         ["0.3333 0.1429 0.3334 0.1428", "0 0 0.3333 0.1429"]),
    ],
)  # fmt: skip
def test_areas_are_rectangles_in_percent_of_their_picture(coords, shown, areas):
    mapped = response("single", "identifier", "A", mapping({"A": 1, "B": 0.5}, defaultValue=0))
    reading = read_qti(packed(hotspot(coords, shown=shown), mapped, BY_MAPPING))
    (draft,) = reading.drafts
    assert slugs(reading) == ["qti-no-manifest"]
    assert (draft.kind, [o.area for o in draft.options]) == (Kind.HOTSPOT, areas)
    assert [(o.text, o.weight) for o in draft.options] == [("Bắc", ONE), ("Nam", Decimal("0.5"))]
    assert draft.text.startswith("Ở đâu?\n\n![")


@pytest.mark.parametrize(
    ("body", "slug"),
    [
        (hotspot(SOUND, shape="circle"), "qti-shape"),
        (hotspot(SOUND, shape="poly"), "qti-shape"),
        (hotspot(("1,2,3", "0,0,1,1")), "qti-shape"),
        (hotspot(("1,2,x,4", "0,0,1,1")), "qti-number"),
        (hotspot(("0,0,401,10", "0,0,1,1")), "bad-area"),
        (hotspot(("9,9,5,5", "0,0,1,1")), "bad-area"),
        (hotspot(SOUND, before='<p><img src="a.png" alt="Khác"/></p>'), "qti-picture-before"),
        (hotspot(SOUND, shown="<p>không có hình</p>"), "hotspot-picture"),
        (hotspot(SOUND, shown='<img src="b.png" alt="thiếu"/>'), "qti-picture-size"),
        (hotspot(SOUND, labels=("Bắc", "Bắc")), "options-alike"),
    ],
)
def test_areas_that_cannot_be_asked_are_named(body, slug):
    reading = read_qti(packed(body))
    assert (reading.drafts, slugs(reading)[:2]) == ((), ["qti-no-manifest", slug])


def test_several_areas_at_once_are_named():
    reading = read_qti(packed(hotspot(SOUND), response("multiple", "identifier", "AB")))
    assert (reading.drafts, slugs(reading)) == ((), ["qti-no-manifest", "qti-cardinality"])


def test_areas_without_names_are_numbered_and_said_to_be():
    reading = read_qti(packed(hotspot(SOUND, labels=("", ""))))
    assert [o.text for o in reading.drafts[0].options] == ["Vùng 1", "Vùng 2"]
    assert slugs(reading) == ["qti-no-manifest", "qti-areas-unnamed"]


@pytest.mark.parametrize("version", VERSIONS)
def test_odd_areas_come_back_to_the_letter(version):
    options = (OptionDraft("*A*", ONE, area="0 0 33.333 0.5"), OptionDraft("B", Decimal("0.25"), area="12.5 7 1e1 90"))
    draft = carried(Kind.HOTSPOT, options=options)
    draft = replace(draft, options=options)
    data, losses = write_qti([draft], version)
    assert [p.refusal.slug for p in losses] == ["qti-flat-choices"]
    flat = replace(draft, options=(replace(options[0], text="A"), options[1]))
    assert placeless(read_qti(data).drafts) == [flat]


def test_hotspot_whose_picture_is_not_there_is_left_out_by_name():
    one, two = (
        carried(Kind.HOTSPOT),
        replace(carried(Kind.HOTSPOT), code="K-2", files=(FileDraft(MAP.name, b"\x89PNG"),)),
    )
    data, losses = write_qti([replace(one, files=()), two], "qti3")
    assert [(p.refusal.slug, p.excerpt) for p in losses] == [("qti-no-picture", "K-hotspot, K-2")]
    assert slugs(read_qti(data)) == ["no-questions"]


def test_picture_among_words_stands_apart_and_is_said_to():
    draft = replace(carried(Kind.HOTSPOT), text=f"Hà Nội ![Bản đồ](media:{MAP.name}) ở đâu?")
    data, losses = write_qti([draft], "qti22")
    assert [p.refusal.slug for p in losses] == ["qti-picture-apart"]
    (back,) = read_qti(data).drafts
    assert back.text == f"Hà Nội  ở đâu?\n\n![Bản đồ](media:{MAP.name})".replace("  ", " ")


# Words of a text


def hottext(most=1):
    words = '<hottext identifier="{0}">{1}</hottext>'
    text = f"Hôm qua tôi {words.format('A', 'sẽ đi')} chợ và {words.format('B', 'mua')} rau."
    told = f'responseIdentifier="RESPONSE" maxChoices="{most}"'
    return f"<hottextInteraction {told}><prompt>Chữ nào sai?</prompt><p>{text}</p></hottextInteraction>"


def test_words_of_a_text_are_underlined_in_it_and_the_options():
    reading = read_qti(item(CHOSEN, hottext()))
    (draft,) = reading.drafts
    assert (draft.kind, draft.rich) == (Kind.SINGLE_CHOICE, True)
    assert draft.text == "Chữ nào sai?\n\nHôm qua tôi ++sẽ đi++ chợ và ++mua++ rau."
    assert [(o.text, o.weight) for o in draft.options] == [("sẽ đi", ONE), ("mua", NONE)]
    assert slugs(reading) == ["qti-hottext"]


def test_several_words_are_chosen_at_once():
    (draft,) = read_qti(item(response("multiple", "identifier", "AB"), hottext(0))).drafts
    assert (draft.kind, [o.weight for o in draft.options]) == (Kind.MULTIPLE_CHOICE, [Decimal("0.5")] * 2)


def test_text_without_words_is_named_and_its_questions_still_say_where_they_belong():
    data = write_qti(rich_group(), "qti22")[0]
    reading = read_qti(repacked(data, {"stimuli/Q00001.xml": b"<assessmentStimulus/>"}))
    assert [d.passage for d in reading.drafts] == ["P-1", "P-1"]
    assert slugs(reading) == ["required"]
