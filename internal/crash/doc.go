// Command crash kills fenlu at every site (package fenlu/internal/crash/site)
// of the demo's month and sees that the month ends as if it had never died.
//
//	go run ./internal/crash               # every site; some thousand deaths
//	go run ./internal/crash -sample 20    # twenty of them, the same ones each time
//	go run ./internal/crash -only sealed  # those whose name contains "sealed"
//	go run ./internal/crash -list         # print the names, kill nobody
//
// A first run, left alone, says which sites there are and how the month ends.
// Then one month after another is run on an empty directory and killed at each
// site that it comes by and nobody was killed at before, run again, killed at
// the next, until it ends by itself: so every death is suffered on top of all
// those before it, and sites that only a run after a crash comes by are killed
// at, too. The PostgreSQL of a killed fenlu lives on and is adopted by the next;
// at every COMMIT, and at some other sites, it is stopped with
// pg_ctl -m immediate, as if the power had failed. In months of their own the
// answer to each COMMIT is lost on its way.
//
// A month has ended well when its closing JSON, the sealed files and the
// simulated bank's own books are those of the first run, fenlu verify finds
// nothing, and no half-written file is left. The command ends with the numbers
// of sites, of those hit, and of failures, and with 0 only where all were hit
// and none failed.
package main
