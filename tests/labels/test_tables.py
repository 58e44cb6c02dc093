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
