package bankfiles

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"iter"

	"fenlu/internal/errs"
)

// Auto is the name that asks [Read] to recognise the format.
const Auto = "auto"

// Read reads a file of the named profile, or of any profile for "auto", and
// gives its records one by one in the order of the file. The sequence ends
// after the trailer, or with an error: a place in the file and what is wrong
// with it (BANKFILE_… of kind Invalid), BANKFILE_PROFILE_UNKNOWN, or an error
// of the reader. Records before an error are not to be acted upon.
func Read(r io.Reader, profile string) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		out := &sink{yield: yield, profile: profile}
		if err := out.run(r); err != nil && !errors.Is(err, errStopped) {
			yield(Record{}, err)
		}
	}
}

// Summary is what [Check] found in a file without contradictions.
type Summary struct {
	Profile  string    // the profile that read it
	Message  string    // as the file names itself
	Headers  []Header  // the first 1000
	Warnings []Warning // the first 1000
	Trailer  Trailer
}

// Check reads a whole file and says what it is, or what is wrong with it; the
// errors are those of [Read].
func Check(r io.Reader, profile string) (Summary, error) {
	const most = 1000
	var sum Summary
	for rec, err := range Read(r, profile) {
		if err != nil {
			return Summary{}, err
		}
		switch rec.Type {
		case TypeHeader:
			if len(sum.Headers) == 0 {
				sum.Profile, sum.Message = rec.Header.Profile, rec.Header.Message
			}
			if len(sum.Headers) < most {
				sum.Headers = append(sum.Headers, *rec.Header)
			}
		case TypeWarning:
			if len(sum.Warnings) < most {
				sum.Warnings = append(sum.Warnings, *rec.Warning)
			}
		case TypeTrailer:
			sum.Trailer = *rec.Trailer
		}
	}
	return sum, nil
}

var errStopped = errors.New("bankfiles: the caller stopped reading")

// sink hands records to the caller, counts them, and keeps the totals.
type sink struct {
	yield    func(Record, error) bool
	profile  string // asked for, then found
	message  string
	trailer  Trailer
	all      total
	credits  total
	debits   total
	warnings map[string]int
}

func (out *sink) run(r io.Reader) error {
	if out.profile != Auto {
		if _, err := Lookup(out.profile); err != nil {
			return err
		}
	}
	buffered := bufio.NewReaderSize(r, 64<<10)
	head, err := buffered.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	read, err := out.recognise(head)
	if err != nil {
		return err
	}
	return read(buffered, out)
}

// recognise chooses the reader by the first bytes: a mark of XML, or the
// first record of a text format. An XML message is recognised by its root.
func (out *sink) recognise(head []byte) (func(io.Reader, *sink) error, error) {
	start := bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	if t := bytes.TrimLeft(start, " \t\r\n"); len(t) > 0 && t[0] == '<' || looksUTF16(head) {
		return readXML, nil
	}
	for _, p := range profiles {
		if p.firstBytes != "" && bytes.HasPrefix(start, []byte(p.firstBytes)) {
			return p.readText, out.settle(p.Name, p.Name+" "+p.Version)
		}
	}
	place := Position{Line: 1, Path: "/"}
	if len(head) == 0 {
		return nil, place.fault("BANKFILE_NO_BYTES")
	}
	return nil, place.fault("BANKFILE_UNRECOGNISED", "found", clip(printable(head)))
}

func looksUTF16(b []byte) bool {
	return len(b) >= 2 && (b[0] == 0xfe && b[1] == 0xff || b[0] == 0xff && b[1] == 0xfe || b[0] == 0 && b[1] == '<' || b[0] == '<' && b[1] == 0)
}

func printable(b []byte) string {
	return string(bytes.Map(func(r rune) rune {
		if r < 0x20 || r == 0xfffd {
			return ' '
		}
		return r
	}, b[:min(len(b), 24)]))
}

// settle notes what the file is and refuses one that was not asked for.
func (out *sink) settle(found, message string) error {
	asked := out.profile
	out.message = message
	if asked == Auto {
		out.profile = found
		if p, err := Lookup(message); err == nil && p.reads == found {
			out.profile = p.Name // the profile of just this version, if there is one
		}
		return nil
	}
	p, err := Lookup(asked)
	if err != nil {
		return err
	}
	if p.reads != found && p.Name != found {
		return Position{Line: 1, Path: "/"}.fault("BANKFILE_WRONG_MESSAGE", "want", asked, "got", message)
	}
	return nil
}

func (out *sink) emit(r Record) error {
	if !out.yield(r, nil) {
		return errStopped
	}
	return nil
}

func (out *sink) header(h Header) error {
	h.Profile, h.Message = out.profile, out.message
	return out.emit(Record{Type: TypeHeader, Header: &h})
}

// item completes an item (fen, totals) and hands it on. An amount that is not
// a number, or yuan that are no whole fen, is an error.
func (out *sink) item(it *Item) error {
	out.trailer.Count++
	if it.Amount != "" {
		a, ok := parseAmount(it.Amount)
		if !ok || a.negative() {
			return it.fault("BANKFILE_AMOUNT", "amount", clip(it.Amount))
		}
		if it.Currency == "CNY" {
			if it.AmountFen, ok = a.fen(); !ok {
				return it.fault("BANKFILE_AMOUNT_FEN", "amount", clip(it.Amount))
			}
			it.IsCNY = true
		}
		out.all.add(a)
		switch it.Direction {
		case Credit:
			out.credits.add(a)
		case Debit:
			out.debits.add(a)
		}
	}
	return out.emit(Record{Type: TypeItem, Item: it})
}

// warn reports something odd. The same oddity is told a hundred times at
// most, so that a strange file does not drown what it says; the trailer has
// the true number.
func (out *sink) warn(at Position, code string, args ...any) error {
	out.trailer.Warnings++
	if out.warnings == nil {
		out.warnings = map[string]int{}
	}
	if out.warnings[code]++; out.warnings[code] > 100 {
		return nil
	}
	args = append(args, "line", at.Line, "offset", at.Offset, "path", at.Path)
	return out.emit(Record{Type: TypeWarning, Warning: &Warning{Code: code, Args: errs.Pairs(args...), Position: at}})
}

func (out *sink) finish(at Position) error {
	t := out.trailer
	t.Sum, t.CreditSum, t.DebitSum, t.Position = out.all.String(), out.credits.String(), out.debits.String(), at
	return out.emit(Record{Type: TypeTrailer, Trailer: &t})
}
