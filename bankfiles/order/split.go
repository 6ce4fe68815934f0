package order

import (
	"cmp"
	"iter"
	"slices"

	"fenlu/bankfiles/record"
	"fenlu/internal/errs"
	"fenlu/money"
)

// Limits say how much one file may hold (拆分规则); 0 is no limit.
type Limits struct {
	Rows   int
	Bytes  int64
	Amount money.Fen
	ByBank bool // the payments to each payee's bank go into files of their own
}

// None says whether everything goes into one file.
func (l Limits) None() bool { return l == Limits{} }

// Part is the payments of one file: those between two places in the list,
// counted from 0, that go to a bank.
type Part struct {
	First, Last int
	ByBank      bool
	Bank        string // where ByBank, see [PayeeBank]

	rows   int
	bytes  int64
	amount money.Fen
}

// PayeeBank is the bank that a payment goes to: the first three digits of the
// bank code, which CNAPS gives to a bank or a class of banks (行别, 102 工商银行,
// 402 农村信用社); empty for the debtor's own bank.
func PayeeBank(p *Instruction) string { return p.BankCode[:min(3, len(p.BankCode))] }

// within leaves the payments to other banks out.
func (p Part) within(src Source) Source {
	if !p.ByBank {
		return src
	}
	return func() iter.Seq2[Instruction, error] {
		return func(yield func(Instruction, error) bool) {
			for in, err := range src() {
				if err == nil && PayeeBank(&in) != p.Bank {
					continue
				}
				if !yield(in, err) {
					return
				}
			}
		}
	}
}

// Measured is a payment with the bytes that it takes in a file.
type Measured struct {
	Instruction
	Bytes int64
}

// Split cuts a list of payments into files: in the order of the list, a new
// file where the next payment does not fit, and with ByBank the files of each
// bank together, the banks in the order of their codes. The same list gives
// the same files. profile is for messages, frame is what a file has in bytes without payments. A payment
// that fits into no file is listed (BANKFILE_ROWS_REFUSED); row is that of its
// instruction.
func Split(profile string, payments iter.Seq2[Measured, error], frame int64, l Limits) ([]Part, error) {
	s := splitter{limits: l, frame: frame, open: map[string]*Part{}}
	n := 0
	for p, err := range payments {
		if err != nil {
			return nil, err
		}
		s.add(n, &p)
		n++
	}
	if len(s.refused) > 0 {
		return nil, errs.WithFields("BANKFILE_ROWS_REFUSED", s.refused, "count", len(s.refused)+s.hidden, "profile", profile)
	}
	for _, p := range s.open {
		s.done = append(s.done, *p)
	}
	slices.SortFunc(s.done, func(a, b Part) int { return cmp.Or(cmp.Compare(a.Bank, b.Bank), a.First-b.First) })
	return s.done, nil
}

// splitter fills one file for each bank at a time, or one for all.
type splitter struct {
	limits  Limits
	frame   int64
	open    map[string]*Part
	done    []Part
	refused []errs.Field
	hidden  int
}

func (s *splitter) add(n int, m *Measured) {
	key := ""
	if s.limits.ByBank {
		key = PayeeBank(&m.Instruction)
	}
	part := s.open[key]
	if part != nil && !s.fits(*part, m) {
		s.done = append(s.done, *part)
		part = nil
	}
	if part == nil {
		part = &Part{First: n, ByBank: s.limits.ByBank, Bank: key, bytes: s.frame}
		s.open[key] = part
		if !s.fits(*part, m) {
			s.refuse(m)
		}
	}
	part.Last = n
	part.rows++
	part.bytes += m.Bytes
	part.amount += m.Amount
}

// fits says whether a payment may go into a part as well.
func (s *splitter) fits(p Part, m *Measured) bool {
	l := s.limits
	return (l.Rows == 0 || p.rows < l.Rows) && (l.Bytes == 0 || p.bytes+m.Bytes <= l.Bytes) && (l.Amount == 0 || p.amount+m.Amount <= l.Amount)
}

func (s *splitter) refuse(m *Measured) {
	if len(s.refused) >= MaxProblems {
		s.hidden++
		return
	}
	column := "amount"
	if s.limits.Amount == 0 || m.Amount <= s.limits.Amount {
		column = "bytes"
	}
	s.refused = append(s.refused, errs.Field{Row: m.Row, Column: column, Value: record.Clip(m.EndToEndID), Code: "BANKFILE_SPLIT"})
}
