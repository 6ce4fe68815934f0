package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"fenlu/internal/clock"
	"fenlu/internal/i18n"
)

// notText is what a text that was not found leaves behind: a variable, a code
// of the catalogue, an argument without a value.
var notText = regexp.MustCompile(`\$\{|\bhelp[._][a-z]|\{[a-z_]+\}`)

// bracketed is the field's own word after the English one: (文号).
var bracketed = regexp.MustCompile(`\(\p{Han}+\)`)

func TestHelpTexts(t *testing.T) {
	t.Parallel()
	for _, lang := range []i18n.Lang{i18n.ZH, i18n.EN} {
		t.Run(string(lang), func(t *testing.T) {
			t.Parallel()
			var c cli
			parser, err := kong.New(&c, kong.Name("fenlu"), helpTexts(lang))
			if err != nil {
				t.Fatal(err)
			}
			checkHelp(t, lang, "fenlu", parser.Model.Node)
		})
	}
}

// checkHelp looks at a command, its flags and arguments, and the commands below.
func checkHelp(t *testing.T, lang i18n.Lang, path string, n *kong.Node) {
	for _, f := range n.Flags {
		checkText(t, lang, path+" --"+f.Name, f.Help)
	}
	for _, a := range n.Positional {
		checkText(t, lang, path+" "+a.Name, a.Help)
	}
	for _, child := range n.Children {
		checkText(t, lang, path+" "+child.Name, child.Help)
		checkHelp(t, lang, path+" "+child.Name, child)
	}
}

func checkText(t *testing.T, lang i18n.Lang, what, help string) {
	t.Helper()
	switch {
	case strings.TrimSpace(help) == "":
		t.Errorf("%s has no help", what)
	case notText.MatchString(help):
		t.Errorf("%s: %q is no text", what, help)
	case lang == i18n.ZH && !regexp.MustCompile(`\p{Han}`).MatchString(help):
		t.Errorf("%s: %q is not Chinese", what, help)
	case lang == i18n.EN && regexp.MustCompile(`\p{Han}`).MatchString(bracketed.ReplaceAllString(help, "")):
		t.Errorf("%s: %q is not English", what, help)
	}
}

// The program and each of its commands print their help in both languages,
// exit 0, with nothing on standard error.
func TestHelp_is_printed_in_both_languages(t *testing.T) {
	t.Parallel()
	parser, err := kong.New(&cli{}, kong.Name("fenlu"), helpTexts(i18n.ZH))
	if err != nil {
		t.Fatal(err)
	}
	commands := [][]string{{}}
	for _, c := range parser.Model.Children {
		if raced { // the same walk for each, a second each
			break
		}
		commands = append(commands, []string{c.Name})
	}
	for _, command := range commands {
		for _, lang := range []string{"zh", "en"} {
			var out, problems bytes.Buffer
			args := append(command, "--lang", lang, "--help")
			code := run(t.Context(), clock.System{}, args, nil, strings.NewReader(""), &out, &problems)
			if code != 0 || problems.Len() > 0 || out.Len() == 0 || notText.MatchString(out.String()) {
				t.Errorf("fenlu %s: exit %d, %q, help:\n%s", strings.Join(args, " "), code, problems.String(), out.String())
			}
		}
	}
}
