package valid

import (
	"strings"
	"testing"

	"fenlu/internal/errs"
	"fenlu/internal/i18n"

	"github.com/google/go-cmp/cmp"
)

func TestNoPersonalNumber(t *testing.T) {
	t.Parallel()
	type note struct {
		Reason string `name:"reason" validate:"no_personal_number"`
	}
	v := New()
	for text, good := range map[string]bool{
		"":                        true,
		"突发火灾":                    true,
		"DB-2026-10":              true,
		"LS-202610-0012":          true,
		"2026-10-09 至 2026-11-09": true,
		"第 1234567890 号":          true,
		"第 12345678901 号":         false,
		"身份证991301199001010038":   false,
		"99130119900101003X":      false,
		"9913 0119 9001 0100 38":  false,
		"6229-9900-0000-0001-234": false,
		"卡号６２２９９９０００００００００１２":           false,
		"电话 138—0000—0000":              false,
		"电话 138\u200b0000\u200b0000 有误": false,
	} {
		if got := len(v.Struct(note{text})) == 0; got != good {
			t.Errorf("%q: accepted %v, want %v", text, got, good)
		}
	}
	got := v.Struct(note{"张三991301199001010038"})
	want := []errs.Field{{Column: "reason", Value: "张三99************0038", Code: "VALID_NO_PERSONAL_NUMBER", Args: got[0].Args}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if s := i18n.Field(i18n.ZH, got[0]); strings.Contains(s, "1199") || !i18n.Has("VALID_NO_PERSONAL_NUMBER") {
		t.Errorf("%s", s)
	}
}
