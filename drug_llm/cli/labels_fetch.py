"""`drug-llm labels fetch`: download official labels from openFDA and DailyMed."""

from __future__ import annotations

import argparse
import shlex
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

DEFAULT_FOLDER = Path("data/raw")
LINE_SECONDS = 10.0
"""Where output is not a terminal, seconds between two lines of progress."""
NOTHING_FOUND = 1


def register(subparsers: Any) -> None:
    """Add `fetch` to the subcommands of `drug-llm labels`."""
    parser = subparsers.add_parser(
        "fetch",
        help="download official labels from openFDA and DailyMed",
        description="Download official labels as they are; `drug-llm labels ingest` then stores them. "
        "OPENFDA_API_KEY, free from open.fda.gov, raises the daily limit.",
    )
    parser.add_argument("--drug", action="append", default=[], metavar="NAME", help="a generic or brand name; repeat")
    parser.add_argument("--search", metavar="EXPR", help='openFDA search, such as openfda.route:"ORAL"')
    parser.add_argument(
        "--common", action="store_true", help="the 300 most common generics, 20 labels each; goes on after a stop"
    )
    parser.add_argument("--bulk", action="store_true", help="every label of openFDA: some 2 GB of zips")
    parser.add_argument("--set-id", action="append", default=[], metavar="ID", help="an SPL from DailyMed; repeat")
    parser.add_argument("--out", type=Path, default=DEFAULT_FOLDER, metavar="FOLDER", help="default: %(default)s")
    parser.add_argument("--limit", type=_positive, metavar="N", help="most labels of a drug or search, parts of --bulk")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Fetch what the options name and return 0, or 1 when a service has nothing under one of the names."""
    from drug_llm.errors import ConfigError
    from drug_llm.labels.fetch import Fetched

    if not (options.drug or options.search or options.common or options.bulk or options.set_id):
        raise ConfigError(
            "Nothing to fetch; expected --drug NAME, --search EXPR, --common, --bulk or --set-id ID. Add one."
        )
    written: list[Path] = []
    missing: list[str] = []

    def note(fetched: Fetched) -> None:
        print(_sentence(fetched))
        if fetched.path is None:
            missing.append(fetched.name)
        else:
            written.append(fetched.path)

    _fetch_all(options, note)
    if written:
        print(f"Next: drug-llm labels ingest {_ingest_paths(written)}")
    return NOTHING_FOUND if missing else 0


def _fetch_all(options: argparse.Namespace, note: Callable[[Any], None]) -> None:
    from drug_llm.labels.bulk import fetch_bulk
    from drug_llm.labels.dailymed import DailyMed
    from drug_llm.labels.fetch import Fetched, fetch_common, fetch_drugs, fetch_search, fetch_set_ids
    from drug_llm.labels.openfda_api import OpenFDA
    from drug_llm.labels.web import Web

    web, folder = Web(), options.out / "openfda"
    api = OpenFDA(web)
    with _progress() as start:
        for fetched in fetch_drugs(api, options.drug, folder, limit=options.limit, start=start):
            note(fetched)
        for fetched in fetch_common(api, folder, limit=options.limit, start=start) if options.common else ():
            note(fetched)
        if options.search:
            note(fetch_search(api, options.search, folder, limit=options.limit, start=start))
        for fetched in fetch_set_ids(DailyMed(web), options.set_id, options.out / "dailymed"):
            note(fetched)
        if options.bulk:
            bulk = fetch_bulk(api, options.out / "openfda-bulk", limit=options.limit, progress=start)
            note(Fetched("the bulk files", bulk, kept=True))


def _sentence(fetched: Any) -> str:
    if fetched.path is None:
        return f"{fetched.name}: no label found. Check the spelling, or try the generic name."
    if fetched.kept:
        return f"{fetched.name}: {fetched.path} is up to date"
    return f"{fetched.name}: {fetched.labels} label{'s' * (fetched.labels != 1)} in {fetched.path}"


def _ingest_paths(written: list[Path]) -> str:
    """Return the written files as arguments, or their folders when there are many."""
    paths = written if len(written) <= 3 else sorted({path if path.is_dir() else path.parent for path in written})
    return " ".join(shlex.quote(str(path)) for path in paths)


@contextmanager
def _progress() -> Iterator[Callable[[str], Callable[[int, int | None], None]]]:
    """Yield a function that begins a bar for something named and returns how to move it."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description:<28}"), BarColumn(bar_width=28), TextColumn("{task.fields[figures]}"))
    with Progress(*columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal) as bars:

        def start(name: str) -> Callable[[int, int | None], None]:
            for old in list(bars.task_ids):
                bars.remove_task(old)
            task = bars.add_task(name[:28], total=None, figures="")
            line = {"at": time.monotonic()}

            def move(done: int, total: int | None) -> None:
                bars.update(task, completed=done, total=total, figures=_figures(done, total))
                if not console.is_terminal and time.monotonic() - line["at"] > LINE_SECONDS:
                    line["at"] = time.monotonic()
                    console.print(f"{name}: {_figures(done, total)}", markup=False, highlight=False)

            return move

        yield start


def _figures(done: int, total: int | None) -> str:
    """Return how much is done: bytes as MB, labels as they are."""
    megabytes = max(done, total or 0) > 10_000_000
    shown = [f"{number / 1e6:.1f}" if megabytes else f"{number}" for number in (done, total) if number is not None]
    return "/".join(shown) + (" MB" if megabytes else "")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is too small; expected 1 or more")
    return number
