"""Written packages keep to the schemas of their version: which element may stand where, in which order, with what."""

import re
from io import BytesIO
from zipfile import ZipFile

import pytest
from lxml import etree

from contest.formats.qti import DIALECTS, write_qti
from contest.formats.qti.dialects import Dialect
from contest.formats.qti.document import read_xml
from contest.rules.question_terms import Difficulty, Kind
from contest.rules.questions import TOLD

from .test_qti import carried, rich

INLINE = "span|strong|em|sub|sup|br|img|object|textEntryInteraction|inlineChoiceInteraction"
BLOCK = "p|div|ul|ol|table|h[1-6]"
ASKING = "|".join(f"{name}Interaction" for name in ("choice", "order", "match", "extendedText", "upload", "hotspot"))
FLOW = f"({INLINE}|{BLOCK})*"
EXPRESSION = "(variable|baseValue|correct|mapResponse|sum|match|equal|and|gte|lte|isNull)"
# What each element holds, as a pattern over the names of its children, and the attributes that it must and may have.
HOLDS = {
    "assessmentItem": "(responseDeclaration )*(outcomeDeclaration )+(assessmentStimulusRef )?itemBody (responseProcessing )?"
    "(modalFeedback )?",
    "assessmentStimulus": "stimulusBody ",
    "stimulusBody": f"(({BLOCK}) )+",
    "responseDeclaration": "(correctResponse )?(mapping )?",
    "outcomeDeclaration": "(defaultValue )?",
    "correctResponse": "(value )+",
    "defaultValue": "value ",
    "mapping": "(mapEntry )+",
    "itemBody": f"(({BLOCK}|{ASKING}) )+(rubricBlock )?",
    "hotspotInteraction": "(object|img) (hotspotChoice )+",
    "hotspotChoice": "",
    "choiceInteraction": "(simpleChoice )+",
    "orderInteraction": "(simpleChoice )+",
    "matchInteraction": "simpleMatchSet simpleMatchSet ",
    "simpleMatchSet": "(simpleAssociableChoice )+",
    "simpleChoice": f"(({INLINE}|{BLOCK}|feedbackBlock) )*",
    "inlineChoiceInteraction": "(inlineChoice )+",
    "inlineChoice": "",
    "textEntryInteraction": "",
    "extendedTextInteraction": "",
    "responseProcessing": "((setOutcomeValue|responseCondition) )*",
    "responseCondition": "responseIf (responseElseIf )*(responseElse )?",
    "responseIf": f"{EXPRESSION} setOutcomeValue ",
    "responseElseIf": f"{EXPRESSION} setOutcomeValue ",
    "responseElse": "setOutcomeValue ",
    "setOutcomeValue": f"{EXPRESSION} ",
    "sum": f"({EXPRESSION} )+",
    "and": f"({EXPRESSION} )+",
    "match": f"{EXPRESSION} {EXPRESSION} ",
    "equal": f"{EXPRESSION} {EXPRESSION} ",
    "gte": f"{EXPRESSION} {EXPRESSION} ",
    "lte": f"{EXPRESSION} {EXPRESSION} ",
    "isNull": f"{EXPRESSION} ",
    "ul": "(li )+",
    "ol": "(li )+",
    "table": "(thead )?tbody ",
    "tr": "((th|td) )+",
    "p": f"(({INLINE}) )*",
}
WITH = {
    "assessmentItem": ("identifier title adaptive timeDependent", "label toolName lang schemaLocation"),
    "assessmentStimulus": ("identifier title", "label toolName lang schemaLocation"),
    "assessmentStimulusRef": ("identifier href", ""),
    "hotspotInteraction": ("responseIdentifier maxChoices", ""),
    "hotspotChoice": ("identifier shape coords hotspotLabel", "class"),
    "responseDeclaration": ("identifier cardinality baseType", ""),
    "outcomeDeclaration": ("identifier cardinality baseType", ""),
    "mapping": ("defaultValue", "lowerBound upperBound"),
    "mapEntry": ("mapKey mappedValue", "caseSensitive"),
    "choiceInteraction": ("responseIdentifier shuffle maxChoices", ""),
    "orderInteraction": ("responseIdentifier shuffle", ""),
    "matchInteraction": ("responseIdentifier shuffle maxAssociations", ""),
    "simpleChoice": ("identifier", ""),
    "simpleAssociableChoice": ("identifier matchMax", ""),
    "inlineChoiceInteraction": ("responseIdentifier shuffle", ""),
    "inlineChoice": ("identifier", ""),
    "textEntryInteraction": ("responseIdentifier", ""),
    "extendedTextInteraction": ("responseIdentifier", "class"),
    "uploadInteraction": ("responseIdentifier", "class"),
    "feedbackBlock": ("outcomeIdentifier identifier showHide", ""),
    "modalFeedback": ("outcomeIdentifier identifier showHide", ""),
    "rubricBlock": ("view", "use"),
    "responseProcessing": ("", "template"),
    "setOutcomeValue": ("identifier", ""),
    "variable": ("identifier", ""),
    "correct": ("identifier", ""),
    "mapResponse": ("identifier", ""),
    "baseValue": ("baseType", ""),
    "equal": ("toleranceMode", "tolerance"),
    "itemBody": ("", "class"),
    "img": ("src alt", "width height"),
    "object": ("data type", "width height"),
    "th": ("", "scope"),
}  # fmt: skip
HOLDERS = ("choiceInteraction", "orderInteraction", "matchInteraction", "inlineChoiceInteraction", "hotspotInteraction")
NAME = re.compile(r"[A-Za-z_][\w.-]*")
HTML = set("p div ul ol li table thead tbody tr th td span strong em sub sup br img object h1 h2 h3 h4 h5 h6".split())


@pytest.fixture(params=list(DIALECTS))
def written(request: pytest.FixtureRequest) -> tuple[Dialect, ZipFile]:
    said = {"source": "Luật", "topic": ("a",), "tags": ("b",), "difficulty": Difficulty.RECALL}
    drafts = [carried(kind, passage=None if kind in TOLD else "K-passage", **said) for kind in Kind]
    return DIALECTS[request.param], ZipFile(BytesIO(write_qti([*drafts, rich()], request.param)[0]))


def items(package: ZipFile) -> list[bytes]:
    return [package.read(name) for name in package.namelist() if name.startswith(("items/", "stimuli/"))]


def test_every_element_stands_where_it_may(written: tuple[Dialect, ZipFile]) -> None:
    for data in items(written[1]):
        root = read_xml(data)
        assert isinstance(root, etree._Element)
        for element in root.iter():
            tag = str(element.tag)
            children = "".join(f"{child.tag} " for child in element if child.tag != "contentBody")
            assert re.fullmatch(HOLDS.get(tag, ".*"), children), (tag, children)
            must, may = (set(names.split()) for names in WITH.get(tag, ("", "class")))
            assert must <= set(element.keys()) <= must | may, (tag, element.keys())


def test_every_name_is_one_of_its_version(written: tuple[Dialect, ZipFile]) -> None:
    dialect, package = written
    for data in items(package):
        for element in etree.fromstring(data).iter():
            name = etree.QName(element)
            assert name.namespace == dialect.items
            if name.localname not in HTML:
                assert name.localname.startswith("qti-") is dialect.has_dashes
                assert name.localname.islower() or not dialect.has_dashes
                assert all(a.islower() or a[0] == "{" for a in element.keys()) or not dialect.has_dashes  # noqa: SIM118


def test_every_identifier_is_declared_and_told_once(written: tuple[Dialect, ZipFile]) -> None:
    for data in items(written[1]):
        root = read_xml(data)
        assert isinstance(root, etree._Element)
        responses = [e.get("identifier") for e in root.iter("responseDeclaration")]
        outcomes = [e.get("identifier") for e in root.iter("outcomeDeclaration")]
        assert len({*responses, *outcomes}) == len(responses) + len(outcomes)
        assert [e.get("responseIdentifier") for e in root.iter() if "responseIdentifier" in e.attrib] == responses
        assert {e.get("outcomeIdentifier") for e in root.iter() if "outcomeIdentifier" in e.attrib} <= set(outcomes)
        assert {e.get("identifier") for e in root.iter("setOutcomeValue")} <= set(outcomes)
        assert {e.get("identifier") for e in root.iter("variable", "mapResponse", "correct")} <= {*responses, *outcomes}
        for holder in root.iter(*HOLDERS):
            names = [
                e.get("identifier", "") for e in holder.iter() if e.tag != "feedbackBlock" and "identifier" in e.attrib
            ]
            assert len(set(names)) == len(names)
            assert all(NAME.fullmatch(name) for name in names)
            declared = next(
                e for e in root.iter("responseDeclaration") if e.get("identifier") == holder.get("responseIdentifier")
            )
            told = {name for value in declared.iter("value") for name in (value.text or "").split()}
            assert told <= set(names)


def test_manifest_lists_every_file_and_none_that_is_not_there(written: tuple[Dialect, ZipFile]) -> None:
    dialect, package = written
    root = etree.fromstring(package.read("imsmanifest.xml"))
    space = f"{{{dialect.manifests}}}"
    assert [etree.QName(child).localname for child in root] == ["metadata", "organizations", "resources"]
    resources = root.findall(f"{space}resources/{space}resource")
    stimuli = {r.get("identifier") for r in resources if r.get("href").startswith("stimuli/")}
    assert {r.get("type") for r in resources} == {dialect.resource_type, dialect.stimulus_type} - {""}
    assert len(stimuli) == bool(dialect.stimulus_type)
    named = {r.get("identifier") for r in resources}
    assert len(named) == len(resources)
    assert {d.get("identifierref") for d in root.iter(f"{space}dependency")} <= (stimuli or named)
    assert len(list(root.iter(f"{space}dependency"))) == len(Kind) - len(TOLD)
    for resource in resources:
        names = [etree.QName(child).localname for child in resource]
        assert re.fullmatch("(metadata )?(file )+(dependency )?", "".join(f"{name} " for name in names))
        assert resource.find(f"{space}file").get("href") == resource.get("href")
    listed = {file.get("href") for file in root.iter(f"{space}file")}
    assert listed == set(package.namelist()) - {"imsmanifest.xml"}
    for data in items(package):
        shown = {e.get(n) for e in etree.fromstring(data).iter() for n in ("src", "data", "href") if e.get(n)}
        assert {at.removeprefix("../") for at in shown} <= listed
