// Package record is what is read from a bank's file: a stream of [Record]
// values, each with its [Position] in the original bytes. [Out] is what a
// reader hands them to: it counts, sums and completes them. [Amount] and
// [Total] are exact whatever a bank writes; there is no float.
package record
