"""Attention that is written by hand, where one call does the same.

## What it does
Reports a product of query and key, a softmax over the keys and a product with the values, with a
scale, a mask and a dropout between them, where `scaled_dot_product_attention` computes the same.
The products may be written with einsum, `@`, `matmul`, `mm`, `bmm`, `baddbmm`, `einops.einsum` or
`opt_einsum.contract`, in any layout.

## Why is this bad
The weights of every pair of tokens are written to memory and read again, step by step. One call
computes the same block by block, and its memory does not grow with the square of the number of
tokens. With 512 tokens in float32 it is 2.9 times as fast forward, 3.8 times with a mask, 2.0 times
forward and backward; with 2,048 tokens 3.1 times. `python benchmarks/fused_call.py` measures it
(torch 2.13, CPU, one thread, 8 heads of 64 features).

## Example
```python
import torch
import torch.nn.functional as F


def attention(q, k, v, mask):
    scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
    scores = scores.masked_fill(mask == 0, float("-inf"))
    return F.softmax(scores, dim=-1) @ v


q, k, v = torch.randn(3, 2, 4, 5, 8)
out = attention(q, k, v, torch.ones(5, 5))
```

## Use instead
```python
import torch
import torch.nn.functional as F


def attention(q, k, v, mask):
    return F.scaled_dot_product_attention(
        q, k, v,
        attn_mask=mask != 0,
        scale=1 / (q.shape[-1] ** 0.5),
    )


q, k, v = torch.randn(3, 2, 4, 5, 8)
out = attention(q, k, v, torch.ones(5, 5))
```

## Fix safety
Unsafe unless all of its assumptions are granted:

- `last-digits` and `same-layout` always;
- `no-masked-rows` and `mask-fits` with a mask that is not visibly causal; `mask-fits` also says
  that a mask which is an index (`scores[mask] = -inf`) has all axes, and that scores which are
  split into windows have the axes of these where nothing shows it;
- `softmax-dtype` where the softmax is taken in float32, or one of two branches casts query and key
  to it;
- `random-numbers` with a dropout;
- `ranks-fit` where `transpose(2, 3)` alone tells that there are four axes, or `transpose(1, 2)` of
  the keys that there are three;
- `checks-hold` where sizes of the scores or weights are asserted, which goes with them.

The fix replaces the second product and removes the statements that nobody needs any longer. It is
offered only if reading the new text again shows that all that leaves the function is computed from
the same query, key, value, mask, scale and dropout. What it changes besides:

- What asks the scores for their shape, dtype or device asks query or key then. A mask that is
  expanded to the scores is not expanded, a triangle like the scores
  (`torch.ones_like(scores).triu(1)`) is made with two axes if nobody else sees it, and weights that
  are 0 behind the mask are not set to 0 again.
- A mask whose text would hold conditions in conditions, as of several optional masks, is built of
  zeros step by step: what masked the scores masks these where it stands, and a function of the file
  that adds something to the scores adds it to these.
- Of two branches that compute the same scores one is enough. Of an `if` of which only the `else`
  stays the test is inverted; where a comment stands in its body, or an `elif` follows, the body
  becomes `pass`.
- A scale that is not seen to be a number stays on the query; what is called a scale is taken for
  one number, or one for each row or head, and to be above 0 behind a mask.

Between the products a tensor that was made there may be changed before it masks, if nothing but
names holds it, and an attribute that nothing there reads may be bound anew.

The call needs torch 2.0 (`torch-version`), and a name for `torch.nn.functional` where it is
written; `torch`, `nn` and `F` are taken for torch's where only a star import of another file of the
project can bind them. Below torch 2.1 it has no `scale`, so the query is scaled; from 2.5 on
`enable_gqa` repeats the heads of key and value where the code does, and raises if the query does
not have as many.

Where something stands in the way, only `--pedantic` reports it, with the reason: the weights are
returned or used again, something is done to them between softmax and product, heads are mixed, a
mask has an unknown meaning, a dropout is not seen made, another method computes the scores (one
that only makes them causal is read). Steps that einlint does not read are followed all the same:
through lists, loops, attributes, and functions, methods and modules of the file. The report then
names the first of them; it needs something that is called attention, scores or the like, and has no
fix.

Where the call is hardly faster, only `--pedantic` reports it, and its fix needs `not-slower` too:
three axes instead of four, which no fused kernel takes (`bmm`, `baddbmm`, equations with three
letters), or five; attention over channels, as in Restormer and XCiT, where the code shows that the
positions are the features; features that lie apart in memory, as behind a convolution (`b h d n`),
which no fused kernel takes; and a mask that is learned, as in windows of Swin, which takes no fused
kernel in training.

There is no finding where the key or the value is a parameter or an attribute of the module (gates
and codebooks have the form of attention), where the function or its class calls a fused attention
already, and in references that tests compare with one.

## When to keep einsum
Where somebody wants to see the weights. Where nothing is gained: `einlint verify` measures that
with your sizes and dtypes, and `--fix --unsafe-fixes --verified` applies only what pays. The time
by hand over that of the call, by `python benchmarks/fused_call.py` (torch 2.13, CPU, one thread, 8
heads of 64 features; a 99 % interval):

- float32: one query of 512 keys, as in decoding, 0.97 to 1.11, and with gradients 0.62 to 0.72 (by
  `einlint verify`); but 2.28 to 3.19, and with gradients 1.09 to 1.36, where a transposition has
  moved the heads in front of the tokens. 64 tokens 1.01 to 1.15.
- Three axes: 64 tokens 0.62 to 0.73, 512 tokens 0.88 to 1.28. With an axis more, as by
  `q.unsqueeze(1)`, 1.01 to 1.13 and 1.20 to 1.93, but with 256 features 0.97 to 1.36.
- 48 channels with 4,096 positions as features: 0.82 to 0.96, with gradients 0.63 to 0.90.
- Features apart in memory: 196 tokens 0.79 to 0.89, with gradients 0.85 to 0.98; 784 tokens 0.93 to
  1.12, with gradients 1.03 to 1.20.
- A learned bias as the mask, which no fused kernel of the CPU takes where it has a gradient: 49
  tokens 0.74 to 0.79, with gradients 0.60 to 0.88; 512 tokens 1.23 to 1.34, with gradients 1.18 to
  1.29.
- bfloat16: 64 tokens 0.57 to 0.61, with gradients 0.19 to 0.21; one query 0.17 to 0.19; 512 tokens
  1.24 to 1.50.
- float64: 512 tokens 2.49 to 2.68.

The results differ by 1e-6 in float32, by 2e-2 in bfloat16, and by 3e-15 in float64. Where a row is
masked as a whole it is nan by hand, or the mean of the values if the mask is a large number, and 0
by the call.

Where only einsum keeps `torch.compile` from fusing an attention that the call cannot compute, write
both products with `@`: the finding says so, and its fix does it.
"""

from collections.abc import Iterator

from einlint.diagnostics import Fix, Requirement, Severity
from einlint.rulebook.attention import assumptions_of, compile_safe, of_compiling
from einlint.rulebook.rule import Finding, Rule
from einlint.settings import Settings
from einlint.source.facts.attention_by_hand import AttentionByHand
from einlint.source.facts.hand_written_attention import HandWrittenAttention

_WHAT = "attention written by hand"
_CALL = "`scaled_dot_product_attention`"
_NEEDED = (2, 0)
_SCALING = (2, 1)
_GROUPING = (2, 5)


def check(attention: AttentionByHand, settings: Settings) -> Iterator[Finding]:
    """An attention, with the call that computes the same or with what stands in the way."""
    obstacles = attention.obstacles
    if not isinstance(attention, HandWrittenAttention):
        message = f"{_WHAT} that {_CALL} cannot replace: {'; '.join(obstacles)}"
        yield Finding(message, None, (), None, attention.spans, attention.products)
        return
    torch = settings.torch
    found = None
    if not obstacles:
        found = attention.replacement(may_group=torch >= _GROUPING, has_scale=torch >= _SCALING)
    if found is not None and found.edits and torch >= _NEEDED:
        requirements = tuple(
            Requirement(each, each.name in settings.granted) for each in assumptions_of(attention)
        )
        fix = Fix(f"Replace with `{found.text}`", found.edits, requirements)
        message = f"{_WHAT}: {_CALL} computes the same"
        if attention.drawback:
            message += f", but is hardly faster: {attention.drawback}"
        notes = tuple(of_compiling(attention, settings))
        yield Finding(message, fix, notes, None, attention.spans, attention.products)
        return
    reason = "; ".join(obstacles[:2])
    shown = None
    if found is not None:
        reason = found.obstacle or f"torch {settings.torch_version} does not have it"
        shown = Fix(f"Write it as `{found.text}`", ()) if found.text else None
    safe = compile_safe(attention, settings)
    message = f"{_WHAT} that {_CALL} cannot replace: {reason}"
    if found is not None:
        message = f"{_WHAT}; {_CALL} is not written here: {reason}"
    notes = tuple(of_compiling(attention, settings)) if safe else ()
    yield Finding(message, safe or shown, notes, None, attention.spans, attention.products)


RULE = Rule(
    "EIN202",
    "hand-written-attention",
    AttentionByHand,
    check,
    page=__doc__ or "",
    severity=Severity.INFO,
    is_for_fixes=True,
)
