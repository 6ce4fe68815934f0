package funds

import (
	"context"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
)

const sourceColumns = `b.lot, b.id, a.id, dl.level, dl.fund, d.number, dl.line_no, a.balance_fen`

func scanSource(row pgx.CollectableRow) (Source, error) {
	var s Source
	err := row.Scan(&s.Lot, &s.BudgetLine, &s.Account, &s.Level, &s.Fund, &s.Document, &s.LineNo, &s.Balance)
	return s, err
}

// Pool is what may pay a program, in the order of its pool (资金池): by the
// pool's order of fund and level, then by the date of the document, the
// document and its line. Left out are lots that stand stopped with a shortfall,
// lines that name other programs or stand on a code that pays suppliers, and money of a budget year that has not
// begun. Sources with nothing left are in it, with a balance of 0.
func (s *Service) Pool(ctx context.Context, q db.Querier, program string) ([]Source, error) {
	return collect(ctx, q, "pool of "+program, scanSource, `
		SELECT `+sourceColumns+`
		FROM pool p
		JOIN document_line dl ON dl.kind = 'bring' AND dl.fund = p.fund AND dl.level = p.level
		JOIN document d ON d.id = dl.document
		JOIN lot l ON l.id = dl.lot AND l.kind = 'appropriation' AND NOT l.stopped
		JOIN budget_line b ON b.lot = dl.lot AND b.purpose = 'benefit' AND b.year <= $2
		JOIN account a ON a.lot = b.lot AND a.kind = 'available' AND a.budget_line = b.id
		WHERE p.program = $1 AND b.economic_code <> ALL($3) AND (dl.programs = '' OR strpos(';' || dl.programs || ';', ';' || $1 || ';') > 0)
		ORDER BY p.ord, d.issued_on, d.id, dl.line_no, b.id`, program, s.today().Year(), serviceCodes)
}
