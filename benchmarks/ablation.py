"""What each feature of shape inference changes on real code: switched off one at a time.

    python benchmarks/ablation.py FOLDER...

A proof is a rank of an operand, or a contracted or batch index with one size; a finding is what a
rule says of a call, with its fix and what that assumes, once where nothing is granted and once
by the default settings. The table counts those that are others without the feature, and the lines
of the product that only it needs. Features are switched off from outside, by taking lines out of
the tables or by replacing a function.
"""

import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from einlint.rulebook.selection import all_rules
from einlint.settings import Settings
from einlint.source import (
    annotations,
    arithmetic,
    expressions,
    factories,
    guards,
    helpers,
    indexing,
    infer,
    layers,
    mapping,
    operators,
    reading,
    rearranging,
    shapes,
    splitting,
    terms,
    unpacking,
)
from einlint.source.facts.einsum_call import EinsumCall
from einlint.source.file import DecodeError, decoded
from einlint.source.finder import ParsedFile, UnparsableError, parse_file
from einlint.source.imports import calls_of_apis
from einlint.source.terms import FREE, Free, Kind, Term

SETTINGS = (Settings(select=("ALL",)), Settings(select=("ALL",), assume=()))


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing that can be left out; code: what only it needs."""

    name: str
    code: tuple[Any, ...]
    off: Callable[[], Any]

    @property
    def lines(self) -> int:
        """How many lines of the product go with it."""
        return sum(len(inspect.getsource(each).splitlines()) for each in self.code)


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Lines of the tables are missing."""
    tables = (operators.OPERATORS, layers.LAYERS)
    taken = [(table, name, table.pop(name)) for table in tables for name in names if name in table]
    try:
        yield
    finally:
        for table, name, signature in taken:
            table[name] = signature


@contextmanager
def replaced(*triples: tuple[Any, str, Any]) -> Iterator[None]:
    """Attributes are others."""
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in triples]
    for owner, name, value in triples:
        setattr(owner, name, value)
    try:
        yield
    finally:
        for owner, name, value in before:
            setattr(owner, name, value)


def table(names: str, *code: Any) -> Feature:
    """Some operators; each name is a line of the table, or a word of one."""
    return Feature(f"`{names}`", code, lambda: without(*names.split()))


def nothing(*_: Any, **__: Any) -> None:
    """Stands for a function that finds nothing."""


def features() -> list[Feature]:
    """All of them, by kind."""
    plain = [name for name in layers.LAYERS if layers.LAYERS[name] is layers.LAYERS[_RELU]]
    return [
        Feature("shapes of all operands", (), _no_shapes),
        table(operators._SAME, operators._same, operators._no_axes),
        table(operators._TWO, operators._elementwise, operators._beside_a_number),
        table("type", operators._as_type),
        table("transpose swapaxes swapdims", operators._transposed),
        table("t", operators._turned),
        table("permute", operators._permuted),
        table("unsqueeze", operators._unsqueezed),
        table("squeeze", operators._squeezed),
        table("view reshape", operators._viewed),
        table("expand", operators._expanded),
        table("repeat", operators._repeated),
        table("repeat_interleave", operators._interleaved),
        table("index_select", operators._selected),
        table(operators._SUMS, operators._dims, operators._reduced, operators._reduced_axes),
        table("chunk", splitting.chunk),
        table("split", splitting.split),
        table("unbind", splitting.unbind),
        table("cat concat", splitting.cat),
        table("stack", splitting.stack),
        table(f"{operators._MAKERS} new_zeros new_ones new_empty", factories.made),
        table("eye", factories.eye),
        table("arange", factories.arange),
        table("tensor", factories.literal, factories._nested),
        table("rearrange", rearranging),
        table("torch.nn.Linear", layers._linear),
        table("torch.nn.Conv1d torch.nn.Conv2d torch.nn.Conv3d", layers._convolved),
        Feature("layers that keep the shape", (), lambda: without(*plain)),
        *mechanisms(),
    ]


_RELU = "torch.nn.ReLU"


def mechanisms() -> list[Feature]:
    """What is no operator of torch."""
    state, file, read = expressions.State, infer.FileTerms, expressions.Expressions
    known = shapes.Shapes
    return [
        Feature(
            "products that are spelled `@`, matmul or bmm",
            (),
            lambda: replaced((shapes, "product", nothing)),
        ),
        Feature(
            "attributes of self",
            (file._instance, infer.setting, infer.Attributes),
            lambda: replaced((file, "_instance", lambda *_: Term(terms.INSTANCE, detail={}))),
        ),
        Feature(
            "buffers",
            (reading.registration,),
            lambda: replaced((reading, "registration", lambda _: (None, None))),
        ),
        Feature("names of the module", (infer._readable,), lambda: _no_dict(infer, "_readable")),
        Feature(
            "functions of one expression",
            (helpers.helper_of, helpers.argument_terms, helpers.Helper, read._helped),
            lambda: replaced((expressions, "helper_of", nothing)),
        ),
        Feature("guards and asserts", (guards,), lambda: replaced((reading, "assume", nothing))),
        Feature("jaxtyping", (annotations,), lambda: replaced((infer, "promised_axes", nothing))),
        Feature(
            "parameters that are integers",
            (),
            lambda: replaced((file, "_parameter", _any_parameter)),
        ),
        Feature(
            "arithmetic of integers",
            (arithmetic,),
            lambda: replaced((shapes, "arithmetic", nothing)),
        ),
        Feature(
            "subscripts of tensors",
            (indexing,),
            lambda: replaced((shapes, "added_axes", nothing)),
        ),
        Feature(
            "`map` and comprehensions",
            (mapping,),
            lambda: replaced((reading, "mapped", nothing)),
        ),
        Feature(
            "unpacked shapes and tuples",
            (unpacking,),
            lambda: replaced((reading, "unpacked", _unknown)),
        ),
        Feature(
            "starred parts of what is unpacked",
            (),
            lambda: replaced((unpacking, "_spread", _spread_plain)),
        ),
        Feature(
            "ranks that operators tell",
            (known._learn_rank, known._rank_below, known._has_shown_a_shape),
            lambda: replaced((state, "learn_rank", nothing)),
        ),
        Feature(
            "both branches alike",
            (known._of_choice,),
            lambda: replaced((known, "_of_choice", lambda *_: shapes.Known())),
        ),
        Feature(
            "what is changed in place",
            (reading.Reading._augmented, reading.Reading._replace),
            lambda: without("in_place", "augmented", "aliased"),
        ),
    ]


def _no_shapes() -> Any:
    return replaced((infer.FileTerms, "shapes", lambda _: {}))


def _no_dict(owner: Any, name: str) -> Any:
    return replaced((owner, name, lambda *_: {}))


def _any_parameter(self: Any, node: Any, default: object, function: object) -> Term:
    axes = infer.promised_axes(node.annotation, self.bound)
    is_tensor = axes is not None or self._is_tensor(node.annotation)
    kind = Kind.TENSOR if is_tensor else Kind.ANY
    return Term(FREE, detail=Free(node.arg, kind, axes, function), line=node.lineno)


def _unknown(_: object, targets: Sequence[object], state: Any) -> tuple[Term, ...]:
    return tuple(terms.free("", state.line) for _ in targets)


def _spread_plain(value: Term, names: tuple[str, ...], _: object) -> tuple[Term, ...] | None:
    is_plain = not any(each.operator == terms.STARRED for each in value.operands)
    return value.operands if is_plain and len(value.operands) == len(names) else None


def files_of(folders: Sequence[str]) -> list[ParsedFile]:
    """The files that call einsum."""
    found: list[ParsedFile] = []
    for path in sorted(path for folder in folders for path in Path(folder).rglob("*.py")):
        if not path.is_file() or b"einsum" not in (data := path.read_bytes()):
            continue
        try:
            parsed = parse_file(decoded(str(path), data))
        except (DecodeError, UnparsableError):
            continue
        if calls_of_apis(parsed.bound):
            found.append(parsed)
    return found


def shapes_in(parsed: ParsedFile) -> dict[object, object]:
    """The shapes of all operands; symbols by the order in which they turn up."""
    numbers: dict[object, int] = {}
    found = infer.FileTerms.read(parsed.bound, parsed.lines, calls_of_apis(parsed.bound)).shapes()
    return {
        node: shape
        and tuple(
            axis.size
            if isinstance(axis.size, int)
            else f"#{numbers.setdefault(axis.size, len(numbers))}"
            for axis in shape
        )
        for node, shape in found.items()
    }


def facts_of(parsed: ParsedFile) -> tuple[dict[object, object], dict[object, object]]:
    """The proofs at each call, and what rules say of it."""
    proofs: dict[object, object] = {}
    found: dict[object, object] = {}
    parsed = replace(parsed, _facts={})  # those that were found belong to another state of the code
    for call in parsed.facts(EinsumCall):
        proofs.update(_proofs(call))
        for settings in SETTINGS:
            for code, said in _findings(call, settings):
                found.setdefault((call.site.span, code), []).append(said)  # type: ignore[attr-defined]
    return proofs, found


def _proofs(call: EinsumCall) -> Iterator[tuple[object, object]]:
    site, contraction, sizes = call.site, call.contraction, call.sizes
    if contraction is None:
        return
    for number, shape in enumerate(site.arguments.shapes):
        yield (site.span, number), None if shape is None else len(shape)
    for label in (*contraction.roles.contracted, *contraction.roles.batch):
        yield (site.span, label), sizes is not None and sizes.has_one_size(label)


def _findings(call: EinsumCall, settings: Settings) -> Iterator[tuple[str, object]]:
    is_found = False
    for rule in all_rules():
        if (
            rule.judges is not EinsumCall
            or rule.check is None
            or (rule.is_last_resort and is_found)
        ):
            continue
        for finding in rule.check(call, settings):
            is_found, fix = True, finding.fix
            texts = () if fix is None else tuple(each.content for each in fix.edits)
            unmet = () if fix is None else tuple(each.name for each in fix.unmet)
            yield rule.code, (finding.message, texts, unmet)


def differing(one: dict[object, object], other: dict[object, object]) -> int:
    """How many entries are not the same."""
    return sum(one.get(key) != other.get(key) for key in {*one, *other})


def main() -> None:
    """Print the table."""
    files = files_of(sys.argv[1:])
    before = [shapes_in(parsed) for parsed in files]
    known: dict[int, tuple[dict[object, object], dict[object, object]]] = {}
    print(f"{len(files)} files\n\n| feature | lines | proofs | findings |\n|---|---|---|---|")
    for feature in features():
        proofs = findings = 0
        for number, parsed in enumerate(files):
            with ExitStack() as stack:
                stack.enter_context(feature.off())
                if shapes_in(parsed) == before[number]:
                    continue
                after = facts_of(parsed)
            if number not in known:
                known[number] = facts_of(parsed)
            proofs += differing(known[number][0], after[0])
            findings += differing(known[number][1], after[1])
        name = feature.name if len(feature.name) < 60 else f"{feature.name[:56]} ...`"
        print(f"| {name} | {feature.lines or ''} | {proofs} | {findings} |", flush=True)


if __name__ == "__main__":
    main()
