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
	name, number, document := "", "", "机构供养协议"
	if r.payee == ByUnit {
		name, number = c.Units[r.to].Name, c.Units[r.to].Code
	} else {
		name, number, document = c.People[r.to].Name, c.People[r.to].ID, "监护人登记表"
	}
	return []string{p.Name, p.ID, r.payee.String(), name, number, date(c.january(1)), "", document}
}
