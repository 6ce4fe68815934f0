package bankfiles

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"iter"

	"fenlu/bankfiles/iso"
	"fenlu/bankfiles/layout"
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
	if profile == Auto {
		return readAs(r, Profile{Name: Auto})
	}
	p, err := Lookup(profile)
	if err != nil {
		return func(yield func(record.Record, error) bool) { yield(record.Record{}, err) }
	}
	p.Name = profile // as it was asked for
	return readAs(r, p)
}

// Read is [Read] with the profile at hand.
func (p Profile) Read(r io.Reader) iter.Seq2[record.Record, error] { return readAs(r, p) }

func readAs(r io.Reader, p Profile) iter.Seq2[record.Record, error] {
	return func(yield func(record.Record, error) bool) {
		in := &reading{Out: record.NewOut(withReasons(yield), p.Name), asked: p}
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
	Outcomes map[record.Outcome]Outcome
	Trailer  record.Trailer
}

// Outcome is how many statuses of a file say the same, and their amounts.
type Outcome struct {
	Count int64
	Sum   record.Total
}

// Check reads a whole file and says what it is, or what is wrong with it; the
// errors are those of [Read].
func Check(r io.Reader, profile string) (Summary, error) { return Summarise(Read(r, profile)) }

// Check is [Check] with the profile at hand.
func (p Profile) Check(r io.Reader) (Summary, error) { return Summarise(p.Read(r)) }

// Summarise is [Check] over records that are being read.
func Summarise(records iter.Seq2[record.Record, error]) (Summary, error) {
	const most = 1000
	var sum Summary
	for rec, err := range records {
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
		case record.TypeItem:
			sum.add(rec.Item)
		case record.TypeTrailer:
			sum.Trailer = *rec.Trailer
		}
	}
	return sum, nil
}

func (s *Summary) add(it *record.Item) {
	if it.Outcome == "" {
		return
	}
	if s.Outcomes == nil {
		s.Outcomes = map[record.Outcome]Outcome{}
	}
	o := s.Outcomes[it.Outcome]
	o.Count++
	if a, ok := record.ParseAmount(it.Amount); ok {
		o.Sum.Add(a)
	}
	s.Outcomes[it.Outcome] = o
}

// reading is one run of [Read]: what was asked for, and where records go.
type reading struct {
	*record.Out
	asked Profile
}

func (in *reading) run(r io.Reader) error {
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

// recognise chooses the reader: that of the profile that was asked for, else
// by the first bytes. An ISO message is recognised by its root.
func (in *reading) recognise(head []byte) (func(io.Reader, *record.Out) error, error) {
	start := bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	xml := looksUTF16(head)
	if t := bytes.TrimLeft(start, " \t\r\n"); len(t) > 0 && t[0] == '<' {
		xml = true
	}
	asked := in.asked.Layout
	if asked != nil && (asked.Recognise == nil || asked.Recognises(start)) {
		in.Message = asked.Name + " " + asked.Version
		return asked.Read, nil
	}
	for _, p := range profiles() {
		if p.Layout != nil && p.Layout.Recognises(start) {
			return p.Layout.Read, in.settle(p.Name, p.Name+" "+p.Version)
		}
	}
	if asked != nil && (!xml || asked.Form == layout.XML) {
		in.Message = asked.Name + " " + asked.Version
		return asked.Read, nil
	}
	if xml {
		return iso.ReadXML, nil
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
	if in.asked.Name == Auto {
		in.Profile = found
		if p, err := Lookup(message); err == nil && p.reads == found {
			in.Profile = p.Name // the profile of just this version, if there is one
		}
		return nil
	}
	if p := in.asked; p.Layout != nil && p.Name != found || p.Layout == nil && p.reads != found {
		return record.Position{Line: 1, Path: "/"}.Fault("BANKFILE_WRONG_MESSAGE", "want", p.Name, "got", message)
	}
	return nil
}
