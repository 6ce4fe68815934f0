package batch

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/parties"
	"fenlu/disbursement/rules"
	"fenlu/disbursement/terms"
	"fenlu/events"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
	"fenlu/money"
)

// PublicRow is a row as everybody may read it (公示明细): no ID number, account
// or telephone number, the name in part, and no name of a child.
type PublicRow struct {
	No        int32       `json:"line"`
	Area      string      `json:"area"` // the village by name, or else its township, or else its code
	Name      string      `json:"name"` // in part; "" where it is not published
	Component string      `json:"component"`
	Class     string      `json:"class"`
	Month     terms.Month `json:"month"`
	Amount    money.Fen   `json:"amount"`
}

// Publication is a list that was published.
type Publication struct {
	ID          int64       `json:"id"`
	Batch       Batch       `json:"batch"`
	PublishedOn time.Time   `json:"published_on"`
	Until       time.Time   `json:"until"` // the last day for objections
	Digest      Digest      `json:"digest"`
	Count       int         `json:"count"`
	Hidden      int         `json:"hidden"` // rows without a name
	By          string      `json:"by"`
	At          time.Time   `json:"recorded_at"`
	Rows        []PublicRow `json:"rows,omitempty"`
	Replay      bool        `json:"replay"`
}

// PublicationLeaf is the leaf of a published list.
func PublicationLeaf(p Publication) *leaf.Leaf {
	return leaf.New(string(proof.KindPublication), 1).Int("id", p.ID).Int("batch", int64(p.Batch.ID)).Date("published_on", p.PublishedOn).
		Date("until", p.Until).Hex("rows_digest", p.Digest).Int("rows", int64(p.Count)).Int("hidden", int64(p.Hidden)).Text("by", p.By).Time("at", p.At)
}

// Publish makes the list of a submitted batch that everybody may read, and
// records that it stands from today for the days that the area's rule wants. The
// same list on the same day is published once.
//
// Errors: AUTH_RIGHT_MISSING; BATCH_PUBLISH_STATE (Refused) before submission;
// RULE_NONE (NotFound) where no document says for how many days, or below which
// age a name is not published.
func (s *Service) Publish(ctx context.Context, code, area string) (Publication, error) {
	var out Publication
	err := s.change(ctx, code, func(tx pgx.Tx, b Batch) error {
		actor, err := auth.Require(ctx, auth.BatchMake)
		if err != nil {
			return err
		}
		if !b.State.Reached(Submitted) {
			return errs.New(errs.Refused, "BATCH_PUBLISH_STATE", "batch", b.Code, "state", b.State.Name(i18n.ZH))
		}
		out, err = s.publishList(ctx, tx, b, area, actor)
		return err
	})
	return out, err
}

func (s *Service) publishList(ctx context.Context, tx pgx.Tx, b Batch, area string, actor auth.Actor) (Publication, error) {
	today := clock.Date(s.clock.Now())
	days, err := figure(ctx, tx, rules.PublicationDays, area, today)
	if err != nil {
		return Publication{}, err
	}
	age, err := figure(ctx, tx, rules.PublicationChildAge, area, today)
	if err != nil {
		return Publication{}, err
	}
	p := Publication{Batch: b, PublishedOn: today, Until: today.AddDate(0, 0, days), By: actor.Login, At: s.clock.Now().Truncate(time.Microsecond)}
	if p.Rows, err = s.publicRows(ctx, tx, b, today, age); err != nil {
		return p, err
	}
	p.count()
	if known, err := publicationOf(ctx, tx, b, today, p.Digest); err != nil || known.ID != 0 {
		known.Rows, known.Replay = p.Rows, true
		return known, err
	}
	if p.ID, err = insertPublication(ctx, tx, p); err != nil {
		return p, err
	}
	return p, s.publish(ctx, tx, b, events.BatchPublished, events.Facts{Actor: actor.Name, Count: p.Count, Amount: b.Amount, Name: p.Until.Format(time.DateOnly)})
}

func figure(ctx context.Context, q db.Querier, name rules.Name, area string, on time.Time) (int, error) {
	f, err := rules.Find(ctx, q, name, area, on)
	if err != nil {
		return 0, err
	}
	return f.Whole()
}

// count makes what the record says of the rows.
func (p *Publication) count() {
	h := sha256.New()
	for _, r := range p.Rows {
		_, _ = fmt.Fprintf(h, "%d\t%s\t%s\t%s\t%s\t%s\t%d\n", r.No, r.Area, r.Name, r.Component, r.Class, r.Month, int64(r.Amount)) // a hash never fails
		if r.Name == "" {
			p.Hidden++
		}
	}
	p.Count, p.Digest = len(p.Rows), h.Sum(nil)
}

// publicRows are the listed lines as everybody may read them.
func (s *Service) publicRows(ctx context.Context, tx pgx.Tx, b Batch, today time.Time, age int) ([]PublicRow, error) {
	lines, err := linesOfList(ctx, tx, b.ID, b.Lines)
	if err != nil {
		return nil, err
	}
	var out []PublicRow
	for from := 0; from < len(lines); from += chunkRows {
		part := withStatus(lines[from:min(from+chunkRows, len(lines))], Listed)
		rows, err := s.publicPart(ctx, tx, part, today.AddDate(-age, 0, 0))
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}

// publicPart publishes names of persons who were born by the day named, and of
// units.
func (s *Service) publicPart(ctx context.Context, tx pgx.Tx, lines []Line, grown time.Time) ([]PublicRow, error) {
	var people []parties.PersonID
	var units []parties.UnitID
	for i := range lines {
		if lines[i].Person != 0 {
			people = append(people, parties.PersonID(lines[i].Person))
		} else {
			units = append(units, parties.UnitID(lines[i].Unit))
		}
	}
	persons, err := s.parties.People(ctx, tx, people)
	if err != nil {
		return nil, err
	}
	homes, err := s.parties.UnitsByID(ctx, tx, units)
	if err != nil {
		return nil, err
	}
	var codes []string
	for _, p := range persons {
		codes = append(codes, p.AreaCode, p.Township())
	}
	areas, err := s.parties.Areas(ctx, tx, codes)
	if err != nil {
		return nil, err
	}
	out := make([]PublicRow, len(lines))
	for i, l := range lines {
		r := PublicRow{No: l.No, Area: l.Township, Component: l.Component, Class: l.Class, Month: l.Month, Amount: l.Amount}
		if p, ok := persons[parties.PersonID(l.Person)]; ok {
			r.Area = cmp.Or(areas[p.AreaCode].Name, areas[p.Township()].Name, p.AreaCode)
			if !p.Birth.IsZero() && !p.Birth.After(grown) {
				r.Name = PublicName(p.Name)
			}
		} else {
			r.Name = homes[parties.UnitID(l.Unit)].Name
		}
		out[i] = r
	}
	return out, nil
}

// PublicName is a name as it is published: the first character and the last,
// and of two the first alone (李*, 欧阳*, 王*明).
func PublicName(name string) string {
	r := []rune(strings.TrimSpace(name))
	switch {
	case len(r) == 0:
		return ""
	case len(r) <= 2:
		return string(r[:1]) + "*"
	default:
		return string(r[:1]) + strings.Repeat("*", len(r)-2) + string(r[len(r)-1:])
	}
}

// Objection is an objection to a row of a published list, and what became of it.
type Objection struct {
	ID          int64     `json:"id"`
	Publication int64     `json:"publication"`
	Line        int32     `json:"line"`
	Said        string    `json:"said"`
	RaisedOn    time.Time `json:"raised_on"`
	By          string    `json:"recorded_by"`
	At          time.Time `json:"recorded_at"`
	Answered    bool      `json:"answered"`
	Upheld      bool      `json:"upheld"`
	Correction  string    `json:"correction,omitempty"` // what is right instead
	AnsweredBy  string    `json:"answered_by,omitempty"`
}

// Object records an objection to a row while the list stands. The same again
// changes nothing. Errors: AUTH_RIGHT_MISSING; BATCH_PUBLICATION (NotFound);
// BATCH_OBJECTION_LINE (Invalid); BATCH_OBJECTION_LATE (Refused) after the last
// day; VALID_PROBLEMS.
func (s *Service) Object(ctx context.Context, publication int64, line int32, said string) (Objection, error) {
	actor, err := auth.Require(ctx, auth.BatchMake)
	if err != nil {
		return Objection{}, err
	}
	said = strings.TrimSpace(said)
	if err := s.valid.Check(struct {
		Said string `name:"said" validate:"required,max=200,no_personal_number"`
	}{said}); err != nil {
		return Objection{}, err
	}
	today := clock.Date(s.clock.Now())
	o := Objection{Publication: publication, Line: line, Said: said, RaisedOn: today, By: actor.Login, At: s.clock.Now().Truncate(time.Microsecond)}
	err = s.db.Run(ctx, func(tx pgx.Tx) error {
		p, err := lockPublication(ctx, tx, publication)
		if err != nil {
			return err
		}
		known, err := objectionsOf(ctx, tx, publication)
		if err != nil {
			return err
		}
		for _, k := range known {
			if k.Line == line && k.Said == said {
				o = k
				return nil
			}
		}
		if today.After(p.Until) {
			return errs.New(errs.Refused, "BATCH_OBJECTION_LATE", "until", p.Until.Format(time.DateOnly))
		}
		if published, err := publishedLine(ctx, tx, p, line); err != nil || !published {
			return orErr(err, errs.New(errs.Invalid, "BATCH_OBJECTION_LINE", "line", line, "publication", publication))
		}
		o.ID, err = insertObjection(ctx, tx, o)
		return err
	})
	return o, err
}

// publishedLine says whether a line was on a published list: it is still in the
// batch, or in a list that was parted from it since.
func publishedLine(ctx context.Context, tx pgx.Tx, p Publication, line int32) (bool, error) {
	parted, err := partedSince(ctx, tx, p.Batch, p.At)
	if err != nil {
		return false, err
	}
	for _, id := range append([]ID{p.Batch.ID}, parted...) {
		if lines, err := linesByNo(ctx, tx, id, []int32{line}); err != nil || len(lines) > 0 {
			return err == nil, err
		}
	}
	return false, nil
}

// Answer says whether an objection holds, and what is right instead. Somebody
// else does than who recorded it; the published row stays as it was. Errors:
// AUTH_RIGHT_MISSING; BATCH_OBJECTION (NotFound); BATCH_SAME_PERSON (Refused);
// BATCH_OBJECTION_ANSWERED (Conflict); VALID_PROBLEMS.
func (s *Service) Answer(ctx context.Context, objection int64, upheld bool, correction string) (Objection, error) {
	actor, err := auth.Require(ctx, auth.BatchCheck)
	if err != nil {
		return Objection{}, err
	}
	correction = strings.TrimSpace(correction)
	if err := s.valid.Check(struct {
		Correction string `name:"correction" validate:"required,max=200,no_personal_number"`
	}{correction}); err != nil {
		return Objection{}, err
	}
	var o Objection
	err = s.db.Run(ctx, func(tx pgx.Tx) error {
		if o, err = lockObjection(ctx, tx, objection); err != nil {
			return err
		}
		if o.Answered {
			if o.Upheld == upheld && o.Correction == correction && o.AnsweredBy == actor.Login {
				return nil
			}
			return errs.New(errs.Conflict, "BATCH_OBJECTION_ANSWERED", "objection", objection, "by", o.AnsweredBy)
		}
		if same, err := auth.SamePerson(ctx, tx, auth.Took{Login: o.By, Right: auth.BatchMake, At: o.At}, actor, auth.BatchCheck); err != nil || same {
			return orErr(err, samePerson(actor, i18n.T(i18n.ZH, "batch.objection"), i18n.T(i18n.ZH, "batch.answer")))
		}
		o.Answered, o.Upheld, o.Correction, o.AnsweredBy = true, upheld, correction, actor.Login
		return insertAnswer(ctx, tx, o, s.clock.Now().Truncate(time.Microsecond))
	})
	return o, err
}
