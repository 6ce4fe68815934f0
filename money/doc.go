// Package money holds amounts of money in fen, and the few exact things that
// may be done with them: parse, print, add, subtract and multiply with
// overflow checked, share out by largest remainder, spread a year over its
// months, and multiply by a rate with a named rounding.
//
// The nouns: Fen is an amount; Rate is an exact fraction ("5%", "1/3"); Exact
// is an amount on its way through a calculation, not yet whole fen; Round is
// the named rule that makes it whole, once, at the end.
//
// Kept here: no float anywhere; no result without saying how it was rounded;
// what is shared out or spread adds up to what there was.
//
// It does not know currencies other than the yuan, nor where money stands.
package money
