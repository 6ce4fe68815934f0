package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"fenlu/bankfiles"
	"fenlu/money"
)

// get sets a variable of the script to a value of a JSON file.
func get(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: get VARIABLE FILE PATH")
	}
	ts.Setenv(args[0], valueAt(ts, args[1], args[2]))
}

// take sets a variable of the script to the text of a file.
func take(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: take VARIABLE FILE")
	}
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile(args[1])))
}

// want compares a value of a JSON file.
func want(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: [!] want FILE PATH VALUE")
	}
	if dies && args[1] == "replay" {
		return // it may have been killed between its work and its answer
	}
	if got := valueAt(ts, args[0], args[1]); (got == args[2]) == neg {
		ts.Fatalf("%s of %s is %q, want %t for %q", args[1], args[0], got, !neg, args[2])
	}
}

// valueAt walks a path of keys and positions; len is the length of a list.
func valueAt(ts *testscript.TestScript, file, path string) string {
	decoder := json.NewDecoder(strings.NewReader(ts.ReadFile(file)))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		ts.Fatalf("%s: %v", file, err)
	}
	for _, key := range strings.Split(path, ".") {
		next, err := step(v, key)
		if err != nil {
			ts.Fatalf("%s: %s: %v", file, path, err)
		}
		v = next
	}
	switch v := v.(type) {
	case string:
		return v
	case map[string]any, []any:
		text, err := json.Marshal(v)
		ts.Check(err)
		return string(text)
	default:
		return fmt.Sprint(v)
	}
}

func step(v any, key string) (any, error) {
	switch v := v.(type) {
	case map[string]any:
		if found, ok := v[key]; ok {
			return found, nil
		}
	case []any:
		if key == "len" {
			return len(v), nil
		}
		if i, err := strconv.Atoi(key); err == nil && i >= 0 && i < len(v) {
			return v[i], nil
		}
	}
	return nil, fmt.Errorf("nothing at %q", key)
}

// oneObject wants exactly one JSON object on one line.
func oneObject(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: one_object FILE")
	}
	text := ts.ReadFile(args[0])
	var v map[string]any
	if err := json.Unmarshal([]byte(text), &v); err != nil || strings.Count(text, "\n") != 1 || !strings.HasSuffix(text, "\n") {
		ts.Fatalf("not one JSON object on one line: %v\n%s", err, text)
	}
}

// closingJSON is DESIGN §6.1 as a stranger would read it.
type closingJSON struct {
	Appropriated money.Fen `json:"appropriated"`
	Receipts     money.Fen `json:"receipts"`
	Shortfall    money.Fen `json:"shortfall"`
	Unaccounted  string    `json:"unaccounted"`
	Payments     int       `json:"payments"`
	Attempts     int64     `json:"attempts"`
	Lines        int       `json:"lines"`
	Persons      int       `json:"persons"`
	Households   int       `json:"households"`
	Files        []struct {
		Name    string    `json:"name"`
		Profile string    `json:"profile"`
		SHA256  string    `json:"sha256"`
		Count   int64     `json:"count"`
		Sum     money.Fen `json:"sum"`
	} `json:"files"`
	Verify struct {
		OK bool `json:"ok"`
	} `json:"verify"`
	Elapsed *json.Number `json:"elapsed_s"`
}

// closingPlaces are the places of §6.1 between available and carried over.
var closingPlaces = []string{
	"available", "carveout", "reserve", "frozen", "in_transit", "paid_persons", "paid_units", "returned", "suspense", "surrendered", "carried_over",
}

// addsUp checks a closing JSON against itself and the files in $DATA/files.
func addsUp(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: adds_up FILE")
	}
	var c closingJSON
	var places map[string]json.RawMessage
	raw := []byte(ts.ReadFile(args[0]))
	ts.Check(json.Unmarshal(raw, &c))
	ts.Check(json.Unmarshal(raw, &places))
	var sum money.Fen
	for _, name := range closingPlaces {
		var f money.Fen
		if err := json.Unmarshal(places[name], &f); err != nil {
			ts.Fatalf("%s: %v", name, err)
		}
		sum += f
	}
	if c.Appropriated <= 0 || c.Appropriated+c.Receipts != sum-c.Shortfall {
		ts.Fatalf("appropriated %s + receipts %s, the places hold %s - shortfall %s", c.Appropriated, c.Receipts, sum, c.Shortfall)
	}
	if c.Unaccounted != "0.00" || !c.Verify.OK || c.Elapsed == nil {
		ts.Fatalf("unaccounted %q, verify.ok %t, elapsed_s %v", c.Unaccounted, c.Verify.OK, c.Elapsed)
	}
	if c.Lines < c.Payments || c.Persons > c.Lines || c.Households > c.Persons || c.Households == 0 {
		ts.Fatalf("counts: %+v", c)
	}
	filesAgree(ts, c)
}

// filesAgree reads every sealed file with the product's own reader and compares
// name, digest, count and sum; the folder holds no other.
func filesAgree(ts *testscript.TestScript, c closingJSON) {
	dir := filepath.Join(ts.Getenv("DATA"), "files")
	var instructed int64
	for _, f := range c.Files {
		raw, err := os.ReadFile(filepath.Join(dir, f.Name))
		ts.Check(err)
		if digest := sha256.Sum256(raw); hex.EncodeToString(digest[:]) != f.SHA256 {
			ts.Fatalf("%s: not the digest of the file", f.Name)
		}
		sum, err := bankfiles.Check(bytes.NewReader(raw), f.Profile)
		ts.Check(err)
		if sum.Trailer.Count != f.Count || sum.Trailer.Sum != f.Sum.String() {
			ts.Fatalf("%s: the file has %d payments of %s, the JSON says %d of %s", f.Name, sum.Trailer.Count, sum.Trailer.Sum, f.Count, f.Sum)
		}
		instructed += f.Count
	}
	if instructed != c.Attempts {
		ts.Fatalf("the files instruct %d payments, the JSON has %d attempts", instructed, c.Attempts)
	}
	all, err := filepath.Glob(filepath.Join(dir, "*"))
	ts.Check(err)
	if len(all) != 2*len(c.Files) { // each has its sidecar
		ts.Fatalf("the folder holds %d files, the JSON names %d and as many sidecars", len(all), len(c.Files))
	}
}
