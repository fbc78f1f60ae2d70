package flags

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// folder is a small set of lists in which every rule occurs.
func folder(changes map[string]string) fstest.MapFS {
	files := map[string]string{
		"llama-server.json": `{"program": "llama-server", "also": ["llama-cli"], "source": "its help", "read": "2026-11-24",
			"style": {"no_equals": true}, "flags": ["-m", "--model", "-ngl", "--spec-draft-n-max"], "removed": {"--draft-max": "--spec-draft-n-max"}}`,
		"ik-llama-server.json": `{"program": "llama-server", "only_in": ["ik-llama"], "source": "its help", "read": "2026-11-24", "flags": ["-m", "-fmoe"]}`,
		"vllm.json":            `{"program": "vllm", "source": "its help", "read": "2026-11-24", "flags": ["--help"], "subcommands": {"serve": {"flags": ["--port"], "prefixes": ["-O"]}}}`,
		"docker.json": `{"program": "docker", "source": "its help", "read": "2026-11-24", "style": {"bundles": true}, "subcommands": {
			"run": {"flags": ["-i", "-t", "-v", "--rm", "--gpus"], "values": ["-v", "--gpus"], "wraps": "image", "images": {"vllm/vllm-openai": "vllm serve", "ubuntu": "", "x/y:latest": "llama-server"}},
			"exec": {"flags": ["-i"], "wraps": "container"}}}`,
		"sudo.json":        `{"program": "sudo", "source": "its manual", "read": "2026-11-24", "flags": ["-u"], "values": ["-u"], "wraps": "command"}`,
		"python.json":      `{"program": "python", "source": "its manual", "read": "2026-11-24", "flags": ["-m", "-c", "-u"], "wraps": "python"}`,
		"sh.json":          `{"program": "sh", "source": "its manual", "read": "2026-11-24", "flags": ["-c", "-e"], "style": {"bundles": true}, "wraps": "script"}`,
		"python-m-x.json":  `{"program": "python -m x", "source": "its help", "read": "2026-11-24", "flags": ["--a"]}`,
		"convert-py.json":  `{"program": "convert.py", "source": "its help", "read": "2026-11-24", "flags": ["--out"]}`,
		"nvidia-smi.json":  `{"program": "nvidia-smi", "source": "its help", "read": "2026-11-24", "flags": ["-q", "-l"], "values": ["-l"], "style": {"operands": true}, "subcommands": {"topo": {"flags": ["-m"]}}}`,
		"unchecked.json":   `{"jq": "the same everywhere", "grep": "the same everywhere", "train.py": "the reader's own"}`,
		"environment.json": `{"groups": [{"prefix": "OLLAMA_", "source": "its source", "read": "2026-11-24", "names": ["OLLAMA_HOST"]}], "others": {"MAX_JOBS": "ninja"}}`,
	}
	for name, text := range changes {
		files[name] = text
	}
	all := fstest.MapFS{}
	for name, text := range files {
		all[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return all
}

func TestShell(t *testing.T) {
	set, err := Load(folder(nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ say, text, want string }{
		{"flags that exist", "llama-server -m a.gguf -ngl 99 --spec-draft-n-max 8", ""},
		{"a path before the program", "./build/bin/llama-cli --model a", ""},
		{"a flag that never was", "llama-server --turbo", "llama-server has no --turbo (its help)"},
		{"one that is gone", "llama-server --draft-max 8", "llama-server no longer has --draft-max: --spec-draft-n-max"},
		{"a value attached where none may be", "llama-server --model=a", "llama-server takes --model and its value as two words"},
		{"another program of that name elsewhere", "llama-server -fmoe", "llama-server has no -fmoe (its help)"},
		{"a number is no flag", "llama-server -ngl -1 -m -.5", ""},
		{"behind -- are operands", "llama-server -- --turbo", ""},
		{"a flag in quotes is one", `llama-server "--turbo"`, "llama-server has no --turbo (its help)"},
		{"a sentence is none", `llama-server -m "a --turbo b"`, ""},
		{"a variable is none", `llama-server "$FLAGS" $(jq --x y)`, ""},
		{"lines that go on", "llama-server -m a \\\n  --tur\\\nbo", "llama-server has no --turbo (its help)"},
		{"both ends of a pipe", "llama-server --a 2>&1 | nvidia-smi -z", "llama-server has no --a (its help)\nnvidia-smi has no -z (its help)"},
		{"lists and loops", "for m in a b; do llama-cli --x; done && (vllm serve M --y &)", "llama-cli has no --x (its help)\nvllm serve has no --y (its help)"},
		{"inside a substitution", `jq "$(nvidia-smi --w)"`, "nvidia-smi has no --w (its help)"},
		{"what is printed is no command", "jq <<'E'\nllama-server --turbo\nE", ""},
		{"a subcommand", "vllm serve M --port=1 -O3 --help", ""},
		{"no such subcommand", "vllm server M", `vllm has no subcommand "server"; it has serve`},
		{"an operand in its place", "nvidia-smi x -q", ""},
		{"a flag of a subcommand without it", "nvidia-smi -m", "nvidia-smi has no -m (its help)"},
		{"a value is no subcommand", "nvidia-smi -l topo -m", "nvidia-smi has no -m (its help)"},
		{"behind sudo", "sudo -u me MAX_JOBS=4 llama-cli --x", "llama-cli has no --x (its help)"},
		{"a module", "python -u -m x --a --b", "python -m x has no --b (its help)"},
		{"a script", "python tools/convert.py --out a --in b", "convert.py has no --in (its help)"},
		{"the reader's script", "python train.py --anything", ""},
		{"text of Python", "python -c 'import x' --y", ""},
		{"Python from standard input", "python - --y", ""},
		{"text of a shell", "sh -ec 'llama-cli --x'", "llama-cli has no --x (its help)"},
		{"an image's program", "docker run --rm -it --gpus all -v a:b vllm/vllm-openai:v1 M --port 1 --x", "vllm serve has no --x (its help)"},
		{"a bundle with its value", "docker run -itv a:b -va:b ubuntu nvidia-smi -z", "nvidia-smi has no -z (its help)"},
		{"a bundle with a wrong letter", "docker run -izt ubuntu", "docker run has no -z in -izt (its help)"},
		{"an image by its tag", "docker run x/y:latest -m a --x", "llama-server has no --x (its help)"},
		{"an image that nobody knows", "docker run z/y -m a", "what the arguments of the image z/y go to is not known: add it to the images of flags/docker.json"},
		{"in a container", "docker exec -i box llama-cli --x", "llama-cli has no --x (its help)"},
		{"no list", "rocket --go", `no list of flags for "rocket": add flags/rocket.json, or the reason to flags/unchecked.json`},
		{"a known variable", "OLLAMA_HOST=x MAX_JOBS=4 jq; export OLLAMA_HOST=y", ""},
		{"a variable that never was", "OLLAMA_HOSTS=x jq", "no variable OLLAMA_HOSTS: its source"},
		{"an exported one", "export OLLAMA_HOSTS=x", "no variable OLLAMA_HOSTS: its source"},
		{"one of nobody", "TURBO=1 jq", "the variable TURBO is not known: add it to flags/environment.json"},
		{"the script's own", "out=1; jq $out", ""},
		{"no shell text", "llama-server 'a", "no shell text: here:1:14: reached EOF without closing quote `'`"},
	} {
		if diff := cmp.Diff(c.want, text(set.Shell(c.text, "here"))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.say, diff)
		}
	}
	if got := text(set.Shell("llama-server -fmoe -ngl 1", "ik-llama")); got != "llama-server has no -ngl (its help)" {
		t.Errorf("a list for one entry: %s", got)
	}
	if got := set.Shell("jq\n\nsudo llama-cli \\\n --x", ""); len(got) != 1 || got[0].Line != 3 {
		t.Errorf("the line is lost: %v", got)
	}
}

func TestPowerShell(t *testing.T) {
	set, err := Load(folder(nil))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"Get-Counter '\\GPU(*)\\x' | Select-Object -First 1":            "",
		".\\bin\\llama-server.exe -m a.gguf --turbo # --x":              "llama-server has no --turbo (its help)",
		"$env:OLLAMA_HOST=\"x\"; llama-server -m a":                     "",
		"$env:OLLAMA_HOSTS = 1":                                         "no variable OLLAMA_HOSTS: its source",
		"Get-Process | Where-Object Name -eq x\nnvidia-smi -q | jq --y": "",
	} {
		var got []string
		for _, p := range set.PowerShell(text, "here") {
			got = append(got, p.Text)
		}
		if diff := cmp.Diff(want, strings.Join(got, "\n")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

func text(problems []Problem) string {
	lines := make([]string, len(problems))
	for i, p := range problems {
		lines[i] = p.Text
	}
	return strings.Join(lines, "\n")
}

// A list that cannot be right is refused, by its file.
func TestLoadRefuses(t *testing.T) {
	const head = `"program": "a", "source": "its help", "read": "2026-11-24"`
	for list, wrong := range map[string]string{
		`{` + head + `, "colour": 1}`:                       "colour",
		`{` + head + `, "program": "a"}`:                    `key "program" is given twice`,
		`{` + head + `, "subcommands": {"x": {}, "x": {}}}`: `key "x" is given twice`,
		`{` + head + `} {}`:                                 "behind the value",
		`{` + head:                                          "EOF",
		`{"program": "b", "source": "its help", "read": "2026-11-24"}`:      "has the file a.json",
		`{"program": "a", "source": " ", "read": "2026-11-24"}`:             "no source",
		`{"program": "a", "source": "its help", "read": "today"}`:           "year-month-day",
		`{` + head + `, "flags": ["-m", "-m"]}`:                             `"-m" is given twice`,
		`{` + head + `, "flags": ["m"]}`:                                    `"m" is no flag`,
		`{` + head + `, "flags": ["-a, --all"]}`:                            "is no flag",
		`{` + head + `, "values": ["-x"]}`:                                  "takes a value and is no flag",
		`{` + head + `, "flags": ["-m"], "removed": {"-m": "gone"}}`:        "removed and a flag",
		`{` + head + `, "removed": {"-n": "--number"}}`:                     `"--number" stands for "-n" and is no flag`,
		`{` + head + `, "wraps": "parcels"}`:                                "wraps",
		`{` + head + `, "wraps": "image"}`:                                  "images",
		`{` + head + `, "subcommands": {"x": {"flags": ["y"]}}}`:            "a x",
		`{` + head + `, "subcommands": {"x": null}}`:                        "no subcommand",
		`{` + head + `, "also": ["sudo"]}`:                                  "two lists",
		`{` + head + `, "also": ["jq"]}`:                                    "called unchecked",
		`{` + head + `, "also": ["llama-server"], "only_in": ["ik-llama"]}`: "two lists in ik-llama",
	} {
		_, err := Load(folder(map[string]string{"a.json": list}))
		if err == nil || !strings.Contains(err.Error(), wrong) {
			t.Errorf("%s: %v, want an error about %q", list, err, wrong)
		}
	}
	for env, wrong := range map[string]string{
		`{"groups": [{"prefix": "A_", "source": "its help", "read": "2026-11-24", "names": ["B_X"]}], "others": {}}`:     "does not begin",
		`{"groups": [{"prefix": "A_", "source": "", "read": "2026-11-24", "names": []}], "others": {}}`:                  "is missing",
		`{"groups": [{"prefix": "A_", "source": "its help", "read": "2026-11-24", "names": []}], "others": {"A_X": ""}}`: "belongs to the group",
	} {
		if _, err := Load(folder(map[string]string{"environment.json": env})); err == nil || !strings.Contains(err.Error(), wrong) {
			t.Errorf("%s: %v, want an error about %q", env, err, wrong)
		}
	}
	if _, err := Load(fstest.MapFS{}); err == nil {
		t.Error("an empty folder is taken")
	}
}

// The lists in the assets are read without a complaint.
func TestTheListsAreSound(t *testing.T) {
	set, err := Load(os.DirFS("../../assets/flags"))
	if err != nil {
		t.Fatal(err)
	}
	if l := set.find("llama-server", ""); l == nil || len(l.Flags) < 200 {
		t.Errorf("llama-server has the list %v", l)
	}
}
