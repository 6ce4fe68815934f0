package bankfiles

import (
	"fmt"
	"io"
	"iter"
	"runtime"
	"testing"

	"fenlu/bankfiles/order"
)

// What is alive while a long file is written and read back does not grow with
// it, save eight bytes a payment for the ids. (Not parallel: others' memory
// would count.)
func TestMemory_is_flat(t *testing.T) {
	const rows, most = 200_000, 200_000*8*2 + 4<<20 // the slice of the ids grows by doubling
	before := alive()
	peak := before
	sample := func() { peak = max(peak, alive()) }
	side, err := Write(io.Discard, Pain001, batch(), counted(rows, sample))
	if err != nil {
		t.Fatal(err)
	}
	file, in := io.Pipe()
	go func() {
		_, err := Write(in, Pain001, batch(), counted(rows, func() {}))
		_ = in.CloseWithError(err) // cannot fail
	}()
	if _, err := ReadBack(file, side, batch(), counted(rows, sample)); err != nil {
		t.Fatal(err)
	}
	if peak > before+most {
		t.Errorf("%d bytes are alive, %d before", peak, before)
	}
}

// alive is the memory that is in use after everything of no use is gone.
func alive() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// counted gives payments, and calls at every fifty-thousandth.
func counted(rows int, call func()) order.Source {
	return func() iter.Seq2[order.Instruction, error] {
		return func(yield func(order.Instruction, error) bool) {
			for i := range rows {
				if i%50_000 == 49_999 {
					call()
				}
				if !yield(order.Instruction{EndToEndID: fmt.Sprint("A", i), Name: "张三", Account: fmt.Sprint("62", i), Amount: 1}, nil) {
					return
				}
			}
		}
	}
}
