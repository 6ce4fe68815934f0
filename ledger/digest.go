package ledger

import (
	"crypto/sha256"
	"time"
)

// DigestVersion is the version of the canonical bytes below.
const DigestVersion = 1

// Digest is the SHA-256 of a journal's canonical bytes, version 1: the header
// (each text as an 8-byte big-endian length and its bytes, each number as 8
// bytes big-endian) and then, for each transfer in order of its line, line,
// lot, debit, credit, amount in fen, payment, party and holding.
// Times are microseconds since 1970 UTC, dates are text (2026-10-09).
func Digest(j Journal, transfers []Transfer) []byte {
	h := sha256.New()
	hashText(h, "fenlu journal 1")
	hashInts(h, int64(j.ID))
	for _, s := range []string{j.Kind, j.Key, string(j.Request), j.BusinessDate.Format(time.DateOnly), j.Actor, j.Cause, j.Memo} {
		hashText(h, s)
	}
	hashInts(h, j.PostedAt.UnixMicro(), int64(j.Reverses), int64(len(transfers)), int64(j.Amount))
	for _, t := range transfers {
		hashInts(h, int64(t.Line), int64(t.Lot), int64(t.Debit), int64(t.Credit), int64(t.Amount), t.Payment, t.Party, int64(t.Holding))
	}
	return h.Sum(nil)
}
