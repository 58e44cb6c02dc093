"""What the label tests share: where real labels lie, and small labels written for the tests."""

import json
import os
from pathlib import Path

import pytest

from drug_llm.labels.label import Label, Section

REPOSITORY = Path(__file__).resolve().parents[2]


def shared_folder() -> Path:
    """Real labels lie beside the repository; nothing in it needs them."""
    return Path(os.environ.get("DRUG_LLM_SHARED") or REPOSITORY.parent / "shared")


@pytest.fixture(scope="session")
def shared_labels() -> Path:
    folder = shared_folder() / "labels"
    if not folder.is_dir():
        pytest.skip(f"no real labels at {folder}; set DRUG_LLM_SHARED")
    return folder


def set_id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def make_label(number: int = 1, **changes) -> Label:
    """A small label; `text` sets its only clinical section, `name` its ingredient and brand."""
    name = changes.pop("name", "placebium")
    text = changes.pop("text", "Take one tablet of 5 mg once a day with water.\n")
    values = {
        "set_id": set_id(number),
        "version": 1,
        "effective_date": "2020-01-31",
        "generic_names": (name,),
        "brand_names": (name.title() + "ol",),
        "labeler": f"Company {number}",
        "source": "openfda",
        "sections": (
            Section("dosage_and_administration", "DOSAGE AND ADMINISTRATION", text, number="2", loinc="34068-7"),
            Section("package_label", "", f"Packed by company {number}.\n", loinc="51945-4"),
        ),
    }
    return Label(**(values | changes))


def openfda_result(number: int = 1, **fields) -> dict:
    """An openFDA result in the shape of a prescription label in the new format."""
    name = fields.pop("name", "Placebium")
    values = {
        "id": set_id(900_000 + number),
        "set_id": set_id(number),
        "version": "3",
        "effective_time": "20200131",
        "dosage_and_administration": [f"2 DOSAGE AND ADMINISTRATION Take {number} mg of {name} once a day."],
        "openfda": {
            "generic_name": [f"{name.upper()} HYDROCHLORIDE"],
            "brand_name": [name],
            "manufacturer_name": [f"Company {number}"],
            "route": ["ORAL"],
            "product_type": ["HUMAN PRESCRIPTION DRUG"],
            "product_ndc": ["0000-0001"],
            "rxcui": ["1"],
            "application_number": ["NDA000001"],
            "is_original_packager": [True],
        },
    }
    return values | fields


@pytest.fixture
def openfda_file(tmp_path):
    """Write a response with the given results and return its path."""

    def write(results, name="labels.json"):
        path = tmp_path / name
        path.write_text(json.dumps({"meta": {"results": {"total": len(results)}}, "results": results}))
        return path

    return write


SPL_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<?xml-stylesheet href="https://www.accessdata.fda.gov/spl/stylesheet/spl.xsl" type="text/xsl"?>
<document xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<id root="00000000-0000-4000-8000-000000000777"/>
<code code="34391-3" codeSystem="2.16.840.1.113883.6.1" displayName="HUMAN PRESCRIPTION DRUG LABEL"/>
<title>PLACEBIUM tablets</title><effectiveTime value="20210503"/>
<setId root="00000000-0000-4000-8000-000000000077"/><versionNumber value="4"/>
<author><assignedEntity><representedOrganization><name>Company Seven</name></representedOrganization>
</assignedEntity></author>
<component><structuredBody>
<component><section><code code="48780-1"/><subject><manufacturedProduct><manufacturedProduct>
<code code="0000-0007" codeSystem="2.16.840.1.113883.6.69"/><name>Placebol</name><formCode displayName="TABLET"/>
<asEntityWithGeneric><genericMedicine><name>placebium hydrochloride</name></genericMedicine></asEntityWithGeneric>
<ingredient classCode="ACTIB"><quantity><numerator unit="mg" value="5"/><denominator unit="1" value="1"/></quantity>
<ingredientSubstance><name>PLACEBIUM HYDROCHLORIDE</name><activeMoiety><activeMoiety><name>PLACEBIUM</name>
</activeMoiety></activeMoiety></ingredientSubstance></ingredient>
<ingredient classCode="IACT"><ingredientSubstance><name>LACTOSE</name></ingredientSubstance></ingredient>
</manufacturedProduct>
<subjectOf><approval><id extension="NDA000007" root="2.16.840.1.113883.3.150"/></approval></subjectOf>
<consumedIn><substanceAdministration><routeCode displayName="ORAL"/></substanceAdministration></consumedIn>
</manufacturedProduct></subject></section></component>
"""


def spl_document(*sections: str, head: str = SPL_HEAD) -> bytes:
    body = "".join(f"<component>{section}</component>" for section in sections)
    return f"{head}{body}</structuredBody></component></document>".encode()


def spl_section(code: str, title: str, text: str, *inner: str, more: str = "") -> str:
    parts = "".join(f"<component>{part}</component>" for part in inner)
    block = f"<text>{text}</text>" if text else ""
    return f'<section><code code="{code}"/><title>{title}</title>{block}{more}{parts}</section>'
