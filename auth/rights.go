package auth

import "slices"

// Right is the code of something a user may do (权限). The catalogue has its
// name under "auth.right." and the code.
type Right string

// The rights. Where two of them are steps of one chain (经办, 复核, 审批, 发放),
// the service of that chain also sees to it that the persons differ.
const (
	BatchMake       Right = "batch.make"       // make a batch from a roster (经办)
	BatchCheck      Right = "batch.check"      // check it (复核)
	BatchReview     Right = "batch.review"     // sign it on the way to its approval (会签)
	BatchApprove    Right = "batch.approve"    // approve it, which freezes money (审批)
	BatchRelease    Right = "batch.release"    // release its bank files (发放)
	BatchClose      Right = "batch.close"      // close it (关闭)
	Reconcile       Right = "reconcile"        // read what the bank answers (对账)
	ReserveAllocate Right = "reserve.allocate" // allocate township reserves (备用金核拨)
	ReserveDraw     Right = "reserve.draw"     // pay an emergency from a reserve (备用金支用)
	ReserveConfirm  Right = "reserve.confirm"  // the second person of such a payment (备用金确认)
	ListMake        Right = "list.make"        // make a withdrawal, re-issue or open-items list (清单经办)
	ListApprove     Right = "list.approve"     // approve one (清单审批)
	FundsImport     Right = "funds.import"     // import appropriation documents (指标录入)
	PeopleImport    Right = "people.import"    // import people, households, accounts (人员录入)
	PolicyImport    Right = "policy.import"    // import policy rows (政策录入)
	Carveout        Right = "carveout"         // set the purchased-service share aside (购买服务列支)
	PeriodClose     Right = "period.close"     // close a period or open it again, with a second person (结账)
	JournalCorrect  Right = "journal.correct"  // reverse a journal, correct a payment, carry over (更正)
	AuditRead       Right = "audit.read"       // read everything, change nothing (审计查阅)
	UsersManage     Right = "users.manage"     // add users, give and take rights (用户管理)
	PeopleUnmask    Right = "people.unmask"    // see ID and account numbers in clear, each time recorded (查看完整号码)
)

// beingUser is the right to be a user at all. It is given with the user and taken
// for good when they are stopped; nobody gives it by itself.
const beingUser Right = "login"

// All lists the rights in the order in which people meet them.
func All() []Right {
	return []Right{
		FundsImport, PolicyImport, PeopleImport, Carveout, ReserveAllocate, ReserveDraw, ReserveConfirm,
		BatchMake, BatchCheck, BatchReview, BatchApprove, BatchRelease, BatchClose, Reconcile, ListMake, ListApprove,
		PeriodClose, JournalCorrect, AuditRead, PeopleUnmask, UsersManage,
	}
}

// IsValid says whether r is one of the rights.
func (r Right) IsValid() bool { return slices.Contains(All(), r) }
