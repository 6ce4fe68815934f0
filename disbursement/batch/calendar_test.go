package batch_test

import (
	"testing"
	"time"

	"fenlu/disbursement/batch"
	"fenlu/disbursement/rules"
	"fenlu/disbursement/terms"
	"fenlu/internal/clock"
	"fenlu/internal/errs"
)

// TestCalendar_says_what_is_late: paid by the 10th, a list that is out for the
// 9th is on time, a program without lists is late from the 11th, and a list to
// be paid after the 10th is late whenever one looks.
func TestCalendar_says_what_is_late(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "省", "100000.00")
	o.people(head(1), head(2))
	if _, err := o.calendarOf("2026-10"); errs.CodeOf(err) != "RULE_NONE" {
		t.Errorf("without a rule: %v", err)
	}
	path := o.csv("参数,区划代码,执行日期,数值,关系,文号,条款,原文", row{"参数": "每月发放截止日", "区划代码": "991301", "执行日期": "2026-01-01",
		"数值": "10", "关系": "≤", "文号": "县财社〔2026〕8号", "条款": "第五条", "原文": "每月10日前发放到户"})
	if _, err := rules.New(o.db, o.clock).Import(t.Context(), path, "admin"); err != nil {
		t.Fatal(explain(err))
	}
	o.released("DB1", "DB", "DF", due(1))
	if got := o.standing(); got["DB"].Due != batch.DuePaid || got["DB"].Lists != 1 || got["DB"].Amount != 420_00 || got["TK"].Due != batch.DueOpen || got["TK"].Days != 1 {
		t.Errorf("on the 9th: %+v", got)
	}
	if _, once := o.standing()["LS"]; once {
		t.Error("a program that pays once is in the calendar")
	}
	o.approved("DB2", "DB", "DF", due(2))
	if got := o.standing()["DB"]; got.Due != batch.DueOpen || got.Lists != 2 || got.Released != 1 {
		t.Errorf("with a list that is not out: %+v", got)
	}
	o.clock.Set(time.Date(2026, 10, 11, 9, 0, 0, 0, clock.Shanghai))
	if got := o.standing(); got["DB"].Due != batch.DueLate || got["TK"].Due != batch.DueLate || got["TK"].Days != -1 {
		t.Errorf("on the 11th: %+v", got)
	}
	if _, err := o.batch.Release(o.all("releaser"), "DB2", day.AddDate(0, 0, 3)); err != nil {
		t.Fatal(explain(err))
	}
	if got := o.standing()["DB"]; got.Due != batch.DueLate || got.Released != 2 || !got.PaidOn.Equal(day.AddDate(0, 0, 3)) {
		t.Errorf("with a list paid on the 12th: %+v", got)
	}
}

func (o *office) calendarOf(month terms.Month) (batch.Calendar, error) {
	return o.batch.MonthCalendar(o.t.Context(), o.db.Pool(), "991301000000", month)
}

func (o *office) standing() map[string]batch.DueProgram {
	o.t.Helper()
	c, err := o.calendarOf("2026-10")
	if err != nil {
		o.t.Fatal(explain(err))
	}
	all := map[string]batch.DueProgram{}
	for _, p := range c.Programs {
		all[p.Program] = p
	}
	return all
}
