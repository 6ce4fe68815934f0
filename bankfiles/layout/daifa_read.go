package layout

import (
	"errors"
	"io"
	"strconv"
	"time"

	"fenlu/bankfiles/record"
)

func itoa(n int) string { return strconv.Itoa(n) }

// textBody reads the lines between header and trailer of a text file, with
// the totals that all of them share.
type textBody struct {
	lines *lineReader
	mark  string // of the lines
	width int    // fields of a line, its mark included
	count int64
	sum   record.Total
}

// read calls fn for each line until the trailer, and then checks the
// trailer: T|count|sum.
func (b *textBody) read(fn func(fields []string) error) error {
	for {
		fields, err := b.lines.next()
		if errors.Is(err, io.EOF) {
			return b.lines.at.Fault("BANKFILE_TRAILER_MISSING")
		}
		if err != nil {
			return err
		}
		if fields[0] == "T" {
			return b.trailer(fields)
		}
		if err := b.lines.expect(fields, b.mark, b.width); err != nil {
			return err
		}
		b.count++
		if err := fn(fields); err != nil {
			return err
		}
	}
}

func (b *textBody) trailer(fields []string) error {
	if err := b.lines.expect(fields, "T", 3); err != nil {
		return err
	}
	at := b.lines.at
	if err := b.stated(at, fields[1], fields[2], b.count, &b.sum); err != nil {
		return err
	}
	if err := b.lines.only(); err != nil {
		return err
	}
	b.lines.at = at
	return nil
}

// stated is agree for a text file, where both numbers are required.
func (b *textBody) stated(at record.Position, count, sum string, found int64, added *record.Total) error {
	if count == "" || sum == "" {
		return at.Fault("BANKFILE_MISSING", "name", "count, sum")
	}
	return record.Agree(at, record.LevelFile, count, sum, found, added)
}

func (b *textBody) add(digits string) (record.Amount, error) {
	a, ok := record.ParseAmount(digits)
	if !ok || a.Negative() {
		return a, b.lines.at.Fault("BANKFILE_AMOUNT", "amount", record.Clip(digits))
	}
	b.sum.Add(a)
	return a, nil
}

// ReadDaifaBatch reads cn.daifa.gbk: H, D…, T.
func ReadDaifaBatch(r io.Reader, out *record.Out) error {
	lines := newLineReader(r, out)
	f, err := lines.next()
	if err != nil {
		return err
	}
	if err := lines.expect(f, "H", 8); err != nil {
		return err
	}
	h := record.Header{
		Level: record.LevelFile, Position: lines.at, MessageID: f[2], Account: f[3], AccountName: f[4],
		Count: f[5], Sum: f[6], Date: isoDate(f[7]), Currency: "CNY",
	}
	if err := lines.head(f[1], h, out); err != nil {
		return err
	}
	b := &textBody{lines: lines, mark: "D", width: 9}
	if err := b.read(func(f []string) error { return b.instruction(f, h.MessageID, out) }); err != nil {
		return err
	}
	if err := b.stated(h.Position, h.Count, h.Sum, b.count, &b.sum); err != nil {
		return err
	}
	return out.Finish(lines.at)
}

// head hands out a header, after a warning of a version we do not know.
func (lr *lineReader) head(version string, h record.Header, out *record.Out) error {
	if version != "1.0" {
		if err := out.Warn(h.Position, "BANKFILE_WARN_VERSION", "version", record.Clip(version)); err != nil {
			return err
		}
	}
	return out.Header(h)
}

func (b *textBody) instruction(f []string, batch string, out *record.Out) error {
	at := b.lines.at
	seq, err := strconv.Atoi(f[1])
	if err != nil || int64(seq) != b.count {
		return at.Fault("BANKFILE_SEQUENCE", "want", b.count, "got", record.Clip(f[1]))
	}
	if _, err := b.add(f[7]); err != nil {
		return err
	}
	return out.Item(&record.Item{
		Kind: record.KindInstruction, Position: at, BatchID: batch, Sequence: seq, EndToEndID: f[2],
		Account: f[3], Name: f[4], BankCode: f[5], IDNumber: f[6], Amount: f[7], Currency: "CNY", Remark: f[8],
	})
}

// isoDate turns 20261009 into 2026-10-09; anything else stays as it is.
func isoDate(s string) string {
	if d, err := time.Parse("20060102", s); err == nil {
		return d.Format(time.DateOnly)
	}
	return s
}
