package sizing

import (
	"testing"

	"runlocal/sizing/units"
)

// TestProcessMemoryOnAnH100 compares what the engine says a process takes on
// a card with what NVML saw at its peak, driver and libraries included.
func TestProcessMemoryOnAnH100(t *testing.T) {
	c, e := world(t)
	rig := benchRig(t, c, "nvidia-h100-sxm5-80gb")
	rig.Host.Capacity = 126 << 30
	var errs errorsOf
	outside := 0
	for _, r := range truthRows(t, "h100_process_memory.tsv.gz") {
		if r["status"] != "ok" {
			continue
		}
		n := func(col string) int { return int(r.num(t, col)) }
		s := Defaults(map[string]string{"MXFP4": "MXFP4_MOE"}[r["quant"]], n("n_ctx"))
		if s.Quant == "" {
			s.Quant = r["quant"]
		}
		s.KVTypeK, s.KVTypeV = r["type_k"], r["type_v"]
		s.UBatch, s.Batch, s.OutputsMax, s.Parallel = n("n_ubatch"), n("n_batch"), n("n_outputs_max"), n("n_seq_max")
		s.KVUnified, s.SWAFull = r["kv_unified"] == "1", r["swa_full"] == "1"
		s.FlashAttn = map[string]FlashAttn{"0": FlashOff, "1": FlashOn}[r["flash_attn"]]
		s.GPULayers, s.CPUMoE = n("ngl"), n("n_cpu_moe")
		s.Filled = n("prefill_tokens")
		b, err := e.Estimate(modelNamed(t, c, r["model"]), s, rig)
		if err != nil {
			t.Fatalf("%s: %v", r["model"], err)
		}
		got, want := b.Devices[0].Total, r.num(t, "nvml_peak")
		errs = append(errs, relative(got, want))
		if limit := max(want/50, 150<<20); got-want > limit || want-got > limit {
			outside++
			t.Logf("outside: %s %s ctx %d ub %d flash %s ngl %s cpu-moe %s: %s, NVML saw %s", r["model"], r["quant"], s.Ctx, s.UBatch,
				r["flash_attn"], r["ngl"], r["n_cpu_moe"], units.Bytes(got), units.Bytes(want))
		}
	}
	t.Logf("%d rows, %d outside of 2 %% and 150 MiB: median %.2f %%, 95 %% %.2f %%, worst %.2f %%", len(errs), outside, 100*errs.quantile(0.5), 100*errs.quantile(0.95), 100*errs.quantile(1))
	if outside > 0 {
		t.Errorf("%d of %d rows are off by more than 2 %% and 150 MiB", outside, len(errs))
	}
}
