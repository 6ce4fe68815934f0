package bundle_test

import (
	"bytes"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/tlog"

	"fenlu/ledger/proof/bundle"
	"fenlu/ledger/proof/checkpoint"
	"fenlu/ledger/proof/leaf"
)

// A bundle of a log with one leaf, a document, is signed, read by an auditor who
// has the key, and read again after one digit of it was changed.
func ExampleWrite() {
	signer, err := checkpoint.ParseSigner(testSecret)
	if err != nil {
		fmt.Println(err)
		return
	}
	document := leaf.New("document", 1).Int("id", 1).Text("number", "财社〔2026〕12号").Text("kind", "bring")
	note, err := checkpoint.Sign(checkpoint.Checkpoint{Origin: origin, Size: 1, Root: document.Hash()}, signer)
	if err != nil {
		fmt.Println(err)
		return
	}
	zip, err := bundle.Write(bundle.Bundle{
		Asked:      bundle.Asked{Kind: bundle.OfDocument, Subject: "财社〔2026〕12号", Masked: true, At: "2026-11-02T01:00:00.000000Z"},
		Keys:       checkpoint.Public{First: signer.Key},
		Checkpoint: note,
		Leaves:     []bundle.Leaf{{Index: 0, Bytes: document.Bytes(), Path: tlog.RecordProof{}}},
	}, func(text string) ([]byte, error) { return checkpoint.SignText(text, signer) })
	if err != nil {
		fmt.Println(err)
		return
	}
	known := bundle.Trust{Keys: []checkpoint.Key{signer.Key}}
	verdict, err := bundle.Verify(zip, known)
	fmt.Println(verdict.Leaves, "leaf, trust:", verdict.Trust, err)
	_, err = bundle.Verify(bytes.Replace(zip, []byte("number\t财社〔2026〕12号"), []byte("number\t财社〔2026〕13号"), 1), known)
	fmt.Println(err)
	// Output:
	// 1 leaf, trust: key <nil>
	// BUNDLE_ALTERED place=leaves/000000000000.txt what=byte 4877
}

// What a person's bundle proves: the golden bundle of this format.
func ExampleVerify() {
	zip, err := os.ReadFile(goldenSourced)
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := bundle.Verify(zip, bundle.Trust{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(v.Asked.Kind, v.Asked.Subject, "was paid", v.Sums.Paid.Grouped())
	fmt.Println(v.Leaves, "leaves and", v.Parts, "lines of them under the root of", v.Size)
	fmt.Println("trust:", v.Trust, "- compare", v.Fingerprint)
	// Output:
	// person 502 was paid 600.00
	// 12 leaves and 5 lines of them under the root of 17
	// trust: unpinned - compare a991 8387 1f66 5ba5 7214 198c d201 b254
}
