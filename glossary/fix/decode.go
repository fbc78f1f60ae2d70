package fix

import (
	"bufio"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// decoded reads UTF-16 as UTF-8 where a log begins with its mark: what
// Windows' PowerShell makes of a redirected output. Everything else stays as
// it is.
func decoded(r *bufio.Reader) io.Reader {
	mark, err := r.Peek(2)
	if err != nil {
		return r
	}
	switch {
	case mark[0] == 0xff && mark[1] == 0xfe:
		return &utf16Reader{from: r}
	case mark[0] == 0xfe && mark[1] == 0xff:
		return &utf16Reader{from: r, big: true}
	}
	return r
}

// utf16Reader turns UTF-16 into UTF-8. Halves of pairs that stand alone become
// the replacement character.
type utf16Reader struct {
	from *bufio.Reader
	big  bool   // the high byte first
	high rune   // the first half of a pair, 0 for none
	rest []byte // UTF-8 that was not asked for yet
	end  error
}

const unitsAtOnce = 4096

func (u *utf16Reader) Read(b []byte) (int, error) {
	for len(u.rest) == 0 {
		if u.end != nil {
			return 0, u.end
		}
		u.rest = u.rest[:0]
		for range unitsAtOnce {
			unit, err := u.unit()
			if err != nil {
				u.end = err
				break
			}
			u.take(rune(unit))
		}
	}
	n := copy(b, u.rest)
	u.rest = u.rest[n:]
	return n, nil
}

// take adds a unit, or keeps it as half of a pair.
func (u *utf16Reader) take(r rune) {
	if u.high != 0 {
		pair := utf16.DecodeRune(u.high, r)
		u.high = 0
		u.rest = utf8.AppendRune(u.rest, pair)
		if pair != utf8.RuneError {
			return
		}
	}
	if utf16.IsSurrogate(r) {
		u.high = r
		return
	}
	u.rest = utf8.AppendRune(u.rest, r)
}

func (u *utf16Reader) unit() (uint16, error) {
	var two [2]byte
	if _, err := io.ReadFull(u.from, two[:]); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = io.EOF // half a unit says nothing
		}
		return 0, err
	}
	if u.big {
		two[0], two[1] = two[1], two[0]
	}
	return uint16(two[1])<<8 | uint16(two[0]), nil
}
