package layout

import "fenlu/bankfiles/record"

// balances follow the account through a statement. Where rows have a balance,
// each is checked against the one before it; opening and closing are checked
// where they are stated.
type balances struct {
	known   bool         // current is the balance after the last row
	current record.Total // in the order of the file
	top     record.Total // the balance of the first row, where the newest stands first
	moved   record.Total // credits less debits
}

// open starts from the opening balance, if it was stated before the rows.
func (s *balances) open(opening string) {
	if a, ok := record.ParseAmount(opening); ok && opening != "" {
		s.known, s.current = true, total(a)
	}
}

func total(a record.Amount) record.Total {
	var t record.Total
	t.Add(a)
	return t
}

// move books a row and compares the balance that it states.
func (s *balances) move(r *row) error {
	by := r.amount
	if r.debit {
		by = by.Negated()
	}
	s.moved.Add(by)
	stated, ok := record.ParseAmount(r.balance)
	switch {
	case r.balance == "" && r.p.NewestFirst:
		s.current.Sub(by)
		return nil
	case r.balance == "":
		s.current.Add(by)
		return nil
	case !ok:
		return r.item.Fault("BANKFILE_AMOUNT", "amount", record.Clip(r.balance))
	case r.p.NewestFirst:
		return s.backwards(r, stated, by)
	}
	var err error
	if s.current.Add(by); s.known && !s.current.Equals(stated) {
		err = differ(r.item.Position, &s.current, stated)
	}
	s.known, s.current = true, total(stated) // a break is told once, not for every row below it
	return err
}

// backwards: the row above is the later one, so its balance less its movement
// is the balance of this row.
func (s *balances) backwards(r *row, stated, by record.Amount) error {
	var err error
	switch {
	case !s.known: // rows above it that state none moved by -current
		s.top = total(stated)
		s.top.Sub(s.current.Amount())
	case !s.current.Equals(stated):
		err = differ(r.item.Position, &s.current, stated)
	}
	s.known, s.current = true, total(stated)
	s.current.Sub(by)
	return err
}

// differ is a balance that is not the one computed from its neighbour.
func differ(at record.Position, computed *record.Total, stated record.Amount) error {
	return at.Fault("BANKFILE_BALANCE_LINE", "computed", computed.String(), "stated", record.DecimalString(stated.Decimal()))
}

// close compares opening, movements and closing.
func (s *balances) close(b *body) error {
	if b.p.Kind != Statement {
		return nil
	}
	at, values := b.balancesStated()
	opening, okOpen := record.ParseAmount(values["opening"])
	closing, okClose := record.ParseAmount(values["closing"])
	clearing, cleared := record.ParseAmount(values["clearing"])
	if cleared {
		s.moved.Add(clearing) // 清算: the treasury makes good what the day's payments took
		s.current.Add(clearing)
	}
	if okOpen && okClose {
		computed := total(opening)
		computed.Add(s.moved.Amount())
		if !computed.Equals(closing) {
			return at.Fault("BANKFILE_BALANCE_MISMATCH", "opening", record.DecimalString(opening.Decimal()), "movements", s.moved.String(),
				"computed", computed.String(), "closing", record.DecimalString(closing.Decimal()))
		}
	} else if err := b.out.Warn(at, "BANKFILE_WARN_NO_BALANCE"); err != nil {
		return err
	}
	return s.ends(b, at, values)
}

// ends compares the balances of the first and last row with those stated.
func (s *balances) ends(b *body, at record.Position, values map[string]string) error {
	if !s.known || b.count == 0 {
		return nil
	}
	ends := map[string]*record.Total{"closing": &s.current}
	if b.p.NewestFirst {
		ends = map[string]*record.Total{"closing": &s.top, "opening": &s.current}
	}
	for _, end := range []string{"opening", "closing"} {
		computed := ends[end]
		if stated, ok := record.ParseAmount(values[end]); ok && computed != nil && !computed.Equals(stated) {
			return differ(at, computed, stated)
		}
	}
	return nil
}

func (b *body) balancesStated() (record.Position, map[string]string) {
	at, values := b.head.Position, map[string]string{}
	for _, st := range b.stated {
		if st.value == "opening" || st.value == "closing" || st.value == "clearing" {
			values[st.value], at = st.text, st.at
		}
	}
	return at, values
}
