package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"fenlu/internal/errs"
	"fenlu/internal/i18n"
)

// docsProfiles are the two profiles of the worked example, as files.
func docsProfiles(t *testing.T) (pay, result string) {
	t.Helper()
	page, err := os.ReadFile("../../docs/formats/profiles.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var paths []string
	for i, part := range strings.Split(string(page), "```yaml\n")[1:] {
		text, _, _ := strings.Cut(part, "```")
		path := filepath.Join(dir, fmt.Sprint(i, ".yaml"))
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths[0], paths[1]
}

// A bank's own profile is written, read back, read and checked from the
// command line; its file has the name that the profile gives it.
func TestBankfile_with_a_profile_of_ones_own(t *testing.T) {
	t.Parallel()
	pay, result := docsProfiles(t)
	c := bankfileWriter(t, bankfileCSV)
	c.Profile, c.ProfileFile, c.MessageID, c.Date = "", pay, "QH-B1", "2026-10-09"
	written, err := c.write(context.Background(), nil)
	if err != nil || len(written) != 1 || written[0].Name != "QH_20261009_QH-B1.txt" || written[0].Profile != "qinghe.rural.pay" {
		t.Fatalf("%+v %v", written, err)
	}
	var out bytes.Buffer
	if err := readBankfile(context.Background(), &out, i18n.ZH, namedFormat{file: pay}, filepath.Join(c.Out, written[0].Name), nil); err != nil || strings.Count(out.String(), `"kind":"instruction"`) != 3 {
		t.Errorf("%v %s", err, out.String())
	}
	answer, err := simplifiedchinese.GBK.NewEncoder().String("QH-B1#2#50000\n1#6229#张三#40000#QH-1#00\n2#6217#李四#10000#QH-2#88\n")
	if err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if err := checkBankfile(&out, i18n.ZH, false, namedFormat{name: "auto", file: result}, "-", strings.NewReader(answer)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"成功 1 笔 400.00", "结果未知 1 笔 100.00", "“88”不在格式的对照表里"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s is not in %s", want, out.String())
		}
	}
}

// A profile that is wrong is refused with exit code 2 and all its lines.
func TestBankfile_with_a_wrong_profile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.yaml")
	if err := os.WriteFile(path, []byte("profile: x\nkind: result\nform: delimited\ndelimeter: '#'\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := namedFormat{file: path}.profile()
	if errs.KindOf(err).ExitCode() != 2 {
		t.Fatal(err)
	}
	if text := i18n.Error(i18n.ZH, err); !strings.Contains(text, "x.yaml") {
		t.Error(text)
	}
	if _, err := (namedFormat{file: path + ".none"}).profile(); errs.CodeOf(err) != "BANKFILE_FILE" {
		t.Error(err)
	}
}

// A file that does not say what it is, is tried with every profile.
func TestBankfile_auto_tries_every_profile(t *testing.T) {
	t.Parallel()
	notice := "日期：2026-10-09\n支付凭证号,收款人,收款人账号,金额,状态\nV-1,张三,6229,400.00,已支付\n合计,,,400.00\n"
	var out bytes.Buffer
	if err := checkBankfile(&out, i18n.ZH, false, namedFormat{name: "auto"}, "-", strings.NewReader(notice)); err != nil || !strings.Contains(out.String(), "支付凭证回单") {
		t.Errorf("%v %s", err, out.String())
	}
	out.Reset()
	err := readBankfile(context.Background(), &out, i18n.ZH, namedFormat{name: "auto"}, "-", strings.NewReader(strings.Replace(notice, "合计,,,400.00", "合计,,,400.01", 1)))
	if errs.CodeOf(err) != "BANKFILE_NO_FIT" || errs.KindOf(err).ExitCode() != 2 || out.Len() > 0 {
		t.Errorf("%v %s", err, out.String())
	}
}

// A profile's own limit splits the payments; each part says which it is.
func TestBankfile_parts_of_a_profile(t *testing.T) {
	t.Parallel()
	var csv strings.Builder
	csv.WriteString("end_to_end_id,name,account,bank_code,id_number,amount,remark\n")
	for i := range 3001 {
		fmt.Fprintf(&csv, "QH-%d,张三,6229,,,0.01,\n", i)
	}
	c := bankfileWriter(t, csv.String())
	c.Profile, c.MessageID = "style.cmb.pay", "QH-B1"
	written, err := c.write(context.Background(), nil)
	if err != nil || len(written) != 2 || written[0].Count != 3000 || written[1].Name != "QH-B1-0002_2.xml" {
		t.Fatalf("%+v %v", written, err)
	}
	data, err := os.ReadFile(filepath.Join(c.Out, written[0].Name))
	if err != nil || !bytes.Contains(data, []byte("<BEGTAG>Y</BEGTAG><ENDTAG>N</ENDTAG>")) || !bytes.Contains(data, []byte("<TTLAMT>30.01</TTLAMT><TTLCNT>3001</TTLCNT>")) {
		t.Errorf("%v %.400s", err, data)
	}
}
