// Package checkpoint writes and reads what leaves the house about the log: its
// size and root, signed. It knows no database and no files, so that the
// verifier of a bundle and a witness on another machine use the same code.
//
// The formats are those of C2SP (signed-note, tlog-checkpoint, tlog-cosignature,
// tlog-witness); docs/proof.md says them byte by byte.
//
//   - A Checkpoint is the origin (which log), the size and the root.
//   - A Signer is a private key of the log, Ed25519 or SM2; a Key is its public
//     half, written as a vkey, shown to people as a fingerprint.
//   - A rotation is a note by which the old key names the new one: whoever holds
//     the old key can Follow to the new.
//   - A cosignature is a witness's statement, with its time, that it saw the log
//     grow to this checkpoint from every one it saw before.
//
// Use:
//
//	note, err := checkpoint.Sign(checkpoint.Checkpoint{Origin: o, Size: n, Root: r}, signer)
//	c, err := checkpoint.Open(note, keys...)
//	err = checkpoint.Extends(old, c, proof)
package checkpoint
