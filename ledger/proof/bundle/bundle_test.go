package bundle_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"fenlu/internal/errs"
	"fenlu/ledger/proof/bundle"
	"fenlu/ledger/proof/checkpoint"
	"fenlu/ledger/proof/checkpoint/logtest"
	"fenlu/ledger/proof/leaf"
)

var update = flag.Bool("update", false, "write the golden bundle anew")

const (
	golden        = "testdata/sample.zip"
	goldenSourced = "testdata/sources.zip"
)

// The golden bundles are of the first version of the format, made once: whatever
// changes in the program, they must verify, and be written so. The first does not
// say where what it shows came from; the second does.
func TestGolden(t *testing.T) {
	t.Parallel()
	for name, g := range map[string]struct {
		got           []byte
		leaves, parts int
	}{golden: {written(t), 6, 5}, goldenSourced: {writtenSourced(t), 12, 5}} {
		if *update {
			if err := os.WriteFile(name, g.got, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(g.got, want) {
			t.Errorf("%s: the same bundle is written otherwise: that is a new version of the format", name)
		}
		v, err := bundle.Verify(want, bundle.Trust{})
		if err != nil {
			t.Fatal(err)
		}
		if v.Trust != "unpinned" || v.Fingerprint != testSigner(t).Fingerprint() || v.Leaves != g.leaves || v.Parts != g.parts || v.Sums.Paid != 60000 {
			t.Errorf("%s: verdict %+v", name, v)
		}
	}
}

func TestOneByteFlippedAnywhere(t *testing.T) {
	t.Parallel()
	original := writtenSourced(t)
	random := rand.New(rand.NewPCG(3, 7))
	for range 1000 {
		at, mask := random.IntN(len(original)), byte(1+random.IntN(255))
		flipped := bytes.Clone(original)
		flipped[at] ^= mask
		_, err := bundle.Verify(flipped, bundle.Trust{})
		if errs.KindOf(err) != errs.Unverified || errs.CodeOf(err) != "BUNDLE_ALTERED" || !strings.Contains(err.Error(), "place=") {
			t.Fatalf("byte %d of %d xor %02x: %v", at, len(original), mask, err)
		}
	}
}

func TestCutAndLengthened(t *testing.T) {
	t.Parallel()
	original := written(t)
	for _, b := range [][]byte{nil, original[:1], original[:len(original)/2], original[:len(original)-1], append(bytes.Clone(original), 0),
		append([]byte{0}, original...), append(bytes.Clone(original), original...)} {
		_, err := bundle.Verify(b, bundle.Trust{})
		wantCode(t, err, "BUNDLE_ALTERED")
	}
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if errs.KindOf(err) != errs.Unverified || errs.CodeOf(err) != code {
		t.Errorf("got %v, want %s", err, code)
	}
}

func TestTrustedKey(t *testing.T) {
	t.Parallel()
	ours, theirs := testSigner(t), logtest.Signer(t, origin, checkpoint.Ed25519)
	original := written(t)
	v, err := bundle.Verify(original, bundle.Trust{Keys: []checkpoint.Key{ours.Key}})
	if err != nil || v.Trust != "key" {
		t.Fatalf("%+v, %v", v, err)
	}
	// the same content, checkpoint and all, signed with another key of that name
	b := sample(t)
	b.Keys, b.Checkpoint = checkpoint.Public{First: theirs.Key}, logtest.Sign(t, sampleLog(t).Head(), theirs)
	forged, err := bundle.Write(b, signWith(theirs))
	if err != nil {
		t.Fatal(err)
	}
	if v, err := bundle.Verify(forged, bundle.Trust{}); err != nil || v.Trust != "unpinned" {
		t.Errorf("unpinned: %+v, %v", v, err)
	}
	_, err = bundle.Verify(forged, bundle.Trust{Keys: []checkpoint.Key{ours.Key}})
	wantCode(t, err, "BUNDLE_KEY")
	_, err = bundle.Verify(forged, bundle.Trust{Checkpoints: [][]byte{logtest.Sign(t, sampleLog(t).At(4), ours)}})
	wantCode(t, err, "BUNDLE_CHECKPOINT_OTHER")
}

func TestTrustedKeyThatWasChanged(t *testing.T) {
	t.Parallel()
	first, second := testSigner(t), logtest.Signer(t, origin, checkpoint.SM2)
	r, err := checkpoint.Rotate(first, second)
	if err != nil {
		t.Fatal(err)
	}
	b := sample(t)
	b.Keys = checkpoint.Public{First: first.Key, Rotations: []checkpoint.Rotation{r}}
	b.Checkpoint = logtest.Sign(t, sampleLog(t).Head(), second)
	zip, err := bundle.Write(b, signWith(second))
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []checkpoint.Key{first.Key, second.Key} {
		if _, err := bundle.Verify(zip, bundle.Trust{Keys: []checkpoint.Key{k}}); err != nil {
			t.Error(err)
		}
	}
	old, err := bundle.Write(b, signWith(first))
	if err != nil {
		t.Fatal(err)
	}
	_, err = bundle.Verify(old, bundle.Trust{})
	wantCode(t, err, "BUNDLE_ALTERED") // a key that was given up signs no bundle
}

func TestTrustedCheckpoint(t *testing.T) {
	t.Parallel()
	s, log, original := testSigner(t), sampleLog(t), written(t)
	check := func(c checkpoint.Checkpoint) error {
		v, err := bundle.Verify(original, bundle.Trust{Keys: []checkpoint.Key{s.Key}, Checkpoints: [][]byte{logtest.Sign(t, c, s)}})
		if err == nil && v.Trust != "key+checkpoint" {
			t.Errorf("trust %s", v.Trust)
		}
		return err
	}
	for _, size := range []int64{0, 2, 4, 7} {
		if err := check(log.At(size)); err != nil {
			t.Errorf("size %d: %v", size, err)
		}
	}
	wantCode(t, check(log.At(3)), "BUNDLE_CHECKPOINT_UNKNOWN")
	other := logtest.New(t, origin).Add("a", "b", "c", "d", "e", "f", "g", "h")
	wantCode(t, check(other.At(4)), "CHECKPOINT_PROOF")
	wantCode(t, check(other.At(7)), "CHECKPOINT_OTHER_ROOT")
	wantCode(t, check(log.Add("later").At(8)), "BUNDLE_CHECKPOINT_LATER")
}

// A witness that the auditor names must have cosigned the bundle's checkpoint.
func TestWitness(t *testing.T) {
	t.Parallel()
	b := sample(t)
	witness, other := logtest.Signer(t, "w.example/1", checkpoint.Cosign), logtest.Signer(t, "w.example/2", checkpoint.Cosign)
	lines, err := checkpoint.CosignNote(b.Checkpoint, witness, time.Unix(1_795_871_605, 0))
	if err != nil {
		t.Fatal(err)
	}
	b.Checkpoint = append(b.Checkpoint, lines...)
	zip, err := bundle.Write(b, signWith(testSigner(t)))
	if err != nil {
		t.Fatal(err)
	}
	v, err := bundle.Verify(zip, bundle.Trust{Witnesses: []checkpoint.Key{witness.Key}})
	if err != nil || len(v.Witnesses) != 1 || v.Witnesses[0] != "w.example/1" {
		t.Errorf("witnesses %v, %v", v.Witnesses, err)
	}
	_, err = bundle.Verify(zip, bundle.Trust{Witnesses: []checkpoint.Key{witness.Key, other.Key}})
	wantCode(t, err, "BUNDLE_WITNESS")
}

// What a restart gives up among the auditor's checkpoints does not count.
func TestTrustedCheckpoint_after_a_restart(t *testing.T) {
	t.Parallel()
	s, log := testSigner(t), sampleLog(t)
	gone := logtest.New(t, origin).Add("a", "b", "c", "d", "e", "f", "g", "h").At(7)
	r, err := checkpoint.SignRestart(checkpoint.Restart{Abandoned: gone, Kept: 4, Leaf: gone.Root.String()}, s)
	if err != nil {
		t.Fatal(err)
	}
	notes := [][]byte{logtest.Sign(t, log.At(4), s), logtest.Sign(t, gone, s), r.Note, logtest.Sign(t, log.At(7), s)}
	if _, err := bundle.Verify(written(t), bundle.Trust{Checkpoints: notes}); err != nil {
		t.Error(err)
	}
	_, err = bundle.Verify(written(t), bundle.Trust{Checkpoints: notes[:2]})
	wantCode(t, err, "CHECKPOINT_OTHER_ROOT")
}

// members takes a bundle apart with the standard library, and pack puts it
// together again: somebody who knows the format but has no key.
func members(t testing.TB, b []byte) []bundle.Member {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var out []bundle.Member
	for _, f := range r.File {
		rc, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(rc)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, bundle.Member{Name: f.Name, Data: data})
	}
	return out
}

func pack(t testing.TB, members []bundle.Member) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, m := range members {
		size := uint64(len(m.Data))
		w, err := z.CreateRaw(&zip.FileHeader{Name: m.Name, Method: zip.Store, CRC32: crc32.ChecksumIEEE(m.Data), CompressedSize64: size, UncompressedSize64: size})
		if err == nil {
			_, err = w.Write(m.Data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// signed is members with a manifest over them, by whoever holds the key.
func signed(t testing.TB, list []bundle.Member, s checkpoint.Signer) []byte {
	t.Helper()
	text := bundle.Format + "\n"
	for _, m := range list[1:] {
		sum := sha256.Sum256(m.Data)
		text += fmt.Sprintf("# %d\n%s  %s\n", len(m.Data), hex.EncodeToString(sum[:]), m.Name)
	}
	note, err := checkpoint.SignText(text, s)
	if err != nil {
		t.Fatal(err)
	}
	list[0].Data = note
	return pack(t, list)
}

func find(t testing.TB, list []bundle.Member, name string) int {
	t.Helper()
	for i, m := range list {
		if m.Name == name {
			return i
		}
	}
	t.Fatalf("no member %s", name)
	return 0
}

func TestMembers(t *testing.T) {
	t.Parallel()
	original := written(t)
	if !bytes.Equal(pack(t, members(t, original)), original) {
		t.Fatal("taking apart and putting together changed it")
	}
	list := func() []bundle.Member { return members(t, original) }
	last := len(list()) - 1
	swapped, added, missing, edited := list(), list(), list(), list()
	swapped[3], swapped[4] = swapped[4], swapped[3]
	added = append(added, bundle.Member{Name: "notes.txt", Data: []byte("x")})
	missing = missing[:last]
	at := find(t, edited, "bundle.json")
	edited[at].Data = bytes.ReplaceAll(edited[at].Data, []byte(`"600.00"`), []byte(`"660.00"`))
	for name, m := range map[string][]bundle.Member{"swapped": swapped, "added": added, "missing": missing, "edited": edited} {
		_, err := bundle.Verify(pack(t, m), bundle.Trust{})
		wantCode(t, err, "BUNDLE_ALTERED")
		if name == "edited" && !strings.Contains(err.Error(), "bundle.json") {
			t.Errorf("the place is not named: %v", err)
		}
		// and with a manifest that agrees, under the old signature
		m[0].Data = resigned(t, m)
		_, err = bundle.Verify(pack(t, m), bundle.Trust{})
		wantCode(t, err, "BUNDLE_ALTERED")
	}
}

// resigned is a manifest of these members with the signature of the old one.
func resigned(t testing.TB, list []bundle.Member) []byte {
	t.Helper()
	_, signature, _ := strings.Cut(string(list[0].Data), "\n\n")
	anew := members(t, signed(t, append([]bundle.Member(nil), list...), testSigner(t)))
	text, _, _ := strings.Cut(string(anew[0].Data), "\n\n")
	return []byte(text + "\n\n" + signature)
}

// What the office signs but the leaves do not say is found, too: somebody with
// the key cannot show what is not proved.
func TestShownIsProved(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]struct{ member, from, to string }{
		"amount shown of a journal": {"bundle.json", `"60000"`, `"66000"`},
		"page":                      {"index.html", "600.00", "660.00"},
		"amount of a leaf":          {"leaves/000000000005.txt", "190000", "190001"},
		"amount of a part":          {"parts/000000000005.txt", "60000", "66000"},
		"evidence":                  {"parts/000000000004.txt", "paid", "sent"},
		"path":                      {"leaf-paths/000000000005.txt", "a", "b"},
		"earlier checkpoint":        {"earlier.txt", "a", "b"},
		"import":                    {"leaves/000000000008.txt", "cdcd", "cdce"},
		"right":                     {"leaves/000000000010.txt", "batch.approve", "batch.release"},
		"unmasking":                 {"leaves/000000000012.txt", "shen", "zhou"},
		"path of an import":         {"leaf-paths/000000000009.txt", "a", "b"},
		"right shown":               {"bundle.json", `"batch.approve"`, `"batch.release"`},
	} {
		list := members(t, writtenSourced(t))
		at := find(t, list, edit.member)
		list[at].Data = bytes.ReplaceAll(list[at].Data, []byte(edit.from), []byte(edit.to))
		_, err := bundle.Verify(signed(t, list, testSigner(t)), bundle.Trust{})
		wantCode(t, err, "BUNDLE_ALTERED")
		number := strings.TrimSuffix(edit.member[strings.LastIndex(edit.member, "/")+1:], ".txt")
		if err != nil && !strings.Contains(err.Error(), number) {
			t.Errorf("%s: the place is not named: %v", name, err)
		}
	}
}

func TestStatedTiesOut(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(*bundle.Bundle){
		"line":               func(b *bundle.Bundle) { b.Stated.Lines[0].Amount++ },
		"leg":                func(b *bundle.Bundle) { b.Stated.Lines[0].Legs[0].Amount++ },
		"leg and line":       func(b *bundle.Bundle) { b.Stated.Lines[0].Legs[0].Amount++; b.Stated.Lines[0].Amount++ },
		"piece":              func(b *bundle.Bundle) { b.Stated.Lines[0].Legs[0].Pieces[0].Amount-- },
		"lot":                func(b *bundle.Bundle) { b.Stated.Lines[0].Legs[0].Lot = 2 },
		"document":           func(b *bundle.Bundle) { b.Stated.Lines[0].Legs[0].Document = "财社〔2026〕13号" },
		"not paid":           func(b *bundle.Bundle) { b.Stated.Lines[0].Legs[0].Place = "in_transit" },
		"leg of another":     func(b *bundle.Bundle) { b.Stated.Lines[0].Legs[0].ID = 9003 },
		"payment":            func(b *bundle.Bundle) { b.Stated.Payments[0].ID = 1003 },
		"payment too small":  func(b *bundle.Bundle) { b.Stated.Payments[0].Amount = 59999 },
		"payment left out":   func(b *bundle.Bundle) { b.Stated.Payments = nil },
		"payment of another": func(b *bundle.Bundle) { b.Stated.Payments = append(b.Stated.Payments, bundle.Payment{ID: 1003}) },
		"payee":              func(b *bundle.Bundle) { b.Stated.Opened[0].Name = "钱二" },
		"payee masked":       func(b *bundle.Bundle) { b.Asked.Masked = true },
		"settlement missing": func(b *bundle.Bundle) { b.Leaves = append(b.Leaves[:4], b.Leaves[5:]...) },
	} {
		b := sample(t)
		edit(&b)
		_, err := bundle.Write(b, signWith(testSigner(t)))
		if errs.CodeOf(err) != "BUNDLE_UNTIED" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What leaves name as their source is there, and no source of anything else.
func TestSources(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ without, with int }{
		"all": {}, "document's file left out": {without: leafFile}, "roster's file left out": {without: leafRoster},
		"approver's right left out": {without: leafRight}, "look at the payee left out": {without: leafLook},
		"file of others": {with: alien}, "right of another": {with: alien + 1},
		"right given after the act": {with: alien + 2}, "look at another payee": {with: alien + 3},
	} {
		b := sourcedSample(t, c.without, c.with)
		_, err := bundle.Write(b, signWith(testSigner(t)))
		if code := errs.CodeOf(err); (code == "BUNDLE_UNTIED") != (c.without+c.with > 0) {
			t.Errorf("%s: %v", name, err)
		}
		if c.with > 0 { // whether or not the bundle says that it has them all
			b.Stated.Sources = false
			_, err := bundle.Write(b, signWith(testSigner(t)))
			wantCode(t, err, "BUNDLE_UNTIED")
		}
	}
}

// Being a user lets nobody approve; a right that was in somebody's hands on the
// day does, with the right of who gave it.
func TestSources_rights(t *testing.T) {
	t.Parallel()
	right := func(id int64, login, right string) *leaf.Leaf {
		return leaf.New("right", 1).Int("id", id).Text("login", login).Text("right", right).Text("given", "true").Text("by", "admin").Text("at", "2026-01-01T00:00:00.000000Z")
	}
	recorded := "2026-10-01T00:00:00.000000Z"
	handed := func(id int64, to, from, until string, ends int64) *leaf.Leaf {
		return leaf.New("delegation", 1).Int("id", id).Text("from", "zhao").Text("to", to).Text("right", "batch.approve").Text("valid_from", from).Text("valid_to", until).
			Text("reason", "年休").Int("ends", ends).Text("at", recorded)
	}
	back := func(at string) *leaf.Leaf { // that day, recorded then
		return leaf.New("delegation", 1).Int("id", 2).Text("from", "zhao").Text("to", "li").Text("right", "batch.approve").Text("valid_from", "2026-10-09").
			Text("valid_to", "2026-10-30").Text("reason", "回岗").Int("ends", 1).Text("at", at)
	}
	user, giver := right(7, "li", "login"), right(8, "zhao", "batch.approve")
	for name, c := range map[string]struct {
		leaves []*leaf.Leaf
		holds  bool
	}{
		"a user only":                          {[]*leaf.Leaf{user}, false},
		"handed on":                            {[]*leaf.Leaf{user, giver, handed(1, "li", "2026-10-09", "2026-10-09", 0)}, true},
		"handed on, taken back the day after":  {[]*leaf.Leaf{giver, handed(1, "li", "2026-10-01", "2026-10-30", 0), handed(2, "li", "2026-10-10", "2026-10-30", 1)}, true},
		"handed on, taken back before":         {[]*leaf.Leaf{giver, handed(1, "li", "2026-10-01", "2026-10-30", 0), back("2026-10-09T00:30:00.000000Z")}, false},
		"handed on, taken back later that day": {[]*leaf.Leaf{giver, handed(1, "li", "2026-10-01", "2026-10-30", 0), back("2026-10-09T02:00:00.000000Z")}, true},
		"handed on until the day before":       {[]*leaf.Leaf{giver, handed(1, "li", "2026-10-01", "2026-10-08", 0)}, false},
		"handed on by one without the right":   {[]*leaf.Leaf{right(8, "zhao", "login"), handed(1, "li", "2026-10-09", "2026-10-09", 0)}, false},
		"handed to somebody else":              {[]*leaf.Leaf{right(1, "li", "batch.approve"), giver, handed(1, "wang", "2026-10-09", "2026-10-09", 0)}, false},
	} {
		list := sourced()[:alien]
		list = slices.Delete(list, leafRight, leafRight+1)
		for _, l := range c.leaves {
			list = append(list, entryOf(l, nil))
		}
		b := sampleOf(t, list, func(i int) bool { return i > 0 })
		b.Stated.Sources = true
		if _, err := bundle.Write(b, signWith(testSigner(t))); (err == nil) != c.holds || err != nil && errs.CodeOf(err) != "BUNDLE_UNTIED" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// People read of each source in both languages.
func TestSources_on_the_page(t *testing.T) {
	t.Parallel()
	list := members(t, writtenSourced(t))
	page := string(list[find(t, list, "index.html")].Data)
	for _, want := range []string{"导入文件 Imported file · 叶 leaf 8", "权限 Right · 叶 leaf 10", "查看完整号码 Unmasking · 叶 leaf 11", "登录名 Login", "行数 Rows",
		"用途 Purpose", "文件标题 Title of the document"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not have %q", want)
		}
	}
}

// A part of somebody else is refused even with its proof.
func TestNobodyElse(t *testing.T) {
	t.Parallel()
	for index, e := range entries() {
		if len(e.parts) < 3 {
			continue
		}
		b := sample(t)
		e.shown = []int64{1, 2}
		b.Leaves[index-1] = proved(t, sampleLog(t), sampleLog(t).Head(), int64(index), e)
		_, err := bundle.Write(b, signWith(testSigner(t)))
		wantCode(t, err, "BUNDLE_UNTIED")
	}
}

// Whatever else the bytes are, it is refused as altered, and nothing else.
func FuzzVerify(f *testing.F) {
	known := map[string]bool{string(written(f)): true, string(writtenSourced(f)): true}
	for b := range known {
		f.Add([]byte(b))
	}
	f.Add([]byte("PK\x03\x04"))
	f.Add(pack(f, nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := bundle.Verify(b, bundle.Trust{}); !known[string(b)] {
			wantRefusal(t, err)
		}
	})
}

// The same behind the manifest: one member is changed by somebody who holds the
// key and signs again. What verifies then is written so, byte by byte.
func FuzzVerify_signed(f *testing.F) {
	original, key := writtenSourced(f), testSigner(f)
	for i, m := range members(f, original) {
		f.Add(i, 0, len(m.Data), m.Data)
		f.Add(i, len(m.Data)/2, 1, []byte("9"))
		f.Add(i, len(m.Data)/3, 2, []byte("\t-1"))
	}
	f.Fuzz(func(t *testing.T, member, at, cut int, text []byte) {
		list := members(t, original)
		m := &list[1+abs(member)%(len(list)-1)]
		from := abs(at) % (len(m.Data) + 1)
		to := min(len(m.Data), from+abs(cut)%(len(m.Data)+1))
		m.Data = slices.Concat(m.Data[:from], text, m.Data[to:])
		again := signed(t, list, key)
		if _, err := bundle.Verify(again, bundle.Trust{}); err != nil {
			wantRefusal(t, err)
		}
	})
}

func abs(n int) int { return max(n, -(n + 1)) }

func wantRefusal(t *testing.T, err error) {
	t.Helper()
	if code := errs.CodeOf(err); errs.KindOf(err) != errs.Unverified || code != "BUNDLE_ALTERED" && code != "BUNDLE_UNTIED" {
		t.Fatalf("not refused as it should be: %v", err)
	}
}
