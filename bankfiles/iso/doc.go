// Package iso reads and writes ISO 20022 messages: pain.001 both ways,
// pain.002 and camt.053 in. What is written is valid against the schema; what
// is read may deviate from it with a warning, as banks do, while numbers that
// contradict each other are an error.
package iso
