"""The text of `attn_mask`."""

import ast
from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from einlint.source.scalars import is_scalar
from einlint.source.sdpa.given import is_number_given
from einlint.source.sdpa.parts import Mask
from einlint.source.sdpa.reading import Read
from einlint.source.sdpa.starred import name_of_module
from einlint.source.sdpa.steps import Step, is_of_self
from einlint.source.sdpa.texts import UnwritableError, Words, operands_of
from einlint.source.sdpa.values import ARITHMETIC, is_none_without, is_there
from einlint.source.sdpa.windows import Window
from einlint.source.terms import CALL, CHOICE, CONSTANT, OPAQUE, Term

# A text, and whether it needs no parentheses as a part of more.
Text: TypeAlias = tuple[str, bool]
# Of more, each is made to change nothing where it is not there.
_MOST_TESTS: Final = 2
_DEEPEST: Final = 20


def mask_text(masks: Sequence[Mask], words: Words) -> str:
    """The text of `attn_mask`; empty without masks.

    Raises:
        UnwritableError: it has none; the message says why.
    """
    if _is_for_cases(masks) and not _would_call_twice(masks):
        found = _by_cases(masks, words, {})
    else:
        found = _neutral(masks, words)
    return "" if found is None else found[0]


def _is_for_cases(masks: Sequence[Mask]) -> bool:
    tests = {choice.operands[0] for each in masks for choice, _ in each.done.tests}
    return len(tests) <= _MOST_TESTS


def _would_call_twice(masks: Sequence[Mask]) -> bool:
    """Whether every case would have a call of what may be another one each time."""
    if len({each.keeps is None for each in masks}) > 1 or all(each.done.tests for each in masks):
        return False
    always = (each.term for each in masks if not each.done.tests)
    return len(masks) > 1 and any(e.operator == CALL and is_of_self(e) for e in always)


def _by_cases(masks: Sequence[Mask], words: Words, decided: dict[Term, bool]) -> Text | None:
    """The masks that are there where tests have been decided; the next test parts them."""
    there, open_test = [], None
    for mask in masks:
        tests = [(choice, holds) for choice, holds in mask.done.tests]
        known = [decided.get(choice.operands[0], holds) is holds for choice, holds in tests]
        if all(known):
            there.append(mask)
            # An inner test may ask for what an outer one finds: `m.dtype` where m is not None.
            undecided = (each for each in reversed(tests) if each[0].operands[0] not in decided)
            open_test = open_test or next(undecided, None)
    if open_test is None:
        return _joined(there, words)
    choice, holds = open_test
    test = choice.operands[0]
    yes, no = (_by_cases(masks, words, {**decided, test: each}) for each in (holds, not holds))
    if yes is None or yes == no or _is_none_itself(choice, holds, yes, no, words):
        return yes
    return _chosen(choice, holds, yes, no, words)


def _chosen(choice: Term, holds: bool, yes: Text, no: Text | None, words: Words) -> Text:
    condition = condition_of(choice, words)
    if isinstance(ast.parse(condition, mode="eval").body, ast.IfExp | ast.Lambda):
        condition = f"({condition})"
    text, other = (yes, no or ("None", True)) if holds else (no or ("None", True), yes)
    first = f"({text[0]})" if " if " in text[0] else text[0]
    return f"{first} if {condition} else {other[0]}", False


def condition_of(choice: Term, words: Words) -> str:
    """The text of the test of a choice.

    Raises:
        UnwritableError: it has none there.
    """
    node = words.read.recorder.nodes.get(choice)
    test = getattr(node, "test", None)
    if test is None or choice.operator != CHOICE:
        raise UnwritableError("a mask is optional in a way that is not known")
    try:
        return words.of(test, choice.operands[0])[0]
    except UnwritableError:
        name = next(_made_where(choice.operands[0], words), None)
        if name is None:
            raise
        return f"{name} is not None"


def _made_where(test: Term, words: Words) -> Iterator[str]:
    """The names of what is made where a test holds, and is None where it does not."""
    for name, term in words.there.names.items():
        if term.operator != CHOICE or term.operands[0] is not test or "." in name:
            continue
        if is_there(test, term.operands[1]) and is_none_without(test, term.operands[2]):
            yield name


def _is_none_itself(
    choice: Term, holds: bool, text: Text, other: Text | None, words: Words
) -> bool:
    """Whether a mask is None wherever a test says that there is none."""
    test = getattr(words.read.recorder.nodes.get(choice), "test", None)
    match test:
        case (
            ast.Compare(left=ast.Name(id=name), comparators=[ast.Constant(value=None)])
            | ast.Call(args=[ast.Name(id=name)])
        ) if text[0] == name and other is None:
            asked = choice.operands[0]
            return asked.detail == ("IsNot" if holds else "Is") and asked.operator == OPAQUE
    return False


def _joined(masks: Sequence[Mask], words: Words) -> Text | None:
    """Masks that are all there."""
    added = [_bare(each, words) for each in masks if each.keeps is None]
    kept = [_bare(each, words) for each in masks if each.keeps is not None]
    if not added or not kept:
        return _by(" & " if kept else " + ", kept or added)
    condition, bias = _by(" & ", kept), _by(" + ", added)
    starred = words.read.recorder.starred
    torch = name_of_module("torch", words.call(), words.read.file.bound, starred)
    if torch is None:
        raise UnwritableError("a bias and a mask need `torch.where`, and torch is not imported")
    assert condition is not None
    assert bias is not None
    low = f"-{torch}.inf" if _may_bind(words, "float") else 'float("-inf")'
    return f"{torch}.where({condition[0]}, {bias[0]}, {low})", True


def _may_bind(words: Words, name: str) -> bool:
    """Whether a builtin may be something else: `from torch import *` binds `float` to a dtype."""
    bound = words.read.file.bound
    return bool(bound.scopes[words.node].lookup(name) or bound.all_scopes[0].star_imports)


def _by(sign: str, texts: Sequence[Text]) -> Text | None:
    if len(texts) < 2:
        return texts[0] if texts else None
    return sign.join(text if is_tight else f"({text})" for text, is_tight in texts), False


def _neutral(masks: Sequence[Mask], words: Words) -> Text | None:
    """Many optional masks of one kind beside one that is always there."""
    is_added = masks[0].keeps is None
    if any((each.keeps is None) is not is_added for each in masks):
        raise UnwritableError("several masks are optional")
    if all(each.done.tests for each in masks):
        raise UnwritableError("several masks are optional")
    return _by(" + " if is_added else " & ", [*_each_or_nothing(masks, words)])


def _each_or_nothing(masks: Sequence[Mask], words: Words) -> Iterator[Text]:
    for mask in masks:
        text = _bare(mask, words)
        for choice, holds in mask.done.tests:
            nothing = "0" if mask.keeps is None else "True"
            text = _chosen(choice, holds, text, (nothing, True), words.where(mask.done.tests))
        yield text


def _bare(mask: Mask, words: Words) -> Text:
    """The text of one mask where it is there."""
    node, expression = _masking(mask, words.read)
    words = words.where(mask.done.tests)
    if isinstance(node, ast.Call) and _is_scaled(node):
        text, is_tight = _scaled_base(expression, node, mask.term, words)
    else:
        text, is_tight = words.of(expression, mask.term)
    if isinstance(node, ast.BinOp) and mask.keeps is not None:  # a number that is 0 or 1
        text, is_tight = f"{text if is_tight else f'({text})'} != 0", False
    if mask.window is not None:
        text, is_tight = _windowed(mask.window, text if is_tight else f"({text})", words), True
    if mask.keeps is False:
        text, is_tight = _inverted(None if mask.window else expression, text, is_tight)
    if mask.turn:
        text, is_tight = f"{text if is_tight else f'({text})'}{mask.turn}", True
    if mask.is_subtracted:
        text, is_tight = f"-{text if is_tight else f'({text})'}", False
    for done in mask.scales:
        sign = "*" if done.step is Step.SCALE else "/"
        text, is_tight = f"{text if is_tight else f'({text})'} {sign} {words.other(done)}", False
    return text, is_tight


def _masking(mask: Mask, read: Read) -> tuple[ast.AST | None, ast.expr]:
    """What masks the scores, and what it masks them with.

    Raises:
        UnwritableError: that has no text, or may be a number.
    """
    if mask.is_called:
        raise UnwritableError("another function adds to the scores")
    if mask.keeps is None and _may_be_number(mask.term):
        raise UnwritableError("a mask may be a number")
    node = read.recorder.nodes.get(mask.done.term)
    operands = [] if node is None else operands_of(node, mask.done.term, read)
    if len(operands) <= mask.place:
        raise UnwritableError("a mask is computed by another function")
    return node, operands[mask.place]


def _may_be_number(term: Term, depth: int = 0) -> bool:
    """Whether it is a number in a branch (`if bias is None: bias = 0`), or unless it is given."""
    if depth > _DEEPEST:
        return True
    if term.operator == CHOICE:
        return any(_may_be_number(each, depth + 1) for each in term.operands[1:])
    if term.operator in ARITHMETIC:
        return all(_may_be_number(each, depth + 1) for each in term.operands)
    if term.operator == CONSTANT:
        return term.detail is not None
    return is_scalar(term) or is_number_given(term)


def _windowed(window: Window, text: str, words: Words) -> str:
    """The mask of every window of a batch: as many as it was split into, one behind another."""
    node = words.read.recorder.nodes.get(window.split)
    sizes = [] if node is None else operands_of(node, window.split, words.read)[1:]
    if len(sizes) != len(window.split.operands) - 1:
        raise UnwritableError("the scores are split into windows in a way that is not known")
    texts = (words.of(size, term)[0] for size, term in zip(sizes[:2], window.sizes, strict=True))
    kept = ", -1" * (len(sizes) - 2)
    return f"{text}.expand({', '.join(texts)}{kept}).flatten(0, 1)"


def _is_scaled(node: ast.Call) -> bool:
    """Whether it is a `baddbmm` that scales what it adds to."""
    return any(each.arg == "beta" for each in node.keywords)


def _scaled_base(added: ast.expr, node: ast.Call, term: Term, words: Words) -> Text:
    base = words.primary(added, term.operands[0])
    beta = next(each.value for each in node.keywords if each.arg == "beta")
    scale = words.primary(beta, term.operands[1])
    return (base, True) if scale == "1" else (f"{base} * {scale}", False)


def _inverted(node: ast.expr | None, text: str, is_tight: bool) -> Text:
    match node:
        case ast.UnaryOp(op=ast.Invert()) if text.startswith("~"):
            # What binds less than `~` stands in parentheses.
            return text[1:].strip(), True
        case ast.Compare(ops=[ast.Eq()]) if text.count("==") == 1:
            return text.replace("==", "!="), False
        case ast.Compare(ops=[ast.NotEq()]) if text.count("!=") == 1:
            return text.replace("!=", "=="), False
    return f"~{text if is_tight else f'({text})'}", True
