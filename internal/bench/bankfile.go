package bench

import (
	"bufio"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"fenlu/bankfiles"
	"fenlu/bankfiles/order"
	"fenlu/internal/errs"
)

// BankfileResult says what bank files cost, in seconds of processor time: each
// way is measured in turn with the others, rounds times, and its median counts.
type BankfileResult struct {
	Work            string  `json:"work"`
	Payments        int     `json:"payments"`
	Bytes           int64   `json:"bytes"` // of the file written
	Seconds         float64 `json:"seconds"`
	FloorSeconds    float64 `json:"floor_seconds"`  // the same bytes, written raw
	DigestSeconds   float64 `json:"digest_seconds"` // the digests of the sidecar, a part of seconds
	SourceSeconds   float64 `json:"source_seconds"` // making the payments up, twice, a part of seconds
	Ratio           float64 `json:"ratio"`          // of all but these two, which are no part of the floor
	RatioOfAll      float64 `json:"ratio_with_digests"`
	PerSecond       float64 `json:"payments_per_second"`
	BytesPerPayment float64 `json:"bytes_per_payment"`

	Entries         int     `json:"entries"`
	StatementBytes  int64   `json:"statement_bytes"`
	ReadSeconds     float64 `json:"read_seconds"`
	ReadFloor       float64 `json:"read_floor_seconds"` // the same bytes, read raw
	ReadRatio       float64 `json:"read_ratio"`
	XMLSeconds      float64 `json:"encoding_xml_seconds"` // DecodeElement for each entry
	TimesAsFast     float64 `json:"times_as_fast_as_encoding_xml"`
	TimesAsFastWall float64 `json:"times_as_fast_by_the_clock"`
	HeapBytes       int64   `json:"peak_heap_bytes"` // while writing and reading
	ResidentBytes   int64   `json:"peak_resident_bytes"`

	Phases []Phase `json:"phases"`
}

// rounds is how often each way is measured.
const rounds = 3

// way is one thing that is measured.
type way struct {
	name string
	run  func() error
	cpu  []time.Duration
	wall []time.Duration
}

func (w *way) measure(told func(string)) error {
	told(w.name)
	cpu, wall := processorTime(), time.Now()
	if err := w.run(); err != nil {
		return fmt.Errorf("%s: %w", w.name, err)
	}
	w.cpu, w.wall = append(w.cpu, processorTime()-cpu), append(w.wall, time.Since(wall))
	return nil
}

func median(all []time.Duration) float64 {
	slices.Sort(all)
	return all[len(all)/2].Seconds()
}

// Bankfile writes a pain.001.001.09 of n payments beside the same number of
// bytes raw, and reads a camt.053.001.08 of n entries beside the bytes raw and
// beside encoding/xml. It works in dir, which it leaves as it was.
func Bankfile(ctx context.Context, dir string, n int, told func(phase string)) (_ BankfileResult, err error) {
	if n < 1 {
		return BankfileResult{}, errs.New(errs.Invalid, "BENCH_PAYMENTS", "least", 1)
	}
	work, err := os.MkdirTemp(dir, "bench-*")
	if err != nil {
		return BankfileResult{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	b := &bankfileBench{n: n, payments: filepath.Join(work, "payments.xml"), raw: filepath.Join(work, "raw.xml"), statement: filepath.Join(work, "statement.xml")}
	if b.statementBytes, err = writeStatement(b.statement, n); err != nil {
		return BankfileResult{}, err
	}
	ways := []*way{
		{name: "write", run: b.write}, {name: "write_raw", run: b.writeRaw}, {name: "digest", run: b.digest}, {name: "source", run: b.source},
		{name: "read", run: b.read}, {name: "read_raw", run: b.readRaw}, {name: "read_encoding_xml", run: b.readXML},
	}
	heap, resident, err := b.rounds(ctx, ways, told)
	return b.result(ways, heap, resident), err
}

type bankfileBench struct {
	n                        int
	payments, raw, statement string
	bytes, statementBytes    int64
}

// rounds measures all in turn. Memory is watched in the first round only and
// not while encoding/xml works, whose garbage would be counted as ours.
func (b *bankfileBench) rounds(ctx context.Context, ways []*way, told func(string)) (heap, resident int64, err error) {
	for round := range rounds {
		for _, w := range ways {
			if err := ctx.Err(); err != nil {
				return 0, 0, err
			}
			stop := func() (int64, int64) { return 0, 0 }
			if round == 0 && (w.name == "write" || w.name == "read") {
				stop = watchMemory()
			}
			err := w.measure(told)
			h, r := stop()
			heap, resident = max(heap, h), max(resident, r)
			if err != nil {
				return 0, 0, err
			}
		}
	}
	return heap, resident, nil
}

func (b *bankfileBench) result(ways []*way, heap, resident int64) BankfileResult {
	r := BankfileResult{
		Work: "bankfile", Payments: b.n, Entries: b.n, Bytes: b.bytes, StatementBytes: b.statementBytes, HeapBytes: heap, ResidentBytes: resident,
	}
	cpu, wall := map[string]float64{}, map[string]float64{}
	for _, w := range ways {
		if len(w.cpu) == 0 {
			return r
		}
		cpu[w.name], wall[w.name] = median(w.cpu), median(w.wall)
		r.Phases = append(r.Phases, Phase{w.name, wall[w.name]})
	}
	tick := 1e-6 // a file so small that its floor is not seen
	r.Seconds, r.FloorSeconds = cpu["write"], cpu["write_raw"]
	r.DigestSeconds = cpu["digest"]
	r.SourceSeconds = cpu["source"]
	r.Ratio = (r.Seconds - r.DigestSeconds - r.SourceSeconds) / max(r.FloorSeconds, tick)
	r.RatioOfAll = r.Seconds / max(r.FloorSeconds, tick)
	r.PerSecond = float64(b.n) / max(wall["write"], tick)
	r.BytesPerPayment = float64(b.bytes) / float64(b.n)
	r.ReadSeconds, r.ReadFloor, r.XMLSeconds = cpu["read"], cpu["read_raw"], cpu["read_encoding_xml"]
	r.ReadRatio = r.ReadSeconds / max(r.ReadFloor, tick)
	r.TimesAsFast = r.XMLSeconds / max(r.ReadSeconds, tick)
	r.TimesAsFastWall = wall["read_encoding_xml"] / max(wall["read"], tick)
	return r
}

// write is all that writing takes: checks, the bytes, their digest.
func (b *bankfileBench) write() error {
	return intoFile(b.payments, func(w io.Writer) error {
		s, err := bankfiles.Write(w, bankfiles.Pain001, sampleBatch, samplePayments(b.n))
		b.bytes = s.Bytes
		return err
	})
}

// block is the first MiB of the file written: what is written raw is that again
// and again, so that reading it costs nothing.
func (b *bankfileBench) block() ([]byte, error) {
	f, err := os.Open(b.payments)
	if err != nil {
		return nil, err
	}
	block, err := io.ReadAll(io.LimitReader(f, 1<<20))
	return block, errors.Join(err, f.Close())
}

// again writes as many bytes as the file has, in pieces as large as those of
// the writer.
func (b *bankfileBench) again(write func([]byte) error) error {
	block, err := b.block()
	if err != nil {
		return err
	}
	for left := b.bytes; left > 0; left -= int64(len(block)) {
		for piece := range slices.Chunk(block[:min(left, int64(len(block)))], 64<<10) {
			if err := write(piece); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *bankfileBench) writeRaw() error {
	return intoFile(b.raw, func(w io.Writer) error {
		return b.again(func(piece []byte) error {
			_, err := w.Write(piece)
			return err
		})
	})
}

// digest takes the digests that the sidecar names, of the same bytes.
func (b *bankfileBench) digest() error {
	out := order.NewOutput(io.Discard)
	if err := b.again(out.Write); err != nil {
		return err
	}
	return out.Buffered.Flush()
}

// source makes the payments up as often as writing asks for them: to check
// them, and to write them.
func (b *bankfileBench) source() error {
	for range 2 {
		for _, err := range samplePayments(b.n)() {
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// intoFile writes a file anew.
func intoFile(path string, write func(io.Writer) error) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

func (b *bankfileBench) fromStatement(read func(io.Reader) (int, error)) error {
	f, err := os.Open(b.statement)
	if err != nil {
		return err
	}
	n, err := read(f)
	if err == nil && n != b.n {
		err = errs.New(errs.Internal, "BENCH_ENTRIES", "found", n, "want", b.n)
	}
	return errors.Join(err, f.Close())
}

func (b *bankfileBench) read() error {
	return b.fromStatement(func(r io.Reader) (int, error) {
		n := 0
		for rec, err := range bankfiles.Read(r, bankfiles.Camt053) {
			if err != nil {
				return n, err
			}
			if rec.Item != nil {
				n++
			}
		}
		return n, nil
	})
}

func (b *bankfileBench) readRaw() error {
	return b.fromStatement(func(r io.Reader) (int, error) {
		_, err := io.CopyBuffer(io.Discard, struct{ io.Reader }{r}, make([]byte, 64<<10))
		return b.n, err
	})
}

// readXML does what one would do without a reader of one's own: the tokens,
// and DecodeElement for each entry, with the same fields.
func (b *bankfileBench) readXML() error {
	return b.fromStatement(func(r io.Reader) (int, error) {
		d := xml.NewDecoder(bufio.NewReaderSize(r, 64<<10))
		for n := 0; ; {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				return n, nil
			}
			if err != nil {
				return n, err
			}
			if start, ok := token.(xml.StartElement); ok && start.Name.Local == "Ntry" {
				var e xmlEntry
				if err := d.DecodeElement(&e, &start); err != nil {
					return n, err
				}
				n += len(e.Details)
			}
		}
	})
}

// xmlEntry has the fields of an entry that our reader fills.
type xmlEntry struct {
	Amount    xmlAmount `xml:"Amt"`
	Direction string    `xml:"CdtDbtInd"`
	Status    string    `xml:"Sts>Cd"`
	Booked    string    `xml:"BookgDt>Dt"`
	Value     string    `xml:"ValDt>Dt"`
	Reference string    `xml:"AcctSvcrRef"`
	Family    string    `xml:"BkTxCd>Domn>Fmly>SubFmlyCd"`
	Details   []struct {
		EndToEndID string    `xml:"Refs>EndToEndId"`
		Amount     xmlAmount `xml:"Amt"`
		Direction  string    `xml:"CdtDbtInd"`
		Name       string    `xml:"RltdPties>Cdtr>Pty>Nm"`
		Account    string    `xml:"RltdPties>CdtrAcct>Id>Othr>Id"`
		Remark     string    `xml:"RmtInf>Ustrd"`
	} `xml:"NtryDtls>TxDtls"`
}

type xmlAmount struct {
	Digits   string `xml:",chardata"`
	Currency string `xml:"Ccy,attr"`
}

var sampleBatch = order.Batch{
	MessageID: "QH202610-DB-1", DebtorName: "青禾县财政局", DebtorAccount: "9913010000000018", DebtorAgent: "313991300012",
	ExecutionDate: "2026-10-09", Created: time.Date(2026, 10, 9, 9, 0, 0, 0, time.FixedZone("CST", 8*3600)),
}
