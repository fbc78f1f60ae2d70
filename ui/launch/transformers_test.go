package launch_test

import (
	"os/exec"
	"strings"
	"testing"

	"runlocal/sizing"
	"runlocal/ui/launch"
)

// python takes the program out of a command's lines.
func python(lines []string) string {
	var out []string
	inside := false
	for _, l := range lines {
		switch {
		case strings.HasSuffix(l, "<<'PY'"):
			inside = true
		case l == "PY":
			inside = false
		case inside:
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}

func TestTransformers(t *testing.T) {
	for _, c := range []struct {
		say    string
		change func(*sizing.Settings)
		want   []string
	}{
		{"as it starts", nil, []string{`"meta-llama/Llama-3.1-8B-Instruct"`, `dtype=torch.bfloat16`, `device_map="auto"`, "max_length=8192"}},
		{"on one GPU", func(s *sizing.Settings) { s.GPULayers = sizing.LayersAll }, []string{`device_map={"": 0}`}},
		{"four bits", func(s *sizing.Settings) { s.Quant = "bnb-nf4-dq" }, []string{"AutoTokenizer, BitsAndBytesConfig", `bnb_4bit_quant_type="nf4"`, "double_quant=True"}},
		{"flash attention, static cache", func(s *sizing.Settings) { s.Attention, s.CacheKind = "flash", "static" }, []string{`attn_implementation="flash_attention_2"`, `cache_implementation="static"`}},
		{"limits", func(s *sizing.Settings) { s.MaxMemory = []int64{4 << 30, 60 << 30} }, []string{`max_memory={0: 4294967296, "cpu": 64424509440}`}},
		{"four sequences", func(s *sizing.Settings) { s.Parallel = 4 }, []string{`["Hello"] * 4`, "max_length=2048"}},
		{"LoRA", func(s *sizing.Settings) {
			s.Train = sizing.Train{Mode: sizing.TrainLoRA, Targets: []string{"q_proj", "v_proj"}, Rank: 8, Checkpointing: true, Accumulate: 4}
		}, []string{`LoraConfig(r=8, target_modules=["q_proj", "v_proj"]`, "gradient_checkpointing=True", "gradient_accumulation_steps=4"}},
		{"QLoRA with paged states", func(s *sizing.Settings) {
			s.Train = sizing.Train{Mode: sizing.TrainQLoRA, Optimizer: "adamw-paged", FusedLoss: true}
		}, []string{"load_in_4bit=True", `optim="paged_adamw_32bit"`, `target_modules="all-linear"`, "use_liger_kernel=True"}},
		{"ZeRO-3 with offload", func(s *sizing.Settings) {
			s.Train = sizing.Train{Mode: sizing.TrainFull, Shard: "zero3", OffloadOptimizer: true}
		}, []string{`"stage": 3`, `"offload_optimizer": {"device": "cpu"}`, "torchrun"}},
	} {
		s := with(c.change)
		s.Runtime = "transformers"
		if s.Quant == "Q4_K_M" {
			s.Quant = "BF16"
		}
		got := launch.Build(llama(), s, onGPU(33, 33))
		for _, want := range c.want {
			if !strings.Contains(got.Text(), want) {
				t.Errorf("%s: no %q in\n%s", c.say, want, got.Text())
			}
		}
		if py, err := exec.LookPath("python3"); err == nil {
			cmd := exec.Command(py, "-c", "import ast, sys; ast.parse(sys.stdin.read())")
			cmd.Stdin = strings.NewReader(python(got.Lines))
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s: no Python: %s\n%s", c.say, out, got.Text())
			}
		}
	}
}

// A name from a user's catalog file stays a string of the program.
func TestNamesStayStringsInPython(t *testing.T) {
	m := llama()
	m.HF = "x\"); import os\nPY\nrm -rf"
	s := with(nil)
	s.Runtime, s.Quant = "transformers", "BF16"
	lines := launch.Build(m, s, onGPU(33, 33)).Lines
	for _, l := range lines[:len(lines)-1] {
		if l == "PY" || strings.HasPrefix(l, "rm ") {
			t.Fatalf("the name ends the program:\n%s", strings.Join(lines, "\n"))
		}
	}
}
