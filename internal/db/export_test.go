package db

// For the tests: the way CopyIn takes on CockroachDB, which PostgreSQL can go
// as well.
var CopyByUnnest = copyByUnnest
