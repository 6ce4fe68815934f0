package bundle

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"fenlu/ledger/proof/checkpoint"
)

// Write writes a bundle; sign signs its manifest with the log's present key. It
// makes the checks that Verify makes: what cannot be verified is not written.
// Errors: those of Verify, and sign's.
func Write(b Bundle, sign func(text string) ([]byte, error)) ([]byte, error) {
	members, err := b.members()
	if err != nil {
		return nil, err
	}
	msg, err := sign(manifestText(members))
	if err != nil {
		return nil, err
	}
	return writeZip(append([]Member{{manifestName, msg}}, members...))
}

// members are the files of a bundle but for the manifest. It fails where the
// bundle does not hold.
func (b Bundle) members() ([]Member, error) {
	report, err := b.report()
	if err != nil {
		return nil, err
	}
	text, err := encode(report)
	if err != nil {
		return nil, err
	}
	page, err := render(report)
	if err != nil {
		return nil, err
	}
	out := []Member{
		{indexName, page}, {reportName, text}, {keysName, b.Keys.Bytes()}, {checkpointName, b.Checkpoint}, {earlierName, earlierText(b.Earlier)},
	}
	for _, l := range b.Leaves {
		out = append(out, l.members()...)
	}
	return out, nil
}

func encode(v any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("write %s: %w", reportName, err)
	}
	return out.Bytes(), nil
}

// The folders of leaves and parts, each with its paths.
const (
	leafDir     = "leaves/"
	pathDir     = "leaf-paths/"
	partDir     = "parts/"
	partPathDir = "part-paths/"
)

func fileOf(dir string, index int64) string { return fmt.Sprintf("%s%012d.txt", dir, index) }

func (l Leaf) members() []Member {
	out := []Member{{fileOf(leafDir, l.Index), l.Bytes}, {fileOf(pathDir, l.Index), pathLine("", l.Path)}}
	if len(l.Parts) == 0 {
		return out
	}
	var parts, paths []byte
	for _, p := range l.Parts {
		parts = append(parts, p.Bytes...)
		paths = append(paths, pathLine(strconv.FormatInt(p.Index, 10), p.Path)...)
	}
	return append(out, Member{fileOf(partDir, l.Index), parts}, Member{fileOf(partPathDir, l.Index), paths})
}

// pathLine is a head, if any, and hashes in the order in which they are used,
// TABs between them.
func pathLine(head string, path []tlog.Hash) []byte {
	var words []string
	if head != "" {
		words = append(words, head)
	}
	for _, h := range path {
		words = append(words, hex.EncodeToString(h[:]))
	}
	return []byte(strings.Join(words, "\t") + "\n")
}

func earlierText(list []Growth) (out []byte) {
	for _, g := range list {
		head := strconv.FormatInt(g.Size, 10) + "\t" + hex.EncodeToString(g.Root[:])
		out = append(out, pathLine(head, g.Proof)...)
	}
	return out
}

// parse reads members back. Whatever it lets pass that Write would write
// otherwise is found by writing it again.
func parse(members []Member) (Bundle, error) {
	files := map[string][]byte{}
	for _, m := range members {
		files[m.Name] = m.Data
	}
	var b Bundle
	var err error
	if b.Keys, err = checkpoint.ParsePublic(files[keysName]); err != nil {
		return b, wrap(err, keysName)
	}
	var said struct {
		Asked  Asked  `json:"asked"`
		Stated Stated `json:"stated"`
	}
	if err := json.Unmarshal(files[reportName], &said); err != nil {
		return b, altered(reportName, err.Error())
	}
	b.Asked, b.Stated, b.Checkpoint = said.Asked, said.Stated, files[checkpointName]
	if b.Earlier, err = parseEarlier(files[earlierName]); err != nil {
		return b, altered(earlierName, err.Error())
	}
	for _, m := range members {
		if text, ok := strings.CutPrefix(m.Name, leafDir); ok {
			l, err := parseLeaf(strings.TrimSuffix(text, ".txt"), files)
			if err != nil {
				return b, altered(m.Name, err.Error())
			}
			b.Leaves = append(b.Leaves, l)
		}
	}
	return b, nil
}

func parseEarlier(text []byte) ([]Growth, error) {
	var out []Growth
	for line := range strings.Lines(string(text)) {
		words := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		size, err := strconv.ParseInt(words[0], 10, 64)
		hashes, errHash := parsePath(words[1:])
		if err = errors.Join(err, errHash); err != nil {
			return nil, err
		}
		if len(hashes) == 0 {
			return nil, errors.New("no root")
		}
		out = append(out, Growth{size, hashes[0], hashes[1:]})
	}
	return out, nil
}

func parsePath(words []string) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for _, w := range words {
		b, err := hex.DecodeString(w)
		if err != nil || len(b) != tlog.HashSize {
			return nil, fmt.Errorf("not a hash: %q", w)
		}
		out = append(out, tlog.Hash(b))
	}
	return out, nil
}

func parseLeaf(number string, files map[string][]byte) (Leaf, error) {
	index, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return Leaf{}, err
	}
	l := Leaf{Index: index, Bytes: files[fileOf(leafDir, index)]}
	if l.Path, err = parsePath(strings.Fields(string(files[fileOf(pathDir, index)]))); err != nil {
		return l, err
	}
	parts := bytes.SplitAfter(files[fileOf(partDir, index)], []byte("\n"))
	paths := strings.Split(string(files[fileOf(partPathDir, index)]), "\n")
	for i, part := range parts[:len(parts)-1] {
		if i >= len(paths) {
			return l, errors.New("parts without paths")
		}
		p := Part{Bytes: part}
		words := strings.Split(paths[i], "\t")
		if p.Index, err = strconv.ParseInt(words[0], 10, 64); err != nil {
			return l, err
		}
		if p.Path, err = parsePath(words[1:]); err != nil {
			return l, err
		}
		l.Parts = append(l.Parts, p)
	}
	return l, nil
}
