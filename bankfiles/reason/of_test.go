package reason

import (
	"strings"
	"testing"
)

func TestOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		code, text string
		want       Code
	}{
		{"AC01", "", NotFound}, {"ac04", "", Closed}, {" MD07 ", "", Deceased}, {"AM05", "", Duplicate}, {"R15", "", Deceased},
		{"903", "Konto gesperrt", Frozen}, {"914", "Grund nicht spezifiziert", Other}, {"992", "", Other},
		{"1003", "", Closed}, {"1003", "账户状态正常但户名不符", NameMismatch}, {"AC04", "户名不符", Closed},
		{"NARR", "已销户", Closed}, {"MS03", "收款人已 死亡", Deceased}, {"1099", "介质状态异常", StopPay},
		{"", "完全冻结/冻结状态异常", Frozen}, {"", "账户冻结（死亡）", Deceased}, {"", "非结算户", AccountType}, {"", "未激活", NotActivated},
		{"", "身份证不符", IDMismatch}, {"", "超限额", Limit}, {"", "未处理记录重复", Duplicate}, {"", "代理编号不存在", Agreement},
		{"9001", "结果未知", Unknown}, {"9001", "", Unknown}, {"DORMANT", "", Dormant}, {"OTHER", "已销户", Closed}, {"", "", Other}, {"E777", "请联系柜面", Other},
	} {
		if got := Of(c.code, c.text); got.Code != c.want {
			t.Errorf("Of(%q, %q) = %s, want %s", c.code, c.text, got.Code, c.want)
		}
	}
}

// Every code and every text leads to one entry, and to the one it stands in.
func TestTable(t *testing.T) {
	t.Parallel()
	seen := map[string]Code{}
	for _, e := range All() {
		if e.Days < 1 || e.Owner == "" || e.Retry == "" {
			t.Errorf("%s is not complete", e.Code)
		}
		for _, name := range strings.Fields(string(e.Code) + " " + e.iso + " " + e.bank + " " + e.texts) {
			if other, twice := seen[name]; twice {
				t.Errorf("%s stands at %s and %s", name, other, e.Code)
			}
			seen[name] = e.Code
		}
		for _, text := range strings.Fields(e.texts) {
			if got := Of("", text); got.Code != e.Code {
				t.Errorf("%s leads to %s, not %s", text, got.Code, e.Code)
			}
		}
		for _, code := range strings.Fields(e.iso + " " + e.bank) {
			if got := Of(code, ""); got.Code != e.Code {
				t.Errorf("%s leads to %s, not %s", code, got.Code, e.Code)
			}
		}
	}
}

func FuzzOf(f *testing.F) {
	f.Add("NARR", "已销户")
	f.Fuzz(func(t *testing.T, code, text string) {
		if e := Of(code, text); byName.own[string(e.Code)] == nil {
			t.Fatalf("%q %q: %+v", code, text, e)
		}
	})
}
