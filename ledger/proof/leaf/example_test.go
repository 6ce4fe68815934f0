package leaf_test

import (
	"fmt"

	"fenlu/ledger/proof/leaf"
)

// One line of three is proved by the root in its journal's leaf; the other two
// stay at home.
func ExampleProver() {
	var line leaf.Part
	lines := [][]byte{}
	for i, amount := range []int64{95000, 60000, 35000} {
		lines = append(lines, append([]byte(nil), line.Start().Int(int64(i+1)).Text("paid/8").Int(amount).Bytes()...))
	}
	prover, err := leaf.NewProver(int64(len(lines)), 1) // the second is wanted
	if err != nil {
		fmt.Println(err)
		return
	}
	var tree leaf.Tree
	for _, l := range lines {
		prover.Add(l)
		tree.Add(l)
	}
	path, err := prover.Proof(1)
	if err != nil {
		fmt.Println(err)
		return
	}
	journal := leaf.New("journal", 1).Int("id", 42).Parts(&tree)

	// Whoever gets the leaf, the one line and the path checks it so:
	count, root, err := leaf.PartsOf(journal)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(path), "hashes for one of", count, "lines")
	fmt.Println("the line:", leaf.CheckPart(path, root, count, 1, lines[1]))
	fmt.Println("with another amount:", leaf.CheckPart(path, root, count, 1, []byte("2\tpaid/8\t66000\n")) != nil)
	// Output:
	// 2 hashes for one of 3 lines
	// the line: <nil>
	// with another amount: true
}

// The leaf of an instruction binds who was paid without saying it; who holds the
// salt can show it.
func ExampleCheckPayee() {
	salt := []byte("0123456789abcdef0123456789abcdef") // random in truth, and kept encrypted
	paid := leaf.Payee{Name: "赵一", IDNumber: "991301195001010011", Account: "6217000000000000011", BankCode: "102991300011"}
	commitment := paid.Commit(salt)
	fmt.Println(leaf.CheckPayee(commitment, salt, paid))
	paid.Name = "钱二"
	fmt.Println(leaf.CheckPayee(commitment, salt, paid))
	// Output:
	// true
	// false
}
