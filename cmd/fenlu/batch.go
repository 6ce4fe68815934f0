package main

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"fenlu/auth"
	"fenlu/disbursement/batch"
	"fenlu/disbursement/parties"
	"fenlu/disbursement/payment"
	"fenlu/disbursement/terms"
	"fenlu/internal/clock"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/sheet"
)

// batchCmd is `fenlu batch`: the life of a list.
type batchCmd struct {
	New      batchNewCmd      `cmd:"" help:"help_batch_new"`
	Check    batchCheckCmd    `cmd:"" help:"help_batch_check"`
	Remove   batchRemoveCmd   `cmd:"" help:"help_batch_remove"`
	Submit   batchSubmitCmd   `cmd:"" help:"help_batch_submit"`
	Approve  batchApproveCmd  `cmd:"" help:"help_batch_approve"`
	Reject   batchRejectCmd   `cmd:"" help:"help_batch_reject"`
	Withhold batchWithholdCmd `cmd:"" help:"help_batch_withhold"`
	Withdraw batchWithdrawCmd `cmd:"" help:"help_batch_withdraw"`
	Review   batchReviewCmd   `cmd:"" help:"help_batch_review"`
	Split    batchSplitCmd    `cmd:"" help:"help_batch_split"`
	Voucher  batchVoucherCmd  `cmd:"" help:"help_batch_voucher"`
	Release  batchReleaseCmd  `cmd:"" help:"help_batch_release"`
	Files    batchFilesCmd    `cmd:"" help:"help_batch_files"`
	Status   batchStatusCmd   `cmd:"" help:"help_batch_status"`
	Close    batchCloseCmd    `cmd:"" help:"help_batch_close"`
	Cancel   batchCancelCmd   `cmd:"" help:"help_batch_cancel"`
	Reissue  batchReissueCmd  `cmd:"" help:"help_batch_reissue"`
	List     batchListCmd     `cmd:"" help:"help_batch_list"`
	Sheet    batchSheetCmd    `cmd:"" help:"help_batch_sheet"`
	Compare  batchCompareCmd  `cmd:"" help:"help_batch_compare"`
	Calendar batchCalendarCmd `cmd:"" help:"help_batch_calendar"`

	Explain       batchExplainCmd       `cmd:"" help:"help_batch_explain"`
	BackPay       batchBackPayCmd       `cmd:"" name:"backpay" help:"help_backpay_make"`
	BackPayStatus batchBackPayStatusCmd `cmd:"" name:"backpay-status" help:"help_backpay_status"`
}

// say prints a line of the catalogue, and that nothing was repeated if so.
func (a *app) say(w io.Writer, replay bool, code string, args ...any) {
	text := a.T(code, args...)
	if replay {
		text += a.T("batch.out.replay")
	}
	_, _ = fmt.Fprintln(w, text)
}

// dayOr is a day as it was typed, or today's business date.
func (a *app) dayOr(text string) (time.Time, error) {
	if text == "" {
		return clock.Date(a.clock.Now()), nil
	}
	return parseDay(text)
}

type batchNewCmd struct {
	File     string `arg:"" optional:"" type:"path" help:"help_batch_file"`
	Computed bool   `help:"help_batch_computed"`
	Code     string `help:"help_batch_code"`
	Office   string `default:"QHMZ" help:"help_batch_office"`
	Program  string `required:"" help:"help_batch_program"`
	Period   string `required:"" help:"help_batch_period" placeholder:"2026-10"`
	Channel  string `default:"DF" help:"help_batch_channel"`
	errorsFlag
	sheetFlag
}

// Run makes a batch from a roster, or from the facts on record.
func (c batchNewCmd) Run(a *app) error {
	if c.Computed == (c.File != "") {
		return errs.New(errs.Invalid, "CLI_COMPUTED_OR_FILE")
	}
	if c.Computed {
		return c.compute(a)
	}
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		made, err := s.Batch.Create(ctx, batch.Create{Code: c.Code, Office: c.Office, Program: c.Program, Period: terms.Month(c.Period),
			Channel: c.Channel, File: c.File})
		if err != nil {
			return c.copied(a, c.File, sheet.Roster, err)
		}
		return a.Result(made, func(w io.Writer) {
			a.say(w, made.Replay, "batch.out.created", "code", made.Batch.Code, "lines", made.Batch.Lines, "amount", made.Batch.Amount.Grouped())
		})
	})
}

type batchCheckCmd struct {
	Code string `arg:"" help:"help_batch_code"`
	sheetFlag
}

// Run checks a batch and lists what was found, also where it blocks.
func (c batchCheckCmd) Run(a *app) error {
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		r, err := s.Batch.Check(ctx, c.Code)
		if errList := c.list(ctx, a, s, r); errList != nil {
			return errors.Join(err, errList)
		}
		if err != nil {
			if !a.JSON {
				a.printFindings(a.Stderr, r)
			}
			return err
		}
		return a.Result(r, func(w io.Writer) {
			a.printFindings(w, r)
			a.say(w, r.Replay, "batch.out.checked", "code", r.Batch.Code, "blocks", r.Blocks, "reasons", r.Reasons, "notes", r.Notes, "digest", r.Digest)
		})
	})
}

func (a *app) printFindings(w io.Writer, r batch.Result) {
	for _, f := range r.Findings {
		_, _ = fmt.Fprintln(w, a.T("batch.out.finding", "line", f.LineNo, "severity", i18n.Term(a.Lang, "batch.severity", string(f.Severity)),
			"text", f.Sentence(a.Lang)))
	}
	if more := r.Blocks + r.Reasons + r.Notes - len(r.Findings); more > 0 {
		_, _ = fmt.Fprintln(w, a.T("common.more", "count", more))
	}
}

type batchRemoveCmd struct {
	Code   string  `arg:"" help:"help_batch_code"`
	Lines  []int32 `required:"" help:"help_batch_lines"`
	Reason string  `required:"" help:"help_batch_reason"`
}

// Run takes lines out before submission.
func (c batchRemoveCmd) Run(a *app) error {
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		b, err := s.Batch.Remove(ctx, c.Code, c.Lines, c.Reason)
		if err != nil {
			return err
		}
		return a.Result(b, func(w io.Writer) {
			a.say(w, false, "batch.out.removed", "code", b.Code, "lines", b.Lines, "amount", b.Amount.Grouped())
		})
	})
}

type batchSubmitCmd struct {
	Code    string `arg:"" help:"help_batch_code"`
	Comment string `help:"help_batch_comment"`
}

// Run submits a batch.
func (c batchSubmitCmd) Run(a *app) error {
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		sub, err := s.Batch.Submit(ctx, c.Code, c.Comment)
		if err != nil {
			return err
		}
		return a.Result(sub, func(w io.Writer) {
			a.say(w, sub.Replay, "batch.out.submitted", "code", sub.Batch.Code, "lines", sub.Batch.Lines, "amount", sub.Batch.Amount.Grouped(), "digest", sub.Digest)
		})
	})
}

type batchApproveCmd struct {
	Code      string `arg:"" optional:"" help:"help_batch_code"`
	SmallList int64  `name:"small-list" help:"help_batch_small_list"`
	Digest    string `required:"" help:"help_batch_digest"`
}

// Run approves a batch or a small list.
func (c batchApproveCmd) Run(a *app) error {
	digest, err := batch.ParseDigest(c.Digest)
	if err != nil {
		return err
	}
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		if c.SmallList != 0 {
			l, err := s.Batch.ApproveList(ctx, batch.ListID(c.SmallList), digest)
			if err != nil {
				return err
			}
			return a.showList(l)
		}
		f, err := s.Batch.Approve(ctx, c.Code, digest)
		if err != nil {
			return err
		}
		return a.Result(f, func(w io.Writer) {
			a.say(w, f.Replay, "batch.out.approved", "code", f.Batch.Code, "payments", f.Payments, "amount", f.Amount.Grouped())
			for _, u := range f.Sources {
				a.say(w, false, "batch.out.source", "document", u.Document, "level", terms.Level(u.Level).Name(a.Lang), "amount", u.Amount.Grouped())
			}
		})
	})
}

func (a *app) showList(l batch.SmallList) error {
	return a.Result(l, func(w io.Writer) {
		var sum = l.Items[0].Amount
		for _, i := range l.Items[1:] {
			sum += i.Amount
		}
		a.say(w, l.Replay, "batch.out.list", "list", int64(l.ID), "kind", l.Kind.Name(a.Lang), "state", l.State.Name(a.Lang), "count", len(l.Items),
			"amount", sum.Grouped(), "digest", l.Digest)
	})
}

type batchRejectCmd struct {
	Code      string `arg:"" optional:"" help:"help_batch_code"`
	SmallList int64  `name:"small-list" help:"help_batch_small_list"`
	Reason    string `required:"" help:"help_batch_reason"`
}

// Run sends a batch or a small list back.
func (c batchRejectCmd) Run(a *app) error {
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		if c.SmallList != 0 {
			l, err := s.Batch.RejectList(ctx, batch.ListID(c.SmallList), c.Reason)
			if err != nil {
				return err
			}
			return a.showList(l)
		}
		b, err := s.Batch.Reject(ctx, c.Code, c.Reason)
		if err != nil {
			return err
		}
		return a.Result(b, func(w io.Writer) { a.say(w, false, "batch.out.rejected", "code", b.Code) })
	})
}

// batchTakeOut is what withhold and withdraw ask for.
type batchTakeOut struct {
	Code   string  `arg:"" help:"help_batch_code"`
	Lines  []int32 `required:"" help:"help_batch_lines"`
	Reason string  `required:"" help:"help_batch_reason"`
}

type batchWithholdCmd struct{ batchTakeOut }

type batchWithdrawCmd struct{ batchTakeOut }

// Run proposes to withhold lines.
func (c batchWithholdCmd) Run(a *app) error { return c.propose(a, batch.Withhold) }

// Run proposes to withdraw lines.
func (c batchWithdrawCmd) Run(a *app) error { return c.propose(a, batch.Withdraw) }

func (c batchTakeOut) propose(a *app, kind batch.ListKind) error {
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		l, err := s.Batch.ProposeList(ctx, c.Code, kind, c.Lines, c.Reason)
		if err != nil {
			return err
		}
		return a.showList(l)
	})
}

type batchReleaseCmd struct {
	Code string `arg:"" help:"help_batch_code"`
	Date string `help:"help_batch_date" placeholder:"2026-10-09"`
	Dir  string `type:"path" help:"help_batch_dir"`
}

// Run releases a batch and writes its files.
func (c batchReleaseCmd) Run(a *app) error {
	on, err := a.dayOr(c.Date)
	if err != nil {
		return err
	}
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		r, err := s.Batch.Release(ctx, c.Code, on)
		if err != nil {
			return err
		}
		if _, err := s.Batch.WriteFiles(ctx, c.Code, a.filesDir(c.Dir)); err != nil {
			return err
		}
		return a.Result(releasedView(r), func(w io.Writer) {
			a.say(w, r.Replay, "batch.out.released", "code", r.Batch.Code, "count", len(r.Files), "amount", r.Amount.Grouped())
			a.printFiles(w, r.Files)
		})
	})
}

// filesDir is where sealed files are written: DATA/files unless named.
func (a *app) filesDir(dir string) string {
	if dir != "" {
		return dir
	}
	return filepath.Join(a.dataDir(), "files")
}

// fileView is a sealed file as programs read it.
type fileView struct {
	Name    string `json:"name"`
	Profile string `json:"profile"`
	SHA256  string `json:"sha256"`
	Count   int    `json:"count"`
	Sum     string `json:"sum"`
}

func filesView(files []payment.File) []fileView {
	out := make([]fileView, len(files))
	for i, f := range files {
		out[i] = fileView{f.Name, f.Profile, hex.EncodeToString(f.SHA256), f.Count, f.Sum.String()}
	}
	return out
}

func releasedView(r batch.ReleasedFiles) map[string]any {
	return map[string]any{"batch": r.Batch, "files": filesView(r.Files), "amount": r.Amount, "replay": r.Replay}
}

func (a *app) printFiles(w io.Writer, files []payment.File) {
	for _, f := range files {
		a.say(w, false, "batch.out.file", "name", f.Name, "count", f.Count, "sum", f.Sum.Grouped(), "sha", hex.EncodeToString(f.SHA256))
	}
}

type batchFilesCmd struct {
	Code string `arg:"" help:"help_batch_code"`
	Dir  string `type:"path" help:"help_batch_dir"`
}

// Run writes the sealed files again, the same bytes.
func (c batchFilesCmd) Run(a *app) error {
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		files, err := s.Batch.WriteFiles(ctx, c.Code, a.filesDir(c.Dir))
		if err != nil {
			return err
		}
		return a.Result(map[string]any{"dir": a.filesDir(c.Dir), "files": filesView(files)}, func(w io.Writer) { a.printFiles(w, files) })
	})
}

type batchStatusCmd struct {
	Code string `arg:"" help:"help_batch_code"`
}

// Run shows where a batch stands.
func (c batchStatusCmd) Run(a *app) error {
	return a.with(func(s *services) error {
		st, err := batch.StatusOf(a.ctx, s.DB.Pool(), c.Code)
		if err != nil {
			return err
		}
		view := map[string]any{"batch": st.Batch, "lines": st.Lines, "payments": st.Payments, "places": st.Places, "files": filesView(st.Files),
			"lists": st.Lists, "approvals": st.Approvals, "open": st.Open}
		return a.Result(view, func(w io.Writer) { a.printStatus(w, st) })
	})
}

func (a *app) printStatus(w io.Writer, st batch.Status) {
	a.printBatch(w, st.Batch)
	for _, l := range st.Lines {
		a.say(w, false, "batch.out.line", "state", i18n.Term(a.Lang, "batch.line", l.State), "count", l.Count, "amount", l.Amount.Grouped())
	}
	for _, p := range st.Payments {
		a.say(w, false, "batch.out.payment", "state", i18n.Term(a.Lang, "attempt", p.State), "count", p.Count, "amount", p.Amount.Grouped())
	}
	for _, p := range st.Places {
		a.say(w, false, "batch.out.place", "place", i18n.Term(a.Lang, "place", p.Place), "payments", p.Payments, "amount", p.Amount.Grouped())
	}
	a.printFiles(w, st.Files)
	for _, p := range st.Approvals {
		a.say(w, false, "batch.out.approval", "time", p.DecidedAt.In(clock.Shanghai).Format("2006-01-02 15:04"),
			"step", i18n.Term(a.Lang, "batch.step", string(p.Step)), "actor", p.Actor, "comment", p.Comment)
	}
}

func (a *app) printBatch(w io.Writer, b batch.Batch) {
	a.say(w, false, "batch.out.row", "code", b.Code, "program", b.Program, "period", b.Period, "channel", b.Channel, "lines", b.Lines,
		"amount", b.Amount.Grouped(), "state", b.State.Name(a.Lang))
}

type batchCloseCmd struct {
	Code   string `arg:"" help:"help_batch_code"`
	Owner  string `help:"help_batch_owner"`
	Due    string `help:"help_batch_due" placeholder:"2026-11-09"`
	Reason string `help:"help_batch_reason"`
}

// Run closes a batch, or proposes the list of what is open.
func (c batchCloseCmd) Run(a *app) error {
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		if c.Owner != "" {
			due, err := parseDay(c.Due)
			if err != nil {
				return err
			}
			l, err := s.Batch.ProposeOpenItems(ctx, c.Code, c.Owner, due, c.Reason)
			if err != nil {
				return err
			}
			return a.showList(l)
		}
		done, err := s.Batch.Close(ctx, c.Code)
		if err != nil {
			return err
		}
		return a.Result(done, func(w io.Writer) {
			if done.OpenItems != 0 {
				a.say(w, done.Replay, "batch.out.closed_open", "code", done.Batch.Code, "list", int64(done.OpenItems))
				return
			}
			a.say(w, done.Replay, "batch.out.closed", "code", done.Batch.Code)
		})
	})
}

type batchCancelCmd struct {
	Code   string `arg:"" help:"help_batch_code"`
	Reason string `required:"" help:"help_batch_reason"`
}

// Run cancels a batch before its release.
func (c batchCancelCmd) Run(a *app) error {
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		b, err := s.Batch.Cancel(ctx, c.Code, c.Reason)
		if err != nil {
			return err
		}
		return a.Result(b, func(w io.Writer) { a.say(w, false, "batch.out.cancelled", "code", b.Code) })
	})
}

type batchReissueCmd struct {
	Code      string   `arg:"" help:"help_batch_code"`
	Payments  []string `name:"payment" help:"help_batch_payment" placeholder:"12"`
	SmallList int64    `name:"small-list" help:"help_batch_small_list"`
	Reason    string   `help:"help_batch_reason"`
	Date      string   `help:"help_batch_date" placeholder:"2026-10-20"`
	Dir       string   `type:"path" help:"help_batch_dir"`
}

// Run proposes a re-issue, or releases an approved one.
func (c batchReissueCmd) Run(a *app) error {
	on, err := a.dayOr(c.Date)
	if err != nil {
		return err
	}
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		if c.SmallList == 0 {
			again, err := c.again(ctx, s)
			if err != nil {
				return err
			}
			l, err := s.Batch.ProposeReissue(ctx, c.Code, again)
			if err != nil {
				return err
			}
			return a.showList(l)
		}
		r, err := s.Batch.ReleaseReissue(ctx, batch.ListID(c.SmallList), on)
		if err != nil {
			return err
		}
		if _, err := s.Batch.WriteFiles(ctx, r.Batch.Code, a.filesDir(c.Dir)); err != nil {
			return err
		}
		return a.Result(releasedView(r), func(w io.Writer) {
			a.say(w, r.Replay, "batch.out.released", "code", r.Batch.Code, "count", len(r.Files), "amount", r.Amount.Grouped())
			a.printFiles(w, r.Files)
		})
	})
}

// again is the payments in the order of their numbers, so that the same
// command asks for the same list. A payment without an account goes to the one
// its payee has now.
func (c batchReissueCmd) again(ctx context.Context, s *services) ([]batch.Again, error) {
	out := make([]batch.Again, len(c.Payments))
	for i, text := range c.Payments {
		number, account, named := strings.Cut(text, "=")
		p, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, errs.New(errs.Invalid, "CLI_REISSUE", "value", text)
		}
		out[i] = batch.Again{Payment: payment.ID(p), Reason: c.Reason}
		if named {
			id, err := strconv.ParseInt(account, 10, 64)
			if err != nil {
				return nil, errs.New(errs.Invalid, "CLI_REISSUE", "value", text)
			}
			out[i].Account = parties.AccountID(id)
			continue
		}
		if out[i].Account, err = s.accountNow(ctx, payment.ID(p)); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out, func(a, b batch.Again) int { return cmp.Compare(a.Payment, b.Payment) })
	return out, nil
}

// accountNow is the account that the payee of a payment has now, 0 for none.
func (s *services) accountNow(ctx context.Context, id payment.ID) (parties.AccountID, error) {
	p, err := payment.ByID(ctx, s.DB.Pool(), id)
	if err != nil {
		return 0, err
	}
	now, err := s.Parties.CurrentAccounts(ctx, s.DB.Pool(), []int64{p.Payee})
	return now[p.Payee].ID, err
}

type batchListCmd struct {
	After int64 `help:"help_batch_after"`
}

// Run lists the batches.
func (c batchListCmd) Run(a *app) error {
	return a.with(func(s *services) error {
		page, err := batch.List(a.ctx, s.DB.Pool(), batch.ID(c.After), 0)
		if err != nil {
			return err
		}
		return a.Result(map[string]any{"batches": page}, func(w io.Writer) {
			if len(page) == 0 {
				a.say(w, false, "batch.out.none")
			}
			for _, b := range page {
				a.printBatch(w, b)
			}
		})
	})
}
