// Package bundle writes and verifies what an auditor takes home (审计包): a zip
// that proves what it shows. It knows no database and no files.
//
// A bundle holds leaves of the log with their paths to the root of a signed
// checkpoint, those parts of the leaves (lines of journals, instructions, lines
// of evidence) that the subject is in with their paths to the roots in their
// leaves, and nothing of anybody else's. bundle.json and index.html show the
// same for programs and for people: they are made from the leaves and parts,
// and from what the office states besides and no leaf says (what a line is for,
// the address of its fen), which must tie out with them.
//
// There is one way to write a bundle. Verify reads it, makes every byte again,
// and compares; so what an auditor reads is what is proved, and an altered byte
// is found wherever it is. docs/audit-bundle.md says the format byte by byte.
//
//	zip, err := bundle.Write(b, notary.SignText)
//	verdict, err := bundle.Verify(zip, bundle.Trust{Keys: []checkpoint.Key{known}})
//
// It does not gather: see cmd/fenlu and trace.
package bundle
