package layout

import "testing"

func TestProfiles(t *testing.T) {
	t.Parallel()
	entries, err := files.ReadDir("profiles")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		f, err := files.Open("profiles/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		p, err := Load(f, e.Name())
		if err != nil {
			for _, g := range problems(err) {
				t.Errorf("%s:%d: %s %s %q %v", e.Name(), g.Row, g.Column, g.Code, g.Value, g.Args)
			}
			continue
		}
		if p.Name+".yaml" != e.Name() {
			t.Errorf("%s is named %s", e.Name(), p.Name)
		}
		if p.Signature != "" || p.EncryptTo != nil { // `payment` writes these, and does not seal
			t.Errorf("%s asks for a seal that not every writer gives", e.Name())
		}
	}
}

func BenchmarkLoadAll(b *testing.B) {
	entries, err := files.ReadDir("profiles")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		for _, e := range entries {
			f, err := files.Open("profiles/" + e.Name())
			if err != nil {
				b.Fatal(err)
			}
			if _, err := Load(f, e.Name()); err != nil {
				b.Fatal(err)
			}
		}
	}
}
