"""One vocabulary for the sections of every era and format of drug labels.

The sources are the LOINC document ontology used by Structured Product Labeling, the openFDA
`drug/label` fields, 21 CFR 201.57 (new format, "PLR"), 201.80 (old format) and 201.66 (Drug Facts).
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class SectionKind:
    """One kind of section and everything that it is called."""

    name: str
    """Canonical name."""
    title: str
    """Title used where a source prints none."""
    loincs: tuple[str, ...] = ()
    """LOINC codes that mean this kind."""
    fields: tuple[str, ...] = ()
    """openFDA fields that hold it."""
    titles: tuple[str, ...] = ()
    """Further titles that sources print, in lower case."""


def _kind(name: str, title: str, loincs: str = "", fields: str = "", titles: str = "") -> SectionKind:
    return SectionKind(
        name, title, tuple(loincs.split()), tuple(fields.split()), tuple(filter(None, titles.split("|")))
    )


# In the order in which a label is printed; openFDA has no order of its own, so this one is used.
KINDS = (
    _kind("boxed_warning", "Boxed warning", "34066-1", "boxed_warning"),
    _kind("highlights", "Highlights"),
    _kind("recent_major_changes", "Recent major changes", "43683-2", "recent_major_changes"),
    _kind(
        "active_ingredient",
        "Active ingredient",
        "55106-9",
        "active_ingredient",
        "active ingredients|active ingredient(s)|otc - active ingredient section|active ingredient section",
    ),
    _kind("purpose", "Purpose", "55105-1", "purpose", "purposes|otc - purpose section"),
    _kind(
        "indications_and_usage",
        "Indications and usage",
        "34067-9",
        "indications_and_usage",
        "indications|indications & usage|indications and usage section|uses|use|use(s)|what it treats",
    ),
    _kind(
        "dosage_and_administration",
        "Dosage and administration",
        "34068-7",
        "dosage_and_administration",
        "dosage & administration|dosage|directions|direction|directions for use|usual doses|"
        "dosage & administration section",
    ),
    _kind("how_to_take", "How it is taken"),
    _kind(
        "dosage_forms_and_strengths",
        "Dosage forms and strengths",
        "43678-2",
        "dosage_forms_and_strengths",
        "dosage forms & strengths",
    ),
    _kind("contraindications", "Contraindications", "34070-3", "contraindications", "who must not use it"),
    _kind(
        "warnings_and_precautions",
        "Warnings and precautions",
        "43685-7 34071-1 42232-9 34072-9",
        "warnings_and_cautions warnings precautions general_precautions",
        "warnings|warning|precautions|warnings & precautions|general|general precautions|"
        "otc - warnings section|warnings section|serious side effects",
    ),
    _kind("user_safety_warnings", "User safety warnings", "54433-8", "user_safety_warnings"),
    _kind(
        "do_not_use",
        "Do not use",
        "50570-1",
        "do_not_use",
        "do not use this product|do not use if|otc - do not use section",
    ),
    _kind(
        "ask_doctor",
        "Ask a doctor before use",
        "50569-3",
        "ask_doctor",
        "ask a doctor before use if you have|ask a doctor before use if|ask a doctor|"
        "ask a doctor before use if the child has",
    ),
    _kind(
        "ask_doctor_or_pharmacist",
        "Ask a doctor or pharmacist before use",
        "50568-5",
        "ask_doctor_or_pharmacist",
        "ask a doctor or pharmacist before use if you are|ask a doctor or pharmacist before use if|"
        "ask a doctor or pharmacist|ask a doctor or pharmacist before use if the child is",
    ),
    _kind("when_using", "When using this product", "50567-7", "when_using", "otc - when using section"),
    _kind(
        "stop_use",
        "Stop use and ask a doctor",
        "50566-9",
        "stop_use",
        "stop use and ask a doctor if|stop use|stop using and ask a doctor if|otc - stop use section",
    ),
    _kind(
        "pregnancy_or_breast_feeding",
        "If pregnant or breast-feeding",
        "53414-9",
        "pregnancy_or_breast_feeding",
        "if pregnant or breast feeding|pregnancy or breast feeding",
    ),
    _kind(
        "keep_out_of_reach_of_children",
        "Keep out of reach of children",
        "50565-1",
        "keep_out_of_reach_of_children",
        "otc - keep out of reach of children section",
    ),
    _kind("adverse_reactions", "Adverse reactions", "34084-4", "adverse_reactions", "common side effects|side effects"),
    _kind("clinical_trials_experience", "Clinical trials experience", "90374-0", "", "clinical studies experience"),
    _kind("postmarketing_experience", "Postmarketing experience", "90375-7", "", "post-marketing experience"),
    _kind("immunogenicity", "Immunogenicity", "88830-5"),
    _kind(
        "drug_interactions", "Drug interactions", "34073-7", "drug_interactions", "interactions|drug-drug interactions"
    ),
    _kind(
        "laboratory_test_interactions",
        "Drug and laboratory test interactions",
        "34074-5",
        "drug_and_or_laboratory_test_interactions",
        "drug/laboratory test interactions|laboratory test interactions|drug & or laboratory test interactions|"
        "drug/laboratory tests interactions",
    ),
    _kind("laboratory_tests", "Laboratory tests", "34075-2", "laboratory_tests"),
    _kind("use_in_specific_populations", "Use in specific populations", "43684-0", "use_in_specific_populations"),
    _kind(
        "pregnancy",
        "Pregnancy",
        "42228-7 34077-8 34078-6",
        "pregnancy teratogenic_effects nonteratogenic_effects",
        "teratogenic effects|nonteratogenic effects|non-teratogenic effects|use in pregnancy|usage in pregnancy",
    ),
    _kind("labor_and_delivery", "Labor and delivery", "34079-4", "labor_and_delivery", "labor & delivery"),
    _kind(
        "lactation",
        "Lactation",
        "77290-5 34080-2",
        "nursing_mothers lactation",
        "nursing mothers|breast-feeding|breastfeeding|nursing",
    ),
    _kind(
        "reproductive_potential",
        "Females and males of reproductive potential",
        "77291-3",
        "females_and_males_of_reproductive_potential",
        "females & males of reproductive potential",
    ),
    _kind("pediatric_use", "Pediatric use", "34081-0", "pediatric_use", "children|pediatric patients|pediatrics"),
    _kind("geriatric_use", "Geriatric use", "34082-8", "geriatric_use", "older adults|geriatrics|elderly"),
    _kind(
        "renal_and_hepatic_impairment",
        "Renal and hepatic impairment",
        "88828-9 88829-7",
        "",
        "renal impairment|hepatic impairment|kidney and liver disease|renal insufficiency|hepatic insufficiency",
    ),
    _kind(
        "drug_abuse_and_dependence",
        "Drug abuse and dependence",
        "42227-9 34085-1 34086-9 34087-7",
        "drug_abuse_and_dependence controlled_substance abuse dependence",
        "controlled substance|abuse|dependence",
    ),
    _kind("overdosage", "Overdosage", "34088-5", "overdosage", "overdose"),
    _kind("missed_dose", "Missed dose"),
    _kind("description", "Description", "34089-3", "description"),
    _kind(
        "inactive_ingredient",
        "Inactive ingredients",
        "51727-6",
        "inactive_ingredient",
        "inactive ingredient|inactive ingredients:|inactive ingredient(s)",
    ),
    _kind("clinical_pharmacology", "Clinical pharmacology", "34090-1", "clinical_pharmacology"),
    _kind("mechanism_of_action", "Mechanism of action", "43679-0", "mechanism_of_action"),
    _kind("pharmacodynamics", "Pharmacodynamics", "43681-6", "pharmacodynamics"),
    _kind("pharmacokinetics", "Pharmacokinetics", "43682-4", "pharmacokinetics"),
    _kind("microbiology", "Microbiology", "49489-8", "microbiology"),
    _kind("pharmacogenomics", "Pharmacogenomics", "66106-6", "pharmacogenomics"),
    _kind("nonclinical_toxicology", "Nonclinical toxicology", "43680-8", "nonclinical_toxicology"),
    _kind(
        "carcinogenesis",
        "Carcinogenesis, mutagenesis, impairment of fertility",
        "34083-6",
        "carcinogenesis_and_mutagenesis_and_impairment_of_fertility",
        "carcinogenesis, mutagenesis, and impairment of fertility|"
        "carcinogenesis & mutagenesis & impairment of fertility",
    ),
    _kind(
        "animal_toxicology",
        "Animal pharmacology and toxicology",
        "34091-9",
        "animal_pharmacology_and_or_toxicology",
        "animal toxicology and/or pharmacology|animal pharmacology and/or toxicology|animal toxicology",
    ),
    _kind("clinical_studies", "Clinical studies", "34092-7", "clinical_studies", "clinical trials"),
    _kind("references", "References", "34093-5", "references"),
    _kind("how_supplied", "How supplied", "34069-5", "how_supplied", "how supplied/storage and handling"),
    _kind(
        "storage_and_handling",
        "Storage and handling",
        "44425-7",
        "storage_and_handling",
        "storage|other information|storage and handling section",
    ),
    _kind("safe_handling", "Safe handling", "50741-8", "safe_handling_warning"),
    _kind(
        "information_for_patients",
        "Information for patients",
        "34076-0",
        "information_for_patients",
        "patient counseling information|information for the patient",
    ),
    _kind(
        "patient_information",
        "Patient information",
        "42230-3 68498-5",
        "spl_patient_package_insert patient_medication_information",
        "patient package insert",
    ),
    _kind("medication_guide", "Medication guide", "42231-1", "spl_medguide"),
    _kind("instructions_for_use", "Instructions for use", "59845-8", "instructions_for_use"),
    _kind("questions", "Questions", "53413-1", "questions", "questions?|questions or comments?|questions or comments"),
    _kind("other_safety_information", "Other safety information", "60561-8", "other_safety_information"),
    _kind("health_care_provider_letter", "Health care provider letter", "71744-7", "health_care_provider_letter"),
    _kind("unclassified", "Other", "42229-5", "spl_unclassified_section"),
    _kind(
        "package_label",
        "Package label",
        "51945-4",
        "package_label_principal_display_panel",
        "principal display panel|package label.principal display panel|package/label principal display panel|"
        "package label|package label.principal display panel section|package label section",
    ),
    _kind("product_data", "Product data", "48780-1", "spl_product_data_elements"),
)

BY_NAME = {kind.name: kind for kind in KINDS}
ORDER = {kind.name: place for place, kind in enumerate(KINDS)}
_BY_LOINC = {code: kind.name for kind in KINDS for code in kind.loincs}
_BY_FIELD = {field: kind.name for kind in KINDS for field in kind.fields}
_BY_TITLE = {title: kind.name for kind in KINDS for title in (kind.title.lower(), *kind.titles)}
UNCLASSIFIED = "unclassified"
# Words that head a whole section in one era and any part of another section in the next.
_AMBIGUOUS_IN_A_PART = ("general", "use", "uses", "children", "elderly", "dosage", "warning")


def section_name(*, loinc: str = "", field: str = "", title: str = "", parent: str = "") -> str:
    """Return the canonical name of a section, from the first of its marks that is known.

    A part that has no kind of its own takes the name of the section around it, so that
    "5.1 Fetal toxicity" counts as warnings and precautions. Unknown openFDA fields keep their name.
    """
    name = _BY_LOINC.get(loinc) or _BY_FIELD.get(field) or ""
    if name and name != UNCLASSIFIED:
        return name
    heading = normal_title(title)
    name = _BY_TITLE.get(heading, "")
    if name and not (parent and heading in _AMBIGUOUS_IN_A_PART):
        return name
    known_field = field if field and field not in _BY_FIELD else ""
    return known_field or parent or UNCLASSIFIED


def normal_title(title: str) -> str:
    """Return a title in lower case, with single spaces and without the marks at its end."""
    return re.sub(r"\s+", " ", title).strip(" :.*•-\u2013").lower()


def known_titles(field: str) -> tuple[str, ...]:
    """Return what a section read from this openFDA field may be headed with, in lower case, longest first."""
    name = _BY_FIELD.get(field)
    own = field.replace("_", " ")
    if name is None:
        return (own,)
    kind = BY_NAME[name]
    return tuple(sorted({own, kind.title.lower(), *kind.titles}, key=lambda title: (-len(title), title)))
