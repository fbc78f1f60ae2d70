package glossary

import (
	"slices"
	"strings"
	"testing"
)

func TestKitsAreFilled(t *testing.T) {
	g := theGuide(t)
	e, ok := g.Entry("kit-code-review")
	if !ok {
		t.Fatal("no such kit")
	}
	got, err := e.Fill(map[string]string{"language": "Go 1.26", "diff": "+ x := 1"})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(got.Prompt, "change in Go 1.26") || !strings.Contains(got.Prompt, "+ x := 1") || !strings.Contains(got.Prompt, "<<concern>>") {
		t.Errorf("filled to %q", got.Prompt)
	}
	if !slices.Equal(got.Open, []string{"concern"}) {
		t.Errorf("open: %v, want concern", got.Open)
	}
	if n := len([]rune(got.Prompt)); got.Tokens < n/5 || got.Tokens > n/3 {
		t.Errorf("%d tokens for %d characters", got.Tokens, n)
	}
	if _, err := e.Fill(map[string]string{"langage": "Go"}); err == nil || !strings.Contains(err.Error(), "it has language, diff, concern") {
		t.Errorf("a slot that is not there: %v", err)
	}
	agent, _ := g.Entry("kit-agent-loop")
	if got, err := agent.Fill(map[string]string{"goal": "all tests pass"}); err != nil || !strings.Contains(got.System, "Goal: all tests pass") {
		t.Errorf("%v, %q", err, got.System)
	}
}

func TestKindsComeInOrder(t *testing.T) {
	g := theGuide(t)
	var kinds []string
	for _, e := range g.OfKinds("news", "answer") {
		if len(kinds) == 0 || kinds[len(kinds)-1] != e.Kind {
			kinds = append(kinds, e.Kind)
		}
	}
	if !slices.Equal(kinds, []string{"news", "answer"}) {
		t.Errorf("kinds %v", kinds)
	}
	news := g.OfKinds("news")
	if !slices.IsSortedFunc(news, func(a, b *Entry) int { return strings.Compare(b.ID, a.ID) }) {
		t.Error("the newest news do not come first")
	}
}
