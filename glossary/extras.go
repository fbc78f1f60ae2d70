package glossary

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// extras is what an entry's front matter says besides the text, as Markdown
// that follows it: a tool's facts and scores, a lesson's questions, a kit's
// slots and sampler.
func (e *Entry) extras() string {
	var b strings.Builder
	switch {
	case e.Tool != nil:
		e.Tool.write(&b)
	case e.Lesson != nil:
		e.Lesson.write(&b)
	case e.Kit != nil:
		e.Kit.write(&b)
	case e.Fault != nil:
		fmt.Fprintf(&b, "\nSeen in: %s. Comes from: %s.\n", strings.Join(e.Fault.Runtimes, ", "), e.Fault.Layer)
	}
	return b.String()
}

func (t *Tool) write(b *strings.Builder) {
	b.WriteString("\n## Facts\n\n")
	for _, f := range []struct {
		name string
		list []string
	}{{"Systems", t.Systems}, {"Devices", t.Devices}, {"Formats", t.Formats}} {
		if len(f.list) > 0 {
			fmt.Fprintf(b, "- %s: %s\n", f.name, strings.Join(f.list, ", "))
		}
	}
	fmt.Fprintf(b, "- Licence: %s\n\n## Scores\n\n", t.Licence)
	for _, s := range t.Scores {
		fmt.Fprintf(b, "- **%s %d of 5**: %s\n", s.Dimension, s.Score, s.Reason)
	}
}

func (l *Lesson) write(b *strings.Builder) {
	fmt.Fprintf(b, "\n## Checkpoint\n\n%s\n\n", l.Checkpoint.Question)
	for i, o := range l.Checkpoint.Options {
		fmt.Fprintf(b, "%d. %s\n", i+1, o)
	}
	fmt.Fprintf(b, "\n## Exercise\n\n%s\n\n", l.Exercise.Ask)
	b.WriteString("Ask runlocal, then check your answer: the engine knows it.\n")
}

func (k *Kit) write(b *strings.Builder) {
	b.WriteString("\n## Slots\n\n")
	for _, s := range k.Slots {
		fmt.Fprintf(b, "- `<<%s>>`: %s", s.Name, s.About)
		if s.Example != "" {
			fmt.Fprintf(b, ", such as “%s”", strings.TrimSpace(s.Example))
		}
		b.WriteByte('\n')
	}
	if len(k.Sampler) > 0 {
		b.WriteString("\n## Sampler\n\n")
		for _, name := range slices.Sorted(maps.Keys(k.Sampler)) {
			fmt.Fprintf(b, "- %s: %g\n", strings.ReplaceAll(name, "_", " "), k.Sampler[name])
		}
	}
	fmt.Fprintf(b, "\nWants a context of %d tokens or more.\n", k.Context)
}
