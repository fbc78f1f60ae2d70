package calculator_test

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"runlocal/ui/pane"
)

// row is the line of a frame that has a text, and the text's column.
func (d *driver) find(width, height int, text string) (x, y int) {
	d.t.Helper()
	for i, l := range strings.Split(d.frame(width, height), "\n") {
		if at := strings.Index(l, text); at >= 0 {
			return len([]rune(l[:at])), i
		}
	}
	d.t.Fatalf("no %q in\n%s", text, d.frame(width, height))
	return 0, 0
}

func TestDragKeepsTheSliderUntilRelease(t *testing.T) {
	d := start(t, "llama-3.1-8b", "RTX 4090")
	_, y := d.find(80, 22, "Context")
	left, _ := d.find(80, 22, "├")
	d.leftClick(left+1, y)
	if got := d.line("Context"); !strings.Contains(got, "1,024") {
		t.Errorf("click at the left end: %s", got)
	}
	d.frame(80, 22)
	for _, x := range []int{left + 5, left + 9, 79} {
		cmd, _ := d.pane.Mouse(x, y+7, tea.MouseMotionMsg{X: x, Y: y + 7, Button: tea.MouseLeft})
		d.run(cmd)
	}
	if got := d.line("Context"); !strings.Contains(got, "131,072  of") {
		t.Errorf("dragged beyond the right end: %s", got)
	}
	if _, told := last[pane.SettingsChanged](d); told {
		t.Error("the root was told before the button was up")
	}
	cmd, _ := d.pane.Mouse(0, 0, tea.MouseReleaseMsg{})
	d.run(cmd)
	if set, told := last[pane.SettingsChanged](d); !told || set.Settings.Ctx != 131072 {
		t.Errorf("after the release the root knows %v", set.Settings.Ctx)
	}
	cmd, _ = d.pane.Mouse(left+1, y, tea.MouseMotionMsg{X: left + 1, Y: y})
	d.run(cmd)
	if got := d.line("Context"); !strings.Contains(got, "131,072  of") {
		t.Errorf("moved without a button: %s", got)
	}
}

func TestWheelStepsTheSliderUnderIt(t *testing.T) {
	d := start(t, "llama-3.1-8b", "RTX 4090")
	x, y := d.find(80, 22, "KV cache")
	cmd, used := d.pane.Mouse(x, y, tea.MouseWheelMsg{X: x, Y: y, Button: tea.MouseWheelDown})
	d.run(cmd)
	if got := d.line("KV cache"); !used || !strings.Contains(got, "q8_0") || !strings.HasPrefix(got, "▌") {
		t.Errorf("wheel down: %s", got)
	}
}

func TestClicks(t *testing.T) {
	d := start(t, "llama-3.1-8b", "RTX 4090")
	x, y := d.find(80, 22, "8,192")
	d.leftClick(x, y)
	if !d.pane.Capturing() {
		t.Error("a click on the value in hand does not open it")
	}
	d.press("esc")
	x, y = d.find(80, 22, "llama-server")
	d.leftClick(x, y)
	if got, ok := last[pane.Copied](d); !ok || !strings.HasPrefix(got.Text, "llama-server") {
		t.Errorf("a click on the command said %v", d.said)
	}
}

func TestClickOnTheMapTakesPrecisionAndContext(t *testing.T) {
	d := start(t, "llama-3.1-8b", "RTX 4090")
	x, _ := d.find(200, 58, " 64K ")
	_, y := d.find(200, 58, "│ Q6_K")
	d.leftClick(x+2, y)
	if d.s.Settings.Ctx != 65536 || d.s.Settings.Quant != "Q6_K" {
		t.Errorf("took %s at %d", d.s.Settings.Quant, d.s.Settings.Ctx)
	}
}
