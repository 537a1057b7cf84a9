"""Items and packages of other programs: what the standard templates say of them, and what is named instead."""

from decimal import Decimal

import pytest

from contest.formats.composing import compose
from contest.formats.drafts import OptionDraft, PartDraft
from contest.formats.qti import read_qti, write_qti
from contest.formats.recognition import read_recognised
from contest.rules.marking import Scoring, Way, earned
from contest.rules.question_terms import FileKind, Kind, PartKind

from ..kinds import ONE, sample
from .archives import repacked, zipped
from .drafts import placeless

PNG = b"\x89PNG\r\n\x1a\nhinh"
HALF = Decimal("0.5")


def slugs(reading):
    return [problem.refusal.slug for problem in reading.problems]


_CHOICES = "".join(f'<simpleChoice identifier="{i}">Phương án {i}</simpleChoice>' for i in "ABCD")


def item(
    declared,
    body,
    processing='<responseProcessing template="http://x/rptemplates/match_correct"/>',
    more="",
    attributes="",
):
    return (
        '<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="cau-1" title="Câu"'
        f' adaptive="false" timeDependent="false" {attributes}>{declared}'
        '<outcomeDeclaration identifier="SCORE" cardinality="single" baseType="float"/>'
        f"<itemBody>{body}</itemBody>{processing}{more}</assessmentItem>"
    ).encode()


def response(cardinality, base, correct=(), mapping="", name="RESPONSE"):
    values = "".join(f"<value>{value}</value>" for value in correct)
    right = f"<correctResponse>{values}</correctResponse>" if correct else ""
    told = f'identifier="{name}" cardinality="{cardinality}" baseType="{base}"'
    return f"<responseDeclaration {told}>{right}{mapping}</responseDeclaration>"


def mapping(entries, **bounds):
    told = "".join(f' {name}="{value}"' for name, value in bounds.items())
    return (
        f"<mapping{told}>"
        + "".join(f'<mapEntry mapKey="{k}" mappedValue="{v}"/>' for k, v in entries.items())
        + "</mapping>"
    )


def choice(most=1):
    return f'<p>Chọn gì?</p><choiceInteraction responseIdentifier="RESPONSE" maxChoices="{most}">{_CHOICES}</choiceInteraction>'


CHOSEN = response("single", "identifier", "A")
REFERENCE = '<assessmentStimulusRef identifier="s" href="../stimuli/s.xml"/>'
MAP = '<responseProcessing template="http://www.imsglobal.org/question/qti_v2p1/rptemplates/map_response"/>'
MATCH_WRITTEN = (
    "<responseProcessing><responseCondition><responseIf><match>{args}</match>"
    '<setOutcomeValue identifier="SCORE"><baseValue baseType="float">{points}</baseValue></setOutcomeValue></responseIf>'
    '<responseElse><setOutcomeValue identifier="SCORE"><baseValue baseType="float">0</baseValue></setOutcomeValue></responseElse>'
    "</responseCondition>{more}</responseProcessing>"
)
ARGS = '<variable identifier="RESPONSE"/><correct identifier="RESPONSE"/>'
MAP_WRITTEN = (
    '<responseProcessing><responseCondition><responseIf><isNull><variable identifier="RESPONSE"/></isNull>'
    '<setOutcomeValue identifier="SCORE"><baseValue baseType="float">0.0</baseValue></setOutcomeValue></responseIf>'
    '<responseElse><setOutcomeValue identifier="SCORE"><mapResponse identifier="RESPONSE"/></setOutcomeValue></responseElse>'
    "</responseCondition></responseProcessing>"
)
FEEDBACK = '<setOutcomeValue identifier="FEEDBACK"><variable identifier="RESPONSE"/></setOutcomeValue>'


def weights(reading):
    return [option.weight for option in reading.drafts[0].options]


@pytest.mark.parametrize(
    "processing",
    [
        '<responseProcessing template="http://www.imsglobal.org/question/qti_v2p1/rptemplates/match_correct"/>',
        '<responseProcessing template="https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/match_correct.xml"/>',
        '<responseProcessing templateLocation="rptemplates/match_correct.xml"/>',
        MATCH_WRITTEN.format(args=ARGS, points="1", more=""),
        MATCH_WRITTEN.format(
            args='<correct identifier="RESPONSE"/><variable identifier="RESPONSE"/>', points="2.0", more=""
        ),
        MATCH_WRITTEN.format(args=ARGS, points="1", more=FEEDBACK),
    ],
)
def test_match_correct_is_known_by_name_and_written_out(processing):
    reading = read_qti(item(response("single", "identifier", "B"), choice(), processing))
    (draft,) = reading.drafts
    assert (draft.kind, draft.text, draft.code, weights(reading)) == (
        Kind.SINGLE_CHOICE,
        "Chọn gì?",
        "cau-1",
        [0, 1, 0, 0],
    )
    assert reading.problems == ()


@pytest.mark.parametrize("processing", [MAP, MAP_WRITTEN])
@pytest.mark.parametrize(
    ("cardinality", "told", "expected"),
    [
        ("single", mapping({"A": 2, "B": 1}), [1, HALF, 0, 0]),
        ("single", mapping({"A": 1, "B": 0.5}, upperBound=1), [1, HALF, 0, 0]),
        ("single", mapping({"A": 1, "B": -1}, lowerBound=0), [1, -1, 0, 0]),
        (
            "multiple",
            mapping({"A": 1, "B": 1, "C": -1}, lowerBound=0, upperBound=2, defaultValue=-2),
            [HALF, HALF, -HALF, -1],
        ),
        ("multiple", mapping({"A": 3, "B": 1}), [Decimal("0.75"), Decimal("0.25"), 0, 0]),
        (
            "multiple",
            mapping({"A": 1, "B": 1, "C": 1}),
            [Decimal("0.3333334"), Decimal("0.3333333"), Decimal("0.3333333"), 0],
        ),
    ],
)
def test_map_response_becomes_weights(processing, cardinality, told, expected):
    reading = read_qti(item(response(cardinality, "identifier", "A", told), choice(0), processing))
    said = ["qti-shares"] if cardinality == "multiple" else []
    assert (weights(reading), slugs(reading)) == (expected, said)


@pytest.mark.parametrize(
    ("cardinality", "told", "slug"),
    [
        ("single", mapping({"A": 1, "B": -1}), "qti-below-nought"),
        ("single", mapping({"A": 1}, defaultValue=-1, lowerBound=-1), "qti-below-nought"),
        ("single", mapping({"A": 0}), "no-right"),
        ("single", mapping({"A": 1, "B": 1}), "one-right"),
        ("multiple", mapping({"A": 1, "B": 1}, upperBound=1), "qti-bounds"),
        ("multiple", mapping({"A": 1, "B": 1}, lowerBound=1), "qti-bounds"),
        ("multiple", mapping({"A": 1, "B": -1}), "qti-below-nought"),
        ("multiple", mapping({}), "no-right"),
        ("multiple", mapping({"A": "một"}), "qti-number"),
        ("multiple", mapping({"A": "1e999999"}), "qti-number"),
        ("multiple", "", "qti-mapping"),
        ("nhiều", "", "qti-cardinality"),
    ],
)
def test_mapping_that_is_no_weights_is_named_and_not_scored(cardinality, told, slug):
    reading = read_qti(item(response(cardinality, "identifier", "A", told), choice(0), MAP))
    assert (reading.drafts, slugs(reading)) == ((), [slug])


def processed(*rules):
    return f"<responseProcessing>{''.join(rules)}</responseProcessing>"


def scored(value):
    return f'<setOutcomeValue identifier="SCORE">{value}</setOutcomeValue>'


def points(value):
    return f'<baseValue baseType="float">{value}</baseValue>'


def when(test, *actions):
    return f"<responseIf>{test}{''.join(actions)}</responseIf>"


def condition(*branches):
    return f"<responseCondition>{''.join(branches)}</responseCondition>"


VARIABLE = '<variable identifier="RESPONSE"/>'
MAPPED = '<mapResponse identifier="RESPONSE"/>'
RIGHT = f"<match>{ARGS}</match>"
UNKNOWN = [
    processed(condition(when(f"<gt>{VARIABLE}{points(1)}</gt>", scored(points(1))))),
    processed(scored(f"<product>{MAPPED}{points(2)}</product>")),
    processed('<lookupOutcomeValue identifier="SCORE"><variable identifier="X"/></lookupOutcomeValue>'),
    processed(condition(when(RIGHT, scored(points(1)))), "<exitResponse/>"),
    processed(condition(when(RIGHT, scored(points(1)))), scored(points(1))),
    processed(condition(when(f"<match>{VARIABLE}{points(1)}</match>", scored(points(1))))),
    processed(condition(when(RIGHT, scored(points("một"))))),
    processed(condition(when(RIGHT, condition(when(RIGHT, scored(points(1))))))),
    processed(scored(MAPPED), scored(MAPPED)),
    processed(scored("")),
    '<responseProcessing template="http://example.org/rptemplates/own"/>',
]


@pytest.mark.parametrize("processing", UNKNOWN)
def test_any_other_processing_is_shown_and_never_scored(processing):
    reading = read_qti(item(response("single", "identifier", "A"), choice(), processing))
    assert (reading.drafts, slugs(reading)) == ((), ["qti-processing"])
    assert "<responseProcessing" in reading.problems[0].excerpt


def test_adaptive_item_and_score_from_the_beginning_are_not_scored():
    for data in (
        item(response("single", "identifier", "A"), choice()).replace(b'adaptive="false"', b'adaptive="true"'),
        item(response("single", "identifier", "A"), choice()).replace(
            b'baseType="float"/>',
            b'baseType="float"><defaultValue><value>1</value></defaultValue></outcomeDeclaration>',
        ),
    ):
        assert slugs(read_qti(data)) == ["qti-processing"]


def test_item_without_processing_is_taken_by_its_correct_response_and_says_so():
    reading = read_qti(item(response("single", "identifier", "C"), choice(), ""))
    assert (weights(reading), slugs(reading)) == ([0, 0, 1, 0], ["qti-no-processing"])


def test_true_and_false_are_a_kind_of_their_own():
    for yes, no in (("Đúng", "Sai"), ("True", "False")):
        choices = f'<simpleChoice identifier="T">{yes}</simpleChoice><simpleChoice identifier="F">{no}</simpleChoice>'
        body = (
            f'<choiceInteraction responseIdentifier="RESPONSE"><prompt>Đất tròn.</prompt>{choices}</choiceInteraction>'
        )
        (draft,) = read_qti(item(response("single", "identifier", "T"), body)).drafts
        assert (draft.kind, draft.text, [o.text for o in draft.options]) == (Kind.TRUE_FALSE, "Đất tròn.", [yes, no])


def match(columns):
    def choices(found):
        return "".join(
            f'<simpleAssociableChoice identifier="{i}" matchMax="1">{t}</simpleAssociableChoice>'
            for i, t in found.items()
        )

    rows = choices({"R1": "Một", "R2": "Hai"})
    return (
        '<p>Ghép.</p><matchInteraction responseIdentifier="RESPONSE" maxAssociations="2">'
        f"<simpleMatchSet>{rows}</simpleMatchSet><simpleMatchSet>{choices(columns)}</simpleMatchSet></matchInteraction>"
    )


def test_table_of_true_and_false_becomes_statements():
    declared = response("multiple", "directedPair", ["R1 C1", "R2 C2"], mapping({"R1 C1": 1, "R2 C2": 1}))
    reading = read_qti(item(declared, match({"C1": "True", "C2": "False"}), MAP))
    (draft,) = reading.drafts
    assert (draft.kind, [p.answers[0].text for p in draft.parts], reading.problems) == (
        Kind.STATEMENTS,
        ["true", "false"],
        (),
    )


def test_matching_all_or_nothing_is_taken_and_said():
    declared = response("multiple", "directedPair", ["R1 C2", "R2 C1"])
    reading = read_qti(item(declared, match({"C1": "Mười", "C2": "Trăm"})))
    (draft,) = reading.drafts
    assert (draft.kind, [p.answers[0].text for p in draft.parts]) == (Kind.MATCHING, ["Trăm", "Mười"])
    assert slugs(reading) == ["qti-whole"]


@pytest.mark.parametrize(
    ("entries", "bounds", "slug"),
    [
        ({"R1 C1": 1, "R2 C2": 2}, {}, "qti-uneven"),
        ({"R1 C1": 1}, {}, "qti-uneven"),
        ({"R1 C1": 1, "R2 C2": 1, "R1 C2": -1}, {}, "qti-mapping"),
        ({"R1 C1": 1, "R2 C2": 1}, {"defaultValue": -1}, "qti-mapping"),
        ({"R1 C1": 1, "R2 C2": 1}, {"upperBound": 1}, "qti-bounds"),
        ({"R1 C1": 1, "R2 C9": 1}, {}, "qti-pairs"),
    ],
)
def test_pairs_that_are_no_shares_are_named(entries, bounds, slug):
    reading = read_qti(
        item(
            response("multiple", "directedPair", (), mapping(entries, **bounds)),
            match({"C1": "Mười", "C2": "Trăm"}),
            MAP,
        )
    )
    assert (reading.drafts, slugs(reading)) == ((), [slug])


def entry(base="string", after=""):
    return f'<p>Thủ đô là <textEntryInteraction responseIdentifier="RESPONSE"/>{after}</p>'


def test_words_are_compared_entry_by_entry_as_far_as_one_part_can():
    def told(key, value, case="false"):
        return f'<mapEntry mapKey="{key}" mappedValue="{value}" caseSensitive="{case}"/>'

    def read(*entries):
        declared = response("single", "string", ["Hà Nội"], f"<mapping>{''.join(entries)}</mapping>")
        return read_qti(item(declared, entry(), MAP))

    (draft,) = read(told("Hà Nội", 1), told("H*N", 0.5)).drafts
    (part,) = draft.parts
    assert (draft.kind, draft.text, part.with_case) == (Kind.SHORT_TEXT, "Thủ đô là", False)
    assert part.answers == (OptionDraft("Hà Nội", ONE), OptionDraft(r"H\*N", HALF))
    assert slugs(read(told("Hà Nội", 1), told("H*N", 0.5, "true"))) == ["qti-mixed-case"]
    assert slugs(read(told("Hà Nội", 1), told("36", 0.5, "true"))) == []  # whose case is no matter


def test_words_by_match_correct_are_exactly_those():
    (draft,) = read_qti(item(response("single", "string", ["Hà Nội"]), entry(after="."))).drafts
    assert (draft.kind, draft.text, draft.parts[0].with_case) == (Kind.CLOZE, "Thủ đô là [[1]].", True)


def test_of_entries_that_hold_the_same_the_first_counts():
    told = '<mapping><mapEntry mapKey="{}" mappedValue="1"/><mapEntry mapKey="{}" mappedValue="0.5"/></mapping>'
    loose = told.replace('"/>', '" caseSensitive="false"/>')
    for base, form, pair, kept in (
        ("string", loose, ("Huế", "HUẾ"), ["Huế"]),
        ("string", told, ("Huế", "HUẾ"), ["Huế", "HUẾ"]),
        ("float", told, ("5", "5.0"), ["5"]),
    ):
        (draft,) = read_qti(item(response("single", base, (), form.format(*pair)), entry(base), MAP)).drafts
        assert [answer.text for answer in draft.parts[0].answers] == kept


def test_words_are_written_with_the_most_that_they_earn():
    answers = (OptionDraft("huế", HALF), OptionDraft("Huế", ONE))
    draft = sample(Kind.SHORT_TEXT, parts=(PartDraft(PartKind.TEXT, answers=answers),))
    (back,) = read_qti(write_qti([draft], "qti3")[0]).drafts
    assert back.parts[0].answers == (OptionDraft("huế", ONE), OptionDraft("Huế", ONE))


@pytest.mark.parametrize(
    ("cardinality", "right", "slug"),
    [
        ("single", "", "no-right"),
        ("single", "AB", "one-right"),
        ("single", "X", "no-right"),
        ("multiple", "AX", "key-of-no-option"),
    ],
)
def test_correct_response_that_cannot_be_given_is_named(cardinality, right, slug):
    assert slugs(read_qti(item(response(cardinality, "identifier", right), choice(0)))) == [slug]


def test_numbers_become_spans():
    body = '<p>Đo được <textEntryInteraction responseIdentifier="RESPONSE"/></p>'
    near = f'<equal toleranceMode="absolute" tolerance="0.5">{VARIABLE}{points("12.50")}</equal>'
    between = f"<and><gte>{VARIABLE}{points(10)}</gte><lte>{VARIABLE}{points(20)}</lte></and>"

    def processing(first):
        other = when(between, scored(points(1))).replace("responseIf", "responseElseIf")
        return processed(condition(when(near, scored(points(first))), other))

    reading = read_qti(item(response("single", "float", ["12.5"]), body, processing(2)))
    assert reading.drafts[0].parts[0].answers == (OptionDraft("12.5:0.5", ONE), OptionDraft("10..20", HALF))
    rising = item(response("single", "float", ["12.5"]), body, processing(0.5))
    assert slugs(read_qti(rising)) == ["qti-processing"]  # the first that holds is not the best


def test_gap_match_becomes_dropdowns_and_a_slider_a_number():
    words = '<gapText identifier="H" matchMax="1">Hương</gapText><gapText identifier="C" matchMax="1">Hậu</gapText>'
    text = '<p>Huế: <gap identifier="G1"/>, Cần Thơ: <gap identifier="G2"/></p>'
    inside = f"<prompt>Điền:</prompt>{words}<blockquote>{text}</blockquote>"
    body = f'<gapMatchInteraction responseIdentifier="RESPONSE">{inside}</gapMatchInteraction>'
    declared = response("multiple", "directedPair", ["H G1", "C G2"], mapping({"H G1": 1, "C G2": 1}))
    (draft,) = read_qti(item(declared, body, MAP)).drafts
    assert (draft.kind, draft.text) == (Kind.DROPDOWN, "Điền:\n\nHuế: [[1]], Cần Thơ: [[2]]")
    assert [[a.weight for a in p.answers] for p in draft.parts] == [[1, 0], [0, 1]]
    bounds = 'responseIdentifier="RESPONSE" lowerBound="0" upperBound="10"'
    slider = f"<sliderInteraction {bounds}><prompt>Mấy?</prompt></sliderInteraction>"
    reading = read_qti(item(response("single", "integer", ["7"]), slider))
    assert (reading.drafts[0].kind, reading.drafts[0].parts[0].answers) == (Kind.NUMERIC, (OptionDraft("7", ONE),))
    assert slugs(reading) == ["qti-left"]


@pytest.mark.parametrize(
    ("told", "most", "kinds"),
    [
        ("", 1, tuple(FileKind)),
        ('type="application/pdf"', 1, (FileKind.PDF,)),
        ('type="image/*"', 1, (FileKind.PICTURE,)),
        ('class="files-3-word-picture"', 3, (FileKind.WORD, FileKind.PICTURE)),
    ],
)
def test_files_are_asked_for_by_their_kinds(told, most, kinds):
    declared = '<responseDeclaration identifier="RESPONSE" cardinality="single" baseType="file"/>'
    asked = f'<p>Nộp bài.</p><uploadInteraction responseIdentifier="RESPONSE" {told}/>'
    (draft,) = read_qti(item(declared, asked, processing="")).drafts
    assert (draft.kind, draft.text, draft.most_files, draft.file_kinds) == (Kind.UPLOAD, "Nộp bài.", most, kinds)


def test_file_of_a_type_that_is_not_taken_is_named():
    declared = '<responseDeclaration identifier="RESPONSE" cardinality="single" baseType="file"/>'
    asked = '<p>x</p><uploadInteraction responseIdentifier="RESPONSE" type="video/mp4"/>'
    assert slugs(read_qti(item(declared, asked, processing=""))) == ["qti-file-type"]


@pytest.mark.parametrize(
    "name",
    [
        "associateInteraction", "selectPointInteraction", "graphicOrderInteraction",
        "graphicAssociateInteraction", "graphicGapMatchInteraction", "positionObjectInteraction", "mediaInteraction",
        "drawingInteraction", "customInteraction", "endAttemptInteraction", "portableCustomInteraction",
    ],
)  # fmt: skip
def test_interaction_that_is_no_kind_is_named(name):
    reading = read_qti(item("", f'<p>x</p><{name} responseIdentifier="RESPONSE"/>'))
    assert [(p.refusal.slug, p.refusal.params) for p in reading.problems] == [("qti-interaction", {"name": name})]


@pytest.mark.parametrize(
    ("data", "slug"),
    [
        (item(response("single", "identifier", "A"), "<p>Hỏi mà không có chỗ trả lời.</p>"), "qti-nothing-asked"),
        (item("", choice()), "qti-undeclared"),
        (item(response("single", "identifier", "A"), choice() + choice()), "qti-several"),
        (item("<templateDeclaration/>", choice()), "qti-template"),
        (item(CHOSEN + REFERENCE, choice()), "qti-stimulus"),
        (item(CHOSEN + REFERENCE * 2, choice()), "qti-stimuli"),
        (item("", '<p>x</p><extendedTextInteraction responseIdentifier="RESPONSE"/>'), "qti-scored-essay"),
        (item("", '<p>x</p><uploadInteraction responseIdentifier="RESPONSE"/>'), "qti-scored-essay"),
        (item(response("single", "identifier", "A"), choice() + '<img src="anh.png" alt="x"/>'), "media-not-taken"),
        (item(response("single", "identifier", "A"), choice() + "<svg/>"), "media-not-taken"),
        (item(response("single", "identifier", "A"), choice() + "<math><mi>x</mi></math>"), "media-not-taken"),
        (item(response("ordered", "identifier", "AB"), choice().replace("choiceInt", "orderInt")), "order-incomplete"),
    ],
)
def test_what_cannot_be_asked_is_named(data, slug):
    reading = read_qti(data)
    assert (reading.drafts, slugs(reading)) == ((), [slug])


@pytest.mark.parametrize(
    ("views", "guidance", "left"),
    [
        ("scorer", "Ý một 2 điểm", []),
        ("tutor scorer", "Ý một 2 điểm", []),
        ("candidate scorer", "", ["rubricBlock"]),
        ("author", "", ["rubricBlock"]),
    ],
)
def test_block_for_those_who_mark_becomes_their_guidance(views, guidance, left):
    block = f'<rubricBlock view="{views}"><p>Ý một 2 điểm</p></rubricBlock>'
    asked = f'{block}<p>Viết gì?</p><extendedTextInteraction responseIdentifier="RESPONSE"/>'
    reading = read_qti(item(response("single", "string"), asked, processing=""))
    (draft,) = reading.drafts
    assert (draft.text, draft.guidance) == ("Viết gì?", guidance)
    assert [p.refusal.params["names"] for p in reading.problems] == left


def test_what_an_item_holds_besides_is_named():
    more = '<modalFeedback outcomeIdentifier="FEEDBACK" identifier="correct" showHide="show">Giỏi!</modalFeedback>'
    body = '<rubricBlock view="scorer"><p>Chấm</p></rubricBlock>' + choice().replace(
        "maxChoices", 'shuffle="false" maxChoices'
    )
    reading = read_qti(item(response("single", "identifier", "A"), body, more=more))
    assert reading.drafts[0].text == "Chọn gì?"
    assert [p.refusal.params for p in reading.problems] == [{"names": "modalFeedback, rubricBlock, shuffle"}]


def test_formula_in_mathml_is_taken_by_the_latex_it_carries():
    said = '<annotation encoding="application/x-tex">x^2</annotation>'
    maths = f'<math xmlns="http://www.w3.org/1998/Math/MathML"><semantics><mi>x</mi>{said}</semantics></math>'
    (draft,) = read_qti(item(response("single", "identifier", "A"), f"<p>Tính {maths}</p>" + choice())).drafts
    assert (draft.rich, draft.text) == (True, "Tính $x^2$\n\nChọn gì?")


def test_names_are_read_alike_with_and_without_prefix_and_dashes():
    old = item(response("single", "identifier", "B", ""), choice())
    new = old
    for name in (
        "assessmentItem",
        "responseDeclaration",
        "correctResponse",
        "value",
        "outcomeDeclaration",
        "itemBody",
        "choiceInteraction",
        "simpleChoice",
        "responseProcessing",
    ):
        dashed = "".join(f"-{c.lower()}" if c.isupper() else c for c in name)
        for sign in ("<", "</"):
            new = new.replace(f"{sign}{name}".encode(), f"{sign}qti-{dashed}".encode())
    for name in ("responseIdentifier", "maxChoices", "baseType", "timeDependent"):
        new = new.replace(name.encode(), "".join(f"-{c.lower()}" if c.isupper() else c for c in name).encode())
    assert new != old
    assert placeless(read_qti(new).drafts) == placeless(read_qti(old).drafts) != []
    prefixed = old.replace(b"<", b"<q:").replace(b"<q:/", b"</q:").replace(b"xmlns=", b"xmlns:q=")
    assert placeless(read_recognised(prefixed).drafts) == placeless(read_qti(old).drafts)


# Packages


def test_package_without_a_manifest_is_read_by_the_names_of_its_files():
    one = item(response("single", "identifier", "A"), choice())
    data = zipped(
        {"b.xml": one.replace(b"cau-1", b"cau-2"), "a/c.xml": one, "test.xml": b"<assessmentTest/>", "x.txt": b"?"}
    )
    reading = read_recognised(data)
    assert [d.code for d in reading.drafts] == ["cau-1", "cau-2"]
    assert slugs(reading) == ["qti-no-manifest", "qti-passed-over"]


def test_manifest_says_the_order_and_what_is_missing():
    one = item(response("single", "identifier", "A"), choice())
    manifest = (
        b'<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1"><resources>'
        b'<resource identifier="t" type="imsqti_test_xmlv2p1" href="test.xml"/>'
        b'<resource identifier="b" type="imsqti_item_xmlv2p1" href="items/c%C3%A2u%202.xml"/>'
        b'<resource identifier="a" type="imsqti_item_xmlv2p1" href="items/a.xml"/>'
        b'<resource identifier="x" type="imsqti_item_xmlv2p1" href="../../etc/passwd"/>'
        b'<resource identifier="y" type="imsqti_item_xmlv2p1" href="test.xml"/></resources></manifest>'
    )
    parts = {
        "imsmanifest.xml": manifest,
        "items/a.xml": one,
        "items/câu 2.xml": one.replace(b"cau-1", b"cau-2"),
        "test.xml": b"<assessmentTest/>",
    }
    reading = read_qti(zipped(parts))
    assert [d.code for d in reading.drafts] == ["cau-2", "cau-1"]
    assert slugs(reading) == ["qti-passed-over", "qti-file-missing", "qti-no-item"]


def test_pictures_are_found_beside_the_item():
    body = choice().replace(
        "Chọn gì?",
        '<img src="../h%C3%ACnh/a.png" alt="Bản đồ"/><object data="../hình/a.png" type="image/png">Nữa</object>',
    )
    one = item(response("single", "identifier", "A"), body)
    reading = read_qti(zipped({"items/a.xml": one, "hình/a.png": PNG}))
    assert len(reading.drafts[0].files) == 1
    assert reading.drafts[0].text.count("](media:") == 2
    outside = zipped(
        {"items/a.xml": one.replace("../hình".encode(), b"../../../hinh").replace(b"../h%C3%ACnh", b"/etc")}
    )
    assert slugs(read_qti(outside)) == ["qti-no-manifest", "media-not-taken"]


def test_broken_item_is_named_and_the_others_are_taken():
    data = write_qti([sample(Kind.ESSAY), sample(Kind.NUMERIC)], "qti21")[0]
    reading = read_qti(repacked(data, {"items/Q00001.xml": b"<assessmentItem>\n<itemBody>"}))
    assert ([d.kind for d in reading.drafts], slugs(reading)) == ([Kind.NUMERIC], ["xml-broken"])
    assert reading.problems[0].excerpt.startswith("items/Q00001.xml")


def test_scores_are_those_of_the_template():
    told = mapping({"A": 1, "B": 1, "C": -1}, lowerBound=0, upperBound=2, defaultValue=-2)
    (draft,) = read_qti(item(response("multiple", "identifier", "AB", told), choice(0), MAP)).drafts
    composed = compose(draft)
    for chosen, points in (
        (("0",), 1),
        (("0", "1"), 2),
        (("0", "1", "2"), 1),
        (("2",), 0),
        (("0", "3"), 0),
        (("0", "1", "3"), 0),
    ):
        assert 2 * earned(draft.kind, composed.body, composed.key, chosen, Scoring(Way.BY_SHARE)) == points
