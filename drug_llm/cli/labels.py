"""`drug-llm labels`: fill, list, show, search, compare, count and export the label store."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from drug_llm.cli import labels_fetch

DEFAULT_STORE = "data/labels.sqlite"
STORE_VARIABLE = "DRUG_LLM_STORE"


def register(subparsers: Any) -> None:
    """Add `labels` and its commands to the subparsers of the command line."""
    labels = subparsers.add_parser("labels", help="drug labels: fetch, ingest, list, show, search, diff, stats, export")
    commands = labels.add_subparsers(dest="labels_command", required=True, metavar="COMMAND")
    labels_fetch.register(commands)
    _register_ingest(commands)
    _register_lookups(commands)
    _register_reports(commands)


def default_store() -> Path:
    """Return the store that is used when none is named: DRUG_LLM_STORE, else data/labels.sqlite."""
    return Path(os.environ.get(STORE_VARIABLE) or DEFAULT_STORE)


def _command(commands: Any, name: str, run: Any, description: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=description, description=description)
    parser.add_argument(
        "--store", type=Path, default=None, metavar="FILE", help=f"label store (${STORE_VARIABLE} or {DEFAULT_STORE})"
    )
    parser.set_defaults(run=run)
    return parser


def _register_ingest(commands: Any) -> None:
    parser = _command(commands, "ingest", run_ingest, "store the labels of files or folders; goes on after a stop")
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="openFDA JSON, SPL XML, zips, monographs")
    parser.add_argument("--again", action="store_true", help="also read files that an earlier run completed")
    parser.add_argument("--strict", action="store_true", help="stop at the first label that cannot be read")


def _register_lookups(commands: Any) -> None:
    parser = _command(commands, "list", run_list, "list labels, of one drug or all")
    parser.add_argument("name", nargs="?", help="generic or brand name")
    parser.add_argument("--limit", type=int, default=50, metavar="N", help="labels to list (50)")
    parser.add_argument("--all", action="store_true", help="also labels with the same text as a listed one")
    parser = _command(commands, "show", run_show, "print a label with its source and disclaimer")
    parser.add_argument("label", help="set id, or a name for the best label of that drug")
    parser.add_argument("--version", type=int, metavar="N", help="version (the newest)")
    parser.add_argument("--section", metavar="KEY", help="only this section, by key or name")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser = _command(commands, "search", run_search, "find the sections that hold some words")
    parser.add_argument("query", help="words to look for")
    parser.add_argument("--drug", metavar="NAME", help="only in the labels of this drug")
    parser.add_argument("--section", metavar="NAME", help="only in sections of this name")
    parser.add_argument("--limit", type=int, default=10, metavar="N", help="sections to print (10)")
    parser.add_argument("--json", action="store_true", help="print JSON lines")


def _register_reports(commands: Any) -> None:
    parser = _command(commands, "diff", run_diff, "show what changed between two versions of a label")
    parser.add_argument("label", help="set id")
    parser.add_argument("old", nargs="?", type=int, help="older version (the second newest)")
    parser.add_argument("new", nargs="?", type=int, help="newer version (the newest)")
    parser.add_argument("--other", metavar="SET_ID", help="compare with the newest version of another label instead")
    parser = _command(commands, "stats", run_stats, "count what the store holds")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser = _command(commands, "export", run_export, "write labels as JSON lines, which `ingest` reads again")
    parser.add_argument("out", type=Path, metavar="FILE", help="file to write, or - for standard output")
    parser.add_argument("--all-versions", action="store_true", help="also older versions")
    parser.add_argument("--distinct", action="store_true", help="only one of the labels with the same text")


def _store_path(arguments: argparse.Namespace) -> Path:
    store: Path | None = arguments.store
    return store or default_store()


def run_ingest(arguments: argparse.Namespace) -> int:
    """Store labels; return 1 when some could not be read."""
    from drug_llm.labels.ingest import IngestReport, ingest

    def progress(report: IngestReport) -> None:
        if sys.stderr.isatty():
            print(f"\r{report.new} new, {report.known} known", end="", file=sys.stderr)

    report = ingest(
        _store_path(arguments),
        arguments.paths,
        again=arguments.again,
        on_error=None if arguments.strict else lambda error: print(f"skipped: {error}", file=sys.stderr),
        on_progress=progress,
    )
    print(
        f"{report.new} new labels, {report.replaced} replaced, {report.known} known, {report.failed} unreadable; "
        f"{report.files} files, {report.unchanged_files} of them unchanged -> {_store_path(arguments)}"
    )
    return 1 if report.failed else 0


def run_list(arguments: argparse.Namespace) -> int:
    """Print one line a label; return 1 when there is none."""
    from itertools import islice

    from drug_llm.labels.display import summary_line
    from drug_llm.labels.store import LabelStore

    with LabelStore(_store_path(arguments)) as store:
        if arguments.name:
            labels = store.by_name(arguments.name, limit=arguments.limit)
        else:
            chosen = (label for label in store.summaries() if arguments.all or label.is_chosen)
            labels = list(islice(chosen, arguments.limit))
        for label in labels:
            print(summary_line(label))
            for copy in store.copies(label.set_id) if arguments.all and arguments.name else ():
                print(f"  same text: {summary_line(copy)}")
    if not labels:
        print(f"No label of {arguments.name or 'any drug'} in the store.", file=sys.stderr)
    return 0 if labels else 1


def run_show(arguments: argparse.Namespace) -> int:
    """Print one label."""
    from drug_llm.labels.display import label_lines
    from drug_llm.labels.json_label import label_to_json
    from drug_llm.labels.store import LabelStore

    with LabelStore(_store_path(arguments)) as store:
        named = [] if store.versions(arguments.label) else store.by_name(arguments.label, limit=1)
        label = store.get(named[0].set_id if named else arguments.label, arguments.version)
    if arguments.json:
        print(json.dumps(label_to_json(label), ensure_ascii=False))
    else:
        print("\n".join(label_lines(label, section=arguments.section)))
    return 0


def run_search(arguments: argparse.Namespace) -> int:
    """Print the best sections; return 1 when there is none."""
    from drug_llm.labels.display import summary_line
    from drug_llm.labels.rows import hit_to_json
    from drug_llm.labels.store import LabelStore

    with LabelStore(_store_path(arguments)) as store:
        hits = store.search(arguments.query, drug=arguments.drug, section=arguments.section, limit=arguments.limit)
    for hit in hits:
        if arguments.json:
            print(json.dumps(hit_to_json(hit), ensure_ascii=False))
        else:
            print(f"{summary_line(hit.label)}\n  [{hit.passage.section}] {' '.join(hit.passage.text.split())[:240]}\n")
    if not hits:
        print(f"Nothing found for {arguments.query!r}.", file=sys.stderr)
    return 0 if hits else 1


def run_diff(arguments: argparse.Namespace) -> int:
    """Print the changes between two versions, or between two labels; return 1 when there are some, as `diff` does."""
    from drug_llm.errors import LabelError
    from drug_llm.labels.diff import compare_labels
    from drug_llm.labels.display import change_lines
    from drug_llm.labels.store import LabelStore

    with LabelStore(_store_path(arguments)) as store:
        versions = [label.version for label in store.versions(arguments.label)]
        if arguments.other is None and arguments.old is None and len(versions) < 2:
            raise LabelError(
                f"Label {arguments.label} has versions {versions} in the store; expected two to compare. "
                "Ingest another version, or name another label with --other."
            )
        if arguments.other is None:
            old = store.get(arguments.label, arguments.old or versions[1])
            new = store.get(arguments.label, arguments.new)
        else:
            old, new = store.get(arguments.label, arguments.old), store.get(arguments.other)
    print(f"{old.set_id} v{old.version} ({old.effective_date}) -> {new.set_id} v{new.version} ({new.effective_date})")
    changes = compare_labels(old, new)
    print("\n".join(change_lines(changes)))
    return 1 if changes else 0


def run_stats(arguments: argparse.Namespace) -> int:
    """Print what the store holds."""
    from drug_llm.labels.store import LabelStore

    path = _store_path(arguments)
    with LabelStore(path) as store:
        counts = store.counts() | {"file_bytes": path.stat().st_size}
        groups = {column: store.counts_by(column) for column in ("source", "product_type", "labeler")}
    if arguments.json:
        print(json.dumps({"counts": counts, "labels_by": groups}, ensure_ascii=False))
        return 0
    for name, value in counts.items():
        print(f"{name.replace('_', ' '):18} {value:>12,}")
    for column, values in groups.items():
        print(f"\nlabels by {column.replace('_', ' ')}")
        for name, value in values.items():
            print(f"  {value:>8,}  {name or '(not stated)'}")
    return 0


def run_export(arguments: argparse.Namespace) -> int:
    """Write labels as JSON lines."""
    from drug_llm.errors import StorageError
    from drug_llm.labels.json_label import label_to_json
    from drug_llm.labels.store import LabelStore

    count = 0
    try:
        # "-" is opened by number, so that `with` does not close standard output itself.
        name = sys.stdout.fileno() if str(arguments.out) == "-" else arguments.out
        with (
            LabelStore(_store_path(arguments)) as store,
            open(name, "w", encoding="utf-8", closefd=str(arguments.out) != "-") as out,
        ):
            for label in store.labels(current_only=not arguments.all_versions, chosen_only=arguments.distinct):
                out.write(json.dumps(label_to_json(label), ensure_ascii=False) + "\n")
                count += 1
    except OSError as error:
        raise StorageError(f"{arguments.out}: cannot be written ({error.strerror}). Check the path.") from error
    print(f"{count} labels -> {arguments.out}", file=sys.stderr)
    return 0
