package glossary

import (
	"strings"
	"testing"
)

// Front matters of kinds with facts of their own, and what is refused in them.
func TestFactsOfKinds(t *testing.T) {
	const common = "title: A title\ncategory: Memory\nsources: [\"a paper\"]\nreviewed: 2026-11-24\n"
	fault := "runtimes: [ollama]\nlayer: allocator\npatterns:\n  - match: 'out of memory'\n    weight: 6\n"
	scores := "scores:\n"
	for _, d := range Dimensions() {
		scores += "  - {dimension: " + d + ", score: 3, reason: \"so so\"}\n"
	}
	lesson := "course: c\norder: 1\nminutes: 5\ncheckpoint: {question: q, options: [a, b], answer: 2, because: so}\nexercise: {ask: how much, request: {model: llama-3.1-8b}, find: total, tolerance: 0.05}\n"
	for _, c := range []struct{ file, front, wrong string }{
		{"guide/error/error-x.md", "kind: error\n" + fault, ""},
		{"guide/error/error-x.md", "kind: error\n" + strings.Replace(fault, "allocator", "cellar", 1), "layer"},
		{"guide/error/error-x.md", "kind: error\n" + strings.Replace(fault, "weight: 6", "weight: 60", 1), "weight 60"},
		{"guide/error/error-x.md", "kind: error\nruntimes: [ollama]\nlayer: driver\n", "without patterns"},
		{"guide/symptom/symptom-x.md", "kind: symptom\nruntimes: [ollama]\nlayer: driver\n", ""},
		{"guide/term/x.md", "kind: term\n" + fault, "patterns"},
		{"guide/tool/tool-x.md", "kind: tool\nsystems: [linux]\ndevices: [cpu]\nformats: [gguf]\nbinaries: [x]\nlicence: MIT\n" + scores, ""},
		{"guide/tool/tool-x.md", "kind: tool\nsystems: [linux]\ndevices: [cpu]\nbinaries: [../x]\nlicence: MIT\n" + scores, "no name of a program"},
		{"guide/tool/tool-x.md", "kind: tool\nsystems: [linux]\ndevices: [cpu]\nlicence: MIT\n", "scores"},
		{"guide/lesson/lesson-01-x.md", "kind: lesson\n" + lesson, ""},
		{"guide/lesson/lesson-01-x.md", "kind: lesson\n" + strings.Replace(lesson, "answer: 2", "answer: 3", 1), "none of the 2 options"},
		{"guide/lesson/lesson-01-x.md", "kind: lesson\n" + strings.Replace(lesson, "find: total", "find: luck", 1), "find"},
		{"guide/answer/answer-x.md", "kind: answer\nparams: {model: llama-3.1-8b, ctx: 8192}\n", ""},
		{"guide/answer/answer-x.md", "kind: answer\nparams: {colour: red}\n", "none of"},
		{"guide/kit/kit-x.md", "kind: kit\nslots: [{name: code, about: \"the code\"}]\nsampler: {temperature: 0.2}\ncontext: 4096\n", ""},
		{"guide/kit/kit-x.md", "kind: kit\nslots: [{name: code, about: \"the code\"}]\nsampler: {warmth: 0.2}\ncontext: 4096\n", "sampler"},
		{"guide/method/method-x.md", "kind: method\nlabel: exact\nterms: [weights]\n", ""},
		{"guide/method/method-x.md", "kind: method\nlabel: guessed\n", "label"},
		{"guide/news/news-2026-11-24-x.md", "kind: news\ndate: 2026-11-24\n", ""},
		{"guide/news/news-2026-11-23-x.md", "kind: news\ndate: 2026-11-24\n", "does not begin with"},
	} {
		_, err := parseEntry(c.file, []byte("---\n"+common+c.front+"---\nA lead that says what this is about.\n"))
		switch {
		case c.wrong == "" && err != nil:
			t.Errorf("%s\n%s: %v", c.file, c.front, err)
		case c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong) || !strings.Contains(err.Error(), c.file)):
			t.Errorf("%s\n%s: %v, want an error about %q that names the file", c.file, c.front, err, c.wrong)
		}
	}
}

// What is no expression, or one that says nothing, is refused; all at once.
func TestPatterns(t *testing.T) {
	for match, wrong := range map[string]string{
		"out of memory": "", `tried to allocate (?P<wanted>[\d.]+ [KMG]iB)`: "",
		"(?P<cat>x+) of memory": "no group is called", "a*b*c*": "empty line", "(((((": "missing closing", "x": "4 to 500",
		"(?!not) this": "no look-ahead", "(a{1000}){1000}": "repeat",
	} {
		f := Fault{Patterns: []Pattern{{Match: match, Weight: 1}}, Unless: []string{"the\\Qre"}}
		patterns, unless, err := f.Compile()
		if wrong == "" && (err != nil || !patterns[0].MatchString("Tried to allocate 2.00 GiB: OUT OF MEMORY") || !unless[0].MatchString("there")) {
			t.Errorf("%s: %v", match, err)
		}
		if wrong != "" && (err == nil || !strings.Contains(err.Error(), wrong) || !strings.Contains(err.Error(), match)) {
			t.Errorf("%s: %v, want an error about %q", match, err, wrong)
		}
	}
}

func lessonOf(find string, tolerance float64) *Lesson {
	return &Lesson{Exercise: Exercise{
		Ask: "?", Find: find, Tolerance: tolerance, Hint: "Think of the cache.",
		Request: map[string]any{"model": "llama-3.1-8b", "quant": "Q8_0", "ctx": 8192, "gpu": "RTX 4060 Ti 16GB"},
	}}
}

// Answers are read as a person writes them and compared with the engine's.
func TestCheckExercise(t *testing.T) {
	g := theGuide(t)
	for _, c := range []struct {
		find, reply string
		right       bool
		wrong       string
	}{
		{"kv_cache", "1 GiB", true, ""},
		{"kv_cache", "1024 MiB", true, ""},
		{"kv_cache", "2GiB", false, ""},
		{"kv_cache", "a lot", false, "no size"},
		{"gpu_layers", "33", true, ""},
		{"gpu_layers", "3", false, ""},
		{"gpu_layers", "thirty", false, "no number"},
		{"verdict", "Comfortable", true, ""},
		{"verdict", "no", false, ""},
	} {
		r, err := g.CheckExercise(lessonOf(c.find, 0.05), c.reply)
		if c.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), c.wrong) {
				t.Errorf("%s %q: %v, want %q", c.find, c.reply, err, c.wrong)
			}
			continue
		}
		if err != nil || r.Right != c.right || r.Want == "" || !strings.Contains(r.Text, r.Want) {
			t.Errorf("%s %q: %+v, %v", c.find, c.reply, r, err)
		}
	}
}

// An answer's figures follow the reader's parameters.
func TestParams(t *testing.T) {
	g := theGuide(t)
	e, err := parseEntry("guide/answer/answer-x.md", []byte("---\ntitle: How large?\nkind: answer\ncategory: Memory\nsources: [\"a paper\"]\nreviewed: 2026-11-24\nparams: {model: llama-3.1-8b, ctx: 4096}\n---\n{{ kv $model ctx=$ctx }}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if err := g.figures.tie(e); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		set         Params
		says, wrong string
	}{
		{nil, "512 MiB", ""},
		{Params{"ctx": "8k"}, "1.00 GiB", ""},
		{Params{"model": "llama 3.1 8b instruct"}, "512 MiB", ""},
		{Params{"model": "no such model at all"}, "", "no such"},
		{Params{"gpu": "RTX 4090"}, "", "has no parameter gpu; it has ctx, model"},
		{Params{"ctx": "lots"}, "", "ctx"},
	} {
		text, err := g.MarkdownFor(e, c.set, nil)
		switch {
		case c.wrong == "" && (err != nil || !strings.Contains(text, c.says)):
			t.Errorf("%v: %q, %v; want %s", c.set, text, err, c.says)
		case c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)):
			t.Errorf("%v: %v, want an error about %q", c.set, err, c.wrong)
		}
	}
}
