"""The tables of the label store and how a connection to it is opened."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from drug_llm.errors import LabelError, StorageError

SCHEMA_VERSION = "1"
SECTIONS_PER_LABEL = 4096
"""`section_id` is `label_id * SECTIONS_PER_LABEL + position`, so the sections of a label lie together."""
_CACHE_KIB = 65_536
_BUSY_MS = 30_000

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE sources (
    fingerprint TEXT PRIMARY KEY,  -- SHA-256 of the file and of the reader's version
    name TEXT NOT NULL,
    labels INTEGER NOT NULL,       -- labels of the file that are stored already
    skipped INTEGER NOT NULL,      -- entries of the file that could not be read
    is_complete INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE labels (
    label_id INTEGER PRIMARY KEY,
    set_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    effective_date TEXT NOT NULL,
    source TEXT NOT NULL,
    labeler TEXT NOT NULL,
    product_type TEXT NOT NULL,
    title TEXT NOT NULL,
    details TEXT NOT NULL,         -- JSON: names, routes, codes
    content_hash BLOB NOT NULL,    -- same for labels that differ in packaging only
    preference TEXT NOT NULL,      -- sorts the better label first, see choice.py
    characters INTEGER NOT NULL,
    is_current INTEGER NOT NULL DEFAULT 0,  -- the newest version of its set id
    is_chosen INTEGER NOT NULL DEFAULT 0,   -- the best current label of its content hash; only these are searched
    UNIQUE (set_id, version)
);
CREATE INDEX labels_by_content ON labels (content_hash, is_current);
CREATE TABLE texts (
    text_id INTEGER PRIMARY KEY,
    sha256 BLOB NOT NULL UNIQUE,
    text TEXT NOT NULL
);
CREATE TABLE sections (
    section_id INTEGER PRIMARY KEY,
    text_id INTEGER NOT NULL REFERENCES texts,
    depth INTEGER NOT NULL,        -- 0 for the outermost; a section belongs to the last one that is less deep
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    number TEXT NOT NULL,
    loinc TEXT NOT NULL,
    refs TEXT NOT NULL             -- section numbers taken out of the text, separated by spaces
);
CREATE VIEW summaries AS
    SELECT label_id, set_id, version, effective_date, source, labeler, product_type, title, details, is_current,
        is_chosen FROM labels;
CREATE VIEW section_texts AS
    SELECT section_id, title, text FROM sections JOIN texts USING (text_id);
CREATE VIRTUAL TABLE section_index USING fts5 (
    title, text, content='section_texts', content_rowid='section_id', tokenize='porter unicode61 remove_diacritics 2'
);
CREATE TABLE names (name_id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE VIRTUAL TABLE name_index USING fts5 (
    name, content='names', content_rowid='name_id', tokenize='unicode61 remove_diacritics 2', prefix='2 3'
);
CREATE TABLE drug_labels (         -- chosen labels by the names of their drug, the best first
    name_id INTEGER NOT NULL REFERENCES names,
    preference TEXT NOT NULL,
    label_id INTEGER NOT NULL REFERENCES labels,
    PRIMARY KEY (name_id, preference, label_id)
) WITHOUT ROWID;
"""


def connect(path: Path, *, create: bool = False) -> sqlite3.Connection:
    """Return a connection to the store at `path`; transactions are begun by hand.

    Raises StorageError when the file cannot be opened, LabelError when it is no label store.
    """
    if create:
        path.parent.mkdir(parents=True, exist_ok=True)
    elif not path.is_file():
        raise StorageError(
            f"{path}: no label store found; expected an SQLite file. Make one with `drug-llm labels ingest PATH`."
        )
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=_BUSY_MS / 1000)
        _set_up(connection, create=create)
    except sqlite3.OperationalError as error:
        raise StorageError(
            f"{path}: cannot be opened as a label store ({error}). Check the path and its rights."
        ) from error
    except sqlite3.DatabaseError as error:
        raise LabelError(f"{path}: not a label store ({error}). Give the file that `labels ingest` made.") from error
    _check_version(connection, path)
    return connection


def _set_up(connection: sqlite3.Connection, *, create: bool) -> None:
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA mmap_size = 268435456")
    if not create:
        return
    connection.execute("PRAGMA journal_mode = WAL")
    # With WAL this cannot damage the file; a power cut can only lose the last transactions.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("BEGIN IMMEDIATE")
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
        for statement in _statements():
            connection.execute(statement)
        connection.execute("INSERT INTO meta VALUES ('schema_version', ?)", (SCHEMA_VERSION,))
    connection.execute("COMMIT")


def _statements() -> list[str]:
    # `executescript` would commit first, and a kill in the middle would leave half a schema.
    lines = [line.split("--")[0] for line in _TABLES.splitlines()]
    return [statement for statement in "\n".join(lines).split(";") if statement.strip()]


def _check_version(connection: sqlite3.Connection, path: Path) -> None:
    try:
        row = connection.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone()
    except sqlite3.DatabaseError:
        row = None
    if row is None or row[0] != SCHEMA_VERSION:
        found = "no version" if row is None else f"version {row[0]!r}"
        raise LabelError(f"{path}: label store with {found}; expected {SCHEMA_VERSION!r}. Ingest into a new file.")
