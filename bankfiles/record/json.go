package record

import (
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// AppendJSON appends the record as [Record.MarshalJSON] writes it: one line of
// JSON Lines, without its end. Items, of which a file has millions, are written
// by hand.
func (r Record) AppendJSON(b []byte) ([]byte, error) {
	if r.Type != TypeItem {
		text, err := json.Marshal(r)
		return append(b, text...), err
	}
	j := jsonFields(append(b, `{"type":"item"`...))
	r.Item.fields(&j)
	return append(j, '}'), nil
}

func (it *Item) fields(j *jsonFields) {
	j.text("kind", string(it.Kind))
	j.text("end_to_end_id", it.EndToEndID)
	j.text("bank_ref", it.BankRef)
	j.text("amount", it.Amount)
	j.text("currency", it.Currency)
	j.text("direction", string(it.Direction))
	j.text("status", it.Status)
	j.text("reason", it.Reason)
	j.number("offset", it.Offset)
	j.number("line", int64(it.Line))
	j.text("path", it.Path)

	j.present("reason_code", it.ReasonCode)
	j.present("reason_text", it.ReasonText)
	j.present("outcome", string(it.Outcome))
	j.present("level", string(it.Level))
	j.present("inherited_from", string(it.InheritedFrom))
	j.present("value_date", it.ValueDate)
	j.present("booking_date", it.BookingDate)
	j.present("batch_id", it.BatchID)
	j.present("instruction_id", it.InstructionID)
	j.present("transaction_id", it.TransactionID)
	j.counted("sequence", it.Sequence)
	j.present("statement", it.Statement)
	j.counted("entry", it.Entry)
	j.counted("detail", it.Detail)
	if it.Reversal {
		j.name("reversal")
		*j = append(*j, "true"...)
	}
}

// jsonFields is an object in the making.
type jsonFields []byte

func (j *jsonFields) name(name string) {
	*j = append(append(append(*j, `,"`...), name...), `":`...)
}

func (j *jsonFields) text(name, value string) {
	j.name(name)
	for i := range len(value) {
		switch c := value[i]; {
		case c < 0x20, c >= utf8.RuneSelf, c == '"', c == '\\', c == '<', c == '>', c == '&':
			escaped, _ := json.Marshal(value) // no string is refused
			*j = append(*j, escaped...)
			return
		}
	}
	*j = append(append(append(*j, '"'), value...), '"')
}

func (j *jsonFields) present(name, value string) {
	if value != "" {
		j.text(name, value)
	}
}

func (j *jsonFields) number(name string, n int64) {
	j.name(name)
	*j = strconv.AppendInt(*j, n, 10)
}

func (j *jsonFields) counted(name string, n int) {
	if n != 0 {
		j.number(name, int64(n))
	}
}
