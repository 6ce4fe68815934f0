package bundle

import (
	"slices"
	"strings"
	"time"
)

// Kinds of leaves that say where what is shown came from.
const (
	kindImport     = "import"
	kindRight      = "right"
	kindDelegation = "delegation"
	kindUnmasking  = "unmasking"
	kindPolicy     = "policy"
	kindApproval   = "approval"
)

// beingUser is the right that every user has: it lets nobody take a step.
const beingUser = "login"

// sources are the leaves about how what is shown came to be (来源): import files,
// rights and unmaskings, and what names them.
type sources struct {
	named    map[string]bool     // import files that leaves name, by number
	acts     map[string][]string // who approved -> when
	subjects map[string]bool     // what an unmasking may be for: bank_file:1, attempt:QH-2

	imported  map[string]bool     // import files that are here
	rights    map[string][]string // whose -> since when they could take a step
	delegated []delegated         // rights in somebody else's hands
	ended     map[string]end      // delegations that were taken back
	looked    map[string]bool     // attempts whose payee was looked at
}

// delegated is a right in somebody else's hands (委托代办), for some days.
type delegated struct{ id, giver, to, from, until, at string }

// end takes a delegation back: from which day on, and when that was recorded.
type end struct{ from, at string }

// covers says whether it was in their hands at a moment, by what was on record
// then: what was done before it was taken back that day was done under it.
func (d delegated) covers(login, at string, ended map[string]end) bool {
	day := dayOf(at)
	e, over := ended[d.id]
	return d.to == login && day >= d.from && day <= d.until && d.at <= at && (!over || day < e.from || at <= e.at)
}

// office is the time where the office is: one zone, without summer time.
var office = time.FixedZone("CST", int(8*time.Hour/time.Second))

// dayOf is the day of a moment where the office is; "" of what is no time.
func dayOf(at string) string {
	t, err := time.Parse(time.RFC3339Nano, at)
	if err != nil {
		return ""
	}
	return t.In(office).Format(time.DateOnly)
}

// checkSources refuses an import file that nothing here came from, a right of
// somebody who approved nothing here after it was given and handed it to nobody
// who did, a delegation that nobody here used, and a look at numbers for another
// file or attempt. Where the bundle says that sources are here, none
// of those that its leaves name may be missing.
func (f *facts) checkSources(proved []Proved) error {
	s := sources{named: map[string]bool{}, acts: map[string][]string{}, subjects: map[string]bool{}, imported: map[string]bool{},
		rights: map[string][]string{}, ended: map[string]end{}, looked: map[string]bool{}}
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
	case kindDelegation:
		if ends := p.value("ends"); ends != "0" {
			s.ended[ends] = end{p.value("valid_from"), p.value("at")}
			return
		}
		s.delegated = append(s.delegated, delegated{p.value("id"), p.value("from"), p.value("to"), p.value("valid_from"), p.value("valid_to"), p.value("at")})
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
		ok = p.value("given") == "true" && slices.ContainsFunc(s.actsFor(login), func(at string) bool { return since <= at })
		if p.value("right") != beingUser {
			s.rights[login] = append(s.rights[login], since)
		}
	case kindDelegation:
		ok = s.used(p)
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

// actsFor are the moments of what somebody did, and of what was done with a right
// of theirs.
func (s *sources) actsFor(login string) []string {
	acts := slices.Clone(s.acts[login])
	for _, d := range s.delegated {
		if d.giver == login {
			acts = append(acts, s.acts[d.to]...)
		}
	}
	return acts
}

// used says whether somebody acted here while a delegation was in force; what
// ends one belongs to it.
func (s *sources) used(p Proved) bool {
	if ends := p.value("ends"); ends != "0" {
		return slices.ContainsFunc(s.delegated, func(d delegated) bool { return d.id == ends })
	}
	id := p.value("id")
	return slices.ContainsFunc(s.delegated, func(d delegated) bool {
		return d.id == id && slices.ContainsFunc(s.acts[d.to], func(at string) bool { return d.covers(d.to, at, s.ended) })
	})
}

// could says whether somebody could take a step then: by a right of their own
// or one that was in their hands.
func (s *sources) could(login, at string) bool {
	held := func(whose string) bool {
		return slices.ContainsFunc(s.rights[whose], func(since string) bool { return since <= at })
	}
	return held(login) || slices.ContainsFunc(s.delegated, func(d delegated) bool { return d.covers(login, at, s.ended) && held(d.giver) })
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
			if !s.could(login, at) {
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
