package layout

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"iter"
	"runtime"
	"strings"
	"testing"

	"fenlu/bankfiles/order"
	"fenlu/bankfiles/record"
	"fenlu/internal/filetest"
)

// bomb is a workbook with a sheet that begins well and then goes on for n
// bytes of next to nothing.
func bomb(t *testing.T, n int) []byte {
	t.Helper()
	whole := inXLSX(t, "姓名,卡号\n")
	from, err := zip.NewReader(bytes.NewReader(whole), int64(len(whole)))
	if err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	to := zip.NewWriter(&buf)
	for _, part := range from.File {
		w, err := to.Create(part.Name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(part.Name, "sheet1") {
			_, err = io.Copy(w, io.LimitReader(strings.NewReader("<worksheet><sheetData>"+strings.Repeat(" ", n)), int64(n)))
		} else {
			err = copyPart(w, part)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func copyPart(w io.Writer, part *zip.File) error {
	r, err := part.Open()
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	_, err = io.Copy(w, r)
	return err
}

// Input without end, without line ends, deep, or packed small is refused, with
// a place.
func TestRead_keeps_its_limits(t *testing.T) {
	t.Parallel()
	table := byName(t, "style.baopan.result")
	for name, c := range map[string]struct {
		profile string
		data    io.Reader
		code    string
	}{
		"line without end":       {"style.pingan.result", endless('x'), "BANKFILE_LINE_LONG"},
		"fixed line without end": {"style.abc.pay", endless('x'), "BANKFILE_LINE_LONG"},
		"deep elements":          {"style.icbc.result", io.MultiReader(strings.NewReader("<CMS>"), strings.NewReader(strings.Repeat("<a>", 1000))), "BANKFILE_XML_DEPTH"},
		"text without end":       {"style.icbc.result", io.MultiReader(strings.NewReader("<CMS><a>"), endless('x')), "BANKFILE_XML_TOKEN_SIZE"},
		"zip bomb":               {table.Name, bytes.NewReader(bomb(t, 64<<20)), "BANKFILE_WORKBOOK"},
		"large workbook":         {table.Name, io.MultiReader(strings.NewReader("PK\x03\x04"), io.LimitReader(endless('x'), MaxWorkbook)), "BANKFILE_WORKBOOK_LARGE"},
		"no titles":              {table.Name, strings.NewReader(strings.Repeat("a,b\n", 1000)), "BANKFILE_TABLE_TITLES"},
		"thousands of cells":     {table.Name, strings.NewReader(strings.Repeat(",", 60_000)), "BANKFILE_CELLS_MANY"},
		"nothing":                {table.Name, strings.NewReader(""), "BANKFILE_NO_BYTES"},
		"half a workbook":        {table.Name, bytes.NewReader(inXLSX(t, "a\n")[:2000]), "BANKFILE_WORKBOOK"},
	} {
		err := byName(t, c.profile).Read(c.data, record.NewOut(func(record.Record, error) bool { return true }, c.profile))
		if filetest.Arg(err, "offset") == nil {
			t.Errorf("%s: %v", name, err)
		}
		filetest.WantCode(t, err, c.code)
	}
}

type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

// Memory does not grow with the file, neither writing nor reading.
func TestMemoryIsFlat(t *testing.T) {
	for _, name := range []string{"cn.daifa.gbk", "style.abc.pay", "style.icbc.pay"} {
		p := byName(t, name)
		small, large := live(t, p, 1_000), live(t, p, 100_000)
		if large > small+2<<20 {
			t.Errorf("%s: %d bytes live after 1,000 payments, %d after 100,000", name, small, large)
		}
	}
}

// live writes n payments into a reader and says how much is in use near the end.
func live(t *testing.T, p *Profile, n int) uint64 {
	t.Helper()
	pipe, to := io.Pipe()
	go func() {
		src := manyPayments(n)
		out := order.NewOutput(to)
		err := p.Write(out, batch(), order.Totals{Count: int64(n)}, src)
		if err == nil {
			err = out.Buffered.Flush()
		}
		to.CloseWithError(err)
	}()
	var in runtime.MemStats
	seen := 0
	err := p.Read(pipe, record.NewOut(func(r record.Record, _ error) bool {
		if r.Type == record.TypeItem {
			if seen++; seen == n {
				runtime.GC()
				runtime.ReadMemStats(&in)
			}
		}
		return true
	}, p.Name))
	if seen != n {
		t.Fatalf("%s: %d of %d read: %v", p.Name, seen, n, err)
	}
	return in.HeapAlloc
}

func manyPayments(n int) order.Source {
	return func() iter.Seq2[order.Instruction, error] {
		return func(yield func(order.Instruction, error) bool) {
			for i := range n {
				if !yield(order.Instruction{EndToEndID: fmt.Sprint("QH-", i), Name: "阿卜杜拉·买买提", Account: "6229000000007302", Amount: 40000, Remark: "低保"}, nil) {
					return
				}
			}
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	p := byName(b, "cn.daifa.gbk")
	for b.Loop() {
		out := order.NewOutput(io.Discard)
		if err := p.Write(out, batch(), order.Totals{}, manyPayments(10_000)); err != nil {
			b.Fatal(err)
		}
		b.SetBytes(out.Bytes)
	}
}

func BenchmarkRead(b *testing.B) {
	p := byName(b, "cn.daifa.gbk")
	var many []order.Instruction
	for pay := range manyPayments(10_000)() {
		many = append(many, pay)
	}
	data := write(b, p, batch(), many)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if err := p.Read(bytes.NewReader(data), record.NewOut(func(record.Record, error) bool { return true }, p.Name)); err != nil {
			b.Fatal(err)
		}
	}
}
