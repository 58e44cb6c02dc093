"""The same question gets the same answer, whatever else is asked and however many threads work."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

from drug_llm.answering.answer import Answer
from drug_llm.answering.assistant import Assistant, open_store
from drug_llm.models.embedded import cache_folder
from drug_llm.models.sentence_encoder import load_sentence_encoder
from tests.conftest import REPOSITORY

QUESTIONS = (
    "What is lisinopril used for?",
    "starting dose of metformin, and can it be taken in pregnancy",
    "can i take warfarin with ibuprofen",
    "does gabapentin make you dizzy",
    "how do I store amoxicillin",
    "Is zolpidem safe for my 80 year old father?",
)
ASK = """
import sys
from tests.answering.test_same_answer import QUESTIONS, new_assistant, written
print(written([new_assistant(sys.argv[1]).answer(question) for question in QUESTIONS]))
"""


def new_assistant(folder: str) -> Assistant:
    store = open_store(None, REPOSITORY / "data/monographs")
    return Assistant(store, encoder=load_sentence_encoder(), vectors=Path(folder))


def written(answers: list[Answer]) -> str:
    lines = [answer.to_json() for answer in answers]
    return json.dumps([{key: value for key, value in line.items() if key != "elapsed_ms"} for line in lines])


@pytest.fixture(scope="module")
def expected() -> str:
    assistant = new_assistant(str(cache_folder() / "vectors"))
    return written([assistant.answer(question) for question in QUESTIONS])


def test_order_and_company_change_nothing(expected: str) -> None:
    assistant = new_assistant(str(cache_folder() / "vectors"))
    backwards = [assistant.answer(question) for question in reversed(QUESTIONS)]
    assert written(backwards[::-1]) == expected


def test_threads_of_one_assistant_change_nothing(expected: str) -> None:
    assistant = new_assistant(str(cache_folder() / "vectors"))
    with ThreadPoolExecutor(4) as pool:
        assert written(list(pool.map(assistant.answer, QUESTIONS))) == expected


def test_new_process_with_other_threads_and_new_vectors_gives_the_same_bytes(tmp_path: Path, expected: str) -> None:
    threads = 1 if torch.get_num_threads() > 1 else 2
    command = [sys.executable, "-c", ASK, str(tmp_path)]
    environment = os.environ | {"OMP_NUM_THREADS": str(threads), "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=REPOSITORY, check=True)
    assert done.stdout.strip() == expected
