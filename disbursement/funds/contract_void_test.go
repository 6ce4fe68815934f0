package funds_test

import (
	"slices"
	"strings"
	"testing"

	"fenlu/auth"
	"fenlu/disbursement/funds"
	"fenlu/disbursement/terms"
	"fenlu/internal/check"
	"fenlu/internal/errs"
)

// TestVoidService: another person voids what was entered wrongly, the acceptance
// before its contract; it counts for nothing since and its number is not used again.
func TestVoidService(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(row{amount: "1000000.00"})
	o.carveoutRule(terms.Central)
	o.contracts(contract("c1", "100.00", relief), contract("c2", "50.00", relief))
	if _, err := o.funds.Accept(o.as("lin"), acceptance("验1", "c1", 60)); err != nil {
		t.Fatal(explain(err))
	}
	before := o.balances()
	for _, c := range []struct {
		kind          funds.VoidKind
		number, actor string
		reason, code  string
		errs          errs.Kind
	}{
		{funds.VoidAcceptance, "验1", "lin", "金额填错", "CONTRACT_VOID_SAME_PERSON", errs.Refused},
		{funds.VoidAcceptance, "验2", "zhou", "金额填错", "CONTRACT_VOID_UNKNOWN", errs.NotFound},
		{funds.VoidAcceptance, "验1", "zhou", " ", "VALID_PROBLEMS", errs.Invalid},
		{funds.VoidContract, "c1", "lin", "合同填错", "CONTRACT_HAS_ACCEPTANCE", errs.Refused},
		{funds.VoidContract, "c2", "zhou", "合同填错", "CONTRACT_VOID_SAME_PERSON", errs.Refused},
	} {
		_, err := o.funds.VoidService(o.as(c.actor), c.kind, c.number, c.reason)
		o.refused(err, c.code, c.errs, before)
	}
	only := func(r auth.Right) error {
		ctx := auth.WithActor(o.ctx, auth.Actor{Login: "he", Name: "he", Rights: auth.NewRights(r)})
		_, err := o.funds.VoidService(ctx, funds.VoidAcceptance, "验1", "金额填错")
		return err
	}
	o.refused(only(auth.Carveout), "AUTH_RIGHT_MISSING", errs.Refused, before)

	done, err := o.funds.VoidService(o.as("zhou"), funds.VoidAcceptance, "验1", "金额填错")
	if err != nil || done.Replay || done.VoidedBy != "zhou" {
		t.Fatalf("%+v, %s", done, explain(err))
	}
	again, err := o.funds.VoidService(o.as("wu"), funds.VoidAcceptance, "验1", "另一原因")
	if err != nil || !again.Replay || again.ID != done.ID || again.Reason != "金额填错" {
		t.Errorf("again: %+v, %v", again, err)
	}
	_, err = o.funds.Accept(o.as("lin"), acceptance("验1", "c1", 60))
	o.refused(err, "CONTRACT_VOIDED", errs.Refused, before)
	if got, err := o.funds.Accept(o.as("lin"), acceptance("验2", "c1", 100)); err != nil || got.Left != 0 {
		t.Errorf("the contract is free again: %+v, %s", got, explain(err))
	}
	if s := o.status().Result; s.Accepted.Fund != yuan(100) || s.Contracted.Fund != yuan(150) {
		t.Errorf("accepted %s of %s", s.Accepted.Fund, s.Contracted.Fund)
	}
}

func TestVoidService_of_a_contract(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(row{amount: "1000000.00"})
	o.carveoutRule(terms.Central)
	rows := []string{contract("c1", "100.00", relief), contract("c2", "50.00", relief)}
	o.contracts(rows...)
	before := o.balances()
	if _, err := o.funds.VoidService(o.as("lin"), funds.VoidContract, "c1", "承接单位填错"); err != nil {
		t.Fatal(explain(err))
	}
	if s := o.status().Result; s.Contracted.Fund != yuan(50) {
		t.Errorf("contracted %s", s.Contracted.Fund)
	}
	_, err := o.funds.Accept(o.as("lin"), acceptance("验1", "c1", 1))
	o.refused(err, "CONTRACT_VOIDED", errs.Refused, before)
	_, err = o.funds.ImportContracts(o.as("zhou"), o.contractsFile(contractHead, rows[0]))
	if codes := fieldsOf(err); !slices.Equal(codes, []string{"CONTRACT_VOIDED_ROW"}) || strings.ContainsAny(explain(err), "{}") {
		t.Errorf("the number again: %v, %s", codes, explain(err))
	}
	list, err := funds.Contracts(o.ctx, o.db.Pool(), 2026)
	if err != nil || len(list) != 2 || list[0].Voided == nil || list[0].Voided.Reason != "承接单位填错" || list[1].Voided != nil {
		t.Errorf("shown as %+v, %v", list, err)
	}
}

// Accepted and voided at the same moment: the contract is void without an
// acceptance, or it is not void.
func TestVoidService_races_with_acceptances(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.contracts(contract("c1", "100.00", work))
	list := race(4, func(i int) error {
		if i == 0 {
			_, err := o.funds.VoidService(o.as("lin"), funds.VoidContract, "c1", "填错")
			return err
		}
		_, err := o.funds.Accept(o.as("lin"), acceptance("验"+string(rune('0'+i)), "c1", 10))
		return err
	})
	voided, accepted := countCode(list, "CONTRACT_VOIDED"), countCode(list, "CONTRACT_HAS_ACCEPTANCE")
	if (voided != 3 || accepted != 0) && (voided != 0 || accepted != 1) {
		t.Errorf("%v", list)
	}
}

func TestVerify_sees_voidings_that_were_altered(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.contracts(contract("c1", "100.00", work))
	for _, number := range []string{"验1", "验2"} {
		if _, err := o.funds.Accept(o.as("lin"), acceptance(number, "c1", 50)); err != nil {
			t.Fatal(explain(err))
		}
	}
	if _, err := o.funds.VoidService(o.as("zhou"), funds.VoidAcceptance, "验1", "填错"); err != nil {
		t.Fatal(explain(err))
	}
	for name, sql := range map[string][2]string{
		"service_void_leaf": {"UPDATE service_void SET reason = 'x'", "UPDATE service_void SET reason = '填错'"},
		"service_void_paid": {"INSERT INTO service_void SELECT 99, 'contract', id, 'x', 'x', now() FROM service_contract", "DELETE FROM service_void WHERE id = 99"},
	} {
		o.tampered(sql[0])
		found, err := funds.Verify(o.ctx, o.db.Pool())
		if err != nil || !slices.ContainsFunc(found, func(f check.Finding) bool { return f.Check == name }) {
			t.Errorf("%s not seen: %+v, %v", name, found, err)
		}
		o.tampered(sql[1])
	}
}
