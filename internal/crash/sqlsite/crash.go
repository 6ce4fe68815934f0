//go:build crash

package sqlsite

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/crash/site"
)

// Watch makes sites of what the connections of cfg do.
func Watch(cfg *pgx.ConnConfig) {
	cfg.Tracer = &tracer{places: map[*pgx.Conn]string{}}
	dial := cfg.DialFunc
	cfg.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &line{Conn: conn}, nil
	}
}

// tracer knows which transaction each connection is in.
type tracer struct {
	mu     sync.Mutex
	places map[*pgx.Conn]string
}

// statement is a statement under way.
type statement struct {
	name   []string // of its sites, without before or after
	commit bool
	ends   bool
}

type statementKey struct{}

// TraceQueryStart is the moment before a statement is sent.
func (t *tracer) TraceQueryStart(ctx context.Context, c *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	s := t.begin(c, d.SQL)
	if l, ok := c.PgConn().Conn().(*line); ok && s.commit {
		l.committing.Store(&s.name[1])
	}
	if !s.commit {
		site.Reach(append(s.name, "before")...)
	}
	return context.WithValue(ctx, statementKey{}, s)
}

// TraceQueryEnd is the moment after its answer, rows included, has been read.
func (t *tracer) TraceQueryEnd(ctx context.Context, c *pgx.Conn, d pgx.TraceQueryEndData) {
	s, ok := ctx.Value(statementKey{}).(statement)
	if !ok {
		return
	}
	if s.ends {
		t.set(c, "")
	}
	switch {
	case d.Err != nil:
	case s.commit:
		site.Reach(append(s.name, "answered")...)
	default:
		site.Reach(append(s.name, "after")...)
	}
}

// TraceCopyFromStart is TraceQueryStart for COPY.
func (t *tracer) TraceCopyFromStart(ctx context.Context, c *pgx.Conn, d pgx.TraceCopyFromStartData) context.Context {
	return t.TraceQueryStart(ctx, c, pgx.TraceQueryStartData{SQL: "COPY INTO " + strings.Join(d.TableName, ".")})
}

// TraceCopyFromEnd is TraceQueryEnd for COPY.
func (t *tracer) TraceCopyFromEnd(ctx context.Context, c *pgx.Conn, d pgx.TraceCopyFromEndData) {
	t.TraceQueryEnd(ctx, c, pgx.TraceQueryEndData{Err: d.Err})
}

// TraceBatchStart is TraceQueryStart for statements that go together; they are
// named by the first.
func (t *tracer) TraceBatchStart(ctx context.Context, c *pgx.Conn, d pgx.TraceBatchStartData) context.Context {
	return t.TraceQueryStart(ctx, c, pgx.TraceQueryStartData{SQL: d.Batch.QueuedQueries[0].SQL})
}

// TraceBatchQuery is one of them; they have no moments of their own.
func (t *tracer) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd is TraceQueryEnd for statements that go together.
func (t *tracer) TraceBatchEnd(ctx context.Context, c *pgx.Conn, d pgx.TraceBatchEndData) {
	t.TraceQueryEnd(ctx, c, pgx.TraceQueryEndData{Err: d.Err})
}

func (t *tracer) begin(c *pgx.Conn, sql string) statement {
	verb := strings.ToLower(strings.Fields(sql)[0])
	if verb == "begin" {
		t.set(c, caller())
		if strings.HasSuffix(sql, "read only") {
			t.set(c, reading+caller())
		}
	}
	place := t.get(c)
	if strings.HasPrefix(place, reading) {
		return statement{name: []string{"sql", place}, ends: verb == "commit" || verb == "rollback"}
	}
	if verb == "commit" && place != "" {
		return statement{name: []string{"commit", place}, commit: true, ends: true}
	}
	if place == "" {
		place = caller()
	}
	name := []string{"sql", place, nameOf(sql)}
	if reads[verb] {
		name = []string{"sql", nameOf(sql)}
	}
	return statement{name: name, ends: verb == "rollback"}
}

// reading is before the place of a transaction that can change nothing: all its
// statements are one site.
const reading = "read only "

// reads are the verbs of statements that change nothing, among them the COMMIT
// of a transaction that only read: it makes no odds for whom they are run.
var reads = map[string]bool{"begin": true, "commit": true, "rollback": true, "select": true, "set": true, "reset": true}

func (t *tracer) set(c *pgx.Conn, place string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if place == "" {
		delete(t.places, c)
		return
	}
	t.places[c] = place
}

func (t *tracer) get(c *pgx.Conn) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.places[c]
}

var (
	secret  = regexp.MustCompile(`(?i)(password) +'[^']*'`) // another one in each cluster
	closure = regexp.MustCompile(`(\.func\d+|\.gowrap\d+|\.\d+|-range\d+)+$`)
	subject = regexp.MustCompile(`(?i)\b(?:into|update|from|table(?: if not exists)?|index(?: if not exists)?(?: \w+)? on|view|on) +([a-z_][a-z0-9_.]*)`)
)

// caller is the door of ours that a statement is run for: going outwards from
// the statement, the last function of the first room outside the packages that
// every statement goes through; of the command line, whose last function is
// always the same, the first. Without any it is the outermost inside those.
func caller() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	room, door := "", "?"
	for {
		f, more := frames.Next()
		in, ours := roomOf(f.Function)
		if ours && room != "" && in != room {
			return short(door)
		}
		if ours {
			door = closure.ReplaceAllString(f.Function, "")
		}
		if ours && in == "cmd/fenlu" || !more {
			return short(door)
		}
		if ours && in != "internal/db" && in != "internal/db/embedded" {
			room = in
		}
	}
}

// roomOf is disbursement/batch for fenlu/disbursement/batch.(*Service).Approve,
// and says whether the function is the program's own.
func roomOf(function string) (room string, ours bool) {
	slash := strings.LastIndex(function, "/") + 1
	name, _, _ := strings.Cut(function[slash:], ".")
	if function[:slash]+name == "main" {
		return "cmd/fenlu", true
	}
	room, ours = strings.CutPrefix(function[:slash]+name, "fenlu/")
	return room, ours && !strings.HasPrefix(room, "internal/crash/")
}

// short is batch.Service.Approve for disbursement/batch.(*Service).Approve.
func short(function string) string {
	function = function[strings.LastIndex(function, "/")+1:]
	function = strings.TrimPrefix(strings.TrimPrefix(function, "main."), "fenlu.") // as a program, as a test
	return strings.NewReplacer("(", "", ")", "", "*", "", "[...]", "").Replace(function)
}

// nameOf is the verb of a statement, the table it is about, and the first eight
// digits of the SHA-256 of its text.
func nameOf(sql string) string {
	text := secret.ReplaceAllString(strings.Join(strings.Fields(sql), " "), "$1")
	verb := strings.ToLower(strings.Fields(text)[0])
	if verb == "begin" || verb == "commit" {
		return verb
	}
	table := ""
	if m := subject.FindStringSubmatch(text); m != nil {
		table = "." + strings.ToLower(m[1])
	}
	sum := sha256.Sum256([]byte(text))
	return verb + table + "." + hex.EncodeToString(sum[:4])
}

// line is a connection that knows when a COMMIT is on its way, and can lose the
// answer.
type line struct {
	net.Conn
	committing atomic.Pointer[string] // the place whose COMMIT the next write is
	deaf       atomic.Bool
}

// Write sends; after a COMMIT it is the moment in which nobody knows.
func (l *line) Write(b []byte) (int, error) {
	place := l.committing.Swap(nil)
	if place != nil && site.Lost("commit", *place, "lost") {
		l.deaf.Store(true)
	}
	n, err := l.Conn.Write(b)
	if place != nil && err == nil {
		site.Reach("commit", *place, "sent")
	}
	return n, err
}

// Read receives, or waits for the answer and loses it with the line.
func (l *line) Read(b []byte) (int, error) {
	n, err := l.Conn.Read(b)
	if err == nil && l.deaf.Load() {
		return 0, io.ErrUnexpectedEOF
	}
	return n, err
}
