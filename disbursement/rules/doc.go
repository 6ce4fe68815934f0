// Package rules keeps the single figures that rules are made of (规则参数): how
// many days, up to which amount, from which age. Each is a dated row of an
// area, with the document, clause and quote that say so; none is in the code.
//
// The nouns: Name is what a figure is called, with its Unit; Figure is a row of
// it. Of several areas the smallest that holds the place counts, and of its
// rows the newest in force; what an area above bounds (不低于, 不超过) holds below it.
//
// Kept here: rows are never changed, only followed by newer ones; each has its
// leaf in the log. It does not know what a rule does with its figures: the room
// that has the rule names them (names.go) and asks.
package rules
