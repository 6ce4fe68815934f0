package arch

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The walk through the README is run as it stands there. In a block marked
// "console" a line "$ fenlu …" is a command and what follows its output; a line
// "…" stands for any lines left out, and "…" at the end of a line for the rest
// of it. Runs of spaces count as one, since columns are as wide as their table.

var (
	consoleBlock = regexp.MustCompile("(?ms)^```console\n(.*?)^```$")
	whereTheDemo = `"$(scripts/demo-data.sh)-200`
)

// refused is the exit code of a command that a rule refuses: the walk has one.
const refused = 3

// session is one command of a document and the output that it promises.
type session struct {
	command string
	output  []string
}

func sessionsIn(text string) []session {
	var out []session
	for _, block := range consoleBlock.FindAllStringSubmatch(text, -1) {
		for _, line := range strings.Split(strings.TrimSuffix(block[1], "\n"), "\n") {
			if command, ok := strings.CutPrefix(line, "$ "); ok {
				out = append(out, session{command: command})
			} else if n := len(out); n > 0 {
				out[n-1].output = append(out[n-1].output, line)
			}
		}
	}
	return out
}

// unlike says where an output departs from what was promised, or nothing.
func unlike(promised []string, printed string) string {
	lines := strings.Split(strings.TrimRight(printed, " \n"), "\n")
	at, leaps := 0, false
	for _, want := range promised {
		if want == "…" {
			leaps = true
			continue
		}
		found := at
		for leaps && found < len(lines) && !isLine(want, lines[found]) {
			found++
		}
		if found >= len(lines) || !isLine(want, lines[found]) {
			next := "the end"
			if at < len(lines) {
				next = lines[at]
			}
			return fmt.Sprintf("promised %q; from there on it printed %q", want, next)
		}
		at, leaps = found+1, false
	}
	if !leaps && at < len(lines) {
		return fmt.Sprintf("promised no more; it printed %q", lines[at])
	}
	return ""
}

func isLine(want, got string) bool {
	want, got = strings.Join(strings.Fields(want), " "), strings.Join(strings.Fields(got), " ")
	if begin, ok := strings.CutSuffix(want, "…"); ok {
		return strings.HasPrefix(got, strings.TrimRight(begin, " "))
	}
	return want == got
}

func TestReadmeWalk(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("runs the demo twice")
	}
	bin := buildFenlu(t)
	for readme, lang := range map[string]string{"README.md": "--lang en", "README.zh-CN.md": "--lang zh"} {
		t.Run(readme, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(filepath.Join(repository(t), readme))
			if err != nil {
				t.Fatal(err)
			}
			sessions := sessionsIn(string(text))
			if len(sessions) < 8 {
				t.Fatalf("only %d commands were found", len(sessions))
			}
			fenlu := dataFor(t, bin, lang)
			for _, s := range sessions {
				printed := fenlu(s.command)
				if where := unlike(s.output, printed); where != "" {
					t.Errorf("$ %s\n%s\nall that it printed:\n%s", s.command, where, printed)
				}
			}
		})
	}
}

func buildFenlu(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "fenlu")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", bin, "./cmd/fenlu")
	cmd.Dir = repository(t)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return bin
}

// dataFor gives a shell with a data directory of its own, which PostgreSQL's
// user can enter where we are root.
func dataFor(t *testing.T, bin, lang string) func(command string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "fenlu-readme-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(dir, "data")
	fenlu := func(command string) string {
		script := fmt.Sprintf("fenlu() { %q --data-dir %q %s \"$@\"; }\n%s", bin, data, lang, strings.ReplaceAll(command, whereTheDemo, `"`+data))
		// without the test's context: the last command stops the database after it
		cmd := exec.Command("bash", "-c", script)
		cmd.Env = append(os.Environ(), "FENLU_DATABASE_URL=", "FENLU_OWNER_URL=", "FENLU_LANG=")
		out, err := cmd.CombinedOutput()
		if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && (!ok || exit.ExitCode() != refused) {
			t.Errorf("$ %s: %v", command, err)
		}
		return string(out)
	}
	t.Cleanup(func() {
		_ = fenlu("fenlu db stop")
		_ = os.RemoveAll(dir)
	})
	return fenlu
}

func TestReadmeWalkSeesOtherOutput(t *testing.T) {
	t.Parallel()
	const printed = "one  two\n\nthree\nfour 4\n"
	for promised, want := range map[string]string{
		"one two\n\nthree\nfour 4": "",
		"one two\n…":               "",
		"…\nthree\nfour …":         "",
		"…\nfour 4":                "",
		"one\n…":                   `promised "one"`,
		"one two\nthree\n…":        `promised "three"`,
		"…\nfive\n…":               `promised "five"`,
		"…\nfour 4\nthree":         `promised "three"`,
		"one two":                  `printed ""`,
	} {
		got := unlike(strings.Split(promised, "\n"), printed)
		if (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%q: %q, want %q", promised, got, want)
		}
	}
}
