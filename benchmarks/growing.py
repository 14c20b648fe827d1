"""Sources that grow in one number each: what `growth.py` measures."""

import json
from itertools import pairwise
from typing import Final

IMPORT: Final = "import torch\n"
CALL: Final = "torch.einsum('ij,jk->ik', a, b)"


def calls(count: int) -> str:
    """Calls in one function."""
    return f"{IMPORT}def f(a, b):\n" + f"    x = {CALL}\n" * count


def calls_in_functions(count: int) -> str:
    """Functions with a call each."""
    return IMPORT + f"def f(a, b):\n    return {CALL}\n" * count


def lines(count: int) -> str:
    """Lines without a call."""
    return f"{IMPORT}x = {CALL}\n" + "y = g(x, 1) + x.shape[0]\n" * count


def one_line(count: int) -> str:
    """Calls on one line."""
    return IMPORT + f"x = {CALL}; " * count + "\n"


def one_wide_line(count: int) -> str:
    """Calls on one line that is not ASCII."""
    return f"{IMPORT}s = '\N{EURO SIGN}'; " + f"x = {CALL}; " * count + "\n"


def names(count: int) -> str:
    """Names, each with a value made of the last one."""
    chain = "".join(f"    x{each + 1} = x{each} + 1\n" for each in range(count))
    return f"{IMPORT}def f(x0, b):\n{chain}    return torch.einsum('ij,jk->ik', x{count}, b)\n"


def one_name(count: int) -> str:
    """One name that is bound again and again."""
    return f"{IMPORT}def f(a, b):\n" + "    a = a * 2 + b\n" * count + f"    return {CALL}\n"


def one_global(count: int) -> str:
    """One global name that is bound again and again, and the calls that use it."""
    return f"{IMPORT}a = 1\n" + f"a = {CALL}\n" * count


def one_equation(count: int) -> str:
    """An equation that is bound again and again."""
    return f"{IMPORT}e = 'ij,jk->ik'\n" * count + "x = torch.einsum(e, a, b)\n" * count


def one_list(count: int) -> str:
    """A name that may hold a list of operands, bound again and again."""
    return f"{IMPORT}def f(a):\n" + "    a = a + a\n    x = torch.einsum('i->', a)\n" * count


def branches(count: int) -> str:
    """Branches that bind one name."""
    return f"{IMPORT}def f(a, b, c):\n" + "    if c:\n        a = a + 1\n" * count + f"    {CALL}\n"


def calls_in_branches(count: int) -> str:
    """A call under each `if`."""
    return f"{IMPORT}def f(a, b, c):\n" + f"    if c:\n        a = {CALL}\n" * count


def shapes_in_branches(count: int) -> str:
    """Assertions about shapes under each `if`."""
    part = f"    if c:\n        assert a.shape[0] == 3\n        x = {CALL}\n"
    return f"{IMPORT}def f(a, b, c):\n" + part * count


def asserted(count: int) -> str:
    """Assertions about shapes, each with a call."""
    return f"{IMPORT}def f(a, b, c):\n" + f"    n, m = a.shape\n    x = {CALL}\n" * count


def variables_and_branches(count: int) -> str:
    """As many variables as branches."""
    bound = "".join(f"    x{each} = g({each})\n" for each in range(count))
    return (
        f"{IMPORT}def f(a, b, c):\n{bound}"
        + "    if c:\n        a = a + 1\n" * count
        + (f"    {CALL}\n")
    )


def nested_branches(count: int) -> str:
    """Branches in branches, up to the depth that Python takes, in many functions."""
    deep = "".join(f"{'    ' * (each + 1)}if c:\n" for each in range(15))
    return IMPORT + f"def f(a, b, c):\n{deep}{'    ' * 16}{CALL}\n" * count


def elifs(count: int) -> str:
    """The branches of one `if`."""
    chain = "".join(f"    elif c == {each}:\n        a = {CALL}\n" for each in range(count))
    return f"{IMPORT}def f(a, b, c):\n    if c:\n        pass\n{chain}    return a\n"


def loops(count: int) -> str:
    """Loops with a call each."""
    return f"{IMPORT}def f(a, b, c):\n" + f"    for i in c:\n        a = {CALL}\n" * count


def classes(count: int) -> str:
    """Classes with an attribute and a call each."""
    part = (
        "class C{0}:\n    def __init__(self):\n        self.w{0} = torch.rand(3, 4)\n"
        "    def forward(self, a):\n        return torch.einsum('ij,jk->ik', a, self.w{0})\n"
    )
    return IMPORT + "".join(part.format(each) for each in range(count))


def attributes(count: int) -> str:
    """Attributes of one class, and a call for each."""
    made = "".join(f"        self.w{each} = torch.rand(3, 4)\n" for each in range(count))
    used = "".join(
        f"        x = torch.einsum('ij,jk->ik', a, self.w{each})\n" for each in range(count)
    )
    return f"{IMPORT}class C:\n    def __init__(self):\n{made}    def forward(self, a):\n{used}"


def classes_and_attributes(count: int) -> str:
    """As many classes as attributes in one of them."""
    return attributes(count) + "class D:\n    x = 1\n" * count


def helpers(count: int) -> str:
    """One expression of as many calls of a helper."""
    terms = " + ".join(["g(a)"] * count)
    call = f"torch.einsum('ij,jk->ik', {terms}, b)"
    return f"{IMPORT}def g(x):\n    return x * 2 + x\ndef f(a, b):\n    return {call}\n"


def helpers_of_helpers(count: int) -> str:
    """Helpers whose expressions are sums of calls of the next one."""
    terms = "+".join(["{0}(x)"] * count)
    made = "".join(
        f"def {one}(x):\n    return {terms.format(other)}\n" for one, other in pairwise("ghkl")
    )
    return f"{IMPORT}{made}def f(a, b):\n    return torch.einsum('ij,jk->ik', g(a), b)\n"


def chain(count: int) -> str:
    """The methods of one chain."""
    return f"{IMPORT}def f(a, b):\n    return torch.einsum('ij,jk->ik', a{'.abs()' * count}, b)\n"


def sums(count: int) -> str:
    """The terms of one sum."""
    terms = " + ".join(["a"] * count)
    return f"{IMPORT}def f(a, b):\n    return torch.einsum('ij,jk->ik', {terms}, b)\n"


def nested(count: int) -> str:
    """Calls in calls, up to the depth that Python takes, in many functions."""
    text = "a"
    for _ in range(20):
        text = f"torch.einsum('ij,jk->ik', {text}, b)"
    return IMPORT + f"def f(a, b):\n    return {text}\n" * count


def nested_deeply(count: int) -> str:
    """Calls in calls: no more than Python's parser takes."""
    text = "a"
    for _ in range(min(count, 90)):
        text = f"torch.einsum('ij,jk->ik', {text}, b)"
    return f"{IMPORT}def f(a, b):\n    return {text}\n"


def operands(count: int) -> str:
    """Operands of one call."""
    inputs = ",".join(["ij"] * count)
    return f"{IMPORT}x = torch.einsum('{inputs}->', {', '.join(['a'] * count)})\n"


def different_operands(count: int) -> str:
    """Different operands of one call."""
    inputs = ",".join(["ij"] * count)
    given = ", ".join(f"a{each}" for each in range(count))
    return f"{IMPORT}x = torch.einsum('{inputs}->', {given})\n"


def long_operand(count: int) -> str:
    """The elements of a list in an operand."""
    return f"{IMPORT}x = torch.einsum('ij,jk->ik', torch.tensor([{'1, ' * count}]), b)\n"


def comments(count: int) -> str:
    """Comments in one call."""
    return f"{IMPORT}x = torch.einsum('ij,jk->ik', a,\n" + "    # one more\n" * count + "    b)\n"


def ignored(count: int) -> str:
    """Comments that silence a call each, as EIN901 looks for those that silence nothing."""
    return f"{IMPORT}def f(a, b):\n" + f"    x = {CALL}  # noqa: EIN104\n" * count


def ignored_in_vain(count: int) -> str:
    """Comments that silence nothing."""
    return f"{IMPORT}def f(a, b):\n    {CALL}\n" + "    x = 1  # einlint: ignore[EIN104]\n" * count


def ignored_for_file(count: int) -> str:
    """Comments that silence a whole file, and calls."""
    return f"{IMPORT}" + f"# einlint: ignore-file[EIN105]\nx = {CALL}\n" * count


def ignored_inside(count: int) -> str:
    """Calls of two lines, and a comment in each that silences another finding about it."""
    part = "    x = torch.einsum('ij,jk', a,  # noqa: EIN006\n        b)\n"
    return f"{IMPORT}def f(a, b):\n{part * count}"


def ignored_on_one_line(count: int) -> str:
    """Calls on one line, and comments about them."""
    return f"{IMPORT}{f'x = {CALL}; ' * count}{'# noqa: EIN105 ' * count}\n"


def ignored_in_one_cell(count: int) -> str:
    """Comments that silence nothing at the top of one cell of a notebook."""
    return notebook([IMPORT, "# einlint: ignore[EIN105]\n" * count + f"%%time\nx = {CALL}"])


def side_by_side(count: int) -> str:
    """Calls that each start on the line where the last one ends."""
    part = "torch.einsum('ij,jk->ik', a,\n    b), "
    return f"{IMPORT}def f(a, b):\n    return [{part * count}]\n"


def f_strings(count: int) -> str:
    """Fields of one f-string, with a call each."""
    fields = "".join(f"{{torch.einsum('ij,jk->ik', a{each}, b)}}" for each in range(count))
    return f'{IMPORT}x = f"{fields}"\n'


def printed(count: int) -> str:
    """Fields of one f-string that print the source of their calls."""
    fields = "".join(f"{{torch.einsum('ij,jk->ik', a{each}, b)=}}" for each in range(count))
    return f'{IMPORT}x = f"{fields}"\n'


def imports(count: int) -> str:
    """Imports and names."""
    return "".join(f"import m{each}\n" for each in range(count)) + IMPORT + f"x = {CALL}\n" * count


def aliases(count: int) -> str:
    """Names for einsum, each bound to the last one, and calls."""
    bound = "".join(f"e{each + 1} = e{each}\n" for each in range(count))
    return f"from torch import einsum as e0\n{bound}" + f"e{count}('ij,jk->ik', a, b)\n" * count


def scopes(count: int) -> str:
    """Functions in functions, up to the depth that Python takes."""
    deep = "".join(f"{'  ' * each}def f{each}(a, b):\n" for each in range(min(count, 90)))
    return f"{IMPORT}{deep}{'  ' * min(count, 90)}return {CALL}\n"


def lambdas(count: int) -> str:
    """Lambdas with a call each, called in one function."""
    return f"{IMPORT}def f(a, b):\n" + f"    g = lambda x: {CALL}\n    g(a)\n" * count


def attentions(count: int) -> str:
    """Functions with an attention each."""
    part = (
        "def f(q, k, v):\n    s = torch.einsum('bhqd,bhkd->bhqk', q, k) / q.shape[-1] ** 0.5\n"
        "    p = s.softmax(dim=-1)\n    return torch.einsum('bhqk,bhkd->bhqd', p, v)\n"
    )
    return IMPORT + part * count


def attentions_in_one(count: int) -> str:
    """Attentions in one function."""
    part = (
        "    s = torch.einsum('bhqd,bhkd->bhqk', q, k) / 8\n    p = s.softmax(dim=-1)\n"
        "    q = torch.einsum('bhqk,bhkd->bhqd', p, v)\n"
    )
    return f"{IMPORT}def f(q, k, v):\n{part * count}    return q\n"


def softmaxes(count: int) -> str:
    """Functions with a softmax of two products without einsum."""
    part = "def f(q, k, v):\n    return (q @ k.mT).softmax(dim=-1) @ v\n"
    return f"{IMPORT}# einsum\n" + part * count


def caught(count: int) -> str:
    """Calls in a `try` each."""
    part = f"    try:\n        {CALL}\n    except RuntimeError:\n        pass\n"
    return f"{IMPORT}def f(a, b):\n" + part * count


def compared(count: int) -> str:
    """Calls that are compared with something."""
    return f"{IMPORT}def f(a, b, c):\n" + f"    x = {CALL}\n    assert x.equal(c)\n" * count


def timed(count: int) -> str:
    """Functions with a call that other functions call and time."""
    part = (
        f"def f{{0}}(a, b):\n    return {CALL}\n"
        "def t{0}():\n    s = time.time()\n    f{0}(a, b)\n    print(time.time() - s)\n"
    )
    return f"import time\n{IMPORT}" + "".join(part.format(each) for each in range(count))


def patched(count: int) -> str:
    """Attributes that are set, and calls."""
    part = f"m.x{{}} = f\nx = {CALL}\n"
    return IMPORT + "".join(part.format(each) for each in range(count))


def strings(count: int) -> str:
    """Characters of one string."""
    return f"{IMPORT}x = '{'einsum ' * count}'\n{CALL}\n"


def data(count: int) -> str:
    """Elements of a list of numbers."""
    return f"{IMPORT}{CALL}\nx = [\n{'    1, 2, 3, 4, 5, 6,' * count}]\n"


def notebook_cells(count: int) -> str:
    """The cells of a notebook, with a call each."""
    return notebook([IMPORT, *[f"x = {CALL}"] * count])


def notebook(sources: list[str]) -> str:
    """A notebook with these cells."""
    made = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "source": each} for each in sources
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
