package bankfiles

import (
	"errors"
	"io"
	"slices"

	"fenlu/bankfiles/record"
	"fenlu/internal/errs"
)

// Fit is how a profile took a file that nothing else says the format of.
type Fit struct {
	Profile Profile
	Summary Summary
	Err     error // why it does not fit; nil if it does
	records int   // read before the error
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
		out = append(out, try(p, file))
	}
	slices.SortStableFunc(out, func(a, b Fit) int { return a.misfit() - b.misfit() })
	return out, nil
}

func try(p Profile, file io.Reader) Fit {
	f := Fit{Profile: p}
	f.Summary, f.Err = Summarise(func(yield func(record.Record, error) bool) {
		for rec, err := range p.Read(file) {
			if err == nil {
				f.records++
			}
			if !yield(rec, err) {
				return
			}
		}
	})
	return f
}

// misfit orders fits: those that leave no column of the file unread, by their
// warnings; those that do; those that gave up, the sooner the later.
func (f Fit) misfit() int {
	const far = 1 << 20
	switch {
	case f.Err != nil:
		return 3*far - min(f.records, far)
	case f.leaves():
		return far + int(min(f.Summary.Trailer.Warnings, far))
	}
	return int(min(f.Summary.Trailer.Warnings, far))
}

// leaves says whether the file has columns that the profile does not know.
func (f Fit) leaves() bool {
	return slices.ContainsFunc(f.Summary.Warnings, func(w record.Warning) bool { return w.Code == "BANKFILE_WARN_COLUMNS" })
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
	switch {
	case len(good) == 0:
		return Profile{}, errs.WithFields("BANKFILE_NO_FIT", bad, "count", len(fits))
	case len(good) == 1 || !fits[0].leaves() && fits[1].leaves():
		return fits[0].Profile, nil
	}
	return Profile{}, errs.WithFields("BANKFILE_SEVERAL_FIT", good, "count", len(good))
}
