// Package site names the places where a process may die, so that the crash test
// (package fenlu/internal/crash) can list them and kill at each.
//
// A site is named by what happens there, not by a line of code:
//
//	file:<role>:create|write|fsync|rename|dirsync      a file that must survive
//	sql:read only <place>:before|after                 all of a transaction that can change nothing
//	sql:<statement>:before|after                       another statement that reads
//	sql:<place>:<statement>:before|after               one that changes something
//	commit:<place>:sent|answered                       its COMMIT
//
// In the ordinary binary Reach is empty and costs nothing. Built with the tag
// crash it notes the sites it comes by and, where it was told to, ends the
// process with SIGKILL: nothing deferred runs, nothing is flushed.
//
// Such a binary is told what to do by lists of sites in the directory that
// FENLU_CRASH names. It adds those it comes by to "seen". It dies at the first
// that stands in "kill", or, where there is a list "spare", at the first that
// does not stand in it; it adds that one to "hit", and nobody dies at a site
// that stands there. The answers to the COMMITs in "lose" are lost.
package site
