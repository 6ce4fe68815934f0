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
)

// xlsxSource reads the first sheet of a workbook, cell by cell as text.
type xlsxSource struct {
	file *File
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
	if err := wellFormed(data); err != nil {
		return errs.Wrap(err, errs.Invalid, "SHEET_DAMAGED", "file", f.Name)
	}
	book, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: unzipLimit, UnzipXMLSizeLimit: unzipPartInMem,
	})
	if err != nil {
		return errs.Wrap(err, errs.Invalid, "SHEET_DAMAGED", "file", f.Name)
	}
	s := &xlsxSource{file: f, book: book}
	f.src = s
	if props, err := book.GetWorkbookProps(); err == nil && props.Date1904 != nil && *props.Date1904 {
		return errs.New(errs.Invalid, "SHEET_DATE_1904", "file", f.Name)
	}
	if s.rows, err = book.Rows(book.GetSheetName(0)); err != nil {
		return errs.Wrap(err, errs.Invalid, "SHEET_DAMAGED", "file", f.Name)
	}
	return nil
}

func (s *xlsxSource) next() (int, []string, error) {
	if !s.rows.Next() {
		if err := s.rows.Error(); err != nil {
			return 0, nil, errs.Wrap(err, errs.Invalid, "SHEET_DAMAGED", "file", s.file.Name)
		}
		return 0, nil, io.EOF
	}
	s.at++
	cells, err := s.rows.Columns()
	if err != nil {
		return 0, nil, errs.Wrap(err, errs.Invalid, "SHEET_DAMAGED", "file", s.file.Name)
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
func wellFormed(data []byte) error {
	pack, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return err
	}
	var unpacked uint64
	for _, part := range pack.File {
		if unpacked += part.UncompressedSize64; unpacked > unzipLimit {
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
