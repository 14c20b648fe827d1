"""The text of the one call that computes an attention."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from einlint.algebra.equation import Subscripts
from einlint.source.binder import BoundModule
from einlint.source.imports import module_name
from einlint.source.operators import IN_PLACE
from einlint.source.sdpa.causal import is_causal
from einlint.source.sdpa.matching import FEATURE, KEY, QUERY, VALUE, Matched
from einlint.source.sdpa.parts import Mask, Parts
from einlint.source.sdpa.recorded import FUSED, Read
from einlint.source.sdpa.steps import Done, Step
from einlint.source.sdpa.texts import UnwritableError, Words, operands_of, suffix
from einlint.source.terms import APPLY, CHOICE, LAYER, OPAQUE, Term

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

    def on_lines(self, indent: str, newline: str) -> str:
        """The call with one line for each argument that is passed by keyword."""
        operands, keywords = ", ".join(self.arguments[:3]), self.arguments[3:]
        is_long = len(indent) + len(operands) > _LONGEST_OPERANDS
        parts = [*(self.arguments[:3] if is_long else [operands]), *keywords]
        lines = [f"{self.module}.{FUSED}(", *(f"{indent}    {each}," for each in parts)]
        return newline.join([*lines, f"{indent}){self.behind}"])


def written(matched: Matched, parts: Parts, read: Read) -> Call:
    """The call for an attention.

    Raises:
        UnwritableError: it has no text; the message says why.
    """
    recorder = read.recorder
    node = recorder.nodes.get(matched.product)
    if not isinstance(node, ast.BinOp | ast.Call):
        raise UnwritableError("the product is written by `@=`")
    if matched.product not in recorder.homes:
        raise UnwritableError("the product with the values is a part of `baddbmm`")
    if matched.scores.base in recorder.nodes:
        first = recorder.nodes[matched.scores.base]
        if _block(first, read.file.bound) is not _block(node, read.file.bound):
            raise UnwritableError("the products stand in different blocks")
    words = Words(read, recorder.places[matched.product], node)
    batch = matched.batch
    queries = words.operand(matched.query, batch, (QUERY, FEATURE))
    keys = words.operand(matched.key, batch, (KEY, FEATURE))
    values = words.operand(matched.value, batch, (KEY, VALUE))
    for done in parts.on_query:
        other = _other(done, words)
        sign = "*" if done.step is Step.SCALE else "/"
        queries = f"{_factor(queries)} {sign} {other}"
    arguments = [queries, keys, values]
    mask = _mask(parts.masks, words)
    if is_causal(matched, parts, read):
        arguments.append("is_causal=True")
    elif mask:
        arguments.append(f"attn_mask={mask}")
    dropout = _dropout(parts.dropout, words)
    if dropout:
        arguments.append(f"dropout_p={dropout}")
    arguments.append(f"scale={_scale(parts.numbers, words)}")
    final: Subscripts = (*_batch_of(matched), QUERY, VALUE)
    behind = suffix(final, matched.output)
    if _is_viewed(matched, read):
        behind += ".contiguous()"
    return Call(_module(node, read.file.bound), tuple(arguments), behind)


def _batch_of(matched: Matched) -> Subscripts:
    """The batch as the second product has it."""
    own = {QUERY, KEY, FEATURE, VALUE}
    if "..." in matched.output:
        return tuple(each for each in matched.output if each not in own)
    return matched.batch


def _block(node: ast.AST, bound: BoundModule) -> ast.AST | None:
    return next((each for each in bound.around(node) if isinstance(each, _BLOCKS)), None)


def _is_viewed(matched: Matched, read: Read) -> bool:
    """Whether a view of the result needs it contiguous, as the product makes it."""
    return any(each.operator == "view" for each in read.users.get(matched.product, ()))


def _module(node: ast.expr, bound: BoundModule) -> str | None:
    """What the functions of torch.nn are called by there."""
    for module, behind in _HOMES:
        name = _name_of(module, node, bound)
        if name is not None:
            return f"{name}{behind}"
    return None


def _name_of(module: str, node: ast.expr, bound: BoundModule) -> str | None:
    """What a module is called where an expression stands."""
    call = node if isinstance(node, ast.Call) else _call_at(node, bound)
    return module_name(module, call, bound)


def _call_at(node: ast.expr, bound: BoundModule) -> ast.Call:
    """A call that stands where another expression does."""
    call = ast.copy_location(ast.Call(ast.Constant(None), [], []), node)
    bound.scopes[call] = bound.scopes[node]
    bound.parents[call] = bound.parents[node]
    return call


def _factor(text: str) -> str:
    """A text as the first factor of a product."""
    try:
        node = ast.parse(text, mode="eval").body
    except SyntaxError:
        return f"({text})"
    is_tight = isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript | ast.Constant)
    return text if is_tight else f"({text})"


def _other(done: Done, words: Words) -> str:
    """The text of the other operand of a step."""
    node = words.read.recorder.nodes.get(done.term)
    if node is None:
        raise UnwritableError("a step is computed by another function")
    operands = operands_of(node, done.term, words.read)
    place = 1 - done.place
    if len(operands) <= place:
        raise UnwritableError("a step is written in a way that is not known")
    return words.primary(operands[place], done.term.operands[place])


def _scale(numbers: list[Done], words: Words) -> str:
    text = ""
    for done in numbers:
        other = _other(done, words)
        if done.step is Step.SCALE:
            text = f"{text} * {other}" if text else other
        else:
            text = f"{text or '1'} / {other}"
    if text.startswith("(") and text.endswith(")") and len(numbers) == 1:
        return text[1:-1]
    return text or "1.0"


def _mask(masks: list[Mask], words: Words) -> str:
    """The text of `attn_mask`; empty without masks."""
    if len(masks) > 1 and any(each.done.tests for each in masks):
        return _optional_masks(masks, words)
    texts = [_one_mask(each, words) for each in masks]
    if len(texts) < 2:
        return texts[0][0] if texts else ""
    pairs = [*zip(masks, texts, strict=True)]
    added = [each for mask, each in pairs if mask.keeps is None]
    kept = [each for mask, each in pairs if mask.keeps is not None]
    if not added or not kept:
        return _joined(" & " if kept else " + ", kept or added)
    torch = _name_of("torch", words.node, words.read.file.bound)
    if torch is None:
        raise UnwritableError("a bias and a mask need `torch.where`, and torch is not imported")
    return f'{torch}.where({_joined(" & ", kept)}, {_joined(" + ", added)}, float("-inf"))'


def _optional_masks(masks: list[Mask], words: Words) -> str:
    """The text of two masks of which one, or each, is there only where a test holds."""
    kinds = {each.keeps is None for each in masks}
    tests = [test for each in masks for test in each.done.tests]
    is_known = len(masks) == 2 and len(kinds) == 1 and all(len(x.done.tests) < 2 for x in masks)
    is_known = is_known and all(holds for _, holds in tests)
    if not is_known or (len(tests) == 2 and tests[0][0].operands[0] is tests[1][0].operands[0]):
        raise UnwritableError("one of several masks is optional")
    one, other = sorted(masks, key=lambda each: len(each.done.tests), reverse=True)
    both = _joined(
        " & " if one.keeps is not None else " + ", [_bare(x, words) for x in (one, other)]
    )
    if len(tests) == 1:
        return f"{both} if {_condition(one, words)} else {_bare(other, words)[0]}"
    alone = _bare(one, words)[0]
    inner = f"{both} if {_condition(other, words)} else {alone}"
    return f"({inner}) if {_condition(one, words)} else {_one_mask(other, words)[0]}"


def _condition(mask: Mask, words: Words) -> str:
    """The text of the test of an optional mask."""
    ((choice, _),) = mask.done.tests
    test = getattr(words.read.recorder.nodes.get(choice), "test", None)
    if test is None:
        raise UnwritableError("a mask is optional in a way that is not known")
    return words.of(test, choice.operands[0])[0]


def _joined(sign: str, texts: list[tuple[str, bool]]) -> str:
    if len(texts) == 1:
        return texts[0][0]
    return sign.join(text if is_tight else f"({text})" for text, is_tight in texts)


def _one_mask(mask: Mask, words: Words) -> tuple[str, bool]:
    """The text of one mask, and whether it needs no parentheses as a part of more."""
    text, is_tight = _bare(mask, words)
    for choice, holds in mask.done.tests:
        text = _optional(text, choice, holds, words.where(mask.done.tests))
        is_tight = False
    return text, is_tight


def _bare(mask: Mask, words: Words) -> tuple[str, bool]:
    """The same where the mask is there."""
    read = words.read
    node = read.recorder.nodes.get(mask.done.term)
    operands = [] if node is None else operands_of(node, mask.done.term, read)
    if len(operands) <= mask.place:
        raise UnwritableError("a mask is computed by another function")
    expression, words = operands[mask.place], words.where(mask.done.tests)
    if isinstance(node, ast.Call) and _is_scaled(node):
        return _scaled_base(node, mask.term, words), False
    text, is_tight = words.of(expression, mask.term)
    if mask.keeps is False:
        text, is_tight = _inverted(expression, text, is_tight)
    if mask.is_subtracted:
        text, is_tight = f"-{text if is_tight else f'({text})'}", False
    return text, is_tight


def _is_scaled(node: ast.Call) -> bool:
    """Whether it is a `baddbmm` that scales what it adds to."""
    return any(each.arg == "beta" for each in node.keywords)


def _scaled_base(node: ast.Call, term: Term, words: Words) -> str:
    base = words.primary(node.args[0], term.operands[0])
    beta = next(each.value for each in node.keywords if each.arg == "beta")
    scale = words.primary(beta, term.operands[1])
    return base if scale == "1" else f"{base} * {scale}"


def _inverted(node: ast.expr, text: str, is_tight: bool) -> tuple[str, bool]:
    match node:
        case ast.UnaryOp(op=ast.Invert()) if text.startswith("~"):
            return text[1:].strip(), isinstance(node.operand, ast.Name | ast.Attribute | ast.Call)
        case ast.Compare(ops=[ast.Eq()]) if text.count("==") == 1:
            return text.replace("==", "!="), False
        case ast.Compare(ops=[ast.NotEq()]) if text.count("!=") == 1:
            return text.replace("!=", "=="), False
    return f"~{text if is_tight else f'({text})'}", True


def _optional(text: str, choice: Term, holds: bool, words: Words) -> str:
    """The text of a mask that there is only in one branch."""
    node = words.read.recorder.nodes.get(choice)
    test = getattr(node, "test", None)
    if test is None or choice.operator != CHOICE:
        raise UnwritableError("a mask is optional in a way that is not known")
    condition, _ = words.of(test, choice.operands[0])
    match test:
        case (
            ast.Compare(left=ast.Name(id=name), comparators=[ast.Constant(value=None)])
            | ast.Call(args=[ast.Name(id=name)])
        ) if text == name:
            asked = choice.operands[0]
            if asked.detail == ("IsNot" if holds else "Is") and asked.operator == OPAQUE:
                return text
    return f"{text} if {condition} else None" if holds else f"None if {condition} else {text}"


def _dropout(done: Done | None, words: Words) -> str:
    """The text of `dropout_p`; empty if nothing is dropped."""
    if done is None:
        return ""
    read, term = words.read, done.term
    node = read.recorder.nodes.get(term)
    if not isinstance(node, ast.Call):
        raise UnwritableError("the dropout is computed by another function")
    if term.operator == APPLY:
        layer = term.operands[0]
        if layer.operator != LAYER or not isinstance(node.func, ast.Name | ast.Attribute):
            return _of_new_layer(node, words, layer)
        module = words.of(node.func, layer)[0]
        return f"{module}.p if {module}.training else 0.0"
    return _of_function(node, term, words)


def _of_new_layer(node: ast.Call, words: Words, layer: Term) -> str:
    """`nn.Dropout(0.1)(weights)`: a new module is in training."""
    match node.func:
        case ast.Call(args=[p], keywords=[]):
            return words.of(p, layer.operands[0])[0]
    raise UnwritableError("the dropout is made in a way that is not known")


def _of_function(node: ast.Call, term: Term, words: Words) -> str:
    """`F.dropout(weights, p, training)`, in training unless said otherwise."""
    if term.operator == IN_PLACE or len(term.positional) > 3 or "inplace" in term.names:
        raise UnwritableError("the dropout is written in a way that is not known")
    operands = operands_of(node, term, words.read)
    pairs = dict(_arguments(term, operands))
    p_node, p = pairs.get("p", (None, None))
    chance = "0.5" if p_node is None or p is None else words.of(p_node, p)[0]
    training_node, training = pairs.get("training", (None, None))
    if training is None or training_node is None or training.is_constant(True):
        return chance
    if training.is_constant(False):
        return ""
    condition = words.of(training_node, training)[0]
    return f"{chance} if {condition} else 0.0"


def _arguments(term: Term, nodes: list[ast.expr]) -> Iterator[tuple[str, tuple[ast.expr, Term]]]:
    count = len(term.positional)
    names = [*("input", "p", "training")[:count], *term.names]
    for name, node, each in zip(names, nodes, term.operands, strict=False):
        yield name, (node, each)
