package sample

// relation is who is paid for whom by a line.
type relation struct {
	person int32
	payee  Payee
	to     int32
}

// relations are those of all lines that pay a guardian or an institution, each
// once, in the order of the rosters.
func (c *County) relations() []relation {
	var out []relation
	seen := map[relation]bool{}
	for _, r := range c.Rosters {
		for _, l := range r.Lines {
			at := relation{l.Person, l.Payee, l.To}
			if (l.Payee == ByGuardian || l.Payee == ByUnit) && !seen[at] {
				seen[at] = true
				out = append(out, at)
			}
		}
	}
	return out
}

func (c *County) relationRow(r *relation) []string {
	p := &c.People[r.person]
	to := []string{"", "", date(c.january(1)), "", "机构供养协议"}
	if r.payee == ByUnit {
		to[0], to[1] = c.Units[r.to].Name, c.Units[r.to].Code
	} else {
		to[0], to[1], to[4] = c.People[r.to].Name, c.People[r.to].ID, "监护人登记表"
	}
	return append([]string{p.Name, p.ID, r.payee.String()}, to...)
}
