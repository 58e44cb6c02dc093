"""A drug is known by its name without the salt, unless the salt is the drug."""

from __future__ import annotations

import pytest

from drug_llm.labels.choice import drug_names, without_salt

from .conftest import make_label

LEFT_OUT = [
    ("fluticasone propionate", "fluticasone"),
    ("fluticasone furoate", "fluticasone"),
    ("ipratropium bromide", "ipratropium"),
    ("lisdexamfetamine dimesylate", "lisdexamfetamine"),
    ("betamethasone dipropionate", "betamethasone"),
    ("testosterone cypionate", "testosterone"),
    ("tenofovir alafenamide", "tenofovir"),
    ("fentanyl citrate", "fentanyl"),
    ("codeine phosphate hemihydrate", "codeine"),
    ("dabigatran etexilate mesylate", "dabigatran"),
    ("erythromycin ethylsuccinate", "erythromycin"),
    ("Metformin Hydrochloride", "Metformin"),
]


@pytest.mark.parametrize(("name", "plain"), LEFT_OUT)
def test_second_word_that_only_says_the_salt_is_left_out(name: str, plain: str) -> None:
    assert without_salt(name) == plain


KEPT = [
    "potassium bromide",
    "potassium chloride",
    "lithium carbonate",
    "sodium fluoride",
    "ferrous sulfate",
    "magnesium sulfate",
    "calcium acetate",
    "silver nitrate",
    "barium sulfate",
    "zinc gluconate",
    "sodium lauryl sulfate",
    "benzalkonium chloride",
    "benzyl benzoate",
    "isosorbide dinitrate",
    "chloral hydrate",
    "sodium",
]


@pytest.mark.parametrize("name", KEPT)
def test_ingredient_that_is_itself_a_salt_stays_whole(name: str) -> None:
    assert without_salt(name) == name


def test_only_the_water_is_left_out_of_a_salt_that_is_the_drug() -> None:
    assert without_salt("magnesium sulfate heptahydrate") == "magnesium sulfate"


def test_label_is_found_by_either_name_but_never_by_an_element_alone() -> None:
    assert {"fluticasone", "fluticasone propionate"} <= drug_names(
        make_label(generic_names=("fluticasone propionate",))
    )
    assert "potassium" not in drug_names(make_label(generic_names=("potassium bromide",)))
