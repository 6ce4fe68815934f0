package xmlscan

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fenlu/bankfiles/record"
	"fenlu/internal/filetest"
)

// ourEvents are the events of our scanner as text: names, attribute values
// and character data.
func ourEvents(data []byte) (string, *Scanner, error) {
	s := New(bytes.NewReader(data))
	var b, text strings.Builder
	for {
		kind, err := s.Next()
		if err != nil {
			return "", s, err
		}
		if kind == TokenText {
			text.Write(s.text)
			continue
		}
		if text.Len() > 0 {
			fmt.Fprintf(&b, "text %q\n", text.String())
			text.Reset()
		}
		switch kind {
		case TokenStart:
			fmt.Fprintf(&b, "start %s\n", s.top().name)
			for _, a := range s.attrs {
				fmt.Fprintf(&b, "attr %q\n", a.value)
			}
		case TokenEnd:
			b.WriteString("end\n")
		case TokenEOF:
			return b.String(), s, nil
		}
	}
}

// theirEvents are the same by encoding/xml.
func theirEvents(data []byte) (string, error) {
	d := xml.NewDecoder(bytes.NewReader(data))
	var b, text strings.Builder
	depth := 0
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return b.String(), nil
		}
		if err != nil {
			return "", err
		}
		if t, ok := tok.(xml.CharData); ok {
			if depth > 0 {
				text.Write(t)
			}
			continue
		}
		start, opens := tok.(xml.StartElement)
		_, closes := tok.(xml.EndElement)
		if (opens || closes) && text.Len() > 0 {
			fmt.Fprintf(&b, "text %q\n", text.String())
			text.Reset()
		}
		switch {
		case opens:
			depth++
			fmt.Fprintf(&b, "start %s\n", start.Name.Local)
			for _, a := range start.Attr {
				fmt.Fprintf(&b, "attr %q\n", a.Value)
			}
		case closes:
			depth--
			b.WriteString("end\n")
		}
	}
}

// agreeWithEncodingXML: what our scanner accepts, encoding/xml accepts and
// reads alike. The reverse is not so: ours is stricter.
func agreeWithEncodingXML(t *testing.T, data []byte) {
	t.Helper()
	ours, s, err := ourEvents(data)
	if err != nil || s.decoder != nil {
		return
	}
	theirs, err := theirEvents(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	if err != nil {
		if strings.Contains(err.Error(), "encoding") { // ASCII and odd spellings of UTF-8
			return
		}
		t.Fatalf("accepted, but encoding/xml says %v\n%q", err, data)
	}
	if ours != theirs {
		t.Fatalf("read differently:\n%s\nencoding/xml:\n%s\n%q", ours, theirs, data)
	}
}

func TestScanner_agrees_with_encoding_xml(t *testing.T) {
	t.Parallel()
	paths, _ := filepath.Glob("../testdata/read/*.xml")
	for _, p := range append(paths, filetest.SamplePaths(t, ".xml")...) {
		data, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := theirEvents(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))); err == nil {
			if _, _, err := ourEvents(data); err != nil {
				t.Errorf("%s: refused: %v", filepath.Base(p), err)
			}
		}
		agreeWithEncodingXML(t, data)
	}
	for _, s := range scannerSeeds {
		agreeWithEncodingXML(t, []byte(s))
	}
}

var scannerSeeds = []string{
	`<a/>`, `<a b="1" c='2'/>`, `<a><b></b><b/></a>`, "<?xml version=\"1.0\"?>\n<a>x</a>\n", `<a>&lt;&#65;&#x4e2d;</a>`,
	`<a><![CDATA[<&]]]]><![CDATA[>]]></a>`, `<a><!-- - --></a>`, `<p:a xmlns:p="u">t</p:a>`, "<a>\r\n\r</a>", `<a b="x&quot;>y"/>`,
	`<a><?pi x?></a>`, `<a>]]</a>`, `<a b = "1" ></a >`, `<a:b></c:b>`, `<a b="1"b="2"/>`, `<a></a><a/>`, `<!DOCTYPE a><a/>`, `<a b="<"/>`,
	`<a>&nbsp;</a>`, `<a>&#0;</a>`, `<a b="&#13;&#10;	"/>`, "\xef\xbb\xbf<a/>", `<?xml version="1.1"?><a/>`, `<a`, `<a></b>`, `<1/>`, `<a -b="1"/>`,
}

func TestScanner_tells_places(t *testing.T) {
	t.Parallel()
	s := New(strings.NewReader("<a>\n <Ntry>x</Ntry>\n <b/><Ntry><c/>\n<c/></Ntry></a>"))
	want := map[string]record.Position{
		"/a": {Offset: 0, Line: 1, Path: "/a"}, "/a/Ntry[1]": {Offset: 5, Line: 2, Path: "/a/Ntry[1]"}, "/a/b": {Offset: 21, Line: 3, Path: "/a/b"}, "/a/Ntry[2]": {Offset: 25, Line: 3, Path: "/a/Ntry[2]"},
		"/a/Ntry[2]/c": {Offset: 31, Line: 3, Path: "/a/Ntry[2]/c"}, "/a/Ntry[2]/c[2]": {Offset: 36, Line: 4, Path: "/a/Ntry[2]/c[2]"},
	}
	for {
		kind, err := s.Next()
		if err != nil {
			t.Fatal(err)
		}
		if kind == TokenEOF {
			break
		}
		if kind == TokenStart {
			if p := s.Here(); want[p.Path] != p {
				t.Errorf("got %+v, want %+v", p, want[p.Path])
			}
			delete(want, s.Here().Path)
		}
	}
	if len(want) > 0 {
		t.Errorf("never seen: %v", want)
	}
}

// Names come from outside: a file of a million different ones stays small.
func TestScanner_bounds_what_it_remembers(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("<a>")
	for n := range 100_000 {
		fmt.Fprintf(&b, "<n%d x%d=\"v%d\"/>", n, n, n)
	}
	b.WriteString("</a>")
	s := New(strings.NewReader(b.String()))
	for {
		kind, err := s.Next()
		if err != nil {
			t.Fatal(err)
		}
		if kind == TokenEOF {
			break
		}
	}
	kids, counts := len(s.outside.kids[0].kids), cap(s.stack[:1][0].counts)
	if len(s.names) > 1024 || kids > maxKids || counts > 2*maxKids || len(s.buf) > 1<<17 {
		t.Errorf("%d names, %d kids, %d counts, buffer %d", len(s.names), kids, counts, len(s.buf))
	}
}
