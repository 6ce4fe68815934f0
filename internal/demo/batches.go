package demo

import (
	"context"
	"strings"
	"time"

	"fenlu/disbursement/batch"
	"fenlu/disbursement/payment"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/ident"
	"fenlu/internal/sample"
	"fenlu/money"
)

// office is the code in the banks' ids.
const office = "QHMZ"

// code is a batch's code: PC-DB-202610.
func code(r sample.Roster) string {
	return "PC-" + strings.ToUpper(strings.TrimPrefix(r.File, "roster-")) + "-" + strings.ReplaceAll(string(period), "-", "")
}

func channel(r sample.Roster) string {
	if r.Channel == sample.Treasury {
		return "GK"
	}
	return "DF"
}

// batches takes every roster from the spreadsheet to the sealed bank file.
func (m *month) batches(ctx context.Context) error {
	for _, step := range []func(sample.Roster) error{m.make, m.check, m.submitAndApprove} {
		for _, r := range m.county.Rosters {
			if err := step(r); err != nil {
				return err
			}
			if err := m.Drain(ctx); err != nil {
				return err
			}
		}
	}
	if err := m.takeOut(); err != nil {
		return err
	}
	return m.release(ctx)
}

func (m *month) make(r sample.Roster) error {
	defer m.Tell.Work("demo.work.roster")()
	defer m.in("roster")()
	m.at("2026-10-06 15:20")
	made, err := m.Batch.Create(m.as("zhou"), batch.Create{Code: code(r), Office: office, Program: r.Program, Period: period,
		Channel: channel(r), File: m.input(r.File)})
	if err != nil {
		return err
	}
	m.say("zhou", "demo.batch.made", "code", code(r), "title", r.Title, "lines", made.Batch.Lines, "amount", made.Batch.Amount.Grouped())
	return nil
}

func (m *month) check(r sample.Roster) error {
	defer m.Tell.Work("demo.work.check")()
	defer m.in("check")()
	m.at("2026-10-08 08:47")
	found, err := m.Batch.Check(m.as("zhao"), code(r))
	if err != nil {
		return err
	}
	m.say("zhao", "demo.batch.checked", "code", code(r), "blocks", found.Blocks, "reasons", found.Reasons, "notes", found.Notes)
	return nil
}

func (m *month) submitAndApprove(r sample.Roster) error {
	defer m.Tell.Work("demo.work.freeze")()
	defer m.in("freeze")()
	m.at("2026-10-08 09:12")
	list, err := m.Batch.Submit(m.as("zhou"), code(r), i18n.T(i18n.ZH, "demo.submit.comment"))
	if err != nil {
		return err
	}
	m.at("2026-10-08 16:40")
	frozen, err := m.Batch.Approve(m.as("lin"), code(r), list.Digest)
	if err != nil {
		return err
	}
	m.say("lin", "demo.batch.approved", "code", code(r), "payments", frozen.Payments, "amount", frozen.Amount.Grouped(), "digest", list.Digest.String()[:16])
	return nil
}

// takeOut withholds the lines of people on the list of deaths that came after
// the approval, and withdraws one line of somebody who moved away.
func (m *month) takeOut() error {
	defer m.in("take_out")()
	m.at("2026-10-08 17:20")
	if _, err := m.Parties.ImportDeaths(m.as("zhou"), m.input("deaths"), "zhou"); err != nil {
		return err
	}
	for _, r := range m.county.Rosters {
		if r.Program != "DB" {
			continue
		}
		if err := m.list(r, batch.Withhold, m.dead(r), "demo.reason.death"); err != nil {
			return err
		}
		if err := m.list(r, batch.Withdraw, m.moved(r), "demo.reason.moved"); err != nil {
			return err
		}
	}
	return nil
}

// dead are the numbers of a roster's lines whose person is on the list of deaths.
func (m *month) dead(r sample.Roster) []int32 {
	died := map[string]bool{}
	for _, d := range m.county.Deaths {
		died[d.ID] = true
	}
	var numbers []int32
	for i, l := range r.Lines {
		if died[m.county.People[l.Person].ID] {
			numbers = append(numbers, int32(i+1))
		}
	}
	return numbers
}

// moved is the last line of a roster long enough to spare one.
func (m *month) moved(r sample.Roster) []int32 {
	const longEnough = 20
	if len(r.Lines) < longEnough {
		return nil
	}
	return []int32{int32(len(r.Lines))} //nolint:gosec // a roster has fewer than 2^31 lines
}

// list makes a small list and has a second person approve it.
func (m *month) list(r sample.Roster, kind batch.ListKind, numbers []int32, reason string) error {
	if len(numbers) == 0 {
		return nil
	}
	list, err := m.Batch.ProposeList(m.as("zhou"), code(r), kind, numbers, i18n.T(i18n.ZH, reason))
	if err != nil {
		return err
	}
	if _, err := m.Batch.ApproveList(m.as("zhao"), list.ID, list.Digest); err != nil {
		return err
	}
	m.say("zhao", "demo.batch."+string(kind), "code", code(r), "lines", len(numbers), "reason", i18n.T(i18n.ZH, reason))
	return nil
}

// release seals and writes the files of every batch and carries them to the bank.
func (m *month) release(ctx context.Context) error {
	m.Tell.Section("demo.section.bank")
	for _, r := range m.county.Rosters {
		if err := m.releaseOne(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

func (m *month) releaseOne(_ context.Context, r sample.Roster) error {
	defer m.Tell.Work("demo.work.release")()
	defer m.in("release")()
	m.at("2026-10-09 10:24")
	out, err := m.Batch.Release(m.as("sun"), code(r), m.today())
	if err != nil {
		return err
	}
	files, err := m.send(int64(out.Batch.ID), releaseDay)
	if err != nil {
		return err
	}
	for _, f := range files {
		m.say("sun", "demo.released", "file", f.Name, "profile", f.Profile, "count", f.Count, "amount", f.Sum.Grouped())
	}
	return nil
}

// emergencies pays the first cases from the reserves of their townships: one
// person draws, another confirms.
func (m *month) emergencies(ctx context.Context) error {
	for i, e := range m.county.Emergencies {
		if i == 2 {
			break
		}
		if err := m.emergency(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

func (m *month) emergency(_ context.Context, e sample.Emergency) error {
	m.at("2026-10-09 11:05")
	drawn, err := m.Batch.DrawReserve(m.as("du"), batch.Draw{Number: e.Case, Township: e.Township,
		IDNumber: ident.Secret(m.county.People[e.Person].ID), Amount: e.Amount, Reason: e.Reason, ReportedAt: m.Clock.Now().Add(-2 * time.Hour), Office: office})
	if err != nil {
		return err
	}
	m.at("2026-10-09 11:30")
	out, err := m.Batch.ConfirmDraw(m.as("cheng"), e.Case, drawn.Digest, m.today())
	if err != nil {
		return err
	}
	files, err := m.send(int64(out.Batch.ID), releaseDay)
	if err != nil {
		return err
	}
	for _, f := range files {
		m.say("cheng", "demo.released", "file", f.Name, "profile", f.Profile, "count", f.Count, "amount", f.Sum.Grouped())
	}
	m.say("cheng", "demo.emergency", "case", e.Case, "reason", e.Reason, "amount", e.Amount.Grouped())
	return nil
}

// everyBatch lists the codes of all batches of the month.
func (m *month) everyBatch() []string {
	var codes []string
	for _, r := range m.county.Rosters {
		codes = append(codes, code(r))
	}
	for i, e := range m.county.Emergencies {
		if i < 2 {
			codes = append(codes, batch.CaseCode(e.Case))
		}
	}
	return codes
}

// answers brings in what the bank says: its first results, what it had forgotten
// once it is asked, the statements, and the returns some days later.
func (m *month) answers(ctx context.Context) error {
	m.Tell.Section("demo.section.answers")
	done := m.Tell.Work("demo.work.answers")
	defer done()
	files, err := payment.Files(ctx, m.DB.Pool())
	if err != nil {
		return err
	}
	if err := m.fund(ctx, files, releaseDay); err != nil {
		return err
	}
	m.at("2026-10-09 17:30")
	if err := m.firstResults(files); err != nil {
		return err
	}
	m.at("2026-10-10 09:15")
	if err := m.queryResults(files, releaseDay); err != nil {
		return err
	}
	m.at("2026-10-10 10:40")
	if err := m.statements(releaseDay, releaseDay); err != nil {
		return err
	}
	m.at("2026-10-13 09:30")
	return m.statements(queryDay, returnDay)
}

// reissue issues a few payments again that failed or came back, to accounts
// that the township has verified since.
func (m *month) reissue(ctx context.Context) error {
	m.Tell.Section("demo.section.reissue")
	for _, r := range m.county.Rosters {
		if r.Program != "DB" {
			continue
		}
		if err := m.reissueOf(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// reissued is how many payments are issued again.
const reissued = 3

func (m *month) reissueOf(ctx context.Context, r sample.Roster) error {
	defer m.in("reissue")()
	again, err := m.newAccounts(ctx, r)
	if err != nil || len(again) == 0 {
		return err
	}
	m.at("2026-10-15 09:05")
	list, err := m.Batch.ProposeReissue(m.as("he"), code(r), again)
	if err != nil {
		return err
	}
	m.at("2026-10-15 16:20")
	if _, err := m.Batch.ApproveList(m.as("lin"), list.ID, list.Digest); err != nil {
		return err
	}
	m.at("2026-10-16 09:30")
	out, err := m.Batch.ReleaseReissue(m.as("sun"), list.ID, m.today())
	if err != nil {
		return err
	}
	if _, err := m.send(int64(out.Batch.ID), reissueDay); err != nil {
		return err
	}
	m.say("sun", "demo.reissued", "code", code(r), "count", len(again), "amount", out.Amount.Grouped())
	if err := m.fund(ctx, out.Files, reissueDay); err != nil {
		return err
	}
	m.at("2026-10-16 17:10")
	if err := m.firstResults(out.Files); err != nil {
		return err
	}
	m.at("2026-10-17 09:00")
	if err := m.queryResults(out.Files, reissueDay); err != nil {
		return err
	}
	m.at("2026-10-20 09:20")
	return m.statements(reissueDay, lastDay)
}

// close closes every batch: with nothing open, or with a signed list of what is.
func (m *month) close(context.Context) error {
	m.Tell.Section("demo.section.close")
	for _, c := range m.everyBatch() {
		if err := m.closeOne(c); err != nil {
			return err
		}
	}
	return nil
}

func (m *month) closeOne(code string) error {
	defer m.in("close")()
	m.at("2026-10-30 16:00")
	_, err := m.Batch.Close(m.as("he"), code)
	if errs.CodeOf(err) != "BATCH_OPEN_ITEMS" {
		if err == nil {
			m.say("he", "demo.closed", "code", code)
		}
		return err
	}
	list, err := m.Batch.ProposeOpenItems(m.as("he"), code, name("he"), time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC), i18n.T(i18n.ZH, "demo.reason.open"))
	if err != nil {
		return err
	}
	if _, err := m.Batch.ApproveList(m.as("lin"), list.ID, list.Digest); err != nil {
		return err
	}
	if _, err := m.Batch.Close(m.as("he"), code); err != nil {
		return err
	}
	var open money.Fen
	for _, item := range list.Items {
		open += item.Amount
	}
	m.say("he", "demo.closed.open", "code", code, "count", len(list.Items), "amount", open.Grouped())
	return nil
}
