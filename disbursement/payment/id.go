package payment

import (
	"fmt"
	"strings"
)

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// EndToEndID makes the id that comes back everywhere: office code, batch
// number, ordinal of the payment in its batch, number of the attempt, check
// character (ISO 7064 MOD 37,36). The same input gives the same id; an office
// never reuses a batch number, so the id is unique for ever.
func EndToEndID(office string, batchNo int64, ordinal, attempt int) string {
	id := fmt.Sprintf("%s-%06d-%07d-%02d", office, batchNo, ordinal, attempt)
	return id + "-" + string(checkCharacter(id))
}

// FileRef makes a file's own id, the bank's name for the message.
func FileRef(office string, batchNo int64, ordinal int) string {
	id := fmt.Sprintf("%s-%06d-F%02d", office, batchNo, ordinal)
	return id + "-" + string(checkCharacter(id))
}

// ValidID says whether the check character of an id is right: a mistyped id
// is told from one that is not ours.
func ValidID(id string) bool {
	i := strings.LastIndexByte(id, '-')
	return i > 0 && i == len(id)-2 && checkCharacter(id[:i]) == id[i+1]
}

func checkCharacter(s string) byte {
	const m = len(alphabet)
	p := m
	for _, r := range s {
		v := strings.IndexRune(alphabet, r)
		if v < 0 {
			continue
		}
		if p = (p + v) % m; p == 0 {
			p = m
		}
		p = p * 2 % (m + 1)
	}
	return alphabet[(m+1-p)%m]
}
