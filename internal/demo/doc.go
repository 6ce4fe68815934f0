// Package demo runs a county's whole month on a demo database, through the
// same services and checks as everybody else: documents, carve-out, reserves,
// rosters, checks, approval by different people, bank files, a simulated
// bank's answers, reconciliation, re-issue and close.
//
// Every command it gives is idempotent, so a demo that was killed anywhere and
// is run again does the same things again and ends with the same amounts. Its
// clock is set by each step, and stamps posting and sequencing too.
//
// RunYear runs twelve months and the January after them as named steps, each of
// which is done once: a file in the data directory names those that are done, and
// after each the caller's check looks whether the books add up and every fen has
// one address.
//
// It decides nothing about money: that is the services' work.
package demo
