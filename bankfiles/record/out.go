package record

import (
	"errors"

	"fenlu/internal/errs"
)

// ErrStopped is what emit returns when the caller of [Read] broke off.
var ErrStopped = errors.New("bankfiles: the caller stopped reading")

// Out hands records to the caller, counts them, and keeps the totals.
type Out struct {
	yield   func(Record, error) bool
	Profile string // asked for, then found
	Message string
	// recognised is told what the file is, by its profile's name and by the
	// name that it gives itself, and refuses one that was not asked for.
	Recognised func(found, message string) error
	trailer    Trailer
	all        Total
	credits    Total
	debits     Total
	warnings   map[string]int
}

// NewOut hands records to yield.
func NewOut(yield func(Record, error) bool, profile string) *Out {
	return &Out{yield: yield, Profile: profile}
}

func (out *Out) emit(r Record) error {
	if !out.yield(r, nil) {
		return ErrStopped
	}
	return nil
}

// Header hands on a header, with the name of the format.
func (out *Out) Header(h Header) error {
	h.Profile, h.Message = out.Profile, out.Message
	return out.emit(Record{Type: TypeHeader, Header: &h})
}

// Item completes an item (fen, totals) and hands it on. An amount that is not
// a number, or yuan that are no whole fen, is an error.
func (out *Out) Item(it *Item) error {
	out.trailer.Count++
	if it.Amount != "" {
		a, ok := ParseAmount(it.Amount)
		if !ok || a.Negative() {
			return it.Fault("BANKFILE_AMOUNT", "amount", Clip(it.Amount))
		}
		if it.Currency == "CNY" {
			if it.AmountFen, ok = a.Fen(); !ok {
				return it.Fault("BANKFILE_AMOUNT_FEN", "amount", Clip(it.Amount))
			}
			it.IsCNY = true
		}
		out.all.Add(a)
		switch it.Direction {
		case Credit:
			out.credits.Add(a)
		case Debit:
			out.debits.Add(a)
		}
	}
	return out.emit(Record{Type: TypeItem, Item: it})
}

// Warn reports something odd. The same oddity is told a hundred times at
// most, so that a strange file does not drown what it says; the trailer has
// the true number.
func (out *Out) Warn(at Position, code string, args ...any) error {
	out.trailer.Warnings++
	if out.warnings == nil {
		out.warnings = map[string]int{}
	}
	if out.warnings[code]++; out.warnings[code] > 100 {
		return nil
	}
	args = append(args, "line", at.Line, "offset", at.Offset, "path", at.Path)
	return out.emit(Record{Type: TypeWarning, Warning: &Warning{Code: code, Args: errs.Pairs(args...), Position: at}})
}

// Difference reports two amounts of a file that lawfully differ, such as an
// entry and its details after charges, as a record of its own with both and
// the difference. Unlike other warnings none is left out, for each is money.
func (out *Out) Difference(at Position, code string, stated, found Amount) error {
	out.trailer.Warnings++
	var difference Total
	difference.Add(stated)
	difference.Sub(found)
	w := &Warning{Code: code, Position: at, Stated: DecimalString(stated.Decimal()), Found: DecimalString(found.Decimal()), Difference: difference.String()}
	w.Args = errs.Pairs("stated", w.Stated, "found", w.Found, "difference", w.Difference, "line", at.Line, "offset", at.Offset, "path", at.Path)
	return out.emit(Record{Type: TypeWarning, Warning: w})
}

// Finish hands on the trailer: what was counted.
func (out *Out) Finish(at Position) error {
	t := out.trailer
	t.Sum, t.CreditSum, t.DebitSum, t.Position = out.all.String(), out.credits.String(), out.debits.String(), at
	return out.emit(Record{Type: TypeTrailer, Trailer: &t})
}
