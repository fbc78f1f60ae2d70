package command

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"runlocal/catalog"
	"runlocal/catalog/detect"
	"runlocal/sizing/units"
)

func (d *diagnosis) catalog(c *catalog.Catalog) {
	d.add("Catalog", "records", markGood, fmt.Sprintf("%s models, %s devices", units.Count(len(c.Models)), units.Count(len(c.Devices))), "")
	for _, w := range c.Warnings {
		d.add("Catalog", "your files", markNote, fmt.Sprint(w), "mend the record; until then it is left out")
	}
}

// devices reports every source, then what the GPUs lack.
func (d *diagnosis) devices(r detect.Report) {
	const group = "Devices"
	for _, s := range r.Sources {
		m := markBad
		switch s.State {
		case detect.Found, detect.None:
			m = markGood
			if s.Fix != "" {
				m = markNote
			}
		case detect.Missing:
			// Without a card that wants it, a missing program is nothing bad.
			if s.Fix == "" {
				m = markNote
			}
		case detect.Denied, detect.Timeout, detect.Failed:
		}
		detail := string(s.State)
		if s.Detail != "" {
			detail += ": " + s.Detail
		}
		d.add(group, s.Name, m, detail, s.Fix)
	}
	if len(r.GPUs) == 0 {
		d.add(group, "GPU", markNote, "none found; models run from the RAM", "")
	}
	for i, g := range r.GPUs {
		d.gpu(group, fmt.Sprintf("GPU %d", i), g)
	}
}

func (d *diagnosis) gpu(group, name string, g detect.GPU) {
	detail := g.Name
	if c := g.Memory.Capacity(); c > 0 {
		detail += ", " + units.Bytes(c)
	}
	switch {
	case g.Memory.Capacity() == 0 && (g.MIG == nil || !g.MIG.Enabled):
		d.add(group, name, markNote, detail+", memory not known: it is left out of every figure", "say it yourself: --gpu 24GiB")
	case g.MIG != nil && g.MIG.Enabled && len(g.MIG.Instances) == 0:
		d.add(group, name, markBad, detail+", MIG is on and there are no instances: nothing can run", "sudo nvidia-smi mig -cgi 0 -C, or turn MIG off: sudo nvidia-smi -mig 0")
	case g.Hidden:
		d.add(group, name, markNote, detail+", hidden by the environment", "")
	case g.Record == nil:
		d.add(group, name, markNote, detail+", not in the catalog: speed cannot be estimated", "add a record to "+filepath.Join(catalog.UserDir(), "devices"))
	default:
		d.add(group, name, markGood, detail+" ("+g.RecordID+")", "")
	}
}

func (d *diagnosis) host(h detect.Host) {
	const group = "Host"
	if h.Total == 0 {
		d.add(group, "RAM", markBad, "its size is not known", "say it yourself: --ram 64GiB")
	} else {
		d.add(group, "RAM", markGood, strings.ReplaceAll(ramText(h), "\n", "; "), "")
	}
	if h.MemoryNote != "" {
		d.add(group, "RAM modules", markNote, h.MemoryNote, "")
	}
	d.add(group, "CPU", markGood, cpuText(h), "")
	if s := systemText(h); s != "" {
		d.add(group, "system", markGood, s, "")
	}
}

// runtimes looks for what runs models. None is needed to size them.
func (d *diagnosis) runtimes(s surroundings) {
	const group = "Runtimes"
	found := 0
	for _, name := range []string{"llama-server", "llama-cli", "ollama", "vllm", "mlx_lm.generate"} {
		if p, err := s.lookPath(name); err == nil {
			found++
			d.add(group, name, markGood, p, "")
		}
	}
	if found == 0 {
		d.add(group, "runtimes", markNote, "no llama-server, llama-cli, ollama, vllm or mlx_lm in PATH", "to run models, install llama.cpp or Ollama")
	}
}

// folders checks where the user's records are and where the last session is
// remembered.
func (d *diagnosis) folders(s surroundings) {
	for _, f := range []struct{ name, dir, lost string }{
		{"own records", s.configDir, "records of your own can't be added there"},
		{"last session", s.stateDir, "the last session is not remembered"},
	} {
		if err := writable(f.dir); err != nil {
			d.add("Folders", f.name, markNote, fmt.Sprintf("%s can't be written (%v): %s", f.dir, err, f.lost), "give yourself write access, or set XDG_CONFIG_HOME and XDG_STATE_HOME to folders that have it")
			continue
		}
		d.add("Folders", f.name, markGood, f.dir, "")
	}
}

// writable tries to make a file in the folder, or, where it does not exist
// yet, in the nearest one above, and leaves nothing behind.
func writable(dir string) error {
	for {
		info, err := os.Stat(dir)
		if err == nil && info.IsDir() {
			break
		}
		if err == nil {
			return fmt.Errorf("%s is a file", dir)
		}
		up := filepath.Dir(dir)
		if !os.IsNotExist(err) || up == dir {
			return err
		}
		dir = up
	}
	f, err := os.CreateTemp(dir, ".runlocal-*")
	if err != nil {
		return err
	}
	name := f.Name()
	if err := f.Close(); err != nil {
		return err
	}
	return os.Remove(name)
}
