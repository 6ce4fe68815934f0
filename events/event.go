package events

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"fenlu/internal/i18n"
	"fenlu/money"
)

// Topic names what happened, in the past tense, with the version of its Facts.
type Topic string

// The topics. The catalogue has the sentence of each under "event." and the
// topic.
const (
	DocumentImported   Topic = "document.imported.v1"    // 指标文件已录入
	CarveoutSetAside   Topic = "carveout.set_aside.v1"   // 购买服务已列支
	CarriedOver        Topic = "funds.carried_over.v1"   // 结余已结转
	MoneyMoved         Topic = "funds.money_moved.v1"    // 指标已调整
	MoveReversed       Topic = "funds.reversed.v1"       // 划转已冲销
	ReserveAllocated   Topic = "reserve.allocated.v1"    // 备用金已核拨
	ReserveDrawn       Topic = "reserve.drawn.v1"        // 备用金已支用
	ReserveReturned    Topic = "reserve.returned.v1"     // 备用金已交回
	TownshipsMerged    Topic = "townships.merged.v1"     // 乡镇已撤并
	RecoveryOpened     Topic = "recovery.opened.v1"      // 追回已立案
	PeopleImported     Topic = "people.imported.v1"      // 人员已导入
	PoliciesImported   Topic = "policies.imported.v1"    // 政策已导入
	BatchCreated       Topic = "batch.created.v1"        // 批次已建立
	BatchChecked       Topic = "batch.checked.v1"        // 批次已校验
	BatchSubmitted     Topic = "batch.submitted.v1"      // 批次已提交
	BatchReviewed      Topic = "batch.reviewed.v1"       // 批次已会签
	BatchPublished     Topic = "batch.published.v1"      // 批次已公示
	BatchSplit         Topic = "batch.split.v1"          // 批次已拆分
	VoucherRecorded    Topic = "voucher.recorded.v1"     // 支付凭证已登记
	VoucherVoided      Topic = "voucher.voided.v1"       // 支付凭证已作废
	AdvanceDecided     Topic = "advance.decided.v1"      // 垫付决定已登记
	PaymentsCorrected  Topic = "payments.corrected.v1"   // 支付更正已办理
	BatchApproved      Topic = "batch.approved.v1"       // 批次已批准
	BatchRejected      Topic = "batch.rejected.v1"       // 批次已退回
	LineWithheld       Topic = "line.withheld.v1"        // 明细暂缓发放
	LineWithdrawn      Topic = "line.withdrawn.v1"       // 明细撤出
	FileReleased       Topic = "file.released.v1"        // 支付文件已发出
	ResultImported     Topic = "result.imported.v1"      // 回盘已读入
	StatementImported  Topic = "statement.imported.v1"   // 对账单已读入
	PaymentPaid        Topic = "payment.paid.v1"         // 支付成功，每个文件一条
	PaymentFailed      Topic = "payment.failed.v1"       // 支付失败，每个文件一条
	PaymentReturned    Topic = "payment.returned.v1"     // 退汇，每个文件一条
	PaymentReissued    Topic = "payment.reissued.v1"     // 重新发出，每个文件一条
	BatchClosed        Topic = "batch.closed.v1"         // 批次已关闭
	RecoveryClaimed    Topic = "recovery.claimed.v1"     // 多发款项追回已提出
	RecoveryConfirmed  Topic = "recovery.confirmed.v1"   // 追回已复核
	RecoveryRejected   Topic = "recovery.rejected.v1"    // 不予追回
	RecoveryReceived   Topic = "recovery.received.v1"    // 追回款已收到
	RecoveryWrittenOff Topic = "recovery.written_off.v1" // 追回款已核销
)

// Topics lists the topics in the order in which a month meets them.
func Topics() []Topic {
	return []Topic{
		DocumentImported, CarveoutSetAside, ReserveAllocated, ReserveDrawn, ReserveReturned, TownshipsMerged, RecoveryOpened, RecoveryClaimed, RecoveryConfirmed,
		RecoveryRejected, RecoveryReceived, RecoveryWrittenOff, PeopleImported, PoliciesImported,
		BatchCreated, BatchChecked, BatchSubmitted, BatchReviewed, BatchApproved, BatchRejected, BatchPublished, BatchSplit, VoucherRecorded, VoucherVoided,
		AdvanceDecided, PaymentsCorrected, LineWithheld, LineWithdrawn,
		FileReleased, ResultImported, StatementImported, PaymentPaid, PaymentFailed, PaymentReturned,
		PaymentReissued, BatchClosed, CarriedOver, MoneyMoved, MoveReversed,
	}
}

// IsValid says whether t is one of the topics.
func (t Topic) IsValid() bool { return slices.Contains(Topics(), t) }

// Facts are what a reader wants to know about an event. Which of them a topic
// uses is seen in its sentence; what is empty is shown as a dash.
type Facts struct {
	Code   string    `json:"code,omitempty"`   // batch code, document number (文号)
	Name   string    `json:"name,omitempty"`   // file, title, township, program
	Actor  string    `json:"actor,omitempty"`  // who did it (姓名)
	Count  int       `json:"count"`            // rows, lines or payments
	Amount money.Fen `json:"amount"`           // fen here, yuan with two decimals in JSON
	Reason string    `json:"reason,omitempty"` // why, without personal data (事由)
}

// Event is something that happened.
type Event struct {
	Topic   Topic
	Subject string // kind and number, "batch:12": events of one subject stay in order
	Facts   Facts
}

// Message is an event on its way to a handler.
type Message struct {
	ID      int64 // its number in the outbox, and in the handler's inbox
	Topic   Topic
	Subject string
	Facts   Facts
	At      time.Time // when it happened
}

func (e Event) check() error {
	if !e.Topic.IsValid() {
		return fmt.Errorf("publish: %q is no topic", e.Topic)
	}
	if kind, number, ok := strings.Cut(e.Subject, ":"); !ok || kind == "" || number == "" {
		return fmt.Errorf("publish %s: subject %q is not a kind and a number", e.Topic, e.Subject)
	}
	return nil
}

func decodeFacts(payload []byte) (Facts, error) {
	var f Facts
	if err := json.Unmarshal(payload, &f); err != nil {
		return Facts{}, fmt.Errorf("payload: %w", err)
	}
	return f, nil
}

// Sentence is the event as a reader finds it in the activity log.
func Sentence(lang i18n.Lang, t Topic, f Facts) string {
	return i18n.T(lang, "event."+string(t),
		"code", shown(f.Code), "name", shown(f.Name), "reason", shown(f.Reason),
		"count", f.Count, "amount", f.Amount.Grouped(), "actor", shown(f.Actor))
}

func shown(s string) string {
	if s == "" {
		return "—"
	}
	return s
}
