package ident

import "testing"

func TestCheckArea(t *testing.T) {
	t.Parallel()
	for code, expected := range map[string][]string{
		"110105001002":  nil,
		"441900003001":  nil, // a city without counties
		"991301004003":  {"note AREA_CODE_UNKNOWN"},
		"":              {"fault AREA_CODE_EMPTY"},
		"991301":        {"fault AREA_CODE_FORMAT"},
		"99130100400A":  {"fault AREA_CODE_FORMAT"},
		"1101050010020": {"fault AREA_CODE_FORMAT"},
		"001301004003":  {"fault AREA_CODE_LEVEL"},
		"110001000000":  {"fault AREA_CODE_LEVEL"},
		"110105000002":  {"fault AREA_CODE_LEVEL"},
	} {
		_, found := CheckArea(code)
		want(t, code, found, expected...)
	}
}

func TestArea_levels(t *testing.T) {
	t.Parallel()
	village, _ := CheckArea("991301004003")
	for level, code := range map[AreaLevel]Area{
		Province: "990000000000", City: "991300000000", County: "991301000000", Township: "991301004000", Village: "991301004003",
	} {
		if got := village.Of(level); got != code || got.Level() != level {
			t.Errorf("Of(%s) = %s, level %s; want %s", level, got, got.Level(), code)
		}
		if !code.Contains(village) {
			t.Errorf("%s does not contain %s", code, village)
		}
	}
	township := village.Of(Township)
	if township.Of(Village) != township {
		t.Error("there is no village in a township's code")
	}
	if township.Prefix() != "991301004" || Area("110000000000").Prefix() != "11" {
		t.Errorf("prefixes are %s and %s", township.Prefix(), Area("110000000000").Prefix())
	}
	if township.Contains("991301005001") || village.Contains(township) || !township.Contains(township) {
		t.Error("containment is wrong")
	}
	bad, _ := CheckArea("nonsense")
	if bad.Of(Township) != "" || bad.Prefix() != "" || bad.Level() != "" || bad.Contains(village) || bad.Contains("") {
		t.Error("a code that is none has an area")
	}
}

func TestCheckAccount(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind   AccountKind
		number string
		want   []string
	}{
		{Card, "6229000000000000" + string(LuhnCheck("6229000000000000")), nil},
		{Card, "4111111111111111", nil},
		{Card, "4111111111111112", []string{"warning ACCOUNT_LUHN"}},
		{Card, "411111111111111", []string{"fault ACCOUNT_CARD_FORMAT"}},
		{Card, "41111111111111111111", []string{"fault ACCOUNT_CARD_FORMAT"}},
		{Card, "411111111111111A", []string{"fault ACCOUNT_CARD_FORMAT"}},
		{Card, "6.22900000000000E+18", []string{"fault ACCOUNT_CARD_FORMAT"}}, // a spreadsheet's doing
		{Card, "", []string{"fault ACCOUNT_EMPTY"}},
		{Passbook, "1234567890123", nil},
		{Passbook, "12345", []string{"fault ACCOUNT_FORMAT"}},
		{Passbook, "1234567A", []string{"fault ACCOUNT_FORMAT"}},
		{Corporate, "NRA1234567", nil},
		{Corporate, "1234-567", []string{"fault ACCOUNT_FORMAT"}},
		{Corporate, "12345678901234567890123456789012345", []string{"fault ACCOUNT_FORMAT"}},
		{"purse", "1234567", []string{"fault ACCOUNT_KIND_UNKNOWN"}},
	} {
		want(t, c.number, CheckAccount(c.kind, c.number), c.want...)
	}
}

func TestLuhnCheck(t *testing.T) {
	t.Parallel()
	for digits, check := range map[string]byte{"7992739871": '3', "411111111111111": '1', "0": '0', "5": '9'} {
		if got := LuhnCheck(digits); got != check {
			t.Errorf("LuhnCheck(%s) = %c, want %c", digits, got, check)
		}
	}
}

func TestCheckBankCode(t *testing.T) {
	t.Parallel()
	want(t, "402999000013", CheckBankCode("402999000013"))
	want(t, "", CheckBankCode(""), "fault BANK_CODE_EMPTY")
	want(t, "40299900001", CheckBankCode("40299900001"), "fault BANK_CODE_FORMAT")
	want(t, "40299900001X", CheckBankCode("40299900001X"), "fault BANK_CODE_FORMAT")
}
