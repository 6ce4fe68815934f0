package bankfiles

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"fenlu/bankfiles/order"
	"fenlu/bankfiles/record"
)

// The examples of the published specification are files that we read, and the
// batch among them is what we would write.
func TestPublishedExamples(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "docs", "formats", "cn-daifa.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(page), "```text\n")[1:]
	if len(blocks) != 3 {
		t.Fatalf("%d examples", len(blocks))
	}
	for i, b := range blocks {
		text, _, _ := strings.Cut(b, "```")
		data, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(strings.ReplaceAll(text, "\n", "\r\n")))
		if err != nil {
			t.Fatal(err)
		}
		sum, err := Check(bytes.NewReader(data), Auto)
		if err != nil || len(sum.Warnings) > 0 {
			t.Fatalf("example %d: %v %v", i+1, err, sum.Warnings)
		}
		if sum.Profile == DaifaBatch {
			writesTheSame(t, data, sum.Headers[0])
		}
	}
}

func writesTheSame(t *testing.T, data []byte, h record.Header) {
	t.Helper()
	var ps []order.Instruction
	for _, it := range items(t, data, DaifaBatch) {
		ps = append(ps, order.Instruction{
			EndToEndID: it.EndToEndID, Name: it.Name, Account: it.Account, BankCode: it.BankCode,
			IDNumber: it.IDNumber, Amount: it.AmountFen, Remark: it.Remark,
		})
	}
	b := batch()
	b.MessageID, b.DebtorAccount, b.DebtorName, b.ExecutionDate = h.MessageID, h.Account, h.AccountName, h.Date
	if got, _ := write(t, DaifaBatch, b, ps); !bytes.Equal(got, data) {
		t.Errorf("we would write\n%q\nnot\n%q", got, data)
	}
}
