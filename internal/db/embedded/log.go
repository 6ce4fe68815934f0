package embedded

import (
	"io"
	"os"
	"path/filepath"
	"strings"
)

// maxLog is the size in bytes at which a start sets the log aside.
const maxLog = 16 << 20

func (c *cluster) logName() string { return filepath.Join(c.dir, "pg.log") }

// openLog opens the server's log to append to; a long one becomes pg.log.1.
func (c *cluster) openLog() (*os.File, error) {
	name := c.logName()
	if info, err := os.Stat(name); err == nil && info.Size() > maxLog {
		if err := os.Rename(name, name+".1"); err != nil {
			return nil, err
		}
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err == nil {
		c.giveToOwner(name)
	}
	return f, err
}

// logSince is what the server said since byte from: the first line that names
// a fatal error, or the last line.
func (c *cluster) logSince(from int64) string {
	f, err := os.Open(c.logName())
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.NewSectionReader(f, from, maxLog))
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if _, what, ok := strings.Cut(line, "FATAL:"); ok {
			return strings.TrimSpace(what)
		}
	}
	return lastLine(string(text))
}
