package bankfiles

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"iter"

	"fenlu/bankfiles/iso"
	"fenlu/bankfiles/mt"
	"fenlu/bankfiles/reason"
	"fenlu/bankfiles/record"
)

// Auto is the name that asks [Read] to recognise the format.
const Auto = "auto"

// Read reads a file of the named profile, or of any profile for "auto", and
// gives its records one by one in the order of the file. The sequence ends
// after the trailer, or with an error: a place in the file and what is wrong
// with it (BANKFILE_… of kind Invalid), BANKFILE_PROFILE_UNKNOWN, or an error
// of the reader. Records before an error are not to be acted upon.
func Read(r io.Reader, profile string) iter.Seq2[record.Record, error] {
	return func(yield func(record.Record, error) bool) {
		in := &reading{Out: record.NewOut(withReasons(yield), profile), asked: profile}
		in.Recognised = in.settle
		if err := in.run(r); err != nil && !errors.Is(err, record.ErrStopped) {
			yield(record.Record{}, err)
		}
	}
}

// withReasons gives each item that failed or came back our own code for why,
// unless its profile has done so.
func withReasons(yield func(record.Record, error) bool) func(record.Record, error) bool {
	return func(rec record.Record, err error) bool {
		if it := rec.Item; it != nil && it.ReasonCode == "" && (it.Outcome == record.OutcomeFailed || it.Kind == record.KindReturn) {
			it.ReasonCode = string(reason.Of(it.Reason, it.ReasonText).Code)
		}
		return yield(rec, err)
	}
}

// Summary is what [Check] found in a file without contradictions.
type Summary struct {
	Profile  string           // the profile that read it
	Message  string           // as the file names itself
	Headers  []record.Header  // the first 1000
	Warnings []record.Warning // the first 1000
	Trailer  record.Trailer
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
		case record.TypeHeader:
			if len(sum.Headers) == 0 {
				sum.Profile, sum.Message = rec.Header.Profile, rec.Header.Message
			}
			if len(sum.Headers) < most {
				sum.Headers = append(sum.Headers, *rec.Header)
			}
		case record.TypeWarning:
			if len(sum.Warnings) < most {
				sum.Warnings = append(sum.Warnings, *rec.Warning)
			}
		case record.TypeTrailer:
			sum.Trailer = *rec.Trailer
		}
	}
	return sum, nil
}

// reading is one run of [Read]: what was asked for, and where records go.
type reading struct {
	*record.Out
	asked string
}

func (in *reading) run(r io.Reader) error {
	if in.asked != Auto {
		if _, err := Lookup(in.asked); err != nil {
			return err
		}
	}
	buffered := bufio.NewReaderSize(r, 64<<10)
	head, err := buffered.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	read, err := in.recognise(head)
	if err != nil {
		return err
	}
	return read(buffered, in.Out)
}

// recognise chooses the reader by the first bytes: a mark of XML, or the
// first record of a text format. An XML message is recognised by its root.
func (in *reading) recognise(head []byte) (func(io.Reader, *record.Out) error, error) {
	start := bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	if t := bytes.TrimLeft(start, " \t\r\n"); len(t) > 0 && t[0] == '<' || looksUTF16(head) {
		return iso.ReadXML, nil
	}
	for _, p := range profiles {
		if p.firstBytes != "" && bytes.HasPrefix(start, []byte(p.firstBytes)) {
			return p.readText, in.settle(p.Name, p.Name+" "+p.Version)
		}
	}
	if mt.Looks(start) {
		return mt.Read, nil
	}
	place := record.Position{Line: 1, Path: "/"}
	if len(head) == 0 {
		return nil, place.Fault("BANKFILE_NO_BYTES")
	}
	return nil, place.Fault("BANKFILE_UNRECOGNISED", "found", record.Clip(printable(head)))
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
func (in *reading) settle(found, message string) error {
	in.Message = message
	if in.asked == Auto {
		in.Profile = found
		if p, err := Lookup(message); err == nil && p.reads == found {
			in.Profile = p.Name // the profile of just this version, if there is one
		}
		return nil
	}
	p, err := Lookup(in.asked)
	if err != nil {
		return err
	}
	if p.reads != found && p.Name != found {
		return record.Position{Line: 1, Path: "/"}.Fault("BANKFILE_WRONG_MESSAGE", "want", in.asked, "got", message)
	}
	return nil
}
