"""Random functions with attention, and functions that only look like it, as source text."""

import random
from dataclasses import dataclass

HEAD = (
    "import math\nimport einops\nimport torch\nimport torch.nn.functional as F\n"
    "from einops import rearrange\nfrom torch import einsum, nn\n\n"
)
_HELPER = "def scored(a, b):\n    return a @ b.transpose(-2, -1)\n\n\n"
_REPEATING = (
    "def repeat_kv(x, n_rep):\n    b, h, s, d = x.shape\n    if n_rep == 1:\n        return x\n"
    "    x = x[:, :, None, :, :].expand(b, h, n_rep, s, d)\n"
    "    return x.reshape(b, h * n_rep, s, d)\n\n\n"
)
_MODULE = (
    "class Attention(nn.Module):\n    def __init__(self, dim=4, p=0.1):\n"
    "        super().__init__()\n"
    "        self.scale = dim**-0.5\n        self.attend = nn.Softmax(dim=-1)\n"
    "        self.drop = nn.Dropout(0.1)\n"
    "        self.both = nn.Sequential(nn.Softmax(dim=-1), nn.Dropout(p))\n"
    "        self.maybe = nn.Dropout(p) if dim > 9 else nn.Identity()\n"
    "        self.none = nn.Dropout(p) if dim > 9 else None\n\n"
)
# layout -> the statements before, the product with the keys, that with the values, the result
_LAYOUTS = {
    "operator": ([], "q @ k.transpose(-2, -1)", "W @ v", "out"),
    "matmul": ([], "torch.matmul(q, k.transpose(-1, -2))", "torch.matmul(W, v)", "out"),
    "mT": ([], "q.matmul(k.mT)", "W.matmul(v)", "out"),
    "bhnd": (
        [],
        "torch.einsum('b h i d, b h j d -> b h i j', q, k)",
        "torch.einsum('b h i j, b h j d -> b h i d', W, v)",
        "out",
    ),
    "ellipsis": (
        [],
        "torch.einsum('...id,...jd->...ij', q, k)",
        "torch.einsum('...ij,...jd->...id', W, v)",
        "out",
    ),
    "named": (
        [],
        "einops.einsum(q, k, 'b h i dim, b h j dim -> b h i j')",
        "einops.einsum(W, v, '... i j, ... j d -> ... i d')",
        "out",
    ),
    "bnhd": (
        [],
        "torch.einsum('bqhd,bkhd->bhqk', q, k)",
        "torch.einsum('bhqk,bkhd->bqhd', W, v)",
        "out",
    ),
    "bqhk": (
        [],
        "einsum('bqhd,bkhd->bqhk', q, k)",
        "einsum('bqhk,bkhd->bqhd', W, v)",
        "out",
    ),
    "bmm": (
        ["q, k, v = q.flatten(0, 1), k.flatten(0, 1), v.flatten(0, 1)"],
        "torch.bmm(q, k.transpose(1, 2))",
        "torch.bmm(W, v)",
        "out",
    ),
    "turned": (
        ["q = q.flatten(0, 1)", "k = k.flatten(0, 1).transpose(1, 2)", "v = v.flatten(0, 1)"],
        "q @ k",
        "W @ v",
        "out",
    ),
    "gan": (
        [
            "q = q.flatten(0, 1).transpose(1, 2)",
            "k = k.flatten(0, 1).transpose(1, 2)",
            "v = v.flatten(0, 1).transpose(1, 2)",
        ],
        "torch.bmm(q.permute(0, 2, 1), k)",
        "torch.bmm(v, W.permute(0, 2, 1))",
        "out",
    ),
    "permuted": (
        ["q, k, v = q.permute(0, 2, 1, 3), k.permute(0, 2, 3, 1), v.permute(0, 2, 1, 3)"],
        "q @ k",
        "(W @ v)",
        "out.transpose(1, 2)",
    ),
    "split": (
        [
            "b, n, _, _ = q.shape",
            "q, k, v = (t.reshape(b, n, -1) for t in (q, k, v))",
            "q, k, v = (t.view(b, n, 3, 4).transpose(1, 2) for t in (q, k, v))",
        ],
        "q @ k.transpose(2, 3)",
        "W @ v",
        "out.transpose(1, 2).reshape(b, n, 12)",
    ),
    "rearranged": (
        ["q, k, v = map(lambda t: rearrange(t, 'b n h d -> b h n d'), (q, k, v))"],
        "einsum('b h i d, b h j d -> b h i j', q, k)",
        "einsum('b h i j, b h j d -> b h i d', W, v)",
        "rearrange(out, 'b h n d -> b n (h d)')",
    ),
    "grouped": (
        ["k, v = k[:, :1], v[:, :1]", "k, v = k.squeeze(1), v.squeeze(1)"],
        "torch.einsum('bhid,bjd->bhij', q, k)",
        "torch.einsum('bhij,bjd->bhid', W, v)",
        "out",
    ),
    "mixed": (
        [],
        "torch.einsum('bhid,bhjd->bhij', q, k)",
        "W @ v",
        "out",
    ),
    "crossed": (
        [],
        "torch.einsum('bhid,chjd->bchij', q, k)",
        "torch.einsum('bchij,chjd->bchid', W, v)",
        "out",
    ),
    "chunked": (
        [
            "x = torch.cat((q, k, v), dim=-1)",
            "b, h, n, _ = x.shape",
            "q, k, v = x.view(b, h, n, 12).chunk(3, dim=-1)",
        ],
        "q @ k.transpose(-2, -1)",
        "W @ v",
        "out",
    ),
    "helper": ([], "scored(q, k)", "W @ v", "out"),
    "repeated": (
        [
            "b, h, n, d = k.shape",
            "k, v = k[:, :1], v.view(b, h, n, d)[:, :1]",
            "k = k.repeat_interleave(3, dim=1)",
            "v = torch.repeat_interleave(v, repeats=3, dim=1)",
        ],
        "q @ k.transpose(-2, -1)",
        "W @ v",
        "out",
    ),
    "spread": (
        [
            "b, h, n, d = k.shape",
            "k, v = k[:, :1], v.view(b, h, n, d)[:, :1]",
            "keys, values = repeat_kv(k, 3), repeat_kv(v, 3)",
        ],
        "q @ keys.transpose(2, 3)",
        "W @ values",
        "out",
    ),
    "windowed": (
        [
            "b, n, _, _ = q.shape",
            "q, k, v = (t.view(b, n, 3, 4).transpose(1, 2) for t in (q, k, v))",
        ],
        "q @ k.transpose(-2, -1)",
        "W @ v",
        "out.transpose(1, 2).reshape(b, n, 12)",
    ),
}
_HEADS_LAST = ("bnhd", "bqhk", "permuted", "split", "rearranged", "windowed")
_THREE_AXES = ("bmm", "turned", "gan")
BLOCKS = ("returned", "changed", "size", "topk", "half", "stored")


@dataclass(frozen=True, slots=True)
class Generated:
    """A function `f(q, k, v, scale, mask, bias, training)`.

    block: why one call cannot compute the same; empty if it can.
    shape: of query, key and value.
    """

    text: str
    layout: str
    block: str

    @property
    def shape(self) -> tuple[int, ...]:
        """A batch of 2, 3 heads, 5 tokens and 4 features."""
        return (2, 5, 3, 4) if self.layout in _HEADS_LAST else (2, 3, 5, 4)


def attention(draw: random.Random) -> Generated:
    """One function with attention."""
    layout = draw.choice(list(_LAYOUTS))
    before, scores, values, result = _LAYOUTS[layout]
    lines = list(before)
    name = draw.choice(["s", "dots", "scores"])
    scaled = _scaled(draw, name, scores)
    # Of windows the shape must be known.
    lines += [f"{name} = ({scores}) / 2"] if layout == "windowed" else scaled
    lines += _masked(draw, name, layout)
    weights = draw.choice([name, "attn"])
    block = draw.choice([""] * 9 + list(BLOCKS))
    is_module = draw.random() < 0.25
    if is_module and draw.random() < 0.2:
        lines += [f"{weights} = self.both({name})"]
    else:
        lines += _softmaxed(draw, name, weights, layout, is_module=is_module)
        lines += _dropped(draw, weights, is_module=is_module)
    lines += _blocked(block, weights)
    ending = f"return {result}"
    if block == "returned":
        ending = f"return {result}, {weights}"
    if block == "size":
        ending = f"return {result} * {weights}.sum()"
    lines += [f"out = {values.replace('W', weights)}", ending]
    return Generated(_function(lines, layout, is_module=is_module), layout, block)


def _function(lines: list[str], layout: str, *, is_module: bool) -> str:
    head = HEAD + {"helper": _HELPER, "spread": _REPEATING}.get(layout, "")
    if is_module:
        signature = (
            "    def forward(self, q, k, v, scale=0.3, mask=None, bias=None, training=False):\n"
        )
        body = "".join(f"        {each}\n" for each in lines)
        return f"{head}{_MODULE}{signature}{body}\n\nf = Attention().eval()\n"
    signature = "def f(q, k, v, scale=0.3, mask=None, bias=None, training=False):\n"
    return head + signature + "".join(f"    {each}\n" for each in lines)


def _scaled(draw: random.Random, name: str, scores: str) -> list[str]:
    return draw.choice(
        [
            [f"{name} = {scores}"],
            [f"{name} = {scores} * scale"],
            [f"{name} = scale * ({scores})"],
            ["q = q * scale", f"{name} = {scores}"],
            ["q, k = q * scale**0.5, k * scale**0.5", f"{name} = {scores}"],
            [f"{name} = {scores}", f"{name} /= math.sqrt(q.size(-1))"],
            [f"{name} = {scores}", f"{name}.mul_(scale)"],
            [f"{name} = ({scores}) * (1.0 / math.sqrt(4))"],
            [f"{name} = {scores}  # scores", f"{name} = {name} / 2"],
            [f"{name} = {scores}", "if scale > 0:", f"    {name} = {name} / 2"],
        ]
    )


def _masked(draw: random.Random, name: str, layout: str) -> list[str]:
    if layout == "bqhk":
        return draw.choice([[], [f"{name} = {name} + bias.unsqueeze(1)"]])
    if layout == "windowed":
        return _windowed(draw, name)
    filled = [
        [f"{name} = {name}.masked_fill(mask, float('-inf'))"],
        [f"{name} = {name}.masked_fill(~mask.logical_not(), -1e9)"],
        [f"{name}.masked_fill_(mask == 1, -torch.finfo({name}.dtype).max)"],
        [f"{name} = torch.where(mask, -1e30, {name})"],
        [f"{name} = torch.where(~mask, {name}, torch.tensor(-1e30, dtype={name}.dtype))"],
        ["if mask is not None:", f"    {name} = {name}.masked_fill(mask, -1e9)"],
    ]
    length = {"bnhd": "m = q.shape[1]", "chunked": "m = x.size(2)"}.get(layout, "m = 5")
    causal = draw.choice(
        [
            [
                "causal = torch.ones(m, m, dtype=torch.bool).tril()",
                f"{name} = {name}.masked_fill(~causal, float('-inf'))",
            ],
            [
                "causal = torch.triu(torch.ones(m, m), diagonal=1).bool()",
                f"{name}.masked_fill_(causal[None], float('-inf'))",
            ],
            [
                "causal = torch.tril(torch.ones((m, m)))",
                f"{name} = {name}.masked_fill(causal == 0, -1e9)",
            ],
        ]
    )
    causal.insert(0, length)
    added = [
        [f"{name} = {name} + bias"],
        [f"{name} += bias"],
        ["if bias is not None:", f"    {name} = {name} + bias"],
        [f"{name} = {name} + bias if bias is not None else {name}"],
        [f"{name} = {name} - {name}.amax(-1, keepdim=True).detach()"],
    ]
    both = [
        [f"{name} = ({name} + bias).masked_fill(mask, float('-inf'))"],
        [f"{name} = {name}.masked_fill(mask, float('-inf'))", f"{name} = {name} + bias"],
        [f"{name} = {name}.masked_fill(mask, -1e9).masked_fill(mask.t() & mask, -1e9)"],
        [f"{name} = {name} + bias", f"{name} = bias.t() + {name}"],
        [f"{name} = ({name} + bias) / 2"],
        [f"{name} = {name} - bias", f"{name} *= scale"],
        [
            *(f"{name} = {name} + bias", "if mask is not None:"),
            *(f"    {name} = {name}.masked_fill(mask, -1e9)", "if training:"),
            f"    {name} = {name} + bias.t()",
        ],
        [
            *("if bias is not None:", f"    {name} = {name} + bias", "if mask is not None:"),
            f"    {name} = {name}.masked_fill(mask, -1e9)",
        ],
    ]
    kinds = [[], [], causal, causal, draw.choice(filled), draw.choice(added), draw.choice(both)]
    return draw.choice(kinds)


def _windowed(draw: random.Random, name: str) -> list[str]:
    """A mask for each of the windows that a batch is made of."""
    views = [f"{name}.view(b // 2, 2, 3, n, n)", f"{name} = {name}.view(-1, 3, n, n)"]
    many = "torch.stack((bias, bias.t())).unsqueeze(1).unsqueeze(0)"
    filled = "torch.stack((mask, mask.t())).unsqueeze(1)"
    return draw.choice(
        [
            [f"{name} = {views[0]} + {many}", views[1]],
            [f"{name} = {views[0]}.masked_fill({filled}, -1e9)", views[1]],
            ["if bias is not None:", f"    {name} = {views[0]} + {many}", f"    {views[1]}"],
            [f"{name} = {name} + bias", f"{name} = {views[0]} + {many}", views[1]],
        ]
    )


def _softmaxed(
    draw: random.Random, name: str, weights: str, layout: str, *, is_module: bool
) -> list[str]:
    if is_module and draw.random() < 0.7:
        return [f"{weights} = self.attend({name})"]
    rank = 3 if layout in _THREE_AXES else 5 if layout == "crossed" else 4
    # Of the others the code does not tell how many axes they have.
    last = rank - 1 if rank > 3 or layout == "bmm" else -1
    options = [
        f"F.softmax({name}, dim=-1)",
        f"{name}.softmax(-1)",
        f"torch.softmax({name}, {last})",
        f"nn.Softmax(dim=-1)({name})",
        f"F.softmax({name}, dim=-1, dtype=torch.float32).to(v.dtype)",
        f"{name}.float().softmax(dim=-1).type_as({name})",
    ]
    return [f"{weights} = {draw.choice(options)}"]


def _dropped(draw: random.Random, weights: str, *, is_module: bool) -> list[str]:
    if is_module and draw.random() < 0.7:
        return draw.choice(
            [
                [f"{weights} = self.drop({weights})"],
                [f"{weights} = self.maybe({weights})"],
                ["if self.none is not None:", f"    {weights} = self.none({weights})"],
            ]
        )
    return draw.choice(
        [
            [],
            [],
            [],
            [f"{weights} = F.dropout({weights}, 0.1, training=training)"],
            [f"{weights} = F.dropout({weights}, p=0.1, training=False)"],
            ["if training:", f"    {weights} = F.dropout({weights}, 0.1)"],
            ["if training and scale > 0:", f"    {weights} = F.dropout({weights}, 0.1)"],
        ]
    )


def _blocked(block: str, weights: str) -> list[str]:
    return {
        "changed": [f"{weights} = {weights} + 0.1"],
        "topk": [f"{weights} = {weights} / {weights}.sum(-1, keepdim=True)"],
        "half": [f"{weights} = torch.tanh({weights})"],
        "stored": [f"f.last = {weights}"],
    }.get(block, [])


def lookalike(draw: random.Random) -> str:
    """One function that only looks like attention: there is nothing to report."""
    lines = draw.choice(
        [
            ["w = q.sigmoid() @ k.transpose(-2, -1)", "return (w + 1) @ v"],
            ["g = (q @ k.transpose(-2, -1)).sigmoid()", "return g @ v"],
            ["s = q @ k.transpose(-2, -1)", "w = s.softmax(-2)", "return w @ v"],
            ["s = torch.bmm(q, k.transpose(1, 2))", "w = s.softmax(1)", "return w @ v"],
            ["b, h, n, d = q.shape", "s = q @ k.mT", "w = s.softmax(2)", "return w @ v"],
            ["s = q.softmax(-1)", "c = k.softmax(-2).transpose(-2, -1) @ v", "return s @ c"],
            ["s = q @ k.transpose(-2, -1)", "loss = F.log_softmax(s, -1)", "return loss @ v"],
            ["s = q @ k.transpose(-2, -1)", "return F.softmax(s, -1) * v"],
            ["s = (q * k).sum(-1)", "return s.softmax(-1).unsqueeze(-2) @ v"],
            ["s = q + k", "return F.softmax(s, -1) @ v"],
            ["logits = F.linear(q, W)", "return logits.softmax(-1) @ v"],
            ["s = torch.einsum('bhid,bhjd->bhij', q, k)", "return s.softmax(-1).sum(-1) @ v"],
            ["W = nn.Parameter(k)", "return (q @ W.transpose(-2, -1)).softmax(-1) @ W"],
            [
                "s = torch.einsum('bhid,cd->bhic', q, W)",
                "return torch.einsum('bhic,cd->bhid', s.softmax(-1), W)",
            ],
            [
                "s = torch.einsum('bhid,bhjd->bhij', q, k).softmax(-1)",
                "return torch.einsum('bhij,bhid->bhjd', s, v)",
            ],
            ["s = q @ k.transpose(-2, -1)", "w = F.gumbel_softmax(s, dim=-1)", "return w @ v"],
        ]
    )
    extra = [f"    x{number} = {draw.randint(1, 9)}\n" for number in range(draw.randint(0, 3))]
    body = "".join(f"    {each}\n" for each in lines)
    return f"{HEAD}def f(q, k, v, W):\n{''.join(extra)}{body}"
