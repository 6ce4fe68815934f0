// Package areas keeps how areas change (区划变更) and which area an office works
// for (单位).
//
// The nouns: Change is a row: an area was set up, renamed, merged into a successor
// or abolished from a day on, under a document; Map says where merged areas went,
// as of a day; Office is an office with its code, name and area.
//
// Kept here: rows are never changed, only followed by later ones; a successor is
// known, of the same level, and nothing merges in a circle; each row has its leaf
// in the log. Codes that the national list lacks (development zones) are areas like
// others. What moves with a merger (reserves, cases) the rooms that own it move,
// in the same transaction (funds.MergeTownship).
package areas
