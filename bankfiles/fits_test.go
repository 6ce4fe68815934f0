package bankfiles

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"fenlu/bankfiles/order"
	"fenlu/internal/filetest"
)

// layoutFixture is a file of another room's tests, as a bank would send it.
func layoutFixture(t *testing.T, p Profile) []byte {
	t.Helper()
	paths, err := filepath.Glob("layout/testdata/read/" + p.Name + ".[ctx]??")
	if err != nil || len(paths) != 1 {
		t.Fatalf("%s: %v %v", p.Name, paths, err)
	}
	data, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	if data, err = simplifiedchinese.GBK.NewEncoder().Bytes(data); err != nil {
		t.Fatal(err)
	}
	return data
}

// A file that does not say what it is, is recognised by the one profile that
// it fits; a file that says so, by what it says.
func TestRecognise_finds_the_profile(t *testing.T) {
	t.Parallel()
	for _, p := range Profiles() {
		switch {
		case p.Layout == nil:
			continue
		case p.Layout.Recognise != nil && !p.Writes:
			sum, err := Check(bytes.NewReader(layoutFixture(t, p)), Auto)
			if err != nil || sum.Profile != p.Name {
				t.Errorf("%s: read as %q, %v", p.Name, sum.Profile, err)
			}
		case p.Layout.Recognise != nil:
			data, _ := write(t, p.Name, batch(), payments())
			if sum, err := Check(bytes.NewReader(data), Auto); err != nil || sum.Profile != p.Name {
				t.Errorf("%s: read as %q, %v", p.Name, sum.Profile, err)
			}
		case !p.Writes:
			got, err := Recognise(bytes.NewReader(layoutFixture(t, p)))
			if err != nil || got.Name != p.Name {
				t.Errorf("%s: found %q, %v %+v", p.Name, got.Name, err, filetest.Fields(err))
			}
		default:
			data, _ := write(t, p.Name, batch(), payments())
			got, err := Recognise(bytes.NewReader(data))
			if err != nil || got.Name != p.Name {
				t.Errorf("%s: found %q, %v %+v", p.Name, got.Name, err, filetest.Fields(err))
			}
		}
	}
}

// Where nothing fits, the nearest profiles are named with the place where they
// gave up.
func TestRecognise_says_where_each_gave_up(t *testing.T) {
	t.Parallel()
	p, err := Lookup("style.psbc.result")
	if err != nil {
		t.Fatal(err)
	}
	broken := bytes.Replace(layoutFixture(t, p), []byte("19,4,100106"), []byte("19,4,100107"), 1)
	_, err = Recognise(bytes.NewReader(broken))
	filetest.WantCode(t, err, "BANKFILE_NO_FIT")
	if f := filetest.Fields(err)[0]; f.Column != p.Name || f.Code != "BANKFILE_SUM_MISMATCH" {
		t.Errorf("got %+v", f)
	}
	_, err = Recognise(bytes.NewReader(nil))
	filetest.WantCode(t, err, "BANKFILE_NO_FIT")
}

// A bank's own profile is written and read like those that come with the
// program, and goes before them where both know the file.
func TestLoadProfile(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("layout/profiles/cn.daifa.gbk.yaml")
	if err != nil {
		t.Fatal(err)
	}
	own := strings.NewReplacer("profile: cn.daifa.gbk", "profile: my.bank", "{value: remark}", "{value: remark}\n  - {value: none}").Replace(string(text))
	p, err := LoadProfile(strings.NewReader(own), "my.yaml")
	if err != nil {
		t.Fatal(err, filetest.Fields(err))
	}
	var buf bytes.Buffer
	side, err := p.Write(&buf, batch(), order.FromSlice(payments()))
	if err != nil || side.Profile != "my.bank" || p.FileName(batch(), order.Totals{}) != "QH-B1.txt" {
		t.Fatalf("%+v %v", side, err)
	}
	sum, err := p.Check(bytes.NewReader(buf.Bytes()))
	if err != nil || sum.Trailer.Count != side.Count || sum.Trailer.Sum != side.Sum.String() || sum.Profile != "my.bank" {
		t.Errorf("%+v %v", sum, err)
	}
	if _, err := Check(bytes.NewReader(buf.Bytes()), DaifaBatch); err == nil {
		t.Error("another format reads it, too")
	}
	_, err = LoadProfile(strings.NewReader("profile: x"), "my.yaml")
	filetest.WantCode(t, err, "BANKFILE_PROFILE_BAD")
	result, err := Lookup(DaifaResult)
	if err != nil {
		t.Fatal(err)
	}
	_, err = result.Write(io.Discard, batch(), order.FromSlice(payments()))
	filetest.WantCode(t, err, "BANKFILE_NOT_WRITABLE")
}
