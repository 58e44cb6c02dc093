"""The label store: labels by set id, by name and by what they say. Reading only; see `ingest`."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from drug_llm.errors import LabelError
from drug_llm.labels.choice import without_salt
from drug_llm.labels.label import Label, Passage
from drug_llm.labels.ranking import match_expression, rank
from drug_llm.labels.rows import (
    Hit,
    LabelSummary,
    details_from,
    nested_sections,
    passage_from,
    summary_from,
)
from drug_llm.labels.schema import SECTIONS_PER_LABEL, connect
from drug_llm.labels.writing import section_range

LABELS_PER_DRUG = 8
"""Labels of a drug that a search within it looks through, the best first; the others say much the same."""
_COUNTED = {
    "source": "SELECT source, count(*) FROM labels WHERE is_current GROUP BY 1 ORDER BY 2 DESC, 1",
    "product_type": "SELECT product_type, count(*) FROM labels WHERE is_current GROUP BY 1 ORDER BY 2 DESC, 1",
    "labeler": "SELECT labeler, count(*) FROM labels WHERE is_current GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 20",
}


class LabelStore:
    """A store that is open for reading, also while another process writes it. Threads may share it."""

    def __init__(self, path: Path) -> None:
        """Open the store; raises StorageError when the file is missing, LabelError when it is no store."""
        self.path = path
        self._threads = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._execute("SELECT 1")

    def __enter__(self) -> LabelStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections of all threads."""
        while self._opened:
            self._opened.pop().close()
        self._threads = threading.local()

    def _execute(self, statement: str, values: tuple[Any, ...] = ()) -> sqlite3.Cursor:
        connection = getattr(self._threads, "connection", None)
        if connection is None:
            connection = self._threads.connection = connect(self.path)
            self._opened.append(connection)
        try:
            return connection.execute(statement, values)
        except sqlite3.DatabaseError as error:
            raise LabelError(f"{self.path}: cannot be read ({error}). Restore the store or ingest again.") from error

    def find(self, set_id: str, version: int | None = None) -> LabelSummary:
        """Return one version of a label, the newest by default.

        Raises LabelError when the store does not have it.
        """
        rows = self._execute(
            "SELECT * FROM summaries WHERE set_id = ? AND version = coalesce(?, version) ORDER BY version DESC LIMIT 1",
            (set_id, version),
        ).fetchall()
        if not rows:
            wanted = set_id if version is None else f"{set_id} version {version}"
            raise LabelError(f"Label {wanted} is not in {self.path}. Look for it with `drug-llm labels list NAME`.")
        return summary_from(rows[0])

    def versions(self, set_id: str) -> list[LabelSummary]:
        """Return all stored versions of a label, the newest first; empty when there is none."""
        rows = self._execute("SELECT * FROM summaries WHERE set_id = ? ORDER BY version DESC", (set_id,))
        return [summary_from(row) for row in rows]

    def get(self, set_id: str, version: int | None = None) -> Label:
        """Return a whole label, the newest version by default.

        Raises LabelError when the store does not have it.
        """
        return self._label(self.find(set_id, version))

    def _label(self, summary: LabelSummary) -> Label:
        details = self._execute("SELECT details FROM labels WHERE label_id = ?", (summary.label_id,)).fetchone()[0]
        rows = self._execute(
            "SELECT depth, name, title, text, number, loinc, refs FROM sections JOIN texts USING (text_id)"
            " WHERE section_id BETWEEN ? AND ? ORDER BY section_id",
            section_range(summary.label_id),
        ).fetchall()
        sections, _ = nested_sections(rows, 0, 0)
        return Label(
            set_id=summary.set_id,
            version=summary.version,
            effective_date=summary.effective_date,
            labeler=summary.labeler,
            product_type=summary.product_type,
            source=summary.source,
            title=summary.title,
            sections=sections,
            **details_from(details),
        )

    def passages(self, set_id: str, *, version: int | None = None, section: str | None = None) -> list[Passage]:
        """Return the sections of a label that have text, in order.

        `section` is a key (`warnings_and_precautions/5.1`) or a name; a name also gives all
        sections of that name. Raises LabelError when the store does not have the label.
        """
        summary = self.find(set_id, version)
        rows = self._passage_rows([summary.label_id])
        passages = [passage_from(summary, row) for row in rows]
        if section is None:
            return passages
        exact = [passage for passage in passages if passage.section == section]
        return exact if exact and "/" in section else [p for p in passages if section in (p.name, p.section)]

    def section_text(self, set_id: str, section: str, *, version: int | None = None) -> str:
        """Return the stored text of the section with this key, to which `start` and `end` of citations point.

        Raises LabelError when the store has no such label or section.
        """
        summary = self.find(set_id, version)
        first, last = section_range(summary.label_id)
        row = self._execute(
            "SELECT text FROM sections JOIN texts USING (text_id) WHERE section_id BETWEEN ? AND ? AND key = ?",
            (first, last, section),
        ).fetchone()
        if row is None:
            raise LabelError(
                f"Label {set_id} version {summary.version} has no section {section!r}. "
                f"List its sections with `drug-llm labels show {set_id}`."
            )
        return str(row[0])

    def _passage_rows(self, label_ids: list[int]) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        for label_id in label_ids:
            rows += self._execute(
                "SELECT ?, key, name, title, text FROM sections JOIN texts USING (text_id)"
                " WHERE section_id BETWEEN ? AND ? AND text <> '' ORDER BY section_id",
                (label_id, *section_range(label_id)),
            ).fetchall()
        return rows

    def by_name(self, name: str, *, limit: int = 20) -> list[LabelSummary]:
        """Return the chosen current labels of the drug with this generic or brand name, the best first.

        An exact name is looked for first, then names that begin with it, then names that have all its words.
        """
        for name_ids in self._name_matches(" ".join(name.lower().split())):
            labels = self._labels_named(name_ids, limit)
            if labels:
                return labels
        return []

    def _name_matches(self, name: str) -> Iterator[list[int]]:
        for exact in dict.fromkeys((name, without_salt(name))):
            yield [row[0] for row in self._execute("SELECT name_id FROM names WHERE name = ?", (exact,))]
        words = "".join(char if char.isalnum() else " " for char in name).split()[:8]
        if words:
            # The caret holds the first word to the start of the name.
            for expression in (_all_words(words, "^ "), _all_words(words, "")):
                yield [
                    row[0]
                    for row in self._execute(
                        "SELECT rowid FROM name_index WHERE name_index MATCH ? ORDER BY length(name), name LIMIT 50",
                        (expression,),
                    )
                ]

    def _labels_named(self, name_ids: list[int], limit: int) -> list[LabelSummary]:
        best: list[tuple[str, int]] = []
        for name_id in name_ids:
            best += self._execute(
                "SELECT preference, label_id FROM drug_labels WHERE name_id = ? ORDER BY preference LIMIT ?",
                (name_id, limit),
            ).fetchall()
        return [self._by_id(label_id) for _, label_id in sorted(set(best))[:limit]]

    def _by_id(self, label_id: int) -> LabelSummary:
        return summary_from(self._execute("SELECT * FROM summaries WHERE label_id = ?", (label_id,)).fetchone())

    def names(self) -> list[str]:
        """Return every generic and brand name of the store in lower case, in alphabetical order."""
        return [row[0] for row in self._execute("SELECT name FROM names ORDER BY name")]

    def drugs(self) -> dict[str, str]:
        """Return for every name the ingredients, without salts, of the first label that it leads to.

        They are joined by " and "; an ingredient stands for itself, also where it comes in combinations only.
        """
        rows = self._execute(
            "SELECT name, details, min(drug_labels.preference) FROM names JOIN drug_labels USING (name_id)"
            " JOIN labels USING (label_id) GROUP BY name_id ORDER BY name"
        )
        return {name: _stands_for(name, details_from(details)["generic_names"]) for name, details, _ in rows}

    def search(
        self,
        query: str,
        *,
        drug: str | None = None,
        set_id: str | None = None,
        section: str | None = None,
        limit: int = 10,
    ) -> list[Hit]:
        """Return the passages that hold words of the query, the best first.

        Looks through the label `set_id`, else the best LABELS_PER_DRUG labels of `drug`, else the
        whole store; in sections named `section` only, where that is given.
        """
        if set_id is None and drug is None:
            return self._search_all(query, section, limit)
        labels = [self.find(set_id)] if set_id is not None else self.by_name(drug or "", limit=LABELS_PER_DRUG)
        summaries = {label.label_id: label for label in labels}
        rows = [row for row in self._passage_rows(list(summaries)) if section in (None, row[1], row[2])]
        ranked = rank(query, [(row[3], row[4]) for row in rows])
        hits = [Hit(passage_from(summaries[rows[place][0]], rows[place]), summaries[rows[place][0]], score)
                for score, place in ranked[: limit * LABELS_PER_DRUG]]  # fmt: skip
        return _without_copies(hits)[:limit]

    def _search_all(self, query: str, section: str | None, limit: int) -> list[Hit]:
        expression = match_expression(query)
        if not expression:
            return []
        rows = self._execute(
            "SELECT found.section_id / ?, key, name, sections.title, text, score FROM"
            " (SELECT rowid AS section_id, -bm25(section_index, 3.0, 1.0) AS score FROM section_index"
            "  WHERE section_index MATCH ? ORDER BY rank LIMIT ?) AS found"
            " JOIN sections USING (section_id) JOIN texts USING (text_id)",
            (SECTIONS_PER_LABEL, expression, limit * (50 if section else 4)),
        ).fetchall()
        hits = []
        for row in sorted(rows, key=lambda one: -one[5]):
            if section in (None, row[1], row[2]):
                summary = self._by_id(row[0])
                hits.append(Hit(passage_from(summary, row), summary, row[5]))
        return _without_copies(hits)[:limit]

    def summaries(self, *, current_only: bool = True) -> Iterator[LabelSummary]:
        """Yield the stored labels in the order of their set ids."""
        query = "SELECT * FROM summaries WHERE is_current OR ? ORDER BY set_id, version"
        for row in self._execute(query, (not current_only,)):
            yield summary_from(row)

    def labels(self, *, current_only: bool = True, chosen_only: bool = False) -> Iterator[Label]:
        """Yield whole labels in the order of their set ids; with `chosen_only` one of each content."""
        for summary in self.summaries(current_only=current_only):
            if summary.is_chosen or not chosen_only:
                yield self._label(summary)

    def copies(self, set_id: str) -> list[LabelSummary]:
        """Return the other current labels with the same clinical text, the better first."""
        rows = self._execute(
            "SELECT summaries.* FROM labels JOIN summaries USING (label_id)"
            " WHERE labels.is_current AND labels.set_id <> ? AND content_hash ="
            " (SELECT content_hash FROM labels WHERE set_id = ? AND is_current) ORDER BY preference",
            (set_id, set_id),
        )
        return [summary_from(row) for row in rows]

    def counts(self) -> dict[str, int]:
        """Return how many labels, versions, contents, drugs, sections and characters the store holds."""
        queries = {
            "versions": "SELECT count(*) FROM labels",
            "labels": "SELECT count(*) FROM labels WHERE is_current",
            "distinct_labels": "SELECT count(*) FROM labels WHERE is_chosen",
            "names": "SELECT count(*) FROM names",
            "sections": "SELECT count(*) FROM sections",
            "distinct_texts": "SELECT count(*) FROM texts",
            "files": "SELECT count(*) FROM sources WHERE is_complete",
            "unfinished_files": "SELECT count(*) FROM sources WHERE NOT is_complete",
        }
        return {name: self._execute(query).fetchone()[0] for name, query in queries.items()}

    def counts_by(self, column: str) -> dict[str, int]:
        """Return how many current labels there are by `source`, `product_type` or `labeler`."""
        if column not in _COUNTED:
            raise LabelError(f"Labels are not counted by {column!r}; expected one of {', '.join(_COUNTED)}.")
        return dict(self._execute(_COUNTED[column]).fetchall())


def _stands_for(name: str, generic_names: tuple[str, ...]) -> str:
    held = [without_salt(generic.lower()) for generic in generic_names]
    plain = without_salt(name)
    return plain if plain in held or not held else " and ".join(held)


def _all_words(words: list[str], start: str) -> str:
    return " AND ".join(f'{start if place == 0 else ""}"{word}"*' for place, word in enumerate(words))


def _without_copies(hits: list[Hit]) -> list[Hit]:
    """Keep the best hit of each text; labels of one drug share many."""
    first: dict[str, Hit] = {}
    for hit in hits:
        first.setdefault(hit.passage.text, hit)
    return list(first.values())
