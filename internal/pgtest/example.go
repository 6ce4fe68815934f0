package pgtest

import (
	"context"

	"fenlu/internal/db"
	"fenlu/internal/i18n"
)

// ForExample is a fresh, migrated database for an Example function, which has
// no testing.T: done closes and drops it. It panics where there is no server.
func ForExample(name string) (d *db.DB, done func()) {
	ctx := context.Background()
	s, err := theServer()
	must(err)
	env, err := s.create(ctx, name, true)
	must(err)
	d, err = db.Open(ctx, db.Options{URL: env.AppURL, AppName: "fenlu-example"}, nil)
	must(err)
	return d, func() {
		must(d.Close())
		must(s.drop(ctx, env.Name))
	}
}

func must(err error) {
	if err != nil {
		panic("test database: " + i18n.Error(i18n.EN, err))
	}
}
