package bankfiles

import (
	"fenlu/internal/filetest"

	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fenlu/bankfiles/order"
	"fenlu/bankfiles/record"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
)

// seed adds the fixtures and golden files with one of the endings. It reads them
// first: a schema is loaded once in a process, which the fuzzer would take for
// news in whichever input came first.
func seed(f *testing.F, parts ...string) {
	for _, pattern := range []string{"testdata/read/*", "testdata/golden/write_*"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, p := range paths {
			for _, part := range parts {
				if strings.Contains(p, part) {
					data, err := os.ReadFile(p)
					if err != nil {
						f.Fatal(err)
					}
					_, _ = Check(bytes.NewReader(data), Auto)
					f.Add(data)
				}
			}
		}
	}
}

// fuzzRead: no input makes a reader panic or hang; an error is ours with a
// sentence and a place; a file that is accepted has a trailer that its items
// add up to.
func fuzzRead(f *testing.F, profile string) {
	f.Fuzz(func(t *testing.T, data []byte) {
		var count int64
		var sum record.Total
		var last record.RecordType
		for rec, err := range Read(bytes.NewReader(data), profile) {
			if err != nil {
				e, ok := errors.AsType[*errs.Error](err)
				if !ok || !i18n.Has(e.Code) || filetest.Arg(err, "offset") == nil {
					t.Fatalf("an error without sentence or place: %v", err)
				}
				if at, ok := filetest.Arg(err, "offset").(int64); !ok || at < 0 || at > int64(len(data)) {
					t.Fatalf("offset %d in %d bytes", at, len(data))
				}
				return
			}
			last = rec.Type
			if rec.Type == record.TypeItem {
				count++
				if a, ok := record.ParseAmount(rec.Item.Amount); ok {
					sum.Add(a)
				}
				if rec.Item.Offset < 0 || rec.Item.Offset >= int64(len(data)) {
					t.Fatalf("item at %d of %d bytes", rec.Item.Offset, len(data))
				}
			}
			if rec.Type == record.TypeTrailer && (rec.Trailer.Count != count || rec.Trailer.Sum != sum.String()) {
				t.Fatalf("trailer %+v after %d items of %s", rec.Trailer, count, sum.String())
			}
		}
		if last != record.TypeTrailer {
			t.Fatalf("ended without trailer or error after %q", last)
		}
	})
}

func FuzzReadAuto(f *testing.F) { seed(f, "."); fuzzRead(f, Auto) }

func FuzzReadPain001(f *testing.F) { seed(f, "write_pain"); fuzzRead(f, Pain001) }

func FuzzReadPain002(f *testing.F) { seed(f, "pain002"); fuzzRead(f, Pain002) }

func FuzzReadCamt053(f *testing.F) { seed(f, "camt053"); fuzzRead(f, Camt053) }

func FuzzReadCamt052(f *testing.F) { seed(f, "camt052"); fuzzRead(f, Camt052) }

func FuzzReadCamt054(f *testing.F) { seed(f, "camt054"); fuzzRead(f, Camt054) }

func FuzzReadPacs004(f *testing.F) { seed(f, "pacs004"); fuzzRead(f, Pacs004) }

func FuzzReadCamt029(f *testing.F) { seed(f, "camt029"); fuzzRead(f, Camt029) }

func FuzzReadCamt056(f *testing.F) { seed(f, "camt056"); fuzzRead(f, Camt056) }

func FuzzReadDaifaBatch(f *testing.F) { seed(f, "batch.txt", "write_cn"); fuzzRead(f, DaifaBatch) }

func FuzzReadDaifaResult(f *testing.F) { seed(f, "result.txt"); fuzzRead(f, DaifaResult) }

func FuzzReadMT940(f *testing.F) { seed(f, "mt940"); fuzzRead(f, MT940) }

func FuzzReadMT942(f *testing.F) { seed(f, "mt942"); fuzzRead(f, MT942) }

// FuzzCSV: what is accepted from a payments file is written and reads back as
// what it was, field by field, in one file and in several.
func FuzzCSV(f *testing.F) {
	f.Add([]byte(csvHeader + "QH-1,张三,6229000000007302,102991301234,,400.00,低保\n"))
	f.Add([]byte("\xef\xbb\xbf" + csvHeader + "QH-1,\"张,三\",1,,,\"1,234.5\",\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := order.OpenCSV(bytes.NewReader(data), "payments.csv")
		if err != nil {
			return
		}
		for _, profile := range writing {
			var buf bytes.Buffer
			s, err := Write(&buf, profile, batch(), c.Source())
			if err != nil {
				continue
			}
			if _, err := ReadBack(bytes.NewReader(buf.Bytes()), s, batch(), c.Source()); err != nil {
				t.Fatalf("%v: sidecar %+v\n%s", err, s, buf.Bytes())
			}
			fuzzParts(t, c, profile, s)
		}
	})
}

// fuzzParts: the files of a split hold all payments, none of them too many.
func fuzzParts(t *testing.T, c *order.CSV, profile string, whole Sidecar) {
	l := order.Limits{Rows: 2, ByBank: true}
	parts, err := Split(profile, batch(), order.Totals{Count: whole.Count, Sum: whole.Sum}, c.Source(), l)
	if err != nil {
		t.Fatal(err)
	}
	sources, err := c.Parts(parts)
	if err != nil {
		t.Fatal(err)
	}
	var count int64
	for _, src := range sources {
		s, err := Write(io.Discard, profile, batch(), src)
		if err != nil || s.Count > 2 {
			t.Fatalf("%+v %v", s, err)
		}
		count += s.Count
	}
	if count != whole.Count {
		t.Fatalf("%d payments in parts, %d in all", count, whole.Count)
	}
}
