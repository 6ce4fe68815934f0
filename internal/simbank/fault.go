package simbank

import "slices"

// Fault is something that a bank does wrong, or that an office does not expect.
type Fault string

// The faults. Those of payments befall one payment of a file, those of files
// every result.
const (
	Omit           Fault = "omit"            // booked, in no result
	LateRefund     Fault = "late-refund"     // comes back weeks after the others
	RefundRefund   Fault = "refund-refund"   // comes back and is taken again
	PartialAmount  Fault = "partial-amount"  // half is booked
	UnknownPaid    Fault = "unknown-paid"    // unknown, then paid
	UnknownFailed  Fault = "unknown-failed"  // unknown, then failed
	TwoAnswers     Fault = "two-answers"     // one account, reported as paid and as failed
	Reorder        Fault = "reorder"         // rows in reverse
	Duplicate      Fault = "duplicate"       // a row twice
	SplitFiles     Fault = "split-files"     // the first result in two files
	WrongSum       Fault = "wrong-sum"       // the stated sum is a fen too high
	InUTF8         Fault = "utf-8"           // UTF-8 with a byte order mark, where GBK was agreed
	InGB18030      Fault = "gb18030"         // with a character that GBK lacks
	InGBK          Fault = "gbk"             // where UTF-8 was agreed
	StatementFirst Fault = "statement-first" // no result before the statement was drawn
)

// fault is a row of the one table of faults.
type fault struct {
	name Fault
	fate fate          // that one payment has, of faults of payments
	edit func(*report) // of faults of files
}

func faults() []fault {
	return []fault{
		{name: Omit, fate: fateOmitted},
		{name: LateRefund, fate: fateLate},
		{name: RefundRefund, fate: fateTakenAgain},
		{name: PartialAmount, fate: fatePartial},
		{name: UnknownPaid, fate: fateUnknownPaid},
		{name: UnknownFailed, fate: fateUnknownFailed},
		{name: TwoAnswers, fate: fateTwoAnswers},
		{name: Reorder, edit: func(r *report) { slices.Reverse(r.rows) }},
		{name: Duplicate, edit: func(r *report) { r.rows = append(r.rows, r.rows[:min(1, len(r.rows))]...) }},
		{name: SplitFiles}, // Bank.firstResults
		{name: WrongSum, edit: func(r *report) { r.off = 1 }},
		{name: InUTF8, edit: func(r *report) { r.charset = charsetMarked }},
		{name: InGB18030, edit: func(r *report) { r.charset, r.aside = charsetGB18030, rareAside }},
		{name: InGBK, edit: func(r *report) { r.charset, r.aside = charsetGBK, "" }},
		{name: StatementFirst}, // Bank.firstResults
	}
}

// rareAside stands behind a text of the bank: 𠮷 is in GB18030 and not in GBK.
const rareAside = "（𠮷）"

func (f Fault) known() bool {
	return slices.ContainsFunc(faults(), func(x fault) bool { return x.name == f })
}

func (o Options) has(f Fault) bool { return slices.Contains(o.Faults, f) }

// lineFaults are the fates that faults give, in the order of the table.
func (o Options) lineFaults() []fate {
	var fates []fate
	for _, f := range faults() {
		if o.has(f.name) && f.fate != fateCredited {
			fates = append(fates, f.fate)
		}
	}
	return fates
}

// spoil applies the faults of files.
func (o Options) spoil(r *report) {
	for _, f := range faults() {
		if o.has(f.name) && f.edit != nil {
			f.edit(r)
		}
	}
}
