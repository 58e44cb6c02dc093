"""Figures of the label store: ingestion, a store of 250,000 labels, fuzzing.

    python benchmarks/labels.py ingest            # labels a second, from an openFDA bulk file to the index
    python benchmarks/labels.py store --labels 250000
    python benchmarks/labels.py fuzz --cases 10000

Real labels are read from DRUG_LLM_SHARED, or from the folder `shared` beside the repository, and
varied: see `varied_results` and `varied_labels`. Everything is written to a temporary folder.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from drug_llm.labels.ingest import ingest
from drug_llm.labels.label import Label, Section
from drug_llm.labels.read import read_labels
from drug_llm.labels.schema import connect
from drug_llm.labels.store import LabelStore
from drug_llm.labels.writing import write_batch

REPOSITORY = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("DRUG_LLM_SHARED") or REPOSITORY.parent / "shared") / "labels"
NAMES_PER_DRUG = 60
"""The labels of one real drug are spread over so many invented drugs, about as openFDA has drugs."""
COPIES = 3
"""Labels of each text: two in three of the varied labels are another packager's copy."""
BATCH = 500
QUERIES = (
    "maximum daily dose",
    "use in pregnancy",
    "liver injury",
    "store at room temperature",
    "common side effects",
    "kidney impairment dose adjustment",
    "alcohol",
    "missed dose",
    "children under 12",
    "overdose symptoms",
)


def machine() -> str:
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, load {load:.1f}"


def peak_mib(who: int = resource.RUSAGE_SELF) -> float:
    return resource.getrusage(who).ru_maxrss / 1024


def varied_results(count: int) -> Iterator[str]:
    """The 100 real openFDA results again and again, under other set ids and drug names."""
    results = json.loads((SHARED / "openfda" / "labels_100.json").read_text())
    for n in range(count):
        result = results[n % len(results)]
        text = json.dumps(result).replace(result["set_id"], set_id(n))
        for name in result["openfda"].get("generic_name", [])[:1]:
            for word in {name, name.lower(), name.capitalize()}:
                text = text.replace(word, f"{word}{n // len(results)}")
        yield text


def set_id(number: int) -> str:
    return f"{number:08d}-0000-4000-8000-000000000000"


def varied_labels(count: int) -> Iterator[Label]:
    """Real labels under invented drug names and set ids.

    The drug's name and the strengths differ in every section that has them, so such texts are shared
    by copies only. Of COPIES labels with one text all but the first are repackagers'.
    """
    paths = [SHARED / "openfda" / "labels_100.json", SHARED / "spl"]
    real = [label for path in paths for label in read_labels(path) if label.generic_names]
    for n in range(count):
        text_number = n // COPIES
        base = real[text_number % len(real)]
        variant = text_number // len(real)
        label = renamed(base, f"{base.generic_names[0].split()[0]}{variant % NAMES_PER_DRUG}", variant)
        yield replace(label, set_id=set_id(n), version=1, labeler=f"Company {n % 977}", is_original=n % COPIES == 0)


def renamed(base: Label, name: str, variant: int) -> Label:
    old = base.generic_names[0].split()[0]
    words = (
        (old, name),
        (old.capitalize(), name.capitalize()),
        (old.upper(), name.upper()),
        (" mg", f"{variant} mg"),
    )
    brand = f"Brand{name}{variant % 3}"
    return replace(
        base,
        generic_names=(name, *base.generic_names[1:]),
        brand_names=(brand,),
        sections=tuple(reworded(section, words) for section in base.sections),
    )


def reworded(section: Section, words: tuple[tuple[str, str], ...]) -> Section:
    text = section.text
    for old, new in words:
        text = text.replace(old, new)
    return replace(section, text=text, subsections=tuple(reworded(child, words) for child in section.subsections))


def run_ingest(count: int, folder: Path) -> None:
    bulk = folder / "bulk.json"
    with bulk.open("w") as out:
        out.write('{"meta": {}, "results": [')
        for place, result in enumerate(varied_results(count)):
            out.write(("," if place else "") + result)
        out.write("]}")
    start, cpu = time.perf_counter(), time.process_time()
    report = ingest(folder / "ingest.sqlite", [bulk])
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    print(
        f"ingest: {report.new} labels of {bulk.stat().st_size / count / 1024:.0f} KiB in {seconds:.1f} s: "
        f"{report.new / seconds:.0f} labels/s, {1000 * cpu / report.new:.2f} ms of CPU a label, "
        f"peak {peak_mib():.0f} MiB and {peak_mib(resource.RUSAGE_CHILDREN):.0f} MiB in the reading process, "
        f"store {size_mib(folder / 'ingest.sqlite'):.0f} MiB"
    )


def size_mib(path: Path) -> float:
    return sum(part.stat().st_size for part in path.parent.glob(path.name + "*")) / 2**20


def run_store(count: int, folder: Path) -> None:
    path = folder / "large.sqlite"
    start = time.perf_counter()
    connection = connect(path, create=True)
    labels = varied_labels(count)
    written = 0
    while batch := list(islice(labels, BATCH)):
        connection.execute("BEGIN IMMEDIATE")
        write_batch(connection, batch)
        connection.execute("COMMIT")
        written += len(batch)
        if written % 25_000 == 0:
            print(f"  {written} labels, {time.perf_counter() - start:.0f} s, {size_mib(path):.0f} MiB", flush=True)
    connection.close()
    seconds = time.perf_counter() - start
    print(
        f"store: {count} labels written in {seconds:.0f} s ({count / seconds:.0f} labels/s with their making), "
        f"{size_mib(path):.0f} MiB on disk, peak {peak_mib():.0f} MiB"
    )
    searches(path)


def searches(path: Path) -> None:
    chance = random.Random(0)
    with LabelStore(path) as store:
        counts = store.counts()
        print("  " + ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in counts.items()))
        names = [label.generic_names[0] for label in islice(store.summaries(), 0, None, 97)]
        chosen = [chance.choice(names) for _ in range(300)]
        brands = [f"Brand{name}{chance.randrange(3)}" for name in chosen]
        stems = [name.rstrip("0123456789")[: chance.randint(4, 12)] for name in chosen]
        timed("search within one drug", chosen, lambda name: store.search(chance.choice(QUERIES), drug=name))
        timed("search by generic name", chosen, store.by_name)
        timed("search by brand name", brands, store.by_name)
        timed("search by start of a name", stems, store.by_name)
        timed("get a whole label", chosen, lambda name: store.get(store.by_name(name, limit=1)[0].set_id))
        timed("search in the whole store", list(QUERIES), store.search)
    print(f"  peak {peak_mib():.0f} MiB")


def timed(what: str, inputs: list[str], run: Callable[[str], object]) -> None:
    run(inputs[0])
    times = []
    for value in inputs:
        start = time.perf_counter()
        run(value)
        times.append(1000 * (time.perf_counter() - start))
    times.sort()
    print(
        f"  {what}: p50 {times[len(times) // 2]:.1f} ms, p95 {times[int(len(times) * 0.95)]:.1f} ms, "
        f"longest {times[-1]:.1f} ms (n = {len(times)})",
        flush=True,
    )


def run_fuzz(cases: int) -> None:
    start = time.perf_counter()
    command = [sys.executable, "-m", "pytest", "-q", "tests/labels/test_fuzz.py"]
    done = subprocess.run(
        command, cwd=REPOSITORY, env=os.environ | {"DRUG_LLM_FUZZ_CASES": str(cases // 5)}, check=False
    )
    print(f"fuzz: {cases // 5 * 5} cases, exit {done.returncode}, {time.perf_counter() - start:.0f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("ingest", "store", "fuzz"))
    parser.add_argument("--labels", type=int, default=None, help="labels to write (ingest 2000, store 250000)")
    parser.add_argument("--cases", type=int, default=10_000, help="fuzzed cases")
    parser.add_argument("--folder", type=Path, default=None, help="where the temporary folder is made")
    arguments = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        if arguments.what == "ingest":
            run_ingest(arguments.labels or 2_000, Path(folder))
        elif arguments.what == "store":
            run_store(arguments.labels or 250_000, Path(folder))
        else:
            run_fuzz(arguments.cases)


if __name__ == "__main__":
    main()
