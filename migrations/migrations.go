// Package migrations carries the numbered SQL files that make Fenlu's schema.
//
// Each file has one purpose, a comment saying why, no surrounding transaction
// (`-- +goose NO TRANSACTION`: CockroachDB commits each DDL statement on its
// own) and statements that may be run again (IF NOT EXISTS). They only go
// forward. db.Migrate applies them.
package migrations

import "embed"

// FS holds the migrations, 00001_….sql and on.
//
//go:embed *.sql
var FS embed.FS
