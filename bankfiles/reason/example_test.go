package reason_test

import (
	"fmt"

	"fenlu/bankfiles/reason"
)

// The words of a bank and the codes of ISO 20022 lead to the same row, which
// says who acts, in how many days, and whether the payment may be tried again.
func ExampleOf() {
	for _, said := range [][2]string{{"AC04", ""}, {"1099", "账户已 注销"}, {"MD07", ""}, {"E777", "请联系柜面"}} {
		r := reason.Of(said[0], said[1])
		fmt.Println(r.Code, r.Owner, r.Days, r.Retry)
	}
	// Output:
	// ACCT_CLOSED township 10 new_account
	// ACCT_CLOSED township 10 new_account
	// DECEASED civil 3 stop
	// OTHER finance 5 decide
}
