package bundle

import (
	"slices"
	"strings"
)

// Kinds of leaves that say where what is shown came from.
const (
	kindImport    = "import"
	kindRight     = "right"
	kindUnmasking = "unmasking"
	kindPolicy    = "policy"
	kindApproval  = "approval"
)

// sources are the leaves about how what is shown came to be (来源): import files,
// rights and unmaskings, and what names them.
type sources struct {
	named    map[string]bool     // import files that leaves name, by number
	acts     map[string][]string // who approved -> when
	subjects map[string]bool     // what an unmasking may be for: bank_file:1, attempt:QH-2

	imported map[string]bool     // import files that are here
	rights   map[string][]string // whose -> since when
	looked   map[string]bool     // attempts whose payee was looked at
}

// checkSources refuses an import file that nothing here came from, a right of
// somebody who approved nothing here after it was given, and a look at numbers
// for another file or attempt. Where the bundle says that sources are here, none
// of those that its leaves name may be missing.
func (f *facts) checkSources(proved []Proved) error {
	s := sources{map[string]bool{}, map[string][]string{}, map[string]bool{}, map[string]bool{}, map[string][]string{}, map[string]bool{}}
	for id := range f.commits {
		s.subjects["attempt:"+id] = true
	}
	for _, p := range proved {
		s.note(p)
	}
	for _, p := range proved {
		if err := s.belongs(p); err != nil {
			return err
		}
	}
	if !f.stated.Sources {
		return nil
	}
	return s.whole(f.stated.Opened)
}

// note takes in what a leaf names.
func (s *sources) note(p Proved) {
	switch p.Kind {
	case kindDocument, kindPolicy:
		s.name(p.value("import"))
	case kindApproval:
		s.acts[p.value("actor")] = append(s.acts[p.value("actor")], p.value("decided_at"))
		if file, ok := strings.CutPrefix(p.value("comment"), "import:"); ok && p.value("step") == "make" {
			s.name(file)
		}
	case kindRelease:
		s.subjects["bank_file:"+p.value("id")] = true
	}
}

func (s *sources) name(file string) {
	if file != "" && file != "0" {
		s.named[file] = true
	}
}

// belongs says whether a source is one of what is here, and takes it in.
func (s *sources) belongs(p Proved) error {
	id := p.value("id")
	ok := true
	switch p.Kind {
	case kindImport:
		ok = s.named[id]
		s.imported[id] = true
	case kindRight:
		login, since := p.value("login"), p.value("at")
		ok = p.value("given") == "true" && slices.ContainsFunc(s.acts[login], func(at string) bool { return since <= at })
		s.rights[login] = append(s.rights[login], since)
	case kindUnmasking:
		ok = s.subjects[p.value("subject")]
		if p.value("purpose") == "payee" {
			s.looked[p.value("subject")] = true
		}
	}
	if !ok {
		return untied(p.Kind, id)
	}
	return nil
}

// whole refuses a bundle where a source is missing that its leaves name. Times
// are compared as text: leaves write them in one length.
func (s *sources) whole(opened []Opened) error {
	for file := range s.named {
		if !s.imported[file] {
			return untied(kindImport, file)
		}
	}
	for login, times := range s.acts {
		for _, at := range times {
			if !slices.ContainsFunc(s.rights[login], func(since string) bool { return since <= at }) {
				return untied(kindRight, login)
			}
		}
	}
	for _, o := range opened {
		if !s.looked["attempt:"+o.EndToEndID] {
			return untied(kindUnmasking, o.EndToEndID)
		}
	}
	return nil
}
