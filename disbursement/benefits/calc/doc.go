// Package calc works out what is owed: pure calculators from policy figures to
// amounts, each with an explanation line by line.
//
// The nouns: Layer is the part of a standard that one level of government
// bears (分担层级); Method is the rule by which a year becomes months
// (按月计发方法); Result is an amount and the Lines that led to it; Review is
// something a person must look at, never a debit.
//
// Kept here: arithmetic is exact up to one rounding with a name, and the Lines
// stand in the order in which it was done; layers add up to the amount; what a
// person is owed is never set off against what he was overpaid in another
// month.
//
// It does not know people, months that are closed, or where money comes from.
// A policy row decides which calculator, rate and rounding apply; nothing here
// is a constant of any place.
package calc
