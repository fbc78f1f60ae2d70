package uitest

import (
	"strings"

	tea "charm.land/bubbletea/v2"
)

// Key makes a key press from its spelling in a key map: "j", "G", "enter",
// "ctrl+d", "shift+tab", "space".
func Key(name string) tea.KeyPressMsg {
	k := tea.Key{}
	rest := name
	for {
		mod, after, ok := strings.Cut(rest, "+")
		if !ok || mod == "" || after == "" {
			break
		}
		k.Mod |= modifier(mod)
		rest = after
	}
	if code, ok := named(rest); ok {
		k.Code = code
		if rest == "space" && k.Mod == 0 {
			k.Text = " "
		}
		return tea.KeyPressMsg(k)
	}
	r := []rune(rest)
	k.Code = r[0]
	if k.Mod == 0 {
		k.Text = rest
	}
	return tea.KeyPressMsg(k)
}

func modifier(name string) tea.KeyMod {
	switch name {
	case "ctrl":
		return tea.ModCtrl
	case "shift":
		return tea.ModShift
	case "alt":
		return tea.ModAlt
	default:
		return 0
	}
}

func named(name string) (rune, bool) {
	code, ok := map[string]rune{
		"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "space": tea.KeySpace,
		"backspace": tea.KeyBackspace, "delete": tea.KeyDelete,
		"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight,
		"home": tea.KeyHome, "end": tea.KeyEnd, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown,
	}[name]
	return code, ok
}

// Click is the left button going down at a place.
func Click(x, y int) tea.Msg { return tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft} }

// WheelDown is one notch of the wheel at a place.
func WheelDown(x, y int) tea.Msg {
	return tea.MouseWheelMsg{X: x, Y: y, Button: tea.MouseWheelDown}
}
