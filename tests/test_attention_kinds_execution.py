"""Fixes compute the same for kinds of scales, sizes, masks and branches that public code has."""

import pytest

from tests.attention_forms import judged

FORMS = {
    "a root of a tensor that is made of a list": """
        s = q @ k.mT / torch.sqrt(torch.FloatTensor([16])).to(q.device)
        return (s + bias).softmax(-1) @ v
    """,
    "a root of a tensor of what may be anything": """
        root = torch.sqrt(torch.tensor(scale, dtype=q.dtype))
        return (q @ k.mT / root).softmax(-1) @ v
    """,
    "a scale of numpy in a tensor": """
        s = q @ k.mT / torch.tensor(np.array([math.sqrt(16)]), dtype=q.dtype)
        return s.masked_fill(mask, -1e9).softmax(-1) @ v
    """,
    "a scale that `get` takes out of a dictionary": """
        given = dict(scale=0.5)
        return (q @ k.mT * given.get("scale")).softmax(-1) @ v
    """,
    "a scale that is a number if nobody says otherwise, on other axes": """
        factor = scale if scale is not None else 0.25
        s = torch.einsum("bhqd,bhkd->bqhk", q, k) * factor
        return torch.einsum("bqhk,bhkd->bqhd", s.softmax(-1), v)
    """,
    "a mask that is cast by a method, and a bias in one branch": """
        s = q @ k.mT
        s.masked_fill_(mask.bool(), -1e9)
        if training:
            s += bias
        return s.softmax(-1) @ v
    """,
    "a mask that is made in a branch in a loop": """
        parts = []
        for at in range(q.shape[1]):
            s = torch.bmm(q[:, at], k[:, at].transpose(-2, -1)) * 0.5
            if scale > 0:
                causal = torch.triu(torch.ones(5, 5, dtype=torch.bool), diagonal=1)
                s.masked_fill_(causal, float("-inf"))
            parts.append(torch.bmm(s.softmax(-1), v[:, at]))
        return torch.stack(parts, 1)
    """,
    "an else that stays alone": """
        s = q @ k.mT * 0.5
        if training is not False:
            s = s.masked_fill(mask, -1e9)
        else:
            n = q.shape[-2]
            causal = torch.ones(n, n, dtype=torch.bool).triu(1)
            s = s.masked_fill(causal, float("-inf"))
        return s.softmax(-1) @ v
    """,
    "an else that stays alone behind a comment": """
        s = q @ k.mT * 0.5
        if scale > 3:
            # the given one
            s = s.masked_fill(mask, -1e9)
        else:
            causal = torch.ones(5, 5, dtype=torch.bool).triu(1)
            s = s.masked_fill(causal, float("-inf"))
        return s.softmax(-1) @ v
    """,
    "an elif whose else stays": """
        s = q @ k.mT
        if scale > 3:
            rows = 2
        elif training:
            s = s.masked_fill(mask, -1e9)
        else:
            rows = 4
        return s.softmax(-1) @ v * rows
    """,
    "an if whose elif stays": """
        rows = 1
        s = q @ k.mT * 0.5
        if training:
            s = s.masked_fill(mask, -1e9)
        elif scale < 3:
            rows = 4
        return s.softmax(-1) @ v * rows
    """,
    "an elif of which nothing stays": """
        rows = 1
        s = q @ k.mT + bias
        if scale > 3:
            rows = 4
        elif scale > 0:
            s = s.masked_fill(mask, -1e9)
        return s.softmax(-1) @ v * rows
    """,
    "names that are deleted with others": """
        s = q @ k.mT * 0.5
        w = s.softmax(-1)
        out = w @ v
        del q, s, w, k
        return out
    """,
    "names that the call reads and others that are deleted in front of it": """
        other = q + 1
        s = q @ k.mT * 0.5
        del q, other
        return s.softmax(-1) @ v
    """,
    "a result with the name of the scores that is deleted in a loop": """
        parts = []
        for at in range(2):
            sim = q[at] @ k[at].mT * 0.5
            sim = sim.softmax(-1)
            sim = sim @ v[at]
            parts.append(sim * 1.0)
            del sim
        return torch.stack(parts)
    """,
    "a mask whose shape is compared with that of scores": """
        b, h, n, d = q.shape
        q = q.reshape(b, h, n, d).permute(0, 1, 2, 3)
        k = k.reshape(b, -1, n, d).transpose(2, 3)
        s = q @ k * 0.5
        if list(mask.shape) == [s.shape[0], s.shape[-1]]:
            mask = mask[:, None, None]
        s = s.masked_fill(mask == 1, -math.inf)
        return s.softmax(-1) @ v
    """,
    "all lengths of scores": """
        qkv = torch.stack([q, k, v]).reshape(3, 2, 3, 5, 4)
        q, k, v = qkv[0], qkv[1], qkv[2]
        s = q @ k.transpose(-2, -1)
        b, h, n, m = s.shape
        s = s + bias.expand(b, h, n, m)
        return s.softmax(-1) @ v
    """,
    "a length that is asked behind a mask": """
        s = (q @ k.mT).masked_fill(mask, -1e9)
        if scale > 0:
            n, m = s.size(-2), s.size(-1)
            causal = torch.triu(torch.ones((n, m), device=s.device), diagonal=1)
            s.masked_fill_(causal.bool(), float("-inf"))
        return s.softmax(-1) @ v
    """,
    "a mask that is written behind the scores, in loops": """
        s = q @ k.mT * 0.5
        m = torch.ones(5, 5, dtype=torch.bool)
        for i in range(5):
            for j in range(5):
                if i < j:
                    m[i, j] = False
        s.masked_fill_(~m[None], float("-inf"))
        return s.softmax(-1) @ v
    """,
    "a bias that is put into a larger one behind the scores": """
        s = q @ k.mT
        larger = torch.zeros(5, 5, dtype=q.dtype)
        larger[:3, :3] = bias[:3, :3]
        s = s + larger
        return s.softmax(-1) @ v
    """,
    "a softmax in the dtype of the values, and a mask that is filled in place": """
        qkv = torch.stack([q, k, v], 2)
        q, k, v = qkv.unbind(dim=2)
        s = torch.einsum("bthd,bshd->bhts", q.transpose(1, 2), k.transpose(1, 2) * 0.5)
        padding = torch.full((2, 5), -10000.0, dtype=s.dtype, device=s.device)
        padding.masked_fill_(~mask[:2], 0.0)
        s = s + rearrange(padding, "b s -> b 1 1 s")
        w = torch.softmax(s, dim=-1, dtype=v.dtype)
        return torch.einsum("bhts,bshd->bthd", w, v.transpose(1, 2))
    """,
    "a dropout whose chance is 0 outside of training": """
        s = torch.softmax(q @ k.mT * 0.5, -1)
        w = F.dropout(s, scale if training else 0.0)
        return w @ v
    """,
    "three axes that only the transposition of the keys and the softmax tell": """
        def once(a, b, c):
            return torch.softmax(torch.matmul(a, b.transpose(1, 2)) / 2, dim=2) @ c
        q, k, v = q.flatten(0, 1), k.flatten(0, 1), v.flatten(0, 1)
        return once(q * 1, k * 1, v)
    """,
    "a mask whose axes are counted, and one whose lengths are compared": """
        q, k = q.reshape(2, 3, 5, 4), k.reshape(2, 3, 5, 4)
        s = q @ k.mT * 0.5
        if mask.dim() < s.dim():
            mask = mask[None, None]
        if bias.shape != s.shape:
            bias = bias.unsqueeze(0)
        s = s.masked_fill(mask, -1e9) + bias
        return s.softmax(-1) @ v
    """,
    "a part of the query, and a softmax in the dtype of the whole": """
        parts = []
        for at in range(0, 5, 2):
            s = torch.matmul(q[:, :, at : at + 2], k.mT) * 0.5
            w = torch.softmax(s, dim=-1, dtype=q.dtype)
            parts.append(torch.matmul(w, v))
        return torch.cat(parts, 2)
    """,
    "keys behind their scale, of one tensor with the values": """
        q, k, v = torch.cat([q, k, v], -1).split(4, dim=-1)
        s = torch.matmul(q, 0.5 * k.transpose(-1, -2))
        w = torch.softmax(s, dim=-1, dtype=v.dtype)
        return torch.matmul(w, v)
    """,
    "names that are deleted in a loop, and in a branch": """
        parts = []
        for at in range(2):
            s = q[at] @ k[at].mT
            w = (s * 0.5).softmax(-1)
            del s
            out = w @ v[at]
            if scale > 0:
                del w
            parts.append(out)
        return torch.stack(parts)
    """,
}


@pytest.mark.parametrize("name", FORMS)
def test_a_kind_that_public_code_has(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert judged(FORMS[name], monkeypatch) == "fixed and equal"
