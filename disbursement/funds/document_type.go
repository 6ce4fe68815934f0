package funds

import (
	"strings"

	"fenlu/money"
)

// Type is a document as the field calls it (文件类型), beside what it does with
// money. Empty for documents recorded before types were kept.
type Type string

// The types.
const (
	Issue      Type = "issue"      // 下达
	Advance    Type = "advance"    // 提前下达: the next budget year's, not drawable before it begins
	Addition   Type = "addition"   // 追加
	Reduction  Type = "reduction"  // 调减
	ClawBack   Type = "clawback"   // 收回
	Correction Type = "correction" // 更正: of a wrong entry
	Transfer   Type = "transfer"   // 调剂: between budget lines
	Recoding   Type = "recoding"   // 科目更正: another function or economic code
	Allocation Type = "allocation" // 分配: down to another office
	CarryType  Type = "carry_over" // 结转: into the next year, under a new 文号
	AsideType  Type = "set_aside"  // 列支: set aside for services
	ReserveOf  Type = "reserve"    // 核拨备用金
	ReversalOf Type = "reversal"   // 冲销
)

// typeKinds is what each type may do with money.
var typeKinds = map[Type][]Kind{
	Issue: {Bring}, Advance: {Bring}, Addition: {Bring}, Reduction: {Cut}, ClawBack: {Cut}, Correction: {Bring, Cut, Move},
	Transfer: {Move}, Recoding: {Move}, Allocation: {Move}, CarryType: {Move}, AsideType: {Move}, ReserveOf: {Move}, ReversalOf: {Move},
}

// IsValid says whether t is one of the types.
func (t Type) IsValid() bool { return typeKinds[t] != nil }

// moveTypes are the types that a command may give a document that moves money
// between budget lines.
var moveTypes = map[string]Type{
	"调剂": Transfer, "transfer": Transfer, "科目更正": Recoding, "recoding": Recoding,
	"分配": Allocation, "allocation": Allocation, "更正": Correction, "correction": Correction,
}

// ParseMoveType reads 调剂, 科目更正, 分配 or 更正, or their English words.
func ParseMoveType(s string) (Type, bool) {
	t, ok := moveTypes[strings.ToLower(s)]
	return t, ok
}

// parseType reads the kind column of a file: the type, and what it does with
// money. A correction cuts where it names a line, and brings where it names
// none. A file cannot hold papers that only move money: those are made by the
// commands that move it.
func parseType(s string, names bool) (Type, Kind, bool) {
	switch strings.ToLower(s) {
	case "下达", "bring", "issue":
		return Issue, Bring, true
	case "提前下达", "advance":
		return Advance, Bring, true
	case "追加", "addition":
		return Addition, Bring, true
	case "调减", "cut":
		return Reduction, Cut, true
	case "收回", "clawback":
		return ClawBack, Cut, true
	case "更正", "correction":
		if names {
			return Correction, Cut, true
		}
		return Correction, Bring, true
	}
	return "", "", false
}

// Word is what a later document says of an advance notice (提前下达).
type Word string

// The words.
const (
	Including Word = "include" // 含: the amount includes it
	Deducting Word = "deduct"  // 扣除: it is still to be deducted from the amount
	Apart     Word = "apart"   // 不含: the amount comes on top
	Within    Word = "within"  // of an advance notice that came late: the line it names brought its money
)

func parseWord(s string) (Word, bool) {
	switch strings.ToLower(s) {
	case "":
		return "", true
	case "含", "include":
		return Including, true
	case "扣除", "deduct":
		return Deducting, true
	case "不含", "apart":
		return Apart, true
	}
	return "", false
}

// settles says whether the word leaves only the difference to be entered.
func (w Word) settles() bool { return w == Including || w == Deducting }

// Inclusion is that a line's amount on paper includes a line of an advance
// notice, or has it still to be deducted; or, of a line of an advance notice that
// came late, that AdvanceLine, which is no advance, brought its money. Included is what was left of the
// advance's line after cuts; the line entered only paper − included, over all
// inclusions of the line.
type Inclusion struct {
	LineNo      int       `json:"line"`
	AdvanceLine LineID    `json:"advance_line"`
	Word        Word      `json:"word"`
	Paper       money.Fen `json:"paper"`
	Included    money.Fen `json:"included"`
}
