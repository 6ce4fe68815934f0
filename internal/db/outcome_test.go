package db_test

import (
	"bytes"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/pgtest"
)

// TestOutcomeUnknown: the line breaks while COMMIT is under way. The program
// sees the same in both cases; the books differ. That is why it has to ask the
// idempotency key.
func TestOutcomeUnknown(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		cut    cut
		stored int
	}{
		{"COMMIT arrived, its answer did not", cutAnswer, 1},
		{"COMMIT never arrived", cutCommit, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			env := pgtest.NewBareEnv(t)
			owner := env.Owner(t)
			if _, err := owner.Exec(t.Context(), `CREATE TABLE journals (id bigint CONSTRAINT journals_pk PRIMARY KEY)`); err != nil {
				t.Fatal(err)
			}
			p := startProxy(t, env.OwnerURL, tt.cut)
			d, err := db.Open(t.Context(), db.Options{URL: p.url, MaxConns: 1}, nil)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = d.Close() })
			onlyPostgres(t, d, "its COMMIT is another message")
			if _, err := owner.Exec(t.Context(), `GRANT INSERT ON journals TO fenlu_app`); err != nil {
				t.Fatal(err)
			}
			p.armed.Store(true)
			runs := 0
			err = d.Run(t.Context(), func(tx pgx.Tx) error {
				runs++
				_, err := tx.Exec(t.Context(), `INSERT INTO journals (id) VALUES (1)`)
				return err
			})
			if errs.CodeOf(err) != "DB_OUTCOME_UNKNOWN" || runs != 1 {
				t.Errorf("%d runs, then %v; want one and DB_OUTCOME_UNKNOWN", runs, err)
			}
			if n := get[int](t, owner, `SELECT count(*) FROM journals`); n != tt.stored {
				t.Errorf("%d rows stored, want %d", n, tt.stored)
			}
		})
	}
}

type cut int

const (
	cutAnswer cut = iota
	cutCommit
)

// proxy is a line to the server that breaks at COMMIT once it is armed.
type proxy struct {
	url   string
	cut   cut
	armed atomic.Bool
}

func startProxy(t *testing.T, server string, c cut) *proxy {
	t.Helper()
	cfg, err := pgx.ParseConfig(server)
	if err != nil {
		t.Fatal(err)
	}
	if cfg.TLSConfig != nil {
		t.Skip("needs a server without TLS: the test looks into the messages")
	}
	dir, err := os.MkdirTemp("/tmp", "fenlu-p-") // t.TempDir has the test's name in it, and a comma separates hosts
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	l, err := net.Listen("unix", filepath.Join(dir, ".s.PGSQL.5432"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	u := url.URL{Scheme: "postgres", User: url.UserPassword(cfg.User, cfg.Password), Path: "/" + cfg.Database}
	u.RawQuery = url.Values{"host": {dir}, "port": {"5432"}, "sslmode": {"disable"}}.Encode()
	p := &proxy{url: u.String(), cut: c}
	network, address := pgconn.NetworkAddress(cfg.Host, cfg.Port)
	go p.serve(l, network, address)
	return p
}

func (p *proxy) serve(l net.Listener, network, address string) {
	for {
		client, err := l.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial(network, address)
		if err != nil {
			_ = client.Close()
			continue
		}
		go p.carry(client, server)
	}
}

// carry takes messages both ways; at COMMIT it cuts the client's line, before
// or after the server has heard of it.
func (p *proxy) carry(client, server net.Conn) {
	defer func() { _ = client.Close() }()
	defer func() { _ = server.Close() }()
	var deaf atomic.Bool
	answered := make(chan struct{})
	go func() {
		defer func() { _ = client.Close() }()
		buf := make([]byte, 64<<10)
		for {
			n, err := server.Read(buf)
			if err != nil {
				return
			}
			if deaf.Load() {
				close(answered)
				return
			}
			if _, err := client.Write(buf[:n]); err != nil {
				return
			}
		}
	}()
	buf := make([]byte, 64<<10)
	for {
		n, err := client.Read(buf)
		if err != nil {
			return
		}
		commit := p.armed.Load() && bytes.Contains(buf[:n], []byte("commit\x00"))
		if commit && p.cut == cutCommit {
			return
		}
		deaf.Store(commit)
		if _, err := io.Copy(server, bytes.NewReader(buf[:n])); err != nil {
			return
		}
		if commit {
			<-answered
			return
		}
	}
}

func TestLostBeforeAnythingIsUnavailable(t *testing.T) {
	t.Parallel()
	nowhere := "postgres://fenlu_app@/fenlu?" + url.Values{"host": {t.TempDir()}, "port": {strconv.Itoa(5432)}}.Encode()
	_, err := db.Open(t.Context(), db.Options{URL: nowhere}, nil)
	if errs.CodeOf(err) != "DB_UNAVAILABLE" || errs.KindOf(err) != errs.Unavailable {
		t.Errorf("got %v", err)
	}
}
