package events_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fenlu/events"
	"fenlu/internal/i18n"
	"fenlu/money"
)

func TestEveryTopicHasItsSentence(t *testing.T) {
	t.Parallel()
	facts := events.Facts{Code: "DB-2026-10", Name: "名", Actor: "刘芳", Count: 3, Amount: 1234550, Reason: "因"}
	for _, topic := range events.Topics() {
		for _, lang := range []i18n.Lang{i18n.ZH, i18n.EN} {
			got := events.Sentence(lang, topic, facts)
			if strings.HasPrefix(got, "event.") || strings.ContainsAny(got, "{}") || !strings.Contains(got, "刘芳") || !strings.Contains(got, "3") {
				t.Errorf("%s %s: %q", topic, lang, got)
			}
		}
	}
}

func TestSentence(t *testing.T) {
	t.Parallel()
	facts := events.Facts{Code: "DB-2026-10", Actor: "刘芳", Count: 1180, Amount: 54321050}
	for _, c := range []struct {
		lang  i18n.Lang
		topic events.Topic
		want  string
	}{
		{i18n.ZH, events.BatchApproved, "批次 DB-2026-10 已批准：1180 笔 543,210.50 元，批准人 刘芳"},
		{i18n.EN, events.BatchApproved, "Batch DB-2026-10 approved: 1180 lines, 543,210.50 yuan, by 刘芳"},
		{i18n.ZH, events.BatchRejected, "批次 DB-2026-10 已退回：1180 笔 543,210.50 元，原因 —，退回人 刘芳"},
	} {
		if got := events.Sentence(c.lang, c.topic, facts); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

func TestFactsInJSON(t *testing.T) {
	t.Parallel()
	got, err := json.Marshal(events.Facts{Code: "DB-2026-10", Count: 2, Amount: money.Fen(150)})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(`{"code":"DB-2026-10","count":2,"amount":"1.50"}`, string(got)); d != "" {
		t.Error(d)
	}
}
