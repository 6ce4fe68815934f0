package simbank

import "fmt"

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

// receipts is the 支付凭证回单 with what became of each payment, by voucher. Every
// payment is a voucher here, by its own id.
func receipts() style {
	return style{
		result: layout{
			profile: "notice.receipt", form: workbook(), table: true, dashes: true, total: "合计",
			head: cells("day@回单日期 file@批次号"),
			each: cells("id@支付凭证号 name@收款人 account@收款人账号 amount@金额 day@支付日期 ref@回单号 code@状态 text@备注"),
		},
		says: vocabulary{paid: "已支付", failed: "支付失败", unknown: "未支付", partly: "处理中"},
	}
}

// Receipts is the list of receipts of an accepted file, as its payments stand after
// the query: the same facts as its results, on paper. It answers ErrUnknown for a
// file never accepted.
func (b *Bank) Receipts(fileID string) (File, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	o, ok := b.orders[fileID]
	if !ok {
		return File{}, fmt.Errorf("%w: file %s", ErrUnknown, fileID)
	}
	s := receipts()
	r := report{order: o, layout: s.result, says: s.says, day: o.bookedOn.Add(b.opt.QueryAfterDays)}
	r.rows = o.said(func(c course) []answer {
		if c.query != answerSilent {
			return []answer{c.query}
		}
		return []answer{c.first, c.also}
	})
	b.opt.spoil(&r)
	return File{Name: fileID + ".receipts" + r.layout.extension(), Profile: r.layout.profile, Bytes: r.bytes(), Lines: len(r.rows)}, nil
}
