// Package terms is the closed lists of words that all rooms of disbursement
// share: levels of money, residence, relation to the head of a household, who
// receives a payment, kinds of account and unit, and service months.
//
// Each value is the code that the database keeps. Its Chinese and English
// words stand in the message catalogue ("level.central"), and every Parse
// function reads the code and both words, so that a file may say 省, province
// or Province. A value that came out of Parse is valid.
//
// It knows no table and no rule.
package terms
