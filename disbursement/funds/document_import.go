package funds

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/imports"
	"fenlu/events"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/sheet"
	"fenlu/ledger"
	"fenlu/money"
)

// ImportDocuments imports appropriation documents (指标文件) from an XLSX or CSV
// file, one row per line of a document.
//
// A 下达, 提前下达 or 追加 line opens a lot with a budget line and brings its money
// into available; a 调减 or 收回 line withdraws from the lot of the line it names,
// from the highest free fen, and what is not free becomes the lot's shortfall. A
// 更正 line does either. Each document is one journal. Where an advance notice
// (提前下达) of the same money is not settled yet, a line says 含 or 扣除, and only
// the difference enters, or 不含; one that says nothing is refused.
//
// It runs SERIALIZABLE: whether there is an advance notice is a question about a
// set that no row lock covers. The same bytes again change nothing (Replay); a
// document that is on record with the same content is left alone.
//
// Errors: SHEET_PROBLEMS with a Field for every problem (nothing is imported
// then); FUNDS_NUMBERS_TAKEN (Conflict) where the only problems are documents
// on record with other content; what sheet.Open returns.
func (s *Service) ImportDocuments(ctx context.Context, path string) (Report, error) {
	who, err := auth.Require(ctx, auth.FundsImport)
	if err != nil {
		return Report{}, err
	}
	table, err := s.readDocuments(ctx, path)
	if err != nil {
		return Report{}, err
	}
	var report Report
	err = run(ctx, s.db.RunSerializable, func(tx pgx.Tx) error {
		report, err = s.importDocuments(ctx, tx, table, who.Login)
		return err
	})
	if err != nil {
		return Report{}, err
	}
	s.log.InfoContext(ctx, "documents imported", "file", report.File, "new", report.Documents.New, "replay", report.Replay,
		"brought_in", report.BroughtIn, "cut", report.Cut, "short", report.Short, "actor", who.Login)
	return report, nil
}

func (s *Service) importDocuments(ctx context.Context, tx pgx.Tx, table *documentSheet, actor string) (Report, error) {
	file, replay, err := imports.Record(ctx, tx, table.File, actor, s.clock.Now())
	if err != nil {
		return Report{}, err
	}
	report := Report{Import: file, File: table.File.Name, SHA256: table.File.SHA256, Rows: table.File.Rows, Replay: replay, Notes: table.Issues.Notes()}
	if replay {
		return report, nil
	}
	in := &importing{svc: s, tx: tx, table: table, issues: table.Issues.Copy(), file: file, actor: actor, lines: map[lineKey]Line{},
		settles: map[lineKey]settling{}, within: map[lineKey]Inclusion{}, cuts: map[lineKey][]cutShare{}}
	if err := in.check(ctx); err != nil {
		return Report{}, err
	}
	report.Documents.Same = len(table.papers) - len(in.fresh)
	for _, p := range in.fresh {
		done, err := in.record(ctx, p)
		if err != nil {
			return Report{}, err
		}
		if err := report.add(done); err != nil {
			return Report{}, err
		}
	}
	return report, nil
}

// add counts a document that was recorded.
func (r *Report) add(d Recorded) (err error) {
	r.Documents.New++
	r.Recorded = append(r.Recorded, d)
	if r.BroughtIn, err = money.Add(r.BroughtIn, d.Brought); err != nil {
		return errs.Wrap(err, errs.Invalid, "MONEY_OVERFLOW")
	}
	if r.Cut, err = money.Add(r.Cut, d.Cut); err != nil {
		return errs.Wrap(err, errs.Invalid, "MONEY_OVERFLOW")
	}
	r.Short += d.Short // not more than what was cut
	return nil
}

// lineKey names a line as a paper does.
type lineKey struct {
	number string
	line   int
}

// importing is one file on its way into the database.
type importing struct {
	svc     *Service
	tx      pgx.Tx
	table   *documentSheet
	issues  *imports.Issues
	file    int64
	actor   string
	fresh   []*paper // not on record: what brings first, then what cuts
	targets map[lineKey]*target
	settles map[lineKey]settling
	within  map[lineKey]Inclusion // lines of advance notices whose money a document on record brought
	cuts    map[lineKey][]cutShare
	lines   map[lineKey]Line // recorded in this import
}

func (in *importing) say(r sheet.Record[documentRow], key, code string, args ...any) {
	say(in.table.Sheet, in.issues, r, key, code, args...)
}

// check finds everything that the rows and the record say against the file.
func (in *importing) check(ctx context.Context) error {
	programs, err := knownPrograms(ctx, in.tx)
	if err != nil {
		return err
	}
	for _, r := range in.table.Rows {
		for _, p := range list(r.Value.Programs) {
			if programCode.MatchString(p) && !programs[p] {
				in.say(r, "programs", "FUNDS_PROGRAM_UNKNOWN", "program", p)
			}
		}
	}
	if in.targets, err = targetsOf(ctx, in.tx, in.table.reduced()); err != nil {
		return err
	}
	if err := in.checkRecord(ctx); err != nil {
		return err
	}
	if err := in.checkAdvances(ctx); err != nil {
		return err
	}
	in.checkCuts()
	return conflict(in.issues.Err(), in.table.File.Name)
}

// conflict turns a list of nothing but documents with other content into what
// it is: the same key with other content.
func conflict(err error, file string) error {
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || slices.ContainsFunc(e.Fields, func(f errs.Field) bool { return f.Code != "FUNDS_NUMBER_TAKEN" }) {
		return err
	}
	out := errs.WithFields("FUNDS_NUMBERS_TAKEN", e.Fields, "file", file, "count", len(e.Fields))
	out.Kind = errs.Conflict
	return out
}

// checkRecord tells the documents that are new from those on record, which
// must say the same.
func (in *importing) checkRecord(ctx context.Context) error {
	numbers := make([]string, len(in.table.papers))
	for i, p := range in.table.papers {
		numbers[i] = p.number
	}
	documents, err := documentsByNumber(ctx, in.tx, numbers)
	if err != nil {
		return err
	}
	known := map[string]Document{}
	ids := make([]DocumentID, len(documents))
	for i, d := range documents {
		known[d.Number], ids[i] = d, d.ID
	}
	lines, err := linesOfDocuments(ctx, in.tx, ids)
	if err != nil {
		return err
	}
	inclusions, err := inclusionsOf(ctx, in.tx, ids)
	if err != nil {
		return err
	}
	for _, p := range in.table.papers {
		if d, there := known[p.number]; there {
			d.Inclusions = inclusions[d.ID]
			in.compare(p, d, slices.DeleteFunc(slices.Clone(lines), func(l Line) bool { return l.Document != d.ID }))
			continue
		}
		in.fresh = append(in.fresh, p)
	}
	slices.SortStableFunc(in.fresh, func(a, b *paper) int { return order(a) - order(b) })
	return nil
}

// order puts advance notices before what settles them, and what brings before
// what cuts it.
func order(p *paper) int {
	switch {
	case slices.ContainsFunc(p.rows, func(r sheet.Record[documentRow]) bool { return r.Value.kind == Cut }):
		return 2
	case p.head().typ != Advance:
		return 1
	}
	return 0
}

// compare reports each row that says something else than the record.
func (in *importing) compare(p *paper, d Document, lines []Line) {
	lines = onPaper(lines, d.Inclusions)
	head := documentRow{Title: d.Title, typ: d.Type, KindWord: string(d.Kind), IssuedOn: d.IssuedOn, ReceivedOn: d.ReceivedOn, PassedOn: d.PassedOn, Year: d.Year}
	if d.Type == "" { // recorded before types were kept
		head.typ = p.head().typ
		if !slices.Contains(typeKinds[head.typ], d.Kind) {
			head.typ = ""
		}
	}
	for _, c := range headDifferences(head, p.head()) {
		in.say(p.rows[0], c.key, "FUNDS_NUMBER_TAKEN", "number", d.Number, "known", c.first, "on", day(d.RecordedAt), "by", d.RecordedBy)
	}
	if len(lines) != len(p.rows) {
		in.say(p.rows[0], "number", "FUNDS_NUMBER_TAKEN", "number", d.Number, "known", len(lines), "on", day(d.RecordedAt), "by", d.RecordedBy)
	}
	for _, r := range p.rows {
		i := slices.IndexFunc(lines, func(l Line) bool { return l.LineNo == r.Value.LineNo })
		key, known := "line_no", ""
		if i >= 0 {
			if key, known = in.lineDifference(lines[i], r.Value); key == "" {
				continue
			}
		}
		in.say(r, key, "FUNDS_NUMBER_TAKEN", "number", d.Number, "known", known, "on", day(d.RecordedAt), "by", d.RecordedBy)
	}
}

// onPaper is the lines of a document as the paper has them: the parts of one line
// together, and a line that settles advance notices with its whole amount.
func onPaper(lines []Line, inclusions []Inclusion) []Line {
	var out []Line
	at := func(no int) int { return slices.IndexFunc(out, func(l Line) bool { return l.LineNo == no }) }
	for _, l := range lines {
		l.LineNo = paperLine(l.LineNo)
		if i := at(l.LineNo); i >= 0 {
			out[i].Amount += l.Amount // what the paper says, which was checked
			continue
		}
		out = append(out, l)
	}
	for _, n := range inclusions {
		i := at(n.LineNo)
		if i < 0 {
			out = append(out, Line{LineNo: n.LineNo})
			i = len(out) - 1
		}
		out[i].Kind, out[i].CutsLine, out[i].Amount, out[i].settled = Bring, 0, n.Paper, n.Word
	}
	return out
}

// lineDifference is the first column in which a row differs from the line on
// record, and what the record says.
func (in *importing) lineDifference(l Line, r documentRow) (key, known string) {
	t := in.targets[lineKey{r.ReducesNumber, r.ReducesLine}]
	cuts := t == nil && l.CutsLine == 0 || t != nil && t.has(l.CutsLine)
	within := l.settled == Within && r.word.settles() // a late advance notice says either
	if l.settled != r.word && !within && (l.settled != "" || r.word.settles()) {
		return "includes", string(l.settled)
	}
	if l.settled != "" && l.Fund == "" { // it changed nothing: only its amount is on record
		if l.Amount != r.Amount {
			return "amount", l.Amount.Grouped()
		}
		return "", ""
	}
	cash := (l.CashArrived != nil) == r.cashKnown && (l.CashArrived == nil || *l.CashArrived == r.CashArrived)
	for _, c := range []struct {
		key   string
		same  bool
		known string
	}{
		{"amount", l.Amount == r.Amount, l.Amount.Grouped()},
		{"reduces_line", cuts, ""},
		{"level", l.Level == r.level, string(l.Level)},
		{"fund", l.Fund == r.Fund, l.Fund},
		{"function_code", l.FunctionCode == r.FunctionCode, l.FunctionCode},
		{"economic_code", l.EconomicCode == r.EconomicCode, l.EconomicCode},
		{"office", l.Office == r.Office, l.Office},
		{"trace_code", l.TraceCode == r.TraceCode, l.TraceCode},
		{"tags", l.Tags == r.Tags, l.Tags},
		{"programs", l.Programs == r.Programs, l.Programs},
		{"cash_arrived", cash, ""},
	} {
		if !c.same {
			return c.key, c.known
		}
	}
	return "", ""
}

// reduced are the documents that the file's cuts name.
func (d *documentSheet) reduced() []string {
	var numbers []string
	for _, r := range d.Rows {
		if r.Value.kind == Cut {
			numbers = append(numbers, r.Value.ReducesNumber)
		}
	}
	return numbers
}

// checkCuts finds the line that each new cut names, on record or in this file.
func (in *importing) checkCuts() {
	for _, p := range in.fresh {
		for _, r := range p.rows {
			switch v := r.Value; v.kind {
			case Bring:
				if _, within := in.within[lineKey{v.Number, v.LineNo}]; !within { // else nothing enters
					in.targets[lineKey{v.Number, v.LineNo}] = in.targetOf(r)
				}
			case Cut:
				in.checkCut(r)
			case Move:
			}
		}
	}
}

func (in *importing) checkCut(r sheet.Record[documentRow]) {
	v := r.Value
	if v.ReducesNumber == "" || v.ReducesLine < 1 || v.Amount <= 0 {
		return // reported with the row
	}
	t := in.targets[lineKey{v.ReducesNumber, v.ReducesLine}]
	switch {
	case t == nil || t.Line.Kind != Bring:
		in.say(r, "reduces_line", "FUNDS_CUT_UNKNOWN", "number", v.ReducesNumber)
		return
	case t.Line.Fund != v.Fund || t.Line.Level != v.level:
		in.say(r, "fund", "FUNDS_CUT_OTHER_FUND", "fund", t.Line.Fund, "level", t.Line.Level.Name(i18n.ZH))
	case t.Year != v.Year:
		in.say(r, "year", "FUNDS_CUT_OTHER_YEAR", "year", t.Year)
	case v.IssuedOn.Before(t.Issued):
		in.say(r, "issued_on", "FUNDS_CUT_BEFORE", "number", t.Number, "issued", day(t.Issued))
	}
	brought, cut, err := t.brought()
	if err != nil || v.Amount > brought-cut {
		in.say(r, "amount", "FUNDS_CUT_TOO_LARGE", "amount", brought.Grouped(), "cut", cut.Grouped())
		return
	}
	in.cuts[lineKey{v.Number, v.LineNo}] = t.take(v.Amount)
}

// line is the row as a line of a document.
func (r documentRow) line() Line {
	l := Line{LineNo: r.LineNo, Kind: r.kind, Level: r.level, Fund: r.Fund, FunctionCode: r.FunctionCode, EconomicCode: r.EconomicCode,
		Office: r.Office, TraceCode: r.TraceCode, Tags: r.Tags, Programs: r.Programs, Amount: r.Amount}
	if r.cashKnown {
		cash := r.CashArrived
		l.CashArrived = &cash
	}
	return l
}

// record writes one document with its lines, posts its journal and says so.
func (in *importing) record(ctx context.Context, p *paper) (Recorded, error) {
	s, head := in.svc, p.head()
	id, err := nextID[DocumentID](ctx, in.tx, "document_id_seq")
	if err != nil {
		return Recorded{}, err
	}
	d := Document{ID: id, Number: p.number, Title: head.Title, Type: head.typ, Kind: head.kind, Year: head.Year, IssuedOn: head.IssuedOn,
		ReceivedOn: head.ReceivedOn, PassedOn: head.PassedOn, ImportFile: in.file, RecordedBy: in.actor, RecordedAt: s.clock.Now()}
	m := &making{svc: s, tx: in.tx, document: d, kind: "document." + string(head.kind), taken: map[ledger.AccountID]money.Fen{}}
	for _, r := range p.rows {
		if err := in.addLine(ctx, m, r.Value); err != nil {
			return Recorded{}, err
		}
	}
	posted, err := m.finish(ctx)
	if err != nil {
		return Recorded{}, err
	}
	done := Recorded{ID: id, Number: d.Number, Title: d.Title, Type: d.Type, Kind: d.Kind, Lines: len(m.lines), Amount: posted.Amount, Journal: posted.Journal}
	var lots []ledger.LotID
	for _, l := range m.lines {
		in.lines[lineKey{d.Number, l.LineNo}] = l
		if l.Kind == Bring {
			done.Brought += l.Amount // at most the journal's amount
			continue
		}
		done.Cut += l.Amount
		lots = append(lots, l.Lot)
	}
	if len(lots) > 0 {
		if done.Short, err = shortOf(ctx, in.tx, posted.Journal, lots); err != nil {
			return Recorded{}, err
		}
	}
	return done, events.Publish(ctx, in.tx, events.Event{Topic: events.DocumentImported, Subject: fmt.Sprintf("document:%d", id),
		Facts: events.Facts{Code: d.Number, Name: d.Title, Actor: in.actor, Count: len(m.lines), Amount: posted.Amount}}, d.RecordedAt)
}

func (in *importing) addLine(ctx context.Context, m *making, r documentRow) error {
	if s, settles := in.settles[lineKey{r.Number, r.LineNo}]; settles {
		return in.settle(ctx, m, r, s)
	}
	if i, within := in.within[lineKey{r.Number, r.LineNo}]; within {
		m.document.Inclusions = append(m.document.Inclusions, i)
		return nil
	}
	if r.kind == Bring {
		return in.bring(ctx, m, r.line())
	}
	return in.addCut(ctx, m, r)
}

// bring opens a lot for a line.
func (in *importing) bring(ctx context.Context, m *making, l Line) (err error) {
	if l.Lot, err = ledger.OpenLot(ctx, in.tx, ledger.Appropriation); err != nil {
		return err
	}
	return m.bring(ctx, l)
}
