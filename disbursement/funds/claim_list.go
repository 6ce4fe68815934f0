package funds

import (
	"context"
	"fmt"
	"time"

	"fenlu/disbursement/parties"
	"fenlu/disbursement/rules"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/money"
)

// RecoveryView is a claim as it stands.
type RecoveryView struct {
	Recovery
	Name        string         `json:"name"`
	Masked      string         `json:"id_number"` // masked
	Area        string         `json:"township"`
	State       RecoveryState  `json:"state"`
	ConfirmedBy string         `json:"confirmed_by"`
	Received    money.Fen      `json:"received"`
	WrittenOff  money.Fen      `json:"written_off"`
	Outstanding money.Fen      `json:"outstanding"`
	Since       time.Time      `json:"since"`     // the last instalment, or else when it was opened
	Days        int            `json:"days"`      // from when it was opened until it is listed
	Class       string         `json:"age"`       // age class: "31-90"
	IdleDays    int            `json:"idle_days"` // without an instalment
	Items       []RecoveryItem `json:"lines"`     // the oldest month first
	Acts        []RecoveryAct  `json:"acts"`      // in order
	Replay      bool           `json:"replay"`    // it was so before
}

// derive says where a claim stands, from its acts.
func (v *RecoveryView) derive() {
	v.Since, v.State = clock.Date(v.OpenedAt), ClaimProposed
	if v.Source == FromCase {
		v.State = ClaimOpen
	}
	for _, a := range v.Acts {
		switch a.Kind {
		case RecoveryConfirm:
			v.ConfirmedBy, v.State = a.Actor, ClaimOpen
		case RecoveryReceive:
			v.Received += a.Amount
			if a.On.After(v.Since) {
				v.Since = a.On
			}
		case RecoveryWriteOff:
			v.WrittenOff += a.Amount
		case RecoveryReject:
			v.State = ClaimRejected
			return
		case RecoveryOpen:
		}
	}
	v.Outstanding = v.Amount - v.Received - v.WrittenOff
	switch {
	case v.Outstanding > 0:
	case v.WrittenOff > 0:
		v.State = ClaimWrittenOff
	default:
		v.State = ClaimSettled
	}
}

// next is the number of the next act, if nobody is faster. A claim of a case that
// was refused before acts were kept has none.
func (v *RecoveryView) next() int { return len(v.Acts) + 1 }

// RecoveryByID is a claim with its lines and acts. Errors: RECOVERY_UNKNOWN (NotFound).
func (s *Service) RecoveryByID(ctx context.Context, q db.Querier, id RecoveryID) (RecoveryView, error) {
	v, err := recoveryByID(ctx, q, id)
	if err != nil {
		return v, err
	}
	list := []RecoveryView{v}
	err = s.nameClaims(ctx, q, list)
	return list[0], err
}

func (s *Service) nameClaims(ctx context.Context, q db.Querier, list []RecoveryView) error {
	ids := make([]parties.PersonID, len(list))
	for i, v := range list {
		ids[i] = v.Person
	}
	people, err := s.parties.People(ctx, q, ids)
	if err != nil {
		return err
	}
	for i := range list {
		p := people[list[i].Person]
		list[i].Name, list[i].Masked = p.Name, p.Masked
	}
	return nil
}

// AgeClass is what is outstanding of claims of an age (账龄).
type AgeClass struct {
	Class  string    `json:"age"`
	Count  int       `json:"count"`
	Amount money.Fen `json:"amount"`
}

// Ageing are claims with what is outstanding by age.
type Ageing struct {
	On      time.Time      `json:"on"`
	Claims  []RecoveryView `json:"claims"`
	Classes []AgeClass     `json:"classes"`
	Total   money.Fen      `json:"outstanding"`
}

// Recoveries lists claims, with all also those on which nothing is outstanding
// and nothing was written off: a claim that was given up stays visible. Ages are
// counted from when a claim was opened, in classes whose ends are the area's
// figures. Errors: RULE_NONE (NotFound).
func (s *Service) Recoveries(ctx context.Context, q db.Querier, area string, on time.Time, all bool) (Ageing, error) {
	out := Ageing{On: on, Claims: []RecoveryView{}}
	ends, err := ageEnds(ctx, q, area, on)
	if err != nil {
		return out, err
	}
	out.Classes = make([]AgeClass, len(ends)+1)
	for i := range out.Classes {
		out.Classes[i].Class = ageClass(ends, i)
	}
	list, err := recoveries(ctx, q, `TRUE`)
	if err != nil {
		return out, err
	}
	for _, v := range list {
		if (v.State == ClaimSettled || v.State == ClaimRejected) && !all {
			continue
		}
		v.Days, v.IdleDays = daysBetween(clock.Date(v.OpenedAt), on), daysBetween(v.Since, on)
		class := 0
		for class < len(ends) && v.Days > ends[class] {
			class++
		}
		v.Class = out.Classes[class].Class
		if v.Outstanding > 0 {
			out.Classes[class].Count++
			out.Classes[class].Amount += v.Outstanding
			if out.Total, err = money.Add(out.Total, v.Outstanding); err != nil {
				return out, errs.Wrap(err, errs.Invalid, "MONEY_OVERFLOW")
			}
		}
		out.Claims = append(out.Claims, v)
	}
	return out, s.nameClaims(ctx, q, out.Claims)
}

func daysBetween(from, to time.Time) int { return int(to.Sub(from) / (24 * time.Hour)) }

// ageEnds are the last days of the age classes but the open one.
func ageEnds(ctx context.Context, q db.Querier, area string, on time.Time) ([]int, error) {
	var ends []int
	for _, name := range []rules.Name{rules.RecoveryAgeFirst, rules.RecoveryAgeSecond, rules.RecoveryAgeThird} {
		f, err := rules.Find(ctx, q, name, Area12(area), on)
		if err != nil {
			return nil, err
		}
		n, err := f.Whole()
		if err != nil {
			return nil, err
		}
		ends = append(ends, n)
	}
	return ends, nil
}

// ageClass is the name of an age class: "0-30", "31-90", ">365".
func ageClass(ends []int, i int) string {
	from := 0
	if i > 0 {
		from = ends[i-1] + 1
	}
	if i == len(ends) {
		return fmt.Sprintf(">%d", from-1)
	}
	return fmt.Sprintf("%d-%d", from, ends[i])
}

// Candidate is a line that was paid and perhaps should not have been (疑似多发).
type Candidate struct {
	Source   RecoverySource   `json:"source" db:"source"`
	Line     int64            `json:"line" db:"line"`
	Person   parties.PersonID `json:"person" db:"person"`
	Name     string           `json:"name" db:"-"`
	Masked   string           `json:"id_number" db:"-"` // masked
	Township string           `json:"township" db:"township"`
	Program  string           `json:"program" db:"program"`
	Month    string           `json:"month" db:"month"`
	Paid     money.Fen        `json:"paid" db:"paid_fen"`
	Because  string           `json:"because" db:"because"` // the day of death, or the line that paid first
}

// Candidates looks back (回溯核查): lines of the months since, in places of an
// area, that were paid after the month of a death or of a stop, or a second time. A person
// decides what becomes a claim.
func (s *Service) Candidates(ctx context.Context, q db.Querier, area, since string) ([]Candidate, error) {
	list, err := query[Candidate](ctx, q, "candidates", candidatesSQL, since, areaPrefix(area)+"%")
	if err != nil {
		return nil, err
	}
	ids := make([]parties.PersonID, len(list))
	for i, c := range list {
		ids[i] = c.Person
	}
	people, err := s.parties.People(ctx, q, ids)
	for i := range list {
		p := people[list[i].Person]
		list[i].Name, list[i].Masked = p.Name, p.Masked
	}
	return list, err
}

// areaPrefix is the part of an area code that all places in it have in common.
func areaPrefix(area string) string {
	area = Area12(area)
	for _, n := range []int{2, 4, 6, 9} {
		if area[n:] == "000000000000"[n:] {
			return area[:n]
		}
	}
	return area
}
