#!/usr/bin/env python3
"""An independent evaluator: the exact loss of a checkpoint on a text, written from spec/ alone.

It shares no code with the project and needs only Python 3.9 and numpy. Rule ids (EVAL-5, CKPT-2, ...) refer to the chapters beside this folder.

    python3 spec/check/evaluate.py model.safetensors text.txt
    python3 spec/check/evaluate.py model.safetensors ids.bin --ids --start 50256 --window 256 --json
"""

import argparse
import json
import struct
import sys

import numpy as np

from keccak import tagged_hash, tree

F32 = np.float32
TINY = F32(2.0**-40)
KERNELS = (3, 7, 15, 31, 63)
SLOTS = 64

TAG_CHUNK_LEAF, TAG_CHUNK_NODE, TAG_LOSS_LEAF, TAG_LOSS_NODE, TAG_LOGITS = 0x05, 0x06, 0x07, 0x08, 0x10


class Invalid(Exception):
    """The checkpoint breaks a rule."""


# ------------------------------------------------------------------------------------------------------------------ roots (HASH-8)


def loss_root(sums):
    """EVAL-13."""
    leaves = [(tagged_hash(TAG_LOSS_LEAF, struct.pack("<I", s)), s) for s in sums]

    def join(left, right):
        data = left[0] + struct.pack("<Q", left[1]) + right[0] + struct.pack("<Q", right[1])
        return tagged_hash(TAG_LOSS_NODE, data), left[1] + right[1]

    return tree(leaves, join)[0]


def checkpoint_root(data):
    """CKPT-6. Pure Python: some seconds per chunk."""
    leaves = [tagged_hash(TAG_CHUNK_LEAF, data[at : at + 2**20]) for at in range(0, len(data), 2**20)]
    return tree(leaves, lambda left, right: tagged_hash(TAG_CHUNK_NODE, left + right))


# ------------------------------------------------------------------------------------------------ checkpoint (MOD-3, MOD-4, CKPT-1..5)


def tensor_list(vocab, d, layers):
    """Names and shapes in canonical order (MOD-4)."""
    h = 7 * d // 2
    tensors = [("embed", (vocab, d))]
    for layer in range(layers):
        branches = [("conv.norm", (d,)), ("conv.taps", (119, d)), ("gru.norm", (d,))]
        for gate in "zho":
            branches += [("gru.w" + gate, (d, d)), ("gru.b" + gate, (d,))]
        branches += [("slot.norm", (d,)), ("slot.wq", (d, d)), ("slot.bq", (d,))]
        branches += [("slot.keys", (SLOTS, d)), ("slot.values", (SLOTS, d))]
        branches += [("slot.wo", (d, d)), ("slot.bo", (d,)), ("ffn.norm", (d,))]
        branches += [("ffn.wgate", (d, h)), ("ffn.bgate", (h,)), ("ffn.wup", (d, h)), ("ffn.bup", (h,))]
        branches += [("ffn.wdown", (h, d)), ("ffn.bdown", (d,))]
        tensors += [(f"layers.{layer}.{name}", shape) for name, shape in branches]
    return tensors + [("norm", (d,))]


def header_text(vocab, base_width, base_layers, growth, d, layers):
    """The one header of these numbers (CKPT-2)."""
    metadata = {"format": "resonancenet-1", "variant": "d2-silu", "vocab": str(vocab)}
    metadata.update(base_width=str(base_width), base_layers=str(base_layers), growth=str(growth))
    header, offset = {"__metadata__": metadata}, 0
    for name, shape in tensor_list(vocab, d, layers):
        end = offset + 2 * int(np.prod(shape))
        header[name] = {"dtype": "BF16", "shape": list(shape), "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header, separators=(",", ":")).encode("ascii")
    return text + b" " * (-len(text) % 8), offset


def read_checkpoint(data):
    """Weights as binary32 by name, and (vocab, base width); raises Invalid."""
    if len(data) < 8:
        raise Invalid("CKPT-3: no header length")
    (length,) = struct.unpack_from("<Q", data)
    if 8 + length > len(data):
        raise Invalid("CKPT-3: the header is cut off")
    text = data[8 : 8 + length]
    try:
        header = json.loads(text)
        metadata = header["__metadata__"]
        vocab, d0, l0, growth = (int(metadata[key]) for key in ("vocab", "base_width", "base_layers", "growth"))
        d = header["embed"]["shape"][1]
        layers = sum(name.endswith(".conv.norm") for name in header)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise Invalid(f"CKPT-2: {error!r}") from error
    if not (d0 <= d <= d0 + 2 * (growth // 2) and l0 <= layers <= l0 + growth // 128):
        raise Invalid("CKPT-5: the shape does not follow from base and growth")
    if not (d % 2 == 0 and 2 <= d <= 4096 and 1 <= layers <= 48 and 2 <= vocab <= 65536):
        raise Invalid("MOD-1: no shape")
    expected, size = header_text(vocab, d0, l0, growth, d, layers)
    if text != expected:
        raise Invalid("CKPT-2: not the one encoding of the header")
    if len(data) != 8 + length + size:
        raise Invalid(f"CKPT-3: {len(data)} bytes instead of {8 + length + size}")
    bits = np.frombuffer(data, dtype="<u2", offset=8 + length)
    weights = (bits.astype(np.uint32) << 16).view(F32)
    magnitude = bits & 0x7FFF
    # 0x2b80 is 2^-40, 0x4980 is 2^20 (CKPT-4)
    if np.any(((magnitude < 0x2B80) | (magnitude > 0x4980)) & (bits != 0)):
        raise Invalid("CKPT-4: a value that is not allowed")
    tensors, at = {}, 0
    for name, shape in tensor_list(vocab, d, layers):
        count = int(np.prod(shape))
        tensors[name] = weights[at : at + count].reshape(shape)
        at += count
    return tensors, vocab, d, layers, d0


# ---------------------------------------------------------------------------------------------------------- arithmetic (EVAL-1..6)


def flush(v):
    """F of EVAL-2, and the test of EVAL-3 on the stored value."""
    if not np.all(np.isfinite(v)):
        raise Invalid("EVAL-3: a stored value is not finite")
    return np.where(np.abs(v) < TINY, F32(0), v)


def exp32(x):
    """EVAL-4."""
    x = np.where(x < F32(-87), F32(-87), x)
    x = np.where(x > F32(88), F32(88), x)
    magic = F32(12582912)
    n = (x * F32(1.44269504) + magic) - magic
    r = x - n * F32(0.693359375)
    r = r - n * F32(-2.12194440e-4)
    y = np.full_like(r, F32(1.9875691500e-4))
    for c in (1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1):
        y = y * r + F32(c)
    y = y * (r * r) + r
    y = y + F32(1)
    power = ((n.astype(np.int32) + 127) << 23).astype(np.uint32).view(F32)
    return flush(y * power)


def sigmoid(x):
    return flush(F32(1) / (F32(1) + exp32(-x)))


def silu(x):
    return flush(x * sigmoid(x))


def reduce16(v):
    """EVAL-5, over the last axis."""
    lanes = np.zeros(v.shape[:-1] + (16,), dtype=F32)
    for at in range(0, v.shape[-1], 16):
        part = v[..., at : at + 16]
        lanes[..., : part.shape[-1]] += part
    for s in (8, 4, 2, 1):
        lanes = lanes[..., :s] + lanes[..., s : 2 * s]
    return lanes


def rmsnorm(x, gain, d0):
    """EVAL-5. x: [N, d]."""
    q = reduce16(x * x)
    if not np.all(np.isfinite(q)):
        raise Invalid("EVAL-3: a sum of squares is not finite")
    r = F32(1) / np.sqrt(q * F32(1 / d0) + F32(1e-6))
    return flush((x * r) * gain)


def accumulate(y, x, w):
    """y + sum over k ascending of x[:, k] w[k], one rounding per operation. x: [N, K], w: [K, M], y: [N, M]."""
    product = np.empty_like(y)
    for k in range(w.shape[0]):
        np.multiply(x[:, k : k + 1], w[k], out=product)
        np.add(y, product, out=y)
    return y


def linear(x, w, b):
    """EVAL-6."""
    y = np.empty((x.shape[0], w.shape[1]), dtype=F32)
    y[:] = b
    return flush(accumulate(y, x, w))


# -------------------------------------------------------------------------------------------------------- forward pass (EVAL-7..9)


def convolution(u, taps, windows, length):
    """EVAL-7, the branch sum. u: [N, d] with N = windows x length."""
    d = u.shape[1]
    u = u.reshape(windows, length, d)
    total, row = None, 0
    for kernel in KERNELS:
        a = np.zeros_like(u)
        for lag in range(min(kernel, length)):
            a[:, lag:] += u[:, : length - lag] * taps[row + lag]
        row += kernel
        branch = silu(flush(a))
        total = branch if total is None else total + branch
    return flush(total).reshape(windows * length, d)


def gru(u, p, windows, length):
    """EVAL-7, minGRU; p gives a tensor by its short name."""
    d = u.shape[1]
    az, ah = (linear(u, p("gru.w" + g), p("gru.b" + g)) for g in "zh")
    z = sigmoid(az).reshape(windows, length, d)
    # sigmoid is also evaluated where ah >= 0, and then not used
    c = np.where(ah >= 0, flush(ah + F32(0.5)), sigmoid(ah)).reshape(windows, length, d)
    states = np.empty((windows, length, d), dtype=F32)
    h = np.zeros((windows, d), dtype=F32)
    for t in range(length):
        h = flush(h + z[:, t] * (c[:, t] - h))
        states[:, t] = h
    return linear(states.reshape(windows * length, d), p("gru.wo"), p("gru.bo"))


def slots(u, p, d0):
    """EVAL-8."""
    q = linear(u, p("slot.wq"), p("slot.bq"))
    dot = accumulate(np.zeros((u.shape[0], SLOTS), dtype=F32), q, np.ascontiguousarray(p("slot.keys").T))
    score = flush(dot * F32(1 / np.sqrt(np.float64(d0))))
    e = exp32(score - score.max(axis=1, keepdims=True))
    weight = flush(e / reduce16(e))
    read = flush(accumulate(np.zeros_like(u), weight, p("slot.values")))
    return linear(read, p("slot.wo"), p("slot.bo"))


def swiglu(u, p):
    """EVAL-8."""
    gate = linear(u, p("ffn.wgate"), p("ffn.bgate"))
    up = linear(u, p("ffn.wup"), p("ffn.bup"))
    return linear(flush(silu(gate) * up), p("ffn.wdown"), p("ffn.bdown"))


def logits_of(tensors, layers, d0, inputs):
    """Logits [windows x length, V] of input ids [windows, length]."""
    windows, length = inputs.shape
    x = tensors["embed"][inputs.reshape(-1)]
    for layer in range(layers):
        p = lambda name, layer=layer: tensors[f"layers.{layer}.{name}"]
        x = flush(x + convolution(rmsnorm(x, p("conv.norm"), d0), p("conv.taps"), windows, length))
        x = flush(x + gru(rmsnorm(x, p("gru.norm"), d0), p, windows, length))
        x = flush(x + slots(rmsnorm(x, p("slot.norm"), d0), p, d0))
        x = flush(x + swiglu(rmsnorm(x, p("ffn.norm"), d0), p))
    u = rmsnorm(x, tensors["norm"], d0)
    zero = np.zeros((u.shape[0], tensors["embed"].shape[0]), dtype=F32)
    return flush(accumulate(zero, u, np.ascontiguousarray(tensors["embed"].T)))


# ------------------------------------------------------------------------------------------------------------------ loss (EVAL-10..12)


def log64(x):
    """EVAL-10."""
    bits = x.astype(np.float64).view(np.uint64)
    k = ((bits >> np.uint64(52)) & np.uint64(0x7FF)).astype(np.int64) - 1023
    significand = ((bits & np.uint64((1 << 52) - 1)) | np.uint64(1023 << 52)).view(np.float64)
    above = significand >= 1.4142135623730951
    k = (k + above).astype(np.float64)
    f = np.where(above, significand * 0.5, significand) - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    t1 = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    t2 = 1.818357216161805012e-01 + w * 1.479819860511658591e-01
    t2 = z * (6.666666666666735130e-01 + w * (2.857142874366239149e-01 + w * t2))
    r = t2 + t1
    hfsq = (0.5 * f) * f
    return k * 6.93147180369123816490e-01 - ((hfsq - (s * (hfsq + r) + k * 1.90821492927058770002e-10)) - f)


def target_losses(logits, targets):
    """EVAL-10: q of every row."""
    m = logits.max(axis=1, keepdims=True)
    total = reduce16(exp32(logits - m))[:, 0]
    of_target = logits[np.arange(len(targets)), targets].astype(np.float64)
    nll = log64(total) + (m[:, 0].astype(np.float64) - of_target)
    nll = np.where(nll < 0, 0.0, nll)
    return np.minimum(float(2**22), np.floor(nll * 65536.0 + 0.5)).astype(np.int64)


def evaluate(tensors, vocab, layers, d0, ids, window, start):
    """Window sums, in order. Windows of one length are evaluated together, as many as fit into memory."""
    sums = []
    whole = len(ids) // window
    width = max(vocab, 4 * tensors["norm"].shape[0])
    group = max(1, 2**25 // (window * width))
    batches = [(at, min(group, whole - at), window) for at in range(0, whole, group)]
    if len(ids) % window:
        batches.append((whole, 1, len(ids) % window))
    for first, count, length in batches:
        targets = ids[first * window : first * window + count * length].reshape(count, length)
        inputs = np.concatenate([np.full((count, 1), start, dtype=ids.dtype), targets[:, :-1]], axis=1)
        q = target_losses(logits_of(tensors, layers, d0, inputs), targets.reshape(-1))
        sums += [int(s) for s in q.reshape(count, length).sum(axis=1)]
    return sums


def logits_hash(tensors, layers, d0, ids, window, start, index):
    """EVAL-15 for one window."""
    targets = ids[index * window : (index + 1) * window]
    inputs = np.concatenate([np.array([start], dtype=ids.dtype), targets[:-1]])
    logits = logits_of(tensors, layers, d0, inputs.reshape(1, -1))
    return tagged_hash(TAG_LOGITS, logits.astype("<f4").tobytes())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("checkpoint")
    parser.add_argument("text", help="bytes are ids (vocabulary 256); with --ids a file of little-endian u16 ids")
    parser.add_argument("--ids", action="store_true", help="the text file holds u16le ids")
    parser.add_argument("--window", type=int, default=256, help="targets per window, 1 to 1023 (default 256)")
    parser.add_argument("--start", type=int, help="start id (default 0, or 50256 for the vocabulary 50257)")
    parser.add_argument("--sums", action="store_true", help="print the window sums too")
    parser.add_argument("--logits-hash", type=int, metavar="WINDOW", help="print the logits hash of one window (EVAL-15)")
    parser.add_argument("--checkpoint-root", action="store_true", help="print the id of the file (CKPT-6; slow)")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    arguments = parser.parse_args()
    with open(arguments.checkpoint, "rb") as file:
        data = file.read()
    try:
        tensors, vocab, _, layers, d0 = read_checkpoint(data)
        ids = np.fromfile(arguments.text, dtype="<u2" if arguments.ids else np.uint8).astype(np.int64)
        if not arguments.ids and vocab != 256:
            parser.error(f"the vocabulary is {vocab}: give ids with --ids")
        if len(ids) == 0 or ids.max() >= vocab:
            parser.error("the text is empty or has ids outside the vocabulary")
        if not 1 <= arguments.window <= 1023:
            parser.error("a window has 1 to 1023 targets (EVAL-11)")
        start = arguments.start if arguments.start is not None else (50256 if vocab == 50257 else 0)
        sums = evaluate(tensors, vocab, layers, d0, ids, arguments.window, start)
        total = sum(sums)
        result = {
            "valLoss": -(-total * 10**6 // (len(ids) * 65536)),
            "valLossNats": total / 65536 / len(ids),
            "sum": str(total),
            "tokens": len(ids),
            "lossRoot": loss_root(sums).hex(),
        }
        if arguments.sums:
            result["windowSums"] = sums
        if arguments.logits_hash is not None:
            result["logitsHash"] = logits_hash(
                tensors, layers, d0, ids, arguments.window, start, arguments.logits_hash
            ).hex()
        if arguments.checkpoint_root:
            result["checkpointRoot"] = checkpoint_root(data).hex()
    except Invalid as error:
        print(json.dumps({"invalid": str(error)}) if arguments.json else f"invalid checkpoint: {error}")
        sys.exit(1)
    if arguments.json:
        print(json.dumps(result))
    else:
        for key, value in result.items():
            print(f"{key:15} {value}")


if __name__ == "__main__":
    # Overflow is not a warning here: EVAL-3 tests every stored value.
    with np.errstate(all="ignore"):
        main()
