package bankfiles

import (
	"io"
	"regexp"
	"slices"
	"sync"

	"fenlu/bankfiles/iso"
	"fenlu/bankfiles/layout"
	"fenlu/bankfiles/mt"
	"fenlu/bankfiles/order"
	"fenlu/bankfiles/record"
	"fenlu/internal/errs"
)

// The profiles by name.
const (
	Pain001     = "pain.001.001.09" // ISO 20022 credit transfer initiation
	Pain001v03  = "pain.001.001.03" // the same, as it was before 2019
	DaifaBatch  = "cn.daifa.gbk"    // 代发文件
	DaifaResult = "cn.daifa.result" // 代发回盘文件
	Pain002     = "pain.002"        // ISO 20022 payment status report
	Camt052     = "camt.052"        // ISO 20022 report during the day
	Camt053     = "camt.053"        // ISO 20022 statement
	Camt054     = "camt.054"        // ISO 20022 notice of bookings
	Pacs004     = "pacs.004"        // ISO 20022 payment return
	Camt029     = "camt.029"        // ISO 20022 resolution of an investigation
	Camt056     = "camt.056"        // ISO 20022 request to cancel a payment
	MT940       = mt.MT940          // SWIFT statement
	MT942       = mt.MT942          // SWIFT interim report
)

// Profile is one format of one kind of file. A bank that deviates gets a
// profile of its own: a value, not a branch in the code.
type Profile struct {
	Name      string
	Version   string // of the format
	Encoding  string // of what is written, or usual in what is read
	Extension string // of files written, with the dot
	Writes    bool
	Reads     bool
	MaxRows   int             // payments in one file; 0 for any
	Layout    *layout.Profile // of a format that is a YAML file; nil for the others

	reads string     // the message that this profile reads, where not named as the profile
	form  order.Form // the columns of an instruction and what they may hold
	write func(*order.Output, order.Batch, order.Totals, order.Source) error
}

// coded are the formats that are code: messages of ISO 20022 and SWIFT.
var coded = []*Profile{
	{
		Name: Pain001, Version: "09", Encoding: "UTF-8", Extension: ".xml", Writes: true, Reads: true,
		reads: "pain.001", form: iso.Pain001Form(Pain001), write: iso.WritePain001v09,
	},
	{
		Name: Pain001v03, Version: "03", Encoding: "UTF-8", Extension: ".xml", Writes: true, Reads: true,
		reads: "pain.001", form: iso.Pain001Form(Pain001v03), write: iso.WritePain001v03,
	},
	isoReader(Pain002), isoReader(Camt052), isoReader(Camt053), isoReader(Camt054),
	isoReader(Pacs004), isoReader(Camt029), isoReader(Camt056),
	{Name: MT940, Version: "any", Encoding: "ASCII", Extension: ".sta", Reads: true, reads: MT940},
	{Name: MT942, Version: "any", Encoding: "ASCII", Extension: ".sta", Reads: true, reads: MT942},
}

// isoReader is the profile of an ISO 20022 message that is read in every version.
func isoReader(message string) *Profile {
	return &Profile{Name: message, Version: "any", Encoding: "UTF-8", Extension: ".xml", Reads: true, reads: message}
}

// profiles are all of them; the YAML files are parsed when the first is asked
// for.
var profiles = sync.OnceValue(func() []*Profile {
	out := slices.Clone(coded)
	for _, l := range layout.All() {
		p := ofLayout(l)
		out = append(out, &p)
	}
	return out
})

func ofLayout(l *layout.Profile) Profile {
	p := Profile{
		Name: l.Name, Version: l.Version, Encoding: l.Encoding, Extension: l.Extension,
		Reads: true, Writes: l.Writes(), MaxRows: l.MaxRows, Layout: l,
	}
	if p.Writes {
		p.form, p.write = l.Rules(), l.Write
	}
	return p
}

// LoadProfile reads a profile of a bank's own (docs/formats/profiles.md).
// BANKFILE_PROFILE_BAD lists everything wrong with it, by line.
func LoadProfile(r io.Reader, name string) (Profile, error) {
	l, err := layout.Load(r, name)
	if err != nil {
		return Profile{}, err
	}
	return ofLayout(l), nil
}

// IsResult says whether files of a bank's layout say what became of payments
// (回盘、回单).
func (p Profile) IsResult() bool { return p.Layout != nil && p.Layout.Kind == layout.Results }

// FileName is the name of a file with that head and those totals.
func (p Profile) FileName(b order.Batch, t order.Totals) string {
	if p.Layout != nil {
		return p.Layout.NameOf(b, t)
	}
	return b.MessageID + p.Extension
}

// Profiles lists the profiles, those that are YAML files after the others.
func Profiles() []Profile {
	out := make([]Profile, 0, len(profiles()))
	for _, p := range profiles() {
		out = append(out, *p)
	}
	return out
}

var isoVersion = regexp.MustCompile(`^((?:pain|camt|pacs)\.\d{3})\.\d{3}\.\d{2}$`)

// Lookup finds a profile by name. Readers of ISO messages take every version,
// so a full name such as camt.053.001.08 finds the reader of camt.053.
// Otherwise the error is BANKFILE_PROFILE_UNKNOWN.
func Lookup(name string) (Profile, error) {
	byName := func(n string) int {
		return slices.IndexFunc(profiles(), func(p *Profile) bool { return p.Name == n })
	}
	if i := byName(name); i >= 0 {
		return *profiles()[i], nil
	}
	if m := isoVersion.FindStringSubmatch(name); m != nil {
		if i := slices.IndexFunc(profiles(), func(p *Profile) bool { return p.reads == m[1] }); i >= 0 {
			p := *profiles()[i]
			p.Writes = false // only the version named by a profile is written
			return p, nil
		}
	}
	return Profile{}, errs.New(errs.Invalid, "BANKFILE_PROFILE_UNKNOWN", "profile", record.Clip(name))
}
