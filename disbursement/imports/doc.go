// Package imports remembers every file that was imported, by the digest of its
// bytes within its purpose (kind and scope), so that the same bytes twice
// change nothing (DESIGN §2 promise 8).
//
// It does not know what a file says: whoever imports records the file in the
// transaction that stores its rows.
package imports
