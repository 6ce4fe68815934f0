package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"

	"fenlu/bankfiles"
	"fenlu/bankfiles/reason"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
)

const bankfileCSV = "end_to_end_id,name,account,bank_code,id_number,amount,remark\n" +
	"QH-1,张三,6229000000007302,102991301234,,400.00,低保\n" +
	"QH-2,李四,6217000000003304,102991301234,,600.05,\n" +
	"QH-3,王五,6217000000003305,,,0.01,\n"

func bankfileWriter(t *testing.T, csv string) *bankfileWriteCmd {
	t.Helper()
	dir := t.TempDir()
	in := filepath.Join(dir, "payments.csv")
	if err := os.WriteFile(in, []byte(csv), 0o600); err != nil {
		t.Fatal(err)
	}
	return &bankfileWriteCmd{
		Profile: bankfiles.Pain001, In: in, Out: filepath.Join(dir, "out"),
		DebtorName: "青禾县财政局", DebtorAccount: "9913010000000018", DebtorAgent: "313991300012",
		Date: "2026-10-09", Created: "2026-10-09T00:00:00+08:00",
	}
}

func bankfileNames(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestBankfileWrite(t *testing.T) {
	t.Parallel()
	for _, profile := range []string{bankfiles.Pain001, bankfiles.DaifaBatch} {
		c := bankfileWriter(t, bankfileCSV)
		c.Profile = profile
		first, err := c.write(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		again, err := c.write(context.Background(), nil)
		if err != nil || len(again) != 1 || again[0] != first[0] {
			t.Errorf("written again: %+v, %v", again, err)
		}
		s := first[0]
		if s.Count != 3 || s.Sum != 100006 || !strings.HasPrefix(s.MessageID, "FL-") {
			t.Errorf("sidecar %+v", s)
		}
		var side bankfiles.Sidecar
		data, err := os.ReadFile(filepath.Join(c.Out, s.Name+".json"))
		if err != nil || json.Unmarshal(data, &side) != nil || side != s {
			t.Errorf("sidecar file %s: %v", data, err)
		}
		if names := bankfileNames(t, c.Out); len(names) != 2 {
			t.Errorf("left in the directory: %v", names)
		}
	}
}

func TestBankfileWrite_splits_by_rows(t *testing.T) {
	t.Parallel()
	c := bankfileWriter(t, bankfileCSV)
	c.MaxRows, c.MessageID = 2, "B7"
	written, err := c.write(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(written) != 2 || written[0].Name != "B7-0001.xml" || written[0].Count != 2 || written[1].Sum != 1 {
		t.Errorf("got %+v", written)
	}
}

func TestBankfileWrite_leaves_nothing_behind_when_refused(t *testing.T) {
	t.Parallel()
	for code, change := range map[string]func(*bankfileWriteCmd){
		"BANKFILE_ROWS_REFUSED":    func(c *bankfileWriteCmd) { c.MessageID = "../x" },
		"BANKFILE_LIMIT":           func(c *bankfileWriteCmd) { c.MaxRows = -1 },
		"BANKFILE_CREATED":         func(c *bankfileWriteCmd) { c.Created = "today" },
		"BANKFILE_NOT_WRITABLE":    func(c *bankfileWriteCmd) { c.Profile = bankfiles.Camt053 },
		"BANKFILE_PROFILE_UNKNOWN": func(c *bankfileWriteCmd) { c.Profile = "x" },
		"BANKFILE_FILE":            func(c *bankfileWriteCmd) { c.In += ".gone" },
	} {
		c := bankfileWriter(t, bankfileCSV)
		change(c)
		_, err := c.write(context.Background(), nil)
		if errs.CodeOf(err) != code || errs.KindOf(err).ExitCode() != 2 {
			t.Errorf("%s: got %v", code, err)
		}
		if names := bankfileNames(t, c.Out); len(names) > 0 {
			t.Errorf("%s: left behind %v", code, names)
		}
	}
	c := bankfileWriter(t, bankfileCSV+"QH-1,赵六,1,,,1,\n") // the doubled id would land in another part
	c.MaxRows = 1
	_, err := c.write(context.Background(), nil)
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || len(e.Fields) != 1 || e.Fields[0].File != "payments.csv" || e.Fields[0].Row != 5 || e.Fields[0].Code != "BANKFILE_ID_TWICE" {
		t.Errorf("got %v", err)
	}
}

func TestBankfileWrite_never_overwrites_other_content(t *testing.T) {
	t.Parallel()
	c := bankfileWriter(t, bankfileCSV)
	c.MessageID = "B7"
	if _, err := c.write(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	before, _ := os.ReadFile(filepath.Join(c.Out, "B7.xml"))
	c.Date = "2026-10-10"
	_, err := c.write(context.Background(), nil)
	after, _ := os.ReadFile(filepath.Join(c.Out, "B7.xml"))
	if errs.CodeOf(err) != "BANKFILE_EXISTS" || !bytes.Equal(before, after) {
		t.Errorf("got %v", err)
	}
}

func TestBankfileRead_prints_json_lines(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	file := "R|1.0|QH-B1|1|1|400.00|0|0.00|1|400.00|20261009\nL|1|QH-1|6229000000007302|400.00|1003|<closed>\nT|1|400.00\n"
	if err := readBankfile(context.Background(), &out, i18n.ZH, namedFormat{name: "auto"}, "-", strings.NewReader(file)); err != nil {
		t.Fatal(err)
	}
	var types []string
	for line := range strings.Lines(out.String()) {
		var v map[string]any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		types = append(types, fmt.Sprint(v["type"]))
		if v["type"] == "item" {
			for _, k := range []string{"kind", "end_to_end_id", "bank_ref", "amount", "currency", "direction", "status", "reason", "offset", "line", "path"} {
				if _, ok := v[k]; !ok {
					t.Errorf("an item has no %q: %s", k, line)
				}
			}
			if strings.Contains(line, "6229000000007302") {
				t.Errorf("an account in the clear: %s", line)
			}
		}
		if v["type"] == "warning" && v["message"] == "" {
			t.Errorf("a warning without words: %s", line)
		}
	}
	if got := strings.Join(types, " "); got != "warning header item trailer" {
		t.Errorf("got %s", got)
	}
}

func TestBankfileRead_prints_nothing_when_refused(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	file := "R|1.0|QH-B1|1|1|400.01|0|0.00|1|400.01|20261009\r\nL|1|QH-1|1|400.00|1003|x\r\nT|1|400.01\r\n"
	err := readBankfile(context.Background(), &out, i18n.ZH, namedFormat{name: "auto"}, "-", strings.NewReader(file))
	if errs.KindOf(err).ExitCode() != 2 || out.Len() > 0 {
		t.Errorf("got %v and %q", err, out.String())
	}
	if err := checkBankfile(&out, i18n.EN, true, namedFormat{name: "auto"}, "-", strings.NewReader(file)); err == nil || out.Len() > 0 {
		t.Errorf("check: got %v and %q", err, out.String())
	}
}

func TestBankfileProfiles_all_have_a_title(t *testing.T) {
	t.Parallel()
	for _, p := range bankfiles.Profiles() {
		for _, lang := range []i18n.Lang{i18n.ZH, i18n.EN} {
			if l := lineOf(p, lang); l.Title == "" || l.Title == "bankfile.profile."+p.Name || l.abilities(lang) == "" {
				t.Errorf("%s has no title or no purpose", p.Name)
			}
		}
	}
	if err := listBankfileProfiles(io.Discard, i18n.EN, true); err != nil {
		t.Error(err)
	}
}

func TestBankfileReasons_all_have_words(t *testing.T) {
	t.Parallel()
	for _, e := range reason.All() {
		for _, key := range []string{string(e.Code), string(e.Code) + ".step", "owner." + string(e.Owner), "retry." + string(e.Retry)} {
			if !i18n.Has("reason." + key) {
				t.Errorf("reason.%s has no words", key)
			}
		}
	}
}

func TestBankfileWrite_splits(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]struct {
		set  func(*bankfileWriteCmd)
		want []int64
	}{
		"by bank":   {func(c *bankfileWriteCmd) { c.SplitByBank = true }, []int64{1, 2}},
		"by amount": {func(c *bankfileWriteCmd) { c.MaxAmount = "600.06" }, []int64{1, 2}},
		"by bytes":  {func(c *bankfileWriteCmd) { c.MaxBytes = 1800 }, []int64{2, 1}},
	} {
		c := bankfileWriter(t, bankfileCSV)
		change.set(c)
		written, err := c.write(context.Background(), nil)
		var got []int64
		for _, s := range written {
			got = append(got, s.Count)
		}
		if err != nil || !slices.Equal(got, change.want) {
			t.Errorf("%s: files of %v payments, want %v: %v", name, got, change.want, err)
		}
	}
	c := bankfileWriter(t, bankfileCSV)
	c.MaxAmount = "500"
	_, err := c.write(context.Background(), nil)
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || len(e.Fields) != 1 || e.Fields[0].File != "payments.csv" || e.Fields[0].Row != 3 {
		t.Errorf("got %v", err)
	}
}

// keyFile makes a key as `fenlu bankfile key` does and gives its two halves.
func keyFile(t *testing.T, algorithm string) (path, public string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "key")
	var out bytes.Buffer
	cmd := bankfileKeyCmd{Name: "qinghe-finance", Algorithm: algorithm, Out: path}
	if err := cmd.create(&out, i18n.EN, true); err != nil {
		t.Fatal(err)
	}
	var made struct{ Key string }
	if err := json.Unmarshal(out.Bytes(), &made); err != nil {
		t.Fatal(err)
	}
	said := out.String()
	out.Reset()
	if err := cmd.create(&out, i18n.EN, true); err != nil || out.String() != said {
		t.Errorf("asked for again: %v, %s", err, out.String())
	}
	cmd.Name = "another"
	if err := cmd.create(&out, i18n.EN, true); errs.CodeOf(err) != "BANKFILE_EXISTS" {
		t.Errorf("a key was overwritten: %v", err)
	}
	return path, made.Key
}

func TestBankfileWrite_signs(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []string{"ed25519", "sm2"} {
		c := bankfileWriter(t, bankfileCSV)
		var public string
		c.SignKey, public = keyFile(t, algorithm)
		written, err := c.write(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(c.Out, written[0].Name)
		if err := verifyBankfile(path, public); err != nil {
			t.Errorf("%s: %v", algorithm, err)
		}
		_, other := keyFile(t, algorithm)
		if err := verifyBankfile(path, other); errs.CodeOf(err) != "BANKFILE_SIGNATURE" {
			t.Errorf("%s: another key: %v", algorithm, err)
		}
		f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString(" "); err != nil || f.Close() != nil {
			t.Fatal(err)
		}
		if err := verifyBankfile(path, public); errs.CodeOf(err) != "BANKFILE_SIGNATURE" {
			t.Errorf("%s: an altered file: %v", algorithm, err)
		}
		if err := os.Chmod(c.SignKey, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := c.write(context.Background(), nil); errs.CodeOf(err) != "VAULT_PERMISSIONS" {
			t.Errorf("%s: a key that all can read: %v", algorithm, err)
		}
	}
}

// What a profile asks of its files is done, or no file is made.
func TestBankfileWrite_seals_as_the_profile_asks(t *testing.T) {
	t.Parallel()
	bank, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	pay, _ := docsProfiles(t)
	text, err := os.ReadFile(pay)
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, "signature: sm2\nencrypt_to: ["+bank.Recipient().String()+"]\n"...)
	if err := os.WriteFile(pay, text, 0o600); err != nil {
		t.Fatal(err)
	}
	c := bankfileWriter(t, bankfileCSV)
	c.Profile, c.ProfileFile, c.MessageID = "", pay, "QH-B1"
	for algorithm, code := range map[string]string{"": "BANKFILE_UNSIGNED", "ed25519": "BANKFILE_UNSIGNED"} {
		if algorithm != "" {
			c.SignKey = bankfileKey(t, algorithm)
		}
		if _, err := c.write(context.Background(), nil); errs.CodeOf(err) != code {
			t.Errorf("%s: %v", algorithm, err)
		}
	}
	c.SignKey = bankfileKey(t, "sm2")
	got, err := c.write(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	name := got[0].Name
	if names := bankfileNames(t, c.Out); !slices.Equal(names, []string{name + ".age", name + ".json", name + ".sig"}) {
		t.Errorf("left in the directory: %v", names)
	}
}

// bankfileKey is the file of a new key.
func bankfileKey(t *testing.T, algorithm string) string {
	t.Helper()
	c := bankfileKeyCmd{Name: "finance.example/" + algorithm, Algorithm: algorithm, Out: filepath.Join(t.TempDir(), "key")}
	if err := c.create(io.Discard, i18n.EN, true); err != nil {
		t.Fatal(err)
	}
	return c.Out
}

func TestBankfileWrite_encrypts(t *testing.T) {
	t.Parallel()
	bank, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	plain := bankfileWriter(t, bankfileCSV)
	want, err := plain.write(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	c := bankfileWriter(t, bankfileCSV)
	c.EncryptTo = []string{bank.Recipient().String()}
	for range 2 { // the second time changes nothing that matters
		got, err := c.write(context.Background(), nil)
		if err != nil || got[0] != want[0] {
			t.Fatalf("%+v, %v", got, err)
		}
	}
	name := want[0].Name
	if names := bankfileNames(t, c.Out); !slices.Equal(names, []string{name + ".age", name + ".json"}) {
		t.Errorf("left in the directory: %v", names)
	}
	f, err := os.Open(filepath.Join(c.Out, name+".age"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	r, err := age.Decrypt(f, bank)
	if err != nil {
		t.Fatal(err)
	}
	decrypted, err := io.ReadAll(r)
	original, _ := os.ReadFile(filepath.Join(plain.Out, name))
	if err != nil || !bytes.Equal(decrypted, original) {
		t.Errorf("decrypts to something else: %v", err)
	}
	c.Date, c.MessageID = "2026-10-10", strings.TrimSuffix(name, ".xml")
	if _, err := c.write(context.Background(), nil); errs.CodeOf(err) != "BANKFILE_EXISTS" {
		t.Errorf("other content under the same name: %v", err)
	}
	c.EncryptTo = []string{"age1x"}
	if _, err := c.write(context.Background(), nil); errs.CodeOf(err) != "BANKFILE_RECIPIENT" {
		t.Errorf("a recipient that is none: %v", err)
	}
}
