package fix

// automaton finds many texts in one pass over the bytes (Aho and Corasick,
// 1975). Letters of ASCII are taken as small ones, and every blank, tab and
// line break as a blank.
type automaton struct {
	class   [256]uint8 // of a byte; 0 is every byte that no text has
	classes int
	next    []int32 // state × class
	ends    []int32 // by state: the text that ends there, or -1
	first   []int32 // by state: the longest of its endings that is a text, as a state; 0 for none
	shorter []int32 // by state: the next shorter one, 0 for none
	names   []string
}

// newAutomaton builds it for texts in small letters, each of which stands
// once.
func newAutomaton(texts []string) *automaton {
	a := &automaton{classes: 1, names: texts}
	for _, s := range texts {
		for _, c := range []byte(s) {
			if a.class[c] == 0 {
				a.class[c] = uint8(a.classes)
				a.classes++
			}
		}
	}
	a.state()
	for i, s := range texts {
		a.insert(s, int32(i))
	}
	a.link()
	for c := byte('A'); c <= 'Z'; c++ {
		a.class[c] = a.class[c+'a'-'A']
	}
	for _, c := range []byte("\t\r\n") {
		a.class[c] = a.class[' ']
	}
	return a
}

func (a *automaton) state() int32 {
	a.next = append(a.next, make([]int32, a.classes)...)
	a.ends = append(a.ends, -1)
	return int32(len(a.ends) - 1)
}

func (a *automaton) insert(s string, id int32) {
	at := int32(0)
	for _, c := range []byte(s) {
		i := int(at)*a.classes + int(a.class[c])
		if a.next[i] == 0 {
			to := a.state() // moves a.next
			a.next[i] = to
		}
		at = a.next[i]
	}
	a.ends[at] = id
}

// link fills in where to go when a text breaks off, level by level.
func (a *automaton) link() {
	a.shorter, a.first = make([]int32, len(a.ends)), make([]int32, len(a.ends))
	fail := make([]int32, len(a.ends))
	queue := make([]int32, 0, len(a.ends))
	for _, to := range a.next[:a.classes] {
		if to != 0 {
			queue = append(queue, to)
		}
	}
	for i := 0; i < len(queue); i++ {
		at := queue[i]
		back := fail[at]
		a.shorter[at] = a.first[back]
		if a.first[at] = at; a.ends[at] < 0 {
			a.first[at] = a.first[back]
		}
		for c := range a.classes {
			to := &a.next[int(at)*a.classes+c]
			other := a.next[int(back)*a.classes+c]
			if *to == 0 {
				*to = other
				continue
			}
			fail[*to] = other
			queue = append(queue, *to)
		}
	}
}

// scan goes over a line from a state, appends the texts that end in it to
// found, repeats included, and returns the state that it ends in.
func (a *automaton) scan(line []byte, state int32, found []int32) (int32, []int32) {
	for _, c := range line {
		state = a.next[int(state)*a.classes+int(a.class[c])]
		for at := a.first[state]; at != 0; at = a.shorter[at] {
			found = append(found, a.ends[at])
		}
	}
	return state, found
}
