// Package parties keeps the people, households and units that money goes to,
// their payee accounts, deaths, and registered residents.
//
// The nouns: a Person (人) is known by an ID number or a temporary identity; a
// Household (户) has members and exactly one head (户主); a Unit (单位) is known by
// its credit code; an Account (收款账户) belongs to a person or a unit. All are
// dated versions: what changes gets a new row, what was stays. People,
// households and units share one sequence of ids, so that a payee is one number.
//
// Kept here:
//
//   - ID and account numbers are ciphertext, blind index and key version in the
//     database, and ident.Secret or masked in memory. UnmaskTx and OpenTx are the
//     only ways out, and each use is recorded and logged.
//   - A file with a problem changes nothing, and reports all its problems at
//     once; the same file again, or another with the same content, changes
//     nothing either.
//   - What changes about households and persons is an act (Act): from a day, by a
//     document, by somebody; each is a leaf of the log with what it did as its
//     parts, and the same request again is the same act.
//   - One ID number is one person, whatever name he comes with (identity table),
//     also when two imports meet.
//
// Lookups take a db.Querier, so that they join the caller's transaction; each is
// one statement for any number of keys.
//
//	svc := parties.New(database, keys, clk, logger)
//	report, err := svc.ImportPeople(ctx, "people.xlsx", actor)
//	people, err := svc.ResolvePeople(ctx, tx, idNumbers)
//
// It knows nothing of programs, money or banks' answers.
package parties
