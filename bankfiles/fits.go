package bankfiles

import (
	"errors"
	"io"
	"slices"

	"fenlu/internal/errs"
)

// Fit is how a profile took a file that nothing else says the format of.
type Fit struct {
	Profile Profile
	Summary Summary
	Err     error // why it does not fit; nil if it does
}

// Fits reads a file with every profile that is a YAML file: first those that
// fit it, the fewest warnings first, then the others, those that came furthest
// first. It reads the file once for each.
func Fits(file io.ReadSeeker) ([]Fit, error) {
	var out []Fit
	for _, p := range Profiles() {
		if p.Layout == nil {
			continue
		}
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
		sum, err := p.Check(file)
		out = append(out, Fit{p, sum, err})
	}
	slices.SortStableFunc(out, func(a, b Fit) int {
		if (a.Err == nil) != (b.Err == nil) {
			return map[bool]int{true: -1, false: 1}[a.Err == nil]
		}
		return a.misfit() - b.misfit()
	})
	return out, nil
}

// misfit orders fits: warnings of one that fits, minus the line where one that
// does not gave up.
func (f Fit) misfit() int {
	if f.Err == nil {
		return int(min(f.Summary.Trailer.Warnings, 1<<20))
	}
	return -f.line()
}

func (f Fit) line() int {
	e, ok := errors.AsType[*errs.Error](f.Err)
	if !ok {
		return 0
	}
	for _, a := range e.Args {
		if n, ok := a.Value.(int); ok && a.Name == "line" {
			return n
		}
	}
	return 0
}

// Recognise finds the one profile that a file fits. BANKFILE_NO_FIT says where
// each gave up, the nearest first; BANKFILE_SEVERAL_FIT names those that fit.
func Recognise(file io.ReadSeeker) (Profile, error) {
	fits, err := Fits(file)
	if err != nil {
		return Profile{}, err
	}
	var good, bad []errs.Field
	for _, f := range fits {
		if f.Err == nil {
			good = append(good, errs.Field{Column: f.Profile.Name, Code: "BANKFILE_FITS", Args: errs.Pairs("count", f.Summary.Trailer.Count, "sum", f.Summary.Trailer.Sum, "warnings", f.Summary.Trailer.Warnings)})
		} else if e, ok := errors.AsType[*errs.Error](f.Err); ok && len(bad) < 5 {
			bad = append(bad, errs.Field{Column: f.Profile.Name, Code: e.Code, Args: e.Args})
		}
	}
	switch len(good) {
	case 0:
		return Profile{}, errs.WithFields("BANKFILE_NO_FIT", bad, "count", len(fits))
	case 1:
		return fits[0].Profile, nil
	}
	return Profile{}, errs.WithFields("BANKFILE_SEVERAL_FIT", good, "count", len(good))
}
