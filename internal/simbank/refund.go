package simbank

// Refunds are the notices of what came back on a day (退票、退款通知), one for each
// batch whose style has them, in the order of their file ids.
func (b *Bank) Refunds(day Day) []File {
	b.mu.Lock()
	defer b.mu.Unlock()
	var files []File
	for _, id := range sortedKeys(b.orders) {
		o := b.orders[id]
		s, back := styleNamed(o.profile), b.backAt(o, day)
		if s.refund.profile == "" || len(back) == 0 {
			continue
		}
		r := report{order: o, layout: s.refund, says: s.says, day: day}
		for _, l := range back {
			r.rows = append(r.rows, said{l, answerSilent})
		}
		b.opt.spoil(&r)
		files = append(files, File{
			Name: id + ".B" + day.compact() + s.refund.extension(), Profile: s.refund.profile,
			Bytes: r.bytes(), Lines: len(r.rows),
		})
	}
	return files
}
