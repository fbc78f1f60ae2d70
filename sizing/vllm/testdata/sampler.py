"""Bytes of a logit at the peak of drawing tokens, with PyTorch on a GPU.

As the second engine of vLLM draws them: logits in 16 bits and in 32, the
likeliest kept after a sort (native) or in a kernel of its own (kernel), then a
softmax weighed with random numbers. Prints the table of sampler.tsv.
"""
import torch


def peak(work):
    torch.cuda.synchronize()
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    work()
    torch.cuda.synchronize()
    return torch.cuda.max_memory_allocated() - before


def draw(x):
    chance = x.softmax(-1, dtype=torch.float32)
    noise = torch.empty_like(chance).exponential_()
    return chance.div_(noise).argmax(-1)


def native(hidden, head):
    logits = hidden @ head.t()
    x = logits.to(torch.float32)
    ordered, index = x.sort(dim=-1)
    share = ordered.softmax(-1)
    drop = torch.cumsum(share, -1, out=share) <= 0.1
    ordered.masked_fill_(drop, -float("inf"))
    return draw(ordered.scatter(-1, index, ordered))


def kernel(hidden, head):
    logits = hidden @ head.t()
    return draw(logits.to(torch.float32))


print("vocabulary\trows\tnative\tkernel")
for vocabulary in (32768, 128256, 151936, 262208):
    head = torch.randn(vocabulary, 1024, device="cuda", dtype=torch.bfloat16)
    for rows in (1, 8, 64, 127, 128, 160, 256, 512, 1024):
        hidden = torch.randn(rows, 1024, device="cuda", dtype=torch.bfloat16)
        kernel(hidden, head)
        n = rows * vocabulary
        print(vocabulary, rows, *(f"{peak(lambda: f(hidden, head)) / n:.3f}" for f in (native, kernel)), sep="\t")
