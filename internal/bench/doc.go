// Package bench measures the ledger against the disk under it: the work, and
// interleaved with it in the same cluster a floor that is the same for
// everybody (DESIGN §6.2): COPY of two plain rows for each payment. The ratio
// of the two survives a noisy machine; a time does not.
//
// Bank files are measured without a database: against the same bytes written
// and read raw, and against encoding/xml.
//
// The rest runs on a database of its own with fsync on and is thrown away after.
package bench
