package funds_test

import (
	"sync"

	"fenlu/internal/errs"
)

// race runs fn n times at once and returns what each came to.
func race(n int, fn func(i int) error) []error {
	out := make([]error, n)
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-start
			out[i] = fn(i)
		})
	}
	close(start)
	all.Wait()
	return out
}

// countCode counts the errors with a code; "" counts successes.
func countCode(list []error, code string) int {
	n := 0
	for _, err := range list {
		if err == nil && code == "" || err != nil && errs.CodeOf(err) == code {
			n++
		}
	}
	return n
}
