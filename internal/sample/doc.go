// Package sample makes the input files of a fictional county's month: 青禾县,
// sixteen townships, people, households, institutions, appropriation
// documents, standards and rosters, at any size from one payment to a million.
//
// Nouns: a County is everything made for one seed, month and number of
// payments; a Roster is one file of entitlement lines for one program and
// channel; an Emergency is somebody a township could help from its reserve.
//
// Kept here: the same Params give the same County and the same bytes in every
// file; the number of bank credits that the rosters form (one for each payee
// of a roster) is exactly Params.Payments; every ID, account and credit code
// has a valid check digit and stands once; every amount equals its standard,
// or lies below it where it is a cap; nobody is twice in the same program and
// component; nobody in 特困 is in 低保 or 残疾人两项补贴; the documents can pay
// the month; every name can be written in GBK.
//
// The people are invented. Their IDs begin with 9913, an area that does not
// exist, so that none of them can be somebody's.
//
// It does not know how the files are used: it writes what people would hand
// in, and knows no domain.
package sample
