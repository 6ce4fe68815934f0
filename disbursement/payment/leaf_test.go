package payment_test

import (
	"encoding/hex"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/payment"
	"fenlu/internal/check"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/ledger/proof/leaf"
	"fenlu/money"
)

// released is an office with two payments in a released and written file.
func released(t *testing.T) (*office, payment.File) {
	t.Helper()
	o := newOffice(t)
	files := o.release(false, o.freeze([]money.Fen{300_00}, []money.Fen{200_00, 50_00})...)
	if _, err := o.svc.WriteFiles(o.ctx, 1, t.TempDir()); err != nil {
		t.Fatal(err)
	}
	return o, files[0]
}

func (o *office) endToEnd(file payment.FileID) []string {
	o.t.Helper()
	list, err := payment.AttemptsOfFile(o.ctx, o.db.Pool(), file)
	if err != nil {
		o.t.Fatal(err)
	}
	var ids []string
	for _, a := range list {
		ids = append(ids, a.EndToEndID)
	}
	return ids
}

// A bundle proves one attempt, and who it paid, without anybody else's.
func TestLeafOf_proves_who_one_attempt_paid(t *testing.T) {
	t.Parallel()
	o, file := released(t)
	ids := o.endToEnd(file.ID)
	prover, err := leaf.NewProver(int64(file.Count), 1)
	if err != nil {
		t.Fatal(err)
	}
	var second []byte
	l, err := payment.LeafOf(o.ctx, o.db.Pool(), file.ID, func(a payment.Attempt, part []byte) {
		prover.Add(part)
		if a.EndToEndID == ids[1] {
			second = slices.Clone(part)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	count, root, err := leaf.PartsOf(l)
	if err != nil || count != 2 {
		t.Fatalf("%d parts, %v", count, err)
	}
	path, err := prover.Proof(1)
	if err != nil {
		t.Fatal(err)
	}
	if err := leaf.CheckPart(path, root, count, 1, second); err != nil {
		t.Error(err)
	}
	fields, err := leaf.ParsePart(second)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := o.svc.OpenPayee(o.ctx, ids[1])
	if err != nil {
		t.Fatal(err)
	}
	if !leaf.CheckPayee(unhex(t, fields[6]), opened.Salt, opened.Payee) || opened.Payee.Name != "蒋玉兰" || len(opened.Payee.IDNumber) != 18 {
		t.Errorf("%q is not committed to %+v", fields, opened.Payee)
	}
	other, err := o.svc.OpenPayee(o.ctx, ids[0])
	if err != nil || leaf.CheckPayee(unhex(t, fields[6]), opened.Salt, other.Payee) || leaf.CheckPayee(unhex(t, fields[6]), other.Salt, opened.Payee) {
		t.Errorf("somebody else or another salt passes, %v", err)
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestOpenPayee_needs_the_right(t *testing.T) {
	t.Parallel()
	o, file := released(t)
	id := o.endToEnd(file.ID)[0]
	before := o.unmaskings()
	plain := auth.WithActor(o.ctx, auth.Actor{Login: "shen", Rights: auth.NewRights(auth.AuditRead, auth.BatchRelease)})
	if _, err := o.svc.OpenPayee(plain, id); errs.CodeOf(err) != "AUTH_RIGHT_MISSING" {
		t.Errorf("without the right: %v", err)
	}
	if _, err := o.svc.OpenPayee(t.Context(), id); errs.CodeOf(err) != "AUTH_NO_ACTOR" {
		t.Errorf("as nobody: %v", err)
	}
	if _, err := o.svc.OpenPayee(o.ctx, "QHMZ-000009-0000001-01-X"); errs.CodeOf(err) != "PAYMENT_ATTEMPT_UNKNOWN" {
		t.Errorf("of no attempt: %v", err)
	}
	if diff := cmp.Diff(before, o.unmaskings()); diff != "" {
		t.Errorf("what was refused is recorded (-want +got):\n%s", diff)
	}
}

type unmasked struct {
	Purpose, Subject string
	Owner, Account   int64
	Accounts         int
	Actor            string
}

func (o *office) unmaskings() []unmasked {
	o.t.Helper()
	rows, err := o.db.Pool().Query(o.ctx, `SELECT purpose, subject, owner, account, accounts, actor FROM unmasking ORDER BY id`)
	if err != nil {
		o.t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[unmasked])
	if err != nil {
		o.t.Fatal(err)
	}
	return list
}

// Promise 12: every unmasking is recorded, one record for a file.
func TestEvery_unmasking_is_recorded(t *testing.T) {
	t.Parallel()
	o, file := released(t)
	id := o.endToEnd(file.ID)[0]
	if _, err := o.svc.OpenPayee(o.ctx, id); err != nil {
		t.Fatal(err)
	}
	want := []unmasked{
		{Purpose: "release", Subject: "bank_file:1", Accounts: 2, Actor: "sun"},
		{Purpose: "file", Subject: "bank_file:1", Accounts: 2, Actor: "sun"},
		{Purpose: "payee", Subject: "attempt:" + id, Owner: o.people[0], Account: int64(o.accts[0]), Accounts: 1, Actor: "sun"},
	}
	if diff := cmp.Diff(want, o.unmaskings()); diff != "" {
		t.Errorf("unmaskings (-want +got):\n%s", diff)
	}
	if _, err := o.svc.WriteFiles(t.Context(), 1, t.TempDir()); errs.CodeOf(err) != "AUTH_NO_ACTOR" {
		t.Errorf("nobody wrote a file: %v", err)
	}
	for _, sql := range []string{`UPDATE unmasking SET actor = 'x'`, `DELETE FROM unmasking`, `UPDATE attempt_payee SET version = 1`, `DELETE FROM attempt_payee`} {
		if _, err := o.db.Pool().Exec(o.ctx, sql); err == nil {
			t.Errorf("the application may %s", sql)
		}
	}
}

func TestVerify_names_the_file_that_was_altered(t *testing.T) {
	t.Parallel()
	o, _ := released(t)
	if found, err := o.svc.Verify(o.ctx, o.db.Pool()); err != nil || len(found) != 0 {
		t.Fatalf("before: %+v, %v", found, err)
	}
	owner := o.env.Owner(t)
	for name, c := range map[string]struct{ sql, check, row string }{
		"digest":              {`UPDATE bank_file SET sha256 = 'x'`, "release_leaf", "bank_file 1"},
		"name":                {`UPDATE bank_file SET name = 'x.txt'`, "release_leaf", "bank_file 1"},
		"released by":         {`UPDATE bank_file SET released_by = 'lin'`, "release_leaf", "bank_file 1"},
		"released on":         {`UPDATE bank_file SET created_at = created_at + interval '1 day'`, "release_leaf", "bank_file 1"},
		"execution date":      {`UPDATE bank_file SET execute_on = execute_on + 1`, "release_leaf", "bank_file 1"},
		"file taken out":      {`DELETE FROM bank_file`, "release_leaf", "bank_file 1"},
		"leaf taken out":      {`DELETE FROM log_pending WHERE kind = 'release'`, "release_leaf", "bank_file 1"},
		"amounts of attempts": {`UPDATE attempt SET amount_fen = CASE file_line WHEN 1 THEN 250 ELSE 300 END * 100`, "release_leaf", "bank_file 1"},
		"an end-to-end id":    {`UPDATE attempt SET end_to_end_id = 'x' WHERE file_line = 2`, "release_leaf", "bank_file 1"},
		"an attempt's order":  {`UPDATE attempt SET file_line = 3 - file_line`, "release_leaf", "bank_file 1"},
		"an account":          {`UPDATE attempt SET account = (SELECT max(account) FROM attempt) WHERE file_line = 1`, "release_leaf", "bank_file 1"},
		"whose account":       {`UPDATE attempt SET account = (SELECT max(account) FROM attempt) WHERE file_line = 1`, "attempt_payee", "attempt 1"},
		"a commitment":        {`UPDATE attempt_payee SET commitment = 'x' WHERE attempt = 1`, "release_leaf", "bank_file 1"},
		"no commitment":       {`DELETE FROM attempt_payee WHERE attempt = 1`, "attempt_payee", "attempt 1"},
		"another salt":        {`UPDATE attempt_payee SET salt_cipher = (SELECT salt_cipher FROM attempt_payee WHERE attempt = 2) WHERE attempt = 1`, "attempt_payee", "attempt 1"},
		"the holder's name":   {`UPDATE payee_account SET holder_name = '何长贵' WHERE holder_name = '唐志远'`, "attempt_payee", "attempt 1"},
		"the holder's bank":   {`UPDATE payee_account SET bank_code = '402991300026' WHERE holder_name = '唐志远'`, "attempt_payee", "attempt 1"},
		"the holder's number": {`UPDATE person_version SET id_cipher = (SELECT id_cipher FROM person_version WHERE name = '蒋玉兰') WHERE name = '唐志远'`, "attempt_payee", "attempt 1"},
	} {
		tx, err := owner.Begin(o.ctx)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(o.ctx, c.sql); err != nil {
			t.Fatal(name, err)
		}
		found, err := o.svc.Verify(o.ctx, tx)
		if err != nil {
			t.Fatal(name, err)
		}
		if !slices.ContainsFunc(found, func(f check.Finding) bool { return f.Check == c.check && f.Row == c.row }) {
			t.Errorf("%s: %s of %s is not among %+v", name, c.check, c.row, found)
		}
		if !i18n.Has("check." + c.check) {
			t.Errorf("check.%s has no text", c.check)
		}
		if err := tx.Rollback(o.ctx); err != nil {
			t.Fatal(err)
		}
	}
}
