"""The commands as a user types them: each in a process of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from drug_llm.models.embedded import INSTALL_COMMAND, embedded_gguf
from tests.conftest import REPOSITORY, files_below, write_jsonl

needs_embedded = pytest.mark.skipif(embedded_gguf() is None, reason=f"needs the embedded base: {INSTALL_COMMAND}")

TEXT_COMMANDS = [
    ["--help"],
    ["--version"],
    ["train", "--help"],
    ["dataset", "build", "--help"],
    ["dataset", "check", "--base-model", "none", "data/processed/train.jsonl"],
    [
        "dataset",
        "build",
        "--monographs",
        str(REPOSITORY / "data/monographs"),
        "--train",
        "t.jsonl",
        "--eval",
        "e.jsonl",
    ],
]


def run(*words: str, program: str = "drug-llm", stdin: str = "", **options: str) -> subprocess.CompletedProcess[str]:
    start = ["-m", "drug_llm"] if program == "drug-llm" else [str(REPOSITORY / program)]
    return subprocess.run(
        [sys.executable, *start, *words],
        env=os.environ | {"PYTHONPATH": str(REPOSITORY), "HF_HUB_OFFLINE": "1"} | options,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=200,
    )


@pytest.mark.parametrize("words", TEXT_COMMANDS, ids=" ".join)
def test_command_that_needs_no_model_never_imports_torch(project: Path, words: list[str]) -> None:
    code = f"import sys; from drug_llm.cli import main\ntry: main({words!r})\nexcept SystemExit: pass\n"
    code += "assert not {'torch', 'transformers', 'datasets'} & set(sys.modules), 'heavy import'"
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_help_comes_within_three_tenths_of_a_second() -> None:
    times = []
    for _ in range(5):
        started = time.perf_counter()
        assert run("--help").returncode == 0
        times.append(time.perf_counter() - started)
    assert min(times) < 0.3


def test_train_help_lists_every_setting_with_its_meaning() -> None:
    from drug_llm.settings import describe
    from drug_llm.training.config import TrainConfig

    text = re.sub(r"\s+", " ", run("--help", program="train.py").stdout)
    for key, default, meaning in describe(TrainConfig):
        assert len(meaning) > 20, key
        assert f"{key}={default}" in text
        assert meaning in text


BAD_SETTINGS = [
    (["learning_rat=1"], "unknown setting `learning_rat`. Did you mean `learning_rate`?"),
    (["epochs"], "expected key=value"),
    (["batch_size=0"], "batch_size=0: expected 1 or more"),
    (["batch_size=2.5"], "batch_size=2.5: expected a whole number"),
    (["learning_rate=fast"], "learning_rate=fast: expected a number"),
    (["learning_rate=nan"], "learning_rate=nan: expected a number above 0"),
    (["lora_dropout=1"], "lora_dropout=1.0: expected a number from 0 to below 1"),
    (["overwrite=maybe"], "overwrite=maybe: expected true or false"),
    (["run_name=../up"], "run_name=../up: expected a name without /"),
    (["base_model=no/such/folder"], "no/such/folder"),
    (["train_file=missing.jsonl"], "missing.jsonl: No such file"),
    (["--config", "missing.yaml"], "missing.yaml: no such file"),
    (["results_dir=data/processed/train.jsonl/x"], "A file stands where a folder is needed"),
]


@pytest.mark.parametrize(("words", "message"), BAD_SETTINGS, ids=lambda value: str(value)[:40])
def test_bad_setting_is_one_line_and_exit_code_2_and_changes_nothing(
    project: Path, words: list[str], message: str
) -> None:
    before = files_below(project)
    done = run(*words, program="train.py")
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert files_below(project) == before


@pytest.mark.parametrize("content", ["just text", "a: [1", "learning_rat: 1", "batch_size: many", "- 1"])
def test_bad_config_file_is_named(project: Path, content: str) -> None:
    (project / "bad.yaml").write_text(content)
    done = run("--config", "bad.yaml", program="train.py")
    assert done.returncode == 2
    assert done.stderr.startswith("train.py: bad.yaml: ")


def test_two_bad_lines_name_the_first_and_change_nothing(project: Path) -> None:
    (project / "data/processed/train.jsonl").write_text('{"input": "a"\n{"input": 1, "output": "b"}\n')
    before = files_below(project)
    done = run(program="train.py")
    assert done.returncode == 2
    assert done.stderr.startswith("train.py: data/processed/train.jsonl:1: broken JSON at column 14")
    assert "2 bad lines in all" in done.stderr
    assert files_below(project) == before


def test_full_disk_is_said_and_nothing_is_lost(project: Path, tiny_base: Path) -> None:
    """A file size limit makes the system refuse to write, as a full disk does."""
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000));"
        "from drug_llm.storage import write_text; from pathlib import Path; from drug_llm.errors import StorageError\n"
        "try: write_text(Path('kept.txt'), 'x' * 9000)\n"
        "except StorageError as error: print(error)"
    )
    (project / "kept.txt").write_text("old")
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert "File too large" in done.stdout
    assert "choose another folder" in done.stdout
    assert (project / "kept.txt").read_text() == "old"
    assert files_below(project) == {"kept.txt", "data/processed/train.jsonl", "data/evaluation/eval.jsonl"}


def test_dataset_check_finds_every_bad_line_in_one_pass(project: Path, tiny_base: Path) -> None:
    long = {"input": "word " * 300, "output": "b"}
    path = write_jsonl(project / "mine.jsonl", [{"input": "a", "output": "b"}, {"input": ""}, long])
    done = run("dataset", "check", str(path), "--base-model", str(tiny_base), "--max-tokens", "200")
    assert done.returncode == 2
    assert f"{path}:2: `input` is empty" in done.stdout
    assert f"{path}:3: prompt and answer take" in done.stdout
    assert "1 examples can be used, 2 lines would be dropped" in done.stdout
    assert run("dataset", "check", "data/processed/train.jsonl", "--base-model", str(tiny_base)).returncode == 0


def test_dataset_build_reproduces_the_shipped_files_byte_for_byte(tmp_path: Path) -> None:
    files = [tmp_path / "train.jsonl", tmp_path / "eval.jsonl", tmp_path / "seen.jsonl"]
    monographs = str(REPOSITORY / "data/monographs")
    words = ["--monographs", monographs, "--train", str(files[0]), "--eval", str(files[1]), "--seen", str(files[2])]
    assert run("dataset", "build", *words, PYTHONHASHSEED="1").returncode == 0
    names = ("data/processed/train.jsonl", "data/evaluation/eval.jsonl", "data/evaluation/eval_seen.jsonl")
    shipped = [REPOSITORY / name for name in names]
    for made, kept in zip(files, shipped, strict=True):
        assert made.read_bytes() == kept.read_bytes()


@pytest.fixture(scope="module")
def trained(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which `train.py` has run on the tiny base model, settings from file and command line."""
    from tests.conftest import simple_examples

    folder = tmp_path_factory.mktemp("trained")
    write_jsonl(folder / "data/processed/train.jsonl", simple_examples(0, 10))
    write_jsonl(folder / "data/evaluation/eval.jsonl", simple_examples(40, 3))
    (folder / "mine.yaml").write_text(f"base_model: {tiny_base}\nlearning_rate: 1e-2\nepochs: 9\n")
    before = Path.cwd()
    os.chdir(folder)
    try:
        done = run("--config", "mine.yaml", "epochs=2", "batch_size=2", "gradient_accumulation=2", program="train.py")
    finally:
        os.chdir(before)
    assert done.returncode == 0, done.stderr
    assert "10 updates" in done.stdout
    assert re.search(r"eval loss \d\.\d+, perplexity", done.stdout)
    return folder


def test_evaluate_shows_base_and_tuned_side_by_side(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(trained)
    figures = json.loads(run("evaluate", "--json").stdout)
    metrics = json.loads(next((trained / "results").glob("*/metrics.json")).read_text())
    assert figures["base"]["loss"] == pytest.approx(metrics["base"]["loss"], rel=1e-3)
    assert figures["tuned"]["loss"] == pytest.approx(metrics["eval"]["loss"], rel=1e-3)
    assert figures["tuned"]["loss"] < figures["base"]["loss"]
    assert re.search(r"base +\d+\.\d+ +\d+\.\d+\ntuned", run("evaluate").stdout)


def test_answer_from_memory_is_marked_as_closed_book(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(trained)
    words = ["ask", "--mode", "closed-book"]
    done = run(*words, "What is drug number 3 for?")
    assert done.returncode == 0
    assert "closed-book" in done.stdout
    first, second = (json.loads(run(*words, "--json", "What is drug number 3 for?").stdout) for _ in range(2))
    assert first == second
    assert first["mode"] == "closed-book"
    assert first["citations"] == []


def test_closed_book_chat_answers_until_the_user_leaves(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(trained)
    stdin = "What is drug number 3 for?\n/new\nHow is it taken?\n/quit\nnever read\n"
    done = run("chat", "--mode", "closed-book", stdin=stdin)
    assert done.returncode == 0
    assert done.stdout.count("drug-llm>") == 2
    assert "Forgotten." in done.stdout


@needs_embedded
def test_answer_quotes_what_the_reference_adapter_judges_to_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)
    done = run("ask", "--json", "What is lisinopril used for?")
    answer = json.loads(done.stdout)
    assert answer["model"] == "reference"
    assert answer["citations"][0]["section"] == "indications_and_usage"
    assert "high blood pressure" in answer["answer"]


def test_answer_quotes_a_label_and_cites_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)
    done = run("ask", "--mode", "quote", "What is lisinopril used for?")
    assert done.returncode == 0
    assert "high blood pressure" in done.stdout
    assert "[1] monograph:lisinopril v1, indications_and_usage" in done.stdout
    assert "Label: Zestril (lisinopril), oral, " in done.stdout
    quick = run("ask", "--mode", "quote", "--json", "What is lisinopril used for?")
    assert json.loads(quick.stdout)["model"] == "quote"


def test_how_sure_an_answer_must_be_can_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)
    asked = ("--mode", "quote", "--json", "can lisinopril make me faint while standing up")
    assert json.loads(run("ask", *asked).stdout)["abstained"]
    assert not json.loads(run("ask", "--sure", "0.3", *asked).stdout)["abstained"]
    wrong = run("ask", "--sure", "2", *asked)
    assert wrong.returncode == 2
    assert "found '2'; expected a number from 0 to 1" in wrong.stderr


def test_chat_remembers_the_drug_under_discussion(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)
    done = run(
        "chat", "--mode", "quote", stdin="what is metformin for\nand how is it stored?\n/new\nhow is it stored?\n"
    )
    told = done.stdout.split("drug-llm> ")
    assert "monograph:metformin v1, storage_and_handling" in told[2]
    assert "abstained: no_drug_found" in told[3]


def test_batch_is_answered_and_verified_and_one_altered_character_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(REPOSITORY)
    questions = [
        {"id": "a", "question": "What is lisinopril used for?"},
        {"id": "b", "question": "how is it stored", "drug": "metformin"},
        {"id": "c", "question": "What is the capital of Australia?"},
    ]
    file, answers = write_jsonl(tmp_path / "q.jsonl", questions), tmp_path / "answers.jsonl"
    done = run("ask", "--mode", "quote", "--batch", str(file), "--out", str(answers))
    assert done.returncode == 0
    lines = [json.loads(line) for line in answers.read_text().splitlines()]
    assert [line["id"] for line in lines] == ["a", "b", "c"]
    assert [line["abstained"] for line in lines] == [False, False, True]
    assert run("verify", str(answers)).returncode == 0
    answers.write_text(answers.read_text().replace("high blood pressure", "low blood pressure", 1))
    done = run("verify", str(answers))
    assert done.returncode == 1
    assert "answers.jsonl:1: " in done.stdout


def test_question_without_a_model_says_how_to_get_one(project: Path) -> None:
    done = run("ask", "--mode", "closed-book", "Anything?")
    assert done.returncode == 2
    assert "no final checkpoint there. Train one with `python train.py`" in done.stderr


def test_doctor_says_what_is_missing_and_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("doctor")
    for part in ("python", "cores", "memory", "torch", "base_model=auto takes", "drug-llm dataset build"):
        assert part in done.stdout


def test_killed_run_goes_on_with_the_same_command(trained: Path, tiny_base: Path, project: Path) -> None:
    words = [f"base_model={tiny_base}", "epochs=400", "save_steps=5", "eval_steps=1000", "run_name=killed"]
    command = [sys.executable, str(REPOSITORY / "train.py"), *words]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    checkpoints = project / "results/killed/checkpoints"
    deadline = time.monotonic() + 60
    while not list(checkpoints.glob("step-*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.kill()
    process.wait()
    done = run(*words[:1], "epochs=400", "save_steps=5", "eval_steps=1000", "run_name=killed", program="train.py")
    assert done.returncode == 0, done.stderr
    assert re.search(r"Run killed goes on after update [1-9]", done.stdout)
