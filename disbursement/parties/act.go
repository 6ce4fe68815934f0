package parties

import (
	"crypto/sha256"
	"strings"
	"time"

	"fenlu/internal/clock"
	"fenlu/internal/errs"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
)

// KindAct is the kind of leaf of an act about parties (变更登记).
const KindAct proof.Kind = "party_act"

// ActID names an act about parties.
type ActID int64

// ActKind says what an act about parties does.
type ActKind string

// The kinds.
const (
	ActSplit           ActKind = "split"            // 分户
	ActMergeHouseholds ActKind = "merge_households" // 并户
	ActHead            ActKind = "head"             // 户主变更
	ActRename          ActKind = "rename"           // 更名
	ActIDNumber        ActKind = "id_number"        // 证件号码更正
	ActResidence       ActKind = "residence"        // 城乡变更
	ActMergePersons    ActKind = "merge_persons"    // 重复人员合并
	ActRelations       ActKind = "relations"        // 收款关系登记
	ActRelationEnd     ActKind = "relation_end"     // 收款关系终止
	ActHeirProposed    ActKind = "heir_proposed"    // 亡故人员应发款受领人：提出
	ActHeir            ActKind = "heir"             // 亡故人员应发款受领人：确认
	ActNotDeadProposed ActKind = "not_dead_proposed"
	ActNotDead         ActKind = "not_dead"   // 撤销错误的死亡登记
	ActAccounts        ActKind = "accounts"   // 银行批量换号
	ActRecomputed      ActKind = "recomputed" // 亡故后家庭待遇已重新核算
)

// Ground is why something changes: from which day, by which document, and the
// reason in words (依据).
type Ground struct {
	Effective time.Time `name:"effective_on" validate:"required"` // first day it counts
	Document  string    `name:"document" validate:"required,max=100,no_personal_number"`
	Reason    string    `name:"reason" validate:"required,max=200,no_personal_number"`
}

// Act is a recorded act (变更登记). Subject and Other are numbers of persons,
// households or units, as its kind says; Proposal is the act that it confirms.
type Act struct {
	ID         ActID     `json:"id"`
	Kind       ActKind   `json:"kind"`
	Subject    int64     `json:"-"`
	Other      int64     `json:"-"`
	Proposal   ActID     `json:"proposal,omitempty"`
	Effective  time.Time `json:"effective_on"`
	Document   string    `json:"document"`
	Reason     string    `json:"reason"`
	ImportFile int64     `json:"-"`
	Actor      string    `json:"actor"`
	At         time.Time `json:"recorded_at"`
	Items      int       `json:"items"`
	Replay     bool      `json:"replay"`
}

// ActLeaf is the leaf of an act; its parts are what it did, in order.
func ActLeaf(a Act, parts *leaf.Tree) *leaf.Leaf {
	return leaf.New(string(KindAct), 1).Int("id", int64(a.ID)).Text("kind", string(a.Kind)).Int("subject", a.Subject).Int("other", a.Other).
		Int("proposal", int64(a.Proposal)).Date("effective_on", a.Effective).Text("document", a.Document).Text("reason", a.Reason).
		Int("import", a.ImportFile).Text("actor", a.Actor).Time("at", a.At).Parts(parts)
}

// items are what an act did, as the parts of its leaf.
type items [][]byte

func (is *items) add(fill func(*leaf.Part)) {
	var p leaf.Part
	fill(p.Start())
	*is = append(*is, append([]byte(nil), p.Bytes()...))
}

func (is *items) member(person PersonID, from, to HouseholdID, relation string) {
	is.add(func(p *leaf.Part) {
		p.Text("member").Int(int64(person)).Int(int64(from)).Int(int64(to)).Text(relation)
	})
}

func (is *items) version(person PersonID, version int) {
	is.add(func(p *leaf.Part) { p.Text("version").Int(int64(person)).Int(int64(version)) })
}

// key is the digest of what an act is asked to do; secrets of it are blind
// indexes.
func (a Act) key(asked ...string) []byte {
	h := sha256.New()
	for _, s := range append([]string{"fenlu.party.act.v1", string(a.Kind), a.Effective.Format(time.DateOnly), a.Document, a.Reason}, asked...) {
		h.Write([]byte(strings.ReplaceAll(s, "\x00", "") + "\x00"))
	}
	return h.Sum(nil)
}

// checkGround refuses a change without its ground, or from a day that has not
// come: it is recorded when it counts.
func (s *Service) checkGround(g *Ground) error {
	g.Document, g.Reason, g.Effective = strings.TrimSpace(g.Document), strings.TrimSpace(g.Reason), clock.Date(g.Effective)
	problems := s.valid.Struct(*g)
	if g.Effective.After(s.today()) {
		problems = append(problems, errs.Field{Column: "effective_on", Value: g.Effective.Format(time.DateOnly), Code: "PARTIES_FUTURE",
			Args: errs.Pairs("today", s.today().Format(time.DateOnly))})
	}
	if len(problems) > 0 {
		return errs.WithFields("VALID_PROBLEMS", problems, "count", len(problems))
	}
	return nil
}
