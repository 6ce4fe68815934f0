package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/areas"
	"fenlu/disbursement/batch"
	"fenlu/disbursement/benefits"
	"fenlu/disbursement/entitlements"
	"fenlu/disbursement/funds"
	"fenlu/disbursement/funds/carveout"
	"fenlu/disbursement/imports"
	"fenlu/disbursement/parties"
	"fenlu/disbursement/payment"
	"fenlu/disbursement/rules"
	"fenlu/disbursement/terms"
	"fenlu/internal/clock"
	"fenlu/ledger"
	"fenlu/ledger/books"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
	"fenlu/money"
	"fenlu/reconciliation"
)

// TestLeafVectors: the leaves of fixed rows are those of docs/proof.md. Those
// of evidence and attempts are beside their code.
func TestLeafVectors(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 10, 9, 9, 0, 0, 123000, clock.Shanghai)
	day := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
	sum := strings.Repeat("0a", 32)
	cash := money.Fen(600_000_00)
	third, one := rateOf(t, "1/3"), rateOf(t, "1")
	for name, l := range map[string]*leaf.Leaf{
		"approval": batch.ApprovalLeaf(batch.Approval{ID: 7, Subject: "batch:3", Step: batch.StepApprove, Decision: batch.Rejected, Actor: "lin",
			DecidedAt: at, Digest: bytes.Repeat([]byte{10}, 32), Comment: "第17行标准有误"}),
		"import": imports.Leaf(imports.Imported{ID: 5, Kind: "roster", Scope: "QHMZ", SHA256: sum, Name: "roster-DB.xlsx", Rows: 160, By: "zhou", At: at}),
		"policy": benefits.PolicyLeaf(benefits.Policy{ID: 4, Program: "DB", Component: "basic", Class: "rural", ValidFrom: day, Period: "month",
			Amount: 580_00, Rounding: "fen", Operator: "exact", Document: "青民〔2026〕8号", Clause: "二（一）", Quote: "农村低保标准每人每月580元", ImportFile: 2,
			Layers: []benefits.Layer{{Level: "county", Amount: 180_00}, {Level: "central", Amount: 400_00}}}),
		"policy_formula": benefits.PolicyLeaf(benefits.Policy{ID: 5, Program: "TK", Component: "care", Class: "全护理", ValidFrom: day, Period: "month",
			Rounding: "fen", Operator: "exact", Document: "青民〔2026〕8号", Clause: "三", Quote: "按上年度最低工资标准的三分之一确定", ImportFile: 2, Area: "991301000000",
			Formula: &benefits.Formula{Family: benefits.Ratio, Rate: third, Base: []benefits.Term{{Rate: one, Figure: rules.MinimumWage, Prior: true}},
				Operator: benefits.Equals}}),
		"policy_limit": benefits.LimitLeaf(benefits.Limit{ID: 1, Program: "TK", Component: "basic", Area: "991300000000", ValidFrom: day, Operator: benefits.NoLess,
			Rate: third, Base: []benefits.Term{{Rate: one, Program: "DB", Component: "basic", Class: "城市"}}, Binding: true, Document: "青民〔2026〕8号", Clause: "四",
			Quote: "不低于", ImportFile: 2}),
		"rule": rules.Leaf(rules.Figure{ID: 3, Name: rules.PublicationDays, Area: "991301000000", ValidFrom: day, Value: "7", Operator: rules.AtLeast,
			Document: "青民〔2026〕8号", Clause: "五（二）", Quote: "公示期不少于七日", ImportFile: 2}),
		"area": areas.ChangeLeaf(areas.Change{ID: 2, Code: "991301200000", Kind: areas.Merged, Successor: "991301100000", From: day, Document: "青政〔2026〕30号",
			By: "admin", At: at}),
		"office": areas.OfficeLeaf(areas.Office{ID: 1, Code: "QHMZ", Name: "青禾县民政局", Area: "991301000000", From: day, Document: "青编〔2020〕1号", ImportFile: 2}),
		"valued_aid": entitlements.ValuedLeaf(entitlements.Valued{ID: 4, Number: "折〔2026〕4号", Form: entitlements.Goods, Scheme: "冬春救助", Source: terms.Province,
			Person: 1000, GivenOn: day, What: "棉被", Quantity: 2, Value: 300_00, Document: "青民〔2026〕40号", ImportFile: 2}),
		"entitlement": entitlements.EventLeaf(entitlements.Event{ID: 6, Person: 1000, Household: 2001, Program: "DB", Kind: entitlements.Stopped, On: day, Grace: true,
			Document: "停发审批表〔2026〕6号", ImportFile: 2}),
		"outside_fact": entitlements.FactLeaf(entitlements.Fact{ID: 7, Person: 1000, Blind: bytes.Repeat([]byte{10}, 32), Kind: entitlements.Prison, From: day,
			Source: "青禾县司法局", ImportFile: 2}),
		"household_fact": entitlements.MeansLeaf(entitlements.MeansFact{ID: 8, Person: 1000, Household: 2001, Kind: entitlements.IncomeMonth, Value: "1200.00", From: day,
			Document: "核对报告〔2026〕8号", ImportFile: 2}),
		"exclusion": entitlements.Leaf(entitlements.Exclusion{ID: 5, Area: "991301000000", ValidFrom: day, One: entitlements.Side{Program: "DB", Class: "农村%"},
			Other: entitlements.Side{Program: "DB", Class: "城市%"}, Scope: entitlements.OfPerson, Effect: entitlements.Block,
			Document: "青民〔2026〕8号", Clause: "六（一）", Quote: "不得同时享受城乡低保", ImportFile: 2}),
		"document": funds.DocumentLeaf(funds.Document{ID: 1, Number: "财社〔2026〕12号", Title: "下达困难群众救助补助资金", Kind: funds.Bring, Year: 2026,
			IssuedOn: day, ReceivedOn: day.AddDate(0, 0, 5), ImportFile: 1, RecordedBy: "admin", RecordedAt: at}, []funds.Line{{ID: 1, Document: 1,
			LineNo: 1, Kind: funds.Bring, Lot: 1, Level: "central", Fund: "困难群众救助补助资金", FunctionCode: "2081901", EconomicCode: "50901",
			Office: "社保股", Programs: "DB;TK", To: 1, CashArrived: &cash, Amount: 1_000_000_00, Journal: 1}}),
		"carveout_base": funds.CarveoutBaseLeaf(funds.CarveoutBase{ID: 2, Area: "991301000000", Year: 2026, Variant: carveout.Each, Levels: []terms.Level{terms.Province},
			CarryIn: true, Basis: funds.Budgeted, AsOf: &day, Document: "青民〔2026〕12号", Clause: "二", DecidedBy: "局长办公会", DecidedOn: day, RecordedBy: "admin", RecordedAt: at}),
		"contract": funds.ContractLeaf(funds.Contract{ID: 3, Number: "青民购〔2026〕1号", CreditCode: "12991301000000001X", Supplier: "青禾社工服务中心", Township: "991301200000",
			Service: funds.Station, Scope: "驻站服务", Headcount: 2, Recipients: 600, Amount: 200_000_00, Fund: "社会救助工作经费", Year: 2026, SignedOn: day, StartsOn: day,
			EndsOn: day.AddDate(0, 0, 180), ImportFile: 5, RecordedBy: "zhou", RecordedAt: at}),
		"acceptance":   funds.AcceptanceLeaf(funds.Acceptance{ID: 4, Number: "验〔2026〕1号", ContractID: 3, AcceptedOn: day, Amount: 50_000_00, Evidence: sum, AcceptedBy: "lin", RecordedAt: at}),
		"service_void": funds.VoidLeaf(funds.ServiceVoid{ID: 1, Kind: funds.VoidAcceptance, Of: 4, Reason: "金额填错", VoidedBy: "zhou", VoidedAt: at}),
		"cash_arrival": funds.CashFact{Kind: proof.KindArrival, Ref: 2, Number: "收〔2026〕18号", Of: 1, On: day, Amount: 500_000_00, RecordedBy: "zhou", RecordedAt: at}.Leaf(),
		"fund_receipt": funds.CashFact{Kind: proof.KindReceipt, Ref: 3, Number: "息2026-09", Of: 9, What: "interest", On: day, DueOn: day.AddDate(0, 0, 10), Amount: 120_00, Journal: 41,
			RecordedBy: "zhou", RecordedAt: at}.Leaf(),
		"remittance": funds.CashFact{Kind: proof.KindRemittance, Ref: 42, Number: "缴〔2026〕7号", Of: 3, On: day, Amount: 120_00, Journal: 42, RecordedBy: "zhou", RecordedAt: at}.Leaf(),
		"passed_on":  funds.CashFact{Kind: proof.KindPassedOn, Ref: 1, On: day, RecordedBy: "zhou", RecordedAt: at}.Leaf(),
		"township_account": funds.CashFact{Kind: proof.KindTownshipAccount, Ref: 2, Number: "991301200000 XZ991301200", What: "麦川乡备用金专户 402991300034 955800991301000042",
			On: day, RecordedBy: "zhou", RecordedAt: at}.Leaf(),
		"reserve_transfer": funds.CashFact{Kind: proof.KindTransfer, Ref: 5, Number: "青财社〔2026〕7号", What: ">991301200000", On: day, Amount: 14_280_00, Journal: 41,
			RecordedBy: "zhou", RecordedAt: at}.Leaf(),
		"township_entry": funds.CashFact{Kind: proof.KindTownshipEntry, Ref: 6, Number: "12:3", Of: 5, What: "arrived 991301200000", On: day, Amount: 14_280_00,
			RecordedBy: "he", RecordedAt: at}.Leaf(),
		"township_advance": funds.TownshipAdvance{Case: 7, Number: "青民临2026-7", Township: "991301200000", Unit: 5, Amount: 800_00, Receipt: bytes.Repeat([]byte{10}, 32),
			PaidAt: at, DueOn: day.AddDate(0, 4, 0), RecordedBy: "du", RecordedAt: at}.Leaf(),
		"act": parties.ActLeaf(parties.Act{ID: 4, Kind: parties.ActSplit, Subject: 2001, Other: 2009, Effective: day, Document: "青民〔2026〕21号", Reason: "分家",
			Actor: "zhou", At: at}, partsOf([]byte("member\t1003\t2001\t2009\thead\n"))),
		"right": auth.RightLeaf(auth.Change{ID: 12, Login: "sun", Name: "孙嘉木", Office: "青禾县财政局", Right: auth.BatchRelease, Given: true, By: "admin", At: at}),
		"delegation": auth.DelegationLeaf(auth.Delegation{ID: 2, Giver: "zhao", To: "lin", Right: auth.BatchCheck, From: day, Until: day.AddDate(0, 0, 6),
			Reason: "年休", At: at}),
		"chain": batch.ChainLeaf(batch.Chain{ID: 1, Kind: "batch", Office: "QHMZ", Program: "DB", ValidFrom: day, Document: "青民〔2026〕11号", Clause: "三",
			ImportFile: 4, RecordedBy: "admin", RecordedAt: at, Stages: []batch.Stage{{Order: 1, Step: batch.StepMake, Right: auth.BatchMake, Persons: 1},
				{Order: 2, Step: batch.StepReview, Title: "财政局会签", Right: auth.BatchReview, Office: "青禾县财政局", Persons: 2}}}),
		"publication": batch.PublicationLeaf(batch.Publication{ID: 2, Batch: batch.Batch{ID: 3}, PublishedOn: day, Until: day.AddDate(0, 0, 7),
			Digest: bytes.Repeat([]byte{10}, 32), Count: 160, Hidden: 4, By: "zhou", At: at}),
		"recovery": funds.RecoveryAct{ID: 5, Recovery: 2, N: 3, Kind: funds.RecoveryReceive, On: day, Amount: 300_00, Number: "YH20260701-0018",
			Evidence: bytes.Repeat([]byte{10}, 32), Actor: "sun", At: at}.Leaf(partsOf([]byte("1\t8\tlot\t30000\t31\n"))),
		"voucher": batch.VoucherLeaf(batch.Voucher{ID: 6, Batch: 3, NewVoucher: batch.NewVoucher{Number: "GK-2026-0107", Dated: day, BudgetLine: 9,
			Amount: 486_00}, RecordedBy: "zhou", RecordedAt: at}),
		"voucher_void": batch.VoidLeaf(batch.Void{Voucher: 6, Reason: "金额填错", VoidedBy: "zhou", VoidedAt: at}),
		"channel":      payment.VoucherNeedLeaf(payment.VoucherNeed{ID: 1, Channel: "GK", Needed: true, RecordedBy: "admin", RecordedAt: at}),
		"advance": batch.AdvanceLeaf(batch.Advance{ID: 2, NewAdvance: batch.NewAdvance{Number: "县财预〔2026〕9号", Title: "关于垫付省级特困资金的决定", IssuedOn: day,
			Program: "TK", Payer: "county", Owing: "province", Amount: 500_00, Until: day.AddDate(0, 1, 0)}, RecordedBy: "zhou", RecordedAt: at}),
		"advanced": batch.AdvancedLeaf(31, []batch.AdvancedLeg{{Holding: 3001, Advance: 2, Line: 501, Amount: 363_00, Journal: 31}}),
		"correction": batch.CorrectionLeaf(batch.Correction{ID: 4, Number: "县财预〔2026〕20号", Title: "关于更正特困资金来源的通知", IssuedOn: day, Advance: 2,
			Arrived: "省财社〔2026〕33号", Amount: 100_00, Journal: 42, RecordedBy: "xie", RecordedAt: at,
			Legs: []batch.CorrectedLeg{{Root: 3001, From: 3001, To: 4001, Amount: 100_00}}}),
		"installation": auth.InstallationLeaf(auth.Fact{ID: 2, Name: "first_user", Value: "admin", RecordedAt: at}),
		"unmasking": parties.UnmaskingLeaf(parties.Unmasking{ID: 3, Purpose: parties.ForPayee, Subject: "attempt:QHMZ-000001-0000002-01-7", Owner: 1002,
			Account: 2002, Accounts: 1, Actor: "shen", At: at}),
		"period": books.Leaf(books.Act{ID: 2, Period: "2026-10", Kind: books.Close, Proposal: 1, Actor: "lin", Reason: "月结", DecidedAt: at, Journals: 31,
			Amount: 1_000_000_00}),
		"voucher_rule": books.RuleLeaf(books.Rule{ID: 1001, Area: "青禾县民政局", Year: 2026, Event: books.ReturnedBack, Version: 1, Condition: books.SameYear,
			Purpose: "benefit", Payee: "person", Setting: "accrual=on,passive_return=red", Book: books.Financial, Ord: 1, Debit: "2303", Credit: "4001", Red: true,
			Status: books.ToBeConfirmed, Source: "青财〔2026〕1号", RecordedBy: "admin", RecordedAt: at}),
		"voucher_setting": books.SettingLeaf(books.Setting{ID: 1002, Year: 2026, Name: "passive_return", Value: "reverse", Document: "青财〔2026〕1号", RecordedBy: "admin", RecordedAt: at}),
		"key":             proof.Key{ID: 1, VKey: "fenlu/0123456789abcdef+e740f53b+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4", RecordedAt: at}.Leaf(),
		"restart": proof.Restart{ID: 2, Act: proof.ConfirmRestart, Proposal: 1, AbandonedSize: 42, AbandonedRoot: bytes.Repeat([]byte{10}, 32), KeptSize: 30,
			Reason: "磁盘损坏，恢复备份", Actor: "lin", At: at}.Leaf(),
	} {
		vector(t, name+".leaf", l.Bytes())
		h := l.Hash()
		vector(t, name+".hash", []byte(hex.EncodeToString(h[:])+"\n"))
	}
}

func partsOf(parts ...[]byte) *leaf.Tree {
	var tree leaf.Tree
	for _, p := range parts {
		tree.Add(p)
	}
	return &tree
}

func rateOf(t *testing.T, text string) money.Rate {
	t.Helper()
	r, err := money.ParseRate(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func vector(t *testing.T, name string, got []byte) {
	t.Helper()
	want, err := os.ReadFile(filepath.Join("..", "..", "ledger", "proof", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// TestLeaves_say_nothing_of_people: a month's leaves and all their parts, in the
// log with the same hash, hold nobody's name, ID or account number, nor the
// plain hash of one.
func TestLeaves_say_nothing_of_people(t *testing.T) {
	t.Parallel()
	o, dir := newReconOffice(t), t.TempDir()
	b := o.send(t, dir, 1, 100_00, 200_00, 300_00)
	o.read(t, "r1.txt", naming(o.said(t, b, 1, 1, "1003")))
	again := o.release(t, dir, b, true, b.payments[0])
	o.read(t, "r2.txt", o.said(t, again, 1, 1, "0000"))
	o.read(t, "r3.txt", o.said(t, b, 2, 2, "0000"))
	attempts, err := payment.AttemptsOfFile(o.ctx, o.db.Pool(), b.file.ID)
	if err != nil {
		t.Fatal(err)
	}
	seeing := auth.WithActor(o.ctx, auth.Actor{Login: "shen", Rights: auth.NewRights(auth.PeopleUnmask)})
	opened, err := o.payment.OpenPayee(seeing, attempts[0].EndToEndID)
	if err != nil {
		t.Fatal(err)
	}
	var texts int
	err = o.db.Pool().QueryRow(o.ctx, `SELECT count(*) FROM evidence WHERE reason_text LIKE $1`, "%"+opened.Payee.Name+"%").Scan(&texts)
	if err != nil || texts != 1 {
		t.Fatalf("%d texts of the bank name the payee, %v", texts, err)
	}
	secrets := forms(opened.Payee.Name, opened.Payee.IDNumber, opened.Payee.Account, "6229991301000000010")
	leaves := o.leaves(t)
	if kinds := len(leaves); kinds < 5 {
		t.Fatalf("leaves of %d kinds only", kinds)
	}
	for kind, texts := range leaves {
		for _, text := range texts {
			for form, secret := range secrets {
				if bytes.Contains(text, []byte(secret)) {
					t.Errorf("%s holds the %s: %s", kind, form, text)
				}
			}
		}
	}
}

// naming puts the payee's name and numbers into the bank's reason.
func naming(result []byte) []byte {
	return bytes.Replace(result, []byte("|1003|"), []byte("|1003|\xbb\xa7\xc3\xfb\xb2\xbb\xb7\xfb \xcc\xc6\xd6\xbe\xd4\xb6 6229991301000000010"), 1)
}

// forms are secrets and their plain SHA-256, in hexadecimal of either case and
// as bytes.
func forms(secrets ...string) map[string]string {
	out := map[string]string{}
	for _, s := range secrets {
		sum := sha256.Sum256([]byte(s))
		out["value "+s], out["hash of "+s], out["bytes of the hash of "+s] = s, hex.EncodeToString(sum[:]), string(sum[:])
		out["upper-case hash of "+s] = strings.ToUpper(hex.EncodeToString(sum[:]))
	}
	return out
}

// leaves makes every leaf of the log again, by kind, with its parts, and fails
// where one is not the log's.
func (o *reconOffice) leaves(t *testing.T) map[string][][]byte {
	t.Helper()
	type entry struct {
		Kind   string
		Ref    int64
		Digest []byte
	}
	rows, err := o.db.Pool().Query(o.ctx, `SELECT kind, ref, digest FROM logged ORDER BY kind, ref`)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := pgx.CollectRows(rows, pgx.RowToStructByPos[entry])
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][][]byte{}
	for _, e := range entries {
		l, parts := o.leaf(t, e.Kind, e.Ref)
		if h := l.Hash(); !bytes.Equal(h[:], e.Digest) {
			t.Errorf("%s %d is another leaf in the log than\n%s", e.Kind, e.Ref, l.Bytes())
		}
		out[e.Kind] = append(append(out[e.Kind], l.Bytes()), parts...)
	}
	return out
}

func (o *reconOffice) leaf(t *testing.T, kind string, ref int64) (l *leaf.Leaf, parts [][]byte) {
	t.Helper()
	q := o.db.Pool()
	keep := func(part []byte) { parts = append(parts, slices.Clone(part)) }
	var err error
	switch kind {
	case "release":
		l, err = payment.LeafOf(o.ctx, q, payment.FileID(ref), func(_ payment.Attempt, part []byte) { keep(part) })
	case "evidence":
		l, err = reconciliation.LeafOf(o.ctx, q, reconciliation.FileID(ref), func(_ int64, part []byte) { keep(part) })
	case "import":
		var f imports.Imported
		f, err = imports.Get(o.ctx, q, ref)
		l = imports.Leaf(f)
	case "unmasking":
		var u parties.Unmasking
		err = q.QueryRow(o.ctx, `SELECT id, purpose, subject, owner, account, accounts, actor, unmasked_at FROM unmasking WHERE id = $1`, ref).
			Scan(&u.ID, &u.Purpose, &u.Subject, &u.Owner, &u.Account, &u.Accounts, &u.Actor, &u.At)
		l = parties.UnmaskingLeaf(u)
	case "journal":
		l, err = o.journal(ledger.JournalID(ref), keep)
	default:
		err = fmt.Errorf("no leaf of kind %s is looked at", kind)
	}
	if err != nil {
		t.Fatal(err)
	}
	return l, parts
}

func (o *reconOffice) journal(id ledger.JournalID, keep func(part []byte)) (*leaf.Leaf, error) {
	q := o.db.Pool()
	places, err := ledger.PlacesOf(o.ctx, q)
	if err != nil {
		return nil, err
	}
	lines, err := ledger.Transfers(o.ctx, q, id, 0, 1000)
	if err != nil {
		return nil, err
	}
	var tree leaf.Tree
	var part leaf.Part
	for _, t := range lines {
		b := ledger.LinePart(&part, t, places)
		tree.Add(b)
		keep(b)
	}
	j, err := ledger.JournalByID(o.ctx, q, id)
	return ledger.Leaf(j, &tree), err
}
