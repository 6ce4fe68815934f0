package auth

import (
	"strconv"
	"time"

	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
)

// Fact is a fact about a database, such as its demo mark.
type Fact struct {
	ID         int64 // the same for this fact in every database
	Name       string
	Value      string
	RecordedAt time.Time
}

// Change is a right that was given or taken, with whose it is. The right
// "login" is being a user: given when the user was added, taken for good when
// they were stopped.
type Change struct {
	ID     int64
	Login  string
	Name   string
	Office string
	Right  Right
	Given  bool
	By     string // a login
	At     time.Time
}

// InstallationLeaf is the leaf of a fact about the database.
func InstallationLeaf(f Fact) *leaf.Leaf {
	return leaf.New(string(proof.KindInstallation), 1).Int("id", f.ID).Text("name", f.Name).Text("value", f.Value).Time("recorded_at", f.RecordedAt)
}

// RightLeaf is the leaf of a right that was given or taken.
func RightLeaf(c Change) *leaf.Leaf {
	return leaf.New(string(proof.KindRight), 1).Int("id", c.ID).Text("login", c.Login).Text("name", c.Name).Text("office", c.Office).
		Text("right", string(c.Right)).Text("given", strconv.FormatBool(c.Given)).Text("by", c.By).Time("at", c.At)
}
