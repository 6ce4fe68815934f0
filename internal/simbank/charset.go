package simbank

import (
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// charset is what a file is written in.
type charset string

const (
	charsetUTF8    charset = "UTF-8"
	charsetMarked  charset = "UTF-8 with a byte order mark"
	charsetGBK     charset = "GBK"
	charsetGB18030 charset = "GB18030"
)

// or is the charset, or the agreed one where no fault chose another.
func (c charset) or(agreed charset) charset {
	if c == "" {
		return agreed
	}
	return c
}

// label is what an XML declaration says of it.
func (c charset) label(agreed charset) string {
	if c = c.or(agreed); c == charsetMarked {
		return string(charsetUTF8)
	}
	return string(c)
}

// declare corrects the declaration of an XML text that says UTF-8.
func (c charset) declare(text string) string {
	return strings.Replace(text, `encoding="UTF-8"`, `encoding="`+c.label(charsetUTF8)+`"`, 1)
}

// encode writes a text.
func (c charset) encode(text string, agreed charset) []byte {
	switch c.or(agreed) {
	case charsetMarked:
		return []byte("\uFEFF" + text)
	case charsetGBK:
		return encodeAs(simplifiedchinese.GBK, text)
	case charsetGB18030:
		return encodeAs(simplifiedchinese.GB18030, text)
	case charsetUTF8:
	}
	return []byte(text)
}

// encodeAs puts a substitute where the charset lacks a character, as banks do.
func encodeAs(e encoding.Encoding, text string) []byte {
	out, err := encoding.ReplaceUnsupported(e.NewEncoder()).String(text)
	if err != nil { // no substitute has an error
		return nil
	}
	return []byte(out)
}
