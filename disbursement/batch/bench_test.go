package batch_test

import (
	"strconv"
	"testing"
	"time"
)

// BenchmarkBatch takes a month's list of a county (15,000 lines) through its
// steps and reports each, in milliseconds.
func BenchmarkBatch(b *testing.B) {
	const lines = 15_000
	for b.Loop() {
		o := newOffice(b)
		o.money("财社〔2026〕12号", "中央", "300000000.00")
		o.money("县财预〔2026〕6号", "县", "300000000.00")
		people, rows := make([]row, lines), make([]row, lines)
		for i := range lines {
			people[i], rows[i] = head(i+1), due(i+1)
		}
		o.people(people...)
		step := func(name string, fn func()) {
			begin := time.Now()
			fn()
			b.ReportMetric(float64(time.Since(begin).Milliseconds()), name+"_ms")
		}
		var digest []byte
		step("create", func() { o.made("DB-1", "DB", "DF", rows...) })
		step("check", func() { o.check("DB-1") })
		step("submit", func() {
			s, err := o.batch.Submit(o.all("maker"), "DB-1", "")
			if err != nil {
				b.Fatal(explain(err))
			}
			digest = s.Digest
		})
		step("approve", func() {
			if f, err := o.batch.Approve(o.all("approver"), "DB-1", digest); err != nil || f.Payments != lines {
				b.Fatal(strconv.Itoa(f.Payments), explain(err))
			}
		})
		step("release", func() { o.release("DB-1") })
		step("verify", o.sound)
	}
}
