package parties

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/terms"
	"fenlu/internal/errs"
	"fenlu/internal/ident"
)

// Keys re-runs once-keys (唯一键) when two records of a person become one; batches
// have them.
type Keys interface {
	// RerunTx keeps the once-keys of from under to and gives the pairs of live keys
	// that then stand for the same entitlement.
	RerunTx(ctx context.Context, tx pgx.Tx, from, to PersonID, act ActID) ([]KeyConflict, error)
	// ConflictsOfTx gives the pairs that an act found, open or not.
	ConflictsOfTx(ctx context.Context, tx pgx.Tx, act ActID) ([]KeyConflict, error)
}

// KeyConflict is two live once-keys of one person for the same entitlement: one of
// the lines has to go (同月重复).
type KeyConflict struct {
	Batch      string `json:"batch"` // of the line of the record merged away
	Line       int32  `json:"line"`
	OtherBatch string `json:"other_batch"`
	OtherLine  int32  `json:"other_line"`
	Program    string `json:"program"`
	Component  string `json:"component"`
	Month      string `json:"month"`
	Occasion   string `json:"occasion"`
}

// WithKeys gives the service who re-runs once-keys; it belongs to the wiring.
func (s *Service) WithKeys(k Keys) *Service {
	s.keys = k
	return s
}

// Merged is a merge of two records with what it found.
type Merged struct {
	Act       Act           `json:"act"`
	Conflicts []KeyConflict `json:"conflicts"`
}

// Rename records a new name from a day on (更名). The holder's name of the account
// stays as the bank has it, until a new version of the account is recorded.
// Errors: as SplitHousehold; PARTIES_PERSON_UNKNOWN, PARTIES_NO_CHANGE.
func (s *Service) Rename(ctx context.Context, who ident.Secret, name string, g Ground) (Act, error) {
	name = cleanName(name)
	if name == "" || unwritable(name) || len([]rune(name)) > 100 {
		return Act{}, errs.New(errs.Invalid, "PARTIES_NEW_NAME")
	}
	return s.changePerson(ctx, ActRename, who, &g, name, func(_ context.Context, _ pgx.Tx, v *versionRecord) error {
		if v.Name == name {
			return errs.New(errs.Refused, "PARTIES_NO_CHANGE", "person", who)
		}
		v.Name = name
		return nil
	})
}

// ChangeResidence records that somebody is urban or rural from a day on (城乡变更):
// months that begin on it or later draw the other function code, what is paid
// stays. Errors as Rename.
func (s *Service) ChangeResidence(ctx context.Context, who ident.Secret, residence terms.Residence, area string, g Ground) (Act, error) {
	if !residence.IsValid() {
		return Act{}, errs.New(errs.Invalid, "PARTIES_RESIDENCE")
	}
	if area = ident.Normalize(area); area != "" {
		if _, found := ident.CheckArea(area); found.Refused() {
			return Act{}, errs.New(errs.Invalid, "PARTIES_AREA", "area", area)
		}
	}
	return s.changePerson(ctx, ActResidence, who, &g, string(residence)+area, func(_ context.Context, _ pgx.Tx, v *versionRecord) error {
		if v.Residence == string(residence) && (area == "" || area == v.AreaCode) {
			return errs.New(errs.Refused, "PARTIES_NO_CHANGE", "person", who)
		}
		v.Residence = string(residence)
		if area != "" {
			v.AreaCode = area
		}
		return nil
	})
}

// CorrectIDNumber records the right ID number of somebody (证件号码更正). The old one
// still finds him, so that evidence and deaths under it are not lost; once-keys
// are kept under the person. Errors as Rename; PARTIES_ID_OF_ANOTHER (Conflict)
// where the number is another record's: those are merged with MergePersons.
func (s *Service) CorrectIDNumber(ctx context.Context, who, right ident.Secret, g Ground) (Act, error) {
	number := ident.Normalize(right.Reveal())
	if _, found := ident.CheckResident(number, s.today()); found.Refused() {
		fields := found.Fields(ident.Fault, errs.Field{Column: "id_number", Value: ident.Mask(number)})
		return Act{}, errs.WithFields("VALID_PROBLEMS", fields, "count", len(fields))
	}
	blind := s.BlindID(number)
	return s.changePerson(ctx, ActIDNumber, who, &g, string(blind), func(ctx context.Context, tx pgx.Tx, v *versionRecord) error {
		found, err := s.ResolvePeople(ctx, tx, []string{number})
		if err != nil {
			return err
		}
		if p, taken := found[number]; taken && p.ID != v.Person {
			return errs.New(errs.Conflict, "PARTIES_ID_OF_ANOTHER", "person", right)
		} else if !taken {
			if _, err := tx.Exec(ctx, `INSERT INTO identity (id_blind, person) VALUES ($1, $2)`, blind, int64(v.Person)); err != nil {
				return fmt.Errorf("new identity: %w", err)
			}
		}
		if v.number == number {
			return errs.New(errs.Refused, "PARTIES_NO_CHANGE", "person", who)
		}
		v.number, v.IDType = number, string(terms.ResidentID)
		v.TempReason, v.TempApprover, v.TempUntil = "", "", nil
		return nil
	})
}

// changePerson records a new version of a person, changed by fn, with its act.
func (s *Service) changePerson(ctx context.Context, kind ActKind, who ident.Secret, g *Ground, asked string,
	fn func(context.Context, pgx.Tx, *versionRecord) error) (Act, error) {
	actor, err := mayChange(ctx)
	if err != nil {
		return Act{}, err
	}
	if err := s.checkGround(g); err != nil {
		return Act{}, err
	}
	a := Act{Kind: kind, Effective: g.Effective, Document: g.Document, Reason: g.Reason, Actor: actor.Login}
	key := a.key(string(s.BlindID(who.Reveal())), asked)
	var out Act
	err = s.again(ctx, s.db.Run, func(tx pgx.Tx) error {
		was, found, err := actOfKey(ctx, tx, key)
		if err != nil || found {
			out = was
			return err
		}
		p, err := s.onePerson(ctx, tx, who)
		if err != nil {
			return err
		}
		v, err := s.lockVersion(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		if err := fn(ctx, tx, &v); err != nil {
			return err
		}
		a.Subject = int64(p.ID)
		if a.ID, err = nextAct(ctx, tx); err != nil {
			return err
		}
		if err := s.insertVersion(ctx, tx, v, a); err != nil {
			return err
		}
		var parts items
		parts.version(v.Person, v.Version+1)
		out, err = s.record(ctx, tx, a, key, parts)
		return err
	})
	return out, err
}

// onePerson finds somebody by the ID number. Errors: PARTIES_PERSON_UNKNOWN
// (NotFound).
func (s *Service) onePerson(ctx context.Context, tx pgx.Tx, who ident.Secret) (Person, error) {
	found, err := s.ResolvePeople(ctx, tx, []string{who.Reveal()})
	if err != nil {
		return Person{}, err
	}
	p, there := found[ident.Normalize(who.Reveal())]
	if !there {
		return Person{}, errs.New(errs.NotFound, "PARTIES_PERSON_UNKNOWN", "person", who)
	}
	return p, nil
}

// MergePersons makes two records of one person one (重复人员合并): numbers of the
// duplicate find the record kept, its memberships and relations go on there, and
// its once-keys are run again: two live ones for the same entitlement are both
// kept and reported. Lines that exist keep the record they were made for. Errors
// as Rename; PARTIES_SAME_RECORD; PARTIES_MERGE_HEAD (Refused) where the duplicate
// is head of a household with other members.
func (s *Service) MergePersons(ctx context.Context, duplicate, kept ident.Secret, g Ground) (Merged, error) {
	actor, err := mayChange(ctx)
	if err != nil {
		return Merged{}, err
	}
	if err := s.checkGround(&g); err != nil {
		return Merged{}, err
	}
	if s.keys == nil {
		return Merged{}, errs.New(errs.Internal, "PARTIES_NO_KEYS")
	}
	a := Act{Kind: ActMergePersons, Effective: g.Effective, Document: g.Document, Reason: g.Reason, Actor: actor.Login}
	key := a.key(string(s.BlindID(duplicate.Reveal())), string(s.BlindID(kept.Reveal())))
	var out Merged
	err = s.again(ctx, s.db.Run, func(tx pgx.Tx) error {
		was, found, err := actOfKey(ctx, tx, key)
		if err != nil || found {
			out.Act = was
			if err == nil {
				out.Conflicts, err = s.keys.ConflictsOfTx(ctx, tx, was.ID)
			}
			return err
		}
		from, to, err := s.lockPair(ctx, tx, duplicate, kept)
		if err != nil {
			return err
		}
		if from.ID == to.ID {
			return errs.New(errs.Refused, "PARTIES_SAME_RECORD", "person", kept)
		}
		a.Subject, a.Other = int64(to.ID), int64(from.ID)
		if a.ID, err = nextAct(ctx, tx); err != nil {
			return err
		}
		if err := mergeRecords(ctx, tx, from, to, a.Effective); err != nil {
			return err
		}
		if out.Conflicts, err = s.keys.RerunTx(ctx, tx, from.ID, to.ID, a.ID); err != nil {
			return err
		}
		var parts items
		parts.version(to.ID, to.Version)
		parts.version(from.ID, from.Version)
		for _, c := range out.Conflicts {
			parts.add(func(p *leafPart) {
				p.Text("conflict").Text(c.Batch).Int(int64(c.Line)).Text(c.OtherBatch).Int(int64(c.OtherLine)).Text(c.Month)
			})
		}
		out.Act, err = s.record(ctx, tx, a, key, parts)
		return err
	})
	return out, err
}

// ageOn is somebody's age in whole years on a day; false where the birthday is
// not known.
func (p Person) ageOn(day time.Time) (int, bool) {
	if p.Birth.IsZero() {
		return 0, false
	}
	years := day.Year() - p.Birth.Year()
	if day.Before(time.Date(day.Year(), p.Birth.Month(), p.Birth.Day(), 0, 0, 0, 0, time.UTC)) {
		years--
	}
	return years, true
}

// birthOf reads the birthday out of a resident's number; zero for others.
func birthOf(number string, t terms.IDType) time.Time {
	if t != terms.ResidentID || len(number) != 18 {
		return time.Time{}
	}
	y, err1 := strconv.Atoi(number[6:10])
	m, err2 := strconv.Atoi(number[10:12])
	d, err3 := strconv.Atoi(number[12:14])
	if err1 != nil || err2 != nil || err3 != nil {
		return time.Time{}
	}
	return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
