package layout

import (
	"io"
	"strconv"

	"fenlu/bankfiles/record"
)

// The result codes of cn.daifa.result that are not failures.
const (
	ResultPaid    = "0000" // 成功
	ResultUnknown = "9001" // 处理中、结果未知
)

// resultReader reads cn.daifa.result: R, L…, T. The totals of the header are
// those of the lines that follow, not of the batch: a payment that the bank
// does not mention stays without evidence.
type resultReader struct {
	body   *textBody
	out    *record.Out
	header record.Header
	ok     outcomeTotal
	failed outcomeTotal
}

type outcomeTotal struct {
	count int64
	sum   record.Total
}

func (t *outcomeTotal) add(a record.Amount) { t.count++; t.sum.Add(a) }

// ReadDaifaResult reads cn.daifa.result: R, L…, T.
func ReadDaifaResult(r io.Reader, out *record.Out) error {
	lines := newLineReader(r, out)
	f, err := lines.next()
	if err != nil {
		return err
	}
	if err := lines.expect(f, "R", 11); err != nil {
		return err
	}
	h := record.Header{
		Level: record.LevelFile, Position: lines.at, OriginalID: f[2], ResultNo: f[3], Count: f[4], Sum: f[5],
		OKCount: f[6], OKSum: f[7], FailedCount: f[8], FailedSum: f[9], Date: isoDate(f[10]), Currency: "CNY",
	}
	h.MessageID = h.OriginalID + "/" + h.ResultNo
	if err := lines.head(f[1], h, out); err != nil {
		return err
	}
	rr := &resultReader{body: &textBody{lines: lines, mark: "L", width: 7}, out: out, header: h}
	if err := rr.body.read(rr.result); err != nil {
		return err
	}
	if err := rr.check(); err != nil {
		return err
	}
	return out.Finish(lines.at)
}

func (rr *resultReader) result(f []string) error {
	at := rr.body.lines.at
	seq, err := strconv.Atoi(f[1])
	if err != nil || seq < 1 {
		return at.Fault("BANKFILE_NUMBER", "value", record.Clip(f[1]))
	}
	a, err := rr.body.add(f[4])
	if err != nil {
		return err
	}
	it := &record.Item{
		Kind: record.KindStatus, Level: record.LevelPayment, Position: at, BatchID: rr.header.OriginalID, Sequence: seq,
		EndToEndID: f[2], Account: f[3], Amount: f[4], Currency: "CNY",
		Status: f[5], ReasonText: f[6], BookingDate: rr.header.Date,
	}
	switch f[5] {
	case "":
		return at.Fault("BANKFILE_MISSING", "name", "code")
	case ResultPaid:
		it.Outcome = record.OutcomePaid
		rr.ok.add(a)
	case ResultUnknown:
		it.Outcome, it.Reason = record.OutcomeUnknown, f[5]
	default:
		it.Outcome, it.Reason = record.OutcomeFailed, f[5]
		rr.failed.add(a)
	}
	return rr.out.Item(it)
}

func (rr *resultReader) check() error {
	h, at := rr.header, rr.header.Position
	if err := rr.body.stated(at, h.Count, h.Sum, rr.body.count, &rr.body.sum); err != nil {
		return err
	}
	if err := rr.body.stated(at, h.OKCount, h.OKSum, rr.ok.count, &rr.ok.sum); err != nil {
		return err
	}
	return rr.body.stated(at, h.FailedCount, h.FailedSum, rr.failed.count, &rr.failed.sum)
}
