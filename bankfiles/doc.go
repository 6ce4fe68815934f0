// Package bankfiles turns payments into the bytes banks take, and the bytes
// banks send into records. It is pure: readers and writers in, records and
// bytes out; no database, no clock, no network.
//
// Nouns: an [order.Instruction] (支付指令) is one payment we ask for, a [order.Batch] the
// header of the file it travels in. Whatever is read comes as a stream of
// [record.Record] values: a [record.Header] for the file and for each batch or statement in
// it, an [record.Item] for each payment, status or entry, a [record.Warning] for each thing
// that is odd but harmless, and one [record.Trailer] with what was counted. Every
// one carries its [record.Position]: offset, line and path in the original bytes.
// What failed or came back has a reason code of ours, from the one table of
// package reason. A [Profile] is one format of one kind of file; [Profiles] lists
// them. Those of package layout are YAML files; [LoadProfile] takes one of a
// bank's own.
//
// Kept here:
//   - what is written is strict: the same input gives the same bytes; count
//     and sum are computed from the lines written and compared with what was
//     asked; no character is ever replaced; every bad row is named at once;
//     [ReadBack] and [WriteSealed] read it again and compare every field;
//   - what is read is read with patience: other versions and namespaces,
//     status at any level, odd encodings and line ends, deviations from the
//     published schema are warnings (docs/bankfiles.md);
//   - a contradiction in the numbers (count, sum, opening balance + movements
//     ≠ closing balance) is an error that says both numbers;
//   - memory does not grow with the file, save eight bytes for each payment
//     written, because ids must be unique; no input makes a reader panic, hang
//     or pass the limits xmlscan.MaxDepth, xmlscan.MaxToken, layout.MaxLine and
//     mt.MaxField.
//
// An error may come after records were already handed out (a sum is only
// known at the end): act on records only after the stream ended without an
// error, or run [Check] first.
//
// It does not know which payment of ours an item means, or whether it was paid
// before.
package bankfiles
