package bankfiles

import (
	"testing"

	"fenlu/internal/filetest"
)

func TestLookup(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		profile string
		writes  bool
	}{
		"pain.001.001.09": {Pain001, true}, "pain.001.001.03": {Pain001v03, true}, "pain.001.001.08": {Pain001, false}, "camt.053.001.02": {Camt053, false},
		"camt.053": {Camt053, false}, "pain.002.001.10": {Pain002, false}, "cn.daifa.gbk": {DaifaBatch, true},
		"camt.052.001.06": {Camt052, false}, "camt.054.001.08": {Camt054, false}, "pacs.004.001.09": {Pacs004, false},
		"camt.029.001.09": {Camt029, false}, "camt.056.001.08": {Camt056, false},
	} {
		p, err := Lookup(name)
		if err != nil || p.Name != want.profile || p.Writes != want.writes {
			t.Errorf("%s: got %s %v %v", name, p.Name, p.Writes, err)
		}
	}
	for _, name := range []string{"", "auto", "camt.060.001.05", "pacs.008.001.08", "pain.001", "cn.daifa"} {
		_, err := Lookup(name)
		filetest.WantCode(t, err, "BANKFILE_PROFILE_UNKNOWN")
	}
}

func TestProfiles(t *testing.T) {
	t.Parallel()
	for _, p := range Profiles() {
		if p.Writes != (p.write != nil) || p.Reads != (p.Layout != nil || p.reads != "") {
			t.Errorf("%s says it can do what it cannot", p.Name)
		}
	}
}
