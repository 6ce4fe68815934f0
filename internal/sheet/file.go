package sheet

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"iter"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"fenlu/internal/errs"
)

// Limits on what is read where Options leaves them zero.
const (
	DefaultMaxRows  = 2_000_000 // rows, the header counted
	DefaultMaxLine  = 64 << 10  // bytes in one line of a CSV file
	DefaultMaxBytes = 1 << 30   // bytes in one file
)

// Options are the limits for one file; zero values mean the defaults.
type Options struct {
	MaxRows  int   // rows, the header counted
	MaxLine  int   // bytes in one line of a CSV file
	MaxBytes int64 // bytes in the file
	Problems int   // problems kept for showing (see NewProblems)
}

func (o Options) withDefaults() Options {
	if o.MaxRows <= 0 {
		o.MaxRows = DefaultMaxRows
	}
	if o.MaxLine <= 0 {
		o.MaxLine = DefaultMaxLine
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	return o
}

// Formats of a file.
const (
	XLSX = "xlsx"
	CSV  = "csv"
)

// File is an opened table whose header has been matched.
type File struct {
	Name    string   // base name, as problems show it
	SHA256  string   // digest of the file's bytes, lower-case hex (文件摘要)
	Format  string   // XLSX or CSV
	Unknown []string // headers the layout does not know; their cells are ignored

	head   header
	src    source
	handle *os.File
	opt    Options
	plans  map[reflect.Type]plan
}

// source yields the rows of one file after its header; io.EOF ends it.
type source interface {
	next() (number int, cells []string, err error)
	close() error
}

// Open opens a table, computes its digest and matches its header with the
// layout. Errors are Invalid: SHEET_OPEN, SHEET_FORMAT, SHEET_TOO_BIG,
// SHEET_ENCODING, SHEET_DAMAGED, SHEET_EMPTY, SHEET_HEADER (with a Field for
// each missing or doubled column).
func Open(path string, layout Layout, opt Options) (*File, error) {
	name := filepath.Base(path)
	handle, err := os.Open(path)
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "SHEET_OPEN", "file", name)
	}
	f := &File{Name: name, handle: handle, opt: opt.withDefaults(), plans: map[reflect.Type]plan{}}
	if err := f.start(layout); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func (f *File) start(layout Layout) error {
	if err := f.openSource(); err != nil {
		return err
	}
	_, cells, err := f.src.next()
	if errors.Is(err, io.EOF) || (err == nil && blank(cells)) {
		return errs.New(errs.Invalid, "SHEET_EMPTY", "file", f.Name)
	}
	if err != nil {
		return err
	}
	if f.head, err = matchHeader(f.Name, layout, cells); err != nil {
		return err
	}
	f.Unknown = f.head.unknown
	return nil
}

var (
	zipMagic = []byte("PK\x03\x04")
	oleMagic = []byte{0xD0, 0xCF, 0x11, 0xE0}
)

// openSource reads the whole file once: its digest must be known before the
// first row is used, and its encoding cannot be told from its beginning.
func (f *File) openSource() error {
	info, err := f.handle.Stat()
	if err != nil {
		return errs.Wrap(err, errs.Invalid, "SHEET_OPEN", "file", f.Name)
	}
	if info.Size() > f.opt.MaxBytes {
		return errs.New(errs.Invalid, "SHEET_TOO_BIG", "file", f.Name, "limit", f.opt.MaxBytes)
	}
	magic := make([]byte, len(zipMagic))
	n, _ := io.ReadFull(f.handle, magic)
	if _, err := f.handle.Seek(0, io.SeekStart); err != nil {
		return errs.Wrap(err, errs.Invalid, "SHEET_OPEN", "file", f.Name)
	}
	switch magic = magic[:n]; {
	case bytes.Equal(magic, zipMagic):
		f.Format = XLSX
		return f.openXLSX()
	case bytes.Equal(magic, oleMagic):
		return errs.New(errs.Invalid, "SHEET_FORMAT", "file", f.Name)
	default:
		f.Format = CSV
		return f.openCSV()
	}
}

func (f *File) seal(h hash.Hash) { f.SHA256 = hex.EncodeToString(h.Sum(nil)) }

func newDigest() hash.Hash { return sha256.New() }

// Close releases the file. Closing twice is harmless.
func (f *File) Close() error {
	var errSrc, errHandle error
	if f.src != nil {
		errSrc = f.src.close()
		f.src = nil
	}
	if f.handle != nil {
		errHandle = f.handle.Close()
		f.handle = nil
	}
	return errors.Join(errSrc, errHandle)
}

// Rows yields the rows after the header; blank rows are left out. A row is
// valid until the next one is asked for. After an error (SHEET_ROWS_LIMIT,
// SHEET_LINE_LIMIT, SHEET_CSV, SHEET_ENCODING, SHEET_DAMAGED, SHEET_CHANGED)
// nothing more comes.
func (f *File) Rows() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for {
			n, cells, err := f.src.next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err == nil && n > f.opt.MaxRows {
				err = errs.New(errs.Invalid, "SHEET_ROWS_LIMIT", "file", f.Name, "limit", f.opt.MaxRows)
			}
			if err != nil {
				yield(Row{}, err)
				return
			}
			if blank(cells) {
				continue
			}
			if !yield(Row{Number: n, cells: cells, file: f}, nil) {
				return
			}
		}
	}
}

func blank(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}
