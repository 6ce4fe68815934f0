package layout

import (
	"strconv"
	"strings"
	"time"

	"fenlu/bankfiles/order"
	"fenlu/bankfiles/record"
	"fenlu/money"
)

// nature is how a cell is read and written.
type nature int

const (
	words nature = iota
	number
	amount
	date
)

// meaning is what a cell may hold: the word of the YAML key `value`.
type meaning struct {
	nature nature
	item   func(*record.Item) *string   // where it goes in a row; nil: not in rows, or computed
	head   func(*record.Header) *string // where it goes in header or trailer
	inRow  bool
	inHead bool
	write  func(dst []byte, f *Field, w *writing) []byte // nil: no instruction has it
	rule   order.Rule                                    // of what is written
	pay    func(*order.Instruction) string               // what the rule is about
	batch  func(*order.Batch) string
}

// writing is what a file is written from.
type writing struct {
	profile *Profile
	batch   *order.Batch
	totals  order.Totals
	payment *order.Instruction
	row     int64
}

// meanings are the words that `value` knows (docs/formats/profiles.md).
var meanings = map[string]*meaning{
	"none": {inRow: true, inHead: true, write: func(dst []byte, _ *Field, _ *writing) []byte { return dst }},

	"end_to_end_id": item(words, func(i *record.Item) *string { return &i.EndToEndID }).
		pays(order.Rule{Class: order.ClassID, Required: true, Max: 35}, func(p *order.Instruction) string { return p.EndToEndID }),
	"account": both(item(words, func(i *record.Item) *string { return &i.Account }).
		pays(order.Rule{Class: order.ClassAccount, Required: true, Max: 34}, func(p *order.Instruction) string { return p.Account }),
		func(h *record.Header) *string { return &h.Account }),
	"name": item(words, func(i *record.Item) *string { return &i.Name }).
		pays(order.Rule{Required: true, Max: 280}, func(p *order.Instruction) string { return p.Name }),
	"bank_code": item(words, func(i *record.Item) *string { return &i.BankCode }).
		pays(order.Rule{Class: order.ClassBank, Max: 12}, func(p *order.Instruction) string { return p.BankCode }),
	"id_number": item(words, func(i *record.Item) *string { return &i.IDNumber }).
		pays(order.Rule{Class: order.ClassAccount, Max: 35}, func(p *order.Instruction) string { return p.IDNumber }),
	"remark": item(words, func(i *record.Item) *string { return &i.Remark }).
		pays(order.Rule{Max: 280}, func(p *order.Instruction) string { return p.Remark }),
	"amount": {nature: amount, inRow: true, item: func(i *record.Item) *string { return &i.Amount }, write: func(dst []byte, f *Field, w *writing) []byte {
		return f.fen(dst, w.payment.Amount)
	}},
	"row": {nature: number, inRow: true, write: func(dst []byte, _ *Field, w *writing) []byte { return strconv.AppendInt(dst, w.row, 10) }},
	"currency": both(item(words, func(i *record.Item) *string { return &i.Currency }), func(h *record.Header) *string { return &h.Currency }).
		writes(func(w *writing) string { return w.profile.Currency }),

	"batch_row":      {nature: number, inRow: true},
	"voucher":        item(words, func(i *record.Item) *string { return &i.InstructionID }), // 支付凭证号
	"transaction_id": item(words, func(i *record.Item) *string { return &i.TransactionID }),
	"bank_ref":       item(words, func(i *record.Item) *string { return &i.BankRef }),
	"batch_id":       item(words, func(i *record.Item) *string { return &i.BatchID }),
	"summary":        item(words, func(i *record.Item) *string { return &i.AdditionalInfo }),
	"status":         both(item(words, func(i *record.Item) *string { return &i.Status }), func(h *record.Header) *string { return &h.Status }),
	"reason":         both(item(words, func(i *record.Item) *string { return &i.Reason }), func(h *record.Header) *string { return &h.Reason }),
	"reason_text":    both(item(words, func(i *record.Item) *string { return &i.ReasonText }), func(h *record.Header) *string { return &h.ReasonText }),
	"value_date":     item(date, func(i *record.Item) *string { return &i.ValueDate }),
	"booking_date":   item(date, func(i *record.Item) *string { return &i.BookingDate }),
	"direction":      {nature: words, inRow: true},
	"debit":          {nature: amount, inRow: true},
	"credit":         {nature: amount, inRow: true},
	"balance":        {nature: amount, inRow: true},
	"paid_amount":    {nature: amount, inRow: true}, // 实处理金额

	"message_id": head(words, func(h *record.Header) *string { return &h.MessageID }).
		heads(order.Rule{Class: order.ClassID, Required: true, Max: 35}, func(b *order.Batch) string { return b.MessageID }),
	"debtor_account": head(words, func(h *record.Header) *string { return &h.Account }).
		heads(order.Rule{Class: order.ClassAccount, Required: true, Max: 34}, func(b *order.Batch) string { return b.DebtorAccount }),
	"debtor_name": head(words, func(h *record.Header) *string { return &h.AccountName }).
		heads(order.Rule{Required: true, Max: 280}, func(b *order.Batch) string { return b.DebtorName }),
	"debtor_agent": head(words, func(h *record.Header) *string { return &h.Agent }).
		heads(order.Rule{Class: order.ClassBank, Required: true, Max: 12}, func(b *order.Batch) string { return b.DebtorAgent }),
	"date":    head(date, func(h *record.Header) *string { return &h.Date }).writesDate(executionDate),
	"created": head(date, func(h *record.Header) *string { return &h.Created }).writesDate(func(b *order.Batch) time.Time { return b.Created }),
	"version": head(words, nil).writes(func(w *writing) string { return w.profile.Version }),
	"count": head(number, func(h *record.Header) *string { return &h.Count }).
		writes(func(w *writing) string { return strconv.FormatInt(w.totals.Count, 10) }),
	"sum": {nature: amount, inHead: true, head: func(h *record.Header) *string { return &h.Sum },
		write: func(dst []byte, f *Field, w *writing) []byte { return f.fen(dst, w.totals.Sum) }},
	"part":       head(number, func(h *record.Header) *string { return &h.Page }).writes(func(w *writing) string { return strconv.Itoa(max(w.batch.Part, 1)) }),
	"parts":      head(number, nil).writes(func(w *writing) string { return strconv.Itoa(max(w.batch.Parts, 1)) }),
	"first_part": head(words, nil).writes(func(w *writing) string { return yes(w.batch.Part <= 1) }),
	"last_part":  head(words, nil).writes(func(w *writing) string { return yes(w.batch.Part == w.batch.Parts) }),
	"whole_count": head(number, nil).writes(func(w *writing) string {
		return strconv.FormatInt(w.whole().Count, 10)
	}),
	"whole_sum": {nature: amount, inHead: true, write: func(dst []byte, f *Field, w *writing) []byte { return f.fen(dst, w.whole().Sum) }},

	"original_id":   head(words, func(h *record.Header) *string { return &h.OriginalID }),
	"result_no":     head(words, func(h *record.Header) *string { return &h.ResultNo }),
	"statement_no":  head(words, func(h *record.Header) *string { return &h.StatementNo }),
	"account_name":  head(words, func(h *record.Header) *string { return &h.AccountName }),
	"agent":         head(words, func(h *record.Header) *string { return &h.Agent }),
	"opening":       head(amount, func(h *record.Header) *string { return &h.Opening }),
	"closing":       head(amount, func(h *record.Header) *string { return &h.Closing }),
	"clearing":      head(amount, nil), // 清算额: what the treasury made good at the end of the day
	"ok_count":      head(number, func(h *record.Header) *string { return &h.OKCount }),
	"ok_sum":        head(amount, func(h *record.Header) *string { return &h.OKSum }),
	"failed_count":  head(number, func(h *record.Header) *string { return &h.FailedCount }),
	"failed_sum":    head(amount, func(h *record.Header) *string { return &h.FailedSum }),
	"unknown_count": head(number, nil),
	"unknown_sum":   head(amount, nil),
	"debit_count":   head(number, nil),
	"debit_sum":     head(amount, nil),
	"credit_count":  head(number, nil),
	"credit_sum":    head(amount, nil),
}

func item(n nature, to func(*record.Item) *string) *meaning {
	return &meaning{nature: n, inRow: true, item: to}
}

func head(n nature, to func(*record.Header) *string) *meaning {
	return &meaning{nature: n, inHead: true, head: to}
}

func both(m *meaning, to func(*record.Header) *string) *meaning {
	m.inHead, m.head = true, to
	return m
}

// writes says what a head or constant cell holds when we write it.
func (m *meaning) writes(value func(*writing) string) *meaning {
	m.write = func(dst []byte, _ *Field, w *writing) []byte { return append(dst, value(w)...) }
	return m
}

// pays is the same for a cell of an instruction, which has a rule to keep.
func (m *meaning) pays(r order.Rule, value func(*order.Instruction) string) *meaning {
	m.rule, m.pay = r, value
	return m.writes(func(w *writing) string { return value(w.payment) })
}

func (m *meaning) heads(r order.Rule, value func(*order.Batch) string) *meaning {
	m.rule, m.batch = r, value
	return m.writes(func(w *writing) string { return value(w.batch) })
}

func (m *meaning) writesDate(value func(*order.Batch) time.Time) *meaning {
	m.write = func(dst []byte, f *Field, w *writing) []byte { return value(w.batch).AppendFormat(dst, f.date) }
	return m
}

func executionDate(b *order.Batch) time.Time {
	t, _ := time.Parse(time.DateOnly, b.ExecutionDate) // checked by order.Validate
	return t
}

func (w *writing) whole() order.Totals {
	if w.batch.Parts > 1 {
		return w.batch.Whole
	}
	return w.totals
}

func yes(b bool) string {
	if b {
		return "Y"
	}
	return "N"
}

// fen writes an amount in the unit of the field.
func (f *Field) fen(dst []byte, a money.Fen) []byte {
	if f.Unit == "fen" {
		return strconv.AppendInt(dst, int64(a), 10)
	}
	return order.Yuan(dst, a)
}

// dateLayout turns yyyy-mm-dd hh:mi:ss into the form of package time; false if
// it has no day or a letter that means nothing.
func dateLayout(s string) (string, bool) {
	got := strings.NewReplacer("yyyy", "2006", "mm", "01", "dd", "02", "hh", "15", "mi", "04", "ss", "05").Replace(s)
	rest := strings.ContainsFunc(got, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' })
	return got, !rest && strings.Contains(got, "2006") && strings.Contains(got, "01") && strings.Contains(got, "02")
}
