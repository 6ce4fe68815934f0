package trace

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"fenlu/internal/clock"
	"fenlu/internal/i18n"
	"fenlu/internal/table"
)

// printer writes an answer for people; the first error stops it.
type printer struct {
	w    io.Writer
	lang i18n.Lang
	err  error
}

func (p *printer) t(code string, args ...any) string { return i18n.T(p.lang, code, args...) }

// line writes a text of the catalogue.
func (p *printer) line(code string, args ...any) { p.write(p.t(code, args...) + "\n") }

func (p *printer) write(text string) {
	if p.err == nil {
		_, p.err = io.WriteString(p.w, text)
	}
}

// table writes a table after an empty line, or nothing when it has no rows.
func (p *printer) table(t *table.Table) {
	if t.Len() == 0 || p.err != nil {
		return
	}
	p.write("\n")
	if p.err == nil {
		p.err = t.Write(p.w)
	}
}

// newTable makes a table whose title and heads are texts of the catalogue; a
// head that begins with > stands to the right.
func (p *printer) newTable(title string, heads ...string) *table.Table {
	columns := make([]table.Column, len(heads))
	for i, h := range heads {
		if code, right := strings.CutPrefix(h, ">"); right {
			columns[i] = table.Right(p.t("trace.head." + code))
		} else {
			columns[i] = table.Left(p.t("trace.head." + h))
		}
	}
	if title != "" {
		title = p.t("trace.title." + title)
	}
	return table.New(title, columns...)
}

// place is a place as people call it: 柳溪镇备用金.
func (p *printer) place(place, township string) string {
	switch {
	case township != "":
		return p.t("trace.reserve_of", "township", township)
	case i18n.Has("trace.place." + place):
		return p.t("trace.place." + place)
	}
	return i18n.Term(p.lang, "place", place)
}

// party is somebody with their number: 蒋玉兰 9913**********4021.
func party(who Party) string { return strings.TrimSpace(who.Name + " " + who.Number) }

// program is what a line is for.
func (p *printer) program(l Line) string {
	if p.lang == i18n.EN {
		return l.ProgramEN + " / " + l.ComponentEN
	}
	return l.ProgramZH + "·" + l.ComponentZH
}

// moment is a time as people write it, in Asia/Shanghai.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(clock.Shanghai).Format("2006-01-02 15:04")
}

// grouped is a count with separators: 24,517,306.
func grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// spans are addresses from–to.
func spans(list []Span) string {
	parts := make([]string, 0, len(list))
	for _, s := range list {
		parts = append(parts, grouped(int64(s.Offset))+"–"+grouped(int64(s.Offset+s.Amount-1)))
	}
	return strings.Join(parts, ", ")
}

// because is why a journal was posted: its kind, what it was about, its number.
func (p *printer) because(j JournalRef, why string) string {
	parts := []string{i18n.Term(p.lang, "trace.kind", j.Kind)}
	if j.About != "" {
		parts = append(parts, j.About)
	}
	if why != "" {
		parts = append(parts, why)
	}
	return strings.Join(append(parts, p.t("trace.journal", "journal", j.ID)), " · ")
}

// rest says what a list left out.
func (p *printer) rest(r Rest) {
	switch {
	case r.More >= mostCounted:
		p.line("trace.more_than", "count", grouped(mostCounted), "after", r.After)
	case r.More > 0:
		p.line("trace.more", "count", grouped(int64(r.More)), "after", r.After)
	}
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

func short(digest string) string {
	if len(digest) < 12 {
		return digest
	}
	return fmt.Sprintf("%s…%s", digest[:8], digest[len(digest)-4:])
}
