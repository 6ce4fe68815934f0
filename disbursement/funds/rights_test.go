package funds_test

import (
	"context"
	"testing"

	"fenlu/auth"
	"fenlu/disbursement/funds"
	"fenlu/internal/errs"
)

// TestEveryChange_needs_its_right: the service itself asks, whoever calls it.
func TestEveryChange_needs_its_right(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	f := o.funds
	for name, c := range map[string]struct {
		right auth.Right
		do    func(context.Context) error
	}{
		"Accept":          {auth.Carveout, func(ctx context.Context) error { _, err := f.Accept(ctx, funds.Acceptance{}); return err }},
		"RecordArrival":   {auth.FundsImport, func(ctx context.Context) error { _, err := f.RecordArrival(ctx, funds.Arrival{}); return err }},
		"PassOn":          {auth.FundsImport, func(ctx context.Context) error { return f.PassOn(ctx, "x", date("2026-01-01")) }},
		"RegisterReceipt": {auth.FundsImport, func(ctx context.Context) error { _, err := f.RegisterReceipt(ctx, funds.Receipt{}); return err }},
		"RemitReceipt":    {auth.FundsImport, func(ctx context.Context) error { _, err := f.RemitReceipt(ctx, funds.Remit{}); return err }},
		"Move":            {auth.FundsImport, func(ctx context.Context) error { _, err := f.Move(ctx, funds.MoveMoney{}); return err }},
		"ImportDocuments": {auth.FundsImport, func(ctx context.Context) error { _, err := f.ImportDocuments(ctx, "nowhere.csv"); return err }},
		"ImportContracts": {auth.BatchMake, func(ctx context.Context) error { _, err := f.ImportContracts(ctx, "nowhere.csv"); return err }},
		"CarryOver":       {auth.JournalCorrect, func(ctx context.Context) error { _, err := f.CarryOver(ctx, funds.CarryOver{}); return err }},
		"Reverse":         {auth.JournalCorrect, func(ctx context.Context) error { _, err := f.Reverse(ctx, funds.ReverseMove{}); return err }},
		"SetAside":        {auth.Carveout, func(ctx context.Context) error { _, err := f.SetAside(ctx, funds.SetAside{}); return err }},
		"DecideBase":      {auth.PolicyImport, func(ctx context.Context) error { _, err := f.DecideCarveoutBase(ctx, funds.CarveoutBase{}); return err }},
		"SetCarveoutRule": {auth.PolicyImport, func(ctx context.Context) error { return f.SetCarveoutRule(ctx, funds.CarveoutRule{}) }},
		"SetReserveRule":  {auth.PolicyImport, func(ctx context.Context) error { return f.SetReserveRule(ctx, funds.ReserveRule{}) }},
		"AllocateReserves": {auth.ReserveAllocate, func(ctx context.Context) error {
			_, err := f.AllocateReserves(ctx, funds.AllocateReserves{})
			return err
		}},
		"RefillReserves":  {auth.ReserveAllocate, func(ctx context.Context) error { _, err := f.RefillReserves(ctx, funds.AllocateReserves{}); return err }},
		"ReturnReserves":  {auth.ReserveAllocate, func(ctx context.Context) error { _, err := f.ReturnReserves(ctx, funds.ReturnReserves{}); return err }},
		"RefuseCase":      {auth.ReserveConfirm, func(ctx context.Context) error { _, err := f.RefuseCase(ctx, funds.RefuseCase{}); return err }},
		"DocumentCase":    {auth.ReserveDraw, func(ctx context.Context) error { _, err := f.DocumentCase(ctx, ""); return err }},
		"OpenRecovery":    {auth.ListMake, func(ctx context.Context) error { _, err := f.OpenRecovery(ctx, funds.OpenRecovery{}); return err }},
		"ConfirmRecovery": {auth.ListApprove, func(ctx context.Context) error { _, err := f.ConfirmRecovery(ctx, 1); return err }},
		"RejectRecovery":  {auth.ListApprove, func(ctx context.Context) error { _, err := f.RejectRecovery(ctx, funds.RejectRecovery{}); return err }},
		"ReceiveRecovery": {auth.Reconcile, func(ctx context.Context) error { _, err := f.ReceiveRecovery(ctx, funds.ReceiveRecovery{}); return err }},
		"WriteOffRecovery": {auth.JournalCorrect, func(ctx context.Context) error {
			_, err := f.WriteOffRecovery(ctx, funds.WriteOffRecovery{})
			return err
		}},
	} {
		others := auth.NewRights(auth.All()...)
		delete(others, c.right)
		if err := c.do(o.ctx); errs.CodeOf(err) != "AUTH_NO_ACTOR" {
			t.Errorf("%s by nobody: %v", name, err)
		}
		if err := c.do(auth.WithActor(o.ctx, auth.Actor{Login: "wu", Rights: others})); errs.CodeOf(err) != "AUTH_RIGHT_MISSING" {
			t.Errorf("%s with every other right: %v", name, err)
		}
		if err := c.do(auth.WithActor(o.ctx, auth.Actor{Login: "wu", Rights: auth.NewRights(c.right)})); err == nil || errs.CodeOf(err) == "AUTH_RIGHT_MISSING" {
			t.Errorf("%s with the right: %v", name, err)
		}
	}
}

// TestSecondPerson_goes_by_whom_somebody_acts_for: who acts for the first person is
// no second one, and neither is whom the first acted for.
func TestSecondPerson_goes_by_whom_somebody_acts_for(t *testing.T) {
	t.Parallel()
	o := paidPeople(t)
	v, err := o.funds.OpenRecovery(o.as("zhou"), claim(funds.ClaimLine{Line: 1}))
	if err != nil {
		t.Fatal(explain(err))
	}
	before := o.balances()
	forZhou := auth.WithActor(o.ctx, auth.Actor{Login: "wu", For: map[auth.Right]auth.Principal{auth.ListApprove: {Login: "zhou"}}})
	_, err = o.funds.ConfirmRecovery(forZhou, v.ID)
	o.refused(err, "RECOVERY_OWN", errs.Refused, before)
	o.tampered(`INSERT INTO delegation (id, from_login, to_login, right_code, valid_from, valid_to, reason, recorded_at)
		VALUES (1, 'lin', 'zhou', 'list.make', '2026-10-01', '2026-10-31', '', '2026-10-01T00:00:00Z')`)
	_, err = o.funds.ConfirmRecovery(o.as("lin"), v.ID)
	o.refused(err, "RECOVERY_OWN", errs.Refused, before)
	if v, err = o.funds.ConfirmRecovery(o.as("wu"), v.ID); err != nil || v.ConfirmedBy != "wu" {
		t.Errorf("%+v, %v", v, explain(err))
	}
}
