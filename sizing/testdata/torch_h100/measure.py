"""Measures what PyTorch and Transformers allocate on a GPU, architecture by architecture.

Usage: measure.py OUT SECONDS. Writes OUT/forward.jsonl, OUT/training.jsonl, OUT/modules.jsonl and OUT/maps.jsonl,
a row a case; random weights of true shapes, few layers. "live" lists what is alive at the peak: bytes by place.
"""
import gc, json, os, sys, time, traceback
import torch, transformers
from transformers import AutoConfig, AutoModelForCausalLM, StaticCache

OUT, LIMIT, START = sys.argv[1], float(sys.argv[2]), time.time()
os.makedirs(OUT, exist_ok=True)
torch.cuda.init(); torch.zeros(1, device="cuda")
try:
    import pynvml
    pynvml.nvmlInit(); H = pynvml.nvmlDeviceGetHandleByIndex(0)
except Exception:
    H = None

def nvml():
    if H is None: return -1
    for p in pynvml.nvmlDeviceGetComputeRunningProcesses(H):
        return p.usedGpuMemory
    return -1

def emit(name, row):
    with open(f"{OUT}/{name}.jsonl", "a") as f: f.write(json.dumps(row) + "\n")

def place(frames):
    keep = []
    for f in frames or []:
        fn = f["filename"]
        if "/transformers/" in fn or "/peft/" in fn or "sdpa" in fn or "/torch/optim" in fn or "checkpoint" in fn or "functional.py" in fn:
            keep.append(f'{os.path.basename(fn)}:{f["line"]}:{f["name"]}')
        if len(keep) == 3: break
    return " < ".join(keep) or (f'{frames[0]["filename"][-30:]}:{frames[0]["name"]}' if frames else "?")

def live_at_peak(run):
    """run() while allocations are recorded; what is alive at the peak and at the end of what run() allocated."""
    torch.cuda.memory._record_memory_history(max_entries=400000, stacks="python", context="all")
    try:
        run()
    finally:
        snap = torch.cuda.memory._snapshot()
        torch.cuda.memory._record_memory_history(enabled=None)
    live, total, best, at = {}, 0, -1, None
    events = snap["device_traces"][0]
    for i, e in enumerate(events):
        if e["action"] == "alloc":
            live[e["addr"]] = i; total += e["size"]
            if total > best: best, at = total, i
        elif e["action"] == "free_completed" and e["addr"] in live:
            total -= events[live.pop(e["addr"])]["size"]
    if TRACE:
        seen, text = {}, []
        for i, e in enumerate(events):
            if e["action"] == "alloc": seen[e["addr"]] = i; text.append([e["size"], place(e.get("frames"))])
            elif e["action"] == "free_completed": text.append([-1 - seen.pop(e["addr"], -1)])
            else: text.append([0, e["action"], e["size"]])
        emit("traces", {"name": TRACE, "events": text})
    def collect(upto):
        live = {}
        for i, e in enumerate(events[: upto + 1]):
            if e["action"] == "alloc": live[e["addr"]] = i
            elif e["action"] == "free_completed": live.pop(e["addr"], None)
        out = {}
        for i in live.values():
            k = place(events[i].get("frames"))
            n = out.setdefault(k, [0, 0]); n[0] += events[i]["size"]; n[1] += 1
        return dict(sorted(out.items(), key=lambda kv: -kv[1][0])[:40])
    return {"best": best, "live": collect(at) if at is not None else {}, "after": collect(len(events) - 1), "events": len(events)}

def clean():
    gc.collect(); torch.cuda.synchronize(); torch.cuda.empty_cache(); torch.cuda.reset_peak_memory_stats()

TRACE = None

def stats():
    torch.cuda.synchronize(); m = torch.cuda
    return dict(alloc=m.memory_allocated(), peak=m.max_memory_allocated(), reserved=m.memory_reserved(), peak_reserved=m.max_memory_reserved(), nvml=nvml())

def case(name, row, fn, trace=True):
    clean(); row = dict(row, before=torch.cuda.memory_allocated())
    try:
        if trace:
            global TRACE
            if row["case"] in ("last", "static4096"): TRACE = f'{row["kind"]}-{row["dtype"]}-{row["attn"]}-{row["case"]}'
            row.update(live_at_peak(fn)); TRACE = None; clean()
        fn(); row.update(stats(), ok=True)
    except Exception as e:
        row.update(ok=False, error=repr(e)[:200])
    emit(name, row)

def build(cfg, dtype=torch.bfloat16, attn="sdpa"):
    gc.collect(); torch.cuda.empty_cache()
    with torch.device("cuda"):
        try: m = AutoModelForCausalLM.from_config(cfg, dtype=dtype, attn_implementation=attn)
        except ValueError: m = AutoModelForCausalLM.from_config(cfg, dtype=dtype)
    return m.eval()

def forward(m, T, B=1, logits=1, cache=True, static=0):
    ids = torch.randint(0, 1000, (B, T), device="cuda")
    kw = {"use_cache": cache}
    if logits: kw["logits_to_keep"] = logits
    if static: kw["past_key_values"] = StaticCache(config=m.config, max_cache_len=static)
    with torch.no_grad(): out = m(ids, **kw)
    torch.cuda.synchronize(); return out

def generate(m, T, B=1, n=8, **kw):
    ids = torch.randint(0, 1000, (B, T), device="cuda")
    with torch.no_grad(): m.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=n, min_new_tokens=n, do_sample=False, **kw)

def tree(m, kind):
    rows = []
    for n, mod in m.named_modules():
        parts = n.split(".")
        if any(p.isdigit() and int(p) > 5 for p in parts): continue
        rows.append([n, type(mod).__name__, {k: list(v.shape) for k, v in mod.named_parameters(recurse=False)}, {k: [list(v.shape), str(v.dtype)] for k, v in mod.named_buffers(recurse=False)}])
    ns = getattr(m, "_no_split_modules", None)
    emit("modules", {"kind": kind, "class": type(m).__name__, "no_split": sorted(ns) if ns else ns, "tied": {k: v for k, v in (getattr(m, "all_tied_weights_keys", None) or {}).items()}, "modules": rows})

D = dict(hidden_size=2048, intermediate_size=7168, num_attention_heads=16, num_key_value_heads=4, head_dim=192, vocab_size=50048, num_hidden_layers=3, max_position_embeddings=32768, tie_word_embeddings=False, pad_token_id=0)
E = dict(D, intermediate_size=6144)
MOE = dict(D, num_hidden_layers=2)
ARCHS = [
 ("llama", D), ("gemma3_text", dict(D, num_hidden_layers=6, sliding_window=512)), ("qwen3", D), ("qwen3_moe", dict(MOE, num_experts=32, num_experts_per_tok=4, moe_intermediate_size=768)),
 ("mixtral", dict(MOE, num_local_experts=8, num_experts_per_tok=2, intermediate_size=3584)), ("mistral", dict(D, sliding_window=512)), ("gpt_oss", dict(MOE, num_local_experts=16, num_experts_per_tok=4, intermediate_size=2048, sliding_window=128)),
 ("deepseek_v3", dict(hidden_size=2048, intermediate_size=7168, moe_intermediate_size=1024, num_hidden_layers=3, first_k_dense_replace=1, num_attention_heads=16, num_key_value_heads=16, n_routed_experts=32, num_experts_per_tok=4, n_group=4, topk_group=2, n_shared_experts=1, q_lora_rank=768, kv_lora_rank=512, qk_rope_head_dim=64, qk_nope_head_dim=128, v_head_dim=128, vocab_size=50048, tie_word_embeddings=False)),
 ("mamba", dict(hidden_size=2048, num_hidden_layers=3, state_size=16, vocab_size=50048, intermediate_size=4096)), ("gemma2", dict(D, num_hidden_layers=4, sliding_window=512)), ("qwen2", D), ("phi3", dict(D, pad_token_id=0)), ("olmo2", D),
 ("deepseek_v2", dict(hidden_size=2048, intermediate_size=7168, moe_intermediate_size=1024, num_hidden_layers=3, first_k_dense_replace=1, num_attention_heads=16, num_key_value_heads=16, n_routed_experts=32, num_experts_per_tok=4, n_shared_experts=2, q_lora_rank=None, kv_lora_rank=512, qk_rope_head_dim=64, qk_nope_head_dim=128, v_head_dim=128, vocab_size=50048, tie_word_embeddings=False)),
 ("mamba2", dict(hidden_size=2048, num_hidden_layers=3, state_size=128, num_heads=64, head_dim=64, expand=2, n_groups=8, vocab_size=50048)), ("qwen3_next", dict(MOE, num_hidden_layers=4, num_experts=32, num_experts_per_tok=4, moe_intermediate_size=512, shared_expert_intermediate_size=512)),
 ("lfm2", dict(D, num_hidden_layers=4)), ("falcon_h1", dict(D, num_hidden_layers=2, mamba_d_ssm=3072, mamba_n_heads=24, mamba_d_head=128, mamba_d_state=128, mamba_n_groups=1)), ("granite", D), ("cohere2", dict(D, num_hidden_layers=4, sliding_window=512)), ("glm4", D), ("starcoder2", dict(D, sliding_window=None)),
 ("gpt_neox", dict(hidden_size=2048, intermediate_size=8192, num_attention_heads=16, num_hidden_layers=3, vocab_size=50048)), ("gpt2", dict(n_embd=2048, n_layer=3, n_head=16, vocab_size=50048, n_positions=8192)), ("opt", dict(hidden_size=2048, ffn_dim=8192, num_attention_heads=16, num_hidden_layers=3, vocab_size=50048, max_position_embeddings=8192, word_embed_proj_dim=2048)),
 ("falcon", dict(hidden_size=2048, num_attention_heads=16, num_hidden_layers=3, vocab_size=50048, multi_query=True, parallel_attn=True)), ("bloom", dict(hidden_size=2048, n_layer=3, n_head=16, vocab_size=50048)), ("olmoe", dict(MOE, num_experts=32, num_experts_per_tok=4, intermediate_size=768)), ("qwen2_moe", dict(MOE, num_experts=32, num_experts_per_tok=4, moe_intermediate_size=768, shared_expert_intermediate_size=3072)),
 ("llama4_text", dict(MOE, num_hidden_layers=4, intermediate_size=2048, intermediate_size_mlp=7168, num_local_experts=8, num_experts_per_tok=1)), ("glm4_moe", dict(MOE, num_hidden_layers=3, first_k_dense_replace=1, n_routed_experts=32, num_experts_per_tok=4, moe_intermediate_size=768)), ("jamba", dict(hidden_size=2048, intermediate_size=7168, num_attention_heads=16, num_key_value_heads=4, num_hidden_layers=4, attn_layer_period=4, attn_layer_offset=2, expert_layer_period=2, expert_layer_offset=1, num_experts=8, vocab_size=50048, use_mamba_kernels=False)),
 ("bamba", dict(D, num_hidden_layers=3, attn_layer_indices=[1], mamba_n_heads=64, mamba_d_head=64)), ("nemotron", D), ("stablelm", dict(D, num_attention_heads=16, num_key_value_heads=4)), ("smollm3", D), ("exaone4", dict(D, num_hidden_layers=4, sliding_window=512)), ("phi", dict(hidden_size=2048, intermediate_size=8192, num_attention_heads=16, num_hidden_layers=3, vocab_size=50048, max_position_embeddings=8192)), ("recurrent_gemma", dict(hidden_size=2048, intermediate_size=12288, num_attention_heads=16, num_hidden_layers=3, vocab_size=50048)),
 ("ernie4_5_moe", dict(MOE, moe_num_experts=32, moe_k=4, moe_intermediate_size=768)), ("granitemoe", dict(MOE, num_local_experts=16, num_experts_per_tok=4, intermediate_size=768)), ("gptj", dict(n_embd=2048, n_layer=3, n_head=16, vocab_size=50048, n_positions=8192, rotary_dim=64)), ("mpt", dict(d_model=2048, n_heads=16, n_layers=3, vocab_size=50048, max_seq_len=8192)),
]

def cfg_of(kind, kw): return AutoConfig.for_model(kind, **kw)

def infer(kind, kw, T=2048):
    m = build(cfg_of(kind, kw)); tree(m, kind); row = dict(kind=kind, dtype="bf16", attn="sdpa", T=T, B=1, layers=kw.get("num_hidden_layers", 3), weights=sum(p.numel() * p.element_size() for p in m.parameters()), loaded=torch.cuda.memory_allocated())
    forward(m, 64)
    case("forward", dict(row, case="last"), lambda: forward(m, T))
    case("forward", dict(row, case="full"), lambda: forward(m, T, logits=0))
    case("forward", dict(row, case="nocache"), lambda: forward(m, T, cache=False), trace=False)
    case("forward", dict(row, case="last", B=4, T=512), lambda: forward(m, 512, B=4), trace=False)
    case("forward", dict(row, case="last", T=8192), lambda: forward(m, 8192), trace=False)
    case("forward", dict(row, case="generate"), lambda: generate(m, T), trace=False)
    if kind in ("llama", "gemma3_text", "qwen3_moe", "mistral", "gpt_oss"):
        case("forward", dict(row, case="static4096"), lambda: forward(m, T, static=4096))
        case("forward", dict(row, case="generate-static"), lambda: generate(m, T, cache_implementation="static", disable_compile=True), trace=False)
    if kind in ("llama", "gemma3_text", "gemma2", "deepseek_v3", "qwen3", "mistral"):
        try: m.set_attn_implementation("eager"); case("forward", dict(row, case="last", attn="eager"), lambda: forward(m, T))
        except Exception as e: emit("forward", dict(row, case="eager", ok=False, error=repr(e)[:200]))
    del m
    if kind in ("llama", "mistral", "gemma3_text", "deepseek_v3", "qwen3_moe"):
        for dt, name in ((torch.float16, "f16"), (torch.float32, "f32")):
            m = build(cfg_of(kind, kw), dtype=dt); forward(m, 64)
            case("forward", dict(row, dtype=name, case="last", before=0, loaded=torch.cuda.memory_allocated()), lambda: forward(m, T), trace=dt == torch.float32); del m

def lora(m, targets, r, dora=False):
    from peft import LoraConfig, get_peft_model
    return get_peft_model(m, LoraConfig(r=r, lora_alpha=2 * r, target_modules=targets, lora_dropout=0.0, use_dora=dora, task_type="CAUSAL_LM"))

def train(kind, kw, mode="full", opt="adamw", ckpt=False, T=1024, B=1, dtype=torch.bfloat16, amp=None, r=16, targets=None, trace=True):
    row = dict(kind=kind, mode=mode, opt=opt, ckpt=ckpt, T=T, B=B, dtype=str(dtype), amp=str(amp), layers=kw.get("num_hidden_layers", 3), r=r, targets=targets, model=kw.get("name"))
    kw = {k: v for k, v in kw.items() if k != "name"}; m = opt_ = ids = None
    try:
        m = build(cfg_of(kind, kw), dtype=dtype); m.train()
        if mode != "full":
            if ckpt: m.enable_input_require_grads()
            m = lora(m, targets, r, mode == "dora")
        if ckpt: m.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
        ps = [p for p in m.parameters() if p.requires_grad]
        row.update(trainable=sum(p.numel() for p in ps), weights=sum(p.numel() * p.element_size() for p in m.parameters()))
        opt_ = {"adamw": lambda: torch.optim.AdamW(ps), "fused": lambda: torch.optim.AdamW(ps, fused=True), "loop": lambda: torch.optim.AdamW(ps, foreach=False), "sgd": lambda: torch.optim.SGD(ps, lr=1e-3), "sgdm": lambda: torch.optim.SGD(ps, lr=1e-3, momentum=0.9), "adam": lambda: torch.optim.Adam(ps), "adafactor": lambda: torch.optim.Adafactor(ps)}[opt]()
        ids = torch.randint(0, 1000, (B, T), device="cuda")
        scaler = torch.amp.GradScaler("cuda") if amp == torch.float16 else None
        def step(rec):
            clean(); rec["start"] = torch.cuda.memory_allocated()
            with torch.autocast("cuda", dtype=amp or torch.bfloat16, enabled=amp is not None): loss = m(input_ids=ids, labels=ids, use_cache=False).loss
            s = stats(); rec.update(fwd_alloc=s["alloc"], fwd_peak=s["peak"]); torch.cuda.reset_peak_memory_stats()
            (scaler.scale(loss) if scaler else loss).backward(); s = stats(); rec.update(bwd_alloc=s["alloc"], bwd_peak=s["peak"]); torch.cuda.reset_peak_memory_stats()
            if scaler: scaler.step(opt_); scaler.update()
            else: opt_.step()
            s = stats(); rec.update(step_alloc=s["alloc"], step_peak=s["peak"], peak_reserved=s["peak_reserved"], nvml=s["nvml"]); opt_.zero_grad(set_to_none=True); del loss
        step({}); rec = {}; step(rec); row.update(rec, ok=True)
        if trace:
            def fw(): 
                with torch.autocast("cuda", dtype=amp or torch.bfloat16, enabled=amp is not None): fw.loss = m(input_ids=ids, labels=ids, use_cache=False).loss
            global TRACE
            TRACE = f"train-{kind}-{mode}-{dtype}-{amp}-{ckpt}-{len(targets or [])}"
            clean(); t = live_at_peak(fw); row.update(fwd_live=t["live"], saved=t["after"])
            def bw(): fw.loss.backward()
            t = live_at_peak(bw); TRACE = None; row["bwd_live"] = t["live"]; del fw.loss
            opt_.zero_grad(set_to_none=True)
    except Exception as e:
        row.update(ok=False, error=repr(e)[:300])
    emit("training", row); m = opt_ = ids = None; gc.collect(); torch.cuda.empty_cache()

QKVO, ALL = ["q_proj", "k_proj", "v_proj", "o_proj"], ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]

def maps():
    from accelerate import infer_auto_device_map
    from accelerate.utils import get_balanced_memory
    G = 1 << 30
    for kind, kw in ARCHS:
        if time.time() - START > LIMIT: return
        kw = dict(kw); n = "n_layers" if "n_layers" in kw else "n_layer" if "n_layer" in kw else "num_hidden_layers"; kw[n] = 24
        try:
            with torch.device("meta"): m = AutoModelForCausalLM.from_config(cfg_of(kind, kw), dtype=torch.bfloat16)
            m.tie_weights(); size = sum(p.numel() * 2 for p in m.parameters()); ns = sorted(m._no_split_modules or [])
            for label, mem in {"third": {0: size // 3, "cpu": 64 * G}, "half": {0: size // 2, "cpu": 64 * G}, "two": {0: size * 3 // 5, 1: size * 3 // 5, "cpu": 64 * G}, "three": {0: size, 1: size, 2: size, "cpu": 64 * G}, "disk": {0: size // 4, "cpu": size // 4}, "tiny": {0: size // 20, "cpu": 64 * G}}.items():
                try:
                    bal = get_balanced_memory(m, dict(mem), no_split_module_classes=ns); dm = infer_auto_device_map(m, dict(bal), no_split_module_classes=ns)
                    emit("maps", {"kind": kind, "layers": 24, "label": label, "max_memory": {str(k): v for k, v in mem.items()}, "balanced": {str(k): v for k, v in bal.items()}, "no_split": ns, "map": {k: str(v) for k, v in dm.items()}})
                except Exception as e: emit("maps", {"kind": kind, "label": label, "error": repr(e)[:200]})
        except Exception as e: emit("maps", {"kind": kind, "error": repr(e)[:200]})

def full():
    L3 = dict(hidden_size=3072, intermediate_size=8192, num_attention_heads=24, num_key_value_heads=8, head_dim=128, vocab_size=128256, num_hidden_layers=28, tie_word_embeddings=True, max_position_embeddings=131072)
    L1 = dict(L3, hidden_size=2048, num_attention_heads=32, head_dim=64, num_hidden_layers=16)
    for name, kind, kw, dt in (("mistral-7b", "mistral", dict(hidden_size=4096, intermediate_size=14336, num_attention_heads=32, num_key_value_heads=8, head_dim=128, vocab_size=32768, num_hidden_layers=32, tie_word_embeddings=False, sliding_window=None), "bf16"),
                           ("qwen3-14b", "qwen3", dict(hidden_size=5120, intermediate_size=17408, num_attention_heads=40, num_key_value_heads=8, head_dim=128, vocab_size=151936, num_hidden_layers=40, tie_word_embeddings=False, max_position_embeddings=40960), "bf16"),
                           ("llama-3.2-1b", "llama", L1, "f16"), ("llama-3.2-1b", "llama", L1, "f32"),
                           ("qwen3-30b-a3b", "qwen3_moe", dict(hidden_size=2048, intermediate_size=6144, moe_intermediate_size=768, num_experts=128, num_experts_per_tok=8, num_attention_heads=32, num_key_value_heads=4, head_dim=128, vocab_size=151936, num_hidden_layers=48, tie_word_embeddings=False), "bf16"),
                           ("gemma-3-12b", "gemma3_text", dict(hidden_size=3840, intermediate_size=15360, num_attention_heads=16, num_key_value_heads=8, head_dim=256, vocab_size=262208, num_hidden_layers=48, sliding_window=1024, tie_word_embeddings=True), "bf16")):
        if time.time() - START > LIMIT: return
        m = None
        try:
            m = build(cfg_of(kind, kw), dtype={"bf16": torch.bfloat16, "f16": torch.float16, "f32": torch.float32}[dt]); row = dict(kind=kind, model=name, dtype=dt, attn="sdpa", weights=sum(p.numel() * p.element_size() for p in m.parameters()), loaded=torch.cuda.memory_allocated()); forward(m, 64)
            for T, B in ((512, 1), (2048, 1), (8192, 1), (16384, 1), (1024, 4)):
                case("forward", dict(row, T=T, B=B, case="last"), lambda: forward(m, T, B), trace=False)
            case("forward", dict(row, T=4096, B=1, case="full"), lambda: forward(m, 4096, logits=0), trace=False)
            case("forward", dict(row, T=4096, B=2, case="generate"), lambda: generate(m, 4096, 2), trace=False)
            case("forward", dict(row, T=4096, B=1, case="static8192"), lambda: forward(m, 4096, static=8192), trace=False)
        except Exception as e: emit("forward", dict(model=name, ok=False, error=repr(e)[:200]))
        m = None; gc.collect(); torch.cuda.empty_cache()
    for T, B, ck in ((512, 1, False), (2048, 1, False), (512, 4, False), (2048, 1, True), (2048, 4, True)):
        train("llama", dict(L3, name="llama-3.2-3b"), T=T, B=B, ckpt=ck, trace=False); train("llama", dict(L1, name="llama-3.2-1b"), T=T, B=B, ckpt=ck, dtype=torch.float32, amp=torch.bfloat16, trace=False)
    train("llama", dict(L1, name="llama-3.2-1b"), T=1024, opt="sgd", trace=False); train("llama", dict(L1, name="llama-3.2-1b"), T=1024, opt="fused", dtype=torch.float32, trace=False); train("llama", dict(L1, name="llama-3.2-1b"), mode="lora", targets=ALL, T=2048, trace=False); train("llama", dict(L1, name="llama-3.2-1b"), mode="lora", targets=["q_proj", "v_proj"], T=2048, r=8, ckpt=True, trace=False)

if __name__ == "__main__":
    print(torch.__version__, transformers.__version__, time.time() - START, flush=True)
    def guarded(f, *a, **k):
        if time.time() - START > LIMIT: return
        try: f(*a, **k)
        except Exception: print(a[:1], traceback.format_exc()[-300:], flush=True)
        gc.collect(); torch.cuda.empty_cache()
    A = dict(ARCHS); L = dict(D, num_hidden_layers=3)
    for kind in ("llama", "gemma3_text"): guarded(infer, kind, A[kind])
    for o in ("adamw", "fused", "loop", "sgd", "sgdm", "adam", "adafactor"): guarded(train, "llama", L, opt=o, T=512, trace=False)
    guarded(train, "llama", L); guarded(train, "llama", L, ckpt=True); guarded(train, "llama", L, dtype=torch.float32); guarded(train, "llama", L, dtype=torch.float32, ckpt=True); guarded(train, "llama", L, dtype=torch.float32, amp=torch.bfloat16); guarded(train, "llama", L, dtype=torch.float32, amp=torch.bfloat16, ckpt=True); guarded(train, "llama", L, dtype=torch.float32, amp=torch.float16)
    guarded(train, "llama", L, mode="lora", targets=QKVO); guarded(train, "llama", L, mode="lora", targets=ALL); guarded(train, "llama", L, mode="lora", targets=["q_proj", "v_proj"], r=64); guarded(train, "llama", L, mode="lora", targets=ALL, ckpt=True); guarded(train, "llama", L, mode="dora", targets=QKVO)
    for kind in ("gemma3_text", "qwen3_moe", "mixtral", "gpt_oss", "mamba", "deepseek_v3"): guarded(train, kind, A[kind]); guarded(train, kind, A[kind], ckpt=True, trace=False)
    print("train", time.time() - START, flush=True)
    guarded(full); print("full", time.time() - START, flush=True)
    for kind in ("gpt_oss", "mamba", "gemma2", "mamba2", "qwen3", "qwen3_moe", "mistral", "deepseek_v3", "mixtral", "glm4", "bloom", "olmoe", "smollm3", "phi3", "falcon_h1", "qwen3_next", "lfm2", "jamba", "gptj", "mpt"): guarded(infer, kind, A[kind]); guarded(train, kind, A[kind], trace=False); print(kind, round(time.time() - START), flush=True)
    maps(); print("maps", time.time() - START, flush=True)
