#!/usr/bin/env python3
"""The measured ablation behind docs/adr/0002-layer-variant.md: one training run of one layer definition, on real text.

A run trains a small model (bytes, vocabulary 256, by default d = 128 and 4 layers: 1.18 M parameters) through a text once, for an
exact number of tokens, evaluates it on the text that follows, and appends one line of JSON to the results file. All layer
definitions D1..D4 have exactly the same number of parameters; the program asserts it.

    layer.py --text FILE                       train on the first 1,000,000 bytes of FILE, validate on the next 65,536
    layer.py --train A --val B                 two files instead
    layer.py --text FILE --conv none --tokens 332800 --seed 1
    layer.py --table results.jsonl             the results file as a Markdown table, best first, compared seed by seed

The defaults are the decision: D2, SiLU on every convolution branch, gate biases of zero, Muon + AdamW, no softcap, no x0. The model
function, the initial distribution and the optimiser's update are those of spec/model.md (MOD-5, MOD-8, MOD-9) and
packages/kernels/src/optimizer-split.ts; only the random numbers differ. Needs Python 3.9+, numpy and PyTorch 1.13+ on a CPU.
"""
import argparse
import json
import math
import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

VOCAB = 256
KERNELS = (3, 7, 15, 31, 63)
TAPS = sum(KERNELS)  # 119
SLOTS = 64
TRAIN_BYTES, VAL_BYTES = 1_000_000, 65_536

# id: (state expansion, output gate?, slot output projection?, SwiGLU width / d); see the ADR
VARIANTS = {
    "D1": (1.0, True, False, 3.5),
    "D2": (1.0, False, True, 3.5),
    "D3": (1.5, False, True, 3.0),
    "D4": (2.0, False, True, 2.5),
}


# --- operations -------------------------------------------------------------------------------------------------------------------

# Distributions of PyTorch without an optimised BLAS multiply matrices 30 times slower than oneDNN, which they do carry.
ONEDNN = not torch.backends.mkl.is_available() and torch.backends.mkldnn.is_available()


def times_transposed(x, w):
    """x [n, k] times the transpose of w [m, k]."""
    if ONEDNN:
        return torch._C._nn.mkldnn_linear(x.contiguous().to_mkldnn(), w.contiguous()).to_dense()
    return x @ w.t()


def matmul(a, b):
    return times_transposed(a, b.t())


class MatMulTransposed(torch.autograd.Function):
    """y [.., m] = x [.., k] w^T for w [m, k]."""

    @staticmethod
    def forward(ctx, x, w):
        ctx.save_for_backward(x, w)
        return times_transposed(x.reshape(-1, x.shape[-1]), w).view(*x.shape[:-1], w.shape[0])

    @staticmethod
    def backward(ctx, g):
        x, w = ctx.saved_tensors
        rows = g.reshape(-1, g.shape[-1])
        dx = times_transposed(rows, w.t()).view(x.shape) if ctx.needs_input_grad[0] else None
        dw = times_transposed(rows.t(), x.reshape(-1, x.shape[-1]).t()) if ctx.needs_input_grad[1] else None
        return dx, dw


linear = MatMulTransposed.apply


class Scan(torch.autograd.Function):
    """h[t] = h[t-1] + z[t] (c[t] - h[t-1]), h[-1] = 0, along dimension 1 of [batch, time, channel], in order of t."""

    @staticmethod
    def forward(ctx, z, c):
        zt, ct = z.transpose(0, 1).contiguous(), c.transpose(0, 1).contiguous()
        before = torch.zeros(zt.shape[0] + 1, *zt.shape[1:])  # before[t] = h[t-1]
        for t in range(zt.shape[0]):
            torch.lerp(before[t], ct[t], zt[t], out=before[t + 1])
        ctx.save_for_backward(zt, ct, before)
        return before[1:].transpose(0, 1)

    @staticmethod
    def backward(ctx, grad):
        zt, ct, before = ctx.saved_tensors
        d = grad.transpose(0, 1).contiguous()  # becomes dL/dh[t], later steps included
        keep = 1 - zt
        for t in range(zt.shape[0] - 2, -1, -1):
            d[t].addcmul_(keep[t + 1], d[t + 1])
        return (d * (ct - before[:-1])).transpose(0, 1), (d * zt).transpose(0, 1)


def positive(a):
    """minGRU's g: a + 1/2 for a >= 0, else sigmoid(a)."""
    return torch.where(a >= 0, a + 0.5, torch.sigmoid(a))


# --- model ------------------------------------------------------------------------------------------------------------------------


class Norm(nn.Module):
    """RMSNorm with a constant divisor: the base width, which here is the width."""

    def __init__(self, d):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(d))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * self.gain


def uniform(amplitude, *shape):
    return nn.Parameter((torch.rand(*shape) * 2 - 1) * amplitude)


def zeros(*shape):
    return nn.Parameter(torch.zeros(*shape))


class Conv(nn.Module):
    def __init__(self, a):
        super().__init__()
        self.mode = a.conv
        self.norm = Norm(a.d)
        self.taps = uniform(a.taps_amplitude, TAPS, a.d)
        with torch.no_grad():
            self.taps[0] = a.first_tap  # lag 0 of kernel 3

    def branch(self, u, first, size):
        kernel = self.taps[first : first + size].flip(0).t()[:, None, :, None]
        return F.conv2d(F.pad(u, (0, 0, size - 1, 0)), kernel, groups=u.shape[1])

    def forward(self, x):
        u = self.norm(x).transpose(1, 2).unsqueeze(3)
        first, total = 0, 0
        for size in KERNELS:
            y = self.branch(u, first, size)
            total = total + (F.silu(y) if self.mode == "silu-each" else y)
            first += size
        if self.mode == "silu-sum":
            total = F.silu(total)
        return total.squeeze(3).transpose(1, 2)


class MinGru(nn.Module):
    def __init__(self, a, amplitude):
        super().__init__()
        expansion, gated, _, _ = VARIANTS[a.variant]
        n = int(expansion * a.d)
        self.norm = Norm(a.d)
        self.wz, self.wh, self.wo = uniform(amplitude, n, a.d), uniform(amplitude, n, a.d), zeros(a.d, n)
        self.bz, self.bh, self.bo = zeros(n), zeros(n), zeros(a.d)
        tau = torch.exp(math.log(1.5) + torch.rand(n) * (math.log(a.tau_max) - math.log(1.5)))
        if a.bz == "chrono":
            with torch.no_grad():
                self.bz.copy_(-torch.log(tau - 1))
        if gated:
            self.wg, self.bg = uniform(amplitude, n, a.d), zeros(n)
        self.gated = gated

    def forward(self, x):
        u = self.norm(x)
        h = Scan.apply(torch.sigmoid(linear(u, self.wz) + self.bz), positive(linear(u, self.wh) + self.bh))
        if self.gated:
            h = F.silu(linear(u, self.wg) + self.bg) * h
        return linear(h, self.wo) + self.bo


class Slots(nn.Module):
    def __init__(self, a, amplitude):
        super().__init__()
        projected = VARIANTS[a.variant][2]
        self.norm = Norm(a.d)
        self.wq, self.bq = uniform(amplitude, a.d, a.d), zeros(a.d)
        self.keys = uniform(amplitude, SLOTS, a.d)
        # What writes to the residual stream is zero at first: the values, or the projection behind them.
        self.values = uniform(amplitude, SLOTS, a.d) if projected else zeros(SLOTS, a.d)
        if projected:
            self.wo, self.bo = zeros(a.d, a.d), zeros(a.d)
        self.projected, self.scale = projected, 1 / math.sqrt(a.d)

    def forward(self, x):
        q = linear(self.norm(x), self.wq) + self.bq
        y = linear(torch.softmax(linear(q, self.keys) * self.scale, -1), self.values.t())
        return linear(y, self.wo) + self.bo if self.projected else y


class SwiGlu(nn.Module):
    def __init__(self, a, amplitude):
        super().__init__()
        n = int(VARIANTS[a.variant][3] * a.d)
        self.norm = Norm(a.d)
        self.wgate, self.wup, self.wdown = uniform(amplitude, n, a.d), uniform(amplitude, n, a.d), zeros(a.d, n)
        self.bgate, self.bup, self.bdown = zeros(n), zeros(n), zeros(a.d)

    def forward(self, x):
        u = self.norm(x)
        return linear(F.silu(linear(u, self.wgate) + self.bgate) * (linear(u, self.wup) + self.bup), self.wdown) + self.bdown


class Model(nn.Module):
    def __init__(self, a):
        super().__init__()
        amplitude = math.sqrt(3 / a.d)  # standard deviation 1 / sqrt(d)
        self.embed = uniform(a.embed_amplitude, VOCAB, a.d)
        self.layers = nn.ModuleList(
            nn.ModuleList([Conv(a), MinGru(a, amplitude), Slots(a, amplitude), SwiGlu(a, amplitude)]) for _ in range(a.layers)
        )
        self.norm = Norm(a.d)
        self.softcap = a.softcap
        self.mix = nn.Parameter(torch.tensor([[1.0, 0.0]] * a.layers)) if a.x0 else None
        extra = 2 * a.layers if a.x0 else 0
        per_layer = 15.5 * a.d**2 + 264 * a.d
        assert self.size() == VOCAB * a.d + a.d + a.layers * per_layer + extra, "definitions must have equal parameters"

    def size(self):
        return sum(p.numel() for p in self.parameters())

    def forward(self, ids):
        x = start = F.embedding(ids, self.embed)
        for i, layer in enumerate(self.layers):
            if self.mix is not None:
                x = self.mix[i, 0] * x + self.mix[i, 1] * start
            for branch in layer:
                x = x + branch(x)
        logits = linear(self.norm(x), self.embed)
        if self.softcap > 0:
            logits = self.softcap * logits * torch.rsqrt(logits.square() + self.softcap**2)
        return logits


# --- optimiser (packages/kernels/src/optimizer-split.ts) ----------------------------------------------------------------------------

MUON = {"wz", "wh", "wg", "wo", "wq", "wgate", "wup", "wdown"}
TABLES = {"embed", "keys", "values"}


def orthogonalise(u):
    """Newton-Schulz, five steps: the singular values of u go to about 1."""
    x = u.t() if u.shape[0] > u.shape[1] else u
    x = x / (x.norm() + 1e-7)
    for _ in range(5):
        gram = times_transposed(x, x)
        square = times_transposed(gram, gram)  # gram is symmetric
        x = matmul(square.mul_(2.0315).add_(gram, alpha=-4.775), x).add_(x, alpha=3.4445)
    return x.t() if u.shape[0] > u.shape[1] else x


class Optimiser:
    def __init__(self, model, a):
        self.a, self.t, self.entries = a, 0, []
        muon = MUON | (TABLES - {"embed"} if a.slots_muon else set())
        for name, p in model.named_parameters():
            kind = name.split(".")[-1]
            scale = {"embed": a.embed_lr, "taps": a.taps_lr}.get(kind, a.slots_lr if kind in TABLES else 1.0)
            self.entries.append((p, a.opt == "muon" and kind in muon, kind in MUON | TABLES, scale, torch.zeros_like(p), torch.zeros_like(p)))

    @torch.no_grad()
    def step(self, factor):
        a = self.a
        self.t += 1
        norm = math.sqrt(sum(p.grad.double().square().sum().item() for p, *_ in self.entries))
        clip = a.clip / norm if a.clip > 0 and norm > a.clip else 1.0
        momentum = a.momentum
        if a.momentum_warmup > 0:
            momentum = 0.85 + (a.momentum - 0.85) * min(1, self.t / a.momentum_warmup)
        for p, muon, decayed, scale, m, v in self.entries:
            g = p.grad * clip
            lr = factor * (a.muon_lr if muon else a.adam_lr * scale)
            if decayed and a.wd > 0:
                p.mul_(1 - lr * a.wd)
            if muon:
                m.mul_(momentum).add_(g, alpha=1 - momentum)
                u = orthogonalise((1 - momentum) * g + momentum * m)
                p.add_(u, alpha=-lr * math.sqrt(max(1, p.shape[0] / p.shape[1])))
            else:
                m.mul_(a.beta1).add_(g, alpha=1 - a.beta1)
                v.mul_(a.beta2).addcmul_(g, g, value=1 - a.beta2)
                root = (v / (1 - a.beta2**self.t)).sqrt_().add_(1e-8)
                p.addcdiv_(m, root, value=-lr / (1 - a.beta1**self.t))
        return norm


def schedule(a, step, total):
    """Warm-up, plateau, linear fall to zero over the last a.decay of the run (packages/training/src/schedule.ts)."""
    rise = min(1, (step + 1) / a.warmup) if a.warmup > 0 else 1
    start = total * (1 - a.decay)
    fall = 1 if step < start else max(0, (total - step) / (total - start))
    return min(rise, fall)


# --- a run ------------------------------------------------------------------------------------------------------------------------


def load(a):
    if a.text:
        raw = np.fromfile(a.text, dtype=np.uint8)
        parts = raw[:TRAIN_BYTES], raw[TRAIN_BYTES : TRAIN_BYTES + VAL_BYTES]
        assert len(parts[1]) == VAL_BYTES, f"{a.text} is shorter than {TRAIN_BYTES + VAL_BYTES} bytes"
    else:
        parts = np.fromfile(a.train, dtype=np.uint8), np.fromfile(a.val, dtype=np.uint8)
    return [torch.from_numpy(part.astype(np.int64)) for part in parts]


@torch.no_grad()
def evaluate(model, val, window, batch=16):
    """Mean nats over consecutive windows of `window` targets, state zero at the start of each."""
    total, count = 0.0, 0
    starts = range(0, len(val) - 1 - window, window)
    for i in range(0, len(starts), batch):
        ids = torch.stack([val[s : s + window + 1] for s in starts[i : i + batch]])
        loss = F.cross_entropy(model(ids[:, :-1]).reshape(-1, VOCAB), ids[:, 1:].reshape(-1), reduction="sum")
        total, count = total + loss.item(), count + ids[:, 1:].numel()
    return total / count


def run(a):
    torch.set_num_threads(a.threads)
    train, val = load(a)
    # A text of which only a part is read makes the choice of windows the largest source of noise: a seed means the same windows in the
    # same order for every definition. They are drawn after the weights of the default definition.
    torch.manual_seed(a.seed)
    Model(argparse.Namespace(**{**vars(a), "variant": "D1"}))
    windows_state = torch.get_rng_state()
    torch.manual_seed(a.seed)
    model = Model(a)
    torch.set_rng_state(windows_state)
    optimiser = Optimiser(model, a)
    per_step = a.batch * a.window
    steps = a.tokens // per_step
    windows = (len(train) - 1) // a.window
    order, at = torch.randperm(windows), 0
    average = [p.detach().clone() for p in model.parameters()] if a.ema > 0 else None
    curve, began, recent = [], time.time(), 0.0
    for step in range(steps):
        if at + a.batch > windows:
            order, at = torch.randperm(windows), 0
        starts = (order[at : at + a.batch] * a.window).tolist()
        at += a.batch
        ids = torch.stack([train[s : s + a.window + 1] for s in starts])
        loss = F.cross_entropy(model(ids[:, :-1]).reshape(-1, VOCAB), ids[:, 1:].reshape(-1))
        model.zero_grad(set_to_none=True)
        loss.backward()
        norm = optimiser.step(schedule(a, step, steps))
        if average:
            with torch.no_grad():
                for e, p in zip(average, model.parameters()):
                    e.lerp_(p, 1 - min(a.ema, (step + 1) / (step + 10)))
        recent = loss.item() if step == 0 else 0.98 * recent + 0.02 * loss.item()
        if not math.isfinite(recent):
            break
        if a.eval_every > 0 and (step + 1) % a.eval_every == 0 and step + 1 < steps:
            curve.append([(step + 1) * per_step, round(evaluate(model, val, a.eval_window), 4)])
            print(*curve[-1], f"{time.time() - began:.0f} s", file=sys.stderr, flush=True)
        elif (step + 1) % 50 == 0:
            print(f"{(step + 1) * per_step} train {recent:.3f} |g| {norm:.2f} {time.time() - began:.0f} s", file=sys.stderr, flush=True)
    loss = evaluate(model, val, a.eval_window) if math.isfinite(recent) else float("nan")
    result = {"loss": round(loss, 4), "tokens": steps * per_step, "params": model.size(), "seconds": round(time.time() - began)}
    if average:
        with torch.no_grad():
            for e, p in zip(average, model.parameters()):
                p.copy_(e)
        result["loss_ema"] = round(evaluate(model, val, a.eval_window), 4)
    if curve:
        result["curve"] = curve
    return result


# --- command line -----------------------------------------------------------------------------------------------------------------

UNCOMPARED = {"text", "train", "val", "results", "table", "threads", "eval_every", "seed", "tokens", "ema"}


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data = p.add_argument_group("data")
    data.add_argument("--text", help="one file, cut: first 1,000,000 bytes to train, next 65,536 to validate")
    data.add_argument("--train", help="training bytes, instead of --text")
    data.add_argument("--val", help="validation bytes, with --train")
    data.add_argument("--results", help="file that the JSON line is appended to (it is always printed too)")
    data.add_argument("--table", metavar="RESULTS", help="print a results file as a table and stop")
    layer = p.add_argument_group("layer")
    layer.add_argument("--variant", choices=sorted(VARIANTS), default="D2")
    layer.add_argument("--conv", choices=["none", "silu-each", "silu-sum"], default="silu-each", help="non-linearity of the five branches")
    layer.add_argument("--bz", choices=["zero", "chrono"], default="zero", help="initial bias of the update gate")
    layer.add_argument("--softcap", type=float, default=0, help="bound of the logits, c l / sqrt(l^2 + c^2); 0: none")
    layer.add_argument("--x0", action="store_true", help="each layer starts from a learned mix of its input and the embedding")
    layer.add_argument("--d", type=int, default=128)
    layer.add_argument("--layers", type=int, default=4)
    init = p.add_argument_group("initial weights (uniform in +- amplitude)")
    init.add_argument("--embed-amplitude", type=float, default=5 / 128)
    init.add_argument("--taps-amplitude", type=float, default=1 / 64)
    init.add_argument("--first-tap", type=float, default=1 / 4, help="lag 0 of kernel 3")
    init.add_argument("--tau-max", type=float, default=1024, help="longest time constant of --bz chrono")
    recipe = p.add_argument_group("recipe")
    recipe.add_argument("--opt", choices=["muon", "adamw"], default="muon")
    recipe.add_argument("--tokens", type=int, default=499_712)
    recipe.add_argument("--batch", type=int, default=2, help="windows a step")
    recipe.add_argument("--window", type=int, default=256)
    recipe.add_argument("--eval-window", type=int, default=256)
    recipe.add_argument("--muon-lr", type=float, default=0.01)
    recipe.add_argument("--adam-lr", type=float, default=0.004)
    recipe.add_argument("--embed-lr", type=float, default=1, help="factor on --adam-lr")
    recipe.add_argument("--taps-lr", type=float, default=1, help="factor on --adam-lr")
    recipe.add_argument("--slots-lr", type=float, default=1, help="factor on --adam-lr for slot keys and values")
    recipe.add_argument("--slots-muon", action="store_true", help="slot keys and values under Muon")
    recipe.add_argument("--momentum", type=float, default=0.9)
    recipe.add_argument("--momentum-warmup", type=int, default=0, help="steps from 0.85 to --momentum; 0: none")
    recipe.add_argument("--beta1", type=float, default=0.9)
    recipe.add_argument("--beta2", type=float, default=0.95)
    recipe.add_argument("--wd", type=float, default=0)
    recipe.add_argument("--clip", type=float, default=1, help="global gradient norm; 0: no clipping")
    recipe.add_argument("--warmup", type=int, default=20, help="steps")
    recipe.add_argument("--decay", type=float, default=0.75, help="share of the run in which the rates fall to zero")
    recipe.add_argument("--ema", type=float, default=0, help="also report the loss of averaged weights; 0: off")
    recipe.add_argument("--seed", type=int, default=0)
    recipe.add_argument("--threads", type=int, default=1)
    recipe.add_argument("--eval-every", type=int, default=0, help="steps; 0: at the end only")
    return p


def settings(record, defaults):
    """What of a recorded run differs from the defaults, as the switches that reproduce it."""
    parts = []
    for key, value in record.items():
        if key in defaults and key not in UNCOMPARED and value != defaults[key]:
            shown = f"{value:.6g}" if isinstance(value, float) else value
            parts.append(f"--{key.replace('_', '-')}" + ("" if value is True else f" {shown}"))
    return " ".join(parts) or "(defaults)"


def table(path, defaults):
    groups = defaultdict(dict)
    for line in Path(path).read_text().splitlines():
        r = json.loads(line)
        groups[(r["data"], r["tokens"], settings(r["settings"], defaults))][r["seed"]] = r["loss"]
    print("| text | tokens | switches | loss of each seed | against the defaults, same seeds |\n| --- | --- | --- | --- | --- |")
    rows = []
    for (data, tokens, what), losses in groups.items():
        base = groups.get((data, tokens, "(defaults)"), {})
        differences = [losses[seed] - base[seed] for seed in losses if seed in base]
        rows.append((data, tokens, np.mean(differences) if differences else math.inf, what, losses, differences))
    for data, tokens, mean, what, losses, differences in sorted(rows, key=lambda row: row[:4]):
        shown = ", ".join(f"{seed}: {losses[seed]:.4f}" for seed in sorted(losses))
        against = f"{mean:+.4f}" if differences else ""
        if len(differences) > 1:
            against += f" ({min(differences):+.4f} to {max(differences):+.4f})"
        print(f"| {data} | {tokens:,} | {what} | {shown} | {against} |")


def main():
    parser = arguments()
    a = parser.parse_args()
    defaults = {key: parser.get_default(key) for key in vars(a)}
    if a.table:
        return table(a.table, defaults)
    if not a.text and not (a.train and a.val):
        parser.error("give --text FILE, or --train FILE and --val FILE")
    keep = {k: v for k, v in vars(a).items() if k not in UNCOMPARED}
    line = json.dumps({**run(a), "seed": a.seed, "data": Path(a.text or a.train).stem, "settings": keep})
    print(line, flush=True)
    if a.results:
        with open(a.results, "a") as out:
            out.write(line + "\n")


if __name__ == "__main__":
    main()
