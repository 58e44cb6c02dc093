from xml.etree import ElementTree

from drug_llm.labels.spl_text import block_lines


def lines(html: str) -> list[str]:
    return block_lines(ElementTree.fromstring(f"<text>{html}</text>"))


def row(*cells: str, tag: str = "td") -> str:
    return "<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in cells) + "</tr>"


def test_each_value_keeps_the_names_of_its_row_and_column():
    table = (
        f"<table><caption>Table 1</caption><thead>{row('Effect', 'Drug', 'Placebo')}</thead>"
        f"<tbody>{row('Nausea', '5%', '2%')}{row('Rash', '1%', '')}</tbody></table>"
    )
    assert lines(table) == ["Table 1:", "Rows: Effect", "Nausea: Drug = 5%; Placebo = 2%", "Rash: Drug = 1%"]


def test_header_names_of_two_rows_are_joined_under_a_spanning_one():
    head = "<tr><th rowspan='2'>Effect</th><th colspan='2'>Adults</th></tr><tr><th>5 mg</th><th>10 mg</th></tr>"
    table = f"<table><thead>{head}</thead><tbody>{row('Rash', '1%', '2%')}</tbody></table>"
    assert lines(table)[-1] == "Rash: Adults / 5 mg = 1%; Adults / 10 mg = 2%"


def test_first_row_names_the_columns_when_nothing_is_marked():
    table = f"<table><tbody>{row('Weight', 'Dose')}{row('20 kg', '5 mg')}</tbody></table>"
    assert lines(table) == ["Rows: Weight", "20 kg: Dose = 5 mg"]


def test_spanning_row_name_is_repeated_in_the_rows_below_it():
    body = "<tr><td rowspan='2'>Heart</td><td>mild</td></tr><tr><td>severe</td></tr>"
    assert lines(f"<table><thead>{row('Organ', 'Grade')}</thead><tbody>{body}</tbody></table>")[1:] == [
        "Heart: Grade = mild",
        "Heart: Grade = severe",
    ]


def test_row_across_the_table_is_a_line_of_its_own():
    body = f"<tr><td colspan='2'>Skin</td></tr>{row('Rash', '1%')}"
    assert lines(f"<table><thead>{row('Effect', 'Drug')}</thead><tbody>{body}</tbody></table>")[1:] == [
        "Skin",
        "Rash: Drug = 1%",
    ]


def test_footnote_stands_once_below_and_not_in_every_row():
    head = "<tr><th>Effect</th><th>Drug<footnote>all doses</footnote></th></tr>"
    table = f"<table><thead>{head}</thead><tbody>{row('Rash', '1%')}{row('Itch', '2%')}</tbody></table>"
    assert lines(table) == ["Rows: Effect", "Rash: Drug = 1%", "Itch: Drug = 2%", "Note: all doses"]


def test_foot_and_unused_column_names_are_kept():
    table = (
        f"<table><thead>{row('A', 'B')}</thead><tfoot>{row('see text')}</tfoot><tbody>{row('x', '')}</tbody></table>"
    )
    assert lines(table) == ["Rows: A", "B", "x", "see text"]


def test_absurd_spans_do_not_fill_the_memory():
    table = "<table><tr><td colspan='99999' rowspan='99999'>x</td><td colspan='-3'>y</td></tr></table>"
    assert "x" in " ".join(lines(table))


def test_list_entries_follow_their_heading():
    html = (
        "<paragraph>Do not use if you have:</paragraph><list><item>a rash</item><item>an ulcer"
        "<list><item>that bleeds</item></list></item></list><paragraph>Stop.</paragraph>"
    )
    assert lines(html) == ["Do not use if you have:", "- a rash", "- an ulcer", "  - that bleeds", "Stop."]


def test_marks_of_list_entries_do_not_become_numbers_but_words_stay():
    html = "<list><item><caption>2)</caption>take it</item><item><caption>Note</caption>rest</item></list>"
    assert lines(html) == ["- take it", "- Note", "  rest"]


def test_power_of_ten_does_not_grow():
    assert lines("<paragraph>10<sup>9</sup> cells, H<sub>2</sub>O, Drug<sup>®</sup></paragraph>") == [
        "10^9 cells, H2O, Drug®"
    ]


def test_break_ends_a_line():
    assert lines("<paragraph>one<br/>two</paragraph>") == ["one", "two"]


def table(*rows: str) -> list[str]:
    return lines(f"<table><tbody>{''.join(rows)}</tbody></table>")


def test_first_row_that_says_for_whom_and_what_to_take_is_no_head():
    told = [row("adults and anyone over 11 years", "take 1 or 2 pills"), row("children under 5 years", "do not use")]
    assert table(*told) == [
        "- adults and anyone over 11 years: take 1 or 2 pills",
        "- children under 5 years: do not use",
    ]


def test_ages_with_amounts_in_the_first_row_are_no_head():
    ages = [row("Children 2 to 5 years", "up to 5 drops"), row("Children 6 to 9 years", "up to 9 drops")]
    assert table(*ages) == ["- Children 2 to 5 years: up to 5 drops", "- Children 6 to 9 years: up to 9 drops"]


def test_what_is_told_of_ages_without_names_of_columns_is_one_list():
    title = "<tr><td colspan='2'>All ages</td></tr>"
    assert table(title, row("adults", "2 pills"), row("children under 9 years", "ask a nurse")) == [
        "All ages",
        "- adults: 2 pills",
        "- children under 9 years: ask a nurse",
    ]
    assert table(row("Heart", "2%"), row("Skin", "3%")) == ["Heart: 2%", "Skin: 3%"]
    assert table(row("3 years", "2%", "4%"), row("4 years", "3%", "5%"))[0] == "3 years: 2%; 4%"


def test_first_row_that_differs_from_the_others_in_its_numbers_only_is_no_head():
    assert table(row("30 kBq", "(0.5 nCi)"), row("90 kBq", "(1.5 nCi)")) == ["30 kBq: (0.5 nCi)", "90 kBq: (1.5 nCi)"]
    packs = [row("Jars of 10", "Code A-1"), row("Blue pills", ""), row("Jars of 20", "Code A-2")]
    assert table(*packs) == ["Jars of 10: Code A-1", "Blue pills", "Jars of 20: Code A-2"]
    assert table(row("under 9 kg", "half a cup"), row("9-20 kg", "a cup"), row("over 20 kg", "two cups"))[0] == (
        "under 9 kg: half a cup"
    )


def test_first_row_of_entries_or_of_things_listed_is_no_head():
    assert table(row("\u2022 rash", "\u2022 itch"), row("\u2022 cough", "\u2022 fever"))[0] == (
        "\u2022 rash: \u2022 itch"
    )
    assert table(row("Heart", "flutter, faint pulse, pain"), row("Skin", "rash, boils, itch"))[0] == (
        "Heart: flutter, faint pulse, pain"
    )


def test_head_with_numbers_in_it_stays_a_head():
    weights = [row("Children (3 to 15 years)", "Amount"), row("10 kg", "2 drops"), row("20 kg", "4 drops")]
    assert table(*weights)[1:] == ["10 kg: Amount = 2 drops", "20 kg: Amount = 4 drops"]
    ages = [row("Children 3 to 15 years", "Amount"), row("3 to 8 years", "2 drops"), row("9 to 15 years", "4 drops")]
    assert table(*ages)[1] == "3 to 8 years: Amount = 2 drops"
    groups = [row("", "Drug (N=40)", "Sham (N=44)"), row("Rash", "2", "3"), row("", "Drug (N=9)", "Sham (N=8)")]
    assert table(*groups, row("Itch", "4", "5"))[0] == "Rash: Drug (N=40) = 2; Sham (N=44) = 3"
    sizes = [row("Size", "Sense"), row("4", "Soft"), row("Size", "Sense"), row("9", "Hard")]
    assert table(*sizes)[1] == "4: Sense = Soft"


def test_empty_first_cell_takes_the_name_of_the_row_above():
    head = row("Place", "Grade", "Dose")
    rows = [row("Ear", "Mild", "5 mg"), row("", "Severe", "9 mg"), row("Nose", "Any", "7 mg"), row("", "", "8 mg")]
    assert table(head, *rows)[1:] == [
        "Ear: Grade = Mild; Dose = 5 mg",
        "Ear: Grade = Severe; Dose = 9 mg",
        "Nose: Grade = Any; Dose = 7 mg",
        "Nose: Dose = 8 mg",
    ]


def test_title_with_empty_cells_beside_it_names_the_row_below():
    assert table(row("Effect", "Drug", "Sham"), row("Weight (kg)", "", ""), row("", "n=9", "n=8"))[1:] == [
        "Weight (kg)",
        "Weight (kg): Drug = n=9; Sham = n=8",
    ]


def test_title_or_names_of_columns_between_the_rows_take_no_name():
    ages = [row("Age", "Change"), row("under 18", "9 more cases"), row("", "Fewer cases"), row("over 64", "3 fewer")]
    assert table(*ages)[2] == "Change = Fewer cases"
    arms = [
        row("", "Share", "Share", "Change"),
        row("Cured", "80%", "70%", "10"),
        row("", "7-day use", "9-day use", ""),
    ]
    assert table(*arms, row("Cured", "60%", "50%", "10"))[1] == "Share = 7-day use; Share = 9-day use"


def test_name_ends_at_an_empty_row_and_at_a_title_across_the_table():
    across = "<tr><td colspan='3'>All others</td></tr>"
    rows = [row("Ear", "Mild", "5 mg"), row("", "", ""), row("", "Severe", "9 mg"), across, row("", "Any", "2 mg")]
    assert table(row("Place", "Grade", "Dose"), *rows)[2:] == [
        "Grade = Severe; Dose = 9 mg",
        "All others",
        "Grade = Any; Dose = 2 mg",
    ]
