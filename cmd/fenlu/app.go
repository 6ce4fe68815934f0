package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"fenlu/internal/clock"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
)

// globals are the options every command takes.
type globals struct {
	JSON        bool   `help:"help_global_json" name:"json"`
	DataDir     string `help:"help_global_data_dir" name:"data-dir" placeholder:"DIR"`
	KeyDir      string `help:"help_global_key_dir" name:"key-dir" placeholder:"DIR"`
	Checkpoints string `help:"help_global_checkpoints" name:"checkpoints" env:"FENLU_CHECKPOINTS" placeholder:"FILE"`
	DatabaseURL string `help:"help_global_database_url" name:"database-url" env:"FENLU_DATABASE_URL" placeholder:"URL"`
	OwnerURL    string `help:"help_global_owner_url" name:"owner-url" env:"FENLU_OWNER_URL" placeholder:"URL"`
	Lang        string `help:"help_global_lang" name:"lang" enum:"zh,en" default:"zh" env:"FENLU_LANG"`
	As          string `help:"help_global_as" name:"as" placeholder:"LOGIN"`
	Verbose     bool   `help:"help_global_verbose" name:"verbose" short:"v"`
}

// app is what a command runs with: the only place that has read the
// environment.
type app struct {
	globals
	Lang   i18n.Lang
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	Log    *slog.Logger
	clock  clock.Clock
	ctx    context.Context //nolint:containedctx // a command is one context long
	pgBin  string          // FENLU_PG_BIN: where PostgreSQL's programs are
	lines  bool            // standard output carries JSON Lines of data only
}

// Context ends when the user interrupts.
func (a *app) Context() context.Context { return a.ctx }

// T is a text of the catalogue in the user's language.
func (a *app) T(code string, args ...any) string { return i18n.T(a.Lang, code, args...) }

// Println writes a line for people; nothing when the output is JSON.
func (a *app) Println(text string) {
	if !a.JSON {
		_, _ = fmt.Fprintln(a.Stdout, text)
	}
}

// tell says something on standard error, where it does not mix with results.
func (a *app) tell(code string, args ...any) { _, _ = fmt.Fprintln(a.Stderr, a.T(code, args...)) }

// warn tells of what went wrong and stops nobody.
func (a *app) warn(err error) { a.tell("cli.warning", "text", i18n.Error(a.Lang, err)) }

// Result ends a command: its one JSON object with --json, otherwise what text
// prints.
func (a *app) Result(v any, text func(w io.Writer)) error {
	if !a.JSON {
		text(a.Stdout)
		return nil
	}
	return json.NewEncoder(a.Stdout).Encode(v)
}

// Interactive says whether a person watches standard error.
func (a *app) Interactive() bool {
	f, ok := a.Stderr.(*os.File)
	return ok && !a.JSON && term.IsTerminal(int(f.Fd()))
}

// dataDir is where the embedded database and the sealed files live.
func (a *app) dataDir() string {
	if a.DataDir != "" {
		return a.DataDir
	}
	if os.Geteuid() == 0 {
		return "/var/lib/fenlu"
	}
	base, err := os.UserHomeDir()
	if err != nil {
		base = os.TempDir()
	}
	return filepath.Join(base, ".local", "share", "fenlu")
}

// keyDir is beside the data directory, never inside it.
func (a *app) keyDir() string {
	if a.KeyDir != "" {
		return a.KeyDir
	}
	return filepath.Clean(a.dataDir()) + "-keys"
}

// run parses the arguments, runs the command at the clock's time and returns
// the exit code.
func run(ctx context.Context, c clock.Clock, args, env []string, stdin io.Reader, stdout, stderr io.Writer) int {
	a := &app{Stdin: stdin, Stdout: stdout, Stderr: stderr, ctx: ctx, clock: c}
	a.Lang = languageOf(args, env)
	a.pgBin = valueOf(env, "FENLU_PG_BIN")
	var table cli
	exit := -1
	parser, err := kong.New(&table, kong.Name("fenlu"), kong.Description(a.T("help.fenlu")),
		kong.Writers(stdout, stderr), kong.Exit(func(code int) { exit = code }), kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}), helpTexts(a.Lang))
	if err != nil {
		return a.fail(fmt.Errorf("command table: %w", err))
	}
	parsed, err := parser.Parse(args)
	if exit >= 0 {
		return exit
	}
	a.globals = table.globals
	if err != nil {
		a.JSON = a.JSON || slices.Contains(args, "--json") // parsing stopped before it
		return a.fail(errs.Wrap(err, errs.Invalid, "CLI_USAGE"))
	}
	a.Log = slog.New(slog.NewJSONHandler(stderr, &slog.HandlerOptions{Level: level(a.Verbose)}))
	if err := parsed.Run(a); err != nil {
		return a.fail(err)
	}
	return 0
}

func level(verbose bool) slog.Level {
	if verbose {
		return slog.LevelDebug
	}
	return slog.LevelWarn
}

// languageOf finds the language before the arguments are parsed, because the
// help and the errors of parsing are in it too.
func languageOf(args, env []string) i18n.Lang {
	lang := i18n.ZH
	if valueOf(env, "FENLU_LANG") == "en" {
		lang = i18n.EN
	}
	for i, arg := range args {
		value, ok := strings.CutPrefix(arg, "--lang=")
		if arg == "--lang" && i+1 < len(args) {
			value, ok = args[i+1], true
		}
		if ok && value == "en" {
			lang = i18n.EN
		} else if ok {
			lang = i18n.ZH
		}
	}
	return lang
}

// valueOf finds a variable of the environment.
func valueOf(env []string, name string) string {
	for _, e := range env {
		if value, ok := strings.CutPrefix(e, name+"="); ok {
			return value
		}
	}
	return ""
}

// helpTexts gives every command, flag and argument the text of the catalogue that
// its tag names: help.bankfile.write is help:"help_bankfile_write". (As variables
// of kong's they would be copied and searched for in each of a thousand tags.)
func helpTexts(lang i18n.Lang) kong.Option {
	return kong.PostBuild(func(k *kong.Kong) error {
		texts := map[string]string{}
		for _, code := range i18n.Codes("help.") {
			texts[strings.NewReplacer(".", "_", "-", "_").Replace(code)] = i18n.T(lang, code)
		}
		k.Model.HelpFlag.Help = "help_global_help"
		return kong.Visit(k.Model, func(node kong.Visitable, next kong.Next) error {
			switch node := node.(type) {
			case *kong.Node:
				name(&node.Help, texts)
			case *kong.Value:
				name(&node.Help, texts)
			}
			return next(nil)
		})
	})
}

// name puts a text where its name stands.
func name(help *string, texts map[string]string) {
	if text, ok := texts[*help]; ok {
		*help = text
	}
}

// fail prints an error the way the user asked for and returns its exit code.
func (a *app) fail(err error) int {
	if errors.Is(err, context.Canceled) && a.ctx.Err() != nil {
		err = errs.Wrap(err, errs.Unavailable, "CLI_INTERRUPTED")
	}
	if a.JSON {
		a.failJSON(err)
	} else {
		a.failText(err)
	}
	return errs.KindOf(err).ExitCode()
}

// shownFields is how many problems are listed on a screen.
const shownFields = 50

func (a *app) failText(err error) {
	_, _ = fmt.Fprintln(a.Stderr, i18n.Error(a.Lang, err))
	e, ok := errors.AsType[*errs.Error](err)
	if !ok {
		return
	}
	for i, f := range e.Fields {
		if i == shownFields {
			_, _ = fmt.Fprintln(a.Stderr, a.T("common.more", "count", len(e.Fields)-i))
			return
		}
		_, _ = fmt.Fprintln(a.Stderr, "  "+i18n.Field(a.Lang, f))
	}
}

// jsonField is a problem as programs read it.
type jsonField struct {
	errs.Field
	Message string `json:"message"`
}

func (a *app) failJSON(err error) {
	fields := []jsonField{}
	if e, ok := errors.AsType[*errs.Error](err); ok {
		for _, f := range e.Fields {
			fields = append(fields, jsonField{f, i18n.Field(a.Lang, f)})
		}
	}
	out := a.Stdout
	if a.lines {
		out = a.Stderr
	}
	_ = json.NewEncoder(out).Encode(map[string]any{"error": map[string]any{
		"code": errs.CodeOf(err), "message": i18n.Error(a.Lang, err), "fields": fields}})
}
