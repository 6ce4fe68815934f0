package bench

import (
	"bytes"
	"os"
	"runtime/metrics"
	"strconv"
	"syscall"
	"time"
)

// processorTime is what this process has used so far, in all its threads.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// watchMemory looks every few milliseconds; stop says the most that was seen:
// live heap, and what the process has in memory (0 where the system does not
// say).
func watchMemory() (stop func() (heap, resident int64)) {
	done, peak := make(chan struct{}), make(chan [2]int64)
	go func() {
		var most [2]int64
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			most[0], most[1] = max(most[0], heapBytes()), max(most[1], residentBytes())
			select {
			case <-done:
				peak <- most
				return
			case <-tick.C:
			}
		}
	}()
	return func() (int64, int64) {
		close(done)
		p := <-peak
		return p[0], p[1]
	}
}

func heapBytes() int64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64()) //nolint:gosec // no heap has 2^63 bytes
}

// residentBytes is the second number of /proc/self/statm, in pages.
func residentBytes() int64 {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := bytes.Fields(b)
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}
