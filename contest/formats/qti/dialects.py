"""How each version of QTI writes the same item: its names, its namespaces, and the addresses of its templates."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from types import MappingProxyType

_CAPITAL = re.compile(r"(?<!^)([A-Z])")
_CP = "http://www.imsglobal.org/xsd/imscp_v1p1"
_LOM = "http://ltsc.ieee.org/xsd/LOM"


@dataclass(frozen=True, slots=True)
class Dialect:
    """A version of QTI. `element` takes the names of version 2 and writes those of this one."""

    title: str
    items: str  # the namespace of items
    templates: str  # where the addresses of templates begin
    template_suffix: str
    resource_type: str
    stimulus_type: str  # of the texts that items share; "" where it has none
    manifests: str  # the namespace of manifests
    schema: str
    schema_version: str
    schema_file: str
    has_dashes: bool = False

    def element(self, name: str, attributes: Mapping[str, object] | None = None, *content: str) -> str:
        """Write an element of QTI; what it holds is XML already."""
        tag, told = self._tag(name), "".join(self._attribute(n, v) for n, v in (attributes or {}).items())
        inside = "".join(content)
        return f"<{tag}{told}>{inside}</{tag}>" if inside else f"<{tag}{told}/>"

    def template(self, name: str) -> str:
        return f"{self.templates}{name}{self.template_suffix}"

    @property
    def namespaces(self) -> str:
        """The attributes by which an item says what it is."""
        where = f"{self.items} {self.schema_file}"
        return (
            f'xmlns="{self.items}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="{where}"'
        )

    @property
    def manifest_namespaces(self) -> str:
        return f'xmlns="{self.manifests}" xmlns:lom="{_LOM}"'

    def _tag(self, name: str) -> str:
        return f"qti-{_dashed(name)}" if self.has_dashes else name

    def _attribute(self, name: str, value: object) -> str:
        told = _dashed(name) if self.has_dashes else name
        return f' {told}="{escape(str(value))}"'


def _dashed(name: str) -> str:
    return _CAPITAL.sub(r"-\1", name).lower()


DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {
        "qti21": Dialect(
            "QTI 2.1",
            "http://www.imsglobal.org/xsd/imsqti_v2p1",
            "http://www.imsglobal.org/question/qti_v2p1/rptemplates/",
            "",
            "imsqti_item_xmlv2p1",
            "",
            _CP,
            "QTIv2.1 Package",
            "1.0.0",
            "http://www.imsglobal.org/xsd/qti/qtiv2p1/imsqti_v2p1.xsd",
        ),
        "qti22": Dialect(
            "QTI 2.2",
            "http://www.imsglobal.org/xsd/imsqti_v2p2",
            "http://www.imsglobal.org/question/qti_v2p2/rptemplates/",
            "",
            "imsqti_item_xmlv2p2",
            "imsqti_stimulus_xmlv2p2",
            _CP,
            "QTIv2.2 Package",
            "1.0.0",
            "http://www.imsglobal.org/xsd/qti/qtiv2p2/imsqti_v2p2.xsd",
        ),
        "qti3": Dialect(
            "QTI 3.0",
            "http://www.imsglobal.org/xsd/imsqtiasi_v3p0",
            "https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/",
            ".xml",
            "imsqti_item_xmlv3p0",
            "imsqti_stimulus_xmlv3p0",
            "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1",
            "QTI Package",
            "3.0.0",
            "https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd/imsqti_asiv3p0_v1p0.xsd",
            has_dashes=True,
        ),
    }
)
