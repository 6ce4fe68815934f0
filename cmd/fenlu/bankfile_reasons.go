package main

import (
	"io"
	"strconv"

	"fenlu/bankfiles/reason"
	"fenlu/internal/i18n"
	"fenlu/internal/table"
)

// bankfileReasonsCmd is `fenlu bankfile reasons`: why money did not arrive or
// came back, and what is to be done.
type bankfileReasonsCmd struct{}

// shownReason is a row of the table with its sentences.
type shownReason struct {
	reason.Entry
	Text string `json:"text"`
	Step string `json:"step"`
}

// Run prints the table.
func (c *bankfileReasonsCmd) Run(a *app) error {
	shown := make([]shownReason, 0, len(reason.All()))
	for _, e := range reason.All() {
		key := "reason." + string(e.Code)
		shown = append(shown, shownReason{e, i18n.T(a.Lang, key), i18n.T(a.Lang, key+".step")})
	}
	if a.JSON {
		return jsonLine(a.Stdout, map[string]any{"reasons": shown})
	}
	return printReasons(a.Stdout, a.Lang, shown)
}

func printReasons(w io.Writer, lang i18n.Lang, list []shownReason) error {
	head := func(name string) string { return i18n.T(lang, "bankfile.reasons."+name) }
	t := table.New("", table.Left(head("code")), table.Left(head("text")), table.Left(head("owner")), table.Right(head("days")),
		table.Left(head("retry")), table.Left(head("step")))
	for _, r := range list {
		t.Add(string(r.Code), r.Text, i18n.T(lang, "reason.owner."+string(r.Owner)), strconv.Itoa(r.Days),
			i18n.T(lang, "reason.retry."+string(r.Retry)), r.Step)
	}
	return t.Write(w)
}
