#!/usr/bin/env python3
"""The GPU suite's cases with PyTorch and cuDNN, the peer that bench/gpu.sh compares with.

Prints a JSON object a line: first {"peer": name and versions} or {"skipped": reason}, then for each case layer, batch, pass, precision
and the median microseconds of a call by CUDA events. Data is channels_last; cudnn.benchmark chooses the algorithms. In FP32 and TF32
tensors are float32 with allow_tf32 off and on; in BF16 and FP16 the tensors themselves are of that type, which halves what memory has to
move. No autocast. Like the suite, each call takes other operands than the one before, so that no cache serves it.
"""

import argparse
import gc
import json
import pathlib
import statistics
import sys
import time

SHAPES = pathlib.Path(__file__).resolve().parents[2] / "src/test/resources/shapes"
BUDGET_MS = 30
BATCHES = 6
COLD_BYTES = 128 << 20
MOST_SETS = 16
PRODUCTS = [(1024,) * 3, (2048,) * 3, (4096,) * 3, (8192,) * 3, (256, 1000, 2048), (256, 4096, 25088)]
PRECISIONS = ["TF32", "FP32", "BF16", "FP16"]


def say(**line):
    print(json.dumps(line), flush=True)


try:
    import torch
except ImportError:
    say(skipped="there is no PyTorch here")
    sys.exit(0)


def dtype(precision):
    return {"BF16": torch.bfloat16, "FP16": torch.float16}.get(precision, torch.float32)


def arithmetic(precision):
    tf32 = precision == "TF32"
    torch.backends.cudnn.allow_tf32 = tf32
    torch.backends.cuda.matmul.allow_tf32 = tf32


def microseconds(call):
    """The median over batches of calls, each long enough for the events to tell."""

    def batch(n):
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        for _ in range(n):
            call()
        end.record()
        end.synchronize()
        return max(start.elapsed_time(end), 1e-3)

    batch(1)
    n = 1
    took = batch(n)
    while took < BUDGET_MS / BATCHES and n < 1 << 16:
        n = max(2 * n, int(n * BUDGET_MS / BATCHES / took) + 1)
        took = batch(n)
    times, spent = [], 0.0
    while len(times) < 3 or spent < BUDGET_MS:
        took = batch(n)
        spent += took
        times.append(took / n * 1e3)
    return statistics.median(times)


def case(layer, batch, which, precision, prepare):
    key = {"layer": layer, "batch": batch, "pass": which, "precision": precision}
    try:
        arithmetic(precision)
        say(**key, microseconds=microseconds(prepare()))
    except Exception as e:  # what fails is recorded, the others go on
        say(**key, problem=str(e).splitlines()[0] if str(e) else type(e).__name__)
        gc.collect()
        torch.cuda.empty_cache()


def layers(quick):
    for name in ("resnet50", "vgg16"):
        lines = (SHAPES / f"{name}.txt").read_text().splitlines()
        lines = [l.split() for l in lines if l.strip() and not l.startswith("#")]
        for field in lines[:1] if quick else lines:
            yield (f"{name}/{field[0]}", *map(int, field[1:8]))


def convolution(layer, batch, precision):
    name, c, h, w, o, kernel, stride, pad = layer
    p, q = (h + 2 * pad - kernel) // stride + 1, (w + 2 * pad - kernel) // stride + 1
    shapes = [(batch, c, h, w), (o, c, kernel, kernel), (batch, o, p, q)]
    elements = sum(a * b * d * e for a, b, d, e in shapes)
    size = torch.finfo(dtype(precision)).bits // 8
    sets = min(MOST_SETS, max(1, -(-COLD_BYTES // (elements * size))))

    def operand(shape):
        t = torch.rand(shape, device="cuda", dtype=dtype(precision)) - 0.5
        return t.contiguous(memory_format=torch.channels_last)

    operands = [tuple(map(operand, shapes)) for _ in range(sets)]
    turn = [0]

    def forward(x, weight, dy):
        torch.nn.functional.conv2d(x, weight, stride=stride, padding=pad)

    def gradient(mask):
        def call(x, weight, dy):
            torch.ops.aten.convolution_backward(
                dy, x, weight, None, [stride] * 2, [pad] * 2, [1, 1], False, [0, 0], 1, mask
            )

        return call

    def rotating(call):
        def next_call():
            s = operands[turn[0]]
            turn[0] = (turn[0] + 1) % sets
            call(*s)

        return next_call

    for which, call in (
        ("FORWARD", forward),
        ("DATA_GRAD", gradient([True, False, False])),
        ("WEIGHT_GRAD", gradient([False, True, False])),
    ):
        case(name, batch, which, precision, lambda: rotating(call))


def product(m, n, k, precision):
    def prepare():
        a = torch.rand(m, k, device="cuda", dtype=dtype(precision)) - 0.5
        b = torch.rand(n, k, device="cuda", dtype=dtype(precision)) - 0.5
        out = torch.empty(m, n, device="cuda", dtype=dtype(precision))
        return lambda: torch.matmul(a, b.t(), out=out)

    case(f"gemm/{m}x{n}x{k}", 1, "PRODUCT", precision, prepare)


def model(models, name, batch, training, precision):
    def prepare():
        net = getattr(models, name)(weights=None).cuda().to(dtype(precision)).to(memory_format=torch.channels_last)
        # Both have VGG's dropout in training and none in inference.
        net.train(training)
        x = torch.randn(batch, 3, 224, 224, device="cuda", dtype=dtype(precision))
        x = x.contiguous(memory_format=torch.channels_last)
        if not training:

            def infer():
                with torch.inference_mode():
                    net(x)

            return infer
        labels = torch.zeros(batch, device="cuda", dtype=torch.long)
        optimizer = torch.optim.SGD(net.parameters(), lr=1e-6, momentum=0.9, nesterov=True)

        def step():
            torch.nn.functional.cross_entropy(net(x), labels).backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)

        return step

    case(name, batch, "TRAINING" if training else "INFERENCE", precision, prepare)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=200, help="after these, the cases that are left are skipped")
    parser.add_argument("--quick", action="store_true", help="one layer of each list, one batch, no models")
    options = parser.parse_args()
    if not torch.cuda.is_available():
        say(skipped="PyTorch finds no CUDA device")
        return
    end = time.monotonic() + options.seconds
    torch.backends.cudnn.benchmark = True
    torch.manual_seed(1)
    say(
        peer=f"PyTorch {torch.__version__}, cuDNN {torch.backends.cudnn.version()}, {torch.cuda.get_device_name()}"
    )

    def work():
        for m, n, k in PRODUCTS[:1] if options.quick else PRODUCTS:
            for precision in PRECISIONS:
                yield lambda m=m, n=n, k=k, p=precision: product(m, n, k, p)
        for layer in layers(options.quick):
            for precision in PRECISIONS:
                yield lambda l=layer, p=precision: convolution(l, 32, p)
        if options.quick:
            return
        try:
            from torchvision import models
        except ImportError:
            models = None
        for name in ("resnet50", "vgg16") if models else ():
            for batch in (32, 128):
                for training in (False, True):
                    for precision in PRECISIONS:
                        yield lambda n=name, b=batch, t=training, p=precision: model(models, n, b, t, p)
        for layer in layers(False):
            for precision in PRECISIONS:
                yield lambda l=layer, p=precision: convolution(l, 256, p)

    for item in work():
        if time.monotonic() > end:
            return
        try:
            item()
        except torch.cuda.OutOfMemoryError:
            # No room for the operands: the case stays without a time.
            gc.collect()
            torch.cuda.empty_cache()


if __name__ == "__main__":
    main()
