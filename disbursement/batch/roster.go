package batch

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/areas"
	"fenlu/disbursement/benefits"
	"fenlu/disbursement/imports"
	"fenlu/disbursement/payment"
	"fenlu/disbursement/terms"
	"fenlu/events"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/sheet"
	"fenlu/money"
)

// Regular is the occasion of a month's regular payment.
const Regular = "regular"

// CaseOccasion is the occasion of an instalment of a case (临时救助).
func CaseOccasion(caseNo string, instalment int64) string {
	return "case/" + caseNo + "/" + strconv.FormatInt(instalment, 10)
}

// Create asks for a batch from a roster. An empty Code is program and period.
type Create struct {
	Code    string      `name:"code" validate:"omitempty,batchcode,no_personal_number"`
	Office  string      `name:"office" validate:"officecode"` // in the banks' ids
	Program string      `name:"program" validate:"programcode"`
	Period  terms.Month `name:"period" validate:"month"`
	Channel string      `name:"channel" validate:"required,max=20"`
	File    string      `name:"file" validate:"required"` // XLSX or CSV, layout "roster"
}

// Created is a batch that was made; Replay says that it was there already.
type Created struct {
	Batch  Batch `json:"batch"`
	Replay bool  `json:"replay"`
}

// chunkRows is how many rows are resolved against the database at once.
const chunkRows = 5000

// Create makes a draft batch from a roster, whole or not at all. Every row that
// is wrong is reported (SHEET_PROBLEMS): unknown persons and payees, a name
// that is not the number's, no policy, another month or program. A missing
// account is no error here: the checks find it. The same bytes for the same
// batch again change nothing.
//
// Other errors: BATCH_CHAIN_OFFICE (Refused) where the chain names another office
// for the making; VALID_PROBLEMS; BATCH_CODE_TAKEN (Conflict) where the code names
// a batch of other content; BATCH_ROSTER_USED (Conflict) where the same bytes
// made another batch of this office, program and period.
func (s *Service) Create(ctx context.Context, c Create) (Created, error) {
	actor, err := auth.Require(ctx, auth.BatchMake)
	if err != nil {
		return Created{}, err
	}
	if c.Code == "" {
		c.Code = c.Program + "-" + string(c.Period)
	}
	if err := s.valid.Check(c); err != nil {
		return Created{}, err
	}
	file, lines, made, err := s.readRoster(ctx, c)
	if err != nil || made.Replay {
		return made, err
	}
	err = s.db.Run(ctx, func(tx pgx.Tx) error {
		made, err = s.create(ctx, tx, c, actor, file, lines)
		return err
	})
	return made, err
}

// readRoster opens the file, answers a repetition before anything is parsed,
// and turns the rows into lines.
func (s *Service) readRoster(ctx context.Context, c Create) (_ imports.File, _ []Line, _ Created, err error) {
	f, err := sheet.Open(c.File, sheet.Roster, sheet.Options{})
	if err != nil {
		return imports.File{}, nil, Created{}, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	file := imports.File{Kind: sheet.Roster.Name, Scope: c.Office + "/" + c.Program + "/" + string(c.Period), SHA256: f.SHA256, Name: f.Name}
	made, err := s.repeated(ctx, s.db.Pool(), c, file)
	if err != nil || made.Replay {
		return file, nil, made, err
	}
	r, err := s.newReader(ctx, c, f.Name)
	if err != nil {
		return file, nil, made, err
	}
	lines, err := r.lines(ctx, f)
	if err != nil {
		return file, nil, made, err
	}
	file.Rows = len(lines)
	return file, lines, made, nil
}

// repeated answers a code that is taken: by the same content it is a replay.
func (s *Service) repeated(ctx context.Context, q db.Querier, c Create, file imports.File) (Created, error) {
	b, err := ByCode(ctx, q, c.Code)
	if errs.CodeOf(err) == "BATCH_UNKNOWN" {
		return Created{}, nil
	}
	if err != nil {
		return Created{}, err
	}
	same := b.Kind == Roster && b.Office == c.Office && b.Program == c.Program && b.Period == c.Period && b.Channel == c.Channel
	if same {
		was, err := imports.Get(ctx, q, b.ImportFile)
		if err != nil {
			return Created{}, err
		}
		if was.SHA256 == file.SHA256 {
			return Created{Batch: b, Replay: true}, nil
		}
	}
	return Created{}, errs.New(errs.Conflict, "BATCH_CODE_TAKEN", "batch", c.Code)
}

func (s *Service) newReader(ctx context.Context, c Create, file string) (*rosterReader, error) {
	catalogue, err := benefits.LoadCatalogue(ctx, s.db.Pool())
	if err != nil {
		return nil, err
	}
	program, ok := catalogue.Program(c.Program)
	if !ok {
		return nil, errs.New(errs.Invalid, "BATCH_PROGRAM", "program", c.Program, "options", catalogue.ProgramOptions())
	}
	if !program.In(c.Period) {
		return nil, errs.New(errs.Refused, "BATCH_PROGRAM_MONTH", "program", program.NameZH, "month", c.Period, "document", program.Document)
	}
	if _, err := payment.BankChannel(ctx, s.db.Pool(), c.Channel); err != nil {
		return nil, err
	}
	merged, err := areas.MapOn(ctx, s.db.Pool(), clock.Date(s.clock.Now()))
	if err != nil {
		return nil, err
	}
	policies, err := s.benefits.PoliciesAt(ctx, s.db.Pool(), c.Period)
	return &rosterReader{svc: s, make: c, file: file, program: program, policies: policies, merged: merged, problems: sheet.NewProblems(0), words: words{}}, err
}

// lines reads all rows, a chunk at a time, so that only the lines stay in
// memory.
func (r *rosterReader) lines(ctx context.Context, f *sheet.File) ([]Line, error) {
	var lines []Line
	chunk := make([]entry, 0, chunkRows)
	flush := func() error {
		more, err := r.resolve(ctx, chunk)
		lines = append(lines, more...)
		chunk = chunk[:0]
		return err
	}
	for row, err := range f.Rows() {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		chunk = append(chunk, r.read(row))
		if len(chunk) == chunkRows {
			if err := flush(); err != nil {
				return nil, err
			}
		}
	}
	if err := flush(); err != nil {
		return nil, err
	}
	if err := r.problems.Err(f.Name); err != nil {
		return nil, err
	}
	if len(lines) == 0 {
		return nil, errs.New(errs.Invalid, "SHEET_NO_ROWS", "file", f.Name)
	}
	for i := range lines {
		lines[i].No = int32(i + 1)
	}
	return lines, nil
}

// create stores the batch, its lines, who made it and that it was made.
func (s *Service) create(ctx context.Context, tx pgx.Tx, c Create, actor auth.Actor, file imports.File, lines []Line) (Created, error) {
	if made, err := s.repeated(ctx, tx, c, file); err != nil || made.Replay {
		return made, err
	}
	if _, err := s.makes(ctx, tx, Roster.chain(), c.Office, c.Program); err != nil {
		return Created{}, err
	}
	imported, before, err := imports.Record(ctx, tx, file, actor.Login, s.clock.Now())
	if err != nil {
		return Created{}, err
	}
	if before { // perhaps by the same command, a moment ago
		if made, err := s.repeated(ctx, tx, c, file); err != nil || made.Replay {
			return made, err
		}
		if err := rosterFree(ctx, tx, imported, file); err != nil {
			return Created{}, err
		}
	}
	id, err := db.NextID(ctx, tx, "batch_id_seq")
	if err != nil {
		return Created{}, err
	}
	b := Batch{ID: ID(id), Code: c.Code, Kind: Roster, Program: c.Program, Office: c.Office, Period: c.Period, Channel: c.Channel,
		State: Draft, ImportFile: imported, Lines: len(lines), Maker: actor.Login, CreatedAt: s.clock.Now()}
	if b.Amount, err = sumLines(lines); err != nil {
		return Created{}, err
	}
	if err := copyLines(ctx, tx, b, lines); err != nil {
		return Created{}, err
	}
	if err := insertBatch(ctx, tx, &b); err != nil {
		return Created{}, err
	}
	digest, err := hex.DecodeString(file.SHA256)
	if err != nil {
		return Created{}, fmt.Errorf("digest of %s: %w", file.Name, err)
	}
	if err := s.approve(ctx, tx, Approval{Subject: b.subject(), Step: StepMake, Actor: actor.Login, Digest: digest, Comment: fmt.Sprintf("import:%d", imported)}); err != nil {
		return Created{}, err
	}
	return Created{Batch: b}, s.publish(ctx, tx, b, events.BatchCreated,
		events.Facts{Name: c.Program, Actor: actor.Name, Count: b.Lines, Amount: b.Amount})
}

// rosterFree refuses a roster that made another batch which still counts.
func rosterFree(ctx context.Context, tx pgx.Tx, imported int64, file imports.File) error {
	others, err := batchesOfImport(ctx, tx, imported)
	for _, o := range others {
		if o.State != Cancelled {
			return errs.New(errs.Conflict, "BATCH_ROSTER_USED", "file", file.Name, "batch", o.Code)
		}
	}
	return err
}

func sumLines(lines []Line) (money.Fen, error) {
	var total money.Fen
	for i := range lines {
		sum, err := money.Add(total, lines[i].Amount)
		if err != nil {
			return 0, errs.Wrap(err, errs.Invalid, "LEDGER_OVERFLOW")
		}
		total = sum
	}
	return total, nil
}
