// Package layout reads and writes the files of banks that agree on columns,
// not on ISO 20022: 代发文件, 回盘, 退票, 对账单, 报盘 tables. A format is a YAML
// file, a [Profile], never code: [Load] reads one and names everything that is
// wrong with it by line; [All] are those that come with the program.
// docs/formats/profiles.md explains every key.
//
// One engine serves four forms: lines with a delimiter, lines of fixed width
// (in bytes of the encoding), flat XML, and tables (XLSX or CSV). Each form is
// a source of rows of cells; what cells mean is the same for all. Memory is
// flat but for XLSX, which is held whole and limited to [MaxWorkbook].
//
// It does not know which bank a profile belongs to, and it never guesses: a
// count, sum or running balance that does not agree is an error with both
// numbers, a result code that no table names goes to a person.
package layout
