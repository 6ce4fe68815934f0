package db

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"fenlu/internal/errs"
)

// The SQLSTATEs that decide something here. Nothing ever matches on the text
// of a message: it differs by language, version and database.
const (
	stateForeignKey    = "23503"
	stateUnique        = "23505"
	stateCheck         = "23514"
	stateSerialization = "40001"
	stateUnknown       = "40003"
	stateDeadlock      = "40P01"
)

// sqlState is the SQLSTATE of a server's error, or "".
func sqlState(err error) string {
	if pe, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pe.Code
	}
	return ""
}

// Violation names the constraint that a statement broke: unique (23505),
// check (23514) or foreign key (23503). Constraints are named in the
// migrations, so a store can turn the name into a refusal.
func Violation(err error) (constraint string, ok bool) {
	pe, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return "", false
	}
	switch pe.Code {
	case stateUnique, stateCheck, stateForeignKey:
		return pe.ConstraintName, true
	}
	return "", false
}

// Retryable says whether the whole transaction may be tried again as it is:
// a serialization failure or a deadlock.
func Retryable(err error) bool {
	switch sqlState(err) {
	case stateSerialization, stateDeadlock:
		return true
	}
	return false
}

// outcomeUnknown says whether a COMMIT that came back with err may have been
// stored all the same. A server's own error means it was not, except where it
// says that it does not know or that it was being shut down; without a
// server's error the answer was lost, unless nothing was ever sent.
//
// pgx 5.12 reports a connection that broke while it waited for the answer to
// COMMIT as "conn closed" and calls that safe to retry (the reader asks the
// dead connection once more and returns the second error), so there its word is
// not taken.
func outcomeUnknown(err error) bool {
	if state := sqlState(err); state != "" {
		return state == stateUnknown || serverGone(state)
	}
	if errors.Is(err, pgx.ErrTxCommitRollback) || errors.Is(err, pgx.ErrTxClosed) {
		return false
	}
	return errors.Is(err, pgconn.ErrConnClosed) || !pgconn.SafeToRetry(err)
}

// connectionLost says whether err means that the server does not answer.
func connectionLost(err error) bool {
	if state := sqlState(err); state != "" {
		return serverGone(state)
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	if pgconn.SafeToRetry(err) { // the connection was closed before the statement was sent
		return !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}

// serverGone: connection exceptions, too many connections, shutdown, crash,
// not yet started.
func serverGone(state string) bool {
	return strings.HasPrefix(state, "08") || strings.HasPrefix(state, "57P0") || state == "53300"
}

// unavailable wraps err as DB_UNAVAILABLE unless it already is an error of ours.
func unavailable(err error) error {
	if _, ok := errors.AsType[*errs.Error](err); ok {
		return err
	}
	return errs.Wrap(err, errs.Unavailable, "DB_UNAVAILABLE")
}
