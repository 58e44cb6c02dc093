"""Whether what a clause puts together stands together in the evidence: numbers, groups of people, routes, modifiers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from drug_llm.claims.evidence import Clause, Statement
from drug_llm.claims.problem import Problem
from drug_llm.claims.quantities import Quantity
from drug_llm.claims.window import Window, frequency_fits, missing
from drug_llm.claims.words import THIS_DRUG, Token, types, word_list

_GOVERNING = {"population": "population", "organ": "population", "route": "route", "frequency": "frequency"}
_HOW_OFTEN = frozenset({"=common", "=frequent", "=rare", "=uncommon"})
GENERIC = frozenset(
    [
        "=dose",
        "=administer",
        "=recommend",
        "=patient",
        "=drug",
        "=treat",
        "=start",
        "=increase",
        "=decrease",
        "=adjust",
        "=usual",
        "=therapy",
        "=occur",
        "=cause",
        "=associated",
        "=effect",
        "=require",
        "=consider",
        "=monitor",
        "=study",
        "=risk",
        "=combine",
        "=continue",
        "=discontinue",
        "=maximum",
        "=approximately",
        "=avoid",
        "=contraindicated",
        "=indicated",
        "=advise",
        "=oral",
        "=hour",
        "age",
        "weight",
        "day",
    ]
)


def quantity_problems(clause: Clause, window: Window, sentence: Sequence[Clause]) -> Iterator[Problem]:
    """Yield a problem for each quantity that does not stand in the evidence with what it is told of."""
    for count in clause.counts:
        same = [(s, e, c) for s, e in window.clauses() for c in e.counts if _same(count, c, s)]
        if not same:
            number = count.shown.split()[0]
            values = [c for _, e in window.clauses() for c in e.counts if c.shown.split()[0] == number]
            yield Problem("unit" if values else "number", count.shown, ", ".join(_shown(window)))
            continue
        agreeing = [(s, e) for s, e, c in same if count.agrees(c) or _forbidden_above(count, c, clause, e)]
        if not agreeing:
            yield Problem("number", f"{count.bound or 'exactly'} {count.shown}", same[0][2].bound or "no bound")
            continue
        found = [list(_unbound(count, clause, sentence, s, e, window)) for s, e in agreeing]
        yield from min(found, key=len)


def _shown(window: Window) -> list[str]:
    return list(dict.fromkeys(count.shown for _, clause in window.clauses() for count in clause.counts))


def _same(claimed: Quantity, given: Quantity, statement: Statement) -> bool:
    if claimed.fits(given):
        return True
    if claimed.value != given.value:
        return False
    # A column such as "Dose (mg)" names the unit of its bare numbers.
    return not claimed.unit or (not given.unit and claimed.shown.split()[-1] in _words(statement))


def _words(statement: Statement) -> set[str]:
    return {token.text for clause in statement.all_clauses for token in clause.tokens}


def _forbidden_above(claimed: Quantity, given: Quantity, clause: Clause, evidence: Clause) -> bool:
    # "Doses above 4 mg are not recommended" and "should not exceed 4 mg".
    pair = {(claimed.bound, claimed is not None and clause.polarity), (given.bound, evidence.polarity)}
    bounds = {bound for bound, _ in pair}
    against = {"forbidden", "do not", "discouraged", "denied"}
    return bounds == {"cap", "above"} and all(how in against for _, how in pair)


def _unbound(
    count: Quantity, clause: Clause, sentence: Sequence[Clause], statement: Statement, given: Clause, window: Window
) -> Iterator[Problem]:
    for kind, named in _GOVERNING.items():
        claimed = governing(clause, sentence, kind)
        told = _governing_evidence(given, statement, window, kind)
        claimed -= window.free
        if claimed and not _compatible(claimed, told, kind, own=kind in clause.anchors):
            yield Problem(named, _names(claimed), _names(told))
    for word in _told_elsewhere(count, clause, sentence, statement, given, window):
        yield Problem("number", f"{count.shown} with {word}", given.text)


def _compatible(claimed: frozenset[str], told: frozenset[str], kind: str, *, own: bool) -> bool:
    if kind == "frequency":
        return not told or all(frequency_fits(name, told) for name in claimed)
    if kind == "route" and not told:
        return True
    return claimed <= told if own and len(claimed) == 1 else bool(claimed & told)


def governing(clause: Clause, sentence: Sequence[Clause], kind: str) -> frozenset[str]:
    """Return the anchors of a type that hold for a clause: its own, else the nearest before, else after it."""
    if kind in clause.anchors:
        return clause.anchors[kind]
    at = next((n for n, other in enumerate(sentence) if other is clause), 0)
    for other in (*sentence[:at][::-1], *sentence[at + 1 :]):
        if kind in other.anchors:
            return other.anchors[kind]
    return frozenset()


def _governing_evidence(given: Clause, statement: Statement, window: Window, kind: str) -> frozenset[str]:
    own = governing(given, statement.clauses, kind)
    for clause in (*statement.headers, *statement.title):
        own |= clause.anchors.get(kind, frozenset())
    if kind == "frequency":
        free = (
            part for part in statement.clauses if not {c.unit for c in part.counts} & {c.unit for c in given.counts}
        )
        return own.union(*(part.anchors.get(kind, frozenset()) for part in free))
    if own or kind == "route":
        return own
    for other in (*window.earlier, *window.statements):
        found = frozenset().union(*(clause.anchors.get(kind, frozenset()) for clause in other.clauses))
        if found:
            return found
    return own


def _told_elsewhere(
    count: Quantity, clause: Clause, sentence: Sequence[Clause], statement: Statement, given: Clause, window: Window
) -> Iterator[str]:
    """Yield words told of the quantity that the evidence only tells of another quantity of that unit."""
    if not count.unit and " = " not in statement.text:
        return
    values = {other.value for other in clause.counts if other.unit == count.unit}
    near = _near(given, statement, window)
    keys = frozenset().union(*(part.keys for part in near))
    for part in sentence:
        if part is not clause and part.counts:
            continue
        for token in missing(part, keys):
            if token.kind != "word" or _is_loose(token, clause.counts):
                continue
            holding = [(s, e) for s, e in window.clauses() if e.keys & token.keys]
            if part is not clause:
                holding = [(s, e) for s, e in holding if s is not statement]
            if holding and not any(_is_free(statement, s, e, (count.unit, values)) for s, e in holding):
                yield token.text


def _near(given: Clause, statement: Statement, window: Window) -> list[Clause]:
    """Return the clauses that speak of what a clause counts: itself, what introduces it, what it goes on with."""
    at = next((n for n, part in enumerate(statement.clauses) if part is given), 0)
    labels = [part for part in statement.clauses[:at] if part.is_label]
    near = [given, *statement.headers, *statement.title, *labels[-1:]]
    if given.continues and at:
        near.append(statement.clauses[at - 1])
    if {token.text for token in given.tokens} & word_list("pointing"):
        near += [part for other in (statement, *window.earlier[:1]) for part in other.clauses]
    labelled = next((other for other in window.earlier if other.clauses[0].is_label), None)
    if labelled is not None and not statement.clauses[0].is_label:
        near.append(labelled.clauses[0])
    return near


def _is_loose(token: Token, counts: Sequence[Quantity]) -> bool:
    units = {word for count in counts for word in count.shown.split()}
    return bool(token.keys & GENERIC) or token.text in units or any(key in types() for key in token.keys)


def _is_free(statement: Statement, other: Statement, clause: Clause, unit: tuple[str, set[str]]) -> bool:
    """Return whether a clause counts nothing else of the unit, and so may speak of any quantity."""
    others = (clause,) if other is statement else other.clauses
    return not any(count.unit == unit[0] and count.value not in unit[1] for c in others for count in c.counts)


def _names(keys: frozenset[str]) -> str:
    return ", ".join(sorted(key.lstrip("=") for key in keys))


def modifier_problems(clause: Clause, window: Window) -> Iterator[Problem]:
    """Yield a problem for each modifier ("severe", "before", "only") that the evidence puts to something else."""
    for at, token in enumerate(clause.tokens):
        kinds = {types()[key] for key in token.keys if key in types()} & {"severity", "relation"}
        following = clause.tokens[at + 1 : at + 7]
        # "Before it" and "during treatment with the drug" point at what the whole evidence is about.
        pointed = word_list("pointing") | {THIS_DRUG}
        if not kinds or token.keys & _HOW_OFTEN or (following and following[0].text in pointed):
            continue
        target = next((t for t in following if _is_target(t)), None)
        if target is not None and not any(_puts_together(token, target, s) for s in window.statements):
            yield Problem("severity" if "severity" in kinds else "condition", f"{token.text} {target.text}", "")


def _puts_together(token: Token, target: Token, statement: Statement) -> bool:
    if any(_modifies(token, target, clause.tokens) for clause in statement.all_clauses):
        return True
    # "Hepatic impairment" as a title, and "Moderate: 5 mg" under it.
    above = (*statement.title, *statement.headers, *(part for part in statement.clauses if part.is_label))
    below = any(clause.keys & token.keys for clause in statement.clauses)
    return below and any(clause.keys & target.keys for clause in above)


def _is_target(token: Token) -> bool:
    return token.kind == "number" or (
        token.kind == "word"
        and token.is_telling
        and token.text != THIS_DRUG
        and not any(types().get(k) in {"severity", "relation"} for k in token.keys)
    )


def _modifies(token: Token, target: Token, tokens: Sequence[Token]) -> bool:
    places = [at for at, other in enumerate(tokens) if other.keys & token.keys]
    return any(
        (other.keys & target.keys) or (target.kind == "number" and other.text == target.text)
        for at in places
        for other in tokens[max(0, at - 9) : at + 13]
    )
