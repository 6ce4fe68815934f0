package ledger_test

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fenlu/internal/db"
	"fenlu/internal/pgtest"
)

// page is the document whose table lists every table of the database.
const page = "../docs/ledger.md"

var listedRow = regexp.MustCompile("(?m)^\\| `(\\w+)` \\| `[\\w/]+` \\| (yes|no) \\| .* \\|$")

// listed reads the tables of the document: whether each is append-only.
func listed(t *testing.T) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	tables := map[string]bool{}
	for _, m := range listedRow.FindAllStringSubmatch(string(text), -1) {
		tables[m[1]] = m[2] == "yes"
	}
	if len(tables) < 50 {
		t.Fatalf("%s lists %d tables", page, len(tables))
	}
	return tables
}

// privileges is what a role can do to a table, by itself, by PUBLIC or by
// another role it belongs to.
const privileges = `SELECT c.relname::text, r.rolname::text, p.name
	FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
	CROSS JOIN pg_roles r CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS p (name)
	WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'f', 'm') AND r.rolname IN ('fenlu_app', 'fenlu_audit')
		AND has_table_privilege(r.rolname, c.oid, p.name)
	ORDER BY 1, 2, 3`

// catalogueRule is something that the catalogue must not hold: the query gives
// what offends. breach makes an offence, as the schema's owner, and shows that
// it is seen.
type catalogueRule struct{ name, query, breach string }

var catalogueRules = []catalogueRule{
	{"owned by a role that should own nothing", `SELECT c.relname::text FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname IN ('fenlu_app', 'fenlu_audit')
		UNION ALL SELECT n.nspname::text FROM pg_namespace n JOIN pg_roles r ON r.oid = n.nspowner WHERE r.rolname IN ('fenlu_app', 'fenlu_audit')
		UNION ALL SELECT d.datname::text FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba WHERE r.rolname IN ('fenlu_app', 'fenlu_audit')`,
		`CREATE SCHEMA mine AUTHORIZATION fenlu_app`},
	{"a right to create", `SELECT r.rolname::text || ' on ' || n.nspname::text FROM pg_roles r CROSS JOIN pg_namespace n
		WHERE r.rolname IN ('fenlu_app', 'fenlu_audit') AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
			AND has_schema_privilege(r.rolname, n.oid, 'CREATE')
		UNION ALL SELECT r.rolname::text || ' on the database' FROM pg_roles r
		WHERE r.rolname IN ('fenlu_app', 'fenlu_audit') AND has_database_privilege(r.rolname, current_database(), 'CREATE')`,
		`GRANT CREATE ON SCHEMA public TO fenlu_app`},
	{"a right given column by column", `SELECT c.relname::text || '.' || a.attname::text FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE a.attacl IS NOT NULL AND c.relnamespace = 'public'::regnamespace`,
		`GRANT UPDATE (amount_fen) ON transfer TO fenlu_app`},
	{"a right that may be passed on, or is everybody's", `SELECT c.relname::text || ' ' || e.privilege_type FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		CROSS JOIN LATERAL aclexplode(c.relacl) e WHERE n.nspname = 'public' AND (e.is_grantable AND e.grantee <> c.relowner OR e.grantee = 0)`,
		`GRANT SELECT ON transfer TO PUBLIC`},
	{"a sequence that can be set back", `SELECT s.seqrelid::regclass::text FROM pg_sequence s WHERE has_sequence_privilege('fenlu_app', s.seqrelid, 'UPDATE')`,
		`GRANT UPDATE ON SEQUENCE journal_id_seq TO fenlu_app`},
	{"a trigger or rule", `SELECT t.tgname::text FROM pg_trigger t WHERE NOT t.tgisinternal UNION ALL SELECT evtname::text FROM pg_event_trigger
		UNION ALL SELECT r.rulename::text FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = 'public' AND r.rulename <> '_RETURN'`,
		`CREATE RULE never AS ON INSERT TO transfer DO INSTEAD NOTHING`},
	{"a function", `SELECT p.proname::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')`,
		`CREATE FUNCTION nothing() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'DELETE FROM transfer'`},
	{"a schema beside public", `SELECT nspname::text FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%' AND nspname NOT IN ('public', 'information_schema')`,
		`CREATE SCHEMA aside`},
	{"a role that is more than itself", `SELECT r.rolname::text FROM pg_roles r WHERE r.rolname IN ('fenlu_app', 'fenlu_audit')
		AND (r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls OR EXISTS (SELECT 1 FROM pg_auth_members m WHERE m.member = r.oid))`, ``},
}

// catalogueOffences compares the catalogue with the list.
func catalogueOffences(t *testing.T, q db.Querier, tables map[string]bool) []string {
	t.Helper()
	var out []string
	offend := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	there := map[string]bool{}
	for _, name := range column[string](t, q, `SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'f', 'm') ORDER BY 1`) {
		there[name] = true
		if _, ok := tables[name]; !ok {
			offend("table %s is not in %s: give it its row, with the room that writes it, append-only or not, and why it exists", name, page)
		}
	}
	may := map[string]bool{}
	rows, err := q.Query(t.Context(), privileges)
	if err != nil {
		t.Fatal(err)
	}
	var table, role, right string
	if _, err := pgx.ForEachRow(rows, []any{&table, &role, &right}, func() error {
		may[table+" "+role+" "+right] = true
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for name, appendOnly := range tables {
		if !there[name] {
			offend("%s lists %s, which is no table of the database", page, name)
		}
		for _, right := range []string{"UPDATE", "DELETE"} {
			if appendOnly && may[name+" fenlu_app "+right] {
				offend("%s is append-only, yet the application may %s it", name, right)
			}
		}
		if own := strings.HasPrefix(name, "schema_"); appendOnly && !may[name+" fenlu_app INSERT"] || !own && !may[name+" fenlu_app SELECT"] {
			offend("the application may not INSERT and SELECT on %s", name)
		}
	}
	for key := range may {
		name, role, _ := strings.Cut(key, " ")
		_, right, _ := strings.Cut(role, " ")
		if right == "TRUNCATE" || right == "REFERENCES" || right == "TRIGGER" || strings.HasPrefix(role, "fenlu_audit") && key != versionTable+" fenlu_audit SELECT" {
			offend("%s on table %s", role, name)
		}
	}
	for _, r := range catalogueRules {
		for _, found := range column[string](t, q, r.query) {
			offend("%s: %s", r.name, found)
		}
	}
	return out
}

func TestRoles_catalogue_is_as_listed(t *testing.T) {
	t.Parallel()
	env := pgtest.NewEnv(t)
	if env.Open(t).Cockroach() {
		t.Skip("its catalogue keeps no access lists, and its schema public lets everybody create")
	}
	for _, o := range catalogueOffences(t, env.Owner(t), listed(t)) {
		t.Error(o)
	}
}

// Each rule sees what breaks it.
func TestRoles_catalogue_sees_what_is_not_as_listed(t *testing.T) {
	t.Parallel()
	env := pgtest.NewEnv(t)
	if env.Open(t).Cockroach() {
		t.Skip("as above")
	}
	breaches := map[string]string{
		`CREATE TABLE aside (id bigint CONSTRAINT aside_pk PRIMARY KEY)`: "table aside is not in",
		`DROP TABLE claim_cover`:                  "lists claim_cover, which is no table",
		`GRANT UPDATE ON transfer TO fenlu_app`:   "transfer is append-only, yet the application may UPDATE it",
		`GRANT DELETE ON approval TO fenlu_app`:   "approval is append-only, yet the application may DELETE it",
		`REVOKE INSERT ON journal FROM fenlu_app`: "may not INSERT and SELECT on journal",
		`GRANT TRUNCATE ON piece TO fenlu_app`:    "fenlu_app TRUNCATE on table piece",
		`GRANT TRIGGER ON lot TO fenlu_app`:       "fenlu_app TRIGGER on table lot",
		`GRANT SELECT ON person TO fenlu_audit`:   "fenlu_audit SELECT on table person",
	}
	for _, r := range catalogueRules {
		if r.breach != "" {
			breaches[r.breach] = r.name
		}
	}
	owner, tables := env.Owner(t), listed(t)
	for sql, want := range breaches {
		if found := strings.Join(breached(t, owner, tables, sql), "\n"); !strings.Contains(found, want) {
			t.Errorf("%s: %q does not say %q", sql, found, want)
		}
	}
}

// breached is what the comparison says after a statement, which is undone.
func breached(t *testing.T, owner *pgxpool.Pool, tables map[string]bool, sql string) []string {
	t.Helper()
	tx, err := owner.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	if _, err := tx.Exec(t.Context(), sql); err != nil {
		t.Errorf("%s: %v", sql, err)
		return nil
	}
	return catalogueOffences(t, tx, tables)
}
