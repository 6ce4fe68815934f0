package demo

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/batch"
	"fenlu/disbursement/parties"
	"fenlu/disbursement/payment"
	"fenlu/disbursement/terms"
	"fenlu/internal/durable"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/ident"
	"fenlu/internal/sample"
	"fenlu/internal/simbank"
	"fenlu/reconciliation"
)

// The bank's days: files go on the 9th, what it forgot is asked for on the
// 10th, returns come three days after the credit.
const (
	releaseDay = simbank.Day("2026-10-09")
	queryDay   = simbank.Day("2026-10-10")
	returnDay  = simbank.Day("2026-10-12")
	reissueDay = simbank.Day("2026-10-16")
	lastDay    = simbank.Day("2026-10-19")
)

// filesDir is where sealed files are written.
func (m *month) filesDir() string { return filepath.Join(m.Dir, "files") }

// send writes the files of a batch and carries them to the bank.
func (m *month) send(batchID int64, on simbank.Day) ([]payment.File, error) {
	files, err := m.Payment.WriteFiles(m.as("sun"), batchID, m.filesDir())
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		raw, err := os.ReadFile(filepath.Join(m.filesDir(), f.Name))
		if err != nil {
			return nil, errs.Wrap(err, errs.Internal, "DEMO_BANK")
		}
		back := m.in("bank")
		answer, err := m.bank.Receive(f.Name, raw, on)
		back()
		if err != nil {
			return nil, errs.Wrap(err, errs.Internal, "DEMO_BANK")
		}
		if !answer.Accepted {
			return nil, errs.New(errs.Refused, "DEMO_BANK_REFUSED", "file", f.Name, "reason", fmt.Sprint(answer.Refusals))
		}
	}
	return files, nil
}

// evidence keeps a file of the bank and imports it.
func (m *month) evidence(f simbank.File) (reconciliation.Imported, error) {
	dir := filepath.Join(m.Dir, "answers")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return reconciliation.Imported{}, errs.Wrap(err, errs.Internal, "DEMO_BANK")
	}
	err := durable.Replace("answer", filepath.Join(dir, f.Name), func(w *os.File) error {
		_, err := w.Write(f.Bytes)
		return err
	})
	if err != nil {
		return reconciliation.Imported{}, errs.Wrap(err, errs.Internal, "DEMO_BANK")
	}
	return m.Recon.Import(m.as("he"), reconciliation.File{Name: f.Name, Content: bytes.NewReader(f.Bytes)})
}

// firstResults asks the bank again for what it said when it received the files
// (the same bytes, the same answer) and imports it.
func (m *month) firstResults(files []payment.File) error {
	for _, f := range files {
		raw, err := os.ReadFile(filepath.Join(m.filesDir(), f.Name))
		if err != nil {
			return errs.Wrap(err, errs.Internal, "DEMO_BANK")
		}
		back := m.in("bank")
		answer, err := m.bank.Receive(f.Name, raw, simbank.DayOf(f.ExecuteOn))
		back()
		if err != nil {
			return errs.Wrap(err, errs.Internal, "DEMO_BANK")
		}
		if err := m.results(answer.Files); err != nil {
			return err
		}
	}
	return nil
}

// queryResults asks after what the bank left out of the files of a day.
func (m *month) queryResults(files []payment.File, day simbank.Day) error {
	for _, f := range files {
		if simbank.DayOf(f.ExecuteOn) != day {
			continue
		}
		back := m.in("bank")
		found, err := m.bank.QueryResult(f.Ref)
		back()
		if err != nil {
			return errs.Wrap(err, errs.Internal, "DEMO_BANK")
		}
		if err := m.results([]simbank.File{found}); err != nil {
			return err
		}
	}
	return nil
}

// fund has the treasury put on each paying account what its files of a day need
// (财政拨款); the same call again changes nothing.
func (m *month) fund(ctx context.Context, files []payment.File, day simbank.Day) error {
	need := map[string]simbank.Fen{}
	for _, f := range files {
		if simbank.DayOf(f.ExecuteOn) == day {
			need[f.Channel] += simbank.Fen(f.Sum)
		}
	}
	for _, code := range slices.Sorted(maps.Keys(need)) {
		channel, err := payment.ChannelByCode(ctx, m.DB.Pool(), code)
		if err != nil {
			return err
		}
		if err := m.bank.Fund(channel.DebtorAccount, need[code], day, "BK-"+code+"-"+string(day)); err != nil {
			return errs.Wrap(err, errs.Internal, "DEMO_BANK")
		}
	}
	return nil
}

// newAccounts records, for the first payments of a batch whose first attempt
// failed or came back, an account that the township has verified since.
func (m *month) newAccounts(ctx context.Context, r sample.Roster) ([]batch.Again, error) {
	m.at("2026-10-14 10:30")
	sent, err := m.troubled(ctx, code(r), reissued)
	if err != nil {
		return nil, err
	}
	var again []batch.Again
	for i, t := range sent {
		holders, err := m.Parties.Accounts(ctx, m.DB.Pool(), []parties.AccountID{t.account})
		if err != nil {
			return nil, err
		}
		bank, number := m.county.SpareAccount(i)
		id, err := m.Parties.AddAccountVersion(m.as("wu"), parties.NewAccount{Owner: t.payee, Kind: terms.SocialCard, BankCode: bank.Code, BankName: bank.Name,
			Holder: holders[t.account].Holder, Account: ident.Secret(number), VerifiedBy: name("wu"), VerifiedOn: m.today()}, "wu")
		if err != nil {
			return nil, err
		}
		m.say("wu", "demo.account", "payment", t.payment, "reason", t.reason)
		again = append(again, batch.Again{Payment: payment.ID(t.payment), Account: id, Reason: i18n.T(i18n.ZH, "demo.reason.account")})
	}
	return again, nil
}

// trouble is a payment whose first attempt failed or came back.
type trouble struct {
	payment, payee int64
	account        parties.AccountID
	reason         string
}

// troubled finds the first of them, the same ones whenever it is asked: a first
// attempt's failure stays.
func (m *month) troubled(ctx context.Context, code string, most int) ([]trouble, error) {
	rows, err := m.DB.Pool().Query(ctx, `SELECT p.id, p.payee, t.account, coalesce((SELECT e.reason_text FROM evidence e
			WHERE e.attempt = t.id AND e.reason_text <> '' ORDER BY e.file DESC, e.pos DESC LIMIT 1), '')
		FROM payment p JOIN batch b ON b.id = p.batch JOIN attempt t ON t.payment = p.id AND t.n = 1
		WHERE b.code = $1 AND t.state IN ('failed', 'returned') ORDER BY p.no LIMIT $2`, code, most)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (trouble, error) {
		var t trouble
		err := row.Scan(&t.payment, &t.payee, &t.account, &t.reason)
		return t, err
	})
}

// results imports result files and says what each one said.
func (m *month) results(files []simbank.File) error {
	defer m.in("results")()
	for _, f := range files {
		if f.Lines == 0 {
			continue
		}
		got, err := m.evidence(f)
		if err != nil {
			return err
		}
		m.say("he", "demo.result", "file", f.Name, "items", got.Items, "paid", got.Paid.Count, "paid_amount", got.Paid.Amount.Grouped(),
			"failed", got.Failed.Count, "failed_amount", got.Failed.Amount.Grouped())
	}
	return nil
}

// statements draws the statements of all accounts from one day to another, in
// the order of the days, and imports them.
func (m *month) statements(from, upTo simbank.Day) error {
	days := map[simbank.Day][]string{}
	for _, account := range m.bank.Accounts() {
		for _, day := range m.bank.Dates(account) {
			if from <= day && day <= upTo {
				days[day] = append(days[day], account)
			}
		}
	}
	for _, day := range slices.Sorted(maps.Keys(days)) {
		for _, account := range days[day] {
			if err := m.statement(account, day); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *month) statement(account string, day simbank.Day) error {
	defer m.in("statements")()
	back := m.in("bank")
	f, err := m.bank.Statement(account, day)
	back()
	if err != nil {
		return errs.Wrap(err, errs.Internal, "DEMO_BANK")
	}
	got, err := m.evidence(f)
	if err != nil {
		return err
	}
	m.say("he", "demo.statement", "account", account[:4]+"****"+account[len(account)-4:], "day", string(day), "items", got.Items,
		"returned", got.Returned.Count, "amount", got.Returned.Amount.Grouped())
	return nil
}
