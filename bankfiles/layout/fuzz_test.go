package layout

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"fenlu/bankfiles/record"
	"fenlu/internal/errs"
	"fenlu/internal/filetest"
)

// FuzzLoad: no YAML makes the loader panic; what it refuses it explains line by
// line, and what it accepts can be asked for its rules and read with.
func FuzzLoad(f *testing.F) {
	f.Add([]byte(good))
	paths, err := filepath.Glob("profiles/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Load(bytes.NewReader(data), "x.yaml")
		if err == nil {
			p.Rules()
			_, _ = read(p, []byte("a|b\n1,2\n"))
			_, _ = tryWrite(p, batch(), payments()) // may be refused, must not panic
			return
		}
		for _, problem := range problems(err) {
			if problem.Row < 1 || !filetest.HasSentence(problem.Code) {
				t.Fatalf("a problem without line or sentence: %+v", problem)
			}
		}
		if len(problems(err)) == 0 {
			t.Fatalf("refused without a reason: %v", err)
		}
	})
}

// fuzzRead: no input makes a reader panic or hang; an error is ours with a
// sentence and a place; a file that is accepted has a trailer that its items
// add up to.
func fuzzRead(f *testing.F, form Form) {
	var profiles []*Profile
	for _, p := range All() {
		if p.Form != form {
			continue
		}
		index := byte(len(profiles))
		profiles = append(profiles, p)
		if p.Writes() {
			f.Add(index, write(f, p, batch(), payments()))
			continue
		}
		f.Add(index, inGBK(f, fixture(f, p)))
		if form == Table {
			f.Add(index, inXLSX(f, fixture(f, p)))
		}
	}
	f.Fuzz(func(t *testing.T, which byte, data []byte) {
		p := profiles[int(which)%len(profiles)]
		recs, err := read(p, data)
		if err != nil {
			e, ok := errors.AsType[*errs.Error](err)
			if !ok || !filetest.HasSentence(e.Code) {
				t.Fatalf("an error without sentence: %v", err)
			}
			if at, ok := filetest.Arg(err, "offset").(int64); !ok || at < 0 || at > int64(len(data)) {
				t.Fatalf("an error without place: %v", err)
			}
			return
		}
		var sum record.Total
		items := itemsOf(recs)
		for _, it := range items {
			if a, ok := record.ParseAmount(it.Amount); ok {
				sum.Add(a)
			}
			if it.Offset < 0 || it.Offset >= int64(len(data)) || it.Line < 1 {
				t.Fatalf("item at %+v of %d bytes", it.Position, len(data))
			}
			if it.Outcome == record.OutcomePaid && p.Results.Codes[it.Status].Outcome != "paid" {
				t.Fatalf("%q became a success", it.Status)
			}
		}
		last := recs[len(recs)-1]
		if last.Type != record.TypeTrailer || last.Trailer.Count != int64(len(items)) || last.Trailer.Sum != sum.String() {
			t.Fatalf("trailer %+v after %d items of %s", last.Trailer, len(items), sum.String())
		}
	})
}

func FuzzDelimited(f *testing.F) { fuzzRead(f, Delimited) }

func FuzzFixed(f *testing.F) { fuzzRead(f, Fixed) }

func FuzzXML(f *testing.F) { fuzzRead(f, XML) }

func FuzzTable(f *testing.F) { fuzzRead(f, Table) }
