// Package vault encrypts the fields that name a person or an account, and
// makes the blind index they are found by.
//
// The nouns: the key file (密钥文件) holds numbered versions of the sealing key
// and one index key; it lives in the key directory, outside the data directory,
// so that a copy of the database alone opens nothing. A sealed field is
// ciphertext and the version of the key it was sealed with. A blind index is
// the same for the same value and purpose, and says nothing of the value.
//
// Kept here: AES-256-GCM with a fresh random nonce for each field; the
// additional data binds a ciphertext to its column and owner, so that one moved
// to another row does not open; key file 0600 in a directory 0700 or nothing
// opens; a key file is never overwritten. Nothing here prints or logs a key or
// a value.
//
//	v, err := vault.OpenOrCreate(keyDir, dataDir, databaseHasData)
//	cipher, version := v.Seal(id, "person_version.id:1001")
//	id, err := v.Open(cipher, version, "person_version.id:1001")
//	index := v.Blind(id, "id")
//
// It does not know what the values are; whoever calls brings them into one
// form first. Changing to a new key version (rotation) has a place in the file
// and no command yet.
package vault
