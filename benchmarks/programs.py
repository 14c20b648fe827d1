"""Run small random torch programs, and compare inferred sizes with the real ones."""

import inspect
import random
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field

import torch

from einlint.algebra.sizes import Symbol
from einlint.source.callsite import CallSite
from einlint.source.file import SourceFile
from einlint.source.finder import parse_file

_PROBE = "...,...->..."


@dataclass(slots=True)
class Tally:
    """Programs that ran at least one call; compared claims; programs with a false claim."""

    programs: int = 0
    claims: int = 0
    false: list[str] = field(default_factory=list)


def program(seed: int) -> str:
    """The text of a program; operations that raise are skipped."""
    rng = random.Random(seed)
    rows = [
        "import torch, einops, math",
        "from torch import nn",
        "from functools import partial",
        "from einops.layers.torch import Rearrange",
        "def unit(t):",
        "    return nn.functional.normalize(t, dim=-1)",
        "def turned(t, a=0, b=1):",
        "    return unit(t).transpose(a, b)",
        "def either(t, u):",
        "    return t if t.dim() == 3 else u",
        "class M(nn.Module):",
        "    def __init__(self, h, d):",
        "        super().__init__()",
        f"        self.w = nn.Parameter(torch.randn({rng.choice(['h, d', 'd, h', '4, d'])}))",
        "        self.f = nn.Linear(d, h * d)",
        f"        self.c = nn.Conv1d({rng.choice(['d', '2'])}, 2 * h, {_kernel(rng)})",
        f"        self.g = nn.Conv2d({rng.choice(['d', '3'])}, h * d, {_kernel(rng)})",
        f"        self.q = nn.Sequential(nn.Softmax(-1), nn.Linear({rng.choice('d3')}, 2 * d))",
        f"        self.p = nn.Sequential(Rearrange({rng.choice(_PATTERNS)!r}), nn.Dropout(0.1))",
        "        self.e = nn.Embedding(2, d)",
        f"        self.n = nn.LayerNorm({rng.choice('d4')})",
        "        self.h = h",
        "        self.s = d ** -0.5",
        "        self.register_buffer('k', torch.arange(h * d).unflatten(0, (h, -1)))",
        f"        self.r = {rng.choice(_RESHAPERS)}",
        "    def forward(self, x, h, d, flag):",
        "        y = z = x",
        "        b = n = 2",
    ]
    rows += _block(rng, 2, 14)
    rows += ["        return y", f"M({rng.choice('1234')}, {rng.choice('1346')})("]
    sizes = [rng.choice([1, 2, 3, 4, 6, 12]) for _ in range(rng.choice([2, 3, 3, 4]))]
    x = f"torch.randn({', '.join(map(str, sizes))})"
    rows[-1] += f"{x}, {rng.choice('123')}, {rng.choice('1234')}, {rng.random() < 0.5})"
    return "\n".join(rows) + "\n"


def _block(rng: random.Random, depth: int, count: int) -> list[str]:
    rows: list[str] = []
    pad = "    " * depth
    for _ in range(count):
        kind = rng.random()
        if kind < 0.12 and depth < 4:
            head = rng.choice(
                ["if flag:", "for i in range(2):", "while flag:", "with CONTEXT:", "try:"]
            )
            rows += [pad + head.replace("CONTEXT", "torch.no_grad()")]
            rows += _block(rng, depth + 1, rng.choice([1, 2, 3]))
            rows += [pad + "finally:", *_block(rng, depth + 1, 1)] if head == "try:" else []
            rows += [pad + "    break"] if head == "while flag:" else []
            if head == "if flag:" and rng.random() < 0.5:
                rows += [pad + "else:", *_block(rng, depth + 1, 2)]
            continue
        rows += [pad + rng.choice(_STATEMENTS)(rng)]
        rows += [pad + f"probe({rng.choice('xyz')}, {rng.choice('xyz')})"]
    return rows


def _name(rng: random.Random) -> str:
    return rng.choice("xyz")


def _kernel(rng: random.Random) -> str:
    return rng.choice(["1", "3, padding=1", "3", "1, 2", "2, padding=1", "5, 1, 2", "1, padding=1"])


def _parts(rng: random.Random) -> str:
    return rng.choice(
        [
            *("chunk(2, -1)", "chunk(2, 1)", "chunk(2)", "chunk(3, dim=1)[:2]", "unbind(0)"),
            *("split(2, 1)", "split(h, -1)", "split([1, 2], 0)", "split(d, dim=-1)", "unbind(-1)"),
        ]
    )


def _guard(rng: random.Random) -> str:
    places = _name(rng), _name(rng), rng.choice(["0", "1", "-1"]), _size(rng), _size(rng)
    return rng.choice(_GUARDS).format(*places)


def _layer(rng: random.Random) -> str:
    return f"self.{rng.choice('fcgqp')}"


def _function(rng: random.Random) -> str:
    return rng.choice(
        ["unit", "turned", "self.f", "self.q", "self.c", "partial(torch.sum, dim=-1)", "torch.exp"]
    )


def _size(rng: random.Random) -> str:
    return rng.choice(["b", "n", "h", "d", "self.h", "1", "2", "3", "b * n", "d // h", "4"])


_METHODS = (
    *("transpose(0, 1)", "transpose(-2, -1)", "unsqueeze(0)", "unsqueeze(-1)", "squeeze(0)"),
    *("squeeze(-1)", "reshape(-1)", "flatten()", "flatten(1)", "flatten(0, 1)", "sum(-1)"),
    *("sum(0, keepdim=True)", "mean((0, 1))", "contiguous()", "softmax(-1)", "float()", "mT"),
    *("amax(-1, keepdim=True)", "type(torch.float32)", "expand(2, -1, -1)", "repeat(1, 2)"),
    *("unsqueeze(1)", "permute(0, 2, 1)", "masked_fill_(x > 9, 0)", "split(2)[-1]"),
    *("chunk(2, -1)[0]", "chunk(2, 1)[-1]", "permute(1, 0)", "permute(2, 0, 1)", "sum()"),
)
_INDICES = ("0", "-1", ":, 0", "..., None", "None", "..., 0", ":1", ":, None", "1:", "..., :2")
_PATTERNS = (
    *("b n d -> b d n", "b (n h) d -> b n h d", "b n -> n b", "b n d -> (b n) d"),
    *("b n (h d) -> b h n d", "b h n d -> b n (h d)", "b n -> b n 1", "b n d -> b n () d"),
    *("... d -> d ...", "b ... -> b (...)", "b ... d -> (b d) ...", "... n d -> ... d n"),
)
_RESHAPERS = (
    *("nn.Flatten()", "nn.Flatten(0, -2)", "nn.Flatten(start_dim=-2)", "nn.Unflatten(1, (2, -1))"),
    *("nn.Unflatten(-1, (d, h))", "nn.MaxPool1d(2)", "nn.AvgPool2d(2)", "nn.AdaptiveAvgPool1d(3)"),
)
_MORE = (
    *("expand(2, -1, -1)", "expand(h, -1)", "expand(b, n, d)", "expand(-1, n)", "repeat(1, 2)"),
    *("repeat(h, 1, 1)", "repeat(b, n)", "repeat_interleave(2, -1)", "repeat_interleave(h, dim=0)"),
    *("unflatten(-1, (h, -1))", "unflatten(0, (b, n))", "unflatten(1, (-1, 2))", "t()", "T", "mT"),
    *(
        "narrow(0, 0, 1)",
        "narrow(-1, 0, h)",
        "select(1, 0)",
        "sort()[0]",
        "topk(2)[1]",
        "max(1)[0]",
    ),
    *("index_select(0, torch.tensor([0, 0, 0]))", "min(-1).values", "topk(h, dim=0)[0]", "max()"),
    *("broadcast_to((2, -1, -1))", "expand((h, -1, -1))", "repeat(h, 1, 2, 1)", "new_ones([b, h])"),
    *("reshape(h, -1)", "reshape((-1, d))", "view(-1)", "view([d, -1])", "reshape(-1, h, 1)"),
    *("new_zeros(b, n)", "new_full((h, d), 1.0)", "type_as(y)", "expand_as(y)", "view_as(z)"),
    *(
        "clamp(min=0)",
        "clamp(z)",
        "where(x > 0, y)",
        "argmax(-1)",
        "std(-1)",
        "var(0, keepdim=True)",
    ),
    *("std(-1, True)", "any(0)", "prod(-1, True)", "masked_fill(y > 0, 0.0)", "sum((0, -1))"),
    *(
        "logical_not()",
        "argsort(-1)",
        "pow(2)",
        "pow(z)",
        "maximum(y)",
        "gather(0, (y * 0).long())",
    ),
)
_FUNCTIONS = (
    *("pad(x, (1, 0))", "pad(x, (0, h, 1, -1))", "pad(y, (d, d), value=1.0)", "linear(x, self.w)"),
    *(
        "linear(y, self.f.weight, self.f.bias)",
        "one_hot((z > 0).long(), 3)",
        "one_hot((x > 0).long())",
    ),
    *("scaled_dot_product_attention(x, y, z)", "embedding((x > 0).long(), self.w)"),
)
_MADE = (
    *("tensor([[1.0, 2], [3, 4]])", "tensor([h, d, b])", "tensor(3.0)", "tensor([[1], [2], [3]])"),
    *("linspace(0, 1, 5)", "linspace(0, 1, steps=h)", "where(x > y, x, y)", "where(x > 0, z, 0.0)"),
    *("maximum(x, z)", "max(x, y)", "clamp(x, max=1)", "logical_or(x > 0, y > 0)", "eq(x, z)"),
    *("nn.init.zeros_(torch.empty(h, d))", "atleast_1d(x)", "where(z > 0, x, y)"),
)
_GUARDS = (
    *("{0}.shape[-1] != {1}.shape[{2}]", "{0}.shape != ({3}, {4})", "not {0}.shape[0] == {3}"),
    *("{0}.shape[0] != 2 or {1}.shape[-1] != {3}", "{0}.ndim != 2", "{0}.shape[{2}] == {3}"),
)
_STATEMENTS: tuple[Callable[[random.Random], str], ...] = (
    lambda r: f"{_name(r)} = torch.randn({_size(r)}, {_size(r)})",
    lambda r: f"{_name(r)} = torch.ones(({_size(r)}, {_size(r)}, {_size(r)}))",
    lambda r: f"{_name(r)} = {_name(r)}.{r.choice(_METHODS)}",
    lambda r: f"{_name(r)} = {_name(r)}.{r.choice(_METHODS)}",
    lambda r: f"{_name(r)} = {_name(r)}[{r.choice(_INDICES)}]",
    lambda r: f"{_name(r)} = {_name(r)} {r.choice('+*-@')} {_name(r)}",
    lambda r: f"{_name(r)} = {_name(r)} * {r.choice(['self.s', 'h', '2', 'b', '0.5'])}",
    lambda r: f"{_name(r)} = {_name(r)} @ self.w{r.choice(['', '.T'])}",
    lambda r: f"{_name(r)} = self.f({_name(r)})",
    lambda r: f"{_name(r)} += {_name(r)}",
    lambda r: f"{_name(r)} = {_layer(r)}({_name(r)})",
    lambda r: f"{_name(r)} = {_layer(r)}({_name(r)})",
    lambda r: f"{_name(r)} = {r.choice(['unit', 'turned'])}({_name(r)})",
    lambda r: f"{_name(r)} = turned({_name(r)}, {r.choice(['1, 2', 'b=-1', '-1, -2'])})",
    lambda r: f"{_name(r)} = either({_name(r)}, {_name(r)})",
    lambda r: f"{_name(r)} = {_name(r)} if flag else {_name(r)}",
    lambda r: f"{_name(r)} = {_name(r)} / math.sqrt({_size(r)})",
    lambda r: f"y, z = {_name(r)}.{_parts(r)}",
    lambda r: f"y, z = {_layer(r)}({_name(r)}).{_parts(r)}",
    lambda r: f"x, y, z = ({_name(r)}, *{_layer(r)}({_name(r)}).{_parts(r)})",
    lambda r: f"y, z = {_name(r)}",
    lambda r: f"y, z = map({_function(r)}, ({_name(r)}, {_name(r)}))",
    lambda r: f"y, z = map(lambda t: t.{r.choice(_METHODS)}, {_name(r)}.{_parts(r)})",
    lambda r: f"y, z = map(lambda f: f({_name(r)}), ({_layer(r)}, {_layer(r)}))",
    lambda r: (
        f"y, z = map(lambda t: einops.rearrange(t, '{r.choice(_PATTERNS)}', h=self.h), "
        f"{_layer(r)}({_name(r)}).{_parts(r)})"
    ),
    lambda r: f"y, z = {_name(r)}.chunk(2, axis={r.choice(['0', '-1'])})",
    lambda r: f"{_name(r)} = torch.cat(({_name(r)}, {_name(r)}), axis={r.choice(['0', '-1'])})",
    lambda r: f"{_name(r)} = {_name(r)}.clamp({r.choice(['0', 'x', '0, y', 'max=z'])})",
    lambda r: f"({_name(r)} := {_name(r)}.mT) is not None and probe({_name(r)}, {_name(r)})",
    lambda r: f"ns, b = [{_size(r)}], 2; ns.append({_size(r)}); {_name(r)} = torch.ones(ns)",
    lambda r: f"{_name(r)} = torch.ones((*{_name(r)}.shape[{r.choice([':2', '-2:'])}], 3))",
    lambda r: f"{_name(r)} = torch.eye({_size(r)}, m={_size(r)})",
    lambda r: f"ps = {_name(r)}.{_parts(r)}; x = torch.{r.choice(['stack', 'cat'])}(ps)",
    lambda r: f"y = {_name(r)}.view({_size(r)} * 2, {_size(r)}, {_size(r)})",
    lambda r: f"b, n, *_ = *{_name(r)}.shape[:2], self.h",
    lambda r: f"with torch.no_grad(): {_name(r)} = {_layer(r)}({_name(r)})",
    lambda r: f"b, n = {_name(r)}.shape",
    lambda r: f"b, n, d = {_name(r)}.shape",
    lambda r: f"b, n, *_ = {_name(r)}.shape",
    lambda r: f"b, n = {_name(r)}.shape[{r.choice([':2', '-2:'])}]",
    lambda r: f"b, n, _, h = *{_name(r)}.shape, self.h",
    lambda r: f"{r.choice('bnd')} = {_name(r)}.shape[{r.choice(['0', '1', '-1'])}]",
    lambda r: f"{r.choice('bnd')} = {_name(r)}.size({r.choice(['0', '1', '-1'])})",
    lambda r: f"{r.choice('bnhd')} = {_size(r)}",
    lambda r: f"{r.choice('bnhd')} += 1",
    lambda r: f"{_name(r)} = {_name(r)}.view({_size(r)}, -1, {_size(r)})",
    lambda r: f"{_name(r)} = {_name(r)}.reshape({_size(r)}, {r.choice(['-1', _size(r)])})",
    lambda r: f"{_name(r)} = einops.rearrange({_name(r)}, '{r.choice(_PATTERNS[::2])}')",
    lambda r: f"{_name(r)} = einops.rearrange({_name(r)}, '{r.choice(_PATTERNS)}', h=h)",
    lambda r: f"{_name(r)} = einops.repeat({_name(r)}, 'b n -> b h n', h={_size(r)})",
    lambda r: f"{_name(r)} = torch.einsum('bi,bj->bij', {_name(r)}, {_name(r)})",
    lambda r: f"{_name(r)} = torch.einsum('...i,...i->...i', {_name(r)}, {_name(r)})",
    lambda r: f"{_name(r)} = torch.cat(({_name(r)}, {_name(r)}), {r.choice(['0', '-1'])})",
    lambda r: f"{_name(r)} = torch.stack([{_name(r)}, {_name(r)}], {r.choice(['0', '-1'])})",
    lambda r: f"assert {_name(r)}.shape[-1] == {_name(r)}.shape[{r.choice(['0', '1', '-1'])}]",
    lambda r: f"assert {_name(r)}.shape == ({_size(r)}, {_size(r)})",
    lambda r: f"{_name(r)}, {_name(r)} = {_name(r)}, {_name(r)}",
    lambda r: f"{_name(r)} = {_name(r)}.{r.choice(_MORE)}",
    lambda r: f"{_name(r)} = {_name(r)}.{r.choice(_MORE)}",
    lambda r: f"{_name(r)} = (lambda t: t)({_name(r)}).{r.choice(_MORE)}",
    lambda r: f"{_name(r)} = torch.reshape({_name(r)}, ({_size(r)}, {r.choice(['-1', _size(r)])}))",
    lambda r: f"{_name(r)} = torch.broadcast_to({_name(r)}, ({_size(r)}, {_size(r)}, -1))",
    lambda r: f"{_name(r)} = {_name(r)}.{r.choice(_MORE)}",
    lambda r: f"{_name(r)} = nn.functional.{r.choice(_FUNCTIONS)}",
    lambda r: f"{_name(r)} = torch.{r.choice(_MADE)}",
    lambda r: f"{_name(r)} = {_name(r)} {r.choice(['>', '==', '<=', '!='])} {_name(r)}",
    lambda r: f"{_name(r)} = ({_name(r)} > {r.choice(['0', 'h', 'self.s'])}) * {_name(r)}",
    lambda r: f"{_name(r)} = -{_name(r)} + {r.choice('2hd')} * {_name(r)}",
    lambda r: f"{_name(r)} = ~({_name(r)} > 0)",
    lambda r: f"{_name(r)} = self.k",
    lambda r: f"{_name(r)} = self.r({_name(r)})",
    lambda r: f"{_name(r)} = self.{r.choice('fcgen')}.{r.choice(['weight', 'bias'])}",
    lambda r: f"{_name(r)} = self.e(({_name(r)} > 0).long())",
    lambda r: f"{_name(r)} = self.n({_name(r)})",
    lambda r: f"{_name(r)} {r.choice('+-*')}= {r.choice(['2', 'h', '0.5', _name(r)])}",
    lambda r: f"{_name(r)}.{r.choice(['mul_(2)', 'add_(y)', 'clamp_(0)', 'sub_(z)'])}",
    lambda r: f"{_name(r)}[{r.choice(['0', '..., 0', ':1'])}] = {r.choice(['1.0', 'h'])}",
    lambda r: f"assert {_name(r)}.shape == {_name(r)}.shape",
    lambda r: f"k = {_name(r)}; {_name(r)} = k if k.ndim == {r.choice('23')} else k.mT",
    lambda r: f"{_name(r)}, {_name(r)} = (turned(t) for t in ({_name(r)}, {_name(r)}))",
    lambda r: f"x, y, z = ({_name(r)}, *{_name(r)}.chunk(2, {r.choice(['0', '-1'])}))",
    lambda r: f"{_name(r)} = torch.baddbmm({_name(r)}, {_name(r)}, {_name(r)}, alpha=2)",
    lambda r: f"{_name(r)} = torch.bmm({_name(r)}, {_name(r)})",
    lambda r: f"{_name(r)} = torch.{r.choice(['mul', 'add', 'maximum'])}({_name(r)}, other=y)",
    lambda r: f"y, z = {_name(r)}.split(split_size={r.choice('12h')}, dim=-1)",
    lambda r: f"if {_guard(r)}: raise ValueError",
    lambda r: f"if {_guard(r)}: return {_name(r)}",
    lambda r: f"if {_guard(r)}: {_name(r)} = {_name(r)}.{r.choice(_METHODS)}",
)


def tried(seed: int, tally: Tally) -> None:
    """Run a program with probes, remove operations that raise, and compare claims with shapes."""
    rows = program(seed).splitlines()
    for _ in range(len(rows)):
        seen, failed = _run("\n".join(rows))
        if failed is None:
            break
        row = rows[failed - 1]
        rows[failed - 1] = row[: len(row) - len(row.lstrip())] + "pass"
    else:
        return
    text = "\n".join(rows).replace("probe(", f"torch.einsum('{_PROBE}', ")
    sites = parse_file(SourceFile(f"{seed}.py", text)).facts(CallSite)
    claimed = {
        site.lines.line_number(site.start): site.arguments.shapes
        for site in sites
        if site.arguments.equation == _PROBE
    }
    tally.programs += 1
    for row_number, shapes in seen:
        _compare(text, row_number, claimed[row_number], shapes, tally)


def _run(text: str) -> tuple[list[tuple[int, tuple[tuple[int, ...], ...]]], int | None]:
    """The shapes seen at each probe, and the line that raises, if any."""
    seen: list[tuple[int, tuple[tuple[int, ...], ...]]] = []

    def probe(*operands: torch.Tensor) -> None:
        if max(each.numel() for each in operands) > 10**4:
            raise RuntimeError("too large")
        frame = inspect.currentframe()
        assert frame is not None
        assert frame.f_back is not None
        seen.append((frame.f_back.f_lineno, tuple(tuple(each.shape) for each in operands)))

    try:
        code = compile(text, "<program>", "exec")
        with warnings.catch_warnings(action="ignore"):
            exec(code, {"probe": probe, "__name__": "program"})
    except Exception as error:  # noqa: BLE001
        rows = [
            each.lineno
            for each in traceback.extract_tb(error.__traceback__)
            if each.filename == "<program>"
        ]
        return seen, rows[-1] if rows else None
    return seen, None


def _compare(text: str, row: int, claimed: object, seen: object, tally: Tally) -> None:
    """Compare all sizes at one call, and that equal symbols are equal sizes."""
    sizes: dict[Symbol, int] = {}
    for shape, real in zip(claimed, seen, strict=True):  # type: ignore[call-overload]
        if shape is None:
            continue
        is_true = len(shape) == len(real)
        for axis, number in zip(shape, real, strict=False):
            tally.claims += axis.size is not None
            known = axis.size
            if isinstance(known, Symbol):
                known = sizes.setdefault(known, number)
            is_true = is_true and known in (None, number)
        if not is_true:
            tally.false.append(f"line {row}: {shape} is {real}\n{text}")
