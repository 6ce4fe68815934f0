package bankfiles

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/emmansun/gmsm/sm3"

	"fenlu/bankfiles/order"
	"fenlu/internal/filetest"
)

var writing = []string{Pain001, Pain001v03, DaifaBatch}

func TestWriteSealed(t *testing.T) {
	t.Parallel()
	for _, profile := range writing {
		var buf bytes.Buffer
		s, err := WriteSealed(&buf, profile, batch(), order.FromSlice(payments()))
		if err != nil {
			t.Fatal(profile, err)
		}
		digest := sm3.Sum(buf.Bytes())
		plain, side := write(t, profile, batch(), payments())
		if side.SM3 = hex.EncodeToString(digest[:]); s != side || !bytes.Equal(plain, buf.Bytes()) {
			t.Errorf("%s: sealed %+v, written %+v", profile, s, side)
		}
		if _, err := WriteSealed(&failing{after: 10}, profile, batch(), order.FromSlice(payments())); !errors.Is(err, errDisk) {
			t.Errorf("%s: got %v", profile, err)
		}
		_, err = WriteSealed(&buf, profile, batch(), order.FromSlice(nil))
		filetest.WantCode(t, err, "BANKFILE_EMPTY")
	}
	_, err := WriteSealed(&bytes.Buffer{}, Camt053, batch(), order.FromSlice(payments()))
	filetest.WantCode(t, err, "BANKFILE_NOT_WRITABLE")
}

// Every format that is written can be sealed: what stands in its head reads back
// as it was asked for.
func TestWriteSealed_in_every_format(t *testing.T) {
	t.Parallel()
	for _, p := range Profiles() {
		if !p.Writes {
			continue
		}
		if s, err := WriteSealed(io.Discard, p.Name, batch(), order.FromSlice(payments())); err != nil || s.Count != 3 || s.SM3 == "" {
			t.Errorf("%s: %+v %v", p.Name, s, err)
		}
	}
}

// Whatever differs from what was asked is found, and where.
func TestReadBack_finds_what_differs(t *testing.T) {
	t.Parallel()
	for _, profile := range writing {
		data, side := write(t, profile, batch(), payments())
		for column, change := range map[string]func(*order.Batch, []order.Instruction){
			"1 end_to_end_id": func(_ *order.Batch, ps []order.Instruction) { ps[0].EndToEndID = "QH-9" },
			"2 name":          func(_ *order.Batch, ps []order.Instruction) { ps[1].Name = "阿卜杜拉" },
			"2 account":       func(_ *order.Batch, ps []order.Instruction) { ps[1].Account = "6217000000003305" },
			"3 bank_code":     func(_ *order.Batch, ps []order.Instruction) { ps[2].BankCode = "" },
			"2 remark":        func(_ *order.Batch, ps []order.Instruction) { ps[1].Remark = "" },
			"3 amount":        func(_ *order.Batch, ps []order.Instruction) { ps[2].Amount++ },
			"0 message_id":    func(b *order.Batch, _ []order.Instruction) { b.MessageID = "QH-B2" },
			"0 date":          func(b *order.Batch, _ []order.Instruction) { b.ExecutionDate = "2026-10-10" },
			"0 debtor_name":   func(b *order.Batch, _ []order.Instruction) { b.DebtorName = "青禾县民政局" },
		} {
			b, ps := batch(), payments()
			change(&b, ps)
			_, err := ReadBack(bytes.NewReader(data), side, b, order.FromSlice(ps))
			row, name, _ := strings.Cut(column, " ")
			wantDifference(t, profile, err, row, name)
		}
		first := bytes.Replace(data, []byte("<MsgId>"+batch().MessageID), []byte("<MsgId>QX"), 1) // the batch's own is right
		if _, err := ReadBack(bytes.NewReader(first), side, batch(), order.FromSlice(payments())); !bytes.Equal(first, data) {
			wantDifference(t, profile, err, "0", "message_id")
		}
		_, err := ReadBack(bytes.NewReader(data), side, batch(), order.FromSlice(payments()[:2]))
		wantDifference(t, profile, err, "3", "amount")
		_, err = ReadBack(bytes.NewReader(data), side, batch(), order.FromSlice(append(payments(), payments()[0])))
		wantDifference(t, profile, err, "3", "count")
		other := side
		other.SHA256 = strings.Repeat("0", 64)
		_, err = ReadBack(bytes.NewReader(data), other, batch(), order.FromSlice(payments()))
		wantDifference(t, profile, err, "0", "sha256")
		_, err = ReadBack(bytes.NewReader(data[:len(data)/2]), side, batch(), order.FromSlice(payments()))
		filetest.WantCode(t, err, "BANKFILE_READ_BACK")
	}
}

func wantDifference(t *testing.T, profile string, err error, row, column string) {
	t.Helper()
	filetest.WantCode(t, err, "BANKFILE_READ_BACK")
	if got := filetest.Arg(err, "row"); filetest.Arg(err, "column") != column || fmt.Sprint(got) != row {
		t.Errorf("%s: row %v, column %v; want %s %s", profile, got, filetest.Arg(err, "column"), row, column)
	}
}
