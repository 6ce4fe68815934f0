package main

import (
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"fenlu/bankfiles"
	"fenlu/bankfiles/record"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
)

// namedFormat is a format as a user names it: one that comes with the program,
// or a profile of a bank's own in a YAML file, which goes first.
type namedFormat struct{ name, file string }

// profile finds it; there is no "auto" here.
func (f namedFormat) profile() (bankfiles.Profile, error) {
	if f.file == "" {
		return bankfiles.Lookup(f.name)
	}
	in, err := os.Open(f.file)
	if err != nil {
		return bankfiles.Profile{}, fileError(err, f.file)
	}
	defer func() { _ = in.Close() }() // only read from
	return bankfiles.LoadProfile(in, filepath.Base(f.file))
}

// reader is what reads the file. A file that says nothing about its format is
// tried with every profile, and read if just one fits.
func (f namedFormat) reader(in *input) (func(io.Reader) iter.Seq2[record.Record, error], error) {
	if f.file == "" && f.name == bankfiles.Auto {
		_, err := bankfiles.Check(in, bankfiles.Auto)
		if errs.CodeOf(err) != "BANKFILE_UNRECOGNISED" {
			return func(r io.Reader) iter.Seq2[record.Record, error] { return bankfiles.Read(r, bankfiles.Auto) }, in.rewind()
		}
		p, err := bankfiles.Recognise(in)
		if err != nil {
			return nil, err
		}
		return p.Read, in.rewind()
	}
	if f.file == "" {
		return func(r io.Reader) iter.Seq2[record.Record, error] { return bankfiles.Read(r, f.name) }, nil
	}
	p, err := f.profile()
	return p.Read, err
}

// profileLine is a profile as it is listed.
type profileLine struct {
	Name     string `json:"name"`
	Title    string `json:"title"`
	Version  string `json:"version"`
	Encoding string `json:"encoding"`
	Kind     string `json:"kind,omitempty"`
	Form     string `json:"form,omitempty"`
	Answers  string `json:"answers,omitempty"`
	Style    string `json:"style,omitempty"`
	MaxRows  int    `json:"max_rows,omitempty"`
	Reads    bool   `json:"reads"`
	Writes   bool   `json:"writes"`
}

func lineOf(p bankfiles.Profile, lang i18n.Lang) profileLine {
	l := profileLine{Name: p.Name, Version: p.Version, Encoding: p.Encoding, MaxRows: p.MaxRows, Reads: p.Reads, Writes: p.Writes}
	if p.Layout == nil {
		l.Title = i18n.T(lang, "bankfile.profile."+p.Name)
		return l
	}
	l.Title = p.Layout.Title.EN
	if lang == i18n.ZH {
		l.Title = p.Layout.Title.ZH
	}
	l.Kind, l.Form, l.Answers, l.Style = string(p.Layout.Kind), string(p.Layout.Form), p.Layout.Answers, p.Layout.Style
	return l
}

func listBankfileProfiles(w io.Writer, lang i18n.Lang, asJSON bool) error {
	var lines []profileLine
	for _, p := range bankfiles.Profiles() {
		lines = append(lines, lineOf(p, lang))
	}
	if asJSON {
		return jsonLine(w, map[string]any{"profiles": lines})
	}
	for _, l := range lines {
		if _, err := fmt.Fprintln(w, i18n.T(lang, "bankfile.profile", "name", l.Name, "version", l.Version,
			"encoding", l.Encoding, "abilities", l.abilities(lang))+"  "+l.Title); err != nil {
			return err
		}
	}
	return nil
}

// abilities says what a profile is for and what can be done with it.
func (l profileLine) abilities(lang i18n.Lang) string {
	var out []string
	if l.Kind != "" {
		out = append(out, i18n.T(lang, "bankfile.kind."+l.Kind))
	}
	if l.Writes {
		out = append(out, i18n.T(lang, "bankfile.writes"))
	}
	if l.Reads {
		out = append(out, i18n.T(lang, "bankfile.reads"))
	}
	if l.MaxRows > 0 {
		out = append(out, i18n.T(lang, "bankfile.max_rows", "limit", l.MaxRows))
	}
	return strings.Join(out, " ")
}

var outcomes = []record.Outcome{record.OutcomePaid, record.OutcomeFailed, record.OutcomeUnknown}

func outcomeCounts(sum bankfiles.Summary) map[record.Outcome]int64 {
	out := map[record.Outcome]int64{}
	for o, found := range sum.Outcomes {
		out[o] = found.Count
	}
	return out
}

// inWords says in words what a file is and what it says became of payments.
func inWords(lang i18n.Lang, sum bankfiles.Summary) []string {
	var out []string
	if p, err := bankfiles.Lookup(sum.Profile); err == nil {
		out = append(out, i18n.T(lang, "bankfile.kind_found", "title", lineOf(p, lang).Title, "profile", p.Name))
	}
	for _, o := range outcomes {
		if found, ok := sum.Outcomes[o]; ok {
			out = append(out, i18n.T(lang, "bankfile.outcome."+string(o), "count", found.Count, "sum", found.Sum.String()))
		}
	}
	return out
}
