package bankfiles

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fenlu/bankfiles/order"
	"fenlu/bankfiles/record"
)

func records(t testing.TB, data []byte, profile string) []record.Record {
	t.Helper()
	var out []record.Record
	for rec, err := range Read(bytes.NewReader(data), profile) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, rec)
	}
	return out
}

func items(t testing.TB, data []byte, profile string) []record.Item {
	t.Helper()
	var out []record.Item
	for _, rec := range records(t, data, profile) {
		if rec.Type == record.TypeItem {
			out = append(out, *rec.Item)
		}
	}
	return out
}

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "read", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func batch() order.Batch {
	return order.Batch{
		MessageID: "QH-B1", DebtorName: "青禾县财政局", DebtorAccount: "9913010000000018", DebtorAgent: "313991300012",
		ExecutionDate: "2026-10-09", Created: time.Date(2026, 10, 9, 0, 0, 0, 0, time.FixedZone("CST", 8*3600)),
	}
}

func payments() []order.Instruction {
	return []order.Instruction{
		{EndToEndID: "QH-1", Name: "倈泑", Account: "6229000000007302", BankCode: "102991301234", IDNumber: "991301199001014021", Amount: 40000, Remark: "10月低保"},
		{EndToEndID: "QH-2", Name: "阿卜杜拉·买买提", Account: "6217000000003304", Amount: 60005, Remark: "R&D <甲>"},
		{EndToEndID: "QH-3", Name: "青禾县社会福利院", Account: "9913010000000099", BankCode: "102991301234", Amount: 1},
	}
}

func write(t testing.TB, profile string, b order.Batch, ps []order.Instruction) ([]byte, Sidecar) {
	t.Helper()
	var buf bytes.Buffer
	s, err := Write(&buf, profile, b, order.FromSlice(ps))
	if err != nil {
		t.Fatal(err)
	}
	return buf.Bytes(), s
}

func asJSONLines(t *testing.T, recs []record.Record) []byte {
	t.Helper()
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	for _, r := range recs {
		if err := enc.Encode(r); err != nil {
			t.Fatal(err)
		}
	}
	return buf.Bytes()
}
