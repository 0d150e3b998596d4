"""Attention, rotary positions and embeddings in PyTorch: the operators of the ONNX standard and those of ONNX Runtime (com.microsoft)."""

import math

import torch

from torch_operators import operator

# What ONNX Runtime adds to a score that is masked altogether. A row of them stays finite and gives equal weights.
LOWEST = torch.finfo(torch.float32).min
MICROSOFT = "com.microsoft."


def to_heads(x, heads):
    """[batch, positions, heads * size] to [batch, heads, positions, size]."""
    return x.reshape(x.shape[0], x.shape[1], heads, -1).transpose(1, 2)


def from_heads(x):
    return x.transpose(1, 2).reshape(x.shape[0], x.shape[2], -1)


def future(queries, keys, past):
    """Where a key comes later than the query that looks at it."""
    return torch.arange(keys)[None, :] > past + torch.arange(queries)[:, None]


def hidden(node, queries, keys, past, lengths):
    """Which keys a query may not look at, whatever the mask says."""
    causal = node.get("is_causal", 0) and not (queries == 1 and past)
    if lengths is None:
        return future(queries, keys, past) if causal else torch.zeros(queries, keys, dtype=torch.bool)
    lengths = lengths[:, None, None, None]
    return future(queries, keys, lengths - queries) if causal else torch.arange(keys) >= lengths


@operator("Attention")
def attention(node, q, k, v, mask=None, past_key=None, past_value=None, lengths=None):
    flat = q.dim() == 3
    if flat:
        q, k, v = to_heads(q, node.get("q_num_heads")), to_heads(k, node.get("kv_num_heads")), to_heads(v, node.get("kv_num_heads"))
    past = 0
    if past_key is not None:
        past = past_key.shape[2]
        k, v = torch.cat([past_key, k], 2), torch.cat([past_value, v], 2)
    present = k * 1, v * 1
    groups = q.shape[1] // k.shape[1]
    k, v = k.repeat_interleave(groups, 1), v.repeat_interleave(groups, 1)

    raw = node.get("scale", 1 / math.sqrt(q.shape[-1])) * q @ k.transpose(2, 3)
    softcap = node.get("softcap", 0.0)
    capped = softcap * torch.tanh(raw / softcap) if softcap else raw
    scores = capped
    if mask is not None:
        scores = scores + (torch.where(mask, 0.0, LOWEST) if mask.dtype == torch.bool else mask.clamp(min=LOWEST))
    scores = scores.masked_fill(hidden(node, q.shape[2], k.shape[2], past, lengths), LOWEST)
    weights = torch.softmax(scores, -1) * (scores > LOWEST).any(-1, keepdim=True)
    y = weights @ v
    return [from_heads(y) if flat else y, *present, (raw, capped, scores, weights)[node.get("qk_matmul_output_mode", 0)]]


def rotate(x, cosine, sine, interleaved):
    """Rotates pairs of the last axis; what is beyond the width of the caches stays as it is."""
    width = 2 * cosine.shape[-1]
    turned = x[..., :width]
    first, second = (turned[..., 0::2], turned[..., 1::2]) if interleaved else turned.chunk(2, -1)
    parts = [first * cosine - second * sine, second * cosine + first * sine]
    turned = torch.stack(parts, -1).flatten(-2) if interleaved else torch.cat(parts, -1)
    return torch.cat([turned, x[..., width:]], -1)


@operator("RotaryEmbedding")
def rotary_embedding(node, x, cosine, sine, positions=None):
    heads = to_heads(x, node.get("num_heads")) if x.dim() == 3 else x
    if positions is not None:
        cosine, sine = cosine[positions], sine[positions]
    y = rotate(heads, cosine[:, None], sine[:, None], node.get("interleaved", 0))
    return from_heads(y) if x.dim() == 3 else y


@operator(MICROSOFT + "RotaryEmbedding")
def microsoft_rotary_embedding(node, x, positions, cosine, sine):
    if x.dim() == 4:
        heads = x
    elif node.get("rotary_embedding_dim", 0):
        heads = to_heads(x, node.get("num_heads"))
    else:
        heads = to_heads(x, x.shape[2] // (2 * cosine.shape[1]))
    if positions.numel() == 1:
        positions = positions.reshape(1, 1) + torch.arange(heads.shape[2])
    y = rotate(heads, cosine[positions][:, None], sine[positions][:, None], node.get("interleaved", 0))
    return from_heads(y) if x.dim() == 3 else y


def padding(node, mask, batch, keys):
    """What masked keys add to the scores, broadcast to [batch, 1, queries, keys]."""
    places = torch.arange(keys)
    if mask.dim() == 1:
        kept = places < mask[:batch, None]
        if len(mask) == 2 * batch:
            kept = kept & (places >= mask[batch:, None])
    else:
        kept = mask > 0
    kept = kept[:, None, None, :] if kept.dim() == 2 else kept[:, None]
    return torch.where(kept, 0.0, node.get("mask_filter_value", -10000.0))


def microsoft_scores(node, q, k, mask, bias, past):
    scale = node.get("scale", 0.0) or 1 / math.sqrt(q.shape[-1])
    scores = scale * q @ k.transpose(2, 3)
    added = torch.zeros(1, 1, q.shape[2], k.shape[2])
    if mask is not None and not (mask.dim() == 2 and mask.shape[1] == 1 != k.shape[2]):
        added = added + padding(node, mask, q.shape[0], k.shape[2])
    if node.get("unidirectional", 0):
        hidden = future(q.shape[2], k.shape[2], past)
        hidden[-1] = False
        added = added.masked_fill(hidden, LOWEST)
    return scores + added if bias is None else scores + added + bias


@operator(MICROSOFT + "MultiHeadAttention")
def multi_head_attention(node, query, key, value, bias=None, mask=None, attention_bias=None, past_key=None, past_value=None):
    heads = node.get("num_heads")
    if bias is not None:
        width = query.shape[2]
        query, key, value = query + bias[:width], key + bias[width:2 * width], value + bias[2 * width:]
    q = to_heads(query, heads)
    k, v = (to_heads(key, heads), to_heads(value, heads)) if key.dim() == 3 else (key, value)
    past = 0
    if past_key is not None:
        past = past_key.shape[2]
        k, v = torch.cat([past_key, k], 2), torch.cat([past_value, v], 2)
    scores = microsoft_scores(node, q, k, mask, attention_bias, past)
    return [from_heads(torch.softmax(scores, -1) @ v), k * 1, v * 1, scores]


@operator(MICROSOFT + "Attention")
def microsoft_attention(node, x, weights, bias=None, mask=None, past=None, attention_bias=None):
    heads = node.get("num_heads")
    projected = x @ weights
    if bias is not None:
        projected = projected + bias
    sizes = node.get("qkv_hidden_sizes") or [weights.shape[1] // 3] * 3
    q, k, v = (to_heads(part, heads) for part in projected.split(list(sizes), -1))
    count = 0
    if past is not None:
        count = past.shape[3]
        k, v = torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)
    y = from_heads(torch.softmax(microsoft_scores(node, q, k, mask, attention_bias, count), -1) @ v)
    return [y, torch.stack([k, v])] if node.output_count > 1 else y


@operator(MICROSOFT + "EmbedLayerNormalization")
def embed_layer_normalization(node, ids, segments, words, positions, segment_table, scale, shift, mask=None, places=None):
    if places is None:
        places = torch.arange(ids.shape[1])[None]
    total = words[ids.long()] + positions[places.long()]
    if segments is not None:
        total = total + segment_table[segments.long()]
    y = torch.nn.functional.layer_norm(total, scale.shape, scale, shift, node.get("epsilon", 1e-12))
    count = torch.zeros(ids.shape[0]) if mask is None else (mask == 1).sum(1)
    return [y, count, total]


@operator(MICROSOFT + "GroupQueryAttention")
def group_query_attention(
        node, query, key, value, past_key, past_value, lengths, total, cosine=None, sine=None, positions=None, bias=None, sink=None):
    heads, key_heads = node.get("num_heads"), node.get("kv_num_heads")
    if key is None:
        size = query.shape[2] // (heads + 2 * key_heads)
        query, key, value = query.split([heads * size, key_heads * size, key_heads * size], -1)
    q, k, v = to_heads(query, heads), to_heads(key, key_heads), to_heads(value, key_heads)
    count = q.shape[2]
    if node.get("do_rotary", 0):
        positions = (0 if positions is None else positions[0, 0]) + torch.arange(count)[None]
        cosine, sine = cosine[positions][:, None], sine[positions][:, None]
        q, k = (rotate(x, cosine, sine, node.get("rotary_interleaved", 0)) for x in (q, k))
    present = k * 1, v * 1
    k, v = k.repeat_interleave(heads // key_heads, 1), v.repeat_interleave(heads // key_heads, 1)
    scores = (node.get("scale", 0.0) or 1 / math.sqrt(q.shape[-1])) * q @ k.transpose(2, 3)
    softcap = node.get("softcap", 0.0)
    if softcap:
        scores = softcap * torch.tanh(scores / softcap)
    if bias is not None:
        scores = scores + bias
    hidden_keys = future(count, count, 0) if node.get("causal", 1) else torch.zeros(count, count, dtype=torch.bool)
    window = node.get("local_window_size", -1)
    if window > 0:
        hidden_keys = hidden_keys | (torch.arange(count)[None] <= torch.arange(count)[:, None] - window)
    hidden_keys = hidden_keys | (torch.arange(count) > lengths.reshape(-1, 1, 1, 1))
    scores = scores.masked_fill(hidden_keys, LOWEST)
    if sink is not None or node.get("smooth_softmax", 0):
        extra = torch.zeros(heads) if sink is None else sink
        scores = torch.cat([scores, extra.reshape(1, heads, 1, 1).expand(*scores.shape[:3], 1)], -1)
    weights = torch.softmax(scores, -1)[..., :count]
    return [from_heads(weights @ v), *present]
