"""No word of a source is lost: each text node is found in the label, or is on the list of what is left out."""

import json
import re
import zipfile
from collections import Counter
from xml.etree import ElementTree

import pytest

from drug_llm.labels.label import Label, keyed_sections
from drug_llm.labels.openfda import read_openfda
from drug_llm.labels.read import read_labels

WORD = re.compile(r"[^\W_]+(?:\.\d+)*")

# What is left out on purpose, and why; docs/labels.md says the same.
LIST_MARKS = re.compile(r"[0-9]{1,3}|[a-z]|[ivx]{1,4}", re.IGNORECASE)  # places in a list would read as numbers
METADATA = ("id", "set_id", "version", "effective_time", "openfda", "@epoch")  # fields of the label, not text


def words(text: str) -> list[str]:
    return WORD.findall(text.lower())


def label_words(label: Label) -> list[str]:
    """All words of the label in reading order, without section numbers."""
    parts = [label.title, label.labeler, *label.generic_names, *label.brand_names]
    for _, section in keyed_sections(label.sections):
        parts += [section.title, section.text]
    return words("\n".join(parts))


def section_numbers(label: Label) -> set[str]:
    """The numbers that are kept apart from the text: those of sections and of references to them."""
    found: set[str] = set()
    for _, section in keyed_sections(label.sections):
        found |= {section.number, *section.references}
    return found | {part for number in found for part in number.split(".")}


def lost_words(source: list[str], label: Label, *, tables: str) -> list[str]:
    """Words of a flat text of which no three in a row, with them inside, stand in the label.

    openFDA glues the cells of a table together in the flat text ("majorbleeding"), so words of
    `tables` (without white space) are looked for by the next test, cell by cell.
    """
    numbers = section_numbers(label)
    kept = [word for word in source if word not in numbers]
    target = [word for word in label_words(label) if word not in numbers]
    # A title, or a line of two words between two parts, has no neighbours of its own.
    lines = [
        words(f"{part}")
        for _, section in keyed_sections(label.sections)
        for part in (section.title, *section.text.splitlines())
    ]
    short = {word for line in lines if len(line) < 3 for word in line}
    titles = {word for _, section in keyed_sections(label.sections) for word in words(section.title)}
    present = set(zip(target, target[1:], target[2:], strict=False))
    alone = Counter(target)
    lost = []
    for place, word in enumerate(kept):
        windows = [tuple(kept[i : i + 3]) for i in range(max(0, place - 2), min(place, len(kept) - 3) + 1)]
        if (
            not any(window in present for window in windows)
            and word not in tables
            and word not in short | titles
            and (len(kept) > 8 or not alone[word])
        ):
            lost.append(word)
    return lost


def plain_text(html: str) -> str:
    return "".join(ElementTree.fromstring(f"<t>{html}</t>").itertext())


def openfda_results(folder):
    results = json.loads((folder / "openfda" / "labels_100.json").read_text())
    for path in sorted((folder / "openfda" / "responses").glob("*.json")):
        results += json.loads(path.read_text())["results"]
    return results


def test_no_word_of_the_100_openfda_labels_and_5_responses_is_lost(shared_labels):
    lost = {}
    results = openfda_results(shared_labels)
    assert len(results) == 107
    for result in results:
        label = read_openfda(result, where="test")
        tables = "".join(
            "".join(plain_text(text).lower().split())
            for key, texts in result.items()
            if key.endswith("_table")
            for text in texts
        )
        for key, texts in result.items():
            if key in METADATA:
                continue
            for text in texts:
                missing = [] if key.endswith("_table") else lost_words(words(text), label, tables=tables)
                if missing:
                    lost[result["set_id"], key] = missing
    assert lost == {}


def test_no_cell_of_the_tables_in_openfda_labels_is_lost(shared_labels):
    lost = []
    for result in openfda_results(shared_labels):
        label = read_openfda(result, where="test")
        letters = Letters(label)
        for key, texts in result.items():
            for text in texts if key.endswith("_table") else ():
                for node in ElementTree.fromstring(f"<t>{text}</t>").itertext():
                    if not letters.hold(words(node)):
                        lost.append((result["set_id"], key, node))
    assert lost == []


class Letters:
    """The letters and digits of a label in a row; sources cut words into nodes ("C", "max"), labels do not."""

    def __init__(self, label: Label) -> None:
        self._numbers = section_numbers(label)
        found = label_words(label)
        self._all = "".join(found)
        self._without_numbers = "".join(word for word in found if word not in self._numbers)

    def hold(self, node: list[str]) -> bool:
        # In "Sections 5.1 and 7" the "and" goes with the numbers.
        rest = "".join(
            word
            for i, word in enumerate(node)
            if word not in self._numbers
            and not (word in ("and", "or") and {*node[i - 1 : i], *node[i + 1 : i + 2]} <= self._numbers)
        )
        return "".join(node) in self._all or rest in self._without_numbers


def lost_nodes(document: bytes, label: Label) -> list[str]:
    letters = Letters(label)
    root = ElementTree.fromstring(document)
    marks = {
        id(caption)
        for item in root.iter("{urn:hl7-org:v3}item")
        for caption in item
        if caption.tag == "{urn:hl7-org:v3}caption"
    }
    lost = []
    for element in root.iter():
        texts = [element.text] + [child.tail for child in element]
        for text in texts:
            node = words(text or "")
            is_mark = id(element) in marks and LIST_MARKS.fullmatch("".join(node))
            if not is_mark and not letters.hold(node):
                lost.append(text)
    return lost


def spl_documents(folder):
    for path in sorted((folder / "spl").glob("*.xml")):
        yield path, path.name, path.read_bytes()
    for path in sorted((folder / "spl" / "zip").glob("*.zip")):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith(".xml"):
                    yield path, name, archive.read(name)


def test_no_text_node_of_the_15_spl_files_and_2_zips_is_lost(shared_labels):
    lost = {}
    documents = list(spl_documents(shared_labels))
    assert len(documents) == 17
    for path, name, document in documents:
        labels = list(read_labels(path))
        assert len(labels) == 1
        missing = lost_nodes(document, labels[0])
        if missing:
            lost[name] = missing
    assert lost == {}


def test_the_walk_notices_a_lost_sentence(shared_labels):
    path, _, document = next(iter(spl_documents(shared_labels)))
    label = next(iter(read_labels(path)))
    changed = document.replace(b"</paragraph>", b" One more unseen sentence.</paragraph>", 1)
    assert lost_nodes(changed, label) != []


@pytest.mark.parametrize("name", ["openfda/labels_100.json", "openfda/responses", "spl"])
def test_no_reference_to_a_section_is_left_in_real_text(shared_labels, name):
    """A number in brackets that names a section of the label would be read as a quantity."""
    left = []
    for label in read_labels(shared_labels / name):
        numbers = {section.number for _, section in keyed_sections(label.sections) if "." in section.number}
        for key, section in keyed_sections(label.sections):
            left += [
                (label.set_id, key, number)
                for number in re.findall(r"\[see [^\]]*\((\d+\.\d+)\)", section.text)
                if number in numbers
            ]
    assert left == []
