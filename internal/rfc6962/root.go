// Package rfc6962 is the Merkle tree hash as section 2.1 of RFC 6962 defines
// it, word for word and without regard to cost. Tests compare the log with it;
// it shares no code with the log.
package rfc6962

import "crypto/sha256"

// Root is MTH(entries).
func Root(entries [][]byte) [32]byte {
	switch len(entries) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return sha256.Sum256(append([]byte{0}, entries[0]...))
	}
	k := 1
	for 2*k < len(entries) {
		k *= 2
	}
	left, right := Root(entries[:k]), Root(entries[k:])
	return sha256.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
}
