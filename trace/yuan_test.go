package trace_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/trace"
)

// brief is a part of a yuan in a line: fen, place, line, and the places it has
// been in with whose it was.
func brief(p trace.YuanPart) string {
	var life []string
	for _, s := range p.Stages {
		life = append(life, strings.TrimSpace(s.Place+s.Township+" "+s.Who))
	}
	return fmt.Sprintf("%d-%d lot %d@%d %s line %d: %s", p.First, p.Last, p.Lot, p.Offset, p.Place, p.Line, strings.Join(life, " > "))
}

func (o *county) yuan(ask trace.YuanQuery) trace.Yuan {
	o.t.Helper()
	y, err := o.trace.Yuan(o.ctx, o.db.Pool(), ask)
	if err != nil {
		o.t.Fatalf("yuan %+v: %v", ask, err)
	}
	return y
}

func TestYuan(t *testing.T) {
	t.Parallel()
	o := newCounty(t)
	for _, c := range []struct {
		name string
		nth  int64
		want []string
	}{
		{"set_aside_for_services", 1, []string{"1-100 lot 1@0 carveout line 0: available > carveout"}},
		{"paid_to_one_person", 12, []string{"1-100 lot 1@1100 paid_persons line 1: available > frozen 蒋玉兰 > in_transit 蒋玉兰 > paid_persons 蒋玉兰"}},
		{"straddles_two_lines_and_was_used_before", 41, []string{
			"1-33 lot 1@4000 paid_persons line 1: available > frozen 蒋玉兰 > in_transit 蒋玉兰 > paid_persons 蒋玉兰",
			"34-100 lot 1@4033 paid_persons line 4: available > frozen 周立群 > in_transit 周立群 > returned 周立群 > available > frozen 周立群 > in_transit 周立群 > paid_persons 周立群"}},
		{"came_back_in_part", 54, []string{
			"1-100 lot 1@5300 returned line 4: available > frozen 周立群 > in_transit 周立群 > returned 周立群 > available > frozen 周立群 > in_transit 周立群 > paid_persons 周立群 > returned 周立群"}},
		{"given_back_and_unspent_again", 58, []string{"1-100 lot 1@5700 available line 0: available > frozen 周立群 > in_transit 周立群 > returned 周立群 > available"}},
		{"paid_to_a_unit", 62, []string{"1-100 lot 1@6100 paid_units line 3: available > frozen 青禾县救助管理站 > in_transit 青禾县救助管理站 > paid_units 青禾县救助管理站"}},
		{"unspent", 99, []string{"1-100 lot 1@9800 available line 0: available"}},
		{"straddles_two_lots", 101, []string{"1-50 lot 1@10000 available line 0: available", "51-100 lot 2@0 reserve line 0: available > reserve柳溪镇"}},
		{"the_last_is_half_a_yuan", 151, []string{"1-50 lot 2@4950 available line 0: available"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			y, err := o.trace.Yuan(t.Context(), o.db.Pool(), trace.YuanQuery{Document: bringNumber, Nth: c.nth})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range y.Parts {
				got = append(got, brief(p))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if y.Of != 151 || y.Size != 150_50 {
				t.Errorf("of %d yuan, size %s", y.Of, y.Size)
			}
		})
	}
}

func TestYuan_every_one_has_an_answer(t *testing.T) {
	t.Parallel()
	o := newCounty(t)
	var fen int64
	for n := int64(1); n <= 151; n++ {
		y := o.yuan(trace.YuanQuery{Document: "财社[2026] 12号", Nth: n})
		next := 1
		for _, p := range y.Parts {
			if p.First != next || p.Place == "" || len(p.Stages) == 0 || p.Stages[len(p.Stages)-1].Journal.ID == 0 {
				t.Fatalf("yuan %d: %+v", n, p)
			}
			next = p.Last + 1
			fen += int64(p.Amount)
		}
		for _, lang := range []i18n.Lang{i18n.ZH, i18n.EN} {
			if err := y.Text(&bytes.Buffer{}, lang); err != nil {
				t.Fatal(err)
			}
		}
	}
	if fen != 150_50 {
		t.Errorf("the answers hold %d fen, the document 15050", fen)
	}
}

func TestYuan_beyond_the_document_and_without_money(t *testing.T) {
	t.Parallel()
	o := newCounty(t)
	for _, c := range []struct {
		ask  trace.YuanQuery
		code string
	}{
		{trace.YuanQuery{Document: bringNumber, Nth: 152}, "TRACE_NTH_BEYOND"},
		{trace.YuanQuery{Document: bringNumber, Nth: 0}, "TRACE_NTH_POSITIVE"},
		{trace.YuanQuery{Document: "财社〔2026〕99号", Nth: 1}, "TRACE_DOCUMENT_UNKNOWN"},
		{trace.YuanQuery{Lot: 99, Nth: 1}, "TRACE_LOT_UNKNOWN"},
		{trace.YuanQuery{Lot: 2, Nth: 51}, "TRACE_NTH_BEYOND"},
	} {
		_, err := o.trace.Yuan(o.ctx, o.db.Pool(), c.ask)
		if errs.CodeOf(err) != c.code {
			t.Errorf("%+v: %v, want %s", c.ask, err, c.code)
		}
		if c.code == "TRACE_NTH_BEYOND" && c.ask.Document != "" && !strings.Contains(i18n.Error(i18n.ZH, err), "150.50") {
			t.Errorf("the size is not named: %s", i18n.Error(i18n.ZH, err))
		}
	}
	y := o.yuan(trace.YuanQuery{Document: carveNumber, Nth: 3})
	if len(y.Parts) != 0 || len(y.Roots) != 1 || y.Roots[0].Number != bringNumber {
		t.Errorf("a document that only moves money: %+v", y)
	}
	if y := o.yuan(trace.YuanQuery{Lot: 2, Nth: 50}); y.Of != 50 || brief(y.Parts[0]) != "1-100 lot 2@4900 available line 0: available" {
		t.Errorf("yuan of a lot: %+v", y)
	}
}

func TestParseNth(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"24,517,306": 24517306, "第 3 元": 3, "1，000": 1000, "7": 7} {
		if got, err := trace.ParseNth(text); err != nil || got != want {
			t.Errorf("%s: %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "0", "-1", "1.5", "一", "99999999999999999999999"} {
		if got, err := trace.ParseNth(text); errs.CodeOf(err) != "TRACE_NTH_POSITIVE" {
			t.Errorf("%q: %d, %v", text, got, err)
		}
	}
}
