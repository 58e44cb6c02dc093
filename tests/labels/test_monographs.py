"""Monographs: the shipped ones are well formed, and a wrong one is named with its field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from drug_llm.errors import LabelError
from drug_llm.labels.monographs import load_monograph, load_monographs, monograph_label
from tests.conftest import REPOSITORY

FOLDER = REPOSITORY / "data/monographs"


def test_shipped_monographs_are_well_formed() -> None:
    monographs = load_monographs(FOLDER)
    assert len(monographs) >= 30
    for monograph in monographs:
        assert (FOLDER / f"{monograph.name.replace(' ', '-')}.yaml").is_file()
        assert len(monograph.common_side_effects) >= 4
        told = " ".join(monograph.overdose)
        assert "1-800-222-1222" in told or "emergency services" in told


def test_sentences_name_the_drug_or_whom_they_concern() -> None:
    people = ("adults", "people", "women", "men", "children", "newborns", "infants", "older", "someone", "nsaids")
    for monograph in load_monographs(FOLDER):
        ingredients = monograph.name.replace(" and ", " ").split()
        for sentence in (*monograph.uses, *monograph.children, *monograph.kidney_and_liver, *monograph.pregnancy):
            words = sentence.lower()
            assert any(name in words for name in ingredients) or any(word in words for word in people), sentence


def test_monograph_becomes_a_label_without_a_made_up_set_id() -> None:
    label = monograph_label(load_monograph(FOLDER / "lisinopril.yaml"))
    assert label.set_id == "monograph:lisinopril"
    assert label.generic_names == ("lisinopril",)
    text = {section.name: section.text for section in label.sections}
    assert "10 mg once a day" in text["dosage_and_administration"]
    assert text["contraindications"].startswith("Do not use lisinopril if you have ever had angioedema")


def broken(tmp_path: Path, **changes: Any) -> Path:
    content = yaml.safe_load((FOLDER / "lisinopril.yaml").read_text(encoding="utf-8"))
    content.update(changes)
    path = tmp_path / "broken.yaml"
    path.write_text(yaml.safe_dump({key: value for key, value in content.items() if value is not ...}))
    return path


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"usess": ["x."]}, r"unknown fields \['usess'\]"),
        ({"uses": ...}, r"missing fields \['uses'\]"),
        ({"uses": []}, "`uses` is .*expected a list that is not empty"),
        ({"uses": "text"}, "`uses` is 'text'; expected a list"),
        ({"uses": ["No full stop"]}, r"`uses`\[0\] .*expected one sentence"),
        ({"uses": ["x" * 400 + "."]}, "has 401 characters"),
        ({"dosage": [{"for": "adults"}]}, r"`dosage`\[0\]: .*missing fields \['text'\]"),
        ({"brands": [None]}, r"`brands`\[0\] is None"),
        ({"availability": "anywhere"}, "`availability` is 'anywhere'"),
    ],
    ids=str,
)
def test_wrong_monograph_is_named_with_its_field(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(LabelError, match=message):
        load_monograph(broken(tmp_path, **changes))


def test_file_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: [1")
    with pytest.raises(LabelError, match=r"a\.yaml: cannot be read as YAML"):
        load_monograph(path)


def test_folder_without_monographs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="no monograph"):
        load_monographs(tmp_path)
