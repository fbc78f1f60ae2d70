package reader

import (
	"io/fs"
	"regexp"
	"strings"

	"runlocal/catalog"
	"runlocal/glossary"
	"runlocal/sizing"
	"runlocal/sizing/request"
	"runlocal/sizing/units"
)

// question is a model that an entry computes a figure of, with the settings
// that the figure is for.
type question struct {
	model    *catalog.Model
	settings sizing.Settings
}

// label names it in a few words.
func (q question) label() string {
	return q.model.Name + " at " + q.settings.Quant + ", " + units.Context(q.settings.Ctx)
}

// mostQuestions bounds how many an entry offers.
const mostQuestions = 3

// questionsOf reads which models an entry computes with: the figures for the
// reader's own machine first, since those are the ones to play with. A model
// stands once.
func questionsOf(files fs.FS, c *catalog.Catalog, e *glossary.Entry) []question {
	text, err := fs.ReadFile(files, e.File)
	if err != nil {
		return nil // an entry that is not among the assets has no figures to offer
	}
	figure := regexp.MustCompile(`\{\{\s*([a-z]+)\s+"([^"]+)"([^}]*)\}\}`)
	option := regexp.MustCompile(`([a-z_]+)="?([^"\s}]+)"?`)
	var own, others []question
	seen := map[*catalog.Model]bool{}
	for _, m := range figure.FindAllStringSubmatch(string(text), -1) {
		q, ok := readQuestion(c, m[2], option.FindAllStringSubmatch(m[3], -1))
		if !ok || seen[q.model] {
			continue
		}
		seen[q.model] = true
		if strings.HasPrefix(m[1], "your") {
			own = append(own, q)
		} else {
			others = append(others, q)
		}
	}
	all := append(own, others...)
	return all[:min(len(all), mostQuestions)]
}

// readQuestion reads a figure's options in the words of the commands. Options
// that are the figure's own (from, to, mode) are no settings and are passed
// over.
func readQuestion(c *catalog.Catalog, id string, options [][]string) (question, bool) {
	var r request.Request
	if r.Set("model", id) != nil {
		return question{}, false
	}
	for _, o := range options {
		if o[1] != "gpu" {
			_ = r.Set(o[1], o[2]) // not a setting
		}
	}
	m, err := r.Model(c)
	if err != nil || m.ID != id {
		return question{}, false
	}
	s, err := r.Settings(c, m)
	return question{m, s}, err == nil
}
