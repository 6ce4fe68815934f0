// Package notary is the ledger's side of a checkpoint: it keeps the log's keys,
// signs where the log stands, stores that outside the database, and asks
// witnesses to cosign.
//
// All of it lies in the key directory, which is outside the data directory, so
// that whoever can change or roll back the database cannot also make the
// checkpoints agree:
//
//   - fenlu-log-keys.json: the private key, and all public ones (Keys)
//   - fenlu-log.pub: the public keys, for whoever checks
//   - checkpoints.log: every checkpoint signed, one after the other (Outside);
//     it may lie elsewhere
//   - witnesses.json: whom to ask (Peer)
//
// The notary never signs what does not extend its last checkpoint. It reads the
// log through an interface, and knows nothing of what is in it.
//
//	stamp, err := n.Stamp(ctx, log)      // after every drain
//	findings, err := n.Compare(ctx, log, known)
package notary
