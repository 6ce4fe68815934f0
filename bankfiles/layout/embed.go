package layout

import (
	"embed"
	"io"
	"slices"
	"strings"
	"sync"

	"fenlu/bankfiles/order"
	"fenlu/bankfiles/record"
	"fenlu/internal/errs"
)

//go:embed profiles/*.yaml
var files embed.FS

// Load reads a profile. BANKFILE_PROFILE_BAD lists everything that is wrong
// with it, by line: keys that are unknown or stand twice, values of another
// type, what is missing, what contradicts itself. name is for messages.
func Load(r io.Reader, name string) (*Profile, error) {
	p := &Profile{}
	c := checker{strict: &strict{}, p: p}
	if err := c.decode(r, p); err != nil {
		return nil, err
	}
	if !c.broken {
		c.check()
	}
	if len(c.problems) == 0 {
		return p, nil
	}
	slices.SortStableFunc(c.problems, func(a, b errs.Field) int {
		if a.Row != b.Row {
			return a.Row - b.Row
		}
		return strings.Compare(a.Column, b.Column)
	})
	for i := range c.problems {
		c.problems[i].File = name
	}
	return nil, errs.WithFields("BANKFILE_PROFILE_BAD", c.problems, "file", name, "count", len(c.problems))
}

// All are the profiles that come with the program, by name.
var All = sync.OnceValue(func() []*Profile {
	entries, err := files.ReadDir("profiles")
	if err != nil {
		panic(err) // the folder is embedded
	}
	var out []*Profile
	for _, e := range entries {
		f, err := files.Open("profiles/" + e.Name())
		if err != nil {
			panic(err)
		}
		p, err := Load(f, e.Name())
		if err != nil {
			panic(err) // TestProfiles loads each
		}
		out = append(out, p)
	}
	return out
})

// placeholders are what a file name may be made of.
var placeholders = []string{"{message_id}", "{date}", "{debtor_account}", "{part}", "{count}"}

func (c *checker) fileName() {
	rest := strings.NewReplacer("{message_id}", "", "{date}", "", "{debtor_account}", "", "{part}", "", "{count}", "").Replace(c.p.FileName)
	if strings.ContainsAny(rest, `{}/\:*?"<>|`) || strings.HasPrefix(c.p.FileName, ".") || !strings.Contains(c.p.FileName, "{message_id}") {
		c.at("file_name", c.p.FileName, "BANKFILE_YAML_FILE_NAME", "want", strings.Join(placeholders, " "))
	}
	if !strings.HasPrefix(c.p.Extension, ".") || strings.ContainsAny(c.p.Extension, `/\:*?"<>| `) {
		c.at("extension", c.p.Extension, "BANKFILE_YAML_FILE_NAME", "want", ".txt")
	}
}

// NameOf is the name of a file that is written, by the profile's pattern.
func (p *Profile) NameOf(b order.Batch, t order.Totals) string {
	w := &writing{profile: p, batch: &b, totals: t}
	value := func(name string) string { return string(meanings[name].write(nil, &Field{date: "20060102"}, w)) }
	return strings.NewReplacer("{message_id}", b.MessageID, "{date}", value("date"), "{debtor_account}", b.DebtorAccount,
		"{part}", value("part"), "{count}", value("count")).Replace(p.FileName) + p.Extension
}

// place is where a file begins.
var place = record.Position{Line: 1, Path: "/"}
