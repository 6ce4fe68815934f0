package xmlscan

import (
	"bytes"
	"strconv"

	"fenlu/bankfiles/record"
)

var newline = []byte{'\n'}

// Here is the position of the last token, with the path to the open element.
func (s *Scanner) Here() record.Position {
	at := int(s.token - s.base)
	if at > s.counted {
		s.line += bytes.Count(s.buf[s.counted:at], newline)
		s.counted = at
	}
	return record.Position{Offset: s.token, Line: s.line, Path: s.pathHere()}
}

// pathHere writes down the names of those open elements that were not asked
// for before.
func (s *Scanner) pathHere() string {
	if len(s.stack) == 0 {
		return "/"
	}
	s.path = s.path[:0]
	if s.placed > 0 {
		s.path = s.path[:s.stack[s.placed-1].end]
	}
	for i := s.placed; i < len(s.stack); i++ {
		f := &s.stack[i]
		s.path = append(append(s.path, '/'), f.name...)
		if f.nth > 1 || f.numbered {
			s.path = append(strconv.AppendInt(append(s.path, '['), int64(f.nth), 10), ']')
		}
		f.end = len(s.path)
	}
	s.placed = len(s.stack)
	return string(s.path)
}

// repeats are the elements that are numbered in a path even when first, so
// that the path names one element and no other.
var repeats = map[string]bool{
	"PmtInf": true, "CdtTrfTxInf": true, "OrgnlPmtInfAndSts": true, "TxInfAndSts": true,
	"Stmt": true, "Rpt": true, "Ntfctn": true, "Bal": true, "Ntry": true, "NtryDtls": true, "TxDtls": true,
	"TxInf": true, "CxlDtls": true, "Undrlyg": true,
}
