"""The text of the one call that computes an attention."""

import ast
from dataclasses import dataclass
from typing import Final

from einlint.algebra.equation import Subscripts
from einlint.source.sdpa.between import casting_aside
from einlint.source.sdpa.causal import is_causal
from einlint.source.sdpa.heads import repeated_text
from einlint.source.sdpa.matching import FEATURE, KEY, QUERY, VALUE, Matched, Operand
from einlint.source.sdpa.of_scores.joined import SECOND, Joined
from einlint.source.sdpa.one_call.dropouts import dropout_text, tested
from einlint.source.sdpa.one_call.masks import mask_text
from einlint.source.sdpa.one_call.removing import place_of
from einlint.source.sdpa.parts import Parts
from einlint.source.sdpa.reading import Read
from einlint.source.sdpa.recorded import FUSED
from einlint.source.sdpa.starred import name_of_module, usual_name_of_module
from einlint.source.sdpa.steps import Done, Step
from einlint.source.sdpa.texts import UnwritableError, Words, suffix

# The modules that have it, with what follows their name.
_HOMES: Final = (
    ("torch.nn.functional", ""),
    ("torch.nn", ".functional"),
    ("torch", ".nn.functional"),
)
_LONGEST_OPERANDS: Final = 80
_BLOCKS = (
    *(ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar),
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ListComp, ast.GeneratorExp),
    *(ast.SetComp, ast.DictComp, ast.Match),
)


@dataclass(frozen=True, slots=True)
class Call:
    """The call: its arguments, and the views behind it.

    module: what the function is called by there; None if nothing that has it is bound.
    """

    module: str | None
    arguments: tuple[str, ...]
    behind: str

    def text(self) -> str:
        """The call on one line."""
        return f"{self.module or 'F'}.{FUSED}({', '.join(self.arguments)}){self.behind}"

    @property
    def names(self) -> set[str]:
        """The names that it reads."""
        nodes = ast.walk(ast.parse(self.text(), mode="eval"))
        return {each.id for each in nodes if isinstance(each, ast.Name)}

    @property
    def has_nested_mask(self) -> bool:
        """Whether its mask is chosen by more than one condition."""
        return any(
            each.startswith("attn_mask=") and each.count(" if ") > 1 for each in self.arguments
        )

    def on_lines(self, indent: str, unit: str, newline: str) -> str:
        """The call with one line for each argument that is passed by keyword.

        indent: of its line. unit: what one level more is indented by.
        """
        operands, keywords = ", ".join(self.arguments[:3]), self.arguments[3:]
        is_long = len(indent) + len(operands) > _LONGEST_OPERANDS
        parts = [*(self.arguments[:3] if is_long else [operands]), *keywords]
        lines = [f"{self.module}.{FUSED}(", *(f"{indent}{unit}{each}," for each in parts)]
        return newline.join([*lines, f"{indent}){self.behind}"])


def written(matched: Matched, parts: Parts, read: Read) -> Call:
    """The call for an attention.

    Raises:
        UnwritableError: it has no text; the message says why.
    """
    node = _product(matched, read)
    words = Words(read, place_of(matched, read), node)
    arguments = _operands(matched, parts, words)
    if is_causal(matched, parts, read):
        arguments.append("is_causal=True")
    elif mask := parts.gathered or mask_text(parts.masks, words):
        arguments.append(f"attn_mask={mask}")
    dropout = dropout_text(parts.dropout, words)
    if dropout:
        arguments.append(f"dropout_p={dropout}")
    arguments += ["enable_gqa=True"] if parts.heads is not None else []
    if parts.has_scale:
        arguments.append(f"scale={_scale(parts.numbers, words)}")
    final: Subscripts = (*_batch_of(matched), QUERY, VALUE)
    behind = suffix(final, tuple(each for each in matched.output if each != SECOND))
    if isinstance(matched, Joined):
        behind += f".reshape({_values_of(matched, words)}.shape)"
    if _is_viewed(matched, read):
        behind += ".contiguous()"
    return Call(_module(words), tuple(arguments), behind)


def _values_of(matched: Joined, words: Words) -> str:
    """The name of the values, whose axes the result has.

    Raises:
        UnwritableError: they have none, and would be computed twice.
    """
    value = matched.value
    text = words.operand(Operand(value.product, value.place, ()), (), ())
    if not text.isidentifier():
        raise UnwritableError("the values have no name")
    return text


def _product(matched: Matched, read: Read) -> ast.BinOp | ast.Call:
    """The second product, which the call replaces.

    Raises:
        UnwritableError: no call can stand there.
    """
    recorder = read.recorder
    node = recorder.nodes.get(matched.product)
    if not isinstance(node, ast.BinOp | ast.Call):
        raise UnwritableError("the product is written by `@=`")
    if any(_has_more(recorder.nodes.get(each)) for each in (matched.scores.base, matched.product)):
        raise UnwritableError("a product is written into another tensor, or in another dtype")
    if matched.product not in recorder.homes:
        raise UnwritableError("the product with the values is a part of `baddbmm`")
    if matched.scores.base in recorder.nodes:
        first = recorder.nodes[matched.scores.base]
        aside = {*casting_aside(matched, read)}
        if _block(first, read, aside) is not _block(node, read, aside):
            raise UnwritableError("the products stand in different blocks")
    return node


def _has_more(product: ast.AST | None) -> bool:
    """Whether a product is told more than its operands: `torch.bmm(weights, v, out=o)`."""
    if not isinstance(product, ast.Call):
        return False
    return any(each.arg in (None, "out", "out_dtype") for each in product.keywords)


def _operands(matched: Matched, parts: Parts, words: Words) -> list[str]:
    """The texts of query, key and value."""
    batch = matched.batch
    query = base = words.operand(matched.query, batch, (QUERY, FEATURE))
    query = _scaled(query, parts.on_query, words)
    if not parts.has_scale:
        query = f"{_factor(query)} * {_unscaled(base, _scale(parts.numbers, words))}"
    if parts.heads is not None:
        key, value = parts.heads
        keys = repeated_text(key, words, batch, (KEY, FEATURE))
        values = repeated_text(value, words, batch, (KEY, VALUE))
    else:
        keys = words.operand(matched.key, batch, (KEY, FEATURE))
        values = words.operand(matched.value, batch, (KEY, VALUE))
    return [query, keys, _scaled(values, parts.on_value, words)]


def _scaled(text: str, steps: list[Done], words: Words) -> str:
    for done in steps:
        sign = "*" if done.step is Step.SCALE else "/"
        text = f"{_factor(text)} {sign} {_number(done, words)}"
    return text


def _unscaled(query: str, scale: str) -> str:
    """What the query is multiplied with where the call itself divides by the root of its features.

    Raises:
        UnwritableError: the text of the query is no name with views, and would be computed twice.
    """
    for node in ast.walk(ast.parse(query, mode="eval").body):
        match node:
            case ast.Call(func=ast.Attribute(attr="transpose" | "permute")):
                pass
            case ast.Call() | ast.BinOp() | ast.Subscript():
                raise UnwritableError("it needs `scale`, or the query would be computed twice")
    root = f"{_factor(query)}.shape[-1] ** 0.5"
    return root if scale == "1.0" else f"({_factor(scale)} * {root})"


def _batch_of(matched: Matched) -> Subscripts:
    """The batch as the second product has it."""
    own = {QUERY, KEY, FEATURE, VALUE}
    if "..." in matched.output:
        return tuple(each for each in matched.output if each not in own)
    return matched.batch


def _block(node: ast.AST, read: Read, aside: set[ast.With]) -> ast.AST | None:
    around = (each for each in read.file.bound.around(node) if isinstance(each, _BLOCKS))
    return next((each for each in around if each not in aside), None)


def _is_viewed(matched: Matched, read: Read) -> bool:
    """Whether a view of the result needs it contiguous, as the product makes it."""
    return any(each.operator == "view" for each in read.users.get(matched.product, ()))


def _module(words: Words) -> str | None:
    """What the functions of torch.nn are called by there."""
    for module, behind in _HOMES:
        starred = words.read.recorder.starred
        name = name_of_module(module, words.call(), words.read.file.bound, starred)
        if name is not None:
            return f"{name}{behind}"
    for module, behind in reversed(_HOMES):  # torch is the same module whatever binds it again
        name = usual_name_of_module(module, words.call(), words.read.file.bound)
        if name is not None:
            return f"{name}{behind}"
    return None


def _factor(text: str) -> str:
    """A text as the first factor of a product."""
    try:
        node = ast.parse(text, mode="eval").body
    except SyntaxError:
        return f"({text})"
    is_tight = isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript | ast.Constant)
    return text if is_tight else f"({text})"


def _scale(numbers: list[Done], words: Words) -> str:
    text = ""
    for done in numbers:
        other = _number(done, words)
        if done.step is Step.SCALE:
            text = f"{text} * {other}" if text else other
        else:
            text = f"{text or '1'} / {other}"
    return _bare(text) or "1.0"


def _bare(text: str) -> str:
    """A text without parentheses all around it."""
    if not (text.startswith("(") and text.endswith(")")):
        return text
    try:
        ast.parse(text[1:-1], mode="eval")
    except SyntaxError:  # `(a or b).get("c")`
        return text
    return text[1:-1]


def _number(done: Done, words: Words) -> str:
    """What scales the scores; 1 where tests do not hold."""
    if not done.tests:
        return words.other(done)
    conditions = " and ".join(tested(*each, words) for each in reversed(done.tests))
    return f"({words.where(done.tests).other(done)} if {conditions} else 1.0)"
