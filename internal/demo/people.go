package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/internal/clock"
	"fenlu/internal/errs"
)

// person is somebody who works in the county's offices. All are invented.
type person struct {
	login, name, office string
	rights              []auth.Right
}

const (
	civilAffairs = "青禾县民政局"
	finance      = "青禾县财政局"
)

// staff are the people of the month: whoever makes does not check.
var staff = []person{
	{"admin", "郑若谷", finance, []auth.Right{auth.FundsImport, auth.PolicyImport, auth.Carveout, auth.ReserveAllocate, auth.PeriodClose, auth.JournalCorrect}},
	{"zhou", "周立群", civilAffairs, []auth.Right{auth.PeopleImport, auth.BatchMake, auth.ListMake}},
	{"zhao", "赵敏", civilAffairs, []auth.Right{auth.BatchCheck, auth.ListApprove}},
	{"lin", "林若溪", finance, []auth.Right{auth.BatchApprove, auth.ListApprove, auth.PeriodClose, auth.JournalCorrect}},
	{"sun", "孙嘉木", finance, []auth.Right{auth.BatchRelease}},
	{"he", "何晓舟", finance, []auth.Right{auth.Reconcile, auth.BatchClose, auth.ListMake}},
	{"du", "杜青山", "云岭镇人民政府", []auth.Right{auth.ReserveDraw}},
	{"cheng", "程立夏", "麦川乡人民政府", []auth.Right{auth.ReserveConfirm}},
	{"wu", "吴晓棠", "柳溪镇人民政府", []auth.Right{auth.PeopleImport}},
	{"shen", "沈知远", "青禾县审计局", []auth.Right{auth.AuditRead, auth.PeopleUnmask}},
}

// mark writes the demo mark as the first leaf of the log, and the first user.
func (m *month) mark(ctx context.Context) error {
	return m.DB.Run(ctx, func(tx pgx.Tx) error {
		if err := m.Auth.MarkDemo(ctx, tx, m.params, isEmpty); err != nil {
			return err
		}
		first := staff[0]
		return m.Auth.NewBootstrapUser(ctx, tx, auth.NewUser{Login: first.login, Name: first.name, Office: first.office}, first.rights...)
	})
}

// isEmpty says whether nothing has ever been posted or imported.
func isEmpty(ctx context.Context, tx pgx.Tx) (bool, error) {
	var empty bool
	err := tx.QueryRow(ctx, `SELECT NOT EXISTS (SELECT 1 FROM journal) AND NOT EXISTS (SELECT 1 FROM document) AND NOT EXISTS (SELECT 1 FROM import_file)`).Scan(&empty)
	return empty, err
}

// users adds the staff; who is there already is left alone.
func (m *month) users(ctx context.Context) error {
	admin, err := m.Auth.ActAs(ctx, staff[0].login)
	if err != nil {
		return err
	}
	for _, p := range staff[1:] {
		if err := m.addUser(admin, p); err != nil {
			return err
		}
	}
	for _, p := range staff {
		if m.who[p.login], err = m.Auth.ActAs(ctx, p.login); err != nil {
			return err
		}
	}
	return nil
}

// addUser adds one person with all their rights in one transaction, so that a
// demo killed in between finds either all of it or nothing.
func (m *month) addUser(admin context.Context, p person) error {
	err := m.DB.Run(admin, func(tx pgx.Tx) error {
		if err := m.Auth.AddUserTx(admin, tx, auth.NewUser{Login: p.login, Name: p.name, Office: p.office}); err != nil {
			return err
		}
		for _, r := range p.rights {
			if err := m.Auth.GrantTx(admin, tx, p.login, r); err != nil {
				return err
			}
		}
		return nil
	})
	if errs.CodeOf(err) == "AUTH_USER_EXISTS" {
		return nil
	}
	return err
}

// as is a context in which a member of the staff acts.
func (m *month) as(login string) context.Context { return m.who[login] }

func name(login string) string {
	for _, p := range staff {
		if p.login == login {
			return p.name
		}
	}
	return login
}

// at sets the clock to a moment of the month, in Shanghai.
func (m *month) at(moment string) {
	t, err := time.ParseInLocation("2006-01-02 15:04", moment, clock.Shanghai)
	if err != nil {
		panic(fmt.Sprintf("demo: %q is no moment", moment)) // a constant of ours
	}
	m.Clock.Set(t)
}

// today is the clock's business date.
func (m *month) today() time.Time { return clock.Date(m.Clock.Now()) }

// say tells of something a member of the staff did at the clock's time.
func (m *month) say(login, code string, args ...any) {
	m.Tell.Say(m.Clock.Now().In(clock.Shanghai).Format("01-02 15:04"), name(login), code, args...)
}
