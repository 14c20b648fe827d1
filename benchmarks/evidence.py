"""Measure size inference: how much it proves on real code, and whether that is true.

    python benchmarks/evidence.py FOLDER...
    python benchmarks/evidence.py --claims 20000

For folders it counts the matrix-like call sites, those with all contracted sizes proved equal, and
those with known ranks of both operands. With --claims it runs random programs with torch, and
compares every inferred size at an einsum call with the real one.
"""

import sys
from pathlib import Path

from programs import Tally, tried

from einlint.algebra.contraction import ContractionKind, contraction_of
from einlint.algebra.equation import ELLIPSIS, EquationError, parse
from einlint.algebra.sizes import Shape
from einlint.source.callsite import CallSite
from einlint.source.file import DecodeError, decoded
from einlint.source.finder import UnparsableError, parse_file

MATRIX_LIKE = {
    *(ContractionKind.DOT, ContractionKind.MATVEC, ContractionKind.VECMAT),
    *(ContractionKind.MATMUL, ContractionKind.BATCHED_MATMUL, ContractionKind.LINEAR),
    *(ContractionKind.BATCHED_MATVEC, ContractionKind.BATCHED_DOT),
}


def main() -> None:
    """Print the table of the folders, or the result for random programs."""
    if sys.argv[1:2] == ["--claims"]:
        tally = claims(int(sys.argv[2]))
        print(f"{tally.programs} programs, {tally.claims} claims, {len(tally.false)} false")
        print("\n".join(tally.false[:3]))
        sys.exit(bool(tally.false))
    print("| source | sites | equal | ranks known |\n|---|---|---|---|")
    everything = (0, 0, 0)
    for folder in map(Path, sys.argv[1:]):
        row = counts_of(folder)
        everything = tuple(map(sum, zip(everything, row, strict=True)))
        print(_row(folder.name, row), flush=True)
    print(_row("**all**", everything))


def claims(wanted: int, first_seed: int = 0) -> Tally:
    """Run random programs until this many sizes were inferred."""
    tally = Tally()
    seed = first_seed
    while tally.claims < wanted:
        tried(seed, tally)
        seed += 1
    return tally


def counts_of(folder: Path) -> tuple[int, int, int]:
    """Matrix-like sites; contracted sizes proved equal; both ranks known."""
    sites = equal = known = 0
    for path in sorted(folder.rglob("*.py")):
        if not path.is_file() or b"einsum" not in (data := path.read_bytes()):
            continue
        try:
            calls = parse_file(decoded(str(path), data)).facts(CallSite)
        except (DecodeError, UnparsableError):
            continue
        for call in calls:
            verdict = _verdict(call)
            if verdict is not None:
                sites += 1
                equal += verdict[0]
                known += verdict[1]
    return sites, equal, known


def _verdict(call: CallSite) -> tuple[bool, bool] | None:
    try:
        contraction = contraction_of(parse(call.arguments.equation or ""))
    except EquationError:
        return None
    if contraction.kind not in MATRIX_LIKE:
        return None
    inputs = contraction.equation.inputs
    shapes = call.arguments.shapes
    if len(shapes) != 2 or None in shapes:
        return False, False
    sizes = [
        {_size(term, shape, label) for term, shape in zip(inputs, shapes, strict=True)}
        for label in contraction.roles.contracted
    ]
    return all(len(each) == 1 and None not in each for each in sizes), True


def _size(term: tuple[str, ...], shape: Shape | None, label: str) -> object:
    place = term.index(label)
    if ELLIPSIS in term[:place]:
        place -= len(term)
    if shape is None or not -len(shape) <= place < len(shape):
        return None
    return shape[place].size


def _row(name: str, counts: tuple[int, ...]) -> str:
    sites, equal, known = counts
    share = [f"{each} ({100 * each / sites:.0f} %)" if sites else "0" for each in (equal, known)]
    return f"| {name} | {sites} | {share[0]} | {share[1]} |"


if __name__ == "__main__":
    main()
