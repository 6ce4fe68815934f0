package bundle

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// Member is a file of the zip.
type Member struct {
	Name string
	Data []byte
}

// writeZip writes members in order, stored, with nothing but names and sizes in
// the headers: the same members always give the same bytes.
func writeZip(members []Member) ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, m := range members {
		size := uint64(len(m.Data))
		w, err := z.CreateRaw(&zip.FileHeader{Name: m.Name, Method: zip.Store, CRC32: crc32.ChecksumIEEE(m.Data), CompressedSize64: size, UncompressedSize64: size})
		if err == nil {
			_, err = w.Write(m.Data)
		}
		if err != nil {
			return nil, fmt.Errorf("write %s: %w", m.Name, err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("write zip: %w", err)
	}
	return out.Bytes(), nil
}

// The parts of a zip that reading needs: a local header's signature, length and
// the place of sizes in it.
const (
	localSignature = "PK\x03\x04"
	localLength    = 30
	sizeAt         = 22
	nameLengthAt   = 26
)

// readZip reads what writeZip writes and nothing else: it takes names and
// contents out, writes them again and compares every byte. The error names the
// member, or the offset where there is none.
func readZip(b []byte) ([]Member, error) {
	members, starts := walk(b)
	again, err := writeZip(members)
	if err != nil {
		return nil, altered("zip", err.Error())
	}
	if bytes.Equal(again, b) {
		return members, nil
	}
	at := firstDifference(again, b)
	return nil, altered(placeOf(at, members, starts), fmt.Sprintf("byte %d", at))
}

// walk takes members out from the beginning for as long as there is one.
func walk(b []byte) (members []Member, starts []int) {
	for at := 0; ; {
		m, length := local(b[at:])
		if length == 0 {
			return members, append(starts, at)
		}
		members, starts = append(members, m), append(starts, at)
		at += length
	}
}

// local is the member at the beginning of b and its length with the header; 0
// where there is none.
func local(b []byte) (Member, int) {
	if len(b) < localLength || string(b[:len(localSignature)]) != localSignature {
		return Member{}, 0
	}
	size, name := int64(binary.LittleEndian.Uint32(b[sizeAt:])), int64(binary.LittleEndian.Uint16(b[nameLengthAt:]))
	if localLength+name+size > int64(len(b)) {
		return Member{}, 0
	}
	data := b[localLength+name:]
	return Member{string(b[localLength : localLength+name]), data[:size]}, int(localLength + name + size)
}

// placeOf names what is at an offset: a member, what follows a member where
// none can be read any more, or the directory at the end.
func placeOf(at int, members []Member, starts []int) string {
	for i := range members {
		if at < starts[i+1] {
			return members[i].Name
		}
	}
	if len(members) == 0 {
		return "zip"
	}
	return "after " + members[len(members)-1].Name
}

func firstDifference(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}
