// Package leaf writes and reads the canonical bytes of a leaf of the log, and
// proves one part of it. It knows no database: the verifier of a bundle uses
// it offline.
//
// A leaf is text that an auditor can read: a first line, then one line for each
// field in an order that its kind fixes, each ended by LF. docs/proof.md says
// it byte by byte.
//
//	fenlu journal v1
//	id<TAB>42
//	posted_at<TAB>2026-10-09T01:00:00.000000Z
//	parts<TAB>2
//	parts_root<TAB>9f86…
//
// What is many (the lines of a journal, the attempts of a release) are parts:
// each is a line of TAB-separated fields, and the leaf carries their count and
// the RFC 6962 root over them. So one part is proved by two paths: from the
// part to the root in its leaf, and from the leaf to the root of the log.
//
// To write a leaf:
//
//	var parts leaf.Tree
//	var part leaf.Part
//	for _, a := range attempts {
//		parts.Add(part.Start().Int(a.ID).Text(a.EndToEndID).Bytes())
//	}
//	l := leaf.New("release", 1).Int("id", id).Time("created_at", at).Parts(&parts)
//	err := proof.Append(ctx, tx, proof.ItemOf(l, id))
//
// To prove parts, add all of them to a Prover that knows which are wanted; it
// keeps no more than the hashes of the proofs:
//
//	p, err := leaf.NewProver(count, 17, 18)
//	p.Add(…) // for each part
//	proof, err := p.Proof(17)
//	err = leaf.CheckPart(proof, root, count, 17, bytesOfPart)
//
// A leaf is public to whoever gets a bundle. No field may hold a name, an ID
// number, an account number or a hash of one without a secret salt.
package leaf
