"""Whatever the bytes are: a label or a LabelError, soon.

DRUG_LLM_FUZZ_CASES sets the number of cases a test; the benchmark runs 10,000.
"""

import io
import json
import os
import zipfile
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drug_llm.errors import DrugLLMError, LabelError
from drug_llm.labels.json_label import label_from_json, label_to_json
from drug_llm.labels.label import Label
from drug_llm.labels.openfda import read_openfda
from drug_llm.labels.read import read_labels
from drug_llm.labels.references import SectionNumbers, drop_references
from drug_llm.labels.spl import read_spl
from drug_llm.labels.vocabulary import KINDS

from .conftest import make_label, openfda_result, spl_document, spl_section

CASES = int(os.environ.get("DRUG_LLM_FUZZ_CASES", "60"))
fuzz = settings(
    max_examples=CASES,
    deadline=timedelta(seconds=5),
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)

FIELDS = [field for kind in KINDS for field in kind.fields]
WORDS = [
    "5.1",
    "(5.1)",
    "[see Warnings (5.2)]",
    "5 WARNINGS",
    "mg",
    "\n",
    "<",
    "&",
    "5.2 The",
    "Use",
    "(",
    "]",
    "é",
    "\ufdd0",
    "\x00",
]
text = st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=12)), max_size=40).map(" ".join)
tags = st.sampled_from(
    [
        "table",
        "tr",
        "td",
        "th",
        "thead",
        "tbody",
        "list",
        "item",
        "caption",
        "paragraph",
        "br",
        "sup",
        "footnote",
        "linkHtml",
        "content",
        "excerpt",
        "highlight",
        "text",
        "section",
        "component",
        "title",
    ]
)
attributes = st.sampled_from(["", ' colspan="3"', ' rowspan="2"', ' href="#a"', ' colspan="x"', ' code="34067-9"'])


def element(inner):
    return st.tuples(tags, attributes, st.lists(inner, max_size=4)).map(
        lambda made: f"<{made[0]}{made[1]}>{''.join(made[2])}</{made[0]}>"
    )


markup = st.recursive(
    text.map(lambda words: "".join(c for c in words if c >= " " and c not in "<&\ufdd0\ufffe\uffff")),
    element,
    max_leaves=25,
)
json_value = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=12,
)


def label_or_error(read, *arguments, **options):
    try:
        label = read(*arguments, **options)
    except LabelError:
        return None
    assert isinstance(label, Label)
    assert label_from_json(json.loads(json.dumps(label_to_json(label))), where="again") == label
    return label


@fuzz
@given(
    st.dictionaries(
        st.sampled_from(FIELDS) | st.sampled_from([f"{f}_table" for f in FIELDS]) | text,
        st.lists(text | markup, max_size=3),
        max_size=8,
    ),
    st.data(),
)
def test_openfda_fields_of_any_text(fields, data):
    if fields and data.draw(st.booleans()):
        fields["warnings"] = [" ".join(text for texts in fields.values() for text in texts)]
    assert label_or_error(read_openfda, openfda_result(**{**fields, "set_id": "x", "version": "1"}), where="f")


@fuzz
@given(
    st.dictionaries(
        st.sampled_from([*FIELDS, "set_id", "version", "openfda", "effective_time"]), json_value, max_size=6
    )
    | json_value
)
def test_openfda_results_of_any_shape(result):
    label_or_error(read_openfda, result, where="f")


@fuzz
@given(st.lists(markup, max_size=5))
def test_spl_with_any_markup_inside(parts):
    body = "".join(parts)
    label_or_error(
        read_spl, spl_document(spl_section("34067-9", "1 USES", body), f"<section>{body}</section>"), where="f"
    )


BASES = [
    json.dumps({"meta": {}, "results": [openfda_result(1), openfda_result(2)]}).encode(),
    json.dumps(label_to_json(make_label())).encode(),
    spl_document(spl_section("34067-9", "1 USES", "<table><tr><td>a</td><td>b</td></tr></table>")),
]


def zip_of(content):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.xml", content)
    return buffer.getvalue()


edit = st.tuples(st.floats(0, 1), st.integers(0, 6), st.binary(max_size=8))


@fuzz
@given(st.sampled_from([*BASES, zip_of(BASES[2]), zip_of(BASES[0])]), st.lists(edit, max_size=6))
def test_files_with_damaged_bytes(tmp_path_factory, base, edits):
    content = bytearray(base)
    for at, length, new in edits:
        start = int(at * len(content))
        content[start : start + length] = new
    path = tmp_path_factory.getbasetemp() / "fuzz.bin"
    path.write_bytes(content)
    try:
        for label in read_labels(path):
            assert isinstance(label, Label)
    except DrugLLMError as error:
        message = str(error)
    else:
        message = path.name
    assert path.name in message


@fuzz
@given(text, st.dictionaries(st.sampled_from(["5", "5.1", "5.2", "14", "2.3.1"]), text, max_size=5))
def test_references_leave_every_other_word(words, titles):
    clean, found = drop_references(words, SectionNumbers(titles))
    kept = [word for word in clean.split() if word.isalpha()]
    assert len(kept) <= len(words.split())
    assert all(number.replace(".", "").isdigit() for number in found)
