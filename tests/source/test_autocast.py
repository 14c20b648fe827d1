"""Where the code shows an autocast around a call; nothing proves that there is none."""

import textwrap

import pytest

from einlint.notebook.module import module_of
from einlint.rewriting.assumptions import NO_AUTOCAST, EvidenceKind
from einlint.source.callsite import CallSite
from einlint.source.file import SourceFile
from einlint.source.finder import parse_file

CALL = "torch.einsum('i,j->ij', a, b)"


def shown(source: SourceFile) -> int | None:
    """The row that speaks against it; that is all that the source ever says."""
    parsed = parse_file(source)
    (call,) = parsed.facts(CallSite)
    evidence = call.arguments.evidence.get(NO_AUTOCAST)
    if evidence is None:
        return None
    assert evidence.kind is EvidenceKind.AGAINST
    assert evidence.offset is not None
    return parsed.lines.line_number(evidence.offset)


def shown_in(text: str) -> int | None:
    return shown(SourceFile("a.py", f"import torch\n{text}\n"))


@pytest.mark.parametrize(
    "text",
    [
        CALL,
        f"if __name__ == '__main__':\n    {CALL}",
        f"with torch.no_grad():\n    {CALL}",
        # The word alone is nothing: it has to be around the call.
        f"with torch.autocast('cuda'):\n    f()\n{CALL}",
        f"# autocast\nuses = torch.is_autocast_enabled()\n{CALL}",
        f"@torch.autocast('cuda')\ndef f():\n    pass\n\ndef g():\n    {CALL}",
        # It is kept off.
        f"with torch.autocast('cuda', enabled=False):\n    {CALL}",
        f"with torch.cuda.amp.autocast(False):\n    {CALL}",
        f"with torch.autocast('cuda'):\n    with torch.autocast('cuda', enabled=False):\n"
        f"        {CALL}",
        f"@torch.autocast('cuda', enabled=False)\ndef f():\n    {CALL}",
        f"@torch.amp.custom_fwd(cast_inputs=torch.float32)\ndef forward():\n    {CALL}",
        f"torch.set_autocast_enabled(False)\n{CALL}",
        f"torch.set_autocast_enabled('cuda', False)\n{CALL}",
        f"with disable_autocast():\n    {CALL}",
        f"full = partial(torch.autocast, 'cuda', enabled=False)\nwith full():\n    {CALL}",
        # Names that have to do with it, and are no region.
        f"dtype = torch.get_autocast_dtype('cuda')\nwith f(dtype):\n    {CALL}",
        f"model = build(torch.autocast)\nwith model.no_sync():\n    {CALL}",
        f"def f():\n    with torch.autocast('cuda'):\n        g()\nx = f()\nwith x:\n    {CALL}",
    ],
)
def test_nothing_is_shown(text: str) -> None:
    assert shown_in(text) is None


@pytest.mark.parametrize(
    "region",
    [
        "torch.autocast('cuda')",
        "torch.autocast('cuda', dtype=torch.bfloat16, enabled=use_amp)",
        "torch.amp.autocast(device_type='cuda')",
        "torch.cuda.amp.autocast()",
        "torch.cpu.amp.autocast(True)",
        "autocast()",
        "self.accelerator.autocast()",
        "amp_autocast()",
        "self.maybe_autocast(dtype)",
        "torch.no_grad(), torch.autocast('cuda')",
        "torch.autocast('cuda') if use_amp else nullcontext()",
        "(region := torch.autocast('cuda'))",
        "partial(torch.autocast, 'cuda')()",
    ],
)
def test_a_with_around_the_call(region: str) -> None:
    assert shown_in(f"with {region}:\n    {CALL}") == 2
    assert shown_in(f"with {region}:\n    for a in x:\n        y = lambda: {CALL}") == 2
    assert shown_in(f"with {region}:\n    pass\n{CALL}") is None


@pytest.mark.parametrize(
    "text",
    [
        f"from torch.cuda.amp import autocast as amp\nwith amp():  # here\n    {CALL}",
        f"ctx = torch.autocast('cuda')\nwith ctx:  # here\n    {CALL}",
        f"ctx = nullcontext() if cpu else torch.autocast('cuda')\nwith ctx:  # here\n    {CALL}",
        f"ctx: object = torch.autocast('cuda')\nwith ctx:  # here\n    {CALL}",
        f"amp = partial(torch.autocast, 'cuda')\nctx = amp()\nwith ctx:  # here\n    {CALL}",
        f"amp = lambda: torch.autocast('cuda')\nwith amp():  # here\n    {CALL}",
        f"if (ctx := torch.autocast('cuda')):\n    with ctx:  # here\n        {CALL}",
        f"""
        class A:
            def __init__(self):
                self.ctx = torch.autocast('cuda')

            def forward(self, a, b):
                with self.ctx:  # here
                    return {CALL}
        """,
        f"""
        class A:
            def region(self):
                return torch.autocast('cuda') if self.amp else nullcontext()

            def forward(self, a, b):
                with self.region():  # here
                    return {CALL}
        """,
        f"""
        @contextlib.contextmanager
        def region():
            with torch.autocast('cuda'):
                yield

        with region():  # here
            {CALL}
        """,
        f"""
        def in_half(function):
            def wrapped(*args):
                with torch.autocast('cuda'):
                    return function(*args)
            return wrapped

        @in_half  # here
        def f(a, b):
            return {CALL}
        """,
        f"""
        def in_half(function):
            @torch.autocast('cuda')
            def wrapped(*args):
                return function(*args)
            return wrapped

        @in_half  # here
        def f(a, b):
            return {CALL}
        """,
        f"@torch.autocast('cuda')  # here\ndef f(a, b):\n    return {CALL}",
        f"@torch.no_grad()\n@autocast()  # here\ndef f(a, b):\n    return {CALL}",
        f"@torch.autocast('cuda')  # here\ndef f(a, b):\n    def g():\n        return {CALL}",
        f"@custom_fwd  # here\ndef forward(ctx, a, b):\n    return {CALL}",
        f"@torch.amp.custom_fwd(device_type='cuda')  # here\ndef forward(a, b):\n    {CALL}",
        f"@custom_bwd  # here\ndef backward(ctx, a, b):\n    return {CALL}",
        f"@autocast()  # here\nclass A:\n    def f(self, a, b):\n        return {CALL}",
        f"torch.set_autocast_enabled(True)  # here\n{CALL}",
        f"torch.set_autocast_enabled('cpu', was_on)  # here\n{CALL}",
        f"torch.set_autocast_cpu_enabled(True)  # here\n{CALL}",
        f"{CALL}\ntorch.autocast('cpu').__enter__()  # here",
        f"ctx = torch.autocast('cpu')\nctx.__enter__()  # here\n{CALL}",
        f"stack.enter_context(torch.autocast('cpu'))  # here\n{CALL}",
    ],
)
def test_other_ways_to_switch_it_on(text: str) -> None:
    source = textwrap.dedent(text)
    marked = [row for row, line in enumerate(source.split("\n"), 2) if "# here" in line]
    assert [shown_in(source)] == marked


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("import torch", CALL), False),
        (("import torch", "start()", f"%timeit {CALL}"), False),
        (("import torch", f"with torch.autocast('cpu'):\n    {CALL}"), True),
        (("import torch", CALL, "torch.autocast('cpu').__enter__()"), True),
    ],
)
def test_the_cells_of_a_notebook_are_one_file(cells: tuple[str, ...], expected: bool) -> None:
    assert (shown(module_of("a.ipynb", cells).source) is not None) is expected


def test_long_expressions_take_linear_time() -> None:
    """Thousands of names in one expression, all of them bound to a region."""
    names = "\n".join(f"c{number} = autocast" for number in range(3000))
    sums = " or ".join(f"c{number}" for number in range(3000))
    assert shown_in(f"{names}\nwith ({sums}):\n    {CALL}") == 3002
