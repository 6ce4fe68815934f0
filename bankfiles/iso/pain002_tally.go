package iso

import (
	"maps"
	"slices"
	"strconv"

	"fenlu/bankfiles/record"
	"fenlu/bankfiles/xmlscan"
)

// tally is what a report states of each status, and what it lists.
type tally map[string]*statusTotal

// statusTotal is the number and sum of the payments of one status.
type statusTotal struct {
	statedCount, statedSum string
	count                  int64
	priced                 int64 // of them, those listed with an amount
	sum                    record.Total
}

// read reads one NbOfTxsPerSts. There are two dozen codes; a file with hundreds
// makes no more room.
func (t *tally) read(in *xmlscan.Scanner) error {
	var code string
	var of statusTotal
	err := in.Children(func(name string) (err error) {
		switch name {
		case "DtldSts":
			code, err = in.Leaf()
		case "DtldNbOfTxs":
			of.statedCount, err = in.Leaf()
		case "DtldCtrlSum":
			of.statedSum, err = in.Leaf()
		}
		return err
	})
	if *t == nil {
		*t = tally{}
	}
	if len(*t) < 100 {
		(*t)[code] = &of
	}
	return err
}

func (t tally) add(code, amount string) {
	of := t[code]
	if of == nil {
		return
	}
	of.count++
	if a, ok := record.ParseAmount(amount); ok {
		of.priced++
		of.sum.Add(a)
	}
}

// check refuses more payments of a status than are stated, and another sum of as
// many: a report that lists fewer states what it does not list, too.
func (t tally) check(at record.Position, level record.Level) error {
	for _, code := range slices.Sorted(maps.Keys(t)) {
		of := t[code]
		if err := notMore(at, level, of.statedCount, of.count); err != nil {
			return err
		}
		if of.priced != of.count || strconv.FormatInt(of.count, 10) != of.statedCount {
			continue
		}
		if err := record.Agree(at, level, "", of.statedSum, of.count, &of.sum); err != nil {
			return err
		}
	}
	return nil
}
