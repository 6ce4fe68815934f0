package layout

import (
	"errors"
	"strings"
)

var errQuote = errors.New("a quote is open or misplaced")

// unquote splits a line of CSV: cells may stand in double quotes, which double
// inside.
func unquote(text, delimiter string) ([]string, error) {
	var cells []string
	for {
		rest, quoted := strings.CutPrefix(text, `"`)
		if !quoted {
			cell, after, more := strings.Cut(text, delimiter)
			if cells = append(cells, cell); !more {
				return cells, nil
			}
			text = after
			continue
		}
		var cell strings.Builder
		for {
			inside, after, closed := strings.Cut(rest, `"`)
			if !closed {
				return nil, errQuote
			}
			cell.WriteString(inside)
			if rest = after; !strings.HasPrefix(rest, `"`) {
				break
			}
			cell.WriteByte('"')
			rest = rest[1:]
		}
		cells = append(cells, cell.String())
		if rest == "" {
			return cells, nil
		}
		after, more := strings.CutPrefix(rest, delimiter)
		if !more {
			return nil, errQuote
		}
		text = after
	}
}
