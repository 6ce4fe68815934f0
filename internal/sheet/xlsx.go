package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"fenlu/internal/errs"

	"github.com/xuri/excelize/v2"
)

// unzipLimit bounds what a workbook may unpack to (a zip bomb is refused).
const (
	unzipLimit     = 2 << 30
	unzipPartInMem = 64 << 20 // larger parts go through a temporary file
	maxRatio       = 500      // of a part above 1 MiB; tables stay below 100
)

// xlsxSource reads the first sheet of a workbook, cell by cell as text.
type xlsxSource struct {
	name string // of the file, for messages
	book *excelize.File
	rows *excelize.Rows
	at   int
}

func (f *File) openXLSX() error {
	digest := newDigest()
	data, err := io.ReadAll(io.TeeReader(f.handle, digest))
	if err != nil {
		return errs.Wrap(err, errs.Invalid, "SHEET_OPEN", "file", f.Name)
	}
	f.seal(digest)
	s, err := openBook(data, f.Name, unzipLimit)
	if s != nil {
		f.src = s
	}
	return err
}

// openBook opens a workbook in memory that unpacks to at most limit bytes. What
// it returns is to be closed even where there is an error.
func openBook(data []byte, name string, limit int64) (*xlsxSource, error) {
	if err := wellFormed(data, limit); err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "SHEET_DAMAGED", "file", name)
	}
	book, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: limit, UnzipXMLSizeLimit: min(limit, unzipPartInMem),
	})
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "SHEET_DAMAGED", "file", name)
	}
	s := &xlsxSource{name: name, book: book}
	if props, err := book.GetWorkbookProps(); err == nil && props.Date1904 != nil && *props.Date1904 {
		return s, errs.New(errs.Invalid, "SHEET_DATE_1904", "file", name)
	}
	if s.rows, err = book.Rows(book.GetSheetName(0)); err != nil {
		return s, errs.Wrap(err, errs.Invalid, "SHEET_DAMAGED", "file", name)
	}
	return s, nil
}

func (s *xlsxSource) next() (int, []string, error) {
	if !s.rows.Next() {
		if err := s.rows.Error(); err != nil {
			return 0, nil, errs.Wrap(err, errs.Invalid, "SHEET_DAMAGED", "file", s.name)
		}
		return 0, nil, io.EOF
	}
	s.at++
	cells, err := s.rows.Columns()
	if err != nil {
		return 0, nil, errs.Wrap(err, errs.Invalid, "SHEET_DAMAGED", "file", s.name)
	}
	return s.at, cells, nil
}

func (s *xlsxSource) close() error {
	var err error
	if s.rows != nil {
		err = s.rows.Close()
	}
	return errors.Join(err, s.book.Close())
}

var errUnpacked = errors.New("unpacks to more than is allowed")

// wellFormed reads the sheets and shared texts of a workbook to their ends.
// The library takes a syntax error for the end of the sheet, which would make
// a damaged file a shorter one.
func wellFormed(data []byte, limit int64) error {
	pack, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return err
	}
	unpacked, most := uint64(0), uint64(limit) //nolint:gosec // a limit is not negative
	for _, part := range pack.File {
		if unpacked += part.UncompressedSize64; unpacked > most || part.UncompressedSize64 > 1<<20 && part.UncompressedSize64/maxRatio > part.CompressedSize64 {
			return errUnpacked
		}
		name := strings.ToLower(part.Name)
		if !strings.HasPrefix(name, "xl/worksheets/sheet") && name != "xl/sharedstrings.xml" {
			continue
		}
		if err := wellFormedPart(part); err != nil {
			return err
		}
	}
	return nil
}

func wellFormedPart(part *zip.File) error {
	r, err := part.Open()
	if err != nil {
		return err
	}
	defer r.Close() //nolint:errcheck // read only; a checksum error has come from Read already
	d := xml.NewDecoder(io.LimitReader(r, unzipLimit))
	d.CharsetReader = func(string, io.Reader) (io.Reader, error) { return nil, errors.New("not UTF-8") }
	depth := 0
	for {
		tok, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			if depth != 0 {
				return io.ErrUnexpectedEOF
			}
			return nil
		}
		if err != nil {
			return err
		}
		switch tok.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
	}
}
