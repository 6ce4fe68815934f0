// Command mutants shows that the tests would notice: it puts one committed
// fault at a time into the tree and expects a named test to fail.
//
//	go run ./internal/mutants              # every fault of internal/mutants/faults.txt
//	go run ./internal/mutants -only cut    # those whose name contains "cut"
//
// Nothing is copied and nothing in the tree is touched: the faulty file is
// handed to the compiler in place of the real one (go build -overlay). Each
// named test is first run without the fault and must pass, so that a test
// that is broken, or that matches nothing, kills nobody. A fault that does not
// compile, or whose old text is not found exactly once, is an error.
//
// It ends with "killed n of n" and exit code 0, or 1 where a fault survived.
package main
