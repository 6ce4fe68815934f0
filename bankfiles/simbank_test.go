package bankfiles

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fenlu/bankfiles/order"
	"fenlu/bankfiles/record"
	"fenlu/internal/errs"
	"fenlu/internal/simbank"
	"fenlu/money"
)

// The simulated bank is a second party: it reads what we write and we read what it
// writes, each from the published formats. Its own books say what is true.

const (
	bankDay     = simbank.Day("2026-10-09")
	bankAccount = "9913010000000018"
)

// bankStyles are the batches that the bank takes.
var bankStyles = []struct{ pay, extension string }{
	{"cn.daifa.gbk", ".txt"}, {"style.abc.pay", ".24.dat"}, {"style.pingan.pay", ".txt"}, {"style.psbc.pay", ".txt"},
	{"style.baopan.pay", ".xlsx"}, {"style.cmb.pay", ".xml"}, {"style.icbc.pay", ".xml"}, {"style.treasury.pay", ".xml"},
	{"pain.001.001.09", ".xml"},
}

// bankPayments are 24 payments, two of them alike but for their ids.
func bankPayments() []order.Instruction {
	names := []string{"张三", "阿卜杜拉·买买提", "倈泑", "欧阳青禾"}
	list := make([]order.Instruction, 24)
	for i := range list {
		list[i] = order.Instruction{
			EndToEndID: fmt.Sprintf("QH-%02d", i+1), Name: names[i%len(names)], Account: fmt.Sprintf("6229%012d", i/2),
			Amount: money.Fen(40000 + i/2*101), Remark: "低保",
		}
	}
	return list
}

func written(t *testing.T, profile string) []byte {
	t.Helper()
	b := order.Batch{
		MessageID: "QH-B1", DebtorName: "青禾县财政局", DebtorAccount: bankAccount, DebtorAgent: "313991300012",
		ExecutionDate: string(bankDay), Created: time.Date(2026, 10, 9, 9, 0, 0, 0, time.UTC),
	}
	var out bytes.Buffer
	if _, err := WriteSealed(&out, profile, b, order.FromSlice(bankPayments())); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// sent is a bank that has taken the batch, and its first answer.
func sent(t *testing.T, pay, extension string, faults ...simbank.Fault) (*simbank.Bank, simbank.Answer) {
	t.Helper()
	opt := simbank.DefaultOptions(7)
	opt.Account, opt.Faults = bankAccount, faults
	opt.FailRate, opt.ForgetRate, opt.ReturnRate = 0, 0, 0
	bank, err := simbank.Open(filepath.Join(t.TempDir(), "bank"), opt)
	if err != nil {
		t.Fatal(err)
	}
	return bank, handIn(t, bank, pay, extension)
}

func handIn(t *testing.T, bank *simbank.Bank, pay, extension string) simbank.Answer {
	t.Helper()
	answer, err := bank.Receive("QH-B1"+extension, written(t, pay), bankDay)
	if err != nil || !answer.Accepted {
		t.Fatalf("%s: %v, refused: %+v", pay, err, answer.Refusals)
	}
	return answer
}

// evidence is what our readers found about the payments of one batch.
type evidence struct {
	t        *testing.T
	byRow    bool                        // payments have no ids but batch and row
	outcomes map[string][]record.Outcome // in the order in which they were told
	booked   map[string]money.Fen        // by statements: taken, less what came back and stayed
	noticed  map[string]money.Fen        // by notices of refunds
	moved    map[string][]string         // by statements: side and day, one after another
}

func newEvidence(t *testing.T, pay string) *evidence {
	t.Helper()
	return &evidence{t, pay == "style.baopan.pay", map[string][]record.Outcome{}, map[string]money.Fen{}, map[string]money.Fen{}, map[string][]string{}}
}

func (e *evidence) read(files ...simbank.File) {
	e.t.Helper()
	for _, f := range files {
		for _, it := range items(e.t, f.Bytes, f.Profile) {
			e.add(it)
		}
	}
}

func (e *evidence) add(it record.Item) {
	id := e.payment(it)
	switch {
	case it.Kind == record.KindStatus:
		e.outcomes[id] = append(e.outcomes[id], it.Outcome)
	case it.Statement == "" && it.Kind == record.KindReturn:
		e.noticed[id] += it.AmountFen
	case id == "":
	case it.Direction == record.Debit:
		e.booked[id] += it.AmountFen
		e.moved[id] = append(e.moved[id], "-"+it.BookingDate+part(id, it.AmountFen))
	default:
		e.booked[id] -= it.AmountFen
		e.moved[id] = append(e.moved[id], "+"+it.BookingDate+part(id, it.AmountFen))
	}
}

// payment is the bank's name of the payment that an item speaks of. 回盘 and notices
// of refunds name batch and row, some statements the number of the voucher.
func (e *evidence) payment(it record.Item) string {
	switch row := it.Sequence; {
	case it.EndToEndID != "":
		return it.EndToEndID
	case row == 0:
		return it.InstructionID
	case e.byRow:
		return rowID(row)
	default:
		return bankPayments()[row-1].EndToEndID
	}
}

// part says when an amount is not all of the payment.
func part(id string, f money.Fen) string {
	for i, p := range bankPayments() {
		if whole := p.Amount; (id == p.EndToEndID || id == rowID(i+1)) && f != whole {
			return fmt.Sprintf(" %s of %s", f, whole)
		}
	}
	return ""
}

// story is all that the files tell of a payment.
func (e *evidence) story(id string) string {
	var told []string
	for _, o := range e.outcomes[id] {
		told = append(told, string(o))
	}
	return strings.Join(append(told, e.moved[id]...), " ")
}

// query asks for what the first result left open.
func (e *evidence) query(bank *simbank.Bank) {
	e.t.Helper()
	f, err := bank.QueryResult("QH-B1")
	if err != nil {
		e.t.Fatal(err)
	}
	if f.Lines > 0 {
		e.read(f)
	}
}

// statements reads all days of the account, and the notices of refunds.
func (e *evidence) statements(bank *simbank.Bank, profile string) {
	e.t.Helper()
	for _, day := range bank.Dates(bankAccount) {
		f, err := bank.StatementAs(bankAccount, day, profile)
		if err != nil {
			e.t.Fatal(err)
		}
		e.read(f)
		e.read(bank.Refunds(day)...)
	}
}

// agree holds the union of the evidence against the bank's books: statements show
// what moved, and the last result agrees with it unless it is unknown.
func (e *evidence) agree(bank *simbank.Bank) {
	e.t.Helper()
	books := bank.Books()
	if len(books) != len(bankPayments()) {
		e.t.Errorf("%d payments in the books", len(books))
	}
	for _, b := range books {
		if want := money.Fen(b.BookedFen - b.ReturnedFen); e.booked[b.EndToEndID] != want {
			e.t.Errorf("%s: the statements say %s, the books %s", b.EndToEndID, e.booked[b.EndToEndID], want)
		}
		told := e.outcomes[b.EndToEndID]
		contradictory := slices.Contains(told, record.OutcomePaid) && slices.Contains(told, record.OutcomeFailed)
		if len(told) == 0 || contradictory { // what moved decides
			continue
		}
		want := record.OutcomePaid
		if b.BookedFen == 0 {
			want = record.OutcomeFailed
		}
		if last := told[len(told)-1]; last != want && last != record.OutcomeUnknown {
			e.t.Errorf("%s: the last result says %s, the books %s", b.EndToEndID, last, want)
		}
	}
}

func TestSimbank_understands_our_batches_and_we_its_results(t *testing.T) {
	t.Parallel()
	for _, s := range bankStyles {
		t.Run(s.pay, func(t *testing.T) {
			t.Parallel()
			bank, answer := sent(t, s.pay, s.extension)
			e := newEvidence(t, s.pay)
			e.read(answer.Files...)
			e.query(bank)
			for id, told := range e.outcomes {
				if len(told) != 1 || told[0] == record.OutcomeUnknown {
					t.Errorf("%s was told %v", id, told)
				}
			}
			if len(e.outcomes) != len(bankPayments()) {
				t.Errorf("%d payments were named", len(e.outcomes))
			}
			e.statements(bank, simbank.ProfileCamt053)
			e.agree(bank)
		})
	}
}

func TestSimbank_statements_are_read_in_every_format(t *testing.T) {
	t.Parallel()
	for _, profile := range []string{
		simbank.ProfileCamt053, simbank.ProfileMT940, simbank.ProfileBankTable, simbank.ProfileSingleTable, simbank.ProfileZeroTable,
	} {
		t.Run(profile, func(t *testing.T) {
			t.Parallel()
			bank, _ := sent(t, "cn.daifa.gbk", ".txt", simbank.RefundRefund, simbank.PartialAmount)
			if err := bank.Fund(bankAccount, 2_000_000, "2026-10-08", "CZ-1"); err != nil {
				t.Fatal(err)
			}
			e := newEvidence(t, "cn.daifa.gbk")
			e.statements(bank, profile)
			e.agree(bank)
		})
	}
}

func TestSimbank_notices_of_refunds_agree_with_the_books(t *testing.T) {
	t.Parallel()
	for _, s := range bankStyles {
		if s.pay == "pain.001.001.09" { // returns come in the statement alone
			continue
		}
		t.Run(s.pay, func(t *testing.T) {
			t.Parallel()
			bank, _ := sent(t, s.pay, s.extension)
			e := newEvidence(t, s.pay)
			e.statements(bank, simbank.ProfileCamt053)
			returned := map[string]money.Fen{}
			for _, b := range bank.Books() {
				if b.ReturnedFen > 0 {
					returned[b.EndToEndID] = money.Fen(b.ReturnedFen)
				}
			}
			if diff := cmp.Diff(returned, e.noticed); diff != "" || len(returned) == 0 {
				t.Errorf("%d returns, books and notices differ:\n%s", len(returned), diff)
			}
		})
	}
}

// rowID is what the bank calls a payment that has no id: by its batch and row.
func rowID(row int) string { return fmt.Sprintf("QH-B1-%d", row) }

// TestSimbank_receipts: the list of receipts says of every payment what the books
// say, under the numbers of the vouchers; with a wrong sum it is refused.
func TestSimbank_receipts(t *testing.T) {
	t.Parallel()
	receipts := func(faults ...simbank.Fault) (*simbank.Bank, simbank.File) {
		bank, _ := sent(t, "style.treasury.pay", ".xml", faults...)
		f, err := bank.Receipts("QH-B1")
		if err != nil {
			t.Fatal(err)
		}
		return bank, f
	}
	bank, f := receipts(simbank.UnknownPaid, simbank.UnknownFailed)
	e := newEvidence(t, "style.treasury.pay")
	e.read(f)
	e.statements(bank, simbank.ProfileBankTable)
	e.agree(bank)
	if len(e.outcomes) != len(bankPayments()) {
		t.Errorf("%d payments were named", len(e.outcomes))
	}
	_, f = receipts(simbank.WrongSum)
	if err := readError(f); errs.CodeOf(err) != "BANKFILE_SUM_MISMATCH" {
		t.Errorf("a wrong sum gives %v", err)
	}
}

// TestSimbank_takes_a_batch_in_parts: the parts of a batch of 招行 are files of their
// own, which repeat the totals of the whole; each is answered for itself.
func TestSimbank_takes_a_batch_in_parts(t *testing.T) {
	t.Parallel()
	opt := simbank.DefaultOptions(7)
	bank, err := simbank.Open(filepath.Join(t.TempDir(), "bank"), opt)
	if err != nil {
		t.Fatal(err)
	}
	all := bankPayments()
	whole := order.Totals{Count: int64(len(all))}
	for _, p := range all {
		whole.Sum += p.Amount
	}
	e := newEvidence(t, "style.cmb.pay")
	for i, part := range [][]order.Instruction{all[:15], all[15:]} {
		b := batch()
		b.MessageID, b.Part, b.Parts, b.Whole = fmt.Sprintf("QH-B1-%d", i+1), i+1, 2, whole
		var out bytes.Buffer
		if _, err := WriteSealed(&out, "style.cmb.pay", b, order.FromSlice(part)); err != nil {
			t.Fatal(err)
		}
		answer, err := bank.Receive(b.MessageID+".xml", out.Bytes(), bankDay)
		if err != nil || !answer.Accepted {
			t.Fatalf("part %d: %v, %+v", i+1, err, answer.Refusals)
		}
		e.read(answer.Files...)
	}
	e.statements(bank, simbank.ProfileMT940)
	e.agree(bank)
}
