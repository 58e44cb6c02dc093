"""The starter monographs in a store of their own, and an assistant over it that quotes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from drug_llm.answering.assistant import Assistant
from drug_llm.labels.ingest import ingest
from drug_llm.labels.label import Label
from drug_llm.labels.schema import connect
from drug_llm.labels.store import LabelStore
from drug_llm.labels.writing import write_batch
from drug_llm.models.sentence_encoder import load_sentence_encoder
from tests.conftest import REPOSITORY


def stored(path: Path, labels: Sequence[Label]) -> LabelStore:
    """Return a store of these labels."""
    connection = connect(path, create=True)
    connection.execute("BEGIN IMMEDIATE")
    write_batch(connection, labels)
    connection.execute("COMMIT")
    connection.close()
    return LabelStore(path)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> LabelStore:
    path = tmp_path_factory.mktemp("store") / "labels.sqlite"
    ingest(path, [REPOSITORY / "data/monographs"])
    return LabelStore(path)


@pytest.fixture(scope="session")
def assistant(store: LabelStore, tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return Assistant(store, encoder=load_sentence_encoder(), vectors=tmp_path_factory.mktemp("vectors"))
