// Package table prints aligned tables on a terminal: a title, headers, rows
// and a line of totals. Columns are padded by the width that a terminal gives
// a character, so that 青禾镇 takes as much room as six digits, and amounts
// stand to the right.
//
// It knows nothing of money or languages: cells are text.
package table
