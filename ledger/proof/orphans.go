package proof

import "fenlu/internal/check"

// Orphans is the check, under the code of a room, that no leaf of a kind stands
// in the log without its row: table is the room's, whose id the leaf refers to.
// The other way round, a row without its leaf, is what Recheck finds.
func Orphans(code string, kind Kind, table string) check.Query {
	return OrphansBy(code, kind, table, "id")
}

// OrphansBy is Orphans for leaves that refer to another column of the table.
// The names are the program's own, never a user's.
func OrphansBy(code string, kind Kind, table, column string) check.Query {
	return check.Query{Promise: 10, Check: code, SQL: `
		SELECT '` + table + ` ' || l.ref::text, 'in the log, not on record'
		FROM logged l WHERE l.kind = '` + string(kind) + `' AND NOT EXISTS (SELECT 1 FROM ` + table + ` r WHERE r.` + column + ` = l.ref) ORDER BY l.ref`}
}
