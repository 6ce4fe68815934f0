// Package site names the places where a process may die, so that the crash test
// (package fenlu/internal/crash) can list them and kill at each.
//
// A site is named by what happens there, not by a line of code:
//
//	file:<role>:create|write|fsync|rename|dirsync    a file that must survive
//
// In the ordinary binary Reach is empty and costs nothing. Built with the tag
// crash it notes the sites it comes by and, where it was told to, ends the
// process with SIGKILL: nothing deferred runs, nothing is flushed.
package site
