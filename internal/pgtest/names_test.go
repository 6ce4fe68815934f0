package pgtest

import (
	"strings"
	"testing"
	"time"
)

func TestDatabaseName(t *testing.T) {
	t.Parallel()
	name := databaseName("TestFreeze/拨付 when \"two\" meet; " + strings.Repeat("long", 30))
	if len(name) > 63 || !strings.HasPrefix(name, testPrefix) {
		t.Errorf("%q", name)
	}
	for _, r := range name {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789_", r) {
			t.Errorf("%q has %q in it", name, r)
		}
	}
	if again := databaseName("a"); again == databaseName("a") {
		t.Error("two databases of one test have the same name")
	}
}

func TestIsOld(t *testing.T) {
	t.Parallel()
	name, now := databaseName("x"), time.Now()
	for _, tt := range []struct {
		name string
		now  time.Time
		want bool
	}{
		{name, now, false},
		{name, now.Add(keptFor - time.Minute), false},
		{name, now.Add(keptFor + time.Minute), true},
		{"fenlu", now.Add(1000 * time.Hour), false},
		{"fenlu_t_x_y", now.Add(1000 * time.Hour), false},
	} {
		if got := isOld(tt.name, tt.now); got != tt.want {
			t.Errorf("isOld(%q, +%v) = %v", tt.name, tt.now.Sub(now), got)
		}
	}
}
