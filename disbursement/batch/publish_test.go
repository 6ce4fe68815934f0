package batch_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fenlu/auth"
	"fenlu/disbursement/batch"
	"fenlu/disbursement/rules"
	"fenlu/internal/errs"
	"fenlu/internal/ident"
)

func (o *office) figures(rows ...string) {
	o.t.Helper()
	o.figuresFrom("2026-01-01", rows...)
}

func (o *office) figuresFrom(day string, rows ...string) {
	o.t.Helper()
	var list []row
	for i, r := range rows {
		name, value, _ := strings.Cut(r, "=")
		list = append(list, row{"参数": name, "区划代码": "991301", "执行日期": day, "数值": value, "文号": "县民发〔2026〕9号",
			"条款": fmt.Sprintf("第%d条", i+1), "原文": "公示"})
	}
	if _, err := rules.New(o.db, o.clock).Import(o.t.Context(), o.csv("参数,区划代码,执行日期,数值,关系,文号,条款,原文", list...), "admin"); err != nil {
		o.t.Fatal(explain(err))
	}
}

// bornOn is an ID number of nobody, born on a day.
func bornOn(day string, n int) string {
	first := fmt.Sprintf("991301%s%03d", strings.ReplaceAll(day, "-", ""), n)
	return first + string(ident.ResidentCheck(first))
}

// TestPublish_names_nobody_whole_and_no_child: seven days from the 9th; on that
// day 2 is seventeen, 3 is eighteen.
func TestPublish_names_nobody_whole_and_no_child(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "50000.00")
	young, grown := bornOn("2008-10-10", 2), bornOn("2008-10-09", 3)
	o.people(head(1), head(2).with("证件号码", young, "姓名", "柳小禾", "户名", "柳小禾"), head(3).with("证件号码", grown, "姓名", "柳大", "户名", "柳大"))
	rows := []row{due(1), due(2).with("证件号码", young, "姓名", "柳小禾"), due(3).with("证件号码", grown, "姓名", "柳大")}
	o.made("DB-1", "DB", "DF", rows...)
	publish := func() (batch.Publication, error) { return o.batch.Publish(o.all("maker"), "DB-1", "991301000000") }
	o.refused(second(publish()), "BATCH_PUBLISH_STATE")
	o.resubmit("DB-1")
	o.refused(second(publish()), "RULE_NONE")
	o.figures("公示天数=7", "公示隐名年龄=18")
	p, err := publish()
	if err != nil {
		t.Fatal(explain(err))
	}
	var names []string
	for _, r := range p.Rows {
		names = append(names, r.Name)
	}
	if diff := cmp.Diff([]string{batch.PublicName(name(1)), "", "柳*"}, names); diff != "" || p.Hidden != 1 || p.Count != 3 || p.Until.Format(time.DateOnly) != "2026-10-16" {
		t.Errorf("%s %+v", diff, p)
	}
	for _, r := range p.Rows {
		if text := fmt.Sprintf("%+v", r); strings.Contains(text, "9913012008") || strings.Contains(text, "小禾") || strings.Contains(text, "622999") {
			t.Errorf("published: %s", text)
		}
	}
	if again, err := publish(); err != nil || !again.Replay || again.ID != p.ID {
		t.Errorf("the same again: %+v, %s", again, explain(err))
	}
	if len(batch.PublicName("柳青青")) != len("柳*青") || batch.PublicName("") != "" {
		t.Error("names are not masked as they should be")
	}
	o.sound()
	if _, err := o.env.Owner(t).Exec(t.Context(), `UPDATE publication SET until_on = until_on - 5`); err != nil {
		t.Fatal(err)
	}
	if found, err := batch.Verify(t.Context(), o.db.Pool()); err != nil || len(found) != 1 || found[0].Check != "publication_leaf" {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestObjection_within_its_days_and_answered_by_another(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "50000.00")
	o.people(head(1), head(2))
	o.figures("公示天数=7", "公示隐名年龄=18")
	o.submitted("DB-1", "DB", "DF", due(1), due(2))
	p, err := o.batch.Publish(o.all("maker"), "DB-1", "991301000000")
	if err != nil {
		t.Fatal(explain(err))
	}
	object := func(line int32, said string) (batch.Objection, error) {
		return o.batch.Object(o.all("clerk"), p.ID, line, said)
	}
	o.refused(second(object(9, "此户有车")), "BATCH_OBJECTION_LINE")
	o.refused(second(o.batch.Object(o.all("clerk"), p.ID+1, 1, "此户有车")), "BATCH_PUBLICATION")
	if _, err := object(2, "身份证991301194912310022"); errs.CodeOf(err) != "VALID_PROBLEMS" {
		t.Errorf("a number in the text: %v", err)
	}
	first, err := object(2, "此户有车")
	if err != nil {
		t.Fatal(explain(err))
	}
	if again, err := object(2, "此户有车"); err != nil || again.ID != first.ID {
		t.Errorf("the same again: %+v, %s", again, explain(err))
	}
	o.refused(second(o.batch.Answer(o.all("clerk"), first.ID, true, "改为B档")), "BATCH_SAME_PERSON")
	for range 2 {
		if a, err := o.batch.Answer(o.all("checker"), first.ID, true, "改为B档"); err != nil || !a.Upheld || a.Correction != "改为B档" {
			t.Fatalf("%+v, %s", a, explain(err))
		}
	}
	o.refused(second(o.batch.Answer(o.all("checker"), first.ID, false, "属实")), "BATCH_OBJECTION_ANSWERED")
	o.refused(second(o.batch.Answer(o.all("checker"), first.ID+7, false, "属实")), "BATCH_OBJECTION")
	o.clock.Set(o.clock.Now().AddDate(0, 0, 7))
	if _, err := object(1, "另一户主"); err != nil {
		t.Errorf("on the last day: %s", explain(err))
	}
	o.clock.Set(o.clock.Now().AddDate(0, 0, 1))
	o.refused(second(object(1, "太迟了")), "BATCH_OBJECTION_LATE")
	if _, err := o.batch.Object(as(t.Context(), "clerk", auth.AuditRead), p.ID, 1, "无权"); errs.CodeOf(err) != "AUTH_RIGHT_MISSING" {
		t.Errorf("without the right: %v", err)
	}
	all, err := batch.Objections(t.Context(), o.db.Pool(), p.Batch.ID)
	if err != nil || len(all) != 2 || !all[1].Answered || all[0].Answered {
		t.Errorf("%+v, %v", all, err)
	}
}
