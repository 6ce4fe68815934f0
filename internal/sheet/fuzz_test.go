package sheet

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fenlu/internal/errs"
	"fenlu/internal/ident"
)

// FuzzRead: whatever the bytes, reading ends in rows or in one of our errors,
// and a problem never shows an ID number.
func FuzzRead(f *testing.F) {
	f.Add([]byte(csvText))
	f.Add([]byte("姓名,证件号码,金额\n\"a\nb\",991301199001010038,1,,,,\n"))
	f.Add([]byte("PK\x03\x04"))
	f.Add([]byte("\xd0\xd5\xc3\xfb,\xbd\xf0\xb6\xee\n"))
	const secret = "991301199001010038"
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(t.TempDir(), "f.csv")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Read[grant](context.Background(), path, grants, Options{MaxRows: 1000}, nil)
		if err == nil {
			return
		}
		if errs.KindOf(err) != errs.Invalid {
			t.Fatalf("not one of ours: %v", err)
		}
		if strings.Contains(err.Error(), secret) {
			t.Fatalf("shows %s", ident.Mask(secret))
		}
	})
}
