package bundle

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"fenlu/ledger/proof/checkpoint"
)

// Format is the first line of a manifest and the format of a bundle.
const Format = "fenlu bundle v1"

// The members that every bundle begins with, in order.
const (
	manifestName   = "manifest.txt"
	indexName      = "index.html"
	reportName     = "bundle.json"
	keysName       = "keys.txt"
	checkpointName = "checkpoint.txt"
	earlierName    = "earlier.txt"
)

// manifestText lists the other members, as sha256sum reads it: the size is a
// comment to it.
func manifestText(members []Member) string {
	var out strings.Builder
	out.WriteString(Format + "\n")
	for _, m := range members {
		sum := sha256.Sum256(m.Data)
		fmt.Fprintf(&out, "# %d\n%s  %s\n", len(m.Data), hex.EncodeToString(sum[:]), m.Name)
	}
	return out.String()
}

// checkManifest compares the members with the manifest, which the log's present
// key signed.
func checkManifest(msg []byte, members []Member, keys checkpoint.Public) error {
	n, err := checkpoint.OpenText(msg, keys.Current())
	if err != nil {
		return wrap(err, manifestName)
	}
	want := manifestText(members)
	if n.Text == want {
		return nil
	}
	at := firstDifference([]byte(n.Text), []byte(want))
	line := bytes.Count([]byte(want[:at]), []byte("\n"))
	if member := (line - 1) / 2; line > 0 && member < len(members) {
		return altered(members[member].Name, manifestName)
	}
	return altered(manifestName, "members")
}
