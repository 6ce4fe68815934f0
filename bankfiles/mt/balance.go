package mt

import (
	"regexp"
	"strings"

	"fenlu/bankfiles/record"
)

// balance is what :60a: and :62a: say (余额): C120403EUR1234,56.
type balance struct {
	value    record.Amount // below zero for D
	currency string
	interim  bool // of a page: 60M, 62M
}

// String is the signed amount with two decimals or more.
func (b *balance) String() string { return record.DecimalString(b.value.Decimal()) }

var balanceForm = regexp.MustCompile(`^([CD])(\d{6})([A-Z]{3})([\d,.]+)$`)

func (st *statement) balance(f *field) (*balance, error) {
	m := balanceForm.FindStringSubmatch(f.value())
	if m == nil {
		return nil, f.wrong()
	}
	if len(f.lines) > 1 {
		if err := st.r.out.Warn(f.at, "BANKFILE_WARN_MT_EXTRA", "name", ":"+f.tag+":"); err != nil {
			return nil, err
		}
	}
	_, value, err := st.amount(f, m[4])
	if err != nil {
		return nil, err
	}
	if m[1] == "D" {
		value = value.Negated()
	}
	date, err := st.date(f, m[2])
	if strings.HasPrefix(f.tag, "62") || st.header.Date == "" {
		st.header.Date = date
	}
	return &balance{value: value, currency: m[3], interim: strings.HasSuffix(f.tag, "M")}, err
}

// extra is the available or a forward balance (:64:, :65:): no booked money,
// so a broken one is no reason to refuse what is booked.
func (st *statement) extra(f *field) error {
	if balanceForm.MatchString(f.value()) && len(f.lines) == 1 {
		return nil
	}
	return st.r.out.Warn(f.at, "BANKFILE_WARN_MT_EXTRA", "name", ":"+f.tag+":")
}

// amount reads digits with a decimal comma. A point in its place is a warning;
// both, or two of one, are no amount.
func (st *statement) amount(f *field, s string) (string, record.Amount, error) {
	digits := strings.Replace(s, ",", ".", 1)
	if strings.Contains(s, ".") {
		if err := st.r.once("BANKFILE_WARN_MT_POINT"); err != nil {
			return "", record.Amount{}, err
		}
	}
	digits = strings.TrimSuffix(digits, ".")
	for len(digits) > 1 && digits[0] == '0' && digits[1] != '.' {
		digits = digits[1:]
	}
	a, ok := record.ParseAmount(digits)
	if !ok {
		return "", record.Amount{}, f.at.Fault("BANKFILE_AMOUNT", "amount", record.Clip(s))
	}
	return digits, a, nil
}

func (st *statement) checkBalances() error {
	out, at, open, closing := st.r.out, st.header.Position, st.opening, st.closing
	if open.currency != closing.currency {
		return out.Warn(at, "BANKFILE_WARN_CURRENCIES")
	}
	computed := st.booked
	computed.Add(open.value)
	if !computed.Equals(closing.value) {
		return at.Fault("BANKFILE_BALANCE_MISMATCH", "opening", open.String(), "movements", st.booked.String(),
			"closing", closing.String(), "computed", computed.String())
	}
	return nil
}

// totals is :90D: or :90C: of an MT942: number, currency, sum.
type totals struct {
	count string
	sum   record.Amount
	at    record.Position
}

var totalsForm = regexp.MustCompile(`^(\d{1,10})([A-Z]{3})([\d,.]+)$`)

func (st *statement) total(f *field) error {
	m := totalsForm.FindStringSubmatch(f.value())
	if m == nil {
		return f.wrong()
	}
	_, sum, err := st.amount(f, m[3])
	if err != nil {
		return err
	}
	i := strings.Index("DC", f.tag[2:])
	if st.totals[i] != nil {
		return f.wrong()
	}
	st.totals[i] = &totals{m[1], sum, f.at}
	return nil
}

func (st *statement) checkTotals() error {
	counts, sums := [2]int64{st.debits, st.credits}, [2]*record.Total{&st.debitSum, &st.creditSum}
	for i, t := range st.totals {
		if t == nil {
			continue
		}
		if err := record.Agree(t.at, record.LevelStatement, t.count, record.DecimalString(t.sum.Decimal()), counts[i], sums[i]); err != nil {
			return err
		}
	}
	return nil
}
