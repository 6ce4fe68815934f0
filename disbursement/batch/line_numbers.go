package batch

import (
	"context"

	"fenlu/internal/db"
)

// LinesNumbered are the lines of a batch with these numbers, in order.
func LinesNumbered(ctx context.Context, q db.Querier, id ID, numbers []int32) ([]Line, error) {
	var lines []Line
	err := eachLine(ctx, q, `SELECT `+lineColumns+` FROM entitlement_line l WHERE l.batch = $1 AND l.no = ANY($2) ORDER BY l.no`,
		[]any{id, numbers}, func(l *Line) error { lines = append(lines, *l); return nil })
	return lines, err
}
