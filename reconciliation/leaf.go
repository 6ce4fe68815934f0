package reconciliation

import (
	"crypto/rand"
	"time"

	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
)

// evidenceFile is an evidence file as it is stored.
type evidenceFile struct {
	id      FileID
	kind    FileKind
	scope   string
	sha256  []byte
	profile string
	items   int
	by      string
	at      time.Time
}

func (r *reading) evidenceFile() evidenceFile {
	return evidenceFile{id: r.done.File, kind: r.in.kind, scope: r.in.scope, sha256: r.in.sha256, profile: r.in.profile, items: r.in.items,
		by: r.actor.Login, at: r.at}
}

// leaf is the file's leaf; parts are its lines in order. The name that the bank
// or somebody gave the file is not in it: it may be anybody's.
func (f evidenceFile) leaf(parts *leaf.Tree) *leaf.Leaf {
	return leaf.New(string(proof.KindEvidence), 1).Int("id", int64(f.id)).Text("kind", string(f.kind)).Text("scope", maskScope(f.kind, f.scope)).
		Hex("sha256", f.sha256).Text("profile", f.profile).Int("items", int64(f.items)).Text("imported_by", f.by).Time("imported_at", f.at).
		Parts(parts)
}

// salt gives a line that has a text the salt of the commitment to it.
func (l *line) salt() {
	l.textSalt = []byte{}
	if l.reasonText != "" {
		l.textSalt = make([]byte, leaf.SaltSize)
		_, _ = rand.Read(l.textSalt) // never fails: it stops the program where it would
	}
}

// part is the line as a part of its file's leaf. The bank's text may name
// somebody, so that only a commitment to it is there.
func (l *line) part(p *leaf.Part) []byte {
	day := ""
	if l.valueDate != nil {
		day = l.valueDate.Format(time.DateOnly)
	}
	return p.Start().Int(int64(l.pos)).Text(string(l.kind)).Text(l.place).Text(l.endToEndID).Text(l.bankRef).Int(int64(l.amount)).
		Text(string(l.direction)).Text(l.status).Text(l.reason).Hex(leaf.CommitText(l.textSalt, l.reasonText)).Text(day).
		Int(l.at.Offset).Int(int64(l.at.Line)).Int(l.attempt).Text(string(l.match)).Text(string(l.says)).Bytes()
}
