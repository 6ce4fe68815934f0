package batch_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/batch"
	"fenlu/internal/errs"
	"fenlu/internal/evidence"
	"fenlu/internal/i18n"
)

const chainHead = "适用,单位代码,项目,执行日期,次序,步骤,名称,办理单位,最少人数,文号,条款"

func stage(order, step, title, office, persons string) row {
	return row{"适用": "批次", "项目": "DB", "执行日期": "2026-01-01", "次序": order, "步骤": step, "名称": title, "办理单位": office, "最少人数": persons,
		"文号": "县民发〔2026〕11号", "条款": "第三条"}
}

// reviewedChain has two reviews: two persons of the civil-affairs bureau, one
// of finance.
func reviewedChain() []row {
	return []row{stage("1", "经办", "", "", ""), stage("2", "复核", "", "", ""), stage("3", "会签", "民政局会审", "青禾县民政局", "2"),
		stage("4", "会签", "财政局会签", "青禾县财政局", "1"), stage("5", "审批", "", "", ""), stage("6", "放款", "", "", ""), stage("7", "关闭", "", "", "")}
}

func (o *office) chains(rows ...row) error {
	o.t.Helper()
	_, err := o.batch.ImportChains(o.all("admin"), o.csv(chainHead, rows...))
	return err
}

func TestReview_by_the_chain_of_the_program(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	if err := o.chains(reviewedChain()...); err != nil {
		t.Fatal(explain(err))
	}
	o.money("财社〔2026〕12号", "中央", "50000.00")
	o.people(head(1), head(2))
	digest := o.submitted("DB-1", "DB", "DF", due(1))
	sign := func(login, office string) (batch.Reviewed, error) {
		return o.batch.Review(auth.WithActor(t.Context(), auth.Actor{Login: login, Name: login, Office: office, Rights: auth.NewRights(auth.All()...)}), "DB-1", digest, "")
	}
	o.refused(second(o.batch.Approve(o.all("approver"), "DB-1", digest)), "BATCH_REVIEW_FIRST")
	o.refused(second(sign("maker", "青禾县民政局")), "BATCH_SAME_PERSON")
	o.refused(second(sign("cai", "青禾县财政局")), "BATCH_CHAIN_OFFICE") // finance is not first
	r, err := sign("ming", "青禾县民政局")
	if err != nil || r.Left != 1 || r.Next != nil {
		t.Fatalf("%+v, %s", r, explain(err))
	}
	if r, err = sign("ming", "青禾县民政局"); err != nil || !r.Replay {
		t.Errorf("the same person again: %+v, %s", r, explain(err))
	}
	o.refused(second(o.batch.Review(o.all("ming"), "DB-1", batch.Digest("another list"), "")), "BATCH_LIST_CHANGED")
	o.refused(second(o.batch.Approve(o.all("approver"), "DB-1", digest)), "BATCH_REVIEW_FIRST")
	if r, err = sign("zheng", "青禾县民政局"); err != nil || r.Left != 0 || r.Next == nil || r.Next.Title != "财政局会签" {
		t.Fatalf("%+v, %s", r, explain(err))
	}
	o.refused(second(sign("wen", "青禾县民政局")), "BATCH_CHAIN_OFFICE")
	if r, err = sign("cai", "青禾县财政局"); err != nil || r.Left != 0 {
		t.Fatalf("%+v, %s", r, explain(err))
	}
	o.refused(second(sign("lv", "青禾县财政局")), "BATCH_REVIEW_NONE")
	o.refused(second(o.batch.Approve(o.all("cai"), "DB-1", digest)), "BATCH_SAME_PERSON")
	if _, err := o.batch.Approve(o.all("approver"), "DB-1", digest); err != nil {
		t.Fatal(explain(err))
	}
	o.sound()

	// another program has the general chain
	o.money("青财社〔2026〕3号", "县", "50000.00")
	o.money("财社〔2026〕13号", "省", "50000.00")
	o.approved("TK-1", "TK", "DF", poor(2, "集中", "536.00"))

	// a signature that was taken out behind our back
	owner := o.env.Owner(t)
	if _, err := owner.Exec(t.Context(), `UPDATE approval SET step = 'seen' WHERE actor = 'cai'`); err != nil {
		t.Fatal(err)
	}
	found, err := batch.Verify(t.Context(), o.db.Pool())
	named := map[string]bool{}
	for _, f := range found {
		named[f.Check] = true
	}
	if err != nil || !named["batch_reviews"] || !named["approval_leaf"] {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestReview_of_a_list_that_was_sent_back_counts_no_more(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	rows := reviewedChain()
	if err := o.chains(append(rows[:3:3], rows[4:]...)...); err != nil {
		t.Fatal(explain(err))
	}
	o.money("财社〔2026〕12号", "中央", "50000.00")
	o.people(head(1))
	digest := o.submitted("DB-1", "DB", "DF", due(1))
	for _, login := range []string{"ming", "zheng"} {
		if _, err := o.batch.Review(o.all(login), "DB-1", digest, ""); err != nil {
			t.Fatal(explain(err))
		}
	}
	if _, err := o.batch.Reject(o.all("approver"), "DB-1", "再核"); err != nil {
		t.Fatal(explain(err))
	}
	digest = o.resubmit("DB-1")
	o.refused(second(o.batch.Approve(o.all("approver"), "DB-1", digest)), "BATCH_REVIEW_FIRST")
}

// TestDelegation_gives_nobody_two_steps: li acts for the approver; neither may
// then take another step, and who made the list cannot act for the approver.
func TestDelegation_gives_nobody_two_steps(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	users := auth.New(o.db, o.clock)
	o.users(users, "boss", "approver", "li", "maker")
	hand := func(from, to string, r auth.Right) {
		t.Helper()
		if _, _, err := users.Delegate(o.all(from), auth.NewDelegation{To: to, Right: r, From: day, Until: day, Reason: "出差"}); err != nil {
			t.Fatal(explain(err))
		}
	}
	hand("approver", "li", auth.BatchApprove)
	hand("approver", "maker", auth.BatchRelease)
	o.money("财社〔2026〕12号", "中央", "50000.00")
	o.people(head(1))
	digest := o.submitted("DB-1", "DB", "DF", due(1))
	if _, err := o.batch.Approve(o.acting(users, "li"), "DB-1", digest); err != nil {
		t.Fatal(explain(err))
	}
	o.refused(second(o.batch.Release(o.all("approver"), "DB-1", day)), "BATCH_SAME_PERSON") // li approved for him
	o.refused(second(o.batch.Release(o.all("li"), "DB-1", day)), "BATCH_SAME_PERSON")
	o.refused(second(o.batch.Release(o.acting(users, "maker"), "DB-1", day)), "BATCH_SAME_PERSON") // and made it himself
	o.release("DB-1")
}

// TestDelegation_ended_the_same_day_still_counts: the approver lets li check, takes
// it back, and may not approve what li checked for him.
func TestDelegation_ended_the_same_day_still_counts(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	users := auth.New(o.db, o.clock)
	o.users(users, "boss", "approver", "li")
	if err := users.Grant(o.acting(users, "boss"), "approver", auth.BatchCheck); err != nil {
		t.Fatal(explain(err))
	}
	d, _, err := users.Delegate(o.acting(users, "approver"), auth.NewDelegation{To: "li", Right: auth.BatchCheck, From: day, Until: day, Reason: "出差"})
	if err != nil {
		t.Fatal(explain(err))
	}
	o.money("财社〔2026〕12号", "中央", "50000.00")
	o.people(head(1))
	o.made("DB-1", "DB", "DF", due(1))
	o.clock.Set(o.clock.Now().Add(time.Minute))
	if _, err := o.batch.Check(o.acting(users, "li"), "DB-1"); err != nil {
		t.Fatal(explain(err))
	}
	o.clock.Set(o.clock.Now().Add(time.Minute))
	if err := users.EndDelegation(o.acting(users, "approver"), d.ID, "回岗"); err != nil {
		t.Fatal(explain(err))
	}
	o.clock.Set(o.clock.Now().Add(time.Minute))
	b, err := o.batch.Submit(o.all("maker"), "DB-1", "")
	if err != nil {
		t.Fatal(explain(err))
	}
	o.refused(second(o.batch.Approve(o.acting(users, "approver"), "DB-1", b.Digest)), "BATCH_SAME_PERSON")
}

// TestDelegation_gives_nobody_two_steps_off_the_chain: the maker's right in li's
// hands, the maker answers, sends back, splits nothing that li did for them.
func TestDelegation_gives_nobody_two_steps_off_the_chain(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	users := auth.New(o.db, o.clock)
	o.users(users, "boss", "approver", "li")
	for _, r := range []auth.Right{auth.BatchMake, auth.BatchCheck, auth.ListMake, auth.ListApprove, auth.BatchClose} {
		if err := users.Grant(o.acting(users, "boss"), "approver", r); err != nil {
			t.Fatal(explain(err))
		}
	}
	for _, r := range []auth.Right{auth.BatchMake, auth.ListMake, auth.ListApprove, auth.BatchRelease} {
		if _, _, err := users.Delegate(o.acting(users, "approver"), auth.NewDelegation{To: "li", Right: r, From: day, Until: day, Reason: "出差"}); err != nil {
			t.Fatal(explain(err))
		}
	}
	o.money("财社〔2026〕12号", "中央", "50000.00")
	o.people(head(1), head(2))
	o.figures("公示天数=7", "公示隐名年龄=18")
	if _, err := o.batch.Create(o.acting(users, "li"), batch.Create{Code: "DB-1", Office: "QHMZ", Program: "DB", Period: "2026-10", Channel: "DF",
		File: o.csv(rosterHead, due(1), due(2))}); err != nil {
		t.Fatal(explain(err))
	}
	o.check("DB-1")
	b, err := o.batch.Submit(o.acting(users, "li"), "DB-1", "")
	if err != nil {
		t.Fatal(explain(err))
	}
	approver := o.acting(users, "approver") // li made it for them
	o.refused(second(o.batch.Split(approver, "DB-1", "DB-1B", []int32{2}, "材料不齐")), "BATCH_SAME_PERSON")
	o.refused(second(o.batch.Reject(approver, "DB-1", "再核")), "BATCH_SAME_PERSON")
	p, err := o.batch.Publish(o.all("maker"), "DB-1", "991301000000")
	if err != nil {
		t.Fatal(explain(err))
	}
	objection, err := o.batch.Object(o.acting(users, "li"), p.ID, 2, "此户有车")
	if err != nil {
		t.Fatal(explain(err))
	}
	o.refused(second(o.batch.Answer(approver, objection.ID, true, "改为B档")), "BATCH_SAME_PERSON")
	if _, err := o.batch.Approve(o.all("chief"), "DB-1", b.Digest); err != nil {
		t.Fatal(explain(err))
	}
	if _, err := o.batch.Release(o.acting(users, "li"), "DB-1", day); errs.CodeOf(err) != "BATCH_SAME_PERSON" { // li made it
		t.Errorf("%s", explain(err))
	}
	o.release("DB-1")
	if _, err := o.batch.WriteFiles(o.all("releaser"), "DB-1", t.TempDir()); err != nil {
		t.Fatal(explain(err))
	}
	o.reissueBy(approver, users)
}

// reissueBy proposes by li what the approver may not release: li acts for them.
func (o *office) reissueBy(approver context.Context, users *auth.Service) {
	o.t.Helper()
	p := o.payments("DB-1")[0]
	o.settle(p.ID, evidence.Failed)
	newer := o.newAccount(p.Payee, 503, name(1))
	l, err := o.batch.ProposeReissue(o.acting(users, "li"), "DB-1", []batch.Again{{Payment: p.ID, Account: newer, Reason: "换卡"}})
	if err != nil {
		o.t.Fatal(explain(err))
	}
	o.refused(second(o.batch.ApproveList(approver, l.ID, l.Digest)), "BATCH_SAME_PERSON")
	if _, err := o.batch.ApproveList(o.all("chief"), l.ID, l.Digest); err != nil {
		o.t.Fatal(explain(err))
	}
	o.refused(second(o.batch.ReleaseReissue(approver, l.ID, day)), "BATCH_SAME_PERSON")
	if _, err := o.batch.ReleaseReissue(o.all("releaser"), l.ID, day); err != nil {
		o.t.Error(explain(err))
	}
}

func (o *office) users(users *auth.Service, first string, others ...string) {
	o.t.Helper()
	err := o.db.Run(o.t.Context(), func(tx pgx.Tx) error {
		return users.NewBootstrapUser(o.t.Context(), tx, auth.NewUser{Login: first, Name: first, Office: "青禾县民政局"})
	})
	for _, login := range others {
		if err == nil {
			err = users.AddUser(o.acting(users, first), auth.NewUser{Login: login, Name: login, Office: "青禾县民政局"})
		}
	}
	for _, r := range []auth.Right{auth.BatchApprove, auth.BatchRelease} {
		if err == nil {
			err = users.Grant(o.acting(users, first), "approver", r)
		}
	}
	if err != nil {
		o.t.Fatal(explain(err))
	}
}

// acting is a context in which a user acts with the rights on record.
func (o *office) acting(users *auth.Service, login string) context.Context {
	o.t.Helper()
	a, err := users.Load(o.t.Context(), o.db.Pool(), login)
	if err != nil {
		o.t.Fatal(explain(err))
	}
	return auth.WithActor(o.t.Context(), a)
}

func TestImportChains_names_what_is_wrong(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	rows := reviewedChain()
	for name, tt := range map[string]struct {
		rows []row
		code string
	}{
		"a step lacks":              {append(rows[:1:1], rows[2:]...), "BATCH_CHAIN_ORDER"},
		"out of order":              {append(rows[:6:6], stage("7", "关闭", "", "", ""), stage("8", "审批", "", "", "")), "BATCH_CHAIN_ORDER"},
		"two approvers at one step": {append(rows[:4:4], append([]row{stage("5", "审批", "", "", "2")}, rows[5:]...)...), "BATCH_CHAIN_PERSONS"},
		"no such step":              {append(rows[:6:6], stage("7", "归档", "", "", "")), "BATCH_CHAIN_ORDER"},
		"no such kind":              {[]row{rows[0].with("适用", "全部")}, "BATCH_CHAIN_KIND"},
		"no such program":           {[]row{rows[0].with("项目", "XX")}, "BATCH_PROGRAM"},
	} {
		err := o.chains(tt.rows...)
		codes := map[string]bool{}
		for _, f := range fields(err) {
			codes[f.Code] = true
		}
		if errs.CodeOf(err) != "SHEET_PROBLEMS" || !codes[tt.code] {
			t.Errorf("%s: %s", name, explain(err))
		}
	}
	if all, err := batch.Chains(t.Context(), o.db.Pool()); err != nil || len(all) != 0 {
		t.Errorf("%d chains stored, %v", len(all), err)
	}
	if err := o.chains(rows...); err != nil {
		t.Fatal(explain(err))
	}
	changed := reviewedChain()
	changed[2] = changed[2].with("最少人数", "3")
	if err := o.chains(changed...); len(fields(err)) != 1 || fields(err)[0].Code != "BATCH_CHAIN_DIFFERS" {
		t.Errorf("another chain of the same day: %s", explain(err))
	}
	other := reviewedChain()
	for i := range other {
		other[i] = other[i].with("文号", "县民发〔2026〕12号")
	}
	if err := o.chains(other...); len(fields(err)) != 1 || fields(err)[0].Code != "BATCH_CHAIN_DIFFERS" {
		t.Errorf("the same chain by another document: %s", explain(err))
	}
	err := o.chains(append(rows[:1:1], rows[2:]...)...)
	if text := i18n.Field(i18n.ZH, fields(err)[0]); !strings.HasSuffix(text, "“复核”") {
		t.Errorf("the step that lacks: %s", text)
	}
}

// TestChain_imported_later_leaves_what_is_in_flight: the chain on record when a
// batch was made goes with it to its end, also where a later import names an
// earlier date.
func TestChain_imported_later_leaves_what_is_in_flight(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "50000.00")
	o.people(head(1), head(2))
	digest := o.submitted("DB-1", "DB", "DF", due(1))
	o.clock.Set(o.clock.Now().Add(time.Minute))
	if err := o.chains(reviewedChain()...); err != nil { // from 2026-01-01 on
		t.Fatal(explain(err))
	}
	if _, err := o.batch.Approve(o.all("approver"), "DB-1", digest); err != nil {
		t.Error(explain(err))
	}
	o.sound()
	digest = o.submitted("DB-2", "DB", "DF", due(2))
	o.refused(second(o.batch.Approve(o.all("approver"), "DB-2", digest)), "BATCH_REVIEW_FIRST")
}

// TestChain_says_which_office_makes: batches, small lists, emergencies and cases
// in instalments.
func TestChain_says_which_office_makes(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "50000.00")
	o.people(head(1))
	o.approved("DB-1", "DB", "DF", due(1))
	o.clock.Set(o.clock.Now().Add(time.Minute))
	const centre = "青禾县救助中心"
	of := func(kind string, steps ...string) []row {
		var rows []row
		for i, step := range steps {
			rows = append(rows, stage(strconv.Itoa(i+1), step, "", "", "").with("适用", kind, "项目", ""))
		}
		rows[0]["办理单位"] = centre
		return rows
	}
	all := append(of("批次", "经办", "复核", "审批", "放款", "关闭"), append(of("小名单", "经办", "审批"), of("急难", "经办", "审批", "关闭")...)...)
	if err := o.chains(all...); err != nil {
		t.Fatal(explain(err))
	}
	plan := o.plan("A-1", batch.Staged, dueOn("2026-10-01", 600_00))
	_, err := o.make("DB-2", "DB", "DF", due(1))
	o.refused(err, "BATCH_CHAIN_OFFICE")
	o.refused(second(o.batch.ProposeList(o.all("clerk"), "DB-1", batch.Withhold, []int32{1}, "账户待核实")), "BATCH_CHAIN_OFFICE")
	o.refused(second(o.batch.ProposePlan(o.all("clerk"), plan)), "BATCH_CHAIN_OFFICE")
	o.refused(second(o.batch.DrawReserve(o.all("clerk"), caseOf("白石1", 1, 800_00))), "BATCH_CHAIN_OFFICE")
	there := auth.WithActor(t.Context(), auth.Actor{Login: "clerk", Name: "clerk", Office: centre, Rights: auth.NewRights(auth.All()...)})
	if _, err := o.batch.ProposeList(there, "DB-1", batch.Withhold, []int32{1}, "账户待核实"); err != nil {
		t.Error(explain(err))
	}
	if _, err := o.batch.ProposePlan(there, plan); err != nil {
		t.Error(explain(err))
	}
}
