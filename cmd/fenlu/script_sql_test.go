package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/rogpeppe/go-internal/testscript"

	"fenlu/money"
)

// sqlProgram is `sql URL STATEMENT`: what an outsider with a login sees.
func sqlProgram() {
	rows, err := query(os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, r := range rows {
		fmt.Println(strings.Join(r, "\t"))
	}
	os.Exit(0)
}

func query(url, statement string) ([][]string, error) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close(ctx) }()
	rows, err := conn.Query(ctx, statement, pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) ([]string, error) {
		values, err := row.Values()
		text := make([]string, len(values))
		for i, v := range values {
			text[i] = fmt.Sprint(v)
		}
		return text, err
	})
}

// bankAgrees compares the books that the simulated bank kept, from the files
// alone, with x_attempt, payment by payment.
func bankAgrees(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: bank_agrees URL")
	}
	f, err := os.Open(filepath.Join(ts.Getenv("DATA"), "simbank", "ledger.csv"))
	ts.Check(err)
	defer func() { _ = f.Close() }()
	theirs, err := csv.NewReader(f).ReadAll()
	ts.Check(err)
	if diff := cmp.Diff([]string{"end_to_end_id", "booked_fen", "returned_fen"}, theirs[0]); diff != "" {
		ts.Fatalf("header: %s", diff)
	}
	ours, err := query(args[0], `SELECT end_to_end_id, booked_fen, returned_fen FROM x_attempt ORDER BY end_to_end_id COLLATE "C"`)
	ts.Check(err)
	if diff := cmp.Diff(theirs[1:], ours); diff != "" {
		ts.Fatalf("the bank's books (-) are not ours (+):\n%s", diff)
	}
}

// piecesCover walks x_piece: each lot's pieces begin at 0, follow each other
// without gap or overlap up to what the lot brought in, and their sums by place
// are the closing JSON's.
func piecesCover(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: pieces_cover URL FILE")
	}
	gaps, err := query(args[0], `SELECT l.lot, p.offset_fen, p.amount_fen FROM x_lot l LEFT JOIN
			(SELECT lot, offset_fen, amount_fen, lead(offset_fen) OVER (PARTITION BY lot ORDER BY offset_fen) AS following,
				row_number() OVER (PARTITION BY lot ORDER BY offset_fen) AS no FROM x_piece) p ON p.lot = l.lot
		WHERE p.lot IS NULL OR p.amount_fen <= 0 OR (p.no = 1 AND p.offset_fen <> 0)
			OR coalesce(p.following, l.brought_in_fen) <> p.offset_fen + p.amount_fen`)
	ts.Check(err)
	if len(gaps) > 0 {
		ts.Fatalf("lot, offset, amount beside a gap or an overlap: %v", gaps)
	}
	places, err := query(args[0], `SELECT place, sum(amount_fen)::bigint FROM x_piece GROUP BY place`)
	ts.Check(err)
	held := map[string]string{}
	for _, p := range places {
		held[p[0]] = p[1]
	}
	var closing map[string]json.RawMessage
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &closing))
	for _, name := range closingPlaces {
		var f money.Fen
		ts.Check(json.Unmarshal(closing[name], &f))
		got := held[name]
		if got == "" {
			got = "0"
		}
		if got != fmt.Sprint(int64(f)) {
			ts.Fatalf("%s: pieces hold %s fen, the closing JSON says %s yuan", name, got, f)
		}
	}
}
