"""Writing labels into the store: whole batches in one transaction, versions and choices kept right."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from drug_llm.errors import LabelError
from drug_llm.labels.choice import content_hash, drug_names, preference
from drug_llm.labels.label import Label, Section, keyed_sections
from drug_llm.labels.schema import SECTIONS_PER_LABEL

DETAILS = ("generic_names", "brand_names", "routes", "ndcs", "rxcuis", "application_numbers", "is_original")
_SOURCE_RANK = {"openfda": 1, "spl": 2, "monograph": 2}


@dataclass
class Written:
    """What one batch did to the store."""

    new: int = 0
    """Labels or versions that the store did not have."""
    replaced: int = 0
    """Labels stored in place of a poorer reading of the same version."""
    known: int = 0
    """Labels that the store had already, at least as well."""
    _set_ids: set[str] = field(default_factory=set, repr=False)
    _contents: set[bytes] = field(default_factory=set, repr=False)
    _label_ids: set[int] = field(default_factory=set, repr=False)


def write_batch(connection: sqlite3.Connection, labels: Iterable[Label]) -> Written:
    """Store the labels within the open transaction and return what changed.

    A version that is stored already is replaced only by a better reading of it: SPL before
    openFDA (which has no structure), then the one with more text. So a second run changes nothing.
    """
    done = Written()
    for label in labels:
        _write_label(connection, label, done)
    for set_id in sorted(done._set_ids):
        _mark_newest(connection, set_id, done)
    changes = [_choose(connection, content) for content in sorted(done._contents)]
    _reindex(connection, changes, fresh=done._label_ids)
    return done


def _write_label(connection: sqlite3.Connection, label: Label, done: Written) -> None:
    rows = list(_section_rows(label.sections))
    if len(rows) >= SECTIONS_PER_LABEL:
        raise LabelError(
            f"Label {label.set_id} has {len(rows)} sections; expected below {SECTIONS_PER_LABEL}. Leave it out."
        )
    characters = sum(len(section.text) for _, _, section in rows)
    known = connection.execute(
        "SELECT label_id, source, characters, content_hash FROM labels WHERE set_id = ? AND version = ?",
        (label.set_id, label.version),
    ).fetchone()
    if known:
        if (_SOURCE_RANK.get(label.source, 0), characters) <= (_SOURCE_RANK.get(known[1], 0), known[2]):
            done.known += 1
            return
        _remove(connection, known[0])
        done.replaced += 1
        done._contents.add(known[3])
    else:
        done.new += 1
    digest = content_hash(label)
    label_id = _insert_label(connection, label, digest, characters)
    _insert_sections(connection, label_id, rows)
    done._set_ids.add(label.set_id)
    done._contents.add(digest)
    done._label_ids.add(label_id)


def _section_rows(sections: tuple[Section, ...]) -> Iterable[tuple[int, str, Section]]:
    """Yield (depth, key, section) in reading order."""
    depths = {id(section): 0 for section in sections}
    for key, section in keyed_sections(sections):
        depth = depths[id(section)]
        depths.update((id(child), depth + 1) for child in section.subsections)
        yield depth, key, section


def _insert_label(connection: sqlite3.Connection, label: Label, digest: bytes, characters: int) -> int:
    details = json.dumps({name: getattr(label, name) for name in DETAILS}, ensure_ascii=False)
    cursor = connection.execute(
        "INSERT INTO labels (set_id, version, effective_date, source, labeler, product_type, title, details,"
        " content_hash, preference, characters) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (label.set_id, label.version, label.effective_date, label.source, label.labeler, label.product_type,
         label.title, details, digest, preference(label), characters),
    )  # fmt: skip
    return int(cursor.lastrowid or 0)


def _insert_sections(connection: sqlite3.Connection, label_id: int, rows: list[tuple[int, str, Section]]) -> None:
    first = label_id * SECTIONS_PER_LABEL
    connection.executemany(
        "INSERT INTO sections VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (first + place, _text_id(connection, section.text), depth, key, section.name, section.title,
             section.number, section.loinc, " ".join(section.references))
            for place, (depth, key, section) in enumerate(rows)
        ],
    )  # fmt: skip


def _text_id(connection: sqlite3.Connection, text: str) -> int:
    """Return the id of a text, which is stored once however many labels share it."""
    digest = sha256(text.encode()).digest()
    row = connection.execute("SELECT text_id FROM texts WHERE sha256 = ?", (digest,)).fetchone()
    if row:
        return int(row[0])
    return int(connection.execute("INSERT INTO texts (sha256, text) VALUES (?, ?)", (digest, text)).lastrowid or 0)


def _remove(connection: sqlite3.Connection, label_id: int) -> None:
    is_chosen, content = connection.execute(
        "SELECT is_chosen, content_hash FROM labels WHERE label_id = ?", (label_id,)
    ).fetchone()
    if is_chosen:
        members = connection.execute("SELECT label_id FROM labels WHERE content_hash = ?", (content,))
        _drop_names(connection, label_id, [row[0] for row in members])
        _unindex(connection, label_id)
    connection.execute("DELETE FROM sections WHERE section_id BETWEEN ? AND ?", section_range(label_id))
    connection.execute("DELETE FROM labels WHERE label_id = ?", (label_id,))


def section_range(label_id: int) -> tuple[int, int]:
    """Return the first and the last section id that a label can have."""
    return label_id * SECTIONS_PER_LABEL, (label_id + 1) * SECTIONS_PER_LABEL - 1


def _mark_newest(connection: sqlite3.Connection, set_id: str, done: Written) -> None:
    rows = connection.execute(
        "SELECT label_id, is_current, content_hash FROM labels WHERE set_id = ? ORDER BY version DESC", (set_id,)
    ).fetchall()
    for place, (label_id, was_current, content) in enumerate(rows):
        if was_current != (place == 0):
            connection.execute("UPDATE labels SET is_current = ? WHERE label_id = ?", (place == 0, label_id))
            done._contents.add(content)


@dataclass(frozen=True)
class _Change:
    """Which label of one content is searched from now on, and which was before."""

    members: tuple[int, ...]
    before: tuple[int, ...]
    now: int | None


def _choose(connection: sqlite3.Connection, content: bytes) -> _Change:
    rows = connection.execute(
        "SELECT label_id, is_current, is_chosen FROM labels WHERE content_hash = ?"
        " ORDER BY is_current DESC, preference",
        (content,),
    ).fetchall()
    best = rows[0][0] if rows and rows[0][1] else None
    return _Change(
        members=tuple(label_id for label_id, is_current, _ in rows if is_current),
        before=tuple(label_id for label_id, _, is_chosen in rows if is_chosen),
        now=best,
    )


def _reindex(connection: sqlite3.Connection, changes: Sequence[_Change], *, fresh: set[int]) -> None:
    """Bring index and names in line with the choices; `fresh` are the labels just written."""
    for change in changes:
        for label_id in change.before:
            if label_id != change.now:
                _drop_names(connection, label_id, change.members)
                _unindex(connection, label_id)
                connection.execute("UPDATE labels SET is_chosen = 0 WHERE label_id = ?", (label_id,))
        if change.now is not None:
            # A label that stays the chosen one has the names of the older members already.
            stays = change.now in change.before
            _add_names(connection, change.now, [one for one in change.members if one in fresh or not stays])
    # FTS5 writes a new segment whenever row ids step back, so they are put in in order.
    for label_id in sorted(
        change.now for change in changes if change.now is not None and change.now not in change.before
    ):
        connection.execute("UPDATE labels SET is_chosen = 1 WHERE label_id = ?", (label_id,))
        connection.execute(
            "INSERT INTO section_index (rowid, title, text)"
            " SELECT section_id, title, text FROM section_texts WHERE section_id BETWEEN ? AND ?",
            section_range(label_id),
        )


def _unindex(connection: sqlite3.Connection, label_id: int) -> None:
    connection.execute(
        "INSERT INTO section_index (section_index, rowid, title, text)"
        " SELECT 'delete', section_id, title, text FROM section_texts WHERE section_id BETWEEN ? AND ?",
        section_range(label_id),
    )


def _add_names(connection: sqlite3.Connection, chosen: int, members: Sequence[int]) -> None:
    """The chosen label is found by the names of all labels that it stands for."""
    rank = connection.execute("SELECT preference FROM labels WHERE label_id = ?", (chosen,)).fetchone()[0]
    for name in sorted(_names_of(connection, members)):
        row = connection.execute("SELECT name_id FROM names WHERE name = ?", (name,)).fetchone()
        if row is None:
            name_id = connection.execute("INSERT INTO names (name) VALUES (?)", (name,)).lastrowid
            connection.execute("INSERT INTO name_index (rowid, name) VALUES (?, ?)", (name_id, name))
        else:
            name_id = row[0]
        connection.execute("INSERT OR IGNORE INTO drug_labels VALUES (?, ?, ?)", (name_id, rank, chosen))


def _drop_names(connection: sqlite3.Connection, label_id: int, members: Sequence[int]) -> None:
    rank = connection.execute("SELECT preference FROM labels WHERE label_id = ?", (label_id,)).fetchone()[0]
    for name in _names_of(connection, {label_id, *members}):
        connection.execute(
            "DELETE FROM drug_labels WHERE preference = ? AND label_id = ?"
            " AND name_id = (SELECT name_id FROM names WHERE name = ?)",
            (rank, label_id, name),
        )


def _names_of(connection: sqlite3.Connection, label_ids: Iterable[int]) -> set[str]:
    names: set[str] = set()
    for label_id in label_ids:
        details = connection.execute("SELECT details FROM labels WHERE label_id = ?", (label_id,)).fetchone()
        if details:
            names |= drug_names(stub_label(json.loads(details[0])))
    return names


def stub_label(details: dict[str, object]) -> Label:
    """Return a label with the stored details only, for functions that need the names."""
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in details.items()}
    return Label(set_id="-", version=1, effective_date="", sections=(), **values)  # type: ignore[arg-type]
