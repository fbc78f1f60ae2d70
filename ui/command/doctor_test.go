package command

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"runlocal/catalog"
	"runlocal/catalog/detect"
)

// healthy are surroundings in which nothing is missing.
func healthy(t *testing.T) surroundings {
	t.Helper()
	dir := t.TempDir()
	return surroundings{
		environ: []string{"TERM=xterm-256color", "COLORTERM=truecolor", "LANG=en_GB.UTF-8"},
		tty:     true, columns: 120, rows: 40,
		lookPath:  func(name string) (string, error) { return "/usr/bin/" + name, nil },
		output:    func(context.Context, string, ...string) (string, error) { return "on", nil },
		configDir: filepath.Join(dir, "config", "runlocal"), stateDir: filepath.Join(dir, "state"),
	}
}

func sound() detect.Report {
	r := workstation()
	r.GPUs, r.Sources = r.GPUs[:1], r.Sources[:1]
	r.GPUs[0].MIG = nil
	return r
}

func diagnose(t *testing.T, r detect.Report, s surroundings) diagnosis {
	t.Helper()
	a := App{
		Out: &bytes.Buffer{}, Err: &bytes.Buffer{}, Environ: s.environ,
		LoadCatalog: func() (*catalog.Catalog, error) { return &catalog.Catalog{}, nil },
		Detect:      func(context.Context, *catalog.Catalog) detect.Report { return r },
	}
	a.fill()
	return a.examine(t.Context(), s)
}

func (d diagnosis) of(name string) check {
	i := slices.IndexFunc(d.Checks, func(c check) bool { return c.Name == name })
	if i < 0 {
		return check{}
	}
	return d.Checks[i]
}

func TestDoctorSound(t *testing.T) {
	d := diagnose(t, sound(), healthy(t))
	if !d.Usable {
		t.Errorf("not usable: %+v", d.Checks)
	}
	for _, c := range d.Checks {
		if c.Mark != markGood {
			t.Errorf("%+v on a sound machine", c)
		}
	}
}

func TestDoctorDevices(t *testing.T) {
	tests := []struct {
		name   string
		change func(*detect.Report)
		check  string
		mark   mark
		usable bool
		says   string
	}{
		{"no GPU", func(r *detect.Report) { r.GPUs = nil }, "GPU", markNote, true, "RAM"},
		{"hung driver", func(r *detect.Report) {
			r.Sources = append(r.Sources, detect.Source{Name: "NVIDIA", State: detect.Timeout, Fix: "look at dmesg"})
		}, "NVIDIA", markBad, false, "timeout"},
		{"no permission", func(r *detect.Report) { r.Sources = workstation().Sources }, "AMD (sysfs)", markBad, false, "/dev/kfd"},
		{"card without driver", func(r *detect.Report) {
			r.Sources[0] = detect.Source{Name: "NVML", State: detect.Missing, Fix: "install it"}
		}, "NVML", markBad, false, "missing"},
		{"program missing, no card", func(r *detect.Report) {
			r.Sources[0] = detect.Source{Name: "nvidia-smi", State: detect.Missing}
		}, "nvidia-smi", markNote, true, "missing"},
		{"ROCm missing, Vulkan works", func(r *detect.Report) {
			r.Sources[0] = detect.Source{Name: "AMD (sysfs)", State: detect.Found, Fix: "pass /dev/kfd"}
		}, "AMD (sysfs)", markNote, true, "found"},
		{"memory not known", func(r *detect.Report) { r.GPUs[0].Memory = detect.Memory{} }, "GPU 0", markNote, true, "not known"},
		{"not in the catalog", func(r *detect.Report) { r.GPUs[0].Record = nil }, "GPU 0", markNote, true, "not in the catalog"},
		{"hidden", func(r *detect.Report) { r.GPUs[0].Hidden = true }, "GPU 0", markNote, true, "hidden"},
		{"MIG without instances", func(r *detect.Report) { r.GPUs[0].MIG = &detect.MIG{Enabled: true} }, "GPU 0", markBad, false, "MIG"},
		{"RAM not known", func(r *detect.Report) { r.Host.Total = 0 }, "RAM", markBad, false, "not known"},
		{"modules not readable", func(r *detect.Report) { r.Host.MemoryNote = "root alone" }, "RAM modules", markNote, true, "root"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := sound()
			tt.change(&r)
			d := diagnose(t, r, healthy(t))
			c := d.of(tt.check)
			if c.Mark != tt.mark || d.Usable != tt.usable || !strings.Contains(c.Detail, tt.says) {
				t.Errorf("%+v, usable %v; want %s with %q, usable %v", c, d.Usable, tt.mark, tt.says, tt.usable)
			}
			if c.Mark == markBad && c.Fix == "" {
				t.Errorf("%+v: no way to mend it", c)
			}
		})
	}
}

func TestDoctorSurroundings(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		change func(*surroundings)
		check  string
		says   string
		fix    string
	}{
		{"dumb", func(s *surroundings) { s.environ[0] = "TERM=dumb" }, "TERM", "dumb", "TERM"},
		{"no TERM", func(s *surroundings) { s.environ = s.environ[1:] }, "TERM", "not set", ""},
		{"pipe", func(s *surroundings) { s.tty = false }, "output", "no terminal", ""},
		{"small", func(s *surroundings) { s.columns, s.rows = 59, 19 }, "size", "59 × 19", "60 × 20"},
		{"no locale", func(s *surroundings) { s.environ = s.environ[:2] }, "encoding", "no locale", "UTF-8"},
		{"latin 1", func(s *surroundings) { s.environ = append(s.environ, "LC_ALL=de_DE.ISO-8859-1") }, "encoding", "not UTF-8", "UTF-8"},
		{"no runtime", func(s *surroundings) {
			s.lookPath = func(string) (string, error) { return "", errors.New("not found") }
		}, "runtimes", "no llama-server", "install"},
		{"tmux without mouse", func(s *surroundings) {
			s.environ = append(s.environ, "TMUX=/tmp/tmux,1,0")
			s.output = func(context.Context, string, ...string) (string, error) { return "off", nil }
		}, "tmux mouse", "off", "tmux set -g mouse on"},
		{"tmux does not answer", func(s *surroundings) {
			s.environ = append(s.environ, "TMUX=/tmp/tmux,1,0")
			s.output = func(context.Context, string, ...string) (string, error) { return "", errors.New("no server") }
		}, "tmux set-clipboard", "does not say", ""},
		{"GNU screen", func(s *surroundings) { s.environ = append(s.environ, "STY=1.pts") }, "screen", "OSC 52", ""},
		{"folder is a file", func(s *surroundings) { s.stateDir = filepath.Join(file, "runlocal") }, "last session", "can't be written", "XDG_STATE_HOME"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := healthy(t)
			tt.change(&s)
			d := diagnose(t, sound(), s)
			c := d.of(tt.check)
			if c.Mark != markNote || !strings.Contains(c.Detail, tt.says) || !strings.Contains(c.Fix, tt.fix) {
				t.Errorf("%+v, want a note with %q and %q", c, tt.says, tt.fix)
			}
			if !d.Usable {
				t.Error("the surroundings alone make nothing unusable")
			}
		})
	}
}

func TestDoctorColours(t *testing.T) {
	for env, want := range map[string]string{
		"TERM=xterm-256color COLORTERM=truecolor": "16 million",
		"TERM=xterm-256color":                     "256",
		"TERM=dumb":                               "none",
		"TERM=xterm-256color COLORTERM=truecolor NO_COLOR=yes":   "none: NO_COLOR is set",
		"TERM=xterm-256color COLORTERM=truecolor NO_COLOR=false": "none: NO_COLOR is set", // whatever its value
	} {
		s := surroundings{environ: strings.Fields(env)}
		if got := s.colours(); got != want {
			t.Errorf("%s: %q, want %q", env, got, want)
		}
	}
}

func TestDoctorLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	if err := writable(filepath.Join(dir, "not", "yet", "there")); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 0 {
		t.Errorf("%v, %v: looking must not make files or folders", entries, err)
	}
}

func TestDoctorCommand(t *testing.T) {
	out, errs, status := asked(t, sound(), "doctor", "--json")
	var d diagnosis
	if err := json.Unmarshal([]byte(out), &d); err != nil || status != 0 || errs != "" || !d.Usable {
		t.Errorf("status %d, %q, %v, %s", status, errs, err, out)
	}
	broken := sound()
	broken.Sources = workstation().Sources
	out, errs, status = asked(t, broken, "doctor", "--json")
	if err := json.Unmarshal([]byte(out), &d); err != nil || status != 1 || d.Usable || strings.Count(errs, "\n") != 1 {
		t.Errorf("status %d, %q, %v", status, errs, err)
	}
	out, _, status = asked(t, broken, "doctor")
	plain := ansi.Strip(out)
	if status != 1 || !strings.Contains(plain, "✕ AMD (sysfs)") || !strings.Contains(plain, "→ join the group render") || !strings.Contains(plain, "1 in the way") {
		t.Errorf("status %d:\n%s", status, plain)
	}
	a := App{
		Out: &bytes.Buffer{}, Err: &bytes.Buffer{},
		LoadCatalog: func() (*catalog.Catalog, error) { return nil, errors.New("models/x.json: broken") },
		Detect:      func(context.Context, *catalog.Catalog) detect.Report { return sound() },
	}
	a.fill()
	if d := a.examine(t.Context(), healthy(t)); d.Usable || d.of("records").Mark != markBad || d.of("GPU 0").Mark != markGood {
		t.Errorf("with a broken catalog: %+v", d.Checks)
	}
}
